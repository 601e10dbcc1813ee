//! The gradients of the weights of several layers and the optimizer's steps along them, piece by piece, so
//! that a gradient never leaves the cache, and threads wait for one another once for up to eight layers.

// Threads write disjoint blocks of the parameters, which slices cannot express.
#![allow(unsafe_code)]

use crate::exec::Shared;
use crate::kernel::blocks::{Copies, Cut, Product};
use crate::kernel::descent::{Fetch, Place, Rule, Sweep};
use crate::kernel::elementwise::SumColumns;
use crate::kernel::pack::{self, Room};
use crate::product::{Block, Listed, compute, gradient, listed, turned, with_lists};
use crate::tuning::{LINE, Piece, TURN_ROWS, WORK};
use crate::update::{Moved, Step};
use crate::{Exec, MatrixView};
use std::fmt;

/// Layers at a time.
const MOST: usize = 8;

/// Gradients and steps along them, collected layer by layer and done together: for each, to the bit what
/// [`weight_gradient`](crate::product::weight_gradient) and [`Step::apply`] do one after the other. Without
/// [`Descents::run`] some or all of them are not done.
#[must_use = "parameters move when it is run"]
pub struct Descents<'a> {
    exec: &'a Exec,
    layers: [Option<Layer<'a>>; MOST],
    count: usize,
}

impl<'a> Descents<'a> {
    /// None yet.
    pub fn new(exec: &'a Exec) -> Descents<'a> {
        Descents { exec, layers: [const { None }; MOST], count: 0 }
    }

    /// Adds those of a layer: `dz` (out × n), `x` (in × n); `w` (out × in, without gaps) and `b` (out) with
    /// their moments will be moved by a step each. `db` will receive the gradient of `b`; that of `w` is
    /// kept nowhere. `finite` says that all of `dz` and `x` is known to be, and may always be `false`, which
    /// takes longer. What was added before may be done now.
    ///
    /// # Panics
    /// If the shapes do not agree, or moments are missing.
    pub fn add(
        &mut self,
        dz: MatrixView<'a>,
        x: MatrixView<'a>,
        steps: [Step; 2],
        moved: [Moved<'a>; 2],
        db: &'a mut [f32],
        finite: bool,
    ) {
        if self.count == MOST {
            self.work();
        }
        self.layers[self.count] = Some(Layer::new(self.exec, [dz, x], steps, moved, db, finite));
        self.count += 1;
    }

    /// Does all of them.
    pub fn run(mut self) {
        self.work();
    }

    /// Does those that were added since.
    fn work(&mut self) {
        let (exec, layers, threads) = (self.exec, &self.layers, self.exec.threads());
        // Those that were added last are those of the first layers, as a rule the largest with most pieces; what
        // is small had better come at the end, when some threads are done.
        let layers = || layers[..self.count].iter().rev().flatten();
        let count = layers().map(|layer| layer.pieces + 1).sum();
        let piece = |i| {
            if let Some((layer, piece)) = find(i, threads, layers) {
                layer.work(exec, piece);
            }
        };
        let terms = |layer: &Layer<'_>| {
            let Product { rows, cols, depth, .. } = layer.weights.product;
            rows.saturating_mul(cols).saturating_mul(depth)
        };
        // Less is not worth a second thread.
        match layers().map(terms).fold(0, usize::saturating_add) < 2 * WORK {
            true => (0..count).for_each(piece),
            false => exec.for_each(count, piece),
        }
        self.layers = [const { None }; MOST];
        self.count = 0;
    }
}

impl fmt::Debug for Descents<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Descents").field("layers", &self.count).finish_non_exhaustive()
    }
}

/// The layer and the piece with number `i`: for each thread its share of the pieces of every layer, and then
/// some of the biases. A team cuts the numbers evenly, so a thread meets about the same parameters in every
/// step.
fn find<'l, 'a: 'l, I: Iterator<Item = &'l Layer<'a>>>(
    mut i: usize,
    threads: usize,
    layers: impl Fn() -> I,
) -> Option<(&'l Layer<'a>, usize)> {
    for thread in 0..threads {
        for layer in layers() {
            let own = thread * layer.pieces / threads..(thread + 1) * layer.pieces / threads;
            if i < own.len() {
                return Some((layer, own.start + i));
            }
            i -= own.len();
        }
        for layer in layers().skip(thread).step_by(threads) {
            if i == 0 {
                return Some((layer, layer.pieces));
            }
            i -= 1;
        }
    }
    None
}

/// The gradient of a layer and the step along it.
struct Layer<'a> {
    weights: Pieces<'a>,
    /// Of the weights.
    pieces: usize,
    /// On weights and biases.
    steps: [Step; 2],
    dz: MatrixView<'a>,
    /// The gradient of the biases,
    db: Shared<f32>,
    /// and where they are.
    biases: Place,
}

impl<'a> Layer<'a> {
    /// As [`Descents::add`].
    fn new(
        exec: &'a Exec,
        [dz, x]: [MatrixView<'a>; 2],
        steps: [Step; 2],
        [w, b]: [Moved<'a>; 2],
        db: &'a mut [f32],
        finite: bool,
    ) -> Layer<'a> {
        let (outs, ins, n) = (dz.nrows(), x.nrows(), x.ncols());
        assert!(dz.ncols() == n && db.len() == outs, "dz, x and db do not agree");
        let size = outs.checked_mul(ins);
        assert!(size == Some(w.values.len()), "w has another size than dz·xᵀ");
        assert!(b.values.len() == outs, "a bias an output");
        let (weights, biases) = (w.place(steps[0]), b.place(steps[1]));
        let product = turned(gradient(exec, &dz, &x, finite));
        let (weights, pieces) = Pieces::new(exec, product, weights);
        Layer { weights, pieces, steps, dz, db: Shared(db.as_mut_ptr()), biases }
    }

    /// Does a piece of the weights, or after the last of them the biases.
    fn work(&self, exec: &Exec, piece: usize) {
        if piece < self.pieces {
            return match self.steps[0] {
                Step::Sgd(rule) => self.weights.work(exec, rule, piece),
                Step::Adam(rule) => self.weights.work(exec, rule, piece),
            };
        }
        // SAFETY: `new` took room for a value an output and as many biases with what this step needs; no other
        // piece uses them.
        unsafe {
            let db = std::slice::from_raw_parts_mut(self.db.get(), self.dz.nrows());
            exec.run(SumColumns::of(&self.dz, db));
            self.steps[1].sweep(&exec.alone(), db, self.biases);
        }
    }
}

/// A gradient and the step along it in blocks.
struct Pieces<'a> {
    product: Product<'a>,
    place: Place,
    width: usize,
    height: usize,
    /// Rows that are computed before they are moved.
    few: usize,
    listed: Listed,
}

// SAFETY: the threads read `A` and `B` and write different blocks of the parameters, and one of them the
// biases and their gradient; see `work`.
unsafe impl Sync for Layer<'_> {}

impl<'a> Pieces<'a> {
    /// Cuts a gradient into blocks; and how many those are.
    fn new(exec: &Exec, product: Product<'a>, place: Place) -> (Pieces<'a>, usize) {
        let (rows, outs) = (product.rows, product.cols);
        let listed = listed(exec.plan(), &product);
        let Piece { width, height, fit, rows: few } =
            exec.plan().piece(outs.max(1), product.depth, listed);
        // About as many rows as are wanted, equally many for each thread; but a piece worth a thread.
        let worth = WORK / (width * product.depth.max(1)) + 1;
        let each = rows.div_ceil(exec.threads()).max(1);
        let height = each.div_ceil(each.div_ceil(height.min(fit))).max(worth).min(fit);
        // The few rows at a time are about equally many.
        let few = height.div_ceil(height.div_ceil(few)).next_multiple_of(TURN_ROWS).min(few);
        let count = outs.div_ceil(width) * rows.div_ceil(height);
        (Pieces { product, place, width, height, few, listed }, count)
    }

    /// Computes the gradient of a block and moves its parameters.
    fn work<R: Rule>(&self, exec: &Exec, rule: R, piece: usize) {
        let Product { rows, cols: outs, .. } = self.product;
        let across = outs.div_ceil(self.width);
        let (m, o) = (piece / across * self.height, piece % across * self.width);
        let (height, width) = (self.height.min(rows - m), self.width.min(outs - o));
        // SAFETY: the block lies within the product and the parameters, and no two blocks share one.
        let (product, place) =
            unsafe { (self.product.block(m, height, o, width), self.place.at(m * outs + o)) };
        let room = exec.plan().gradient;
        assert!(height.min(self.few) * width <= room, "no room for a piece of a gradient");
        pack::with_room(Room::Gradient, room, |g| {
            let product = Product { c: g, c_row: width, ..product };
            if height <= self.few {
                compute(exec, product, self.listed);
                return self.sweep(exec, rule, g, place, [height, width]);
            }
            let together = Product { copies: Copies::Together, ..product };
            with_lists(exec, together, self.listed, |product| {
                self.few_rows(exec, rule, product, place);
            });
        });
    }

    /// Computes and moves a few rows at a time; their copy of `B` is made once.
    fn few_rows<R: Rule>(&self, exec: &Exec, rule: R, product: Product<'_>, place: Place) {
        let outs = self.product.cols;
        let copy = product.depth * product.cols.next_multiple_of(LINE);
        assert!(copy <= exec.plan().right(), "no room for a copy of B");
        let cut = Cut { cols: usize::MAX, ..*product.cut };
        let mut product = Product { cut: &cut, ..product };
        let all = product.rows;
        for m in (0..all).step_by(self.few) {
            let rows = self.few.min(all - m);
            // SAFETY: the rows lie within the block.
            let (part, place) =
                unsafe { (product.block(m, rows, 0, product.cols), place.at(m * outs)) };
            let [first, second] = place.moments;
            let arrays = [place.w, first, second];
            let fetch = Fetch { arrays, count: 1 + R::MOMENTS, step: outs };
            let part = Product { c: product.c, fetch: Some(&fetch), ..part };
            if !exec.run(Block(part)) {
                product.left = std::ptr::null_mut();
            }
            product.copies = Copies::Made;
            self.sweep(exec, rule, product.c, place, [rows, product.cols]);
        }
    }

    /// Moves the parameters of some rows along their gradient.
    fn sweep<R: Rule>(
        &self,
        exec: &Exec,
        rule: R,
        g: *const f32,
        place: Place,
        [rows, width]: [usize; 2],
    ) {
        let outs = self.product.cols;
        let (rows, n) = if width == outs { (1, rows * width) } else { (rows, width) };
        exec.run(Sweep { rule, g, place, step: outs, rows, n });
    }
}
