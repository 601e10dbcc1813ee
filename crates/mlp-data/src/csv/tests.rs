//! Kinds, layouts and refusals, by table; laws by property.

use super::*;
use crate::{Column, Field, Kind, Schema, Target, TaskHint};
use proptest::prelude::*;

fn read(text: &str) -> Dataset {
    from_text("t.csv", text, &OpenOptions::default()).unwrap()
}

fn refused(text: &str, options: &OpenOptions) -> String {
    from_text("t.csv", text, options).unwrap_err().to_string()
}

/// Inputs of a model: numbers `a`, words `b`; target `y`.
fn model() -> OpenOptions {
    let field = |name: &str, kind| Field { name: name.into(), kind };
    OpenOptions {
        schema: Some(Schema { fields: vec![field("a", Kind::Number), field("b", Kind::Category)] }),
        target: Some("y".into()),
        target_optional: true,
        ..OpenOptions::default()
    }
}

#[test]
fn kinds_of_columns() {
    for (cells, kind) in [
        (["1", "-2.5", "1e3"], Kind::Number),
        (["1", "?", ""], Kind::Number),
        (["NA", "nan", "None"], Kind::Number),
        (["1", "x", "2"], Kind::Category),
        (["1,5", "2", "3"], Kind::Category),
        (["yes", "No", "YES"], Kind::Boolean),
        (["t", "F", "-"], Kind::Boolean),
        (["true", "no", "true"], Kind::Category),
        (["inf", "word", "1"], Kind::Category),
        (["0", "1", "0"], Kind::Number),
    ] {
        let mut text = String::from("c,y\n");
        cells.iter().for_each(|cell| text.push_str(&format!("\"{cell}\",1\n")));
        let data = read(&text);
        assert_eq!(data.table.schema.fields[0].kind, kind, "{cells:?}");
    }
}

#[test]
fn values_are_the_cells() {
    let data = read("\u{feff}a, b ,y\r\n1 , x ,p\r\n\r\n?,\"u, \"\"v\"\"\",q\r\n3,x,p");
    let Some(Column::Number(a)) = data.table.column("a") else { panic!() };
    assert!(a[0] == 1.0 && a[1].is_nan() && a[2] == 3.0);
    let words = vec!["x".to_string(), "u, \"v\"".to_string()];
    let expected = Column::Category { levels: words, codes: vec![0, 1, 0].into() };
    assert_eq!(data.table.column("b"), Some(&expected));
    let Target::Classes { name, labels, codes } = &data.target else { panic!() };
    assert_eq!((name.as_str(), labels.len(), codes.as_slice()), ("y", 2, &[0, 1, 0][..]));
    assert_eq!(data.row_name(1), "row 2");
}

#[test]
fn a_quote_may_follow_a_space() {
    let data = read("a, b, y\n1, \"u, v\", p\n2, \"w\", q\n");
    let levels = vec!["u, v".to_string(), "w".to_string()];
    let expected = Column::Category { levels, codes: vec![0, 1].into() };
    assert_eq!(data.table.column("b"), Some(&expected));
}

#[test]
fn booleans_are_merged_whatever_their_case() {
    let data = read("c,y\nYes,1\nno,2\nyes,1\nNO,2\n");
    let levels = vec!["Yes".to_string(), "no".to_string()];
    let expected = Column::Category { levels, codes: vec![0, 1, 0, 1].into() };
    assert_eq!(data.table.column("c"), Some(&expected));
}

#[test]
fn targets_are_found_and_read() {
    let named = |text: &str| match read(text).target {
        Target::Classes { name, labels, .. } => (name, labels.join(" ")),
        Target::Numbers { name, .. } => (name, "numbers".into()),
        Target::None | Target::Labels { .. } => panic!(),
    };
    for (text, name, labels) in [
        ("a,b\n1,x\n2,y\n", "b", "x y"),
        ("Class,b\nu,1\nv,2\n", "Class", "u v"),
        ("y,label\n1,2\n2,3\n", "label", "2 3"),
        ("a,b\n1,10\n2,9\n3,-1\n", "b", "-1 9 10"),
        ("a,b\n1,0.5\n2,1\n", "b", "numbers"),
        ("a,b\n1,none\n2,mild\n3,none\n", "b", "mild none"),
        ("1,2,3\n4,5,6\n", "column_3", "3 6"),
    ] {
        assert_eq!(named(text), (name.to_string(), labels.to_string()), "{text:?}");
    }
    let many: String = (0..21).map(|i| format!("x,{i}\n")).collect();
    assert_eq!(named(&format!("a,b\n{many}")).1, "numbers");
    let forced = OpenOptions { task: TaskHint::Classes, ..OpenOptions::default() };
    let data = from_text("t", "a,b\n1,0.5\n2,1\n", &forced).unwrap();
    assert!(matches!(data.target, Target::Classes { labels, .. } if labels == ["0.5", "1"]));
}

#[test]
fn rows_without_a_target_are_left_out_and_told() {
    let data = read("a,y\n1,p\n2,?\n3,q\n4,\n");
    assert_eq!((data.len(), data.row_name(1)), (2, "row 3".to_string()));
    let note = &data.notes[1];
    assert!(note.contains("2 of 4 rows lack the target `y`"), "{note}");
    assert!(note.contains("`row 2`, `row 4`"), "{note}");
}

#[test]
fn labels_of_a_test_file_may_end_in_a_full_stop() {
    let options = OpenOptions {
        class_labels: Some(vec!["<=50K".into(), ">50K".into()]),
        target: Some("y".into()),
        ..OpenOptions::default()
    };
    let data = from_text("t", "a,y\n1,>50K.\n2,<=50K.\n", &options).unwrap();
    assert!(matches!(data.target, Target::Classes { codes, .. } if codes == [1, 0]));
    assert!(data.notes.iter().any(|n| n.contains("full stop")), "{:?}", data.notes);
    let message = refused("a,y\n1,>50K\n2,60K\n", &options);
    assert!(message.contains("row 2: target `y` holds `60K`"), "{message}");
}

#[test]
fn a_model_finds_its_columns() {
    for (text, target) in [
        ("b,extra,a\nu,9,1\nv,8,2\n", false),
        ("y,b,a\np,u,1\nq,v,2\n", true),
        ("1,u\n2,v\n", false),
        ("1,u,p\n2,v,q\n", true),
        ("a;b\n1;u\n2;v\n", false),
    ] {
        let data = from_text("t", text, &model()).unwrap();
        assert_eq!(data.table.columns[0], Column::Number(vec![1.0, 2.0].into()), "{text:?}");
        assert_eq!(data.table.schema, model().schema.unwrap());
        assert_eq!(data.target != Target::None, target, "{text:?}");
    }
}

#[test]
fn a_model_of_a_file_without_header_reads_one() {
    let trained = read("1,u,p\n2,v,q\n");
    let options = OpenOptions { target_optional: true, ..trained.same_options() };
    for text in ["5,u\n6,w\n", "5,u,p\n6,w,p\n"] {
        let data = from_text("t", text, &options).unwrap();
        assert_eq!(data.table.columns[0], Column::Number(vec![5.0, 6.0].into()), "{text:?}");
    }
}

/// Fits all rows and opens `text` with what prediction would.
fn reopened(train: &str, text: &str) -> Result<Dataset, String> {
    let data = read(train);
    let split = crate::Split { parts: vec![crate::Part::Train; data.len()] };
    let pipeline = crate::Plan::default().fit_dataset(&data, &split).unwrap();
    pipeline.check().unwrap();
    assert!(!pipeline.dropped.is_empty(), "this test is of dropped columns");
    from_text("t", text, &pipeline.open_options()).map_err(|e| e.to_string())
}

#[test]
fn dropped_columns_do_not_shift_a_file_without_header() {
    let number = |n: f64| Column::Number(vec![n, n].into());
    // `id` numbers the rows and is dropped.
    let rows: String = (0..24).map(|i| format!("{i},{},{},{}\n", i % 7, i % 5, i % 2)).collect();
    let train = format!("id,a,b,y\n{rows}");
    for text in ["90,3,4\n91,3,4\n", "90,3,4,1\n91,3,4,0\n"] {
        let data = reopened(&train, text).unwrap();
        assert_eq!(data.table.columns, [number(3.0), number(4.0)], "{text:?}");
        assert_eq!(data.target != Target::None, text.contains(",1"), "{text:?}");
    }
    let message = reopened(&train, "3,4\n3,4\n").unwrap_err();
    let part = "2 columns without a header, where 4 are expected, or 3 without the target `y`: \
                `id`, `a`, `b`, `y`";
    assert!(message.contains(part), "{message}");
    // Trained without a header: the target in the first place, the last column constant.
    let rows: String = (0..24).map(|i| format!("w{},{},{},9\n", i % 2, i % 7, i % 5)).collect();
    let train = read(&rows).same_options().columns;
    assert_eq!(train, ["column_1", "column_2", "column_3", "column_4"]);
    let chosen = OpenOptions { target: Some("column_1".into()), ..OpenOptions::default() };
    let data = from_text("t", &rows, &chosen).unwrap();
    let split = crate::Split { parts: vec![crate::Part::Train; data.len()] };
    let pipeline = crate::Plan::default().fit_dataset(&data, &split).unwrap();
    for text in ["3,4,9\n3,4,9\n", "w1,3,4,9\nw0,3,4,9\n"] {
        let data = from_text("t", text, &pipeline.open_options()).unwrap();
        assert_eq!(data.table.columns, [number(3.0), number(4.0)], "{text:?}");
    }
    assert!(from_text("t", "3,4\n3,4\n", &pipeline.open_options()).is_err());
}

#[test]
fn what_is_wrong_is_named() {
    let plain = OpenOptions::default();
    let target = OpenOptions { target: Some("Surived".into()), ..OpenOptions::default() };
    let numbers = OpenOptions { task: TaskHint::Numbers, ..OpenOptions::default() };
    let strict = OpenOptions { target_optional: false, ..model() };
    for (text, options, part) in [
        ("", &plain, "t.csv: byte 0: the file is empty"),
        ("\n\n", &plain, "the file holds no rows"),
        ("a,b\n", &plain, "line 1: a header and no rows"),
        ("a,b\n1,2\n3\n", &plain, "line 3: 1 fields where the first line has 2"),
        ("a,b\n1,2\n3,4,5\n", &plain, "line 3: 3 fields"),
        ("a,b,a\n1,2,3\n", &plain, "columns 1 and 3 are both named `a`"),
        ("a,b\n1,2\ninf,3\n", &plain, "line 3, column `a`: `inf` is not a finite number"),
        ("a,b\n1,2\n1e999,3\n", &plain, "`1e999` is not a finite number"),
        ("a,Survived\n1,2\n", &target, "no column `Surived` to predict; nearest: `Survived`"),
        ("a,y\n1,?\n2,\n", &plain, "target `y` is missing in every row"),
        ("a,y\n1,2\n2,x\n", &numbers, "row 2: target `y` holds `x`, which is not a number"),
        ("a,b,y\n1,u,p\nx,v,q\n", &model(), "line 3 (row 2), column `a`: `x` is not a number"),
        ("a,b,y\n1,u,p\n-inf,v,q\n", &model(), "`-inf` is not a finite number"),
        (
            "b,A,y\nu,1,p\n",
            &model(),
            "lacks 1 of the 2 columns needed: `a`; nearest to `a` here: `A`",
        ),
        (
            "1,2,3,4\n5,6,7,8\n",
            &model(),
            "4 columns without a header, where 3 are expected, or 2 without the target `y`",
        ),
        ("a,b\n1,u\n2,v\n", &strict, "no column `y` to predict"),
        ("a\0b,c\n", &plain, "line 1 (byte 1): a zero byte"),
    ] {
        let message = refused(text, options);
        assert!(message.contains(part), "{text:?} gave {message:?}, not {part:?}");
    }
    let latin = from_bytes(&Exec::serial(), Path::new("t"), b"a,b\n1,caf\xE9\n", &plain)
        .unwrap_err()
        .to_string();
    assert!(latin.contains("line 2 (byte 9): not UTF-8") && latin.contains("iconv"), "{latin}");
    let wide = from_bytes(&Exec::serial(), Path::new("t"), b"\xFF\xFEa\0", &plain)
        .unwrap_err()
        .to_string();
    assert!(wide.contains("UTF-16"), "{wide}");
}

#[test]
fn a_seldom_word_among_numbers_is_a_slip_not_a_kind() {
    // Rows 7 and, if asked for, further ones hold a word; 300 rows, line = row + 1.
    let text = |rows: usize, words: usize, target: bool| {
        let mut text = String::from(if target { "b,a\n" } else { "a,b\n" });
        for i in 1..=rows {
            let a = if i >= 7 && i < 7 + words { format!("{i}x") } else { format!("{i}.5") };
            let b = ["u", "v"][i % 2];
            text += &(if target { format!("{b},{a}\n") } else { format!("{a},{b}\n") });
        }
        text
    };
    let plain = OpenOptions::default();
    let message = refused(&text(300, 1, false), &plain);
    let part = "t.csv: line 8, column `a`: `7x` is not a number, but the other 299 cells";
    assert!(message.contains(part), "{message}");
    assert!(refused(&text(300, 15, false), &plain).contains("(nor are 14 more cells)"));
    assert!(refused(&text(20, 1, false), &plain).contains("line 8, column `a`: `7x`"));
    for words_are_meant in [text(300, 16, false), text(19, 1, false)] {
        assert_eq!(read(&words_are_meant).table.schema.fields[0].kind, Kind::Category);
    }
    let message = refused(&text(300, 1, true), &plain);
    assert!(message.contains("line 8, column `a`: `7x`"), "{message}");
    assert!(message.contains("--task classification"), "{message}");
    // Too many words for slips: the target's message names the first all the same.
    let message = refused(&text(300, 60, true), &plain);
    assert!(message.contains("300 different values in 300 rows"), "{message}");
    assert!(message.contains("not `7x` of row 7: correct it"), "{message}");
    let nameless = OpenOptions { header: Some(false), ..OpenOptions::default() };
    let message = refused(&text(300, 0, false), &nameless);
    assert!(message.contains("line 1, column `column_1`: `a` is not a number"), "{message}");
    assert!(message.contains("say --header yes"), "{message}");
    // Classes that are asked for may be numbers and a word.
    let rows: String = (0..40).map(|i| if i == 9 { "1,x\n" } else { "2,3\n" }).collect();
    assert!(refused(&format!("b,a\n{rows}"), &plain).contains("`x` is not a number"));
    let classes = OpenOptions { task: TaskHint::Classes, ..OpenOptions::default() };
    let data = from_text("t", &format!("b,a\n{rows}"), &classes).unwrap();
    assert!(matches!(data.target, Target::Classes { labels, .. } if labels == ["3", "x"]));
}

#[test]
fn names_are_no_classes() {
    let rows: String = (0..60).map(|i| format!("{i},name{i}\n")).collect();
    let message = refused(&format!("a,b\n{rows}"), &OpenOptions::default());
    assert!(message.contains("60 different values in 60 rows, too many"), "{message}");
}

#[test]
fn chunks_join_without_a_seam() {
    let rows = (1 << 16) + 10;
    let text: String = (0..rows).map(|i| format!("{i},w{},{}\n", i / 40_000, i % 2)).collect();
    let data = read(&format!("a,b,y\n{text}"));
    assert_eq!(data.len(), rows);
    assert_eq!(data.names, crate::Names::Numbered { first: 1, count: rows });
    let Some(Column::Category { levels, codes }) = data.table.column("b") else { panic!() };
    assert_eq!(levels, &["w0", "w1"]);
    assert!(codes.iter().enumerate().all(|(i, c)| *c as usize == i / 40_000));
}

proptest! {
    #[test]
    fn any_bytes_give_a_table_or_an_error(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        optional: bool,
    ) {
        let options = OpenOptions { target_optional: optional, ..OpenOptions::default() };
        let _ = from_bytes(&Exec::serial(), Path::new("t"), &bytes, &options);
        let _ = from_bytes(&Exec::serial(), Path::new("t"), &bytes, &model());
    }

    #[test]
    fn any_likely_text_gives_a_table_or_an_error(
        text in "([-ab01.,;?\"\t ]{0,6}[,;\n]){0,30}",
        header in prop::option::of(any::<bool>()),
    ) {
        let options = OpenOptions { header, ..OpenOptions::default() };
        if let Ok(data) = from_text("t", &text, &options) {
            prop_assert!(!data.is_empty());
            prop_assert!(data.table.columns.iter().all(|c| c.len() == data.len()));
            prop_assert_eq!(data.parts.len(), data.len());
            prop_assert_eq!(data.names.len(), data.len());
        }
        let _ = from_text("t", &text, &model());
    }

    #[test]
    fn quoted_words_and_numbers_come_back(
        rows in prop::collection::vec((any::<i32>(), "[a-z\",;\n ]{0,8}"), 1..40),
    ) {
        let mut text = String::from("number;word;y\n");
        for (number, word) in &rows {
            text.push_str(&format!("{number};\"x{}\";1\n", word.replace('"', "\"\"")));
        }
        let options = OpenOptions { header: Some(true), ..OpenOptions::default() };
        let data = from_text("t", &text, &options).unwrap();
        let expected: Vec<f64> = rows.iter().map(|r| f64::from(r.0)).collect();
        prop_assert_eq!(data.table.column("number"), Some(&Column::Number(expected.into())));
        let Some(Column::Category { levels, codes }) = data.table.column("word") else { panic!() };
        for ((_, word), code) in rows.iter().zip(codes) {
            let expected = format!("x{word}");
            prop_assert_eq!(&levels[*code as usize], expected.trim());
        }
    }
}
