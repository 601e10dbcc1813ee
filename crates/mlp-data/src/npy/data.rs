//! Arrays to data sets: which are examples, which labels, and what an array of each shape is.
//!
//! # Rules
//!
//! * `u8` of `n×h×w`, `n×h×w×1` or `n×h×w×3` are pictures; `n×width` numbers, truths or texts are a
//!   table of `column_1`, `column_2`, …, of which the last is the target where no labels are given;
//!   `n` values are one column.
//! * In an archive the names tell: `x_train`, `y_train`, `x_test`, `y_test` (`val` and `valid` too; also
//!   `train_images`, `train_labels` and so on), else `x` and `y`, `data` and `target`, `images` and `labels`;
//!   or there is one array only.
//! * Labels are the column `label`. Labels of `u8` are classes, however many, as in IDX files.

use super::{Array, Values, parse, picture_shape, picture_table, shown, zip};
use crate::columns;
use crate::typing::{Place, Raw};
use crate::words::listed;
use crate::{
    Column, DataError, Dataset, Kind, OpenOptions, Part, PictureShape, Schema, Table, TaskHint,
};
use std::path::Path;

/// The column that labels become.
const LABEL: &str = "label";
/// Columns of a table, at most.
const MAX_COLUMNS: usize = 1 << 20;
/// Beginnings and ends of names: of examples, of labels.
const EXAMPLES: [&str; 5] = ["x", "data", "images", "features", "inputs"];
const LABELS: [&str; 5] = ["y", "target", "targets", "labels", "label"];
/// Parts by their words.
const PARTS: [(&str, Option<Part>); 4] = [
    ("train", None),
    ("valid", Some(Part::Validation)),
    ("val", Some(Part::Validation)),
    ("test", Some(Part::Test)),
];

/// Reads one array.
///
/// # Errors
/// See [`parse`] and [`dataset`].
pub(crate) fn read_npy(
    path: &Path,
    bytes: Vec<u8>,
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    dataset(path, parse(path, "", bytes)?, None, options)
}

/// Reads an archive of arrays.
///
/// # Errors
/// A damaged archive; arrays whose names do not say what they are; see also [`dataset`].
pub(crate) fn read_npz(
    path: &Path,
    bytes: &[u8],
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    let wrong = |(at, what)| DataError::malformed(path, format!("byte {at}"), what);
    let members = zip::members(bytes).map_err(wrong)?;
    let stem = |m: &zip::Member| m.name.strip_suffix(".npy").unwrap_or(&m.name).to_string();
    let names: Vec<String> = members.iter().map(stem).collect();
    let load = |i: usize| {
        let unpacked = zip::unpack(bytes, &members[i]);
        let wrong = |(at, what)| {
            DataError::malformed(path, format!("{}, byte {at}", members[i].name), what)
        };
        parse(path, &members[i].name, unpacked.map_err(wrong)?)
    };
    arrays(path, &names, &load, options)
}

/// The data set of several arrays, of which `load` reads the one of an index.
///
/// # Errors
/// Names that do not say what the arrays are; see also [`dataset`].
pub(super) fn arrays(
    path: &Path,
    names: &[String],
    load: &dyn Fn(usize) -> Result<Array, DataError>,
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    let pairs = pairs(names);
    if pairs.is_empty() && names.len() == 1 {
        return dataset(path, load(0)?, None, options);
    }
    let mut whole: Option<Dataset> = None;
    for (x, y, word, part) in pairs {
        let same = match &whole {
            None => options.clone(),
            // Kinds, classes and shapes are those of the first part.
            Some(whole) => {
                OpenOptions { target_optional: options.target_optional, ..whole.same_options() }
            }
        };
        let labels = y.map(load).transpose()?;
        let mut data = dataset(path, load(x)?, labels, &same)?;
        data.parts.fill(part);
        match (&mut whole, part) {
            (Some(whole), Some(part)) => {
                data.name = word.to_string();
                whole.append(data, part, options).map_err(|e| {
                    DataError::malformed(path, format!("arrays of `{word}`"), e.to_string())
                })?;
            }
            (whole, _) => *whole = Some(data),
        }
    }
    whole.ok_or_else(|| {
        let what = format!(
            "the arrays are {}; name them x_train, y_train, x_test and y_test, or x and y",
            listed(names, 8)
        );
        DataError::malformed(path, "names", what)
    })
}

/// Examples and their labels by the names of arrays, with the word and part of each.
fn pairs(names: &[String]) -> Vec<(usize, Option<usize>, &'static str, Option<Part>)> {
    let find = |wanted: &dyn Fn(&str) -> bool| {
        names.iter().position(|name| wanted(&name.to_ascii_lowercase()))
    };
    let mut found = Vec::new();
    for (word, part) in PARTS {
        let of = |roles: &'static [&str]| {
            find(&|name| {
                let fits = |role: &&str| {
                    name == format!("{role}_{word}") || name == format!("{word}_{role}")
                };
                roles.iter().any(fits)
            })
        };
        if let Some(x) = of(&EXAMPLES) {
            found.push((x, of(&LABELS), word, part));
        }
    }
    if found.is_empty() {
        let of = |roles: &'static [&str]| find(&|name| roles.contains(&name));
        if let Some(x) = of(&EXAMPLES) {
            found.push((x, of(&LABELS), "", None));
        }
    }
    found
}

/// Whether the names of arrays say which are examples.
pub(super) fn are_named(names: &[String]) -> bool {
    !pairs(names).is_empty()
}

/// Examples with their labels.
///
/// # Errors
/// Shapes that are neither pictures nor a table; labels that are lacking or of another count;
/// values that are not finite; what a schema demands and is not there.
pub(super) fn dataset(
    path: &Path,
    x: Array,
    y: Option<Array>,
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    let rows = x.shape[0];
    let mut options = options.clone();
    if let Some(y) = &y {
        if y.shape.iter().product::<usize>() != rows || y.shape[0] != rows {
            let what = format!(
                "labels of shape {}, where one for each of the {rows} examples is needed",
                shown(&y.shape)
            );
            return Err(DataError::malformed(path, "shape", what));
        }
        if options.task == TaskHint::Auto && matches!(y.values, Values::Bytes(_)) {
            options.task = TaskHint::Classes;
        }
    }
    let name = path.file_name().map_or_else(|| "arrays".into(), |n| n.to_string_lossy());
    match (picture(path, &x, &options)?, x.values) {
        (Some(shape), Values::Bytes(bytes)) => {
            if y.is_none() && !options.target_optional {
                let what = "pictures without labels; put both into one archive: \
                            numpy.savez('FILE.npz', x=pictures, y=labels)";
                return Err(DataError::malformed(path, "arrays", what));
            }
            pictures(path, &name, shape, bytes, y, &options)
        }
        (_, values) => table(path, &name, Array { shape: x.shape, values }, y, &options),
    }
}

/// The shape of every picture of an array, if they are pictures.
fn picture(
    path: &Path,
    x: &Array,
    options: &OpenOptions,
) -> Result<Option<PictureShape>, DataError> {
    let wanted = options.schema.as_ref().and_then(|s| match s.fields.as_slice() {
        [field] => match field.kind {
            Kind::Picture(shape) => Some(shape),
            _ => None,
        },
        _ => None,
    });
    let bytes = matches!(x.values, Values::Bytes(_));
    let found = match (x.shape.as_slice(), wanted) {
        (&[_] | &[_, _], None) => return Ok(None),
        (&[_, width], Some(wanted)) if bytes && width == wanted.len() => Some(wanted),
        (&[_, h, w], _) if bytes => picture_shape(h, w, 1),
        (&[_, h, w, c @ (1 | 3)], _) if bytes => picture_shape(h, w, c),
        _ => None,
    };
    if found.is_some() {
        return Ok(found);
    }
    let what = match (bytes, x.shape.as_slice()) {
        (false, _) => "is no table, and pictures must be u8: (255 * x).astype('uint8')",
        (true, [_, 1 | 3, _, _]) => {
            "has its channels before rows and columns; turn it: x.transpose(0, 2, 3, 1)"
        }
        _ => "is neither a table nor pictures of n×height×width, of one channel or three",
    };
    let what = format!("an array of shape {} {what}", shown(&x.shape));
    Err(DataError::malformed(path, "shape", what))
}

/// Pictures of bytes with their labels.
fn pictures(
    path: &Path,
    name: &str,
    shape: PictureShape,
    bytes: Vec<u8>,
    y: Option<Array>,
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    let (mut table, picture) = picture_table(path, shape, bytes, options)?;
    if let Some(y) = y {
        let (kind, column) = match raws(y, 1).remove(0) {
            Raw::Numbers(values) | Raw::Dates(values) => {
                (Kind::Number, Column::Number(values.into()))
            }
            Raw::Texts(levels, codes) => {
                (Kind::Category, Column::Category { levels, codes: codes.into() })
            }
        };
        table.push(LABEL, kind, column);
    }
    let data = Dataset { picture: Some(picture), ..Dataset::of(name, table) };
    match data.table.column(LABEL) {
        Some(_) => data.with_target(Some(LABEL), options),
        None => Ok(data),
    }
}

/// A table with its labels as a last column.
fn table(
    path: &Path,
    name: &str,
    x: Array,
    y: Option<Array>,
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    let (rows, width) = (x.shape[0], x.shape.get(1).copied().unwrap_or(1));
    if width > MAX_COLUMNS {
        let what = format!("{width} columns; at most {MAX_COLUMNS} can be read");
        return Err(DataError::malformed(path, "shape", what));
    }
    let mut names: Vec<String> = (1..=width).map(|i| format!("column_{i}")).collect();
    names.extend(y.iter().map(|_| LABEL.to_string()));
    let own = y.as_ref().map(|_| LABEL);
    // The choice of the target is that of all tables, but labels that were given are it.
    let target = options.target.clone().or(own.map(str::to_string));
    let options = OpenOptions { target, ..options.clone() };
    let choice = columns::choose(path, "shape", &names, &options)?;
    let mut all: Vec<Option<Raw>> = raws(x, width).into_iter().map(Some).collect();
    all.extend(y.map(|y| raws(y, 1).into_iter().map(Some)).into_iter().flatten());
    let mut table = Table { schema: Schema::default(), columns: Vec::new(), rows };
    let mut notes = Vec::new();
    let classes = options.of_words();
    let place = Place { path, unit: "row" };
    for (i, wanted) in choice.wanted.iter().enumerate() {
        let target = choice.target == Some(i);
        let Some(raw) = all.get_mut(wanted.index).and_then(Option::take) else { continue };
        let (kind, column) = raw.typed(place, wanted, target, classes, &mut notes)?;
        table.push(&wanted.name, kind, column);
    }
    columns::check_booleans(&table, &options)?;
    let data = Dataset { columns: names, notes, ..Dataset::of(name, table) };
    data.with_weights(&options)?.with_target(None, &options)
}

/// The columns of an array of so many.
fn raws(array: Array, width: usize) -> Vec<Raw> {
    let column = |j: usize| match &array.values {
        Values::Bytes(v) => Raw::Numbers(every(v, j, width).map(|b| f64::from(*b)).collect()),
        Values::Numbers(v) => Raw::Numbers(every(v, j, width).copied().collect()),
        Values::Truths(v) => {
            let code = |b: &u8| u32::from(*b == 0);
            let levels = vec!["true".to_string(), "false".to_string()];
            Raw::Texts(levels, every(v, j, width).map(code).collect())
        }
        Values::Texts(levels, v) => {
            Raw::Texts(levels.clone(), every(v, j, width).copied().collect())
        }
    };
    (0..width).map(column).collect()
}

/// The values of a column of rows of so many.
fn every<T>(values: &[T], column: usize, width: usize) -> impl Iterator<Item = &T> {
    values.iter().skip(column).step_by(width)
}
