//! Multilayer perceptrons: parameters, layers, losses, networks, the model file and prediction.
//!
//! A network is a list of layers over one flat vector of parameters. `forward` and `backward` are
//! pure functions over slices; nothing here can fail once a network is built, and only [`mod@file`]
//! touches the disk.
//!
//! ```
//! use mlp_model::data::Targets;
//! use mlp_model::tensor::{Activation, Exec, Streams};
//! use mlp_model::{Mode, ModelError, NetworkSpec, Task};
//!
//! let (exec, streams) = (Exec::serial(), Streams::new(1));
//! // The tutorial's network: 4 inputs, two hidden layers of 6 nodes, one output.
//! let network = NetworkSpec::mlp(4, &[6, 6], Activation::Tanh, 0.0, 1).build()?;
//! let mut params = network.init(&streams);
//! let loss = Task::Binary.loss(2, None);
//! // Two examples, one after the other, and their classes.
//! let x = [0.5, -1.0, 0.25, 2.0, 1.0, 0.0, -0.5, 0.75];
//! let targets = Targets::Classes(vec![0, 1]);
//!
//! let mut work = network.workspace(2);
//! let mut gradient = vec![0.0; network.parameters()];
//! let mut losses = Vec::new();
//! for step in 0..100 {
//!     network.forward(&exec, &params.values, &x, 2, Mode::Train(&streams, step), &mut work);
//!     let (z, dz) = network.logits_and_gradient(&mut work);
//!     losses.push(loss.sum_and_grad(&exec, z, &targets, 0.5, dz));
//!     network.backward(&exec, &params.values, &mut work, &mut gradient);
//!     params.values.iter_mut().zip(&gradient).for_each(|(w, dw)| *w -= 0.5 * dw);
//! }
//! assert!(losses[99] < 0.1 * losses[0]);
//!
//! let z = network.forward(&exec, &params.values, &x, 2, Mode::Infer, &mut work);
//! assert!(z[0] < 0.0 && z[1] > 0.0);
//! # Ok::<(), ModelError>(())
//! ```

mod codec;
pub mod container;
mod error;
pub mod explain;
pub mod file;
mod init;
pub mod layer;
mod loss;
mod model;
mod network;
mod params;
pub mod pass;
mod predict;
mod record;
pub mod reference;
mod rows;
mod spec;
mod task;
mod unfold;

pub use codec::{Print, decode, encode};
pub use error::ModelError;
pub use layer::{Descent, Sink};
pub use layer::{Layer, Mode, Pass};
pub use loss::{
    LabelLogistic, Logistic, Loss, SoftmaxCrossEntropy, SquaredError, sum as sum_of_losses,
};
pub use mlp_data as data;
pub use mlp_tensor as tensor;
pub use model::Model;
pub use network::Network;
pub use params::{Params, Slot};
pub use pass::Workspace;
pub use predict::{Prediction, argmax};
pub use record::{EpochRecord, Score, TrainRecord};
pub use rows::RowNetwork;
pub use spec::{LayerSpec, MAX_PARAMETERS, NetworkSpec};
pub use task::Task;
