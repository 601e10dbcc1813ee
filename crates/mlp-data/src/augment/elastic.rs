//! Elastic distortion: P. Y. Simard, D. Steinkraus and J. C. Platt, "Best practices for
//! convolutional neural networks applied to visual document analysis" (2003): every pixel is moved
//! by its own vector, of uniform noise that was blurred by a Gaussian. The blurred field is smooth,
//! so it is drawn on a grid of nodes and interpolated; on the 28 × 28 pixels of MNIST its Gaussian
//! has the paper's deviation of 4 pixels.

use super::warp::PLACE_BITS;
use crate::PictureShape;
use mlp_tensor::{Stream, math};

/// Nodes across and down.
const NODES: usize = 16;
/// Deviation of the Gaussian in nodes: 4 of 28 pixels.
const SIGMA: f64 = 4.0 * NODES as f64 / 28.0;
/// Nodes to either side that count in a blur.
const REACH: usize = 6;
/// Bits after the point of a place among the nodes.
const NODE_BITS: u32 = 16;

/// How far pixels move in x and y, of 2^[`PLACE_BITS`].
#[derive(Clone, Debug)]
pub(super) struct Elastic {
    kernel: [f32; 2 * REACH + 1],
    fields: [[i64; NODES * NODES]; 2],
}

/// A row of the picture: the field at the nodes of that row.
pub(super) struct Row([[i64; NODES]; 2]);

impl Default for Elastic {
    fn default() -> Elastic {
        let raw = |i: usize| {
            let distance = (i as f64 - REACH as f64) / SIGMA;
            math::exp(-distance * distance / 2.0)
        };
        let sum: f64 = (0..=2 * REACH).map(raw).sum();
        Elastic {
            kernel: std::array::from_fn(|i| (raw(i) / sum) as f32),
            fields: [[0; NODES * NODES]; 2],
        }
    }
}

impl Elastic {
    /// Draws a field whose root mean square is the share `strength` of the sides.
    pub(super) fn draw(&mut self, strength: f64, shape: PictureShape, stream: &mut Stream) {
        // Uniform noise in -1..1 has the deviation 1/√3, and what a blur leaves of it is the norm of
        // its kernel, in either direction.
        let left: f64 = self.kernel.iter().map(|k| f64::from(*k) * f64::from(*k)).sum();
        let one = f64::from(1u32 << PLACE_BITS) * strength * 3f64.sqrt() / left;
        for (field, side) in self.fields.iter_mut().zip([shape.width, shape.height]) {
            let mut noise = [0f32; NODES * NODES];
            noise.iter_mut().for_each(|v| *v = 2.0 * stream.uniform() - 1.0);
            let across = blur(&self.kernel, &noise);
            let both = blur(&self.kernel, &across);
            let factor = one * f64::from(side);
            for (to, v) in field.iter_mut().zip(both) {
                *to = (f64::from(v) * factor).round() as i64;
            }
        }
    }

    /// The field in a row of the picture.
    pub(super) fn row(&self, y: usize, shape: PictureShape) -> Row {
        let (node, weight) = place(y, shape.height);
        let below = (node + 1).min(NODES - 1);
        Row(std::array::from_fn(|f| {
            let field = &self.fields[f];
            std::array::from_fn(|i| {
                between(field[node * NODES + i], field[below * NODES + i], weight)
            })
        }))
    }
}

impl Row {
    /// How far the pixel of that column moves, in x and y.
    pub(super) fn at(&self, x: usize, shape: PictureShape) -> [i64; 2] {
        let (node, weight) = place(x, shape.width);
        let right = (node + 1).min(NODES - 1);
        self.0.map(|field| between(field[node], field[right], weight))
    }
}

/// The node before a pixel, and the weight of the one after it.
fn place(at: usize, side: u32) -> (usize, i64) {
    let scaled = ((at * (NODES - 1)) << NODE_BITS) / (side.max(2) as usize - 1);
    (scaled >> NODE_BITS, (scaled & ((1 << NODE_BITS) - 1)) as i64)
}

fn between(a: i64, b: i64, weight: i64) -> i64 {
    a + (((b - a) * weight) >> NODE_BITS)
}

/// Blurs along the rows and turns the grid over its diagonal, so that twice blurs both ways. Beyond
/// the border the grid is its own mirror image.
fn blur(kernel: &[f32; 2 * REACH + 1], grid: &[f32; NODES * NODES]) -> [f32; NODES * NODES] {
    let mut out = [0.0; NODES * NODES];
    for (y, row) in grid.chunks_exact(NODES).enumerate() {
        let mut wide = [0.0; NODES + 2 * REACH];
        wide[REACH..REACH + NODES].copy_from_slice(row);
        for i in 0..REACH {
            wide[REACH - 1 - i] = row[i];
            wide[REACH + NODES + i] = row[NODES - 1 - i];
        }
        for x in 0..NODES {
            let near = wide[x..].iter().zip(kernel);
            out[x * NODES + y] = near.fold(0.0, |sum, (v, k)| v.mul_add(*k, sum));
        }
    }
    out
}
