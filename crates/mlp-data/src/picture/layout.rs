//! What the files below a folder mean: which are rows, of which class, of which part. Content is
//! looked at by [`super::source`]; a list of labels is read by [`super::labels`].

use super::find::{self, File, Walk, joined, printable, printable_path};
use super::labels;
use crate::{DataError, OpenOptions, Part, Skipped};
use mlp_tensor::Exec;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A row to be.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Where the file is.
    pub path: PathBuf,
    /// What it is called: its path from the folder.
    pub name: String,
    /// Index into [`Listing::classes`]; 0 where there are none.
    pub class: u32,
    /// The part its folder assigns.
    pub part: Option<Part>,
}

/// Rows to be.
#[derive(Debug)]
pub(super) struct Listing {
    /// Gives the bytes of an item's file, or the reason in words why there are none.
    pub read: fn(&Path) -> Result<Vec<u8>, String>,
    /// In the order of the rows; those of a part stand together.
    pub items: Vec<Item>,
    /// Class labels; `None` if the rows have none.
    pub classes: Option<Vec<String>>,
    /// What could not be looked at.
    pub skipped: Vec<Skipped>,
    /// What a user should know.
    pub notes: Vec<String>,
}

impl Default for Listing {
    fn default() -> Listing {
        let (items, skipped, notes) = (Vec::new(), Vec::new(), Vec::new());
        Listing { read: find::read, items, classes: None, skipped, notes }
    }
}

/// A file with its label, before classes are numbered.
pub(super) struct Labelled {
    pub file: File,
    pub label: String,
}

/// Finds the rows below `root`.
pub(super) fn list(exec: &Exec, root: &Path, options: &OpenOptions) -> Result<Listing, DataError> {
    if options.labels.is_some() && options.label_regex.is_some() {
        let what = "labels come from a file or from a regular expression: give only one of the two";
        return Err(DataError::unusable(what));
    }
    let mut walk = find::walk(root)?;
    let mut listing = Listing { skipped: std::mem::take(&mut walk.skipped), ..Listing::default() };
    let rows = if let Some(csv) = &options.labels {
        labels::from_csv(root, csv, options, &walk, &mut listing)?
    } else if let Some(regex) = &options.label_regex {
        labels::from_names(regex, walk.files, &mut listing)?
    } else {
        let tops = Tops::new(&walk);
        if tops.folders.is_empty() {
            return flat(exec, root, walk, listing, options);
        }
        let split = tops.are_parts(root)?;
        tops.note_unused(split, &walk, &mut listing.notes);
        let (rows, loose) = by_folder(split, walk.files);
        let loose = pictures(exec, loose);
        if options.target_optional && !loose.is_empty() {
            let all = rows.into_iter().map(|row| row.file).chain(loose).collect();
            return Ok(unlabelled(all, listing));
        }
        if rows.is_empty() {
            return Err(no_classes(root, loose.len()));
        }
        if !loose.is_empty() {
            listing.notes.push(format!(
                "{} pictures lie outside of the class folders and were left out (first: {})",
                loose.len(),
                printable(&loose[0].rel)
            ));
        }
        rows
    };
    number(rows, listing, options)
}

/// Rows without labels: files as they are, folders with all the pictures below them.
pub(super) fn inputs(paths: &[PathBuf]) -> Result<Listing, DataError> {
    let mut listing = Listing::default();
    for path in paths {
        let kind = std::fs::metadata(path).map_err(|e| DataError::io(path, e))?;
        let given = path.as_os_str();
        if !kind.is_dir() {
            let file = File { rel: given.as_encoded_bytes().to_vec(), path: path.clone() };
            listing.items.push(item(file, 0, None));
            continue;
        }
        let walk = find::walk(path)?;
        let under = given.as_encoded_bytes().strip_suffix(b"/").unwrap_or_default();
        let under = if under.is_empty() { given.as_encoded_bytes() } else { under };
        for file in walk.files {
            let rel = [under, b"/", &file.rel].concat();
            listing.items.push(item(File { rel, path: file.path }, 0, None));
        }
        listing.skipped.extend(walk.skipped.into_iter().map(|s| Skipped {
            path: format!("{}/{}", printable(under), s.path),
            reason: s.reason,
        }));
    }
    Ok(listing)
}

/// The rows of the set `drawings`, as if its folder lay there; no file is read.
#[cfg(feature = "drawings")]
pub(super) fn drawings(count: u64, options: &OpenOptions) -> Result<Listing, DataError> {
    use crate::drawings;
    let listing = Listing { read: drawings::read, ..Listing::default() };
    let row = |index| {
        let name = drawings::file_name(index, count);
        let label = drawings::Class::of(index).label().to_string();
        let path = PathBuf::from(&name);
        Labelled { file: File { rel: name.into_bytes(), path }, label }
    };
    number((0..count).map(row).collect(), listing, options)
}

fn item(file: File, class: u32, part: Option<Part>) -> Item {
    Item { name: printable(&file.rel), path: file.path, class, part }
}

/// A folder of pictures, without class folders and without labels.
fn flat(
    exec: &Exec,
    root: &Path,
    walk: Walk,
    listing: Listing,
    options: &OpenOptions,
) -> Result<Listing, DataError> {
    if options.target_optional && !walk.files.is_empty() {
        return Ok(unlabelled(walk.files, listing));
    }
    Err(match (walk.files.len(), pictures(exec, walk.files).len()) {
        (0, _) => DataError::unusable(format!("{}: the folder is empty", printable_path(root))),
        (files, 0) => DataError::unusable(format!(
            "{}: none of its {files} files is a picture (JPEG, PNG, GIF, BMP, WebP, TIFF or PNM)",
            printable_path(root)
        )),
        (_, count) => no_classes(root, count),
    })
}

/// That there is nothing to tell classes from.
fn no_classes(root: &Path, pictures: usize) -> DataError {
    DataError::unusable(format!(
        "{}: {pictures} pictures, but no folders that name their classes: put the pictures of a \
         class into a folder of its name (cat/1.jpg), or give a list of labels (--labels \
         labels.csv) or a regular expression for names such as cat.1.jpg (--label-regex \
         '^([a-z]+)')",
        printable_path(root)
    ))
}

fn unlabelled(mut files: Vec<File>, listing: Listing) -> Listing {
    files.sort_by(|a, b| a.rel.cmp(&b.rel));
    Listing { items: files.into_iter().map(|f| item(f, 0, None)).collect(), ..listing }
}

/// Those that are pictures by content.
fn pictures(exec: &Exec, files: Vec<File>) -> Vec<File> {
    let is = exec.map(files.len(), |i| find::is_picture(&files[i].path));
    files.into_iter().zip(is).filter(|(_, is)| *is).map(|(file, _)| file).collect()
}

/// The folders directly in the root that have files below them.
struct Tops {
    /// With whether there are files in folders of theirs.
    folders: BTreeMap<Vec<u8>, bool>,
}

impl Tops {
    fn new(walk: &Walk) -> Tops {
        let mut folders = BTreeMap::new();
        for file in &walk.files {
            let mut steps = file.rel.split(|b| *b == b'/');
            if let (Some(top), Some(_)) = (steps.next(), steps.next()) {
                *folders.entry(top.to_vec()).or_default() |= steps.next().is_some();
            }
        }
        Tops { folders }
    }

    /// Whether the folders are parts (`train/cat/1.jpg`) and not classes (`cat/1.jpg`).
    fn are_parts(&self, root: &Path) -> Result<bool, DataError> {
        let named: Vec<_> = self.folders.iter().filter(|(top, _)| part(top).is_some()).collect();
        let deep = named.iter().any(|(_, deep)| **deep);
        if named.len() == self.folders.len() {
            return match deep {
                true => Ok(true),
                false => Err(DataError::unusable(format!(
                    "{}: its folders are parts of a data set, with pictures but no class folders \
                     in them: make it train/cat/1.jpg, or give --labels or --label-regex",
                    printable_path(root)
                ))),
            };
        }
        // `train` among `car` and `tram` is a class; `train` and `test` with classes in them are
        // parts.
        let parts: BTreeSet<_> = named.iter().filter_map(|(top, _)| part(top).map(order)).collect();
        Ok(parts.len() > 1 && named.iter().all(|(_, deep)| **deep))
    }

    /// Notes folders beside the parts, and class folders without a file.
    fn note_unused(&self, split: bool, walk: &Walk, notes: &mut Vec<String>) {
        let depth = if split { 2 } else { 1 };
        for folder in &walk.folders {
            let steps: Vec<&[u8]> = folder.split(|b| *b == b'/').collect();
            let known = !split || part(steps[0]).is_some();
            if steps.len() == 1 && !known {
                notes.push(format!(
                    "folder {} is no part such as train or test and was left out",
                    printable(folder)
                ));
            } else if steps.len() == depth && known {
                let inside = joined(folder, "".as_ref());
                let next = walk.files.partition_point(|f| f.rel < inside);
                if !walk.files.get(next).is_some_and(|f| f.rel.starts_with(&inside)) {
                    notes.push(format!("folder {} is empty", printable(folder)));
                }
            }
        }
    }
}

/// The part a folder's name means, in any case.
fn part(name: &[u8]) -> Option<Part> {
    let name = name.to_ascii_lowercase();
    Some(match name.as_slice() {
        b"train" | b"training" => Part::Train,
        b"val" | b"valid" | b"validation" => Part::Validation,
        b"test" | b"testing" => Part::Test,
        _ => return None,
    })
}

fn order(part: Part) -> u8 {
    part as u8
}

/// Files in class folders with their class, and the others.
fn by_folder(split: bool, files: Vec<File>) -> (Vec<Labelled>, Vec<File>) {
    let (mut rows, mut loose) = (Vec::new(), Vec::new());
    for file in files {
        let mut steps = file.rel.split(|b| *b == b'/');
        let top = if split { steps.next() } else { None };
        let (class, name) = (steps.next(), steps.next());
        match (top.map(part), class, name) {
            (Some(None), _, _) => {}
            (_, Some(class), Some(_)) => rows.push(Labelled { label: printable(class), file }),
            _ => loose.push(file),
        }
    }
    (rows, loose)
}

/// Sets the part of every row whose path begins with one, if all do, and numbers the classes.
fn number(
    mut rows: Vec<Labelled>,
    mut listing: Listing,
    options: &OpenOptions,
) -> Result<Listing, DataError> {
    rows.sort_by(|a, b| a.file.rel.cmp(&b.file.rel));
    let parts: Option<Vec<Part>> = rows.iter().map(|row| first_part(&row.file.rel)).collect();
    let validated = parts.iter().flatten().any(|p| *p == Part::Validation);
    // Without a validation folder, validation rows are drawn from the training folder's.
    let fixed = |p: &Part| (*p != Part::Train || validated).then_some(*p);
    let part_of = |i: usize| parts.as_ref().and_then(|parts| fixed(&parts[i]));
    let own = || {
        let labels: BTreeSet<&str> = rows.iter().map(|row| row.label.as_str()).collect();
        labels.into_iter().map(str::to_string).collect()
    };
    // Labels of sets are looked up when the words are split.
    let known = options.class_labels.clone().filter(|_| !options.of_sets(&[]));
    let classes: Vec<String> = known.unwrap_or_else(own);
    let codes: BTreeMap<&str, u32> =
        classes.iter().zip(0..).map(|(label, code)| (label.as_str(), code)).collect();
    let mut items = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        let class = match codes.get(row.label.as_str()) {
            Some(class) => *class,
            None if options.target_optional => {
                listing.notes.push(format!(
                    "{} is labelled `{}`, which the model does not know; labels were ignored",
                    printable(&row.file.rel),
                    row.label
                ));
                let files = rows.into_iter().map(|row| row.file).collect();
                return Ok(unlabelled(files, listing));
            }
            None => {
                return Err(DataError::unusable(format!(
                    "{} is labelled `{}`; the model knows {}",
                    printable(&row.file.rel),
                    row.label,
                    crate::words::listed(&classes, 10)
                )));
            }
        };
        items.push(item(row.file.clone(), class, part_of(i)));
    }
    listing.items = items;
    listing.classes = Some(classes);
    Ok(listing)
}

/// The part that the first folder of a path means.
fn first_part(rel: &[u8]) -> Option<Part> {
    let (first, _) = rel.split_at_checked(rel.iter().position(|b| *b == b'/')?)?;
    part(first)
}
