//! Closed-form least squares for linear regression: `--hidden none --optimizer exact`.

use crate::{OptimizerKind, Prepared, State, TrainError};
use mlp_model::data::{Batch, Encoded, Examples, TargetCoding, Targets};
use mlp_model::tensor::Exec;
use mlp_model::tensor::solve::{LeastSquares, least_squares};

/// Most values of the table of inputs that is solved at once (4 GiB of f64).
const MAX_VALUES: usize = 1 << 29;
/// Most inputs: the decomposition's time grows with their third power.
const MAX_INPUTS: usize = 4096;

/// One coefficient.
#[derive(Clone, Debug, PartialEq)]
pub struct Coefficient {
    /// The input's name, or `(intercept)`.
    pub name: String,
    /// In the target's unit per unit of the encoded input.
    pub value: f64,
    /// Standard error; `None` where the inputs are linearly dependent.
    pub error: Option<f64>,
}

/// A closed-form fit in the target's unit.
#[derive(Clone, Debug, PartialEq)]
pub struct ExactFit {
    /// The intercept first, then one an input.
    pub coefficients: Vec<Coefficient>,
    /// Rank of the centred inputs.
    pub rank: usize,
    /// Coefficient of determination on the training rows.
    pub r2: f64,
}

/// Solves for the encoded, scaled values.
pub(crate) fn solve(
    exec: &Exec,
    encoded: &Encoded,
    rows: &[usize],
) -> Result<LeastSquares, TrainError> {
    if !matches!(encoded.targets, Targets::Numbers(_)) {
        let what = "a closed form needs a number as target".to_string();
        return Err(TrainError::Exact { what });
    }
    let width = encoded.width();
    if width > MAX_INPUTS || width.saturating_mul(rows.len()) > MAX_VALUES {
        let what = format!(
            "{} rows of {width} inputs are too many for a closed form (at most {MAX_INPUTS} inputs and {MAX_VALUES} \
             values): use --optimizer adamw, or fewer columns or pixels",
            rows.len()
        );
        return Err(TrainError::Exact { what });
    }
    let (mut x, mut t) = (Vec::with_capacity(width * rows.len()), Vec::with_capacity(rows.len()));
    let mut batch = Batch::new();
    for rows in rows.chunks(4096) {
        encoded.fill(exec, rows, &mut batch)?;
        x.extend(batch.x.iter().map(|&v| f64::from(v)));
        if let Targets::Numbers(numbers) = &batch.targets {
            t.extend(numbers.iter().map(|&v| f64::from(v)));
        }
    }
    least_squares(rows.len(), width, &x, &t)
        .map_err(|e| TrainError::Exact { what: format!("least squares: {e}") })
}

impl Prepared {
    /// Whether the closed form was asked for.
    pub fn is_exact(&self) -> bool {
        self.config.optimizer == OptimizerKind::Exact
    }

    /// Fits a linear regression in closed form: the state holds its parameters, the fit its statistics.
    ///
    /// # Errors
    /// [`TrainError::Exact`] for classes, for a table that is too large, and where the decomposition fails.
    pub fn solve_exact(&self, exec: &Exec) -> Result<(State, ExactFit), TrainError> {
        if !self.config.hidden.is_empty() {
            let what = "a closed form needs --hidden none".to_string();
            return Err(TrainError::Exact { what });
        }
        let fit = solve(exec, &self.encoded, &self.train)?;
        let mut state = self.start();
        let (weights, bias) = state.params.values.split_at_mut(fit.coefficients.len());
        for (w, c) in weights.iter_mut().zip(&fit.coefficients) {
            *w = *c as f32;
        }
        bias[0] = fit.intercept as f32;
        state.finished = true;
        let (mean, deviation) = match &self.pipeline.target {
            TargetCoding::Number { mean, deviation, .. } => (*mean, *deviation),
            TargetCoding::Classes { .. } => (0.0, 1.0),
        };
        let intercept = Coefficient {
            name: "(intercept)".into(),
            value: fit.intercept * deviation + mean,
            error: fit.intercept_error.map(|e| e * deviation),
        };
        let inputs = self.pipeline.input_names().into_iter().enumerate().map(|(i, name)| {
            let error = fit.standard_errors.as_ref().map(|errors| errors[i] * deviation);
            Coefficient { name, value: fit.coefficients[i] * deviation, error }
        });
        let coefficients = std::iter::once(intercept).chain(inputs).collect();
        Ok((state, ExactFit { coefficients, rank: fit.rank, r2: fit.r2 }))
    }
}
