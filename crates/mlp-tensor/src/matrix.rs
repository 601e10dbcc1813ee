//! Matrices are nalgebra's, of `f32`, column-major; a column is an example.

use nalgebra::{Const, Dyn};

/// An owned matrix.
pub type Matrix = nalgebra::DMatrix<f32>;
/// A borrowed matrix.
pub type MatrixView<'a> = nalgebra::DMatrixView<'a, f32>;
/// A mutably borrowed matrix.
pub type MatrixViewMut<'a> = nalgebra::DMatrixViewMut<'a, f32>;

/// `rows × cols` values whose columns begin `step` apart.
///
/// # Panics
/// If the last column passes the end of `values`.
pub fn view(values: &[f32], rows: usize, cols: usize, step: usize) -> MatrixView<'_> {
    let (one, step) = (Const::<1>, Dyn(step));
    MatrixView::from_slice_with_strides_generic(values, Dyn(rows), Dyn(cols), one, step)
}

/// As [`view`], to be written.
///
/// # Panics
/// If the last column passes the end of `values`.
pub fn view_mut(values: &mut [f32], rows: usize, cols: usize, step: usize) -> MatrixViewMut<'_> {
    let (one, step) = (Const::<1>, Dyn(step));
    MatrixViewMut::from_slice_with_strides_generic(values, Dyn(rows), Dyn(cols), one, step)
}
