//! Passes over values one by one, or column by column: activations and their slopes, softmax, bytes
//! that become numbers. Here the work is cut up among the threads; the arithmetic stands in
//! `kernel`.

use crate::exec::Shared;
use crate::kernel::elementwise::{
    Activate, Fetch, Gradient, Largest, Map, Multiply, Softmax, Widen,
};
use crate::kernel::functions;
use crate::tuning::{LINE, VALUES};
use crate::{Activation, Exec, MatrixView, MatrixViewMut};

/// `d *= f'`, in place: turns the gradient of `y` into the gradient of `z`. `z` is given where
/// `f.needs_z()`; all have one shape.
///
/// # Panics
/// If the shapes differ or a needed `z` is missing.
pub fn activation_gradient(
    exec: &Exec,
    f: Activation,
    z: Option<MatrixView<'_>>,
    y: MatrixView<'_>,
    mut d: MatrixViewMut<'_>,
) {
    if f == Activation::Identity {
        return;
    }
    let of = match z {
        Some(z) if f.needs_z() => z,
        None if f.needs_z() => panic!("the slope of {} needs z", f.name()),
        _ => y,
    };
    assert!(of.shape() == d.shape(), "d has another shape than y");
    let (cols, rows) = d.shape();
    let (of_row, d_row) = (of.strides().1, d.strides().1);
    let (of, d) = (Shared(of.as_ptr().cast_mut()), Shared(d.as_mut_ptr()));
    let height = rows.div_ceil((rows * cols / VALUES).clamp(1, exec.threads())).max(1);
    exec.for_each(rows.div_ceil(height), |i| {
        let (first, rows) = (i * height, height.min(rows - i * height));
        let of = of.get().wrapping_add(first * of_row).cast_const();
        let d = d.get().wrapping_add(first * d_row);
        // Rows `first..` of both matrices, of which `d`'s are in use here alone.
        exec.run(Gradient { f, of, of_row, d, d_row, rows, cols });
    });
}

/// `y = a·b`, elementwise, on the calling thread; all have one shape.
///
/// # Panics
/// If the shapes differ.
pub fn multiply(exec: &Exec, a: MatrixView<'_>, b: MatrixView<'_>, mut y: MatrixViewMut<'_>) {
    assert!(a.shape() == y.shape() && b.shape() == y.shape(), "a, b and y differ in shape");
    for (i, mut y) in y.column_iter_mut().enumerate() {
        let (a, b) = (a.column(i), b.column(i));
        let (a, b) = (a.as_slice(), b.as_slice());
        exec.run(Multiply { a, b, y: y.as_mut_slice() });
    }
}

/// `y = f(z)`, elementwise.
///
/// # Panics
/// If the lengths differ.
pub fn activate(exec: &Exec, f: Activation, z: &[f32], y: &mut [f32]) {
    assert!(z.len() == y.len(), "y has another length than z");
    let chunk = piece(exec, y.len(), LINE);
    exec.for_each_chunk(y, chunk, |i, y| {
        let (x, n) = (z[i * chunk..].as_ptr(), y.len());
        exec.run(Activate { f, x, x_row: n, y: y.as_mut_ptr(), y_row: n, rows: 1, cols: n });
    });
}

/// `y = f(y)`, elementwise, on the calling thread.
pub fn activate_in_place(exec: &Exec, f: Activation, y: &mut [f32]) {
    let (y, n) = (y.as_mut_ptr(), y.len());
    exec.run(Activate { f, x: y, x_row: n, y, y_row: n, rows: 1, cols: n });
}

/// `p = 1 / (1 + exp(-z))`, elementwise.
///
/// # Panics
/// If the lengths differ.
pub fn logistic_slice(exec: &Exec, z: &[f32], p: &mut [f32]) {
    activate(exec, Activation::Logistic, z, p);
}

/// `y = exp(z)`, elementwise.
///
/// # Panics
/// If the lengths differ.
pub fn exp_slice(exec: &Exec, z: &[f32], y: &mut [f32]) {
    assert!(z.len() == y.len(), "y has another length than z");
    let chunk = piece(exec, y.len(), LINE);
    exec.for_each_chunk(y, chunk, |i, y| {
        exec.run(Map { op: functions::Exp, x: &z[i * chunk..][..y.len()], y });
    });
}

/// Softmax of every column: `z` and `p` are (classes × n), contiguous. `p = exp(z - max z) / Σ`,
/// the sum in rising class order. A column with a NaN or an infinity becomes NaN.
///
/// # Panics
/// If the lengths differ or are not a multiple of `classes`.
pub fn softmax_columns(exec: &Exec, z: &[f32], classes: usize, p: &mut [f32]) {
    assert!(z.len() == p.len(), "p has another length than z");
    if classes == 0 {
        return;
    }
    assert!(z.len().is_multiple_of(classes), "z is not a whole number of columns");
    let chunk = piece(exec, p.len(), classes);
    exec.for_each_chunk(p, chunk, |i, p| {
        exec.run(Softmax { classes, z: &z[i * chunk..][..p.len()], p });
    });
}

/// `x = (bytes - mean)·factor`, elementwise, each operation rounded on its own; on the calling
/// thread.
///
/// # Panics
/// If the lengths differ.
pub fn widen(exec: &Exec, bytes: &[u8], mean: &[f32], factor: &[f32], x: &mut [f32]) {
    exec.run(Widen { bytes, mean, factor, x });
}

/// Asks the processor for values that will be read soon; nothing else happens.
pub fn fetch<T>(exec: &Exec, values: &[T]) {
    exec.run(Fetch(values));
}

/// The largest `|x|`, infinite where a value is infinite or no number; 0 of none. On the calling
/// thread.
pub fn largest(exec: &Exec, x: &[f32]) -> f32 {
    exec.run(Largest(x))
}

/// Length of the pieces an elementwise pass over `len` values is cut into: a multiple of `unit`.
fn piece(exec: &Exec, len: usize, unit: usize) -> usize {
    let pieces = (len / VALUES).clamp(1, exec.threads());
    len.div_ceil(pieces).next_multiple_of(unit).max(1)
}
