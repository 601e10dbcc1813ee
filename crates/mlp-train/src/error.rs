//! The one error of this crate.

use mlp_model::ModelError;
use mlp_model::data::DataError;

/// What can go wrong in training.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A hyper-parameter outside its range.
    #[error("{name} = {value}: {rule}")]
    Config {
        /// The flag or key.
        name: &'static str,
        /// What was given.
        value: String,
        /// What it must be.
        rule: String,
    },
    /// The loss or a weight stopped being a number.
    #[error(
        "training diverged in epoch {epoch}, batch {batch}: {what}; nothing broken was saved. Lower --learning-rate, \
         or set --clip 1"
    )]
    Diverged {
        /// From 1.
        epoch: u32,
        /// From 1.
        batch: usize,
        /// The layer, and what in it.
        what: String,
    },
    /// A checkpoint that does not belong to this data or configuration.
    #[error("{what}")]
    Resume {
        /// What differs, and what to do.
        what: String,
    },
    /// A closed-form fit that cannot be made.
    #[error("{what}")]
    Exact {
        /// Why, and what to do.
        what: String,
    },
    /// The data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The network or its file.
    #[error(transparent)]
    Model(#[from] ModelError),
}
