//! Tables as published made readable: a line of names, without leading lines, without what ends every line.

use crate::catalogue::Table;
use std::io::{self, BufRead, Read};

/// Longest line; longer ones are no table.
const MAX_LINE: u64 = 1 << 20;

/// A reader of a table that was changed in the way the catalogue says.
pub struct Readable<'a, R> {
    lines: R,
    how: &'a Table,
    /// What is to be given next, and how much of it was.
    ready: Vec<u8>,
    given: usize,
    begun: bool,
}

impl<'a, R: BufRead> Readable<'a, R> {
    /// Of a table as published.
    pub fn new(lines: R, how: &'a Table) -> Readable<'a, R> {
        Readable { lines, how, ready: Vec::new(), given: 0, begun: false }
    }

    /// Makes the next line ready; `false` at the end.
    fn next(&mut self) -> io::Result<bool> {
        self.ready.clear();
        self.given = 0;
        if !std::mem::replace(&mut self.begun, true) {
            for _ in 0..self.how.skip_lines {
                self.line()?;
            }
            self.ready.clear();
            if !self.how.columns.is_empty() {
                self.ready.extend(self.how.columns.join(",").bytes());
                self.ready.push(b'\n');
                return Ok(true);
            }
        }
        if !self.line()? {
            return Ok(false);
        }
        let end = self.ready.trim_ascii_end().len();
        if !self.how.strip_end.is_empty()
            && self.ready[..end].ends_with(self.how.strip_end.as_bytes())
        {
            self.ready.drain(end - self.how.strip_end.len()..end);
        }
        Ok(true)
    }

    fn line(&mut self) -> io::Result<bool> {
        self.ready.clear();
        let read = (&mut self.lines).take(MAX_LINE).read_until(b'\n', &mut self.ready)?;
        match read as u64 == MAX_LINE {
            true => Err(io::Error::other("a line of more than a million bytes: no table")),
            false => Ok(read > 0),
        }
    }
}

impl<R: BufRead> Read for Readable<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            if !self.next()? {
                return Ok(0);
            }
        }
        let count = into.len().min(self.ready.len() - self.given);
        into[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, how: &Table, expected: &str) {
        let mut made = String::new();
        Readable::new(text.as_bytes(), how).read_to_string(&mut made).unwrap();
        assert_eq!(made, expected);
    }

    #[test]
    fn lines_are_changed_as_the_catalogue_says() {
        let none = Table::default();
        check("1,2\n\n3,4.", &none, "1,2\n\n3,4.");
        let columns = vec!["a".into(), "b".into()];
        check("1,2\n", &Table { columns: columns.clone(), ..Table::default() }, "a,b\n1,2\n");
        let how = Table { columns, skip_lines: 1, strip_end: ".".into() };
        check("|comment.\n1, 2.5.\r\n3,4\n5,6.", &how, "a,b\n1, 2.5\r\n3,4\n5,6");
        check("", &how, "a,b\n");
    }
}
