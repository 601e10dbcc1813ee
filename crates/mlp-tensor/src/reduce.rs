//! Sums in fixed chunks combined in a fixed tree: the same bits for any number of threads.

use crate::Exec;
use crate::kernel::{Job, Kernel};
use std::sync::atomic::{AtomicBool, Ordering};

/// Values a chunk.
const CHUNK: usize = 4096;
/// Interleaved partial sums of a chunk.
const LANES: usize = 16;

/// Pieces a sum is computed in side by side, at most.
const PIECES: usize = 64;

/// `Σ x²` in f64.
pub fn sum_of_squares(exec: &Exec, x: &[f32]) -> f64 {
    // A power of two of chunks is a node of the tree, so that the tree over pieces of so many chunks
    // is the tree over all chunks.
    let chunks = x.len().div_ceil(CHUNK);
    let piece = chunks.div_ceil(PIECES).next_power_of_two().max(8) * CHUNK;
    let mut sums = [0.0; PIECES];
    let count = x.len().div_ceil(piece);
    exec.for_each_chunk(&mut sums[..count], 1, |i, sum| {
        let x = &x[i * piece..x.len().min((i + 1) * piece)];
        sum[0] = tree(x, &|chunk| exec.run(Squares(chunk)));
    });
    nodes(&sums[..count])
}

/// `Σ x` in f64.
pub fn sum(x: &[f64]) -> f64 {
    tree(x, &|chunk| lanes(chunk, |&x| x))
}

/// Whether every value is finite.
pub fn all_finite(exec: &Exec, x: &[f32]) -> bool {
    let finite = AtomicBool::new(true);
    exec.for_each(x.len().div_ceil(8 * CHUNK), |i| {
        let x = &x[i * 8 * CHUNK..x.len().min((i + 1) * 8 * CHUNK)];
        if !exec.run(Finite(x)) {
            finite.store(false, Ordering::Relaxed);
        }
    });
    finite.into_inner()
}

/// The sum over chunks by halves: the first half has the largest power of two of chunks below their
/// number.
fn tree<T>(x: &[T], chunk: &impl Fn(&[T]) -> f64) -> f64 {
    match x.len().div_ceil(CHUNK) {
        0 => 0.0,
        1 => chunk(x),
        chunks => {
            let (left, right) = x.split_at(chunks.next_power_of_two() / 2 * CHUNK);
            tree(left, chunk) + tree(right, chunk)
        }
    }
}

/// The upper part of the same tree.
fn nodes(x: &[f64]) -> f64 {
    match x {
        [] => 0.0,
        [x] => *x,
        _ => {
            let (left, right) = x.split_at(x.len().next_power_of_two() / 2);
            nodes(left) + nodes(right)
        }
    }
}

/// The sum of one chunk: value `i` goes to lane `i mod 16`, the lanes are added in a tree.
#[inline(always)]
fn lanes<T>(x: &[T], value: impl Fn(&T) -> f64) -> f64 {
    let mut sums = [0.0; LANES];
    let mut rows = x.chunks_exact(LANES);
    for row in &mut rows {
        for (sum, x) in sums.iter_mut().zip(row) {
            *sum += value(x);
        }
    }
    for (sum, x) in sums.iter_mut().zip(rows.remainder()) {
        *sum += value(x);
    }
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            sums[i] += sums[i + width];
        }
    }
    sums[0]
}

/// `Σ x²` of a chunk. The square of an `f32` is exact in `f64`.
struct Squares<'a>(&'a [f32]);

impl Job for Squares<'_> {
    type Out = f64;
    #[inline(always)]
    fn run<K: Kernel>(self, _k: K) -> f64 {
        lanes(self.0, |&x| f64::from(x) * f64::from(x))
    }
}

/// Whether a chunk is finite.
struct Finite<'a>(&'a [f32]);

impl Job for Finite<'_> {
    type Out = bool;
    #[inline(always)]
    fn run<K: Kernel>(self, _k: K) -> bool {
        // Without an early end, so that it is vectorised.
        let mut bad = 0;
        for x in self.0 {
            bad |= u32::from(x.to_bits() & 0x7f80_0000 == 0x7f80_0000);
        }
        bad == 0
    }
}
