//! Dropout (Srivastava 2014), inverted: nothing is left to do at prediction.

use super::{Back, Layer, Mode, Pass, Shape};
use mlp_tensor::{MatrixView, MatrixViewMut, Purpose, elementwise};

/// Zeroes values at random while training. The mask is a function of seed, step, layer and
/// position.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    /// Values in and out.
    pub width: usize,
    /// Probability of a zero.
    pub rate: f32,
}

impl Layer for Dropout {
    /// The mask is kept: drawing it again would take longer than reading it.
    fn shape(&self) -> Shape {
        Shape { inputs: self.width, outputs: self.width, cache: self.width }
    }

    fn passes_through(&self, mode: Mode<'_>) -> bool {
        matches!(mode, Mode::Infer) || self.rate == 0.0
    }

    fn forward(
        &self,
        pass: Pass<'_>,
        _: &[f32],
        x: MatrixView<'_>,
        mut y: MatrixViewMut<'_>,
        cache: Option<MatrixViewMut<'_>>,
    ) {
        let (Mode::Train(streams, step), Some(mut mask)) = (pass.mode, cache) else {
            return y.copy_from(&x);
        };
        let stream = streams.at(Purpose::Dropout, step, pass.layer as u32);
        let scale = 1.0 / (1.0 - self.rate);
        stream.mask(pass.exec, self.rate, scale, pass.first, mask.as_view_mut());
        elementwise::multiply(pass.exec, x, mask.as_view(), y);
    }

    fn backward(&self, pass: Pass<'_>, _: &[f32], back: Back<'_>) {
        if let Some(dx) = back.dx {
            elementwise::multiply(pass.exec, back.dy.as_view(), back.cache, dx);
        }
    }
}
