//! Targets of several labels a row: cells that are split at a separator, or columns of yes and no.
//! What a target of one value a row is: `target`.

use super::target::{no_column, number_words, sorted_labels, used_levels};
use super::{Dataset, Target};
use crate::pipeline::truth_of;
use crate::words::{listed, shown};
use crate::{Column, DataError, MISSING, OpenOptions, TaskHint};
use std::collections::{BTreeSet, HashMap};

/// Most labels.
const MAX_LABELS: usize = 10_000;
/// Separators that a hint looks for.
const USUAL: [&str; 6] = [";", ",", "|", "/", "+", " "];
/// Between the labels of a row that were columns, where a reader makes one word of them.
pub(crate) const BETWEEN: &str = "\u{1f}";

impl OpenOptions {
    /// Whether the target is of words, whatever it holds.
    pub(crate) fn of_words(&self) -> bool {
        let sets = self.label_separator.is_some();
        sets || self.task == TaskHint::Classes || self.class_labels.is_some()
    }

    /// The columns of labels, where the target is several of these columns: those that are given, or
    /// the words of a target `a,b,c` that no column is called by.
    pub(crate) fn several<'a>(&'a self, names: &[&str]) -> Option<Vec<&'a str>> {
        if !self.label_columns.is_empty() {
            return Some(self.label_columns.iter().map(String::as_str).collect());
        }
        // Of a target that is known already it is known whether it is several columns.
        let target = self.target.as_deref().filter(|_| self.schema.is_none())?;
        if names.contains(&target) {
            return None;
        }
        let words: Vec<&str> = target.split(',').map(str::trim).collect();
        (words.len() > 1 && !words.contains(&"")).then_some(words)
    }

    /// Whether the target is a set of labels, be it in cells or columns.
    #[cfg(feature = "image")]
    pub(crate) fn of_sets(&self, names: &[&str]) -> bool {
        self.label_separator.is_some() || self.several(names).is_some()
    }
}

/// That a target is one column whose cells are to be split, and several.
///
/// # Errors
/// Both are asked for; a column twice; an empty separator; numbers.
pub(super) fn check(columns: Option<&[&str]>, options: &OpenOptions) -> Result<(), DataError> {
    let bad = |what: String| Err(DataError::unusable(what));
    if let Some(columns) = columns {
        let different: BTreeSet<&&str> = columns.iter().collect();
        if different.len() < columns.len() {
            return bad(format!("the target names a column twice: {}", listed(columns, 9)));
        }
        if options.label_separator.is_some() {
            return bad(format!(
                "several target columns ({}) hold a label each, so there is nothing to split: leave \
                 --multi-label out, or name one column",
                listed(columns, 5)
            ));
        }
    }
    if options
        .label_separator
        .as_deref()
        .is_some_and(|s| s.trim_matches(' ').is_empty() && s != " ")
    {
        return bad("the separator of labels is empty; give one, such as --multi-label ';'".into());
    }
    let sets = columns.is_some() || options.label_separator.is_some();
    match sets && options.task == TaskHint::Numbers {
        true => bad("labels are no numbers: leave --task regression out".into()),
        false => Ok(()),
    }
}

impl Dataset {
    /// A target whose cells hold labels between separators; a cell without any is a row without labels.
    pub(crate) fn sets_of_cells(
        &mut self,
        name: String,
        column: Column,
        separator: &str,
        options: &OpenOptions,
    ) -> Result<Target, DataError> {
        let (levels, codes) = match column {
            Column::Category { levels, codes } => (levels, codes.into_vec()),
            Column::Number(values) => words_of(&values),
            Column::Pixels { .. } => {
                let what = format!("column `{name}` holds pictures: no target");
                return Err(DataError::unusable(what));
            }
        };
        let stored = (separator != BETWEEN).then(|| separator.to_string());
        let split = |cell: &'_ str| -> Vec<String> {
            let labels = cell.split(separator).map(str::trim).filter(|l| !l.is_empty());
            labels.map(str::to_string).collect()
        };
        let used = used_levels(&levels, &codes);
        let labels = match (&options.class_labels, stored.is_some()) {
            (Some(labels), _) => labels.clone(),
            (None, false) => options.label_columns.clone(),
            (None, true) => {
                let all: BTreeSet<String> =
                    used.iter().flat_map(|&(level, _)| split(&levels[level])).collect();
                let labels = sorted_labels(all.into_iter().collect());
                self.check_labels(&name, &labels, separator, codes.len())?;
                self.hint(&name, &levels, separator);
                labels
            }
        };
        let place: HashMap<&str, usize> = labels.iter().map(String::as_str).zip(0..).collect();
        let mut sets: Vec<Vec<usize>> = vec![Vec::new(); levels.len()];
        for (level, first) in used {
            for label in split(&levels[level]) {
                match place.get(label.as_str()) {
                    Some(&place) => sets[level].push(place),
                    None if options.target_optional => {
                        self.notes.push(format!(
                            "target `{name}` holds the label `{}`, which is not known: not used",
                            shown(&label)
                        ));
                        return Ok(Target::None);
                    }
                    None => return Err(self.unknown_label(&name, &label, first, &labels)),
                }
            }
        }
        let mut hits = room(codes.len(), labels.len())?;
        for (row, &code) in hits.chunks_exact_mut(labels.len().max(1)).zip(&codes) {
            for &label in sets.get(code as usize).into_iter().flatten() {
                row[label] = 1;
            }
        }
        Ok(Target::Labels { name, labels, separator: stored, hits })
    }

    /// Takes columns of yes and no out of the table as labels. Rows in which one is missing are dropped with a note,
    /// unless the target is optional.
    pub(super) fn sets_of_columns(
        mut self,
        columns: &[&str],
        options: &OpenOptions,
    ) -> Result<Dataset, DataError> {
        let names: Vec<&str> = self.table.schema.fields.iter().map(|f| f.name.as_str()).collect();
        if let Some(lost) = columns.iter().find(|column| !names.contains(*column)) {
            return match options.target_optional {
                true => Ok(self),
                false => Err(no_column(lost, &names)),
            };
        }
        let width = columns.len();
        let mut hits = room(self.len(), width)?;
        for (j, name) in columns.iter().enumerate() {
            let Some(column) = self.table.remove(name) else { continue };
            let cells = hits.iter_mut().skip(j).step_by(width);
            if let Err((row, cell)) = yes_or_no(&column, cells) {
                let what = format!(
                    "{}, column `{name}`: `{}` is neither yes nor no, which a column of labels must hold; \
                     true/false, yes/no, t/f, y/n and 1/0 are",
                    self.row_name(row),
                    shown(&cell)
                );
                if options.target_optional {
                    self.notes.push(format!("{what}: the labels are not used"));
                    return Ok(self);
                }
                return Err(DataError::unusable(what));
            }
        }
        let labels: Vec<String> = columns.iter().map(|c| c.to_string()).collect();
        let name = labels.join(",");
        let known = |row: &[u8]| !row.contains(&UNKNOWN);
        let present: Vec<usize> = (hits.chunks_exact(width).enumerate())
            .filter(|(_, row)| known(row))
            .map(|(i, _)| i)
            .collect();
        if present.len() < self.len() {
            if options.target_optional {
                self.notes.push(format!("labels of `{name}` are missing in some rows: not used"));
                return Ok(self);
            }
            self.leave_out(&name, &present, options)?;
            hits =
                present.iter().flat_map(|&r| &hits[r * width..(r + 1) * width]).copied().collect();
        }
        self.target = Target::Labels { name, labels, separator: None, hits };
        Ok(self)
    }

    fn check_labels(
        &self,
        name: &str,
        labels: &[String],
        separator: &str,
        rows: usize,
    ) -> Result<(), DataError> {
        let bad = |what: String| Err(DataError::unusable(what));
        match labels {
            [] => bad(format!(
                "target `{name}` holds no label in any row; choose another with --target COLUMN"
            )),
            [only] => bad(format!(
                "target `{name}` holds one label only, `{}`: at least two are needed. For one label make a column of \
                 yes and no and leave --multi-label out",
                shown(only)
            )),
            many if many.len() > MAX_LABELS || (many.len() > 50 && many.len() * 2 > rows) => {
                bad(format!(
                    "target `{name}` has {} different labels in {rows} rows, too many: is `{separator}` the right \
                 separator, and `{name}` the right column?",
                    many.len()
                ))
            }
            _ => Ok(()),
        }
    }

    /// Notes where the separator stands nowhere.
    fn hint(&mut self, name: &str, levels: &[String], separator: &str) {
        let occurs = |s: &str| levels.iter().any(|level| level.contains(s));
        if occurs(separator) {
            return;
        }
        let other = match USUAL.iter().find(|s| occurs(s)) {
            Some(other) => format!("but `{other}` does: perhaps --multi-label '{other}'"),
            None => {
                "so no row has more than one label: without --multi-label they are classes".into()
            }
        };
        self.notes.push(format!("the separator `{separator}` occurs nowhere in `{name}`, {other}"));
    }
}

/// In place of yes and no.
const UNKNOWN: u8 = 2;

/// Writes 1 for yes, 0 for no and [`UNKNOWN`] where the cell is missing; else the row and what is there.
fn yes_or_no<'a>(
    column: &Column,
    cells: impl Iterator<Item = &'a mut u8>,
) -> Result<(), (usize, String)> {
    let code = |is: Option<bool>| is.map(u8::from);
    match column {
        Column::Number(values) => {
            for (row, (cell, &value)) in cells.zip(values.iter()).enumerate() {
                *cell = match value {
                    v if v.is_nan() => UNKNOWN,
                    0.0 => 0,
                    1.0 => 1,
                    other => return Err((row, other.to_string())),
                };
            }
        }
        Column::Category { levels, codes } => {
            let known: Vec<Option<u8>> = levels.iter().map(|l| code(truth_of(l))).collect();
            for (row, (cell, &level)) in cells.zip(codes.iter()).enumerate() {
                *cell = match (level, known.get(level as usize)) {
                    (MISSING, _) | (_, None) => UNKNOWN,
                    (_, Some(Some(code))) => *code,
                    (_, Some(None)) => return Err((row, levels[level as usize].clone())),
                };
            }
        }
        Column::Pixels { .. } => return Err((0, "a picture".into())),
    }
    Ok(())
}

/// Numbers as words, where there is one.
fn words_of(values: &[f64]) -> (Vec<String>, Vec<u32>) {
    let (levels, mut codes) = number_words(values);
    for (code, value) in codes.iter_mut().zip(values) {
        if value.is_nan() {
            *code = MISSING;
        }
    }
    (levels, codes)
}

#[expect(clippy::slow_vector_initialization, reason = "`vec!` ends the program where memory lacks")]
fn room(rows: usize, labels: usize) -> Result<Vec<u8>, DataError> {
    let mut room = Vec::new();
    match rows.checked_mul(labels) {
        Some(size) if room.try_reserve_exact(size).is_ok() => {
            room.resize(size, 0);
            Ok(room)
        }
        _ => Err(DataError::unusable(format!(
            "{labels} labels of {rows} rows do not fit into memory; leave rare labels out"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Part;

    fn cells(text: &str, separator: &str) -> Result<Dataset, DataError> {
        let options = OpenOptions {
            target: Some("tags".into()),
            label_separator: Some(separator.into()),
            ..OpenOptions::default()
        };
        crate::csv::from_text("t.csv", text, &options)
    }

    fn columns(text: &str, target: &str) -> Result<Dataset, DataError> {
        let options = OpenOptions { target: Some(target.into()), ..OpenOptions::default() };
        crate::csv::from_text("t.csv", text, &options)
    }

    fn hits(data: &Dataset) -> (Vec<String>, Vec<u8>) {
        let Target::Labels { labels, hits, .. } = &data.target else { panic!() };
        (labels.clone(), hits.clone())
    }

    #[test]
    fn cells_and_columns_give_the_same_sets() {
        let one = cells("a,tags\n1,x; y\n2,\n3,z;x;x\n4,y;\n", ";").unwrap();
        let expected =
            (vec!["x".into(), "y".into(), "z".into()], vec![1, 1, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0]);
        assert_eq!(hits(&one), expected);
        let two =
            columns("a,z,x,y\n1,no,1,true\n2,no,0,false\n3,yes,1,false\n4,no,0,true\n", "x, y,z");
        let two = two.unwrap();
        assert_eq!(hits(&two), expected);
        assert_eq!(two.table.schema.fields.len(), 1);
        assert_ne!(one.fingerprint(), two.fingerprint(), "they are read back in other ways");
        let fewer = columns("a,x,y\n1,1,0\n2,,1\n3,0,0\n", "x,y").unwrap();
        assert_eq!((fewer.len(), hits(&fewer).1), (2, vec![1, 0, 0, 0]));
        assert!(fewer.notes[0].contains("1 of 3 rows"), "{:?}", fewer.notes);
    }

    #[test]
    fn a_column_called_as_the_list_is_that_column() {
        let data = columns("p,\"x,y\",q\n1,u,2\n2,v,3\n", "x,y").unwrap();
        assert!(matches!(&data.target, Target::Classes { name, .. } if name == "x,y"));
    }

    #[test]
    fn what_cannot_be_sets_of_labels_is_named() {
        for (result, says) in [
            (cells("a,tags\n1,x\n2,x\n3,\n", ";"), "one label only, `x`"),
            (cells("a,tags\n1,\n2,\n", ";"), "holds no label"),
            (cells("a,tags\n1,x\n2,y\n", ""), "separator of labels is empty"),
            (columns("a,x,y\n1,1,0\n2,0,maybe\n", "x,y"), "row 2, column `y`: `maybe` is neither"),
            (columns("a,x,y\n1,1,0\n2,0,2\n", "x,y"), "row 2, column `y`: `2` is neither"),
            (columns("a,x,y\n1,1,0\n2,0,1\n", "x,yy"), "no column `yy`"),
            (columns("a,x,y\n1,1,0\n2,0,1\n", "x,x"), "names a column twice"),
        ] {
            let error = result.unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        let note = cells("a,tags\n1,x\n2,\"x,y\"\n", ";").unwrap().notes.join(" ");
        assert!(note.contains("--multi-label ','"), "{note}");
    }

    #[test]
    fn known_labels_hold_further_data_to_them() {
        let data = cells("a,tags\n1,x;y\n2,y\n", ";").unwrap();
        let read = |text: &str| crate::csv::from_text("t.csv", text, &data.same_options());
        assert_eq!(hits(&read("tags,a\ny,1\n,2\n").unwrap()).1, [0, 1, 0, 0]);
        let error = read("tags,a\ny,1\ny;new,2\n").unwrap_err().to_string();
        assert!(error.contains("row 2") && error.contains("`new`"), "{error}");
        let optional = OpenOptions { target_optional: true, ..data.same_options() };
        let other = crate::csv::from_text("t.csv", "tags,a\nnew,1\n", &optional).unwrap();
        assert_eq!(other.target, Target::None);
        let mut joined = data.clone();
        joined.append(read("tags,a\nx,1\n").unwrap(), Part::Test, &OpenOptions::default()).unwrap();
        assert_eq!(hits(&joined).1, [1, 1, 0, 1, 1, 0]);
        assert_eq!(
            joined.target.select(&[2, 0]),
            Target::Labels {
                name: "tags".into(),
                labels: vec!["x".into(), "y".into()],
                separator: Some(";".into()),
                hits: vec![1, 0, 1, 1],
            }
        );
    }
}
