//! Folds of a cross-validation: every row tests once.

use super::{Groups, Part, Split, check_classes, check_shares, draw, groups};
use crate::{DataError, Dataset};

/// The fold of every row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    /// From 0, one a row.
    pub folds: Vec<u32>,
    /// How many.
    pub count: u32,
    /// The group of every row, from 0, where groups stay together.
    pub groups: Option<Vec<u32>>,
}

impl Folds {
    /// `count` folds of equal size, stratified as [`Split::new`] is, or of whole groups as
    /// [`Split::grouped`] has them; seeded. They divide all rows, whatever parts the source fixes.
    ///
    /// # Errors
    /// Fewer than two folds, or more than rows or groups; a single class.
    pub fn new(
        data: &Dataset,
        count: u32,
        groups: Option<&Groups>,
        seed: u64,
    ) -> Result<Folds, DataError> {
        check_classes(data)?;
        let (most, of) = match groups {
            Some(groups) => (groups.len(), "groups"),
            None => (data.len(), "rows"),
        };
        if count < 2 || count as usize > most {
            return Err(DataError::unusable(format!(
                "{count} folds of {most} {of}; there must be at least 2 folds, and no more than {of}"
            )));
        }
        let Some(groups) = groups else {
            let rows: Vec<usize> = (0..data.len()).collect();
            let mut folds = vec![0; data.len()];
            let chain = draw::shuffled(&data.target, &rows, seed);
            for (i, row) in chain.into_iter().flatten().enumerate() {
                folds[row] = (i % count as usize) as u32;
            }
            return Ok(Folds { folds, count, groups: None });
        };
        let shares = vec![1.0 / f64::from(count); count as usize];
        let of_group = groups::assign(&data.target, groups.codes(), None, &shares, seed);
        let folds = groups.codes().iter().map(|&g| of_group[g as usize]).collect();
        Ok(Folds { folds, count, groups: Some(groups.codes().to_vec()) })
    }

    /// The split in which fold `fold`, counted from 1, tests, and a share of all rows, drawn from the
    /// others as the folds were, validates.
    ///
    /// # Errors
    /// No such fold; a share that leaves no rows to train on.
    pub fn split(
        &self,
        data: &Dataset,
        fold: u32,
        validation: f64,
        seed: u64,
    ) -> Result<Split, DataError> {
        if !(1..=self.count).contains(&fold) {
            let what = format!("there is no fold {fold}; the folds are 1 to {}", self.count);
            return Err(DataError::unusable(what));
        }
        let tested = self.folds.iter().filter(|&&f| f + 1 == fold).count();
        let rest = 1.0 - tested as f64 / data.len().max(1) as f64;
        check_shares(validation, 0.0)?;
        if validation >= rest {
            let what = format!("validation {validation} leaves no rows to train on; lower it");
            return Err(DataError::unusable(what));
        }
        let fixed: Vec<Option<Part>> =
            self.folds.iter().map(|&f| (f + 1 == fold).then_some(Part::Test)).collect();
        // Shares are of the rows that are left.
        let validation = validation / rest;
        let parts = match &self.groups {
            None => draw::parts(&data.target, &fixed, validation, 0.0, seed),
            Some(codes) => {
                let groups = Groups::of_codes("group", codes.clone());
                groups.parts(data, &fixed, validation, 0.0, seed)?
            }
        };
        let split = Split { parts };
        split.can_train(data)?;
        Ok(split)
    }
}
