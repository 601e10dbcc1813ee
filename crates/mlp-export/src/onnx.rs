//! ONNX: the whole network as a graph that runtimes of every language execute.
//!
//! Operator set 13 (2020) and IR version 7, so that old runtimes take it too; activations that came later are written
//! out in the older operators. Field numbers are those of `onnx.proto`
//! (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>).

mod graph;

use crate::protobuf::Message;
use crate::{ExportError, Exporter, describe};
use graph::{Attribute, Graph};
use mlp_model::data::TargetCoding;
use mlp_model::data::pipeline::Encoder;
use mlp_model::tensor::Activation;
use mlp_model::{LayerSpec, Model, Task};

/// Protocol Buffers' largest message.
const LARGEST: u64 = i32::MAX as u64;
const IR_VERSION: u64 = 7;
const OPERATOR_SET: u64 = 13;

/// A graph with one input, `input` (`N × inputs`, any number of examples at once), and the outputs `probabilities`
/// (`N × classes`, two for a binary task) and `logits`, or for regression `prediction` (`N × 1`, in the target's own
/// unit).
///
/// A network on pictures takes raw pixel values from 0 to 255, row by row, the channels of a pixel together; their
/// scaling is part of the graph. A network on tables takes encoded columns, one on features of pictures the scaled
/// features; the graph's metadata names every input (`inputs`), and holds the labels and the fitted preprocessing
/// (`pipeline`). Principal components are the first layer. Dropout does nothing at prediction and is left out.
#[derive(Clone, Copy, Debug)]
pub struct Onnx;

impl Exporter for Onnx {
    fn name(&self) -> &'static str {
        "onnx"
    }

    fn extension(&self) -> &'static str {
        "onnx"
    }

    fn export(&self, model: &Model) -> Result<Vec<u8>, ExportError> {
        let unfolded = model.unfolded()?;
        let model = unfolded.as_ref().unwrap_or(model);
        check(4 * model.params.values.len() as u64)?;
        let mut graph = Graph::new(model.network.inputs());
        let scaled = scale(&mut graph, model);
        let last = layers(&mut graph, model, scaled);
        outputs(&mut graph, model, &last);
        let file = file(graph.finish("mlp"), model)?;
        check(file.len() as u64)?;
        Ok(file)
    }
}

fn check(bytes: u64) -> Result<(), ExportError> {
    if bytes > LARGEST {
        return Err(ExportError::TooLarge { format: "ONNX", bytes, limit: LARGEST });
    }
    Ok(())
}

/// `ModelProto`.
fn file(graph: Message, model: &Model) -> Result<Vec<u8>, ExportError> {
    let entry = |(key, value): (&str, String)| Message::new().text(1, key).text(2, &value);
    let facts: Vec<Message> = describe::facts(model)?.into_iter().map(entry).collect();
    let message = Message::new()
        .int(1, IR_VERSION)
        .text(2, "mlp")
        .text(3, &model.record.version)
        .message(7, &graph)
        .message(8, &Message::new().text(1, "").int(2, OPERATOR_SET))
        .messages(14, &facts);
    Ok(message.into_bytes())
}

/// Pixels become what the network is fed, rounded as in training: `(byte - mean) · factor`. Inputs that are no
/// pixels come before them and stay as they are.
fn scale(graph: &mut Graph, model: &Model) -> String {
    let pipeline = &model.pipeline;
    let pixels = pipeline.encoders.iter().find_map(|encoder| match encoder {
        Encoder::Pixels { mean, deviation } => Some((mean, deviation)),
        Encoder::Number { .. }
        | Encoder::Boolean { .. }
        | Encoder::Category { .. }
        | Encoder::Scaled { .. }
        | Encoder::Features { .. }
        | Encoder::Date(_) => None,
    });
    let Some((mean, deviation)) = pixels else { return graph.input() };
    let (width, numbers) = (pipeline.width(), pipeline.dense_width());
    let factor = |d: &f32| if *d > 0.0 { 1.0 / d } else { 0.0 };
    // Given for all bytes, for each channel or for each byte: repeated to one an input.
    let every = |before: f32, values: Vec<f32>| -> Vec<f32> {
        let numbers = std::iter::repeat_n(before, numbers);
        numbers.chain(values.iter().copied().cycle()).take(width).collect()
    };
    let mean = graph.constant("pixel_mean", &[width], &every(0.0, mean.clone()));
    let factors = every(1.0, deviation.iter().map(factor).collect());
    let factor = graph.constant("pixel_factor", &[width], &factors);
    let centred = graph.node("Sub", &[&graph.input(), &mean], &[]);
    graph.node("Mul", &[&centred, &factor], &[])
}

fn layers(graph: &mut Graph, model: &Model, input: String) -> String {
    let mut value = input;
    for (index, layer) in model.network.spec().layers.iter().enumerate() {
        match *layer {
            LayerSpec::Dense { activation, .. } => {
                let mut inputs = vec![value];
                for slot in model.params.slots.iter().filter(|slot| slot.layer == index) {
                    // Column-major outputs × inputs is row-major inputs × outputs: the second factor as it stands.
                    let weight = [slot.cols, slot.rows];
                    let shape = if slot.decay { &weight[..] } else { &weight[1..] };
                    inputs.push(graph.constant(&slot.name, shape, model.params.slot(slot)));
                }
                let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
                let z = graph.node("Gemm", &inputs, &[]);
                value = activate(graph, activation, z);
            }
            LayerSpec::Dropout { .. } => {}
        }
    }
    value
}

/// The constants of `selu` (Klambauer 2017).
const SELU_ALPHA: f32 = 1.673_263_2;
const SELU_SCALE: f32 = 1.050_701;

fn activate(graph: &mut Graph, activation: Activation, z: String) -> String {
    match activation {
        Activation::Identity => z,
        Activation::Logistic => graph.node("Sigmoid", &[&z], &[]),
        Activation::Tanh => graph.node("Tanh", &[&z], &[]),
        Activation::Relu => graph.node("Relu", &[&z], &[]),
        Activation::LeakyRelu => graph.node("LeakyRelu", &[&z], &[Attribute::Float("alpha", 0.01)]),
        Activation::Elu => graph.node("Elu", &[&z], &[Attribute::Float("alpha", 1.0)]),
        Activation::Selu => {
            let elu = graph.node("Elu", &[&z], &[Attribute::Float("alpha", SELU_ALPHA)]);
            graph.with_number("Mul", &elu, SELU_SCALE)
        }
        Activation::Gelu => {
            // In the order in which runtimes look for it, to compute it in one go.
            let inner = graph.with_number("Div", &z, std::f32::consts::SQRT_2);
            let erf = graph.node("Erf", &[&inner], &[]);
            let sum = graph.with_number("Add", &erf, 1.0);
            let product = graph.node("Mul", &[&z, &sum], &[]);
            graph.with_number("Mul", &product, 0.5)
        }
        Activation::Silu => {
            let gate = graph.node("Sigmoid", &[&z], &[]);
            graph.node("Mul", &[&z, &gate], &[])
        }
        Activation::Mish => {
            let softplus = graph.node("Softplus", &[&z], &[]);
            let gate = graph.node("Tanh", &[&softplus], &[]);
            graph.node("Mul", &[&z, &gate], &[])
        }
        Activation::Softplus => graph.node("Softplus", &[&z], &[]),
    }
}

fn outputs(graph: &mut Graph, model: &Model, last: &str) {
    let (logits, columns) = ("logits", [Attribute::Int("axis", 1)]);
    match model.task {
        Task::Regression => {
            let (mean, deviation) = unit(&model.pipeline.target);
            let scaled = graph.with_number("Mul", last, deviation);
            let mean = graph.number(mean);
            graph.output("Add", &[&scaled, &mean], &[], "prediction", 1);
        }
        Task::Binary => {
            graph.output("Identity", &[last], &[], logits, 1);
            // Not 1 - p: that loses the digits of a small probability.
            let negative = graph.node("Neg", &[logits], &[]);
            let first = graph.node("Sigmoid", &[&negative], &[]);
            let second = graph.node("Sigmoid", &[logits], &[]);
            graph.output("Concat", &[&first, &second], &columns, "probabilities", 2);
        }
        Task::Multilabel => {
            let labels = model.network.outputs();
            graph.output("Identity", &[last], &[], logits, labels);
            graph.output("Sigmoid", &[logits], &[], "probabilities", labels);
        }
        Task::Multiclass => {
            let classes = model.network.outputs();
            graph.output("Identity", &[last], &[], logits, classes);
            graph.output("Softmax", &[logits], &columns, "probabilities", classes);
        }
    }
}

/// Mean and deviation of the target's unit.
fn unit(target: &TargetCoding) -> (f32, f32) {
    match target {
        TargetCoding::Number { mean, deviation, .. } => (*mean as f32, *deviation as f32),
        TargetCoding::Classes { .. } | TargetCoding::Labels { .. } => (0.0, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_protocol_buffers_cannot_hold_is_not_written() {
        assert!(check(LARGEST).is_ok());
        let message = check(LARGEST + 1).unwrap_err().to_string();
        assert!(message.contains("2147483648"), "{message}");
    }
}
