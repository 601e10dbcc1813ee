//! Where a training stands: everything that must survive an interruption.

use crate::Optimizer;
use mlp_model::tensor::Values;
use mlp_model::{EpochRecord, Params};
use serde::{Deserialize, Serialize};

/// The best epoch so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// From 1.
    pub epoch: u32,
    /// Validation loss.
    pub loss: f64,
    /// Validation score.
    pub score: f64,
    /// The parameters after it.
    pub values: Values,
}

/// Running sums of the epoch under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// Of the losses.
    pub loss: f64,
    /// Right answers, or squared errors in the scaled unit.
    pub score: f64,
    /// Examples.
    pub count: u64,
}

/// A training between two steps.
#[derive(Debug)]
pub struct State {
    /// Epochs done.
    pub epoch: u32,
    /// Batches done in the epoch under way.
    pub batch: usize,
    /// Steps done.
    pub step: u32,
    /// The parameters.
    pub params: Params,
    /// Its own state with it.
    pub optimizer: Box<dyn Optimizer>,
    /// Of the epoch under way.
    pub sums: Sums,
    /// The best epoch, where there is a validation part.
    pub best: Option<Best>,
    /// Epochs since the best.
    pub waited: u32,
    /// Epochs done.
    pub history: Vec<EpochRecord>,
    /// Whether training is over: all epochs, or patience.
    pub finished: bool,
}

impl State {
    /// The parameters to use: those of the best epoch, else the present ones.
    pub fn values(&self) -> &[f32] {
        self.best.as_ref().map_or(&self.params.values, |best| &best.values)
    }

    /// The epoch whose parameters these are, from 1.
    pub fn best_epoch(&self) -> u32 {
        self.best.as_ref().map_or(self.epoch, |best| best.epoch)
    }
}
