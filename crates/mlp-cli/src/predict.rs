//! `mlp predict`.

use crate::args::{Global, PredictArgs};
use crate::evaluate::tell_unseen;
use crate::input;
use crate::output::{figure, percent, print, say};
use crate::progress::Reading;
use crate::train::skipped;
use anyhow::{Context, bail};
use mlp_data::{Dataset, Names, OpenOptions, Target, csv, idx, picture};
use mlp_model::{Model, Prediction};
use mlp_tensor::Exec;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Runs the verb.
pub fn run(args: &PredictArgs, global: &Global) -> anyhow::Result<()> {
    let exec = input::exec(global)?;
    let model = input::model(&args.model)?;
    let options = OpenOptions {
        header: args.header,
        strict: args.strict,
        target_optional: true,
        ..model.pipeline.open_options()
    };
    let mut read = 0;
    for data in sets(args, global, &exec, &model, &options)? {
        let data = data?;
        read += data.len();
        answer(args, global, &exec, &model, &data)?;
    }
    if read == 0 {
        bail!("nothing could be read");
    }
    Ok(())
}

/// The inputs as data sets, one after another: pictures together, everything else one by one.
fn sets<'a>(
    args: &'a PredictArgs,
    global: &'a Global,
    exec: &'a Exec,
    model: &Model,
    options: &'a OpenOptions,
) -> anyhow::Result<Box<dyn Iterator<Item = anyhow::Result<Dataset>> + 'a>> {
    let wants_pictures = model.pipeline.picture.is_some();
    if wants_pictures && args.inputs.iter().any(|input| is_picture(input)) {
        let reading = Reading::new(global.quiet);
        let data = picture::read_files(exec, &args.inputs, options, &reading);
        reading.done();
        return Ok(Box::new(std::iter::once(data.map_err(Into::into))));
    }
    let one = move |input: &'a PathBuf| {
        if input.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).context("standard input")?;
            return Ok(csv::from_bytes(Path::new("standard input"), &bytes, options)?);
        }
        let Some(name) = input.to_str() else {
            bail!("{}: a name that is not UTF-8; rename it", input.display());
        };
        input::data(exec, global, name, options)
    };
    Ok(Box::new(args.inputs.iter().map(one)))
}

/// Whether a picture model should read a path as pictures: any file but IDX, any folder with a picture in it.
fn is_picture(path: &Path) -> bool {
    if !path.is_file() {
        return path.is_dir() && picture::looks_like_pictures(path);
    }
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut start));
    read.is_err() || !idx::looks_like(&start)
}

fn answer(
    args: &PredictArgs,
    global: &Global,
    exec: &Exec,
    model: &Model,
    data: &Dataset,
) -> anyhow::Result<()> {
    let encoded = model.pipeline.encode(&data.table, &Target::None);
    let encoded = encoded.with_context(|| data.name.clone())?;
    let rows: Vec<usize> = (0..data.len()).collect();
    let answers = model.predict(exec, &encoded, &rows)?;
    // Rows of tables are numbers; where there are several tables, theirs needs the name.
    let prefix = match data.names {
        Names::Numbered { .. } if args.inputs.len() > 1 => format!("{} ", data.name),
        _ => String::new(),
    };
    let name = |row: usize| format!("{prefix}{}", data.row_name(row));
    let mut text = String::new();
    for (row, answer) in answers.iter().enumerate() {
        text += &match global.json {
            true => json_line(model, &name(row), answer).to_string(),
            false => text_line(model, &name(row), answer, args.top),
        };
        text.push('\n');
    }
    if global.json {
        for s in &data.skipped {
            text += &json!({"input": s.path, "error": s.reason}).to_string();
            text.push('\n');
        }
    }
    if !global.quiet {
        data.notes.iter().for_each(|note| say(note));
        skipped(data).iter().for_each(|line| say(line));
        tell_unseen(&encoded.unseen);
    }
    match text.strip_suffix('\n') {
        Some(text) => print(text),
        None => Ok(()),
    }
}

fn json_line(model: &Model, name: &str, answer: &Prediction) -> Value {
    match answer {
        Prediction::Number(value) => json!({"input": name, "prediction": value}),
        Prediction::Class { index, probabilities } => {
            let all: Map<String, Value> = model
                .labels()
                .iter()
                .zip(probabilities)
                .map(|(l, p)| (l.clone(), json!(p)))
                .collect();
            json!({
                "input": name,
                "label": model.labels()[*index],
                "probability": probabilities[*index],
                "probabilities": all,
            })
        }
    }
}

fn text_line(model: &Model, name: &str, answer: &Prediction, top: usize) -> String {
    match answer {
        Prediction::Number(value) => format!("{name}\t{}", figure(*value)),
        Prediction::Class { probabilities, .. } => {
            let mut order: Vec<usize> = (0..probabilities.len()).collect();
            // Stable, so that equals keep the order of the labels.
            order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
            let best = order.iter().take(top.max(1));
            let cells: Vec<String> = best
                .map(|&i| format!("{}\t{}", model.labels()[i], percent(probabilities[i])))
                .collect();
            format!("{name}\t{}", cells.join("\t"))
        }
    }
}
