//! Matrices, SIMD kernels, threads, deterministic math and random streams.
//!
//! Everything in this crate gives the same bits on every host: whatever the instruction set, the
//! number of threads or the optimisation level. See `docs/numerics.md`.
//!
//! ```
//! use mlp_tensor::elementwise::activation_gradient;
//! use mlp_tensor::product::{forward, input_gradient, weight_gradient};
//! use mlp_tensor::{Activation, Exec, Matrix, Purpose, Streams};
//!
//! // One layer of 3 nodes on 2 inputs; a batch of 4 examples, one a column.
//! let exec = Exec::new(None, Some(2))?;
//! let mut w = Matrix::zeros(3, 2);
//! Streams::new(42).at(Purpose::Init, 0, 0).fill_uniform(&exec, -1.0, 1.0, w.as_mut_slice());
//! let b = [0.1, 0.2, 0.3];
//! let x = Matrix::from_row_slice(2, 4, &[0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
//! let mut y = Matrix::zeros(3, 4);
//! forward(&exec, w.as_view(), &b, x.as_view(), Activation::Tanh, None, y.as_view_mut());
//! assert_eq!(y[(0, 0)], mlp_tensor::math::tanh_f32(0.1));
//!
//! // Backwards from the gradient of y, here all ones.
//! let mut dz = Matrix::repeat(3, 4, 1.0);
//! activation_gradient(&exec, Activation::Tanh, None, y.as_view(), dz.as_view_mut());
//! let (mut dw, mut db, mut dx) = (Matrix::zeros(3, 2), [0.0; 3], Matrix::zeros(2, 4));
//! weight_gradient(&exec, dz.as_view(), x.as_view(), dw.as_view_mut(), &mut db);
//! input_gradient(&exec, w.as_view(), dz.as_view(), dx.as_view_mut());
//! assert_eq!(db[2], dz[(2, 0)] + dz[(2, 1)] + dz[(2, 2)] + dz[(2, 3)]);
//!
//! // The same bits from plain Rust on one thread.
//! let plain = Exec::new(Some(mlp_tensor::Isa::Portable), Some(1))?;
//! let mut again = Matrix::zeros(3, 4);
//! forward(&plain, w.as_view(), &b, x.as_view(), Activation::Tanh, None, again.as_view_mut());
//! assert_eq!(y, again);
//! # Ok::<(), mlp_tensor::ExecError>(())
//! ```

pub mod activation;
pub mod covariance;
pub mod descents;
pub mod elementwise;
pub mod exec;
mod kernel;
mod mapped;
pub mod math;
pub mod matrix;
pub mod product;
pub mod random;
pub mod reduce;
pub mod solve;
pub mod stack;
pub mod strips;
mod team;
mod tuning;
pub mod update;
mod values;

pub use activation::Activation;
pub use descents::Descents;
pub use exec::{Exec, ExecError, Isa, Work};
pub use mapped::{Mapped, Plain, bytes_of, bytes_of_mut};
pub use matrix::{Matrix, MatrixView, MatrixViewMut};
pub use random::{Purpose, Stream, Streams};
pub use stack::{Part, Stack};
pub use strips::{StripMatrix, Weights};
pub use values::Values;
