//! SHA-256 of a data set's contents, in a canonical form.

use super::{Dataset, Target};
use crate::{Column, Kind, MISSING, Part};
use sha2::{Digest, Sha256};

/// Bytes hashed at once.
const AT_ONCE: usize = 1 << 20;

impl Dataset {
    /// SHA-256 over inputs, target, labels, fixed parts and weights: equal for equal contents,
    /// whatever the paths.
    ///
    /// Hashed in order: a version tag, the number of rows, every column (name, kind, values), the
    /// target, the parts, the weights if there are any. Counts and codes are little-endian; every
    /// NaN counts as the same one; words are numbered by first appearance, so unused or reordered
    /// levels change nothing; those of booleans count in lower case.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"mlp-data 1\0");
        count(&mut hash, self.table.rows);
        count(&mut hash, self.table.columns.len());
        for (field, column) in self.table.schema.fields.iter().zip(&self.table.columns) {
            word(&mut hash, &field.name);
            word(&mut hash, &field.kind.to_string());
            match column {
                Column::Number(values) => numbers(&mut hash, values),
                // Python writes True where JSON and Parquet have true.
                Column::Category { levels, codes } if field.kind == Kind::Boolean => {
                    let lower: Vec<String> =
                        levels.iter().map(|l| l.to_ascii_lowercase()).collect();
                    words(&mut hash, &lower, codes);
                }
                Column::Category { levels, codes } => words(&mut hash, levels, codes),
                Column::Pixels { bytes, .. } => {
                    count(&mut hash, bytes.len());
                    for some in bytes.chunks(AT_ONCE) {
                        hash.update(some);
                        bytes.note_read(some.len());
                    }
                }
            }
            column.forget();
        }
        target(&mut hash, &self.target);
        let parts: Vec<u8> = self.parts.iter().map(|p| part_code(*p)).collect();
        count(&mut hash, parts.len());
        hash.update(&parts);
        if let Some(weights) = &self.weights {
            hash.update(b"weights\0");
            word(&mut hash, &weights.name);
            numbers(&mut hash, &weights.values);
        }
        hash.finalize().into()
    }
}

fn target(hash: &mut Sha256, target: &Target) {
    match target {
        Target::Classes { name, labels, codes } => {
            hash.update([1]);
            word(hash, name);
            count(hash, labels.len());
            labels.iter().for_each(|label| word(hash, label));
            codes_of(hash, codes.iter().copied());
        }
        Target::Numbers { name, values } => {
            hash.update([2]);
            word(hash, name);
            numbers(hash, values);
        }
        Target::None => hash.update([0]),
        Target::Labels { name, labels, separator, hits } => {
            hash.update([3]);
            word(hash, name);
            count(hash, labels.len());
            labels.iter().for_each(|label| word(hash, label));
            word(hash, separator.as_deref().unwrap_or_default());
            count(hash, hits.len());
            hash.update(hits);
        }
    }
}

/// A part as a number.
pub(crate) fn part_code(part: Option<Part>) -> u8 {
    match part {
        None => 0,
        Some(Part::Train) => 1,
        Some(Part::Validation) => 2,
        Some(Part::Test) => 3,
        Some(Part::Unused) => 4,
    }
}

/// The part of a number; of an unknown one none.
pub(crate) fn part_of(code: u8) -> Option<Part> {
    Part::ALL.into_iter().find(|p| part_code(Some(*p)) == code)
}

fn count(hash: &mut Sha256, n: usize) {
    hash.update((n as u64).to_le_bytes());
}

fn word(hash: &mut Sha256, word: &str) {
    count(hash, word.len());
    hash.update(word.as_bytes());
}

/// Values in blocks, since a call per value would cost more than the hash.
fn blocks<const N: usize>(hash: &mut Sha256, values: impl Iterator<Item = [u8; N]>) {
    let mut block = Vec::with_capacity(1 << 16);
    for value in values {
        block.extend_from_slice(&value);
        if block.len() >= (1 << 16) - N {
            hash.update(&block);
            block.clear();
        }
    }
    hash.update(&block);
}

fn numbers(hash: &mut Sha256, values: &[f64]) {
    count(hash, values.len());
    let canonical = |v: &f64| if v.is_nan() { f64::NAN.to_bits() } else { v.to_bits() };
    blocks(hash, values.iter().map(|v| canonical(v).to_le_bytes()));
}

fn codes_of(hash: &mut Sha256, codes: impl ExactSizeIterator<Item = u32>) {
    count(hash, codes.len());
    blocks(hash, codes.map(u32::to_le_bytes));
}

fn words(hash: &mut Sha256, levels: &[String], codes: &[u32]) {
    let mut renamed = vec![MISSING; levels.len()];
    let mut order = Vec::new();
    for &code in codes {
        if let Some(slot) = renamed.get_mut(code as usize).filter(|slot| **slot == MISSING) {
            *slot = order.len() as u32;
            order.push(code as usize);
        }
    }
    count(hash, order.len());
    order.iter().for_each(|&level| word(hash, &levels[level]));
    let rename = |&c: &u32| renamed.get(c as usize).copied().unwrap_or(MISSING);
    codes_of(hash, codes.iter().map(rename));
}

#[cfg(test)]
mod tests {
    use crate::{Dataset, OpenOptions, Part};

    fn data(text: &str) -> Dataset {
        crate::csv::from_text("t.csv", text, &OpenOptions::default()).unwrap()
    }

    #[test]
    fn equal_contents_give_equal_prints_and_any_change_another() {
        let one = data("a,c,y\n1,u,p\n2,v,q\n?,u,p\n");
        let mut same = data("a;c;y\n1.0;u;p\n2;v;q\nNA;u;p\n");
        same.name = "other".into();
        assert_eq!(one.fingerprint(), same.fingerprint());
        for changed in [
            "a,c,y\n1,u,p\n2,v,q\n3,u,p\n",
            "b,c,y\n1,u,p\n2,v,q\n?,u,p\n",
            "a,c,y\n1,v,p\n2,u,q\n?,v,p\n",
            "a,c,y\n1,u,p\n2,v,p\n?,u,q\n",
        ] {
            assert_ne!(one.fingerprint(), data(changed).fingerprint(), "{changed}");
        }
        let truth = data("a,b,y\n1,True,p\n2,False,q\n").fingerprint();
        assert_eq!(truth, data("a,b,y\n1,true,p\n2,false,q\n").fingerprint());
        let mut fixed = one.clone();
        fixed.parts[2] = Some(Part::Test);
        assert_ne!(one.fingerprint(), fixed.fingerprint());
    }

    #[test]
    fn the_print_of_iris_is_this_one() {
        let print = crate::embedded::load("iris").unwrap().unwrap().fingerprint();
        let hex: String = print.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "d9e8deca1cbd0dbe2399c193868b85360de788de8231bff9e971c4949058520a");
    }
}
