//! Every number that was found by measuring, and the caches it depends on. None of them has any
//! influence on a result: they only say how work is cut up.

use crate::Isa;
use crate::kernel::blocks::Cut;
use crate::kernel::list;
use crate::product::Listed;

/// Turns of the waiting loop before an idle helper sleeps: some 100 µs, longer than what a training
/// step does between two products, short enough that an idle team costs nothing.
pub(crate) const SPIN: usize = 4_000;
/// Turns after which somebody who waits for another thread lets the system run it, in case both
/// share a core.
pub(crate) const YIELD: usize = 2_000;

/// Multiply-adds worth a thread of their own: some 2 µs, twice what a fork and join costs.
pub(crate) const WORK: usize = 1 << 17;
/// Values worth a thread of their own in an elementwise pass, for the same reason.
pub(crate) const VALUES: usize = 1 << 14;
/// Values ahead of which an optimizer's sweep claims parameters: other threads have read them, and must let
/// go of each line before it is written.
pub(crate) const SWEEP_AHEAD: usize = 1024;
/// Values of a piece of an optimizer's sweep or of a random stream.
pub(crate) const PIECE: usize = 1 << 14;
/// Values of a cache line: pieces of columns are multiples of it.
pub(crate) const LINE: usize = 16;
/// The least columns a thread gets of a product: fewer leave the tiles half empty.
pub(crate) const COLS: usize = 48;
/// The least rows a thread gets of a product.
pub(crate) const ROWS: usize = 8;
/// Blocks of a product for each thread, so that one who was held up is helped out.
pub(crate) const BLOCKS: usize = 1;
/// Rows of `B` that the first tile of a block fetches ahead: at a dozen cycles a row, longer than the
/// third-level cache takes.
pub(crate) const AHEAD: u32 = 16;
/// The same for a product of one row, which takes wide rows of `B` a few cycles each.
pub(crate) const ROW_AHEAD: u32 = 4;
/// Lines of weights that lie together input after input: their sums fit in registers, and a layer of a few
/// hundred outputs has strips for several threads.
pub(crate) const STRIP: usize = 4;
/// The same as [`ROW_AHEAD`] for weights in strips, whose rows are four lines.
pub(crate) const STRIP_AHEAD: usize = 12;

/// From this many rows on `A` is too large to come near again for every tile of columns.
const TALL: usize = 1024;
/// What copying a block of `B` costs, as so many rows of the product with it.
pub(crate) const COPY: usize = 8;
/// The least columns of a product that pay for lists of `A`,
pub(crate) const LIST_COLS: usize = 48;
/// and the least rows.
pub(crate) const LIST_ROWS: usize = 12;
/// The least columns of a product that pay for lists without gaps.
pub(crate) const COPY_COLS: usize = 96;
/// The multiply-adds that pay for a look at `A`, whether many of its values are zero.
pub(crate) const LIST_WORK: usize = 1 << 21;
/// Rows of `A` so many values apart, or a multiple of it, are listed as well: they share a few sets of
/// a cache.
pub(crate) const LIST_STEP: usize = 512;
/// Rows of `B` a multiple of this apart share so few sets of the first level that they are copied together.
pub(crate) const MEET_STEP: usize = 256;
/// Rows of a piece of a gradient whose whole rows do not stay in the second level: so many that
/// reading its `B` once a piece costs little.
pub(crate) const PIECE_ROWS: usize = 128;
/// The least columns of a piece of which a few rows are computed at a time.
pub(crate) const PIECE_COLS: usize = 256;
/// Such rows are a multiple of this: whole tiles.
pub(crate) const TURN_ROWS: usize = 12;

/// Bytes of the first level of the processors that multiply two vectors of 512 bits a cycle.
const TWO_WIDE: usize = 48 << 10;
/// Bytes of the second level of processors whose third level is slow: it holds more, so that less comes from there.
const LARGE: usize = 2 << 20;

/// Sizes of the data caches of a core in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caches {
    /// First level.
    pub l1: usize,
    /// Second level.
    pub l2: usize,
}

impl Caches {
    /// What the system says of the first core; where it says nothing, what every core of the last
    /// ten years has.
    pub(crate) fn detect() -> Caches {
        let size = |level: usize, otherwise: usize| data_cache(level).unwrap_or(otherwise);
        Caches { l1: size(1, 32 << 10), l2: size(2, 256 << 10) }
    }
    /// How products are cut up for an instruction set.
    pub(crate) fn plan(self, isa: Isa) -> Plan {
        let gradient = self.l2 / 4 / VALUE;
        if isa == Isa::Avx512 { self.wide(gradient) } else { self.narrow(gradient) }
    }

    /// Tiles of 48 columns: there is so much to do with a value of `B` that it may come from the
    /// second level, and three lines of each row that it is mostly read in place.
    fn wide(self, gradient: usize) -> Plan {
        const TILE: usize = 48;
        let large = self.l2 >= LARGE;
        // A block of `B` fills at most half of the second level, and the rows of `A` for a tile three
        // quarters of the first; where the second is large, it holds both.
        let (a, b) = (self.l1 * 3 / 4 / (VALUE * ROWS), self.l2 / 2 / (VALUE * TILE));
        let depth = if large { 4096 } else { a.min(b).clamp(256, 4096) / LINE * LINE };
        // Two multipliers of 512 bits ask for a line of `B` a cycle, which only the first level sustains.
        let terms = if self.l1 >= TWO_WIDE { self.near(PAIR_COLS) } else { 512 };
        let pairs = self.list(PAIR_COLS, terms);
        let mut list = self.list(TILE, 512);
        if large {
            // Lists are made anew for each slab, of which no more than a strip must be near: 2048 columns are one.
            list.cols = 43 * TILE;
        }
        Plan {
            cut: Cut { depth, rows: usize::MAX, cols: TILE },
            list,
            pairs,
            list_work: LIST_WORK,
            // A tile takes half a line of each row, and the next one finds the other half gone.
            columns: if large { 384 } else { usize::MAX },
            meet: false,
            tall: if large { usize::MAX } else { TALL },
            // The copy costs what two rows cost, and spares conflicts of lines that lie a power of two
            // apart. Neighbouring rows of a narrow matrix share pages and do not meet in the same
            // sets of a cache.
            pack_rows: 48,
            pack_step: if large { 512 } else { 768 },
            // Whole rows where some fit, since long runs are fetched ahead by the processor.
            whole_rows: LINE,
            piece_rows: LINE,
            gradient,
        }
    }

    /// Tiles of 16 columns, which take a line of each row of `B`: it is copied together for all but a
    /// few rows, and so are the columns of `A`.
    fn narrow(self, gradient: usize) -> Plan {
        const TILE: usize = 16;
        // `B` for a tile fills the first level.
        let cut = self.list(TILE, self.near(TILE).clamp(256, 1024));
        Plan {
            cut,
            list: cut,
            pairs: self.list(3 * TILE, self.near(3 * TILE)),
            list_work: LIST_WORK,
            columns: 0,
            meet: true,
            tall: TALL,
            pack_rows: 12,
            pack_step: 64,
            whole_rows: PIECE_ROWS,
            piece_rows: usize::MAX,
            gradient,
        }
    }

    /// Rows of `B`, so many columns wide, that fill the first level.
    fn near(self, cols: usize) -> usize {
        self.l1 / (VALUE * cols) / LINE * LINE
    }

    /// Blocks of which `A` fills three eighths of the second level. `B` for a slab is as large as that,
    /// which is near enough: it is read a tile's columns at a time, for all rows.
    fn list(self, tile: usize, depth: usize) -> Cut {
        let rows = (self.l2 * 3 / 8 / (VALUE * depth)).clamp(48, 960) / 24 * 24;
        let cols = (self.l2 / (VALUE * depth)).clamp(tile.max(64), 512) / tile * tile;
        Cut { depth, rows, cols }
    }
}

/// How products and steps along gradients are cut up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Blocks of a product.
    pub cut: Cut,
    /// The same where the terms of `A` are listed for tiles, or blocks of many rows shall stay near,
    pub list: Cut,
    /// and where they are listed in pairs.
    pub pairs: Cut,
    /// The multiply-adds that pay for a look whether they should be.
    pub list_work: usize,
    /// From this depth on the terms of `A` are listed for tiles where columns of it are wanted.
    pub columns: usize,
    /// Whether the terms of `A` are listed for tiles where rows of it meet in the same sets of a cache.
    pub meet: bool,
    /// From this many rows on copied blocks of `B` are many tiles wide.
    pub tall: usize,
    /// From this many rows on a block of `B` is copied together before it is used,
    pub pack_rows: usize,
    /// unless the step between its rows, in values, is smaller.
    pub pack_step: usize,
    /// Pieces of a gradient have whole rows where so many fit.
    pub whole_rows: usize,
    /// Rows of a piece, if as many fit and if they are work enough.
    pub piece_rows: usize,
    /// Values of a piece of a gradient: a quarter of the second level.
    pub gradient: usize,
}

impl Plan {
    /// What a thread keeps room for.
    pub(crate) fn rooms(self) -> [usize; 3] {
        [self.right(), self.left(), self.gradient]
    }

    /// Blocks of a product whose terms are listed.
    pub(crate) fn lists(&self, listed: Listed) -> &Cut {
        if listed == Listed::Pairs { &self.pairs } else { &self.list }
    }

    /// Values of a copy of `B`.
    pub(crate) fn right(&self) -> usize {
        /// No tile has more columns, but of pairs.
        const WIDEST: usize = 64;
        let block = |cut: Cut, widest: usize| cut.depth * cut.cols.max(widest);
        let [cut, list] = [self.cut, self.list].map(|cut| block(cut, WIDEST));
        // Or all of it for a piece of a gradient, whose width is a multiple of a line.
        let piece = 2 * self.gradient + self.list.depth.max(self.pairs.depth) * LINE;
        cut.max(list).max(block(self.pairs, PAIR_COLS)).max(piece)
    }

    /// Values of lists of `A`.
    pub(crate) fn left(&self) -> usize {
        let room = |cut: Cut| list::room(cut.rows, cut.depth);
        room(self.list).max(room(self.pairs))
    }

    /// How the gradient of weights with `outs` outputs from `n` examples is cut into pieces.
    pub(crate) fn piece(&self, outs: usize, n: usize, listed: Listed) -> Piece {
        let (lists, cut) = (listed != Listed::Not, self.lists(listed));
        // Of wide rows a few are computed and moved at a time, while what is moved next is fetched. `B`
        // fills at most half of the second level and stays there.
        let few = self.gradient * 3 / 8;
        let most = (2 * self.gradient / n.max(1)).min(few / TURN_ROWS);
        let wide = outs * PIECE_ROWS > self.gradient && most >= PIECE_COLS;
        if lists && wide && n <= cut.depth {
            let width = even(outs, most);
            let rows = few / width / TURN_ROWS * TURN_ROWS;
            let rows = rows.min(cut.rows).max(TURN_ROWS);
            return Piece { width, height: PIECE_ROWS, fit: usize::MAX, rows };
        }
        let whole = if lists { PIECE_ROWS } else { self.whole_rows };
        let fits = outs * whole <= self.gradient;
        let width = if fits { outs } else { even(outs, self.gradient / PIECE_ROWS) };
        let fit = (self.gradient / width).max(1);
        let height = match width == outs {
            false => PIECE_ROWS,
            // `B` is copied for each piece, so pieces are tall.
            true if lists => usize::MAX,
            true => self.piece_rows,
        };
        Piece { width, height, fit, rows: fit }
    }
}

/// The width of pieces of `outs` columns, at most about `most` and all about equally wide.
fn even(outs: usize, most: usize) -> usize {
    match outs.div_ceil(most) {
        0 | 1 => outs,
        across => outs.div_ceil(across).next_multiple_of(LINE),
    }
}

/// How a gradient is cut into pieces.
pub(crate) struct Piece {
    /// Columns.
    pub width: usize,
    /// Rows, if so many fit.
    pub height: usize,
    /// Most rows.
    pub fit: usize,
    /// Rows that are computed before they are moved.
    pub rows: usize,
}

/// No tile of two rows has more columns.
const PAIR_COLS: usize = 128;

/// Bytes of a value.
const VALUE: usize = size_of::<f32>();

/// The size of the data cache of a level, in bytes, where Linux tells it.
fn data_cache(level: usize) -> Option<usize> {
    let folder = std::path::Path::new("/sys/devices/system/cpu/cpu0/cache");
    (0..8).find_map(|index| {
        let read = |file: &str| {
            let path = folder.join(format!("index{index}")).join(file);
            Some(std::fs::read_to_string(path).ok()?.trim().to_owned())
        };
        let holds_data = read("type").is_some_and(|kind| kind != "Instruction");
        let here = read("level").is_some_and(|at| at.parse() == Ok(level));
        if !(holds_data && here) {
            return None;
        }
        let size = read("size")?;
        let (digits, unit) = size.split_at(size.find(|c: char| !c.is_ascii_digit())?);
        let unit = match unit {
            "K" => 1 << 10,
            "M" => 1 << 20,
            _ => return None,
        };
        Some(digits.parse::<usize>().ok()? * unit).filter(|size| (1 << 14..1 << 28).contains(size))
    })
}

/// The step between the rows of a matrix of rows of `width` values: an odd number of cache lines
/// where rows are long, so that they do not meet in the same sets of a cache.
pub(crate) fn padded(width: usize) -> usize {
    if width < 256 { width } else { (width.div_ceil(LINE) | 1) * LINE }
}
