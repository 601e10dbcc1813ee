//! Least squares by gradient descent: the minimum of the closed form, reached step by step. The closed form: `exact`.

use mlp_model::tensor::reduce::sum;

/// Most multiplications of a descent: a second or two.
const MAX_WORK: usize = 1_000_000_000;
/// Most steps, and least however large the table.
const MAX_STEPS: usize = 1_000_000;
const MIN_STEPS: usize = 100;
/// Steps whose parameters are kept.
const MAX_PATH: usize = 256;
/// Rounds of the power iteration: what it finds lacks less than half of the curvature, which still converges.
const ROUNDS: usize = 40;

/// A linear function found by gradient descent on the mean squared error, from all parameters zero.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearDescent {
    /// One a column, in the units of the columns.
    pub coefficients: Vec<f64>,
    /// The constant term.
    pub intercept: f64,
    /// The learning rate: a quarter of one over the largest curvature of the loss, so that the way down is more than a
    /// single leap.
    pub rate: f64,
    /// Steps that were taken.
    pub steps: usize,
    /// Whether the last step changed no parameter by more than its rounding.
    pub converged: bool,
    /// What was taken from each column, and what it was divided by, before the descent: `(0, 1)` where it ran on the
    /// columns as they are. A constant column is divided by 1.
    pub scales: Vec<(f64, f64)>,
    /// The parameters that moved, coefficients of the scaled columns and then the constant: before the first step,
    /// after each of the first few hundred, and at the end.
    pub path: Vec<Vec<f64>>,
}

/// Scaled columns and what they are to give.
struct Problem<'a> {
    rows: usize,
    columns: usize,
    /// `rows × columns`, row by row.
    u: Vec<f64>,
    t: &'a [f64],
}

impl Problem<'_> {
    /// The gradient of the mean of `(w·u + b - t)²` by `(w, b)`; without targets that of `(w·u + b)²`, which is the
    /// curvature times `(w, b)`.
    fn gradient(&self, w: &[f64], targets: bool) -> Vec<f64> {
        let (d, mut g) = (self.columns, vec![0.0; self.columns + 1]);
        for row in 0..self.rows {
            let u = &self.u[row * d..(row + 1) * d];
            let y = u.iter().zip(w).fold(w[d], |y, (u, w)| u.mul_add(*w, y));
            let rest = if targets { y - self.t[row] } else { y };
            g.iter_mut().zip(u).for_each(|(g, u)| *g = u.mul_add(rest, *g));
            g[d] += rest;
        }
        let scale = 2.0 / self.rows.max(1) as f64;
        g.iter_mut().for_each(|g| *g *= scale);
        g
    }

    /// The largest curvature, by the power iteration.
    fn curvature(&self) -> f64 {
        // Unequal entries: none of the curvature's own directions is at right angles to them but by chance.
        let mut v: Vec<f64> = (0..=self.columns).map(|i| 1.0 + i as f64 / 16.0).collect();
        let mut largest = 0.0;
        for _ in 0..ROUNDS {
            let size = v.iter().map(|v| v * v).sum::<f64>().sqrt();
            v.iter_mut().for_each(|v| *v /= size);
            let next = self.gradient(&v, false);
            largest = next.iter().map(|v| v * v).sum::<f64>().sqrt();
            v = next;
        }
        largest
    }
}

/// Descends. `x` is row-major, `rows × columns`, `t` has `rows` values, all finite, at least one row. `standardise`
/// gives every column mean 0 and deviation 1 first, without which columns of unlike size take very many steps.
///
/// Takes about `4·rows·(columns + 1)` operations a step; the number of steps grows with the ratio of the largest to the
/// least curvature, and is cut where it would take more than seconds: [`LinearDescent::converged`] tells.
///
/// # Panics
/// If `x` or `t` has another length than `rows` and `columns` say.
pub fn descend(
    rows: usize,
    columns: usize,
    x: &[f64],
    t: &[f64],
    standardise: bool,
) -> LinearDescent {
    assert!(x.len() == rows * columns && t.len() == rows, "x or t is not of the shape given");
    let scale = |c| if standardise { scale(x, columns, c, rows) } else { (0.0, 1.0) };
    let scales: Vec<(f64, f64)> = (0..columns).map(scale).collect();
    let scaled = |(i, v): (usize, &f64)| (v - scales[i % columns].0) / scales[i % columns].1;
    let u = x.iter().enumerate().map(scaled).collect();
    let problem = Problem { rows, columns, u, t };
    let rate = 0.25 / problem.curvature();
    let mut w = vec![0.0; columns + 1];
    let (mut steps, mut converged, mut path) = (0, false, vec![w.clone()]);
    let most = (MAX_WORK / (2 * rows * (columns + 1)).max(1)).clamp(MIN_STEPS, MAX_STEPS);
    while !converged && steps < most {
        let gradient = problem.gradient(&w, true);
        let largest = w.iter().fold(0.0f64, |m, w| m.max(w.abs()));
        w.iter_mut().zip(&gradient).for_each(|(w, g)| *w -= rate * g);
        converged = gradient.iter().all(|g| (rate * g).abs() <= 4.0 * f64::EPSILON * largest);
        steps += 1;
        if path.len() < MAX_PATH {
            path.push(w.clone());
        }
    }
    if steps >= path.len() {
        path.push(w.clone());
    }
    let coefficients: Vec<f64> = w.iter().zip(&scales).map(|(w, (_, s))| w / s).collect();
    let shift = coefficients.iter().zip(&scales).map(|(w, (m, _))| w * m).sum::<f64>();
    let intercept = w[columns] - shift;
    LinearDescent { coefficients, intercept, rate, steps, converged, scales, path }
}

/// Mean and deviation of a column; deviation 1 of a constant one.
fn scale(x: &[f64], columns: usize, column: usize, rows: usize) -> (f64, f64) {
    let values: Vec<f64> = x.iter().skip(column).step_by(columns).copied().collect();
    let n = rows.max(1) as f64;
    let mean = sum(&values) / n;
    let squares: Vec<f64> = values.iter().map(|v| (v - mean) * (v - mean)).collect();
    let deviation = (sum(&squares) / n).sqrt();
    // As least squares has it: what is no more than the rounding of a constant is one.
    let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    match deviation > 4.0 * f64::EPSILON * largest {
        true => (mean, deviation),
        false => (mean, 1.0),
    }
}
