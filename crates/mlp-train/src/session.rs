//! Everything that stays the same during a training: data, network, loss, configuration.

use crate::metrics::{Evaluation, evaluate};
use crate::objective::{fault, hits};
use crate::{
    Adam, Checked, ClassWeights, Config, Optimizer, OptimizerKind, Sgd, State, Sums, TrainError,
};
use mlp_model::data::{
    DataError, Dataset, Encoded, Examples, Field, Kind, Part, Pipeline, Plan, Split, TargetCoding,
    Targets, Weights,
};
use mlp_model::tensor::{Exec, Streams, reduce};
use mlp_model::{
    Loss, Mode, Model, Network, NetworkSpec, Params, Print, Task, TrainRecord, sum_of_losses,
};
use std::sync::Arc;

/// Rows a pass of an evaluation; any other number gives the same bits.
const BATCH: usize = 512;

/// A training that can start.
pub struct Prepared {
    /// Hyper-parameters, checked and resolved.
    pub config: Checked<Config>,
    /// Preprocessing fitted on the training rows.
    pub pipeline: Pipeline,
    /// All rows, encoded.
    pub encoded: Arc<Encoded>,
    /// Training rows.
    pub train: Vec<usize>,
    /// Validation rows.
    pub valid: Vec<usize>,
    /// Test rows.
    pub test: Vec<usize>,
    /// The network.
    pub network: Network,
    /// What is predicted.
    pub task: Task,
    /// What is minimised.
    pub loss: Box<dyn Loss>,
    /// Training examples of each class, or with each label.
    pub class_counts: Vec<u64>,
    /// How much each row counts, where the data say so: the mean over the training rows is 1.
    pub weights: Option<Arc<Vec<f64>>>,
    /// What differs from the default in reading and preprocessing, as words of the command line.
    pub choices: Vec<(String, String)>,
    /// SHA-256 of its contents.
    pub fingerprint: [u8; 32],
    /// SHA-256 of the parts' rows and of the preprocessing, by which a checkpoint knows its own.
    pub setup: String,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = (self.train.len(), self.valid.len(), self.test.len());
        write!(f, "Prepared({:?}, {parts:?} rows, {:?})", self.task, self.network.spec())
    }
}

/// Fits the plan on the training rows, encodes all rows and builds the network.
///
/// # Errors
/// [`TrainError::Config`] for a hyper-parameter out of its range; data that cannot be fitted or encoded; a network
/// that is too large; [`TrainError::Exact`] for a closed form of classes.
pub fn prepare(
    data: &Dataset,
    split: &Split,
    plan: &Plan,
    config: Config,
) -> Result<Prepared, TrainError> {
    let config = config.check(split.parts.iter().filter(|p| **p == Part::Train).count())?;
    let pipeline = plan.fit_dataset(data, split)?;
    let [train, valid, test] = [Part::Train, Part::Validation, Part::Test].map(|p| split.rows(p));
    let encoded = Arc::new(pipeline.encode_on(&plan.exec, &data.table, &data.target)?);
    if !config.augment.is_none() && !encoded.has_pictures() {
        let picture = |field: &Field| matches!(field.kind, Kind::Picture(_));
        let rule = match pipeline.schema.fields.iter().any(picture) {
            true => "components are taken of pictures as they are: leave it or --pca out",
            false => "only pictures can be changed, and there are none here: leave it out",
        };
        let value = config.augment.to_string();
        return Err(TrainError::Config { name: "augment", value, rule: rule.into() });
    }
    let class_counts = data.target.counts(train.iter().copied());
    let weights =
        data.weights.as_ref().map(|w| weights(w, &train, &valid)).transpose()?.map(Arc::new);
    let mut choices = plan.words();
    choices.extend(data.weights.iter().map(|w| ("weight".to_string(), w.name.clone())));
    let task = task(&config, &pipeline.target)?;
    let (network, loss) = build(&config, &pipeline, task, (&class_counts, train.len()))?;
    let fingerprint = data.fingerprint();
    let setup = setup(&(&train, &valid, &test, &pipeline), &pipeline, weights.as_deref())?;
    Ok(Prepared {
        config,
        pipeline,
        encoded,
        train,
        valid,
        test,
        network,
        task,
        loss,
        class_counts,
        weights,
        choices,
        fingerprint,
        setup,
    })
}

/// The hash of parts and preprocessing, with what is not in all trainings where it is there.
fn setup(
    parts: &impl serde::Serialize,
    pipeline: &Pipeline,
    weights: Option<&Vec<f64>>,
) -> Result<String, TrainError> {
    let mut print = Print::default();
    print.add(parts)?;
    if let Some(projection) = &pipeline.projection {
        print.add(projection)?;
    }
    if let Some(weights) = weights {
        print.add(weights)?;
    }
    Ok(print.hex())
}

/// Weights whose mean over the training rows is 1: exactly 1 each where these are equal. Validation rows that all
/// count for nothing could choose no epoch.
fn weights(weights: &Weights, train: &[usize], valid: &[usize]) -> Result<Vec<f64>, TrainError> {
    let Weights { name, values } = weights;
    if !valid.is_empty() && valid.iter().all(|&row| values[row] == 0.0) {
        let what = format!(
            "every validation row has the weight `{name}` = 0, so no epoch could be chosen by them; --valid 0 takes \
             the last epoch"
        );
        return Err(DataError::Unusable { what }.into());
    }
    let of_train: Vec<f64> = train.iter().map(|&row| values[row]).collect();
    let equal = of_train.iter().all(|w| Some(w) == of_train.first());
    let mean = match equal {
        true => of_train.first().copied().unwrap_or_default(),
        false => reduce::sum(&of_train) / of_train.len() as f64,
    };
    let scaled: Vec<f64> = values.iter().map(|w| w / mean).collect();
    if mean > 0.0 && scaled.iter().all(|w| w.is_finite()) {
        return Ok(scaled);
    }
    let what = match mean > 0.0 {
        true => format!("weights `{name}` are too far apart to be scaled; rescale them"),
        false => format!("every training row has the weight `{name}` = 0; nothing to learn"),
    };
    Err(DataError::Unusable { what }.into())
}

/// The task asked for, if it suits the target; else the one that does.
fn task(config: &Config, target: &TargetCoding) -> Result<Task, TrainError> {
    let natural = Task::of(target);
    let refuse = |task: Task, rule: &str| {
        let value = task.name().into();
        Err(TrainError::Config { name: "task", value, rule: rule.into() })
    };
    match config.task {
        None => Ok(natural),
        Some(task) if task == natural => Ok(task),
        // A softmax over two classes is a network of two outputs.
        Some(Task::Multiclass) if natural == Task::Binary => Ok(Task::Multiclass),
        Some(task) if natural == Task::Multilabel => {
            refuse(task, "the target holds sets of labels")
        }
        Some(task @ Task::Multilabel) => refuse(task, "the target does not hold sets of labels"),
        Some(task @ Task::Regression) => refuse(task, "the target holds classes"),
        Some(task) if natural == Task::Regression => refuse(task, "the target holds numbers"),
        Some(task) => refuse(task, "the target has more than two classes"),
    }
}

fn build(
    config: &Config,
    pipeline: &Pipeline,
    task: Task,
    (class_counts, rows): (&[u64], usize),
) -> Result<(Network, Box<dyn Loss>), TrainError> {
    if config.optimizer == OptimizerKind::Exact && task != Task::Regression {
        let what = "--optimizer exact solves regression; the target holds classes: choose sgd, adam or adamw";
        return Err(TrainError::Exact { what: what.into() });
    }
    if config.class_weights == ClassWeights::Balanced && task == Task::Regression {
        let rule = "the target holds numbers, not classes: leave it at none".into();
        return Err(TrainError::Config { name: "class-weights", value: "balanced".into(), rule });
    }
    let weights = match config.class_weights {
        ClassWeights::None => None,
        ClassWeights::Balanced if task == Task::Multilabel => {
            let rows = rows as u64;
            let of = |&with: &u64| balanced(&[rows.saturating_sub(with), with]);
            Some(class_counts.iter().flat_map(of).collect())
        }
        ClassWeights::Balanced => Some(balanced(class_counts)),
    };
    let classes = class_counts.len();
    let (width, outputs) = (pipeline.width(), task.outputs(classes));
    let spec = NetworkSpec::mlp(width, &config.hidden, config.activation, config.dropout, outputs);
    Ok((spec.build()?, task.loss(classes, weights)))
}

fn balanced(counts: &[u64]) -> Vec<f32> {
    let total: u64 = counts.iter().sum();
    let present = counts.iter().filter(|&&c| c > 0).count() as f64;
    counts.iter().map(|&c| (total as f64 / (present * c.max(1) as f64)) as f32).collect()
}

impl Prepared {
    /// The same data and preprocessing under another configuration.
    ///
    /// # Errors
    /// Those of [`prepare`] that concern the configuration.
    pub fn sibling(&self, config: Config) -> Result<Prepared, TrainError> {
        let config = config.check(self.train.len())?;
        let counts = (&self.class_counts[..], self.train.len());
        let (network, loss) = build(&config, &self.pipeline, self.task, counts)?;
        Ok(Prepared {
            config,
            pipeline: self.pipeline.clone(),
            encoded: Arc::clone(&self.encoded),
            train: self.train.clone(),
            valid: self.valid.clone(),
            test: self.test.clone(),
            network,
            task: self.task,
            loss,
            class_counts: self.class_counts.clone(),
            weights: self.weights.clone(),
            choices: self.choices.clone(),
            fingerprint: self.fingerprint,
            setup: self.setup.clone(),
        })
    }

    /// The state before the first step.
    pub fn start(&self) -> State {
        let params = self.network.init(&Streams::new(self.config.seed));
        self.state_of(params)
    }

    pub(crate) fn state_of(&self, params: Params) -> State {
        let (size, c) = (params.values.len(), &self.config);
        let decay = c.weight_decay.unwrap_or_default();
        let decoupled = c.optimizer != OptimizerKind::Adam;
        let optimizer: Box<dyn Optimizer> = match c.optimizer {
            OptimizerKind::Sgd => Box::new(Sgd::new(size, c.momentum, c.nesterov, decay, c.clip)),
            OptimizerKind::Adam | OptimizerKind::AdamW | OptimizerKind::Exact => {
                Box::new(Adam::new(size, c.betas, c.epsilon, decay, decoupled, c.clip))
            }
        };
        State {
            epoch: 0,
            batch: 0,
            step: 0,
            params,
            optimizer,
            sums: Sums::default(),
            best: None,
            waited: 0,
            history: Vec::new(),
            finished: false,
        }
    }

    /// A mean of `hits` as users know it: accuracy (of sets of labels, the share that is right as a whole), or root
    /// mean squared error in the target's unit.
    pub(crate) fn unit(&self, mean: f64) -> f64 {
        match &self.pipeline.target {
            TargetCoding::Number { deviation, .. } => mean.sqrt() * deviation,
            TargetCoding::Classes { .. } | TargetCoding::Labels { .. } => mean,
        }
    }

    /// How much a row counts: 1 where nothing is said.
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// The weights of some rows, in their order; `None` where nothing is said.
    pub fn weights_of(&self, rows: &[usize]) -> Option<Vec<f64>> {
        let weights = self.weights.as_ref()?;
        Some(rows.iter().map(|&row| weights[row]).collect())
    }

    /// Mean loss, and accuracy or root mean squared error, of some rows; zeros of no rows. Means are weighted.
    ///
    /// # Errors
    /// A row that cannot be filled.
    pub fn score(
        &self,
        exec: &Exec,
        params: &[f32],
        rows: &[usize],
    ) -> Result<(f64, f64), TrainError> {
        let mut targets = Targets::None;
        let mut work = self.network.workspace(BATCH.min(rows.len()));
        let (mut loss, mut score, mut losses) = (0.0, 0.0, Vec::new());
        for rows in rows.chunks(BATCH) {
            let (all, mode) = (&*self.encoded, Mode::Infer);
            let z = self.network.forward_rows(exec, params, all, rows, mode, &mut work)?;
            self.encoded.targets(rows, &mut targets)?;
            let weight = |i: usize| self.weight(rows[i]);
            losses.clear();
            self.loss.examples(exec, z, targets.view(), None, &mut |i, loss| {
                losses.push(weight(i) * loss);
            });
            loss += sum_of_losses(losses.len(), &|i| losses[i]);
            score += hits(self.task, z, &targets, weight);
        }
        let n = rows.iter().fold(0.0, |sum, &row| sum + self.weight(row));
        let n = if n > 0.0 { n } else { 1.0 };
        Ok((loss / n, self.unit(score / n)))
    }

    /// The layer at fault where the loss of some validation rows is no finite number, in words.
    pub(crate) fn fault_on(
        &self,
        exec: &Exec,
        params: &[f32],
        rows: &[usize],
    ) -> Result<String, TrainError> {
        let mut targets = Targets::None;
        let mut work = self.network.workspace(BATCH.min(rows.len()));
        for rows in rows.chunks(BATCH) {
            let (all, mode) = (&*self.encoded, Mode::Infer);
            let z = self.network.forward_rows(exec, params, all, rows, mode, &mut work)?;
            self.encoded.targets(rows, &mut targets)?;
            if !self.loss.sum(exec, z, &targets).is_finite() {
                let fault = fault(&self.network, params, None, Some(&work));
                return Ok(format!("on the validation part {fault}"));
            }
        }
        Ok("the validation loss is not a finite number".into())
    }

    /// The rows of a part.
    pub fn rows(&self, part: Part) -> &[usize] {
        match part {
            Part::Train => &self.train,
            Part::Validation => &self.valid,
            Part::Test => &self.test,
            Part::Unused => &[],
        }
    }

    /// The model of a state. Its scores are still empty: they are those of an evaluation.
    ///
    /// # Errors
    /// [`TrainError::Model`] for parameters that are not finite.
    pub fn model(&self, state: &State) -> Result<Model, TrainError> {
        let record = TrainRecord {
            version: env!("CARGO_PKG_VERSION").into(),
            seed: self.config.seed,
            fingerprint: self.fingerprint,
            class_counts: self.class_counts.clone(),
            examples: [&self.train, &self.valid, &self.test].map(|rows| rows.len() as u64),
            config: [self.config.words(), self.choices.clone()].concat(),
            history: state.history.clone(),
            best_epoch: state.best_epoch(),
            scores: Vec::new(),
        };
        let network = self.network.spec().clone().build()?;
        let values = state.values().to_vec();
        Ok(Model::new(self.pipeline.clone(), network, values, self.task, record)?)
    }

    /// All metrics of a model on a part.
    ///
    /// # Errors
    /// Those of [`evaluate`](crate::evaluate).
    pub fn evaluate(
        &self,
        exec: &Exec,
        model: &Model,
        part: Part,
    ) -> Result<Evaluation, TrainError> {
        let rows = self.rows(part);
        evaluate(exec, model, &*self.encoded, rows, self.weights_of(rows).as_deref())
    }
}
