//! How a target is coded: numbers, classes, sets of labels.

use crate::words::{listed, shown};
use crate::{DataError, Target, Targets};
use serde::{Deserialize, Serialize};

/// How a target is coded for the network, and undone in every output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TargetCoding {
    /// Class labels; code = index.
    Classes {
        /// The column's name.
        name: String,
        /// The classes.
        labels: Vec<String>,
    },
    /// `(value - mean) / deviation`.
    Number {
        /// The column's name.
        name: String,
        /// Of the training rows; 0 if not scaled.
        mean: f64,
        /// Of the training rows; 1 if not scaled or constant.
        deviation: f64,
    },
    /// None, one or several labels: 1 where a row has the label, else 0.
    Labels {
        /// The column's name, or those of the columns, `,` between them.
        name: String,
        /// The labels.
        labels: Vec<String>,
        /// What stands between them in a cell; `None` where each is a column of yes and no.
        separator: Option<String>,
    },
}

impl TargetCoding {
    /// The name of the target's column.
    pub fn name(&self) -> &str {
        let (TargetCoding::Classes { name, .. }
        | TargetCoding::Number { name, .. }
        | TargetCoding::Labels { name, .. }) = self;
        name
    }
    /// The columns that it is read from.
    pub(crate) fn columns(&self) -> Vec<&str> {
        match self {
            TargetCoding::Labels { labels, separator: None, .. } => {
                labels.iter().map(String::as_str).collect()
            }
            other => vec![other.name()],
        }
    }
    /// The classes or labels; none of a number.
    pub fn labels(&self) -> &[String] {
        match self {
            TargetCoding::Classes { labels, .. } | TargetCoding::Labels { labels, .. } => labels,
            TargetCoding::Number { .. } => &[],
        }
    }
    /// What it holds, in a word.
    fn holds(&self) -> &'static str {
        match self {
            TargetCoding::Classes { .. } => "classes",
            TargetCoding::Number { .. } => "numbers",
            TargetCoding::Labels { .. } => "sets of labels",
        }
    }
    /// Codes the targets of some rows.
    ///
    /// # Errors
    /// A target of another kind; a class or label that is none of these.
    pub(super) fn encode(&self, target: &Target) -> Result<Targets, DataError> {
        match (target, self) {
            (Target::None, _) => Ok(Targets::None),
            (
                Target::Classes { labels: theirs, codes, .. },
                TargetCoding::Classes { name, labels },
            ) => {
                let place = |label: &String| labels.iter().position(|l| l == label);
                let map: Vec<Option<usize>> = theirs.iter().map(place).collect();
                let code = |&c: &u32| match map.get(c as usize).copied().flatten() {
                    Some(code) => Ok(code as u32),
                    None => {
                        let word = theirs.get(c as usize).map_or("", String::as_str);
                        Err(DataError::unusable(format!(
                            "target `{name}` holds `{}`, which is none of the model's classes {}",
                            shown(word),
                            listed(labels, 5)
                        )))
                    }
                };
                Ok(Targets::Classes(codes.iter().map(code).collect::<Result<_, _>>()?))
            }
            (Target::Numbers { values, .. }, TargetCoding::Number { mean, deviation, .. }) => {
                let scaled = values.iter().map(|v| ((v - mean) / deviation) as f32);
                Ok(Targets::Numbers(scaled.collect()))
            }
            (
                Target::Labels { labels: theirs, hits, .. },
                TargetCoding::Labels { name, labels, .. },
            ) => labels_of(name, labels, theirs, hits),
            (Target::Classes { name, .. }, coding) => other(name, "classes", coding),
            (Target::Numbers { name, .. }, coding) => other(name, "numbers", coding),
            (Target::Labels { name, .. }, coding) => other(name, "sets of labels", coding),
        }
    }
}

fn other(name: &str, is: &str, coding: &TargetCoding) -> Result<Targets, DataError> {
    let holds = coding.holds();
    let what = format!("target `{name}` holds {is}; the model was trained on {holds}");
    Err(DataError::unusable(what))
}

/// Sets of labels, the columns in the order of the model's.
fn labels_of(
    name: &str,
    labels: &[String],
    theirs: &[String],
    hits: &[u8],
) -> Result<Targets, DataError> {
    let width = labels.len();
    if labels == theirs {
        return Ok(Targets::Labels { width, hits: hits.to_vec() });
    }
    let place = |label: &String| labels.iter().position(|l| l == label);
    let mut places = Vec::with_capacity(theirs.len());
    for label in theirs {
        places.push(place(label).ok_or_else(|| {
            DataError::unusable(format!(
                "target `{name}` holds the label `{}`, which is none of the model's {}",
                shown(label),
                listed(labels, 5)
            ))
        })?);
    }
    let rows = hits.len() / theirs.len().max(1);
    let mut ours = vec![0; rows * width];
    for (row, all) in ours.chunks_exact_mut(width).zip(hits.chunks_exact(theirs.len())) {
        places.iter().zip(all).for_each(|(place, hit)| row[*place] = *hit);
    }
    Ok(Targets::Labels { width, hits: ours })
}
