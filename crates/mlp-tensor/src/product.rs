//! The three products of a dense layer, with bias and activation fused, and the elementwise passes
//! around them. Every output element is one chain of `mul_add` in rising `k`.
//!
//! Stored column after column, a matrix with an example a column is a row-major one with an example
//! a row: `x` is `(n × in)`, `w` is `(in × out)`, `y` is `(n × out)`. All three products then are
//! `C = A·B` with `B` read along its rows. Here the shapes are checked and the outputs are cut up
//! among the threads; the arithmetic stands in `kernel`.

// Threads write disjoint blocks of one matrix, which slices cannot express.
#![allow(unsafe_code)]

use crate::kernel::elementwise::{Activate, Gradient, Map, Softmax};
use crate::kernel::functions;
use crate::kernel::tile::Product;
use crate::kernel::{Job, Kernel};
use crate::{Activation, Exec, MatrixView, MatrixViewMut};

/// Multiply-adds worth a thread of their own: some 5 µs, about what waking it costs.
const WORK: usize = 1 << 18;
/// Values worth a thread of their own in an elementwise pass.
const VALUES: usize = 1 << 14;
/// Pieces of columns are multiples of this: a cache line.
const LINE: usize = 16;
/// The least columns and rows a thread gets: fewer leave the tiles half empty.
const COLS: usize = 48;
/// See [`COLS`].
const ROWS: usize = 8;

/// `y = f(w·x + b)`: `w` (out × in), `b` (out), `x` (in × n), `y` (out × n). Where `f` needs it in
/// the backward pass (`Activation::needs_z`), `z` (out × n) receives `w·x + b`; it may be `None`
/// when only inferring.
///
/// # Panics
/// If the shapes do not agree.
pub fn forward(
    exec: &Exec,
    w: MatrixView<'_>,
    b: &[f32],
    x: MatrixView<'_>,
    f: Activation,
    z: Option<MatrixViewMut<'_>>,
    mut y: MatrixViewMut<'_>,
) {
    let (outs, ins, n) = (w.nrows(), w.ncols(), x.ncols());
    assert!(b.len() == outs && x.nrows() == ins, "w, b and x do not agree");
    assert!(y.shape() == (outs, n), "y has another shape than w·x");
    let (y_row, y) = (y.strides().1, y.as_mut_ptr());
    let z = z.map(|mut z| {
        assert!(z.shape() == (outs, n), "z has another shape than w·x");
        (z.as_mut_ptr(), z.strides().1)
    });
    let (c, c_row) = z.unwrap_or((y, y_row));
    let product = Product {
        rows: n,
        cols: outs,
        depth: ins,
        a: x.as_ptr(),
        a_row: x.strides().1,
        a_depth: 1,
        b: w.as_ptr(),
        b_depth: w.strides().1,
        c,
        c_row,
        start: b.as_ptr(),
    };
    let plain = f == Activation::Identity && z.is_none();
    let then = (!plain).then_some(Then { f, y, y_row });
    split(exec, product, then);
}

/// `dx = wᵀ·dz`: `w` (out × in), `dz` (out × n), `dx` (in × n). `scratch` is room for a transposed
/// copy of `w`; it is grown as needed and kept by the caller.
///
/// # Panics
/// If the shapes do not agree.
pub fn input_gradient(
    exec: &Exec,
    w: MatrixView<'_>,
    dz: MatrixView<'_>,
    mut dx: MatrixViewMut<'_>,
    scratch: &mut Vec<f32>,
) {
    let (outs, ins, n) = (w.nrows(), w.ncols(), dz.ncols());
    assert!(dz.nrows() == outs, "w and dz do not agree");
    assert!(dx.shape() == (ins, n), "dx has another shape than wᵀ·dz");
    // An odd number of cache lines a row, so that rows do not meet in one cache set.
    let stride = (ins.div_ceil(LINE) | 1) * LINE;
    if scratch.len() < outs * stride {
        scratch.resize(outs * stride, 0.0);
    }
    transpose(exec, w, &mut scratch[..outs * stride], stride);
    let product = Product {
        rows: n,
        cols: ins,
        depth: outs,
        a: dz.as_ptr(),
        a_row: dz.strides().1,
        a_depth: 1,
        b: scratch.as_ptr(),
        b_depth: stride,
        c: dx.as_mut_ptr(),
        c_row: dx.strides().1,
        start: std::ptr::null(),
    };
    split(exec, product, None);
}

/// `dw = dz·xᵀ` and `db = dz·1`: `dz` (out × n), `x` (in × n), `dw` (out × in), `db` (out). Both
/// overwritten; the sum over the batch runs in rising example order.
///
/// # Panics
/// If the shapes do not agree.
pub fn weight_gradient(
    exec: &Exec,
    dz: MatrixView<'_>,
    x: MatrixView<'_>,
    mut dw: MatrixViewMut<'_>,
    db: &mut [f32],
) {
    let (outs, ins, n) = (dz.nrows(), x.nrows(), x.ncols());
    assert!(dz.ncols() == n && db.len() == outs, "dz, x and db do not agree");
    assert!(dw.shape() == (outs, ins), "dw has another shape than dz·xᵀ");
    let product = Product {
        rows: ins,
        cols: outs,
        depth: n,
        a: x.as_ptr(),
        a_row: 1,
        a_depth: x.strides().1,
        b: dz.as_ptr(),
        b_depth: dz.strides().1,
        c: dw.as_mut_ptr(),
        c_row: dw.strides().1,
        start: std::ptr::null(),
    };
    split(exec, product, None);
    exec.run(SumColumns { dz: &dz, db });
}

/// `d *= f'`, in place: turns the gradient of `y` into the gradient of `z`. `z` is given where
/// `f.needs_z()`; all slices have equal length.
///
/// # Panics
/// If the lengths differ or a needed `z` is missing.
pub fn activation_gradient(
    exec: &Exec,
    f: Activation,
    z: Option<&[f32]>,
    y: &[f32],
    d: &mut [f32],
) {
    if f == Activation::Identity {
        return;
    }
    let of = match z {
        Some(z) if f.needs_z() => z,
        None if f.needs_z() => panic!("the slope of {} needs z", f.name()),
        _ => y,
    };
    assert!(of.len() == d.len(), "d has another length than y");
    let chunk = piece(exec, d.len(), LINE);
    exec.for_each_chunk(d, chunk, |i, d| {
        exec.run(Gradient { f, of: &of[i * chunk..][..d.len()], d });
    });
}

/// `y = f(z)`, elementwise.
///
/// # Panics
/// If the lengths differ.
pub fn activate(exec: &Exec, f: Activation, z: &[f32], y: &mut [f32]) {
    assert!(z.len() == y.len(), "y has another length than z");
    let chunk = piece(exec, y.len(), LINE);
    exec.for_each_chunk(y, chunk, |i, y| {
        let (x, n) = (z[i * chunk..].as_ptr(), y.len());
        exec.run(Activate { f, x, x_row: n, y: y.as_mut_ptr(), y_row: n, rows: 1, cols: n });
    });
}

/// `p = 1 / (1 + exp(-z))`, elementwise.
///
/// # Panics
/// If the lengths differ.
pub fn logistic_slice(exec: &Exec, z: &[f32], p: &mut [f32]) {
    activate(exec, Activation::Logistic, z, p);
}

/// `y = exp(z)`, elementwise.
///
/// # Panics
/// If the lengths differ.
pub fn exp_slice(exec: &Exec, z: &[f32], y: &mut [f32]) {
    assert!(z.len() == y.len(), "y has another length than z");
    let chunk = piece(exec, y.len(), LINE);
    exec.for_each_chunk(y, chunk, |i, y| {
        exec.run(Map { op: functions::Exp, x: &z[i * chunk..][..y.len()], y });
    });
}

/// Softmax of every column: `z` and `p` are (classes × n), contiguous. `p = exp(z - max z) / Σ`,
/// the sum in rising class order. A column with a NaN or an infinity becomes NaN.
///
/// # Panics
/// If the lengths differ or are not a multiple of `classes`.
pub fn softmax_columns(exec: &Exec, z: &[f32], classes: usize, p: &mut [f32]) {
    assert!(z.len() == p.len(), "p has another length than z");
    if classes == 0 {
        return;
    }
    assert!(z.len().is_multiple_of(classes), "z is not a whole number of columns");
    let chunk = piece(exec, p.len(), classes);
    exec.for_each_chunk(p, chunk, |i, p| {
        exec.run(Softmax { classes, z: &z[i * chunk..][..p.len()], p });
    });
}

/// Length of the pieces an elementwise pass over `len` values is cut into: a multiple of `unit`.
fn piece(exec: &Exec, len: usize, unit: usize) -> usize {
    let pieces = (len / VALUES).clamp(1, exec.threads());
    len.div_ceil(pieces).next_multiple_of(unit).max(1)
}

/// The activation after a product.
#[derive(Clone, Copy)]
struct Then {
    f: Activation,
    y: *mut f32,
    y_row: usize,
}

/// One thread's block of a product.
struct Block(Product);

impl Job for Block {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        // SAFETY: `Grid::block` describes matrices that exist, with `C` in use by this block alone.
        unsafe { k.product(&self.0) };
    }
}

/// A product cut into a grid of blocks.
struct Grid {
    product: Product,
    then: Option<Then>,
    width: usize,
    height: usize,
}

// SAFETY: the threads read `A` and `B` and write disjoint blocks of `C` and `y`; see `Grid::block`.
unsafe impl Sync for Grid {}

impl Grid {
    /// Blocks side by side.
    fn across(&self) -> usize {
        self.product.cols.div_ceil(self.width)
    }
    /// Blocks below one another.
    fn down(&self) -> usize {
        self.product.rows.div_ceil(self.height)
    }
    /// Block `i < across · down` and the activation on it; no two share an output.
    fn block(&self, i: usize) -> (Block, Option<Activate>) {
        let (m, o) = (i / self.across() * self.height, i % self.across() * self.width);
        let (height, width) =
            (self.height.min(self.product.rows - m), self.width.min(self.product.cols - o));
        // SAFETY: the block ends where the product does, at the latest.
        let product = unsafe { self.product.block(m, height, o, width) };
        let then = self.then.map(|Then { f, y, y_row }| {
            // SAFETY: `y` has the shape of `C`.
            let y = unsafe { y.add(m * y_row + o) };
            let (x, x_row) = (product.c.cast_const(), product.c_row);
            Activate { f, x, x_row, y, y_row, rows: height, cols: width }
        });
        (Block(product), then)
    }
}

/// Computes a product, its outputs cut into a grid of blocks, about one a thread; never its sums.
fn split(exec: &Exec, product: Product, then: Option<Then>) {
    let (rows, cols) = (product.rows, product.cols);
    if rows == 0 || cols == 0 {
        return;
    }
    let work = rows.saturating_mul(cols).saturating_mul(product.depth.max(1));
    let parts = (work / WORK).clamp(1, exec.threads());
    let across = (cols / COLS).clamp(1, parts);
    let down = (rows / ROWS).clamp(1, parts.div_ceil(across));
    let width = cols.div_ceil(across).next_multiple_of(LINE);
    let grid = Grid { product, then, width, height: rows.div_ceil(down) };
    exec.for_each(grid.across() * grid.down(), |i| {
        let (block, then) = grid.block(i);
        exec.run(block);
        if let Some(then) = then {
            exec.run(then);
        }
    });
}

/// `db[o] = Σ_n dz[o][n]`, in rising `n`.
struct SumColumns<'a> {
    dz: &'a MatrixView<'a>,
    db: &'a mut [f32],
}

impl Job for SumColumns<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, _k: K) {
        self.db.fill(0.0);
        let (from, stride) = (self.dz.as_ptr(), self.dz.strides().1);
        for n in 0..self.dz.ncols() {
            // SAFETY: column `n` of `dz` has as many values as `db`.
            let column = unsafe { std::slice::from_raw_parts(from.add(n * stride), self.db.len()) };
            for (sum, &d) in self.db.iter_mut().zip(column) {
                *sum += d;
            }
        }
    }
}

/// `to[o·stride + i] = w[o][i]`: the rows of `w` one after the other. What lies between them is
/// left as it is.
fn transpose(exec: &Exec, w: MatrixView<'_>, to: &mut [f32], stride: usize) {
    let (outs, ins, from_stride) = (w.nrows(), w.ncols(), w.strides().1);
    if outs == 0 || ins == 0 {
        return;
    }
    // The elements of a view from its first to its last, with what lies between its columns.
    let from = w.as_ptr();
    // SAFETY: the view's columns lie `from_stride` apart; the last one has `outs` elements.
    let from = unsafe { std::slice::from_raw_parts(from, (ins - 1) * from_stride + outs) };
    let bands = (outs * ins / VALUES).clamp(1, exec.threads());
    let band = outs.div_ceil(bands).next_multiple_of(SIDE);
    exec.for_each_chunk(to, band * stride, |i, to| {
        exec.run(Transpose { from: &from[i * band..], from_stride, to, stride, ins });
    });
}

/// Side of the squares that are turned at a time.
const SIDE: usize = 16;

/// `to[o·stride + i] = from[i·from_stride + o]` for `i < ins` and every row of `to`.
struct Transpose<'a> {
    from: &'a [f32],
    from_stride: usize,
    to: &'a mut [f32],
    stride: usize,
    ins: usize,
}

impl Job for Transpose<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, _k: K) {
        let rows = self.to.len() / self.stride;
        for o in (0..rows).step_by(SIDE) {
            for i in (0..self.ins).step_by(SIDE) {
                let (height, width) = (SIDE.min(rows - o), SIDE.min(self.ins - i));
                let from = &self.from[i * self.from_stride + o..];
                let to = &mut self.to[o * self.stride + i..];
                if height == SIDE && width == SIDE {
                    // SAFETY: the square lies within both matrices.
                    unsafe { turn(from, self.from_stride, to, self.stride) };
                    continue;
                }
                for k in 0..height {
                    for j in 0..width {
                        to[k * self.stride + j] = from[j * self.from_stride + k];
                    }
                }
            }
        }
    }
}

/// Turns one full square: `to[k·to_stride + j] = from[j·from_stride + k]`.
///
/// # Safety
/// Both slices must reach to the square's last element.
#[inline(always)]
unsafe fn turn(from: &[f32], from_stride: usize, to: &mut [f32], to_stride: usize) {
    for k in 0..SIDE {
        for j in 0..SIDE {
            // SAFETY: within the square, which the caller vouches for.
            unsafe {
                *to.get_unchecked_mut(k * to_stride + j) = *from.get_unchecked(j * from_stride + k);
            }
        }
    }
}
