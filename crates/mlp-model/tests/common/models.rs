//! Whole models: fixed ones to predict with, random ones to write and read.

use super::{activations, stream, uniform};
use mlp_model::data::open::{Channels, PictureOptions, Resize};
use mlp_model::data::pipeline::{Dates, Encoder};
use mlp_model::data::{
    Column, DateOrder, Field, Kind, PictureShape, Pipeline, Projection, Scaling, Schema, Table,
    Target, TargetCoding,
};
use mlp_model::tensor::Activation;
use mlp_model::{EpochRecord, LayerSpec, Model, NetworkSpec, Score, Task, TrainRecord};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A pipeline of number columns that are taken as they are.
pub fn numbers(columns: &[&str], target: TargetCoding) -> Pipeline {
    let field = |name: &&str| Field { name: name.to_string(), kind: Kind::Number };
    let plain = Encoder::Number { median: 0.0, mean: 0.0, deviation: 1.0, indicator: false };
    Pipeline {
        schema: Schema { fields: columns.iter().map(field).collect() },
        encoders: vec![plain; columns.len()],
        target,
        dropped: Vec::new(),
        columns: Vec::new(),
        picture: None,
        projection: None,
    }
}

pub fn classes(labels: &[&str]) -> TargetCoding {
    let labels = labels.iter().map(|l| l.to_string()).collect();
    TargetCoding::Classes { name: "class".into(), labels }
}

/// Rows of number columns.
pub fn table(columns: &[(&str, &[f64])]) -> Table {
    let field = |name: &str| Field { name: name.into(), kind: Kind::Number };
    Table {
        schema: Schema { fields: columns.iter().map(|(name, _)| field(name)).collect() },
        columns: columns.iter().map(|(_, values)| Column::Number(values.to_vec().into())).collect(),
        rows: columns[0].1.len(),
    }
}

/// A linear model of these weights (column-major) and biases.
pub fn linear(pipeline: Pipeline, task: Task, values: Vec<f32>) -> Model {
    let outputs = match &pipeline.target {
        TargetCoding::Classes { labels, .. } | TargetCoding::Labels { labels, .. } => {
            task.outputs(labels.len())
        }
        TargetCoding::Number { .. } => 1,
    };
    let spec = NetworkSpec::mlp(pipeline.width(), &[], Activation::Identity, 0.0, outputs);
    Model::new(pipeline, spec.build().unwrap(), values, task, TrainRecord::default()).unwrap()
}

/// The model of the golden file: every kind of column but pictures, two hidden layers, a full
/// record.
pub fn golden() -> Model {
    let field = |name: &str, kind| Field { name: name.into(), kind };
    let words = |words: &[&str]| words.iter().map(|w| w.to_string()).collect();
    let pipeline = Pipeline {
        schema: Schema {
            fields: vec![
                field("age", Kind::Number),
                field("member", Kind::Boolean),
                field("colour", Kind::Category),
            ],
        },
        encoders: vec![
            Encoder::Number { median: 30.0, mean: 32.5, deviation: 8.0, indicator: true },
            Encoder::Boolean { indicator: false },
            Encoder::Category {
                levels: words(&["blue", "grün", "red"]),
                rare: words(&["mauve"]),
                missing: true,
            },
        ],
        target: classes(&["cat", "dog", "other"]),
        dropped: vec![("id".into(), "it only numbers the rows".into())],
        columns: words(&["id", "age", "member", "class", "colour"]),
        picture: None,
        projection: None,
    };
    let spec = NetworkSpec::mlp(pipeline.width(), &[4, 3], Activation::Gelu, 0.125, 3);
    let network = spec.build().unwrap();
    let values = uniform(&mut stream(1, 0), network.parameters(), 1.0);
    let epoch = |epoch, loss, improved| EpochRecord {
        epoch,
        learning_rate: 0.001,
        loss,
        score: 0.5,
        val_loss: Some(loss + 0.125),
        val_score: None,
        improved,
    };
    let record = TrainRecord {
        version: "0.1.0".into(),
        seed: 42,
        fingerprint: [7; 32],
        class_counts: vec![50, 30, 20],
        examples: [100, 20, 30],
        config: vec![("hidden".into(), "4,3".into())],
        history: vec![epoch(1, 1.5, true), epoch(2, 1.25, true), epoch(3, 1.375, false)],
        best_epoch: 2,
        scores: vec![Score { name: "accuracy".into(), value: 0.75 }],
    };
    Model::new(pipeline, network, values, Task::Multiclass, record).unwrap()
}

/// A table that fits [`golden`], with missing, rare and unseen values.
pub fn golden_table() -> Table {
    let category = |words: &[&str], codes: &[u32]| Column::Category {
        levels: words.iter().map(|w| w.to_string()).collect(),
        codes: codes.to_vec().into(),
    };
    Table {
        schema: golden().pipeline.schema,
        columns: vec![
            Column::Number(vec![20.0, f64::NAN, 55.0].into()),
            category(&["yes", "no"], &[0, 1, 1]),
            category(&["red", "mauve", "beige"], &[0, mlp_model::data::MISSING, 2]),
        ],
        rows: 3,
    }
}

/// Encoded for `model`, without a target.
pub fn encode(model: &Model, table: &Table) -> mlp_model::data::Encoded {
    model.pipeline.encode(table, &Target::None).unwrap()
}

fn words(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(".{0,6}", 2..=most).prop_map(|words| words.into_iter().collect())
}

fn scaling() -> impl Strategy<Value = Scaling> {
    (0usize..5, -1e9f64..1e9, 0.0f64..1e9).prop_map(|(which, a, b)| match which {
        0 => Scaling::Raw,
        1 => Scaling::MinMax { least: a, range: b },
        2 => Scaling::Robust { centre: a, factor: b },
        3 => Scaling::Quantile { quantiles: vec![a, a, a + b] },
        _ => Scaling::Log { mean: a, deviation: b },
    })
}

/// A projection of so many inputs to at most three.
pub fn projection_of(inputs: usize, seed: u64) -> Projection {
    let outputs = inputs.min(3);
    Projection {
        inputs,
        outputs,
        whiten: seed % 2 == 1,
        explained: vec![0.25; outputs],
        weights: uniform(&mut stream(seed, 1), outputs * inputs, 1.0),
        biases: uniform(&mut stream(seed, 2), outputs, 1.0),
    }
}

fn column() -> impl Strategy<Value = (Kind, Encoder)> {
    let finite = -1e300f64..1e300;
    prop_oneof![
        (finite.clone(), finite, 0.0f64..1e9, any::<bool>()).prop_map(
            |(median, mean, deviation, indicator)| {
                (Kind::Number, Encoder::Number { median, mean, deviation, indicator })
            }
        ),
        (scaling(), any::<bool>()).prop_map(|(scaling, indicator)| {
            (Kind::Number, Encoder::Scaled { median: 0.5, scaling, indicator })
        }),
        (any::<[bool; 3]>(), 0.0f64..1e9).prop_map(|([month, hour, indicator], days)| {
            let (first, year, days) = (1e9, (2001.5, 0.25), (days / 2.0, days));
            let (weekday, order) = (true, DateOrder::DayFirst);
            let dates = Dates { first, year, days, month, weekday, hour, indicator };
            (Kind::Date(order), Encoder::Date(dates))
        }),
        any::<bool>().prop_map(|indicator| (Kind::Boolean, Encoder::Boolean { indicator })),
        (words(4), any::<bool>()).prop_map(|(levels, missing)| {
            (Kind::Category, Encoder::Category { levels, rare: Vec::new(), missing })
        }),
    ]
}

fn pictures() -> impl Strategy<Value = Option<PictureShape>> {
    let shape = (1u32..4, 1u32..4, prop::sample::select(vec![1u32, 3]));
    prop::option::of(shape.prop_map(|(width, height, channels)| PictureShape {
        width,
        height,
        channels,
    }))
}

fn pipelines() -> impl Strategy<Value = Pipeline> {
    let numbers = (any::<String>(), -1e9f64..1e9, 1e-3f64..1e9)
        .prop_map(|(name, mean, deviation)| TargetCoding::Number { name, mean, deviation });
    let labels = (any::<String>(), words(5))
        .prop_map(|(name, labels)| TargetCoding::Classes { name, labels });
    let dropped = prop::collection::vec((any::<String>(), any::<String>()), 0..2);
    let columns = prop::collection::vec(column(), 1..5);
    let projected = prop::option::of(any::<u64>());
    (columns, pictures(), prop_oneof![numbers, labels], dropped, projected).prop_map(
        |(mut columns, shape, target, dropped, projected)| {
            let mut picture = None;
            if let Some(shape) = shape {
                let n = shape.channels as usize;
                let encoder = Encoder::Pixels { mean: vec![127.5; n], deviation: vec![63.25; n] };
                columns.push((Kind::Picture(shape), encoder));
                picture = Some(PictureOptions {
                    size: (shape.width, shape.height),
                    resize: Resize::Pad,
                    channels: if n == 3 { Channels::Rgb } else { Channels::Red },
                    background: [1, 2, 255],
                });
            }
            let name = |i| format!("column {i}");
            let (fields, encoders): (Vec<Field>, _) = (columns.into_iter().enumerate())
                .map(|(i, (kind, encoder))| (Field { name: name(i), kind }, encoder))
                .unzip();
            let names = fields.iter().map(|field| &field.name);
            let names = names.chain(dropped.iter().map(|(name, _)| name)).cloned();
            let names: BTreeSet<String> = names.chain([target.name().to_string()]).collect();
            let columns = names.into_iter().collect();
            let (schema, projection) = (Schema { fields }, None);
            let mut pipeline =
                Pipeline { schema, encoders, target, dropped, columns, picture, projection };
            pipeline.projection =
                projected.map(|seed| projection_of(pipeline.encoded_width(), seed));
            pipeline
        },
    )
}

/// Random models of any pipeline, task, layers and record.
pub fn models() -> impl Strategy<Value = Model> {
    let layer = prop_oneof![
        (1usize..6, activations())
            .prop_map(|(outputs, activation)| LayerSpec::Dense { outputs, activation }),
        (0.0f32..1.0).prop_map(|rate| LayerSpec::Dropout { rate }),
    ];
    let layers = prop::collection::vec(layer, 0..5);
    let epoch = (any::<u32>(), any::<f64>(), any::<Option<f64>>(), any::<bool>()).prop_map(
        |(epoch, loss, val_loss, improved)| EpochRecord {
            epoch,
            learning_rate: loss as f32,
            loss,
            score: -loss,
            val_loss,
            val_score: val_loss,
            improved,
        },
    );
    let history = prop::collection::vec(epoch, 0..4);
    let config = prop::collection::vec((any::<String>(), any::<String>()), 0..3);
    let record = (any::<u64>(), any::<[u8; 32]>(), config, history).prop_map(
        |(seed, fingerprint, config, history)| TrainRecord {
            seed,
            fingerprint,
            config,
            history,
            ..TrainRecord::default()
        },
    );
    (pipelines(), layers, record, any::<bool>()).prop_map(|(pipeline, mut layers, record, two)| {
        let task = match &pipeline.target {
            TargetCoding::Number { .. } => Task::Regression,
            TargetCoding::Classes { labels, .. } if labels.len() == 2 && two => Task::Binary,
            TargetCoding::Classes { .. } => Task::Multiclass,
            TargetCoding::Labels { .. } => Task::Multilabel,
        };
        let outputs = match &pipeline.target {
            TargetCoding::Number { .. } => 1,
            TargetCoding::Classes { labels, .. } | TargetCoding::Labels { labels, .. } => {
                task.outputs(labels.len())
            }
        };
        layers.push(LayerSpec::Dense { outputs, activation: Activation::Identity });
        let network = NetworkSpec { inputs: pipeline.width(), layers }.build().unwrap();
        let values = uniform(&mut stream(record.seed, 0), network.parameters(), 1e9);
        Model::new(pipeline, network, values, task, record).unwrap()
    })
}
