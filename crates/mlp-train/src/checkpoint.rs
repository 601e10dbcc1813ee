//! A state as bytes and back: the file `last.ckpt`. Same envelope as the model file.

use crate::{Best, Prepared, State, Sums, TrainError};
use mlp_model::container::{self, Section};
use mlp_model::{EpochRecord, ModelError, Params, decode, encode};
use serde::{Deserialize, Serialize};

/// The metadata section.
#[derive(Serialize, Deserialize)]
struct Meta {
    fingerprint: [u8; 32],
    config: Vec<(String, String)>,
    setup: String,
    epoch: u32,
    batch: u64,
    step: u32,
    sums: Sums,
    best: Option<(u32, f64, f64)>,
    waited: u32,
    history: Vec<EpochRecord>,
    finished: bool,
    optimizer_steps: u32,
    optimizer_vectors: u32,
}

/// Tags of the optimizer's vectors.
const VECTORS: [&str; 4] = ["opt0", "opt1", "opt2", "opt3"];

impl State {
    /// The bytes of a checkpoint: a function of the state and the session alone.
    ///
    /// # Errors
    /// [`TrainError::Model`] if the metadata are too large to be written.
    pub fn to_bytes(&self, session: &Prepared) -> Result<Vec<u8>, TrainError> {
        let (optimizer_steps, vectors) = self.optimizer.state();
        let meta = encode(&Meta {
            fingerprint: session.fingerprint,
            config: session.config.words(),
            setup: session.setup.clone(),
            epoch: self.epoch,
            batch: self.batch as u64,
            step: self.step,
            sums: self.sums,
            best: self.best.as_ref().map(|best| (best.epoch, best.loss, best.score)),
            waited: self.waited,
            history: self.history.clone(),
            finished: self.finished,
            optimizer_steps,
            optimizer_vectors: vectors.len() as u32,
        })?;
        let params = container::float_bytes(&self.params.values);
        let best = self.best.as_ref().map(|best| container::float_bytes(&best.values));
        let vectors: Vec<Vec<u8>> = vectors.into_iter().map(container::float_bytes).collect();
        let mut sections =
            vec![Section { tag: "state", bytes: &meta }, Section { tag: "params", bytes: &params }];
        sections.extend(best.as_ref().map(|bytes| Section { tag: "best", bytes }));
        for (tag, bytes) in VECTORS.into_iter().zip(&vectors) {
            sections.push(Section { tag, bytes });
        }
        Ok(container::write(&sections))
    }

    /// Reads a checkpoint of the same data and configuration. Any bytes give a state that can go on, or an error, in
    /// memory bounded by their number.
    ///
    /// # Errors
    /// [`TrainError::Resume`] if data, options or split differ from those of the checkpoint; [`TrainError::Model`]
    /// with the byte for anything that [`State::to_bytes`] does not write.
    pub fn from_bytes(bytes: &[u8], session: &Prepared) -> Result<State, TrainError> {
        let sections = container::read(bytes)?;
        let (meta, at) = sections.get("state")?;
        let meta: Meta = decode(meta, at)?;
        belongs(&meta, session)?;
        let wrong = |what: &str| TrainError::from(ModelError::malformed(at, what));
        consistent(&meta, session).map_err(wrong)?;
        let size = session.network.parameters();
        let floats = |tag: &str| -> Result<Vec<f32>, TrainError> {
            let values = sections.floats(tag)?;
            let finite = values.iter().all(|v| v.is_finite());
            if values.len() == size && finite {
                return Ok(values);
            }
            let what = format!("the section `{tag}` does not hold {size} finite numbers");
            Err(wrong(&what))
        };
        let slots = session.network.slots().to_vec();
        let mut state = session.state_of(Params { values: floats("params")?.into(), slots });
        let tags = VECTORS.iter().take(meta.optimizer_vectors as usize);
        let vectors = tags.map(|tag| floats(tag)).collect::<Result<Vec<_>, _>>()?;
        if !state.optimizer.restore(meta.optimizer_steps, vectors) {
            return Err(wrong("the optimizer's vectors do not fit"));
        }
        (state.epoch, state.batch, state.step) = (meta.epoch, meta.batch as usize, meta.step);
        (state.sums, state.waited, state.history) = (meta.sums, meta.waited, meta.history);
        state.finished = meta.finished;
        if let Some((epoch, loss, score)) = meta.best {
            state.best = Some(Best { epoch, loss, score, values: floats("best")?.into() });
        }
        Ok(state)
    }
}

/// Whether a checkpoint was written by a training of the same data, options and parts.
fn belongs(meta: &Meta, session: &Prepared) -> Result<(), TrainError> {
    let refuse = |what: String| Err(TrainError::Resume { what });
    if meta.fingerprint != session.fingerprint {
        return refuse(
            "the data are not those this training was started on: restore them, or train anew into another \
             folder with --out"
                .into(),
        );
    }
    let now = session.config.words();
    if let Some((then, now)) = meta.config.iter().zip(&now).find(|(then, now)| then != now) {
        return refuse(format!(
            "the training was started with {} = {}, now it is {} = {}: leave the option as it was, or train anew \
             into another folder with --out",
            then.0, then.1, now.0, now.1
        ));
    }
    if let Some((name, value)) = meta.config.get(now.len()).or(now.get(meta.config.len())) {
        let given = meta.config.len() < now.len();
        return refuse(format!(
            "the training was started with{} {name} = {value}, now it is {}: leave the option as it was, or train \
             anew into another folder with --out",
            if given { "out" } else { "" },
            if given { "given" } else { "not" },
        ));
    }
    if meta.config.len() != now.len() {
        return refuse(
            "the options are not those of this version of the program: train anew".into(),
        );
    }
    if meta.setup != session.setup {
        return refuse(
            "the rows are divided into training, validation and test part, or preprocessed, otherwise than when this \
             training was started: leave --valid, --test and the options of the data as they were"
                .into(),
        );
    }
    Ok(())
}

/// Whether the counters are such as a training comes to.
fn consistent(meta: &Meta, session: &Prepared) -> Result<(), &'static str> {
    let pace = session.config.pace(session.train.len());
    let steps = u64::from(meta.epoch) * pace.steps_per_epoch + meta.batch;
    let place = meta.batch < pace.steps_per_epoch
        && u64::from(meta.epoch) <= pace.epochs
        && (meta.finished || u64::from(meta.epoch) < pace.epochs)
        && !(meta.finished && meta.batch > 0);
    // A closed-form fit is finished without a step.
    if !place || u64::from(meta.step) != steps || meta.optimizer_steps != meta.step {
        return Err("epoch, batch and step do not agree");
    }
    let epochs = meta.history.iter().zip(1..);
    if meta.history.len() != meta.epoch as usize || epochs.into_iter().any(|(h, n)| h.epoch != n) {
        return Err("the history does not hold one record an epoch");
    }
    let validated = meta.epoch > 0 && !session.valid.is_empty();
    let best = match meta.best {
        Some((epoch, loss, score)) => {
            let age = meta.epoch.checked_sub(epoch);
            epoch > 0 && age == Some(meta.waited) && loss.is_finite() && score.is_finite()
        }
        None => meta.waited == 0,
    };
    if meta.best.is_some() != validated || !best {
        return Err("the best epoch is none of the history");
    }
    Ok(())
}
