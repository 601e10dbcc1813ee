//! JSON that people can read: an object's keys on lines of their own, a row of numbers on one line.

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use std::io::{self, Write};

/// The text of a value, with a newline at the end.
pub(crate) fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Rows::default()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Object,
    /// An array of plain values so far.
    Row,
    /// An array that holds arrays or objects.
    Block,
}

/// The open objects and arrays, the innermost last.
#[derive(Default)]
struct Rows {
    open: Vec<Level>,
}

impl Rows {
    /// A nested value inside an array starts on a line of its own.
    fn begin<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        level: Level,
        bracket: &[u8],
    ) -> io::Result<()> {
        if let Some(around @ (Level::Row | Level::Block)) = self.open.last_mut() {
            *around = Level::Block;
            self.line(out)?;
        }
        self.open.push(level);
        out.write_all(bracket)
    }

    fn end<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        let level = self.open.pop();
        if level != Some(Level::Row) {
            self.line(out)?;
        }
        out.write_all(bracket)
    }

    fn line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        out.write_all(b"\n")?;
        (0..self.open.len()).try_for_each(|_| out.write_all(b"  "))
    }
}

impl Formatter for Rows {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, Level::Row, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b",") }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, Level::Object, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        self.line(out)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_take_lines_and_rows_take_one() {
        let value = json!({ "rows": [[1, 2], [3, 4]], "words": ["a", "b"], "none": [] });
        let text = String::from_utf8(to_bytes(&value).unwrap()).unwrap();
        let expected = r#"{
  "none": [],
  "rows": [
    [1,2],
    [3,4]
  ],
  "words": ["a","b"]
}
"#;
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
