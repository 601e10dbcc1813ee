//! What a network is asked: a number, one of two classes, one of many, any of some labels.

use crate::{LabelLogistic, Logistic, Loss, SoftmaxCrossEntropy, SquaredError};
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
    /// None, one or several labels: a logistic output each; the mean over labels of the cross-entropy on the logit.
    Multilabel,
}

impl Task {
    /// The task that suits a target.
    pub fn of(target: &TargetCoding) -> Task {
        match target {
            TargetCoding::Number { .. } => Task::Regression,
            TargetCoding::Classes { labels, .. } if labels.len() <= 2 => Task::Binary,
            TargetCoding::Classes { .. } => Task::Multiclass,
            TargetCoding::Labels { .. } => Task::Multilabel,
        }
    }

    /// Outputs of the network for that many classes.
    pub fn outputs(self, classes: usize) -> usize {
        match self {
            Task::Regression | Task::Binary => 1,
            Task::Multiclass | Task::Multilabel => classes,
        }
    }

    /// Its loss. `class_weights` has one factor a class, of labels two each, without it and with it; it is ignored for
    /// regression.
    pub fn loss(self, classes: usize, class_weights: Option<Vec<f32>>) -> Box<dyn Loss> {
        match self {
            Task::Regression => Box::new(SquaredError),
            Task::Binary => Box::new(Logistic { class_weights }),
            Task::Multiclass => Box::new(SoftmaxCrossEntropy { classes, class_weights }),
            Task::Multilabel => Box::new(LabelLogistic { labels: classes, class_weights }),
        }
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Task::Regression => "regression",
            Task::Binary => "binary",
            Task::Multiclass => "multiclass",
            Task::Multilabel => "multilabel",
        }
    }

    /// The name of the main metric: of the one of each epoch, and of the first of an evaluation.
    pub fn main_metric(self) -> &'static str {
        match self {
            Task::Regression => "rmse",
            Task::Binary | Task::Multiclass => "accuracy",
            Task::Multilabel => "subset_accuracy",
        }
    }
}
