//! Folders of NPY files: a file a class, as Quick Draw ships its drawings, or `x_train.npy`,
//! `y_train.npy` and so on.

use super::{Array, MAGIC, Values, data, parse, picture_shape, picture_table, shown};
use crate::{Column, DataError, Dataset, Kind, OpenOptions, PictureShape};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Whether a folder holds an NPY file.
pub(crate) fn is_folder(folder: &Path) -> bool {
    !files(folder).is_empty()
}

/// The NPY files of a folder by name.
fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let named = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(".npy")?.to_string();
        let mut start = [0; MAGIC.len()];
        let read = File::open(&path).and_then(|mut file| file.read_exact(&mut start));
        (read.is_ok() && start == *MAGIC).then_some((name, path))
    };
    let mut files: Vec<_> = entries.flatten().filter_map(|e| named(e.path())).collect();
    files.sort();
    files
}

/// Reads such a folder.
///
/// # Errors
/// Classes that are no pictures of `u8`, or of different sizes; see also [`super::parse`].
pub(crate) fn read_folder(folder: &Path, options: &OpenOptions) -> Result<Dataset, DataError> {
    let files = files(folder);
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let load = |i: usize| load(&files[i].1);
    if data::are_named(&names) {
        return data::arrays(folder, &names, &load, options);
    }
    let (mut codes, mut pixels) = (Vec::new(), Vec::new());
    let mut common: Option<PictureShape> = None;
    for (code, (_, path)) in files.iter().enumerate() {
        let array = load(code)?;
        let shape = square(path, &array)?;
        let before = *common.get_or_insert(shape);
        if before != shape {
            let what = format!("pictures of {shape}, those of `{}` are of {before}", names[0]);
            return Err(DataError::malformed(path, "shape", what));
        }
        codes.resize(codes.len() + array.shape[0], code as u32);
        let Values::Bytes(bytes) = array.values else { continue };
        match pixels.is_empty() {
            true => pixels = bytes,
            false => pixels.extend_from_slice(&bytes),
        }
    }
    let Some(shape) = common else {
        return Err(DataError::malformed(folder, "folder", "no NPY files"));
    };
    let (mut table, picture) = picture_table(folder, shape, pixels, options)?;
    let levels = Column::Category { levels: names, codes: codes.into() };
    table.push("label", Kind::Category, levels);
    let name = folder.file_name().map_or_else(|| "arrays".into(), |n| n.to_string_lossy());
    let data = Dataset { picture: Some(picture), ..Dataset::of(&name, table) };
    data.with_target(Some("label"), options)
}

fn load(path: &Path) -> Result<Array, DataError> {
    parse(path, "", std::fs::read(path).map_err(|e| DataError::io(path, e))?)
}

/// The shape of the pictures of a class: flat ones are square.
fn square(path: &Path, array: &Array) -> Result<PictureShape, DataError> {
    let found = match (array.shape.as_slice(), &array.values) {
        (&[_, n], Values::Bytes(_)) if n.isqrt().pow(2) == n => {
            picture_shape(n.isqrt(), n.isqrt(), 1)
        }
        (&[_, h, w], Values::Bytes(_)) => picture_shape(h, w, 1),
        (&[_, h, w, c @ (1 | 3)], Values::Bytes(_)) => picture_shape(h, w, c),
        _ => None,
    };
    found.ok_or_else(|| {
        let what = format!(
            "an array of shape {}, where a file a class must hold square pictures as n×pixels, or \
             n×height×width, of u8",
            shown(&array.shape)
        );
        DataError::malformed(path, "shape", what)
    })
}
