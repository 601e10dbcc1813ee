//! The training loop. Everything else is a callback.

use crate::{Best, Callback, Flow, Objective, Prepared, Seen, State, Sums, TrainError};
use mlp_model::data::{Batch, Examples, Targets};
use mlp_model::tensor::{Exec, Purpose, Streams, reduce};
use mlp_model::{EpochRecord, LayerSpec, Loss, Mode, Network, Task, Workspace};

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
            let batches = order.chunks(self.batch_size()).enumerate().skip(state.batch);
            for (_, rows) in batches {
                self.step(state, rows, &mut work)?;
                let stop = tell(callbacks, |c| c.batch_end(self.seen(state, None)));
                // A stop after the last batch waits for the end of the epoch, where the state is whole.
                if stop && state.batch < self.batches() {
                    return Ok(Ended::Stopped);
                }
            }
            let record = self.end_epoch(state)?;
            let early = config.patience > 0 && state.waited >= config.patience;
            state.finished = early || state.epoch >= config.epochs.unwrap_or(0);
            let stop = tell(callbacks, |c| c.epoch_end(self.seen(state, Some(&record))));
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
        state: &mut State,
        rows: &[usize],
        work: &mut StepWork,
    ) -> Result<(), TrainError> {
        let session = self.session;
        session.encoded.fill(self.exec, rows, &mut work.batch)?;
        let streams = Streams::new(session.config.seed);
        let mut objective = BatchObjective {
            exec: self.exec,
            network: &session.network,
            task: session.task,
            loss: &*session.loss,
            batch: &work.batch,
            mode: Mode::Train(&streams, state.step),
            work: &mut work.space,
            sums: Sums::default(),
        };
        let rate = self.rate(state.step);
        let loss = state.optimizer.step(self.exec, rate, &mut state.params, &mut objective);
        let sums = objective.sums;
        if !loss.is_finite() {
            return Err(self.diverged(state, rows.len(), &work.space));
        }
        state.sums.loss += sums.loss;
        state.sums.score += sums.score;
        state.sums.count += sums.count;
        state.batch += 1;
        state.step += 1;
        Ok(())
    }

    /// Validates, keeps the best, and writes the epoch's record.
    fn end_epoch(&self, state: &mut State) -> Result<EpochRecord, TrainError> {
        if !reduce::all_finite(self.exec, &state.params.values) {
            let space = self.session.network.workspace(0);
            return Err(self.diverged(state, 0, &space));
        }
        let valid = &self.session.valid;
        let validation = (!valid.is_empty())
            .then(|| self.session.score(self.exec, &state.params.values, valid))
            .transpose()?;
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

    /// A better epoch has a higher accuracy or, that being equal, a lower loss; for numbers a lower loss.
    fn keep_best(&self, state: &mut State, loss: f64, score: f64) -> bool {
        let better = match &state.best {
            None => true,
            Some(best) if self.session.task == Task::Regression => loss < best.loss,
            Some(best) => score > best.score || score == best.score && loss < best.loss,
        };
        if better {
            let values = state.params.values.clone();
            state.best = Some(Best { epoch: state.epoch, loss, score, values });
        }
        better
    }

    /// Names the first layer whose weights, or else whose outputs, are not finite.
    fn diverged(&self, state: &State, count: usize, space: &Workspace) -> TrainError {
        let network = &self.session.network;
        let bad = |values: &[f32]| values.iter().any(|v| !v.is_finite());
        let dense = |layer: &usize| {
            matches!(network.spec().layers[*layer], LayerSpec::Dense { .. })
        };
        let layers = 0..network.layers().len();
        let weights = layers.clone().find(|&l| bad(&state.params.values[network.range(l)]));
        let outputs =
            || layers.clone().filter(dense).find(|&l| bad(network.output(l, space)));
        let number = |layer: usize| layers.clone().filter(dense).filter(|&l| l <= layer).count();
        let what = match weights {
            Some(layer) => format!("a weight of layer {} is not a finite number", number(layer)),
            None => match outputs() {
                Some(layer) => format!("an output of layer {} is not a finite number", number(layer)),
                None => format!("the loss after layer {} is not a finite number", number(usize::MAX)),
            },
        };
        TrainError::Diverged { epoch: state.epoch + 1, batch: state.batch + 1, what }
    }
}

/// Asks every callback, even after one said stop.
fn tell(
    callbacks: &mut [&mut dyn Callback],
    ask: impl Fn(&mut dyn Callback) -> Flow,
) -> bool {
    callbacks.iter_mut().fold(false, |stop, c| (ask(&mut **c) == Flow::Stop) | stop)
}

/// Buffers of a step.
struct StepWork {
    batch: Batch,
    space: Workspace,
}

impl StepWork {
    fn new(trainer: &Trainer<'_>) -> StepWork {
        let space = trainer.session.network.workspace(trainer.batch_size());
        StepWork { batch: Batch::new(), space }
    }
}

/// The mean loss of a batch, as a function of the parameters.
struct BatchObjective<'a> {
    exec: &'a Exec,
    network: &'a Network,
    task: Task,
    loss: &'a dyn Loss,
    batch: &'a Batch,
    mode: Mode<'a>,
    work: &'a mut Workspace,
    sums: Sums,
}

impl Objective for BatchObjective<'_> {
    fn eval(&mut self, params: &[f32], grad: &mut [f32]) -> f64 {
        let Batch { x, targets, count } = self.batch;
        let (exec, count, mode) = (self.exec, *count, self.mode);
        self.network.forward(exec, params, x, count, mode, self.work);
        let (z, dz) = self.network.logits_and_gradient(self.work);
        let score = hits(self.task, z, targets);
        let loss = self.loss.sum_and_grad(exec, z, targets, 1.0 / count as f32, dz);
        self.sums = Sums { loss, score, count: count as u64 };
        if loss.is_finite() {
            self.network.backward(exec, params, x, self.work, grad);
        }
        loss / count as f64
    }
}

/// Right answers, or the sum of squared errors in the scaled unit; added in rising example order.
pub(crate) fn hits(task: Task, z: &[f32], targets: &Targets) -> f64 {
    match (task, targets) {
        (Task::Regression, Targets::Numbers(t)) => {
            z.iter().zip(t).map(|(&z, &t)| (f64::from(z) - f64::from(t)).powi(2)).sum()
        }
        (Task::Binary, Targets::Classes(t)) => {
            z.iter().zip(t).filter(|&(&z, &t)| (z > 0.0) == (t == 1)).count() as f64
        }
        (Task::Multiclass, Targets::Classes(t)) if !t.is_empty() => {
            let top = |z: &[f32]| (1..z.len()).fold(0, |b, j| if z[j] > z[b] { j } else { b });
            let examples = z.chunks_exact(z.len() / t.len()).zip(t);
            examples.filter(|(z, t)| top(z) == **t as usize).count() as f64
        }
        _ => 0.0,
    }
}
