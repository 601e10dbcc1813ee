//! Multilayer perceptrons: parameters, layers, losses, networks, the model file and prediction.
//!
//! A network is a list of layers over one flat vector of parameters. `forward` and `backward` are pure functions
//! over slices; nothing here can fail once a network is built, and only [`file`] touches the disk.
//!
//! ```
//! use mlp_model::tensor::{Activation, Exec, Streams};
//! use mlp_model::{Mode, NetworkSpec};
//!
//! let exec = Exec::serial();
//! // The tutorial's network: 4 inputs, two hidden layers of 6 nodes, one output.
//! let network = NetworkSpec::mlp(4, &[6, 6], Activation::Tanh, 0.0, 1).build()?;
//! let params = network.init(&Streams::new(1));
//! let mut work = network.workspace(1);
//! let y = network.forward(&exec, &params.values, &[0.5, -1.0, 0.25, 2.0], 1, Mode::Infer, &mut work);
//! assert_eq!(y.len(), 1);
//! # Ok::<(), mlp_model::ModelError>(())
//! ```

mod codec;
pub mod container;
mod error;
pub mod file;
mod init;
pub mod layer;
mod loss;
mod model;
mod network;
mod params;
mod predict;
mod record;
pub mod reference;
mod spec;
mod task;

pub use codec::{decode, encode};
pub use error::ModelError;
pub use layer::{Layer, Mode, Pass};
pub use loss::{Logistic, Loss, SoftmaxCrossEntropy, SquaredError};
pub use mlp_data as data;
pub use mlp_tensor as tensor;
pub use model::Model;
pub use network::{Network, Workspace};
pub use params::{Params, Slot};
pub use predict::Prediction;
pub use record::{EpochRecord, Score, TrainRecord};
pub use spec::{LayerSpec, MAX_PARAMETERS, NetworkSpec};
pub use task::Task;
