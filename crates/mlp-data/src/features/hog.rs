//! Histograms of oriented gradients: N. Dalal and B. Triggs, "Histograms of oriented gradients for
//! human detection" (2005), in the form of scikit-image's `hog`: unsigned orientations, each pixel
//! in the one histogram of its cell, blocks normalised with L2-Hys.
//!
//! No angle is computed: the orientation of a gradient is found by comparing slopes.

use crate::PictureShape;
use mlp_tensor::math::{cos_pi, sin_pi};
use serde::{Deserialize, Serialize};

/// Parts of half a turn, each of 20°.
pub const ORIENTATIONS: usize = 9;
/// Added to norms, squared: flat blocks become zeros.
const EPSILON: f64 = 1e-5;
/// Largest part of a block's norm that one number may have before the block is normalised again.
const LARGEST: f32 = 0.2;

/// How histograms are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hog {
    /// Pixels across and down a cell, which has one histogram.
    pub cell: u32,
    /// Cells across and down a block, which is normalised as a whole; blocks overlap.
    pub block: u32,
}

impl Hog {
    /// Whole cells across and down.
    pub fn cells(self, shape: PictureShape) -> (usize, usize) {
        let cells = |side: u32| (side / self.cell.max(1)) as usize;
        (cells(shape.width), cells(shape.height))
    }

    /// Blocks across and down.
    pub fn blocks(self, shape: PictureShape) -> (usize, usize) {
        let (across, down) = self.cells(shape);
        let blocks = |cells: usize| (cells + 1).saturating_sub(self.block as usize);
        (blocks(across), blocks(down))
    }

    /// Numbers of a block.
    fn block_len(self) -> usize {
        (self.block * self.block) as usize * ORIENTATIONS
    }

    /// Numbers of a picture.
    pub fn width(self, shape: PictureShape) -> usize {
        let (across, down) = self.blocks(shape);
        across * down * self.block_len()
    }

    /// Whether there is a block at all; how many numbers.
    pub(super) fn check(self, shape: PictureShape) -> Result<u64, String> {
        if !(1..=1024).contains(&self.cell) || !(1..=16).contains(&self.block) {
            return Err(format!("cells of {} pixels, blocks of {} cells", self.cell, self.block));
        }
        let (across, down) = self.blocks(shape);
        if across == 0 || down == 0 {
            let side = self.cell * self.block;
            return Err(format!(
                "pictures of {}×{} pixels are too small for histograms of gradients, whose blocks \
                 have {side}×{side}; choose a larger --size, or --features pixels",
                shape.width, shape.height
            ));
        }
        Ok(across as u64 * down as u64 * self.block_len() as u64)
    }

    /// Of every cell, row by row, the mean size of the gradients in each part of half a turn, not yet
    /// normalised: for looking at.
    pub fn histograms(self, shape: PictureShape, bytes: &[u8]) -> Vec<f32> {
        let (mut gradients, mut cells) = (Gradients::default(), Vec::new());
        gradients.fill(shape, bytes);
        gradients.histograms(self, &mut cells);
        cells
    }

    /// Writes the blocks, row by row: in each its cells, row by row, with their histograms.
    pub(super) fn write(self, gradients: &Gradients, cells: &mut Vec<f32>, into: &mut [f32]) {
        let shape = gradients.shape;
        let (cells_across, _) = self.cells(shape);
        let (across, down) = self.blocks(shape);
        gradients.histograms(self, cells);
        let row = self.block as usize * ORIENTATIONS;
        let mut blocks = into.chunks_exact_mut(self.block_len());
        for y in 0..down {
            for x in 0..across {
                let Some(block) = blocks.next() else { return };
                for (i, own) in block.chunks_exact_mut(row).enumerate() {
                    let at = ((y + i) * cells_across + x) * ORIENTATIONS;
                    own.copy_from_slice(&cells[at..at + row]);
                }
                normalise(block);
                block.iter_mut().for_each(|v| *v = v.min(LARGEST));
                normalise(block);
            }
        }
    }

    /// Adds the values of a picture's numbers to the pixels of their cells, in equal parts.
    pub(super) fn spread(self, shape: PictureShape, values: &[f64], pixels: &mut [f64]) {
        let (blocks, _) = self.blocks(shape);
        let (block, cell) = (self.block as usize, self.cell as usize);
        for (i, histogram) in values.chunks_exact(ORIENTATIONS).enumerate() {
            let (at, own) = (i / (block * block), i % (block * block));
            let (row, column) = (at / blocks + own / block, at % blocks + own % block);
            let part = histogram.iter().sum::<f64>() / (cell * cell) as f64;
            let lines = pixels.chunks_exact_mut(shape.width as usize);
            for line in lines.skip(row * cell).take(cell) {
                line[column * cell..(column + 1) * cell].iter_mut().for_each(|v| *v += part);
            }
        }
    }

    /// `oriented gradients of 8 × 8 cells of 16 × 16 pixels, in blocks of 2 × 2`.
    pub(super) fn words(self, shape: PictureShape) -> String {
        let (across, down) = self.cells(shape);
        let Hog { cell, block } = self;
        format!(
            "oriented gradients of {across} × {down} cells of {cell} × {cell} pixels, in blocks of \
             {block} × {block}"
        )
    }

    /// `picture block[2,3] cell[0,1] 40–60°` (row, column).
    pub(super) fn names(self, column: &str, shape: PictureShape, names: &mut Vec<String>) {
        let (across, down) = self.blocks(shape);
        let (block, degrees) = (self.block, 180 / ORIENTATIONS);
        for (y, x) in (0..down).flat_map(|y| (0..across).map(move |x| (y, x))) {
            for (cy, cx) in (0..block).flat_map(|y| (0..block).map(move |x| (y, x))) {
                names.extend((0..ORIENTATIONS).map(|o| {
                    let (from, to) = (o * degrees, (o + 1) * degrees);
                    format!("{column} block[{y},{x}] cell[{cy},{cx}] {from}–{to}°")
                }));
            }
        }
    }
}

/// Divides by the Euclidean norm, summed in order.
fn normalise(block: &mut [f32]) {
    let squares = block.iter().fold(0.0, |sum, &v| sum + f64::from(v) * f64::from(v));
    let factor = (1.0 / (squares + EPSILON * EPSILON).sqrt()) as f32;
    block.iter_mut().for_each(|v| *v *= factor);
}

/// The gradient of every pixel of a picture: central differences, 0 across the border; of the
/// channel where it is largest, the first of equals.
#[derive(Clone, Debug)]
pub(super) struct Gradients {
    shape: PictureShape,
    /// Its size.
    size: Vec<f32>,
    /// Which part of half a turn it lies in.
    orientation: Vec<u8>,
}

impl Default for Gradients {
    fn default() -> Gradients {
        let shape = PictureShape { width: 0, height: 0, channels: 1 };
        Gradients { shape, size: Vec::new(), orientation: Vec::new() }
    }
}

impl Gradients {
    /// Computes them.
    pub(super) fn fill(&mut self, shape: PictureShape, bytes: &[u8]) {
        let (width, height) = (shape.width as usize, shape.height as usize);
        let (channels, row) = (shape.channels as usize, width * shape.channels as usize);
        self.shape = shape;
        self.size.resize(width * height, 0.0);
        self.orientation.resize(width * height, 0);
        let slopes = Slopes::new();
        let outputs =
            self.size.chunks_exact_mut(width).zip(self.orientation.chunks_exact_mut(width));
        for (y, (sizes, orientations)) in outputs.enumerate() {
            let line = |y: usize| &bytes[y * row..(y + 1) * row];
            let own = line(y);
            // At the border both are the own row, so that the difference is 0.
            let inner = y > 0 && y + 1 < height;
            let (above, below) = if inner { (line(y - 1), line(y + 1)) } else { (own, own) };
            for x in 0..width {
                let at = x * channels;
                let (left, right) =
                    if x > 0 && x + 1 < width { (at - channels, at + channels) } else { (at, at) };
                let (mut best, mut gradient) = (-1, (0, 0));
                for c in 0..channels {
                    let dx = i32::from(own[right + c]) - i32::from(own[left + c]);
                    let dy = i32::from(below[at + c]) - i32::from(above[at + c]);
                    let square = dx * dx + dy * dy;
                    if square > best {
                        (best, gradient) = (square, (dx, dy));
                    }
                }
                sizes[x] = (best as f32).sqrt();
                orientations[x] = slopes.orientation(gradient);
            }
        }
    }

    /// The mean of the sizes in each part of half a turn, for every cell, row by row.
    fn histograms(&self, hog: Hog, cells: &mut Vec<f32>) {
        let (across, down) = hog.cells(self.shape);
        let (cell, width) = (hog.cell as usize, self.shape.width as usize);
        cells.clear();
        cells.resize(across * down * ORIENTATIONS, 0.0);
        for y in 0..down * cell {
            let first = (y / cell) * across * ORIENTATIONS;
            let line = y * width..y * width + across * cell;
            let sizes = self.size[line.clone()].chunks_exact(cell);
            let orientations = self.orientation[line].chunks_exact(cell);
            let histograms = cells[first..].chunks_exact_mut(ORIENTATIONS);
            for ((sizes, orientations), histogram) in sizes.zip(orientations).zip(histograms) {
                for (size, orientation) in sizes.iter().zip(orientations) {
                    histogram[usize::from(*orientation)] += size;
                }
            }
        }
        let pixels = (cell * cell) as f32;
        cells.iter_mut().for_each(|v| *v /= pixels);
    }
}

/// The directions in which one part of half a turn ends and the next begins, but for 0°.
pub(super) struct Slopes {
    cos: [f32; ORIENTATIONS - 1],
    sin: [f32; ORIENTATIONS - 1],
}

impl Slopes {
    /// At 20°, 40°, …, 160°.
    pub(super) fn new() -> Slopes {
        let turn = |i: usize| (i + 1) as f64 / ORIENTATIONS as f64;
        Slopes {
            cos: std::array::from_fn(|i| cos_pi(turn(i)) as f32),
            sin: std::array::from_fn(|i| sin_pi(turn(i)) as f32),
        }
    }

    /// The part of half a turn in which a gradient lies, 0 if it has no direction: the number of
    /// ends on its right. No gradient of bytes comes so near to an end that rounding matters, but
    /// 0°, which is decided in integers.
    pub(super) fn orientation(&self, (dx, dy): (i32, i32)) -> u8 {
        let (x, y) = if dy < 0 { (-dx, -dy) } else { (dx, dy) };
        if y == 0 {
            return 0;
        }
        let (x, y) = (x as f32, y as f32);
        let passed = self.cos.iter().zip(&self.sin).map(|(cos, sin)| u8::from(cos * y >= sin * x));
        passed.sum()
    }
}
