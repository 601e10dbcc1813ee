//! Linear least squares in f64, for closed-form fits, on nalgebra's decompositions.
//!
//! nalgebra is built without `std`, so that its products are plain Rust: no path here depends on
//! the processor.

use crate::reduce::sum;
use nalgebra::{DMatrix, DVector};

/// Why a fit is refused.
#[derive(Debug, thiserror::Error)]
pub enum SolveError {
    /// A NaN or infinity, which the decomposition would never return on.
    #[error("value at row {row}, column {column} is not finite")]
    NotFinite {
        /// Zero-based.
        row: usize,
        /// Zero-based; the number of columns stands for the target.
        column: usize,
    },
    /// The decomposition did not converge.
    #[error("the singular value decomposition did not converge")]
    NoConvergence,
}

/// The fitted coefficients of `t ≈ x·coefficients + intercept`.
#[derive(Clone, Debug)]
pub struct LeastSquares {
    /// One a column; the minimum-norm solution where the columns are linearly dependent.
    pub coefficients: Vec<f64>,
    /// The constant term.
    pub intercept: f64,
    /// Standard errors of the coefficients; `None` where the rank is deficient or no degree of
    /// freedom is left.
    pub standard_errors: Option<Vec<f64>>,
    /// Standard error of the intercept.
    pub intercept_error: Option<f64>,
    /// Numerical rank of the centred columns.
    pub rank: usize,
    /// Coefficient of determination on the rows given; 1 if a constant target is met exactly.
    pub r2: f64,
}

/// Fits by QR, and by SVD where the rank may be deficient. `x` is row-major, `rows × columns`; `t`
/// has `rows` values. The columns are centred and scaled to unit norm; singular values up to
/// `ε·max(rows, columns)·σ_max` count as zero, as in LAPACK's `gelsd` and NumPy's `lstsq`.
///
/// Takes about `2·rows·columns·min(rows, columns)` operations, at some 10⁹ a second on one thread,
/// and twice the memory of `x`: seconds for a thousand columns, minutes for several thousand.
///
/// # Panics
/// If `x` or `t` has another length than `rows` and `columns` say.
pub fn least_squares(
    rows: usize,
    columns: usize,
    x: &[f64],
    t: &[f64],
) -> Result<LeastSquares, SolveError> {
    weighted_least_squares(rows, columns, x, t, None)
}

/// [`least_squares`] where each row counts as much as its weight, finite and at least 0: the least
/// `Σ weight · error²`. Means and R² are weighted; errors are those of a variance that falls with the
/// weight, where rows of weight 0 are none.
///
/// # Panics
/// If `x`, `t` or the weights have another length than `rows` and `columns` say.
pub fn weighted_least_squares(
    rows: usize,
    columns: usize,
    x: &[f64],
    t: &[f64],
    weights: Option<&[f64]>,
) -> Result<LeastSquares, SolveError> {
    assert!(x.len() == rows * columns && t.len() == rows, "x or t is not of the shape given");
    assert!(weights.is_none_or(|w| w.len() == rows), "another number of weights than rows");
    if let Some(i) = x.iter().position(|v| !v.is_finite()) {
        return Err(SolveError::NotFinite { row: i / columns, column: i % columns });
    }
    if let Some(row) = t.iter().position(|v| !v.is_finite()) {
        return Err(SolveError::NotFinite { row, column: columns });
    }
    let centred = Centred::new(rows, columns, x, t, weights);
    let scaled = centred.solve()?;
    Ok(centred.finish(scaled))
}

/// The problem with means removed and columns of unit norm.
struct Centred {
    /// `rows × columns`
    x: DMatrix<f64>,
    t: DVector<f64>,
    means: Vec<f64>,
    /// What the columns were divided by; 0 for a constant column, which is all zero.
    norms: Vec<f64>,
    t_mean: f64,
    /// The sum of the weights, and how many are not 0: the number of rows without weights.
    total: f64,
    counting: usize,
}

/// A solution in scaled coordinates.
struct Scaled {
    coefficients: DVector<f64>,
    rank: usize,
    /// The inverse of `R`, if the rank is full: `(xᵀx)⁻¹ = R⁻¹·R⁻ᵀ`.
    inverse: Option<DMatrix<f64>>,
}

/// Removes the mean of `values` and returns it with the norm of what is left: exactly zero if that
/// is no more than the rounding of a constant.
fn centre(values: &mut [f64]) -> (f64, f64) {
    if values.is_empty() {
        return (0.0, 0.0);
    }
    let first = values[0];
    let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    // A power of two, so that dividing is exact and squares neither overflow nor vanish.
    let unit = if largest > 0.0 { f64::from_bits(largest.to_bits() & (0x7ff << 52)) } else { 1.0 };
    let unit = if unit > 0.0 { unit } else { f64::MIN_POSITIVE };
    if values.iter().all(|&v| v == first) {
        values.fill(0.0);
        return (first, 0.0);
    }
    let n = values.len() as f64;
    values.iter_mut().for_each(|v| *v /= unit);
    let rough = sum(values) / n;
    values.iter_mut().for_each(|v| *v -= rough);
    let rest = sum(values) / n;
    values.iter_mut().for_each(|v| *v -= rest);
    let squares: Vec<f64> = values.iter().map(|v| v * v).collect();
    let norm = sum(&squares).sqrt();
    if norm <= 4.0 * f64::EPSILON * n.sqrt() * (largest / unit) {
        values.fill(0.0);
        return ((rough + rest) * unit, 0.0);
    }
    values.iter_mut().for_each(|v| *v *= unit);
    ((rough + rest) * unit, norm * unit)
}

/// [`centre`] by the weighted mean; what is left is multiplied by the roots of the weights.
fn centre_weighted(values: &mut [f64], weights: &[f64]) -> (f64, f64) {
    let counting = || weights.iter().enumerate().filter(|(_, w)| **w > 0.0).map(|(i, _)| i);
    let Some(first) = counting().next().map(|i| values[i]) else {
        values.fill(0.0);
        return (0.0, 0.0);
    };
    if counting().all(|i| values[i] == first) {
        values.fill(0.0);
        return (first, 0.0);
    }
    let products = |values: &[f64]| values.iter().zip(weights).map(|(v, w)| v * w).collect();
    let weighted = |values: &[f64]| -> f64 {
        let products: Vec<f64> = products(values);
        sum(&products) / sum(weights)
    };
    let rough = weighted(values);
    values.iter_mut().for_each(|v| *v -= rough);
    let rest = weighted(values);
    values.iter_mut().zip(weights).for_each(|(v, w)| *v = (*v - rest) * w.sqrt());
    let squares: Vec<f64> = values.iter().map(|v| v * v).collect();
    (rough + rest, sum(&squares).sqrt())
}

impl Centred {
    fn new(rows: usize, columns: usize, x: &[f64], t: &[f64], weights: Option<&[f64]>) -> Centred {
        let mut x = DMatrix::from_row_slice(rows, columns, x);
        let mut t = DVector::from_column_slice(t);
        let centre = |values: &mut [f64]| match weights {
            Some(weights) => centre_weighted(values, weights),
            None => centre(values),
        };
        let total = weights.map_or(rows as f64, sum);
        let counting = weights.map_or(rows, |w| w.iter().filter(|w| **w > 0.0).count());
        let (t_mean, _) = centre(t.as_mut_slice());
        let (mut means, mut norms) = (Vec::new(), Vec::new());
        for mut column in x.column_iter_mut() {
            let (mean, norm) = centre(column.as_mut_slice());
            if norm > 0.0 {
                column.iter_mut().for_each(|v| *v /= norm);
            }
            means.push(mean);
            norms.push(norm);
        }
        Centred { x, t, means, norms, t_mean, total, counting }
    }

    /// The solution, by QR alone where that shows the rank to be full.
    fn solve(&self) -> Result<Scaled, SolveError> {
        let (rows, columns) = self.x.shape();
        if rows == 0 || columns == 0 || self.norms.iter().all(|&norm| norm == 0.0) {
            let coefficients = DVector::zeros(columns);
            return Ok(Scaled { coefficients, rank: 0, inverse: None });
        }
        if rows < columns {
            return self.solve_wide();
        }
        let qr = self.x.clone().qr();
        let mut rotated = self.t.clone();
        qr.q_tr_mul(&mut rotated);
        let rotated = rotated.rows(0, columns).into_owned();
        let r = qr.r();
        let tolerance = f64::EPSILON * rows as f64;
        if let Some(inverse) = inverse_of_triangle(&r)
            // σ_min ≥ 1/‖R⁻¹‖ and σ_max ≤ ‖R‖ in the Frobenius norm: surely full.
            && 1.0 > tolerance * r.norm() * inverse.norm()
        {
            let coefficients = &inverse * rotated;
            return Ok(Scaled { coefficients, rank: columns, inverse: Some(inverse) });
        }
        self.by_svd(r, rotated, None)
    }

    /// More columns than rows: QR of the transpose, `x = (QR)ᵀ = Rᵀ·Qᵀ`.
    fn solve_wide(&self) -> Result<Scaled, SolveError> {
        let qr = self.x.transpose().qr();
        let (q, r) = qr.unpack();
        self.by_svd(r.transpose(), self.t.clone(), Some(q))
    }

    /// The minimum-norm solution of `m·(qᵀ·v) = t` (`q` absent: the identity), minimum in the
    /// unscaled coordinates.
    fn by_svd(
        &self,
        m: DMatrix<f64>,
        t: DVector<f64>,
        q: Option<DMatrix<f64>>,
    ) -> Result<Scaled, SolveError> {
        let longest = self.x.nrows().max(self.x.ncols());
        let sweeps = 100 * m.ncols().max(10);
        let svd = m.try_svd(true, true, f64::EPSILON, sweeps).ok_or(SolveError::NoConvergence)?;
        let (Some(u), Some(v_t)) = (svd.u, svd.v_t) else { return Err(SolveError::NoConvergence) };
        let sigma = svd.singular_values;
        let tolerance = f64::EPSILON * longest as f64 * sigma.max();
        let kept: Vec<usize> = (0..sigma.len()).filter(|&i| sigma[i] > tolerance).collect();
        let mut along = u.tr_mul(&t);
        along
            .iter_mut()
            .zip(&sigma)
            .for_each(|(a, &s)| *a /= if s > tolerance { s } else { f64::INFINITY });
        let mut coefficients = v_t.tr_mul(&along);
        let mut basis = v_t.select_rows(&kept).transpose();
        if let Some(q) = q {
            coefficients = &q * coefficients;
            basis = &q * basis;
        }
        if kept.len() < self.x.ncols() {
            self.shorten(&mut coefficients, basis);
        }
        Ok(Scaled { coefficients, rank: kept.len(), inverse: None })
    }

    /// Of all solutions takes the one whose unscaled coefficients have the least norm: their
    /// projection on the row space, which `basis` (columns × rank) spans in scaled coordinates.
    fn shorten(&self, coefficients: &mut DVector<f64>, mut basis: DMatrix<f64>) {
        for (j, &norm) in self.norms.iter().enumerate() {
            basis.row_mut(j).scale_mut(norm);
            coefficients[j] = if norm > 0.0 { coefficients[j] / norm } else { 0.0 };
        }
        let q = basis.qr().q();
        *coefficients = &q * q.tr_mul(coefficients);
        for (j, &norm) in self.norms.iter().enumerate() {
            coefficients[j] *= norm;
        }
    }

    /// Back to the user's coordinates, with errors and R².
    fn finish(&self, scaled: Scaled) -> LeastSquares {
        let columns = self.x.ncols();
        let residual = &self.t - &self.x * &scaled.coefficients;
        let squares = |v: &DVector<f64>| sum(v.map(|v| v * v).as_slice());
        let (left, total) = (squares(&residual), squares(&self.t));
        let r2 = if total > 0.0 { 1.0 - left / total } else { 1.0 };
        let unscale = |value: f64, norm: f64| if norm > 0.0 { value / norm } else { 0.0 };
        let coefficients: Vec<f64> =
            scaled.coefficients.iter().zip(&self.norms).map(|(&c, &n)| unscale(c, n)).collect();
        let parts: Vec<f64> = coefficients.iter().zip(&self.means).map(|(c, m)| c * m).collect();
        let freedom = self.counting as f64 - columns as f64 - 1.0;
        let variance = (freedom > 0.0).then(|| left / freedom);
        let full = scaled.rank == columns;
        let (mut standard_errors, mut intercept_error) = (None, None);
        if let Some(variance) = variance.filter(|_| full) {
            // With full rank and no column there is no inverse, and none is needed.
            let inverse = scaled.inverse.unwrap_or_else(|| DMatrix::zeros(columns, columns));
            let errors = inverse.row_iter().zip(&self.norms);
            standard_errors =
                Some(errors.map(|(row, &n)| unscale(variance.sqrt() * row.norm(), n)).collect());
            let means = self.means.iter().zip(&self.norms).map(|(&m, &n)| unscale(m, n));
            let spread = inverse.tr_mul(&DVector::from_iterator(columns, means)).norm_squared();
            intercept_error = Some((variance * (1.0 / self.total + spread)).sqrt());
        }
        let intercept = self.t_mean - sum(&parts);
        let rank = scaled.rank;
        LeastSquares { coefficients, intercept, standard_errors, intercept_error, rank, r2 }
    }
}

/// The inverse of an upper triangle; `None` if it is singular or overflows.
fn inverse_of_triangle(r: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let inverse = r.solve_upper_triangular(&DMatrix::identity(r.nrows(), r.nrows()))?;
    inverse.iter().all(|v| v.is_finite()).then_some(inverse)
}
