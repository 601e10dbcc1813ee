//! Matrices, SIMD kernels, threads, deterministic math and random streams.
//!
//! Everything in this crate gives the same bits on every host: whatever the instruction set, the number of
//! threads or the optimisation level. See `docs/numerics.md`.

pub mod activation;
pub mod exec;
mod kernel;
pub mod math;
pub mod matrix;
pub mod product;
pub mod random;
pub mod reduce;
pub mod solve;
pub mod update;

pub use activation::Activation;
pub use exec::{Exec, ExecError, Isa};
pub use matrix::{Matrix, MatrixView, MatrixViewMut};
pub use random::{Purpose, Stream, Streams};
