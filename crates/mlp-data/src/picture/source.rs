//! Pictures of a folder as rows: [`FolderSource`] chunk by chunk, [`read_folder`] and
//! [`read_files`] all at once.

use super::classes::{drop_empty_classes, more_than_one_class, split_labels};
use super::decode::Head;
use super::find::printable_path;
use super::layout::{self, Item, Listing};
use super::{choose, decode, find, fit};
use crate::cache::gather::Gather;
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

/// Items that could be read, and those that could not.
#[derive(Default)]
struct Rows {
    items: Vec<usize>,
    skipped: Vec<Skipped>,
}

impl Rows {
    fn append(&mut self, mut more: Rows) {
        self.items.append(&mut more.items);
        self.skipped.append(&mut more.skipped);
    }
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

    /// How many items come next: all of one part.
    fn coming(&self) -> usize {
        let next = &self.listing.items[self.next..];
        next.iter().take(CHUNK).take_while(|item| item.part == next[0].part).count()
    }

    /// Decodes the [`coming`](FolderSource::coming) items, of which `out` has room for all; those
    /// that can be read stand at its beginning.
    fn next_rows(&mut self, out: &mut [u8]) -> Result<Rows, DataError> {
        let (count, each) = (self.coming(), self.shape().len());
        let all = &self.listing.items;
        let items = &all[self.next..][..count];
        let rooms: Vec<_> = out.chunks_exact_mut(each).take(count).map(Mutex::new).collect();
        let reasons = self.exec.map(count, |i| {
            // Nobody else locks it.
            let mut room = rooms[i].lock().unwrap_or_else(|e| e.into_inner());
            let reason = self.picture(&items[i], &mut room).err();
            self.progress.at(1 + self.done.fetch_add(1, Ordering::Relaxed), all.len());
            reason
        });
        drop(rooms);
        let mut rows = Rows { items: Vec::with_capacity(count), skipped: Vec::new() };
        for (i, (item, reason)) in items.iter().zip(reasons).enumerate() {
            match reason {
                None => {
                    let (to, from) = (rows.items.len() * each, i * each);
                    if to < from {
                        out.copy_within(from..from + each, to);
                    }
                    rows.items.push(self.next + i);
                }
                Some(reason) if self.strict => return Err(refused(&item.path, &reason)),
                Some(reason) => rows.skipped.push(Skipped { path: item.name.clone(), reason }),
            }
        }
        self.next += count;
        Ok(rows)
    }

    /// [`FolderSource::next_rows`] in bytes of their own; `None` at the end.
    fn next_column(&mut self) -> Result<Option<(Rows, Column)>, DataError> {
        let (count, shape) = (self.coming(), self.shape());
        if count == 0 {
            return Ok(None);
        }
        let mut bytes = vec![0; count * shape.len()];
        let rows = self.next_rows(&mut bytes)?;
        bytes.truncate(rows.items.len() * shape.len());
        Ok(Some((rows, Column::Pixels { shape, bytes: bytes.into() })))
    }

    /// All items in one piece; `None` if that does not fit into memory.
    fn all_rows(&mut self) -> Result<Option<(Rows, Column)>, DataError> {
        let shape = self.shape();
        let Some(mut bytes) = zeros(self.listing.items.len(), shape.len()) else { return Ok(None) };
        let mut all = Rows::default();
        while self.coming() > 0 {
            let read = all.items.len() * shape.len();
            all.append(self.next_rows(&mut bytes[read..])?);
        }
        bytes.truncate(all.items.len() * shape.len());
        Ok(Some((all, Column::Pixels { shape, bytes: bytes.into() })))
    }

    /// Writes one picture in the chosen shape, or says why there is none.
    fn picture(&self, item: &Item, to: &mut [u8]) -> Result<(), String> {
        let bytes = (self.listing.read)(&item.path)?;
        let wanted = |head: &Head| fit::wanted(head, &self.chosen);
        let gate = |head: &Head| {
            let pixels = u64::from(head.width) * u64::from(head.height);
            // A poisoned lock guards nothing: the mutex holds no data.
            (pixels > LARGE).then(|| self.large.lock().unwrap_or_else(|e| e.into_inner()))
        };
        let (head, pixels, _one) = decode::decode(&self.exec, &bytes, wanted, gate)?;
        fit::fit(&self.exec, &head, pixels, &self.chosen, to);
        Ok(())
    }
}

impl Source for FolderSource<'_> {
    fn schema(&self) -> &Schema {
        &self.schema
    }
    fn next_chunk(&mut self) -> Result<Option<Chunk>, DataError> {
        let Some((rows, pictures)) = self.next_column()? else { return Ok(None) };
        let items = || rows.items.iter().map(|i| &self.listing.items[*i]);
        let mut columns = vec![pictures];
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
    let in_memory = pictures.is_in_memory();
    let mut all = Rows { items: Vec::new(), skipped: std::mem::take(&mut source.listing.skipped) };
    let mut put = |(rows, column): (Rows, Column)| {
        let (schema, columns) = (schema.clone(), vec![column]);
        pictures.push(Table { schema, columns, rows: rows.items.len() })?;
        all.append(rows);
        Ok::<_, DataError>(())
    };
    if in_memory {
        put(source.all_rows()?.ok_or_else(|| {
            DataError::unusable(format!(
                "{place}: {count} pictures of {shape} do not fit into memory; choose a smaller \
                 --size"
            ))
        })?)?;
    } else {
        while let Some(rows) = source.next_column()? {
            put(rows)?;
        }
    }
    let Rows { items: read, skipped } = all;
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

/// Zeros, if there is memory for them. Those that are never written take none.
fn zeros(count: usize, each: usize) -> Option<Vec<u8>> {
    let length = count.checked_mul(each)?;
    // Only this way can be refused; zeros have no way that can.
    Vec::<u8>::new().try_reserve_exact(length).ok()?;
    Some(vec![0; length])
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
