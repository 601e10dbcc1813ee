//! Laws of splitting by groups, by time and into folds.

use super::tests::classes;
use super::*;
use crate::{Column, Field, Kind, Names, Schema};
use proptest::prelude::*;
use std::path::Path;

/// Rows of four classes with a column `g` of groups and a column `t` of times.
fn data(rows: &[(u32, u32, u32)]) -> Dataset {
    let mut data = classes(rows.iter().map(|r| r.0).collect(), 4);
    let number = |name: &str| Field { name: name.into(), kind: Kind::Number };
    data.table.schema = Schema { fields: vec![number("g"), number("t")] };
    let group = rows.iter().map(|r| f64::from(r.1)).collect::<Vec<_>>();
    let time = rows.iter().map(|r| f64::from(r.2)).collect::<Vec<_>>();
    data.table.columns = vec![Column::Number(group.into()), Column::Number(time.into())];
    data
}

fn rows(count: std::ops::Range<usize>, groups: u32) -> impl Strategy<Value = Vec<(u32, u32, u32)>> {
    prop::collection::vec((0u32..4, 0..groups, 0u32..50), count)
        .prop_filter("two classes", |rows| rows.iter().any(|r| r.0 != rows[0].0))
}

fn largest_group(groups: &Groups) -> usize {
    let size = |g: u32| groups.codes().iter().filter(|c| **c == g).count();
    (0..groups.len() as u32).map(size).max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn groups_stay_together_and_shares_are_near(
        rows in rows(8..200, 40),
        validation in 0.0..0.4f64,
        test in 0.0..0.4f64,
        seed: u64,
    ) {
        let data = data(&rows);
        let groups = Groups::of_column(&data, "g").unwrap();
        prop_assume!(groups.len() >= 3);
        let split = Split::grouped(&data, &groups, validation, test, seed).unwrap();
        prop_assert_eq!(&split, &Split::grouped(&data, &groups, validation, test, seed).unwrap());
        prop_assert_eq!(split.parts.len(), rows.len());
        for (a, b) in (0..rows.len()).zip(1..rows.len()) {
            let same = (0..rows.len()).find(|&r| rows[r].1 == rows[a].1).unwrap();
            prop_assert_eq!(split.parts[a], split.parts[same]);
            prop_assert!(rows[a].1 != rows[b].1 || split.parts[a] == split.parts[b]);
        }
        let largest = largest_group(&groups) as f64;
        let train = 1.0 - validation - test;
        for (part, share) in
            [(Part::Train, train), (Part::Validation, validation), (Part::Test, test)]
        {
            let (got, due) = (split.rows(part).len() as f64, share * rows.len() as f64);
            prop_assert!(got <= due + largest, "{:?}: {} for {}", part, got, due);
            prop_assert!(got >= due - 2.0 * largest, "{:?}: {} for {}", part, got, due);
            prop_assert!((got > 0.0) == (share > 0.0), "{:?}: {} for {}", part, got, due);
        }
    }

    #[test]
    fn folds_partition_the_rows(
        rows in rows(12..150, 30),
        count in 2u32..8,
        grouped: bool,
        validation in 0.0..0.3f64,
        seed: u64,
    ) {
        let data = data(&rows);
        let groups = grouped.then(|| Groups::of_column(&data, "g").unwrap());
        prop_assume!(groups.as_ref().is_none_or(|g| g.len() > count as usize));
        let folds = Folds::new(&data, count, groups.as_ref(), seed).unwrap();
        let text = folds.to_csv(&data);
        let read = Saved::from_csv(Path::new("f"), &text, &data).unwrap();
        prop_assert_eq!(read, Saved::Folds(folds.clone()));
        let mut tested = vec![0; rows.len()];
        for fold in 1..=count {
            let split = folds.split(&data, fold, validation, seed).unwrap();
            for row in split.rows(Part::Test) {
                tested[row] += 1;
            }
            prop_assert!(!split.rows(Part::Train).is_empty());
            if let Some(groups) = &groups {
                for g in 0..groups.len() as u32 {
                    let mut of = groups.codes().iter().zip(&split.parts).filter(|(c, _)| **c == g);
                    let first = of.next().unwrap().1;
                    prop_assert!(of.all(|(_, part)| part == first));
                }
            } else {
                let due = rows.len() as f64 / f64::from(count);
                prop_assert!((split.rows(Part::Test).len() as f64 - due).abs() < 1.0);
                for class in 0..4 {
                    let of = |r: &&usize| rows[**r].0 == class;
                    let all = rows.iter().filter(|r| r.0 == class).count() as f64;
                    let got = split.rows(Part::Test).iter().filter(of).count() as f64;
                    prop_assert!((got - all / f64::from(count)).abs() < 2.0);
                }
            }
        }
        prop_assert!(tested.iter().all(|n| *n == 1));
    }

    #[test]
    fn time_order_holds(
        rows in rows(20..200, 3),
        validation in 0.0..0.4f64,
        test in 0.0..0.4f64,
    ) {
        let data = data(&rows);
        let Ok(split) = Split::by_time(&data, "t", validation, test) else {
            // Only where there are too few times.
            let mut times: Vec<u32> = rows.iter().map(|r| r.2).collect();
            times.sort();
            times.dedup();
            prop_assert!(times.len() < 4, "{:?}", times);
            return Ok(());
        };
        let times = |part| split.rows(part).into_iter().map(|r| rows[r].2).collect::<Vec<_>>();
        let all = [Part::Train, Part::Validation, Part::Test].map(times);
        let parts: Vec<&Vec<u32>> = all.iter().filter(|times| !times.is_empty()).collect();
        for pair in parts.windows(2) {
            prop_assert!(pair[0].iter().max() < pair[1].iter().min());
        }
        prop_assert_eq!(all.iter().map(Vec::len).sum::<usize>(), rows.len());
        prop_assert_eq!(all[2].is_empty(), test == 0.0);
        let most = (0..50).map(|t| rows.iter().filter(|r| r.2 == t).count()).max().unwrap();
        let due = test * rows.len() as f64;
        prop_assert!((all[2].len() as f64 - due).abs() <= most as f64 + 1.0);
    }
}

#[test]
fn groups_follow_the_classes() {
    // 60 groups of 10 rows, two thirds of them of class 0.
    let rows: Vec<(u32, u32, u32)> =
        (0..600).map(|i| (u32::from(i / 10 % 3 == 0), i / 10, 0)).collect();
    let data = data(&rows);
    let groups = Groups::of_column(&data, "g").unwrap();
    for seed in 0..20 {
        let split = Split::grouped(&data, &groups, 0.1, 0.2, seed).unwrap();
        let ones = |part| split.rows(part).iter().filter(|&&r| rows[r].0 == 1).count();
        assert_eq!([Part::Train, Part::Validation, Part::Test].map(ones), [140, 20, 40]);
    }
}

#[test]
fn groups_whose_part_is_fixed_stay_whole() {
    let rows: Vec<(u32, u32, u32)> = (0..40).map(|i| (i % 2, i / 4, 0)).collect();
    let mut data = data(&rows);
    let groups = Groups::of_column(&data, "g").unwrap();
    data.parts[5] = Some(Part::Test);
    let split = Split::grouped(&data, &groups, 0.2, 0.5, 1).unwrap();
    assert_eq!(split.rows(Part::Test), [4, 5, 6, 7], "the source has a test part already");
    data.parts[6] = Some(Part::Train);
    let error = Split::grouped(&data, &groups, 0.2, 0.5, 1).unwrap_err().to_string();
    assert!(error.contains("cannot stay together"), "{error}");
}

#[test]
fn what_makes_no_groups_is_refused() {
    let mut data = data(&[(0, 1, 1), (1, 1, 2), (0, 1, 3), (1, 1, 4)]);
    let groups = Groups::of_column(&data, "g").unwrap();
    let error = Split::grouped(&data, &groups, 0.0, 0.2, 1).unwrap_err().to_string();
    assert!(error.contains("column `g` makes 1 group where 2 parts"), "{error}");
    assert_eq!(Split::grouped(&data, &groups, 0.0, 0.0, 1).unwrap().parts, [Part::Train; 4]);
    let error = Groups::of_column(&data, "gg").unwrap_err().to_string();
    assert!(error.contains("`gg`") && error.contains("nearest: `g`"), "{error}");
    assert!(Groups::of_names(&data, "x").unwrap_err().to_string().contains("have none"));
    data.names = Names::Paths(["a1", "a2", "b1", "b2"].map(String::from).to_vec());
    let groups = Groups::of_names(&data, "^([a-z])").unwrap();
    assert_eq!(groups.codes(), [0, 0, 1, 1]);
    assert!(Groups::of_names(&data, "^a").unwrap_err().to_string().contains("`b1`"));
    assert!(Groups::of_names(&data, "(").unwrap_err().to_string().contains("not valid"));
    let error = Folds::new(&data, 3, Some(&groups), 1).unwrap_err().to_string();
    assert!(error.contains("3 folds of 2 groups"), "{error}");
    assert!(Folds::new(&data, 1, None, 1).is_err());
    let folds = Folds::new(&data, 2, None, 1).unwrap();
    assert!(folds.split(&data, 3, 0.0, 1).unwrap_err().to_string().contains("1 to 2"));
    assert!(folds.split(&data, 0, 0.0, 1).is_err());
}

#[test]
fn dates_are_put_in_order_and_others_refused() {
    let mut data = data(&[(0, 0, 0), (1, 0, 0), (0, 0, 0), (1, 0, 0)]);
    let words = |words: [&str; 4]| Column::Category {
        levels: words.map(String::from).to_vec(),
        codes: vec![0, 1, 2, 3].into(),
    };
    data.table.columns[1] =
        words(["2024/03/05", "05.02.2023", "2024-01-01 09:00+02", "2024-03-06"]);
    let split = Split::by_time(&data, "t", 0.0, 0.25).unwrap();
    assert_eq!(split.rows(Part::Test), [3]);
    data.table.columns[1] = words(["2024-03-05", "05/03/2024", "2024-01-01", "2024-03-06"]);
    let error = Split::by_time(&data, "t", 0.0, 0.25).unwrap_err().to_string();
    assert!(error.starts_with("row 2: `05/03/2024`"), "{error}");
    data.table.columns[1] = Column::Number(vec![1.0, f64::NAN, 3.0, 4.0].into());
    let error = Split::by_time(&data, "t", 0.0, 0.25).unwrap_err().to_string();
    assert!(error.starts_with("row 2: column `t` is missing"), "{error}");
    data.table.columns[1] = Column::Number(vec![1.0; 4].into());
    let error = Split::by_time(&data, "t", 0.0, 0.25).unwrap_err().to_string();
    assert!(error.contains("1 different times"), "{error}");
}

#[test]
fn files_that_are_no_folds_are_refused() {
    let data = data(&[(0, 1, 1), (1, 1, 2), (0, 1, 3)]);
    let read = |text: &str| Saved::from_csv(Path::new("s.csv"), text, &data);
    let fail = |text: &str| read(text).unwrap_err().to_string();
    assert!(read("row,fold\nrow 1,1\nrow 2,2\nrow 3,1\n").is_ok());
    assert!(fail("row,fold\nrow 1,0\n").contains("line 2: fold `0`"));
    assert!(fail("row,fold\nrow 1,4\n").contains("line 2: fold `4`"));
    assert!(fail("row,fold,group\nrow 1,1,x\n").contains("group `x`"));
    assert!(fail("row,fold\nrow 1,1\n").contains("1 rows where the data have 3"));
    assert!(fail("a,b\n").contains("line 1: `a,b`"));
    assert!(fail("").contains("line 1"));
}

#[test]
fn a_column_that_is_no_input_is_named_as_what_it_is() {
    let options = crate::OpenOptions {
        weight: Some("w".into()),
        types: vec![("site".into(), crate::ColumnType::Ignore)],
        ..Default::default()
    };
    let text = "a,w,site,y\n1,2,n,p\n2,1,s,q\n";
    let data = crate::csv::from_text("t.csv", text, &options).unwrap();
    for (name, says) in
        [("w", "it is the column of weights"), ("site", "it is ignored"), ("y", "it is the target")]
    {
        let error = Groups::of_column(&data, name).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
