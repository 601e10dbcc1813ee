//! JSON: everything a model consists of, for people and for programs in any language.

use crate::{ExportError, Exporter, describe, layout};
use mlp_model::data::{Pipeline, TargetCoding};
use mlp_model::tensor::Activation;
use mlp_model::{EpochRecord, LayerSpec, Model, TrainRecord, container};
use serde::Serialize;
use std::collections::BTreeMap;

/// One object with `task`, `target`, `inputs` (a name for every input of the network), `pipeline` (how each is made of
/// the data), `layers` (for a dense layer a row of `weights` and one of the `biases` a node; principal components are
/// the first) and `record` (how the model was trained). Numbers are as short as they can be without losing a bit: an
/// `f32` reads back exactly.
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Exporter for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn extension(&self) -> &'static str {
        "json"
    }

    fn export(&self, model: &Model) -> Result<Vec<u8>, ExportError> {
        let unfolded = model.unfolded()?;
        let model = unfolded.as_ref().unwrap_or(model);
        Ok(layout::to_bytes(&Document::new(model))?)
    }
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    format_version: u32,
    task: &'static str,
    target: Target<'a>,
    inputs: Vec<String>,
    pipeline: &'a Pipeline,
    layers: Vec<Layer<'a>>,
    record: Record<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Target<'a> {
    Classes { name: &'a str, labels: &'a [String] },
    Number { name: &'a str, mean: f64, deviation: f64 },
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Layer<'a> {
    Dense {
        inputs: usize,
        outputs: usize,
        activation: Activation,
        weights: Vec<Vec<f32>>,
        biases: &'a [f32],
    },
    Dropout {
        rate: f32,
    },
}

#[derive(Serialize)]
struct Record<'a> {
    version: &'a str,
    seed: u64,
    data_sha256: String,
    training_examples: u64,
    validation_examples: u64,
    test_examples: u64,
    class_counts: &'a [u64],
    config: BTreeMap<&'a str, String>,
    best_epoch: u32,
    scores: BTreeMap<&'a str, f64>,
    history: &'a [EpochRecord],
}

impl<'a> Document<'a> {
    fn new(model: &'a Model) -> Document<'a> {
        Document {
            format: "mlp",
            format_version: describe::VERSION,
            task: model.task.name(),
            target: target(&model.pipeline.target),
            inputs: model.pipeline.input_names(),
            pipeline: &model.pipeline,
            layers: layers(model),
            record: record(&model.record),
        }
    }
}

fn target(coding: &TargetCoding) -> Target<'_> {
    match coding {
        TargetCoding::Classes { name, labels } | TargetCoding::Labels { name, labels, .. } => {
            Target::Classes { name, labels }
        }
        TargetCoding::Number { name, mean, deviation } => {
            Target::Number { name, mean: *mean, deviation: *deviation }
        }
    }
}

fn layers(model: &Model) -> Vec<Layer<'_>> {
    let (mut inputs, network) = (model.network.inputs(), &model.network);
    let layer = |(index, spec): (usize, &LayerSpec)| match *spec {
        LayerSpec::Dense { outputs, activation } => {
            let values = &model.params.values[network.range(index)];
            let (weights, biases) = values.split_at(outputs * inputs);
            // Column-major: the weights of one node lie `outputs` apart.
            let row = |node| weights.iter().skip(node).step_by(outputs).copied().collect();
            let rows = (0..outputs).map(row).collect();
            let dense = Layer::Dense { inputs, outputs, activation, weights: rows, biases };
            inputs = outputs;
            dense
        }
        LayerSpec::Dropout { rate } => Layer::Dropout { rate },
    };
    network.spec().layers.iter().enumerate().map(layer).collect()
}

fn record(record: &TrainRecord) -> Record<'_> {
    let [training_examples, validation_examples, test_examples] = record.examples;
    Record {
        version: &record.version,
        seed: record.seed,
        data_sha256: container::hex(&record.fingerprint),
        training_examples,
        validation_examples,
        test_examples,
        class_counts: &record.class_counts,
        config: record.options(),
        best_epoch: record.best_epoch,
        scores: record.scores.iter().map(|s| (s.name.as_str(), s.value)).collect(),
        history: &record.history,
    }
}
