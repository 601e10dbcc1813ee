//! Rows with equal cells, by hashes that are sorted: one word of memory a row.

use crate::{Column, MISSING};
use mlp_tensor::Exec;

/// Rows a piece of work.
const BLOCK: usize = 4096;
/// Rows that are compared before the pages they brought to memory are let go.
const COMPARED: usize = 64;
/// Odd, with bits in no pattern: 2⁶⁴ divided by the golden ratio.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// Groups of equal rows, of two rows at least.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Equal {
    /// Group after group; in a group rising.
    rows: Vec<u32>,
    /// Where each group begins, and the end.
    starts: Vec<usize>,
}

impl Equal {
    /// The groups, in the order of their first rows.
    pub fn groups(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|ends| &self.rows[ends[0]..ends[1]])
    }
    /// How many groups.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }
    /// Whether no row has an equal.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Rows that repeat an earlier one.
    pub fn repeated(&self) -> usize {
        self.rows.len() - self.len()
    }
}

/// The rows that are equal in all of the columns: the same numbers (missing ones are alike), words
/// and bytes. Hashes only say which rows to compare, so none is taken for another.
pub fn equal_rows(exec: &Exec, columns: &[&Column], rows: usize) -> Equal {
    let Some(last) = u32::try_from(rows).ok().and_then(|n| n.checked_sub(1)) else {
        return Equal::default();
    };
    if columns.is_empty() {
        return Equal::default();
    }
    // The upper bits are of the hash, the lower ones say which row it is.
    let bits = 32 - last.leading_zeros();
    let mut keys = vec![0u64; rows];
    // Columns may stand in files: one after another, and let go of.
    for column in columns {
        exec.for_each_chunk(&mut keys, BLOCK, |block, keys| {
            hash(column, block * BLOCK, keys);
            column.note_read(keys.len());
        });
        column.forget();
    }
    exec.for_each_chunk(&mut keys, BLOCK, |block, keys| {
        for (i, key) in keys.iter_mut().enumerate() {
            *key = (mixed(*key) >> bits << bits) | (block * BLOCK + i) as u64;
        }
    });
    keys.sort_unstable();
    let mut groups: Vec<Vec<u32>> = Vec::new();
    let mut compared = 0;
    let row = |key: u64| (key & ((1u64 << bits) - 1)) as u32;
    for run in keys.chunk_by(|a, b| a >> bits == b >> bits).filter(|run| run.len() > 1) {
        let mut left: Vec<u32> = run.iter().map(|&key| row(key)).collect();
        // Mostly all are equal, and one round is enough.
        while let [first, ..] = left[..] {
            let same = |r: &u32| columns.iter().all(|c| equal(c, first as usize, *r as usize));
            let (group, others) = left.iter().partition::<Vec<u32>, _>(|r| same(r));
            if group.len() > 1 {
                groups.push(group);
            }
            left = others;
        }
        // Rows here and there: each brings pages of columns that stand in files.
        compared += run.len();
        if compared > COMPARED {
            compared = 0;
            columns.iter().for_each(|column| column.forget());
        }
    }
    columns.iter().for_each(|column| column.forget());
    groups.sort_unstable();
    let mut starts = vec![0];
    starts.extend(groups.iter().scan(0, |end, group| {
        *end += group.len();
        Some(*end)
    }));
    Equal { rows: groups.concat(), starts }
}

/// Mixes a column's cells from row `first` on into as many hashes.
fn hash(column: &Column, first: usize, keys: &mut [u64]) {
    let rows = first..first + keys.len();
    match column {
        Column::Number(values) => {
            let values = &values[rows];
            keys.iter_mut().zip(values).for_each(|(key, v)| *key = mix(*key, number(*v)));
        }
        Column::Category { codes, .. } => {
            let codes = &codes[rows];
            keys.iter_mut().zip(codes).for_each(|(key, c)| *key = mix(*key, u64::from(*c)));
        }
        Column::Pixels { shape, bytes } => {
            let n = shape.len();
            for (key, row) in keys.iter_mut().zip(rows) {
                let picture = &bytes[row * n..(row + 1) * n];
                let (words, rest) = picture.as_chunks::<8>();
                for word in words {
                    *key = mix(*key, u64::from_le_bytes(*word));
                }
                for byte in rest {
                    *key = mix(*key, u64::from(*byte));
                }
            }
        }
    }
}

fn mix(key: u64, value: u64) -> u64 {
    (key.rotate_left(23) ^ value).wrapping_mul(FACTOR)
}

/// Spreads what the upper bits hold over all (the end of `SplitMix64`, Steele et al. 2014).
fn mixed(key: u64) -> u64 {
    let z = (key ^ (key >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Bits by which numbers are equal: those of 0 and -0, and of all that are missing, are the same.
fn number(value: f64) -> u64 {
    if value.is_nan() { u64::from(MISSING) << 32 | 1 } else { (value + 0.0).to_bits() }
}

fn equal(column: &Column, a: usize, b: usize) -> bool {
    match column {
        Column::Number(values) => number(values[a]) == number(values[b]),
        Column::Category { codes, .. } => codes[a] == codes[b],
        Column::Pixels { shape, bytes } => {
            let n = shape.len();
            bytes[a * n..(a + 1) * n] == bytes[b * n..(b + 1) * n]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn groups_are_those_of_comparing_all_pairs(
            cells in prop::collection::vec((0u8..4, 0u32..3, any::<bool>()), 0..60),
        ) {
            let value = |v: u8| [0.0, -0.0, f64::NAN, 1.5][v as usize];
            let numbers = Column::Number(cells.iter().map(|c| value(c.0)).collect::<Vec<_>>().into());
            let words = Column::Category {
                levels: ["a", "b"].map(String::from).to_vec(),
                codes: cells.iter().map(|c| if c.1 == 2 { MISSING } else { c.1 }).collect::<Vec<_>>().into(),
            };
            let shape = crate::PictureShape { width: 3, height: 3, channels: 1 };
            let bytes = cells.iter().flat_map(|c| [0, 0, 0, 0, 0, 0, 0, 0, u8::from(c.2)]).collect();
            let pixels = Column::Pixels { shape, bytes };
            let columns = [&numbers, &words, &pixels];
            let found = equal_rows(&Exec::serial(), &columns, cells.len());
            // 0 and -0 are one number.
            let like = |c: (u8, u32, bool)| (if c.0 == 1 { 0 } else { c.0 }, c.1, c.2);
            let mut expected: Vec<Vec<u32>> = Vec::new();
            for row in 0..cells.len() {
                let same = |r: &usize| like(cells[*r]) == like(cells[row]);
                let all: Vec<u32> = (0..cells.len()).filter(same).map(|r| r as u32).collect();
                if all.len() > 1 && all[0] as usize == row {
                    expected.push(all);
                }
            }
            let found_groups: Vec<Vec<u32>> = found.groups().map(<[u32]>::to_vec).collect();
            prop_assert_eq!(&found_groups, &expected);
            let repeated: usize = expected.iter().map(|g| g.len() - 1).sum();
            prop_assert_eq!((found.len(), found.repeated()), (expected.len(), repeated));
        }
    }
}
