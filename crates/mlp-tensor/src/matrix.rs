//! Matrices are nalgebra's, of `f32`, column-major; a column is an example.

/// An owned matrix.
pub type Matrix = nalgebra::DMatrix<f32>;
/// A borrowed matrix.
pub type MatrixView<'a> = nalgebra::DMatrixView<'a, f32>;
/// A mutably borrowed matrix.
pub type MatrixViewMut<'a> = nalgebra::DMatrixViewMut<'a, f32>;
