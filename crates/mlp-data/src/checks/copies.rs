//! Copies that stand in more than one part: what a model has trained on then comes up in its test.

use super::{equal_rows, near_pictures};
use crate::{Column, Dataset, Part, Split};
use mlp_tensor::Exec;

/// Rows that are copies of each other, of more than one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Rising.
    pub rows: Vec<u32>,
    /// Equal to the last byte; else pictures that are nearly the same.
    pub exact: bool,
}

/// All that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    /// In the order of their first rows.
    pub clusters: Vec<Cluster>,
}

impl Copies {
    /// Looks for rows that are equal in the named columns, and for pictures that are nearly the
    /// same, which stand in different parts.
    pub fn find(exec: &Exec, data: &Dataset, split: &Split, named: &[&str]) -> Copies {
        let columns: Vec<&Column> =
            named.iter().filter_map(|name| data.table.column(name)).collect();
        let equal = equal_rows(exec, &columns, data.len());
        let mut clusters: Vec<Cluster> = Vec::new();
        // Rows that were left out before are in no part.
        let across = |rows: &[u32]| {
            let parts = || rows.iter().map(|r| split.parts[*r as usize]);
            let mut used = parts().filter(|part| *part != Part::Unused);
            used.next().is_some_and(|first| used.any(|part| part != first))
        };
        let exact = equal.groups().filter(|rows| across(rows));
        clusters.extend(exact.map(|rows| Cluster { rows: rows.to_vec(), exact: true }));
        let near = near(exec, &columns, &equal, data.len());
        let near = near.into_iter().filter(|rows| across(rows));
        clusters.extend(near.map(|rows| Cluster { rows, exact: false }));
        clusters.sort_by_key(|cluster| cluster.rows[0]);
        Copies { clusters }
    }

    /// Rows of a part that have a copy in one that it must not know: of the test part those with a
    /// copy in training or validation, of the validation part those with one in training.
    pub fn count(&self, split: &Split, part: Part, exact: bool) -> usize {
        let of = |cluster: &Cluster, asked: Part| {
            cluster.rows.iter().filter(|r| split.parts[**r as usize] == asked).count()
        };
        let before: &[Part] = match part {
            Part::Test => &[Part::Train, Part::Validation],
            Part::Validation => &[Part::Train],
            Part::Train | Part::Unused => &[],
        };
        let clusters = self.clusters.iter().filter(|c| c.exact == exact);
        let known = clusters.filter(|c| before.iter().any(|p| of(c, *p) > 0));
        known.map(|c| of(c, part)).sum()
    }

    /// Takes copies of test rows out of training and validation, and copies of validation rows out of
    /// training; the rows that were taken out, rising.
    pub fn drop_from(&self, split: &mut Split) -> Vec<u32> {
        let mut dropped = Vec::new();
        for cluster in &self.clusters {
            let holds = |part| cluster.rows.iter().any(|r| split.parts[*r as usize] == part);
            let stays = [Part::Test, Part::Validation].into_iter().find(|part| holds(*part));
            let goes = |row: &&u32| {
                let part = split.parts[**row as usize];
                stays.is_some_and(|stays| part != stays && part != Part::Unused)
            };
            dropped.extend(cluster.rows.iter().filter(goes));
        }
        dropped.sort_unstable();
        dropped.dedup();
        dropped.iter().for_each(|r| split.parts[*r as usize] = Part::Unused);
        dropped
    }

    /// `cluster,kind,row,part` lines with a header, clusters counted from 1.
    pub fn to_csv(&self, data: &Dataset, split: &Split) -> String {
        let mut text = String::from("cluster,kind,row,part\n");
        for (number, cluster) in (1..).zip(&self.clusters) {
            let kind = if cluster.exact { "exact" } else { "near" };
            for &row in &cluster.rows {
                let name = data.row_name(row as usize);
                let part = split.parts[row as usize].name();
                text += &format!("{number},{kind},{},{part}\n", crate::split::cell(&name));
            }
        }
        text
    }
}

/// Pictures that are nearly the same, joined to clusters; of equal ones each stands for all.
fn near(exec: &Exec, columns: &[&Column], equal: &super::Equal, rows: usize) -> Vec<Vec<u32>> {
    let [Column::Pixels { shape, bytes }] = columns else { return Vec::new() };
    // Every row leads to a row of its cluster that is not after it.
    let mut to: Vec<u32> = (0..rows as u32).collect();
    for group in equal.groups() {
        group.iter().for_each(|r| to[*r as usize] = group[0]);
    }
    let firsts: Vec<u32> = (0..rows as u32).filter(|&r| to[r as usize] == r).collect();
    let pairs = near_pictures(exec, *shape, bytes, &firsts);
    if pairs.is_empty() {
        return Vec::new();
    }
    let root = |to: &[u32], mut row: u32| {
        while to[row as usize] != row {
            row = to[row as usize];
        }
        row
    };
    let mut joined = vec![false; rows];
    for (a, b) in pairs {
        let (a, b) = (root(&to, a), root(&to, b));
        to[a.max(b) as usize] = a.min(b);
        joined[a as usize] = true;
        joined[b as usize] = true;
    }
    let mut members: Vec<(u32, u32)> = (0..rows as u32).map(|r| (root(&to, r), r)).collect();
    members.retain(|(first, _)| joined[*first as usize]);
    members.sort_unstable();
    let cluster = |same: &[(u32, u32)]| same.iter().map(|(_, row)| *row).collect();
    members.chunk_by(|a, b| a.0 == b.0).map(cluster).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn after_dropping_no_copy_is_in_two_parts_and_the_test_part_stays(
            rows in prop::collection::vec((0u32..12, 0usize..3), 1..60),
        ) {
            let parts: Vec<Part> = rows.iter().map(|r| Part::ALL[r.1]).collect();
            let of = |group: u32| -> Vec<u32> {
                (0..rows.len()).filter(|&r| rows[r].0 == group).map(|r| r as u32).collect()
            };
            let clusters = (0..12).map(of).filter(|rows| rows.len() > 1);
            let copies =
                Copies { clusters: clusters.map(|rows| Cluster { rows, exact: true }).collect() };
            let before = Split { parts };
            let mut split = before.clone();
            let dropped = copies.drop_from(&mut split);
            prop_assert_eq!(split.rows(Part::Test), before.rows(Part::Test));
            prop_assert_eq!(split.rows(Part::Unused).len(), dropped.len());
            for part in Part::ALL {
                prop_assert_eq!(copies.count(&split, part, true), 0);
            }
            for cluster in &copies.clusters {
                let used = |r: &&u32| split.parts[**r as usize] != Part::Unused;
                prop_assert!(cluster.rows.iter().any(|r| used(&r)), "one is left of each");
            }
            // Only what had a copy in a later part went.
            for row in dropped {
                let (group, part) = rows[row as usize];
                prop_assert!(rows.iter().any(|r| r.0 == group && r.1 > part));
            }
        }
    }
}
