//! ONNX, safetensors and JSON exports of a trained model.
//!
//! An [`Exporter`] turns a [`Model`] into bytes; writing them somewhere is someone else's job. The bytes are a
//! function of the model alone. What each format holds is told at [`Onnx`], [`Safetensors`] and [`Json`].
//!
//! ```
//! use mlp_export::Format;
//! # use mlp_export::model::data::pipeline::Encoder;
//! # use mlp_export::model::data::{Field, Kind, Pipeline, Schema, TargetCoding};
//! # use mlp_export::model::tensor::{Activation, Streams};
//! # use mlp_export::model::{Model, NetworkSpec, Task, TrainRecord};
//! # let field = |name: &str| Field { name: name.into(), kind: Kind::Number };
//! # let scale = Encoder::Number { median: 0.0, mean: 0.0, deviation: 1.0, indicator: false };
//! # let pipeline = Pipeline {
//! #     schema: Schema { fields: vec![field("length"), field("width")] },
//! #     encoders: vec![scale.clone(), scale],
//! #     target: TargetCoding::Classes { name: "kind".into(), labels: vec!["a".into(), "b".into()] },
//! #     dropped: Vec::new(),
//! #     columns: Vec::new(),
//! #     picture: None,
//! #     projection: None,
//! # };
//! # let network = NetworkSpec::mlp(2, &[6], Activation::Relu, 0.0, 1).build()?;
//! # let values = network.init(&Streams::new(1)).values;
//! // From a file: `Model::load(path)`. This one has 2 inputs, 6 hidden nodes and 1 output.
//! let model = Model::new(pipeline, network, values, Task::Binary, TrainRecord::default())?;
//! for format in Format::ALL {
//!     let exporter = format.exporter();
//!     let bytes = exporter.export(&model)?;
//!     println!("model.{}: {} bytes", exporter.extension(), bytes.len());
//! }
//! assert_eq!("onnx".parse::<Format>()?, Format::Onnx);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod describe;
mod error;
mod json;
mod layout;
mod onnx;
mod protobuf;
mod safetensors;

pub use error::ExportError;
pub use json::Json;
pub use mlp_model as model;
pub use onnx::Onnx;
pub use safetensors::Safetensors;

use mlp_model::Model;
use std::fmt;
use std::str::FromStr;

/// The seam for formats.
pub trait Exporter {
    /// The word for it on the command line.
    fn name(&self) -> &'static str;

    /// The ending of its files, without the dot.
    fn extension(&self) -> &'static str;

    /// The bytes of the file.
    ///
    /// # Errors
    /// If the format cannot hold the model.
    fn export(&self, model: &Model) -> Result<Vec<u8>, ExportError>;
}

/// The formats of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// See [`Onnx`].
    Onnx,
    /// See [`Safetensors`].
    Safetensors,
    /// See [`Json`].
    Json,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: [Format; 3] = [Format::Onnx, Format::Safetensors, Format::Json];

    /// What writes it.
    pub fn exporter(self) -> &'static dyn Exporter {
        match self {
            Format::Onnx => &Onnx,
            Format::Safetensors => &Safetensors,
            Format::Json => &Json,
        }
    }

    /// The word for it on the command line.
    pub fn name(self) -> &'static str {
        self.exporter().name()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = ExportError;

    /// By its word, in any case.
    fn from_str(word: &str) -> Result<Format, ExportError> {
        let found = Format::ALL.into_iter().find(|f| f.name().eq_ignore_ascii_case(word));
        found.ok_or_else(|| ExportError::UnknownFormat { word: word.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(format.name().parse::<Format>().unwrap(), format);
            assert_eq!(format.to_string().to_uppercase().parse::<Format>().unwrap(), format);
        }
    }

    #[test]
    fn a_wrong_name_is_told_the_right_ones() {
        let message = "keras".parse::<Format>().unwrap_err().to_string();
        for part in ["keras", "onnx", "safetensors", "json"] {
            assert!(message.contains(part), "{message}");
        }
    }
}
