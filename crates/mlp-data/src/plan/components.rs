//! Fitting principal components on the encoded training rows.

use super::{Keep, Pca};
use crate::{DataError, Examples, Pipeline, Projection, Table, Target};
use mlp_tensor::Exec;
use mlp_tensor::covariance::{Components, Covariance};

/// Most inputs: time grows with their third power, half a minute for so many.
const MAX_INPUTS: usize = 2048;
/// Rows that are encoded at a time.
const ROWS: usize = 4096;

/// Fits on the rows `at` of the table, or on all of it, encoded by a pipeline without a projection.
pub(super) fn fit(
    pca: Pca,
    pipeline: &Pipeline,
    table: &Table,
    at: Option<&[usize]>,
) -> Result<Projection, DataError> {
    let inputs = pipeline.encoded_width();
    if inputs > MAX_INPUTS {
        let what = format!("{inputs} inputs are too many for principal components");
        let remedy = "leave out --pca, or lower --size, --channels or --max-levels";
        return Err(DataError::unusable(format!("{what} (at most {MAX_INPUTS}): {remedy}")));
    }
    if let Keep::Count(count) = pca.keep
        && !(1..=inputs).contains(&count)
    {
        let what = format!(
            "--pca {count}: there are {inputs} inputs to choose components of; give at most that"
        );
        return Err(DataError::unusable(what));
    }
    let exec = Exec::serial();
    let mut mean = vec![0.0; inputs];
    let count = each(&exec, pipeline, table, at, |x| {
        for row in x.chunks_exact(inputs) {
            mean.iter_mut().zip(row).for_each(|(sum, &v)| *sum += f64::from(v));
        }
    })?;
    mean.iter_mut().for_each(|sum| *sum /= count as f64);
    let mut covariance = Covariance::new(mean.clone());
    each(&exec, pipeline, table, at, |x| covariance.add(&exec, x))?;
    let found = covariance.components().filter(|found| !found.variances.is_empty());
    let Some(found) = found else {
        let what = "the training rows have no principal components: their numbers are all alike, or \
                    too large; leave out --pca, or choose another --numbers";
        return Err(DataError::unusable(what));
    };
    Ok(projection(pca, &found, &mean))
}

/// Calls `with` with the encoded rows in order, some at a time; their number.
fn each(
    exec: &Exec,
    pipeline: &Pipeline,
    table: &Table,
    at: Option<&[usize]>,
    mut with: impl FnMut(&[f32]),
) -> Result<usize, DataError> {
    let count = at.map_or(table.rows, <[usize]>::len);
    for from in (0..count).step_by(ROWS) {
        let to = count.min(from + ROWS);
        let rows = at.map_or_else(|| (from..to).collect(), |at| at[from..to].to_vec());
        let encoded = pipeline.encode(&table.select(&rows), &Target::None)?;
        let rows: Vec<usize> = (0..encoded.len()).collect();
        with(&encoded.all_inputs(exec, &rows)?);
    }
    Ok(count)
}

fn projection(pca: Pca, found: &Components, mean: &[f64]) -> Projection {
    let inputs = mean.len();
    let shares: Vec<f64> = found.variances.iter().map(|v| v / found.total).collect();
    let outputs = match pca.keep {
        Keep::Count(count) => count.min(shares.len()),
        Keep::Share(wanted) => {
            let mut sum = 0.0;
            let enough = shares.iter().position(|share| {
                sum += share;
                sum > wanted
            });
            enough.map_or(shares.len(), |last| last + 1)
        }
    };
    let mut weights = vec![0.0; outputs * inputs];
    let mut biases = Vec::with_capacity(outputs);
    for (i, vector) in found.vectors.chunks_exact(inputs).take(outputs).enumerate() {
        let factor = if pca.whiten { 1.0 / found.variances[i].sqrt() } else { 1.0 };
        for (j, v) in vector.iter().enumerate() {
            weights[i + j * outputs] = (v * factor) as f32;
        }
        let centre: f64 = vector.iter().zip(mean).map(|(v, mean)| v * mean).sum();
        biases.push((-centre * factor) as f32);
    }
    let explained = shares[..outputs].to_vec();
    Projection { inputs, outputs, whiten: pca.whiten, explained, weights, biases }
}
