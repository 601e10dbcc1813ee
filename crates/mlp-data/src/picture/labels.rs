//! Labels that do not come from folders: a CSV of `file,label`, or a regular expression on file
//! names.

use super::find::{File, Walk, printable, printable_path};
use super::layout::{Labelled, Listing};
use crate::dataset::sets::BETWEEN;
use crate::pipeline::truth_of;
use crate::words::{listed, most_similar, shown};
use crate::{DataError, OpenOptions, Skipped};
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

/// Names of a header's column of files, the surest first.
const FILE_NAMES: [&str; 11] = [
    "file",
    "filename",
    "file_name",
    "path",
    "filepath",
    "image",
    "image_path",
    "img",
    "picture",
    "name",
    "id",
];
/// Names of a header's column of labels, used where it is not the second.
const LABEL_NAMES: [&str; 4] = ["label", "class", "category", "target"];

/// The rows that the CSV lists. Files are relative to `root`; one that does not exist is skipped,
/// with its line.
pub(super) fn from_csv(
    root: &Path,
    csv: &Path,
    options: &OpenOptions,
    walk: &Walk,
    listing: &mut Listing,
) -> Result<Vec<Labelled>, DataError> {
    let lines = read(csv)?;
    let several = options.several(&[]);
    let wanted = options.target.as_deref().filter(|_| several.is_none());
    let (columns, first) = columns(csv, &lines, wanted, several.is_some())?;
    let places = several.map(|names| places(csv, &lines, &names)).transpose()?;
    let mut seen: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut rows: Vec<(u64, Labelled)> = Vec::new();
    for (line, fields) in &lines[first..] {
        let place = || format!("line {line}");
        let field = |i: usize, what: &str| {
            let what = || format!("there is no {what}; write `file,label`");
            let field = fields.get(i).filter(|f| !f.is_empty());
            field.ok_or_else(|| DataError::malformed(csv, place(), what()))
        };
        let rel = clean(field(columns.0, "file name")?);
        let label = match &places {
            Some(places) => Ok(joined(csv, *line, fields, places)?),
            None if options.label_separator.is_some() => {
                String::from_utf8(fields.get(columns.1).unwrap_or_default().to_vec())
            }
            None => String::from_utf8(field(columns.1, "label")?.to_vec()),
        };
        let label = label.map_err(|_| {
            DataError::malformed(csv, place(), "the label is not UTF-8; save the file as UTF-8")
        })?;
        match seen.get(&rel).map(|&before| &rows[before]) {
            None => {}
            Some((_, row)) if row.label == label => continue,
            Some((line, row)) => {
                let (file, other) = (printable(&rel), &row.label);
                let what = format!(
                    "{file} is labelled `{label}`, but `{other}` in line {line}; keep one of the two"
                );
                return Err(DataError::malformed(csv, place(), what));
            }
        }
        let Some(path) = os_path(&rel).map(|p| root.join(p)).filter(|p| p.is_file()) else {
            let reason = format!("listed in line {line} of the labels, but there is no such file");
            listing.skipped.push(Skipped { path: printable(&rel), reason });
            continue;
        };
        seen.insert(rel.clone(), rows.len());
        rows.push((*line, Labelled { file: File { rel, path }, label }));
    }
    if rows.is_empty() {
        return Err(nothing(root, csv, listing));
    }
    let unlisted = walk.files.iter().filter(|f| !seen.contains_key(&f.rel) && f.path != csv);
    note(&mut listing.notes, unlisted, "are not in the list of labels");
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// That the list names no file that exists.
fn nothing(root: &Path, csv: &Path, listing: &Listing) -> DataError {
    let what = match listing.skipped.iter().find(|s| s.reason.starts_with("listed")) {
        Some(first) => format!(
            "no file that it lists exists (the first is {}); names are taken from {}",
            first.path,
            printable_path(root)
        ),
        None => "it lists no file; write lines of `file,label`".to_string(),
    };
    DataError::malformed(csv, "whole file", what)
}

/// Lines with their numbers and fields, blank ones left out.
fn read(csv: &Path) -> Result<Vec<(u64, csv::ByteRecord)>, DataError> {
    let bytes = std::fs::read(csv).map_err(|e| DataError::io(csv, e))?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let has = |b: u8| first.contains(&b);
    let delimiter = [b',', b'\t', b';'].into_iter().find(|d| has(*d)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let mut lines = Vec::new();
    for record in reader.byte_records() {
        let record = record.map_err(|e| DataError::malformed(csv, "CSV", e.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().any(|f| !f.is_empty()) {
            lines.push((line, record));
        }
    }
    Ok(lines)
}

/// The columns of files and of labels, and the first line that is no header.
fn columns(
    csv: &Path,
    lines: &[(u64, csv::ByteRecord)],
    target: Option<&str>,
    several: bool,
) -> Result<((usize, usize), usize), DataError> {
    let Some((line, first)) = lines.first() else {
        return Err(DataError::malformed(
            csv,
            "whole file",
            "it is empty; write `file,label` lines",
        ));
    };
    let words: Vec<String> =
        first.iter().map(|f| String::from_utf8_lossy(f).to_ascii_lowercase()).collect();
    let named = |known: &[&str]| known.iter().find_map(|k| words.iter().position(|w| w == k));
    let wanted = target.and_then(|t| words.iter().position(|w| *w == t.to_ascii_lowercase()));
    let label = wanted.or_else(|| named(&LABEL_NAMES));
    let (found, first_line) = match named(&FILE_NAMES) {
        // A header has a word of either list; a lone `name` may be a file without an ending.
        Some(file) if several || label.is_some() || words.len() == 2 => {
            ((file, label.unwrap_or(1 - file.min(1))), 1)
        }
        _ => ((0, 1), 0),
    };
    if words.len() < 2 {
        let what = "there is one column; write `file,label`";
        return Err(DataError::malformed(csv, format!("line {line}"), what));
    }
    Ok((found, first_line))
}

/// Where the columns of labels are, by the header.
fn places(
    csv: &Path,
    lines: &[(u64, csv::ByteRecord)],
    names: &[&str],
) -> Result<Vec<(String, usize)>, DataError> {
    let header: Vec<String> = lines.first().map_or_else(Vec::new, |(_, first)| {
        first.iter().map(|f| String::from_utf8_lossy(f).into_owned()).collect()
    });
    let place = |name: &&str| match header.iter().position(|word| word == name) {
        Some(place) => Ok((name.to_string(), place)),
        None => {
            let near = most_similar(name, header.iter().map(String::as_str));
            let what =
                format!("there is no column `{}`; nearest: {}", shown(name), listed(&near, 3));
            Err(DataError::malformed(csv, "line 1", what))
        }
    };
    names.iter().map(place).collect()
}

/// The names of the columns that say yes, as one word.
fn joined(
    csv: &Path,
    line: u64,
    fields: &csv::ByteRecord,
    places: &[(String, usize)],
) -> Result<String, DataError> {
    let mut labels = Vec::new();
    for (name, place) in places {
        let cell = String::from_utf8_lossy(fields.get(*place).unwrap_or_default());
        match truth_of(&cell) {
            Some(true) => labels.push(name.as_str()),
            Some(false) => {}
            None => {
                let what = format!(
                    "column `{name}`: `{}` is neither yes nor no, which a column of labels must hold",
                    shown(&cell)
                );
                return Err(DataError::malformed(csv, format!("line {line}"), what));
            }
        }
    }
    Ok(labels.join(BETWEEN))
}

/// `./a/b` as `a/b`.
fn clean(rel: &[u8]) -> Vec<u8> {
    let mut rel = rel;
    while let Some(rest) = rel.strip_prefix(b"./") {
        rel = rest;
    }
    rel.to_vec()
}

/// A path from a file's bytes.
fn os_path(bytes: &[u8]) -> Option<OsString> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        Some(OsString::from_vec(bytes.to_vec()))
    }
    #[cfg(not(unix))]
    {
        std::str::from_utf8(bytes).ok().map(OsString::from)
    }
}

/// The files whose names match, with their labels.
pub(super) fn from_names(
    regex: &str,
    files: Vec<File>,
    listing: &mut Listing,
) -> Result<Vec<Labelled>, DataError> {
    let regex = regex_lite::Regex::new(regex).map_err(|e| {
        DataError::unusable(format!("the regular expression `{regex}` is not valid: {e}"))
    })?;
    let count = files.len();
    let (mut rows, mut others) = (Vec::new(), Vec::new());
    for file in files {
        let name = file.rel.rsplit(|b| *b == b'/').next().unwrap_or_default();
        match label(&regex, &printable(name)) {
            Some(label) => rows.push(Labelled { file, label }),
            None => others.push(file),
        }
    }
    match (rows.is_empty(), others.first()) {
        (true, Some(first)) => Err(DataError::unusable(format!(
            "the regular expression `{regex}` matches none of {count} file names (the first is {})",
            printable(&first.rel)
        ))),
        (true, None) => Err(DataError::unusable("the folder is empty")),
        (false, _) => {
            note(&mut listing.notes, others.iter(), "do not match the regular expression");
            Ok(rows)
        }
    }
}

/// The first group of a match, or all of it where there is no group.
fn label(regex: &regex_lite::Regex, name: &str) -> Option<String> {
    let found = regex.captures(name)?;
    let part = if found.len() > 1 { found.get(1)? } else { found.get(0)? };
    (!part.is_empty()).then(|| part.as_str().to_string())
}

/// Notes how many files were left out, and the first.
fn note<'a>(notes: &mut Vec<String>, files: impl Iterator<Item = &'a File>, why: &str) {
    let mut files = files.peekable();
    if let Some(first) = files.peek().map(|f| printable(&f.rel)) {
        notes.push(format!("{} files {why} and were left out (first: {first})", files.count()));
    }
}
