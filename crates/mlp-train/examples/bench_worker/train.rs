//! Training: the library's own loop over epochs, watched by a callback that waits between rounds. Data are encoded
//! before the first round; shuffling, gathering and widening of pixels are inside of every epoch.

use crate::protocol::{self, Asked, Case, Report, Result};
use crate::{VERSIONS, exec};
use mlp_train::model::data::{OpenOptions, Part, PixelScaling, Plan, Quiet, Split, TaskHint, open};
use mlp_train::model::tensor::Activation;
use mlp_train::{
    Callback, Config, Flow, OptimizerKind, Prepared, Schedule, Seen, TeamSize, Trainer, prepare,
};
use std::time::Instant;

/// More epochs than any benchmark asks for: the other side ends the training.
const EPOCHS: u32 = 1_000_000;

/// Trains until told to quit.
pub fn serve(case: &Case) -> Result<()> {
    let exec = exec(case)?;
    let session = session(case)?;
    let note = format!("{}, {} parameters", exec.isa().name(), session.network.parameters());
    protocol::ready(VERSIONS, &note);
    let mut rounds = Rounds {
        started: Instant::now(),
        left: 0,
        units: 0,
        rows: session.train.len(),
        size: TeamSize::new(exec.threads()),
        step: Instant::now(),
    };
    if rounds.wait() == Flow::Continue {
        let trainer = Trainer { exec: &exec, session: &session };
        trainer.run(&mut session.start(), &mut [&mut rounds])?;
    }
    Ok(())
}

/// The first `rows` rows of the data are the training part; nothing is validated.
fn session(case: &Case) -> Result<Prepared> {
    let rows: usize = case.number("rows")?;
    let numbers = case.word("task")? == "regression";
    let task = if numbers { TaskHint::Numbers } else { TaskHint::Auto };
    let options = OpenOptions { task, ..OpenOptions::default() };
    let data = open(&exec(case)?, case.word("data")?, &options, &Quiet)?;
    let part = |row| if row < rows { Part::Train } else { Part::Test };
    let split = Split { parts: (0..data.len()).map(part).collect() };
    let plan = Plan { pixels: PixelScaling::Unit, scale_target: false, ..Plan::default() };
    let session = prepare(&data, &split, &plan, config(case)?)?;
    let (inputs, outputs) = (case.number::<usize>("inputs")?, case.number::<usize>("outputs")?);
    if session.train.len() != rows
        || session.network.inputs() != inputs
        || session.network.outputs() != outputs
    {
        let (rows, network) = (session.train.len(), &session.network);
        let (has_in, has_out) = (network.inputs(), network.outputs());
        return Err(
            format!("the data have {rows} rows, {has_in} inputs and {has_out} outputs").into()
        );
    }
    Ok(session)
}

fn config(case: &Case) -> Result<Config> {
    let (optimizer, momentum) = match case.word("optimizer")? {
        "adam" => (OptimizerKind::Adam, 0.0),
        "momentum" => (OptimizerKind::Sgd, 0.9),
        other => return Err(format!("no optimizer is called `{other}`").into()),
    };
    Ok(Config {
        hidden: case.numbers("hidden")?,
        activation: Activation::Relu,
        dropout: 0.0,
        optimizer,
        momentum,
        learning_rate: Some(case.number("rate")?),
        weight_decay: Some(0.0),
        schedule: Schedule::Constant,
        batch_size: Some(case.number("batch")?),
        epochs: Some(EPOCHS),
        patience: 0,
        ..Config::default()
    })
}

/// Reports when a round's epochs are done, and waits for the next round.
struct Rounds {
    started: Instant,
    left: u64,
    units: u64,
    rows: usize,
    /// As `mlp train` has it.
    size: TeamSize,
    step: Instant,
}

impl Rounds {
    fn wait(&mut self) -> Flow {
        match protocol::next() {
            Ok(Asked::Go(units)) if units > 0 => {
                (self.left, self.units, self.started) = (units, units, Instant::now());
                Flow::Continue
            }
            _ => Flow::Stop,
        }
    }
}

impl Callback for Rounds {
    fn threads(&mut self) -> Option<usize> {
        self.step = Instant::now();
        Some(self.size.threads())
    }

    fn batch_end(&mut self, _: Seen<'_>) -> Flow {
        self.size.step(self.step.elapsed().as_secs_f64());
        Flow::Continue
    }

    fn epoch_end(&mut self, seen: Seen<'_>) -> Flow {
        self.left -= 1;
        if self.left > 0 {
            return Flow::Continue;
        }
        let seconds = self.started.elapsed().as_secs_f64();
        let loss = seen.epoch.map(|epoch| epoch.loss);
        protocol::report(&Report {
            seconds,
            examples: self.units * self.rows as u64,
            loss,
            latency: None,
        });
        self.wait()
    }
}
