//! What bad tables and IDX files get: a message that names file, place and remedy; exit 1; nothing left behind.

use crate::make;
use crate::program::Place;

/// Training on a table is refused with these words, the file's name among them.
#[track_caller]
fn refused(table: &str, fragments: &[&str]) {
    let place = Place::new();
    place.write("t.csv", table);
    place.check(&["train", "t.csv", "--epochs", "2"], 1, &[&["t.csv"], fragments].concat());
}

/// Training on a table works, and says this.
#[track_caller]
fn accepted(table: &str, args: &[&str], fragments: &[&str]) {
    let place = Place::new();
    place.write("t.csv", table);
    let all = [&["train", "t.csv", "--epochs", "2", "--out", "run"], args].concat();
    place.check(&all, 0, fragments);
}

/// A table of 40 good rows, into which `line` comes as line 12.
fn with_line(line: &str) -> String {
    let mut lines: Vec<String> = make::table(40).lines().map(str::to_string).collect();
    lines.insert(11, line.into());
    lines.join("\n") + "\n"
}

#[test]
fn a_ragged_row_is_named() {
    refused(&with_line("1,2,red"), &["line 12", "3 fields", "5"]);
    refused(&with_line("1,2,red,true,big,more"), &["line 12", "6 fields", "5"]);
}

#[test]
fn one_class_only() {
    let rows = "1,a\n2,a\n3,a\n4,a\n5,a\n6,a\n";
    let place = Place::new();
    place.write("t.csv", format!("x,class\n{rows}"));
    place.check(&["train", "t.csv"], 1, &["one class", "`a`", "add examples of another class"]);
}

#[test]
fn empty_files() {
    refused("", &["the file is empty"]);
    refused("a,b,c\n", &["no rows"]);
    refused("\n\n\n", &["t.csv"]);
}

#[test]
fn no_header_is_found_out() {
    let rows: String = make::table(60).lines().skip(1).map(|l| format!("{l}\n")).collect();
    accepted(&rows, &[], &["no header", "column_1"]);
    // Said outright, either way.
    accepted(&rows, &["--header", "no"], &["60 rows"]);
    accepted(&make::table(60), &["--header", "yes"], &["60 rows"]);
}

#[test]
fn a_constant_column_is_left_out_aloud() {
    let table = make::table(60);
    let mut lines = table.lines();
    let mut text = format!("same,{}\n", lines.next().unwrap_or_default());
    lines.for_each(|line| text += &format!("7,{line}\n"));
    accepted(&text, &[], &["`same`", "left out"]);
}

#[test]
fn a_target_that_is_not_there() {
    let place = Place::new();
    place.write("t.csv", make::table(40));
    let args = ["train", "t.csv", "--target", "colr"];
    place.check(&args, 1, &["t.csv", "`colr`", "nearest: ", "colour"]);
    // Rows without a value of the target are left out, counted and named.
    accepted(&with_line("1,2,red,true,"), &[], &["1 of 41 rows", "`kind`", "row 11"]);
    refused("a,b\n1,\n2,\n3,\n", &["`b`", "missing in every row", "--target"]);
}

#[test]
fn a_duplicate_header() {
    refused("a,b,a,y\n1,2,3,x\n4,5,6,z\n", &["line 1", "columns 1 and 3", "`a`", "rename"]);
}

#[test]
fn infinity_is_refused_and_nan_is_missing() {
    refused(&with_line("inf,2,red,true,big"), &["line 12", "`length`", "`inf`", "finite"]);
    refused(&with_line("1,-Infinity,red,true,big"), &["line 12", "`width`", "-Infinity"]);
    refused(&with_line("1e999,2,red,true,big"), &["line 12", "`length`", "1e999"]);
    accepted(&with_line("NaN,2,red,true,big"), &[], &["41 rows"]);
    let place = Place::new();
    place.write("t.csv", make::prices(40) + "1,2,inf\n");
    place.check(&["train", "t.csv"], 1, &["t.csv", "line 42", "`price`", "inf"]);
}

#[test]
fn numbers_too_large_for_the_network() {
    let place = Place::new();
    place.write("t.csv", make::prices(40) + "1e300,2,3\n-1e300,4,5\n1e308,1,2\n-1e308,1,2\n");
    let run = place.run(&["train", "t.csv", "--epochs", "2", "--out", "run"]);
    // Either it trains to finite numbers, or it names the column; it never saves a broken model.
    match run.code {
        Some(0) => assert!(!run.out.contains("NaN") && !run.out.contains("inf"), "{run}"),
        _ => run.said(1, &["`a`"]),
    }
}

#[test]
fn other_text_than_a_table() {
    let place = Place::new();
    place.write("t.csv", b"a,b\n1,caf\xe9\n2,x\n");
    place.check(&["train", "t.csv"], 1, &["t.csv", "line 2", "UTF-8", "iconv"]);
    place.write("t.csv", b"\xff\xfea\0,\0b\0\n\0");
    place.check(&["train", "t.csv"], 1, &["t.csv", "UTF-16"]);
    place.write("t.csv", make::png(4, 4, [1, 2, 3], 0));
    place.check(&["train", "t.csv"], 1, &["t.csv", "picture"]);
    place.write("t.csv", b"PK\x03\x04rest");
    place.check(&["train", "t.csv"], 1, &["t.csv", "zip"]);
}

#[test]
fn words_in_a_column_of_numbers_at_prediction() {
    let place = Place::new();
    place.write("t.csv", make::table(60));
    place.good(&["train", "t.csv", "--epochs", "2", "--out", "run"]);
    place.write("new.csv", "length,width,colour,wild\n1,2,red,true\n3,wide,red,true\n");
    let said = ["new.csv", "line 3", "`width`", "`wide`", "not a number"];
    place.check(&["predict", "run", "new.csv"], 1, &said);
    place.write("new.csv", "length,width,colour,wild,kind\n1,2,red,true,big\n3,1,red,true,huge\n");
    place.check(&["evaluate", "run", "new.csv"], 1, &["new.csv", "row 2", "`huge`", "big"]);
    place.write("new.csv", "length,width,colour,wild\n1,inf,red,true\n");
    place.check(&["predict", "run", "new.csv"], 1, &["new.csv", "line 2", "`width`", "inf"]);
}

#[test]
fn columns_in_another_order_or_lacking() {
    let place = Place::new();
    place.write("t.csv", make::table(60));
    place.good(&["train", "t.csv", "--epochs", "5", "--out", "run"]);
    let rows = make::table(60);
    let mut turned = String::new();
    let mut lacking = String::new();
    for line in rows.lines() {
        let cells: Vec<&str> = line.split(',').collect();
        turned += &format!("{},more,{},{},{}\n", cells[3], cells[0], cells[2], cells[1]);
        lacking += &format!("{},{},{}\n", cells[0], cells[2], cells[3]);
    }
    place.write("turned.csv", turned);
    place.write("lacking.csv", lacking.replace("length", "lenght"));
    let answers = |file: &str| {
        let cut = |l: &str| l.split_once('\t').map(|(_, answer)| answer.to_string());
        place.good(&["predict", "run", file]).out.lines().filter_map(cut).collect::<Vec<_>>()
    };
    assert_eq!(answers("turned.csv"), answers("t.csv"), "the order of columns does not matter");
    let said = ["lacking.csv", "length", "width", "lenght"];
    place.check(&["predict", "run", "lacking.csv"], 1, &said);
    place.check(&["evaluate", "run", "turned.csv"], 1, &["turned.csv", "`kind`"]);
}

#[test]
fn idx_files_with_lying_dimensions() {
    let place = Place::new();
    let images = "mnist/train-images-idx3-ubyte";
    let labels = "mnist/train-labels-idx1-ubyte";
    let cases: [(&[u32], usize, &[&str]); 5] = [
        (&[100, 4, 4], 480, &["1616", "496"]),
        (&[10, 4, 4], 480, &["176", "496"]),
        (&[u32::MAX, u32::MAX, u32::MAX], 480, &["4294967295"]),
        (&[65_535, 65_535, 1], 480, &["65535"]),
        (&[0, 4, 4], 0, &["no examples"]),
    ];
    for (dims, bytes, fragments) in cases {
        make::idx_folder(&place, "mnist", 30, 10);
        place.write(images, make::idx(dims, &vec![1; bytes]));
        place.check(&["train", "mnist"], 1, &[&[images, "byte"], fragments].concat());
    }
    make::idx_folder(&place, "mnist", 30, 10);
    place.write(labels, make::idx(&[29], &[1; 29]));
    place.check(&["train", "mnist"], 1, &[labels, "29", "30"]);
    std::fs::remove_file(place.path(labels)).expect("removed");
    place.check(&["train", "mnist"], 1, &[images, "no labels file"]);
    place.write(labels, b"\0\0\x08");
    place.check(&["train", "mnist"], 1, &[labels]);
}
