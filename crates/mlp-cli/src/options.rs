//! The options of `train`: flags, and keys of the config file by the same word. Flags win over the file, the file over
//! the defaults.

use crate::failure::usage;
use crate::words::{
    Activation, Channels, ClassWeights, Colour, Hidden, Optimizer, Pixels, Resize, ScheduleWord,
    Size, TaskWord,
};
use anyhow::Context;
use clap::Args;
use clap::builder::BoolishValueParser as YesNo;
use mlp_data::{OpenOptions, Plan};
use mlp_train::{Config, Schedule};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Everything that shapes a training.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Options {
    /// What to train on; a positional argument on the command line.
    #[arg(skip)]
    pub data: Option<String>,
    /// Run folder [default: runs/NAME, numbered]
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Column to predict [default: target, label, class or y, else the last]
    #[arg(long, value_name = "COLUMN", help_heading = "Data")]
    pub target: Option<String>,
    /// What the target is
    #[arg(long, value_enum, value_name = "TASK", help_heading = "Data")]
    pub task: Option<TaskWord>,
    /// Whether the first row of a table names the columns [default: found out]
    #[arg(long, value_parser = YesNo::new(), hide_possible_values = true, value_name = "YES|NO", help_heading = "Data")]
    pub header: Option<bool>,
    /// A file or folder of test examples
    #[arg(long, value_name = "DATA", help_heading = "Data")]
    pub test_data: Option<PathBuf>,
    /// Share of the examples that choose the best epoch; 0 for none [default: 0.1; 0 below 200 rows]
    #[arg(long, visible_alias = "validation", value_name = "SHARE", help_heading = "Data")]
    #[serde(alias = "validation", alias = "validation-fraction", alias = "validation_fraction")]
    pub valid: Option<f64>,
    /// Share of the examples that only test; 0 for none [default: 0.2, or what the data brings]
    #[arg(long, value_name = "SHARE", help_heading = "Data")]
    pub test: Option<f64>,
    /// Refuse unreadable pictures instead of skipping them
    #[arg(long, num_args = 0..=1, default_missing_value = "yes", value_parser = YesNo::new())]
    #[arg(hide_possible_values = true, value_name = "YES|NO", help_heading = "Data")]
    pub strict: Option<bool>,

    /// Size that pictures are brought to [default: 64x64, or their own if equal and smaller]
    #[arg(long, value_name = "WxH", help_heading = "Pictures")]
    pub size: Option<Size>,
    /// How other sizes are fitted [default: crop]
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Pictures")]
    pub resize: Option<Resize>,
    /// Which colours are kept [default: rgb, or grey if all are grey]
    #[arg(long, value_enum, value_name = "CHANNELS", help_heading = "Pictures")]
    pub channels: Option<Channels>,
    /// Colour behind transparent pixels and beside padded pictures [default: white]
    #[arg(long, value_name = "COLOUR", help_heading = "Pictures")]
    pub background: Option<Colour>,
    /// How pixels become numbers: v/255, standardised over all, or each on its own [default: standard]
    #[arg(long, value_enum, value_name = "SCALING", help_heading = "Pictures")]
    pub pixels: Option<Pixels>,
    /// A CSV of `file,label` for a flat folder
    #[arg(long, value_name = "FILE", help_heading = "Pictures")]
    pub labels: Option<PathBuf>,
    /// Regular expression on the file name, whose first group is the label: '^(cat|dog)\.'
    #[arg(long, value_name = "RE", help_heading = "Pictures")]
    pub label_regex: Option<String>,

    /// Widths of the hidden layers, or none [default: 256,128]
    #[arg(long, value_name = "WIDTHS", help_heading = "Network")]
    #[serde(alias = "hidden_layer_sizes", alias = "hidden-layer-sizes")]
    pub hidden: Option<Hidden>,
    /// identity, logistic, tanh, relu, leaky_relu, elu, selu, gelu, silu, mish, softplus [default: relu]
    #[arg(long, value_name = "NAME", help_heading = "Network")]
    pub activation: Option<Activation>,
    /// Share of hidden values set to zero while training [default: 0.1]
    #[arg(long, value_name = "RATE", help_heading = "Network")]
    pub dropout: Option<f64>,

    /// How weights are moved; exact is closed-form least squares [default: adamw]
    #[arg(long, value_enum, value_name = "NAME", help_heading = "Training")]
    #[serde(alias = "solver")]
    pub optimizer: Option<Optimizer>,
    /// Largest learning rate [default: 0.002; 0.05 for sgd]
    #[arg(long, visible_alias = "lr", value_name = "RATE", help_heading = "Training")]
    #[serde(
        alias = "lr",
        alias = "learning_rate",
        alias = "learning_rate_init",
        alias = "learning-rate-init"
    )]
    pub learning_rate: Option<f64>,
    /// How the rate moves [default: one-cycle]
    #[arg(long, value_enum, value_name = "NAME", help_heading = "Training")]
    pub schedule: Option<ScheduleWord>,
    /// Epochs over which the rate rises at first; one-cycle has its own [default: 0]
    #[arg(long, value_name = "EPOCHS", help_heading = "Training")]
    pub warmup: Option<f64>,
    /// For --schedule step: epochs between drops [default: 10]
    #[arg(long, value_name = "EPOCHS", help_heading = "Training")]
    pub step_every: Option<u32>,
    /// For --schedule step: factor of a drop [default: 0.5]
    #[arg(long, value_name = "FACTOR", help_heading = "Training")]
    pub step_factor: Option<f64>,
    /// Passes over the training examples [default: until 600,000 were seen, 8 to 100 passes]
    #[arg(long, value_name = "N", help_heading = "Training")]
    #[serde(alias = "max_iter", alias = "max-iter")]
    pub epochs: Option<u32>,
    /// Examples a step [default: 32, 64 or 128 by the number of examples]
    #[arg(long, value_name = "N", help_heading = "Training")]
    #[serde(alias = "batch_size")]
    pub batch_size: Option<usize>,
    /// Epochs without improvement before stopping; 0 for never [default: 20]
    #[arg(long, value_name = "EPOCHS", help_heading = "Training")]
    #[serde(alias = "n_iter_no_change", alias = "n-iter-no-change")]
    pub patience: Option<u32>,
    /// Pull of the weights towards zero [default: 0.01]
    #[arg(long, value_name = "RATE", help_heading = "Training")]
    #[serde(alias = "weight_decay", alias = "alpha")]
    pub weight_decay: Option<f64>,
    /// Momentum of sgd [default: 0.9]
    #[arg(long, value_name = "RATE", help_heading = "Training")]
    pub momentum: Option<f64>,
    /// Nesterov's form of momentum
    #[arg(long, num_args = 0..=1, default_missing_value = "yes", value_parser = YesNo::new())]
    #[arg(hide_possible_values = true, value_name = "YES|NO", help_heading = "Training")]
    #[serde(alias = "nesterovs_momentum", alias = "nesterovs-momentum")]
    pub nesterov: Option<bool>,
    /// Decay of adam's first moment [default: 0.9]
    #[arg(long, value_name = "RATE", hide_short_help = true, help_heading = "Training")]
    #[serde(alias = "beta_1")]
    pub beta1: Option<f64>,
    /// Decay of adam's second moment [default: 0.999]
    #[arg(long, value_name = "RATE", hide_short_help = true, help_heading = "Training")]
    #[serde(alias = "beta_2")]
    pub beta2: Option<f64>,
    /// Added to the root of adam's second moment [default: 1e-8]
    #[arg(long, value_name = "X", hide_short_help = true, help_heading = "Training")]
    pub epsilon: Option<f64>,
    /// Largest norm of the gradient; 0 for no limit [default: 0]
    #[arg(long, value_name = "NORM", help_heading = "Training")]
    pub clip: Option<f64>,
    /// Weigh classes, balanced: rare ones more [default: none]
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Training")]
    pub class_weights: Option<ClassWeights>,
    /// Stop after so long and keep the best: 90s, 15m, 2h
    #[arg(long, value_name = "TIME", help_heading = "Training")]
    pub max_time: Option<String>,
    /// Seconds between checkpoints; 0 for every step [default: 2]
    #[arg(long, value_name = "SECONDS", hide_short_help = true, help_heading = "Training")]
    pub checkpoint_every: Option<f64>,

    /// As the flag of every verb.
    #[arg(skip)]
    #[serde(alias = "random_state", alias = "random-state")]
    pub seed: Option<u64>,
    /// As the flag of every verb.
    #[arg(skip)]
    pub threads: Option<usize>,
    /// As the flag of every verb.
    #[arg(skip)]
    pub isa: Option<String>,
    /// As the flag of every verb.
    #[arg(skip)]
    pub quiet: Option<bool>,
    /// As the flag of every verb.
    #[arg(skip)]
    pub json: Option<bool>,
}

/// Every key of the config file, for suggestions.
pub fn keys() -> Vec<String> {
    use clap::CommandFactory;
    let cli = crate::args::Cli::command();
    let train = cli.find_subcommand("train").map(|c| c.get_arguments().collect::<Vec<_>>());
    let global = cli.get_arguments().collect::<Vec<_>>();
    let not = ["help", "version", "resume", "config", "dry-run"];
    let longs = train.into_iter().flatten().chain(global).filter_map(|a| a.get_long());
    let mut keys: Vec<String> =
        longs.map(str::to_string).filter(|k| !not.contains(&&**k)).collect();
    keys.push("data".into());
    keys.sort();
    keys.dedup();
    keys
}

impl Options {
    /// Reads a config file.
    pub fn read(path: &Path) -> anyhow::Result<Options> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        toml::from_str(&text).map_err(|e| {
            let message = e.message().to_string();
            let line = e.span().map(|s| text[..s.start.min(text.len())].matches('\n').count() + 1);
            let place = line.map_or(String::new(), |line| format!(" line {line}:"));
            let hint = unknown_key(&message).map(|key| nearest(&key)).unwrap_or_default();
            // The parser lists every key; the nearest one says more.
            let message = match hint.is_empty() {
                true => message,
                false => message.split(", expected").next().unwrap_or("").to_string(),
            };
            usage(format!("{}:{place} {message}{hint}", path.display()))
        })
    }

    /// These options over those: where both say something, these win.
    pub fn over(&self, below: &Options) -> anyhow::Result<Options> {
        let mut table = Table::try_from(below)?;
        table.extend(Table::try_from(self)?);
        Ok(Value::Table(table).try_into()?)
    }

    /// As the text of a config file.
    pub fn to_text(&self) -> anyhow::Result<String> {
        Ok(toml::to_string(self)?)
    }

    /// How to read the data.
    pub fn open(&self) -> OpenOptions {
        OpenOptions {
            picture_size: self.size.map(|s| (s.0, s.1)),
            resize: self.resize.map(Resize::meaning),
            channels: self.channels.map(Channels::meaning),
            background: self.background.map(|c| c.0),
            labels: self.labels.clone(),
            label_regex: self.label_regex.clone(),
            target: self.target.clone(),
            test_data: self.test_data.clone(),
            header: self.header,
            task: self.task.map(TaskWord::meaning).unwrap_or_default(),
            strict: self.strict.unwrap_or(false),
            ..OpenOptions::default()
        }
    }

    /// What preprocessing to fit.
    pub fn plan(&self) -> Plan {
        let plan = Plan::default();
        Plan { pixels: self.pixels.map_or(plan.pixels, Pixels::meaning), ..plan }
    }

    /// Shares of validation and test.
    pub fn shares(&self) -> (f64, f64) {
        (self.valid.unwrap_or(0.1), self.test.unwrap_or(0.2))
    }

    /// The hyper-parameters.
    pub fn config(&self) -> Config {
        let d = Config::default();
        let real = |value: Option<f64>, default: f32| value.map_or(default, |v| v as f32);
        Config {
            task: self.task.and_then(TaskWord::task),
            hidden: self.hidden.clone().map_or(d.hidden, |h| h.0),
            activation: self.activation.map_or(d.activation, |a| a.0),
            dropout: real(self.dropout, d.dropout),
            optimizer: self.optimizer.map_or(d.optimizer, Optimizer::meaning),
            learning_rate: self.learning_rate.map(|v| v as f32),
            momentum: real(self.momentum, d.momentum),
            nesterov: self.nesterov.unwrap_or(d.nesterov),
            betas: (real(self.beta1, d.betas.0), real(self.beta2, d.betas.1)),
            epsilon: real(self.epsilon, d.epsilon),
            weight_decay: self.weight_decay.map(|v| v as f32),
            schedule: self.schedule(),
            warmup: real(self.warmup, d.warmup),
            batch_size: self.batch_size,
            epochs: self.epochs,
            clip: real(self.clip, d.clip),
            class_weights: self.class_weights.map_or(d.class_weights, ClassWeights::meaning),
            patience: self.patience.unwrap_or(d.patience),
            seed: self.seed.unwrap_or(d.seed),
        }
    }

    fn schedule(&self) -> Schedule {
        match self.schedule {
            None => Schedule::default(),
            Some(ScheduleWord::Constant) => Schedule::Constant,
            Some(ScheduleWord::Cosine) => Schedule::Cosine,
            Some(ScheduleWord::OneCycle) => Schedule::OneCycle,
            Some(ScheduleWord::Step) => Schedule::Step {
                every: self.step_every.unwrap_or(10),
                factor: self.step_factor.unwrap_or(0.5) as f32,
            },
        }
    }

    /// Checks what can be checked without the data.
    pub fn check(&self) -> anyhow::Result<()> {
        self.max_seconds()?;
        // The run folder's config file could not hold their names.
        let data = self.data.as_ref().map(PathBuf::from);
        for path in [&data, &self.test_data, &self.labels].into_iter().flatten() {
            let absolute = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            if absolute.to_str().is_none() {
                let show = absolute.display();
                return Err(usage(format!(
                    "{show}: the path is not UTF-8; rename the folder or file"
                )));
            }
        }
        let every = self.checkpoint_every.unwrap_or_default();
        if !(0.0..=1e6).contains(&every) {
            return Err(usage(format!(
                "--checkpoint-every {every}: give seconds, 0 for every step"
            )));
        }
        let (valid, test) = self.shares();
        for (name, share) in [("valid", valid), ("test", test)] {
            if !(0.0..1.0).contains(&share) {
                return Err(usage(format!("--{name} {share}: must be at least 0 and below 1")));
            }
        }
        if valid + test >= 1.0 {
            let what = "leave no examples to train on; lower one";
            return Err(usage(format!("--valid {valid} and --test {test} {what}")));
        }
        // What depends on the number of examples is checked again when they are there.
        self.config().check(1)?;
        Ok(())
    }

    /// The time limit in seconds.
    pub fn max_seconds(&self) -> anyhow::Result<Option<f64>> {
        let Some(text) = &self.max_time else { return Ok(None) };
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = text[..text.len() - unit.len()].parse::<f64>().ok();
        let factor = match unit.trim() {
            "" | "s" => Some(1.0),
            "m" | "min" => Some(60.0),
            "h" => Some(3600.0),
            _ => None,
        };
        match (number, factor) {
            (Some(number), Some(factor)) => Ok(Some(number * factor)),
            _ => Err(usage(format!("--max-time {text}: give a time such as 90s, 15m or 2h"))),
        }
    }
}

/// The key that a message of the parser calls unknown.
fn unknown_key(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field `")?;
    Some(rest.split('`').next()?.to_string())
}

/// `; did you mean …?`
fn nearest(key: &str) -> String {
    let wanted = key.replace('_', "-");
    let keys = keys();
    match mlp_data::nearest(&wanted, keys.iter().map(String::as_str)) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; the keys are {}", keys.join(", ")),
    }
}
