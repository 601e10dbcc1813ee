//! libsvm's text format (also of SVMlight and LIBLINEAR): `label index:value index:value …`, sparse
//! to dense.
//!
//! # Rules
//!
//! * A line an example; what follows `#` is a remark. Indices are whole numbers that rise within a
//!   line, from 1, or from 0 where a 0 occurs. Values that are not given are 0, not missing.
//! * Index `i` is the column `column_i`, the label the column `label`.
//! * With a schema the columns are those of the schema: further indices are ignored, and lacking ones
//!   are 0.
//! * Lists for ranking (`qid:`) and several labels (`1,3`) are refused.

use crate::columns::{self, Choice};
use crate::typing::{Place, Raw};
use crate::words::shown;
use crate::{DataError, Dataset, OpenOptions, Schema, Table, csv};
use std::collections::HashMap;
use std::path::Path;

/// The label's column.
const LABEL: &str = "label";
/// Dense values of a file, at most: 1 GiB.
const MAX_VALUES: u64 = 1 << 27;
/// How many lines are looked at to tell the format.
const LOOK: usize = 20;

/// Whether text begins as such a file: each of its first lines is a number and pairs, one of them
/// at least has a pair.
pub(crate) fn looks_like(start: &[u8]) -> bool {
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(e) if e.error_len().is_none() => {
            std::str::from_utf8(&start[..e.valid_up_to()]).unwrap_or("")
        }
        Err(_) => return false,
    };
    // The last line may be cut.
    let whole = match start.len() < crate::tell::START {
        true => text,
        false => text.rfind('\n').map_or("", |end| &text[..end]),
    };
    let mut pairs = 0;
    for (_, line) in lines(whole).take(LOOK) {
        if line.contains('\t') {
            return false;
        }
        let mut words = line.split(' ').filter(|w| !w.is_empty());
        let number = |w: &str| w.parse::<f64>().is_ok();
        if !words.next().is_some_and(|label| label.split(',').all(number)) {
            return false;
        }
        let mut last = None;
        for word in words {
            match word.split_once(':') {
                Some(("qid", _)) if last.is_none() => {}
                Some((index, value)) if number(value) => {
                    let Ok(index) = index.parse::<u64>() else { return false };
                    if last.is_some_and(|before| before >= index) {
                        return false;
                    }
                    last = Some(index);
                }
                _ => return false,
            }
            pairs += 1;
        }
    }
    pairs > 0
}

/// Reads such text; `path` only names it in messages.
///
/// # Errors
/// What is no number or pair, indices that do not rise, `qid`, several labels: with the line. A
/// dense table beyond 2²⁷ values, with the line of the largest index.
pub fn from_bytes(path: &Path, bytes: &[u8], options: &OpenOptions) -> Result<Dataset, DataError> {
    let text = csv::text(path, bytes)?;
    let measured = Measured::of(path, text)?;
    let names = names(path, &measured, options)?;
    let choice = columns::choose(path, "indices", &names, options)?;
    let table = table(path, text, &measured, &choice)?;
    columns::check_booleans(&table, options)?;
    let name = path.file_name().map_or_else(|| "table".into(), |n| n.to_string_lossy());
    let data = Dataset { columns: names, ..Dataset::of(&name, table) };
    let own = Some(LABEL).filter(|_| options.target.is_none());
    data.with_weights(options)?.with_target(own, options)
}

/// What a first look gives.
struct Measured {
    rows: usize,
    /// The largest index and its line.
    largest: Option<(u64, usize)>,
    zero: bool,
}

impl Measured {
    fn of(path: &Path, text: &str) -> Result<Measured, DataError> {
        let mut all = Measured { rows: 0, largest: None, zero: false };
        for (line, words) in lines(text) {
            all.rows += 1;
            example(path, line, words, &mut |index, _| {
                all.zero |= index == 0;
                if all.largest.is_none_or(|(most, _)| index > most) {
                    all.largest = Some((index, line));
                }
            })?;
        }
        Ok(all)
    }
}

/// The columns of the file: its indices and the label, and those of the schema.
fn names(
    path: &Path,
    measured: &Measured,
    options: &OpenOptions,
) -> Result<Vec<String>, DataError> {
    if let Some(schema) = &options.schema {
        let fields = schema.fields.iter().map(|f| f.name.clone());
        let mut names: Vec<String> = fields.collect();
        if let Some(other) = names.iter().find(|name| index_of(name).is_none()) {
            let what = format!(
                "no column `{}`: the columns of this format are `column_1`, `column_2`, …",
                shown(other)
            );
            return Err(DataError::malformed(path, "indices", what));
        }
        names.extend(options.weight.iter().filter(|w| index_of(w).is_some()).cloned());
        names.push(LABEL.to_string());
        return Ok(names);
    }
    let Some((largest, line)) = measured.largest else {
        return Err(DataError::malformed(path, "line 1", "no example has a value"));
    };
    let width = largest.saturating_add(1);
    if width.saturating_mul(measured.rows as u64) > MAX_VALUES {
        let what = format!(
            "index {largest} makes {} values of {} examples, more than {MAX_VALUES}; leave out seldom \
             indices or take fewer examples",
            width.saturating_mul(measured.rows as u64),
            measured.rows
        );
        return Err(DataError::malformed(path, format!("line {line}"), what));
    }
    let first = u64::from(!measured.zero);
    let mut names: Vec<String> = (first..width).map(|i| format!("column_{i}")).collect();
    names.push(LABEL.to_string());
    Ok(names)
}

fn index_of(name: &str) -> Option<u64> {
    name.strip_prefix("column_")?.parse().ok()
}

fn table(
    path: &Path,
    text: &str,
    measured: &Measured,
    choice: &Choice,
) -> Result<Table, DataError> {
    let rows = measured.rows;
    if (choice.wanted.len() as u64).saturating_mul(rows as u64) > 2 * MAX_VALUES {
        let what = format!("{rows} examples of {} columns are too many", choice.wanted.len());
        return Err(DataError::malformed(path, "indices", what));
    }
    let mut columns: Vec<Vec<f64>> = choice.wanted.iter().map(|_| vec![0.0; rows]).collect();
    let mut place = HashMap::new();
    let mut label = None;
    for (i, wanted) in choice.wanted.iter().enumerate() {
        match index_of(&wanted.name) {
            Some(index) => {
                place.insert(index, i);
            }
            None => label = Some(i),
        }
    }
    for (row, (line, words)) in lines(text).enumerate() {
        let value = example(path, line, words, &mut |index, value| {
            if let Some(&i) = place.get(&index) {
                columns[i][row] = value;
            }
        })?;
        if let Some(i) = label {
            columns[i][row] = value;
        }
    }
    let mut table = Table { schema: Schema::default(), columns: Vec::new(), rows };
    let place = Place { path, unit: "row" };
    for (i, (values, wanted)) in columns.into_iter().zip(&choice.wanted).enumerate() {
        let target = choice.target == Some(i);
        let raw = Raw::Numbers(values);
        let (kind, column) = raw.typed(place, wanted, target, false, &mut Vec::new())?;
        table.push(&wanted.name, kind, column);
    }
    Ok(table)
}

/// The lines that hold an example, without remarks, counted from 1.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n')
        .zip(1..)
        .map(move |(line, number)| (number, line.split('#').next().unwrap_or("").trim()))
        .filter(|(_, line)| !line.is_empty())
}

/// Calls `see` with the pairs of an example; its label.
fn example(
    path: &Path,
    line: usize,
    words: &str,
    see: &mut dyn FnMut(u64, f64),
) -> Result<f64, DataError> {
    let bad = |what: String| DataError::malformed(path, format!("line {line}"), what);
    let finite = |word: &str| word.parse::<f64>().ok().filter(|v| v.is_finite());
    let mut words = words.split_ascii_whitespace();
    let first = words.next().unwrap_or("");
    let Some(label) = finite(first) else {
        let what = match first.contains(',') {
            true => "several labels, of which only one can be learned; keep one",
            false => "not a number, which the label must be",
        };
        return Err(bad(format!("`{}`: {what}", shown(first))));
    };
    let mut last = None;
    for word in words {
        let Some((index, value)) = word.split_once(':') else {
            return Err(bad(format!("`{}` is no pair of index:value", shown(word))));
        };
        if index == "qid" {
            let what = "`qid` groups examples for ranking, which is no task here; remove it to \
                        learn the label of each example";
            return Err(bad(what.into()));
        }
        let (Ok(index), Some(value)) = (index.parse::<u64>(), finite(value)) else {
            return Err(bad(format!(
                "`{}` is no pair of a whole number and a finite one",
                shown(word)
            )));
        };
        if last.is_some_and(|before| before >= index) {
            return Err(bad(format!("index {index} does not rise; sort the pairs of the line")));
        }
        last = Some(index);
        see(index, value);
    }
    Ok(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, Target};
    use proptest::prelude::*;

    fn read(text: &str, options: &OpenOptions) -> Result<Dataset, String> {
        from_bytes(Path::new("t.svm"), text.as_bytes(), options).map_err(|e| e.to_string())
    }

    #[test]
    fn what_is_not_given_is_zero() {
        let text = "# heart\n+1 1:0.5 3:-2 # first\n\n-1 2:1e1\n+1\n";
        let data = read(text, &OpenOptions::default()).unwrap();
        let columns: Vec<Column> = [[0.5, 0.0, 0.0], [0.0, 10.0, 0.0], [-2.0, 0.0, 0.0]]
            .map(|c| Column::Number(c.to_vec().into()))
            .into();
        assert_eq!(data.table.columns, columns);
        assert_eq!(data.columns, ["column_1", "column_2", "column_3", "label"]);
        let Target::Classes { labels, codes, .. } = &data.target else { panic!() };
        assert_eq!(
            (labels.as_slice(), codes.to_vec()),
            (&["-1".into(), "1".into()][..], vec![1, 0, 1])
        );
        // Of further data the columns are those that are known, whatever their indices.
        let more = read("-1 3:7 900000000:1\n", &data.same_options()).unwrap();
        assert_eq!(more.table.schema, data.table.schema);
        assert_eq!(more.table.columns[2], Column::Number(vec![7.0].into()));
        let from_zero = read("1 0:1 1:1\n2 0:2\n", &OpenOptions::default()).unwrap();
        assert_eq!(from_zero.columns, ["column_0", "column_1", "label"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, part) in [
            ("1 qid:3 1:2\n", "t.svm: line 1: `qid` groups examples for ranking"),
            ("1 1:2\n1,3 1:2\n", "line 2: `1,3`: several labels"),
            ("1 2:1 1:1\n", "line 1: index 1 does not rise"),
            ("1 1:x\n", "line 1: `1:x` is no pair"),
            ("1 1:inf\n", "line 1: `1:inf` is no pair"),
            ("1 1\n", "line 1: `1` is no pair"),
            ("a 1:1\n", "line 1: `a`: not a number"),
            ("1 1:1\n1 4000000000:1\n", "line 2: index 4000000000 makes 8000000002 values"),
            ("1 18446744073709551615:1\n", "line 1: index 18446744073709551615 makes"),
            ("1\n2\n", "no example has a value"),
        ] {
            let message = read(text, &OpenOptions::default()).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_named(text in "[-+0-9:. \n#qid,e]{0,60}") {
            looks_like(text.as_bytes());
            let _ = read(&text, &OpenOptions::default());
        }
    }
}
