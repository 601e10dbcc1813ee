//! Which columns of a table file are read, and as what: all of them or those that a model knows;
//! what `--type` says. How cells become values: [`crate::typing`] and [`crate::csv`].

use crate::dataset::choose_target;
use crate::words::{listed, most_similar, shown};
use crate::{Column, DataError, Kind, MISSING, OpenOptions, Schema, Table, TaskHint};
use std::collections::HashMap;
use std::path::Path;

/// What a user says that a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Numbers.
    Number,
    /// Words, whatever they look like.
    Category,
    /// Of two words.
    Boolean,
    /// Dates.
    Date,
    /// It is not read.
    Ignore,
}

impl ColumnType {
    /// The types by their words.
    pub const ALL: [(&str, ColumnType); 5] = [
        ("number", ColumnType::Number),
        ("category", ColumnType::Category),
        ("boolean", ColumnType::Boolean),
        ("date", ColumnType::Date),
        ("ignore", ColumnType::Ignore),
    ];
    /// The type of that word.
    pub fn from_word(word: &str) -> Option<ColumnType> {
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, t)| *t)
    }
    /// Its word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, t)| *t == self).map_or("", |(name, _)| name)
    }
}

/// A column to be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    /// Its place in the file.
    pub(crate) index: usize,
    pub(crate) name: String,
    /// Where it is given.
    pub(crate) kind: Option<Kind>,
    /// It must hold dates, whose order is to be found.
    pub(crate) date: bool,
}

/// The columns to be read, in the order of the table to be made.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Choice {
    pub(crate) wanted: Vec<Wanted>,
    /// Index into `wanted`.
    pub(crate) target: Option<usize>,
}

/// All columns of these names but the ignored, with the types that the user gives.
///
/// # Errors
/// A target or a typed column that is not there; an ignored target; one of dates.
pub(crate) fn all(names: &[String], options: &OpenOptions) -> Result<Choice, DataError> {
    check_types(names, options)?;
    let kept: Vec<usize> = (0..names.len())
        .filter(|&i| options.type_of(&names[i]) != Some(ColumnType::Ignore))
        .collect();
    // The column of weights is read, but is no target that nobody named.
    let weight = options.weight.as_deref();
    let others: Vec<usize> =
        (0..kept.len()).filter(|&i| Some(names[kept[i]].as_str()) != weight).collect();
    let others_names: Vec<&str> = others.iter().map(|&i| names[kept[i]].as_str()).collect();
    if let Some(target) = options.target.as_deref()
        && options.type_of(target) == Some(ColumnType::Ignore)
    {
        return Err(DataError::unusable(format!("column `{target}` is both target and ignored")));
    }
    let target = choose_target(&others_names, None, options)?.map(|(i, _)| others[i]);
    if let Some(name) = target.map(|t| names[kept[t]].as_str())
        && options.type_of(name) == Some(ColumnType::Date)
    {
        let what = format!(
            "target `{name}` cannot be a date; give the number that is to be predicted, such as \
             days from a fixed day"
        );
        return Err(DataError::unusable(what));
    }
    let wanted = |index: usize| {
        let name = names[index].clone();
        let (kind, date) = match options.type_of(&name) {
            Some(ColumnType::Number) => (Some(Kind::Number), false),
            Some(ColumnType::Category) => (Some(Kind::Category), false),
            Some(ColumnType::Boolean) => (Some(Kind::Boolean), false),
            Some(ColumnType::Date) => (None, true),
            Some(ColumnType::Ignore) | None => (None, false),
        };
        Wanted { index, name, kind, date }
    };
    Ok(Choice { wanted: kept.into_iter().map(wanted).collect(), target })
}

/// The columns of a schema among these names, in any order, and the target where it is there.
///
/// # Errors
/// At `place` of the file: a column that is not there; a schema of pictures.
pub(crate) fn known(
    path: &Path,
    place: &str,
    names: &[String],
    schema: &Schema,
    options: &OpenOptions,
) -> Result<Choice, DataError> {
    if let Some(field) = schema.fields.iter().find(|f| matches!(f.kind, Kind::Picture(_))) {
        let what = format!("a table, but `{}` is expected to be a {}", field.name, field.kind);
        return Err(DataError::malformed(path, place, what));
    }
    let at: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
    let fields = schema.fields.iter().map(|f| f.name.as_str());
    let lacking: Vec<&str> = fields.filter(|name| !at.contains_key(name)).collect();
    if let Some(one) = lacking.first() {
        let near = most_similar(one, names.iter().map(String::as_str));
        let what = format!(
            "lacks {} of the {} columns needed: {}; nearest to `{one}` here: {}",
            lacking.len(),
            schema.fields.len(),
            listed(&lacking, 8),
            listed(&near, 3)
        );
        return Err(DataError::malformed(path, place, what));
    }
    let mut choice = Choice::default();
    for field in &schema.fields {
        let (index, name) = (at[field.name.as_str()], field.name.clone());
        choice.wanted.push(Wanted { index, name, kind: Some(field.kind), date: false });
    }
    if let Some((name, &index)) = options.target.as_deref().and_then(|t| at.get(t).map(|i| (t, i)))
        && !schema.fields.iter().any(|f| f.name == name)
    {
        choice.target = Some(choice.wanted.len());
        let kind = (options.task == TaskHint::Numbers).then_some(Kind::Number);
        choice.wanted.push(Wanted { index, name: name.to_string(), kind, date: false });
    }
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    for name in options.several(&all).into_iter().flatten() {
        if let Some(&index) = at.get(name).filter(|_| !schema.fields.iter().any(|f| f.name == name))
        {
            choice.wanted.push(Wanted { index, name: name.to_string(), kind: None, date: false });
        }
    }
    if let Some(name) = &options.weight
        && let Some(&index) = at.get(name.as_str())
    {
        let (name, kind) = (name.clone(), Some(Kind::Number));
        choice.wanted.push(Wanted { index, name, kind, date: false });
    }
    Ok(choice)
}

/// [`known`] where there is a schema, else [`all`].
pub(crate) fn choose(
    path: &Path,
    place: &str,
    names: &[String],
    options: &OpenOptions,
) -> Result<Choice, DataError> {
    match &options.schema {
        Some(schema) => known(path, place, names, schema, options),
        None => all(names, options),
    }
}

impl OpenOptions {
    /// What the user says that a column holds.
    pub(crate) fn type_of(&self, name: &str) -> Option<ColumnType> {
        self.types.iter().rev().find(|(column, _)| column == name).map(|(_, t)| *t)
    }
}

/// Every column that has a type must be there.
///
/// # Errors
/// The first that is not; the nearest names are given.
pub(crate) fn check_types(names: &[String], options: &OpenOptions) -> Result<(), DataError> {
    let Some((lost, _)) = options.types.iter().find(|(column, _)| !names.contains(column)) else {
        return Ok(());
    };
    let near = most_similar(lost, names.iter().map(String::as_str));
    let nearest = match near.is_empty() {
        true => "the data have no columns".to_string(),
        false => format!("nearest: {}", listed(&near, 3)),
    };
    let what = format!("--type: there is no column `{}`; {nearest}", shown(lost));
    Err(DataError::unusable(what))
}

/// Columns that the user calls boolean must hold words for true and false.
///
/// # Errors
/// The first row of the first other word, counted from 1.
pub(crate) fn check_booleans(table: &Table, options: &OpenOptions) -> Result<(), DataError> {
    for (name, _) in options.types.iter().filter(|(_, t)| *t == ColumnType::Boolean) {
        let Some(Column::Category { levels, codes }) = table.column(name) else { continue };
        let truth: Vec<bool> = levels.iter().map(|l| crate::pipeline::is_truth(l)).collect();
        let row = codes.iter().position(|&c| c != MISSING && !truth[c as usize]);
        if let Some(row) = row {
            let what = format!(
                "row {}, column `{name}`: `{}` is not a boolean; true/false, yes/no, t/f, y/n and 1/0 are; \
                 say --type {name}=category for other words",
                row + 1,
                shown(&levels[codes[row] as usize])
            );
            return Err(DataError::unusable(what));
        }
    }
    Ok(())
}
