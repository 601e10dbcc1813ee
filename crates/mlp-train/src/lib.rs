//! Training: configuration, loop, optimizers, schedules, callbacks, metrics, checkpoints, closed-form fits.
//!
//! [`prepare`] turns a data set and a [`Config`] into a [`Prepared`] session; [`Trainer::run`] moves a [`State`]
//! until it is done or a [`Callback`] says stop; a state written with [`State::to_bytes`] goes on where it was, to the
//! same bits. Nothing here prints, reads a clock or touches the disk.
//!
//! ```
//! use mlp_train::model::data::{OpenOptions, Part, Plan, Quiet, Split, open};
//! use mlp_train::model::tensor::Exec;
//! use mlp_train::{Config, Trainer, prepare};
//!
//! let exec = Exec::serial();
//! let data = open(&exec, "iris", &OpenOptions::default(), &Quiet)?;
//! let split = Split::new(&data, 0.2, 0.2, 7)?;
//! let config = Config { hidden: vec![16], learning_rate: Some(0.01), seed: 7, ..Config::default() };
//! let session = prepare(&data, &split, &Plan::default(), config)?;
//! let mut state = session.start();
//! Trainer { exec: &exec, session: &session }.run(&mut state, &mut [])?;
//! let model = session.model(&state)?;
//! let test = session.evaluate(&exec, &model, Part::Test)?;
//! assert!(test.score("accuracy").unwrap_or(0.0) > 0.8);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod baseline;
mod callback;
mod checkpoint;
mod config;
mod descent;
mod error;
mod exact;
mod gradcheck;
mod importance;
mod metrics;
mod objective;
mod optimizer;
mod schedule;
mod session;
mod state;
mod team_size;
mod trainer;
mod units;

pub use baseline::{linear, majority_or_mean};
pub use callback::{Callback, Flow, Seen};
pub use config::{Checked, ClassWeights, Config, OptimizerKind};
pub use descent::{LinearDescent, descend};
pub use error::TrainError;
pub use exact::{Coefficient, DescentFit, ExactFit};
pub use gradcheck::{
    DirectionCheck, GradientCheck, ParameterCheck, SlotCheck, check_gradient, network_gradient,
};
pub use importance::{Importance, permutation_importance, sample};
pub use metrics::{Confusion, Evaluation, LabelFigures, evaluate, evaluate_answers};
pub use mlp_model as model;
pub use optimizer::{Adam, Objective, Optimizer, Sgd, Steps};
pub use schedule::{Pace, Schedule};
pub use session::{Prepared, prepare};
pub use state::{Best, State, Sums};
pub use team_size::TeamSize;
pub use trainer::{Ended, Trainer};
pub use units::{LayerUnits, WeightStatistics, layer_units, weight_statistics};
