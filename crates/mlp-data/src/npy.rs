//! NumPy arrays: NPY files of versions 1 to 3 to values in C order. The header: `header`; NPZ
//! archives: `zip`; which arrays are examples and which labels: `data`; folders: `folder`.
//!
//! Layout (NumPy enhancement proposal 1): `\x93NUMPY`, two bytes of version, the header's length
//! (`u16`, from version 2 on `u32`, little-endian), the header, then the values. Sizes are compared
//! with the file before anything of that size is allocated.

mod data;
mod folder;
mod header;
mod zip;

pub(crate) use data::{read_npy, read_npz};
pub(crate) use folder::{is_folder, read_folder};

use crate::open::PictureOptions;
use crate::{DataError, MISSING, OpenOptions, PictureShape, Schema, Table};
use header::{Header, Scalar};
use std::collections::HashMap;
use std::path::Path;

/// The first bytes of an NPY file.
const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// More dimensions than pictures of several channels have.
const MAX_RANK: usize = 4;

/// The values of an array, the last dimension fastest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Values {
    /// Of `u8`.
    Bytes(Vec<u8>),
    /// Of other numbers.
    Numbers(Vec<f64>),
    /// Of truths.
    Truths(Vec<u8>),
    /// Texts by first appearance, and one code a value; empty ones are [`MISSING`].
    Texts(Vec<String>, Vec<u32>),
}

/// An array in memory.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Array {
    /// Sizes, slowest first; none is 0.
    pub(crate) shape: Vec<usize>,
    /// As many as the product of `shape`.
    pub(crate) values: Values,
}

/// Reads an NPY file; `path` and `name` (of an array in an archive, or nothing) only say where.
///
/// # Errors
/// With the byte: another version, a header that is none, types that are no plain values, more
/// than four dimensions, no values, other sizes than declared, text that is not Unicode.
pub(crate) fn parse(path: &Path, name: &str, bytes: Vec<u8>) -> Result<Array, DataError> {
    let bad = |at: usize, what: String| {
        let place = match name.is_empty() {
            true => format!("byte {at}"),
            false => format!("{name}, byte {at}"),
        };
        DataError::malformed(path, place, what)
    };
    let header = header::parse(&bytes).map_err(|(at, what)| bad(at, what))?;
    let Header { scalar, ref shape, start, .. } = header;
    if shape.len() > MAX_RANK || shape.is_empty() {
        let what = format!("{} dimensions; 1 to {MAX_RANK} can be read", shape.len());
        return Err(bad(10, what));
    }
    if shape.contains(&0) {
        return Err(bad(10, format!("shape {}: no values", shown(shape))));
    }
    let each = scalar.size() as u64;
    let count = shape.iter().try_fold(1u64, |n, d| n.checked_mul(*d as u64));
    let held = (bytes.len() - start) as u64;
    let declared = count.and_then(|n| n.checked_mul(each));
    if declared != Some(held) {
        let needed = declared.map_or("more than any file has".into(), |n| n.to_string());
        let what = format!(
            "shape {} of {each} bytes a value needs {needed} bytes, the file holds {held}; fetch it again",
            shown(shape)
        );
        return Err(bad(10, what));
    }
    let values =
        decode(&header, bytes).map_err(|(i, what)| bad(start + i * each as usize, what))?;
    let values = match header.fortran && shape.len() > 1 {
        true => in_c_order(values, shape),
        false => values,
    };
    Ok(Array { shape: shape.clone(), values })
}

/// The shape of pictures of so many rows, columns and channels.
fn picture_shape(height: usize, width: usize, channels: usize) -> Option<PictureShape> {
    let size = |n: usize| u32::try_from(n).ok();
    Some(PictureShape { width: size(width)?, height: size(height)?, channels: size(channels)? })
}

/// A table of one column of pictures, checked against a schema, and how files would be brought to
/// their shape.
fn picture_table(
    path: &Path,
    shape: PictureShape,
    pixels: Vec<u8>,
    options: &OpenOptions,
) -> Result<(Table, PictureOptions), DataError> {
    let rows = pixels.len() / shape.len().max(1);
    let mut table = Table { schema: Schema::default(), columns: Vec::new(), rows };
    let picture = crate::idx::pixels(&mut table, shape, pixels);
    if let Some(schema) = &options.schema {
        table = crate::idx::matched(path, table, schema)?;
    }
    Ok((table, picture))
}

/// A shape as NumPy writes it.
pub(crate) fn shown(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("({})", sizes.join(", "))
}

/// The values after the header; else which is wrong, and what of it.
fn decode(header: &Header, mut bytes: Vec<u8>) -> Result<Values, (usize, String)> {
    if header.scalar == Scalar::U8 || header.scalar == Scalar::Bool {
        bytes.drain(..header.start);
        return Ok(match header.scalar {
            Scalar::U8 => Values::Bytes(bytes),
            _ => Values::Truths(bytes),
        });
    }
    let held = &bytes[header.start..];
    fn numbers<const N: usize>(bytes: &[u8], big: bool, to: fn([u8; N]) -> f64) -> Values {
        let value = |chunk: &[u8; N]| {
            let mut chunk = *chunk;
            if big {
                chunk.reverse();
            }
            to(chunk)
        };
        Values::Numbers(bytes.as_chunks::<N>().0.iter().map(value).collect())
    }
    let big = header.big_endian;
    Ok(match header.scalar {
        Scalar::I8 => numbers(held, big, |b: [u8; 1]| f64::from(i8::from_le_bytes(b))),
        Scalar::U16 => numbers(held, big, |b| f64::from(u16::from_le_bytes(b))),
        Scalar::I16 => numbers(held, big, |b| f64::from(i16::from_le_bytes(b))),
        Scalar::U32 => numbers(held, big, |b| f64::from(u32::from_le_bytes(b))),
        Scalar::I32 => numbers(held, big, |b| f64::from(i32::from_le_bytes(b))),
        Scalar::U64 => numbers(held, big, |b| u64::from_le_bytes(b) as f64),
        Scalar::I64 => numbers(held, big, |b| i64::from_le_bytes(b) as f64),
        Scalar::F32 => numbers(held, big, |b| f64::from(f32::from_le_bytes(b))),
        Scalar::F64 => numbers(held, big, f64::from_le_bytes),
        Scalar::Unicode(length) => texts(held, 4 * length, |chunk| {
            let point =
                |b: &[u8; 4]| if big { u32::from_be_bytes(*b) } else { u32::from_le_bytes(*b) };
            let points = chunk.as_chunks::<4>().0.iter().map(point).take_while(|p| *p != 0);
            points.map(char::from_u32).collect()
        })?,
        Scalar::Ascii(length) => texts(held, length, |chunk| {
            let text = chunk.split(|b| *b == 0).next().unwrap_or_default();
            std::str::from_utf8(text).ok().map(str::to_string)
        })?,
        Scalar::U8 | Scalar::Bool => Values::Bytes(Vec::new()),
    })
}

fn texts(
    bytes: &[u8],
    length: usize,
    read: impl Fn(&[u8]) -> Option<String>,
) -> Result<Values, (usize, String)> {
    let mut levels = Vec::new();
    let mut known: HashMap<&[u8], u32> = HashMap::new();
    let mut codes = Vec::with_capacity(bytes.len() / length.max(1));
    for (i, chunk) in bytes.chunks_exact(length.max(1)).enumerate() {
        if let Some(&code) = known.get(chunk) {
            codes.push(code);
            continue;
        }
        let text = read(chunk).ok_or_else(|| (i, "a text that is not Unicode".to_string()))?;
        let code = match text.trim().is_empty() {
            true => MISSING,
            false => {
                levels.push(text);
                levels.len() as u32 - 1
            }
        };
        known.insert(chunk, code);
        codes.push(code);
    }
    Ok(Values::Texts(levels, codes))
}

/// Values whose first dimension is fastest, brought to the order in which the last is.
fn in_c_order(values: Values, shape: &[usize]) -> Values {
    match values {
        Values::Bytes(v) => Values::Bytes(reordered(&v, shape)),
        Values::Truths(v) => Values::Truths(reordered(&v, shape)),
        Values::Numbers(v) => Values::Numbers(reordered(&v, shape)),
        Values::Texts(levels, v) => Values::Texts(levels, reordered(&v, shape)),
    }
}

fn reordered<T: Copy>(values: &[T], shape: &[usize]) -> Vec<T> {
    // How far apart neighbours of a dimension lie in Fortran's order.
    let strides: Vec<usize> = (0..shape.len()).map(|d| shape[..d].iter().product()).collect();
    let mut index = vec![0; shape.len()];
    let mut kept = Vec::with_capacity(values.len());
    let mut at = 0;
    for _ in 0..values.len() {
        kept.push(values[at]);
        for d in (0..shape.len()).rev() {
            index[d] += 1;
            at += strides[d];
            if index[d] < shape[d] {
                break;
            }
            at -= strides[d] * shape[d];
            index[d] = 0;
        }
    }
    kept
}

#[cfg(test)]
mod tests;
