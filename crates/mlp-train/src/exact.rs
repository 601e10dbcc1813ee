//! Closed-form least squares for linear regression: `--hidden none --optimizer exact`.

use crate::{LinearDescent, OptimizerKind, Prepared, State, TrainError, descend};
use mlp_model::data::pipeline::Encoder;
use mlp_model::data::{Batch, Examples, Pipeline, Scaling, TargetCoding, Targets};
use mlp_model::tensor::Exec;
use mlp_model::tensor::solve::{LeastSquares, weighted_least_squares};

/// Most values of the table of inputs that is solved at once (4 GiB of f64).
const MAX_VALUES: usize = 1 << 29;
/// Most inputs: the decomposition's time grows with their third power.
const MAX_INPUTS: usize = 4096;

/// One coefficient.
#[derive(Clone, Debug, PartialEq)]
pub struct Coefficient {
    /// The input's name, or `(intercept)`.
    pub name: String,
    /// In the target's unit per unit of the column, or of its scaled value where that is no straight line (robust,
    /// quantile-normal, log1p) and for components; per unit of a byte of a picture; for a level of a category the
    /// difference to the reference level; for an input of −1 and 1 (booleans, two levels) half the difference.
    pub value: f64,
    /// Standard error; `None` where the inputs are linearly dependent.
    pub error: Option<f64>,
}

/// A closed-form fit in the target's unit.
#[derive(Clone, Debug, PartialEq)]
pub struct ExactFit {
    /// The intercept (the answer where all inputs are 0 in their own units) first, then one an input that takes part.
    pub coefficients: Vec<Coefficient>,
    /// Names of the inputs that take no part because the others and the intercept say the same: the first level of
    /// every category, to which its other levels are compared, and constants. Their coefficient is 0.
    pub references: Vec<String>,
    /// Rank of the centred inputs that take part.
    pub rank: usize,
    /// Coefficient of determination on the training rows.
    pub r2: f64,
}

/// What an input of the network is of the column's value: `(value - mean) / deviation`.
#[derive(Clone, Copy)]
struct Unit {
    mean: f64,
    /// 0 for an input that takes no part.
    deviation: f64,
    /// Number of the category's inputs that this is the first of; 0 for any other.
    levels: usize,
}

impl Unit {
    const PLAIN: Unit = Unit { mean: 0.0, deviation: 1.0, levels: 0 };
}

/// One an input, in their order. Components, and numbers that are not scaled along a line, are in units of their own.
fn units(pipeline: &Pipeline) -> Vec<Unit> {
    let mut units = Vec::with_capacity(pipeline.width());
    if pipeline.projection.is_some() {
        return vec![Unit::PLAIN; pipeline.width()];
    }
    for encoder in &pipeline.encoders {
        let end = units.len() + encoder.width();
        match encoder {
            Encoder::Number { mean, deviation, .. } => {
                units.push(Unit { mean: *mean, deviation: *deviation, levels: 0 });
            }
            Encoder::Category { .. } if !encoder.is_pair() && encoder.width() > 0 => {
                units.push(Unit { mean: 0.0, deviation: 0.0, levels: encoder.width() });
            }
            Encoder::Features { mean, deviation, .. } => {
                let pairs = mean.iter().zip(deviation);
                units.extend(pairs.map(|(&mean, &deviation)| {
                    let (mean, deviation) = (f64::from(mean), f64::from(deviation));
                    Unit { mean, deviation, levels: 0 }
                }));
            }
            Encoder::Date(dates) => units.extend((0..encoder.width()).map(|place| {
                let scaled = |(mean, deviation)| Unit { mean, deviation, levels: 0 };
                dates.scaling(place).map_or(Unit::PLAIN, scaled)
            })),
            Encoder::Scaled { scaling: Scaling::MinMax { least, range }, .. } => {
                units.push(Unit { mean: *least, deviation: *range, levels: 0 });
            }
            Encoder::Category { .. }
            | Encoder::Boolean { .. }
            | Encoder::Pixels { .. }
            | Encoder::Scaled { .. } => {}
        }
        units.resize(end, Unit::PLAIN);
    }
    for encoder in &pipeline.encoders {
        if let Encoder::Pixels { mean, deviation } = encoder {
            let pairs = mean.iter().zip(deviation).cycle();
            let rest = pairs.take(pipeline.width() - units.len());
            units.extend(rest.map(|(&mean, &deviation)| {
                let (mean, deviation) = (f64::from(mean), f64::from(deviation));
                Unit { mean, deviation, levels: 0 }
            }));
        }
    }
    units
}

/// The inputs that take part, in the units of their columns, and the targets.
struct Design {
    units: Vec<Unit>,
    /// The inputs that take part.
    taken: Vec<usize>,
    /// Mean of every encoded input over the rows.
    means: Vec<f64>,
    /// `rows × taken`, row by row.
    x: Vec<f64>,
    /// As the network sees them.
    t: Vec<f64>,
}

/// The fit over the inputs that take part.
struct Solved {
    design: Design,
    fit: LeastSquares,
}

/// A linear regression by gradient descent in the target's unit: what [`ExactFit`] has in closed form.
#[derive(Clone, Debug, PartialEq)]
pub struct DescentFit {
    /// The intercept, then one an input that takes part, in the order of [`ExactFit::coefficients`].
    pub coefficients: Vec<f64>,
    /// Steps, rate and path, for the target as the network sees it.
    pub descent: LinearDescent,
}

fn check(rows: usize, width: usize) -> Result<(), TrainError> {
    if width <= MAX_INPUTS && width.saturating_mul(rows) <= MAX_VALUES {
        return Ok(());
    }
    let what = format!(
        "{rows} rows of {width} inputs are too many for a closed form (at most {MAX_INPUTS} inputs and {MAX_VALUES} \
         values): use --optimizer adamw, or fewer columns or pixels"
    );
    Err(TrainError::Exact { what })
}

/// Gathers `value / deviation` of each column: not the encoded `(value - mean) / deviation`, so that the
/// intercept and its error are those at the value 0; nor the value itself, so that of many equal fits the smallest
/// does not depend on the columns' units.
fn design(exec: &Exec, session: &Prepared) -> Result<Design, TrainError> {
    let (encoded, rows) = (&session.encoded, &session.train);
    if !matches!(encoded.targets, Targets::Numbers(_)) {
        let what = "a closed form needs a number as target".to_string();
        return Err(TrainError::Exact { what });
    }
    let units = units(&session.pipeline);
    let taken: Vec<usize> = (0..units.len()).filter(|&i| units[i].deviation > 0.0).collect();
    check(rows.len(), units.len())?;
    let shifts: Vec<f64> = taken.iter().map(|&i| units[i].mean / units[i].deviation).collect();
    let mut x = Vec::with_capacity(taken.len() * rows.len());
    let mut t = Vec::with_capacity(rows.len());
    let (mut batch, mut means) = (Batch::new(), vec![0.0; units.len()]);
    for rows in rows.chunks(4096) {
        encoded.fill(exec, rows, &mut batch)?;
        for row in batch.x.chunks_exact(units.len().max(1)) {
            means.iter_mut().zip(row).for_each(|(sum, &v)| *sum += f64::from(v));
            x.extend(taken.iter().zip(&shifts).map(|(&i, shift)| f64::from(row[i]) + shift));
        }
        if let Targets::Numbers(numbers) = &batch.targets {
            t.extend(numbers.iter().map(|&v| f64::from(v)));
        }
    }
    means.iter_mut().for_each(|sum| *sum /= rows.len().max(1) as f64);
    Ok(Design { units, taken, means, x, t })
}

fn solve(exec: &Exec, session: &Prepared) -> Result<Solved, TrainError> {
    let design = design(exec, session)?;
    let Design { taken, x, t, .. } = &design;
    let weights = session.weights_of(&session.train);
    // Equal weights change nothing, to the bit.
    let weights = weights.as_deref().filter(|w| w.iter().any(|w| *w != 1.0));
    let fit = weighted_least_squares(t.len(), taken.len(), x, t, weights)
        .map_err(|e| TrainError::Exact { what: format!("least squares: {e}") })?;
    Ok(Solved { design, fit })
}

impl Solved {
    /// The network's weights and bias.
    fn weights(&self) -> (Vec<f64>, f64) {
        let Design { units, taken, means, .. } = &self.design;
        let (mut weights, mut bias) = (vec![0.0; units.len()], self.fit.intercept);
        for (&i, &c) in taken.iter().zip(&self.fit.coefficients) {
            weights[i] = c;
            bias += c * units[i].mean / units[i].deviation;
        }
        // Each row has one level of a category: what moves from its weights to the bias changes no answer, but that
        // for a word never seen, which becomes that of the mean level instead of that of the reference.
        for (first, unit) in units.iter().enumerate().filter(|(_, unit)| unit.levels > 0) {
            let group = first..first + unit.levels;
            let share = |i: usize| weights[i] * means[i];
            let mean = group.clone().map(share).fold(0.0, |sum, v| sum + v);
            weights[group].iter_mut().for_each(|w| *w -= mean);
            bias += mean;
        }
        (weights, bias)
    }

    /// In the units of target (`mean` and `deviation`) and columns.
    fn statistics(&self, names: Vec<String>, mean: f64, deviation: f64) -> ExactFit {
        let fit = &self.fit;
        let mut coefficients = vec![Coefficient {
            name: "(intercept)".into(),
            value: fit.intercept * deviation + mean,
            error: fit.intercept_error.map(|e| e * deviation),
        }];
        let (mut references, mut place) = (Vec::new(), 0);
        for (name, unit) in names.into_iter().zip(&self.design.units) {
            if unit.deviation > 0.0 {
                let factor = deviation / unit.deviation;
                let error = fit.standard_errors.as_ref().map(|errors| errors[place] * factor);
                let value = fit.coefficients[place] * factor;
                coefficients.push(Coefficient { name, value, error });
                place += 1;
            } else {
                references.push(name);
            }
        }
        ExactFit { coefficients, references, rank: fit.rank, r2: fit.r2 }
    }
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
        let solved = solve(exec, self)?;
        let mut state = self.start();
        let (weights, bias) = solved.weights();
        let values = weights.into_iter().chain([bias]).map(|v| v as f32);
        state.params.values = values.collect::<Vec<f32>>().into();
        state.finished = true;
        let (mean, deviation) = self.target_unit();
        Ok((state, solved.statistics(self.pipeline.input_names(), mean, deviation)))
    }

    /// Finds the fit of [`Prepared::solve_exact`] by gradient descent on standardised columns. Where inputs are
    /// linearly dependent there are many fits as good, and the two may differ.
    ///
    /// # Errors
    /// [`TrainError::Exact`] for classes, for a table that is too large, and for weights.
    pub fn descend_exact(&self, exec: &Exec) -> Result<DescentFit, TrainError> {
        if self.weights.is_some() {
            let what = "the descent to the closed form takes no weights".to_string();
            return Err(TrainError::Exact { what });
        }
        let Design { units, taken, x, t, .. } = design(exec, self)?;
        let descent = descend(t.len(), taken.len(), &x, &t, true);
        let (mean, deviation) = self.target_unit();
        let first = [descent.intercept * deviation + mean];
        let unit = |(&i, c): (&usize, &f64)| c * (deviation / units[i].deviation);
        let others = taken.iter().zip(&descent.coefficients).map(unit);
        Ok(DescentFit { coefficients: first.into_iter().chain(others).collect(), descent })
    }

    /// Mean and deviation by which the network sees the target.
    fn target_unit(&self) -> (f64, f64) {
        match &self.pipeline.target {
            TargetCoding::Number { mean, deviation, .. } => (*mean, *deviation),
            TargetCoding::Classes { .. } | TargetCoding::Labels { .. } => (0.0, 1.0),
        }
    }
}
