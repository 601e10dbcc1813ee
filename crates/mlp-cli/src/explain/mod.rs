//! `mlp explain`: how a model comes to its answers. What is explained: `subject`, `whole`, `answer`, `trace`,
//! `nearest`; how it is shown: in letters by `screen` and `tell`, as a page by `page`.

pub mod answer;
pub mod nearest;
pub mod page;
pub mod screen;
pub mod subject;
pub mod tell;
pub mod trace;
pub mod whole;

use crate::args::{ExplainArgs, Global};
use crate::evaluate::tell_unseen;
use crate::failure::usage;
use crate::input;
use crate::output::{self, print, say};
use crate::train::skipped;
use answer::{Answer, Row};
use anyhow::{Context, bail};
use mlp_data::{Dataset, Examples, Names, OpenOptions, Target};
use mlp_model::explain::Asked;
use mlp_model::{LayerSpec, Model, file};
use mlp_tensor::Exec;
use mlp_train::LayerUnits;
use nearest::Beside;
use serde_json::{Value, json};
use subject::Subject;

/// Rows that are explained unless others are asked for.
const ROWS: usize = 5;

/// Runs the verb.
pub fn run(args: &ExplainArgs, global: &Global) -> anyhow::Result<()> {
    let exec = input::exec(global)?;
    let model = input::model(&args.model)?;
    // In terms of the columns: principal components become the first layer.
    let model = model.unfolded()?.unwrap_or(model);
    let asked = class(&model, args.class.as_deref())?;
    if let Some(path) = args.html.as_ref().filter(|path| input::is_container(path)) {
        let show = path.display();
        return Err(usage(format!("{show} is a model or a checkpoint; choose another --html")));
    }
    let beside = match &args.data {
        Some(name) => Some(Beside::open(args, name, global, &exec, &model)?),
        None => None,
    };
    let subject = Subject::new(&model, args.full);
    let units = beside.as_ref().map(|beside| beside.units(&exec, &model)).transpose()?;
    let answers = answers(args, global, &exec, &subject, asked, beside.as_ref())?;
    let which = beside.as_ref().map(|beside| beside.which.as_str());
    if let Some(path) = &args.html {
        let html = page::page(&subject, &answers, units.as_ref(), which).html();
        file::write_atomic(path, html.as_bytes())
            .context("the page cannot be written; choose another --html")?;
        if !global.quiet {
            say(&format!("{}: {}", path.display(), output::bytes(html.len())));
        }
    }
    if global.json {
        return output::json(&document(&subject, &answers, units.as_ref()));
    }
    let mut blocks = Vec::new();
    for answer in &answers {
        blocks.push(tell::text(&subject, answer, which));
    }
    if answers.is_empty() {
        blocks.push(whole::summary(&subject));
        blocks.push(whole::equations(&subject, true));
        if let (Some((layers, rows)), Some(beside)) = (&units, &beside) {
            blocks.push(whole::units(layers, *rows, &beside.from));
        }
    }
    print(&blocks.join("\n\n"))
}

/// The class that is asked about.
fn class(model: &Model, name: Option<&str>) -> anyhow::Result<Asked> {
    let Some(name) = name else { return Ok(Asked::Predicted) };
    let labels = model.labels();
    if labels.is_empty() {
        return Err(usage("--class: this model predicts a number, not a class; leave --class out"));
    }
    match labels.iter().position(|label| label == name) {
        Some(class) => Ok(Asked::Class(class)),
        None => {
            let mut shown = labels.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
            shown += if labels.len() > 12 { ", …" } else { "" };
            Err(usage(format!("--class {name}: the model's classes are {shown}")))
        }
    }
}

/// Reads and explains the inputs.
fn answers<'a>(
    args: &ExplainArgs,
    global: &Global,
    exec: &Exec,
    subject: &'a Subject<'_>,
    asked: Asked,
    beside: Option<&Beside>,
) -> anyhow::Result<Vec<Answer<'a>>> {
    let mut answers = Vec::new();
    if args.inputs.is_empty() {
        return Ok(answers);
    }
    let model = subject.model;
    let known = model.pipeline.open_options();
    let options = OpenOptions { header: args.header, strict: args.strict, ..known };
    for data in input::sets(exec, global, &args.inputs, &options)? {
        let data = data?;
        let encoded = model.pipeline.encode_on(exec, &data.table, &Target::None);
        let encoded = encoded.with_context(|| data.name.clone())?;
        if !global.quiet {
            data.notes.iter().for_each(|note| say(note));
            skipped(&data).iter().for_each(|line| say(line));
            tell_unseen(&encoded.unseen);
        }
        let rows = rows(args, global, &data)?;
        let predictions = model.predict(exec, &encoded, &rows)?;
        for (&row, prediction) in rows.iter().zip(predictions) {
            let prefix = match data.names {
                Names::Numbered { .. } if args.inputs.len() > 1 => format!("{} ", data.name),
                _ => String::new(),
            };
            let name = format!("{prefix}{}", data.row_name(row));
            let x = encoded.all_inputs(exec, &[row])?;
            debug_assert_eq!(x.len(), encoded.width());
            let row_ = Row { data: &data, row, name, x, prediction };
            let mut answer = Answer::new(subject, row_, asked);
            if let Some(beside) = beside {
                answer.alike = beside.alike(exec, model, (&encoded, row), &answer)?;
            }
            answers.push(answer);
        }
    }
    if answers.is_empty() {
        bail!("nothing could be read");
    }
    Ok(answers)
}

/// Which rows of a data set are explained.
fn rows(args: &ExplainArgs, global: &Global, data: &Dataset) -> anyhow::Result<Vec<usize>> {
    if let Some(rows) = &args.rows {
        return rows.of(data.len()).map_err(|row| {
            let rows = output::count(data.len(), "row", "rows");
            usage(format!("--rows {row}: {} has {rows}", data.name))
        });
    }
    if data.len() > ROWS && !global.quiet {
        let all = output::grouped(data.len());
        say(&format!("the first {ROWS} of {all} rows of {}; --rows chooses others", data.name));
    }
    Ok((0..data.len().min(ROWS)).collect())
}

/// Everything as one JSON document.
fn document(
    subject: &Subject<'_>,
    answers: &[Answer<'_>],
    units: Option<&(Vec<LayerUnits>, usize)>,
) -> Value {
    let model = subject.model;
    let (equations, left_out) = whole::equations_json(subject);
    let layers = model.network.spec().layers.iter().filter_map(|layer| match layer {
        LayerSpec::Dense { outputs, activation } => {
            Some(json!({"nodes": outputs, "activation": activation.name()}))
        }
        LayerSpec::Dropout { .. } => None,
    });
    let meanings = subject.meanings(subject.most(whole::MEANINGS));
    let meaning = |m: &subject::Meaning| json!({"symbol": m.symbol, "input": m.name, "how": m.how});
    json!({
        "task": model.task.name(),
        "labels": model.labels(),
        "target": model.pipeline.target.name(),
        "inputs": model.network.inputs(),
        "layers": layers.collect::<Vec<_>>(),
        "parameters": model.network.parameters(),
        "symbols": meanings.iter().map(meaning).collect::<Vec<_>>(),
        "equations": equations,
        "equations_left_out": left_out,
        "units": units.map(|(layers, rows)| whole::units_json(layers, *rows)),
        "answers": answers.iter().map(|answer| answer.json(subject)).collect::<Vec<_>>(),
    })
}
