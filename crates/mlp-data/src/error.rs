//! The one error of this crate.

use std::path::{Path, PathBuf};

/// What can be wrong with data. Every variant says where, and its message what to do.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file or folder cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file's contents are not what its format demands.
    #[error("{path}: {place}: {what}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Row, line, byte or field.
        place: String,
        /// What is wrong and what to do.
        what: String,
    },
    /// The data as a whole cannot be used as asked.
    #[error("{what}")]
    Unusable {
        /// What is wrong and what to do.
        what: String,
    },
}

impl DataError {
    /// [`DataError::Io`] at a path.
    pub(crate) fn io(path: &Path, source: std::io::Error) -> DataError {
        DataError::Io { path: path.to_path_buf(), source }
    }
    /// [`DataError::Malformed`] at a place of a file.
    pub(crate) fn malformed(
        path: &Path,
        place: impl Into<String>,
        what: impl Into<String>,
    ) -> DataError {
        DataError::Malformed { path: path.to_path_buf(), place: place.into(), what: what.into() }
    }
    /// [`DataError::Unusable`].
    pub(crate) fn unusable(what: impl Into<String>) -> DataError {
        DataError::Unusable { what: what.into() }
    }
}
