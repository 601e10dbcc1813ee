//! Callbacks with a clock or a disk: checkpoints, Ctrl-C, the time limit, the number of threads that is fastest.

use super::folder::{CHECKPOINT, METRICS, MODEL, RunFolder};
use crate::interrupt;
use anyhow::bail;
use mlp_model::{EpochRecord, Task};
use mlp_train::{Callback, Flow, Prepared, Seen, State, TeamSize};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Writes the state to the run folder every so often.
pub struct Saver<'a> {
    folder: &'a RunFolder,
    session: &'a Prepared,
    every: Duration,
    last: Instant,
    /// How long the last save took; the next waits at least twenty times as long.
    cost: Duration,
    best: u32,
    /// Whether there was nothing left to train.
    started_finished: bool,
    /// What went wrong, if anything: the training then stops.
    pub failure: Option<anyhow::Error>,
}

impl<'a> Saver<'a> {
    /// Saves at most every `seconds`; 0 saves after every step. What the folder holds of `state` is not written again.
    pub fn new(
        folder: &'a RunFolder,
        session: &'a Prepared,
        seconds: f64,
        state: &State,
    ) -> Saver<'a> {
        let kept = folder.file(MODEL).exists();
        let every = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::from_secs(2));
        let cost = Duration::ZERO;
        let best = if kept { state.best_epoch() } else { 0 };
        let started_finished = state.step > 0 && state.finished && kept;
        let last = Instant::now();
        Saver { folder, session, every, last, cost, best, started_finished, failure: None }
    }

    /// Writes checkpoint, metrics and, if it is a better one, the model.
    pub fn save(&mut self, state: &State) -> anyhow::Result<()> {
        let started = Instant::now();
        if state.params.values.iter().any(|v| !v.is_finite()) {
            // A broken state must not replace a good one.
            bail!("a weight is not a finite number; the last checkpoint was kept");
        }
        self.folder.write(CHECKPOINT, &state.to_bytes(self.session)?)?;
        let text = metrics_csv(self.session.task, &state.history);
        self.folder.write(METRICS, text.as_bytes())?;
        if state.best_epoch() > self.best {
            self.session.model(state)?.save(&self.folder.file(MODEL))?;
            self.best = state.best_epoch();
        }
        (self.last, self.cost) = (Instant::now(), started.elapsed());
        Ok(())
    }

    /// The last save, of the state in which training ended. A finished run that was resumed has it already.
    pub fn finish(&mut self, state: &State) -> anyhow::Result<()> {
        if self.started_finished { Ok(()) } else { self.save(state) }
    }

    fn when_due(&mut self, state: &State) -> Flow {
        let due = self.every.is_zero() || self.last.elapsed() >= self.every.max(self.cost * 20);
        if due && let Err(error) = self.save(state) {
            self.failure = Some(error);
        }
        if self.failure.is_some() { Flow::Stop } else { Flow::Continue }
    }
}

impl Callback for Saver<'_> {
    fn batch_end(&mut self, seen: Seen<'_>) -> Flow {
        // The last batch of an epoch is followed by its end, which is the better moment.
        if seen.state.batch < seen.batches { self.when_due(seen.state) } else { Flow::Continue }
    }

    fn epoch_end(&mut self, seen: Seen<'_>) -> Flow {
        self.when_due(seen.state)
    }
}

/// `metrics.csv`: a line an epoch.
pub fn metrics_csv(task: Task, history: &[EpochRecord]) -> String {
    let score = task.main_metric();
    let mut text = format!("epoch,learning_rate,loss,{score},val_loss,val_{score},improved\n");
    let cell = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    for r in history {
        let (loss, score) = (cell(r.val_loss), cell(r.val_score));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{},{},{},{},{loss},{score},{}",
            r.epoch, r.learning_rate, r.loss, r.score, r.improved
        );
    }
    text
}

/// Stops on Ctrl-C.
pub struct Interrupt;

impl Callback for Interrupt {
    fn batch_end(&mut self, _: Seen<'_>) -> Flow {
        if interrupt::asked() { Flow::Stop } else { Flow::Continue }
    }

    fn epoch_end(&mut self, seen: Seen<'_>) -> Flow {
        self.batch_end(seen)
    }
}

/// Stops after a time.
pub struct TimeLimit {
    /// When to stop.
    pub until: Option<Instant>,
    /// Whether it did.
    pub reached: bool,
}

impl Callback for TimeLimit {
    fn batch_end(&mut self, _: Seen<'_>) -> Flow {
        self.reached = self.until.is_some_and(|until| Instant::now() >= until);
        if self.reached { Flow::Stop } else { Flow::Continue }
    }

    fn epoch_end(&mut self, seen: Seen<'_>) -> Flow {
        self.batch_end(seen)
    }
}

/// Has short steps use as many threads as take the least time. To be the first of the callbacks, whose time is not the
/// step's.
pub struct Threads {
    size: TeamSize,
    started: Instant,
}

impl Threads {
    /// At most `threads`.
    pub fn new(threads: usize) -> Threads {
        Threads { size: TeamSize::new(threads), started: Instant::now() }
    }
}

impl Callback for Threads {
    fn threads(&mut self) -> Option<usize> {
        self.started = Instant::now();
        Some(self.size.threads())
    }

    fn batch_end(&mut self, _: Seen<'_>) -> Flow {
        self.size.step(self.started.elapsed().as_secs_f64());
        Flow::Continue
    }
}
