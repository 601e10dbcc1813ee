//! The header of an NPY file: a Python dictionary of `descr`, `fortran_order` and `shape`.

use super::MAGIC;

/// More than the header of any array of up to 32 dimensions takes.
const MAX_LENGTH: usize = 1 << 16;
/// Longest text of an array of them, in characters: one value is then 64 KiB.
const MAX_TEXT: usize = 1 << 14;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Bool,
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F32,
    F64,
    /// So many code points of four bytes, zeros at the end.
    Unicode(usize),
    /// So many bytes, zeros at the end.
    Ascii(usize),
}

impl Scalar {
    /// Bytes a value; not 0.
    pub(super) fn size(self) -> usize {
        match self {
            Scalar::Bool | Scalar::U8 | Scalar::I8 => 1,
            Scalar::U16 | Scalar::I16 => 2,
            Scalar::U32 | Scalar::I32 | Scalar::F32 => 4,
            Scalar::U64 | Scalar::I64 | Scalar::F64 => 8,
            Scalar::Unicode(length) => 4 * length,
            Scalar::Ascii(length) => length,
        }
    }
}

/// What a header says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Header {
    pub(super) scalar: Scalar,
    pub(super) big_endian: bool,
    /// Whether the first dimension is fastest.
    pub(super) fortran: bool,
    pub(super) shape: Vec<usize>,
    /// Where the values begin.
    pub(super) start: usize,
}

/// Reads the header of a file.
///
/// # Errors
/// The byte and what is wrong there.
pub(super) fn parse(bytes: &[u8]) -> Result<Header, (usize, String)> {
    let bad = |at: usize, what: &str| Err((at, what.to_string()));
    if !bytes.starts_with(MAGIC) {
        return bad(0, "not an NPY file");
    }
    let (start, length) = match bytes.get(6..12) {
        Some([1, _, a, b, ..]) => (10, usize::from(u16::from_le_bytes([*a, *b]))),
        Some([2 | 3, _, a, b, c, d]) => (12, u32::from_le_bytes([*a, *b, *c, *d]) as usize),
        Some([version, ..]) => {
            return Err((6, format!("version {version} of NPY; 1 to 3 can be read")));
        }
        _ => return bad(bytes.len(), "the file ends within its header; fetch it again"),
    };
    if length > MAX_LENGTH {
        return Err((8, format!("a header of {length} bytes; at most {MAX_LENGTH} can be read")));
    }
    let Some(text) = bytes.get(start..start + length) else {
        return bad(8, "the header is longer than the file; fetch it again");
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return bad(start, "the header is not text");
    };
    let mut scan = Scan { text, at: 0 };
    let (scalar, big_endian, fortran, shape) =
        scan.dictionary().map_err(|what| (start + scan.at.min(text.len()), what))?;
    Ok(Header { scalar, big_endian, fortran, shape, start: start + length })
}

/// A place in the header's text.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let bare = rest.trim_start();
        self.at += rest.len() - bare.len();
        bare
    }
    fn take(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }
    fn need(&mut self, word: &str) -> Result<(), String> {
        match self.take(word) {
            true => Ok(()),
            false => Err(format!("`{word}` is needed here: the header is damaged")),
        }
    }
    fn string(&mut self) -> Result<&'a str, String> {
        let quote = if self.take("'") { '\'' } else { '"' };
        if quote == '"' {
            self.need("\"")?;
        }
        let rest = &self.text[self.at..];
        let length = rest.find(quote).ok_or("a text of the header is not closed")?;
        self.at += length + 1;
        Ok(&rest[..length])
    }
    fn dictionary(&mut self) -> Result<(Scalar, bool, bool, Vec<usize>), String> {
        let (mut kind, mut fortran, mut shape) = (None, None, None);
        self.need("{")?;
        while !self.take("}") {
            let key = self.string()?;
            self.need(":")?;
            match key {
                "descr" if self.rest().starts_with('[') => {
                    return Err("an array of records; save each of its fields as an array".into());
                }
                "descr" => kind = Some(scalar(self.string()?)?),
                "fortran_order" => fortran = Some(self.truth()?),
                "shape" => shape = Some(self.shape()?),
                _ => return Err("an unknown key of the header".into()),
            }
            if !self.take(",") {
                self.need("}")?;
                break;
            }
        }
        if !self.rest().is_empty() {
            return Err("text after the header's dictionary".into());
        }
        match (kind, fortran, shape) {
            (Some((scalar, big)), Some(fortran), Some(shape)) => Ok((scalar, big, fortran, shape)),
            _ => Err("the header lacks descr, fortran_order or shape".into()),
        }
    }
    fn truth(&mut self) -> Result<bool, String> {
        match self.take("True") {
            true => Ok(true),
            false => self.need("False").map(|()| false),
        }
    }
    fn shape(&mut self) -> Result<Vec<usize>, String> {
        self.need("(")?;
        let mut sizes = Vec::new();
        while !self.take(")") {
            let rest = self.rest();
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let size = rest[..digits].parse::<usize>();
            sizes.push(size.map_err(|_| "a size of the shape is no whole number of this machine")?);
            self.at += digits;
            // Python 2 wrote long numbers so.
            self.take("L");
            if sizes.len() > 64 {
                return Err("more than 64 dimensions".into());
            }
            if !self.take(",") {
                self.need(")")?;
                break;
            }
        }
        Ok(sizes)
    }
}

/// The type that a `descr` names, and whether its first byte is the highest.
fn scalar(descr: &str) -> Result<(Scalar, bool), String> {
    let order = descr.bytes().next().filter(|b| b"<>|=".contains(b));
    let code = &descr[usize::from(order.is_some())..];
    let length = |most: usize| {
        let length = code.get(1..).and_then(|digits| digits.parse::<usize>().ok());
        length.filter(|n| (1..=most).contains(n))
    };
    let scalar = match code {
        "b1" => Some(Scalar::Bool),
        "u1" => Some(Scalar::U8),
        "i1" => Some(Scalar::I8),
        "u2" => Some(Scalar::U16),
        "i2" => Some(Scalar::I16),
        "u4" => Some(Scalar::U32),
        "i4" => Some(Scalar::I32),
        "u8" => Some(Scalar::U64),
        "i8" => Some(Scalar::I64),
        "f4" => Some(Scalar::F32),
        "f8" => Some(Scalar::F64),
        _ if code.starts_with('U') => length(MAX_TEXT).map(Scalar::Unicode),
        _ if code.starts_with('S') => length(4 * MAX_TEXT).map(Scalar::Ascii),
        "O" => {
            return Err("an array of Python objects, which only Python can read; save it as \
                        numbers or as text: a.astype(str)"
                .into());
        }
        _ => None,
    };
    let shown = crate::words::shown(descr);
    let scalar = scalar.ok_or_else(|| {
        format!(
            "values of type `{shown}`; whole numbers, float32, float64, bool and text can be read: \
             a.astype('float32')"
        )
    })?;
    Ok((scalar, order == Some(b'>')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn types_by_their_code() {
        for (descr, expected) in [
            ("<f8", Some((Scalar::F64, false))),
            (">i4", Some((Scalar::I32, true))),
            ("|u1", Some((Scalar::U8, false))),
            ("<U10", Some((Scalar::Unicode(10), false))),
            ("|S3", Some((Scalar::Ascii(3), false))),
            ("<U0", None),
            ("<f2", None),
            ("<c16", None),
            ("|O", None),
            ("<M8[ns]", None),
            ("ü", None),
            ("", None),
        ] {
            assert_eq!(scalar(descr).ok(), expected, "{descr}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_named(text in "[{}'()\\[\\]:,a-z0-9<>| TF_]{0,80}", version in 0u8..5) {
            let mut bytes = [MAGIC.as_slice(), &[version, 0]].concat();
            let length = text.len() as u32;
            match version {
                1 => bytes.extend((length as u16).to_le_bytes()),
                _ => bytes.extend(length.to_le_bytes()),
            }
            bytes.extend(text.as_bytes());
            let _ = parse(&bytes);
        }
    }
}
