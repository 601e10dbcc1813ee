//! What is said of sets of labels: the answer in words, the figures of each label, the baseline's name.

use crate::output::{figure, grouped, percent};
use mlp_model::{Model, Prediction, Task};
use mlp_train::LabelFigures;

/// What the answers of a network are compared with.
pub fn baseline(task: Task) -> &'static str {
    match task {
        Task::Regression => "mean",
        Task::Binary | Task::Multiclass => "most frequent class",
        Task::Multilabel => "majority of each label",
    }
}

/// The labels of an answer, `, ` between them.
pub fn named(model: &Model, answer: &Prediction) -> String {
    let labels: Vec<&str> =
        answer.named().into_iter().map(|j| model.labels()[j].as_str()).collect();
    if labels.is_empty() { "no label".into() } else { labels.join(", ") }
}

/// The titles of [`cells`].
pub const TITLES: [&str; 7] =
    ["label", "examples", "predicted", "precision", "recall", "F1", "ROC AUC"];

/// The figures of a label.
pub fn cells(of: &LabelFigures) -> Vec<String> {
    let share = |value: Option<f64>| value.map_or("–".to_string(), percent);
    vec![
        of.label.clone(),
        grouped(of.examples),
        grouped(of.predicted),
        share(of.precision),
        share(of.recall),
        percent(of.f1),
        of.roc_auc.map_or("–".to_string(), figure),
    ]
}

/// At most so many labels; of more, those with the least F1.
pub fn hardest(all: &[LabelFigures], most: usize) -> Vec<&LabelFigures> {
    let mut all: Vec<&LabelFigures> = all.iter().collect();
    if all.len() > most {
        all.sort_by(|a, b| a.f1.total_cmp(&b.f1));
        all.truncate(most);
    }
    all
}
