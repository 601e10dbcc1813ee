//! Drawing the parts: rows are grouped by class or quantile, shuffled within each group, and every
//! k-th of the chain of groups is taken (systematic sampling), so the parts' sizes are right in
//! total and in every group.

use super::Part;
use crate::Target;
use mlp_tensor::{Purpose, Streams};

/// Bins of equal count for numeric targets.
const QUANTILES: usize = 10;

/// Parts of rows of which some are fixed; see [`super::Split::new`].
pub(super) fn parts(
    target: &Target,
    fixed: &[Option<Part>],
    validation: f64,
    test: f64,
    seed: u64,
) -> Vec<Part> {
    let (validation, test) = still_to_take(fixed, validation, test);
    let mut parts: Vec<Part> = fixed.iter().map(|p| p.unwrap_or(Part::Train)).collect();
    let mut free = Vec::with_capacity(fixed.iter().filter(|p| p.is_none()).count());
    free.extend((0..fixed.len()).filter(|&r| fixed[r].is_none()));
    let groups = shuffled(target, &free, seed);
    let chain = groups.concat();
    let rest = take(&chain, test, Part::Test, &mut parts);
    // Of what is left the fraction is larger: 0.1 of all is 0.125 of the remaining 0.8.
    take(&rest, validation / (1.0 - test), Part::Validation, &mut parts);
    return_lost_classes(target, &groups, &mut parts);
    return_lost_labels(target, &free, &mut parts);
    parts
}

/// The shares of validation and test, none of a part that the source already provides.
pub(super) fn still_to_take(fixed: &[Option<Part>], validation: f64, test: f64) -> (f64, f64) {
    let left = |part, share| if fixed.contains(&Some(part)) { 0.0 } else { share };
    (left(Part::Validation, validation), left(Part::Test, test))
}

/// Rows by stratum, each stratum in an order of chance.
pub(super) fn shuffled(target: &Target, rows: &[usize], seed: u64) -> Vec<Vec<usize>> {
    let mut strata = strata(target, rows);
    for (stratum, index) in strata.iter_mut().zip(0u32..) {
        Streams::new(seed).at(Purpose::Split, 0, index).shuffle(stratum);
    }
    strata
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

/// Rows by class, by quantile of the target, by the rarest label that a row has, or all together.
pub(super) fn strata(target: &Target, free: &[usize]) -> Vec<Vec<usize>> {
    match target {
        Target::Classes { labels, codes, .. } => {
            let mut groups = vec![Vec::new(); labels.len()];
            free.iter().for_each(|&r| groups[codes[r] as usize].push(r));
            groups
        }
        Target::Numbers { values, .. } => {
            let mut sorted = free.to_vec();
            sorted.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]).then(a.cmp(&b)));
            let room = || Vec::with_capacity(free.len() / QUANTILES + 1);
            let mut groups: Vec<Vec<usize>> = (0..QUANTILES).map(|_| room()).collect();
            for (rank, row) in sorted.into_iter().enumerate() {
                groups[rank * QUANTILES / free.len()].push(row);
            }
            groups
        }
        Target::None => vec![free.to_vec()],
        Target::Labels { labels, hits, .. } => {
            let width = labels.len();
            let counts = target.counts(free.iter().copied());
            let mut groups = vec![Vec::new(); width + 1];
            for &row in free {
                let row_hits = &hits[row * width..(row + 1) * width];
                let own = (0..width).filter(|&label| row_hits[label] == 1);
                groups[own.min_by_key(|&label| counts[label]).unwrap_or(width)].push(row);
            }
            groups
        }
    }
}

/// A label that no training row has gets one row back, from validation rather than from the test part.
fn return_lost_labels(target: &Target, free: &[usize], parts: &mut [Part]) {
    let Target::Labels { labels, hits, .. } = target else { return };
    let width = labels.len();
    let trained = target.counts((0..parts.len()).filter(|&r| parts[r] == Part::Train));
    for label in (0..width).filter(|&label| trained[label] == 0) {
        let has = |part: Part, r: usize| parts[r] == part && hits[r * width + label] == 1;
        let found = [Part::Validation, Part::Test]
            .iter()
            .find_map(|part| free.iter().find(|&&r| has(*part, r)));
        if let Some(&row) = found {
            parts[row] = Part::Train;
        }
    }
}

/// A class without a training row gets one back, from validation rather than from the test part.
fn return_lost_classes(target: &Target, groups: &[Vec<usize>], parts: &mut [Part]) {
    let Target::Classes { codes, labels, .. } = target else { return };
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
