//! Arrays as NumPy writes them, and as it never does.

use super::zip::tests::archive;
use super::*;
use crate::{Column, Dataset, Kind, OpenOptions, Part, Target};
use proptest::prelude::*;

/// An NPY file of version 1, 2 or 3.
fn npy(version: u8, descr: &str, fortran: bool, shape: &str, values: &[u8]) -> Vec<u8> {
    let fortran = if fortran { "True" } else { "False" };
    let mut header =
        format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}");
    while !(header.len() + 11).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = [MAGIC.as_slice(), &[version, 0]].concat();
    match version {
        1 => bytes.extend((header.len() as u16).to_le_bytes()),
        _ => bytes.extend((header.len() as u32).to_le_bytes()),
    }
    bytes.extend(header.as_bytes());
    bytes.extend(values);
    bytes
}

fn read(bytes: &[u8]) -> Result<Array, String> {
    parse(Path::new("f.npy"), "", bytes.to_vec()).map_err(|e| e.to_string())
}

fn f64s(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn npz(arrays: &[(&str, Vec<u8>)], options: &OpenOptions) -> Result<Dataset, String> {
    let members: Vec<(&str, &[u8])> = arrays.iter().map(|(n, b)| (*n, b.as_slice())).collect();
    read_npz(Path::new("f.npz"), &archive(&members, true), options).map_err(|e| e.to_string())
}

#[test]
fn types_orders_and_versions() {
    let numbers = |v: &[f64]| Values::Numbers(v.to_vec());
    for (descr, bytes, expected) in [
        ("<i2", vec![0xFE, 0xFF, 1, 0], numbers(&[-2.0, 1.0])),
        (">u4", vec![0, 0, 1, 0, 0, 0, 0, 7], numbers(&[256.0, 7.0])),
        (
            "<f4",
            [1.5f32, -0.25].iter().flat_map(|v| v.to_le_bytes()).collect(),
            numbers(&[1.5, -0.25]),
        ),
        ("|u1", vec![3, 4], Values::Bytes(vec![3, 4])),
        ("|b1", vec![1, 0], Values::Truths(vec![1, 0])),
        (
            "<U2",
            b"a\0\0\0b\0\0\0\xE4\0\0\0\0\0\0\0".to_vec(),
            Values::Texts(vec!["ab".into(), "ä".into()], vec![0, 1]),
        ),
        ("|S2", b"xy\0\0".to_vec(), Values::Texts(vec!["xy".into()], vec![0, MISSING])),
    ] {
        for version in 1..=3 {
            let array = read(&npy(version, descr, false, "(2,)", &bytes)).unwrap();
            assert_eq!(array, Array { shape: vec![2], values: expected.clone() }, "{descr}");
        }
    }
    // [[1, 2, 3], [4, 5, 6]] by columns.
    let array =
        read(&npy(1, "<f8", true, "(2, 3)", &f64s(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]))).unwrap();
    assert_eq!(array.values, numbers(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
}

#[test]
fn lies_are_named() {
    let values = f64s(&[1.0, 2.0]);
    for (bytes, part) in [
        (
            npy(1, "<f8", false, "(3,)", &values),
            "f.npy: byte 10: shape (3) of 8 bytes a value needs 24 bytes, the file holds 16",
        ),
        (
            npy(1, "<f8", false, "(99999999999, 99999999999)", &values),
            "needs more than any file has bytes",
        ),
        (npy(1, "<f8", false, "(0, 2)", &[]), "shape (0, 2): no values"),
        (npy(1, "<f8", false, "()", &values), "0 dimensions"),
        (npy(1, "|O", false, "(2,)", &values), "an array of Python objects"),
        (npy(9, "<f8", false, "(2,)", &values), "byte 6: version 9"),
        (
            npy(1, "<f8", false, "(2,)", &values)[..40].to_vec(),
            "byte 8: the header is longer than the file",
        ),
        (b"\x93NUMPY\x01".to_vec(), "byte 7: the file ends within its header"),
        (npy(1, "<U1", false, "(1,)", &[0, 0xD8, 0, 0]), "byte 128: a text that is not Unicode"),
    ] {
        let message = read(&bytes).unwrap_err();
        assert!(message.contains(part), "{message}");
    }
    let records = npy(1, "X", false, "(2,)", &values);
    let text = String::from_utf8_lossy(&records[10..120]).replace("'X'", "[('a', '<f8')]");
    let message = header::parse(&[&records[..8], &[110, 0], text.as_bytes()].concat()).unwrap_err();
    assert!(message.1.contains("an array of records"), "{message:?}");
}

#[test]
fn keras_archives_have_a_test_part() {
    let pixels: Vec<u8> = (0..24).collect();
    let test = || ("x_test.npy", npy(1, "|u1", false, "(1, 2, 3)", &pixels[..6]));
    let arrays = [
        test(),
        ("x_train.npy", npy(1, "|u1", false, "(4, 2, 3)", &pixels)),
        ("y_train.npy", npy(1, "|u1", false, "(4,)", &[5, 3, 5, 3])),
        ("y_test.npy", npy(1, "|u1", false, "(1,)", &[3])),
    ];
    let data = npz(&arrays, &OpenOptions::default()).unwrap();
    assert_eq!(data.parts, [None, None, None, None, Some(Part::Test)]);
    let Target::Classes { name, labels, codes } = &data.target else { panic!() };
    assert_eq!((name.as_str(), labels.as_slice()), ("label", &["3".to_string(), "5".into()][..]));
    assert_eq!(codes.to_vec(), [1, 0, 1, 0, 0]);
    assert_eq!(data.picture.map(|p| p.size), Some((3, 2)));
    let message = npz(
        &[test(), ("y_test.npy", npy(1, "|u1", false, "(2,)", &[3, 3]))],
        &OpenOptions::default(),
    )
    .unwrap_err();
    assert!(
        message.contains("labels of shape (2), where one for each of the 1 examples"),
        "{message}"
    );
    let message =
        npz(&[("a.npy", test().1), ("b.npy", test().1)], &OpenOptions::default()).unwrap_err();
    assert!(message.contains("the arrays are `a`, `b`; name them"), "{message}");
    let message = npz(&[test()], &OpenOptions::default()).unwrap_err();
    assert!(message.contains("pictures without labels"), "{message}");
    let turned = npy(1, "|u1", false, "(1, 3, 2, 4)", &pixels);
    let message = npz(&[("x.npy", turned)], &OpenOptions::default()).unwrap_err();
    assert!(message.contains("x.transpose(0, 2, 3, 1)"), "{message}");
}

#[test]
fn a_table_of_numbers_and_its_target() {
    let x = npy(1, "<f8", false, "(3, 2)", &f64s(&[1.0, 2.0, f64::NAN, 4.0, 5.0, 6.5]));
    let data = read_npy(Path::new("f.npy"), x.clone(), &OpenOptions::default()).unwrap();
    assert!(matches!(&data.target, Target::Numbers { name, .. } if name == "column_2"));
    let y = npy(1, "<i8", false, "(3, 1)", &[7, 0, 0, 0, 0, 0, 0, 0].repeat(3));
    let data = npz(&[("data.npy", x.clone()), ("target.npy", y)], &OpenOptions::default()).unwrap();
    assert_eq!((data.table.columns.len(), data.columns.len()), (2, 3));
    assert!(matches!(&data.target, Target::Classes { labels, .. } if labels == &["7"]));
    let single = read_npy(
        Path::new("f.npy"),
        x,
        &OpenOptions { target_optional: true, ..data.same_options() },
    );
    assert_eq!(single.unwrap().table.columns.len(), 2);
    let infinite = npy(1, "<f8", false, "(2, 2)", &f64s(&[1.0, 2.0, f64::INFINITY, 4.0]));
    let message = read_npy(Path::new("f.npy"), infinite, &OpenOptions::default()).unwrap_err();
    assert!(
        message.to_string().contains("row 2, column `column_1`: `inf` is not a finite"),
        "{message}"
    );
}

#[test]
fn a_folder_of_classes_as_quick_draw() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("dog.npy"), npy(1, "|u1", false, "(2, 4)", &[1, 2, 3, 4, 5, 6, 7, 8]))
        .unwrap();
    std::fs::write(at("cat.npy"), npy(1, "|u1", false, "(1, 4)", &[9; 4])).unwrap();
    assert!(is_folder(folder.path()));
    let data = read_folder(folder.path(), &OpenOptions::default()).unwrap();
    let Target::Classes { labels, codes, .. } = &data.target else { panic!() };
    assert_eq!(
        (labels.as_slice(), codes.to_vec()),
        (&["cat".to_string(), "dog".into()][..], vec![0, 1, 1])
    );
    let Column::Pixels { shape, bytes } = &data.table.columns[0] else { panic!() };
    assert_eq!(((shape.width, shape.height), bytes[..5].to_vec()), ((2, 2), vec![9, 9, 9, 9, 1]));
    // One class alone, as a model of the folder reads it.
    let options = OpenOptions { target_optional: true, ..data.same_options() };
    let dogs = read_npy(&at("dog.npy"), std::fs::read(at("dog.npy")).unwrap(), &options).unwrap();
    assert_eq!(dogs.table.schema.fields[0].kind, Kind::Picture(*shape));
    std::fs::write(at("cow.npy"), npy(1, "|u1", false, "(1, 9)", &[9; 9])).unwrap();
    let message = read_folder(folder.path(), &OpenOptions::default()).unwrap_err().to_string();
    assert!(message.contains("cow.npy: shape: pictures of 3×3×1, those of `cat`"), "{message}");
    std::fs::write(at("cow.npy"), npy(1, "|u1", false, "(1, 5)", &[9; 5])).unwrap();
    let message = read_folder(folder.path(), &OpenOptions::default()).unwrap_err().to_string();
    assert!(message.contains("must hold square pictures"), "{message}");
}

proptest! {
    #[test]
    fn fortran_order_is_turned(shape in prop::collection::vec(1usize..5, 1..=4)) {
        let count: usize = shape.iter().product();
        // Values are their place in C order; written in Fortran's.
        let mut written = vec![0u16; count];
        for (place, _) in (0..count).enumerate() {
            let (mut rest, mut at, mut stride) = (place, 0, count);
            for (d, size) in shape.iter().enumerate() {
                stride /= size;
                at += rest / stride * shape[..d].iter().product::<usize>();
                rest %= stride;
            }
            written[at] = place as u16;
        }
        let bytes: Vec<u8> = written.iter().flat_map(|v| v.to_le_bytes()).collect();
        let text = format!("({},)", shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", "));
        let array = read(&npy(2, "<u2", true, &text, &bytes)).unwrap();
        let expected: Vec<f64> = (0..count).map(|v| v as f64).collect();
        prop_assert_eq!(array, Array { shape, values: Values::Numbers(expected) });
    }

    #[test]
    fn a_changed_file_is_read_or_named(at in 0usize..160, byte in any::<u8>(), cut in 0usize..160) {
        let mut bytes = npy(1, "<f8", false, "(2, 2)", &f64s(&[1.0, 2.0, 3.0, 4.0]));
        bytes[at % 160] = byte;
        let _ = read_npy(Path::new("f"), bytes.clone(), &OpenOptions::default());
        let _ = read(&bytes[..cut]);
    }
}
