//! The fields of [`Options`]: one for every flag of `train`, which is also a key of the config file by the same word.

use super::types::TypeOf;
use crate::cache::{Bytes, CacheWord};
use crate::words::{
    Activation, Augment, Channels, ClassWeights, Colour, Features, Hidden, Numbers, NumbersOf,
    Optimizer, Pca, Pixels, Resize, ScheduleWord, Size, TaskWord,
};
use clap::Args;
use clap::builder::BoolishValueParser as YesNo;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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

    /// Column to predict, or several of yes and no: a,b,c [default: target, label, class or y, else the last]
    #[arg(long, value_name = "COLUMN", help_heading = "Data")]
    pub target: Option<String>,
    /// The target is a set of labels, with this between them in the cell: 'a;b', or empty for none
    #[arg(long, value_name = "SEP", help_heading = "Data")]
    #[serde(alias = "multi_label")]
    pub multi_label: Option<String>,
    /// What the target is
    #[arg(long, value_enum, value_name = "TASK", help_heading = "Data")]
    pub task: Option<TaskWord>,
    /// Column of a table that says how much each row counts
    #[arg(long, value_name = "COLUMN", help_heading = "Data")]
    #[serde(alias = "sample_weight", alias = "sample-weight")]
    pub weight: Option<String>,
    /// Whether the first row of a table names the columns [default: found out]
    #[arg(long, value_parser = YesNo::new(), hide_possible_values = true, value_name = "YES|NO", help_heading = "Data")]
    pub header: Option<bool>,
    /// What a column holds: number, category, boolean, date or ignore; may be given again [default: found out]
    #[arg(long = "type", value_name = "COLUMN=TYPE", help_heading = "Data")]
    #[serde(
        rename = "type",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "super::types::types"
    )]
    pub types: Vec<TypeOf>,
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
    /// Take the parts from a file that `mlp data split` wrote
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    pub split: Option<PathBuf>,
    /// Of a file of folds, the one that tests, counted from 1
    #[arg(long, value_name = "I", help_heading = "Data")]
    pub fold: Option<u32>,
    /// Keep all rows that have the same in this column in one part: those of a patient
    #[arg(long, value_name = "COLUMN", help_heading = "Data")]
    pub split_group: Option<String>,
    /// Train on the oldest rows by this column, test on the newest
    #[arg(long, value_name = "COLUMN", help_heading = "Data")]
    pub split_time: Option<String>,
    /// Whether the columns of --split-group and --split-time are inputs too [default: no]
    #[arg(long, num_args = 0..=1, default_missing_value = "yes", value_parser = YesNo::new())]
    #[arg(hide_possible_values = true, value_name = "YES|NO", help_heading = "Data")]
    pub split_inputs: Option<bool>,
    /// Look for copies across parts and for columns that give the target away [default: yes]
    #[arg(long, value_parser = YesNo::new(), hide_possible_values = true, value_name = "YES|NO", help_heading = "Data")]
    pub checks: Option<bool>,
    /// Leave copies of test rows out of training and validation, and of validation rows out of training
    #[arg(long, num_args = 0..=1, default_missing_value = "yes", value_parser = YesNo::new())]
    #[arg(hide_possible_values = true, value_name = "YES|NO", help_heading = "Data")]
    pub drop_duplicates: Option<bool>,
    /// Refuse unreadable pictures instead of skipping them
    #[arg(long, num_args = 0..=1, default_missing_value = "yes", value_parser = YesNo::new())]
    #[arg(hide_possible_values = true, value_name = "YES|NO", help_heading = "Data")]
    pub strict: Option<bool>,

    /// Keep prepared data on disk; disk also reads them from there, for data larger than memory [default: none]
    #[arg(long, value_enum, value_name = "WHERE", help_heading = "Data")]
    pub cache: Option<CacheWord>,
    /// Bytes that all prepared data on disk may take: 500MB, 20GB [default: 20GB]
    #[arg(long, value_name = "BYTES", help_heading = "Data")]
    pub cache_size: Option<Bytes>,
    /// Folder of prepared data [default: mlp in the user's cache folder]
    #[arg(long, value_name = "DIR", help_heading = "Data")]
    pub cache_dir: Option<PathBuf>,

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
    /// How pixels become numbers: v/255 (the fastest where much is black), standardised over all, or each on
    /// its own [default: standard]
    #[arg(long, value_enum, value_name = "SCALING", help_heading = "Pictures")]
    pub pixels: Option<Pixels>,
    /// What the network sees: pixels, histograms of oriented gradients, or these and colours [default: pixels]
    #[arg(long, value_enum, value_name = "WHAT", help_heading = "Pictures")]
    pub features: Option<Features>,
    /// Change training pictures anew in every epoch: photo, digits, or a list such as flip,rotate=10 [default: none]
    #[arg(long, value_name = "LIST", help_heading = "Pictures")]
    pub augment: Option<Augment>,
    /// A CSV of `file,label` for a flat folder
    #[arg(long, value_name = "FILE", help_heading = "Pictures")]
    pub labels: Option<PathBuf>,
    /// Regular expression on the file name, whose first group is the label: '^(cat|dog)\.'
    #[arg(long, value_name = "RE", help_heading = "Pictures")]
    pub label_regex: Option<String>,

    /// How numbers of a table are scaled [default: standard]
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Preprocessing")]
    pub numbers: Option<Numbers>,
    /// How those of one column are; may be given again for others
    #[arg(long, value_name = "COLUMN=HOW", help_heading = "Preprocessing")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub numbers_of: Vec<NumbersOf>,
    /// Words in fewer training rows than this share one input [default: 5]
    #[arg(long, value_name = "ROWS", help_heading = "Preprocessing")]
    pub rare_below: Option<usize>,
    /// Most words of a column with an input of their own [default: 64]
    #[arg(long, value_name = "N", help_heading = "Preprocessing")]
    pub max_levels: Option<usize>,
    /// Principal components of all inputs, pixels too: so many, or for that share of the variance
    #[arg(long, value_name = "N|SHARE", help_heading = "Preprocessing")]
    pub pca: Option<Pca>,
    /// Give every principal component the same variance
    #[arg(long, num_args = 0..=1, default_missing_value = "yes", value_parser = YesNo::new())]
    #[arg(hide_possible_values = true, value_name = "YES|NO", help_heading = "Preprocessing")]
    pub whiten: Option<bool>,

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
