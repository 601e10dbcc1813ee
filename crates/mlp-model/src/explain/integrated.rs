//! Integrated gradients (Sundararajan, Taly, Yan: "Axiomatic Attribution for Deep Networks", 2017):
//! how much of an output's way from its value at a baseline to its value at an input each input has
//! brought about. The parts add up to the whole way.

use crate::reference::{Nodes, Reference};

/// Steps are halved until what they leave over adds up to no more than this share of the way.
pub const TOLERANCE: f64 = 1e-3;
/// Steps at first, and at most.
const STEPS: (usize, usize) = (32, 1 << 12);
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

/// `(x − x₀) · ∫ ∂F(x₀ + t (x − x₀))/∂x dt` over `t` from 0 to 1, for `F` the sum of the outputs
/// weighted by `direction` (1 for the one asked about, else 0).
///
/// The integral is a sum over steps with the gradient in the middle of each. What a step leaves over
/// is known, since `F` is known at both its ends; those that leave too much are halved, until all
/// together leave [`TOLERANCE`]. So kinks are closed in on instead of being stepped over.
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
    let Some(first) = network.layers.first() else {
        let (base, output) = (dot(baseline, direction), dot(x, direction));
        let parts = x.iter().zip(baseline).zip(direction);
        let contributions = parts.map(|((x, x0), d)| d * (x - x0)).collect();
        return Attribution { base, output, contributions, steps: 1, residual: 0.0 };
    };
    let (from, to) = (network.trace(baseline), network.trace(x));
    let value = |trace: &[(Vec<f64>, Vec<f64>)]| trace.last().map_or(0.0, |l| dot(&l.1, direction));
    let (base, output) = (value(&from), value(&to));
    let moved = to[0].0.iter().zip(&from[0].0).map(|(z1, z0)| z1 - z0).collect();
    let upper = Reference { layers: network.layers[1..].to_vec() };
    let way = Way { first, upper, start: from[0].0.clone(), moved, direction };
    let steps = way.steps(base, output);
    let mut dz = vec![0.0; way.start.len()];
    for step in &steps {
        let share = step.to - step.from;
        dz.iter_mut().zip(&step.gradient).for_each(|(dz, g)| *dz += share * g);
    }
    let moved = x.iter().zip(baseline).map(|(x, x0)| x - x0);
    let contributions: Vec<f64> =
        first.by_inputs(&dz).iter().zip(moved).map(|(dx, moved)| dx * moved).collect();
    let residual = output - base - contributions.iter().sum::<f64>();
    Attribution { base, output, contributions, steps: steps.len(), residual }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The way of the first layer's sums, and what is above them.
struct Way<'a> {
    first: &'a Nodes,
    upper: Reference,
    start: Vec<f64>,
    moved: Vec<f64>,
    direction: &'a [f64],
}

/// A part of the way.
struct Step {
    from: f64,
    to: f64,
    /// `F` at both ends and in the middle.
    ends: (f64, f64),
    middle: f64,
    /// In the middle, by the first layer's sums.
    gradient: Vec<f64>,
    /// What the gradient in the middle does not account for.
    left: f64,
    /// The size of what it accounts for.
    size: f64,
}

impl Way<'_> {
    /// Cuts the way into steps that together leave next to nothing over.
    fn steps(&self, base: f64, output: f64) -> Vec<Step> {
        let layers = self.upper.layers.iter();
        let weights: usize = layers.map(|l| l.weights.len() * l.weights[0].len()).sum();
        let most = (WORK / (2 * weights).max(1)).clamp(STEPS.0, STEPS.1);
        let at = |i: usize| i as f64 / STEPS.0 as f64;
        let mut values: Vec<f64> = (0..=STEPS.0).map(|i| self.value(at(i))).collect();
        (values[0], values[STEPS.0]) = (base, output);
        let mut steps: Vec<Step> = (0..STEPS.0)
            .map(|i| self.step((at(i), at(i + 1)), (values[i], values[i + 1])))
            .collect();
        loop {
            let left: f64 = steps.iter().map(|step| step.left.abs()).sum();
            let size: f64 = steps.iter().map(|step| step.size).sum();
            let allowed = (TOLERANCE * (output - base).abs()).max(ROUNDING * size);
            if left <= allowed || !left.is_finite() || 2 * steps.len() > most {
                return steps;
            }
            // Half of what is allowed, shared out: those above it hold the rest.
            let each = 0.5 * allowed / steps.len() as f64;
            let mut finer = Vec::with_capacity(steps.len());
            for step in steps {
                if step.left.abs() <= each {
                    finer.push(step);
                    continue;
                }
                let middle = 0.5 * (step.from + step.to);
                finer.push(self.step((step.from, middle), (step.ends.0, step.middle)));
                finer.push(self.step((middle, step.to), (step.middle, step.ends.1)));
            }
            steps = finer;
        }
    }

    /// The sums of the first layer on the way, and its answers.
    fn place(&self, t: f64) -> (Vec<f64>, Vec<f64>) {
        let z: Vec<f64> = self.start.iter().zip(&self.moved).map(|(z, m)| z + t * m).collect();
        let y = z.iter().map(|&z| self.first.activation.value_f64(z)).collect();
        (z, y)
    }

    fn value(&self, t: f64) -> f64 {
        dot(&self.upper.forward(&self.place(t).1), self.direction)
    }

    fn step(&self, (from, to): (f64, f64), ends: (f64, f64)) -> Step {
        let (z, y) = self.place(0.5 * (from + to));
        let trace = self.upper.trace(&y);
        let (middle, dy) = match (self.upper.layers.first(), trace.last()) {
            (Some(second), Some((_, logits))) => {
                let dz = self.upper.back(&trace, self.direction);
                (dot(logits, self.direction), second.by_inputs(&dz[0]))
            }
            _ => (dot(&y, self.direction), self.direction.to_vec()),
        };
        let slopes = z.iter().map(|&z| self.first.activation.slope_f64(z));
        let gradient: Vec<f64> = dy.iter().zip(slopes).map(|(dy, slope)| dy * slope).collect();
        let parts = gradient.iter().zip(&self.moved).map(|(g, moved)| (to - from) * g * moved);
        let left = ends.1 - ends.0 - parts.clone().sum::<f64>();
        let size = parts.map(f64::abs).sum();
        Step { from, to, ends, middle, gradient, left, size }
    }
}
