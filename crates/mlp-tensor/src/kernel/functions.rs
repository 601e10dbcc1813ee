//! Elementary functions of `f32` and the activations with their slopes, over the vectors of any
//! instruction set. Polynomials are minimax (Remez, in 60 digits) and evaluated in `mul_add`; a NaN
//! gives a NaN.
//!
//! Errors in ulp stand in `docs/numerics.md` and are held by the tests of `math`.

use super::Kernel;

/// `(exp(r) - 1 - r) / r²` over `|r| ≤ ln 2 / 2`, weighted for `exp(r) - 1`; relative error
/// 2^-32.0.
const EXP: [f32; 6] = [0.5, 0.16666667, 0.041666355, 0.008333273, 0.0013941008, 0.00019914223];
/// `(2 atanh(s) - 2s) / s³` in `s²`, `0 ≤ s ≤ 1/3`, weighted for the logarithm; relative error
/// 2^-33.1.
const LN_1P: [f32; 5] = [0.66666675, 0.39998877, 0.28616887, 0.2142764, 0.24301007];
/// `erf(x) / x - 1` in `x²`, `0 ≤ x ≤ 1`; relative error 2^-29.6.
const ERF: [f32; 7] = [
    0.12837917,
    -0.37612626,
    0.112835854,
    -0.026853813,
    0.0051883277,
    -0.0008010194,
    0.00007853864,
];
/// `Q(a) exp(a²/2) / t` in `t = 1 / (1 + 0.24 a)`, `0 ≤ a ≤ 16`, where `Q` is the upper tail of the
/// normal distribution; relative error 2^-28.2.
const TAIL: [f32; 10] = [
    0.09574168,
    0.09586412,
    0.08888221,
    0.0879874,
    0.027546866,
    0.14251536,
    -0.1454793,
    0.20634021,
    -0.12498612,
    0.025587581,
];
/// `ln 2` in two parts; the first has nine zero bits at its end, so that small multiples of it are
/// exact.
const LN_2: [f32; 2] = [0.693_145_75, 1.428_606_8e-6];
/// Added and taken away again it rounds to an integer, which meanwhile stands in the low bits.
const ROUND: f32 = 12_582_912.0;
/// `1 / √(2π)`
const DENSITY: f32 = 0.398_942_3;
/// The slope of leaky ReLU for negative values.
const LEAK: f32 = 0.01;
/// SELU's two constants (Klambauer 2017).
const SELU_SCALE: f32 = 1.050_701;
/// `SELU_SCALE · alpha`.
const SELU_LOW: f32 = 1.758_099_3;
/// Below this, `z · f(z)` underflows for every such activation; keeps infinity away from zero.
const FLOOR: f32 = -120.0;

/// `c[0] + c[1] x + …`
#[inline(always)]
fn polynomial<K: Kernel, const N: usize>(k: K, c: &[f32; N], x: K::F) -> K::F {
    let mut sum = k.splat(c[N - 1]);
    for i in (0..N - 1).rev() {
        sum = k.mul_add(sum, x, k.splat(c[i]));
    }
    sum
}

/// `|x|`
#[inline(always)]
pub fn abs<K: Kernel>(k: K, x: K::F) -> K::F {
    k.of_bits(k.and(k.bits(x), k.int(i32::MAX)))
}

/// `-x`
#[inline(always)]
fn neg<K: Kernel>(k: K, x: K::F) -> K::F {
    k.mul(k.splat(-1.0), x)
}

/// The sign of `sign` on `x ≥ 0`.
#[inline(always)]
fn with_sign<K: Kernel>(k: K, x: K::F, sign: K::F) -> K::F {
    k.of_bits(k.or(k.bits(x), k.and(k.bits(sign), k.int(i32::MIN))))
}

/// `n` and `exp(r) - 1` with `x = n ln 2 + r`, for `|x| ≤ 128`.
#[inline(always)]
fn reduce<K: Kernel>(k: K, x: K::F) -> (K::I, K::F) {
    let shifted = k.mul_add(x, k.splat(std::f32::consts::LOG2_E), k.splat(ROUND));
    let n = k.int_sub(k.bits(shifted), k.int(ROUND.to_bits() as i32));
    let minus_n = k.sub(k.splat(ROUND), shifted);
    let r = k.mul_add(minus_n, k.splat(LN_2[0]), x);
    let r = k.mul_add(minus_n, k.splat(LN_2[1]), r);
    let p = k.mul_add(k.mul(r, r), polynomial(k, &EXP, r), r);
    (n, p)
}

/// `2^n` for `-126 ≤ n ≤ 127`.
#[inline(always)]
fn power<K: Kernel>(k: K, n: K::I) -> K::F {
    k.of_bits(k.to_exponent(k.int_add(n, k.int(127))))
}

/// `exp(x)`
#[inline(always)]
pub fn exp<K: Kernel>(k: K, x: K::F) -> K::F {
    let x = k.max(k.splat(-104.0), k.min(k.splat(89.0), x));
    let (n, p) = reduce(k, x);
    // In two steps, so that the result may overflow to infinity or round once to a subnormal.
    let half = k.half(n);
    let y = k.mul(k.add(p, k.splat(1.0)), power(k, half));
    k.mul(y, power(k, k.int_sub(n, half)))
}

/// `exp(x) - 1` for `x ≤ 88`
#[inline(always)]
pub fn exp_m1<K: Kernel>(k: K, x: K::F) -> K::F {
    let x = k.max(k.splat(-30.0), x);
    let (n, p) = reduce(k, x);
    let scale = power(k, n);
    let y = k.mul_add(scale, p, k.sub(scale, k.splat(1.0)));
    with_sign(k, abs(k, y), x)
}

/// `ln(1 + u)` for `0 ≤ u ≤ 1`
#[inline(always)]
fn ln_1p<K: Kernel>(k: K, u: K::F) -> K::F {
    let s = k.div(u, k.add(u, k.splat(2.0)));
    let w = k.mul(s, s);
    // 2s + s³ L(w), where 2s = u - s u keeps the part that the division rounded away.
    let tail = k.mul_add(w, polynomial(k, &LN_1P, w), neg(k, u));
    k.mul_add(s, tail, u)
}

/// `tanh(x)`
#[inline(always)]
pub fn tanh<K: Kernel>(k: K, x: K::F) -> K::F {
    let a = k.min(k.splat(10.0), abs(k, x));
    let e = exp_m1(k, k.add(a, a));
    with_sign(k, k.div(e, k.add(e, k.splat(2.0))), x)
}

/// `1 / (1 + exp(-x))` and `1` minus that, both to full relative accuracy.
#[inline(always)]
fn logistic_pair<K: Kernel>(k: K, x: K::F) -> (K::F, K::F) {
    let one = k.splat(1.0);
    let e = exp(k, neg(k, abs(k, x)));
    let sum = k.add(e, one);
    let positive = k.gt(x, k.splat(0.0));
    let high = k.div(one, sum);
    let low = k.div(e, sum);
    (k.select(positive, high, low), k.select(positive, low, high))
}

/// `1 / (1 + exp(-x))`
#[inline(always)]
pub fn logistic<K: Kernel>(k: K, x: K::F) -> K::F {
    let one = k.splat(1.0);
    let e = exp(k, neg(k, abs(k, x)));
    k.div(k.select(k.gt(x, k.splat(0.0)), one, e), k.add(e, one))
}

/// `ln(1 + exp(x))`
#[inline(always)]
pub fn softplus<K: Kernel>(k: K, x: K::F) -> K::F {
    let low = ln_1p(k, exp(k, neg(k, abs(k, x))));
    k.add(k.max(k.splat(0.0), x), low)
}

/// Two factors of the upper tail of the normal distribution at `a ≥ 0`; the second is `exp(-a²/2)`.
#[inline(always)]
fn tail<K: Kernel>(k: K, a: K::F) -> (K::F, K::F) {
    let a = k.min(k.splat(16.0), a);
    let square = k.mul(a, a);
    let rest = k.mul_add(a, a, neg(k, square));
    let e = exp(k, k.mul(k.splat(-0.5), square));
    // exp(-(square + rest)/2) to first order in the rest.
    let e = k.mul_add(k.mul(k.splat(-0.5), rest), e, e);
    let t = k.div(k.splat(1.0), k.mul_add(k.splat(0.24), a, k.splat(1.0)));
    (k.mul(t, polynomial(k, &TAIL, t)), e)
}

/// The error function.
#[inline(always)]
pub fn erf<K: Kernel>(k: K, x: K::F) -> K::F {
    let one = k.splat(1.0);
    let a = abs(k, x);
    let near = k.min(one, a);
    let near = k.mul_add(near, polynomial(k, &ERF, k.mul(near, near)), near);
    let (ratio, e) = tail(k, k.mul(a, k.splat(std::f32::consts::SQRT_2)));
    let far = k.mul_add(k.mul(k.splat(-2.0), ratio), e, one);
    with_sign(k, k.select(k.gt(a, one), far, near), x)
}

/// The normal distribution function and its density.
#[inline(always)]
fn normal<K: Kernel>(k: K, x: K::F) -> (K::F, K::F) {
    let (ratio, e) = tail(k, abs(k, x));
    let q = k.mul(ratio, e);
    let high = k.sub(k.splat(1.0), q);
    (k.select(k.gt(x, k.splat(0.0)), high, q), k.mul(k.splat(DENSITY), e))
}

/// A function of one value.
pub trait Unary: Copy {
    /// The function.
    fn apply<K: Kernel>(self, k: K, x: K::F) -> K::F;
}

/// Defines functions of one value as types.
macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident($k:ident, $x:ident) $body:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name;
        impl Unary for $name {
            #[inline(always)]
            fn apply<K: Kernel>(self, $k: K, $x: K::F) -> K::F {
                $body
            }
        }
    )*};
}

unary! {
    /// `z`
    Identity(_k, z) z;
    /// `1 / (1 + exp(-z))`
    Logistic(k, z) logistic(k, z);
    /// `tanh z`
    Tanh(k, z) tanh(k, z);
    /// `max(0, z)`
    Relu(k, z) k.max(k.splat(0.0), z);
    /// `z`, negative `z` times 0.01
    LeakyRelu(k, z) k.select(k.gt(k.splat(0.0), z), k.mul(k.splat(LEAK), z), z);
    /// `z`, negative `z` to `exp(z) - 1`
    Elu(k, z) k.select(k.gt(k.splat(0.0), z), exp_m1(k, k.min(k.splat(0.0), z)), z);
    /// ELU scaled
    Selu(k, z) {
        let low = k.mul(k.splat(SELU_LOW), exp_m1(k, k.min(k.splat(0.0), z)));
        k.select(k.gt(k.splat(0.0), z), low, k.mul(k.splat(SELU_SCALE), z))
    };
    /// `z Φ(z)`
    Gelu(k, z) {
        let z = k.max(k.splat(FLOOR), z);
        let (ratio, e) = tail(k, abs(k, z));
        // The small factor last, while it is not yet below the normal range.
        let low = k.mul(k.mul(z, ratio), e);
        let high = k.mul(z, k.sub(k.splat(1.0), k.mul(ratio, e)));
        k.select(k.gt(z, k.splat(0.0)), high, low)
    };
    /// `z logistic(z)`
    Silu(k, z) {
        let z = k.max(k.splat(FLOOR), z);
        k.mul(z, logistic(k, z))
    };
    /// `z tanh(softplus(z))`
    Mish(k, z) {
        // tanh(ln(1 + e)) = n / (n + 2) with n = e (e + 2).
        let z = k.max(k.splat(FLOOR), z);
        let e = exp(k, k.min(k.splat(20.0), z));
        let n = k.mul(e, k.add(e, k.splat(2.0)));
        k.mul(z, k.div(n, k.add(n, k.splat(2.0))))
    };
    /// `ln(1 + exp(z))`
    Softplus(k, z) softplus(k, z);

    /// 1
    IdentitySlope(k, _y) k.splat(1.0);
    /// `y (1 - y)`
    LogisticSlope(k, y) k.mul(y, k.sub(k.splat(1.0), y));
    /// `1 - y²`
    TanhSlope(k, y) k.mul_add(neg(k, y), y, k.splat(1.0));
    /// 1 where `y` is positive, else 0
    ReluSlope(k, y) k.select(k.gt(y, k.splat(0.0)), k.splat(1.0), k.splat(0.0));
    /// 1 where `y` is positive, else 0.01
    LeakyReluSlope(k, y) k.select(k.gt(y, k.splat(0.0)), k.splat(1.0), k.splat(LEAK));
    /// 1 where `y` is positive, else `y + 1`
    EluSlope(k, y) k.select(k.gt(y, k.splat(0.0)), k.splat(1.0), k.add(y, k.splat(1.0)));
    /// The scale where `y` is positive, else `y + scale·alpha`
    SeluSlope(k, y) {
        let low = k.add(y, k.splat(SELU_LOW));
        k.select(k.gt(y, k.splat(0.0)), k.splat(SELU_SCALE), low)
    };
    /// `Φ(z) + z φ(z)`
    GeluSlope(k, z) {
        // Beyond 16 the density is zero; infinity times zero must not come up.
        let z = k.max(k.splat(-16.0), k.min(k.splat(16.0), z));
        let (p, density) = normal(k, z);
        k.mul_add(z, density, p)
    };
    /// `s + z s (1 - s)` with `s` the logistic function
    SiluSlope(k, z) {
        let z = k.max(k.splat(FLOOR), k.min(k.splat(-FLOOR), z));
        let (s, rest) = logistic_pair(k, z);
        k.mul_add(k.mul(z, s), rest, s)
    };
    /// `t + z (1 - t²) logistic(z)` with `t = tanh(softplus(z))`
    MishSlope(k, z) {
        let z = k.max(k.splat(FLOOR), k.min(k.splat(20.0), z));
        let e = exp(k, z);
        let n = k.mul(e, k.add(e, k.splat(2.0)));
        let inverse = k.div(k.splat(1.0), k.add(n, k.splat(2.0)));
        // (1 - t²) logistic(z) = 4 e (1 + e) / (n + 2)²
        let top = k.mul(k.splat(4.0), k.mul(e, k.add(e, k.splat(1.0))));
        let fall = k.mul(k.mul(top, inverse), inverse);
        k.mul_add(z, fall, k.mul(n, inverse))
    };
    /// `1 - exp(-y)`
    SoftplusSlope(k, y) neg(k, exp_m1(k, neg(k, y)));
    /// `exp z`
    Exp(k, z) exp(k, z);
}
