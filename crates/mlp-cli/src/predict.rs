//! `mlp predict`.

use crate::args::{Global, PredictArgs};
use crate::evaluate::tell_unseen;
use crate::input;
use crate::output::{figure, percent, print, say};
use crate::train::skipped;
use anyhow::{Context, bail};
use mlp_data::{Dataset, Names, OpenOptions, Target};
use mlp_model::{Model, Prediction};
use mlp_tensor::Exec;
use serde_json::{Map, Value, json};

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
    for data in input::sets(&exec, global, &args.inputs, &options)? {
        let data = data?;
        read += data.len();
        answer(args, global, &exec, &model, &data)?;
    }
    if read == 0 {
        bail!("nothing could be read");
    }
    Ok(())
}

fn answer(
    args: &PredictArgs,
    global: &Global,
    exec: &Exec,
    model: &Model,
    data: &Dataset,
) -> anyhow::Result<()> {
    let encoded = model.pipeline.encode_on(exec, &data.table, &Target::None);
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

/// An answer as `--json` gives it.
pub fn json_line(model: &Model, name: &str, answer: &Prediction) -> Value {
    match answer {
        Prediction::Number(value) => json!({"input": name, "prediction": value}),
        Prediction::Labels { probabilities, .. } => {
            let named: Vec<&String> =
                answer.named().into_iter().map(|label| &model.labels()[label]).collect();
            json!({"input": name, "labels": named, "probabilities": all(model, probabilities)})
        }
        Prediction::Class { index, probabilities } => {
            json!({
                "input": name,
                "label": model.labels()[*index],
                "probability": probabilities[*index],
                "probabilities": all(model, probabilities),
            })
        }
    }
}

/// The probability of each label.
fn all(model: &Model, probabilities: &[f64]) -> Map<String, Value> {
    model.labels().iter().zip(probabilities).map(|(l, p)| (l.clone(), json!(p))).collect()
}

fn text_line(model: &Model, name: &str, answer: &Prediction, top: usize) -> String {
    match answer {
        Prediction::Number(value) => format!("{name}\t{}", figure(*value)),
        Prediction::Labels { probabilities, .. } => {
            let mut named = answer.named();
            named.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
            let cells: Vec<String> = named
                .iter()
                .map(|&i| format!("{}\t{}", model.labels()[i], percent(probabilities[i])))
                .collect();
            match cells.is_empty() {
                true => format!("{name}\tno label"),
                false => format!("{name}\t{}", cells.join("\t")),
            }
        }
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
