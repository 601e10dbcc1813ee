//! The elementary functions and activations against independent oracles: the `libm` crate in `f64`
//! and, for its own `f64` functions, laws and special values too. The bounds are those that the
//! documentation states.

#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use mlp_tensor::elementwise::{activate, activation_gradient};
use mlp_tensor::{Activation, Exec, Purpose, Streams, math};
use mlp_tensor::{MatrixView, MatrixViewMut};

/// The distance between neighbouring values at `x`, for `bits` of precision down to exponent
/// `least`.
fn ulp(x: f64, bits: i32, least: i32) -> f64 {
    let exponent = if x == 0.0 { least } else { libm::frexp(x).1 - bits };
    libm::ldexp(1.0, exponent.max(least))
}

/// The error of `y` in units of the last place of the exact value.
fn error_f32(y: f32, exact: f64) -> f64 {
    if exact.is_nan() || y.is_nan() {
        return if exact.is_nan() && y.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if exact.abs() > f64::from(f32::MAX) {
        // Past the last value by half a step: infinity is right.
        let rounded = exact as f32;
        return if y == rounded { 0.0 } else { f64::INFINITY };
    }
    (f64::from(y) - exact).abs() / ulp(exact, 24, -149)
}

fn error_f64(y: f64, exact: f64) -> f64 {
    if exact.is_nan() || y.is_nan() {
        return if exact.is_nan() && y.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if exact.is_infinite() || y.is_infinite() {
        return if y == exact { 0.0 } else { f64::INFINITY };
    }
    (y - exact).abs() / ulp(exact, 53, -1074)
}

/// The largest error of `f` over every `STRIDE`-th of all `f32` values, which reaches every
/// exponent.
fn largest_error_f32(f: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64) -> (f64, f32) {
    const STRIDE: usize = 4093;
    let mut worst = (0.0, 0.0);
    for bits in (0..=u32::MAX).step_by(STRIDE) {
        let x = f32::from_bits(bits);
        let error = error_f32(f(x), exact(f64::from(x)));
        if error > worst.0 {
            worst = (error, x);
        }
    }
    worst
}

/// Values of every sign and magnitude from 2^-60 to `4^top`, and the special ones.
fn values(top: u64) -> impl Iterator<Item = f64> {
    let mut stream = Streams::new(11).at(Purpose::Demo, 0, top as u32);
    let random = (0..200_000).map(move |_| {
        let size = 2 * stream.below(30 + top) as i32 - 60;
        (stream.uniform_f64() * 2.0 - 1.0) * libm::ldexp(1.0, size + 2)
    });
    let special = [0.0, -0.0, 1.0, -1.0, 5e-324, -1e-310, f64::MAX, f64::MIN];
    random.chain(special).chain([f64::INFINITY, f64::NEG_INFINITY, f64::NAN])
}

fn check_f64(name: &str, top: u64, bound: f64, f: fn(f64) -> f64, exact: impl Fn(f64) -> f64) {
    let mut worst = (0.0, 0.0);
    for x in values(top) {
        let error = error_f64(f(x), exact(x));
        if error > worst.0 {
            worst = (error, x);
        }
    }
    println!("{name}: {:.2} ulp at {:e}", worst.0, worst.1);
    assert!(worst.0 < bound, "{name}: {} ulp at {:e}", worst.0, worst.1);
}

/// [`activation_gradient`] of slices.
fn slopes(exec: &Exec, f: Activation, z: Option<&[f32]>, y: &[f32], d: &mut [f32]) {
    let view = |x| MatrixView::from_slice(x, y.len(), 1);
    let d = MatrixViewMut::from_slice(d, y.len(), 1);
    activation_gradient(exec, f, z.map(view), view(y), d);
}

#[test]
fn f32_functions_keep_their_bounds() {
    let softplus = |x: f64| x.max(0.0) + libm::log1p(libm::exp(-x.abs()));
    let logistic = |x: f64| 1.0 / (1.0 + libm::exp(-x));
    let check = |name: &str, bound: f64, (error, x): (f64, f32)| {
        println!("{name}_f32: {error:.2} ulp at {x:e}");
        assert!(error < bound, "{name}_f32: {error} ulp at {x:e}");
    };
    // Printed with `--nocapture`: the table of the numerics document.
    check("exp", 1.0, largest_error_f32(math::exp_f32, libm::exp));
    check("tanh", 3.0, largest_error_f32(math::tanh_f32, libm::tanh));
    check("logistic", 2.5, largest_error_f32(math::logistic_f32, logistic));
    check(
        "softplus",
        2.0,
        largest_error_f32(math::softplus_f32, |x| if x.is_nan() { x } else { softplus(x) }),
    );
    check("erf", 2.0, largest_error_f32(math::erf_f32, libm::erf));
}

#[test]
fn f64_functions_keep_their_bounds() {
    // The oracle is itself off by up to one ulp, tanh by two.
    check_f64("exp", 10, 2.0, math::exp, libm::exp);
    check_f64("ln", 500, 2.0, math::ln, libm::log);
    check_f64("ln_1p", 500, 2.0, math::ln_1p, libm::log1p);
    check_f64("exp_m1", 10, 2.0, math::exp_m1, libm::expm1);
    check_f64("tanh", 6, 4.0, math::tanh, libm::tanh);
    check_f64("erf", 6, 2.0, math::erf, libm::erf);
    check_f64("erfc", 6, 6.0, math::erfc, libm::erfc);
    check_f64("logistic", 6, 3.0, math::logistic, |x| {
        if x < 0.0 { libm::exp(x) / (1.0 + libm::exp(x)) } else { 1.0 / (1.0 + libm::exp(-x)) }
    });
    check_f64("softplus", 6, 3.0, math::softplus, |x| {
        if x.is_nan() { x } else { x.max(0.0) + libm::log1p(libm::exp(-x.abs())) }
    });
}

#[test]
fn special_values() {
    assert_eq!(math::exp(0.0), 1.0);
    assert_eq!(math::exp(-746.0), 0.0);
    assert_eq!(math::exp(709.79), f64::INFINITY);
    assert_eq!(math::exp_f32(f32::NEG_INFINITY).to_bits(), 0);
    assert_eq!(math::exp_f32(f32::INFINITY), f32::INFINITY);
    assert_eq!(math::ln(1.0).to_bits(), 0);
    assert_eq!(math::ln(0.0), f64::NEG_INFINITY);
    assert!(math::ln(-1.0).is_nan() && math::ln_1p(-1.5).is_nan());
    assert_eq!(math::ln_1p(-1.0), f64::NEG_INFINITY);
    assert_eq!(math::ln(f64::INFINITY), f64::INFINITY);
    for zero in [0.0f64, -0.0] {
        for f in [math::ln_1p, math::exp_m1, math::tanh, math::erf, math::sin_pi] {
            assert_eq!(f(zero).to_bits(), zero.to_bits());
        }
        for f in [math::tanh_f32, math::erf_f32] {
            assert_eq!(f(zero as f32).to_bits(), (zero as f32).to_bits());
        }
    }
    assert_eq!((math::tanh(1e300), math::tanh(-40.0)), (1.0, -1.0));
    assert_eq!(
        (math::logistic(0.0), math::logistic(800.0), math::logistic(-800.0)),
        (0.5, 1.0, 0.0)
    );
    assert_eq!(math::softplus(f64::MAX), f64::MAX);
    assert_eq!((math::erf(f64::INFINITY), math::erfc(f64::INFINITY)), (1.0, 0.0));
    assert_eq!((math::normal_cdf(f64::INFINITY), math::normal_cdf(f64::NEG_INFINITY)), (1.0, 0.0));
    assert!(math::normal_cdf(f64::NAN).is_nan() && math::cos_pi(f64::INFINITY).is_nan());
    assert_eq!(math::powi(1.5, 0), 1.0);
    assert_eq!(math::powi(3.0, 13), 1_594_323.0);
}

#[test]
fn sine_and_cosine_of_multiples_of_pi() {
    for quarter in -8i32..=8 {
        let x = f64::from(quarter) / 2.0;
        let (sin, cos) = ([0.0, 1.0, 0.0, -1.0], [1.0, 0.0, -1.0, 0.0]);
        let i = quarter.rem_euclid(4) as usize;
        assert_eq!((math::sin_pi(x), math::cos_pi(x)), (sin[i], cos[i]), "at {x}");
    }
    let mut stream = Streams::new(2).at(Purpose::Demo, 0, 0);
    let mut worst = (0.0f64, 0.0f64);
    for _ in 0..200_000 {
        // With 30 bits after the point the remainder below is exact, and so nearly is its product
        // with π.
        let x = (stream.uniform_f64() * 1_073_741_824.0).floor() / 1_073_741_824.0;
        let near = |x: f64| std::f64::consts::PI * x;
        let (sin, cos) = if x < 0.25 {
            (libm::sin(near(x)), libm::cos(near(x)))
        } else if x < 0.75 {
            (libm::cos(near(0.5 - x)), libm::sin(near(0.5 - x)))
        } else {
            (libm::sin(near(1.0 - x)), -libm::cos(near(1.0 - x)))
        };
        worst.0 = worst.0.max(error_f64(math::sin_pi(x), sin));
        worst.1 = worst.1.max(error_f64(math::cos_pi(x), cos));
        assert_eq!(math::sin_pi(x + 2.0), math::sin_pi(x));
        assert_eq!(math::cos_pi(-x), math::cos_pi(x));
    }
    println!("sin_pi {:.2}, cos_pi {:.2} ulp", worst.0, worst.1);
    assert!(worst.0 < 3.0 && worst.1 < 3.0, "{worst:?}");
}

/// Inputs for activations: dense around zero, where the kinks and bends are.
fn inputs() -> Vec<f32> {
    let mut z: Vec<f32> = (-40_000i32..=40_000).map(|i| i as f32 / 1000.0 + 0.000_3).collect();
    z.extend((-40..=40).map(|i| i as f32));
    z.extend([1e-30, -1e-30, 1e-42, -1e-42, 90.0, -90.0, -100.0, 1e4, -1e4, 1e30, -1e30]);
    z
}

#[test]
fn activations_and_slopes_are_those_of_the_reference() {
    let (exec, z) = (Exec::serial(), inputs());
    for f in Activation::ALL {
        let (mut y, mut d) = (vec![0.0; z.len()], vec![1.0; z.len()]);
        activate(&exec, f, &z, &mut y);
        slopes(&exec, f, Some(&z), &y, &mut d);
        let (mut value, mut slope) = ((0.0, 0.0), (0.0, 0.0));
        for ((&z, &y), &d) in z.iter().zip(&y).zip(&d) {
            let exact = f.value_f64(f64::from(z));
            // Near the end of the range the factor that falls is rounded to few bits before `z`
            // multiplies it.
            let near_end = exact.abs() < 1e-36;
            let error =
                error_f32(y, exact) / if near_end { 1.0 + z.abs() as f64 / 2.0 } else { 1.0 };
            value = if error > value.0 { (error, z) } else { value };
            let error = (f64::from(d) - f.slope_f64(f64::from(z))).abs();
            slope = if error > slope.0 { (error, z) } else { slope };
        }
        println!("{}: {:.2?} ulp, slope {:.1e} at {}", f.name(), value, slope.0, slope.1);
        assert!(value.0 < 6.0, "{}: {value:?} ulp", f.name());
        assert!(slope.0 < 1e-6, "{}: slope {slope:?}", f.name());
    }
}

#[test]
fn slopes_are_those_of_the_values() {
    for f in Activation::ALL {
        for i in -300..300 {
            let z = f64::from(i) / 31.0 + 0.01;
            let h = 1e-5;
            let slope = (f.value_f64(z + h) - f.value_f64(z - h)) / (2.0 * h);
            assert!((f.slope_f64(z) - slope).abs() < 1e-8, "{f:?} at {z}: {slope}");
        }
    }
}

#[test]
fn nan_and_infinity_through_activations() {
    let exec = Exec::serial();
    for f in Activation::ALL {
        let z = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -f32::NAN];
        let (mut y, mut d) = ([0.0; 4], [1.0; 4]);
        activate(&exec, f, &z, &mut y);
        assert!(y[0].is_nan() && y[3].is_nan(), "{f:?} lost a NaN: {y:?}");
        assert!(f.value_f64(f64::NAN).is_nan(), "{f:?} lost a NaN in f64");
        for i in [1, 2] {
            let limit = f.value_f64(f64::from(z[i]));
            assert!(
                !limit.is_nan() && f64::from(y[i]) == limit as f32 as f64,
                "{f:?}: {y:?}, {limit}"
            );
        }
        slopes(&exec, f, Some(&z), &y, &mut d);
        for i in [1, 2] {
            let limit = f.slope_f64(f64::from(z[i]));
            assert!((f64::from(d[i]) - limit).abs() < 1e-6, "slope of {f:?}: {d:?}, {limit}");
        }
        let mut d = [f32::NAN];
        slopes(&exec, f, Some(&[1.0]), &[1.0], &mut d);
        assert!(d[0].is_nan(), "{f:?} lost a NaN gradient");
    }
}

#[test]
fn kinks_have_the_slope_from_the_left() {
    let exec = Exec::serial();
    for (f, slope) in [(Activation::Relu, 0.0), (Activation::LeakyRelu, 0.01)] {
        for zero in [0.0, -0.0] {
            let mut d = [1.0];
            slopes(&exec, f, None, &[zero], &mut d);
            assert_eq!(d[0], slope);
            assert_eq!(f.slope_f64(f64::from(zero)) as f32, slope);
        }
    }
}

#[test]
fn names_and_their_other_spellings() {
    for f in Activation::ALL {
        assert_eq!(Activation::from_name(f.name()), Some(f));
    }
    let others = [
        ("sigmoid", Activation::Logistic),
        ("linear", Activation::Identity),
        ("swish", Activation::Silu),
        ("LeakyReLU", Activation::LeakyRelu),
        ("leaky-relu", Activation::LeakyRelu),
    ];
    for (name, f) in others {
        assert_eq!(Activation::from_name(name), Some(f));
    }
    assert_eq!(Activation::from_name("relux"), None);
}
