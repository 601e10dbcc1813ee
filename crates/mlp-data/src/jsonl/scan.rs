//! One line of JSON Lines: an object whose values are texts, numbers, truths or null (RFC 8259).
//! Values are given as they are written.

use std::borrow::Cow;

/// A place in a line and what is wrong there.
type Wrong = (String, String);

/// Calls `see` with every key and its value, the empty text for null.
///
/// # Errors
/// Where in the line (`, byte 7` or `, key …`), and what is wrong, also what `see` says.
pub(super) fn object(
    line: &str,
    see: &mut dyn FnMut(&str, &str) -> Result<(), String>,
) -> Result<(), Wrong> {
    let mut at = Scan { text: line, at: 0 };
    at.take(b'{', "an object in braces is needed on every line")?;
    if at.next() == Some(b'}') {
        at.at += 1;
        return at.end();
    }
    loop {
        let key = at.string("a key in double quotes is needed here")?;
        let place = || format!(", key `{}`", crate::words::shown(&key));
        at.take(b':', "a colon is needed after a key")?;
        let value = match at.next() {
            Some(b'"') => at.string("")?,
            Some(b'{') => return Err((place(), nested("an object"))),
            Some(b'[') => return Err((place(), nested("an array"))),
            _ => Cow::Borrowed(at.plain()?),
        };
        see(&key, &value).map_err(|what| (place(), what))?;
        match at.next() {
            Some(b',') => at.at += 1,
            Some(b'}') => {
                at.at += 1;
                return at.end();
            }
            _ => return Err(at.wrong("a comma or closing brace is needed here")),
        }
    }
}

fn nested(what: &str) -> String {
    format!(
        "{what}, where a number, text, truth or null is needed; give each of its parts a key of its own"
    )
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn wrong(&self, what: &str) -> Wrong {
        (format!(", byte {}", self.at.min(self.text.len())), what.to_string())
    }
    fn bytes(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }
    /// The next byte after white space.
    fn next(&mut self) -> Option<u8> {
        let space = |b: &&u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
        self.at += self.bytes().iter().take_while(space).count();
        self.bytes().first().copied()
    }
    fn take(&mut self, byte: u8, what: &str) -> Result<(), Wrong> {
        match self.next() {
            Some(b) if b == byte => {
                self.at += 1;
                Ok(())
            }
            _ => Err(self.wrong(what)),
        }
    }
    fn end(&mut self) -> Result<(), Wrong> {
        match self.next() {
            None => Ok(()),
            Some(_) => Err(self.wrong("more than one object on a line")),
        }
    }
    /// A number, truth or null; `NaN`, which some writers put, is missing too.
    fn plain(&mut self) -> Result<&'a str, Wrong> {
        let word = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        let length = self.bytes().iter().take_while(word).count();
        let text = &self.text[self.at..self.at + length];
        let value = match text {
            "null" | "NaN" => "",
            "true" | "false" | "Infinity" | "-Infinity" => text,
            "" => return Err(self.wrong("a value is needed here")),
            _ => {
                let good = number(text.as_bytes());
                if good < length {
                    self.at += good;
                    return Err(self.wrong("neither a number nor true, false or null"));
                }
                text
            }
        };
        self.at += length;
        Ok(value)
    }
    fn string(&mut self, what: &str) -> Result<Cow<'a, str>, Wrong> {
        self.take(b'"', what)?;
        let start = self.at;
        let text = self.text;
        let mut kept = String::new();
        let mut from = start;
        loop {
            let stop = |b: &u8| matches!(b, b'"' | b'\\' | 0..=0x1F);
            let Some(length) = self.bytes().iter().position(stop) else {
                self.at = text.len();
                return Err(self.wrong("a text is not closed"));
            };
            self.at += length;
            match self.bytes()[0] {
                b'"' => {
                    let end = self.at;
                    self.at += 1;
                    return Ok(match from == start {
                        true => Cow::Borrowed(&text[start..end]),
                        false => Cow::Owned(kept + &text[from..end]),
                    });
                }
                b'\\' => {
                    kept.push_str(&text[from..self.at]);
                    kept.push(self.escape()?);
                    from = self.at;
                }
                _ => return Err(self.wrong("a control character within a text")),
            }
        }
    }
    /// The character that an escape stands for.
    fn escape(&mut self) -> Result<char, Wrong> {
        let simple = match self.bytes().get(1) {
            Some(b'u') => return self.unicode(),
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(&b @ (b'"' | b'\\' | b'/')) => char::from(b),
            _ => return Err(self.wrong("an unknown escape")),
        };
        self.at += 2;
        Ok(simple)
    }
    fn unicode(&mut self) -> Result<char, Wrong> {
        let code = |at: usize| {
            let digits = self.text.as_bytes().get(at..at + 6)?.strip_prefix(b"\\u")?;
            let digits = std::str::from_utf8(digits).ok()?;
            let hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
            u32::from_str_radix(digits, 16).ok().filter(|_| hex)
        };
        let (value, length) = match (code(self.at), code(self.at + 6)) {
            (Some(high @ 0xD800..=0xDBFF), Some(low @ 0xDC00..=0xDFFF)) => {
                (0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00), 12)
            }
            (Some(one), _) => (one, 6),
            (None, _) => return Err(self.wrong("four hexadecimal digits are needed after \\u")),
        };
        let Some(c) = char::from_u32(value) else {
            return Err(self.wrong("half of a surrogate pair"));
        };
        self.at += length;
        Ok(c)
    }
}

/// How many bytes are a number of JSON.
fn number(text: &[u8]) -> usize {
    let digits = |at: usize| text[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(text.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || whole > 1 && text[at] == b'0' {
        return at + whole.min(1);
    }
    at += whole;
    if text.get(at) == Some(&b'.') {
        match digits(at + 1) {
            0 => return at,
            n => at += 1 + n,
        }
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        match text.get(at + 1 + sign..).map_or(0, |_| digits(at + 1 + sign)) {
            0 => return at,
            n => at += 1 + sign + n,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(line: &str) -> Result<Vec<(String, String)>, Wrong> {
        let mut all = Vec::new();
        object(line, &mut |key, value| {
            all.push((key.to_string(), value.to_string()));
            Ok(())
        })?;
        Ok(all)
    }

    #[test]
    fn numbers_end_where_their_grammar_does() {
        for (text, good) in [
            ("0", 1),
            ("-0.5e+10", 8),
            ("1.", 1),
            ("01", 1),
            ("1e", 1),
            ("-", 1),
            ("1E5x", 3),
            ("1e+", 1),
        ] {
            assert_eq!(number(text.as_bytes()), good, "{text}");
        }
    }

    #[test]
    fn escapes() {
        let line = r#"{"a\"b": "\u0041\ud83d\ude00\t\/\\", "c": ""}"#;
        let expected = [("a\"b".to_string(), "A😀\t/\\".to_string()), ("c".into(), String::new())];
        assert_eq!(pairs(line).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_named(line in "[{}\\[\\]\",:\\\\a-u0-9.eE+ -]{0,40}") {
            let _ = pairs(&line);
        }

        #[test]
        fn what_was_written_is_read(key in any::<String>(), value in any::<String>(), n in any::<i32>()) {
            let quoted = |text: &str| {
                let escape = |c: char| match c {
                    '"' | '\\' => format!("\\{c}"),
                    c if (c as u32) < 0x20 => format!("\\u{:04x}", c as u32),
                    c => c.to_string(),
                };
                text.chars().map(escape).collect::<String>()
            };
            let line = format!("{{\"{}\":\"{}\",\"n\":{n}}}", quoted(&key), quoted(&value));
            let expected = vec![(key, value), ("n".to_string(), n.to_string())];
            prop_assert_eq!(pairs(&line).unwrap(), expected);
        }
    }
}
