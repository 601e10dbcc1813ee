//! Scalings of numbers and principal components against scikit-learn and NumPy. The values are from
//! `tests/golden/preprocessing.py`.

use mlp_data::csv;
use mlp_data::{
    Dataset, Examples, Keep, Numbers, OpenOptions, Part, Pca, Pipeline, Plan, Split, Target,
};
use mlp_tensor::Exec;
use std::fmt::Write;
use std::path::Path;

const TRAIN: usize = 60;
const NEW: usize = 90;

fn value(row: usize) -> f64 {
    let v = (((row * row * 7 + row * 3) % 23) as f64 - 7.0) / 4.0;
    if row % 11 == 5 { v * 64.0 } else { v }
}

fn steps(row: usize) -> f64 {
    (row % 8).saturating_sub(6) as f64 * 2.5 - 1.0
}

fn many(row: usize) -> f64 {
    ((row * 7919) % 2503) as f64 / 8.0
}

fn table(row: usize) -> Vec<f64> {
    let wide = many(row) - 8.0 * value(row);
    vec![value(row), steps(row), many(row), value(row + 3) + steps(row), wide]
}

/// The line of that name.
fn golden(name: &str) -> Vec<f64> {
    let text = include_str!("../../../tests/golden/preprocessing.txt");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap().split(' ').map(|v| v.parse().unwrap()).collect()
}

/// Rows of numbers `a`, `b`, … with a target, read as a file is.
fn data(rows: impl Iterator<Item = Vec<f64>>) -> Dataset {
    let mut text = String::new();
    for (i, row) in rows.enumerate() {
        if i == 0 {
            (0..row.len()).for_each(|c| write!(text, "{},", (b'a' + c as u8) as char).unwrap());
            text.push_str("y\n");
        }
        row.iter().for_each(|v| write!(text, "{v},").unwrap());
        writeln!(text, "{}", ["p", "q"][i % 2]).unwrap();
    }
    csv::from_bytes(&Exec::serial(), Path::new("t.csv"), text.as_bytes(), &OpenOptions::default())
        .unwrap()
}

fn fit(plan: &Plan, data: &Dataset) -> Pipeline {
    let pipeline = plan.fit_dataset(data, &Split { parts: vec![Part::Train; data.len()] }).unwrap();
    pipeline.check().unwrap();
    pipeline
}

fn encode(pipeline: &Pipeline, data: &Dataset) -> Vec<f32> {
    let encoded = pipeline.encode(&data.table, &Target::None).unwrap();
    let rows: Vec<usize> = (0..encoded.len()).collect();
    encoded.all_inputs(&Exec::serial(), &rows).unwrap()
}

fn assert_near(name: &str, found: &[f32], tolerance: f64) {
    let expected = golden(name);
    assert_eq!(found.len(), expected.len(), "{name}");
    for (i, (y, t)) in found.iter().zip(&expected).enumerate() {
        let error = (f64::from(*y) - t).abs();
        assert!(error <= tolerance * t.abs().max(1.0), "{name}, value {i}: {y} against {t}");
    }
}

#[test]
fn scalings_are_those_of_scikit_learn() {
    let all = [Numbers::MinMax, Numbers::Robust, Numbers::QuantileNormal, Numbers::Log1p];
    for (name, column) in [("value", value as fn(usize) -> f64), ("steps", steps)] {
        let train = data((0..TRAIN).map(|row| vec![column(row)]));
        let new = data((0..NEW).map(|row| vec![column(row) * 1.25 + 0.125]));
        for numbers in all {
            let pipeline = fit(&Plan { numbers, ..Plan::default() }, &train);
            let name = format!("{name} {}", numbers.name());
            assert_near(&name, &encode(&pipeline, &new), 1e-7);
        }
    }
}

#[test]
fn a_thousand_quantiles_stand_for_more_rows() {
    let train = data((0..2400).map(|row| vec![many(row)]));
    let new = data((0..NEW).map(|row| vec![many(row) * 1.0625 - 3.0]));
    let plan = Plan { numbers: Numbers::QuantileNormal, ..Plan::default() };
    assert_near("many quantile-normal", &encode(&fit(&plan, &train), &new), 1e-7);
}

fn pca(keep: Keep, whiten: bool) -> Plan {
    Plan { pca: Some(Pca { keep, whiten }), ..Plan::default() }
}

#[test]
fn components_are_those_of_scikit_learn() {
    let (train, new) = (data((0..TRAIN).map(table)), data((TRAIN..NEW).map(table)));
    for (name, whiten) in [("pca plain", false), ("pca whitened", true)] {
        let pipeline = fit(&pca(Keep::Count(3), whiten), &train);
        assert_near(name, &encode(&pipeline, &new), 1e-6);
        let shares: Vec<f32> =
            pipeline.projection.unwrap().explained.iter().map(|v| *v as f32).collect();
        assert_near("pca explained", &shares, 1e-7);
    }
    let kept = golden("pca kept");
    for (share, kept) in [0.3, 0.6, 0.9, 0.99].into_iter().zip(kept) {
        let pipeline = fit(&pca(Keep::Share(share), false), &train);
        assert_eq!(pipeline.width() as f64, kept, "{share}");
        assert_eq!(pipeline.input_names().len(), pipeline.width());
    }
}

#[test]
fn whitened_training_rows_have_unit_variance_and_no_correlation() {
    let train = data((0..TRAIN).map(table));
    // The fifth column is made of two others, so there are four components.
    let pipeline = fit(&pca(Keep::Count(5), true), &train);
    assert_eq!(pipeline.width(), 4);
    let x = encode(&pipeline, &train);
    let column = |c: usize| x.iter().skip(c).step_by(4).map(|v| f64::from(*v));
    for a in 0..4 {
        assert!(column(a).sum::<f64>().abs() < 1e-4);
        for b in 0..4 {
            let product: f64 = column(a).zip(column(b)).map(|(a, b)| a * b).sum();
            let expected = if a == b { 1.0 } else { 0.0 };
            assert!((product / (TRAIN - 1) as f64 - expected).abs() < 1e-4, "{a} {b}");
        }
    }
}

#[test]
fn nothing_but_training_rows_shapes_scalings_and_components() {
    let rows = |wild: f64| {
        data((0..TRAIN).map(move |row| {
            let factor = if row < 40 { 1.0 } else { wild };
            table(row).into_iter().map(|v| v * factor).collect()
        }))
    };
    let parts = (0..TRAIN).map(|row| if row < 40 { Part::Train } else { Part::Test }).collect();
    let split = Split { parts };
    for numbers in [Numbers::MinMax, Numbers::Robust, Numbers::QuantileNormal, Numbers::Log1p] {
        let plan = Plan { numbers, ..pca(Keep::Count(3), true) };
        let pipeline = |wild| plan.fit_dataset(&rows(wild), &split).unwrap();
        assert_eq!(pipeline(1.0), pipeline(-1000.0));
    }
}

#[test]
fn a_column_may_be_scaled_in_its_own_way() {
    let train = data((0..TRAIN).map(table));
    let numbers_of = vec![("b".to_string(), Numbers::None)];
    let pipeline = fit(&Plan { numbers_of, ..Plan::default() }, &train);
    let x = encode(&pipeline, &train);
    let usual = encode(&fit(&Plan::default(), &train), &train);
    for (row, (x, usual)) in x.chunks_exact(5).zip(usual.chunks_exact(5)).enumerate() {
        assert_eq!(x[1], steps(row) as f32);
        assert_eq!((x[0], &x[2..]), (usual[0], &usual[2..]));
    }
    for (column, says) in [("bb", "nearest: `b`"), ("y", "no column `y`")] {
        let plan = Plan { numbers_of: vec![(column.into(), Numbers::None)], ..Plan::default() };
        let split = Split { parts: vec![Part::Train; TRAIN] };
        let message = plan.fit_dataset(&train, &split).unwrap_err().to_string();
        assert!(message.contains(says), "{message}");
    }
}

#[test]
fn missing_numbers_are_the_median_in_every_scaling() {
    let text = "a,y\n1,p\n?,q\n4,p\n100,q\n7,p\n";
    let data = csv::from_bytes(
        &Exec::serial(),
        Path::new("t.csv"),
        text.as_bytes(),
        &OpenOptions::default(),
    );
    let data = data.unwrap();
    for numbers in [Numbers::MinMax, Numbers::Robust, Numbers::QuantileNormal, Numbers::Log1p] {
        let pipeline = fit(&Plan { numbers, ..Plan::default() }, &data);
        assert_eq!(pipeline.input_names(), ["a", "a is missing"]);
        let x = encode(&pipeline, &data);
        let middle = csv::from_bytes(
            &Exec::serial(),
            Path::new("t.csv"),
            b"a\n5.5\n",
            &pipeline.open_options(),
        );
        assert_eq!((x[2], x[3]), (encode(&pipeline, &middle.unwrap())[0], 1.0));
        assert_eq!(x[1], 0.0);
    }
}

#[test]
fn more_components_than_inputs_are_refused() {
    let train = data((0..TRAIN).map(table));
    let split = Split { parts: vec![Part::Train; TRAIN] };
    let message = pca(Keep::Count(6), false).fit_dataset(&train, &split).unwrap_err().to_string();
    assert!(message.contains("5 inputs"), "{message}");
}
