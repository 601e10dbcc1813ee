//! Step 7: the ordinary training, on the drawings.

use super::guide::{Guide, Told};
use super::place::TRAINING;
use crate::args::Global;
use crate::learn::pen::{Chart, Pen};
use crate::options::Options;
use crate::output::{self, entry, say};
use crate::report::{self, Tested};
use crate::train::{Done, Job, RunFolder, Trained, document, measures_table, save};
use crate::words::{Channels, Hidden, Size};
use mlp_data::Part;
use mlp_model::{EpochRecord, Model};
use mlp_report::number::{grouped, percent};
use mlp_report::{Colour, Fact, Section, WeightPictures};
use mlp_train::State;
use serde_json::json;

/// The training set.
const DATA: &str = "drawings";

/// First-layer nodes whose weights are shown.
const SHOWN: usize = 16;

/// The training, prepared. The step's words name the same options.
pub fn job(global: &Global, seed: u64) -> anyhow::Result<Job<'_>> {
    Job::read(global, options(seed), DATA)
}

fn options(seed: u64) -> Options {
    Options {
        data: Some(DATA.into()),
        channels: Some(Channels::Red),
        // A fifth of a drawing's sides: each input is the mean of 5 × 5 pixels.
        size: Some(Size(36, 36)),
        hidden: Some(Hidden(vec![64, 32])),
        epochs: Some(20),
        weight_decay: Some(0.1),
        seed: Some(seed),
        ..Options::default()
    }
}

/// Trains, measures, saves and tells.
pub fn tell(
    guide: &mut Guide,
    job: &Job<'_>,
    folder: &RunFolder,
    state: State,
) -> anyhow::Result<Done> {
    guide.step(|pen| {
        let session = &job.session;
        let before =
            WeightPictures::with(&session.pipeline, &session.network, &state.params.values);
        let (state, trained) = job.fit(folder, state)?;
        if !job.global.quiet {
            say("");
        }
        let done = save(job, folder, &state, TRAINING)?;
        let told = Told {
            screen: screen(job, &done, &trained, pen),
            sections: sections(job, &done, before)?,
            json: json!({
                "training": document(job, folder, &trained, &done)?,
                "confusion": done.measures.network.confusion.as_ref().map(|c| &c.counts),
                "history": done.model.record.history.iter().map(epoch).collect::<Vec<_>>(),
            }),
        };
        Ok((told, done))
    })
}

fn epoch(record: &EpochRecord) -> serde_json::Value {
    json!({
        "epoch": record.epoch,
        "loss": record.loss,
        "accuracy": record.score,
        "val_loss": record.val_loss,
        "val_accuracy": record.val_score,
    })
}

fn screen(job: &Job<'_>, done: &Done, trained: &Trained, pen: Pen) -> String {
    let session = &job.session;
    let parts = [Part::Train, Part::Validation, Part::Test];
    let parts = parts.map(|part| format!("{} {}", grouped(session.rows(part).len()), part.name()));
    let shape = job.data.picture.map_or(String::new(), |p| {
        let inputs = grouped(session.network.inputs());
        format!("{inputs} = {} × {}, the red channel made smaller", p.size.0, p.size.1)
    });
    let mut widths = vec![session.network.inputs()];
    widths.extend(done.model.hidden());
    widths.push(session.network.outputs());
    let widths: Vec<String> = widths.into_iter().map(grouped).collect();
    let network =
        format!("{}, {} parameters", widths.join("-"), grouped(session.network.parameters()));
    let record = &done.model.record;
    let lines = [
        entry("drawings", &parts.join(" · ")),
        entry("inputs", &shape),
        entry("network", &network),
        entry(
            "trained",
            &format!(
                "{} in {}, the weights of epoch {} were kept",
                output::count(record.history.len(), "epoch", "epochs"),
                crate::progress::time(trained.seconds),
                record.best_epoch
            ),
        ),
    ];
    format!(
        "{}\n\n{}\n\n{}",
        lines.join("\n"),
        chart(&record.history, pen),
        measures_table(&done.measures)
    )
}

/// The accuracy by epoch, made of characters.
fn chart(history: &[EpochRecord], pen: Pen) -> String {
    let all = history.iter().flat_map(|r| [Some(r.score), r.val_score]).flatten();
    let (low, high) = all.fold((1.0, 0.0), |(l, h): (f64, f64), v| (l.min(v), h.max(v)));
    let (low, high) = ((low * 20.0).floor() / 20.0, (high * 20.0).ceil() / 20.0);
    let last = history.len().max(2) as f64;
    let mut chart = Chart::new((1.0, low), (last, high), 64, 8);
    for r in history {
        chart.mark((r.epoch.into(), r.score), 't', Colour::Blue);
        if let Some(score) = r.val_score {
            chart.mark((r.epoch.into(), score), 'v', Colour::Red);
        }
    }
    let words = format!(
        "accuracy by epoch: {} training, {} validation",
        pen.paint(Colour::Blue, "t"),
        pen.paint(Colour::Red, "v")
    );
    format!("{words}\n{}", chart.text(pen))
}

fn sections(
    job: &Job<'_>,
    done: &Done,
    before: Option<WeightPictures>,
) -> anyhow::Result<Vec<Section>> {
    let tested = Tested::new(job, &done.model, done.measures.network.clone())?;
    let mut sections = vec![summary(done)];
    sections.push(curves(&done.model));
    if let (Some(before), Some(after)) = (before, WeightPictures::of(&done.model)) {
        sections.push(weights(before, after));
    }
    sections.extend(report::confusion(&done.model, &tested));
    sections.push(report::predictions(&done.model, &tested));
    Ok(sections)
}

/// Weights of the first layer: of the nodes that came to have the largest, before and after.
fn weights(before: WeightPictures, after: WeightPictures) -> Section {
    let size = |node: &Vec<f32>| node.iter().map(|w| f64::from(*w) * f64::from(*w)).sum::<f64>();
    let mut order: Vec<usize> = (0..after.nodes.len()).collect();
    order.sort_by(|&a, &b| size(&after.nodes[b]).total_cmp(&size(&after.nodes[a])).then(a.cmp(&b)));
    order.truncate(SHOWN);
    let of = |all: &WeightPictures| WeightPictures {
        nodes: order.iter().filter_map(|&node| all.nodes.get(node).cloned()).collect(),
        ..*all
    };
    let mut section = Section::new("First-layer weights, before and after");
    section.figures([
        (of(&before).svg("Before training"), "Small random weights: noise.".to_string()),
        (
            of(&after).svg("After training"),
            "The same nodes after training: a bright pixel raises a node where it is blue and lowers it where it is \
             red. Heads, ears and muzzles show."
                .to_string(),
        ),
    ]);
    section.text(format!(
        "A picture a node, for the {} of {} nodes of the first layer with the largest weights.",
        order.len(),
        grouped(after.nodes.len())
    ));
    section
}

/// Loss and accuracy by epoch.
fn curves(model: &Model) -> Section {
    let mut section = Section::new("Learning curves");
    let best = Some(f64::from(model.record.best_epoch)).filter(|epoch| *epoch > 0.0);
    let captions = [
        "Training lessens the loss of the training drawings. Where that of the validation drawings no longer falls, \
         the network learns by heart.",
        "The weights that were kept are those of the least validation loss.",
    ];
    let figures = report::learning_curves(&model.record, model.task, best);
    section.figures(figures.into_iter().zip(captions));
    section
}

fn summary(done: &Done) -> Section {
    let mut section = Section::new("How good it is");
    let m = &done.measures;
    let main = |e: &mlp_train::Evaluation| percent(e.main().value);
    let interval = crate::train::interval("accuracy", m.network.interval);
    let mut facts =
        vec![Fact::new("accuracy", main(&m.network)).note(format!("95 % interval {interval}"))];
    if let Some(linear) = &m.linear {
        facts.push(
            Fact::new("linear model", main(linear)).note("logistic regression on the same pixels"),
        );
    }
    facts.push(Fact::new("by chance", main(&m.baseline)).note("always the more frequent animal"));
    facts.push(
        Fact::new("test drawings", grouped(m.network.examples)).note("took no part in training"),
    );
    section.facts(facts);
    section
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command};
    use crate::tour::words::STEPS;
    use clap::Parser;

    #[test]
    fn the_words_name_the_options() {
        let words = STEPS.iter().find(|words| words.name == "training").unwrap();
        let command = words.onward.split('`').nth(1).unwrap();
        let Some(Command::Train(args)) = Cli::parse_from(command.split_whitespace()).command else {
            panic!("{command}")
        };
        assert_eq!(args.data.as_deref(), Some(DATA));
        let by_hand = Options { data: args.data, seed: Some(3), ..args.options };
        assert_eq!(by_hand.to_text().unwrap(), options(3).to_text().unwrap());
    }
}
