//! Fitting the encoder of a picture column: the scale of pixels, or of features.

use super::fit::Fitted;
use super::{PixelScaling, Plan};
use crate::features::Room;
use crate::pipeline::Encoder;
use crate::values::Bytes;
use crate::{DataError, FeatureSet, Features, Hog, PictureShape};

/// Pictures a piece of work.
const PIECE: usize = 32;

/// Cells along the shorter side, about.
const CELLS: u32 = 8;

/// What is computed for a choice; nothing where pixels are inputs.
pub(super) fn features(choice: Features, shape: PictureShape) -> Option<FeatureSet> {
    let side = shape.width.min(shape.height);
    let cell = ((side + CELLS / 2) / CELLS).max(2);
    let hog = vec![Hog { cell, block: 2 }];
    match choice {
        Features::Pixels => None,
        Features::Hog => Some(FeatureSet { hog, colours: 0 }),
        Features::HogColor => Some(FeatureSet { hog, colours: 8 }),
    }
}

/// The pictures of the training rows: those `at` of all, or all.
pub(super) struct Pictures<'a> {
    pub shape: PictureShape,
    pub bytes: &'a Bytes,
    pub at: Option<&'a [usize]>,
}

impl Pictures<'_> {
    fn count(&self) -> usize {
        self.at.map_or(self.bytes.len() / self.shape.len(), <[usize]>::len)
    }

    fn picture(&self, i: usize) -> &[u8] {
        let row = self.at.map_or(i, |at| at[i]);
        let size = self.shape.len();
        self.bytes.note_read(size);
        &self.bytes[row * size..(row + 1) * size]
    }

    /// The scale of features: as that of pixels, with a kind of feature in place of a channel.
    pub fn features(
        &self,
        plan: &Plan,
        set: FeatureSet,
        column: &str,
    ) -> Result<Fitted, DataError> {
        let width = set
            .check(self.shape)
            .map_err(|why| DataError::unusable(format!("column `{column}`: {why}")))?;
        let sums = self.sums(plan, &set, width);
        let n = self.count() as f64;
        let mut scale = vec![(0.0, 1.0); width];
        let moments = |(sum, squares): (f64, f64), n: f64| {
            let mean = sum / n;
            let deviation = (squares / n - mean * mean).max(0.0).sqrt();
            // What rounding leaves of a constant.
            (mean as f32, if deviation < 1e-6 { 0.0 } else { deviation as f32 })
        };
        match plan.pixels {
            PixelScaling::Unit => {}
            PixelScaling::PerPixel => {
                scale.iter_mut().zip(&sums).for_each(|(scale, sum)| *scale = moments(*sum, n));
            }
            PixelScaling::Standard => {
                for kind in set.kinds(self.shape) {
                    let add = |a: (f64, f64), b: &(f64, f64)| (a.0 + b.0, a.1 + b.1);
                    let sum = sums[kind.clone()].iter().fold((0.0, 0.0), add);
                    let own = moments(sum, n * kind.len() as f64);
                    scale[kind].fill(own);
                }
            }
        }
        let (mean, deviation): (Vec<f32>, Vec<f32>) = scale.into_iter().unzip();
        let varies = |(sum, squares): &(f64, f64)| squares / n - (sum / n) * (sum / n) > 1e-12;
        if !sums.iter().any(varies) {
            return Ok(Fitted::Useless("all training pictures are alike".into()));
        }
        Ok(Fitted::Useful(Encoder::Features { set, mean, deviation }))
    }

    /// The sum of every feature and that of its squares: of pieces of fixed size, added in order.
    fn sums(&self, plan: &Plan, set: &FeatureSet, width: usize) -> Vec<(f64, f64)> {
        let count = self.count();
        let piece = |i: usize| {
            let (mut room, mut own) = (Room::default(), vec![0.0; width]);
            let mut sums = vec![(0.0, 0.0); width];
            for row in i * PIECE..((i + 1) * PIECE).min(count) {
                set.write(self.shape, self.picture(row), &mut room, &mut own);
                for ((sum, squares), &v) in sums.iter_mut().zip(&own) {
                    let v = f64::from(v);
                    *sum += v;
                    *squares += v * v;
                }
            }
            sums
        };
        // So many pieces at once that their sums take little memory.
        let (pieces, at_once) = (count.div_ceil(PIECE), 2 * plan.exec.threads());
        let mut all = vec![(0.0, 0.0); width];
        for first in (0..pieces).step_by(at_once) {
            let some = plan.exec.map(at_once.min(pieces - first), |i| piece(first + i));
            for sums in &some {
                for (all, own) in all.iter_mut().zip(sums) {
                    all.0 += own.0;
                    all.1 += own.1;
                }
            }
        }
        all
    }

    /// The scale of pixels.
    pub fn pixels(&self, scaling: PixelScaling) -> Fitted {
        let period = match scaling {
            PixelScaling::Unit => {
                return Fitted::Useful(Encoder::Pixels { mean: vec![0.0], deviation: vec![255.0] });
            }
            PixelScaling::Standard => self.shape.channels as usize,
            PixelScaling::PerPixel => self.shape.len(),
        };
        // Sums of bytes and of their squares are exact in u64 up to 2.8e14 pixels.
        let mut sums = vec![(0u64, 0u64); period];
        let mut add = |pictures: &[u8]| {
            for group in pictures.chunks_exact(period) {
                for ((sum, squares), byte) in sums.iter_mut().zip(group) {
                    let v = u64::from(*byte);
                    *sum += v;
                    *squares += v * v;
                }
            }
            (pictures.len() / period) as u64
        };
        let n: u64 = (0..self.count()).map(|i| add(self.picture(i))).sum();
        let moments = |(sum, squares): &(u64, u64)| {
            // n²·variance as an exact integer.
            let scaled = u128::from(n) * u128::from(*squares) - u128::from(*sum) * u128::from(*sum);
            ((*sum as f64 / n as f64) as f32, ((scaled as f64).sqrt() / n as f64) as f32)
        };
        let (mean, deviation): (Vec<f32>, Vec<f32>) = sums.iter().map(moments).unzip();
        if deviation.iter().all(|d| *d == 0.0) {
            return Fitted::Useless("all training pictures are alike".into());
        }
        Fitted::Useful(Encoder::Pixels { mean, deviation })
    }
}
