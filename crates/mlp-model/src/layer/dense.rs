//! `y = f(w·x + b)`.

use super::{Gradients, Layer, Mode, Pass, Saved, Shape};
use mlp_tensor::{Activation, MatrixView, MatrixViewMut, product};

/// A fully connected layer; its parameters are `w` (outputs × inputs, column-major), then `b`
/// (outputs).
#[derive(Clone, Copy, Debug)]
pub struct Dense {
    /// Values in.
    pub inputs: usize,
    /// Nodes.
    pub outputs: usize,
    /// `f`.
    pub activation: Activation,
}

impl Dense {
    fn split<'a>(&self, params: &'a [f32]) -> (MatrixView<'a>, &'a [f32]) {
        let (w, b) = params.split_at(self.outputs * self.inputs);
        (MatrixView::from_slice(w, self.outputs, self.inputs), b)
    }
}

impl Layer for Dense {
    fn shape(&self) -> Shape {
        let cache = if self.activation.needs_z() { self.outputs } else { 0 };
        Shape { inputs: self.inputs, outputs: self.outputs, cache }
    }

    fn slots(&self) -> Vec<(&'static str, usize, usize)> {
        vec![("weight", self.outputs, self.inputs), ("bias", self.outputs, 1)]
    }

    fn forward(&self, pass: Pass<'_>, params: &[f32], x: &[f32], y: &mut [f32], cache: &mut [f32]) {
        let (w, b) = self.split(params);
        let n = pass.count;
        let x = MatrixView::from_slice(x, self.inputs, n);
        let keep = self.activation.needs_z() && matches!(pass.mode, Mode::Train(..));
        let z = keep.then(|| MatrixViewMut::from_slice(cache, self.outputs, n));
        let y = MatrixViewMut::from_slice(y, self.outputs, n);
        product::forward(pass.exec, w, b, x, self.activation, z, y);
    }

    fn backward(&self, pass: Pass<'_>, params: &[f32], saved: Saved<'_>, gradients: Gradients<'_>) {
        let Gradients { dy, dparams, dx, scratch } = gradients;
        let n = pass.count;
        let z = self.activation.needs_z().then_some(saved.cache);
        product::activation_gradient(pass.exec, self.activation, z, saved.y, dy);
        let dz = MatrixView::from_slice(dy, self.outputs, n);
        let x = MatrixView::from_slice(saved.x, self.inputs, n);
        let (dw, db) = dparams.split_at_mut(self.outputs * self.inputs);
        let dw = MatrixViewMut::from_slice(dw, self.outputs, self.inputs);
        product::weight_gradient(pass.exec, dz, x, dw, db);
        if let Some(dx) = dx {
            let (w, _) = self.split(params);
            let dx = MatrixViewMut::from_slice(dx, self.inputs, n);
            product::input_gradient(pass.exec, w, dz, dx, scratch);
        }
    }
}
