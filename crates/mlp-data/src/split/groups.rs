//! Groups of rows that stay together, and how they are given out to parts.

use super::{Part, draw};
use crate::words::{listed, most_similar, shown};
use crate::{Column, DataError, Dataset, Names, Target};
use mlp_tensor::{Purpose, Streams};
use std::collections::HashMap;

/// The stream of the order of groups: after those of the strata, which are fewer.
const STREAM: u32 = u32::MAX;

/// Which rows belong together: those of a patient, of a film, of a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups {
    /// For messages.
    what: String,
    /// One a row, from 0, each of them used.
    codes: Vec<u32>,
    count: usize,
}

impl Groups {
    /// Rows with equal cells of a column belong together; those with none are one group.
    ///
    /// # Errors
    /// No such column (the nearest are named), or one of pictures.
    pub fn of_column(data: &Dataset, name: &str) -> Result<Groups, DataError> {
        let codes = match column(data, name)? {
            Column::Category { codes, .. } => codes.to_vec(),
            Column::Number(values) => {
                // Missing ones are alike whatever their bits, and so are 0 and -0.
                let bits = |v: &f64| if v.is_nan() { u64::MAX } else { (v + 0.0).to_bits() };
                let mut known: Vec<u64> = values.iter().map(bits).collect();
                known.sort_unstable();
                known.dedup();
                values.iter().map(|v| known.partition_point(|k| *k < bits(v)) as u32).collect()
            }
            Column::Pixels { .. } => {
                let what = format!("column `{name}` holds pictures, which make no groups");
                return Err(DataError::unusable(what));
            }
        };
        Ok(Groups::of_codes(&format!("column `{name}`"), codes))
    }

    /// Rows whose names (the paths of pictures) agree in what a regular expression finds in them, or
    /// in its first group.
    ///
    /// # Errors
    /// An expression that is not valid, or that a name does not match; rows without names.
    pub fn of_names(data: &Dataset, regex: &str) -> Result<Groups, DataError> {
        let found = regex_lite::Regex::new(regex).map_err(|e| {
            DataError::unusable(format!("the regular expression `{regex}` is not valid: {e}"))
        })?;
        let Names::Paths(names) = &data.names else {
            let what = "a regular expression makes groups of paths, and these rows have none; give \
                        the column of the groups";
            return Err(DataError::unusable(what));
        };
        let mut known: HashMap<&str, u32> = HashMap::new();
        let mut codes = Vec::with_capacity(names.len());
        for name in names {
            let group = found.captures(name).and_then(|c| c.get(1).or_else(|| c.get(0)));
            let Some(group) = group else {
                let what = format!("`{}` does not match `{regex}`; every name must", shown(name));
                return Err(DataError::unusable(what));
            };
            let next = known.len() as u32;
            codes.push(*known.entry(group.as_str()).or_insert(next));
        }
        Ok(Groups::of_codes(&format!("`{regex}`"), codes))
    }

    /// Numbers groups from 0 by their codes' order; that of missing cells is a group like others.
    pub(super) fn of_codes(what: &str, mut codes: Vec<u32>) -> Groups {
        let mut known = codes.clone();
        known.sort_unstable();
        known.dedup();
        // Mostly they are numbered so already.
        if known.last().is_some_and(|&last| last as usize + 1 != known.len()) {
            codes.iter_mut().for_each(|c| *c = known.partition_point(|k| k < c) as u32);
        }
        Groups { what: what.into(), codes, count: known.len() }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.count
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
    /// The group of every row, from 0.
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// Parts of rows of which some are fixed; see [`super::Split::grouped`].
    pub(super) fn parts(
        &self,
        data: &Dataset,
        fixed: &[Option<Part>],
        validation: f64,
        test: f64,
        seed: u64,
    ) -> Result<Vec<Part>, DataError> {
        let of_group = self.fixed(data, fixed)?;
        let (validation, test) = draw::still_to_take(fixed, validation, test);
        let order = [Part::Train, Part::Test, Part::Validation];
        let shares = [1.0 - validation - test, test, validation];
        let wanted = shares.iter().filter(|s| **s > 0.0).count();
        let free = of_group.iter().filter(|p| p.is_none()).count();
        if free < wanted && (wanted > 1 || free == self.count) {
            return Err(DataError::unusable(format!(
                "{} makes {free} group{} where {wanted} parts need one each; choose another, or \
                 lower --valid or --test to 0",
                self.what,
                if free == 1 { "" } else { "s" },
            )));
        }
        let given = assign(&data.target, &self.codes, Some(&of_group), &shares, seed);
        let part = |g: &u32| of_group[*g as usize].unwrap_or(order[given[*g as usize] as usize]);
        Ok(self.codes.iter().map(part).collect())
    }

    /// The part that the source fixes for each group.
    fn fixed(
        &self,
        data: &Dataset,
        fixed: &[Option<Part>],
    ) -> Result<Vec<Option<Part>>, DataError> {
        let mut of_group: Vec<Option<Part>> = vec![None; self.count];
        for (row, (part, &group)) in fixed.iter().zip(&self.codes).enumerate() {
            let Some(part) = *part else { continue };
            let known = of_group[group as usize].get_or_insert(part);
            if *known != part {
                return Err(DataError::unusable(format!(
                    "{} is of the {} part by its source, and others of its group ({}) of the {} part; \
                     they cannot stay together",
                    data.row_name(row),
                    part.name(),
                    self.what,
                    known.name()
                )));
            }
        }
        Ok(of_group)
    }
}

/// A column of the table.
pub(super) fn column<'a>(data: &'a Dataset, name: &str) -> Result<&'a Column, DataError> {
    data.table.column(name).ok_or_else(|| {
        let names = data.table.schema.fields.iter().map(|f| f.name.as_str());
        let weights = data.weights.as_ref().is_some_and(|weights| weights.name == name);
        let near = match data.columns.iter().any(|c| c == name) {
            true if weights => "it is the column of weights".to_string(),
            true if data.target.is_column(name) => "it is the target".to_string(),
            true => "it is ignored".to_string(),
            false => format!("nearest: {}", listed(&most_similar(name, names), 3)),
        };
        DataError::unusable(format!("there is no column `{}` to split by; {near}", shown(name)))
    })
}

/// The index into `shares` of each group: the largest groups first (of equals in an order of
/// chance), each to the part that lacks most of its strata. Groups that `fixed` names a part for are
/// left alone.
pub(super) fn assign(
    target: &Target,
    codes: &[u32],
    fixed: Option<&[Option<Part>]>,
    shares: &[f64],
    seed: u64,
) -> Vec<u32> {
    let count = codes.iter().max().map_or(0, |&last| last as usize + 1);
    let is_free = |group: usize| fixed.is_none_or(|fixed| fixed[group].is_none());
    let rows: Vec<usize> = (0..codes.len()).filter(|&r| is_free(codes[r] as usize)).collect();
    let mut stratum = vec![0u32; codes.len()];
    let strata = draw::strata(target, &rows);
    for (rows, index) in strata.iter().zip(0u32..) {
        rows.iter().for_each(|&r| stratum[r] = index);
    }
    // Strata, and all rows as one more.
    let totals: Vec<f64> =
        strata.iter().map(Vec::len).chain([rows.len()]).map(|n| n as f64).collect();
    let members = Members::new(codes, count);
    let mut order: Vec<usize> = (0..count).filter(|&g| is_free(g)).collect();
    Streams::new(seed).at(Purpose::Split, 0, STREAM).shuffle(&mut order);
    order.sort_by_key(|&g| std::cmp::Reverse(members.of(g).len()));
    let mut lacks: Vec<Vec<f64>> =
        shares.iter().map(|share| totals.iter().map(|n| n * share).collect()).collect();
    let all = totals.len() - 1;
    let mut given = vec![0u32; count];
    let mut groups_of = vec![0usize; shares.len()];
    let mut held = vec![0.0; totals.len()];
    for &group in &order {
        let rows = members.of(group);
        held.fill(0.0);
        held[all] = rows.len() as f64;
        rows.iter().for_each(|&r| held[stratum[r as usize] as usize] += 1.0);
        let score = |part: usize| -> f64 {
            let lack = held.iter().zip(&lacks[part]).zip(&totals);
            lack.filter(|((h, _), _)| **h > 0.0).map(|((h, lack), n)| h * lack / n).sum()
        };
        // A part that has its share takes no more: so none is too large by more than one group.
        let open = (0..shares.len()).filter(|&p| shares[p] > 0.0 && lacks[p][all] > 1e-9);
        let best = open.map(|p| (score(p), p)).reduce(|a, b| if b.0 > a.0 { b } else { a });
        let part = best.map_or(0, |(_, part)| part);
        lacks[part].iter_mut().zip(&held).for_each(|(lack, h)| *lack -= h);
        given[group] = part as u32;
        groups_of[part] += 1;
    }
    fill_empty(&order, shares, &mut given, &mut groups_of);
    given
}

/// Gives a part that got no group the smallest one of the part that has most.
fn fill_empty(order: &[usize], shares: &[f64], given: &mut [u32], groups_of: &mut [usize]) {
    for part in 0..shares.len() {
        if shares[part] <= 0.0 || groups_of[part] > 0 {
            continue;
        }
        // The first of equals: `max_by_key` would take the last.
        let rich = (0..shares.len()).rev().max_by_key(|&p| groups_of[p]).unwrap_or(0);
        if groups_of[rich] < 2 {
            return;
        }
        if let Some(&smallest) = order.iter().rev().find(|&&g| given[g] as usize == rich) {
            given[smallest] = part as u32;
            groups_of[rich] -= 1;
            groups_of[part] += 1;
        }
    }
}

/// The rows of each group.
struct Members {
    rows: Vec<u32>,
    starts: Vec<u32>,
}

impl Members {
    fn new(codes: &[u32], count: usize) -> Members {
        let mut starts = vec![0u32; count + 1];
        codes.iter().for_each(|&c| starts[c as usize + 1] += 1);
        for i in 0..count {
            starts[i + 1] += starts[i];
        }
        let (mut next, mut rows) = (starts.clone(), vec![0u32; codes.len()]);
        for (row, &code) in codes.iter().enumerate() {
            rows[next[code as usize] as usize] = row as u32;
            next[code as usize] += 1;
        }
        Members { rows, starts }
    }
    fn of(&self, group: usize) -> &[u32] {
        &self.rows[self.starts[group] as usize..self.starts[group + 1] as usize]
    }
}
