//! Models of every task, activation and kind of input, with rows to feed them; what the models themselves say.

use mlp_export::model::data::pipeline::Encoder;
use mlp_export::model::data::{
    Column, Field, Kind, PictureShape, Pipeline, Projection, Scaling, Schema, Table, Target,
    TargetCoding,
};
use mlp_export::model::tensor::{Activation, Exec, Purpose, Streams};
use mlp_export::model::{LayerSpec, Model, NetworkSpec, Prediction, Score, Task, TrainRecord};
use proptest::prelude::*;

pub const TASKS: [Task; 4] = [Task::Regression, Task::Binary, Task::Multiclass, Task::Multilabel];

/// Numbers between -3 and 3 that look random and are the same in every run.
pub fn noise(seed: u64, count: usize) -> Vec<f32> {
    let mut stream = Streams::new(seed).at(Purpose::Demo, 0, 0);
    (0..count).map(|_| 6.0 * stream.uniform() - 3.0).collect()
}

fn target(task: Task, classes: usize) -> TargetCoding {
    let name = "what \"it\" is".to_owned();
    match task {
        Task::Regression => TargetCoding::Number { name, mean: 2.06855, deviation: 1.25 },
        Task::Binary => TargetCoding::Classes { name, labels: vec!["cat".into(), "dög".into()] },
        Task::Multilabel => TargetCoding::Labels {
            name,
            labels: (0..classes).map(|c| format!("label {c}")).collect(),
            separator: Some(";".into()),
        },
        Task::Multiclass => TargetCoding::Classes {
            name,
            labels: (0..classes).map(|c| format!("class {c}")).collect(),
        },
    }
}

/// A pipeline of numbers, scaled in every way there is.
pub fn numbers(inputs: usize) -> (Schema, Vec<Encoder>) {
    let field = |i| Field { name: format!("x{i}"), kind: Kind::Number };
    let scaled = |scaling| Encoder::Scaled { median: 0.0, scaling, indicator: false };
    let encoder = |i| match i {
        1 => scaled(Scaling::Robust { centre: 0.5, factor: 2.0 }),
        2 => scaled(Scaling::Quantile { quantiles: vec![-2.0, -1.0, 0.5, 0.5, 2.5] }),
        3 => scaled(Scaling::Log { mean: 0.25, deviation: 0.75 }),
        4 => scaled(Scaling::MinMax { least: -3.0, range: 6.0 }),
        5 => scaled(Scaling::Raw),
        _ => {
            Encoder::Number { median: 0.0, mean: i as f64 / 8.0, deviation: 1.5, indicator: false }
        }
    };
    (Schema { fields: (0..inputs).map(field).collect() }, (0..inputs).map(encoder).collect())
}

/// The model of a network that begins with the given layers; an output layer that suits the task follows.
pub fn model(
    (schema, encoders): (Schema, Vec<Encoder>),
    task: Task,
    mut layers: Vec<LayerSpec>,
    seed: u64,
) -> Model {
    let target = target(task, 3);
    let (dropped, columns) = (Vec::new(), Vec::new());
    let (picture, projection) = (None, None);
    let pipeline = Pipeline { schema, encoders, target, dropped, columns, picture, projection };
    layers.push(LayerSpec::Dense { outputs: task.outputs(3), activation: Activation::Identity });
    let network = NetworkSpec { inputs: pipeline.width(), layers }.build().unwrap();
    let mut params = network.init(&Streams::new(seed));
    for slot in params.slots.iter().filter(|slot| !slot.decay) {
        params.values[slot.range.clone()].copy_from_slice(&noise(seed, slot.rows));
    }
    let record = TrainRecord {
        version: "0.1.0".into(),
        examples: [8, 1, 1],
        scores: vec![Score { name: "accuracy".into(), value: 0.5 }],
        ..TrainRecord::default()
    };
    Model::new(pipeline, network, params.values, task, record).unwrap()
}

/// One hidden layer of an activation, with dropout after it.
pub fn hidden(activation: Activation) -> Vec<LayerSpec> {
    vec![LayerSpec::Dense { outputs: 9, activation }, LayerSpec::Dropout { rate: 0.5 }]
}

/// Pictures of 3 × 2 in colour, scaled by the given means and deviations, beside one number.
pub fn pictures(mean: Vec<f32>, deviation: Vec<f32>, beside: bool) -> (Schema, Vec<Encoder>) {
    let (mut schema, mut encoders) = numbers(usize::from(beside));
    schema.fields.insert(0, Field { name: "picture".into(), kind: Kind::Picture(SHAPE) });
    encoders.insert(0, Encoder::Pixels { mean, deviation });
    (schema, encoders)
}

pub const SHAPE: PictureShape = PictureShape { width: 3, height: 2, channels: 3 };

/// Rows that suit a model's schema.
pub fn table(model: &Model, rows: usize) -> Table {
    let column = |field: &Field| match field.kind {
        Kind::Picture(shape) => {
            let bytes = noise(7, rows * shape.len()).into_iter().map(|v| (v * 42.5 + 127.5) as u8);
            Column::Pixels { shape, bytes: bytes.collect() }
        }
        _ => {
            let seed = field.name.bytes().map(u64::from).sum();
            Column::Number(noise(seed, rows).into_iter().map(f64::from).collect())
        }
    };
    let schema = model.pipeline.schema.clone();
    let columns = schema.fields.iter().map(column).collect();
    Table { schema, columns, rows }
}

/// Rows as the model itself takes and answers them.
pub struct Case {
    pub model: Model,
    pub rows: usize,
    /// What the network is fed, `inputs × rows`.
    pub inputs: Vec<f32>,
    /// What an exported graph is fed: the same, but pixels still as bytes.
    pub raw: Vec<f32>,
    pub logits: Vec<f32>,
    /// Probabilities, or predicted numbers; one row after another.
    pub answers: Vec<f64>,
}

pub fn case(model: Model, rows: usize) -> Case {
    let exec = Exec::serial();
    let table = table(&model, rows);
    let encoded = model.pipeline.encode(&table, &Target::None).unwrap();
    let all: Vec<usize> = (0..rows).collect();
    let inputs = encoded.all_inputs(&exec, &all).unwrap();
    let logits = model.network.logits(&exec, &model.params.values, &encoded, &all).unwrap();
    let answer = |prediction: Prediction| match prediction {
        Prediction::Class { probabilities, .. } | Prediction::Labels { probabilities, .. } => {
            probabilities
        }
        Prediction::Number(value) => vec![value],
    };
    let answers = model.predict(&exec, &encoded, &all).unwrap().into_iter().flat_map(answer);
    let (answers, raw) = (answers.collect(), raw(&model, &table, &inputs));
    Case { model, rows, inputs, raw, logits, answers }
}

fn raw(model: &Model, table: &Table, inputs: &[f32]) -> Vec<f32> {
    let mut raw = inputs.to_vec();
    for column in &table.columns {
        if let Column::Pixels { shape, bytes } = column {
            let rows =
                raw.chunks_exact_mut(model.network.inputs()).zip(bytes.chunks_exact(shape.len()));
            for (row, picture) in rows {
                let pixels = &mut row[model.pipeline.dense_width()..];
                pixels.iter_mut().zip(picture).for_each(|(pixel, &byte)| *pixel = f32::from(byte));
            }
        }
    }
    raw
}

/// One model for every activation, task and kind of input.
pub fn all() -> Vec<(String, Model)> {
    let mut all = Vec::new();
    for task in TASKS {
        for activation in Activation::ALL {
            let name = format!("{}-{}", task.name(), activation.name());
            all.push((name, model(numbers(5), task, hidden(activation), 3)));
        }
        all.push((format!("{}-linear", task.name()), model(numbers(5), task, Vec::new(), 4)));
    }
    // A deviation of 0 is that of a pixel which never changed.
    let per_pixel = (0..18).map(|i| i as f32 * 10.0).collect();
    let deviations = (0..18).map(|i| i as f32 * 4.0).collect();
    let relu = || hidden(Activation::Relu);
    for (name, data) in [
        ("unit", pictures(vec![0.0], vec![255.0], false)),
        ("channels", pictures(vec![100.0, 120.0, 140.0], vec![50.0, 60.0, 70.0], false)),
        ("pixels", pictures(per_pixel, deviations, false)),
        ("mixed", pictures(vec![127.5], vec![64.0], true)),
    ] {
        all.push((format!("pictures-{name}"), model(data, Task::Multiclass, relu(), 5)));
    }
    all.push(("components".into(), projected().unfolded().unwrap().unwrap()));
    all
}

/// A model on pictures beside a number that takes four components of them.
pub fn projected() -> Model {
    let inner = model(numbers(4), Task::Multiclass, hidden(Activation::Relu), 6);
    let (schema, encoders) = pictures(vec![127.5], vec![64.0], true);
    let projection = Projection {
        inputs: 19,
        outputs: 4,
        whiten: true,
        explained: vec![0.5, 0.25, 0.125, 0.0625],
        weights: noise(8, 19 * 4).into_iter().map(|v| v / 8.0).collect(),
        biases: noise(9, 4),
    };
    let projection = Some(projection);
    let pipeline = Pipeline { schema, encoders, projection, ..inner.pipeline };
    Model::new(pipeline, inner.network, inner.params.values, inner.task, inner.record).unwrap()
}

/// Models of any shape.
pub fn any_model() -> impl Strategy<Value = Model> {
    let activation = prop::sample::select(Activation::ALL.to_vec());
    let layer = prop_oneof![
        4 => (1usize..20, activation).prop_map(|(outputs, activation)| LayerSpec::Dense { outputs, activation }),
        1 => (0.0f32..1.0).prop_map(|rate| LayerSpec::Dropout { rate }),
    ];
    let layers = prop::collection::vec(layer, 0..5);
    (1usize..12, prop::sample::select(TASKS.to_vec()), layers, any::<u64>())
        .prop_map(|(inputs, task, layers, seed)| model(numbers(inputs), task, layers, seed))
}

/// `found` is within 1e-5 of `expected`, for values above 1 of its size.
#[track_caller]
pub fn assert_near(name: &str, found: &[f32], expected: impl ExactSizeIterator<Item = f64>) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (i, (&found, expected)) in found.iter().zip(expected).enumerate() {
        let bound = 1e-5 * expected.abs().max(1.0);
        let difference = (f64::from(found) - expected).abs();
        assert!(difference <= bound, "{name}: value {i} is {found}, not {expected}");
    }
}
