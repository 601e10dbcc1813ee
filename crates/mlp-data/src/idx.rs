//! IDX files (the format of MNIST), raw or gzip: bytes to numbers. Pairs and folders of them:
//! `folder`.
//!
//! Layout (LeCun, Cortes and Burges): two zero bytes, a type code, the number of dimensions, each
//! dimension as a big-endian `u32`, then the values, the last dimension fastest. Sizes are compared
//! with the file before anything of that size is allocated; a gzip file is never unpacked beyond
//! the size its header declares.

mod folder;

pub(crate) use folder::{inputs, labels_of, matched, pixels, read_bytes};
pub use folder::{is_folder, read_file, read_folder};

use crate::DataError;
use flate2::read::GzDecoder;
use std::io::Read;
use std::path::Path;

/// More than any shipped file has.
const MAX_RANK: usize = 4;
/// Deflate cannot pack more tightly than 1032 to 1 (zlib technical details).
const MAX_PACKING: u64 = 1032;

/// The values of an IDX file.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Type code 8, as it is.
    Bytes(Vec<u8>),
    /// Types 9 (i8), 11 (i16), 12 (i32), 13 (f32) and 14 (f64).
    Numbers(Vec<f64>),
}

/// An IDX file in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Idx {
    /// Sizes, slowest first; the first is the number of examples. If one is 0, the product of the
    /// others is bounded by nothing.
    pub dims: Vec<usize>,
    /// As many as the product of `dims`.
    pub values: Values,
}

/// Whether a file begins as an IDX file does, raw or under gzip.
pub fn looks_like(start: &[u8]) -> bool {
    match start {
        [0x1F, 0x8B, ..] => {
            let mut magic = [0u8; 4];
            GzDecoder::new(start).read_exact(&mut magic).is_ok() && is_magic(magic)
        }
        [a, b, c, d, ..] => is_magic([*a, *b, *c, *d]),
        _ => false,
    }
}

fn is_magic(magic: [u8; 4]) -> bool {
    magic[..2] == [0, 0]
        && value_bytes(magic[2]).is_some()
        && (1..=MAX_RANK).contains(&usize::from(magic[3]))
}

/// Bytes a value of a type code.
fn value_bytes(code: u8) -> Option<usize> {
    match code {
        0x08 | 0x09 => Some(1),
        0x0B => Some(2),
        0x0C | 0x0D => Some(4),
        0x0E => Some(8),
        _ => None,
    }
}

/// Reads IDX bytes, raw or gzip; `path` only names them in messages.
///
/// # Errors
/// [`DataError::Malformed`] with the byte and the field that is wrong.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Idx, DataError> {
    if bytes.starts_with(&[0x1F, 0x8B]) {
        let most = (bytes.len() as u64).saturating_mul(MAX_PACKING);
        parse_from(path, &mut GzDecoder::new(bytes), Size::AtMost(most))
    } else {
        parse_from(path, &mut &bytes[..], Size::Exactly(bytes.len() as u64))
    }
}

/// What is known of a stream's length before it is read.
#[derive(Clone, Copy)]
enum Size {
    Exactly(u64),
    AtMost(u64),
}

fn parse_from(path: &Path, from: &mut impl Read, size: Size) -> Result<Idx, DataError> {
    let bad = |at: usize, what: String| DataError::malformed(path, format!("byte {at}"), what);
    let mut magic = [0u8; 4];
    read_header(path, from, &mut magic, 0, "magic number")?;
    let rank = usize::from(magic[3]);
    let Some(each) = value_bytes(magic[2]).filter(|_| magic[..2] == [0, 0]) else {
        return Err(bad(0, format!("magic number {magic:02x?}: not an IDX file")));
    };
    if !(1..=MAX_RANK).contains(&rank) {
        return Err(bad(3, format!("{rank} dimensions; 1 to {MAX_RANK} can be read")));
    }
    let mut dims = Vec::with_capacity(rank);
    let mut total = each as u64;
    for i in 0..rank {
        let mut word = [0u8; 4];
        read_header(path, from, &mut word, 4 + 4 * i, "dimension")?;
        let dim = u32::from_be_bytes(word);
        dims.push(dim as usize);
        total = total
            .checked_mul(u64::from(dim))
            .ok_or_else(|| bad(4 + 4 * i, format!("dimensions {dims:?} are too large")))?;
    }
    let start = 4 + 4 * rank;
    let declared = total.saturating_add(start as u64);
    let lies = match size {
        Size::Exactly(n) => n != declared,
        Size::AtMost(n) => n < declared,
    };
    if lies {
        let (Size::Exactly(n) | Size::AtMost(n)) = size;
        let most = if matches!(size, Size::AtMost(_)) { "at most " } else { "" };
        return Err(bad(
            4,
            format!(
                "dimensions {dims:?} need {declared} bytes, the file holds {most}{n}; \
                 fetch it again"
            ),
        ));
    }
    let mut values = Vec::new();
    // One byte more than declared shows a file that goes on.
    let got = from.take(total.saturating_add(1)).read_to_end(&mut values);
    let held = values.len() as u64;
    match got {
        Err(e) => {
            Err(bad(start + values.len(), format!("cannot be unpacked: {e}; fetch it again")))
        }
        Ok(_) if held != total => {
            let more = if held > total { "more than " } else { "" };
            let held = held.min(total);
            let what =
                format!("dimensions {dims:?} need {total} values' bytes, there are {more}{held}");
            Err(bad(4, what))
        }
        Ok(_) => Ok(Idx { dims, values: decode(magic[2], values) }),
    }
}

fn read_header(
    path: &Path,
    from: &mut impl Read,
    into: &mut [u8; 4],
    at: usize,
    field: &str,
) -> Result<(), DataError> {
    from.read_exact(into).map_err(|e| {
        let what = format!("{field} cannot be read: {e}; fetch the file again");
        DataError::malformed(path, format!("byte {at}"), what)
    })
}

fn decode(code: u8, bytes: Vec<u8>) -> Values {
    fn numbers<const N: usize>(bytes: &[u8], to: fn([u8; N]) -> f64) -> Values {
        Values::Numbers(bytes.as_chunks::<N>().0.iter().map(|c| to(*c)).collect())
    }
    match code {
        0x09 => numbers(&bytes, |b: [u8; 1]| f64::from(i8::from_be_bytes(b))),
        0x0B => numbers(&bytes, |b: [u8; 2]| f64::from(i16::from_be_bytes(b))),
        0x0C => numbers(&bytes, |b: [u8; 4]| f64::from(i32::from_be_bytes(b))),
        0x0D => numbers(&bytes, |b: [u8; 4]| f64::from(f32::from_be_bytes(b))),
        0x0E => numbers(&bytes, f64::from_be_bytes),
        _ => Values::Bytes(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    fn file(code: u8, dims: &[u32], values: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, code, dims.len() as u8];
        dims.iter().for_each(|d| bytes.extend(d.to_be_bytes()));
        bytes.extend(values);
        bytes
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn message(bytes: &[u8]) -> String {
        parse(Path::new("f"), bytes).unwrap_err().to_string()
    }

    #[test]
    fn raw_and_gzip_hold_the_same() {
        let raw = file(8, &[2, 1, 2], &[1, 2, 3, 4]);
        let expected = Idx { dims: vec![2, 1, 2], values: Values::Bytes(vec![1, 2, 3, 4]) };
        assert_eq!(parse(Path::new("f"), &raw).unwrap(), expected);
        assert_eq!(parse(Path::new("f"), &gzip(&raw)).unwrap(), expected);
        assert!(looks_like(&raw) && looks_like(&gzip(&raw)));
        assert!(!looks_like(b"a,b\n1,2\n") && !looks_like(&gzip(b"a,b\n1,2\n")));
    }

    #[test]
    fn other_types_are_numbers() {
        for (code, bytes, value) in [
            (0x09, vec![0xFF], -1.0),
            (0x0B, vec![0x01, 0x00], 256.0),
            (0x0C, vec![0xFF, 0xFF, 0xFF, 0xFE], -2.0),
            (0x0D, 1.5f32.to_be_bytes().to_vec(), 1.5),
            (0x0E, (-0.25f64).to_be_bytes().to_vec(), -0.25),
        ] {
            let idx = parse(Path::new("f"), &file(code, &[1], &bytes)).unwrap();
            assert_eq!(idx.values, Values::Numbers(vec![value]));
        }
    }

    #[test]
    fn lies_are_named() {
        let short = file(8, &[3, 2], &[1, 2, 3, 4]);
        assert!(message(&short).contains("byte 4: dimensions [3, 2] need 18 bytes"));
        assert!(message(&gzip(&short)).contains("there are 4"));
        let long = file(8, &[1], &[1, 2]);
        assert!(message(&long).contains("need 9 bytes, the file holds 10"));
        assert!(message(&gzip(&long)).contains("more than 1"));
        let huge = file(8, &[u32::MAX, u32::MAX, u32::MAX], &[]);
        assert!(message(&huge).contains("too large"));
        let large = file(8, &[u32::MAX, 1000], &[]);
        assert!(message(&gzip(&large)).contains("the file holds at most"));
        assert!(message(&[0, 0, 8]).contains("byte 0: magic number cannot be read"));
        assert!(message(&[0, 0, 8, 2, 0, 0, 0, 1]).contains("byte 8: dimension cannot be read"));
        assert!(message(&[0, 0, 7, 1, 0, 0, 0, 0]).contains("not an IDX file"));
        let cut = &gzip(&file(8, &[400], &[7; 400]))[..25];
        assert!(
            message(cut).contains("cannot be unpacked") || message(cut).contains("cannot be read")
        );
    }

    #[test]
    fn no_rows_of_vast_pictures_are_refused_without_overflow() {
        for dims in [[0, u32::MAX, u32::MAX, u32::MAX], [1, 0, u32::MAX, u32::MAX]] {
            let bytes = file(8, &dims, &[]);
            let message = match parse(Path::new("f"), &bytes) {
                Ok(idx) => inputs(Path::new("f"), idx, &crate::OpenOptions::default()).unwrap_err(),
                Err(e) => e,
            };
            assert!(message.to_string().contains("byte 4: dimensions ["), "{message}");
            assert!(message.to_string().contains("no examples"), "{message}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_values_or_an_error(
            bytes in prop::collection::vec(any::<u8>(), 0..80),
            code in prop::sample::select(vec![8u8, 9, 11, 12, 13, 14, 7]),
            rank in 0u8..6,
        ) {
            let _ = parse(Path::new("f"), &bytes);
            let headed = [&[0, 0, code, rank][..], &bytes[..]].concat();
            for file in [gzip(&headed), headed] {
                if let Ok(idx) = parse(Path::new("f"), &file) {
                    let count = match &idx.values {
                        Values::Bytes(v) => v.len(),
                        Values::Numbers(v) => v.len(),
                    };
                    let product = match idx.dims.contains(&0) {
                        true => Some(0),
                        false => idx.dims.iter().try_fold(1usize, |n, d| n.checked_mul(*d)),
                    };
                    prop_assert_eq!(product, Some(count));
                    let _ = inputs(Path::new("f"), idx, &crate::OpenOptions::default());
                }
            }
        }

        #[test]
        fn any_dimensions_give_inputs_or_an_error(
            code in prop::sample::select(vec![8u8, 13]),
            dims in prop::collection::vec(
                prop::sample::select(vec![0, 1, 2, 3, u32::MAX]), 1..=MAX_RANK),
            count in 0usize..40,
        ) {
            // As many values as declared where that is little, so that files are accepted too.
            let each = value_bytes(code).unwrap();
            let product: u128 = dims.iter().map(|d| u128::from(*d)).product();
            let count = if product < 100 { product as usize * each } else { count };
            let path = Path::new("f");
            match parse(path, &file(code, &dims, &vec![0; count])) {
                Ok(idx) => {
                    let usable = inputs(path, idx, &crate::OpenOptions {
                        target_optional: true,
                        ..crate::OpenOptions::default()
                    });
                    prop_assert!(usable.is_err() || !usable.unwrap().is_empty());
                }
                Err(_) => prop_assert!(dims.contains(&u32::MAX)),
            }
        }

        #[test]
        fn a_changed_gzip_gives_values_or_an_error(at in 0usize..60, bit in 0u8..8) {
            let mut file = gzip(&file(8, &[10, 10], &[3; 100]));
            let at = at % file.len();
            file[at] ^= 1 << bit;
            let _ = parse(Path::new("f"), &file);
        }
    }
}
