//! Text cut into fields and rows: delimiters, quotes, line ends. What a cell means is not known
//! here. All work is on bytes: what separates is ASCII, which never occurs within a character of
//! UTF-8.

use csv::StringRecord;
use memchr::{memchr, memrchr};

/// How fields are told apart: as RFC 4180 has it, lines ending in `\n`, `\r\n` or `\r`, empty lines
/// skipped. Spaces before a cell are no part of it, so that a quote may follow them.
#[derive(Clone, Copy)]
pub(super) struct Dialect {
    delimiter: u8,
    /// Whether a byte ends a cell that has no quotes.
    ends: [bool; 256],
}

/// A cell as it stands, its quotes gone.
pub(super) struct Cell<'a> {
    pub(super) text: &'a [u8],
    /// The place of what ends it: a delimiter, a line end, or the end of the text.
    pub(super) end: usize,
    /// Line ends within its quotes.
    pub(super) lines: u64,
}

impl Dialect {
    pub(super) fn new(delimiter: u8) -> Dialect {
        let mut ends = [false; 256];
        for end in [delimiter, b'\n', b'\r'] {
            ends[usize::from(end)] = true;
        }
        Dialect { delimiter, ends }
    }

    /// Whether a cell may end at `at`.
    #[inline]
    pub(super) fn ends_at(&self, bytes: &[u8], at: usize) -> bool {
        bytes.get(at).is_none_or(|b| self.ends[usize::from(*b)])
    }

    /// Whether a further cell of the row follows the one that ends at `at`.
    #[inline]
    pub(super) fn goes_on(&self, bytes: &[u8], at: usize) -> bool {
        bytes.get(at) == Some(&self.delimiter)
    }

    /// The start of the next row at or after `at`, and the number of `\n` on the way; `None` at the
    /// end.
    #[inline]
    pub(super) fn row(&self, bytes: &[u8], mut at: usize) -> Option<(usize, u64)> {
        let mut lines = 0;
        while let b @ (b'\n' | b'\r') = *bytes.get(at)? {
            lines += u64::from(b == b'\n');
            at += 1;
        }
        Some((at, lines))
    }

    /// The cell that begins at `at`; `scratch` holds its text where quotes are taken out of the
    /// midst of it.
    #[inline]
    pub(super) fn cell<'a>(
        &self,
        bytes: &'a [u8],
        at: usize,
        scratch: &'a mut Vec<u8>,
    ) -> Cell<'a> {
        let start = after_spaces(bytes, at);
        if bytes.get(start) == Some(&b'"') {
            return self.quoted(bytes, start + 1, scratch);
        }
        let end = self.end(bytes, start);
        Cell { text: &bytes[start..end], end, lines: 0 }
    }

    /// The first place from `at` on that ends a cell without quotes.
    #[inline]
    fn end(&self, bytes: &[u8], at: usize) -> usize {
        let rest = &bytes[at..];
        at + rest.iter().position(|b| self.ends[usize::from(*b)]).unwrap_or(rest.len())
    }

    /// The cell whose opening quote stands before `at`. What follows the closing quote belongs to
    /// it, as for most readers.
    fn quoted<'a>(&self, bytes: &'a [u8], at: usize, scratch: &'a mut Vec<u8>) -> Cell<'a> {
        let lines = |to: usize| bytes[at..to].iter().filter(|b| **b == b'\n').count() as u64;
        let Some(close) = memchr(b'"', &bytes[at..]).map(|i| at + i) else {
            let end = bytes.len();
            return Cell { text: &bytes[at..], end, lines: lines(end) };
        };
        if self.ends_at(bytes, close + 1) {
            return Cell { text: &bytes[at..close], end: close + 1, lines: lines(close) };
        }
        scratch.clear();
        let (mut from, mut close) = (at, close);
        while bytes.get(close + 1) == Some(&b'"') {
            scratch.extend_from_slice(&bytes[from..=close]);
            from = close + 2;
            close = memchr(b'"', &bytes[from..]).map_or(bytes.len(), |i| from + i);
        }
        scratch.extend_from_slice(&bytes[from..close]);
        let after = (close + 1).min(bytes.len());
        let end = self.end(bytes, after);
        scratch.extend_from_slice(&bytes[after..end]);
        Cell { text: scratch, end, lines: lines(close) }
    }

    /// How many of these bytes, the first of which begins a row, are whole rows: all up to the last
    /// line end that is not within quotes.
    pub(super) fn whole_rows(&self, bytes: &[u8]) -> usize {
        // Of old files whose lines end in `\r` alone.
        let (mut border, mut old_border, mut at) = (0, 0, 0);
        loop {
            let quote = memchr(b'"', &bytes[at..]).map(|i| at + i);
            let plain = &bytes[at..quote.unwrap_or(bytes.len())];
            match memrchr(b'\n', plain) {
                Some(i) => border = at + i + 1,
                None if border > 0 => {}
                None => old_border = memrchr(b'\r', plain).map_or(old_border, |i| at + i + 1),
            }
            let next = match quote {
                Some(quote) if self.opens(bytes, at, quote) => after_quotes(bytes, quote + 1),
                Some(quote) => Some(quote + 1),
                None => None,
            };
            match next {
                Some(next) => at = next,
                None => return if border > 0 { border } else { old_border },
            }
        }
    }

    /// Whether a quote begins a cell. There is none between `from` and it; one before `from`,
    /// unless that is the start.
    fn opens(&self, bytes: &[u8], from: usize, quote: usize) -> bool {
        let spaces = bytes[from..quote].iter().rev().take_while(|b| **b == b' ').count();
        match quote - spaces {
            0 => true,
            start if start == from => false,
            start => self.ends[usize::from(bytes[start - 1])],
        }
    }

    /// The first rows of a text, up to `most`, cells trimmed.
    pub(super) fn head(&self, text: &str, most: usize) -> Vec<StringRecord> {
        let (bytes, mut scratch, mut at) = (text.as_bytes(), Vec::new(), 0);
        let mut rows = Vec::new();
        while rows.len() < most
            && let Some((start, _)) = self.row(bytes, at)
        {
            let mut row = StringRecord::new();
            at = start;
            loop {
                let cell = self.cell(bytes, at, &mut scratch);
                row.push_field(String::from_utf8_lossy(cell.text).trim());
                at = cell.end;
                if !self.goes_on(bytes, at) {
                    break;
                }
                at += 1;
            }
            rows.push(row);
        }
        rows
    }
}

#[inline]
pub(super) fn after_spaces(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// The place after the quote that closes; `None` if there is none, or no telling whether it is one
/// of a pair.
fn after_quotes(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let quote = at + memchr(b'"', &bytes[at..])?;
        match bytes.get(quote + 1)? {
            b'"' => at = quote + 2,
            _ => return Some(quote + 1),
        }
    }
}

/// A cell without the white space around it.
#[inline]
pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    let plain = |b: Option<&u8>| b.is_none_or(|b| (0x21..0x7F).contains(b));
    if plain(text.first()) && plain(text.last()) {
        return text;
    }
    match std::str::from_utf8(text) {
        Ok(text) => text.trim().as_bytes(),
        Err(_) => text.trim_ascii(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let rows = Dialect::new(b',').head(text, usize::MAX);
        rows.iter().map(|row| row.iter().map(str::to_string).collect()).collect()
    }

    /// The rows as the crate `csv` reads them.
    fn oracle(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.has_headers(false).flexible(true).from_reader(text.as_bytes());
        let trim = |row: StringRecord| row.iter().map(|cell| cell.trim().to_string()).collect();
        reader.into_records().map(|row| trim(row.unwrap())).collect()
    }

    #[test]
    fn quotes_may_follow_spaces() {
        for (text, expected) in [
            ("1, \"a, b\"\n  \"c\", 2", vec![vec!["1", "a, b"], vec!["c", "2"]]),
            ("5\" pipe, \"x\"", vec![vec!["5\" pipe", "x"]]),
            ("\"a, \"\"b\"\", \"\"c\",  \"d\"", vec![vec!["a, \"b\", \"c", "d"]]),
            ("a, b", vec![vec!["a", "b"]]),
            ("\"a\nb\"c\r\n\r\n,\"\"\r\"x", vec![vec!["a\nbc"], vec!["", ""], vec!["x"]]),
            ("\"a\" \"b\",c", vec![vec!["a \"b\"", "c"]]),
        ] {
            assert_eq!(rows(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_crate_csv(text in "([a\" é\t]{0,3}[,\n\r\"]){0,12}[a\"\n]{0,2}") {
            // What the crate does otherwise, by intent.
            prop_assume!(!text.contains(" \""));
            prop_assert_eq!(rows(&text), oracle(&text));
        }

        #[test]
        fn whole_rows_are_rows(text in "([a\" ]{0,2}[,\n\r\"]){0,16}") {
            let dialect = Dialect::new(b',');
            let cut = dialect.whole_rows(text.as_bytes());
            let (mut joined, rest) = (rows(&text[..cut]), rows(&text[cut..]));
            let last = rest.len();
            joined.extend(rest);
            prop_assert_eq!(&joined, &rows(&text));
            // No border is overlooked, but where lines end in other ways than `\n`.
            if !text.contains('\r') {
                prop_assert!(last <= 1, "{:?} is cut at {}", text, cut);
            }
        }
    }
}
