//! What is explained: a model, the names that its equations use, and how much of it is shown.

use mlp_data::pipeline::Encoder;
use mlp_data::{Kind, Pipeline, Scaling, TargetCoding};
use mlp_model::explain::{Equations, Explainer};
use mlp_model::{Model, Task};
use mlp_report::number::figure;

/// Most inputs that go by their own names.
const NAMED: usize = 12;
/// Longest such name.
const LONGEST: usize = 16;

/// A model with names for everything in it.
pub struct Subject<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its network in `f64`.
    pub explainer: Explainer<'a>,
    /// Names of the inputs in equations; empty where they are `x1`, `x2`, …
    names: Vec<String>,
    /// Whether nothing is left out.
    pub full: bool,
}

/// What an input stands for.
pub struct Meaning {
    /// Its name in equations.
    pub symbol: String,
    /// Its name in the data.
    pub name: String,
    /// How it is made of the column.
    pub how: String,
}

impl<'a> Subject<'a> {
    /// Of a model.
    pub fn new(model: &'a Model, full: bool) -> Subject<'a> {
        let names = match model.pipeline.picture_shape() {
            None if model.network.inputs() <= NAMED => model.pipeline.input_names(),
            _ => Vec::new(),
        };
        // Such as cannot be taken for `x1`, `w1`, `b` or a node, nor for a part of a sum.
        let plain = |name: &String| {
            let letters = |c: char| c.is_alphabetic() || c == '_';
            (2..=LONGEST).contains(&name.chars().count()) && name.chars().all(letters)
        };
        let names = if names.iter().all(plain) { names } else { Vec::new() };
        Subject { model, explainer: Explainer::new(model), names, full }
    }

    /// Its equations.
    pub fn equations(&self) -> Equations<'_> {
        let equations = Equations::of(&self.explainer.network)
            .inputs(self.names.clone())
            .decimals(self.decimals());
        if self.full { equations.terms(usize::MAX) } else { equations }
    }

    /// Decimals of equations and traces: more for sums of many small terms.
    pub fn decimals(&self) -> u32 {
        if self.model.network.inputs() <= 64 { 4 } else { 6 }
    }

    /// So many of `all`, or all of them with `--full`.
    pub fn most(&self, some: usize) -> usize {
        if self.full { usize::MAX } else { some }
    }

    /// How the outputs become an answer.
    pub fn answer(&self) -> String {
        match (&self.model.pipeline.target, self.model.task) {
            (TargetCoding::Number { name, mean, deviation }, _) => {
                format!("{name} = {} · y + {}", figure(*deviation), figure(*mean))
            }
            (TargetCoding::Labels { labels, .. }, _) => format!(
                "probability of a label = logistic of its y = 1 / (1 + exp(−y)); y1 is {}'s, y{} {}'s",
                labels[0],
                labels.len(),
                labels[labels.len() - 1]
            ),
            (TargetCoding::Classes { labels, .. }, Task::Binary | Task::Regression) => {
                let second = labels.get(1).map_or("", String::as_str);
                format!("probability of {second} = logistic(y) = 1 / (1 + exp(−y))")
            }
            (TargetCoding::Classes { labels, .. }, Task::Multiclass | Task::Multilabel) => format!(
                "probability of a class = softmax: exp of its y over the sum of exp(y1) to exp(y{}); \
                 y1 is {}'s, y{0} {}'s",
                labels.len(),
                labels[0],
                labels[labels.len() - 1]
            ),
        }
    }

    /// What the first inputs stand for, at most so many, pixels as one.
    pub fn meanings(&self, most: usize) -> Vec<Meaning> {
        let pipeline = &self.model.pipeline;
        let names = match pipeline.picture_shape() {
            None => pipeline.input_names(),
            // Named column by column below, so as not to make a name for every pixel.
            Some(_) if pipeline.dense_width() == 0 => Vec::new(),
            Some(_) => pipeline.input_names(),
        };
        let equations = self.equations();
        let mut all = Vec::new();
        let mut at = 0;
        for (field, encoder) in pipeline.schema.fields.iter().zip(&pipeline.encoders) {
            for place in 0..encoder.width() {
                all.push(Meaning {
                    symbol: equations.input_name(0, at),
                    name: names.get(at).cloned().unwrap_or_default(),
                    how: how(&field.name, encoder, place),
                });
                at += 1;
            }
        }
        all.extend(pixels(pipeline));
        all.truncate(most);
        all
    }
}

/// How an input is made of its column.
fn how(column: &str, encoder: &Encoder, place: usize) -> String {
    match encoder {
        Encoder::Number { mean, deviation, .. } if place == 0 => {
            let sign = if *mean < 0.0 { "+" } else { "−" };
            format!("({column} {sign} {}) / {}", figure(mean.abs()), figure(*deviation))
        }
        Encoder::Scaled { scaling, .. } if place == 0 => scaled(column, scaling),
        Encoder::Date(dates) => match dates.how(place) {
            Some(how) => how,
            None => "1 where it is missing, else 0".into(),
        },
        Encoder::Boolean { .. } if place == 0 => "1 for yes, −1 for no".into(),
        Encoder::Category { levels, .. } if encoder.is_pair() => {
            format!("−1 for {}, 1 for {}", levels[0], levels[1])
        }
        Encoder::Features { mean, deviation, .. } => {
            let (mean, deviation) = (figure(mean[place].into()), figure(deviation[place].into()));
            format!("(feature − {mean}) / {deviation}")
        }
        _ => "1 where it holds, else 0".into(),
    }
}

/// How a number is scaled.
fn scaled(column: &str, scaling: &Scaling) -> String {
    let less = |value: f64| {
        let sign = if value < 0.0 { "+" } else { "−" };
        format!("{sign} {}", figure(value.abs()))
    };
    match scaling {
        Scaling::Raw => column.to_string(),
        Scaling::MinMax { least, range } => {
            format!("({column} {}) / {}", less(*least), figure(*range))
        }
        Scaling::Robust { centre, factor } => {
            format!("u / √(1 + (u/3)²) of u = ({column} {}) · {}", less(*centre), figure(*factor))
        }
        Scaling::Quantile { quantiles } => {
            format!("normal deviate of the place of {column} among {} quantiles", quantiles.len())
        }
        Scaling::Log { mean, deviation } => {
            format!("(sign · ln(1 + |{column}|) {}) / {}", less(*mean), figure(*deviation))
        }
    }
}

fn pixels(pipeline: &Pipeline) -> Option<Meaning> {
    let field = pipeline.schema.fields.iter().zip(&pipeline.encoders);
    field.into_iter().find_map(|(field, encoder)| {
        let (Kind::Picture(shape), Encoder::Pixels { mean, deviation }) = (field.kind, encoder)
        else {
            return None;
        };
        let first = pipeline.dense_width() + 1;
        let last = first + shape.len() - 1;
        let channels =
            if shape.channels == 3 { ", red, green and blue of each together" } else { "" };
        let scaled = match (&mean[..], &deviation[..]) {
            ([mean], [deviation]) => {
                format!("(byte − {}) / {}", figure((*mean).into()), figure((*deviation).into()))
            }
            _ => "(byte − mean) / deviation".into(),
        };
        Some(Meaning {
            symbol: format!("x{first} to x{last}"),
            name: format!("pixels row by row{channels}"),
            how: scaled,
        })
    })
}
