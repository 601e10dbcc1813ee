//! The command line. Every option of `train` stands in `options`, since it is also a key of the config file.

use crate::learn::args::LearnArgs;
use crate::options::{Options, TypeOf};
use crate::words::Rows;
use clap::builder::BoolishValueParser as YesNo;
use clap::{Args, Parser, Subcommand};
use mlp_data::OpenOptions;
use std::path::PathBuf;

const AFTER: &str = "\
Examples:
  mlp                                      the tour: from a line to a trained network
  mlp train photos/                        a folder of class folders
  mlp train houses.csv --target price      a table
  mlp predict runs/photos/model.mlp new.jpg
  mlp evaluate runs/photos/model.mlp more-photos/

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (after saving).";

/// So many drawings fill a disk.
const MAX_DRAWINGS: u64 = 10_000_000;

/// Multilayer perceptrons: pictures or a table in; a trained, evaluated and saved model out.
#[derive(Debug, Parser)]
#[command(name = "mlp", version, after_help = AFTER, max_term_width = 100)]
pub struct Cli {
    /// Options of every verb.
    #[command(flatten)]
    pub global: Global,
    /// What to do; without it, the tour.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every verb.
#[derive(Clone, Debug, Default, Args)]
pub struct Global {
    /// Print one JSON document (JSON lines for predict) on standard output, and nothing else there
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
    /// Say nothing but errors and results
    #[arg(long, short, global = true, help_heading = "Everywhere")]
    pub quiet: bool,
    /// Threads to use, at most (default: every core); the result is the same for any number
    #[arg(long, global = true, value_name = "N", help_heading = "Everywhere")]
    pub threads: Option<usize>,
    /// Seed of everything random [default: 1]
    #[arg(long, global = true, value_name = "N", help_heading = "Everywhere")]
    // A config file's whole numbers end there.
    #[arg(value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: Option<u64>,
    /// Instruction set: portable, avx2, avx512, neon (default: the best); the result is the same for any
    #[arg(
        long,
        global = true,
        value_name = "SET",
        hide_short_help = true,
        help_heading = "Everywhere"
    )]
    pub isa: Option<String>,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The way from a line to a network that tells cats from dogs, in eight steps
    Tour(TourArgs),
    /// Train a model on pictures or a table
    #[command(visible_alias = "fit")]
    Train(Box<TrainArgs>),
    /// Measure a model on labelled data
    #[command(visible_alias = "eval")]
    Evaluate(EvaluateArgs),
    /// Answer for new pictures or rows
    Predict(PredictArgs),
    /// Show how a model comes to its answers: equations, a traced pass, what every input contributes
    Explain(ExplainArgs),
    /// Show what is in a model or a data set
    #[command(visible_alias = "info")]
    Inspect(InspectArgs),
    /// Write a model for other programs
    Export(ExportArgs),
    /// Make the page of a run anew, or compare several runs
    Report(ReportArgs),
    /// Single steps from a line to a network, with your own numbers
    Learn(Box<LearnArgs>),
    /// Make data sets
    #[command(subcommand)]
    Data(DataCommand),
    /// Print completions for a shell
    Completions(CompletionsArgs),
}

/// `mlp tour`
#[derive(Debug, Default, Args)]
pub struct TourArgs {
    /// Folder to write to [default: runs/tour, where it replaces an earlier tour]
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `mlp train`
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// A folder of class folders or of IDX, NPY or CIFAR files; a CSV, TSV, JSON Lines, NPY, NPZ, IDX, libsvm or
    /// Parquet file, packed by gzip or zstd or not; an embedded set (digits, drawings, iris, trees), or a fetched one
    /// (mnist, cats-vs-dogs, adult, …)
    #[arg(required_unless_present_any = ["resume", "config"])]
    pub data: Option<String>,
    /// Go on with an interrupted training, from its run folder
    #[arg(long, value_name = "RUN", conflicts_with_all = ["data", "config", "out"])]
    pub resume: Option<PathBuf>,
    /// Read options from a TOML file; flags win over it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Show what would be trained, and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Write a sheet of what the network sees of the first training pictures
    #[arg(long, value_name = "FILE.png")]
    pub preview: Option<PathBuf>,
    /// Everything that is also a key of the config file.
    #[command(flatten)]
    pub options: Options,
}

/// `mlp evaluate`
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// A model file, or a run folder
    pub model: PathBuf,
    /// Labelled data, of the same kind as the model was trained on
    pub data: String,
    /// Column with the truth [default: the one the model was trained on]
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,
    /// A CSV of `file,label` for a flat folder of pictures
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Regular expression on the file name; its first group is the label
    #[arg(long, value_name = "RE")]
    pub label_regex: Option<String>,
    /// Whether the first row of a table names the columns
    #[arg(long, value_parser = YesNo::new(), hide_possible_values = true, value_name = "YES|NO")]
    pub header: Option<bool>,
    /// Only the rows that the data set itself marks so (a test folder, t10k-* files): train, validation or test
    #[arg(long, value_name = "PART")]
    pub part: Option<String>,
    /// Refuse unreadable pictures instead of skipping them
    #[arg(long)]
    pub strict: bool,
}

/// `mlp predict`
#[derive(Debug, Args)]
pub struct PredictArgs {
    /// A model file, or a run folder
    pub model: PathBuf,
    /// Pictures, folders of pictures, tables, `-` for a table on standard input, or an embedded or fetched set
    #[arg(required = true)]
    pub inputs: Vec<PathBuf>,
    /// Show the K most probable classes
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub top: usize,
    /// Whether the first row of a table names the columns
    #[arg(long, value_parser = YesNo::new(), hide_possible_values = true, value_name = "YES|NO")]
    pub header: Option<bool>,
    /// Refuse unreadable pictures instead of skipping them
    #[arg(long)]
    pub strict: bool,
}

/// `mlp explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A model file, or a run folder
    pub model: PathBuf,
    /// What to answer and explain, as for predict; without it, the model alone
    pub inputs: Vec<PathBuf>,
    /// Which rows, counted from 1, as 1,5,10-12 [default: the first 5]
    #[arg(long, value_name = "ROWS", requires = "inputs")]
    pub rows: Option<Rows>,
    /// The class whose logit is explained [default: the one that is predicted]
    #[arg(long, value_name = "NAME", requires = "inputs")]
    pub class: Option<String>,
    /// Data like those of the training: for the nearest examples and for dead and saturated nodes
    #[arg(long, value_name = "DATA")]
    pub data: Option<String>,
    /// Leave nothing out: every equation, term, column and node
    #[arg(long)]
    pub full: bool,
    /// Also write a page with pictures
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Whether the first row of a table names the columns
    #[arg(long, value_parser = YesNo::new(), hide_possible_values = true, value_name = "YES|NO")]
    pub header: Option<bool>,
    /// Refuse unreadable pictures instead of skipping them
    #[arg(long)]
    pub strict: bool,
}

/// `mlp inspect`
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// A model, a run folder, or a data set
    pub file: String,
    /// How to read data.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// How the verbs that look at data read them.
#[derive(Debug, Args)]
pub struct ReadingArgs {
    /// The column to predict, for a table, or several of yes and no: a,b,c
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,
    /// The target is a set of labels, with this between them in the cell
    #[arg(long, value_name = "SEP")]
    pub multi_label: Option<String>,
    /// A CSV of `file,label` for a flat folder of pictures
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Regular expression on the file name; its first group is the label
    #[arg(long, value_name = "RE")]
    pub label_regex: Option<String>,
    /// Whether the first row of a table names the columns
    #[arg(long, value_parser = YesNo::new(), hide_possible_values = true, value_name = "YES|NO")]
    pub header: Option<bool>,
    /// What a column holds: number, category, boolean, date or ignore; may be given again
    #[arg(long = "type", value_name = "COLUMN=TYPE")]
    pub types: Vec<TypeOf>,
}

impl ReadingArgs {
    /// As options of the reader.
    pub fn open(&self) -> OpenOptions {
        OpenOptions {
            target: self.target.clone(),
            label_separator: self.multi_label.clone(),
            labels: self.labels.clone(),
            label_regex: self.label_regex.clone(),
            header: self.header,
            types: self.types.iter().map(|t| (t.column.clone(), t.kind)).collect(),
            ..OpenOptions::default()
        }
    }
}

/// `mlp export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// A model file, or a run folder
    pub model: PathBuf,
    /// onnx, safetensors or json
    #[arg(long, value_name = "FORMAT")]
    pub to: String,
    /// Where to write [default: beside the model]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `mlp report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// A run folder; or several, to compare them
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// Where to write [default: report.html in the run; comparison.html for several]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Also write every plot as a PNG file into this folder (needs a build with the feature `png`)
    #[arg(long, value_name = "DIR")]
    pub png: Option<PathBuf>,
}

/// The verbs of `mlp data`.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Draw cats and dogs as PNG files into class folders
    Draw(DrawArgs),
    /// Show what is in a data set: columns, classes, parts, pictures, and what is odd about them
    Inspect(DataInspectArgs),
    /// Write down which rows train, validate and test, for `mlp train --split`
    Split(SplitArgs),
}

/// `mlp data inspect`
#[derive(Debug, Args)]
pub struct DataInspectArgs {
    /// A folder, a file or an embedded set
    pub data: String,
    /// How to read it.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// `mlp data split`
#[derive(Debug, Args)]
pub struct SplitArgs {
    /// A folder, a file or an embedded set
    pub data: String,
    /// How to read it.
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// Keep all rows that have the same in this column in one part: those of a patient
    #[arg(long, visible_alias = "split-group", value_name = "COLUMN")]
    #[arg(conflicts_with_all = ["group_regex", "time"])]
    pub group: Option<String>,
    /// Keep all pictures together in whose paths this finds the same (its first group, or all of it): '^([^_]+)_'
    #[arg(long, value_name = "RE", conflicts_with = "time")]
    pub group_regex: Option<String>,
    /// The oldest rows by this column train, the newest test
    #[arg(long, visible_alias = "split-time", value_name = "COLUMN")]
    pub time: Option<String>,
    /// So many parts of equal size, each of which tests once
    #[arg(long, value_name = "K", conflicts_with_all = ["time", "valid", "test"])]
    pub folds: Option<u32>,
    /// Share of the examples that choose the best epoch [default: 0.1; 0 below 200 rows]
    #[arg(long, visible_alias = "validation", value_name = "SHARE")]
    pub valid: Option<f64>,
    /// Share of the examples that only test [default: 0.2, or what the data brings]
    #[arg(long, value_name = "SHARE")]
    pub test: Option<f64>,
    /// The file to write [default: NAME.split.csv or NAME.folds.csv]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `mlp data draw`
#[derive(Debug, Args)]
pub struct DrawArgs {
    /// A folder that is new or empty
    pub dir: PathBuf,
    /// How many drawings, half of them cats [default: as many as the embedded set `drawings` has]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=MAX_DRAWINGS))]
    pub count: Option<u64>,
}

/// `mlp completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}
