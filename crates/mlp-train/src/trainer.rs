//! The training loop. Everything else is a callback.

use crate::objective::{BatchObjective, Notes, fault};
use crate::{Best, Callback, Flow, Prepared, Seen, State, Sums, TrainError};
use mlp_model::data::{Augmented, Examples, Rooms};
use mlp_model::tensor::{Exec, Purpose, Streams, reduce};
use mlp_model::{EpochRecord, Workspace};

/// Moves a state, step by step.
#[derive(Clone, Copy, Debug)]
pub struct Trainer<'a> {
    /// How to execute.
    pub exec: &'a Exec,
    /// What is trained, on what.
    pub session: &'a Prepared,
}

/// How a training came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All epochs were run.
    Finished,
    /// The validation part saw no improvement for `patience` epochs.
    Early,
    /// A callback stopped it; the state can be resumed.
    Stopped,
}

impl Trainer<'_> {
    /// Goes on from `state` until all epochs are done, patience is at its end, or a callback says stop.
    ///
    /// # Errors
    /// [`TrainError::Diverged`]; the state is then that of the step before, finite and fit to be saved. A batch that
    /// cannot be filled.
    pub fn run(
        &self,
        state: &mut State,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<Ended, TrainError> {
        callbacks.iter_mut().for_each(|c| c.fit_start(self.seen(state, None)));
        let ended = self.epochs(state, callbacks);
        callbacks.iter_mut().for_each(|c| c.fit_end(self.seen(state, None)));
        ended
    }

    fn epochs(
        &self,
        state: &mut State,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<Ended, TrainError> {
        let config = &self.session.config;
        let mut work = StepWork::new(self);
        while !state.finished {
            let order = self.order(state.epoch);
            let mut batches = order.chunks(self.batch_size()).skip(state.batch).peekable();
            let mut stop = false;
            while let Some(rows) = batches.next() {
                let next = batches.peek().copied().unwrap_or_default();
                let most = callbacks.iter_mut().filter_map(|c| c.threads()).min();
                let fewer = most.map(|most| self.exec.at_most(most));
                let exec = fewer.as_ref().unwrap_or(self.exec);
                self.step(exec, state, [rows, next], &mut work)?;
                stop = tell(callbacks, |c| c.batch_end(self.seen(state, None)));
                // A stop after the last batch waits for the end of the epoch, where the state is whole.
                if stop && state.batch < self.batches() {
                    return Ok(Ended::Stopped);
                }
            }
            let record = self.end_epoch(state)?;
            let early = config.patience > 0 && state.waited >= config.patience;
            state.finished = early || state.epoch >= config.epochs.unwrap_or(0);
            stop |= tell(callbacks, |c| c.epoch_end(self.seen(state, Some(&record))));
            match (state.finished, early, stop) {
                (true, true, _) => return Ok(Ended::Early),
                (false, _, true) => return Ok(Ended::Stopped),
                _ => {}
            }
        }
        Ok(Ended::Finished)
    }

    fn seen<'s>(&self, state: &'s State, epoch: Option<&'s EpochRecord>) -> Seen<'s> {
        let epochs = self.session.config.epochs.unwrap_or(0);
        Seen { state, batches: self.batches(), epochs, epoch }
    }

    fn batch_size(&self) -> usize {
        self.session.config.batch_size.unwrap_or(1)
    }

    fn batches(&self) -> usize {
        self.session.train.len().div_ceil(self.batch_size())
    }

    /// The training rows in the order of an epoch: a function of seed and epoch.
    fn order(&self, epoch: u32) -> Vec<usize> {
        let mut rows = self.session.train.clone();
        Streams::new(self.session.config.seed).at(Purpose::Shuffle, epoch, 0).shuffle(&mut rows);
        rows
    }

    fn rate(&self, step: u32) -> f32 {
        let config = &self.session.config;
        let pace = config.pace(self.session.train.len());
        let base = config.learning_rate.unwrap_or_default();
        config.schedule.rate(base, config.warmup, u64::from(step), pace)
    }

    fn step(
        &self,
        exec: &Exec,
        state: &mut State,
        [rows, next]: [&[usize]; 2],
        work: &mut StepWork,
    ) -> Result<(), TrainError> {
        let session = self.session;
        let streams = Streams::new(session.config.seed);
        let StepWork { space, notes, rooms } = work;
        let changed;
        let mut examples: &dyn Examples = &*session.encoded;
        if let Some(rooms) = rooms {
            let (encoded, augment) = (&*session.encoded, &session.config.augment);
            changed = Augmented { encoded, augment, streams, epoch: state.epoch, rooms };
            examples = &changed;
        }
        let mut objective = BatchObjective {
            exec,
            session,
            examples,
            rows,
            next,
            streams: &streams,
            step: state.step,
            work: space,
            notes,
            sums: Sums::default(),
            exploded: None,
            failed: None,
        };
        let rate = self.rate(state.step);
        let loss = state.optimizer.step(exec, rate, &mut state.params, &mut objective);
        if let Some(error) = objective.failed.take() {
            return Err(error.into());
        }
        if !loss.is_finite() {
            let what = objective.fault(&state.params.values);
            return Err(diverged(state.epoch + 1, state.batch + 1, what));
        }
        let sums = objective.sums;
        state.sums.loss += sums.loss;
        state.sums.score += sums.score;
        state.sums.count += sums.count;
        state.batch += 1;
        state.step += 1;
        Ok(())
    }

    /// Validates, keeps the best, and writes the epoch's record.
    fn end_epoch(&self, state: &mut State) -> Result<EpochRecord, TrainError> {
        let (session, params) = (self.session, &state.params.values);
        let fail = |what| diverged(state.epoch + 1, state.batch, what);
        if !reduce::all_finite(self.exec, params) {
            return Err(fail(fault(&session.network, params, None, None)));
        }
        let valid = &session.valid;
        let validation =
            (!valid.is_empty()).then(|| session.score(self.exec, params, valid)).transpose()?;
        if validation.is_some_and(|(loss, _)| !loss.is_finite()) {
            return Err(fail(session.fault_on(self.exec, params, valid)?));
        }
        let count = state.sums.count.max(1) as f64;
        state.epoch += 1;
        let improved = match validation {
            Some((loss, score)) => self.keep_best(state, loss, score),
            None => false,
        };
        state.waited = if improved || validation.is_none() { 0 } else { state.waited + 1 };
        let record = EpochRecord {
            epoch: state.epoch,
            learning_rate: self.rate(state.step.saturating_sub(1)),
            loss: state.sums.loss / count,
            score: self.session.unit(state.sums.score / count),
            val_loss: validation.map(|(loss, _)| loss),
            val_score: validation.map(|(_, score)| score),
            improved,
        };
        state.history.push(record.clone());
        (state.batch, state.sums) = (0, Sums::default());
        Ok(record)
    }

    /// The best epoch has the lowest validation loss: it moves with every example, where the accuracy of a small
    /// part jumps and ties, and it favours probabilities that mean what they say.
    fn keep_best(&self, state: &mut State, loss: f64, score: f64) -> bool {
        let better = state.best.as_ref().is_none_or(|best| loss < best.loss);
        if better {
            let values = state.params.values.clone();
            state.best = Some(Best { epoch: state.epoch, loss, score, values });
        }
        better
    }
}

fn diverged(epoch: u32, batch: usize, what: String) -> TrainError {
    TrainError::Diverged { epoch, batch, what }
}

/// Asks every callback, even after one said stop.
fn tell(callbacks: &mut [&mut dyn Callback], ask: impl Fn(&mut dyn Callback) -> Flow) -> bool {
    callbacks.iter_mut().fold(false, |stop, c| (ask(&mut **c) == Flow::Stop) | stop)
}

/// Buffers of a step.
struct StepWork {
    space: Workspace,
    notes: Notes,
    /// Only where training rows are changed.
    rooms: Option<Rooms>,
}

impl StepWork {
    fn new(trainer: &Trainer<'_>) -> StepWork {
        let (session, size) = (trainer.session, trainer.batch_size());
        let changes = !session.config.augment.is_none();
        StepWork {
            space: session.network.workspace(size),
            notes: Notes::new(size),
            rooms: changes.then(|| Rooms::new(trainer.exec, &session.encoded)),
        }
    }
}
