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
    /// The bytes of a checkpoint.
    pub fn to_bytes(&self, session: &Prepared) -> Result<Vec<u8>, TrainError> {
        let (optimizer_steps, vectors) = self.optimizer.state();
        let meta = encode(&Meta {
            fingerprint: session.fingerprint,
            config: session.config.words(),
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
        let mut sections = vec![
            Section { tag: "state", bytes: &meta },
            Section { tag: "params", bytes: &params },
        ];
        sections.extend(best.as_ref().map(|bytes| Section { tag: "best", bytes }));
        for (tag, bytes) in VECTORS.into_iter().zip(&vectors) {
            sections.push(Section { tag, bytes });
        }
        Ok(container::write(&sections))
    }

    /// Reads a checkpoint of the same data and configuration.
    pub fn from_bytes(bytes: &[u8], session: &Prepared) -> Result<State, TrainError> {
        let sections = container::read(bytes)?;
        let (meta, at) = sections.get("state")?;
        let meta: Meta = decode(meta, at)?;
        belongs(&meta, session)?;
        let wrong = |what: &str| TrainError::from(ModelError::malformed(at, what));
        let size = session.network.parameters();
        let floats = |tag: &str| -> Result<Vec<f32>, TrainError> {
            let values = sections.floats(tag)?;
            let finite = values.iter().all(|v| v.is_finite());
            if values.len() == size && finite { Ok(values) } else { Err(wrong("wrong sizes or values")) }
        };
        let slots = session.network.slots().to_vec();
        let mut state = session.state_of(Params { values: floats("params")?, slots });
        let tags = VECTORS.iter().take(meta.optimizer_vectors as usize);
        let vectors = tags.map(|tag| floats(tag)).collect::<Result<Vec<_>, _>>()?;
        if !state.optimizer.restore(meta.optimizer_steps, vectors) {
            return Err(wrong("the optimizer's vectors do not fit"));
        }
        let pace = session.config.pace(session.train.len());
        let fits = meta.batch < pace.steps_per_epoch
            && u64::from(meta.epoch) <= pace.epochs
            && meta.history.len() == meta.epoch as usize;
        if !fits {
            return Err(wrong("epoch or batch lie outside of the training"));
        }
        (state.epoch, state.batch, state.step) = (meta.epoch, meta.batch as usize, meta.step);
        (state.sums, state.waited, state.history) = (meta.sums, meta.waited, meta.history);
        state.finished = meta.finished;
        if let Some((epoch, loss, score)) = meta.best {
            state.best = Some(Best { epoch, loss, score, values: floats("best")? });
        }
        Ok(state)
    }
}

fn belongs(meta: &Meta, session: &Prepared) -> Result<(), TrainError> {
    if meta.fingerprint != session.fingerprint {
        let what = "the data is not what this training was started on; restore it, or train anew with another --out";
        return Err(TrainError::Resume { what: what.into() });
    }
    let now = session.config.words();
    let differs = meta.config.iter().zip(&now).find(|(then, now)| then != now);
    match differs {
        Some((then, now)) => Err(TrainError::Resume {
            what: format!(
                "the training was started with {} = {}, now it is {} = {}; leave the option as it was",
                then.0, then.1, now.0, now.1
            ),
        }),
        None if meta.config.len() != now.len() => Err(TrainError::Resume {
            what: "the checkpoint's options are not those of this version of the program".into(),
        }),
        None => Ok(()),
    }
}
