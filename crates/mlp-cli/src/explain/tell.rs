//! An explained answer in letters.

use super::answer::Answer;
use super::nearest::Alike;
use super::screen::{bar, map, picture, plus, wrapped};
use super::subject::Subject;
use super::trace;
use crate::output::{self, entry, figure, grouped, percent};
use crate::report::brief;
use crate::sets;
use mlp_model::Prediction;
use mlp_model::explain::baseline;
use mlp_report::Raster;

/// Columns whose contribution is shown.
pub const COLUMNS: usize = 15;

/// Everything about an answer; `which` says how the nearest were found.
pub fn text(subject: &Subject<'_>, answer: &Answer<'_>, which: Option<&str>) -> String {
    let mut blocks = vec![head(subject, answer)];
    if let (Some(raster), Some(pixels)) = (&answer.picture, &answer.explanation.pixels) {
        blocks.push(beside(raster, pixels).join("\n"));
    }
    // One bar beside no other tells nothing.
    blocks.push(match answer.picture.is_some() && answer.explanation.columns.len() == 1 {
        true => sum(answer),
        false => format!("{}\n{}", bars(subject, answer), sum(answer)),
    });
    blocks.push(format!(
        "forward pass\n{}\n{}",
        wrapped(&trace::rules(&answer.trace), 0, 0),
        trace::text(subject, &answer.trace, answer.output(subject))
    ));
    if let Some(which) = which {
        blocks.push(nearest(&answer.alike, which));
    }
    blocks.join("\n\n")
}

/// A picture and the contributions of its pixels side by side, in letters.
pub fn beside(raster: &Raster, pixels: &[f64]) -> Vec<String> {
    let (left, right) = (picture(raster), map(raster.width(), raster.height(), pixels));
    let words = "the picture, and what its parts contribute: # + for, = - against, · weak";
    let pairs = left.iter().zip(right).map(|(left, right)| format!("  {left}   {right}"));
    let lines = pairs.map(|line| line.trim_end().to_string());
    std::iter::once(words.to_string()).chain(lines).collect()
}

/// Input, answer, and what is explained.
fn head(subject: &Subject<'_>, answer: &Answer<'_>) -> String {
    let against = baseline(&subject.model.pipeline);
    let explained =
        format!("{}, against {against}; integrated gradients", answer.explained(subject));
    let explained = wrapped(&explained, 12, 12);
    let lines = [
        entry("input", &answer.name),
        entry("answer", &prediction(subject, answer)),
        entry("explained", explained.trim_start()),
    ];
    lines.join("\n")
}

/// The answer in words.
pub fn prediction(subject: &Subject<'_>, answer: &Answer<'_>) -> String {
    match &answer.prediction {
        Prediction::Number(value) => {
            format!("{} = {}", subject.model.pipeline.target.name(), figure(*value))
        }
        Prediction::Labels { probabilities, .. } => {
            let model = subject.model;
            let mut text = sets::named(model, &answer.prediction);
            if let Some(label) = answer.explanation.class {
                text +=
                    &format!("; {} has {}", model.labels()[label], percent(probabilities[label]));
            }
            text
        }
        Prediction::Class { index, probabilities } => {
            let labels = subject.model.labels();
            let mut text = format!("{}, {}", labels[*index], percent(probabilities[*index]));
            if let Some(class) = answer.explanation.class.filter(|class| class != index) {
                text += &format!("; {} has {}", labels[class], percent(probabilities[class]));
            }
            text
        }
    }
}

/// A row a column, the largest contribution first.
fn bars(subject: &Subject<'_>, answer: &Answer<'_>) -> String {
    let columns = &answer.explanation.columns;
    let order = answer.order();
    let most = order.first().map_or(0.0, |&i| columns[i].value.abs());
    let decimals = answer.decimals();
    let shown = order.len().min(subject.most(COLUMNS));
    let mut rows = vec![["column", "value", "contribution"].map(String::from).to_vec()];
    for &i in &order[..shown] {
        rows.push(vec![
            brief(&columns[i].name, 24),
            brief(&answer.cells[i], 14),
            plus(columns[i].value, decimals),
        ]);
    }
    if shown < order.len() {
        let rest: f64 = order[shown..].iter().map(|&i| columns[i].value).sum();
        let name = format!("… {} more", grouped(order.len() - shown));
        rows.push(vec![name, String::new(), plus(rest, decimals)]);
    }
    let table = output::table(&rows);
    let lines = table.lines().enumerate().map(|(line, text)| {
        match line.checked_sub(1).filter(|&place| place < shown) {
            Some(place) => format!("{text} {}", bar(columns[order[place]].value, most)),
            None => text.to_string(),
        }
    });
    lines.map(|line| line.trim_end().to_string()).collect::<Vec<_>>().join("\n")
}

/// Base, sum, and the output that they add up to.
fn sum(answer: &Answer<'_>) -> String {
    let (parts, decimals) = (&answer.explanation.inputs, answer.decimals());
    let line = format!(
        "base {} {} = {}, the network's {} within {} ({} steps)",
        number(parts.base, decimals),
        plus(answer.sum(), decimals).replacen(
            ['+', '−'],
            if answer.sum() < 0.0 { "− " } else { "+ " },
            1
        ),
        number(parts.base + answer.sum(), decimals),
        number(parts.output, decimals),
        left_over(answer),
        grouped(parts.steps)
    );
    wrapped(&line, 0, 2)
}

/// The share of the way that is left over.
pub fn left_over(answer: &Answer<'_>) -> String {
    match 100.0 * answer.left_over() {
        share if share < 0.01 => "less than 0.01 %".into(),
        share => format!("{share:.2} %"),
    }
}

fn number(value: f64, decimals: usize) -> String {
    let text = plus(value, decimals);
    text.strip_prefix('+').unwrap_or(&text).to_string()
}

fn nearest(alike: &[Alike], which: &str) -> String {
    let mut rows = vec![vec!["nearest examples".to_string(), "distance".into(), "true".into()]];
    for one in alike {
        let truth = one.truth.clone().unwrap_or_else(|| "–".into());
        rows.push(vec![brief(&one.name, 44), figure(one.distance), brief(&truth, 20)]);
    }
    format!("{}\n{}", output::table(&rows), wrapped(&format!("{which}."), 0, 0))
}
