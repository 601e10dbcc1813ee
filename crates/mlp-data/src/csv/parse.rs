//! One block of rows to columns, and what its cells say of their kinds. Blocks are parsed on
//! several threads: nothing here knows what stands before or after the block. How cells are cut:
//! `fields`; who joins blocks: `read`.

use super::blocks::{Block, is_no_text};
use super::cells;
use super::decimal::decimal;
use super::fields::{Cell, Dialect, after_spaces, trimmed};
use super::infer::Seen;
use super::intern::Words;
use super::layout::Layout;
use crate::date;
use crate::{Column, DataError, DateOrder, Kind, MISSING};
use std::path::Path;

/// What is done with a field of every row.
#[derive(Clone, Copy)]
enum Want {
    Nothing,
    /// Numbers for the column of that index.
    Number(usize),
    Words(usize),
}

/// How blocks are parsed.
pub(super) struct Parser {
    pub(super) dialect: Dialect,
    /// One a field.
    wants: Vec<Want>,
    /// For each column whether its kind is to be found out: then no cell is wrong.
    open: Vec<bool>,
    /// Where the row of the header begins, if there is one.
    header: Option<u64>,
    /// Whether values are needed, or only what they say of the kinds.
    pub(super) keep: bool,
}

/// What is in a block. Lines count from 1 at its beginning.
pub(super) struct Parsed {
    /// Where the block begins in the text.
    pub(super) start: u64,
    pub(super) rows: usize,
    /// Line ends.
    pub(super) lines: u64,
    /// Whether it holds something else than text.
    pub(super) no_text: bool,
    /// The first row with another number of fields: this number and its line. What follows is not
    /// parsed.
    pub(super) ragged: Option<(usize, u64)>,
    /// The first cell that does not fit.
    pub(super) misfit: Option<Misfit>,
    /// Without `keep` of any length.
    pub(super) columns: Vec<Values>,
    pub(super) seen: Vec<Seen>,
}

/// A cell that is no finite number in a column that must be of numbers, or no date in one of dates.
#[derive(Clone)]
pub(super) struct Misfit {
    /// Counted from 0.
    pub(super) row: usize,
    pub(super) line: u64,
    pub(super) column: usize,
    pub(super) cell: String,
}

/// The cells of a column.
pub(super) enum Values {
    Numbers(Vec<f64>),
    /// All that stands there, also what means that nothing does.
    Words {
        words: Words,
        codes: Vec<u32>,
    },
}

impl Parser {
    /// Reads the columns of `layout`, of which those that it does not give the kind of are parsed
    /// as `kinds` says; it is found out whether they are, if `open`. The text begins at byte
    /// `start`.
    pub(super) fn new(
        path: &Path,
        layout: &Layout,
        kinds: &[Kind],
        open: bool,
        start: u64,
    ) -> Result<Parser, DataError> {
        let mut wants = vec![Want::Nothing; layout.width];
        for (column, (wanted, kind)) in layout.wanted.iter().zip(kinds).enumerate() {
            if !matches!(wants[wanted.index], Want::Nothing) {
                let what = format!("column `{}` is asked for twice", wanted.name);
                return Err(DataError::malformed(path, "line 1", what));
            }
            wants[wanted.index] = match kind {
                Kind::Number => Want::Number(column),
                _ => Want::Words(column),
            };
        }
        Ok(Parser {
            dialect: Dialect::new(layout.delimiter),
            wants,
            open: layout.wanted.iter().map(|w| open && w.kind.is_none()).collect(),
            header: layout.header.then_some(start),
            keep: true,
        })
    }

    /// Parses a block.
    pub(super) fn parse(&self, block: &Block) -> Parsed {
        let mut parsed = Parsed {
            start: block.start,
            rows: 0,
            lines: 0,
            no_text: is_no_text(block),
            ragged: None,
            misfit: None,
            columns: self.columns(),
            seen: self.open.iter().map(|_| Seen::default()).collect(),
        };
        if !parsed.no_text {
            self.rows(block, &mut parsed);
            self.judge_words(&mut parsed);
        }
        parsed
    }

    fn columns(&self) -> Vec<Values> {
        let mut columns: Vec<Values> =
            self.open.iter().map(|_| Values::Numbers(Vec::new())).collect();
        for want in &self.wants {
            if let Want::Words(i) = *want {
                columns[i] = Values::Words { words: Words::default(), codes: Vec::new() };
            }
        }
        columns
    }

    fn rows(&self, bytes: &[u8], parsed: &mut Parsed) {
        let mut scratch = Vec::new();
        let (mut at, mut line) = (0, 1);
        let mut header = self.header == Some(parsed.start);
        while let Some((start, lines)) = self.dialect.row(bytes, at) {
            line += lines;
            let mut row = Row { bytes, at: start, line, inner: 0, scratch: &mut scratch };
            let width = match std::mem::take(&mut header) {
                true => row.skip(&self.dialect),
                false => self.row(&mut row, parsed),
            };
            at = row.at;
            line += row.inner;
            if width != self.wants.len() {
                parsed.ragged = Some((width, row.line));
                return;
            }
        }
        parsed.lines = line - 1 + bytes[at..].iter().filter(|b| **b == b'\n').count() as u64;
    }

    /// Parses a row; how many fields it has. Unless that is right the columns are in disorder.
    #[inline]
    fn row(&self, row: &mut Row, parsed: &mut Parsed) -> usize {
        for (field, want) in self.wants.iter().enumerate() {
            let end = match *want {
                Want::Number(column) => self.number(column, row, parsed),
                Want::Words(column) => {
                    let cell = self.dialect.cell(row.bytes, row.at, row.scratch);
                    if let Values::Words { words, codes } = &mut parsed.columns[column] {
                        codes.push(words.code(trimmed(cell.text), row.line));
                    }
                    row.inner += cell.lines;
                    cell.end
                }
                Want::Nothing => row.cell(&self.dialect).end,
            };
            if !self.dialect.goes_on(row.bytes, end) {
                row.at = end;
                parsed.rows += 1;
                return field + 1;
            }
            row.at = end + 1;
        }
        self.wants.len() + row.skip(&self.dialect)
    }

    #[inline]
    fn number(&self, column: usize, row: &mut Row, parsed: &mut Parsed) -> usize {
        let Values::Numbers(values) = &mut parsed.columns[column] else { return row.at };
        let start = after_spaces(row.bytes, row.at);
        if let Some((value, end)) = decimal(row.bytes, start)
            && self.dialect.ends_at(row.bytes, end)
        {
            values.push(value);
            return end;
        }
        self.rare_number(column, row, parsed)
    }

    /// A missing number, one in quotes or written in a rare way, or something else.
    #[cold]
    fn rare_number(&self, column: usize, row: &mut Row, parsed: &mut Parsed) -> usize {
        let (line, place) = (row.line, parsed.rows);
        let cell = row.cell(&self.dialect);
        let text = std::str::from_utf8(trimmed(cell.text)).unwrap_or_default();
        let mut value = f64::NAN;
        if !cells::is_missing(text) {
            match cells::number(text) {
                Some(number) if number.is_finite() => value = number,
                _ if self.open[column] => parsed.seen[column].look(text, line, 1),
                _ => {
                    let misfit = Misfit { row: place, line, column, cell: text.to_string() };
                    // The first in the order of the table.
                    if parsed.misfit.as_ref().is_none_or(|m| m.row == place && m.column > column) {
                        parsed.misfit = Some(misfit);
                    }
                }
            }
        }
        if let Values::Numbers(values) = &mut parsed.columns[column] {
            values.push(value);
        }
        cell.end
    }

    /// What the cells say of the columns' kinds, as far as it is not known yet.
    fn judge_words(&self, parsed: &mut Parsed) {
        let columns = parsed.columns.iter_mut().zip(&mut parsed.seen);
        for ((values, seen), _) in columns.zip(&self.open).filter(|(_, open)| **open) {
            match values {
                Values::Numbers(values) => {
                    seen.numbers(values.iter().filter(|v| !v.is_nan()).count() as u64);
                }
                Values::Words { words, codes } => {
                    let mut counts = vec![0; words.len()];
                    codes.iter().for_each(|code| counts[*code as usize] += 1);
                    for ((word, line), count) in words.iter().zip(counts) {
                        let word = std::str::from_utf8(word).unwrap_or_default();
                        seen.look(word, line, count);
                    }
                }
            }
            if !self.keep {
                *values = Values::Numbers(Vec::new());
            }
        }
    }
}

/// A row that is being parsed.
struct Row<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where it begins.
    line: u64,
    /// Line ends within it.
    inner: u64,
    scratch: &'a mut Vec<u8>,
}

impl Row<'_> {
    fn cell(&mut self, dialect: &Dialect) -> Cell<'_> {
        let cell = dialect.cell(self.bytes, self.at, self.scratch);
        self.inner += cell.lines;
        cell
    }
    /// Goes to what ends the row; how many fields were left of it.
    fn skip(&mut self, dialect: &Dialect) -> usize {
        let mut fields = 0;
        loop {
            let end = self.cell(dialect).end;
            fields += 1;
            if !dialect.goes_on(self.bytes, end) {
                self.at = end;
                return fields;
            }
            self.at = end + 1;
        }
    }
}

/// How words are told apart and what is missing.
pub(super) enum Rule<'a> {
    Word,
    /// A target of words.
    Label,
    /// `Yes` and `yes` are one level: the spelling that came first, of all blocks.
    Boolean(&'a mut Vec<String>),
    /// Not words but dates.
    Date(DateOrder),
}

impl Values {
    /// Bytes in memory.
    pub(super) fn size(&self) -> usize {
        match self {
            Values::Numbers(values) => size_of_val(values.as_slice()),
            Values::Words { words, codes } => size_of_val(codes.as_slice()) + words.size(),
        }
    }

    /// The first cell of the column of that index that is neither missing nor a date.
    pub(super) fn no_date(&self, order: DateOrder, column: usize) -> Option<Misfit> {
        let Values::Words { words, codes } = self else { return None };
        let wrong = |(_, (word, _)): &(u32, (&[u8], u64))| {
            let word = std::str::from_utf8(word).unwrap_or_default();
            !cells::is_missing(word) && date::parse(word, order).is_none()
        };
        // Words are numbered in the order in which they appear.
        let (code, (word, line)) = (0..).zip(words.iter()).find(wrong)?;
        let row = codes.iter().position(|c| *c == code)?;
        Some(Misfit { row, line, column, cell: String::from_utf8_lossy(word).into_owned() })
    }

    fn len(&self) -> usize {
        match self {
            Values::Numbers(values) => values.len(),
            Values::Words { codes, .. } => codes.len(),
        }
    }
}

/// The values of blocks, one after another, as a column of a table.
pub(super) fn joined(blocks: Vec<Values>, rule: Rule) -> Column {
    let rows = blocks.iter().map(Values::len).sum();
    match blocks.first() {
        Some(Values::Words { .. }) => match rule {
            Rule::Date(order) => dated(blocks, rows, order),
            rule => coded(blocks, rows, rule),
        },
        _ => {
            let mut all = Vec::with_capacity(rows);
            for block in blocks {
                if let Values::Numbers(values) = block {
                    all.extend_from_slice(&values);
                }
            }
            Column::Number(all.into())
        }
    }
}

/// Dates as seconds; what is none is missing.
fn dated(blocks: Vec<Values>, rows: usize, order: DateOrder) -> Column {
    let second = |word: &[u8]| {
        let word = std::str::from_utf8(word).unwrap_or_default();
        date::parse(word, order).unwrap_or(f64::NAN)
    };
    let mut all = Vec::with_capacity(rows);
    for block in blocks {
        let Values::Words { words, codes } = block else { continue };
        let seconds: Vec<f64> = words.iter().map(|(word, _)| second(word)).collect();
        all.extend(codes.iter().map(|code| seconds[*code as usize]));
    }
    Column::Number(all.into())
}

/// Replaces the codes of all that stands in the cells by codes of levels.
fn coded(blocks: Vec<Values>, rows: usize, mut rule: Rule) -> Column {
    let (mut levels, mut all) = (Words::default(), Vec::with_capacity(rows));
    for block in blocks {
        let Values::Words { words, codes } = block else { continue };
        let level = |(word, _)| level(&mut levels, word, &mut rule);
        let level_of: Vec<u32> = words.iter().map(level).collect();
        all.extend(codes.iter().map(|code| level_of[*code as usize]));
    }
    let text = |(word, _)| String::from_utf8_lossy(word).into_owned();
    Column::Category { levels: levels.iter().map(text).collect(), codes: all.into() }
}

/// The code of the level that a word means.
fn level(levels: &mut Words, word: &[u8], rule: &mut Rule) -> u32 {
    let text = std::str::from_utf8(word).unwrap_or_default();
    let missing = match rule {
        Rule::Label => cells::is_missing_label(text),
        _ => cells::is_missing(text),
    };
    match rule {
        _ if missing => MISSING,
        Rule::Boolean(spellings) => {
            let known = spellings.iter().position(|s| s.eq_ignore_ascii_case(text));
            let known = known.unwrap_or_else(|| {
                spellings.push(text.to_string());
                spellings.len() - 1
            });
            levels.code(spellings[known].as_bytes(), 0)
        }
        Rule::Word | Rule::Label | Rule::Date(_) => levels.code(word, 0),
    }
}
