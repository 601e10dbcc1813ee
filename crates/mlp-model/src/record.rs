//! How a model came about: enough to make it again, nothing that differs between equal runs (no
//! times, no paths, no name of the data's file or folder).

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A named figure, such as `accuracy`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The metric.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// One epoch of training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: u32,
    /// Learning rate at its last step.
    pub learning_rate: f32,
    /// Mean training loss over the epoch, as it was while the weights moved.
    pub loss: f64,
    /// Accuracy, or root mean squared error in the target's unit, likewise.
    pub score: f64,
    /// Mean validation loss after the epoch, where there is a validation part.
    pub val_loss: Option<f64>,
    /// Accuracy or RMSE on the validation part.
    pub val_score: Option<f64>,
    /// Whether it was the best so far.
    pub improved: bool,
}

/// The training record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainRecord {
    /// Version of the program.
    pub version: String,
    /// The seed of all random streams.
    pub seed: u64,
    /// SHA-256 of the data's contents.
    pub fingerprint: [u8; 32],
    /// Training examples of each class or with each label, in the order of the labels; empty for regression.
    pub class_counts: Vec<u64>,
    /// Examples that trained, validated, tested.
    pub examples: [u64; 3],
    /// The options that shape the model, resolved, as words of the command line.
    pub config: Vec<(String, String)>,
    /// All epochs that ran.
    pub history: Vec<EpochRecord>,
    /// The epoch whose weights these are, from 1; 0 for a closed-form fit.
    pub best_epoch: u32,
    /// Scores on the test part, or on the validation part where there is no test part.
    pub scores: Vec<Score>,
}

impl TrainRecord {
    /// The options by their words; the values of one that was given several times with `, ` between them.
    pub fn options(&self) -> BTreeMap<&str, String> {
        let mut options: BTreeMap<&str, String> = BTreeMap::new();
        for (word, value) in &self.config {
            let known = options.entry(word).or_default();
            if !known.is_empty() {
                known.push_str(", ");
            }
            known.push_str(value);
        }
        options
    }
}
