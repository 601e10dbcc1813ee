//! Laws of reading in blocks: neither their size nor the number of threads nor what is kept shows
//! in the result, which is that of a simple reader. What the result is: `tests`.

use super::*;
use crate::{Column, Kind, MISSING, Table};
use proptest::prelude::*;
use std::path::PathBuf;

fn source<'a>(
    threads: usize,
    bytes: &'a [u8],
    options: &OpenOptions,
    sizes: Sizes,
) -> Result<CsvSource<'a>, DataError> {
    let text = Text { path: PathBuf::from("t.csv"), bytes: Some(bytes) };
    CsvSource::with_sizes(&Exec::new(None, Some(threads)).unwrap(), text, options, sizes)
}

/// The data set or the error in words.
fn read(threads: usize, text: &str, options: &OpenOptions, sizes: Sizes) -> Result<String, String> {
    let source = source(threads, text.as_bytes(), options, sizes);
    let data = source.and_then(|source| collected(source, "t.csv", options));
    data.map(|data| format!("{data:?}")).map_err(|e| e.to_string())
}

/// All rows, the target among them.
fn table(threads: usize, text: &str, sizes: Sizes) -> Table {
    let options = OpenOptions { header: Some(true), ..OpenOptions::default() };
    let mut source = source(threads, text.as_bytes(), &options, sizes).unwrap();
    let mut table = Table::empty(source::Source::schema(&source));
    while let Some(chunk) = source::Source::next_chunk(&mut source).unwrap() {
        table.append(chunk.table).unwrap();
    }
    table
}

/// Columns as the rules of [`super`] have them, read without haste. No booleans, no slips.
fn simple(text: &str) -> Vec<Column> {
    let mut reader = ::csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(true).from_reader(text.as_bytes());
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let column = |i: usize| {
        let cells: Vec<&str> = rows.iter().map(|row| row[i].trim()).collect();
        let missing = |cell: &str| ["", "?", "na"].contains(&cell.to_lowercase().as_str());
        if cells.iter().all(|cell| missing(cell) || cell.parse::<f64>().is_ok()) {
            return Column::Number(cells.iter().map(|c| c.parse().unwrap_or(f64::NAN)).collect());
        }
        let mut levels: Vec<String> = Vec::new();
        let mut code = |cell: &str| {
            let known = levels.iter().position(|level| level == cell);
            known.unwrap_or_else(|| {
                levels.push(cell.to_string());
                levels.len() - 1
            }) as u32
        };
        let codes = cells.iter().map(|c| if missing(c) { MISSING } else { code(c) }).collect();
        Column::Category { levels, codes }
    };
    (0..reader.headers().unwrap().len()).map(column).collect()
}

/// A cell as it stands in a file: numbers, words, quotes with anything in them, missing.
fn cell(words: bool) -> BoxedStrategy<String> {
    let number = prop_oneof![
        any::<i16>().prop_map(|n| n.to_string()),
        any::<f32>().prop_filter("finite", |v| v.is_finite()).prop_map(|v| v.to_string()),
        (-1e6..1e6f64).prop_map(|v| format!("{v}")),
        (-1e6..1e6f64).prop_map(|v| format!("\"{v:.2}\"")),
        (-1e6..1e6f64).prop_map(|v| format!(" {v:e} ")),
        prop::sample::select(vec!["", "?", "NA", " ", "+1", "\"\""]).prop_map(str::to_string),
    ];
    if !words {
        return number.boxed();
    }
    let word = prop_oneof![
        "[a-cé]{1,3}",
        "[a-c]{0,9}[a-c ]{0,9}z".prop_map(|w| format!(" {w}\t")),
        "[a,\n\r é]{0,5}(\"\")?[a,\n]{0,3}".prop_map(|w| format!("\"{w}\"")),
    ];
    prop_oneof![3 => word, 1 => number].boxed()
}

/// A table of two columns of numbers and two of words, with blank lines, without ragged rows.
fn text() -> impl Strategy<Value = String> {
    let end = prop::sample::select(vec!["\n", "\r\n", "\n\n", "\r\n\r\n"]);
    let row = (cell(false), cell(true), cell(false), cell(true), end);
    prop::collection::vec(row, 1..40).prop_map(|rows| {
        let mut text = String::from("a,b,c,d\n");
        for (a, b, c, d, end) in &rows {
            text.push_str(&format!("{a},{b},{c},{d}{end}"));
        }
        text
    })
}

/// Few bytes a block, and more or less of what is parsed first is kept.
fn sizes() -> impl Strategy<Value = Sizes> {
    let keep = prop_oneof![Just(0), 0..2000usize, Just(1 << 20)];
    (1..300usize, keep, 1..3000usize).prop_map(|(block, keep, chunk)| Sizes { block, keep, chunk })
}

proptest! {
    #[test]
    fn tables_are_those_of_a_simple_reader(text in text(), sizes in sizes(), threads in 1..4usize) {
        let table = table(threads, &text, sizes);
        prop_assert_eq!(format!("{:?}", table.columns), format!("{:?}", simple(&text)));
    }

    #[test]
    fn blocks_and_threads_do_not_show(
        text in concat!(
            "(([-1.e2]{1,4}|[1-9]|yes|Yes|NO|inf|\"[a\n]{0,3}\"|[x\" é]{0,2}),",
            "([0-9]|y|\"\")(,1)?[\n\r]{1,2}){1,40}",
        ),
        header in prop::option::of(any::<bool>()),
        sizes in sizes(),
        threads in 1..4usize,
    ) {
        let options = OpenOptions { header, ..OpenOptions::default() };
        let whole = read(1, &text, &options, Sizes::GATHERED);
        prop_assert_eq!(read(threads, &text, &options, sizes), whole);
        // With a schema there is one pass, or two where the target's kind is open.
        let number = |name: &str| crate::Field { name: name.into(), kind: Kind::Number };
        let numbers = ["column_1", "column_2"].map(number);
        for fields in [&numbers[..], &numbers[..1]] {
            let schema = Some(crate::Schema { fields: fields.to_vec() });
            let target = Some("column_2".to_string());
            let header = Some(false);
            let plain = OpenOptions::default();
            let options = OpenOptions { schema, target, header, target_optional: true, ..plain };
            let whole = read(1, &text, &options, Sizes::GATHERED);
            prop_assert_eq!(read(threads, &text, &options, sizes), whole);
        }
    }
}

#[test]
fn the_first_thing_wrong_is_told_whatever_the_blocks() {
    let rows = "1,2\n".repeat(50);
    let numbers = ["a", "b"].map(|name| crate::Field { name: name.into(), kind: Kind::Number });
    let given = OpenOptions {
        schema: Some(crate::Schema { fields: numbers.to_vec() }),
        target_optional: true,
        ..OpenOptions::default()
    };
    let plain = OpenOptions::default();
    for (tail, part) in [
        ("1,x\n1\n\0\n", "line 54 (byte 210): a zero byte"),
        ("1,x\n1\n1,2\n", "line 53: 1 fields where the first line has 2"),
        ("\n\r\n1,x\n", "line 54"),
        ("\"1\n\n\",2\r\n1,\"x\n\"\n", "line 55"),
    ] {
        let text = format!("a,b\n{rows}{tail}");
        for (block, threads) in [(1, 1), (7, 2), (64, 3), (1 << 20, 1)] {
            let sizes = Sizes { block, keep: 100, chunk: 50 };
            for options in [&plain, &given] {
                let message = read(threads, &text, options, sizes).unwrap_err();
                assert!(message.contains(part), "{tail:?}: {message:?}, not {part:?}");
            }
        }
    }
    let message =
        read(2, &format!("a,b\n{rows}1,x\n"), &given, Sizes { block: 9, keep: 0, chunk: 1 });
    assert!(message.unwrap_err().contains("line 52 (row 51), column `b`: `x` is not a number"));
}

#[test]
fn a_file_is_read_as_its_bytes_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let rows: String = (0..30_000).map(|i| format!("{i},w{},\"{}\n\"\n", i % 9, i % 2)).collect();
    let text = format!("\u{feff}a,b,y\n{rows}");
    std::fs::write(&path, &text).unwrap();
    let options = OpenOptions::default();
    let exec = Exec::new(None, Some(2)).unwrap();
    let (file, bytes) = (
        read_file(&exec, &path, &options).unwrap(),
        from_bytes(&Exec::serial(), &path, text.as_bytes(), &options).unwrap(),
    );
    assert_eq!(format!("{file:?}"), format!("{bytes:?}"));
    assert_eq!(file.len(), 30_000);
    for wrong in [&b""[..], b"a,b\n1,2\n\0", b"a,b\n1,\xE9\n"] {
        std::fs::write(&path, wrong).unwrap();
        let message = read_file(&exec, &path, &options).unwrap_err().to_string();
        let same = from_bytes(&exec, &path, wrong, &options).unwrap_err().to_string();
        assert_eq!(message, same);
    }
}
