//! The gradient of a layer's weights and the optimizer's step along it, piece by piece, so that the
//! gradient never leaves the cache.

// Threads write disjoint blocks of the parameters, which slices cannot express.
#![allow(unsafe_code)]

use crate::Exec;
use crate::kernel::blocks::{Cut, Fetch, Product};
use crate::kernel::descent::{Place, Rule, Sweep};
use crate::kernel::pack::{self, Room};
use crate::product::{Block, Listed, compute, listed, turned, with_lists};
use crate::tuning::{LINE, Piece, TURN_ROWS, WORK};

/// Cuts a gradient and the step along it into blocks.
pub(crate) fn fall<R: Rule>(exec: &Exec, product: Product<'_>, place: Place, rule: R) {
    let product = turned(product);
    let (rows, outs) = (product.rows, product.cols);
    if rows == 0 || outs == 0 {
        return;
    }
    let listed = listed(exec.plan(), &product);
    let Piece { width, height, fit, rows: few } = exec.plan().piece(outs, product.depth, listed);
    // About as many rows as are wanted, equally many for each thread; but a piece worth a thread.
    let worth = WORK / (width * product.depth.max(1)) + 1;
    let each = rows.div_ceil(exec.threads());
    let height = each.div_ceil(each.div_ceil(height.min(fit))).max(worth).min(fit);
    // The few rows at a time are about equally many.
    let few = height.div_ceil(height.div_ceil(few)).next_multiple_of(TURN_ROWS).min(few);
    let pieces = Pieces { product, place, rule, width, height, few, listed };
    let across = outs.div_ceil(width);
    exec.for_each(across * rows.div_ceil(height), |i| {
        pieces.work(exec, i / across * height, i % across * width);
    });
}

/// A gradient and the step along it in blocks.
struct Pieces<'a, R> {
    product: Product<'a>,
    place: Place,
    rule: R,
    width: usize,
    height: usize,
    /// Rows that are computed before they are moved.
    few: usize,
    listed: Listed,
}

// SAFETY: the threads read `A` and `B` and write different blocks of the parameters; see `work`.
unsafe impl<R: Sync> Sync for Pieces<'_, R> {}

impl<R: Rule> Pieces<'_, R> {
    /// Computes the gradient from row `m` and column `o` on, as far as a block goes, and moves its
    /// parameters.
    fn work(&self, exec: &Exec, m: usize, o: usize) {
        let Product { rows, cols: outs, .. } = self.product;
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
                return self.sweep(exec, g, place, [height, width]);
            }
            with_lists(exec, product, self.listed, |product| self.few_rows(exec, product, place));
        });
    }

    /// Computes and moves a few rows at a time; their copy of `B` is made once.
    fn few_rows(&self, exec: &Exec, product: Product<'_>, place: Place) {
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
            product.packed = true;
            self.sweep(exec, product.c, place, [rows, product.cols]);
        }
    }

    /// Moves the parameters of some rows along their gradient.
    fn sweep(&self, exec: &Exec, g: *const f32, place: Place, [rows, width]: [usize; 2]) {
        let outs = self.product.cols;
        let (rows, n) = if width == outs { (1, rows * width) } else { (rows, width) };
        exec.run(Sweep { rule: self.rule, g, place, step: outs, rows, n });
    }
}
