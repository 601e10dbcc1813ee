//! What the nodes of a trained network do: how strongly they answer, which never do, which always answer alike; and the
//! spread of the weights.

use crate::TrainError;
use mlp_model::data::Examples;
use mlp_model::tensor::{Activation, Exec, reduce};
use mlp_model::{LayerSpec, Model};

/// A bounded activation this near its ends counts as saturated, as a share of its range.
const NEAR: f32 = 0.01;
/// A node that is saturated on so many of the examples is called so.
const MOSTLY: f64 = 0.95;

/// The nodes of a hidden layer on some examples.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerUnits {
    /// Which hidden layer, from 1.
    pub layer: usize,
    /// Nodes.
    pub units: usize,
    /// What they do to their sum.
    pub activation: Activation,
    /// Of all answers.
    pub mean: f64,
    /// Of all answers.
    pub deviation: f64,
    /// Share of answers that are exactly zero.
    pub zeros: f64,
    /// Nodes, from 0, that give the same answer, within 1e-6, to every example: they tell nothing.
    pub dead: Vec<usize>,
    /// Nodes of a bounded activation within 1 % of an end on at least 95 % of the examples.
    pub saturated: Vec<usize>,
}

/// The weights of a layer, biases apart.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightStatistics {
    /// The slot's name.
    pub name: String,
    /// Outputs and inputs.
    pub shape: (usize, usize),
    /// Of all of them.
    pub mean: f64,
    /// Of all of them.
    pub deviation: f64,
    /// The least and the greatest.
    pub ends: (f64, f64),
}

/// The hidden layers of a model on some rows; nothing for no rows.
///
/// # Errors
/// A row that cannot be filled.
pub fn layer_units(
    exec: &Exec,
    model: &Model,
    examples: &dyn Examples,
    rows: &[usize],
) -> Result<Vec<LayerUnits>, TrainError> {
    let spec = model.network.spec();
    let dense = |layer: &LayerSpec| match *layer {
        LayerSpec::Dense { outputs, activation } => Some((outputs, activation)),
        LayerSpec::Dropout { .. } => None,
    };
    let all: Vec<(usize, (usize, Activation))> =
        spec.layers.iter().enumerate().filter_map(|(i, l)| Some((i, dense(l)?))).collect();
    let hidden = &all[..all.len().saturating_sub(1)];
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut layers = Vec::with_capacity(hidden.len());
    for (number, &(index, (units, activation))) in hidden.iter().enumerate() {
        let answers = model.answers_of_layer(exec, index, examples, rows)?;
        layers.push(statistics(number + 1, units, activation, &answers));
    }
    Ok(layers)
}

/// From answers, `units × examples`.
fn statistics(layer: usize, units: usize, activation: Activation, answers: &[f32]) -> LayerUnits {
    let mut ends = vec![(f32::INFINITY, f32::NEG_INFINITY); units];
    let mut saturated = vec![0usize; units];
    let bounds = match activation {
        Activation::Logistic => Some((NEAR, 1.0 - NEAR)),
        Activation::Tanh => Some((-1.0 + 2.0 * NEAR, 1.0 - 2.0 * NEAR)),
        _ => None,
    };
    for example in answers.chunks_exact(units) {
        for ((y, ends), saturated) in example.iter().zip(&mut ends).zip(&mut saturated) {
            *ends = (ends.0.min(*y), ends.1.max(*y));
            *saturated += usize::from(bounds.is_some_and(|(low, high)| *y < low || *y > high));
        }
    }
    let examples = (answers.len() / units.max(1)).max(1) as f64;
    let (mean, deviation) = moments(answers);
    let those = |wanted: &dyn Fn(usize) -> bool| (0..units).filter(|&node| wanted(node)).collect();
    LayerUnits {
        layer,
        units,
        activation,
        mean,
        deviation,
        zeros: answers.iter().filter(|y| **y == 0.0).count() as f64 / answers.len().max(1) as f64,
        dead: those(&|node| ends[node].1 - ends[node].0 <= 1e-6),
        saturated: those(&|node| saturated[node] as f64 >= MOSTLY * examples),
    }
}

/// The weights of every dense layer.
pub fn weight_statistics(model: &Model) -> Vec<WeightStatistics> {
    let slots = model.network.slots().iter().filter(|slot| slot.decay);
    let of = |slot: &mlp_model::Slot| {
        let values = model.params.slot(slot);
        let (mean, deviation) = moments(values);
        let ends = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &w| {
            (low.min(f64::from(w)), high.max(f64::from(w)))
        });
        WeightStatistics {
            name: slot.name.clone(),
            shape: (slot.rows, slot.cols),
            mean,
            deviation,
            ends,
        }
    };
    slots.map(of).collect()
}

/// Mean and deviation.
fn moments(values: &[f32]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let wide: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
    let mean = reduce::sum(&wide) / n;
    let squares: Vec<f64> = wide.iter().map(|v| (v - mean) * (v - mean)).collect();
    (mean, (reduce::sum(&squares) / n).sqrt())
}
