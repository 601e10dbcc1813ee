//! Weights laid out for answers row by row: such a product only waits for the weights to come from a
//! cache, and strips of a few outputs, input after input, come as fast as memory is read in one run. Weights
//! of 16 bits are half as many bytes, and come in half the time.
//!
//! Two weights of 16 bits share a word of 32. The lower half holds one as bfloat16, the upper 16 bits of an
//! `f32`. The upper half holds the other, as the `f32` that the *whole* word is: its last 16 bits are
//! the lower weight's, and the upper half is chosen so that the word comes closest to the weight. Both
//! are off by at most 2⁻⁸ of the weight (and 2⁻⁶⁴), as by rounding to bfloat16, and the upper weight needs no
//! instruction to be unpacked. What the weights became is known exactly ([`StripMatrix::widened`]),
//! and a product with them has, to the bit, the sums that [`crate::product::forward`] has with those
//! `f32`.

// Threads write disjoint pieces of one slice.
#![allow(unsafe_code)]

use crate::exec::Shared;
use crate::kernel::pack::Line;
use crate::kernel::strips::StripRow;
use crate::tuning::{LINE, STRIP, WORK};
use crate::{Activation, Exec, Matrix, MatrixView, elementwise};

/// The least upper half, that of 2⁻⁶⁴: below it sums could become subnormal, which is slow.
const LEAST: u32 = 0x1F80;
/// The largest finite upper half.
const LARGEST: u32 = 0x7F7F;
/// The upper half of a NaN.
const NAN: u32 = 0x7FC0;

/// How many bits a weight has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// 32: they stay as they are.
    F32,
    /// 16: finite ones are off by at most 2⁻⁸ of themselves, plus 2⁻⁶⁴.
    Bits16,
}

impl Weights {
    /// Weights that share a word.
    fn each(self) -> usize {
        match self {
            Weights::F32 => 1,
            Weights::Bits16 => 2,
        }
    }
    /// The words of the weights of so many outputs as fill a line, or of the first of them.
    fn line(self, weights: &[f32]) -> Line {
        let at = |i: usize| weights.get(i).copied().unwrap_or(0.0);
        Line(std::array::from_fn(|i| match self {
            Weights::F32 => at(i),
            Weights::Bits16 => {
                let low = lower(at(i));
                f32::from_bits(upper(at(LINE + i), low) << 16 | low)
            }
        }))
    }
}

/// A matrix of weights, (outputs × inputs), in strips.
#[derive(Clone, Debug)]
pub struct StripMatrix {
    outputs: usize,
    inputs: usize,
    weights: Weights,
    /// Strip after strip of at most `STRIP` lines, each input after input; outputs that fill the last line
    /// are zero, or of 16 bits about zero. With two weights a word, output `i < LINE` of a line is the lower
    /// half of word `i`, output `LINE + i` the upper.
    lines: Vec<Line>,
}

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

impl StripMatrix {
    /// Lays out weights (outputs × inputs). Of 16 bits, infinite ones become the largest finite number of
    /// their sign, some of those below 2⁻⁶⁴ become about 2⁻⁶⁴.
    pub fn new(w: MatrixView<'_>, weights: Weights) -> StripMatrix {
        let (outputs, inputs) = w.shape();
        let group = weights.each() * LINE;
        let mut lines = Vec::with_capacity(outputs.div_ceil(group) * inputs);
        for from in (0..outputs).step_by(STRIP * group) {
            let strip = w.rows(from, outputs.min(from + STRIP * group) - from);
            for column in strip.column_iter() {
                lines.extend(column.as_slice().chunks(group).map(|w| weights.line(w)));
            }
        }
        StripMatrix { outputs, inputs, weights, lines }
    }

    /// Outputs and inputs.
    pub fn shape(&self) -> (usize, usize) {
        (self.outputs, self.inputs)
    }

    /// The outputs with those that fill the last line: the length of biases and outputs of
    /// [`StripMatrix::forward`].
    pub fn padded(&self) -> usize {
        self.outputs.next_multiple_of(self.weights.each() * LINE)
    }

    /// What the weights became, (outputs × inputs).
    pub fn widened(&self) -> Matrix {
        let each = self.weights.each();
        let (group, all) = (each * LINE, self.padded() / (each * LINE));
        Matrix::from_fn(self.outputs, self.inputs, |o, k| {
            let (first, line) = (o / group / STRIP * STRIP, o / group % STRIP);
            let width = STRIP.min(all - first);
            let word = self.lines[first * self.inputs + k * width + line].0[o % LINE];
            if o % group / LINE + 1 < each { f32::from_bits(word.to_bits() << 16) } else { word }
        })
    }

    /// `y = f(w·x + b)` for one row: `x` (inputs), `b` and `y` ([`StripMatrix::padded`]); what `y`
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
        match self.weights {
            Weights::F32 => self.sums::<1>(exec, b, x, back, y),
            Weights::Bits16 => self.sums::<2>(exec, b, x, back, y),
        }
        if f != Activation::Identity {
            elementwise::activate_in_place(exec, f, y);
        }
    }

    /// As [`StripMatrix::forward`], without the activation; `N` weights share a word.
    fn sums<const N: usize>(&self, exec: &Exec, b: &[f32], x: &[f32], back: bool, y: &mut [f32]) {
        let lines = y.len() / (N * LINE);
        let strips = lines.div_ceil(STRIP);
        let parts = (y.len() * self.inputs / WORK).clamp(1, exec.threads()).min(strips.max(1));
        let share = strips.div_ceil(parts).max(1) * STRIP;
        let out = Shared(y.as_mut_ptr());
        exec.for_each(lines.div_ceil(share), |i| {
            let first = i * share;
            exec.run(StripRow::<N> {
                x,
                words: self.lines[first * self.inputs..].as_ptr().cast(),
                width: share.min(lines - first) * LINE,
                b: b[first * N * LINE..].as_ptr(),
                // From line `first` on, which no other piece writes.
                y: out.get().wrapping_add(first * N * LINE),
                back,
            });
        });
    }
}
