//! The page of a training: its parts in order, the summary, the learning curves.

use super::study::{Study, brief, part_words};
use super::{classes, inside, labels, numbers, predictions, setup};
use crate::output::metric;
use crate::sets;
use crate::train::interval;
use mlp_data::Part;
use mlp_model::{Task, TrainRecord};
use mlp_report::number::{figure, grouped};
use mlp_report::{Axis, Fact, Page, Point, Section, Svg, Table, Text, learning_curve};

/// The page.
pub fn page(study: &Study<'_>) -> Page {
    let mut page = Page::new(format!("Training on {}", brief(&study.data_name(), 80)));
    page.lead(Text::ticked(&lead(study)));
    page.section(summary(study));
    page.section(curves(&study.model.record, study.model.task));
    if let Some(tested) = &study.tested {
        match tested.evaluation.confusion {
            Some(_) => classes::sections(study.model, tested).into_iter().for_each(|s| {
                page.section(s);
            }),
            None if study.model.task == Task::Multilabel => {
                let words: Vec<String> =
                    study.model.labels().iter().map(|l| brief(l, 40)).collect();
                page.section(labels::section(tested));
                page.section(classes::thresholds(&words, tested));
            }
            None => {
                page.section(numbers::section(study.model, tested));
            }
        }
        if study.model.task != Task::Multilabel {
            page.section(predictions::section(study.model, tested));
        }
        page.section(inside::importance(study.model, tested));
    }
    page.section(inside::network(study.model));
    page.section(inside::units(study));
    page.section(setup::section(study));
    page.footer(format!(
        "Written by mlp {}. Everything on this page was computed from the files of the run; the same run gives the \
         same page.",
        env!("CARGO_PKG_VERSION")
    ));
    page
}

/// One sentence.
fn lead(study: &Study<'_>) -> String {
    let record = &study.model.record;
    let widths = study.model.hidden();
    let hidden = match &widths[..] {
        [] => "no hidden layer".to_string(),
        [one] => format!("one hidden layer of {one}"),
        many => {
            let words: Vec<String> = many.iter().map(ToString::to_string).collect();
            format!("hidden layers of {}", words.join(", "))
        }
    };
    let task = match study.model.task {
        Task::Regression => format!("to predict `{}`", study.model.pipeline.target.name()),
        Task::Binary | Task::Multiclass => {
            format!("to tell {} classes apart", study.model.labels().len())
        }
        Task::Multilabel => format!("to find any of {} labels", study.model.labels().len()),
    };
    format!(
        "A network with {hidden} and {} parameters, trained on {} examples {}.",
        grouped(study.model.network.parameters()),
        grouped(record.examples[0]),
        brief(&task, 120)
    )
}

/// A score of the record: `who` is `model`, `linear` or `baseline`.
pub fn score(record: &TrainRecord, part: &str, who: &str, name: &str) -> Option<f64> {
    let wanted = format!("{part}.{who}.{name}");
    record.scores.iter().find(|score| score.name == wanted).map(|score| score.value)
}

/// The part that the record's scores are of, and the names of its metrics, the main one first.
pub fn scored(record: &TrainRecord) -> Option<(Part, Vec<String>)> {
    let parts = [Part::Test, Part::Validation, Part::Train];
    parts.into_iter().find_map(|part| {
        let prefix = format!("{}.model.", part.name());
        let names = record.scores.iter().filter_map(|s| s.name.strip_prefix(&prefix));
        let names: Vec<String> = names.map(String::from).collect();
        (!names.is_empty()).then_some((part, names))
    })
}

fn summary(study: &Study<'_>) -> Section {
    let mut section = Section::new("Summary");
    let record = &study.model.record;
    if let Some(why) = &study.lacking {
        section.note(format!("{why} This page holds what the model itself tells."));
    }
    let Some((part, names)) = scored(record) else { return section };
    let main = &names[0];
    let value = |who: &str, name: &str| score(record, part.name(), who, name);
    let base = sets::baseline(study.model.task);
    let mut facts = Vec::new();
    let rows = match part {
        Part::Train => record.examples[0],
        Part::Validation => record.examples[1],
        Part::Test => record.examples[2],
        Part::Unused => 0,
    };
    for (who, words) in [("model", main.as_str()), ("linear", "linear model"), ("baseline", base)] {
        let Some(value) = value(who, main) else { continue };
        let note = match &study.tested {
            Some(tested) if who == "model" => {
                format!("95 % interval {}", interval(main, tested.evaluation.interval))
            }
            _ if who == "model" => format!("on {} {}", grouped(rows), part_words(part)),
            _ => format!("{main} to beat"),
        };
        facts.push(Fact::new(words, metric(main, value)).note(note));
    }
    if let Some(rows) = study.tested.as_ref().map(|t| t.evaluation.examples) {
        let note = match part {
            Part::Train => "these figures say nothing of new data",
            Part::Validation => "they chose the epoch, not the weights",
            Part::Test | Part::Unused => "took no part in training",
        };
        facts.push(Fact::new(part_words(part), grouped(rows)).note(note));
    }
    section.facts(facts);
    let mut table = Table::new(["", "this network", "linear model", base]);
    for name in &names {
        let cell = |who: &str| value(who, name).map_or("–".into(), |v| metric(name, v));
        table.push([name.clone(), cell("model"), cell("linear"), cell("baseline")]);
    }
    if let Some(tested) = &study.tested {
        let dash = || String::from("–");
        table.push(["loss".into(), figure(tested.evaluation.loss), dash(), dash()]);
    }
    let weight = record.config.iter().find(|(word, _)| word == "weight");
    let weighted = weight.map(|(_, column)| format!(" Rows count by {}.", brief(column, 60)));
    section.table(table.caption(format!(
        "On {} {}. The linear model and the {base} were fitted on the same training rows.{}",
        grouped(rows),
        part_words(part),
        weighted.unwrap_or_default()
    )));
    setup::notes(&mut section, study);
    section
}

/// Loss, score and learning rate over the epochs.
fn curves(record: &TrainRecord, task: Task) -> Section {
    let mut section = Section::new("Learning curves");
    if record.history.is_empty() {
        return section;
    }
    let best = (record.best_epoch > 0).then_some(f64::from(record.best_epoch));
    section.figures(figures(record, task, best).into_iter().map(|svg| (svg, "")));
    let kept = match best {
        Some(epoch) if record.history.iter().any(|r| r.val_loss.is_some()) => {
            format!("The weights of epoch {epoch} were kept, the best on the validation rows. ")
        }
        _ => String::new(),
    };
    section.text(format!(
        "{kept}The training figures of an epoch are means over its steps, while the weights moved; the validation \
         figures are those after it."
    ));
    section
}

/// Loss, score and learning rate by epoch; `best` marks the epoch that was kept.
pub fn figures(record: &TrainRecord, task: Task, best: Option<f64>) -> Vec<Svg> {
    let series = |value: &dyn Fn(&mlp_model::EpochRecord) -> Option<f64>| -> Vec<Point> {
        record.history.iter().filter_map(|r| Some((f64::from(r.epoch), value(r)?))).collect()
    };
    let loss = [("training", series(&|r| Some(r.loss))), ("validation", series(&|r| r.val_loss))];
    let scores =
        [("training", series(&|r| Some(r.score))), ("validation", series(&|r| r.val_score))];
    let rate = [("", series(&|r| Some(f64::from(r.learning_rate))))];
    let there = |all: &[(&'static str, Vec<Point>)]| -> Vec<(&'static str, Vec<Point>)> {
        all.iter().filter(|(_, points)| !points.is_empty()).cloned().collect()
    };
    // A loss that falls by orders of magnitude is only seen on a logarithmic axis.
    let (low, high) = loss
        .iter()
        .flat_map(|s| &s.1)
        .fold((f64::INFINITY, 0.0), |(l, h): (f64, f64), p| (l.min(p.1), h.max(p.1)));
    let axis =
        if low > 0.0 && high > 30.0 * low { Axis::new("loss").log() } else { Axis::new("loss") };
    let (name, unit) = match task {
        Task::Regression => ("Root mean squared error", Axis::new("rmse")),
        Task::Binary | Task::Multiclass => ("Accuracy", Axis::new("accuracy").percent()),
        Task::Multilabel => ("Subset accuracy", Axis::new("subset accuracy").percent()),
    };
    vec![
        learning_curve("Loss by epoch", axis, &there(&loss), best),
        learning_curve(&format!("{name} by epoch"), unit, &there(&scores), best),
        learning_curve("Learning rate by epoch", Axis::new("learning rate"), &rate, None),
    ]
}
