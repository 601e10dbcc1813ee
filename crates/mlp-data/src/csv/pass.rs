//! Passes over a text on all threads: blocks in, parsed blocks out, in order; and the pass that
//! finds kinds out. What is made of parsed blocks: `read`.

use super::blocks::{Block, Blocks, Text};
use super::infer::{self, Seen};
use super::layout::Layout;
use super::parse::{Parsed, Parser};
use crate::{DataError, Kind};
use mlp_tensor::Exec;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Mutex;

/// Blocks in work for each thread; as many are read meanwhile.
const BLOCKS_A_THREAD: usize = 2;

/// How a text is gone through.
#[derive(Clone)]
pub(super) struct Way<'a> {
    pub(super) exec: Exec,
    pub(super) text: Text<'a>,
    /// Where its first row begins.
    pub(super) start: u64,
    pub(super) sizes: Sizes,
}

/// How much is done at once; no result depends on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Bytes a block.
    pub(super) block: usize,
    /// Bytes of columns that are kept while kinds are found out; what is beyond is parsed again.
    pub(super) keep: usize,
    /// Bytes of columns a chunk, or as many as one block has.
    pub(super) chunk: usize,
}

impl Sizes {
    /// For rows that go elsewhere as they come.
    pub(super) const STREAMED: Sizes = Sizes { block: 1 << 20, keep: 1 << 26, chunk: 1 << 22 };
    /// For rows that are gathered in memory, where most may as well be from the beginning: tables up
    /// to this size are parsed once, and copied once to where they stay.
    pub(super) const GATHERED: Sizes = Sizes { block: 1 << 20, keep: 1 << 28, chunk: 1 << 28 };
}

/// A pass that is under way.
pub(super) struct Pass<'a> {
    exec: Exec,
    blocks: Blocks<'a>,
    /// Read, to be parsed in the next step.
    read: Vec<Block>,
    /// Room for blocks.
    spare: Vec<Block>,
}

impl<'a> Way<'a> {
    /// A pass over the rows from byte `start` on.
    pub(super) fn pass(&self, parser: &Parser, start: u64) -> Result<Pass<'a>, DataError> {
        let mut blocks = Blocks::new(self.text.clone(), parser.dialect, start, self.sizes.block)?;
        let mut spare = Vec::new();
        let read = some(&mut blocks, &mut spare, self.exec.threads())?;
        Ok(Pass { exec: self.exec.clone(), blocks, read, spare })
    }
}

impl Pass<'_> {
    /// The next blocks; none at the end.
    ///
    /// # Errors
    /// Of the disk. What is wrong with a block stands in it.
    pub(super) fn step(&mut self, parser: &Parser) -> Result<Vec<Parsed>, DataError> {
        let batch = std::mem::take(&mut self.read);
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let threads = self.exec.threads();
        let reader = Mutex::new((&mut self.blocks, &mut self.spare, Ok(Vec::new())));
        // The first task reads what the next step parses.
        let parsed = self.exec.map(batch.len() + 1, |task| match task.checked_sub(1) {
            Some(i) => Some(parser.parse(&batch[i])),
            None => {
                if let Ok(mut reader) = reader.lock() {
                    let (blocks, spare, read) = &mut *reader;
                    *read = some(blocks, spare, threads);
                }
                None
            }
        });
        self.read = match reader.into_inner() {
            Ok((.., read)) => read?,
            Err(_) => Vec::new(),
        };
        self.spare.extend(batch);
        Ok(parsed.into_iter().flatten().collect())
    }
}

/// Reads the blocks of a step.
fn some(
    blocks: &mut Blocks,
    spare: &mut Vec<Block>,
    threads: usize,
) -> Result<Vec<Block>, DataError> {
    let mut read = Vec::new();
    while read.len() < threads * BLOCKS_A_THREAD {
        let mut block = spare.pop().unwrap_or_default();
        if !blocks.next(&mut block)? {
            break;
        }
        read.push(block);
    }
    Ok(read)
}

/// What a look at all rows gives.
pub(super) struct Survey {
    pub(super) kinds: Vec<Kind>,
    /// What a user should know of them.
    pub(super) notes: Vec<String>,
    /// The first blocks, parsed as these kinds.
    pub(super) kept: VecDeque<Parsed>,
    /// Where the rows begin that are not among these.
    pub(super) rest: Option<u64>,
}

impl Survey {
    /// Goes through the whole text. Blocks are parsed as `guess` says; if that proves wrong, none
    /// is kept.
    ///
    /// # Errors
    /// A ragged row; [`infer::kinds`].
    pub(super) fn new(
        way: &Way,
        layout: &Layout,
        guess: &[Kind],
        classes: bool,
    ) -> Result<Survey, DataError> {
        let path = &way.text.path;
        let mut parser = Parser::new(path, layout, guess, true, way.start)?;
        let mut pass = way.pass(&parser, way.start)?;
        let mut seen: Vec<Seen> = guess.iter().map(|_| Seen::default()).collect();
        let (mut kept, mut rest, mut lines, mut size) = (VecDeque::new(), None, 0, 0);
        loop {
            let parsed = pass.step(&parser)?;
            if parsed.is_empty() {
                break;
            }
            for mut block in parsed {
                if let Some(error) = block.broken(path, layout.width, lines) {
                    return Err(error);
                }
                for (seen, later) in seen.iter_mut().zip(block.seen.drain(..)) {
                    seen.merge(later, lines);
                }
                lines += block.lines;
                size += block.size();
                if rest.is_none() && size <= way.sizes.keep {
                    kept.push_back(block);
                } else {
                    rest.get_or_insert(block.start);
                }
            }
            let wrong = |(seen, kind): (&Seen, &Kind)| *kind == Kind::Number && !seen.is_numeric();
            if seen.iter().zip(guess).any(wrong) {
                kept.clear();
                rest = Some(way.start);
            }
            parser.keep = rest.is_none();
        }
        let (kinds, notes) = infer::kinds(path, layout, &seen, classes)?;
        let words_only =
            |(kind, guess): (&Kind, &Kind)| *kind == Kind::Number && *guess != Kind::Number;
        if kinds.iter().zip(guess).any(words_only) {
            kept.clear();
            rest = Some(way.start);
        }
        Ok(Survey { kinds, notes, kept, rest })
    }
}

impl Parsed {
    /// What makes the block unusable, whatever its columns hold; `lines` end before it.
    pub(super) fn broken(&self, path: &Path, width: usize, lines: u64) -> Option<DataError> {
        if self.no_text {
            return Some(DataError::malformed(path, "a block of rows", "not text"));
        }
        let (fields, line) = self.ragged?;
        let what = format!(
            "{fields} fields where the first line has {width}; look for a stray delimiter or quote"
        );
        Some(DataError::malformed(path, format!("line {}", lines + line), what))
    }

    /// Bytes of its columns.
    pub(super) fn size(&self) -> usize {
        self.columns.iter().map(super::parse::Values::size).sum()
    }
}
