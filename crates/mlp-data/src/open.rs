//! From a path or a name to a data set: which reader is right is decided by content.

use crate::cache::Cache;
use crate::words::{listed, most_similar, nearest};
use crate::{DataError, Dataset, Part, Schema, TaskHint, cache, csv, embedded, idx};
use mlp_tensor::Exec;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How to fit a picture into the size asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resize {
    /// Both sides scaled on their own.
    Stretch,
    /// Scaled to cover, the middle kept.
    #[default]
    Crop,
    /// Scaled to fit, the rest filled with the background.
    Pad,
}

/// Which channels of a picture are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channels {
    /// Red, green and blue.
    #[default]
    Rgb,
    /// Luma, ITU-R BT.601.
    Grey,
    /// Red only.
    Red,
    /// Green only.
    Green,
    /// Blue only.
    Blue,
}

/// How pictures are brought to one shape; travels in the model so that prediction does the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PictureOptions {
    /// Pixels across and down.
    pub size: (u32, u32),
    /// How other sizes are fitted.
    pub resize: Resize,
    /// What is kept.
    pub channels: Channels,
    /// Behind transparent pixels and around padded pictures.
    pub background: [u8; 3],
}

/// How to read.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// `None`: 64×64 (pictures of one equal size of at most 64×64 keep theirs), crop, rgb (grey
    /// where every picture is grey), white background.
    pub picture_size: Option<(u32, u32)>,
    /// In place of the 64 above.
    pub picture_side: Option<u32>,
    /// See [`Resize`].
    pub resize: Option<Resize>,
    /// See [`Channels`].
    pub channels: Option<Channels>,
    /// Behind transparency.
    pub background: Option<[u8; 3]>,
    /// A CSV of `file,label`.
    pub labels: Option<PathBuf>,
    /// A regular expression on the file name, whose first group (or whole match) is the label.
    pub label_regex: Option<String>,
    /// The column to predict.
    pub target: Option<String>,
    /// A second file or folder whose rows are the test part.
    pub test_data: Option<PathBuf>,
    /// Whether the first row of a table names the columns; `None` = look.
    pub header: Option<bool>,
    /// Numbers or classes.
    pub task: TaskHint,
    /// Kinds known from a model: columns are read as these, a value that does not fit is an error.
    pub schema: Option<Schema>,
    /// All columns of the data a model was trained on, in their order: those of the schema, unused
    /// ones, the target. A table without a header is read by it. Empty: the schema's, then the
    /// target.
    pub columns: Vec<String>,
    /// Class labels known from a model: a label outside them is an error.
    pub class_labels: Option<Vec<String>>,
    /// The target need not be there (prediction).
    pub target_optional: bool,
    /// An unreadable picture is an error, not skipped.
    pub strict: bool,
    /// Where prepared data are kept; `None`: nowhere.
    pub cache: Option<Cache>,
}

/// Told of progress while reading; may be called from several threads.
pub trait Progress: Sync {
    /// `done` of `total` items.
    fn at(&self, done: usize, total: usize);
}

/// Progress that is not shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn at(&self, _done: usize, _total: usize) {}
}

impl OpenOptions {
    /// Pictures are to be brought to one shape in this way.
    pub fn with_picture(self, picture: PictureOptions) -> OpenOptions {
        OpenOptions {
            picture_size: Some(picture.size),
            resize: Some(picture.resize),
            channels: Some(picture.channels),
            background: Some(picture.background),
            ..self
        }
    }
}

/// Reads a folder of class folders, a folder or file of IDX, a CSV/TSV file (a pipe too), or an
/// embedded set by name (where no file or folder is called so). [`OpenOptions::test_data`] is read likewise, as the
/// first was, and becomes the fixed test part.
///
/// # Errors
/// Nothing of that name (the nearest are given); a single picture; what the readers find wrong.
pub fn open(
    exec: &Exec,
    path_or_name: &str,
    options: &OpenOptions,
    progress: &dyn Progress,
) -> Result<Dataset, DataError> {
    let path = Path::new(path_or_name);
    let read = |options: &OpenOptions| open_with_test(exec, path_or_name, options, progress);
    match &options.cache {
        Some(cache) if path.exists() => cache::open(exec, path, options, cache, read),
        _ => read(options),
    }
}

fn open_with_test(
    exec: &Exec,
    path_or_name: &str,
    options: &OpenOptions,
    progress: &dyn Progress,
) -> Result<Dataset, DataError> {
    let path = Path::new(path_or_name);
    let mut data = if path.exists() {
        open_path(exec, path, options, progress)?
    } else {
        match embedded::with_options(exec, path_or_name, options, progress) {
            Some(embedded) => embedded?,
            None => return Err(nothing_there(path)),
        }
    };
    if let Some(path) = &options.test_data {
        let same = OpenOptions {
            labels: options.labels.clone(),
            label_regex: options.label_regex.clone(),
            header: options.header,
            strict: options.strict,
            cache: options.cache.clone(),
            ..data.same_options()
        };
        let test = open_path(exec, path, &same, progress)?;
        data.append(test, Part::Test, options)?;
    }
    Ok(data)
}

/// So many first bytes hold a gzip header and an IDX header under it.
const START: u64 = 4096;

fn open_path(
    exec: &Exec,
    path: &Path,
    options: &OpenOptions,
    progress: &dyn Progress,
) -> Result<Dataset, DataError> {
    if path.is_dir() {
        return match idx::is_folder(path) {
            true => idx::read_folder(path, options),
            false => folder(exec, path, options, progress),
        };
    }
    // Opened once: what a pipe gave is gone.
    let mut file = File::open(path).map_err(|e| DataError::io(path, e))?;
    let mut bytes = Vec::new();
    (&mut file).take(START).read_to_end(&mut bytes).map_err(|e| DataError::io(path, e))?;
    let is_idx = idx::looks_like(&bytes);
    if !is_idx {
        refuse_other_formats(path, &bytes)?;
    }
    file.read_to_end(&mut bytes).map_err(|e| DataError::io(path, e))?;
    match is_idx {
        true => idx::read_bytes(path, bytes, options),
        false => csv::from_bytes(path, &bytes, options),
    }
}

fn refuse_other_formats(path: &Path, start: &[u8]) -> Result<(), DataError> {
    if start.starts_with(&[0x1F, 0x8B]) {
        let what = "gzip of something that is no IDX file; unpack it first (gunzip)";
        return Err(DataError::malformed(path, "byte 0", what));
    }
    match known_format(start) {
        Some(format) => Err(DataError::malformed(path, "byte 0", format)),
        None => Ok(()),
    }
}

#[cfg(feature = "image")]
fn folder(
    exec: &Exec,
    path: &Path,
    options: &OpenOptions,
    progress: &dyn Progress,
) -> Result<Dataset, DataError> {
    crate::picture::read_folder(exec, path, options, progress)
}

#[cfg(not(feature = "image"))]
fn folder(
    _exec: &Exec,
    path: &Path,
    _options: &OpenOptions,
    _progress: &dyn Progress,
) -> Result<Dataset, DataError> {
    let what = "no IDX files here, and this program was built without the feature `image`";
    Err(DataError::malformed(path, "folder", what))
}

/// What to say of files that are clearly no table.
fn known_format(start: &[u8]) -> Option<&'static str> {
    const PICTURE: &str = "a picture, where a data set is needed: give the folder \
                           that holds one folder of pictures for each class (or use `predict` on a single picture)";
    let is = |magic: &[u8]| start.starts_with(magic);
    let webp = is(b"RIFF") && start.get(8..12) == Some(b"WEBP");
    match () {
        () if is(b"\x89PNG") || is(b"\xFF\xD8\xFF") || is(b"GIF8") || webp => Some(PICTURE),
        () if is(b"II*\0") || is(b"MM\0*") => Some(PICTURE),
        () if is(b"BM") && start.get(6..10) == Some(&[0; 4]) => Some(PICTURE),
        () if is(b"PK\x03\x04") => {
            Some("a zip archive (or spreadsheet); unpack it, or export it as CSV")
        }
        () if is(b"PAR1") => Some("a Parquet file; export it as CSV"),
        () if is(b"\x93NUMPY") => Some("a NumPy file; export it as CSV"),
        () if start.get(257..262) == Some(b"ustar") => Some("a tar archive; unpack it first"),
        () => None,
    }
}

fn nothing_there(path: &Path) -> DataError {
    let wanted = path.to_string_lossy();
    let mut near: Vec<String> = Vec::new();
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(entries) = std::fs::read_dir(folder) {
        let mut names: Vec<String> =
            entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        let name = path.file_name().map_or_else(|| wanted.clone(), |n| n.to_string_lossy());
        near = most_similar(&name, names.iter().map(String::as_str))
            .iter()
            .map(|n| n.to_string())
            .collect();
    }
    let embedded: Vec<&str> = embedded::NAMES.iter().map(|(name, _)| *name).collect();
    let mut what = format!(
        "there is no file or folder `{wanted}`, and the embedded sets are {}",
        listed(&embedded, 9)
    );
    if !near.is_empty() {
        what.push_str(&format!("; nearest in that folder: {}", listed(&near, 3)));
    }
    if let Some(name) = nearest(&wanted, embedded.iter().copied()) {
        what.push_str(&format!("; did you mean `{name}`?"));
    }
    DataError::unusable(what)
}
