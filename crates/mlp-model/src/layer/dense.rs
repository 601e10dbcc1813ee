//! `y = f(w·x + b)`.

use super::{Back, Descent, Layer, Mode, Pass, Shape, Sink};
use mlp_tensor::elementwise::activation_gradient;
use mlp_tensor::update::Moved;
use mlp_tensor::{Activation, Exec, MatrixView, MatrixViewMut, product};

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
    /// Number of weights; the biases follow them.
    fn weights(&self) -> usize {
        self.outputs * self.inputs
    }

    fn split<'a>(&self, params: &'a [f32]) -> (MatrixView<'a>, &'a [f32]) {
        let (w, b) = params.split_at(self.weights());
        (MatrixView::from_slice(w, self.outputs, self.inputs), b)
    }

    /// Weights and biases, each with their moments; moments that there are none of stay empty.
    fn split_moved<'a>(&self, mut moved: Moved<'a>) -> [Moved<'a>; 2] {
        let b = moved.split_off(self.weights());
        [moved, b]
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

    fn forward(
        &self,
        pass: Pass<'_>,
        params: &[f32],
        x: MatrixView<'_>,
        y: MatrixViewMut<'_>,
        cache: Option<MatrixViewMut<'_>>,
    ) {
        let (w, b) = self.split(params);
        let keep = self.activation.needs_z() && matches!(pass.mode, Mode::Train(..));
        product::forward(pass.exec, w, b, x, self.activation, cache.filter(|_| keep), y);
    }

    fn backward(&self, pass: Pass<'_>, params: &[f32], mut back: Back<'_>) {
        let z = self.activation.needs_z().then_some(back.cache);
        activation_gradient(pass.exec, self.activation, z, back.y, back.dy.as_view_mut());
        if let Some(dx) = back.dx {
            let (w, _) = self.split(params);
            product::input_gradient(pass.exec, w, back.dy.as_view(), dx);
        }
    }

    fn gradient<'a>(&self, exec: &Exec, x: MatrixView<'a>, dz: MatrixView<'a>, sink: Sink<'_, 'a>) {
        match sink {
            Sink::Gradient(gradient) => {
                let (dw, db) = gradient.split_at_mut(self.weights());
                let dw = MatrixViewMut::from_slice(dw, self.outputs, self.inputs);
                product::weight_gradient(exec, dz, x, dw, db);
            }
            Sink::Descent(Descent { steps, params, gradient, finite }, descents) => {
                let db = &mut gradient[self.weights()..];
                descents.add(dz, x, steps, self.split_moved(params), db, finite);
            }
        }
    }
}
