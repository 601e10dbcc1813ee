//! Drawing the parts: rows are grouped by class or quantile, shuffled within each group, and every
//! k-th of the chain of groups is taken (systematic sampling), so the parts' sizes are right in
//! total and in every group.

use super::Part;
use crate::{Dataset, Target};
use mlp_tensor::{Purpose, Streams};

/// Bins of equal count for numeric targets.
const QUANTILES: usize = 10;

pub(super) fn parts(data: &Dataset, validation: f64, test: f64, seed: u64) -> Vec<Part> {
    let given = |part| data.parts.contains(&Some(part));
    let test = if given(Part::Test) { 0.0 } else { test };
    let validation = if given(Part::Validation) { 0.0 } else { validation };
    let mut parts: Vec<Part> = data.parts.iter().map(|p| p.unwrap_or(Part::Train)).collect();
    let free: Vec<usize> = (0..data.len()).filter(|&r| data.parts[r].is_none()).collect();
    let mut groups = groups(data, &free);
    for (group, index) in groups.iter_mut().zip(0u32..) {
        Streams::new(seed).at(Purpose::Split, 0, index).shuffle(group);
    }
    let chain: Vec<usize> = groups.iter().flatten().copied().collect();
    let rest = take(&chain, test, Part::Test, &mut parts);
    // Of what is left the fraction is larger: 0.1 of all is 0.125 of the remaining 0.8.
    take(&rest, validation / (1.0 - test), Part::Validation, &mut parts);
    return_lost_classes(data, &groups, &mut parts);
    parts
}

/// Gives every `1/fraction`-th row of the chain to `part`, `round(fraction × length)` in all;
/// returns the others.
fn take(chain: &[usize], fraction: f64, part: Part, parts: &mut [Part]) -> Vec<usize> {
    let due = |i: usize| (i as f64 * fraction + 0.5).floor();
    let mut others = Vec::with_capacity(chain.len());
    for (i, &row) in chain.iter().enumerate() {
        if due(i + 1) > due(i) {
            parts[row] = part;
        } else {
            others.push(row);
        }
    }
    others
}

/// The free rows by class, by quantile of the target, or all together.
fn groups(data: &Dataset, free: &[usize]) -> Vec<Vec<usize>> {
    match &data.target {
        Target::Classes { labels, codes, .. } => {
            let mut groups = vec![Vec::new(); labels.len()];
            free.iter().for_each(|&r| groups[codes[r] as usize].push(r));
            groups
        }
        Target::Numbers { values, .. } => {
            let mut sorted = free.to_vec();
            sorted.sort_by(|&a, &b| values[a].total_cmp(&values[b]).then(a.cmp(&b)));
            let mut groups = vec![Vec::new(); QUANTILES];
            for (rank, row) in sorted.into_iter().enumerate() {
                groups[rank * QUANTILES / free.len()].push(row);
            }
            groups
        }
        Target::None => vec![free.to_vec()],
    }
}

/// A class without a training row gets one back, from validation rather than from the test part.
fn return_lost_classes(data: &Dataset, groups: &[Vec<usize>], parts: &mut [Part]) {
    let Target::Classes { codes, labels, .. } = &data.target else { return };
    let mut trained = vec![false; labels.len()];
    for (row, part) in parts.iter().enumerate() {
        trained[codes[row] as usize] |= *part == Part::Train;
    }
    for (group, _) in groups.iter().zip(trained).filter(|(_, trained)| !trained) {
        let found = [Part::Validation, Part::Test]
            .iter()
            .find_map(|part| group.iter().find(|&&r| parts[r] == *part));
        if let Some(&row) = found {
            parts[row] = Part::Train;
        }
    }
}
