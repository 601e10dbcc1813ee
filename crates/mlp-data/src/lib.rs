//! Files to tables and pictures, to splits, to a fitted pipeline, to batches.
//!
//! Data flows once, in one direction: a [`Source`] yields [`Table`]s; a [`Dataset`] holds all rows
//! with their target; a [`Split`] assigns every row to a part; a [`Plan`] is fitted on the training
//! rows alone and gives a [`Pipeline`]; the pipeline encodes rows as [`Encoded`] numbers, of which
//! [`Examples`] fills batches.
//!
//! ```
//! use mlp_data::{Batch, Examples, OpenOptions, Part, Plan, Quiet, Split, open};
//! use mlp_tensor::Exec;
//!
//! # fn main() -> Result<(), mlp_data::DataError> {
//! let exec = Exec::serial();
//! let data = open(&exec, "iris", &OpenOptions::default(), &Quiet)?;
//! let split = Split::new(&data, 0.1, 0.2, 42)?;
//! let pipeline = Plan::default().fit_dataset(&data, &split)?;
//! let encoded = pipeline.encode(&data.table, &data.target)?;
//!
//! let rows = split.rows(Part::Train);
//! let mut batch = Batch::new();
//! encoded.fill(&exec, &rows[..32], &mut batch)?;
//! assert_eq!((batch.count, batch.x.len()), (32, 32 * 4));
//! assert_eq!(pipeline.input_names()[0], "sepal_length");
//! # Ok(())
//! # }
//! ```

pub mod augment;
pub mod cache;
pub mod csv;
pub mod dataset;
#[cfg(feature = "drawings")]
pub mod drawings;
pub mod embedded;
mod error;
pub mod examples;
pub mod features;
pub mod idx;
pub mod open;
#[cfg(feature = "image")]
pub mod picture;
pub mod pipeline;
pub mod plan;
pub mod playground;
mod rows;
pub mod source;
pub mod split;
pub mod table;
mod values;
mod words;

pub use augment::{Augment, Augmented, Rooms};
pub use dataset::{Dataset, Names, Skipped, Target, TaskHint};
pub use error::DataError;
pub use examples::{Batch, Encoded, Examples, Targets, TargetsView};
pub use features::{FeatureSet, Features, Hog};
pub use open::{Channels, OpenOptions, PictureOptions, Progress, Quiet, Resize, open};
pub use pipeline::{Encoder, Pipeline, TargetCoding};
pub use plan::{PixelScaling, Plan};
pub use playground::Playground;
pub use source::Source;
pub use split::{Part, Split, Train};
pub use table::{Column, Field, Kind, MISSING, PictureShape, Schema, Table};
pub use values::{Bytes, Values};
pub use words::nearest;
