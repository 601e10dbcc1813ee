//! What is made of the options of `train`: flags, and keys of the config file by the same word. Flags win over the
//! file, the file over the defaults. The fields themselves: `fields`.

mod fields;
mod types;

pub use fields::Options;
pub use types::TypeOf;

use crate::failure::usage;
use crate::words::{
    Channels, ClassWeights, Features, Numbers, NumbersOf, Optimizer, Pca, Pixels, Resize,
    ScheduleWord, TaskWord,
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
    pub fn open(&self) -> OpenOptions {
        OpenOptions {
            picture_size: self.size.map(|s| (s.0, s.1)),
            picture_side: self.features().map(|_| FEATURES_SIDE),
            resize: self.resize.map(Resize::meaning),
            channels: self.channels.map(Channels::meaning),
            background: self.background.map(|c| c.0),
            labels: self.labels.clone(),
            label_regex: self.label_regex.clone(),
            target: self.target.clone(),
            label_separator: self.multi_label.clone(),
            weight: self.weight.clone(),
            test_data: self.test_data.clone(),
            header: self.header,
            task: self.task.map(TaskWord::meaning).unwrap_or_default(),
            types: self.types.iter().map(|t| (t.column.clone(), t.kind)).collect(),
            strict: self.strict.unwrap_or(false),
            ..OpenOptions::default()
        }
    }

    /// What preprocessing to fit.
    pub fn plan(&self) -> Plan {
        let plan = Plan::default();
        let own = |NumbersOf(column, how): &NumbersOf| (column.clone(), how.meaning());
        let whiten = self.whiten.unwrap_or(false);
        Plan {
            pixels: self.pixels.map_or(plan.pixels, Pixels::meaning),
            features: self.features.map_or(plan.features, Features::meaning),
            numbers: self.numbers.map_or(plan.numbers, Numbers::meaning),
            numbers_of: self.numbers_of.iter().map(own).collect(),
            min_count: self.rare_below.unwrap_or(plan.min_count),
            max_levels: self.max_levels.unwrap_or(plan.max_levels),
            pca: self.pca.map(|Pca(keep)| mlp_data::Pca { keep, whiten }),
            left_out: self.left_out(),
            ..plan
        }
    }

    /// Columns that make the parts, unless they are to be inputs as well; each with the reason.
    fn left_out(&self) -> Vec<(String, String)> {
        if self.split_inputs == Some(true) {
            return Vec::new();
        }
        let parted = [&self.split_group, &self.split_time].into_iter().flatten();
        let why = "the parts are made by it (--split-inputs for an input too)";
        parted.map(|column| (column.clone(), why.to_string())).collect()
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
        self.check_parts()?;
        // The run folder's config file could not hold their names.
        let data = self.data.as_ref().map(PathBuf::from);
        let paths = [&data, &self.test_data, &self.labels, &self.split, &self.cache_dir];
        for path in paths.into_iter().flatten() {
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
        for (name, value) in [("rare-below", self.rare_below), ("max-levels", self.max_levels)] {
            if value == Some(0) {
                return Err(usage(format!("--{name} 0: must be at least 1")));
            }
        }
        if self.whiten == Some(true) && self.pca.is_none() {
            return Err(usage("--whiten is of principal components: add --pca N, or leave it out"));
        }
        if let Some(column) = self.weight.as_ref().filter(|_| self.weight == self.target) {
            return Err(usage(format!(
                "--weight {column}: the column is the target; name another"
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

    /// Checks that the parts are asked for in one way only.
    fn check_parts(&self) -> anyhow::Result<()> {
        let said = [
            ("--fold", self.fold.is_some()),
            ("--split-group", self.split_group.is_some()),
            ("--split-time", self.split_time.is_some()),
            ("--test", self.test.is_some()),
            ("--valid", self.valid.is_some()),
        ];
        let said = |name: &str| said.iter().any(|(n, said)| *n == name && *said);
        let clash = |one: &str, other: &str| {
            Err(usage(format!("{one} with {other}: the parts are made by only one of them")))
        };
        if self.split.is_none() {
            return match () {
                () if said("--fold") => {
                    Err(usage("--fold needs the file of the folds: --split FILE"))
                }
                () if said("--split-group") && said("--split-time") => {
                    clash("--split-group", "--split-time")
                }
                () => Ok(()),
            };
        }
        let own = ["--split-group", "--split-time", "--test"];
        if let Some(other) = own.into_iter().find(|name| said(name)) {
            return clash("--split", other);
        }
        // The file says what validates, unless it holds folds.
        match said("--valid") && !said("--fold") {
            true => clash("--split", "--valid"),
            false => Ok(()),
        }
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
