//! The one error of this crate.

use std::path::PathBuf;

/// What can be wrong with a model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Bytes that are no model, or a damaged one.
    #[error("byte {at}: {what}")]
    Malformed {
        /// Offset in the file.
        at: usize,
        /// What is wrong and what to do.
        what: String,
    },
    /// A network or model that cannot be built, used or written as asked.
    #[error("{what}")]
    Network {
        /// What is wrong.
        what: String,
    },
    /// Inputs that do not suit the model.
    #[error(transparent)]
    Data(#[from] mlp_data::DataError),
}

impl ModelError {
    /// Shorthand for [`ModelError::Malformed`].
    pub fn malformed(at: usize, what: impl Into<String>) -> ModelError {
        ModelError::Malformed { at, what: what.into() }
    }
}
