//! The one error of this crate.

/// Why a model cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A word that names no format.
    #[error("there is no export format `{word}`: use onnx, safetensors or json")]
    UnknownFormat {
        /// As it was given.
        word: String,
    },
    /// The format cannot hold a file this large.
    #[error(
        "the {format} file would have {bytes} bytes and the format holds at most {limit}: \
         use another format, or a smaller network"
    )]
    TooLarge {
        /// The format's name.
        format: &'static str,
        /// What the file would need.
        bytes: u64,
        /// What the format allows.
        limit: u64,
    },
    /// The projection of the inputs cannot be made a layer of the network.
    #[error("the principal components cannot be made a layer of the network: {0}")]
    Projection(#[from] mlp_model::ModelError),
    /// The model's parts cannot be written as JSON text.
    #[error("the model cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}
