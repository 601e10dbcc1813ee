//! After training: the final model, its measures beside the baselines, where things are and what to type next.

use super::Job;
use super::folder::{CHECKPOINT, CONFIG, DUPLICATES, METRICS, MODEL, REPORT, RunFolder, SPLIT};
use super::{resolve, summary};
use crate::evaluate::weighted;
use crate::output::{self, entry, figure, grouped, metric, print, say};
use crate::progress::time;
use crate::report::{self, Study, Tested};
use crate::sets;
use mlp_data::{Part, Target};
use mlp_model::{Model, Score};
use mlp_train::{Coefficient, Ended, Evaluation, ExactFit, State, linear, majority_or_mean};
use serde_json::{Map, Value, json};

/// What is known of the training itself.
pub struct Trained {
    /// How it ended.
    pub ended: Ended,
    /// Whether the time limit ended it.
    pub limit: bool,
    /// How long it took.
    pub seconds: f64,
    /// Steps made in this run of the program.
    pub steps: u32,
    /// A closed-form fit.
    pub exact: Option<ExactFit>,
}

/// All measures on one part.
pub struct Measures {
    part: Part,
    /// Of the network.
    pub network: Evaluation,
    /// Of a linear model; none beside a network that is one.
    pub linear: Option<Evaluation>,
    /// Of the most frequent class or the mean.
    pub baseline: Evaluation,
}

/// A model that was measured and saved.
pub struct Done {
    /// As in its file.
    pub model: Model,
    /// Of the file.
    pub sha: String,
    /// On the part that is reported on.
    pub measures: Measures,
}

/// Measures, saves and tells.
pub fn finish(
    job: &Job<'_>,
    folder: &RunFolder,
    state: &State,
    trained: &Trained,
) -> anyhow::Result<()> {
    let done = save(job, folder, state, REPORT)?;
    if job.global.json {
        return output::json(&document(job, folder, trained, &done)?);
    }
    tell(job, folder, state, trained, &done.measures)
}

/// Measures the trained network, and writes the model and the page of the training.
pub fn save(job: &Job<'_>, folder: &RunFolder, state: &State, page: &str) -> anyhow::Result<Done> {
    let mut model = job.session.model(state)?;
    let part = job.reported_part();
    let measures = measure(job, &model, part)?;
    model.record.scores = scores(&measures);
    let sha = model.save(&folder.file(MODEL))?;
    let done = Done { model, sha, measures };
    // The model is complete without it, so what hinders it is only told.
    let written = done
        .study(job)
        .and_then(|study| folder.write(page, report::page(&study).html().as_bytes()));
    if let Err(error) = written {
        say(&format!("{page} was not written: {error:#}"));
    }
    Ok(done)
}

impl Done {
    /// For the pages about it.
    pub fn study<'a>(&'a self, job: &'a Job<'_>) -> anyhow::Result<Study<'a>> {
        Ok(Study {
            model: &self.model,
            sha: &self.sha,
            options: resolve::resolved(job),
            lacking: None,
            tested: Some(Tested::new(job, &self.model, self.measures.network.clone())?),
        })
    }
}

fn truth(job: &Job<'_>, part: Part) -> Target {
    job.data.target.select(job.session.rows(part))
}

fn measure(job: &Job<'_>, model: &Model, part: Part) -> anyhow::Result<Measures> {
    let session = &job.session;
    let network = session.evaluate(&job.exec, model, part)?;
    // A network without hidden layers is the linear model.
    let linear = match session.config.hidden.is_empty() {
        true => None,
        // A baseline that cannot be had (it diverged) is no reason to lose the network.
        false => linear(&job.exec, session, part).ok(),
    };
    let coding = &session.pipeline.target;
    let counts = (&session.class_counts[..], session.train.len() as u64);
    let weights = session.weights_of(session.rows(part));
    let truth = truth(job, part);
    let baseline = majority_or_mean(session.task, coding, counts, &truth, weights.as_deref());
    Ok(Measures { part, network, linear, baseline })
}

/// For the model's record.
fn scores(m: &Measures) -> Vec<Score> {
    let named = |who: &str, e: &Evaluation| {
        let prefix = format!("{}.{who}", m.part.name());
        let score = |s: &Score| Score { name: format!("{prefix}.{}", s.name), value: s.value };
        e.metrics.iter().map(score).collect::<Vec<_>>()
    };
    let mut scores = named("model", &m.network);
    scores.extend(m.linear.iter().flat_map(|e| named("linear", e)));
    scores.extend(named("baseline", &m.baseline));
    scores
}

/// Metrics as a JSON object.
pub fn metrics_json(e: &Evaluation) -> Value {
    let mut map: Map<String, Value> =
        e.metrics.iter().map(|s| (s.name.clone(), json!(s.value))).collect();
    map.insert("loss".into(), json!(e.loss));
    map.insert("interval".into(), json!([e.interval.0, e.interval.1]));
    map.insert("examples".into(), json!(e.examples));
    if e.weighted {
        map.insert("weighted".into(), json!(true));
    }
    Value::Object(map)
}

/// What `--json` gives of a training.
pub fn document(
    job: &Job<'_>,
    folder: &RunFolder,
    trained: &Trained,
    Done { model, sha, measures }: &Done,
) -> anyhow::Result<Value> {
    let mut parts = Map::new();
    for part in [Part::Train, Part::Validation, Part::Test] {
        let value = match part == measures.part {
            _ if job.session.rows(part).is_empty() => Value::Null,
            true => metrics_json(&measures.network),
            false => metrics_json(&job.session.evaluate(&job.exec, model, part)?),
        };
        parts.insert(part.name().into(), value);
    }
    let mut document = json!({
        "model": folder.file(MODEL).display().to_string(),
        "run": folder.path.display().to_string(),
        "epochs": model.record.history.len(),
        "best_epoch": model.record.best_epoch,
        "seconds": trained.seconds,
        "examples_per_second": speed(job, trained),
        "stopped": word(trained),
        "parameters": job.session.network.parameters(),
        "baseline": metrics_json(&measures.baseline),
        "linear": measures.linear.as_ref().map(metrics_json),
        "skipped": skipped_json(&job.data.skipped),
        "model_sha256": sha,
        "checks": job.checks_json(),
        "estimate": job.estimate.map(|e| json!({"seconds": e.seconds, "bytes": e.bytes})),
    });
    if let Some(projection) = &model.pipeline.projection {
        document["pca"] = summary::pca_json(projection);
    }
    if let Some(fit) = &trained.exact {
        let coefficient =
            |c: &Coefficient| json!({"name": c.name, "value": c.value, "standard_error": c.error});
        let all: Vec<Value> = fit.coefficients.iter().map(coefficient).collect();
        document["exact"] = json!({
            "coefficients": all,
            "references": fit.references,
            "rank": fit.rank,
            "r2": fit.r2,
        });
    }
    if let Value::Object(map) = &mut document {
        map.extend(parts);
    }
    Ok(document)
}

/// Skipped files as JSON.
pub fn skipped_json(skipped: &[mlp_data::Skipped]) -> Value {
    skipped.iter().map(|s| json!({"path": s.path, "reason": s.reason})).collect()
}

fn speed(job: &Job<'_>, trained: &Trained) -> f64 {
    let batch = job.session.config.batch_size.unwrap_or(1) as f64;
    f64::from(trained.steps) * batch / trained.seconds.max(1e-9)
}

fn word(trained: &Trained) -> &'static str {
    match trained.ended {
        _ if trained.exact.is_some() => "solved in closed form",
        _ if trained.limit => "stopped at the time limit",
        Ended::Early => "stopped early",
        Ended::Finished | Ended::Stopped => "all epochs done",
    }
}

fn tell(
    job: &Job<'_>,
    folder: &RunFolder,
    state: &State,
    trained: &Trained,
    m: &Measures,
) -> anyhow::Result<()> {
    let quiet = job.global.quiet;
    if !quiet {
        let mut text = format!("{} in {}", word(trained), time(trained.seconds));
        if trained.exact.is_none() {
            let rate = grouped(speed(job, trained) as u64);
            text += &format!(" ({rate} examples/s); best epoch {}", state.best_epoch());
        }
        say(&entry("trained", &text));
    }
    if let Some(fit) = &trained.exact {
        print(&coefficients(fit))?;
        print("")?;
    }
    print(&measures_table(m))?;
    if quiet {
        return Ok(());
    }
    let (run, model) = (output::quoted(&folder.path), output::quoted(&folder.file(MODEL)));
    let mlp = output::program();
    say("");
    say(&entry("files", &folder.path.display().to_string()));
    let mut files = vec![MODEL, REPORT, METRICS, SPLIT, CONFIG, CHECKPOINT];
    files.extend(folder.file(DUPLICATES).exists().then_some(DUPLICATES));
    say(&entry("", &files.join(", ")));
    let new = match job.data.picture {
        Some(_) => "PICTURE…",
        None => "TABLE.csv",
    };
    say(&entry("next", &format!("{mlp} predict {model} {new}")));
    say(&entry("", &format!("{mlp} inspect {model}")));
    say(&entry("", &format!("{mlp} export {model} --to onnx")));
    if trained.limit {
        say(&entry("", &format!("{mlp} train --resume {run}")));
    }
    Ok(())
}

fn coefficients(fit: &ExactFit) -> String {
    let mut rows = vec![["coefficient", "value", "standard error"].map(String::from).to_vec()];
    for c in fit.coefficients.iter().take(41) {
        let error = c.error.map_or("-".into(), figure);
        rows.push(vec![c.name.clone(), figure(c.value), error]);
    }
    let mut text = output::table(&rows);
    if fit.coefficients.len() > 41 {
        text += &format!("\n… {} in all (--json shows every one)", fit.coefficients.len());
    }
    if fit.rank + 1 < fit.coefficients.len() {
        text += &format!(
            "\nrank {} of {}: the inputs depend on each other, so this is the smallest of many equal fits",
            fit.rank,
            fit.coefficients.len() - 1
        );
    }
    if !fit.references.is_empty() {
        text += &format!("\ncompared with {}", fit.references.join(", "));
    }
    text + &format!("\nR² on the training rows {}", figure(fit.r2))
}

/// The network beside the linear model and the baseline: a row a metric, as `evaluate` prints them.
pub fn measures_table(m: &Measures) -> String {
    let part = match m.part {
        Part::Train => "training rows (no other were kept apart)",
        Part::Validation => "validation",
        Part::Test => "test",
        Part::Unused => "left out",
    };
    let who = if m.linear.is_some() { "this network" } else { "this linear model" };
    let base = sets::baseline(m.network.task);
    let mut columns = vec![(who, &m.network)];
    columns.extend(m.linear.iter().map(|e| ("linear model", e)));
    columns.push((base, &m.baseline));
    let row = |title: &str, cell: &dyn Fn(&Evaluation) -> String| -> Vec<String> {
        std::iter::once(title.to_string()).chain(columns.iter().map(|(_, e)| cell(e))).collect()
    };
    let examples = output::count(m.network.examples, "example", "examples");
    let title = format!("{part}, {examples}{}", weighted(&m.network));
    let mut rows = vec![[vec![title], columns.iter().map(|c| c.0.into()).collect()].concat()];
    for (i, score) in m.network.metrics.iter().enumerate() {
        let name = score.name.as_str();
        let value = |e: &Evaluation| e.score(name).map_or("-".into(), |v| metric(name, v));
        rows.push(row(name, &value));
        if i == 0 {
            rows.push(row("  95 % interval", &|e| interval(name, e.interval)));
        }
    }
    rows.push(row("loss", &|e| figure(e.loss)));
    output::table(&rows)
}

/// An interval of the main metric.
pub fn interval(name: &str, (low, high): (f64, f64)) -> String {
    match name {
        // Both ends with as many decimals.
        "accuracy" | "subset_accuracy" => {
            let decimals = if high >= 0.99 { 2 } else { 1 };
            format!("{:.decimals$}–{:.decimals$} %", low * 100.0, high * 100.0)
        }
        _ => format!("{}–{}", metric(name, low), metric(name, high)),
    }
}
