//! Looks through the headers of all pages, before one is unpacked, for sizes that lie: a reader
//! takes memory for what they say.
//!
//! A page header is a struct in Thrift's compact protocol, of which the fields 2 and 3 are the
//! sizes unpacked and packed (parquet-format, `parquet.thrift`).

use crate::DataError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use std::path::Path;

/// What any page may unpack to.
const FREE: u64 = 16 << 20;
/// Beyond that, so many bytes for a packed one.
const RATIO: u64 = 1032;
/// Structs within structs, at most.
const MAX_DEPTH: u32 = 8;

/// Looks through the pages of every column.
///
/// # Errors
/// The first lie, with its column and byte.
pub(super) fn check(
    path: &Path,
    metadata: &ParquetMetaData,
    bytes: &[u8],
) -> Result<(), DataError> {
    let most = super::FREE.max((bytes.len() as u64).saturating_mul(super::RATIO));
    let mut total = 0u64;
    for group in metadata.row_groups() {
        for chunk in group.columns() {
            let unpacked = chunk_size(chunk, bytes).map_err(|(at, what)| {
                let name = chunk.column_path().parts().join(".");
                let place = format!("column `{}`, byte {at}", crate::words::shown(&name));
                DataError::malformed(path, place, format!("{what}; fetch the file again"))
            })?;
            total = total.saturating_add(unpacked);
        }
    }
    if total > most {
        let what = format!(
            "its pages unpack to {total} bytes from {}, as no table does; export it as CSV",
            bytes.len()
        );
        return Err(DataError::malformed(path, "pages", what));
    }
    Ok(())
}

/// Bytes that all pages of a column unpack to.
fn chunk_size(chunk: &ColumnChunkMetaData, bytes: &[u8]) -> Result<u64, (usize, &'static str)> {
    let data = chunk.data_page_offset();
    // Some writers put 0 for no dictionary.
    let start = chunk.dictionary_page_offset().filter(|d| (1..data).contains(d)).unwrap_or(data);
    let (Ok(start), Ok(length)) =
        (usize::try_from(start), usize::try_from(chunk.compressed_size()))
    else {
        return Err((0, "a negative place or size"));
    };
    let end = start.saturating_add(length);
    if end > bytes.len() {
        return Err((start.min(bytes.len()), "its pages lie beyond the end of the file"));
    }
    let (mut at, mut total) = (start, 0u64);
    while at < end {
        let mut header = Compact { bytes: &bytes[..end], at };
        let Some((unpacked, packed)) = header.page() else {
            return Err((at, "the header of a page is damaged"));
        };
        let body = header.at;
        if packed > (end - body) as u64 {
            return Err((at, "a page is longer than its column"));
        }
        if unpacked > FREE.max(packed.saturating_mul(RATIO)) {
            return Err((at, "a page claims to unpack to far more than it holds"));
        }
        total = total.saturating_add(unpacked);
        at = body + packed as usize;
    }
    Ok(total)
}

/// A place in bytes of Thrift's compact protocol.
struct Compact<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Compact<'_> {
    /// The sizes of a page, unpacked and packed.
    fn page(&mut self) -> Option<(u64, u64)> {
        let (mut id, mut unpacked, mut packed) = (0i64, None, None);
        loop {
            let kind = self.field(&mut id)?;
            match (kind, id) {
                (0, _) => return Some((unpacked?, packed?)),
                (5, 2) => unpacked = Some(u64::try_from(self.signed()?).ok()?),
                (5, 3) => packed = Some(u64::try_from(self.signed()?).ok()?),
                _ => self.skip(kind, MAX_DEPTH)?,
            }
        }
    }
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }
    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
    fn signed(&mut self) -> Option<i64> {
        let value = self.unsigned()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }
    /// The type of the next field, 0 after the last; its number goes to `id`.
    fn field(&mut self, id: &mut i64) -> Option<u8> {
        let byte = self.byte()?;
        if byte & 0x0F != 0 {
            *id = match byte >> 4 {
                0 => self.signed()?,
                more => id.checked_add(i64::from(more))?,
            };
        }
        Some(byte & 0x0F)
    }
    fn skip(&mut self, kind: u8, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            1 | 2 => {}
            3 => self.at += 1,
            4..=6 => {
                self.unsigned()?;
            }
            7 => self.at += 8,
            8 => {
                let length = usize::try_from(self.unsigned()?).ok()?;
                self.at = self.at.checked_add(length)?;
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = match head >> 4 {
                    15 => self.unsigned()?,
                    few => u64::from(few),
                };
                for _ in 0..count {
                    match head & 0x0F {
                        1 | 2 => self.at += 1,
                        kind => self.skip(kind, depth)?,
                    }
                    if self.at > self.bytes.len() {
                        return None;
                    }
                }
            }
            12 => {
                let mut id = 0;
                loop {
                    match self.field(&mut id)? {
                        0 => break,
                        kind => self.skip(kind, depth)?,
                    }
                }
            }
            _ => return None,
        }
        (self.at <= self.bytes.len()).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_sizes_of_a_page_are_found() {
        // type 0, sizes 300 and 7, a struct with a list of two strings, the end.
        let header =
            [0x15, 0, 0x15, 0xD8, 4, 0x15, 14, 0x2C, 0x19, 0x28, 1, b'a', 2, b'b', b'c', 0, 0];
        let mut at = Compact { bytes: &header, at: 0 };
        assert_eq!((at.page(), at.at), (Some((300, 7)), header.len()));
        for cut in 0..header.len() {
            assert_eq!(Compact { bytes: &header[..cut], at: 0 }.page(), None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = Compact { bytes: &bytes, at: 0 }.page();
        }
    }
}
