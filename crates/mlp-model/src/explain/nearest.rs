//! Examples that a network takes for alike: near in what its last hidden layer makes of them.

use crate::{LayerSpec, Model, ModelError, NetworkSpec};
use mlp_data::Examples;
use mlp_tensor::Exec;

/// One of the nearest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Its place among the examples.
    pub place: usize,
    /// Euclidean.
    pub distance: f64,
}

impl Model {
    /// What the layers up to the one at `layer` of the specification make of some rows, `width ×
    /// rows.len()`, an example after another.
    ///
    /// # Errors
    /// No such layer; a batch that cannot be filled.
    pub fn answers_of_layer(
        &self,
        exec: &Exec,
        layer: usize,
        examples: &dyn Examples,
        rows: &[usize],
    ) -> Result<Vec<f32>, ModelError> {
        let spec = self.network.spec();
        // A network up to there is a network whose outputs are the answers of this layer.
        let layers = spec.layers.iter().take(layer.saturating_add(1)).copied().collect();
        let upto = NetworkSpec { inputs: spec.inputs, layers }.build()?;
        upto.logits(exec, &self.params.values[..upto.parameters()], examples, rows)
    }
}

/// What the last hidden layer makes of some rows, an example after another, and its width; of a
/// network without one, the inputs themselves.
///
/// # Errors
/// A batch that cannot be filled.
pub fn last_hidden(
    exec: &Exec,
    model: &Model,
    examples: &dyn Examples,
    rows: &[usize],
) -> Result<(Vec<f32>, usize), ModelError> {
    let layers = model.network.spec().layers.iter().enumerate();
    let dense = layers.filter_map(|(i, layer)| match layer {
        LayerSpec::Dense { outputs, .. } => Some((i, *outputs)),
        LayerSpec::Dropout { .. } => None,
    });
    match dense.rev().nth(1) {
        Some((layer, width)) => Ok((model.answers_of_layer(exec, layer, examples, rows)?, width)),
        None => {
            let mut batch = mlp_data::Batch::new();
            examples.fill(exec, rows, &mut batch)?;
            Ok((batch.x, examples.width()))
        }
    }
}

/// The nearest `count` of some points, an example after another, the nearest first; of equals those
/// that come first.
pub fn nearest(point: &[f32], points: &[f32], count: usize) -> Vec<Neighbour> {
    let distance = |(place, other): (usize, &[f32])| {
        let squares = point.iter().zip(other).map(|(a, b)| {
            let d = f64::from(*a) - f64::from(*b);
            d * d
        });
        Neighbour { place, distance: squares.sum::<f64>().sqrt() }
    };
    let others = points.chunks_exact(point.len().max(1)).enumerate();
    let mut all: Vec<Neighbour> = others.map(distance).collect();
    all.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    all.truncate(count);
    all
}
