//! `mlp train`: read, prepare, train, save, measure.

mod checks;
mod estimate;
mod finish;
mod folder;
mod preview;
mod resolve;
mod saver;
mod summary;

pub use finish::{
    Done, Trained, document, interval, measures_table, metrics_json, save, skipped_json,
};
pub use folder::{
    CHECKPOINT, CONFIG, DUPLICATES, METRICS, MODEL, REPORT, Reserved, RunFolder, SPLIT, in_use,
};
pub use summary::{classes, components, pca_json, skipped};

use crate::args::{Global, TrainArgs};
use crate::cache;
use crate::failure::{Interrupted, usage};
use crate::fetched;
use crate::options::Options;
use crate::output::{self, say};
use crate::progress::Screen;
use crate::{input, interrupt, parts};
use anyhow::{Context, bail};
use mlp_data::{Dataset, Kind, OpenOptions, Part, Plan, Split};
use mlp_model::file;
use mlp_tensor::Exec;
use mlp_train::{Callback, Ended, Prepared, State, Trainer, prepare};
use saver::{Interrupt, Saver, Threads, TimeLimit};
use std::time::{Duration, Instant};

/// Passes over the embedded drawings: so that they train in less than a minute. Sets of that size get a hundred.
const DRAWINGS_EPOCHS: u32 = 10;
/// The word by which a model's record holds what a column was said to hold, one each.
pub const TYPE: &str = "type";

/// A training that is about to run, or that ran.
pub struct Job<'a> {
    /// What is said of it.
    pub global: &'a Global,
    options: Options,
    /// How to execute.
    pub exec: Exec,
    /// All rows.
    pub data: Dataset,
    split: Split,
    dropped: Option<checks::Dropped>,
    found: Option<checks::Found>,
    estimate: Option<estimate::Estimate>,
    /// Data encoded, network and configuration.
    pub session: Prepared,
}

/// The training that made a run, from the options that it left: its data read and split again.
pub fn reopen<'a>(global: &'a Global, options: &Options) -> anyhow::Result<Job<'a>> {
    let options = Options { threads: global.threads, isa: global.isa.clone(), ..options.clone() };
    let Some(data) = options.data.clone() else {
        bail!("the run does not say which data it was of")
    };
    Job::read(global, options, &data)
}

/// Runs the verb.
pub fn run(args: TrainArgs, global: &Global) -> anyhow::Result<()> {
    interrupt::install();
    let (options, resumed) = options(&args, global)?;
    let name = run_name(options.data.as_deref().unwrap_or_default());
    // A run says all of its options itself.
    let mut options = if resumed.is_some() { options } else { fetched::under(options)? };
    let global = &Global {
        json: options.json.unwrap_or(false),
        quiet: options.quiet.unwrap_or(false),
        threads: options.threads,
        seed: options.seed,
        isa: options.isa.clone(),
    };
    options.check()?;
    let Some(data) = options.data.clone() else {
        let what = "no data: name a folder, a file, or an embedded (digits, drawings, iris, trees) or fetched set";
        return Err(usage(what));
    };
    if data == "drawings" {
        options.epochs.get_or_insert(DRAWINGS_EPOCHS);
    }
    let reserve = || Reserved::new(options.out.as_deref(), &name);
    let reserved = match resumed {
        None if !args.dry_run => Some(reserve()?),
        _ => None,
    };
    let mut job = Job::read(global, options, &data)?;
    // What a run that goes on has, it was told when it began.
    if resumed.is_none() {
        job.look();
    }
    if let Some(path) = &args.preview {
        job.preview(path)?;
    }
    if args.dry_run {
        return job.dry_run(args.preview.is_some());
    }
    estimate::fits_memory(&job.session)?;
    let (folder, state) = match (resumed, reserved) {
        (Some(folder), _) => job.checkpoint(folder)?,
        (None, Some(reserved)) => {
            let copies = job.duplicates_csv().unwrap_or_default();
            let list = [(DUPLICATES, copies.as_bytes())];
            job.begin(reserved, &list[..usize::from(!copies.is_empty())])?
        }
        (None, None) => return Err(usage("no run folder")),
    };
    job.estimate = job.estimate(&state)?;
    if !global.quiet {
        job.show();
        say(&output::entry("run", &folder.path.display().to_string()));
        if state.step > 0 {
            let at = format!("goes on in epoch {}, after {} steps", state.epoch + 1, state.step);
            say(&output::entry("", &at));
        }
    }
    let (state, trained) = job.fit(&folder, state)?;
    finish::finish(&job, &folder, &state, &trained)
}

/// Flags over config file; or the options of the run to resume, over which flags that do not shape the model win.
fn options(args: &TrainArgs, global: &Global) -> anyhow::Result<(Options, Option<RunFolder>)> {
    let flags = Options {
        data: args.data.clone(),
        seed: global.seed,
        threads: global.threads,
        isa: global.isa.clone(),
        quiet: global.quiet.then_some(true),
        json: global.json.then_some(true),
        ..args.options.clone()
    };
    if let Some(run) = &args.resume {
        let folder = RunFolder::open(run)?;
        let saved = Options::read(&folder.file(CONFIG))?;
        let options = flags.over(&Options { threads: None, isa: None, ..saved })?;
        return Ok((options, Some(folder)));
    }
    let options = match &args.config {
        Some(path) => flags.over(&fetched::config(path)?)?,
        None => flags,
    };
    Ok((options, None))
}

/// A tenth of the rows chooses the best epoch, unless that is too few to choose by: then all of them train.
pub fn default_valid(rows: usize) -> f64 {
    if rows < 200 { 0.0 } else { 0.1 }
}

/// A run is called after its data: the last part of the path, without an ending.
pub fn run_name(data: &str) -> String {
    let absolute = std::fs::canonicalize(data).unwrap_or_else(|_| data.into());
    let name = absolute.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    name.filter(|n| !n.is_empty()).unwrap_or_else(|| "run".into())
}

impl<'a> Job<'a> {
    /// Reads the data, splits them, and prepares the training of a network on them.
    pub fn read(global: &'a Global, mut options: Options, data: &str) -> anyhow::Result<Job<'a>> {
        let exec = input::exec(global)?;
        let reading = OpenOptions { cache: cache::of(&options)?, ..options.open() };
        let data = input::data(&exec, global, data, &reading)?;
        options.valid.get_or_insert(default_valid(data.len()));
        let config = options.config();
        let pictures = data.table.schema.fields.iter().any(|f| matches!(f.kind, Kind::Picture(_)));
        if options.features.is_some() && !pictures {
            return Err(usage(
                "--features is about pictures, and there are none here; leave it out",
            ));
        }
        let mut split = parts::of_training(&options, &data, config.seed)?;
        let plan = Plan { exec: exec.clone(), ..options.plan() };
        let dropped = match options.drop_duplicates {
            Some(true) => Some(checks::drop_copies(&exec, &data, &mut split, &plan)?),
            _ => None,
        };
        let mut session = prepare(&data, &split, &plan, config)?;
        let types = options.types.iter().map(|of| (TYPE.to_string(), of.clone().into()));
        session.choices.extend(types);
        let (found, estimate) = (None, None);
        Ok(Job { global, options, exec, data, split, dropped, found, estimate, session })
    }

    /// Looks for copies and leaks, unless that is not wanted.
    fn look(&mut self) {
        if self.options.checks.unwrap_or(true) {
            self.found = Some(checks::look(&self.exec, &self.data, &self.split, &self.session));
        }
    }

    fn show(&self) {
        let how = parts::how(&self.options);
        summary::show(&self.data, &self.split, &how, &self.check_lines(), &self.session);
        if let Some(line) = self.estimate.and_then(|estimate| estimate.line()) {
            say(&output::entry("estimate", &line));
        }
    }

    /// The test part, or what there is.
    pub fn reported_part(&self) -> Part {
        let parts = [Part::Test, Part::Validation, Part::Train];
        parts.into_iter().find(|&p| !self.session.rows(p).is_empty()).unwrap_or(Part::Train)
    }

    fn dry_run(&self, previewed: bool) -> anyhow::Result<()> {
        if self.global.json {
            let mut document = summary::json(&self.data, &self.session);
            document["checks"] = self.checks_json();
            return output::json(&document);
        }
        self.show();
        let but = if previewed { " but the preview" } else { "" };
        say(&format!("this was a dry run: nothing was trained or written{but}"));
        Ok(())
    }

    /// The state that a run was left in.
    fn checkpoint(&self, folder: RunFolder) -> anyhow::Result<(RunFolder, State)> {
        let path = folder.file(CHECKPOINT);
        let at = || path.display().to_string();
        let bytes = file::read(&path).with_context(at)?;
        let state = State::from_bytes(&bytes, &self.session).with_context(at)?;
        Ok((folder, state))
    }

    /// Makes the run folder complete, with `more` files in it: from here on it can be resumed.
    pub fn begin(
        &self,
        mut reserved: Reserved,
        more: &[(&str, &[u8])],
    ) -> anyhow::Result<(RunFolder, State)> {
        let state = self.session.start();
        let config = resolve::resolved(self).to_text()?;
        reserved.write(SPLIT, |file| self.split.write_csv(&self.data, file))?;
        let checkpoint = state.to_bytes(&self.session)?;
        let own = [(CHECKPOINT, &checkpoint[..])];
        let files = [&own[..], more].concat();
        Ok((reserved.finish(&config, &files)?, state))
    }

    /// Trains from a state to the end, and saves on the way.
    pub fn fit(&self, folder: &RunFolder, mut state: State) -> anyhow::Result<(State, Trained)> {
        let started = Instant::now();
        let steps_before = state.step;
        let mut exact = None;
        if self.session.is_exact() {
            let (solved, fit) = self.session.solve_exact(&self.exec)?;
            (state, exact) = (solved, Some(fit));
        }
        let every = self.options.checkpoint_every.unwrap_or(2.0);
        let mut saver = Saver::new(folder, &self.session, every, &state);
        let seconds = self.options.max_seconds()?.unwrap_or(f64::INFINITY);
        let until =
            Duration::try_from_secs_f64(seconds).ok().and_then(|limit| started.checked_add(limit));
        let mut limit = TimeLimit { until, reached: false };
        let mut screen = Screen::new(self.session.task, self.global.quiet);
        let trainer = Trainer { exec: &self.exec, session: &self.session };
        interrupt::training(true);
        let mut threads = Threads::new(self.exec.threads());
        let callbacks: &mut [&mut dyn Callback] =
            &mut [&mut threads, &mut screen, &mut saver, &mut limit, &mut Interrupt];
        let ended = trainer.run(&mut state, callbacks)?;
        if let Some(failure) = saver.failure.take() {
            return Err(failure);
        }
        saver.finish(&state)?;
        interrupt::training(false);
        if ended == Ended::Stopped && !limit.reached {
            let run = output::quoted(&folder.path);
            let text = format!(
                "interrupted and saved; go on with: {} train --resume {run}",
                output::program()
            );
            return Err(Interrupted(text).into());
        }
        let epochs = self.session.config.epochs.unwrap_or(0);
        let early = exact.is_none() && state.finished && state.epoch < epochs;
        let trained = Trained {
            ended: if early { Ended::Early } else { ended },
            limit: limit.reached,
            seconds: started.elapsed().as_secs_f64(),
            steps: state.step - steps_before,
            exact,
        };
        Ok((state, trained))
    }
}
