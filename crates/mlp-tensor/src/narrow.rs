//! Weights of 16 bits, for answers row by row: such a product only waits for the weights to come
//! from a cache, and half as many bytes come in half the time.
//!
//! Two weights share a word of 32 bits. The lower half holds one as bfloat16, the upper 16 bits of an
//! `f32`. The upper half holds the other, as the `f32` that the *whole* word is: its last 16 bits are
//! the lower weight's, and the upper half is chosen so that the word comes closest to the weight. Both
//! are off by at most 2⁻⁸ of the weight, as by rounding to bfloat16, and the upper weight needs no
//! instruction to be unpacked. What the weights became is known exactly ([`NarrowMatrix::widened`]),
//! and a product with them has, to the bit, the sums that [`crate::product::forward`] has with those
//! `f32`.

// Threads write disjoint pieces of one slice.
#![allow(unsafe_code)]

use crate::exec::Shared;
use crate::kernel::narrow::NarrowRow;
use crate::tuning::WORK;
use crate::{Activation, Exec, Matrix, MatrixView, elementwise};

/// Words of a group; a multiple of every vector's width.
pub(crate) const HALF: usize = 16;
/// Outputs of a group: output `i < HALF` is the lower half of word `i`, output `HALF + i` the upper.
pub(crate) const GROUP: usize = 2 * HALF;
/// Groups that lie together input after input, so that a row's product reads one run of memory for so many
/// sums as registers hold.
pub(crate) const STRIP: usize = 4;
/// The least upper half, that of 2⁻⁶⁴: below it sums could become subnormal, which is slow.
const LEAST: u32 = 0x1F80;
/// The largest finite upper half.
const LARGEST: u32 = 0x7F7F;
/// The upper half of a NaN.
const NAN: u32 = 0x7FC0;

/// A matrix of weights, (outputs × inputs), in 16 bits each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NarrowMatrix {
    outputs: usize,
    inputs: usize,
    /// Strip after strip of at most `STRIP` groups, each input after input; outputs that fill the last
    /// group are about zero.
    groups: Vec<Group>,
}

/// The words of a group, which begin at a cache line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
struct Group([u32; HALF]);

/// The upper half of `w`, as a sign and a magnitude.
fn sign(w: f32) -> u32 {
    (w.to_bits() >> 16) & 0x8000
}

/// `w` as bfloat16, to nearest; infinity becomes the largest number.
fn lower(w: f32) -> u32 {
    if w.is_nan() {
        return NAN;
    }
    let magnitude = w.to_bits() & 0x7FFF_FFFF;
    sign(w) | ((magnitude + 0x7FFF + ((magnitude >> 16) & 1)) >> 16).min(LARGEST)
}

/// The upper half of the word that, with this lower half, comes closest to `w`.
fn upper(w: f32, lower: u32) -> u32 {
    if w.is_nan() {
        return NAN;
    }
    let magnitude = w.to_bits() & 0x7FFF_FFFF;
    sign(w) | ((magnitude + 0x8000).saturating_sub(lower) >> 16).clamp(LEAST, LARGEST)
}

/// The words of the weights of a group, or of the first of them.
fn group(weights: &[f32]) -> Group {
    let at = |i: usize| weights.get(i).copied().unwrap_or(0.0);
    Group(std::array::from_fn(|i| {
        let low = lower(at(i));
        upper(at(HALF + i), low) << 16 | low
    }))
}

impl NarrowMatrix {
    /// Rounds weights (outputs × inputs). Infinite ones become the largest finite number of their
    /// sign, some of those below 2⁻⁶⁴ become about 2⁻⁶⁴.
    pub fn new(w: MatrixView<'_>) -> NarrowMatrix {
        let (outputs, inputs) = w.shape();
        let mut groups = Vec::with_capacity(outputs.div_ceil(GROUP) * inputs);
        for from in (0..outputs).step_by(STRIP * GROUP) {
            let strip = w.rows(from, outputs.min(from + STRIP * GROUP) - from);
            for column in strip.column_iter() {
                groups.extend(column.as_slice().chunks(GROUP).map(group));
            }
        }
        NarrowMatrix { outputs, inputs, groups }
    }

    /// Outputs and inputs.
    pub fn shape(&self) -> (usize, usize) {
        (self.outputs, self.inputs)
    }

    /// The outputs with those that fill the last group: the length of biases and outputs of
    /// [`NarrowMatrix::forward`].
    pub fn padded(&self) -> usize {
        self.outputs.div_ceil(GROUP) * GROUP
    }

    /// What the weights became, (outputs × inputs).
    pub fn widened(&self) -> Matrix {
        let all = self.padded() / GROUP;
        Matrix::from_fn(self.outputs, self.inputs, |o, k| {
            let (first, group) = (o / GROUP / STRIP * STRIP, o / GROUP % STRIP);
            let width = STRIP.min(all - first);
            let word = self.groups[first * self.inputs + k * width + group].0[o % HALF];
            f32::from_bits(if o % GROUP < HALF { word << 16 } else { word })
        })
    }

    /// `y = f(w·x + b)` for one row: `x` (inputs), `b` and `y` ([`NarrowMatrix::padded`]); what `y`
    /// holds beyond the outputs has no meaning. With `back` the last outputs come first: in turns with the
    /// other way, a call finds near what the one before it read last.
    ///
    /// # Panics
    /// If the lengths do not agree.
    pub fn forward(
        &self,
        exec: &Exec,
        b: &[f32],
        x: &[f32],
        f: Activation,
        back: bool,
        y: &mut [f32],
    ) {
        let padded = self.padded();
        assert!(x.len() == self.inputs, "x has not one value an input");
        assert!(b.len() == padded && y.len() == padded, "b or y has not the padded length");
        let groups = padded / GROUP;
        let strips = groups.div_ceil(STRIP);
        let parts = (padded * self.inputs / WORK).clamp(1, exec.threads()).min(strips.max(1));
        let share = strips.div_ceil(parts).max(1) * STRIP;
        let out = Shared(y.as_mut_ptr());
        exec.for_each(groups.div_ceil(share), |i| {
            let first = i * share;
            exec.run(NarrowRow {
                x,
                words: self.groups[first * self.inputs..].as_ptr().cast(),
                width: share.min(groups - first) * HALF,
                b: b[first * GROUP..].as_ptr(),
                // From group `first` on, which no other piece writes.
                y: out.get().wrapping_add(first * GROUP),
                back,
            });
        });
        if f != Activation::Identity {
            elementwise::activate_in_place(exec, f, y);
        }
    }
}
