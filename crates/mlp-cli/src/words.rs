//! The words of options that name one of a few things, and their meaning in the libraries. Those of the preprocessing
//! of tables: `tables`.

use clap::ValueEnum;
use mlp_data::open::{Channels as ChannelChoice, Resize as ResizeChoice};
use mlp_data::{Augment as Changes, Features as FeatureChoice, PixelScaling, TaskHint};
use mlp_model::Task;
use mlp_train::{ClassWeights as Weighting, OptimizerKind, Schedule};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident => $to:ty { $($(#[$more:meta])* $word:ident => $meaning:expr),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[allow(missing_docs)]
        pub enum $name { $($(#[$more])* $word),+ }

        impl $name {
            /// What the libraries call it.
            pub fn meaning(self) -> $to {
                match self { $($name::$word => $meaning),+ }
            }

            /// The word for it.
            pub fn of(meaning: $to) -> $name {
                let all = [$($name::$word),+];
                all.into_iter().find(|word| word.meaning() == meaning).unwrap_or(all[0])
            }
        }
    };
}

mod tables;

pub use tables::{Numbers, NumbersOf, Pca};

words! {
    /// `--resize`
    Resize => ResizeChoice {
        Stretch => ResizeChoice::Stretch,
        Crop => ResizeChoice::Crop,
        Pad => ResizeChoice::Pad,
    }
}

words! {
    /// `--channels`
    Channels => ChannelChoice {
        Rgb => ChannelChoice::Rgb,
        Grey => ChannelChoice::Grey,
        Red => ChannelChoice::Red,
        Green => ChannelChoice::Green,
        Blue => ChannelChoice::Blue,
    }
}

words! {
    /// `--features`
    Features => FeatureChoice {
        Pixels => FeatureChoice::Pixels,
        Hog => FeatureChoice::Hog,
        #[value(name = "hog+color", alias = "hog+colour")]
        #[serde(rename = "hog+color", alias = "hog+colour")]
        HogColor => FeatureChoice::HogColor,
    }
}

/// `--augment`
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Augment(pub Changes);

impl FromStr for Augment {
    type Err = String;
    fn from_str(text: &str) -> Result<Augment, String> {
        text.parse().map(Augment)
    }
}

impl TryFrom<String> for Augment {
    type Error = String;
    fn try_from(text: String) -> Result<Augment, String> {
        text.parse()
    }
}

impl From<Augment> for String {
    fn from(augment: Augment) -> String {
        augment.0.to_string()
    }
}

words! {
    /// `--pixels`
    Pixels => PixelScaling {
        Unit => PixelScaling::Unit,
        Standard => PixelScaling::Standard,
        PerPixel => PixelScaling::PerPixel,
    }
}

words! {
    /// `--task`
    TaskWord => TaskHint {
        Auto => TaskHint::Auto,
        Classification => TaskHint::Classes,
        Regression => TaskHint::Numbers,
        Binary => TaskHint::Classes,
        Multiclass => TaskHint::Classes,
    }
}

impl TaskWord {
    /// The task it asks for by itself, whatever the number of classes.
    pub fn task(self) -> Option<Task> {
        match self {
            // These follow from how the target is read.
            TaskWord::Auto | TaskWord::Classification | TaskWord::Regression => None,
            TaskWord::Binary => Some(Task::Binary),
            TaskWord::Multiclass => Some(Task::Multiclass),
        }
    }
}

words! {
    /// `--optimizer`
    Optimizer => OptimizerKind {
        Sgd => OptimizerKind::Sgd,
        Adam => OptimizerKind::Adam,
        Adamw => OptimizerKind::AdamW,
        Exact => OptimizerKind::Exact,
    }
}

words! {
    /// `--class-weights`
    ClassWeights => Weighting {
        None => Weighting::None,
        Balanced => Weighting::Balanced,
    }
}

/// `--schedule`; the numbers of `step` are options of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum ScheduleWord {
    Constant,
    Step,
    Cosine,
    OneCycle,
}

impl ScheduleWord {
    /// The word for a schedule.
    pub fn of(schedule: Schedule) -> ScheduleWord {
        match schedule {
            Schedule::Constant => ScheduleWord::Constant,
            Schedule::Step { .. } => ScheduleWord::Step,
            Schedule::Cosine => ScheduleWord::Cosine,
            Schedule::OneCycle => ScheduleWord::OneCycle,
        }
    }
}

/// `--activation`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Activation(pub mlp_tensor::Activation);

impl FromStr for Activation {
    type Err = String;
    fn from_str(word: &str) -> Result<Activation, String> {
        mlp_tensor::Activation::from_name(word).map(Activation).ok_or_else(|| {
            let all: Vec<&str> = mlp_tensor::Activation::ALL.iter().map(|a| a.name()).collect();
            format!("`{word}` is none of {}", all.join(", "))
        })
    }
}

/// `--hidden`: widths, or `none`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "HiddenForms", into = "String")]
pub struct Hidden(pub Vec<usize>);

/// In a config file, `"256,128"`, `"none"`, `[256, 128]` or `100`.
#[derive(Deserialize)]
#[serde(untagged)]
enum HiddenForms {
    Text(String),
    One(usize),
    List(Vec<usize>),
}

impl TryFrom<HiddenForms> for Hidden {
    type Error = String;
    fn try_from(forms: HiddenForms) -> Result<Hidden, String> {
        match forms {
            HiddenForms::Text(text) => text.parse(),
            HiddenForms::One(width) => Ok(Hidden(vec![width])),
            HiddenForms::List(widths) => Ok(Hidden(widths)),
        }
    }
}

impl FromStr for Hidden {
    type Err = String;
    fn from_str(text: &str) -> Result<Hidden, String> {
        if text.trim().eq_ignore_ascii_case("none") {
            return Ok(Hidden(Vec::new()));
        }
        let width = |word: &str| {
            word.trim().parse().ok().filter(|&w: &usize| w > 0).ok_or_else(|| {
                format!("`{word}` is no layer width: give numbers such as 256,128, or none")
            })
        };
        text.split(',').map(width).collect::<Result<_, _>>().map(Hidden)
    }
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let widths: Vec<String> = self.0.iter().map(usize::to_string).collect();
        f.write_str(&widths.join(","))
    }
}

impl From<Hidden> for String {
    fn from(hidden: Hidden) -> String {
        hidden.to_string()
    }
}

impl TryFrom<String> for Activation {
    type Error = String;
    fn try_from(word: String) -> Result<Activation, String> {
        word.parse()
    }
}

impl From<Activation> for String {
    fn from(activation: Activation) -> String {
        activation.0.name().into()
    }
}

/// `--size`: `64x64`, or `64` for a square.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size(pub u32, pub u32);

impl FromStr for Size {
    type Err = String;
    fn from_str(text: &str) -> Result<Size, String> {
        let (width, height) = text.split_once(['x', 'X', '×']).unwrap_or((text, text));
        match (width.trim().parse(), height.trim().parse()) {
            (Ok(w @ 1..=4096), Ok(h @ 1..=4096)) => Ok(Size(w, h)),
            _ => Err(format!(
                "`{text}` is no size: give width x height in pixels (1 to 4096), as 64x64"
            )),
        }
    }
}

impl TryFrom<String> for Size {
    type Error = String;
    fn try_from(text: String) -> Result<Size, String> {
        text.parse()
    }
}

impl From<Size> for String {
    fn from(Size(width, height): Size) -> String {
        format!("{width}x{height}")
    }
}

/// `--rows`: `1,5,10-12`, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows(Vec<(usize, usize)>);

impl FromStr for Rows {
    type Err = String;
    fn from_str(text: &str) -> Result<Rows, String> {
        let range = |word: &str| {
            let (first, last) = word.split_once('-').unwrap_or((word, word));
            match (first.trim().parse(), last.trim().parse()) {
                (Ok(first), Ok(last)) if 0 < first && first <= last => Ok((first, last)),
                _ => Err(format!("`{word}` is no row: give numbers from 1, as 1,5,10-12")),
            }
        };
        text.split(',').map(range).collect::<Result<_, _>>().map(Rows)
    }
}

impl Rows {
    /// Of so many rows those that are meant, from 0, in the order given; or the number that there is no row for.
    pub fn of(&self, rows: usize) -> Result<Vec<usize>, usize> {
        match self.0.iter().find(|(_, last)| *last > rows) {
            Some((_, last)) => Err(*last),
            None => Ok(self.0.iter().flat_map(|&(first, last)| first - 1..last).collect()),
        }
    }
}

/// `--background`: `#rrggbb`, `white` or `black`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(pub [u8; 3]);

impl FromStr for Colour {
    type Err = String;
    fn from_str(text: &str) -> Result<Colour, String> {
        match text {
            "white" => return Ok(Colour([255; 3])),
            "black" => return Ok(Colour([0; 3])),
            _ => {}
        }
        let digits = text.strip_prefix('#').unwrap_or(text);
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6);
        let wrong = || format!("`{text}` is no colour: give #rrggbb, white or black");
        number.map(|n| Colour([(n >> 16) as u8, (n >> 8) as u8, n as u8])).ok_or_else(wrong)
    }
}

impl TryFrom<String> for Colour {
    type Error = String;
    fn try_from(text: String) -> Result<Colour, String> {
        text.parse()
    }
}

impl From<Colour> for String {
    fn from(Colour([r, g, b]): Colour) -> String {
        format!("#{r:02x}{g:02x}{b:02x}")
    }
}
