//! The rules of the optimizers over vectors, and the sweep that applies one to parameters, gradient
//! and moments. What is swept when stands with the callers.

use super::{Job, Kernel};
use crate::tuning::{LINE, SWEEP_AHEAD};

/// How an optimizer moves one parameter: elementwise, so that any order of sweeping gives the same
/// bits. Operations are rounded one by one or fused as written, alike on every instruction set.
pub trait Rule: Copy + Sync {
    /// Moments kept a parameter; at most two, and the others are never read.
    const MOMENTS: usize;
    /// From the gradient `g`, the parameter `w` and its moments: both after the step.
    fn apply<K: Kernel>(self, k: K, g: K::F, w: K::F, moments: [K::F; 2]) -> (K::F, [K::F; 2]);
}

/// Parameters and their moments: three arrays with the same layout.
#[derive(Clone, Copy)]
pub struct Place {
    /// The parameters.
    pub w: *mut f32,
    /// Their moments; null where the rule has none.
    pub moments: [*mut f32; 2],
}

impl Place {
    /// The same, `offset` values on.
    ///
    /// # Safety
    /// The offset must stay within the arrays.
    #[inline(always)]
    pub unsafe fn at(self, offset: usize) -> Place {
        // Null stays unused, whatever is added to it.
        Place {
            w: self.w.wrapping_add(offset),
            moments: self.moments.map(|m| m.wrapping_add(offset)),
        }
    }
}

/// What belongs to the elements of `C` and will be written after them: the first of some arrays, row
/// after row.
pub struct Fetch {
    /// Where `C[0][0]`'s are.
    pub arrays: [*mut f32; 3],
    /// How many arrays.
    pub count: usize,
    /// Step between rows.
    pub step: usize,
}

impl Fetch {
    /// Fetches what belongs to a tile from row `m` and column `o` on.
    #[inline(always)]
    pub fn rows<K: Kernel, const M: usize, const V: usize>(&self, k: K, m: usize, o: usize) {
        for array in &self.arrays[..self.count] {
            for row in m..m + M {
                for v in (0..V).step_by((LINE / K::LANES).max(1)) {
                    k.claim(array.wrapping_add(row * self.step + o + v * K::LANES));
                }
            }
        }
    }
}

/// Moves `n` parameters along the gradients at `g`, and claims those `next` values on, if any: rows
/// that are parts of longer ones are not foreseen by the processor, and none that it must claim.
///
/// # Safety
/// `n` values must be readable at `g` and writable at each array of `place` that the rule uses.
#[inline(always)]
pub unsafe fn sweep<K: Kernel, R: Rule>(
    k: K,
    rule: R,
    g: *const f32,
    place: Place,
    n: usize,
    next: Option<usize>,
) {
    let mut i = 0;
    // SAFETY: all offsets are below `n`.
    unsafe {
        while i + K::LANES <= n {
            if let Some(next) = next {
                k.claim(place.w.wrapping_add(next + i));
                for m in place.moments.into_iter().take(R::MOMENTS) {
                    k.claim(m.wrapping_add(next + i));
                }
            }
            let mut moments = [k.splat(0.0); 2];
            for (m, from) in moments.iter_mut().zip(place.moments).take(R::MOMENTS) {
                *m = k.load(from.add(i));
            }
            let (w, moments) = rule.apply(k, k.load(g.add(i)), k.load(place.w.add(i)), moments);
            k.store(place.w.add(i), w);
            for (m, to) in moments.into_iter().zip(place.moments).take(R::MOMENTS) {
                k.store(to.add(i), m);
            }
            i += K::LANES;
        }
        if i < n {
            let left = n - i;
            let mut moments = [k.splat(0.0); 2];
            for (m, from) in moments.iter_mut().zip(place.moments).take(R::MOMENTS) {
                *m = k.load_part(from.add(i), left);
            }
            let g = k.load_part(g.add(i), left);
            let (w, moments) = rule.apply(k, g, k.load_part(place.w.add(i), left), moments);
            k.store_part(place.w.add(i), left, w);
            for (m, to) in moments.into_iter().zip(place.moments).take(R::MOMENTS) {
                k.store_part(to.add(i), left, m);
            }
        }
    }
}

/// A sweep as a job. Whoever makes it vouches for the memory, as for [`sweep`].
pub struct Sweep<R> {
    /// What moves them.
    pub rule: R,
    /// The gradients, row after row.
    pub g: *const f32,
    /// The parameters.
    pub place: Place,
    /// Step between their rows.
    pub step: usize,
    /// Rows.
    pub rows: usize,
    /// Parameters a row.
    pub n: usize,
}

impl<R: Rule> Job for Sweep<R> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        for row in 0..self.rows {
            // SAFETY: the promise of whoever made it.
            unsafe {
                let (g, place) = (self.g.add(row * self.n), self.place.at(row * self.step));
                let next = match self.rows {
                    1 => Some(SWEEP_AHEAD),
                    rows => (row + 1 < rows).then_some(self.step),
                };
                sweep(k, self.rule, g, place, self.n, next);
            }
        }
    }
}
