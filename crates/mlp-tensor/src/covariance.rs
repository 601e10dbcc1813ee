//! The covariance of columns and its eigenvectors, in f64: principal components.
//!
//! Every element is a chain of products and sums in the order of the rows, whatever the instruction
//! set and the number of threads.

use crate::Exec;
use crate::kernel::{Job, Kernel};
use nalgebra::{DMatrix, SymmetricEigen};

/// Rows whose products are added up before they join those of all: so many stay in a cache.
const ROWS: usize = 64;
/// A block of the products: as many sums as the registers of any instruction set hold.
const HIGH: usize = 4;
const WIDE: usize = 8;
/// Eigenvalues below this share of the largest are no more than the rounding of `f32` inputs.
const ROUNDING: f64 = 1e-12;

/// `Σ (x − mean)·(x − mean)ᵀ` over rows that are added in any number of calls.
#[derive(Debug)]
pub struct Covariance {
    mean: Vec<f64>,
    /// Columns, rounded up to whole blocks; what is beyond them is zero.
    width: usize,
    /// `width × width`, filled from the diagonal to the right, by blocks.
    sums: Vec<f64>,
    rows: usize,
}

/// Eigenvalues and eigenvectors of a covariance.
#[derive(Clone, Debug)]
pub struct Components {
    /// The trace: the sum of all eigenvalues.
    pub total: f64,
    /// The variances along the vectors, falling, for `n − 1` degrees of freedom; those that are no
    /// more than rounding (10⁻¹² of the largest) are left out.
    pub variances: Vec<f64>,
    /// Of unit length, one after another; the largest element of each, the first of equals, is
    /// positive.
    pub vectors: Vec<f64>,
}

impl Covariance {
    /// Of columns with these means.
    pub fn new(mean: Vec<f64>) -> Covariance {
        let width = mean.len().next_multiple_of(WIDE);
        Covariance { mean, width, sums: vec![0.0; width * width], rows: 0 }
    }

    /// Adds rows, one after another.
    ///
    /// # Panics
    /// If `x` is no whole number of rows.
    pub fn add(&mut self, exec: &Exec, x: &[f32]) {
        let Covariance { mean, width, sums, rows } = self;
        let columns = mean.len();
        assert!(columns > 0 && x.len().is_multiple_of(columns), "x is no whole number of rows");
        *rows += x.len() / columns;
        let mut centred = vec![0.0; ROWS * *width];
        for x in x.chunks(ROWS * columns) {
            let count = x.len() / columns;
            for (row, x) in centred.chunks_exact_mut(*width).zip(x.chunks_exact(columns)) {
                let moved = x.iter().zip(&*mean).map(|(x, mean)| f64::from(*x) - mean);
                row.iter_mut().zip(moved).for_each(|(to, v)| *to = v);
            }
            let x = &centred[..count * *width];
            exec.for_each_chunk(sums, HIGH * *width, |block, sums| {
                exec.run(Products { x, width: *width, first: block * HIGH, sums });
            });
        }
    }

    /// The principal components; `None` if the search for them does not end, or a value is not
    /// finite.
    pub fn components(&self) -> Option<Components> {
        let (n, freedom) = (self.mean.len(), self.rows.saturating_sub(1).max(1) as f64);
        let at = |i: usize, j: usize| self.sums[i.min(j) * self.width + i.max(j)] / freedom;
        let covariance = DMatrix::from_fn(n, n, at);
        if covariance.iter().any(|v| !v.is_finite()) {
            return None;
        }
        let total = (0..n).map(|i| at(i, i)).sum();
        let eigen = SymmetricEigen::try_new(covariance, f64::EPSILON, 100 * n.max(10))?;
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        let least = order.first().map_or(0.0, |&i| ROUNDING * eigen.eigenvalues[i]);
        order.retain(|&i| eigen.eigenvalues[i] > least);
        let variances = order.iter().map(|&i| eigen.eigenvalues[i]).collect();
        let mut vectors = Vec::with_capacity(order.len() * n);
        for &i in &order {
            let vector = eigen.eigenvectors.column(i);
            let larger = |a: f64, b: f64| if b.abs() > a.abs() { b } else { a };
            let sign = vector.iter().copied().fold(0.0, larger).signum();
            vectors.extend(vector.iter().map(|v| sign * v));
        }
        Some(Components { total, variances, vectors })
    }
}

/// The products of four columns with those at and right of them, over some rows.
struct Products<'a> {
    x: &'a [f64],
    width: usize,
    /// The first of the four.
    first: usize,
    /// `4 × width`
    sums: &'a mut [f64],
}

impl Job for Products<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, _k: K) {
        let Products { x, width, first, sums } = self;
        let start = first / WIDE * WIDE;
        for right in (start..width).step_by(WIDE) {
            let mut block = [[0.0f64; WIDE]; HIGH];
            for row in x.chunks_exact(width) {
                let (left, right) = (&row[first..first + HIGH], &row[right..right + WIDE]);
                for (sums, a) in block.iter_mut().zip(left) {
                    for (sum, b) in sums.iter_mut().zip(right) {
                        *sum += a * b;
                    }
                }
            }
            for (sums, more) in sums.chunks_exact_mut(width).zip(&block) {
                let sums = &mut sums[right..right + WIDE];
                sums.iter_mut().zip(more).for_each(|(sum, v)| *sum += v);
            }
        }
    }
}
