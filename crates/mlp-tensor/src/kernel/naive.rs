//! The products as three nested loops over single values: what every kernel must give, bit for
//! bit. A sum that ends as −0 is +0.

use crate::{Matrix, MatrixView};

/// `w·x + b`
pub fn forward(w: MatrixView<'_>, b: &[f32], x: MatrixView<'_>) -> Matrix {
    Matrix::from_fn(w.nrows(), x.ncols(), |o, n| {
        (0..w.ncols()).fold(b[o], |sum, k| x[(k, n)].mul_add(w[(o, k)], sum)) + 0.0
    })
}

/// `wᵀ·dz`
pub fn input_gradient(w: MatrixView<'_>, dz: MatrixView<'_>) -> Matrix {
    Matrix::from_fn(w.ncols(), dz.ncols(), |i, n| {
        (0..w.nrows()).fold(0.0, |sum, k| dz[(k, n)].mul_add(w[(k, i)], sum)) + 0.0
    })
}

/// `dz·xᵀ` and `dz·1`
pub fn weight_gradient(dz: MatrixView<'_>, x: MatrixView<'_>) -> (Matrix, Vec<f32>) {
    let dw = Matrix::from_fn(dz.nrows(), x.nrows(), |o, i| {
        (0..x.ncols()).fold(0.0, |sum, k| x[(i, k)].mul_add(dz[(o, k)], sum)) + 0.0
    });
    let db = (0..dz.nrows()).map(|o| dz.row(o).iter().fold(0.0, |sum, &d| sum + d)).collect();
    (dw, db)
}
