//! Laws of splitting, and one split pinned by its hash.

use super::*;
use crate::{Names, Schema};
use proptest::prelude::*;
use std::path::Path;

pub(super) fn classes(codes: Vec<u32>, labels: usize) -> Dataset {
    let rows = codes.len();
    Dataset {
        name: "t".into(),
        table: Table { schema: Schema::default(), columns: Vec::new(), rows },
        target: Target::Classes {
            name: "y".into(),
            labels: (0..labels).map(|l| l.to_string()).collect(),
            codes,
        },
        weights: None,
        columns: Vec::new(),
        names: Names::Numbered { first: 1, count: rows },
        parts: vec![None; rows],
        picture: None,
        skipped: Vec::new(),
        notes: Vec::new(),
    }
}

fn count(split: &Split, part: Part) -> usize {
    split.rows(part).len()
}

proptest! {
    #[test]
    fn parts_are_stratified_and_complete(
        codes in prop::collection::vec(0u32..4, 2..300),
        validation in 0.0..0.45f64,
        test in 0.0..0.45f64,
        seed: u64,
    ) {
        let data = classes(codes.clone(), 4);
        prop_assume!(codes.iter().any(|c| *c != codes[0]));
        let split = Split::new(&data, validation, test, seed).unwrap();
        prop_assert_eq!(&split, &Split::new(&data, validation, test, seed).unwrap());
        for class in 0..4 {
            let rows: Vec<usize> = (0..codes.len()).filter(|&r| codes[r] == class).collect();
            let of = |part| rows.iter().filter(|&&r| split.parts[r] == part).count();
            prop_assert!(rows.is_empty() || of(Part::Train) > 0);
            for (part, fraction) in [(Part::Validation, validation), (Part::Test, test)] {
                let expected = rows.len() as f64 * fraction;
                let got = of(part) as f64;
                prop_assert!((got - expected).abs() < 2.5, "{} for {}", got, expected);
            }
        }
    }

    #[test]
    fn a_saved_split_is_read_back(
        names in prop::collection::vec("[ -~]{0,12}", 2..20),
        seed: u64,
    ) {
        let mut data = classes((0..names.len() as u32).map(|i| i % 2).collect(), 2);
        data.names = Names::Paths(names);
        let split = Split::new(&data, 0.3, 0.2, seed).unwrap();
        let text = split.to_csv(&data);
        prop_assert_eq!(Split::from_csv(Path::new("s"), &text, &data).unwrap(), split);
    }
}

#[test]
fn numbers_are_stratified_by_quantile() {
    let mut data = classes(vec![0; 1000], 1);
    let values: Vec<f64> = (0..1000).map(|i| f64::from(i * 7919 % 1000)).collect();
    data.target = Target::Numbers { name: "y".into(), values: values.clone() };
    let split = Split::new(&data, 0.1, 0.2, 3).unwrap();
    assert_eq!((count(&split, Part::Validation), count(&split, Part::Test)), (100, 200));
    let low = split.rows(Part::Test).iter().filter(|&&r| values[r] < 100.0).count();
    assert_eq!(low, 20);
}

#[test]
fn fixed_parts_stay_and_are_not_drawn_again() {
    let mut data = classes((0..100).map(|i| i % 2).collect(), 2);
    data.parts[..20].fill(Some(Part::Test));
    let split = Split::new(&data, 0.25, 0.5, 1).unwrap();
    assert_eq!(split.rows(Part::Test), (0..20).collect::<Vec<_>>());
    assert_eq!(count(&split, Part::Validation), 20);
}

#[test]
fn the_seed_decides() {
    let data = classes((0..200).map(|i| i % 3).collect(), 3);
    let of = |seed| Split::new(&data, 0.1, 0.1, seed).unwrap();
    assert_eq!(of(7), of(7));
    assert_ne!(of(7), of(8));
}

#[test]
fn the_split_of_iris_is_this_one() {
    // Pins grouping, shuffle and drawing: a change would silently alter every user's split.
    let data = crate::embedded::load("iris").unwrap().unwrap();
    let split = Split::new(&data, 0.1, 0.2, 42).unwrap();
    assert_eq!((count(&split, Part::Validation), count(&split, Part::Test)), (15, 30));
    let expected = [1, 25, 33, 40, 41, 53, 54, 56, 60, 67, 111, 119, 126, 137, 141];
    assert_eq!(split.rows(Part::Validation), expected);
}

#[test]
fn what_cannot_be_split_is_refused() {
    let two = classes(vec![0, 1, 0, 1], 2);
    let refused = |data: &Dataset, v, t| Split::new(data, v, t, 0).unwrap_err().to_string();
    assert!(refused(&two, 1.0, 0.0).contains("validation fraction is 1"));
    assert!(refused(&two, f64::NAN, 0.0).contains("validation fraction is NaN"));
    assert!(refused(&two, 0.5, 0.5).contains("leave no rows to train on"));
    assert!(refused(&classes(vec![1; 9], 2), 0.1, 0.1).contains("of one class, `1`"));
    assert!(refused(&classes(vec![], 2), 0.1, 0.1).contains("holds no rows"));
    let mut fixed = classes(vec![0, 1], 2);
    fixed.parts.fill(Some(Part::Test));
    assert!(refused(&fixed, 0.1, 0.1).contains("leave none to train on"));
}

#[test]
fn a_class_missing_from_validation_is_said() {
    let mut codes = vec![0; 40];
    codes[7] = 1;
    let data = classes(codes, 2);
    let split = Split::new(&data, 0.2, 0.2, 1).unwrap();
    assert_eq!(split.parts[7], Part::Train);
    let warnings = split.warnings(&data);
    assert_eq!(Split { parts: vec![Part::Train; 40] }.warnings(&data), [""; 0]);
    assert_eq!(warnings.len(), 2);
    assert!(warnings[0].starts_with("no validation example of `1`"), "{warnings:?}");
}

#[test]
fn a_split_of_other_data_is_refused() {
    let data = classes(vec![0, 1, 0], 2);
    let read = |text: &str| {
        Split::from_csv(Path::new("split.csv"), text, &data).map_err(|e| e.to_string())
    };
    assert!(read("row,part\nrow 1,train\nrow 2,test\nrow 3,validation\n").is_ok());
    let fail = |text: &str| read(text).unwrap_err();
    assert!(fail("row,part\nrow 1,train\n").contains("1 rows where the data have 3"));
    assert!(fail("row,part\nrow 2,train\n").contains("line 2: `row 2` is not the row"));
    assert!(fail("row,part\nrow 1,trian\n").contains("part `trian`"));
}
