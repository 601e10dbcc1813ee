//! How much a model needs a column: permutation importance, and the samples of rows it is measured on.

use crate::metrics::evaluate;
use crate::{Evaluation, TrainError};
use mlp_model::Model;
use mlp_model::data::{Table, Target};
use mlp_model::tensor::{Exec, Purpose, Streams};

/// Times a column is shuffled.
const REPEATS: u32 = 3;
/// Most multiplications for all of it: well under a second.
const BUDGET: usize = 3_000_000_000;
/// Fewest and most rows.
const ROWS: (usize, usize) = (200, 2_000);
/// Most columns; of more, the first.
const COLUMNS: usize = 60;

/// What shuffling a column costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Importance {
    /// The column.
    pub column: String,
    /// By how much the main metric gets worse, the mean of the repeats: accuracy (of labels: subset accuracy) lost, or
    /// RMSE gained.
    pub loss: f64,
    /// The least and the greatest of the repeats.
    pub ends: (f64, f64),
}

/// A sample of so many of the rows, in their order: all of them, or drawn without replacement from the seed.
pub fn sample(rows: &[usize], most: usize, seed: u64) -> Vec<usize> {
    if rows.len() <= most {
        return rows.to_vec();
    }
    let mut all = rows.to_vec();
    Streams::new(seed).at(Purpose::Report, 0, 0).shuffle(&mut all);
    all.truncate(most);
    all.sort_unstable();
    all
}

/// Permutation importance (Breiman, "Random forests", 2001) of every column the model takes, the greatest first, and
/// the number of rows it was measured on. Each column is shuffled three times among a sample of the rows, which is
/// smaller for larger networks so that the whole takes less than about a second; of more than 60 columns the first 60
/// are looked at.
///
/// # Errors
/// Columns or targets that do not suit the model; those of [`Model::predict`].
pub fn permutation_importance(
    exec: &Exec,
    model: &Model,
    table: &Table,
    target: &Target,
    rows: &[usize],
) -> Result<(Vec<Importance>, usize), TrainError> {
    let seed = model.record.seed;
    let wanted: Vec<String> = model.pipeline.schema.fields.iter().map(|f| f.name.clone()).collect();
    let columns = &wanted[..wanted.len().min(COLUMNS)];
    let passes = columns.len() * REPEATS as usize + 1;
    let affordable = BUDGET / (passes * model.network.parameters().max(1));
    let rows = sample(rows, affordable.clamp(ROWS.0, ROWS.1), seed);
    let (table, target) = (table.select(&rows), target.select(&rows));
    let every: Vec<usize> = (0..rows.len()).collect();
    let score = |table: &Table| -> Result<f64, TrainError> {
        let encoded = model.pipeline.encode(table, &target)?;
        Ok(badness(&evaluate(exec, model, &encoded, &every, None)?))
    };
    let whole = score(&table)?;
    let mut all = Vec::with_capacity(columns.len());
    for (c, column) in columns.iter().enumerate() {
        let Some(place) = table.schema.fields.iter().position(|f| f.name == *column) else {
            continue;
        };
        let mut losses = Vec::with_capacity(REPEATS as usize);
        for repeat in 0..REPEATS {
            let mut order = every.clone();
            Streams::new(seed).at(Purpose::Report, 1 + repeat, c as u32).shuffle(&mut order);
            let mut shuffled = table.clone();
            if let Some(column) = table.select(&order).columns.into_iter().nth(place) {
                shuffled.columns[place] = column;
            }
            losses.push(score(&shuffled)? - whole);
        }
        let ends = losses
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
        let loss = losses.iter().sum::<f64>() / losses.len() as f64;
        all.push(Importance { column: column.clone(), loss, ends });
    }
    all.sort_by(|a, b| b.loss.total_cmp(&a.loss));
    Ok((all, rows.len()))
}

/// The main metric, turned so that more is worse.
fn badness(evaluation: &Evaluation) -> f64 {
    let main = evaluation.main();
    if main.name == "rmse" { main.value } else { 1.0 - main.value }
}
