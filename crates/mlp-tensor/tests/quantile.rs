//! The inverse of the normal distribution function against 200-bit arithmetic, and its laws. The
//! pairs are from `tests/golden/normal_quantile.py`.

#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use mlp_tensor::{Purpose, Streams, math};

/// A probability and its quantile, rounded once.
#[rustfmt::skip]
const EXACT: [(f64, f64); 39] = [
    (5e-324, -38.467405617144344),
    (1e-300, -37.0470962993612),
    (1e-100, -21.273453560965326),
    (1e-30, -11.464024688443615),
    (1e-20, -9.262340089798407),
    (1.3887943864964e-11, -6.657904643501104),
    (1e-09, -5.9978070150076865),
    (1e-07, -5.1993375821928165),
    (1e-05, -4.264890793922825),
    (0.001, -3.0902323061678136),
    (0.01, -2.326347874040841),
    (0.02425, -1.972961051311885),
    (0.05, -1.6448536269514726),
    (0.0749, -1.4402382675279637),
    (0.075, -1.439531470938456),
    (0.0751, -1.43882539275254),
    (0.1, -1.2815515655446004),
    (0.2, -0.8416212335729142),
    (0.25, -0.6744897501960817),
    (0.3, -0.5244005127080408),
    (0.4, -0.2533471031357997),
    (0.45, -0.12566134685507402),
    (0.49, -0.025068908258711057),
    (0.499999, -2.5066282745665593e-06),
    (0.5000000000009095, 2.2797651350911116e-12),
    (0.51, 0.025068908258711057),
    (0.6, 0.2533471031357997),
    (0.75, 0.6744897501960817),
    (0.9, 1.2815515655446006),
    (0.925, 1.4395314709384561),
    (0.9251, 1.440238267527964),
    (0.95, 1.6448536269514722),
    (0.99, 2.3263478740408408),
    (0.999, 3.090232306167813),
    (0.99999, 4.264890793923841),
    (0.9999999, 5.199337582290661),
    (0.999999999, 5.9978070196016375),
    (0.9999999999990905, 7.047700256664409),
    (0.9999999999999999, 8.209536151601387),
];

/// The distance in units of the last place of `exact`.
fn error(y: f64, exact: f64) -> f64 {
    let ulp = f64::from_bits(exact.abs().to_bits() + 1) - exact.abs();
    (y - exact).abs() / ulp
}

#[test]
fn the_quantile_is_the_exact_one_within_its_bound() {
    let errors = EXACT.map(|(p, x)| (error(math::normal_quantile(p), x), p));
    let worst = errors.into_iter().fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
    println!("normal_quantile: {:.2} ulp at {:e}", worst.0, worst.1);
    assert!(worst.0 < 5.0, "{} ulp at {:e}", worst.0, worst.1);
}

#[test]
fn the_quantile_inverts_the_distribution_function() {
    let mut stream = Streams::new(5).at(Purpose::Demo, 0, 0);
    for _ in 0..100_000 {
        // Half of them from far out in the tail.
        let p = math::exp(-stream.uniform_f64() * 600.0 * f64::from(stream.below(2) as u32));
        let p = p * stream.uniform_f64();
        let x = math::normal_quantile(p);
        // dΦ/Φ = (φ/Φ) dx, and φ/Φ is about |x| far out.
        let allowed = (2.0 + x * x) * 2e-15;
        assert!((math::normal_cdf(x) / p - 1.0).abs() < allowed, "{p:e} → {x}");
    }
}

#[test]
fn the_quantile_is_odd_around_one_half_and_has_its_limits() {
    for p in [0.25, 0.125, 1.0 / 1024.0, 2.0f64.powi(-40)] {
        assert_eq!(math::normal_quantile(p), -math::normal_quantile(1.0 - p));
    }
    assert_eq!(math::normal_quantile(0.5).to_bits(), 0);
    assert_eq!(math::normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(math::normal_quantile(1.0), f64::INFINITY);
    for outside in [-1e-300, 1.1, f64::NAN, f64::INFINITY] {
        assert!(math::normal_quantile(outside).is_nan(), "{outside}");
    }
}
