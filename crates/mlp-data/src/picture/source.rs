//! Pictures of a folder as rows: [`FolderSource`] chunk by chunk, [`read_folder`] and
//! [`read_files`] all at once.

use super::decode::Head;
use super::find::printable_path;
use super::layout::{self, Item, Listing};
use super::{choose, decode, find, fit};
use crate::cache::gather::Gather;
use crate::dataset::sets::BETWEEN;
use crate::open::PictureOptions;
use crate::source::{Chunk, Source};
use crate::{
    Column, DataError, Dataset, Field, Kind, Names, OpenOptions, Part, PictureShape, Progress,
    Schema, Skipped, Table, Target,
};
use mlp_tensor::Exec;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Pictures a chunk, at most.
const CHUNK: usize = 256;
/// Pixels above which pictures are decoded one at a time, whatever the number of threads.
const LARGE: u64 = 20_000_000;

/// Pictures below a folder, decoded chunk by chunk: a `picture` column and, where they have labels,
/// `label`.
pub struct FolderSource<'a> {
    exec: Exec,
    progress: &'a dyn Progress,
    listing: Listing,
    chosen: PictureOptions,
    schema: Schema,
    strict: bool,
    /// The next item to read.
    next: usize,
    done: AtomicUsize,
    /// Held while a large picture is decoded.
    large: Mutex<()>,
}

/// Items that could be read, and their pictures.
struct Rows {
    items: Vec<usize>,
    bytes: Vec<u8>,
    skipped: Vec<Skipped>,
}

impl<'a> FolderSource<'a> {
    /// Finds the pictures below a folder and settles what `options` leave open.
    ///
    /// # Errors
    /// A folder that cannot be read, is empty or has no classes; see [`read_folder`].
    pub fn open(
        exec: &Exec,
        path: &Path,
        options: &OpenOptions,
        progress: &'a dyn Progress,
    ) -> Result<FolderSource<'a>, DataError> {
        let listing = layout::list(exec, path, options)?;
        FolderSource::new(exec, listing, options, progress)
    }

    fn new(
        exec: &Exec,
        mut listing: Listing,
        options: &OpenOptions,
        progress: &'a dyn Progress,
    ) -> Result<FolderSource<'a>, DataError> {
        if let (true, Some(first)) = (options.strict, listing.skipped.first()) {
            return Err(refused(Path::new(&first.path), &first.reason));
        }
        let chosen = choose::choose(exec, &mut listing, options)?;
        let picture = Field { name: "picture".into(), kind: Kind::Picture(fit::shape(&chosen)) };
        let label = Field { name: "label".into(), kind: Kind::Category };
        let fields = match listing.classes {
            Some(_) => vec![picture, label],
            None => vec![picture],
        };
        Ok(FolderSource {
            exec: exec.clone(),
            progress,
            listing,
            chosen,
            schema: Schema { fields },
            strict: options.strict,
            next: 0,
            done: AtomicUsize::new(0),
            large: Mutex::new(()),
        })
    }

    /// How pictures are brought to one shape.
    pub fn chosen(&self) -> PictureOptions {
        self.chosen
    }

    fn shape(&self) -> PictureShape {
        fit::shape(&self.chosen)
    }

    /// Decodes the next items, all of one part; `None` at the end.
    fn next_rows(&mut self) -> Result<Option<Rows>, DataError> {
        let all = &self.listing.items;
        let Some(first) = all.get(self.next) else { return Ok(None) };
        let same = all[self.next..].iter().take(CHUNK).take_while(|i| i.part == first.part);
        let (start, count) = (self.next, same.count());
        let pictures = self.exec.map(count, |i| {
            let picture = self.picture(&all[start + i]);
            self.progress.at(1 + self.done.fetch_add(1, Ordering::Relaxed), all.len());
            picture
        });
        let mut rows = Rows {
            items: Vec::with_capacity(count),
            bytes: Vec::with_capacity(count * self.shape().len()),
            skipped: Vec::new(),
        };
        for (i, picture) in pictures.into_iter().enumerate() {
            let item = &all[start + i];
            match picture {
                Ok(bytes) => {
                    rows.items.push(start + i);
                    rows.bytes.extend(bytes);
                }
                Err(reason) if self.strict => return Err(refused(&item.path, &reason)),
                Err(reason) => rows.skipped.push(Skipped { path: item.name.clone(), reason }),
            }
        }
        self.next += count;
        Ok(Some(rows))
    }

    /// One picture's bytes in the chosen shape, or why there are none.
    fn picture(&self, item: &Item) -> Result<Vec<u8>, String> {
        let bytes = (self.listing.read)(&item.path)?;
        let wanted = |head: &Head| fit::wanted(head, &self.chosen);
        let gate = |head: &Head| {
            let pixels = u64::from(head.width) * u64::from(head.height);
            // A poisoned lock guards nothing: the mutex holds no data.
            (pixels > LARGE).then(|| self.large.lock().unwrap_or_else(|e| e.into_inner()))
        };
        let (head, pixels, _one) = decode::decode(&self.exec, &bytes, wanted, gate)?;
        Ok(fit::fit(&self.exec, &head, pixels, &self.chosen))
    }
}

impl Source for FolderSource<'_> {
    fn schema(&self) -> &Schema {
        &self.schema
    }
    fn next_chunk(&mut self) -> Result<Option<Chunk>, DataError> {
        let Some(rows) = self.next_rows()? else { return Ok(None) };
        let items = || rows.items.iter().map(|i| &self.listing.items[*i]);
        let mut columns = vec![Column::Pixels { shape: self.shape(), bytes: rows.bytes.into() }];
        if let Some(classes) = &self.listing.classes {
            let codes = items().map(|item| item.class).collect();
            columns.push(Column::Category { levels: classes.clone(), codes });
        }
        let names = items().map(|item| item.name.clone()).collect();
        let part = items().next().and_then(|item| item.part);
        let table = Table { schema: self.schema.clone(), columns, rows: rows.items.len() };
        Ok(Some(Chunk { table, names: Names::Paths(names), part, skipped: rows.skipped }))
    }
    fn target(&self) -> Option<&str> {
        self.listing.classes.as_ref().map(|_| "label")
    }
}

/// Reads the pictures below a folder. Classes are the names of folders (`cat/1.jpg`, also deeper:
/// `cat/old/1.jpg`), which may stand in folders for parts (`train/cat/1.jpg`, `val…`, `test…`), or
/// come from `options.labels` or `options.label_regex`. Rows stand in the order of their relative
/// paths' bytes.
///
/// Rows of validation and test folders have that part fixed; those of a training folder only if
/// there is a validation folder too, since otherwise validation rows are to be drawn from them.
///
/// A folder of pictures without labels is read if `options.target_optional`. Files that cannot be
/// read as pictures are in [`Dataset::skipped`], or with `options.strict` an error.
///
/// # Errors
/// A folder that cannot be read; no picture in it; no classes, or one only (unless
/// `options.class_labels` says what they are); labels or a regular expression that are not valid.
pub fn read_folder(
    exec: &Exec,
    path: &Path,
    options: &OpenOptions,
    progress: &dyn Progress,
) -> Result<Dataset, DataError> {
    let source = FolderSource::open(exec, path, options, progress)?;
    let mut data = gather(source, &printable_path(path), options)?;
    data.name = own_name(path);
    if options.of_sets(&[]) {
        return split_labels(data, options);
    }
    if options.class_labels.is_none() && !options.target_optional {
        drop_empty_classes(&mut data);
        more_than_one_class(&data, path)?;
    }
    Ok(data)
}

/// Reads pictures to predict, without labels: files, and all files below folders, in the order
/// given. Rows have the paths given as names, with the path from there for files below a folder.
///
/// # Errors
/// A path that does not exist; nothing that is a picture; with `options.strict` any file
/// that is none.
pub fn read_files(
    exec: &Exec,
    paths: &[PathBuf],
    options: &OpenOptions,
    progress: &dyn Progress,
) -> Result<Dataset, DataError> {
    let listing = layout::inputs(paths)?;
    let place = paths.first().map_or_else(String::new, |path| printable_path(path));
    let source = FolderSource::new(exec, listing, options, progress)?;
    let mut data = gather(source, &place, options)?;
    data.name = match paths {
        [one] => own_name(one),
        many => format!("{} inputs", many.len()),
    };
    Ok(data)
}

/// Reads drawings `0..count` of the set `drawings` as [`read_folder`] reads their files.
///
/// # Errors
/// Classes or a size in `options` that do not fit.
#[cfg(feature = "drawings")]
pub(crate) fn read_drawings(
    exec: &Exec,
    count: u64,
    options: &OpenOptions,
    progress: &dyn Progress,
) -> Result<Dataset, DataError> {
    let listing = layout::drawings(count, options)?;
    let mut data =
        gather(FolderSource::new(exec, listing, options, progress)?, "drawings", options)?;
    data.name = "drawings".into();
    Ok(data)
}

/// All rows of a source; `place` is for messages.
fn gather(
    mut source: FolderSource,
    place: &str,
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    let (count, shape) = (source.listing.items.len(), source.shape());
    let schema = Schema { fields: vec![source.schema.fields[0].clone()] };
    let mut pictures = Gather::new(&schema, options)?;
    if !pictures.reserve_pictures(count) {
        return Err(DataError::unusable(format!(
            "{place}: {count} pictures of {shape} do not fit into memory; choose a smaller --size"
        )));
    }
    let mut read = Vec::with_capacity(count);
    let mut skipped = std::mem::take(&mut source.listing.skipped);
    while let Some(mut rows) = source.next_rows()? {
        let columns = vec![Column::Pixels { shape, bytes: rows.bytes.into() }];
        pictures.push(Table { schema: schema.clone(), columns, rows: rows.items.len() })?;
        read.append(&mut rows.items);
        skipped.append(&mut rows.skipped);
    }
    if read.is_empty() {
        let first = skipped.first().map_or_else(
            || "there is no file".to_string(),
            |s| format!("the first, {}: {}", s.path, s.reason),
        );
        return Err(DataError::unusable(format!(
            "{place}: none of {} files can be read as a picture ({first})",
            skipped.len()
        )));
    }
    let Listing { items, classes, notes, .. } = source.listing;
    let codes = read.iter().map(|i| items[*i].class).collect();
    let target = match classes {
        Some(labels) => Target::Classes { name: "label".into(), labels, codes },
        None => Target::None,
    };
    let parts: Vec<Option<Part>> = read.iter().map(|i| items[*i].part).collect();
    let names = read.iter().map(|i| items[*i].name.clone()).collect();
    Ok(Dataset {
        name: String::new(),
        table: pictures.finish()?,
        target,
        weights: None,
        columns: Vec::new(),
        names: Names::Paths(names),
        parts,
        picture: Some(source.chosen),
        skipped,
        notes,
    })
}

/// Makes sets of labels of the words that pictures are labelled with.
fn split_labels(mut data: Dataset, options: &OpenOptions) -> Result<Dataset, DataError> {
    let Target::Classes { name, labels: levels, codes } =
        std::mem::replace(&mut data.target, Target::None)
    else {
        return Ok(data);
    };
    let column = Column::Category { levels, codes: codes.into() };
    data.target = match (options.several(&[]), &options.label_separator) {
        (Some(columns), _) if options.labels.is_some() => {
            let label_columns = columns.iter().map(|c| c.to_string()).collect();
            let options = OpenOptions { label_columns, ..options.clone() };
            data.sets_of_cells(columns.join(","), column, BETWEEN, &options)?
        }
        (Some(columns), _) => {
            let what = format!(
                "several target columns ({}) stand in a table, or for pictures in that of --labels",
                columns.join(", ")
            );
            return Err(DataError::unusable(what));
        }
        (None, separator) => {
            let separator = separator.as_deref().unwrap_or(BETWEEN);
            data.sets_of_cells(name, column, separator, options)?
        }
    };
    Ok(data)
}

/// Leaves out classes of which no picture could be read.
fn drop_empty_classes(data: &mut Dataset) {
    let Target::Classes { labels, codes, .. } = &mut data.target else { return };
    let mut counts = vec![0usize; labels.len()];
    codes.iter().for_each(|c| counts[*c as usize] += 1);
    let mut new_codes = Vec::with_capacity(labels.len());
    let mut kept = 0;
    for (label, count) in labels.iter().zip(&counts) {
        new_codes.push(kept);
        match count {
            0 => {
                data.notes.push(format!("class `{label}` has no readable picture and was left out"))
            }
            _ => kept += 1,
        }
    }
    codes.iter_mut().for_each(|c| *c = new_codes[*c as usize]);
    let mut counts = counts.iter();
    labels.retain(|_| counts.next().is_some_and(|count| *count > 0));
}

/// Refuses pictures of which all have one label.
fn more_than_one_class(data: &Dataset, path: &Path) -> Result<(), DataError> {
    let Target::Classes { labels, .. } = &data.target else { return Ok(()) };
    let [only] = labels.as_slice() else { return Ok(()) };
    let below = path.join(only);
    let folders = std::fs::read_dir(&below).into_iter().flatten().flatten();
    let inner = folders.filter(|e| e.path().is_dir()).count();
    let hint = match inner {
        0 | 1 => "put the pictures of each class into a folder of its own".to_string(),
        _ => format!("if the classes are the folders in it, name {}", printable_path(&below)),
    };
    Err(DataError::unusable(format!(
        "{}: all {} pictures are of one class, `{only}`; at least two are needed: {hint}",
        printable_path(path),
        data.len()
    )))
}

/// That a file is refused because of `strict`.
fn refused(path: &Path, reason: &str) -> DataError {
    let what = format!("{reason}; repair or remove it, or leave out --strict to skip it");
    DataError::malformed(path, "picture", what)
}

/// A file's or folder's own name, also of `.` and the like.
fn own_name(path: &Path) -> String {
    let full = || std::fs::canonicalize(path).ok();
    let own = path.file_name().map(|n| n.to_os_string());
    let own = own.or_else(|| full().and_then(|p| p.file_name().map(|n| n.to_os_string())));
    own.map_or_else(|| "pictures".to_string(), |n| find::printable(n.as_encoded_bytes()))
}
