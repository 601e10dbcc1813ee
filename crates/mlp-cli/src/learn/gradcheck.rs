//! `mlp learn gradcheck`: every gradient of a model against finite differences. The check itself:
//! `mlp_train::check_gradient`.

use super::args::GradcheckArgs;
use super::pen::{Pen, digits, wrap};
use super::{Lesson, check, show};
use crate::args::Global;
use crate::failure::usage;
use crate::{input, output};
use anyhow::{Context, bail};
use mlp_data::{Batch, Examples, OpenOptions, Targets};
use mlp_model::{Model, Task};
use mlp_report::{Bars, Fact, Section, Svg, Table, Text};
use mlp_tensor::{Exec, Purpose, Streams};
use mlp_train::{
    DirectionCheck, GradientCheck, ParameterCheck, check_gradient, network_gradient, sample,
};
use serde_json::{Value, json};

/// A larger network takes minutes, and memory for several copies in f64.
const MAX_PARAMETERS: usize = 50_000_000;
/// Most slots on a screen.
const ROWS: usize = 12;

/// A checked model.
#[derive(Clone, Debug)]
pub struct Checked {
    check: GradientCheck,
    examples: usize,
    /// Where they are from.
    origin: String,
}

/// Runs the step: exit code 1 if a gradient is broken.
pub fn run(args: &GradcheckArgs, global: &Global) -> anyhow::Result<()> {
    check(&args.output)?;
    let exec = input::exec(global)?;
    let model = input::model(&args.model)?;
    let seed = global.seed.unwrap_or(1);
    if model.network.parameters() > MAX_PARAMETERS {
        bail!(
            "{} parameters are too many to check; at most {}",
            output::grouped(model.network.parameters()),
            output::grouped(MAX_PARAMETERS)
        );
    }
    let count = args.examples as usize;
    let (x, targets, origin) = match &args.data {
        Some(name) => of_data(&exec, global, &model, name, count, seed)?,
        None => at_random(&exec, &model, count, seed),
    };
    let params = &model.params.values;
    let mut gradient = network_gradient(&exec, &model.network, model.task, params, &x, &targets);
    if let Some(slot) = &args.broken {
        damage(&model, slot, &mut gradient)?;
    }
    let examples = x.len() / model.network.inputs().max(1);
    let check = check_gradient(&model.network, model.task, params, (&x, &targets), &gradient, seed);
    let checked = Checked { check, examples, origin };
    show(&checked, &args.output, global)?;
    match checked.check.passes() {
        true => Ok(()),
        false => bail!("{}", checked.verdict()),
    }
}

/// Inputs (`inputs × count`) and targets of a sample of rows.
fn of_data(
    exec: &Exec,
    global: &Global,
    model: &Model,
    name: &str,
    count: usize,
    seed: u64,
) -> anyhow::Result<(Vec<f32>, Targets, String)> {
    let options = OpenOptions { target_optional: false, ..model.pipeline.open_options() };
    let data = input::data(exec, global, name, &options)?;
    let encoded =
        model.pipeline.encode(&data.table, &data.target).with_context(|| name.to_string())?;
    let rows = sample(&(0..data.len()).collect::<Vec<_>>(), count, seed);
    let mut batch = Batch::new();
    encoded.fill(exec, &rows, &mut batch).with_context(|| name.to_string())?;
    let targets = batch.targets.clone();
    Ok((batch.x[..batch.count * model.network.inputs()].to_vec(), targets, data.name))
}

/// Normal inputs, as standardised columns have them, and targets drawn at random.
fn at_random(exec: &Exec, model: &Model, count: usize, seed: u64) -> (Vec<f32>, Targets, String) {
    let streams = Streams::new(seed);
    let mut x = vec![0.0; count * model.network.inputs()];
    streams.at(Purpose::Demo, 0, 2).fill_normal(exec, 0.0, 1.0, &mut x);
    let mut stream = streams.at(Purpose::Demo, 0, 3);
    let targets = match model.task {
        Task::Regression => Targets::Numbers((0..count).map(|_| stream.normal() as f32).collect()),
        Task::Multilabel => {
            let width = model.labels().len();
            let hits = (0..count * width).map(|_| stream.below(2) as u8).collect();
            Targets::Labels { width, hits }
        }
        Task::Binary | Task::Multiclass => {
            let classes = model.labels().len().max(1) as u64;
            Targets::Classes((0..count).map(|_| stream.below(classes) as u32).collect())
        }
    };
    (x, targets, "random numbers".into())
}

/// Turns the sign of a slot's largest derivative; of a slot of zeros, one of them becomes 1.
fn damage(model: &Model, name: &str, gradient: &mut [f32]) -> anyhow::Result<()> {
    let slots = model.network.slots();
    let Some(slot) = slots.iter().find(|slot| slot.name == name) else {
        let names: Vec<&str> = slots.iter().map(|slot| slot.name.as_str()).collect();
        return Err(usage(format!("--break {name}: the slots are {}", names.join(", "))));
    };
    let part = &mut gradient[slot.range.clone()];
    let largest = (1..part.len()).fold(0, |b, i| if part[i].abs() > part[b].abs() { i } else { b });
    part[largest] = if part[largest] == 0.0 { 1.0 } else { -part[largest] };
    Ok(())
}

/// `0.weight[3, 2]`: output and input, from 0.
fn place(slot: &str, p: &ParameterCheck) -> String {
    match p.input {
        Some(input) => format!("{slot}[{}, {input}]", p.output),
        None => format!("{slot}[{}]", p.output),
    }
}

impl Checked {
    fn verdict(&self) -> String {
        let (all, checked) = self.check.counts();
        let broken: usize = self.check.slots.iter().map(|s| s.broken).sum();
        let Some((slot, worst)) = self.check.worst() else {
            return "no gradient could be checked: an activation has a kink at every one".into();
        };
        let (g, d) = (digits(worst.gradient, 6), digits(worst.difference, 6));
        let place = place(slot, worst);
        if broken > 0 {
            let many = output::count(broken, "gradient is", "gradients are");
            return format!("{many} broken; the worst, {place}, is {g} where differences give {d}");
        }
        if !self.check.passes() {
            return "the gradient along a random direction is not that of differences".into();
        }
        let which = match checked == all {
            true => format!("all {}", output::grouped(all)),
            false => format!("{} of {}", output::grouped(checked), output::grouped(all)),
        };
        format!(
            "{which} gradients agree with finite differences; the worst, {place}, is {g} where differences give {d}, \
             {:.0e} of it apart",
            worst.error
        )
    }

    fn how(&self) -> String {
        let (all, checked) = self.check.counts();
        let kinks: usize = self.check.slots.iter().map(|s| s.kinks).sum();
        let mut text = format!(
            "The network's own gradient in f32, of the mean loss of {} from {}, beside (L(w + h) − L(w − h)) / 2h of \
             the reference in f64, h = 0.00001.",
            output::count(self.examples, "example", "examples"),
            self.origin
        );
        if !self.check.directions.is_empty() {
            text += &format!(
                " The network is large: {} of {} parameters were drawn from its slots, and {} random directions \
                 through all of them were checked.",
                output::grouped(checked + kinks),
                output::grouped(all),
                self.check.directions.len()
            );
        }
        if kinks > 0 {
            let many = output::count(kinks, "parameter has", "parameters have");
            text += &format!(" {many} a kink of an activation within h and cannot be compared.");
        }
        text
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let head = ["", "parameters", "checked", "broken", "largest error", "at"];
        let mut rows = vec![head.map(String::from).to_vec()];
        for s in &self.check.slots {
            let worst = s.worst.as_ref();
            rows.push(vec![
                s.slot.clone(),
                output::grouped(s.parameters),
                output::grouped(s.checked),
                output::grouped(s.broken),
                worst.map_or_else(|| "–".into(), |w| format!("{:.1e}", w.error)),
                worst.map_or_else(String::new, |w| place("", w)),
            ]);
        }
        rows
    }
}

/// A number, or `null` where it is none.
fn parameter_json(slot: &str, p: &ParameterCheck) -> Value {
    json!({
        "slot": slot,
        "output": p.output,
        "input": p.input,
        "gradient": p.gradient,
        "difference": p.difference,
        "error": p.error,
    })
}

impl Lesson for Checked {
    fn name(&self) -> &'static str {
        "gradcheck"
    }

    fn title(&self) -> String {
        "Gradients against finite differences".into()
    }

    fn json(&self) -> Value {
        let check = &self.check;
        let slots: Vec<Value> = (check.slots.iter())
            .map(|s| {
                json!({
                    "slot": s.slot,
                    "parameters": s.parameters,
                    "checked": s.checked,
                    "kinks": s.kinks,
                    "broken": s.broken,
                    "worst": s.worst.as_ref().map(|w| parameter_json(&s.slot, w)),
                })
            })
            .collect();
        let direction = |d: &DirectionCheck| {
            let DirectionCheck { gradient, difference, error, kink } = *d;
            json!({"gradient": gradient, "difference": difference, "error": error, "kink": kink})
        };
        let (parameters, checked) = check.counts();
        json!({
            "passes": check.passes(),
            "parameters": parameters,
            "checked": checked,
            "examples": self.examples,
            "data": self.origin,
            "loss": check.loss,
            "worst": check.worst().map(|(slot, w)| parameter_json(slot, w)),
            "slots": slots,
            "directions": check.directions.iter().map(direction).collect::<Vec<_>>(),
        })
    }

    fn terminal(&self, pen: Pen) -> String {
        let mut rows = self.rows();
        let all = rows.len() - 1;
        rows.truncate(ROWS + 1);
        let more = match all > ROWS {
            true => format!("\n… {} more; --json has all", all - ROWS),
            false => String::new(),
        };
        let verdict = match self.check.passes() {
            true => format!("\n\n{}", wrap(&self.verdict(), "")),
            false => String::new(),
        };
        format!(
            "{}\n{}\n\n{}{more}{verdict}",
            pen.bold(&self.title()),
            pen.dim(&wrap(&self.how(), "")),
            output::table(&rows)
        )
    }

    fn sections(&self) -> Vec<Section> {
        let mut section = Section::new(self.title());
        section.text(self.how());
        section.text(Text::new().strong(self.verdict()).plain("."));
        let (all, checked) = self.check.counts();
        section.facts([
            Fact::new("parameters", output::grouped(all)),
            Fact::new("checked", output::grouped(checked)),
        ]);
        let mut rows = self.rows().into_iter();
        let mut table = Table::new(rows.next().unwrap_or_default());
        rows.for_each(|row| {
            table.push(row);
        });
        section.table(table.caption(
            "Errors are shares of the derivative, or of a hundredth of the slot's largest; from 0.001 on one counts as \
             broken. Places are [node] or [node, input], from 0.",
        ));
        section.figure(
            self.bars(),
            "Each slot's largest error, as a share of the derivative; from 0.001 on it would be broken.",
        );
        vec![section]
    }

    fn picture(&self) -> Option<Svg> {
        Some(self.bars())
    }
}

impl Checked {
    fn bars(&self) -> Svg {
        let mut bars = Bars::new("Largest error of each slot").label("share of the derivative");
        for s in &self.check.slots {
            if let Some(worst) = &s.worst {
                let words = format!("{:.1e}", worst.error);
                bars = bars.bar(s.slot.clone(), worst.error.min(2.0)).words(words);
            }
        }
        bars.svg()
    }
}
