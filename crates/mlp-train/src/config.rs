//! Hyper-parameters: their defaults, and the one place where they are checked.

use crate::{Pace, Schedule, TrainError};
use mlp_model::Task;
use mlp_model::data::Augment;
use mlp_model::tensor::Activation;
use serde::{Deserialize, Serialize};

/// How the weights are moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimizerKind {
    /// Stochastic gradient descent with momentum.
    Sgd,
    /// Kingma and Ba 2015; weight decay as an L2 term of the gradient.
    Adam,
    /// Loshchilov and Hutter 2019: decoupled weight decay.
    #[default]
    AdamW,
    /// Closed-form least squares; for regression without hidden layers.
    Exact,
}

/// Largest learning rate: a step of it along the largest gradient keeps every weight finite.
const MAX_RATE: f32 = 1000.0;

/// Factors on the loss of each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassWeights {
    /// All 1.
    #[default]
    None,
    /// `examples / (classes · examples of the class)`, as scikit-learn's `balanced`.
    Balanced,
}

/// The hyper-parameters of a training. `None` is chosen from the data by [`Config::check`].
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The task, where it is not to be chosen from the target.
    pub task: Option<Task>,
    /// Widths of the hidden layers; empty for linear or logistic regression.
    pub hidden: Vec<usize>,
    /// Of the hidden layers.
    pub activation: Activation,
    /// Probability of a zero after each hidden layer.
    pub dropout: f32,
    /// How the weights are moved.
    pub optimizer: OptimizerKind,
    /// Largest learning rate; by default 0.002, and 0.05 for `sgd`.
    pub learning_rate: Option<f32>,
    /// Of `sgd`.
    pub momentum: f32,
    /// Nesterov's form of momentum.
    pub nesterov: bool,
    /// Decay of Adam's first and second moments.
    pub betas: (f32, f32),
    /// Added to the root of Adam's second moment.
    pub epsilon: f32,
    /// Pull of the weights (not the biases) towards zero; by default 0.01, and 0.0001 where it is a term of the
    /// gradient (`sgd`, `adam`), on which it pulls harder.
    pub weight_decay: Option<f32>,
    /// How the learning rate moves.
    pub schedule: Schedule,
    /// Epochs over which the rate rises from zero; 0 with `one-cycle`, which has a rise of its own.
    pub warmup: f32,
    /// Examples a step; by default 32 up to 2,000 training examples, 64 up to 20,000, then 128.
    pub batch_size: Option<usize>,
    /// Passes over the training examples, at most; by default as many as show about 600,000 examples, between 8 and
    /// 100.
    pub epochs: Option<u32>,
    /// Largest norm of the gradient; 0 for no limit.
    pub clip: f32,
    /// Factors on the loss of each class.
    pub class_weights: ClassWeights,
    /// Epochs without a lower loss on the validation part after which training stops; 0 for never.
    pub patience: u32,
    /// Changes to the pictures of training rows.
    pub augment: Augment,
    /// Of all random streams.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            task: None,
            hidden: vec![256, 128],
            activation: Activation::Relu,
            dropout: 0.1,
            optimizer: OptimizerKind::AdamW,
            learning_rate: None,
            momentum: 0.9,
            nesterov: false,
            betas: (0.9, 0.999),
            epsilon: 1e-8,
            weight_decay: None,
            schedule: Schedule::OneCycle,
            warmup: 0.0,
            batch_size: None,
            epochs: None,
            clip: 0.0,
            class_weights: ClassWeights::None,
            patience: 20,
            augment: Augment::default(),
            seed: 1,
        }
    }
}

/// A value that went through its check; only the check makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked<T>(T);

impl<T> std::ops::Deref for Checked<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// A rule that `value` breaks.
fn refuse<T>(name: &'static str, value: impl ToString, rule: &str) -> Result<T, TrainError> {
    Err(TrainError::Config { name, value: value.to_string(), rule: rule.into() })
}

fn within(name: &'static str, value: f32, ok: bool, rule: &str) -> Result<(), TrainError> {
    if value.is_finite() && ok { Ok(()) } else { refuse(name, value, rule) }
}

impl Config {
    /// Checks every value and fills in what depends on the number of training examples.
    pub fn check(mut self, examples: usize) -> Result<Checked<Config>, TrainError> {
        self.resolve(examples);
        if self.epochs == Some(0) {
            return refuse("epochs", 0, "must be at least 1");
        }
        self.check_numbers()?;
        if self.hidden.contains(&0) {
            return refuse(
                "hidden",
                0,
                "a hidden layer needs at least one node; `none` for no layer",
            );
        }
        match self.batch_size {
            Some(0) => refuse("batch-size", 0, "must be at least 1")?,
            // Buffers are as large as the batch asks, so it must not be larger than the data.
            Some(size) => self.batch_size = Some(size.min(examples.max(1))),
            None => {}
        }
        if self.schedule == Schedule::OneCycle && self.warmup > 0.0 {
            let rule = "the schedule one-cycle has a rise of its own: leave it at 0, or choose --schedule cosine, \
                        step or constant";
            return refuse("warmup", self.warmup, rule);
        }
        if let Schedule::Step { every, factor } = self.schedule {
            within("step-factor", factor, factor > 0.0 && factor <= 1.0, "must be in (0, 1]")?;
            if every == 0 {
                return refuse("step-every", 0, "must be at least 1 epoch");
            }
        }
        if self.optimizer == OptimizerKind::Exact && !self.hidden.is_empty() {
            let rule =
                "solves linear regression only: add --hidden none, or choose sgd, adam or adamw";
            return refuse("optimizer", "exact", rule);
        }
        if self.optimizer == OptimizerKind::Exact && !self.augment.is_none() {
            let rule = "a closed-form fit sees every row once, as it is: leave out --augment";
            return refuse("augment", self.augment, rule);
        }
        let steps = self.pace(examples).total();
        if steps > u64::from(u32::MAX) {
            return refuse("epochs", self.epochs.unwrap_or(0), "more than 4,294,967,295 steps");
        }
        Ok(Checked(self))
    }

    fn check_numbers(&self) -> Result<(), TrainError> {
        let share = |name, v: f32| within(name, v, (0.0..1.0).contains(&v), "must be in [0, 1)");
        let rate = self.learning_rate.unwrap_or_default();
        within(
            "learning-rate",
            rate,
            rate > 0.0 && rate <= MAX_RATE,
            "must be above 0 and at most 1000; 0.001 suits most data",
        )?;
        share("dropout", self.dropout)?;
        share("momentum", self.momentum)?;
        share("beta1", self.betas.0)?;
        share("beta2", self.betas.1)?;
        within("epsilon", self.epsilon, self.epsilon > 0.0, "must be above 0")?;
        let decay = self.weight_decay.unwrap_or_default();
        within("weight-decay", decay, decay >= 0.0, "must not be negative")?;
        let pull = "times the learning rate must be below 1, or the weights swing ever wider";
        within("weight-decay", decay, rate * decay < 1.0, pull)?;
        within("clip", self.clip, self.clip >= 0.0, "must not be negative; 0 is no limit")?;
        let epochs = self.epochs.unwrap_or(0);
        let rise = format!("must be between 0 and the number of epochs, {epochs}");
        within("warmup", self.warmup, (0.0..=epochs as f32).contains(&self.warmup), &rise)
    }

    fn resolve(&mut self, examples: usize) {
        let rate = if self.optimizer == OptimizerKind::Sgd { 0.05 } else { 0.002 };
        self.learning_rate.get_or_insert(rate);
        let decoupled = self.optimizer == OptimizerKind::AdamW;
        self.weight_decay.get_or_insert(if decoupled { 0.01 } else { 0.0001 });
        self.batch_size.get_or_insert(match examples {
            0..=2_000 => 32,
            2_001..=20_000 => 64,
            _ => 128,
        });
        self.epochs.get_or_insert((600_000 / examples.max(1)).clamp(8, 100) as u32);
    }

    /// Steps an epoch and epochs.
    pub fn pace(&self, examples: usize) -> Pace {
        let batch = self.batch_size.unwrap_or(1).max(1);
        Pace {
            steps_per_epoch: examples.div_ceil(batch).max(1) as u64,
            epochs: u64::from(self.epochs.unwrap_or(1)),
        }
    }

    /// Every hyper-parameter as the words of the command line, in a fixed order: written to the model's record.
    pub fn words(&self) -> Vec<(String, String)> {
        let hidden: Vec<String> = self.hidden.iter().map(usize::to_string).collect();
        let hidden = if hidden.is_empty() { "none".into() } else { hidden.join(",") };
        let optimizer = match self.optimizer {
            OptimizerKind::Sgd => "sgd",
            OptimizerKind::Adam => "adam",
            OptimizerKind::AdamW => "adamw",
            OptimizerKind::Exact => "exact",
        };
        let class_weights = match self.class_weights {
            ClassWeights::None => "none",
            ClassWeights::Balanced => "balanced",
        };
        let mut words = vec![("hidden", hidden)];
        words.extend(self.task.map(|task| ("task", task.name().to_string())));
        words.push(("activation", self.activation.name().into()));
        words.push(("dropout", self.dropout.to_string()));
        words.push(("optimizer", optimizer.into()));
        words.push(("learning-rate", self.learning_rate.unwrap_or_default().to_string()));
        words.push(("momentum", self.momentum.to_string()));
        words.push(("nesterov", self.nesterov.to_string()));
        words.push(("beta1", self.betas.0.to_string()));
        words.push(("beta2", self.betas.1.to_string()));
        words.push(("epsilon", self.epsilon.to_string()));
        words.push(("weight-decay", self.weight_decay.unwrap_or_default().to_string()));
        words.push(("schedule", self.schedule.name().into()));
        if let Schedule::Step { every, factor } = self.schedule {
            words.push(("step-every", every.to_string()));
            words.push(("step-factor", factor.to_string()));
        }
        words.push(("warmup", self.warmup.to_string()));
        words.push(("batch-size", self.batch_size.unwrap_or_default().to_string()));
        words.push(("epochs", self.epochs.unwrap_or_default().to_string()));
        words.push(("clip", self.clip.to_string()));
        words.push(("class-weights", class_weights.into()));
        words.push(("patience", self.patience.to_string()));
        words.push(("seed", self.seed.to_string()));
        if !self.augment.is_none() {
            words.push(("augment", self.augment.to_string()));
        }
        words.into_iter().map(|(key, value)| (key.to_string(), value)).collect()
    }
}
