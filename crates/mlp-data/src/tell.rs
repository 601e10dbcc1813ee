//! Which format a file has, by its first bytes; its name is never asked.

use crate::{cifar, idx, libsvm};

/// So many first bytes hold every header that is looked at.
pub(crate) const START: usize = 4096;

/// A format of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Idx,
    /// One array.
    Npy,
    /// A zip archive of arrays.
    Npz,
    Parquet,
    /// An object a line.
    Jsonl,
    Libsvm,
    /// Pictures of CIFAR; told by all bytes, since they have no header.
    Cifar,
    /// Text of another kind: CSV, TSV.
    Csv,
    /// None that can be read; what to say of it.
    Other(&'static str),
}

/// The format of a file that is not packed, of which these are the first [`START`] bytes, or all if
/// it is shorter.
pub(crate) fn tell(start: &[u8]) -> Format {
    let is = |magic: &[u8]| start.starts_with(magic);
    match () {
        () if idx::looks_like(start) && !is(&[0x1F, 0x8B]) => Format::Idx,
        () if is(b"\x93NUMPY") => Format::Npy,
        () if is(b"PK\x03\x04") && first_member(start).ends_with(b".npy") => Format::Npz,
        () if is(b"PAR1") => Format::Parquet,
        () => match other(start) {
            Some(what) => Format::Other(what),
            None if cifar::may_be(start) => Format::Cifar,
            None => text(start),
        },
    }
}

/// The name of the first member of a zip archive.
fn first_member(start: &[u8]) -> &[u8] {
    let length = start.get(26..28).map_or(0, |b| usize::from(u16::from_le_bytes([b[0], b[1]])));
    start.get(30..30 + length).unwrap_or_default()
}

fn text(start: &[u8]) -> Format {
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    let mut bytes = start.iter().copied().filter(|b| !b.is_ascii_whitespace());
    match (bytes.next(), bytes.next()) {
        (Some(b'{'), Some(b'"' | b'}')) => Format::Jsonl,
        (Some(b'['), Some(b'{')) => Format::Other(
            "one JSON array, where an object a line is needed (JSON Lines); convert it: \
             jq -c '.[]' OLD > NEW",
        ),
        _ if libsvm::looks_like(start) => Format::Libsvm,
        _ => Format::Csv,
    }
}

/// What to say of files that are clearly no table.
fn other(start: &[u8]) -> Option<&'static str> {
    const PICTURE: &str = "a picture, where a data set is needed: give the folder \
                           that holds one folder of pictures for each class (or use `predict` on a single picture)";
    let is = |magic: &[u8]| start.starts_with(magic);
    let webp = is(b"RIFF") && start.get(8..12) == Some(b"WEBP");
    match () {
        () if is(b"\x89PNG") || is(b"\xFF\xD8\xFF") || is(b"GIF8") || webp => Some(PICTURE),
        () if is(b"II*\0") || is(b"MM\0*") => Some(PICTURE),
        () if is(b"BM") && start.get(6..10) == Some(&[0; 4]) => Some(PICTURE),
        () if is(b"PK\x03\x04") || is(b"PK\x05\x06") => {
            Some("a zip archive (or spreadsheet); unpack it, or export it as CSV")
        }
        () if is(b"\x1F\x8B") || is(b"\x28\xB5\x2F\xFD") => {
            Some("packed twice; unpack it once (gunzip, unzstd)")
        }
        () if is(b"BZh") => Some("a bzip2 file; unpack it first (bunzip2)"),
        () if is(b"\xFD7zXZ") => Some("an xz file; unpack it first (unxz)"),
        () if is(b"\x89HDF\r\n") => {
            Some("an HDF5 file; save its arrays as NPZ, or export it as CSV")
        }
        () if is(b"ARROW1") => Some("an Arrow file; save it as Parquet or CSV"),
        () if start.get(257..262) == Some(b"ustar") => Some("a tar archive; unpack it first"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_their_first_bytes() {
        for (start, expected) in [
            (&b"\0\0\x08\x01\0\0\0\x01a"[..], Format::Idx),
            (b"\x93NUMPY\x01\0", Format::Npy),
            (b"PAR1....", Format::Parquet),
            (b"\n {\"a\": 1}\n", Format::Jsonl),
            (b"\xEF\xBB\xBF{}\n", Format::Jsonl),
            (b"{a},b\n1,2\n", Format::Csv),
            (b"+1 1:0.5 7:1\n-1 2:1e-3\n", Format::Libsvm),
            (b"a,b\n1,2\n", Format::Csv),
            (b"1 10:30:00\n", Format::Csv),
            (b"1 2 3\n4 5 6\n", Format::Csv),
            (b"", Format::Csv),
        ] {
            assert_eq!(tell(start), expected, "{start:?}");
        }
        let zip = |name: &[u8]| {
            let mut bytes = b"PK\x03\x04".to_vec();
            bytes.resize(30, 0);
            bytes[26] = name.len() as u8;
            [&bytes, name].concat()
        };
        assert_eq!(tell(&zip(b"x.npy")), Format::Npz);
        for other in [&zip(b"x.xml")[..], b"[ {\"a\": 1}]", b"\x28\xB5\x2F\xFD", b"\x89PNG"] {
            assert!(matches!(tell(other), Format::Other(_)), "{other:?}");
        }
    }
}
