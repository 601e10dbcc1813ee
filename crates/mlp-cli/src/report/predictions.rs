//! The section of single predictions: the worst, the surest, those on the fence; as thumbnails or rows.

use super::study::{Tested, brief};
use crate::explain::answer::value;
use mlp_data::{Column, Kind};
use mlp_model::Model;
use mlp_report::number::{figure, percent};
use mlp_report::{Section, Table, Thumbnail};

/// Examples of each kind.
const EACH: usize = 12;
/// Columns of a row that are shown.
const COLUMNS: usize = 6;

/// An example: its place in the sample, what to say of it, and whether it is right.
struct Chosen {
    place: usize,
    /// Below a thumbnail.
    lines: Vec<String>,
    /// In a table: what is predicted, what is true.
    cells: Vec<String>,
    right: Option<bool>,
}

/// The section.
pub fn section(model: &Model, tested: &Tested<'_>) -> Section {
    let title = match tested.evaluation.confusion {
        Some(_) => "Worst and surest predictions",
        None => "Farthest and nearest predictions",
    };
    let mut section = Section::new(title);
    match tested.evaluation.confusion {
        Some(_) => classes(&mut section, model, tested),
        None => numbers(&mut section, tested),
    }
    if let Some(words) = tested.sampled() {
        section.text(words);
    }
    section
}

fn classes(section: &mut Section, model: &Model, tested: &Tested<'_>) {
    let labels: Vec<String> = model.labels().iter().map(|l| brief(l, 30)).collect();
    let (truth, named) = (tested.classes(), tested.named());
    let given = |i: usize| match &tested.answers[i] {
        mlp_model::Prediction::Class { probabilities, .. } => probabilities[truth[i]],
        mlp_model::Prediction::Number(_) | mlp_model::Prediction::Labels { .. } => f64::NAN,
    };
    let chosen = |i: usize| {
        let (answer, p) = named[i];
        let right = answer == truth[i];
        let mut lines = vec![format!("{}, {}", labels[answer], percent(p))];
        if !right {
            lines.push(format!("truly {}, {}", labels[truth[i]], percent(given(i))));
        }
        let cells =
            vec![labels[answer].clone(), percent(p), labels[truth[i]].clone(), percent(given(i))];
        Chosen { place: i, lines, cells, right: Some(right) }
    };
    let sorted = |wanted: &dyn Fn(usize) -> bool, key: &dyn Fn(usize) -> f64| -> Vec<Chosen> {
        let mut places: Vec<usize> = (0..named.len()).filter(|&i| wanted(i)).collect();
        places.sort_by(|&a, &b| key(a).total_cmp(&key(b)).then(a.cmp(&b)));
        places.into_iter().take(EACH).map(chosen).collect()
    };
    let right = |i: usize| named[i].0 == truth[i];
    let worst = sorted(&|i| !right(i), &given);
    section.heading("The worst");
    if worst.is_empty() {
        section.text("Every answer is right.");
    } else {
        section.text("Wrong answers that give the true class the least probability.");
        show(section, tested, worst);
    }
    section.heading("The surest");
    section.text("Right answers of the greatest probability.");
    show(section, tested, sorted(&right, &|i| -named[i].1));
    section.heading("The least sure");
    section.text("Answers of the least probability, right or wrong.");
    show(section, tested, sorted(&|_| true, &|i| named[i].1));
}

fn numbers(section: &mut Section, tested: &Tested<'_>) {
    let pairs = tested.numbers();
    let far = |i: usize| (pairs[i].0 - pairs[i].1).abs();
    let mut places: Vec<usize> = (0..pairs.len()).collect();
    places.sort_by(|&a, &b| far(b).total_cmp(&far(a)).then(a.cmp(&b)));
    let chosen = |&i: &usize| {
        let lines = vec![
            format!("predicted {}", figure(pairs[i].1)),
            format!("truly {}", figure(pairs[i].0)),
        ];
        let cells = vec![figure(pairs[i].1), figure(pairs[i].0), figure(pairs[i].0 - pairs[i].1)];
        Chosen { place: i, lines, cells, right: None }
    };
    section.heading("The farthest from the truth");
    show(section, tested, places.iter().take(EACH).map(chosen).collect());
    section.heading("The nearest");
    show(section, tested, places.iter().rev().take(EACH).map(chosen).collect());
}

/// As thumbnails where the rows are pictures, else as a table.
fn show(section: &mut Section, tested: &Tested<'_>, all: Vec<Chosen>) {
    let name = |chosen: &Chosen| brief(&tested.data.row_name(tested.rows[chosen.place]), 60);
    let thumbnail = |chosen: &Chosen| {
        let picture = tested.thumbnail(tested.rows[chosen.place])?;
        let mut lines = chosen.lines.clone();
        let alternative = format!("{}: {}", name(chosen), lines.join(", "));
        lines.push(name(chosen));
        Some(Thumbnail { picture, alternative, lines, right: chosen.right })
    };
    let pictures: Vec<Thumbnail> = all.iter().filter_map(thumbnail).collect();
    if !pictures.is_empty() {
        section.thumbnails(pictures);
        return;
    }
    let table = &tested.data.table;
    let fields = table.schema.fields.iter().map(|f| brief(&f.name, 30)).take(COLUMNS);
    let answers: &[&str] = match tested.evaluation.confusion {
        Some(_) => &["row", "predicted", "probability", "true", "probability of it"],
        None => &["row", "predicted", "true", "residual"],
    };
    let mut rows = Table::new(answers.iter().map(ToString::to_string).chain(fields));
    for chosen in &all {
        let row = tested.rows[chosen.place];
        let columns = table.schema.fields.iter().zip(&table.columns).take(COLUMNS);
        let values = columns.map(|(field, column)| cell(field.kind, column, row));
        rows.push(std::iter::once(name(chosen)).chain(chosen.cells.clone()).chain(values));
    }
    section.table(match table.columns.len() > COLUMNS {
        true => rows.caption(format!("The first {COLUMNS} of {} columns.", table.columns.len())),
        false => rows,
    });
}

/// A value as a cell: as it stands in the file, unless that is long.
fn cell(kind: Kind, column: &Column, row: usize) -> String {
    let text = value(kind, column, row);
    match (kind, column) {
        (Kind::Number, Column::Number(values)) if text.len() > 9 => figure(values[row]),
        (_, Column::Category { .. }) => brief(&text, 30),
        _ => text,
    }
}
