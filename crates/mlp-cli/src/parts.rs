//! Which rows go to which part: as options ask for it, or as a file says.

use crate::failure::usage;
use crate::options::Options;
use anyhow::Context;
use mlp_data::{Dataset, Folds, Groups, Saved, Split};
use std::path::Path;

/// By what rows are put into parts.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// Each on its own, the classes in equal shares.
    Class,
    /// All that have the same in a column together.
    Group(&'a str),
    /// All whose names a regular expression finds the same in together.
    Names(&'a str),
    /// By a column of times.
    Time(&'a str),
}

impl By<'_> {
    /// The groups that stay together.
    pub fn groups(self, data: &Dataset) -> anyhow::Result<Option<Groups>> {
        Ok(match self {
            By::Class | By::Time(_) => None,
            By::Group(column) => Some(Groups::of_column(data, column)?),
            By::Names(regex) => Some(Groups::of_names(data, regex)?),
        })
    }

    /// Parts of the shares of validation and test.
    pub fn split(self, data: &Dataset, shares: (f64, f64), seed: u64) -> anyhow::Result<Split> {
        let (valid, test) = shares;
        Ok(match (self, self.groups(data)?) {
            (By::Time(column), _) => Split::by_time(data, column, valid, test)?,
            (_, Some(groups)) => Split::grouped(data, &groups, valid, test, seed)?,
            (_, None) => Split::new(data, valid, test, seed)?,
        })
    }
}

/// The parts of a training.
pub fn of_training(options: &Options, data: &Dataset, seed: u64) -> anyhow::Result<Split> {
    let shares = options.shares();
    if let Some(path) = &options.split {
        return saved(path, options.fold, data, shares.0, seed);
    }
    by(options).split(data, shares, seed)
}

fn by(options: &Options) -> By<'_> {
    match (&options.split_group, &options.split_time) {
        (Some(column), _) => By::Group(column),
        (_, Some(column)) => By::Time(column),
        _ => By::Class,
    }
}

/// By what the parts of a training were made, to be put before the seed; nothing where by classes.
pub fn how(options: &Options) -> String {
    match (by(options), &options.split, options.fold) {
        (_, Some(path), Some(fold)) => format!("fold {fold} of {}, ", path.display()),
        (_, Some(path), None) => format!("from {}, ", path.display()),
        (By::Group(column), ..) => format!("whole groups of `{column}`, "),
        (By::Time(column), ..) => format!("by time, `{column}`, "),
        _ => String::new(),
    }
}

fn saved(
    path: &Path,
    fold: Option<u32>,
    data: &Dataset,
    valid: f64,
    seed: u64,
) -> anyhow::Result<Split> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    match (Saved::from_csv(path, &text, data)?, fold) {
        (Saved::Split(split), None) => {
            split.can_train(data).with_context(|| path.display().to_string())?;
            Ok(split)
        }
        (Saved::Folds(folds), Some(fold)) => in_range(path, &folds, fold, data, valid, seed),
        (Saved::Split(_), Some(_)) => {
            Err(usage(format!("{} holds one split and no folds; leave --fold out", path.display())))
        }
        (Saved::Folds(folds), None) => Err(usage(format!(
            "{} holds {} folds; say which one tests: --fold 1",
            path.display(),
            folds.count
        ))),
    }
}

fn in_range(
    path: &Path,
    folds: &Folds,
    fold: u32,
    data: &Dataset,
    valid: f64,
    seed: u64,
) -> anyhow::Result<Split> {
    if !(1..=folds.count).contains(&fold) {
        let show = path.display();
        return Err(usage(format!("--fold {fold}: {show} has the folds 1 to {}", folds.count)));
    }
    folds.split(data, fold, valid, seed).with_context(|| path.display().to_string())
}
