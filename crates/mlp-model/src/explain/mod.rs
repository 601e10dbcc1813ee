//! What a network computes, made visible: its equations, a pass number by number, one step of
//! training whole, how much every input contributes to an answer, and examples that it takes for
//! alike. Everything here is data or one line of text; how it is laid out is for the caller.
//!
//! ```
//! use mlp_model::explain::{Equations, Trace, integrated_gradients};
//! use mlp_model::reference::{Nodes, Reference};
//! use mlp_model::tensor::Activation;
//!
//! let nodes = Nodes {
//!     weights: vec![vec![0.5, -0.25]],
//!     biases: vec![0.125],
//!     activation: Activation::Identity,
//! };
//! let network = Reference { layers: vec![nodes] };
//! let equation = Equations::of(&network).equation(0, 0);
//! assert_eq!(equation.symbols, "y = w1·x1 + w2·x2 + b");
//! assert_eq!(equation.numbers, "y = 0.5000·x1 − 0.2500·x2 + 0.1250");
//!
//! let trace = Trace::new(&network, &[3.0, 2.0], 4);
//! assert_eq!(trace.layers[0].y[0].to_string(), "1.1250");
//!
//! let parts = integrated_gradients(&network, &[3.0, 2.0], &[0.0, 0.0], &[1.0]);
//! assert_eq!(parts.base, 0.125);
//! assert_eq!(parts.contributions, [1.5, -0.5]);
//! ```

mod answer;
mod collapse;
mod decimal;
mod equations;
mod integrated;
mod nearest;
mod step;
mod trace;

pub use answer::{Asked, Contribution, Explainer, Explanation, baseline};
pub use decimal::Decimal;
pub use equations::{Equation, Equations};
pub use integrated::{Attribution, TOLERANCE, integrated_gradients};
pub use nearest::{Neighbour, last_hidden, nearest};
pub use step::{LayerStep, TraceStep};
pub use trace::{Term, Trace, TracedLayer};
