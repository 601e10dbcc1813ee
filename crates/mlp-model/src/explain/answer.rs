//! A model's answer explained in the terms of its data: contributions of columns and pixels to the
//! logit of a class, or to a number in its own unit.

use super::{Attribution, integrated_gradients};
use crate::reference::Reference;
use crate::{Model, Prediction, Task, argmax};
use mlp_data::pipeline::Encoder;
use mlp_data::{Kind, Pipeline, Scaling, TargetCoding};
use std::ops::Range;

/// What an explanation is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// The class that the model names.
    #[default]
    Predicted,
    /// The class at this place among the labels. For a number it means nothing.
    Class(usize),
}

/// Explains the answers of one model.
#[derive(Clone, Debug)]
pub struct Explainer<'a> {
    model: &'a Model,
    /// The same network in `f64`.
    pub network: Reference,
}

/// What an answer is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The class whose logit is explained, by its place among the labels; `None` for a number.
    pub class: Option<usize>,
    /// One contribution an input, against the [`baseline`]. Base and output are a logit, or a number
    /// in the target's unit. With two classes the one logit is that of the second; the first has
    /// its negative.
    pub inputs: Attribution,
    /// One a column, in the order of the schema: the inputs of a column added up. A picture is one
    /// column.
    pub columns: Vec<Contribution>,
    /// One a pixel, row by row, its channels added up; only where inputs are pictures.
    pub pixels: Option<Vec<f64>>,
}

/// What a column contributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// The column.
    pub name: String,
    /// In the unit of the explanation.
    pub value: f64,
    /// Which inputs of the network it became.
    pub inputs: Range<usize>,
}

impl<'a> Explainer<'a> {
    /// For a model.
    pub fn new(model: &'a Model) -> Explainer<'a> {
        let network = Reference::new(model.network.spec(), &model.params.values);
        Explainer { model, network }
    }

    /// The answer to an encoded row: the reference's logits, in the target's own terms.
    pub fn answer(&self, x: &[f64]) -> Prediction {
        self.model.answer_f64(&self.network.forward(x))
    }

    /// Explains the answer to an encoded row.
    ///
    /// # Panics
    /// If there are fewer values than inputs, or no such class.
    pub fn explain(&self, x: &[f64], asked: Asked) -> Explanation {
        let class = match (self.answer(x), asked) {
            (Prediction::Number(_), _) => None,
            (Prediction::Class { index, .. }, Asked::Predicted) => Some(index),
            (Prediction::Labels { probabilities, .. }, Asked::Predicted) => {
                Some(argmax(&probabilities))
            }
            (_, Asked::Class(index)) => Some(index),
        };
        let mut direction = vec![0.0; self.model.network.outputs()];
        let mut offset = 0.0;
        match (class, &self.model.pipeline.target, self.model.task) {
            (Some(class), _, Task::Multiclass | Task::Multilabel) => direction[class] = 1.0,
            (Some(class), ..) => direction[0] = if class == 0 { -1.0 } else { 1.0 },
            (None, TargetCoding::Number { mean, deviation, .. }, _) => {
                (direction[0], offset) = (*deviation, *mean);
            }
            (None, TargetCoding::Classes { .. } | TargetCoding::Labels { .. }, _) => {
                direction[0] = 1.0;
            }
        }
        let zeros = vec![0.0; self.model.network.inputs()];
        let mut inputs = integrated_gradients(&self.network, x, &zeros, &direction);
        inputs.base += offset;
        inputs.output += offset;
        let columns = columns(&self.model.pipeline, &inputs.contributions);
        let pixels = pixels(&self.model.pipeline, &inputs.contributions);
        Explanation { class, inputs, columns, pixels }
    }
}

/// Contributions of inputs added up by column.
fn columns(pipeline: &Pipeline, contributions: &[f64]) -> Vec<Contribution> {
    let (mut at, mut pixels) = (0, pipeline.dense_width());
    let fields = pipeline.schema.fields.iter().zip(&pipeline.encoders);
    let column = |(field, encoder): (&mlp_data::Field, &Encoder)| {
        let (place, width) = match (field.kind, encoder) {
            (Kind::Picture(shape), Encoder::Pixels { .. }) => (&mut pixels, shape.len()),
            _ => (&mut at, encoder.width()),
        };
        let inputs = *place..*place + width;
        *place = inputs.end;
        let value = contributions[inputs.clone()].iter().sum();
        Contribution { name: field.name.clone(), value, inputs }
    };
    fields.map(column).collect()
}

/// Contributions of inputs added up by pixel; those of features are spread over the pixels they tell of.
fn pixels(pipeline: &Pipeline, contributions: &[f64]) -> Option<Vec<f64>> {
    if let Some((set, shape, place)) = pipeline.features() {
        return Some(set.spread(shape, &contributions[place]));
    }
    let shape = pipeline.picture_shape()?;
    let channels = (shape.channels as usize).max(1);
    let values = &contributions[pipeline.dense_width()..];
    Some(values.chunks_exact(channels).map(|pixel| pixel.iter().sum()).collect())
}

/// In words, the input against which contributions are measured: all inputs of the network zero.
pub fn baseline(pipeline: &Pipeline) -> String {
    let mut words: Vec<&str> = Vec::new();
    for encoder in &pipeline.encoders {
        let word = match encoder {
            Encoder::Number { .. } => "every number at its training mean",
            Encoder::Scaled { scaling, .. } => zero(scaling),
            Encoder::Date(_) => "dates at their training means",
            Encoder::Boolean { .. } => "booleans between no and yes",
            Encoder::Category { .. } if encoder.is_pair() => "of two words neither",
            Encoder::Category { .. } => "no word in a category",
            Encoder::Pixels { mean, .. } if mean.iter().all(|m| *m == 0.0) => "a black picture",
            Encoder::Pixels { mean, .. } if mean.len() <= 3 => {
                "a picture of one colour, the mean of all training pixels"
            }
            Encoder::Pixels { .. } => "the mean training picture",
            Encoder::Features { mean, .. } if mean.iter().all(|m| *m == 0.0) => {
                "a picture without edges"
            }
            Encoder::Features { .. } => {
                "the mean of each kind of feature over all training pictures"
            }
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(", ")
}

/// The number that a scaling makes zero.
fn zero(scaling: &Scaling) -> &'static str {
    match scaling {
        Scaling::Raw => "every number zero",
        Scaling::MinMax { .. } => "every number at its least in training",
        Scaling::Robust { .. } | Scaling::Quantile { .. } => "every number at its training median",
        Scaling::Log { .. } => "every number at the mean of the training logarithms",
    }
}
