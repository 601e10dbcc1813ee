//! Pairs of IDX files: examples and their labels, found by name in a folder as MNIST ships.

use super::{Idx, Values, parse};
use crate::open::{Channels, PictureOptions, Resize};
use crate::{
    Column, DataError, Dataset, Kind, OpenOptions, Part, PictureShape, Schema, Table, TaskHint,
};
use std::path::{Path, PathBuf};

/// Beginnings of file names: training, test.
const TRAIN: &str = "train";
const TEST: [&str; 2] = ["t10k", "test"];

/// Whether a folder holds a file named like MNIST's: `train-images-idx3-ubyte`, with `.` for `-`,
/// `.gz` or not.
pub fn is_folder(folder: &Path) -> bool {
    [TRAIN, TEST[0], TEST[1]].iter().any(|part| matches!(find(folder, part, "images"), Ok(Some(_))))
}

/// Reads a folder of IDX files; rows of the `t10k-*` (or `test-*`) files are the fixed test part.
///
/// # Errors
/// A lacking labels file; everything of [`parse`]; pairs of unequal counts; sizes that differ
/// between parts or from [`OpenOptions::schema`].
pub fn read_folder(folder: &Path, options: &OpenOptions) -> Result<Dataset, DataError> {
    let mut whole: Option<Dataset> = None;
    for (prefix, part) in [(TRAIN, None), (TEST[0], Some(Part::Test)), (TEST[1], Some(Part::Test))]
    {
        let Some(images) = find(folder, prefix, "images")? else { continue };
        let labels = find(folder, prefix, "labels")?;
        let mut data = read_pair(&images, load(&images)?, labels.as_deref(), options)?;
        data.name = prefix.to_string();
        data.parts.fill(part);
        match (&mut whole, part) {
            (Some(whole), Some(part)) => whole.append(data, part, options)?,
            (whole, _) => *whole = Some(data),
        }
    }
    let name = folder.file_name().map_or_else(|| "idx".into(), |n| n.to_string_lossy());
    match whole {
        Some(data) => Ok(Dataset { name: name.into_owned(), ..data }),
        None => {
            let what = "no train-images or t10k-images IDX file in this folder";
            Err(DataError::malformed(folder, "folder", what))
        }
    }
}

/// Reads one IDX file of examples; its labels lie beside it under the same name with `labels` for
/// `images`.
///
/// # Errors
/// See [`read_folder`].
pub fn read_file(path: &Path, options: &OpenOptions) -> Result<Dataset, DataError> {
    read_bytes(path, read(path)?, options)
}

/// [`read_file`] of bytes at hand; `path` says where labels may lie.
pub(crate) fn read_bytes(
    path: &Path,
    bytes: Vec<u8>,
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    let examples = parse(path, &bytes)?;
    drop(bytes);
    let mut data = read_pair(path, examples, labels_of(path).as_deref(), options)?;
    data.name = own_name(path);
    Ok(data)
}

fn own_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The file of labels beside one of examples.
pub(crate) fn labels_of(path: &Path) -> Option<PathBuf> {
    let name = own_name(path);
    let labels = name.replace("images", "labels").replace("idx3", "idx1");
    let bare = labels.trim_end_matches(".gz");
    let beside = [labels.clone(), bare.to_string(), format!("{bare}.gz")];
    beside
        .iter()
        .filter(|beside| **beside != name)
        .map(|beside| path.with_file_name(beside))
        .find(|beside| name.contains("images") && beside.is_file())
}

/// The file of a folder whose name begins with the part and the role; the first by name if there
/// are several.
fn find(folder: &Path, part: &str, role: &str) -> Result<Option<PathBuf>, DataError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| DataError::io(folder, e))? {
        let entry = entry.map_err(|e| DataError::io(folder, e))?;
        let name = entry.file_name().to_string_lossy().replace(['.', '_'], "-");
        let rest = name.strip_prefix(part).and_then(|n| n.strip_prefix('-'));
        let rest = rest.and_then(|n| n.strip_prefix(role));
        if rest.is_some_and(|r| r.starts_with("-idx")) && entry.path().is_file() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found.into_iter().next())
}

fn read(path: &Path) -> Result<Vec<u8>, DataError> {
    std::fs::read(path).map_err(|e| DataError::io(path, e))
}

fn load(path: &Path) -> Result<Idx, DataError> {
    parse(path, &read(path)?)
}

fn read_pair(
    images: &Path,
    examples: Idx,
    labels: Option<&Path>,
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    let target = match labels {
        Some(path) => Some((path, load(path)?)),
        None if options.target_optional => None,
        None => {
            let what = "no labels file beside it (the same name with `labels` for `images`)";
            return Err(DataError::malformed(images, "folder", what));
        }
    };
    let mut data = inputs(images, examples, options)?;
    if let Some((path, labels)) = target {
        let (rows, count) = (data.len(), labels.dims[0]);
        if labels.dims.len() != 1 || count != rows {
            let what = format!(
                "dimensions {:?}, where one label for each of the {rows} examples is needed",
                labels.dims
            );
            return Err(DataError::malformed(path, "byte 4", what));
        }
        let mut options = options.clone();
        let values = match labels.values {
            Values::Bytes(bytes) => {
                // Bytes are classes, however many (EMNIST has 62).
                if options.task == TaskHint::Auto {
                    options.task = TaskHint::Classes;
                }
                bytes.into_iter().map(f64::from).collect()
            }
            Values::Numbers(values) => values,
        };
        data.table.push("label", Kind::Number, Column::Number(values.into()));
        data = data.with_target(Some("label"), &options)?;
    }
    Ok(data)
}

/// The examples of an IDX file as an unlabelled data set.
pub(crate) fn inputs(path: &Path, idx: Idx, options: &OpenOptions) -> Result<Dataset, DataError> {
    let rows = idx.dims[0];
    // `parse` bounds the product of all dimensions by the file's length only if none of them is 0.
    if idx.dims.contains(&0) {
        let what = format!("dimensions {:?}: no examples", idx.dims);
        return Err(DataError::malformed(path, "byte 4", what));
    }
    let mut table = Table { schema: Schema::default(), columns: Vec::new(), rows };
    let mut picture = None;
    let shape =
        |w: usize, h: usize, channels| PictureShape { width: w as u32, height: h as u32, channels };
    match (idx.dims.as_slice(), idx.values) {
        (&[_, h, w], Values::Bytes(bytes)) => {
            picture = Some(pixels(&mut table, shape(w, h, 1), bytes));
        }
        (&[_, h, w, 3], Values::Bytes(bytes)) => {
            picture = Some(pixels(&mut table, shape(w, h, 3), bytes));
        }
        (&[_, width], values) => features(path, &mut table, width, &values)?,
        (dims, _) => {
            let what = format!(
                "dimensions {dims:?}; examples are n×height×width or \
                 n×height×width×3 bytes, or n×features numbers"
            );
            return Err(DataError::malformed(path, "byte 3", what));
        }
    }
    if let Some(schema) = &options.schema {
        table = matched(path, table, schema)?;
    }
    Ok(Dataset { picture, ..Dataset::of("", table) })
}

/// Adds the picture column; says how picture files would be brought to its shape.
pub(crate) fn pixels(table: &mut Table, shape: PictureShape, bytes: Vec<u8>) -> PictureOptions {
    table.push("picture", Kind::Picture(shape), Column::Pixels { shape, bytes: bytes.into() });
    PictureOptions {
        size: (shape.width, shape.height),
        resize: Resize::default(),
        channels: if shape.channels == 1 { Channels::Grey } else { Channels::Rgb },
        background: [255; 3],
    }
}

/// Adds `width` columns of numbers.
fn features(
    path: &Path,
    table: &mut Table,
    width: usize,
    values: &Values,
) -> Result<(), DataError> {
    let value = |i: usize| match values {
        Values::Bytes(bytes) => f64::from(bytes[i]),
        Values::Numbers(numbers) => numbers[i],
    };
    for j in 0..width {
        let column: Vec<f64> = (0..table.rows).map(|r| value(r * width + j)).collect();
        if let Some(row) = column.iter().position(|v| v.is_infinite()) {
            let place = format!("row {}, feature {}", row + 1, j + 1);
            return Err(DataError::malformed(path, place, "not a finite number; correct it"));
        }
        table.push(&format!("column_{}", j + 1), Kind::Number, Column::Number(column.into()));
    }
    Ok(())
}

/// The columns a model expects, or why they are not there.
pub(crate) fn matched(path: &Path, mut table: Table, schema: &Schema) -> Result<Table, DataError> {
    let mut columns = Vec::with_capacity(schema.fields.len());
    for wanted in &schema.fields {
        let here = table.schema.fields.iter().find(|f| f.name == wanted.name);
        match here {
            Some(field) if field.kind == wanted.kind => columns.extend(table.remove(&wanted.name)),
            _ => {
                let is = table.schema.fields.first().map_or(String::new(), |f| f.kind.to_string());
                let what = format!(
                    "`{}` must be a {}, the file holds {} columns, the first a {is}",
                    wanted.name,
                    wanted.kind,
                    table.columns.len()
                );
                return Err(DataError::malformed(path, "byte 4", what));
            }
        }
    }
    Ok(Table { schema: schema.clone(), columns, rows: table.rows })
}
