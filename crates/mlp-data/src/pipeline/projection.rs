//! A linear map of all encoded inputs to fewer: principal components. How it is fitted:
//! [`crate::plan`].

use crate::rows::RowsWriter;
use crate::{DataError, Encoded};
use mlp_tensor::product::forward;
use mlp_tensor::{Activation, Exec, matrix};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Rows that are projected at a time; any other number gives the same bits.
const ROWS: usize = 256;

/// `weights · x + biases`: to the bit what a dense layer without activation makes of `x`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// Number of encoded inputs.
    pub inputs: usize,
    /// Number of components.
    pub outputs: usize,
    /// Whether every component is divided by its deviation over the training rows.
    pub whiten: bool,
    /// The share of the variance of the training rows that is each component's, falling.
    pub explained: Vec<f64>,
    /// `outputs × inputs`, column-major: a row a component, of unit length unless whitened.
    pub weights: Vec<f32>,
    /// One a component: what makes its mean over the training rows zero.
    pub biases: Vec<f32>,
}

impl Projection {
    /// Puts components in the place of encoded inputs; pixels become numbers. They stand in memory,
    /// or in a scratch file in a folder.
    pub(super) fn apply(
        &self,
        exec: &Exec,
        encoded: Encoded,
        scratch: Option<&Path>,
    ) -> Result<Encoded, DataError> {
        let (rows, k) = (encoded.rows, self.outputs);
        let w = matrix::view(&self.weights, k, self.inputs, k);
        let failed = |e| DataError::unusable(format!("components of encoded rows: {e}"));
        let mut dense = RowsWriter::new(k, rows, scratch).map_err(failed)?;
        for start in (0..rows).step_by(ROWS) {
            let block: Vec<usize> = (start..rows.min(start + ROWS)).collect();
            let count = block.len();
            let x = encoded.all_inputs(exec, &block)?;
            let x = matrix::view(&x, self.inputs, count, self.inputs);
            let write = |y: &mut [f32]| {
                let y = matrix::view_mut(y, k, count, k);
                forward(exec, w, &self.biases, x, Activation::Identity, None, y);
            };
            dense.block(count, write).map_err(failed)?;
        }
        let Encoded { targets, unseen, .. } = encoded;
        Ok(Encoded { targets, unseen, rows, dense: dense.finish(), pixels: None })
    }

    /// What is wrong with one that was read from a file, for so many encoded inputs.
    pub(super) fn check(&self, inputs: usize) -> Result<(), String> {
        let Projection { outputs: k, .. } = *self;
        let sizes = self.inputs == inputs
            && (1..=inputs).contains(&k)
            && self.explained.len() == k
            && self.biases.len() == k
            && k.checked_mul(inputs) == Some(self.weights.len());
        if !sizes {
            return Err(format!("a projection of {} inputs to {k} for {inputs}", self.inputs));
        }
        let mut values = self.weights.iter().chain(&self.biases);
        let shares = self.explained.iter().all(|share| (0.0..=1.000_001).contains(share));
        match values.all(|v| v.is_finite()) && shares {
            true => Ok(()),
            false => Err("a projection holds a number that is none".into()),
        }
    }
}
