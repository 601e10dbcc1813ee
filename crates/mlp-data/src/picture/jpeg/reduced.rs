//! A JPEG at its size, a half, a quarter or an eighth of it: what a small picture is made of need
//! not be decoded larger.
//!
//! Its components come as planes of their own, each at the least size that has a pixel for every
//! pixel wanted; chroma that the file has at half the size is not enlarged. Only the usual kind is
//! decoded: see [`super::header`]. Whatever is odd or damaged gives `None`, and the whole decoder
//! has the word. Blocks beside the part that is wanted are read, but not transformed.

use super::header::{Component, Header};
use super::huffman::{Bits, Codes, END};
use super::idct::{self, Block};
use crate::picture::decode::Wanted;
use crate::picture::planes::{Grid, Plane};
use crate::picture::scratch::Scratch;
use mlp_tensor::{Exec, Work};
use std::ops::Range;
use std::rc::Rc;

/// From the zigzag order to rows.
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// A component while it is decoded.
struct Worker {
    dc: usize,
    ac: usize,
    /// In zigzag order.
    quantum: [f32; 64],
    /// Blocks of a unit, across and down.
    across: usize,
    down: usize,
    /// Pixels of a block's side.
    side: usize,
    grid: Grid,
    /// Columns and rows of blocks that are needed; none if the component is not.
    columns: Range<usize>,
    rows: Range<usize>,
    /// Their pixels, row by row.
    pixels: Scratch,
    stride: usize,
    previous: i32,
}

/// The components wanted of a picture.
pub(super) fn decode(exec: &Exec, header: &Header, wanted: &Wanted) -> Option<Vec<Plane>> {
    let first = header.components.first()?;
    let alone = header.components.len() == 1;
    let finest = if alone { (1, 1) } else { (first.across, first.down) };
    if wanted.scale() <= 1.0 {
        return None;
    }
    let (across, down) =
        (header.width.div_ceil(8 * finest.0), header.height.div_ceil(8 * finest.1));
    let segments = segments(header.scan)?;
    let blocks = header.components.iter().map(|c| c.across * c.down).sum::<usize>();
    let bytes: usize = segments.iter().map(Vec::len).sum();
    // A block has at least two bits.
    if across * down * if alone { 1 } else { blocks } > bytes * 4 {
        return None;
    }
    let mut workers = Vec::new();
    for (i, component) in header.components.iter().enumerate() {
        let unit = if alone { (1, 1) } else { (component.across, component.down) };
        let is_wanted = i == 0 || !wanted.luma_only;
        workers.push(Worker::new(header, component, unit, finest, is_wanted.then_some(wanted))?);
    }
    let codes = |table: Option<&[u8]>, is_ac: bool| table.and_then(|table| Codes::of(table, is_ac));
    let (dc, ac) =
        (header.dc.map(|table| codes(table, false)), header.ac.map(|table| codes(table, true)));
    let units = across * down;
    let each = if header.restart == 0 { units } else { header.restart };
    if segments.len() != units.div_ceil(each) {
        return None;
    }
    for (i, segment) in segments.iter().enumerate() {
        let part = i * each..((i + 1) * each).min(units);
        let workers = &mut workers;
        exec.vectorized(Scan { workers, dc: &dc, ac: &ac, segment, units: part, across })?;
    }
    let wanted = workers.into_iter().filter(|worker| !worker.columns.is_empty());
    Some(wanted.map(Worker::plane).collect())
}

/// Pixels of a block's side so that there is at least one for each pixel wanted.
fn side(scale: f64) -> usize {
    [1, 2, 4].into_iter().find(|n| scale * *n as f64 >= 8.0 * LEAST).unwrap_or(8)
}

/// Decoded pixels a pixel wanted, at least.
const LEAST: f64 = 1.0;

/// The bytes between restart markers without stuffed zeros. `None` unless the picture ends with its
/// end marker.
fn segments(mut scan: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut segments = Vec::new();
    let mut clean = Vec::with_capacity(scan.len());
    loop {
        let plain = plain(scan);
        clean.extend_from_slice(&scan[..plain]);
        let &[_, next] = scan.get(plain..)?.first_chunk()?;
        scan = &scan[plain + 2..];
        match next {
            0 => clean.push(0xFF),
            0xD0..=0xD7 => {
                if usize::from(next & 7) != segments.len() % 8 {
                    return None;
                }
                segments.push(std::mem::take(&mut clean));
            }
            0xD9 => {
                segments.push(clean);
                return Some(segments);
            }
            _ => return None,
        }
    }
}

/// Bytes before the first 0xFF.
fn plain(bytes: &[u8]) -> usize {
    let (words, _) = bytes.as_chunks::<8>();
    // A zero byte in the inverse; lower bytes may be flagged wrongly, never none.
    let has = |word: &[u8; 8]| {
        let inverse = !u64::from_le_bytes(*word);
        inverse.wrapping_sub(0x0101_0101_0101_0101) & !inverse & 0x8080_8080_8080_8080 != 0
    };
    let skipped = words.iter().position(has).unwrap_or(words.len()) * 8;
    let rest = &bytes[skipped..];
    skipped + rest.iter().position(|b| *b == 0xFF).unwrap_or(rest.len())
}

/// The units of one segment, to be decoded.
struct Scan<'a> {
    workers: &'a mut [Worker],
    dc: &'a [Option<Rc<Codes>>; 4],
    ac: &'a [Option<Rc<Codes>>; 4],
    segment: &'a [u8],
    units: Range<usize>,
    across: usize,
}

impl Work for Scan<'_> {
    type Out = Option<()>;
    #[inline(always)]
    fn run(self) -> Option<()> {
        let mut bits = Bits::new(self.segment);
        self.workers.iter_mut().for_each(|worker| worker.previous = 0);
        for unit in self.units {
            let (y, x) = (unit / self.across, unit % self.across);
            for worker in self.workers.iter_mut() {
                let (dc, ac) = (self.dc[worker.dc].as_ref()?, self.ac[worker.ac].as_ref()?);
                for v in 0..worker.down {
                    for h in 0..worker.across {
                        let at = (x * worker.across + h, y * worker.down + v);
                        worker.block(&mut bits, dc, ac, at)?;
                    }
                }
            }
            if bits.is_over() {
                return None;
            }
        }
        bits.is_at_end().then_some(())
    }
}

impl Worker {
    /// For a component of `unit` blocks of the `finest` one's; read only, if nothing is `wanted`.
    fn new(
        header: &Header,
        component: &Component,
        unit: (usize, usize),
        finest: (usize, usize),
        wanted: Option<&Wanted>,
    ) -> Option<Worker> {
        let coarse = (finest.0 / unit.0).max(finest.1 / unit.1);
        let side = wanted.map_or(1, |wanted| side(wanted.scale() / coarse as f64));
        let length = |of: usize, unit: usize, finest: usize| {
            let each = (unit * side) as f64 / (8 * finest) as f64;
            ((of * unit * side).div_ceil(8 * finest), each)
        };
        let (width, across) = length(header.width, unit.0, finest.0);
        let (height, down) = length(header.height, unit.1, finest.1);
        let grid = Grid { size: (width, height), each: (across, down) };
        let (columns, rows) = wanted.map_or((0..0, 0..0), |wanted| grid.used(wanted));
        let blocks = |pixels: Range<usize>| pixels.start / side..pixels.end.div_ceil(side);
        let (columns, rows) = (blocks(columns), blocks(rows));
        let stride = columns.len() * side;
        Some(Worker {
            dc: component.dc,
            ac: component.ac,
            quantum: (*header.quanta.get(component.quantum)?)?.map(f32::from),
            across: unit.0,
            down: unit.1,
            side,
            grid,
            pixels: Scratch::new(stride * rows.len() * side),
            columns,
            rows,
            stride,
            previous: 0,
        })
    }

    /// Decodes the block at column and row `at` of blocks.
    #[inline(always)]
    fn block(&mut self, bits: &mut Bits, dc: &Codes, ac: &Codes, at: (usize, usize)) -> Option<()> {
        bits.refill();
        let difference = dc.next(bits)?;
        if difference.run % END != 0 {
            return None;
        }
        self.previous = self.previous.wrapping_add(difference.value);
        if !self.columns.contains(&at.0) || !self.rows.contains(&at.1) {
            return ac.pass(bits, 1);
        }
        let mean = self.previous as f32 * self.quantum[0];
        match self.side {
            1 => {
                self.put([[idct::pixel(mean)]], at);
                ac.pass(bits, 1)
            }
            2 => self.pixels::<2>(bits, ac, mean, at),
            4 => self.pixels::<4>(bits, ac, mean, at),
            _ => self.pixels::<8>(bits, ac, mean, at),
        }
    }

    /// The same once the first coefficient is known, for several pixels a side.
    #[inline(always)]
    fn pixels<const N: usize>(
        &mut self,
        bits: &mut Bits,
        ac: &Codes,
        mean: f32,
        at: (usize, usize),
    ) -> Option<()> {
        // Coefficients from here on are not needed.
        let until = [0, 1, 5, 0, 25, 0, 0, 0, 64][N];
        let mut block = Block::<N>::new(mean);
        let (mut k, mut even) = (1, true);
        'block: while k < until {
            bits.refill();
            // So many codes seen at a glance leave enough bits for one that is not.
            for _ in 0..3 {
                let (code, at_a_glance) = ac.next_of(bits)?;
                k += code.run + 1;
                if k > until {
                    break 'block;
                }
                let at = (k - 1) & 63;
                block.add(ZIGZAG[at], code.value as f32 * self.quantum[at]);
                even = false;
                if k == until || !at_a_glance {
                    continue 'block;
                }
            }
        }
        // A block that has ended is at [`END`] at least.
        if k < END {
            ac.pass(bits, k)?;
        }
        let all = if even { [[idct::pixel(mean); N]; N] } else { block.pixels() };
        self.put(all, at);
        Some(())
    }

    /// Puts the pixels of a block in their place.
    #[inline(always)]
    fn put<const N: usize>(&mut self, block: [[u8; N]; N], (x, y): (usize, usize)) {
        let (x, y) = ((x - self.columns.start) * N, (y - self.rows.start) * N);
        let rows = &mut self.pixels[y * self.stride + x..];
        for (i, row) in block.iter().enumerate() {
            rows[i * self.stride..][..N].copy_from_slice(row);
        }
    }

    fn plane(self) -> Plane {
        let first = (self.columns.start * self.side, self.rows.start * self.side);
        Plane { grid: self.grid, first, stride: self.stride, bytes: self.pixels }
    }
}
