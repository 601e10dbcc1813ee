//! One part of a batch on its way through the layers, by one thread.

use crate::Network;
use crate::layer::{Back, Mode, Pass};
use mlp_data::{DataError, Examples};
use mlp_tensor::{Exec, MatrixView, Part, elementwise};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The matrices of a workspace, by their place in its stack.
#[derive(Clone, Copy, PartialEq)]
pub enum Sheet {
    /// The inputs of the network.
    Input,
    /// What a layer put out.
    Output(usize),
    /// What it kept for the backward pass.
    Cache(usize),
    /// The gradient by what it put out.
    Gradient(usize),
}

impl Sheet {
    /// Its place in the stack.
    pub fn place(self) -> usize {
        match self {
            Sheet::Input => 0,
            Sheet::Output(layer) => 3 * layer + 1,
            Sheet::Cache(layer) => 3 * layer + 2,
            Sheet::Gradient(layer) => 3 * layer + 3,
        }
    }
}

/// One part of a pass through the layers.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    pub network: &'a Network,
    pub exec: &'a Exec,
    pub params: &'a [f32],
    pub mode: Mode<'a>,
    /// The layers that do not pass their input through.
    pub ran: &'a [usize],
}

impl Run<'_> {
    fn pass(&self, layer: usize, part: &Part<'_>) -> Pass<'_> {
        Pass { exec: self.exec, mode: self.mode, layer, first: part.range().start }
    }

    fn params(&self, layer: usize) -> &[f32] {
        &self.params[self.network.range(layer)]
    }

    /// Takes a part through the layers; its inputs are `x` where given, else those of the stack.
    pub fn forward(&self, part: &mut Part<'_>, x: Option<&MatrixView<'_>>) {
        let training = matches!(self.mode, Mode::Train(..));
        let mut before = Sheet::Input;
        for &index in self.ran {
            let layer = &self.network.layers()[index];
            let pass = self.pass(index, part);
            let given = x.filter(|_| before == Sheet::Input);
            let kept = training && layer.shape().cache > 0;
            let own = given.is_none().then_some(before.place());
            let cache = kept.then_some(Sheet::Cache(index).place());
            let (own, y, cache) = part.layer(own, Sheet::Output(index).place(), cache);
            let given = given.map(|x| x.columns(pass.first, y.ncols()));
            let Some(x) = given.or(own) else { return };
            layer.forward(pass, self.params(index), x, y, cache);
            before = Sheet::Output(index);
        }
    }

    /// Takes a part back to the first layer with parameters, from the gradient of the logits.
    pub fn backward(&self, part: &mut Part<'_>) {
        let first = self.network.first_with_parameters(self.ran);
        for (position, &index) in self.ran.iter().enumerate().skip(first).rev() {
            let pass = self.pass(index, part);
            let [y, cache, dy] =
                [Sheet::Output(index), Sheet::Cache(index), Sheet::Gradient(index)]
                    .map(Sheet::place);
            let below = (position > first).then(|| Sheet::Gradient(self.ran[position - 1]).place());
            let params = self.params(index);
            let layer = &self.network.layers()[index];
            let [y, cache, dy, dx] = part.split_some([Some(y), Some(cache), Some(dy), below]);
            let (Some(y), Some(cache), Some(dy)) = (y, cache, dy) else { return };
            let (y, cache) = (y.as_view(), cache.as_view());
            layer.backward(pass, params, Back { y, cache, dy, dx });
        }
    }

    /// Notes the largest sizes of the factors of which the gradient will be summed.
    pub fn measure(&self, part: &mut Part<'_>, largest: &[AtomicU32]) {
        let outputs = self.ran.iter().flat_map(|&l| [Sheet::Output(l), Sheet::Gradient(l)]);
        for sheet in outputs.chain([Sheet::Input]) {
            let [values] = part.values([sheet.place()]);
            let size = elementwise::largest(self.exec, values);
            // The bits of positive numbers are in the order of the numbers.
            largest[sheet.place()].fetch_max(size.to_bits(), Ordering::Relaxed);
        }
    }
}

/// Reads the inputs of a part; `false`, and the error kept, if that fails.
pub fn read(
    exec: &Exec,
    examples: &dyn Examples,
    rows: &[usize],
    part: &mut Part<'_>,
    failed: &OnceLock<DataError>,
) -> bool {
    let rows = &rows[part.range()];
    let [x] = part.split([Sheet::Input.place()]);
    match examples.inputs(exec, rows, x) {
        Ok(()) => true,
        Err(error) => {
            // One error is enough; which of several is the first depends on the threads.
            let _ = failed.set(error);
            false
        }
    }
}
