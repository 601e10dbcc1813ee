//! CSV as a source: what is settled before the first row, and chunks made of parsed blocks.

use super::blocks::Text;
use super::layout::Layout;
use super::parse::{Misfit, Parsed, Parser, Rule, Values, joined};
use super::pass::{Pass, Sizes, Survey, Way};
use super::{cells, infer, sniff};
use crate::columns::Wanted;
use crate::date;
use crate::source::{Chunk, Source};
use crate::words::shown;
use crate::{Column, DataError, Field, Kind, Names, OpenOptions, Schema, Table};
use mlp_tensor::Exec;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Mutex;

/// CSV text as a [`Source`]; columns are typed when it is made. A file is read block by block and
/// never held as a whole: once if all kinds are given or the columns are small, else twice. Chunks
/// are of some MiB.
pub struct CsvSource<'a> {
    way: Way<'a>,
    layout: Layout,
    schema: Schema,
    parser: Parser,
    /// Parsed, but not handed out.
    ready: VecDeque<Parsed>,
    /// What gives more of them; before it begins, where it is to.
    pass: Option<Pass<'a>>,
    rest: Option<u64>,
    /// How the words of each boolean column are spelt.
    spellings: Vec<Vec<String>>,
    /// Rows handed out so far, and the line ends before the next.
    rows: u64,
    lines: u64,
    /// Whether all rows have been looked at.
    surveyed: bool,
    /// Whether the target is of words whatever it holds.
    classes: bool,
}

impl<'a> CsvSource<'a> {
    /// Settles delimiter, header, names and kinds of a file's text; unless all kinds are given it
    /// is read wholly for that.
    ///
    /// # Errors
    /// [`DataError::Io`]; see [`super::from_bytes`].
    pub fn open(
        exec: &Exec,
        path: &Path,
        options: &OpenOptions,
    ) -> Result<CsvSource<'static>, DataError> {
        let text = Text { path: path.to_path_buf(), bytes: None };
        CsvSource::with_sizes(exec, text, options, Sizes::STREAMED)
    }

    /// [`CsvSource::open`] for a text at hand; `path` only names it in messages.
    ///
    /// # Errors
    /// See [`super::from_bytes`].
    pub fn new(
        exec: &Exec,
        path: &Path,
        bytes: &'a [u8],
        options: &OpenOptions,
    ) -> Result<CsvSource<'a>, DataError> {
        let text = Text { path: path.to_path_buf(), bytes: Some(bytes) };
        CsvSource::with_sizes(exec, text, options, Sizes::STREAMED)
    }

    pub(super) fn with_sizes(
        exec: &Exec,
        text: Text<'a>,
        options: &OpenOptions,
        sizes: Sizes,
    ) -> Result<CsvSource<'a>, DataError> {
        let (start, head) = text.head()?;
        let way = Way { exec: exec.clone(), text, start, sizes };
        CsvSource::settle(&way, &head, options)
            .map_err(|error| way.text.check().err().unwrap_or(error))
    }

    fn settle(
        way: &Way<'a>,
        head: &str,
        options: &OpenOptions,
    ) -> Result<CsvSource<'a>, DataError> {
        let path = &way.text.path;
        let mut layout = Layout::new(path, head, options)?;
        let classes = options.of_words();
        let guess = infer::guess(&layout, &sniff::head(head, layout.delimiter));
        let surveyed = layout.wanted.iter().any(|w| w.kind.is_none());
        let survey = match surveyed {
            true => Survey::new(way, &layout, &guess, classes)?,
            false => Survey {
                kinds: guess,
                notes: Vec::new(),
                kept: VecDeque::new(),
                rest: Some(way.start),
            },
        };
        layout.notes.extend(survey.notes);
        let fields = layout.wanted.iter().zip(&survey.kinds);
        let field = |(w, kind): (&Wanted, &Kind)| Field { name: w.name.clone(), kind: *kind };
        Ok(CsvSource {
            way: way.clone(),
            schema: Schema { fields: fields.map(field).collect() },
            parser: Parser::new(path, &layout, &survey.kinds, false, way.start)?,
            ready: survey.kept,
            pass: None,
            rest: survey.rest,
            spellings: vec![Vec::new(); survey.kinds.len()],
            layout,
            rows: 0,
            lines: 0,
            surveyed,
            classes,
        })
    }

    /// What was decided and a user should know.
    pub fn notes(&self) -> Vec<String> {
        self.layout.notes.clone()
    }
    /// The names of all columns of the text in their order, those not read among them.
    pub fn columns(&self) -> &[String] {
        &self.layout.columns
    }

    /// The next parsed block.
    fn next_block(&mut self) -> Result<Option<Parsed>, DataError> {
        loop {
            if let Some(block) = self.ready.pop_front() {
                return Ok(Some(block));
            }
            if let Some(start) = self.rest.take() {
                self.pass = Some(self.way.pass(&self.parser, start)?);
            }
            let Some(pass) = &mut self.pass else { return Ok(None) };
            self.ready.extend(pass.step(&self.parser)?);
            if self.ready.is_empty() {
                self.pass = None;
            }
        }
    }

    /// Counts the rows of a block.
    ///
    /// # Errors
    /// If there is something wrong with them.
    fn admit(&mut self, block: &Parsed) -> Result<(), DataError> {
        let path = &self.way.text.path;
        if let Some(error) = block.broken(path, self.layout.width, self.lines) {
            return Err(self.first_error(error));
        }
        if let Some(misfit) = self.first_misfit(block) {
            return Err(self.first_error(self.misfit(&misfit)));
        }
        self.rows += block.rows as u64;
        self.lines += block.lines;
        Ok(())
    }

    /// Joins blocks, all columns at once.
    fn columns_of(&mut self, blocks: Vec<Parsed>) -> Vec<Column> {
        let label = self.layout.target;
        let mut parts: Vec<Vec<Values>> = self.schema.fields.iter().map(|_| Vec::new()).collect();
        for block in blocks {
            parts.iter_mut().zip(block.columns).for_each(|(part, values)| part.push(values));
        }
        // Each is taken by the task that joins it.
        let parts: Vec<_> =
            parts.into_iter().zip(&mut self.spellings).map(Some).map(Mutex::new).collect();
        let join = |i: usize| {
            let part = parts[i].lock().ok().and_then(|mut part| part.take());
            let (values, spellings) = part.unzip();
            let rule = match (self.schema.fields[i].kind, spellings) {
                (Kind::Boolean, Some(spellings)) => Rule::Boolean(spellings),
                (Kind::Date(order), _) => Rule::Date(order),
                _ if label == Some(i) => Rule::Label,
                _ => Rule::Word,
            };
            joined(values.unwrap_or_default(), rule)
        };
        self.way.exec.map(parts.len(), join)
    }

    /// The first cell that does not fit its column.
    fn first_misfit(&self, block: &Parsed) -> Option<Misfit> {
        let fields = self.schema.fields.iter().zip(&block.columns).enumerate();
        let dates = fields.filter_map(|(column, (field, values))| match field.kind {
            Kind::Date(order) => values.no_date(order, column),
            _ => None,
        });
        dates.chain(block.misfit.clone()).min_by_key(|misfit| (misfit.row, misfit.column))
    }

    /// What is wrong first: with the text, with its rows, or, if nothing of that, what was found in
    /// a cell.
    fn first_error(&self, found: DataError) -> DataError {
        if let Err(error) = self.way.text.check() {
            return error;
        }
        if !self.surveyed {
            let kinds: Vec<Kind> = self.schema.fields.iter().map(|f| f.kind).collect();
            if let Err(error) = Survey::new(&self.way, &self.layout, &kinds, self.classes) {
                return error;
            }
        }
        found
    }

    /// The error for a cell that does not fit its column.
    fn misfit(&self, misfit: &Misfit) -> DataError {
        let path = &self.way.text.path;
        let (line, cell) = (self.lines + misfit.line, misfit.cell.as_str());
        let Field { name, kind } = &self.schema.fields[misfit.column];
        let row = self.rows + misfit.row as u64 + 1;
        let place = format!("line {line} (row {row}), column `{name}`");
        if let Kind::Date(_) = kind {
            return DataError::malformed(path, place, date::misfit(cell, name));
        }
        if cells::number(cell).is_some() {
            return infer::infinite(path, line, name, cell);
        }
        let what = format!(
            "`{}` is not a number, which this column must hold; correct it, or leave the \
             cell empty if it is unknown",
            shown(cell)
        );
        DataError::malformed(path, place, what)
    }
}

impl Source for CsvSource<'_> {
    fn schema(&self) -> &Schema {
        &self.schema
    }
    fn target(&self) -> Option<&str> {
        None
    }
    fn next_chunk(&mut self) -> Result<Option<Chunk>, DataError> {
        let first = self.rows + 1;
        let (mut blocks, mut size) = (Vec::new(), 0);
        while size < self.way.sizes.chunk
            && let Some(block) = self.next_block()?
        {
            self.admit(&block)?;
            size += block.size();
            blocks.push(block);
        }
        let rows = (self.rows + 1 - first) as usize;
        if rows == 0 {
            return Ok(None);
        }
        let columns = self.columns_of(blocks);
        let table = Table { schema: self.schema.clone(), columns, rows };
        let names = Names::Numbered { first, count: rows };
        Ok(Some(Chunk { table, names, part: None, skipped: Vec::new() }))
    }
}
