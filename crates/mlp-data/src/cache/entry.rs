//! An entry of a cache: a file for every column, for the target and for the parts, and what they are in `meta.json`.

use super::key::{self, hex};
use super::{Filling, Held};
use crate::dataset::Weights;
use crate::dataset::fingerprint::{part_code, part_of};
use crate::open::PictureOptions;
use crate::{Column, DataError, Dataset, Names, Schema, Skipped, Table, Target, Values};
use mlp_tensor::{Exec, Mapped, Plain, bytes_of};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// What the files are. Its last line is the SHA-256 of those before it.
pub(super) const META: &str = "meta.json";
/// An empty file, written anew at every use: its time says which entry was used longest ago.
pub(super) const USED: &str = "used";
const TARGET: &str = "target";
const PARTS: &str = "parts";
const WEIGHTS: &str = "weights";

#[derive(Serialize, Deserialize)]
struct Meta {
    name: String,
    schema: Schema,
    rows: usize,
    /// The words of each column that has some.
    levels: Vec<Vec<String>>,
    target: StoredTarget,
    /// The column of weights.
    weights: Option<String>,
    columns: Vec<String>,
    names: Names,
    picture: Option<PictureOptions>,
    skipped: Vec<Skipped>,
    notes: Vec<String>,
    /// File, bytes, SHA-256.
    files: Vec<(String, u64, String)>,
}

#[derive(Serialize, Deserialize)]
enum StoredTarget {
    None,
    Classes { name: String, labels: Vec<String> },
    Numbers { name: String },
    Labels { name: String, labels: Vec<String>, separator: Option<String> },
}

fn column_file(i: usize) -> String {
    format!("column-{i}")
}

/// Makes the files of a data set in the folder of an entry; columns that were gathered there are only renamed.
pub(super) fn write(exec: &Exec, data: &Dataset, filling: &Filling) -> Result<(), DataError> {
    let mut levels = Vec::new();
    let mut files = Vec::new();
    for (i, column) in data.table.columns.iter().enumerate() {
        let name = column_file(i);
        match column {
            Column::Number(values) => put(filling, &name, values)?,
            Column::Category { codes, .. } => put(filling, &name, codes)?,
            Column::Pixels { bytes, .. } => put(filling, &name, bytes)?,
        }
        levels.push(match column {
            Column::Category { levels, .. } => levels.clone(),
            _ => Vec::new(),
        });
        files.push(name);
    }
    let target = match &data.target {
        Target::None => StoredTarget::None,
        Target::Classes { name, labels, codes } => {
            new_file(filling, TARGET, codes)?;
            StoredTarget::Classes { name: name.clone(), labels: labels.clone() }
        }
        Target::Numbers { name, values } => {
            new_file(filling, TARGET, values)?;
            StoredTarget::Numbers { name: name.clone() }
        }
        Target::Labels { name, labels, separator, hits } => {
            new_file(filling, TARGET, hits)?;
            let (name, labels) = (name.clone(), labels.clone());
            StoredTarget::Labels { name, labels, separator: separator.clone() }
        }
    };
    if !matches!(target, StoredTarget::None) {
        files.push(TARGET.into());
    }
    if let Some(weights) = &data.weights {
        new_file(filling, WEIGHTS, &weights.values)?;
        files.push(WEIGHTS.into());
    }
    let parts: Vec<u8> = data.parts.iter().map(|part| part_code(*part)).collect();
    new_file(filling, PARTS, &parts)?;
    files.push(PARTS.into());
    let meta = Meta {
        name: data.name.clone(),
        schema: data.table.schema.clone(),
        rows: data.table.rows,
        levels,
        target,
        weights: data.weights.as_ref().map(|weights| weights.name.clone()),
        columns: data.columns.clone(),
        names: data.names.clone(),
        picture: data.picture,
        skipped: data.skipped.clone(),
        notes: data.notes.clone(),
        files: sums(exec, &filling.folder, &files)?,
    };
    new_file::<u8>(filling, USED, &[])?;
    remove_others(&filling.folder, &files);
    write_meta(&filling.folder, &meta)
}

/// Gives a column's values their file.
fn put<T: Plain>(filling: &Filling, name: &str, values: &Values<T>) -> Result<(), DataError> {
    let gathered = values.file().map(Mapped::path);
    match gathered.filter(|path| path.parent() == Some(&*filling.folder)) {
        Some(path) => {
            let to = filling.folder.join(name);
            fs::rename(path, &to).map_err(|e| DataError::io(&to, e))
        }
        None => new_file(filling, name, values),
    }
}

fn new_file<T: Plain>(filling: &Filling, name: &str, values: &[T]) -> Result<(), DataError> {
    let bytes = bytes_of(values);
    filling.reserve(bytes.len() as u64)?;
    let path = filling.folder.join(name);
    fs::write(&path, bytes).map_err(|e| DataError::io(&path, e))
}

/// Removes what was gathered on the way and is no part of the result.
fn remove_others(folder: &Path, files: &[String]) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("table-") && !files.contains(&name) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Length and print of every file.
fn sums(
    exec: &Exec,
    folder: &Path,
    files: &[String],
) -> Result<Vec<(String, u64, String)>, DataError> {
    let one = |name: &String| {
        let path = folder.join(name);
        let length = fs::metadata(&path).map(|m| m.len());
        let sum = length.and_then(|length| Ok((name.clone(), length, hex(&key::file(&path)?))));
        sum.map_err(|e| DataError::io(&path, e))
    };
    exec.map(files.len(), |i| one(&files[i])).into_iter().collect()
}

fn write_meta(folder: &Path, meta: &Meta) -> Result<(), DataError> {
    let path = folder.join(META);
    let broken = |e: serde_json::Error| DataError::io(&path, e.into());
    let mut text = serde_json::to_string(meta).map_err(broken)?;
    let sum = hex(&sha256(text.as_bytes()));
    text.push('\n');
    text.push_str(&sum);
    fs::write(&path, text).map_err(|e| DataError::io(&path, e))
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}

/// The data of an entry; `None` if there is none or it is damaged.
pub(super) fn read(exec: &Exec, place: &Path, held: Held) -> Option<Dataset> {
    let text = fs::read_to_string(place.join(META)).ok()?;
    let (meta, sum) = text.rsplit_once('\n')?;
    if sum != hex(&sha256(meta.as_bytes())) {
        return None;
    }
    let meta: Meta = serde_json::from_str(meta).ok()?;
    let names: Vec<String> = meta.files.iter().map(|(name, _, _)| name.clone()).collect();
    if sums(exec, place, &names).ok()? != meta.files {
        return None;
    }
    // When it was last used decides which entry makes room; that it cannot be noted is no reason to do without.
    let _ = fs::write(place.join(USED), []);
    let mut columns = Vec::new();
    for (i, (field, levels)) in meta.schema.fields.iter().zip(meta.levels).enumerate() {
        let path = place.join(column_file(i));
        columns.push(match Table::empty_column(field) {
            Column::Number(_) => Column::Number(values(&path, held, meta.rows)?),
            Column::Category { .. } => {
                Column::Category { levels, codes: values(&path, held, meta.rows)? }
            }
            Column::Pixels { shape, .. } => {
                let bytes = values(&path, held, meta.rows.checked_mul(shape.len())?)?;
                Column::Pixels { shape, bytes }
            }
        });
    }
    let target = target(&place.join(TARGET), meta.target, meta.rows)?;
    let weights = match meta.weights {
        None => None,
        Some(name) => {
            let path = place.join(WEIGHTS);
            Some(Weights { name, values: values(&path, Held::Memory, meta.rows)?.into_vec() })
        }
    };
    let parts: Values<u8> = values(&place.join(PARTS), Held::Memory, meta.rows)?;
    Some(Dataset {
        name: meta.name,
        table: Table { schema: meta.schema, columns, rows: meta.rows },
        target,
        weights,
        columns: meta.columns,
        names: meta.names,
        parts: parts.iter().map(|code| part_of(*code)).collect(),
        picture: meta.picture,
        skipped: meta.skipped,
        notes: meta.notes,
    })
}

fn target(path: &Path, stored: StoredTarget, rows: usize) -> Option<Target> {
    Some(match stored {
        StoredTarget::None => Target::None,
        StoredTarget::Classes { name, labels } => {
            let codes = values(path, Held::Memory, rows)?.into_vec();
            Target::Classes { name, labels, codes }
        }
        StoredTarget::Numbers { name } => {
            Target::Numbers { name, values: values(path, Held::Memory, rows)?.into_vec() }
        }
        StoredTarget::Labels { name, labels, separator } => {
            let count = rows.checked_mul(labels.len())?;
            let hits: Vec<u8> = values(path, Held::Memory, count)?.into_vec();
            Target::Labels { name, labels, separator, hits }
        }
    })
}

/// The values of a file, if there are as many as there must be.
fn values<T: Plain>(path: &Path, held: Held, count: usize) -> Option<Values<T>> {
    let mapped = Mapped::open(path).ok()?;
    if mapped.as_slice::<T>().len() != count {
        return None;
    }
    Some(match held {
        Held::Disk => Values::mapped(mapped),
        Held::Memory => mapped.as_slice::<T>().to_vec().into(),
    })
}
