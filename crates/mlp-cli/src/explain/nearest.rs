//! The data beside a model: its nearest examples to an input, and what the nodes do on it.

use super::answer::{Answer, picture, value};
use crate::args::{ExplainArgs, Global};
use crate::options::Options;
use crate::output::{grouped, say};
use crate::report::brief;
use crate::sets;
use crate::train::{self, CONFIG};
use crate::{input, train::skipped};
use anyhow::Context;
use mlp_data::{Dataset, Encoded, Part, Target};
use mlp_model::Model;
use mlp_model::explain::{last_hidden, nearest};
use mlp_report::Raster;
use mlp_report::number::figure;
use mlp_tensor::Exec;
use mlp_train::{LayerUnits, layer_units, sample};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// Nearest examples.
const NEAREST: usize = 6;
/// Rows on which nodes are watched.
const WATCHED: usize = 1_000;
/// Rows that are looked through for the nearest.
const SEARCHED: usize = 200_000;
/// Longest side of a thumbnail.
const THUMBNAIL: usize = 96;
/// Columns of a row that are shown.
const COLUMNS: usize = 4;

/// Examples, encoded, with what the last hidden layer makes of them.
pub struct Beside {
    data: Dataset,
    encoded: Arc<Encoded>,
    /// Those that are looked at.
    rows: Vec<usize>,
    /// Which rows these are, in words.
    pub from: String,
    /// What distance between which rows, in words.
    pub which: String,
    points: Vec<f32>,
    width: usize,
}

/// An example near to the input.
pub struct Alike {
    /// What it is called.
    pub name: String,
    /// Its true class or number, where known.
    pub truth: Option<String>,
    /// Between the answers of the last hidden layer.
    pub distance: f64,
    /// Its picture, made small.
    pub picture: Option<Raster>,
    /// The first cells of its row, where it is no picture: column and value.
    pub cells: Vec<(String, String)>,
    /// Whether it is of the class that the model names.
    pub agrees: Option<bool>,
}

impl Alike {
    /// As JSON.
    pub fn json(&self) -> Value {
        json!({"row": self.name, "distance": self.distance, "label": self.truth})
    }
}

impl Beside {
    /// Reads `--data`: the training rows where these are the data of the run, else all rows.
    pub fn open(
        args: &ExplainArgs,
        name: &str,
        global: &Global,
        exec: &Exec,
        model: &Model,
    ) -> anyhow::Result<Beside> {
        let (data, rows) = match of_the_run(&args.model, name, global, model) {
            Some((data, rows)) => (data, Some(rows)),
            None => {
                let known = model.pipeline.open_options();
                let options =
                    mlp_data::OpenOptions { header: args.header, strict: args.strict, ..known };
                (input::data(exec, global, name, &options)?, None)
            }
        };
        if !global.quiet {
            skipped(&data).iter().for_each(|line| say(line));
        }
        let encoded = model.pipeline.encode_on(exec, &data.table, &Target::None);
        let encoded = encoded.with_context(|| data.name.clone())?;
        let all = rows.clone().unwrap_or_else(|| (0..data.len()).collect());
        let chosen = sample(&all, SEARCHED, model.record.seed);
        let between = match model.hidden().is_empty() {
            true => "the inputs of the network",
            false => "the answers of the last hidden layer",
        };
        let rows = match (rows, chosen.len() < all.len()) {
            (Some(_), false) => format!("the {} training rows", grouped(all.len())),
            (None, false) => format!("the {} rows of {}", grouped(all.len()), data.name),
            (_, true) => format!("{} of {} rows", grouped(chosen.len()), grouped(all.len())),
        };
        let which = format!("Euclidean distance between {between}, among {rows}");
        let (points, width) = last_hidden(exec, model, &encoded, &chosen)?;
        Ok(Beside {
            data,
            encoded: Arc::new(encoded),
            rows: chosen,
            from: rows,
            which,
            points,
            width,
        })
    }

    /// The rows of a training that just was.
    pub fn trained(job: &train::Job<'_>, model: &Model) -> anyhow::Result<Beside> {
        let rows = job.session.rows(Part::Train).to_vec();
        let from = format!("the {} training rows", grouped(rows.len()));
        let which = format!(
            "Euclidean distance between the answers of the last hidden layer, among {from}"
        );
        let encoded = Arc::clone(&job.session.encoded);
        let (points, width) = last_hidden(&job.exec, model, &*encoded, &rows)?;
        Ok(Beside { data: job.data.clone(), encoded, rows, from, which, points, width })
    }

    /// The nearest examples to a row of other data.
    pub fn alike(
        &self,
        exec: &Exec,
        model: &Model,
        (encoded, row): (&Encoded, usize),
        answer: &Answer<'_>,
    ) -> anyhow::Result<Vec<Alike>> {
        let (point, _) = last_hidden(exec, model, encoded, &[row])?;
        debug_assert_eq!(point.len(), self.width);
        let class = answer.explanation.class.filter(|_| !model.labels().is_empty());
        let label = match &answer.prediction {
            mlp_model::Prediction::Class { index, .. } => Some(model.labels()[*index].clone()),
            mlp_model::Prediction::Number(_) => class.map(|class| model.labels()[class].clone()),
            mlp_model::Prediction::Labels { .. } => Some(sets::named(model, &answer.prediction)),
        };
        let one = |near: mlp_model::explain::Neighbour| {
            let row = self.rows[near.place];
            let truth = self.truth(row);
            let label = label.as_deref();
            let fields = self.data.table.schema.fields.iter().zip(&self.data.table.columns);
            let picture = picture(&self.data, row).map(|picture| picture.thumbnail(THUMBNAIL));
            let cells = fields
                .take(COLUMNS)
                .map(|(f, c)| (f.name.clone(), brief(&value(f.kind, c, row), 20)));
            Alike {
                name: self.data.row_name(row),
                distance: near.distance,
                agrees: truth.as_deref().zip(label).map(|(truth, label)| truth == label),
                cells: if picture.is_none() { cells.collect() } else { Vec::new() },
                truth,
                picture,
            }
        };
        Ok(nearest(&point, &self.points, NEAREST).into_iter().map(one).collect())
    }

    fn truth(&self, row: usize) -> Option<String> {
        match &self.data.target {
            Target::Classes { labels, codes, .. } => labels.get(*codes.get(row)? as usize).cloned(),
            Target::Numbers { values, .. } => values.get(row).map(|value| figure(*value)),
            Target::None => None,
            Target::Labels { labels, hits, .. } => {
                let hits = hits.chunks_exact(labels.len()).nth(row)?;
                let own =
                    labels.iter().zip(hits).filter(|(_, hit)| **hit == 1).map(|(l, _)| l.as_str());
                let own: Vec<&str> = own.collect();
                Some(if own.is_empty() { "no label".into() } else { own.join(", ") })
            }
        }
    }

    /// What the hidden nodes do on a sample, and its size.
    pub fn units(&self, exec: &Exec, model: &Model) -> anyhow::Result<(Vec<LayerUnits>, usize)> {
        let rows = sample(&self.rows, WATCHED, model.record.seed);
        Ok((layer_units(exec, model, &*self.encoded, &rows)?, rows.len()))
    }
}

/// If `name` holds the very data of the run that a model lies in: these, and the rows that trained.
fn of_the_run(
    path: &Path,
    name: &str,
    global: &Global,
    model: &Model,
) -> Option<(Dataset, Vec<usize>)> {
    let file = input::model_path(path);
    let saved = Options::read(&file.parent()?.join(CONFIG)).ok()?;
    let options = Options { data: Some(name.to_string()), ..saved };
    let quiet = Global { quiet: true, ..global.clone() };
    let job = train::reopen(&quiet, &options).ok()?;
    let same = job.session.fingerprint == model.record.fingerprint;
    let rows = job.session.rows(Part::Train).to_vec();
    (same && !rows.is_empty()).then_some((job.data, rows))
}
