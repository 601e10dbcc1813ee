//! JSON Lines: an object a line to typed columns. The grammar of a line: `scan`.
//!
//! # Rules
//!
//! * UTF-8, with or without a byte order mark; empty lines are skipped.
//! * The columns are the keys of all objects in order of first appearance; a key that a line lacks
//!   is missing there, as `null` is.
//! * A value counts as the CSV cell of the same text: numbers as they are written, `true` and
//!   `false`, strings without their quotes and escapes, white space around dropped. So the kinds,
//!   the words for missing and the slips are those of [`crate::csv`].
//! * Arrays and objects as values are an error that names the line and the key.

mod scan;

use crate::columns::{self, Choice};
use crate::typing::{Builder, Place, Seen};
use crate::words::shown;
use crate::{DataError, Dataset, Field, OpenOptions, Schema, Table, csv};
use std::collections::HashMap;
use std::path::Path;

/// Cells that any file may have.
const FREE_CELLS: usize = 1 << 20;
/// Beyond that, cells a byte of the file: even `"a":1,` takes six bytes for one.
const CELLS_A_BYTE: usize = 4;

/// Reads JSON Lines; `path` only names them in messages.
///
/// # Errors
/// Bytes that are not UTF-8, a line that is no object, nested values, a key twice in an object:
/// with the line and the byte or key. Slips and infinities as in CSV; so many keys in so few lines
/// that a table of them would be almost empty; an unusable target.
pub fn from_bytes(path: &Path, bytes: &[u8], options: &OpenOptions) -> Result<Dataset, DataError> {
    let text = csv::text(path, bytes)?;
    let keys = Keys::of(path, text)?;
    let choice = columns::choose(path, "keys", &keys.names, options)?;
    let place = Place { path, unit: "line" };
    let classes = options.of_words();
    let mut notes = Vec::new();
    let mut schema = Schema::default();
    for (i, wanted) in choice.wanted.iter().enumerate() {
        let target = choice.target == Some(i);
        let kind = keys.seen[wanted.index].kind(place, wanted, target, classes, &mut notes)?;
        schema.fields.push(Field { name: wanted.name.clone(), kind });
    }
    let table = table(path, text, &keys, &choice, schema)?;
    columns::check_booleans(&table, options)?;
    let name = path.file_name().map_or_else(|| "table".into(), |n| n.to_string_lossy());
    let data = Dataset { columns: keys.names, notes, ..Dataset::of(&name, table) };
    data.with_weights(options)?.with_target(None, options)
}

/// The keys of all lines, and what their values could be.
struct Keys {
    names: Vec<String>,
    place: HashMap<String, usize>,
    seen: Vec<Seen>,
    rows: usize,
}

impl Keys {
    fn of(path: &Path, text: &str) -> Result<Keys, DataError> {
        let (names, place) = (Vec::new(), HashMap::new());
        let mut keys = Keys { names, place, seen: Vec::new(), rows: 0 };
        // The last row in which a key stood.
        let mut last: Vec<usize> = Vec::new();
        for (line, object) in lines(text) {
            keys.rows += 1;
            let row = keys.rows;
            scan::object(object, &mut |key, cell| {
                let i = match keys.place.get(key) {
                    Some(&i) => i,
                    None => {
                        keys.names.push(key.to_string());
                        keys.place.insert(key.to_string(), keys.names.len() - 1);
                        keys.seen.push(Seen::default());
                        last.push(0);
                        keys.names.len() - 1
                    }
                };
                if std::mem::replace(&mut last[i], row) == row {
                    return Err(format!("the key `{}` stands twice in this object", shown(key)));
                }
                keys.seen[i].look(cell.trim(), line as u64, 1);
                Ok(())
            })
            .map_err(|(at, what)| DataError::malformed(path, format!("line {line}{at}"), what))?;
            // Told as they come, so that no file of many keys takes long.
            let most = FREE_CELLS + text.len() * CELLS_A_BYTE;
            if keys.rows.saturating_mul(keys.names.len()) > most {
                let what = format!(
                    "{} different keys in {} lines: nearly all values of such a table are missing; \
                     leave keys out",
                    keys.names.len(),
                    keys.rows
                );
                return Err(DataError::malformed(path, format!("line {line}"), what));
            }
        }
        if keys.names.is_empty() {
            return Err(DataError::malformed(
                path,
                "line 1",
                "no object has a key: there is nothing to learn from",
            ));
        }
        Ok(keys)
    }
}

/// The lines that hold something, counted from 1.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let all = text.split('\n').zip(1..).map(|(line, number)| (number, line.trim()));
    all.filter(|(_, line)| !line.is_empty())
}

fn table(
    path: &Path,
    text: &str,
    keys: &Keys,
    choice: &Choice,
    schema: Schema,
) -> Result<Table, DataError> {
    let mut builders: Vec<Builder> = (schema.fields.iter().enumerate())
        .map(|(i, field)| Builder::new(field.kind, choice.target == Some(i)))
        .collect();
    let mut column = vec![None; keys.names.len()];
    choice.wanted.iter().enumerate().for_each(|(i, w)| column[w.index] = Some(i));
    for (row, (line, object)) in lines(text).enumerate() {
        let bad = |at: String, what| DataError::malformed(path, format!("line {line}{at}"), what);
        scan::object(object, &mut |key, cell| {
            let Some(i) = keys.place.get(key).and_then(|&k| column[k]) else { return Ok(()) };
            let name = &schema.fields[i].name;
            builders[i]
                .push(cell.trim(), name)
                .map_err(|what| format!("column `{}`: {what}", shown(name)))
        })
        .map_err(|(at, what)| bad(at, what))?;
        for (builder, field) in builders.iter_mut().zip(&schema.fields) {
            if builder.len() == row {
                builder
                    .push("", &field.name)
                    .map_err(|what| bad(format!(", column `{}`", field.name), what))?;
            }
        }
    }
    let columns = builders.into_iter().map(Builder::finish).collect();
    Ok(Table { schema, columns, rows: keys.rows })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, Kind, MISSING, Target};

    fn read(text: &str) -> Result<Dataset, String> {
        from_bytes(Path::new("t.jsonl"), text.as_bytes(), &OpenOptions::default())
            .map_err(|e| e.to_string())
    }

    #[test]
    fn values_are_typed_and_keys_united() {
        let text = "{\"n\": 1.5e1, \"w\": \"a\\u00e4\\n\", \"b\": true, \"y\": \"p\"}\n\n \
                    { \"b\" : false , \"z\" : null, \"n\":-2, \"y\": \"q\", \"d\": \"2024-05-17\" }\r\n";
        let data = read(text).unwrap();
        let kinds: Vec<(&str, Kind)> =
            data.table.schema.fields.iter().map(|f| (f.name.as_str(), f.kind)).collect();
        let date = Kind::Date(crate::DateOrder::YearFirst);
        let expected = [
            ("n", Kind::Number),
            ("w", Kind::Category),
            ("b", Kind::Boolean),
            ("z", Kind::Number),
            ("d", date),
        ];
        assert_eq!(kinds, expected);
        assert_eq!(data.table.columns[0], Column::Number(vec![15.0, -2.0].into()));
        let words = Column::Category { levels: vec!["aä".into()], codes: vec![0, MISSING].into() };
        assert_eq!(data.table.columns[1], words);
        assert!(
            matches!(&data.target, Target::Classes { name, codes, .. } if name == "y" && codes.len() == 2)
        );
        assert_eq!(data.columns, ["n", "w", "b", "y", "z", "d"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, part) in [
            ("{\"a\": [1]}", "t.jsonl: line 1, key `a`: an array"),
            ("{\"a\": 1}\n{\"a\": {\"b\": 1}}", "line 2, key `a`: an object"),
            ("{\"a\": 1, \"a\": 2}", "line 1, key `a`: the key `a` stands twice"),
            ("{\"a\": 1}\n[1]", "line 2, byte 0: an object"),
            ("{\"a\": 1", "line 1, byte 7: "),
            ("{\"a\" 1}", "line 1, byte 5: "),
            ("{\"a\": 01}", "line 1, byte 7: "),
            ("{\"a\": tru}", "line 1, byte 6: "),
            ("{\"a\": \"x}", "line 1, byte 9: "),
            ("{\"a\": \"\\ud800\"}", "line 1, byte 7: "),
            ("{\"a\": 1} {\"a\": 2}", "line 1, byte 9: "),
            ("{\"a\": 1e999, \"y\": 1}", "line 1, column `a`: `1e999` is not a finite number"),
            ("{}\n{}", "no object has a key"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
        let slip: String = (0..40).map(|i| format!("{{\"a\": {i}, \"y\": {}}}\n", i % 2)).collect();
        let message = read(&(slip + "{\"a\": \"x\", \"y\": 1}")).unwrap_err();
        assert!(message.contains("line 41, column `a`: `x` is not a number"), "{message}");
        let sparse: String = (0..3000).map(|i| format!("{{\"k{i}\": 1}}\n")).collect();
        let message = read(&sparse).unwrap_err();
        assert!(message.contains("different keys in"), "{message}");
    }
}
