//! Taking the target column out of a table: which column, numbers or classes, which labels. Several
//! labels a row: `sets`.

use super::{Dataset, Target, sets};
use crate::words::{listed, most_similar, shown};
use crate::{Column, DataError, MISSING, OpenOptions, TaskHint};
use std::collections::HashMap;

/// Names under which a target is looked for, in this order, case ignored.
const USUAL: [&str; 4] = ["target", "label", "class", "y"];
/// Whole numbers are classes if there are at most this many different ones.
const MAX_NUMBER_CLASSES: usize = 20;
/// How many names a message lists.
const LISTED: usize = 5;

/// Which column of these is the target, and the sentence that says why if the user did not.
///
/// # Errors
/// If a column was named and is not there; the nearest names are given.
pub(crate) fn choose(
    names: &[&str],
    own: Option<&str>,
    options: &OpenOptions,
) -> Result<Option<(usize, Option<String>)>, DataError> {
    let several = options.several(names);
    sets::check(several.as_deref(), options)?;
    if let Some(columns) = several {
        // They are read as any others, and taken out together.
        return match columns.iter().find(|column| !names.contains(column)) {
            Some(lost) if !options.target_optional => Err(no_column(lost, names)),
            _ => Ok(None),
        };
    }
    if let Some(wanted) = options.target.as_deref().or(own) {
        return match names.iter().position(|n| *n == wanted) {
            Some(i) => Ok(Some((i, None))),
            None if options.target_optional => Ok(None),
            None => Err(no_column(wanted, names)),
        };
    }
    if options.target_optional || names.is_empty() {
        return Ok(None);
    }
    let usual = USUAL.iter().find_map(|u| names.iter().position(|n| n.eq_ignore_ascii_case(u)));
    let (i, why) = match usual {
        Some(i) => (i, "by its name"),
        None => (names.len() - 1, "the last column"),
    };
    let note = format!("target: `{}` ({why}); choose another with --target COLUMN", names[i]);
    Ok(Some((i, Some(note))))
}

pub(super) fn no_column(wanted: &str, names: &[&str]) -> DataError {
    let near = most_similar(wanted, names.iter().copied());
    DataError::unusable(format!(
        "there is no column `{}` to predict; nearest: {} (of {} columns)",
        shown(wanted),
        listed(&near, LISTED),
        names.len()
    ))
}

impl Dataset {
    /// Takes the target column out of the table; [`crate::source::collect`] says which. Rows
    /// without a target are dropped with a note, unless the target is optional.
    ///
    /// # Errors
    /// No such column; values that are not what [`OpenOptions::task`] asks for, or labels outside
    /// [`OpenOptions::class_labels`] (the row is named); no row left.
    pub fn with_target(
        mut self,
        own: Option<&str>,
        options: &OpenOptions,
    ) -> Result<Dataset, DataError> {
        let names: Vec<&str> = self.table.schema.fields.iter().map(|f| f.name.as_str()).collect();
        if let Some(columns) = options.several(&names) {
            sets::check(Some(&columns), options)?;
            return self.sets_of_columns(&columns, options);
        }
        let Some((i, note)) = choose(&names, own, options)? else {
            return Ok(self);
        };
        let name = names[i].to_string();
        self.notes.extend(note);
        let Some(mut column) = self.table.remove(&name) else { return Ok(self) };
        if let Some(separator) = &options.label_separator {
            self.target = self.sets_of_cells(name, column, separator, options)?;
            return Ok(self);
        }
        let present = present_rows(&column);
        if present.len() < self.len() {
            if options.target_optional {
                self.notes.push(format!("target `{name}` is missing in some rows: not used"));
                return Ok(self);
            }
            self.leave_out(&name, &present, options)?;
            column = column.select(&present);
        }
        self.target = self.code_target(name, column, options)?;
        Ok(self)
    }

    /// Keeps the rows that have a target only, with a note.
    pub(super) fn leave_out(
        &mut self,
        name: &str,
        present: &[usize],
        options: &OpenOptions,
    ) -> Result<(), DataError> {
        if present.is_empty() {
            return Err(DataError::unusable(format!(
                "target `{name}` is missing in every row; choose another with --target COLUMN"
            )));
        }
        let mut kept = present.iter().copied().peekable();
        // Only some are named: nearly all rows may lack it.
        let lacking = (0..self.len()).filter(|row| kept.next_if_eq(row).is_none());
        let named: Vec<String> = lacking.take(LISTED).map(|row| self.row_name(row)).collect();
        let count = self.len() - present.len();
        let more = match count - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        self.notes.push(format!(
            "{count} of {} rows lack the target `{name}` and were left out: {}{more}",
            self.len(),
            listed(&named, LISTED)
        ));
        self.keep(present, options)
    }

    fn code_target(
        &mut self,
        name: String,
        column: Column,
        options: &OpenOptions,
    ) -> Result<Target, DataError> {
        match column {
            Column::Number(values) => {
                if let Some(row) = values.iter().position(|v| v.is_infinite()) {
                    let row = self.row_name(row);
                    let what = format!("{row}: target `{name}` is infinite; correct or remove it");
                    return Err(DataError::unusable(what));
                }
                let classes = options.class_labels.is_some()
                    || options.task == TaskHint::Classes
                    || (options.task == TaskHint::Auto && few_whole(&values));
                if !classes {
                    return Ok(Target::Numbers { name, values: values.into_vec() });
                }
                let (levels, codes) = number_words(&values);
                self.classes(name, levels, &codes, options)
            }
            Column::Category { levels, codes } if options.task == TaskHint::Numbers => {
                let row = codes.iter().position(|&c| levels[c as usize].parse::<f64>().is_err());
                let row = row.unwrap_or(0);
                let word = codes.get(row).and_then(|&c| levels.get(c as usize));
                Err(DataError::unusable(format!(
                    "{}: target `{name}` holds `{}`, which is not a number; correct it, \
                     or train on classes instead",
                    self.row_name(row),
                    shown(word.map_or("", String::as_str))
                )))
            }
            Column::Category { levels, codes } => self.classes(name, levels, &codes, options),
            Column::Pixels { .. } => {
                Err(DataError::unusable(format!("column `{name}` holds pictures: no target")))
            }
        }
    }

    fn classes(
        &mut self,
        name: String,
        levels: Vec<String>,
        codes: &[u32],
        options: &OpenOptions,
    ) -> Result<Target, DataError> {
        let used = used_levels(&levels, codes);
        let labels = match &options.class_labels {
            Some(labels) => labels.clone(),
            None => sorted_labels(used.iter().map(|&(i, _)| levels[i].clone()).collect()),
        };
        if options.class_labels.is_none() && labels.len() > 50 && labels.len() * 2 > codes.len() {
            return Err(DataError::unusable(format!(
                "target `{name}` has {} different values in {} rows, too many to be classes; {}\
                 choose another with --target COLUMN",
                labels.len(),
                codes.len(),
                self.first_word(&levels, codes)
            )));
        }
        let code: HashMap<&str, u32> = labels.iter().map(String::as_str).zip(0..).collect();
        let bare = |word: &str| word.strip_suffix('.').map(str::trim_end).map(str::to_string);
        let mut stripped = 0usize;
        let mut map = vec![MISSING; levels.len()];
        for (i, first) in used {
            let word = levels[i].as_str();
            map[i] = match (code.get(word), bare(word)) {
                (Some(&c), _) => c,
                (None, Some(bare)) if code.contains_key(bare.as_str()) => {
                    stripped += 1;
                    code[bare.as_str()]
                }
                _ if options.target_optional => {
                    self.notes.push(format!(
                        "target `{name}` holds `{}`, none of the known classes: not used",
                        shown(word)
                    ));
                    return Ok(Target::None);
                }
                _ => return Err(self.unknown_label(&name, word, first, &labels)),
            };
        }
        if stripped > 0 {
            self.notes
                .push(format!("labels of `{name}` end in a full stop here, which was removed"));
        }
        let codes = codes.iter().map(|&c| map[c as usize]).collect();
        Ok(Target::Classes { name, labels, codes })
    }

    /// Where most of the target's values are numbers: which one is the first that is none.
    fn first_word(&self, levels: &[String], codes: &[u32]) -> String {
        let words: Vec<bool> = levels.iter().map(|l| l.parse::<f64>().is_err()).collect();
        let is_word = |code: &&u32| words[**code as usize];
        let count = codes.iter().filter(is_word).count();
        match codes.iter().position(|code| is_word(&code)) {
            Some(row) if count * 2 < codes.len() => format!(
                "most are numbers, but not `{}` of {}: correct it, or leave the cell empty; or ",
                shown(&levels[codes[row] as usize]),
                self.row_name(row)
            ),
            _ => String::new(),
        }
    }

    pub(super) fn unknown_label(
        &self,
        name: &str,
        word: &str,
        row: usize,
        labels: &[String],
    ) -> DataError {
        DataError::unusable(format!(
            "{}, {}: target `{name}` holds `{}`, none of the known classes {}; \
             correct or remove the row",
            self.name,
            self.row_name(row),
            shown(word),
            listed(labels, LISTED)
        ))
    }
}

fn present_rows(column: &Column) -> Vec<usize> {
    match column {
        Column::Number(values) => (0..values.len()).filter(|&r| !values[r].is_nan()).collect(),
        Column::Category { codes, .. } => {
            (0..codes.len()).filter(|&r| codes[r] != MISSING).collect()
        }
        Column::Pixels { .. } => (0..column.len()).collect(),
    }
}

/// Levels that occur, with the first row of each, in order of that row; missing cells have none.
pub(super) fn used_levels(levels: &[String], codes: &[u32]) -> Vec<(usize, usize)> {
    let mut seen = vec![false; levels.len()];
    let mut used = Vec::new();
    for (row, &code) in codes.iter().enumerate() {
        let code = code as usize;
        if seen.get(code) == Some(&false) {
            seen[code] = true;
            used.push((code, row));
        }
    }
    used
}

/// At most [`MAX_NUMBER_CLASSES`] different numbers, all whole.
fn few_whole(values: &[f64]) -> bool {
    let mut seen: Vec<f64> = Vec::new();
    for &v in values {
        if v.fract() != 0.0 {
            return false;
        }
        if !seen.contains(&v) {
            if seen.len() == MAX_NUMBER_CLASSES {
                return false;
            }
            seen.push(v);
        }
    }
    true
}

/// Numbers as words: `3`, `2.5`.
pub(super) fn number_words(values: &[f64]) -> (Vec<String>, Vec<u32>) {
    let mut levels = Vec::new();
    let mut known: HashMap<u64, u32> = HashMap::new();
    let codes = values
        .iter()
        .map(|v| {
            let v = v + 0.0; // -0 and 0 are one class
            *known.entry(v.to_bits()).or_insert_with(|| {
                levels.push(v.to_string());
                levels.len() as u32 - 1
            })
        })
        .collect();
    (levels, codes)
}

/// Numerically if all are numbers, else by bytes.
pub(super) fn sorted_labels(mut labels: Vec<String>) -> Vec<String> {
    labels.sort();
    let numbers: Result<Vec<f64>, _> = labels.iter().map(|l| l.parse::<f64>()).collect();
    if let Ok(numbers) = numbers {
        let mut pairs: Vec<(f64, String)> = numbers.into_iter().zip(labels).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        labels = pairs.into_iter().map(|(_, label)| label).collect();
    }
    labels
}
