//! The sweeps of the optimizers over parameters, gradient and moments; products and sums are rounded one by one, as
//! written, so that every instruction set gives the same bits.

// Several slices are cut at once, which safe code cannot share among threads.
#![allow(unsafe_code)]

use crate::Exec;
use crate::exec::Shared;
use crate::kernel::{Job, Kernel};

/// Values a piece of work; pieces are independent, so their number does not matter to the result.
const CHUNK: usize = 16_384;

/// Cuts slices of equal length into pieces and works on them side by side; `from` is where a piece begins.
fn for_each_piece<const N: usize>(
    exec: &Exec,
    slices: [&mut [f32]; N],
    work: impl Fn(usize, [&mut [f32]; N]) + Sync,
) {
    let len = slices[0].len();
    assert!(slices.iter().all(|s| s.len() == len), "slices of equal length");
    let bases = slices.map(|s| Shared(s.as_mut_ptr()));
    exec.for_each(len.div_ceil(CHUNK), |i| {
        let from = i * CHUNK;
        let n = CHUNK.min(len - from);
        // SAFETY: `from + n <= len` in every slice, and no two `i` share an element.
        let pieces = bases.map(|b| unsafe { std::slice::from_raw_parts_mut(b.get().add(from), n) });
        work(from, pieces);
    });
}

/// `x *= factor`.
pub fn scale(exec: &Exec, factor: f32, x: &mut [f32]) {
    exec.for_each_chunk(x, CHUNK, |_, x| exec.run(Scale { factor, x }));
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

/// A step of gradient descent with momentum: `g += weight_decay·w`, `v = momentum·v + g`, then
/// `w -= rate·v`, or `w -= rate·(g + momentum·v)` in Nesterov's form.
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

impl Sgd {
    /// Moves `w` along `g`, with the velocity `v`; equal lengths.
    pub fn apply(self, exec: &Exec, w: &mut [f32], g: &[f32], v: &mut [f32]) {
        for_each_piece(exec, [w, v], |from, [w, v]| {
            let g = &g[from..][..w.len()];
            exec.run(SgdJob { step: self, w, g, v });
        });
    }
}

struct SgdJob<'a> {
    step: Sgd,
    w: &'a mut [f32],
    g: &'a [f32],
    v: &'a mut [f32],
}

impl Job for SgdJob<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, _: K) {
        let Sgd { rate, momentum, nesterov, weight_decay } = self.step;
        for ((w, &g), v) in self.w.iter_mut().zip(self.g).zip(self.v) {
            let g = g + weight_decay * *w;
            *v = momentum * *v + g;
            let along = if nesterov { g + momentum * *v } else { *v };
            *w -= rate * along;
        }
    }
}

/// A step of Adam, with its bias corrections worked out: `m = β1·m + (1-β1)·g`, `v = β2·v + (1-β2)·g²`,
/// `w -= step·m / (√v·root + ε)`.
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

    /// Moves `w` along `g`, with the moments `m` and `v`; equal lengths.
    pub fn apply(self, exec: &Exec, w: &mut [f32], g: &[f32], m: &mut [f32], v: &mut [f32]) {
        for_each_piece(exec, [w, m, v], |from, [w, m, v]| {
            let g = &g[from..][..w.len()];
            exec.run(AdamJob { step: self, w, g, m, v });
        });
    }
}

struct AdamJob<'a> {
    step: Adam,
    w: &'a mut [f32],
    g: &'a [f32],
    m: &'a mut [f32],
    v: &'a mut [f32],
}

impl Job for AdamJob<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, _: K) {
        let Adam { step, root, betas: (b1, b2), epsilon, keep, l2 } = self.step;
        let (c1, c2) = (1.0 - b1, 1.0 - b2);
        for (((w, &g), m), v) in self.w.iter_mut().zip(self.g).zip(self.m).zip(self.v) {
            let g = g + l2 * *w;
            *m = b1 * *m + c1 * g;
            *v = b2 * *v + c2 * (g * g);
            *w = *w * keep - step * *m / (v.sqrt() * root + epsilon);
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "oracles")]
mod tests {
    use super::*;
    use crate::{Isa, Purpose, Streams};

    /// The formulas of the papers, in f64, for one parameter.
    fn adam_f64(w: f64, grads: &[f64], rate: f64, decay: f64, decoupled: bool) -> f64 {
        let (b1, b2) = (f64::from(0.9f32), f64::from(0.999f32));
        let (mut w, mut m, mut v) = (w, 0.0, 0.0);
        for (t, g) in grads.iter().enumerate() {
            let g = if decoupled { *g } else { g + decay * w };
            w *= if decoupled { 1.0 - rate * decay } else { 1.0 };
            m = b1 * m + (1.0 - b1) * g;
            v = b2 * v + (1.0 - b2) * g * g;
            let power = |b: f64| b.powi(t as i32 + 1);
            w -= rate * (m / (1.0 - power(b1))) / ((v / (1.0 - power(b2))).sqrt() + 1e-8);
        }
        w
    }

    fn numbers(size: usize, index: u32) -> Vec<f32> {
        let mut stream = Streams::new(3).at(Purpose::Demo, 0, index);
        (0..size).map(|_| stream.normal() as f32).collect()
    }

    #[test]
    fn adam_follows_the_papers() {
        for decoupled in [false, true] {
            let grads: Vec<f32> = numbers(20, 1);
            let (mut w, mut m, mut v) = ([0.7f32], [0.0f32], [0.0f32]);
            for (t, g) in grads.iter().enumerate() {
                let step = Adam::new(0.01, (0.9, 0.999), 1e-8, 0.1, decoupled, t as u32 + 1);
                step.apply(&Exec::serial(), &mut w, &[*g], &mut m, &mut v);
            }
            let grads: Vec<f64> = grads.iter().map(|&g| f64::from(g)).collect();
            let expected = adam_f64(
                f64::from(0.7f32),
                &grads,
                f64::from(0.01f32),
                f64::from(0.1f32),
                decoupled,
            );
            assert!((f64::from(w[0]) - expected).abs() < 2e-6, "{} for {expected}", w[0]);
        }
    }

    #[test]
    fn momentum_by_hand() {
        let exec = Exec::serial();
        let (mut w, mut v) = ([1.0f32], [0.5f32]);
        let plain = Sgd { rate: 0.5, momentum: 0.5, nesterov: false, weight_decay: 0.25 };
        plain.apply(&exec, &mut w, &[1.0], &mut v);
        // g = 1 + 0.25, v = 0.25 + 1.25
        assert_eq!((w[0], v[0]), (1.0 - 0.5 * 1.5, 1.5));
        let (mut w, mut v) = ([1.0f32], [0.5f32]);
        Sgd { nesterov: true, ..plain }.apply(&exec, &mut w, &[1.0], &mut v);
        assert_eq!((w[0], v[0]), (1.0 - 0.5 * (1.25 + 0.75), 1.5));
    }

    #[test]
    fn same_bits_for_every_instruction_set_and_thread_count() {
        let size = 3 * CHUNK + 5;
        let run = |exec: &Exec| {
            let (mut w, g) = (numbers(size, 1), numbers(size, 2));
            let (mut m, mut v) = (vec![0.1; size], vec![0.2; size]);
            Adam::new(0.1, (0.9, 0.99), 1e-8, 0.1, true, 3).apply(exec, &mut w, &g, &mut m, &mut v);
            let sgd = Sgd { rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.1 };
            sgd.apply(exec, &mut w, &g, &mut m);
            scale(exec, 0.3, &mut v);
            [w, m, v].concat().iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        };
        let expected = run(&Exec::new(Some(Isa::Portable), Some(1)).unwrap());
        for isa in Isa::available() {
            for threads in [1, 2, 3] {
                let exec = Exec::new(Some(isa), Some(threads)).unwrap();
                assert!(run(&exec) == expected, "{isa:?} {threads}");
            }
        }
    }
}
