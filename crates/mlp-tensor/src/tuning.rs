//! Every number that was found by measuring, and the caches it depends on. None of them has any
//! influence on a result: they only say how work is cut up.

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
/// Rows of a piece of a gradient whose whole rows do not stay in the second level: so many that
/// reading its `B` once a piece costs little.
pub(crate) const FAR_ROWS: usize = 128;

/// Rows of `B` that the first tile of a block fetches ahead: at a dozen cycles a row, longer than the
/// third-level cache takes.
pub(crate) const AHEAD: usize = 16;
/// The same for a product of one row, which takes wide rows of `B` a few cycles each.
pub(crate) const ROW_AHEAD: usize = 4;
/// The same for weights of 16 bits, whose rows are half as long.
pub(crate) const NARROW_AHEAD: usize = 8;

/// From this many rows on a block of `B` is copied together before it is used: the copy costs what
/// two rows cost, and spares conflicts of lines that lie a power of two apart.
pub(crate) const PACK_ROWS: usize = 48;
/// Below this step between its rows, in values, a matrix is read in place: neighbouring rows share
/// pages and do not meet in the same sets of a cache.
pub(crate) const PACK_STRIDE: usize = 768;

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
    /// How many `k` one pass over a block of columns takes: the block of `B`, `depth × COLS` values,
    /// fills at most half of the second level, and the rows of `A` for a tile three quarters of the
    /// first.
    pub(crate) fn depth(self) -> usize {
        let (a, b) = (self.l1 * 3 / 4 / (4 * ROWS), self.l2 / 2 / (4 * COLS));
        a.min(b).clamp(256, 4096) / LINE * LINE
    }
}

impl Caches {
    /// Values of a block of `B` that is copied together: the deepest of the widest tile.
    pub(crate) fn pack_room(self) -> usize {
        self.depth() * COLS
    }
    /// Values of a block of a gradient: a quarter of the second level.
    pub(crate) fn gradient_room(self) -> usize {
        self.l2 / 4 / size_of::<f32>()
    }
    /// Both.
    pub(crate) fn rooms(self) -> [usize; 2] {
        [self.pack_room(), self.gradient_room()]
    }
}

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
