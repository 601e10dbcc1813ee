//! From a path or a name to a data set: which reader is right is decided by content.

use crate::cache::{self, Cache};
use crate::tell::{self, Format};
use crate::words::{listed, most_similar, nearest};
use crate::{
    ColumnType, DataError, Dataset, Part, Schema, TaskHint, cifar, columns, csv, embedded, idx,
    jsonl, libsvm, npy, unpack,
};
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
    /// The column that says how much each row counts.
    pub weight: Option<String>,
    /// A second file or folder whose rows are the test part.
    pub test_data: Option<PathBuf>,
    /// Whether the first row of a table names the columns; `None` = look.
    pub header: Option<bool>,
    /// Numbers or classes.
    pub task: TaskHint,
    /// What columns hold, by name, whatever they look like. Of a table without a schema only.
    pub types: Vec<(String, ColumnType)>,
    /// Kinds known from a model: columns are read as these, a value that does not fit is an error.
    pub schema: Option<Schema>,
    /// All columns of the data a model was trained on, in their order: those of the schema, unused
    /// ones, the target. A table without a header is read by it. Empty: the schema's, then the
    /// target.
    pub columns: Vec<String>,
    /// The target is a set of labels, which stand in the cell with this between them. An empty cell has
    /// none.
    pub label_separator: Option<String>,
    /// The target is a set of labels, each a column of yes and no. A target `a,b,c` that is no column
    /// means the same.
    pub label_columns: Vec<String>,
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
    /// The target is a set of these labels: in one column, this between them, or a column each.
    pub(crate) fn with_labels(
        self,
        name: &str,
        labels: &[String],
        separator: Option<&str>,
    ) -> OpenOptions {
        let class_labels = Some(labels.to_vec());
        match separator {
            Some(separator) => OpenOptions {
                target: Some(name.to_string()),
                label_separator: Some(separator.to_string()),
                class_labels,
                ..self
            },
            None => {
                OpenOptions { target: None, label_columns: labels.to_vec(), class_labels, ..self }
            }
        }
    }
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

/// Reads a folder (of class folders, IDX, NPY or CIFAR files), a file (CSV, TSV, JSON Lines, NPY, NPZ,
/// IDX, CIFAR, libsvm, Parquet; packed by gzip or zstd or not; a pipe too), or an embedded set by name
/// (where no file or folder is called so). [`OpenOptions::test_data`] is read likewise, as the
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
    // Tables have checked theirs before they were read.
    if data.columns.is_empty() && options.schema.is_none() {
        columns::check_types(&[], options)?;
    }
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
    if let Some(name) = options.weight.as_ref().filter(|_| options.schema.is_none())
        && data.weights.is_none()
    {
        let what = format!("no column `{name}` of weights here: only tables have one");
        return Err(DataError::unusable(what));
    }
    Ok(data)
}

fn open_path(
    exec: &Exec,
    path: &Path,
    options: &OpenOptions,
    progress: &dyn Progress,
) -> Result<Dataset, DataError> {
    if path.is_dir() {
        return match cifar::folder(path) {
            Some(folder) => cifar::read_folder(&folder, options),
            None if idx::is_folder(path) => idx::read_folder(path, options),
            None if npy::is_folder(path) => npy::read_folder(path, options),
            None => folder(exec, path, options, progress),
        };
    }
    // Opened once: what a pipe gave is gone.
    let mut file = File::open(path).map_err(|e| DataError::io(path, e))?;
    let mut bytes = Vec::new();
    let mut take = (&mut file).take(tell::START as u64);
    take.read_to_end(&mut bytes).map_err(|e| DataError::io(path, e))?;
    let format = format_of(&bytes);
    if let Format::Other(what) = format {
        return Err(DataError::malformed(path, "byte 0", what));
    }
    if matches!(format, Format::Csv) && unpack::packing(&bytes).is_none() && path.is_file() {
        return csv::read_file(exec, path, options);
    }
    file.read_to_end(&mut bytes).map_err(|e| DataError::io(path, e))?;
    from_bytes(exec, path, bytes, options)
}

/// Reads the bytes of a file in any of the formats of a single file, packed by gzip or zstd or not;
/// `path` names them in messages, and says where labels may lie.
///
/// # Errors
/// A format that cannot be read; what the readers find wrong.
pub fn from_bytes(
    exec: &Exec,
    path: &Path,
    mut bytes: Vec<u8>,
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    if idx::looks_like(&bytes) {
        // Unpacked there, by the size that its own header says.
        return idx::read_bytes(path, bytes, options);
    }
    if let Some(packing) = unpack::packing(&bytes) {
        bytes = unpack::all(path, packing, &bytes)?;
    }
    match tell::tell(&bytes[..bytes.len().min(tell::START)]) {
        Format::Other(what) => Err(DataError::malformed(path, "byte 0", what)),
        Format::Idx => idx::read_bytes(path, bytes, options),
        Format::Npy => npy::read_npy(path, bytes, options),
        Format::Npz => npy::read_npz(path, &bytes, options),
        Format::Parquet => parquet(path, bytes, options),
        Format::Jsonl => jsonl::from_bytes(path, &bytes, options),
        Format::Libsvm => libsvm::from_bytes(path, &bytes, options),
        Format::Cifar if cifar::is(&bytes) => cifar::read_bytes(path, &bytes, options),
        Format::Cifar | Format::Csv => csv::from_bytes(exec, path, &bytes, options),
    }
}

/// The format of a file that begins so, under its packing.
fn format_of(start: &[u8]) -> Format {
    match unpack::packing(start) {
        None => tell::tell(start),
        Some(packing) => tell::tell(&unpack::start(packing, start, tell::START)),
    }
}

/// Whether a file that begins so holds arrays or records of pictures (IDX, NPY, NPZ, CIFAR), packed or
/// not, rather than one picture.
pub fn holds_arrays(start: &[u8]) -> bool {
    matches!(format_of(start), Format::Idx | Format::Npy | Format::Npz | Format::Cifar)
}

#[cfg(feature = "parquet")]
fn parquet(path: &Path, bytes: Vec<u8>, options: &OpenOptions) -> Result<Dataset, DataError> {
    crate::parquet::from_bytes(path, bytes, options)
}

#[cfg(not(feature = "parquet"))]
fn parquet(path: &Path, _bytes: Vec<u8>, _options: &OpenOptions) -> Result<Dataset, DataError> {
    let what = "a Parquet file, and this program was built without the feature `parquet`: build it with \
                `cargo build --release -p mlp-cli --features parquet`, or export the file as CSV";
    Err(DataError::malformed(path, "byte 0", what))
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
