//! Sums in fixed chunks combined in a fixed tree: the same bits for any number of threads.

use crate::Exec;
use crate::kernel::{Job, Kernel};

/// Values a chunk.
const CHUNK: usize = 4096;
/// Interleaved partial sums of a chunk.
const LANES: usize = 16;

/// `Σ x²` in f64.
pub fn sum_of_squares(exec: &Exec, x: &[f32]) -> f64 {
    let sums = chunks(exec, x, |x| exec.run(Squares(x)));
    tree(&sums)
}

/// `Σ x` in f64.
pub fn sum(x: &[f64]) -> f64 {
    let sums: Vec<f64> = x.chunks(CHUNK).map(|x| lanes(x, |&x| x)).collect();
    tree(&sums)
}

/// Whether every value is finite.
pub fn all_finite(exec: &Exec, x: &[f32]) -> bool {
    chunks(exec, x, |x| exec.run(Finite(x))).into_iter().all(|finite| finite)
}

/// `work` on every chunk, in order.
fn chunks<R: Send>(exec: &Exec, x: &[f32], work: impl Fn(&[f32]) -> R + Sync) -> Vec<R> {
    // Several chunks a task: a thread of its own is not worth less.
    const GROUP: usize = 8;
    let groups = x.len().div_ceil(CHUNK * GROUP);
    let group = |i: usize| {
        let from = i * CHUNK * GROUP;
        let part = &x[from..(from + CHUNK * GROUP).min(x.len())];
        part.chunks(CHUNK).map(&work).collect::<Vec<R>>()
    };
    exec.map(groups, group).into_iter().flatten().collect()
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

/// The sum by halves: the first half is the largest power of two below the length.
fn tree(x: &[f64]) -> f64 {
    match x {
        [] => 0.0,
        [x] => *x,
        _ => {
            let (left, right) = x.split_at(x.len().next_power_of_two() / 2);
            tree(left) + tree(right)
        }
    }
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
