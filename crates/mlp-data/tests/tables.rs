//! Data sets on disk, from file to batch.

use flate2::{Compression, write::GzEncoder};
use mlp_data::{
    Batch, Dataset, Examples, Kind, OpenOptions, Part, Plan, Quiet, Split, Target, Targets,
    embedded, open,
};
use mlp_tensor::Exec;
use std::fs;
use std::io::Write;
use std::path::Path;

fn opened(path: &Path, options: &OpenOptions) -> Result<Dataset, String> {
    open(&Exec::serial(), path.to_str().unwrap(), options, &Quiet).map_err(|e| e.to_string())
}

fn idx(dims: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dims.len() as u8];
    dims.iter().for_each(|d| bytes.extend(d.to_be_bytes()));
    bytes.extend(values);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_folder_as_mnist_ships_trains_and_keeps_its_test_part() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let pixels: Vec<u8> = (0..120).collect();
    fs::write(at("train-images.idx3-ubyte"), idx(&[20, 2, 3], &pixels)).unwrap();
    let labels: Vec<u8> = (0..20).map(|i| i % 2 * 3).collect();
    fs::write(at("train-labels-idx1-ubyte.gz"), gzip(&idx(&[20], &labels))).unwrap();
    fs::write(at("t10k-images-idx3-ubyte.gz"), gzip(&idx(&[2, 2, 3], &pixels[..12]))).unwrap();
    fs::write(at("t10k-labels-idx1-ubyte"), idx(&[2], &[3, 0])).unwrap();
    let data = opened(folder.path(), &OpenOptions::default()).unwrap();
    assert_eq!(
        (data.len(), data.row_name(0), data.row_name(21)),
        (22, "row 1".into(), "t10k row 2".into())
    );
    let Target::Classes { labels, codes, .. } = &data.target else { panic!() };
    assert_eq!((labels.as_slice(), &codes[19..]), (&["0".into(), "3".into()][..], &[1, 1, 0][..]));
    let split = Split::new(&data, 0.1, 0.5, 1).unwrap();
    assert_eq!(split.rows(Part::Test), [20, 21]);
    assert_eq!(split.rows(Part::Validation).len(), 2);
    let pipeline = Plan::default().fit_dataset(&data, &split).unwrap();
    assert_eq!(pipeline.picture.map(|p| p.size), Some((3, 2)));
    let single = opened(&at("t10k-images-idx3-ubyte.gz"), &pipeline.open_options()).unwrap();
    let encoded = pipeline.encode(&single.table, &single.target).unwrap();
    assert_eq!((encoded.len(), encoded.width()), (2, 6));
    assert_eq!(encoded.targets, Targets::Classes(vec![1, 0]));

    fs::write(at("train-images.idx3-ubyte"), idx(&[20, 3, 2], &pixels)).unwrap();
    let message = opened(folder.path(), &OpenOptions::default()).unwrap_err();
    assert!(message.contains("cannot be joined: column `picture` (picture 2×3×1)"), "{message}");
    let message = opened(&at("train-images.idx3-ubyte"), &pipeline.open_options()).unwrap_err();
    assert!(message.contains("`picture` must be a picture 3×2×1"), "{message}");
    fs::write(at("train-images.idx3-ubyte"), idx(&[19, 2, 3], &pixels[..114])).unwrap();
    let message = opened(folder.path(), &OpenOptions::default()).unwrap_err();
    assert!(message.contains("one label for each of the 19 examples"), "{message}");
    fs::remove_file(at("train-labels-idx1-ubyte.gz")).unwrap();
    let message = opened(folder.path(), &OpenOptions::default()).unwrap_err();
    assert!(message.contains("no labels file beside it"), "{message}");
}

#[test]
fn idx_features_are_columns_of_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("features");
    fs::write(&path, idx(&[3, 2], &[1, 2, 3, 4, 5, 6])).unwrap();
    let options = OpenOptions { target_optional: true, ..OpenOptions::default() };
    let data = opened(&path, &options).unwrap();
    let kinds: Vec<Kind> = data.table.schema.fields.iter().map(|f| f.kind).collect();
    assert_eq!((data.len(), kinds), (3, vec![Kind::Number; 2]));
}

#[test]
fn a_second_file_is_the_test_part() {
    let folder = tempfile::tempdir().unwrap();
    let (train, test) = (folder.path().join("train.csv"), folder.path().join("test.csv"));
    let rows: String =
        (0..40).map(|i| format!("{}, w{}, {}\n", i % 7, i % 3, ["no", "yes"][i % 2])).collect();
    fs::write(&train, rows).unwrap();
    fs::write(&test, "1, w1, yes.\n?, new, no.\n").unwrap();
    let options = OpenOptions { test_data: Some(test.clone()), ..OpenOptions::default() };
    let data = opened(&train, &options).unwrap();
    assert_eq!((data.len(), data.row_name(41).as_str()), (42, "test.csv row 2"));
    assert!(data.notes.iter().any(|n| n.starts_with("test.csv: labels")), "{:?}", data.notes);
    let split = Split::new(&data, 0.2, 0.2, 1).unwrap();
    assert_eq!(split.rows(Part::Test), [40, 41]);
    assert_eq!(split.rows(Part::Validation).len(), 8);
    let pipeline = Plan::default().fit_dataset(&data, &split).unwrap();
    let encoded = pipeline.encode(&data.table, &data.target).unwrap();
    assert_eq!(encoded.unseen, [("column_2".to_string(), 1)]);
    let mut batch = Batch::new();
    encoded.fill(&Exec::serial(), &[41], &mut batch).unwrap();
    assert!(batch.x.iter().all(|v| v.is_finite()));

    for (text, part) in [
        ("x, w1, yes\n", "test.csv: line 1 (row 1), column `column_1`: `x` is not a number"),
        ("1, w1, perhaps\n", "test.csv, row 1: target `column_3` holds `perhaps`"),
        ("1, w1\n", "no column `column_3` to predict"),
    ] {
        fs::write(&test, text).unwrap();
        let message = opened(&train, &options).unwrap_err();
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn what_is_no_data_set_is_refused_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, part) in [
        ("a.png", &b"\x89PNG\r\n\x1a\n...."[..], "a picture, where a data set is needed"),
        ("a.csv", b"\xFF\xD8\xFF\xE0....", "a picture, where a data set is needed"),
        ("a.xlsx", b"PK\x03\x04....", "export it as CSV"),
        ("a.parquet", b"PAR1....", "Parquet"),
        (
            "a.tar.gz",
            &gzip(&[&[b'a'; 257][..], b"ustar\x0000"].concat()),
            "a tar archive; unpack it first",
        ),
        ("a.gz.gz", &gzip(&gzip(b"a,b\n1,2\n")), "packed twice"),
        ("empty.csv", b"", "the file is empty"),
        ("noise", b"\x01\x00\x02", "a zero byte"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let message = opened(&path, &OpenOptions::default()).unwrap_err();
        assert!(message.contains(part) && message.contains(name), "{message}");
    }
    let message = opened(&folder.path().join("a.pgn"), &OpenOptions::default()).unwrap_err();
    let names: Vec<_> = embedded::NAMES.iter().map(|(name, _)| format!("`{name}`")).collect();
    let part = format!("embedded sets are {}; nearest in that folder: `a.png`", names.join(", "));
    assert!(message.contains(&part), "{message}");
    let empty = tempfile::tempdir().unwrap();
    assert!(opened(empty.path(), &OpenOptions::default()).is_err());
}

#[test]
fn one_class_only_is_refused_before_training() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.csv");
    fs::write(&path, "a,y\n1,p\n2,p\n3,p\n").unwrap();
    let data = opened(&path, &OpenOptions::default()).unwrap();
    let message = Split::new(&data, 0.1, 0.1, 0).unwrap_err().to_string();
    assert!(message.contains("every row of `one.csv` is of one class, `p`"), "{message}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_is_read_once_whatever_it_holds() {
    use std::os::fd::AsRawFd;
    // More than is looked at to tell what it is.
    let csv: String = (0..2000).map(|i| format!("{},{}\n", i % 13, ["no", "yes"][i % 2])).collect();
    let pixels = idx(&[1000, 2, 3], &[7; 6000]);
    let optional = OpenOptions { target_optional: true, ..OpenOptions::default() };
    for (bytes, rows, options) in [
        (csv.as_bytes(), 2000, &OpenOptions::default()),
        (&pixels, 1000, &optional),
        (&gzip(&pixels), 1000, &optional),
    ] {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(bytes).unwrap();
        drop(writer);
        let path = format!("/dev/fd/{}", reader.as_raw_fd());
        let data = opened(Path::new(&path), options).unwrap();
        assert_eq!(data.len(), rows);
    }
}

#[test]
fn a_mistyped_name_of_an_embedded_set_is_recognised() {
    let message = opened(Path::new("iriss"), &OpenOptions::default()).unwrap_err();
    assert!(message.contains("did you mean `iris`?"), "{message}");
    let message = opened(Path::new("titanic"), &OpenOptions::default()).unwrap_err();
    assert!(!message.contains("did you mean"), "{message}");
}
