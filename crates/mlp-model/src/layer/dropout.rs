//! Dropout (Srivastava 2014), inverted: nothing is left to do at prediction.

use super::{Gradients, Layer, Mode, Pass, Saved, Shape};
use mlp_tensor::Purpose;

/// Zeroes values at random while training. The mask is a function of seed, step, layer and
/// position.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    /// Values in and out.
    pub width: usize,
    /// Probability of a zero.
    pub rate: f32,
}

impl Dropout {
    fn mask(&self, pass: Pass<'_>, x: &mut [f32]) {
        if let Mode::Train(streams, step) = pass.mode {
            let stream = streams.at(Purpose::Dropout, step, pass.layer as u32);
            stream.drop(pass.exec, self.rate, 1.0 / (1.0 - self.rate), x);
        }
    }
}

impl Layer for Dropout {
    fn shape(&self) -> Shape {
        Shape { inputs: self.width, outputs: self.width, cache: 0 }
    }

    fn passes_through(&self, mode: Mode<'_>) -> bool {
        matches!(mode, Mode::Infer) || self.rate == 0.0
    }

    fn forward(&self, pass: Pass<'_>, _: &[f32], x: &[f32], y: &mut [f32], _: &mut [f32]) {
        y.copy_from_slice(x);
        self.mask(pass, y);
    }

    fn backward(&self, pass: Pass<'_>, _: &[f32], _: Saved<'_>, gradients: Gradients<'_>) {
        if let Some(dx) = gradients.dx {
            dx.copy_from_slice(gradients.dy);
            self.mask(pass, dx);
        }
    }
}
