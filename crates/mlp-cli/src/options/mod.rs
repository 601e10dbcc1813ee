//! What is made of the options of `train`: flags, and keys of the config file by the same word. Flags win over the
//! file, the file over the defaults. The fields themselves: `fields`.

mod fields;

pub use fields::Options;

use crate::cache;
use crate::failure::usage;
use crate::words::{
    Channels, ClassWeights, Features, Optimizer, Pixels, Resize, ScheduleWord, TaskWord,
};
use anyhow::Context;
use mlp_data::{OpenOptions, Plan};
use mlp_train::{Config, Schedule};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Sides of pictures of which features are taken, where no size was asked for.
const FEATURES_SIDE: u32 = 128;

/// Every key of the config file, for suggestions.
pub fn keys() -> Vec<String> {
    use clap::CommandFactory;
    let cli = crate::args::Cli::command();
    let train = cli.find_subcommand("train").map(|c| c.get_arguments().collect::<Vec<_>>());
    let global = cli.get_arguments().collect::<Vec<_>>();
    let not = ["help", "version", "resume", "config", "dry-run", "preview"];
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
    pub fn open(&self) -> anyhow::Result<OpenOptions> {
        Ok(OpenOptions {
            picture_size: self.size.map(|s| (s.0, s.1)),
            picture_side: self.features().map(|_| FEATURES_SIDE),
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
            cache: cache::of(self)?,
            ..OpenOptions::default()
        })
    }

    /// What preprocessing to fit.
    pub fn plan(&self) -> Plan {
        let plan = Plan::default();
        Plan {
            pixels: self.pixels.map_or(plan.pixels, Pixels::meaning),
            features: self.features.map_or(plan.features, Features::meaning),
            ..plan
        }
    }

    /// The features, unless pixels are to be seen.
    fn features(&self) -> Option<Features> {
        self.features.filter(|features| *features != Features::Pixels)
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
            augment: self.augment.unwrap_or_default().0,
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
