//! Several runs beside each other: curves over one another, metrics, the options in which they differ.

use super::Run;
use super::study::{brief, last_part};
use super::training::{score, scored};
use crate::output::metric;
use mlp_model::{EpochRecord, Task};
use mlp_report::number::grouped;
use mlp_report::{Axis, Page, Plot, Point, Section, Svg, Table, Text};
use std::collections::BTreeSet;

/// Runs in a plot before colours repeat so often that nobody could tell.
const CURVES: usize = 12;
/// Longest value of an option.
const VALUE: usize = 40;

/// The page.
pub fn page(runs: &[Run]) -> Page {
    let mut page = Page::new(format!("{} runs compared", runs.len()));
    let names: Vec<String> = runs.iter().map(|run| brief(&run.name, VALUE)).collect();
    page.lead(brief(&names.join(", "), 400));
    page.section(metrics(runs, &names));
    page.section(curves(runs, &names));
    page.section(options(runs, &names));
    page.footer(format!("Written by mlp {}.", env!("CARGO_PKG_VERSION")));
    page
}

fn metrics(runs: &[Run], names: &[String]) -> Section {
    let mut section = Section::new("Metrics");
    let mut all: Vec<String> = Vec::new();
    for (_, metrics) in runs.iter().filter_map(|run| scored(&run.model.record)) {
        all.extend(metrics);
    }
    let mut seen = BTreeSet::new();
    all.retain(|name| seen.insert(name.clone()));
    let fixed = ["run", "part"].map(String::from);
    let more = ["linear model", "baseline", "parameters", "epochs", "best epoch"].map(String::from);
    let mut table = Table::new(fixed.into_iter().chain(all.iter().cloned()).chain(more));
    for (run, name) in runs.iter().zip(names) {
        let record = &run.model.record;
        let part = scored(record);
        let value = |who: &str, metric_: &str| {
            let (part, _) = part.as_ref()?;
            score(record, part.name(), who, metric_).map(|v| metric(metric_, v))
        };
        let main = part.as_ref().and_then(|(_, names)| names.first().cloned()).unwrap_or_default();
        let cell = |value: Option<String>| value.unwrap_or_else(|| "–".into());
        let mut cells =
            vec![name.clone(), part.as_ref().map_or("–", |(part, _)| part.name()).to_string()];
        cells.extend(all.iter().map(|metric| cell(value("model", metric))));
        cells.push(cell(value("linear", &main)));
        cells.push(cell(value("baseline", &main)));
        cells.push(grouped(run.model.network.parameters()));
        cells.push(record.history.len().to_string());
        cells.push(record.best_epoch.to_string());
        table.push(cells);
    }
    section.table(
        table.caption("The linear model and the baseline are given by the main metric, the first."),
    );
    let prints: BTreeSet<[u8; 32]> = runs.iter().map(|run| run.model.record.fingerprint).collect();
    if prints.len() > 1 {
        section.note("These runs were trained on different data: their figures do not compare.");
    }
    let examples: BTreeSet<[u64; 3]> = runs.iter().map(|run| run.model.record.examples).collect();
    let splits = |run: &Run| {
        (run.options.valid.map(f64::to_bits), run.options.test.map(f64::to_bits), run.options.seed)
    };
    let splits: BTreeSet<_> = runs.iter().map(splits).collect();
    if prints.len() == 1 && (examples.len() > 1 || splits.len() > 1) {
        section.note(
            "These runs split the data differently (seed or shares): they were not tested on the same rows, so small \
             differences mean nothing.",
        );
    }
    section
}

fn curves(runs: &[Run], names: &[String]) -> Section {
    let mut section = Section::new("Learning curves");
    if runs.iter().all(|run| run.model.record.history.is_empty()) {
        return section;
    }
    let metrics: BTreeSet<&str> = runs.iter().map(|run| run.model.task.main_metric()).collect();
    let mut figures = vec![
        (curve("Training loss", Axis::new("loss"), runs, names, &|r| Some(r.loss)), ""),
        (curve("Validation loss", Axis::new("loss"), runs, names, &|r| r.val_loss), ""),
    ];
    // Accuracy and RMSE do not share an axis.
    if metrics.len() == 1 {
        let (title, axis) = match runs[0].model.task {
            Task::Regression => ("Validation RMSE", Axis::new("rmse")),
            Task::Binary | Task::Multiclass => {
                ("Validation accuracy", Axis::new("accuracy").percent())
            }
            Task::Multilabel => {
                ("Validation subset accuracy", Axis::new("subset accuracy").percent())
            }
        };
        figures.push((curve(title, axis, runs, names, &|r| r.val_score), ""));
    }
    let rate = |r: &EpochRecord| Some(f64::from(r.learning_rate));
    figures.push((curve("Learning rate", Axis::new("learning rate"), runs, names, &rate), ""));
    section.figures(figures);
    if runs.len() > CURVES {
        section.text(format!("The first {CURVES} runs are drawn."));
    }
    section
}

fn curve(
    title: &str,
    axis: Axis,
    runs: &[Run],
    names: &[String],
    value: &dyn Fn(&EpochRecord) -> Option<f64>,
) -> Svg {
    let mut plot = Plot::new(title).x(Axis::new("epoch").whole().tight()).y(axis);
    for (i, (run, name)) in runs.iter().zip(names).take(CURVES).enumerate() {
        let history = run.model.record.history.iter();
        let points: Vec<Point> =
            history.filter_map(|r| Some((f64::from(r.epoch), value(r)?))).collect();
        if points.is_empty() {
            continue;
        }
        // Two runs may be called alike.
        let alike = names.iter().filter(|other| *other == name).count() > 1;
        let name = if alike { format!("{name} ({})", i + 1) } else { name.clone() };
        let colour = mlp_report::Colour::series(i);
        plot = match i < mlp_report::SERIES.len() {
            true => plot.line(name, points).colour(colour),
            false => plot.dashed(name, points).colour(colour),
        };
    }
    plot.svg()
}

/// Keys whose values are not the same everywhere.
fn options(runs: &[Run], names: &[String]) -> Section {
    let mut section = Section::new("What differs");
    let tables: Vec<toml::Table> = runs
        .iter()
        .map(|run| {
            run.options.to_text().ok().and_then(|text| text.parse().ok()).unwrap_or_default()
        })
        .collect();
    let keys: BTreeSet<&String> = tables.iter().flat_map(toml::Table::keys).collect();
    let mut table = Table::new(["option".to_string()].into_iter().chain(names.iter().cloned()));
    for key in keys {
        let values: Vec<Option<&toml::Value>> = tables.iter().map(|t| t.get(key)).collect();
        if values.iter().all(|value| *value == values[0]) {
            continue;
        }
        let cell = |value: &Option<&toml::Value>| Text::from(value.map_or("–".into(), words));
        table.push([Text::new().code(key)].into_iter().chain(values.iter().map(cell)));
    }
    if table.is_empty() {
        section.text("Nothing: these runs have the same options.");
    } else {
        section.table(table);
    }
    let models: BTreeSet<&String> = runs.iter().map(|run| &run.sha).collect();
    if models.len() < runs.len() {
        section.text("Some of these runs have the very same model file.");
    }
    section
}

fn words(value: &toml::Value) -> String {
    match value {
        // Of a path, the end says most.
        toml::Value::String(text) => brief(last_part(text), VALUE),
        toml::Value::Float(number) => brief(&number.to_string(), VALUE),
        other => brief(&other.to_string(), VALUE),
    }
}
