//! Predictions in the target's own terms: probabilities, classes, numbers with the scaling undone.
#![allow(clippy::disallowed_methods, reason = "oracles may use what std has")]

use crate::common;

use common::executors;
use common::models::{classes, encode, golden, golden_table, linear, numbers, table};
use mlp_model::data::TargetCoding;
use mlp_model::tensor::Exec;
use mlp_model::{ModelError, Prediction, Task};
use proptest::prelude::*;

fn class(prediction: &Prediction) -> (usize, &[f64]) {
    match prediction {
        Prediction::Class { index, probabilities } => (*index, probabilities),
        other => panic!("{other:?} instead of a class"),
    }
}

#[test]
fn labels_have_a_probability_each() {
    let labels = ["p", "q", "r"].map(String::from).to_vec();
    let target = TargetCoding::Labels { name: "tags".into(), labels, separator: None };
    let pipeline = numbers(&["x"], target);
    let model = linear(pipeline, Task::Multilabel, vec![1.0, -1.0, 0.0, 0.0, -1.0, 0.0]);
    let rows = encode(&model, &table(&[("x", &[2.0, -1.0, 80.0])]));
    let answers = model.predict(&Exec::serial(), &rows, &[0, 1, 2]).unwrap();
    // One half is enough.
    assert_eq!(answers[0].named(), [0, 2]);
    assert_eq!(answers[1].named(), [1, 2]);
    let Prediction::Labels { probabilities, against } = &answers[2] else { panic!() };
    assert_eq!((probabilities[2], against[2]), (0.5, 0.5));
    assert!(probabilities[0] == 1.0 && against[0] > 0.0, "each from its own tail: {against:?}");
    assert!(probabilities[1] > 0.0 && against[1] == 1.0);
    assert_eq!(model.answer_f64(&[2.0, -3.0, 0.0]).named(), answers[0].named());
}

#[test]
fn two_classes_have_a_logistic_probability() {
    let model =
        linear(numbers(&["a", "b"], classes(&["no", "yes"])), Task::Binary, vec![2.0, -1.0, 0.5]);
    let rows = table(&[("b", &[0.0, 3.0, 0.5, -200.0]), ("a", &[1.0, 0.0, 0.0, 0.0])]);
    let answers = model.predict(&Exec::serial(), &encode(&model, &rows), &[0, 1, 2, 3]).unwrap();
    for (answer, (z, index)) in answers.iter().zip([(2.5f64, 1), (-2.5, 0), (0.0, 0), (200.5, 1)]) {
        let (chosen, p) = class(answer);
        assert_eq!(chosen, index, "of logit {z}; the first of equals at 0");
        assert!((p[1] - 1.0 / (1.0 + (-z).exp())).abs() < 1e-15);
        let first = 1.0 / (1.0 + z.exp());
        assert!(
            (p[0] - first).abs() <= 1e-14 * first,
            "{:e} not {first:e}: the tail is lost",
            p[0]
        );
    }
    assert_eq!(model.labels(), ["no", "yes"]);
}

proptest! {
    #[test]
    fn probabilities_add_up_and_the_largest_is_chosen(
        values in prop::collection::vec(-30.0f32..30.0, 15),
        x in prop::collection::vec(-9.0f64..9.0, 4),
    ) {
        let target = classes(&["a", "b", "c", "d", "e"]);
        let model = linear(numbers(&["u", "v"], target), Task::Multiclass, values.clone());
        let rows = table(&[("u", &x[..2]), ("v", &x[2..])]);
        let answers = model.predict(&Exec::serial(), &encode(&model, &rows), &[0, 1]).unwrap();
        for (row, answer) in answers.iter().enumerate() {
            let (index, p) = class(answer);
            prop_assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-6);
            prop_assert!(p.iter().all(|&q| (0.0..=1.0).contains(&q) && q <= p[index]));
            let value = |i: usize| f64::from(values[i]);
            let logit = |o: usize| value(10 + o) + value(o) * x[row] + value(5 + o) * x[2 + row];
            prop_assert!((0..5).all(|o| logit(o) <= logit(index) + 1e-4));
        }
    }
}

#[test]
fn numbers_come_back_in_the_unit_of_the_target() {
    let target = TargetCoding::Number { name: "price".into(), mean: 1000.0, deviation: 50.0 };
    let model = linear(numbers(&["x"], target), Task::Regression, vec![2.0, 0.5]);
    let rows = table(&[("x", &[1.0, -1.0, 0.25])]);
    let answers = model.predict(&Exec::serial(), &encode(&model, &rows), &[2, 0]).unwrap();
    assert_eq!(answers, [Prediction::Number(1050.0), Prediction::Number(1125.0)]);
    assert!(model.labels().is_empty());
}

#[test]
fn a_row_that_overflows_is_named() {
    let target = TargetCoding::Number { name: "y".into(), mean: 0.0, deviation: 1.0 };
    let model = linear(numbers(&["x"], target), Task::Regression, vec![f32::MAX, 0.0]);
    let rows = table(&[("x", &[0.5, 2.0])]);
    let encoded = encode(&model, &rows);
    assert!(model.predict(&Exec::serial(), &encoded, &[0]).is_ok());
    let error = model.predict(&Exec::serial(), &encoded, &[0, 1]).unwrap_err();
    assert!(error.to_string().starts_with("row 1 (counted from 0)"), "{error}");
}

#[test]
fn a_lacking_column_is_named() {
    let model = linear(numbers(&["x", "length"], classes(&["a", "b"])), Task::Binary, vec![0.0; 3]);
    let rows = table(&[("x", &[0.5])]);
    let error: ModelError =
        model.pipeline.encode(&rows, &mlp_model::data::Target::None).unwrap_err().into();
    assert!(error.to_string().contains("`length`"), "{error}");
}

#[test]
fn every_executor_and_any_order_give_the_same_answers() {
    let model = golden();
    let encoded = encode(&model, &golden_table());
    let first = model.predict(&Exec::serial(), &encoded, &[0, 1, 2]).unwrap();
    for exec in executors() {
        for (row, expected) in first.iter().enumerate() {
            let one = model.predict(&exec, &encoded, &[row]).unwrap();
            assert_eq!(&one[0], expected, "row {row} on {exec:?}");
        }
    }
}

#[test]
fn parts_that_do_not_fit_are_no_model() {
    let build = |labels: &[&str], task, inputs, outputs, values: Vec<f32>| {
        use mlp_model::{Model, NetworkSpec, TrainRecord, tensor::Activation};
        let network =
            NetworkSpec::mlp(inputs, &[], Activation::Identity, 0.0, outputs).build().unwrap();
        let pipeline = numbers(&["x"], classes(labels));
        Model::new(pipeline, network, values, task, TrainRecord::default()).map(|_| ())
    };
    let (two, three) = (["a", "b"], ["a", "b", "c"]);
    for (result, expected) in [
        (build(&two, Task::Binary, 2, 1, vec![0.0; 3]), "maps 2 inputs"),
        (build(&two, Task::Binary, 1, 2, vec![0.0; 4]), "to 2 outputs"),
        (build(&three, Task::Binary, 1, 1, vec![0.0; 2]), "binary does not suit"),
        (build(&two, Task::Regression, 1, 1, vec![0.0; 2]), "regression does not suit"),
        (build(&two, Task::Binary, 1, 1, vec![0.0; 3]), "3 values for 2"),
        (build(&two, Task::Binary, 1, 1, vec![0.0, f32::NAN]), "parameter 1 is not a finite"),
        (build(&two, Task::Binary, 1, 1, vec![f32::INFINITY, 0.0]), "parameter 0 is not a finite"),
    ] {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    build(&two, Task::Binary, 1, 1, vec![0.0; 2]).unwrap();
    build(&two, Task::Multiclass, 1, 2, vec![0.0; 4]).unwrap();
}
