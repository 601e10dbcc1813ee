//! The binary files of CIFAR-10 and CIFAR-100 (Krizhevsky 2009).
//!
//! A record is one byte of label (two in CIFAR-100: coarse, fine), then 1,024 bytes each of red,
//! green and blue, row by row. There is no header; so a file is told by its length and its labels.
//! The names of the classes lie beside the files.

use crate::{Column, DataError, Dataset, Kind, OpenOptions, Part, PictureShape, Schema, Table};
use std::path::{Path, PathBuf};

const SHAPE: PictureShape = PictureShape { width: 32, height: 32, channels: 3 };
const PIXELS: usize = 3 * 32 * 32;
/// Folders that the archives unpack to.
const INSIDE: [&str; 2] = ["cifar-10-batches-bin", "cifar-100-binary"];
/// Under this target CIFAR-100 has its 20 coarse classes.
const COARSE: &str = "coarse_label";

/// Which of the two sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edition {
    Ten,
    Hundred,
}

impl Edition {
    /// Bytes of labels before each picture.
    fn labels(self) -> usize {
        if self == Edition::Ten { 1 } else { 2 }
    }
    fn record(self) -> usize {
        self.labels() + PIXELS
    }
    /// How many classes each of the label bytes has.
    fn classes(self) -> &'static [u8] {
        if self == Edition::Ten { &[10] } else { &[20, 100] }
    }
    /// The files of class names, of the byte to be predicted.
    fn names(self, coarse: bool) -> &'static str {
        match (self, coarse) {
            (Edition::Ten, _) => "batches.meta.txt",
            (Edition::Hundred, false) => "fine_label_names.txt",
            (Edition::Hundred, true) => "coarse_label_names.txt",
        }
    }
}

/// Whether a file that begins so may be one: a label, and pixels that are no text.
pub(crate) fn may_be(start: &[u8]) -> bool {
    let text = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..);
    let label = start.first().is_some_and(|b| *b < 20);
    label && start.len() > PIXELS && !(start.iter().all(text) && std::str::from_utf8(start).is_ok())
}

/// The edition of which all these bytes are records.
fn edition(bytes: &[u8]) -> Option<Edition> {
    [Edition::Ten, Edition::Hundred].into_iter().find(|edition| {
        let (record, classes) = (edition.record(), edition.classes());
        let known = |r: &[u8]| r.iter().zip(classes).all(|(label, count)| label < count);
        !bytes.is_empty()
            && bytes.len().is_multiple_of(record)
            && bytes.chunks_exact(record).all(known)
    })
}

/// The folder of a set: the one given, or the one that its archive unpacks to below it.
pub(crate) fn folder(folder: &Path) -> Option<PathBuf> {
    let inside = INSIDE.iter().map(|name| folder.join(name));
    std::iter::once(folder.to_path_buf()).chain(inside).find(|f| !files(f).is_empty())
}

/// The files of a folder with their parts, training first.
fn files(folder: &Path) -> Vec<(PathBuf, Option<Part>)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let ten = |name: &str| name.starts_with("data_batch_") && name.ends_with(".bin");
    let hundred = names.iter().any(|n| n == "fine_label_names.txt");
    let train = names.iter().filter(|n| ten(n) || hundred && *n == "train.bin");
    let test = names.iter().filter(|n| *n == "test_batch.bin" || hundred && *n == "test.bin");
    let all = train.map(|n| (n, None)).chain(test.map(|n| (n, Some(Part::Test))));
    all.map(|(name, part)| (folder.join(name), part)).collect()
}

/// Reads a folder that [`folder`] found; `test_batch.bin` or `test.bin` is the fixed test part.
///
/// # Errors
/// A file that is cut or holds other labels, with the byte; a schema of other columns.
pub(crate) fn read_folder(folder: &Path, options: &OpenOptions) -> Result<Dataset, DataError> {
    let mut all = Records::default();
    let mut parts = Vec::new();
    for (path, part) in files(folder) {
        let bytes = std::fs::read(&path).map_err(|e| DataError::io(&path, e))?;
        all.add(&path, &bytes)?;
        parts.resize(all.labels.len(), part);
    }
    let mut data = all.finish(folder, folder, options)?;
    data.parts = parts;
    Ok(data)
}

/// The files beside one of records that say what its classes are called.
pub(crate) fn names_beside(path: &Path) -> Vec<PathBuf> {
    let all = [(Edition::Ten, false), (Edition::Hundred, false), (Edition::Hundred, true)];
    let files = all.map(|(edition, coarse)| path.with_file_name(edition.names(coarse)));
    files.into_iter().filter(|file| file.is_file()).collect()
}

/// Reads one file of records.
///
/// # Errors
/// See [`read_folder`].
pub(crate) fn read_bytes(
    path: &Path,
    bytes: &[u8],
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    let mut all = Records::default();
    all.add(path, bytes)?;
    all.finish(path, path.parent().unwrap_or(Path::new(".")), options)
}

/// Whether a file's bytes are records, the last of which may be cut.
pub(crate) fn is(bytes: &[u8]) -> bool {
    let whole = |e: Edition| edition(&bytes[..bytes.len() / e.record() * e.record()]) == Some(e);
    whole(Edition::Ten) || whole(Edition::Hundred)
}

#[derive(Default)]
struct Records {
    edition: Option<Edition>,
    /// The last two bytes are the coarse and the fine label.
    labels: Vec<[u8; 2]>,
    pixels: Vec<u8>,
}

impl Records {
    fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<(), DataError> {
        let edition = match (self.edition, edition(bytes)) {
            (None, Some(edition)) => edition,
            (Some(before), Some(edition)) if before == edition => edition,
            (before, _) => return Err(wrong(path, before.unwrap_or(Edition::Ten), bytes)),
        };
        self.edition = Some(edition);
        let count = bytes.len() / edition.record();
        self.pixels.reserve(count * PIXELS);
        for record in bytes.chunks_exact(edition.record()) {
            let (labels, planes) = record.split_at(edition.labels());
            self.labels.push([labels[0], labels[labels.len() - 1]]);
            let (red, rest) = planes.split_at(PIXELS / 3);
            let (green, blue) = rest.split_at(PIXELS / 3);
            let pixels = red.iter().zip(green).zip(blue);
            self.pixels.extend(pixels.flat_map(|((r, g), b)| [*r, *g, *b]));
        }
        Ok(())
    }

    fn finish(
        self,
        path: &Path,
        folder: &Path,
        options: &OpenOptions,
    ) -> Result<Dataset, DataError> {
        let Some(edition) = self.edition else {
            return Err(DataError::malformed(path, "folder", "no records"));
        };
        let rows = self.labels.len();
        let mut table = Table { schema: Schema::default(), columns: Vec::new(), rows };
        let picture = crate::idx::pixels(&mut table, SHAPE, self.pixels);
        if let Some(schema) = &options.schema {
            table = crate::idx::matched(path, table, schema)?;
        }
        let coarse = options.target.as_deref() == Some(COARSE);
        let count = edition.classes()[usize::from(edition == Edition::Hundred && !coarse)];
        let levels = names(&folder.join(edition.names(coarse)), count)?;
        let code = |labels: &[u8; 2]| u32::from(labels[usize::from(!coarse)]);
        let codes: Vec<u32> = self.labels.iter().map(code).collect();
        let label = if coarse { COARSE } else { "label" };
        table.push(label, Kind::Category, Column::Category { levels, codes: codes.into() });
        let name = path.file_name().map_or_else(|| "cifar".into(), |n| n.to_string_lossy());
        let data = Dataset { picture: Some(picture), ..Dataset::of(&name, table) };
        data.with_target(Some(label), options)
    }
}

/// Where a file's bytes are no records.
fn wrong(path: &Path, edition: Edition, bytes: &[u8]) -> DataError {
    let record = edition.record();
    let bad = |at: usize, what: String| {
        DataError::malformed(path, format!("byte {at}"), what + "; fetch the file again")
    };
    for (i, labels) in bytes.chunks(record).enumerate() {
        for (j, (label, count)) in labels.iter().zip(edition.classes()).enumerate() {
            if label >= count {
                let what = format!("label {label}, where there are {count} classes");
                return bad(i * record + j, what);
            }
        }
    }
    let (whole, rest) = (bytes.len() / record, bytes.len() % record);
    let what = match bytes.is_empty() {
        true => "the file is empty".to_string(),
        false => format!("{rest} bytes after {whole} pictures, where one takes {record}"),
    };
    bad(whole * record, what)
}

/// The class names of a file, a line each; their numbers where there is no such file.
fn names(path: &Path, count: u8) -> Result<Vec<String>, DataError> {
    let text = match std::fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Ok((0..count).map(|i| i.to_string()).collect());
        }
        Err(e) => return Err(DataError::io(path, e)),
    };
    let names: Vec<String> =
        text.lines().map(|l| l.trim().to_string()).filter(|l| !l.is_empty()).collect();
    if names.len() != usize::from(count) {
        let what = format!("{} class names, where there are {count} classes", names.len());
        return Err(DataError::malformed(path, format!("line {}", names.len()), what));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;

    /// A picture whose red, green and blue are told apart, after its labels.
    fn record(labels: &[u8], shade: u8) -> Vec<u8> {
        let plane = |base: u8| (0..PIXELS / 3).map(move |i| base.wrapping_add(i as u8 & 7));
        let pixels = plane(shade).chain(plane(100)).chain(plane(200));
        labels.iter().copied().chain(pixels).collect()
    }

    #[test]
    fn a_folder_as_the_archive_unpacks_has_its_names_and_test_part() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join(INSIDE[0]);
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(inner.join("data_batch_1.bin"), [record(&[3], 1), record(&[5], 2)].concat())
            .unwrap();
        std::fs::write(inner.join("data_batch_2.bin"), record(&[3], 3)).unwrap();
        std::fs::write(inner.join("test_batch.bin"), record(&[5], 4)).unwrap();
        let names = "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n";
        std::fs::write(inner.join("batches.meta.txt"), names).unwrap();
        let found = folder(outer.path()).unwrap();
        let data = read_folder(&found, &OpenOptions::default()).unwrap();
        let Target::Classes { labels, codes, .. } = &data.target else { panic!() };
        assert_eq!(
            (labels.as_slice(), codes.to_vec()),
            (&["cat".into(), "dog".into()][..], vec![0, 1, 0, 1])
        );
        assert_eq!(data.parts, [None, None, None, Some(Part::Test)]);
        let Column::Pixels { bytes, .. } = &data.table.columns[0] else { panic!() };
        assert_eq!(bytes[..6], [1, 100, 200, 2, 101, 201]);
        let one = std::fs::read(inner.join("test_batch.bin")).unwrap();
        assert!(is(&one) && may_be(&one[..crate::tell::START.min(one.len())]));
        let single = read_bytes(&inner.join("test_batch.bin"), &one, &data.same_options()).unwrap();
        assert_eq!(single.len(), 1);
        std::fs::write(inner.join("data_batch_2.bin"), &record(&[3], 3)[..3000]).unwrap();
        let message = read_folder(&found, &OpenOptions::default()).unwrap_err().to_string();
        assert!(
            message.contains("data_batch_2.bin: byte 0: 3000 bytes after 0 pictures"),
            "{message}"
        );
        std::fs::write(inner.join("data_batch_2.bin"), record(&[30], 3)).unwrap();
        let message = read_folder(&found, &OpenOptions::default()).unwrap_err().to_string();
        assert!(message.contains("data_batch_2.bin: byte 0: label 30"), "{message}");
    }

    #[test]
    fn the_hundred_have_fine_and_coarse_classes() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("train.bin"), [record(&[1, 70], 1), record(&[1, 3], 2)].concat())
            .unwrap();
        let lines = |n: usize| (0..n).map(|i| format!("c{i:02}\n")).collect::<String>();
        std::fs::write(at("fine_label_names.txt"), lines(100)).unwrap();
        std::fs::write(at("coarse_label_names.txt"), lines(20)).unwrap();
        for (target, expected) in [(None, &["c03", "c70"][..]), (Some(COARSE), &["c01"])] {
            let options =
                OpenOptions { target: target.map(str::to_string), ..OpenOptions::default() };
            let data = read_folder(&super::folder(folder.path()).unwrap(), &options).unwrap();
            let Target::Classes { labels, .. } = &data.target else { panic!() };
            assert_eq!(labels, expected);
        }
        std::fs::write(at("fine_label_names.txt"), lines(99)).unwrap();
        let message = read_folder(folder.path(), &OpenOptions::default()).unwrap_err().to_string();
        assert!(message.contains("fine_label_names.txt: line 99: 99 class names"), "{message}");
    }
}
