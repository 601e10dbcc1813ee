//! The command line of `mlp learn`.

use crate::words::{Activation, Hidden, Size};
use clap::{Args, Subcommand, ValueEnum};
use mlp_data::{Channels, Playground};
use std::ffi::OsString;
use std::path::PathBuf;

/// `mlp learn`
#[derive(Debug, Args)]
pub struct LearnArgs {
    /// The step; without it, all of them are listed
    #[command(subcommand)]
    pub step: Option<Step>,
}

/// The steps, in the order in which one leads to the next.
#[derive(Debug, Subcommand)]
pub enum Step {
    /// A line through points: w1 and w0 in closed form and by gradient descent
    Line(LineArgs),
    /// A linear function of many columns: coefficients by name, R², standard errors
    Plane(PlaneArgs),
    /// A small network drawn, and the equation of every node
    Equations(EquationsArgs),
    /// A forward pass and a training step, number by number
    Trace(TraceArgs),
    /// A picture as an array of numbers, and one neuron that looks at it
    Image(ImageArgs),
    /// Problems that no line can solve, and the network that does
    Playground(PlaygroundArgs),
    /// Every gradient of a model against finite differences
    Gradcheck(GradcheckArgs),
}

/// Where a step is written besides the screen.
#[derive(Clone, Debug, Default, Args)]
pub struct Output {
    /// Also write a page with pictures
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub html: Option<PathBuf>,
    /// Also write the main picture: FILE.svg, or FILE.png in builds with the feature `png`
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub plot: Option<PathBuf>,
}

/// `mlp learn line`
#[derive(Debug, Args)]
pub struct LineArgs {
    /// Points as x,y [default: eight that come with this program]
    #[arg(long, value_name = "X,Y", num_args = 1..)]
    pub points: Vec<String>,
    /// Where to write.
    #[command(flatten)]
    pub output: Output,
}

/// `mlp learn plane`
#[derive(Debug, Args)]
pub struct PlaneArgs {
    /// A table, or the name of an embedded one
    #[arg(default_value = "trees")]
    pub table: String,
    /// The column to explain by the others [default: as `mlp train`]
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,
    /// Where to write.
    #[command(flatten)]
    pub output: Output,
}

/// What a small network is to be.
#[derive(Clone, Debug, Args)]
pub struct SmallArgs {
    /// Widths of the hidden layers, or none
    #[arg(long, value_name = "WIDTHS", default_value = "6,6")]
    pub hidden: Hidden,
    /// Of the hidden layers: tanh, relu, logistic, identity, …
    #[arg(long, value_name = "NAME", default_value = "tanh")]
    pub activation: Activation,
}

/// `mlp learn equations`
#[derive(Debug, Args)]
pub struct EquationsArgs {
    /// Number of inputs
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub inputs: usize,
    /// The network.
    #[command(flatten)]
    pub small: SmallArgs,
    /// Where to write.
    #[command(flatten)]
    pub output: Output,
}

/// `mlp learn trace`
#[derive(Debug, Args)]
pub struct TraceArgs {
    /// The inputs, one number each
    #[arg(long, value_name = "X1,X2,…", default_value = "1,0.5,-1,2")]
    pub input: String,
    /// What the network should answer
    #[arg(long, value_name = "T", default_value_t = 1.0, allow_negative_numbers = true)]
    pub target: f64,
    /// Of the training step
    #[arg(long, value_name = "RATE", default_value_t = 0.01)]
    pub learning_rate: f64,
    /// The network.
    #[command(flatten)]
    pub small: SmallArgs,
    /// Where to write.
    #[command(flatten)]
    pub output: Output,
}

/// `mlp learn image`
#[derive(Debug, Args)]
pub struct ImageArgs {
    /// A picture
    pub file: PathBuf,
    /// Pixels it is brought to, as 180x180 or 180
    #[arg(long, value_name = "WxH", default_value = "180x180")]
    pub size: Size,
    /// The channel that is kept: red, green, blue or grey
    #[arg(
        long,
        value_enum,
        value_name = "NAME",
        default_value = "red",
        hide_possible_values = true
    )]
    pub channel: Channel,
    /// Show a neuron with small random weights that looks at it
    #[arg(long)]
    pub neuron: bool,
    /// Where to write.
    #[command(flatten)]
    pub output: Output,
}

/// `--channel`: those of `--channels` that are a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum Channel {
    Red,
    Green,
    Blue,
    Grey,
}

impl Channel {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Red => "red",
            Channel::Green => "green",
            Channel::Blue => "blue",
            Channel::Grey => "grey",
        }
    }

    /// What the data library calls it.
    pub fn meaning(self) -> Channels {
        match self {
            Channel::Red => Channels::Red,
            Channel::Green => Channels::Green,
            Channel::Blue => Channels::Blue,
            Channel::Grey => Channels::Grey,
        }
    }
}

/// `mlp learn playground`
#[derive(Debug, Args)]
pub struct PlaygroundArgs {
    /// circle, xor, gauss or spiral
    #[arg(value_parser = problem)]
    pub problem: Playground,
    /// Widths of the hidden layers, or none
    #[arg(long, value_name = "WIDTHS", default_value = "8,8")]
    pub hidden: Hidden,
    /// Of the hidden layers: relu, tanh, gelu, …
    #[arg(long, value_name = "NAME", default_value = "tanh")]
    pub activation: Activation,
    /// Points, half for training and half for testing
    #[arg(long, value_name = "N", default_value_t = 2000)]
    #[arg(value_parser = clap::value_parser!(u64).range(40..=100_000))]
    pub count: u64,
    /// Noise of the points, from 0 to 0.5
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    pub noise: f64,
    /// Passes over the training points
    #[arg(long, value_name = "N", default_value_t = 400)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub epochs: u32,
    /// Largest learning rate
    #[arg(long, value_name = "RATE", default_value_t = 0.03)]
    pub learning_rate: f32,
    /// Where to write.
    #[command(flatten)]
    pub output: Output,
}

fn problem(word: &str) -> Result<Playground, String> {
    Playground::from_name(word).ok_or_else(|| "choose circle, xor, gauss or spiral".to_string())
}

/// `mlp learn gradcheck`
#[derive(Debug, Args)]
pub struct GradcheckArgs {
    /// A model file, or a run folder
    pub model: PathBuf,
    /// Take examples of this data set [default: random inputs and targets]
    #[arg(long, value_name = "DATA")]
    pub data: Option<String>,
    /// Examples to take
    #[arg(long, value_name = "N", default_value_t = 4)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=64))]
    pub examples: u32,
    /// For teaching: turn the sign of the largest derivative of a slot, and see the check fail
    #[arg(long = "break", value_name = "SLOT", hide = true)]
    pub broken: Option<String>,
    /// Where to write.
    #[command(flatten)]
    pub output: Output,
}

/// The arguments of the program. What begins with a minus and a digit and has a comma in it is a point or a list of
/// numbers, which a space before it keeps from being taken for an option.
pub fn arguments() -> impl Iterator<Item = OsString> {
    std::env::args_os().map(|word| match word.to_str().map(str::as_bytes) {
        Some([b'-', b'0'..=b'9' | b'.', ..]) if word.to_string_lossy().contains(',') => {
            let mut spaced = OsString::from(" ");
            spaced.push(&word);
            spaced
        }
        _ => word,
    })
}
