//! Integrated gradients (Sundararajan, Taly, Yan: "Axiomatic Attribution for Deep Networks", 2017):
//! how much of an output's way from its value at a baseline to its value at an input each input has
//! brought about. The parts add up to the whole way.

use crate::reference::{Nodes, Reference};

/// Steps are doubled until what is left over is no more than this share of the way.
pub const TOLERANCE: f64 = 1e-3;
/// Steps at first, and at most.
const STEPS: (usize, usize) = (64, 1 << 15);
/// Steps end at this many multiply-adds above the first layer: some seconds.
const WORK: usize = 1 << 31;
/// Rounding may leave this share of all contributions, whatever the number of steps.
const ROUNDING: f64 = 1e-10;

/// What the inputs contribute to an output.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// The output at the baseline.
    pub base: f64,
    /// The output at the input.
    pub output: f64,
    /// One an input.
    pub contributions: Vec<f64>,
    /// Steps of the sum that stands for the integral.
    pub steps: usize,
    /// `output − base − Σ contributions`: what the steps leave over.
    pub residual: f64,
}

/// `(x − x₀) · ∫ ∂F(x₀ + t (x − x₀))/∂x dt` over `t` from 0 to 1, by the midpoints of equal steps, for
/// `F` the sum of the outputs weighted by `direction` (1 for the one asked about, else 0).
///
/// On the way the sums of the first layer move on a straight line, and the gradient by the inputs is
/// one linear map of that by these sums. So the weights of the first layer are read three times in
/// all, not at every step.
///
/// # Panics
/// If `x`, `baseline` or `direction` are shorter than the inputs or outputs.
pub fn integrated_gradients(
    network: &Reference,
    x: &[f64],
    baseline: &[f64],
    direction: &[f64],
) -> Attribution {
    let dot = |y: &[f64]| y.iter().zip(direction).map(|(y, d)| y * d).sum::<f64>();
    let Some(first) = network.layers.first() else {
        let parts = x.iter().zip(baseline).zip(direction);
        let contributions = parts.map(|((x, x0), d)| d * (x - x0)).collect();
        let (base, output) = (dot(baseline), dot(x));
        return Attribution { base, output, contributions, steps: 1, residual: 0.0 };
    };
    let (from, to) = (network.trace(baseline), network.trace(x));
    let (base, output) = (dot(&last(&from)), dot(&last(&to)));
    let (z0, z1) = (&from[0].0, &to[0].0);
    let upper = Reference { layers: network.layers[1..].to_vec() };
    let weights: usize = upper.layers.iter().map(|l| l.weights.len() * l.weights[0].len()).sum();
    let most = (WORK / (2 * weights).max(1)).clamp(STEPS.0, STEPS.1);
    let mut steps = STEPS.0;
    loop {
        let dz = mean_gradient((first, &upper), (z0, z1), direction, steps);
        // The same sum by the first layer's nodes: complete if and only if that by the inputs is.
        let way: f64 = dz.iter().zip(z0.iter().zip(z1)).map(|(d, (z0, z1))| d * (z1 - z0)).sum();
        let size: f64 =
            dz.iter().zip(z0.iter().zip(z1)).map(|(d, (a, b))| (d * (b - a)).abs()).sum();
        let left = (output - base - way).abs();
        let done = left <= TOLERANCE * (output - base).abs() || left <= ROUNDING * size;
        if done || 2 * steps > most {
            let moved = x.iter().zip(baseline).map(|(x, x0)| x - x0);
            let contributions: Vec<f64> =
                first.by_inputs(&dz).iter().zip(moved).map(|(dx, moved)| dx * moved).collect();
            let residual = output - base - contributions.iter().sum::<f64>();
            return Attribution { base, output, contributions, steps, residual };
        }
        steps *= 2;
    }
}

fn last(trace: &[(Vec<f64>, Vec<f64>)]) -> Vec<f64> {
    trace.last().map_or_else(Vec::new, |(_, y)| y.clone())
}

/// The mean, over the midpoints of equal steps, of the gradient by the sums of the first layer while
/// these go from `z0` to `z1`.
fn mean_gradient(
    (first, upper): (&Nodes, &Reference),
    (z0, z1): (&[f64], &[f64]),
    direction: &[f64],
    steps: usize,
) -> Vec<f64> {
    let mut sum = vec![0.0; z0.len()];
    for step in 0..steps {
        let t = (step as f64 + 0.5) / steps as f64;
        let z: Vec<f64> = z0.iter().zip(z1).map(|(a, b)| a + t * (b - a)).collect();
        let y: Vec<f64> = z.iter().map(|&z| first.activation.value_f64(z)).collect();
        let dy = match upper.layers.first() {
            None => direction.to_vec(),
            Some(second) => second.by_inputs(&upper.back(&upper.trace(&y), direction)[0]),
        };
        for ((sum, z), dy) in sum.iter_mut().zip(&z).zip(dy) {
            *sum += dy * first.activation.slope_f64(*z);
        }
    }
    sum.iter().map(|sum| sum / steps as f64).collect()
}
