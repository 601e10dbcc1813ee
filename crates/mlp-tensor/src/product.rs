//! The three products of a dense layer, with bias and activation fused. Every output element is one chain
//! of `mul_add` in rising `k`.
//!
//! Stored column after column, a matrix with an example a column is a row-major one with an example
//! a row: `x` is `(n × in)`, `w` is `(in × out)`, `y` is `(n × out)`. All three products then are
//! `C = A·B` with `B` read along its rows, or turned while it is copied together. Here the shapes
//! are checked and the outputs are cut up among the threads; the arithmetic stands in `kernel`.
//!
//! A sum that ends as −0 becomes +0, and terms that are zero may be passed over: `docs/numerics.md`.

// Threads write disjoint blocks of one matrix, which slices cannot express.
#![allow(unsafe_code)]

use crate::kernel::blocks::{Copies, Product};
use crate::kernel::elementwise::{Activate, SumColumns};
use crate::kernel::pack::{self, Room};
use crate::kernel::{Job, Kernel, pairs};
use crate::tuning::{
    AHEAD, BLOCKS, COLS, COPY, COPY_COLS, LINE, LIST_COLS, LIST_ROWS, LIST_STEP, MEET_STEP, Plan,
    ROW_AHEAD, ROWS, WORK,
};
use crate::{Activation, Exec, MatrixView, MatrixViewMut};

/// `y = f(w·x + b)`: `w` (out × in), `b` (out), `x` (in × n), `y` (out × n). Where `f` needs it in
/// the backward pass (`Activation::needs_z`), `z` (out × n) receives `w·x + b`; it may be `None`
/// when only inferring. A single example takes `w` for finite: zero times infinity is zero there.
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
    let relu = f == Activation::Relu && z.is_none();
    let plain = relu || f == Activation::Identity && z.is_none();
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
        b_col: 1,
        c,
        c_row,
        start: b.as_ptr(),
        relu,
        finite: n == 1,
        cut: &exec.plan().cut,
        ahead: if n == 1 { ROW_AHEAD } else { AHEAD },
        pack: std::ptr::null_mut(),
        copies: Copies::InTurn,
        fetch: None,
        left: std::ptr::null_mut(),
        pairs: false,
    };
    let then = (!plain).then_some(Then { f, y, y_row });
    split(exec, product, then);
}

/// `dx = wᵀ·dz`: `w` (out × in), `dz` (out × n), `dx` (in × n).
///
/// # Panics
/// If the shapes do not agree.
pub fn input_gradient(
    exec: &Exec,
    w: MatrixView<'_>,
    dz: MatrixView<'_>,
    mut dx: MatrixViewMut<'_>,
) {
    let (outs, ins, n) = (w.nrows(), w.ncols(), dz.ncols());
    assert!(dz.nrows() == outs, "w and dz do not agree");
    assert!(dx.shape() == (ins, n), "dx has another shape than wᵀ·dz");
    let product = Product {
        rows: n,
        cols: ins,
        depth: outs,
        a: dz.as_ptr(),
        a_row: dz.strides().1,
        a_depth: 1,
        b: w.as_ptr(),
        b_depth: 1,
        b_col: w.strides().1,
        c: dx.as_mut_ptr(),
        c_row: dx.strides().1,
        start: std::ptr::null(),
        relu: false,
        finite: false,
        cut: &exec.plan().cut,
        ahead: if n == 1 { ROW_AHEAD } else { AHEAD },
        pack: std::ptr::null_mut(),
        copies: Copies::InTurn,
        fetch: None,
        left: std::ptr::null_mut(),
        pairs: false,
    };
    split(exec, product, None);
}

/// The product that is the gradient of a layer's weights, without a place for it; `finite` as there.
pub(crate) fn gradient<'a>(
    exec: &'a Exec,
    dz: &MatrixView<'_>,
    x: &MatrixView<'_>,
    finite: bool,
) -> Product<'a> {
    Product {
        rows: x.nrows(),
        cols: dz.nrows(),
        depth: x.ncols(),
        a: x.as_ptr(),
        a_row: 1,
        a_depth: x.strides().1,
        b: dz.as_ptr(),
        b_depth: dz.strides().1,
        b_col: 1,
        c: std::ptr::null_mut(),
        c_row: 0,
        start: std::ptr::null(),
        relu: false,
        finite,
        cut: &exec.plan().cut,
        ahead: AHEAD,
        pack: std::ptr::null_mut(),
        copies: Copies::InTurn,
        fetch: None,
        left: std::ptr::null_mut(),
        pairs: false,
    }
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
    let (c_row, c) = (dw.strides().1, dw.as_mut_ptr());
    split(exec, Product { c, c_row, ..gradient(exec, &dz, &x, false) }, None);
    exec.run(SumColumns::of(&dz, db));
}

/// The activation after a product.
#[derive(Clone, Copy)]
struct Then {
    f: Activation,
    y: *mut f32,
    y_row: usize,
}

/// One thread's block of a product; says whether `B` is finite, as far as it was copied.
pub(crate) struct Block<'a>(pub Product<'a>);

impl Job for Block<'_> {
    type Out = bool;
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) -> bool {
        // SAFETY: `Grid::block` describes matrices that exist, with `C` in use by this block alone.
        unsafe { k.product(&self.0) }
    }
}

/// A product cut into a grid of blocks.
struct Grid<'a> {
    product: Product<'a>,
    then: Option<Then>,
    width: usize,
    height: usize,
}

// SAFETY: the threads read `A` and `B` and write disjoint blocks of `C` and `y`; see `Grid::block`.
unsafe impl Sync for Grid<'_> {}

impl Grid<'_> {
    /// Blocks side by side.
    fn across(&self) -> usize {
        self.product.cols.div_ceil(self.width)
    }
    /// Blocks below one another.
    fn down(&self) -> usize {
        self.product.rows.div_ceil(self.height)
    }
    /// Block `i < across · down` and the activation on it; no two share an output.
    fn block(&self, i: usize) -> (Product<'_>, Option<Then>) {
        let (m, o) = (i / self.across() * self.height, i % self.across() * self.width);
        let (height, width) =
            (self.height.min(self.product.rows - m), self.width.min(self.product.cols - o));
        // SAFETY: the block ends where the product does, at the latest.
        let product = unsafe { self.product.block(m, height, o, width) };
        let then = self.then.map(|then| {
            // SAFETY: `y` has the shape of `C`.
            let y = unsafe { then.y.add(m * then.y_row + o) };
            Then { y, ..then }
        });
        (product, then)
    }
}

/// Computes a product, its outputs cut into a grid of blocks, as many for each thread; never its
/// sums.
fn split(exec: &Exec, product: Product<'_>, then: Option<Then>) {
    let together = then.is_none_or(|then| then.y_row == 1);
    let product = if product.c_row == 1 && together { turned(product) } else { product };
    let (rows, cols) = (product.rows, product.cols);
    if rows == 0 || cols == 0 {
        return;
    }
    let work = rows.saturating_mul(cols).saturating_mul(product.depth.max(1));
    let threads = exec.threads();
    let each = (work / WORK / threads).clamp(1, BLOCKS);
    let parts = if threads == 1 { 1 } else { (work / WORK).clamp(1, threads * each) };
    let listed = listed(exec.plan(), &product);
    if parts == 1 {
        return finish(exec, product, then, listed);
    }
    let (width, height) = shape(rows, cols, parts);
    let grid = Grid { product, then, width, height };
    exec.for_each(grid.across() * grid.down(), |i| {
        let (block, then) = grid.block(i);
        finish(exec, block, then, listed);
    });
}

/// A product of one column as one of one row: what were its rows are columns, which fill vectors. The
/// results must lie side by side.
pub(crate) fn turned(product: Product<'_>) -> Product<'_> {
    let Product { rows, cols, depth, a, a_row, a_depth, b, b_depth, c, mut start, .. } = product;
    // Where `A` has rows they are turned square by square, and what is left value by value.
    if cols != 1 || rows < LINE || a_row != 1 && depth < LINE {
        return product;
    }
    if !start.is_null() {
        // SAFETY: there is one value to start from, and as many sums as rows, which may be written.
        unsafe { std::slice::from_raw_parts_mut(c, rows).fill(*start) };
        start = c;
    }
    let (a, a_depth, b, b_depth) = (b, b_depth, a, a_depth);
    Product {
        rows: 1,
        cols: rows,
        a,
        a_row: 0,
        a_depth,
        b,
        b_depth,
        b_col: a_row,
        start,
        ..product
    }
}

/// The width and height of `parts` blocks of a product, of those that take the least time: what is
/// computed and what is copied for it.
fn shape(rows: usize, cols: usize, parts: usize) -> (usize, usize) {
    let shape = |across: usize| {
        let down = (rows / ROWS).clamp(1, parts.div_ceil(across));
        let width = cols.div_ceil(across).next_multiple_of(LINE);
        (width, rows.div_ceil(down))
    };
    let shapes = (1..=(cols / COLS).clamp(1, parts)).rev().map(shape);
    let (mut best, mut least) = (shape(1), usize::MAX);
    for (width, height) in shapes {
        let time = width * (height + COPY);
        if time < least {
            (best, least) = ((width, height), time);
        }
    }
    best
}

/// Computes one block and the activation on it.
fn finish(exec: &Exec, product: Product<'_>, then: Option<Then>, listed: Listed) {
    compute(exec, product, listed);
    if let Some(Then { f, y, y_row }) = then {
        let Product { c, c_row: x_row, rows, cols, .. } = product;
        exec.run(Activate { f, x: c.cast_const(), x_row, y, y_row, rows, cols });
    }
}

/// How the terms of `A` are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    /// They are read in place.
    Not,
    /// All of them, for tiles.
    Tiles,
    /// Two rows together, without zeros.
    Pairs,
}

/// How the terms of `A` are listed: in pairs where many of its values are zero; where columns of it are
/// wanted, or rows that meet in the same sets of a cache, for tiles, if that hinders.
pub(crate) fn listed(plan: &Plan, product: &Product<'_>) -> Listed {
    let &Product { rows, cols, depth, a_row, .. } = product;
    if rows < LIST_ROWS || cols < LIST_COLS {
        return Listed::Not;
    }
    let work = rows.saturating_mul(cols).saturating_mul(depth);
    // SAFETY: `A` is a matrix that exists.
    if work >= plan.list_work && unsafe { pairs::pay(product) } {
        return Listed::Pairs;
    }
    let columns = a_row == 1 && depth >= plan.columns;
    let scattered = columns || plan.meet && a_row.is_multiple_of(LIST_STEP);
    if scattered && cols >= COPY_COLS { Listed::Tiles } else { Listed::Not }
}

/// Computes one block, with lists of `A` or without; `B` is copied together where that pays or where
/// its columns must become rows.
pub(crate) fn compute(exec: &Exec, product: Product<'_>, listed: Listed) {
    let plan = exec.plan();
    if listed != Listed::Not {
        return with_lists(exec, product, listed, |product| {
            exec.run(Block(product));
        });
    }
    let far = product.b_depth >= plan.pack_step && product.rows >= plan.pack_rows;
    if product.b_col == 1 && !far {
        exec.run(Block(product));
        return;
    }
    pack::with_room(Room::Right, plan.right(), |pack| {
        let cut = if product.rows >= plan.tall { &plan.list } else { product.cut };
        exec.run(Block(Product { pack, cut, ..product }));
    });
}

/// Gives `work` the block with room for lists.
pub(crate) fn with_lists(
    exec: &Exec,
    product: Product<'_>,
    listed: Listed,
    work: impl FnOnce(Product<'_>),
) {
    let plan = exec.plan();
    let (cut, pairs) = (plan.lists(listed), listed == Listed::Pairs);
    // What is copied is looked at; else the copy only puts rows at the beginning of lines, and together
    // those that meet in the same sets of a cache.
    let good = product.b_depth.is_multiple_of(LINE) && !product.b_depth.is_multiple_of(MEET_STEP);
    let copied = product.copies != Copies::InTurn || product.b_col != 1 || !product.finite || !good;
    pack::with_room(Room::Right, if copied { plan.right() } else { 0 }, |pack| {
        let pack = if copied { pack } else { std::ptr::null_mut() };
        pack::with_room(Room::Left, plan.left(), |left| {
            work(Product { pack, left, pairs, cut, ..product });
        });
    });
}
