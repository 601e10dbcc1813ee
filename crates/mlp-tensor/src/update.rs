//! The steps of the optimizers, elementwise over parameters, gradient and moments. Products and sums
//! are fused as written, so that every instruction set gives the same bits, and a step fused with
//! the gradient ([`crate::Descents`]) those of one that follows it.

// Several slices are cut at once, which safe code cannot share among threads.
#![allow(unsafe_code)]

use crate::Exec;
use crate::exec::Shared;
use crate::kernel::descent::{Place, Rule, Sweep};
use crate::kernel::{Job, Kernel};
use crate::tuning::PIECE;
use std::ops::Range;

/// `x *= factor`.
pub fn scale(exec: &Exec, factor: f32, x: &mut [f32]) {
    exec.for_each_chunk(x, PIECE, |_, x| exec.run(Scale { factor, x }));
}

struct Scale<'a> {
    factor: f32,
    x: &'a mut [f32],
}

impl Job for Scale<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, _: K) {
        for x in self.x {
            *x *= self.factor;
        }
    }
}

/// Parameters that a step moves, with the moments it keeps of them: the velocity of [`Sgd`], the two
/// moments of [`Adam`]. Those that a step does not use may be empty.
#[derive(Debug)]
pub struct Moved<'a> {
    /// The parameters.
    pub values: &'a mut [f32],
    /// As long as they are.
    pub moments: [&'a mut [f32]; 2],
}

impl<'a> Moved<'a> {
    /// Takes those from `at` on away from the end; moments that there are none of stay empty.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn split_off(&mut self, at: usize) -> Moved<'a> {
        fn tail<'a>(all: &mut &'a mut [f32], at: usize) -> &'a mut [f32] {
            let (head, tail) = std::mem::take(all).split_at_mut(at);
            *all = head;
            tail
        }
        let moments = self.moments.each_mut().map(|m| match m.len() {
            0 => &mut [][..],
            _ => tail(m, at),
        });
        Moved { values: tail(&mut self.values, at), moments }
    }

    /// Those of a range; moments that there are none of stay empty.
    ///
    /// # Panics
    /// If the range passes the end.
    pub fn part(&mut self, range: Range<usize>) -> Moved<'_> {
        let moments = self.moments.each_mut().map(|m| match m.len() {
            0 => &mut [][..],
            _ => &mut m[range.clone()],
        });
        Moved { values: &mut self.values[range], moments }
    }

    /// Where they lie.
    ///
    /// # Panics
    /// If moments that `step` uses are missing.
    pub(crate) fn place(self, step: Step) -> Place {
        let used = match step {
            Step::Sgd(_) => Sgd::MOMENTS,
            Step::Adam(_) => Adam::MOMENTS,
        };
        let len = self.values.len();
        assert!(self.moments.iter().take(used).all(|m| m.len() == len), "a moment a parameter");
        Place { w: self.values.as_mut_ptr(), moments: self.moments.map(|m| m.as_mut_ptr()) }
    }
}

/// One step of an optimizer.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Gradient descent.
    Sgd(Sgd),
    /// Adam and its kin.
    Adam(Adam),
}

impl Step {
    /// Moves parameters along the gradients `g`, one a parameter.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn apply(self, exec: &Exec, moved: &mut Moved<'_>, g: &[f32]) {
        assert!(moved.values.len() == g.len(), "a gradient a parameter");
        let place = moved.part(0..g.len()).place(self);
        // SAFETY: `Moved::place` saw to it that there are the moments, as many as parameters.
        unsafe { self.sweep(exec, g, place) };
    }

    /// As [`Step::apply`].
    ///
    /// # Safety
    /// `place` must be [`Moved::place`] of this step, of as many parameters as gradients, which nobody else
    /// uses meanwhile.
    pub(crate) unsafe fn sweep(self, exec: &Exec, g: &[f32], place: Place) {
        // SAFETY: the caller's promise.
        unsafe {
            match self {
                Step::Sgd(rule) => pieces(exec, rule, g, place),
                Step::Adam(rule) => pieces(exec, rule, g, place),
            }
        }
    }
}

/// Cuts a step into pieces.
///
/// # Safety
/// As [`Step::sweep`].
unsafe fn pieces<R: Rule>(exec: &Exec, rule: R, g: &[f32], Place { w, moments }: Place) {
    let (w, moments) = (Shared(w), moments.map(Shared));
    exec.for_each(g.len().div_ceil(PIECE), |i| {
        let g = &g[i * PIECE..g.len().min((i + 1) * PIECE)];
        let place = Place { w: w.get(), moments: moments.map(Shared::get) };
        // SAFETY: the caller promises arrays as long as all gradients together.
        let place = unsafe { place.at(i * PIECE) };
        exec.run(Sweep { rule, g: g.as_ptr(), place, step: 0, rows: 1, n: g.len() });
    });
}

/// Gradients and first moments closer to zero count as zero, and second moments below its square, the least
/// normal number: the moments of what has no gradient any more would shrink until they are subnormal and stay
/// so, and processors take a hundred cycles for an operation with such a number. A smaller gradient has no normal
/// square.
pub const LEAST: f32 = 1.0 / (1u64 << 63) as f32;

/// Sets to zero what is closer to zero than [`LEAST`]; NaN stays.
pub fn settle(x: &mut [f32]) {
    x.iter_mut().for_each(|x| *x = if x.abs() < LEAST { 0.0 } else { *x });
}

/// `x`, or zero where it is closer to zero than `least`; NaN stays.
#[inline(always)]
fn settled<K: Kernel>(k: K, x: K::F, least: f32) -> K::F {
    let size = k.of_bits(k.and(k.bits(x), k.int(i32::MAX)));
    k.select(k.gt(k.splat(least), size), k.splat(0.0), x)
}

/// A step of gradient descent with momentum: `g += weight_decay·w`, `v = momentum·v + g`, then
/// `w -= rate·v`, or `w -= rate·(g + momentum·v)` in Nesterov's form; `g` and `v`
/// below [`LEAST`] are zero.
#[derive(Clone, Copy, Debug)]
pub struct Sgd {
    /// Learning rate.
    pub rate: f32,
    /// In [0, 1).
    pub momentum: f32,
    /// Nesterov's form.
    pub nesterov: bool,
    /// L2 term.
    pub weight_decay: f32,
}

impl Rule for Sgd {
    const MOMENTS: usize = 1;
    #[inline(always)]
    fn apply<K: Kernel>(self, k: K, g: K::F, w: K::F, [v, _]: [K::F; 2]) -> (K::F, [K::F; 2]) {
        let momentum = k.splat(self.momentum);
        let g = settled(k, k.mul_add(k.splat(self.weight_decay), w, g), LEAST);
        let v = settled(k, k.mul_add(momentum, v, g), LEAST);
        let along = if self.nesterov { k.mul_add(momentum, v, g) } else { v };
        (k.mul_add(k.splat(-self.rate), along, w), [v, v])
    }
}

/// A step of Adam, with its bias corrections worked out: `m = β1·m + (1-β1)·g`, `v = β2·v + (1-β2)·g²`,
/// `w -= step·m / (√v·root + ε)`; what is below [`LEAST`] is zero.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// Rate over the first moment's correction.
    step: f32,
    /// `1 / √(1 - β2^t)`.
    root: f32,
    betas: (f32, f32),
    epsilon: f32,
    /// Factor on the weights before the step: `1 - rate·decay` where decay is decoupled, else 1.
    keep: f32,
    /// L2 term of the gradient where it is not.
    l2: f32,
}

impl Adam {
    /// The `t`-th step, from 1.
    pub fn new(
        rate: f32,
        betas: (f32, f32),
        epsilon: f32,
        weight_decay: f32,
        decoupled: bool,
        t: u32,
    ) -> Adam {
        let correction = |beta: f32| 1.0 - crate::math::powi(f64::from(beta), u64::from(t));
        let decay = if decoupled { rate * weight_decay } else { 0.0 };
        Adam {
            step: (f64::from(rate) / correction(betas.0)) as f32,
            root: (1.0 / correction(betas.1).sqrt()) as f32,
            betas,
            epsilon,
            keep: 1.0 - decay,
            l2: if decoupled { 0.0 } else { weight_decay },
        }
    }
}

impl Rule for Adam {
    const MOMENTS: usize = 2;
    #[inline(always)]
    fn apply<K: Kernel>(self, k: K, g: K::F, w: K::F, [m, v]: [K::F; 2]) -> (K::F, [K::F; 2]) {
        let Adam { step, root, betas: (b1, b2), epsilon, keep, l2 } = self;
        let g = settled(k, k.mul_add(k.splat(l2), w, g), LEAST);
        let m = settled(k, k.mul_add(k.splat(b1), m, k.mul(k.splat(1.0 - b1), g)), LEAST);
        let v = k.mul_add(k.splat(b2), v, k.mul(k.splat(1.0 - b2), k.mul(g, g)));
        // A first moment without a second would be divided by ε alone.
        let gone = k.gt(k.splat(LEAST * LEAST), v);
        let [m, v] = [m, v].map(|moment| k.select(gone, k.splat(0.0), moment));
        let size = k.mul_add(k.sqrt(v), k.splat(root), k.splat(epsilon));
        let back = k.div(k.mul(k.splat(-step), m), size);
        (k.mul_add(w, k.splat(keep), back), [m, v])
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "oracles")]
mod tests;
