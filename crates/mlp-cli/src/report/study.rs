//! What a report is about: a model, and the examples that it was tested on.

use crate::options::Options;
use crate::train::Job;
use mlp_data::{Dataset, Part, Target};
use mlp_model::{Model, Prediction};
use mlp_report::Raster;
use mlp_tensor::Exec;
use mlp_train::{Evaluation, Prepared, sample};

/// Most rows whose answers are drawn and listed; figures are always of all rows.
pub const SAMPLE: usize = 20_000;
/// Longest side of a thumbnail.
const THUMBNAIL: usize = 96;

/// A model and all that is known of its training.
pub struct Study<'a> {
    /// The model.
    pub model: &'a Model,
    /// SHA-256 of its file.
    pub sha: &'a str,
    /// Every option.
    pub options: Options,
    /// Why there are no examples to look at, if so.
    pub lacking: Option<String>,
    /// The examples, where they can be had.
    pub tested: Option<Tested<'a>>,
}

/// The examples that a model was tested on, and its answers.
pub struct Tested<'a> {
    /// How to execute.
    pub exec: &'a Exec,
    /// All rows.
    pub data: &'a Dataset,
    /// Their encoding, and which of them trained.
    pub session: &'a Prepared,
    /// Which part was tested on.
    pub part: Part,
    /// Figures of the whole part.
    pub evaluation: Evaluation,
    /// A sample of the part, or all of it.
    pub rows: Vec<usize>,
    /// The answers for the sample.
    pub answers: Vec<Prediction>,
}

impl Study<'_> {
    /// What it was trained on, without the folder.
    pub fn data_name(&self) -> String {
        let path = self.options.data.as_deref().unwrap_or("unknown data");
        last_part(path).to_string()
    }
}

impl<'a> Tested<'a> {
    /// Answers for a sample of the part that is reported on.
    pub fn new(
        job: &'a Job<'_>,
        model: &Model,
        evaluation: Evaluation,
    ) -> anyhow::Result<Tested<'a>> {
        let part = job.reported_part();
        let (exec, session) = (&job.exec, &job.session);
        let rows = sample(session.rows(part), SAMPLE, session.config.seed);
        let answers = model.predict(exec, &*session.encoded, &rows)?;
        Ok(Tested { exec, data: &job.data, session, part, evaluation, rows, answers })
    }

    /// The true classes of the sample.
    pub fn classes(&self) -> Vec<usize> {
        match &self.data.target {
            Target::Classes { codes, .. } => self.rows.iter().map(|&r| codes[r] as usize).collect(),
            Target::Numbers { .. } | Target::None | Target::Labels { .. } => Vec::new(),
        }
    }

    /// Which rows of the sample are of a class or have a label.
    pub fn positive(&self, label: usize) -> Vec<bool> {
        let of = |&row: &usize| match &self.data.target {
            Target::Classes { codes, .. } => codes[row] as usize == label,
            Target::Labels { labels, hits, .. } => hits[row * labels.len() + label] == 1,
            Target::Numbers { .. } | Target::None => false,
        };
        self.rows.iter().map(of).collect()
    }

    /// True and predicted numbers of the sample.
    pub fn numbers(&self) -> Vec<(f64, f64)> {
        let Target::Numbers { values, .. } = &self.data.target else { return Vec::new() };
        let pair = |(&row, answer): (&usize, &Prediction)| match answer {
            Prediction::Number(y) => (values[row], *y),
            Prediction::Class { .. } | Prediction::Labels { .. } => (values[row], f64::NAN),
        };
        self.rows.iter().zip(&self.answers).map(pair).collect()
    }

    /// The probability that each answer of the sample gives to a class.
    pub fn probabilities(&self, class: usize) -> Vec<f64> {
        let of = |answer: &Prediction| match answer {
            Prediction::Class { probabilities, .. } | Prediction::Labels { probabilities, .. } => {
                probabilities.get(class).copied()
            }
            Prediction::Number(_) => None,
        };
        self.answers.iter().map(|answer| of(answer).unwrap_or(f64::NAN)).collect()
    }

    /// Which class each answer of the sample names, and its probability.
    pub fn named(&self) -> Vec<(usize, f64)> {
        let of = |answer: &Prediction| match answer {
            Prediction::Class { index, probabilities } => {
                (*index, probabilities.get(*index).copied().unwrap_or(f64::NAN))
            }
            Prediction::Number(_) | Prediction::Labels { .. } => (0, f64::NAN),
        };
        self.answers.iter().map(of).collect()
    }

    /// Whether the sample is not all of the part; then how it is called.
    pub fn sampled(&self) -> Option<String> {
        let all = self.session.rows(self.part).len();
        (self.rows.len() < all).then(|| {
            format!(
                "Drawn from a sample of {} of the {} rows, chosen by the seed; the figures are of all rows.",
                mlp_report::number::grouped(self.rows.len()),
                mlp_report::number::grouped(all)
            )
        })
    }

    /// A row's picture, made small.
    pub fn thumbnail(&self, row: usize) -> Option<Raster> {
        self.data.table.columns.iter().find_map(|column| match column {
            mlp_data::Column::Pixels { shape, bytes } => {
                let n = shape.len();
                let picture = bytes.get(row * n..(row + 1) * n)?;
                Some(Raster::picture(*shape, picture).thumbnail(THUMBNAIL))
            }
            _ => None,
        })
    }
}

/// The words of the part.
pub fn part_words(part: Part) -> &'static str {
    match part {
        Part::Train => "training rows (no others were kept apart)",
        Part::Validation => "validation rows",
        Part::Test => "test rows",
        Part::Unused => "rows left out",
    }
}

/// A path without its folders.
pub fn last_part(path: &str) -> &str {
    let separators = ['/', '\\'];
    path.trim_end_matches(separators).rsplit(separators).next().unwrap_or_default()
}

/// At most so many characters of words that come from data.
pub fn brief(words: &str, most: usize) -> String {
    match words.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &words[..at]),
        None => words.to_string(),
    }
}
