//! What a network is asked: a number, one of two classes, one of many.

use crate::{Logistic, Loss, SoftmaxCrossEntropy, SquaredError};
use mlp_data::TargetCoding;
use serde::{Deserialize, Serialize};

/// The task decides the outputs and the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// A number: one linear output, squared error.
    Regression,
    /// Two classes: one logistic output, the probability of the second; cross-entropy on the logit.
    Binary,
    /// More classes: one output each, softmax; cross-entropy on the logits.
    Multiclass,
}

impl Task {
    /// The task that suits a target.
    pub fn of(target: &TargetCoding) -> Task {
        match target {
            TargetCoding::Number { .. } => Task::Regression,
            TargetCoding::Classes { labels, .. } if labels.len() <= 2 => Task::Binary,
            TargetCoding::Classes { .. } => Task::Multiclass,
        }
    }

    /// Outputs of the network for that many classes.
    pub fn outputs(self, classes: usize) -> usize {
        match self {
            Task::Regression | Task::Binary => 1,
            Task::Multiclass => classes,
        }
    }

    /// Its loss. `class_weights` has one factor a class; it is ignored for regression.
    pub fn loss(self, classes: usize, class_weights: Option<Vec<f32>>) -> Box<dyn Loss> {
        match self {
            Task::Regression => Box::new(SquaredError),
            Task::Binary => Box::new(Logistic { class_weights }),
            Task::Multiclass => Box::new(SoftmaxCrossEntropy { classes, class_weights }),
        }
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Task::Regression => "regression",
            Task::Binary => "binary",
            Task::Multiclass => "multiclass",
        }
    }
}
