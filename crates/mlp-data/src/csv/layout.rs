//! Which cells of a line are wanted: delimiter, header, names, and a given schema matched to them.

use super::sniff;
use crate::columns::{self, Wanted};
use crate::words::{listed, shown};
use crate::{DataError, OpenOptions, Schema};
use csv::StringRecord;
use std::collections::HashMap;
use std::path::Path;

/// How lines are cut and which cells are wanted.
pub(super) struct Layout {
    pub(super) delimiter: u8,
    pub(super) header: bool,
    /// Fields a line.
    pub(super) width: usize,
    /// In the order of the table to be made.
    pub(super) wanted: Vec<Wanted>,
    /// Index into `wanted`.
    pub(super) target: Option<usize>,
    /// The names of all fields of a line, wanted or not.
    pub(super) columns: Vec<String>,
    pub(super) notes: Vec<String>,
}

impl Layout {
    pub(super) fn new(path: &Path, text: &str, options: &OpenOptions) -> Result<Layout, DataError> {
        let delimiter = sniff::delimiter(text);
        let head = sniff::head(text, delimiter);
        let Some(first) = head.first() else {
            return Err(DataError::malformed(path, "line 1", "the file holds no rows"));
        };
        let header = options.header.unwrap_or_else(|| match &options.schema {
            Some(schema) => {
                names_known(first, schema) || !numbered(schema) && sniff::has_header(&head)
            }
            None => sniff::has_header(&head),
        });
        if header && head.len() == 1 {
            let what = "a header and no rows; add rows, or say --header no if this line is one";
            return Err(DataError::malformed(path, "line 1", what));
        }
        let width = first.len();
        let names = names(path, first, header)?;
        let mut layout = Layout {
            delimiter,
            header,
            width,
            wanted: Vec::new(),
            target: None,
            columns: names,
            notes: Vec::new(),
        };
        match &options.schema {
            Some(schema) if !header => layout.columns = layout.by_place(path, schema, options)?,
            None if !header => layout
                .notes
                .push(format!("no header found: columns are `column_1` to `column_{width}`")),
            _ => {}
        }
        let choice = columns::choose(path, "line 1", &layout.columns, options)?;
        (layout.wanted, layout.target) = (choice.wanted, choice.target);
        Ok(layout)
    }

    /// The names of the columns of a file without a header: all that the training data had, or all
    /// but the target. Any other count would shift columns silently.
    fn by_place(
        &mut self,
        path: &Path,
        schema: &Schema,
        options: &OpenOptions,
    ) -> Result<Vec<String>, DataError> {
        let labels: Vec<&str> = options.label_columns.iter().map(String::as_str).collect();
        let target = options.target.as_deref().or(labels.first().copied());
        let mut all = options.columns.clone();
        if all.is_empty() {
            all.extend(schema.fields.iter().map(|f| f.name.clone()));
            match labels.is_empty() {
                true => all.extend(target.map(str::to_string)),
                false => all.extend(labels.iter().map(|l| l.to_string())),
            }
        }
        let mut inputs = all.clone();
        inputs.retain(|name| Some(name.as_str()) != target && !labels.contains(&name.as_str()));
        if self.width == all.len() {
            self.notes.push("no header: columns taken in the order of the training data".into());
            return Ok(all);
        }
        let without = match target {
            Some(target) if inputs.len() < all.len() => {
                let target = shown(target);
                if self.width == inputs.len() {
                    self.notes.push(format!(
                        "no header: columns taken in the order of the training data, without the \
                         target `{target}`"
                    ));
                    return Ok(inputs);
                }
                format!(", or {} without the target `{target}`", inputs.len())
            }
            _ => String::new(),
        };
        let what = format!(
            "{} columns without a header, where {} are expected{without}: {}; give all of them in \
             this order, or add a line with the names",
            self.width,
            all.len(),
            listed(&all, 12)
        );
        Err(DataError::malformed(path, "line 1", what))
    }
}

/// Whether the line holds the name of a column of the schema.
fn names_known(first: &StringRecord, schema: &Schema) -> bool {
    first.iter().any(|cell| schema.fields.iter().any(|f| f.name == cell))
}

/// Whether the names of a schema are those of a file without a header.
fn numbered(schema: &Schema) -> bool {
    schema.fields.iter().all(|f| {
        let digits = f.name.strip_prefix("column_");
        digits.is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn names(path: &Path, first: &StringRecord, header: bool) -> Result<Vec<String>, DataError> {
    let mut names: Vec<String> = Vec::with_capacity(first.len());
    let mut known: HashMap<String, usize> = HashMap::new();
    for (i, cell) in first.iter().enumerate() {
        let empty = !header || cell.is_empty();
        let name = if empty { format!("column_{}", i + 1) } else { cell.to_string() };
        if let Some(before) = known.insert(name.clone(), i) {
            let what = format!(
                "columns {} and {} are both named `{}`; rename one",
                before + 1,
                i + 1,
                shown(&name)
            );
            return Err(DataError::malformed(path, "line 1", what));
        }
        names.push(name);
    }
    Ok(names)
}
