//! Jobs over slices: activations, their slopes, softmax, sums, bytes. Threads are the
//! caller's matter.

use super::functions::{self, Unary};
use super::{Job, Kernel};
use crate::{Activation, MatrixView};

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

/// `d *= f'` over a block of rows, where `of` holds `z` or `y` as the activation wants.
pub struct Gradient {
    /// The function.
    pub f: Activation,
    /// First value of what the slope is computed from.
    pub of: *const f32,
    /// Step between its rows.
    pub of_row: usize,
    /// First value of the gradient.
    pub d: *mut f32,
    /// Step between its rows.
    pub d_row: usize,
    /// Rows.
    pub rows: usize,
    /// Values a row.
    pub cols: usize,
}

impl Job for Gradient {
    type Out = ();
    /// Whoever makes the job vouches for the memory: both blocks exist and do not overlap.
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        with_slope!(self.f, op => {
            for m in 0..self.rows {
                // SAFETY: row `m` lies within both blocks.
                unsafe {
                    let (of, d) = (self.of.add(m * self.of_row), self.d.add(m * self.d_row));
                    scale(k, op, of, d, self.cols);
                }
            }
        })
    }
}

/// `to[o] = Σ_n from[n][o]`, in rising `n`: one chain a column.
pub struct SumColumns<'a> {
    from: *const f32,
    step: usize,
    count: usize,
    to: &'a mut [f32],
}

impl<'a> SumColumns<'a> {
    /// The sums of the rows of `dz`.
    pub fn of(dz: &MatrixView<'_>, to: &'a mut [f32]) -> SumColumns<'a> {
        assert!(dz.nrows() == to.len(), "one sum a row");
        SumColumns { from: dz.as_ptr(), step: dz.strides().1, count: dz.ncols(), to }
    }
}

impl Job for SumColumns<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        let (n, to) = (self.to.len(), self.to.as_mut_ptr());
        let mut i = 0;
        // SAFETY: `of` took a matrix of `count` columns, `step` apart, of `n` values each; all
        // offsets within a column are below `n`.
        unsafe {
            while i + 4 * K::LANES <= n {
                let mut sums = [k.splat(0.0); 4];
                for row in 0..self.count {
                    let from = self.from.add(row * self.step + i);
                    for (v, sum) in sums.iter_mut().enumerate() {
                        *sum = k.add(*sum, k.load(from.add(v * K::LANES)));
                    }
                }
                for (v, sum) in sums.into_iter().enumerate() {
                    k.store(to.add(i + v * K::LANES), sum);
                }
                i += 4 * K::LANES;
            }
            while i < n {
                let (width, mut sum) = (K::LANES.min(n - i), k.splat(0.0));
                for row in 0..self.count {
                    let from = self.from.add(row * self.step + i);
                    let part =
                        if width < K::LANES { k.load_part(from, width) } else { k.load(from) };
                    sum = k.add(sum, part);
                }
                if width < K::LANES {
                    k.store_part(to.add(i), width, sum);
                } else {
                    k.store(to.add(i), sum);
                }
                i += width;
            }
        }
    }
}

/// `x[i] = (bytes[i] - mean[i]) * factor[i]`, each operation rounded on its own.
pub struct Widen<'a> {
    /// As long as `x`, like the others.
    pub bytes: &'a [u8],
    /// Taken away.
    pub mean: &'a [f32],
    /// Multiplied.
    pub factor: &'a [f32],
    /// Output.
    pub x: &'a mut [f32],
}

impl Job for Widen<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        let n = self.x.len();
        assert!(self.bytes.len() == n && self.mean.len() == n && self.factor.len() == n);
        let mut i = 0;
        while i + K::LANES <= n {
            // SAFETY: all four slices have `n` values.
            unsafe {
                let byte = k.load_bytes(self.bytes.as_ptr().add(i));
                let centred = k.sub(byte, k.load(self.mean.as_ptr().add(i)));
                let x = k.mul(centred, k.load(self.factor.as_ptr().add(i)));
                k.store(self.x.as_mut_ptr().add(i), x);
            }
            i += K::LANES;
        }
        for i in i..n {
            self.x[i] = (f32::from(self.bytes[i]) - self.mean[i]) * self.factor[i];
        }
    }
}

/// `y = a·b`
pub struct Multiply<'a> {
    /// As long as `y`.
    pub a: &'a [f32],
    /// As long as `y`.
    pub b: &'a [f32],
    /// Output.
    pub y: &'a mut [f32],
}

impl Job for Multiply<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, _k: K) {
        for ((y, a), b) in self.y.iter_mut().zip(self.a).zip(self.b) {
            *y = a * b;
        }
    }
}

/// Asks for the cache lines of some values.
pub struct Fetch<'a, T>(pub &'a [T]);

impl<T> Job for Fetch<'_, T> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        let from = self.0.as_ptr().cast::<f32>().cast_mut();
        let len = size_of_val(self.0).div_ceil(4);
        for i in (0..len).step_by(16) {
            k.prefetch(from.wrapping_add(i));
        }
        // The line of the end, where they begin within one.
        k.prefetch(from.wrapping_add(len.saturating_sub(1)));
    }
}

/// The largest `|x|`, infinite where a value is infinite or no number; 0 of none. The order of a
/// maximum has no influence.
pub struct Largest<'a>(pub &'a [f32]);

impl Job for Largest<'_> {
    type Out = f32;
    #[inline(always)]
    fn run<K: Kernel>(self, _k: K) -> f32 {
        // The bits of positive numbers are in the order of the numbers, and a NaN's are above all.
        let mut most = 0;
        for x in self.0 {
            most = most.max(x.to_bits() & 0x7fff_ffff);
        }
        f32::from_bits(most.min(f32::INFINITY.to_bits()))
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
