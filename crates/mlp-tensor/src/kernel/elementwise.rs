//! Jobs over slices: activations, their slopes, softmax. Threads are the caller's matter.

use super::functions::{self, Unary};
use super::{Job, Kernel};
use crate::Activation;

/// Calls `$go` with the type that is activation `$f`.
macro_rules! with_value {
    ($f:expr, $op:ident => $go:expr) => {
        with_value!(@ $f, $op, $go,
            Identity Logistic Tanh Relu LeakyRelu Elu Selu Gelu Silu Mish Softplus)
    };
    (@ $f:expr, $op:ident, $go:expr, $($name:ident)*) => {
        match $f {
            $(Activation::$name => {
                let $op = functions::$name;
                $go
            })*
        }
    };
}

/// Calls `$go` with the type that is the slope of activation `$f`.
macro_rules! with_slope {
    ($f:expr, $op:ident => $go:expr) => {
        with_slope!(@ $f, $op, $go,
            Identity IdentitySlope, Logistic LogisticSlope, Tanh TanhSlope, Relu ReluSlope,
            LeakyRelu LeakyReluSlope, Elu EluSlope, Selu SeluSlope, Gelu GeluSlope, Silu SiluSlope,
            Mish MishSlope, Softplus SoftplusSlope)
    };
    (@ $f:expr, $op:ident, $go:expr, $($name:ident $slope:ident),*) => {
        match $f {
            $(Activation::$name => {
                let $op = functions::$slope;
                $go
            })*
        }
    };
}

/// `y[i] = op(x[i])` for `i < n`.
///
/// # Safety
/// `n` values must be readable at `x` and writable at `y`; the two may be the same place, or else
/// must not overlap.
#[inline(always)]
unsafe fn map<K: Kernel, O: Unary>(k: K, op: O, x: *const f32, y: *mut f32, n: usize) {
    let mut i = 0;
    // SAFETY: all offsets are below `n`.
    unsafe {
        while i + K::LANES <= n {
            k.store(y.add(i), op.apply(k, k.load(x.add(i))));
            i += K::LANES;
        }
        if i < n {
            k.store_part(y.add(i), n - i, op.apply(k, k.load_part(x.add(i), n - i)));
        }
    }
}

/// `y = f(x)` over a block of rows.
pub struct Activate {
    /// The function.
    pub f: Activation,
    /// First value of the input.
    pub x: *const f32,
    /// Step between its rows.
    pub x_row: usize,
    /// First value of the output.
    pub y: *mut f32,
    /// Step between its rows.
    pub y_row: usize,
    /// Rows.
    pub rows: usize,
    /// Values a row.
    pub cols: usize,
}

impl Job for Activate {
    type Out = ();
    /// Whoever makes the job vouches for the memory: both blocks exist; they are the same or do not
    /// overlap.
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        with_value!(self.f, op => {
            for m in 0..self.rows {
                // SAFETY: row `m` lies within both blocks.
                unsafe {
                    let (x, y) = (self.x.add(m * self.x_row), self.y.add(m * self.y_row));
                    map(k, op, x, y, self.cols);
                }
            }
        })
    }
}

/// `y = op(x)`.
pub struct Map<'a, O> {
    /// The function.
    pub op: O,
    /// Input.
    pub x: &'a [f32],
    /// Output, as long.
    pub y: &'a mut [f32],
}

impl<O: Unary> Job for Map<'_, O> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        let n = self.x.len().min(self.y.len());
        // SAFETY: both slices have `n` values.
        unsafe { map(k, self.op, self.x.as_ptr(), self.y.as_mut_ptr(), n) }
    }
}

/// `d *= f'`, where `of` holds `z` or `y` as the activation wants.
pub struct Gradient<'a> {
    /// The function.
    pub f: Activation,
    /// What the slope is computed from.
    pub of: &'a [f32],
    /// The gradient, as long.
    pub d: &'a mut [f32],
}

impl Job for Gradient<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        let n = self.of.len().min(self.d.len());
        // SAFETY: both slices have `n` values.
        with_slope!(self.f, op => unsafe { scale(k, op, self.of.as_ptr(), self.d.as_mut_ptr(), n) })
    }
}

/// `d[i] *= op(of[i])` for `i < n`.
///
/// # Safety
/// `n` values must be readable at `of` and writable at `d`, without overlap.
#[inline(always)]
unsafe fn scale<K: Kernel, O: Unary>(k: K, op: O, of: *const f32, d: *mut f32, n: usize) {
    let mut i = 0;
    // SAFETY: all offsets are below `n`.
    unsafe {
        while i + K::LANES <= n {
            let slope = op.apply(k, k.load(of.add(i)));
            k.store(d.add(i), k.mul(k.load(d.add(i)), slope));
            i += K::LANES;
        }
        if i < n {
            let slope = op.apply(k, k.load_part(of.add(i), n - i));
            k.store_part(d.add(i), n - i, k.mul(k.load_part(d.add(i), n - i), slope));
        }
    }
}

/// Softmax of every run of `classes` values: `exp(z - max) / Σ`, the sum in rising class order.
pub struct Softmax<'a> {
    /// Values a run.
    pub classes: usize,
    /// Input; a whole number of runs.
    pub z: &'a [f32],
    /// Output, as long.
    pub p: &'a mut [f32],
}

/// `exp(z - shift)`
#[derive(Clone, Copy)]
struct ShiftedExp(f32);

impl Unary for ShiftedExp {
    #[inline(always)]
    fn apply<K: Kernel>(self, k: K, x: K::F) -> K::F {
        functions::exp(k, k.sub(x, k.splat(self.0)))
    }
}

/// `x / divisor`
#[derive(Clone, Copy)]
struct Over(f32);

impl Unary for Over {
    #[inline(always)]
    fn apply<K: Kernel>(self, k: K, x: K::F) -> K::F {
        k.div(x, k.splat(self.0))
    }
}

impl Job for Softmax<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        for (z, p) in self.z.chunks_exact(self.classes).zip(self.p.chunks_exact_mut(self.classes)) {
            let mut high = f32::NEG_INFINITY;
            for &z in z {
                high = if z > high { z } else { high };
            }
            let (from, to) = (z.as_ptr(), p.as_mut_ptr());
            // SAFETY: both runs have `classes` values.
            unsafe { map(k, ShiftedExp(high), from, to, self.classes) };
            let mut sum = 0.0;
            for &e in p.iter() {
                sum += e;
            }
            // SAFETY: the run has `classes` values.
            unsafe { map(k, Over(sum), to, to, self.classes) };
        }
    }
}
