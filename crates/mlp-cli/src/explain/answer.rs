//! One input explained: the answer, what every column contributes, the pass, examples alike; and all of it as JSON.

use super::nearest::Alike;
use super::subject::Subject;
use super::{screen, trace};
use crate::predict::json_line;
use mlp_data::{Column, Dataset, Kind, MISSING, date};
use mlp_model::Prediction;
use mlp_model::explain::{Asked, Explanation, Trace, baseline};
use mlp_report::Raster;
use serde_json::{Value, json};

/// An input and all that is said of its answer.
pub struct Answer<'a> {
    /// What it is called.
    pub name: String,
    /// The answer, as `mlp predict` gives it.
    pub prediction: Prediction,
    /// Contributions.
    pub explanation: Explanation,
    /// The pass.
    pub trace: Trace<'a>,
    /// The cells of its row, one a column.
    pub cells: Vec<String>,
    /// Its picture.
    pub picture: Option<Raster>,
    /// The nearest examples, the nearest first.
    pub alike: Vec<Alike>,
}

/// A row of a data set, encoded.
pub struct Row<'a> {
    /// Where it is from.
    pub data: &'a Dataset,
    /// Which row.
    pub row: usize,
    /// What it is called.
    pub name: String,
    /// The inputs of the network.
    pub x: Vec<f32>,
    /// The answer.
    pub prediction: Prediction,
}

impl<'a> Answer<'a> {
    /// Explains a row.
    pub fn new(subject: &'a Subject<'_>, row: Row<'_>, asked: Asked) -> Answer<'a> {
        let x: Vec<f64> = row.x.iter().map(|&x| f64::from(x)).collect();
        let asked = match (asked, &row.prediction) {
            // The model's own word, should a tie be broken another way in f64.
            (Asked::Predicted, Prediction::Class { index, .. }) => Asked::Class(*index),
            (Asked::Predicted, Prediction::Labels { probabilities, .. }) => {
                Asked::Class(mlp_model::argmax(probabilities))
            }
            _ => asked,
        };
        let fields = &subject.model.pipeline.schema.fields;
        let cell = |field: &mlp_data::Field| {
            row.data
                .table
                .column(&field.name)
                .map_or_else(String::new, |c| value(field.kind, c, row.row))
        };
        Answer {
            name: row.name,
            explanation: subject.explainer.explain(&x, asked),
            trace: Trace::new(&subject.explainer.network, &x, subject.decimals()),
            cells: fields.iter().map(cell).collect(),
            picture: picture(row.data, row.row),
            prediction: row.prediction,
            alike: Vec::new(),
        }
    }

    /// What is explained, in words.
    pub fn explained(&self, subject: &Subject<'_>) -> String {
        match self.explanation.class {
            Some(class) => {
                // One output says both: it is the logit of the second class.
                let turned = class == 0 && subject.model.network.outputs() == 1;
                let sign = if turned { " (−y)" } else { "" };
                format!("the logit of {}{sign}", subject.model.labels()[class])
            }
            None => format!("`{}` in its own unit", subject.model.pipeline.target.name()),
        }
    }

    /// Which output of the network is asked about.
    pub fn output(&self, subject: &Subject<'_>) -> usize {
        match subject.model.network.outputs() {
            1 => 0,
            _ => self.explanation.class.unwrap_or(0),
        }
    }

    /// The columns by the size of their contribution, the largest first.
    pub fn order(&self) -> Vec<usize> {
        let columns = &self.explanation.columns;
        let mut order: Vec<usize> = (0..columns.len()).collect();
        order.sort_by(|&a, &b| columns[b].value.abs().total_cmp(&columns[a].value.abs()));
        order
    }

    /// The contributions of all inputs.
    pub fn sum(&self) -> f64 {
        self.explanation.inputs.contributions.iter().sum()
    }

    /// What is left over, as a share of the way from base to output.
    pub fn left_over(&self) -> f64 {
        let parts = &self.explanation.inputs;
        let way = (parts.output - parts.base).abs();
        if way > 0.0 { parts.residual.abs() / way } else { 0.0 }
    }

    /// Decimals that suit its contributions.
    pub fn decimals(&self) -> usize {
        let parts = &self.explanation.inputs;
        let columns = self.explanation.columns.iter().map(|c| c.value.abs());
        screen::decimals(columns.fold(parts.output.abs().max(parts.base.abs()), f64::max))
    }

    /// As JSON; `null` for the trace of networks too wide for it, unless asked for in full.
    pub fn json(&self, subject: &Subject<'_>) -> Value {
        let model = subject.model;
        let mut answer = json_line(model, &self.name, &self.prediction);
        let parts = &self.explanation.inputs;
        let names: Vec<String> = match self.picture {
            None => model.pipeline.input_names(),
            Some(_) => Vec::new(),
        };
        let inputs = |range: &std::ops::Range<usize>| -> Value {
            let one = |i: usize| {
                let name = names.get(i)?;
                let value = self.trace.inputs.get(i)?.value();
                Some(json!({
                    "name": name, "value": value, "contribution": parts.contributions[i],
                }))
            };
            range.clone().filter_map(one).collect()
        };
        let columns: Vec<Value> = (self.explanation.columns.iter().zip(&self.cells))
            .map(|(column, cell)| {
                json!({
                    "column": column.name,
                    "value": cell,
                    "contribution": column.value,
                    "inputs": inputs(&column.inputs),
                })
            })
            .collect();
        let features = model.pipeline.features().map(|(_, shape, _)| shape);
        let shape = model.pipeline.picture_shape().or(features);
        let pixels = self.explanation.pixels.as_ref().zip(shape);
        answer["explanation"] = json!({
            "class": self.explanation.class.map(|class| &model.labels()[class]),
            "baseline": baseline(&model.pipeline),
            "base": parts.base,
            "sum": self.sum(),
            "output": parts.output,
            "residual": parts.residual,
            "steps": parts.steps,
            "columns": columns,
            "pixels": pixels.map(|(values, shape)| json!({
                "width": shape.width, "height": shape.height, "contributions": values,
            })),
        });
        answer["trace"] = trace::json(subject, &self.trace);
        answer["nearest"] = self.alike.iter().map(Alike::json).collect();
        answer
    }
}

/// A value as it stands in the file.
pub fn value(kind: Kind, column: &Column, row: usize) -> String {
    match column {
        Column::Number(values) if matches!(kind, Kind::Date(_)) => match values.get(row) {
            Some(value) if value.is_finite() => date::format(*value),
            _ => "missing".into(),
        },
        Column::Number(values) => match values.get(row) {
            Some(value) if value.is_finite() => value.to_string(),
            _ => "missing".into(),
        },
        Column::Category { levels, codes } => match codes.get(row) {
            Some(&code) if code != MISSING => {
                levels.get(code as usize).cloned().unwrap_or_default()
            }
            _ => "missing".into(),
        },
        Column::Pixels { shape, .. } => shape.to_string(),
    }
}

/// A row's picture.
pub fn picture(data: &Dataset, row: usize) -> Option<Raster> {
    data.table.columns.iter().find_map(|column| match column {
        Column::Pixels { shape, bytes } => {
            let n = shape.len();
            Some(Raster::picture(*shape, bytes.get(row * n..(row + 1) * n)?))
        }
        _ => None,
    })
}
