//! Explanations in the terms of the data, and examples that are alike.

use crate::common::models::{classes, encode, golden, golden_table, linear, numbers, table};
use mlp_model::data::{Examples, TargetCoding};
use mlp_model::explain::{Asked, Explainer, baseline, last_hidden, nearest};
use mlp_model::tensor::Exec;
use mlp_model::{Model, Prediction, Task};

fn row(model: &Model, encoded: &dyn Examples, row: usize) -> Vec<f64> {
    let mut batch = mlp_model::data::Batch::new();
    encoded.fill(&Exec::serial(), &[row], &mut batch).unwrap();
    assert_eq!(batch.x.len(), model.network.inputs());
    batch.x.iter().map(|&x| f64::from(x)).collect()
}

#[test]
fn numbers_are_explained_in_their_own_unit() {
    let target = TargetCoding::Number { name: "price".into(), mean: 1000.0, deviation: 50.0 };
    let model = linear(numbers(&["a", "b"], target), Task::Regression, vec![2.0, -1.0, 0.5]);
    let encoded = encode(&model, &table(&[("a", &[3.0]), ("b", &[4.0])]));
    let explanation = Explainer::new(&model).explain(&row(&model, &encoded, 0), Asked::Predicted);
    assert_eq!(explanation.class, None);
    assert_eq!((explanation.inputs.base, explanation.inputs.output), (1025.0, 1125.0));
    let columns: Vec<(&str, f64)> =
        explanation.columns.iter().map(|c| (c.name.as_str(), c.value)).collect();
    assert_eq!(columns, [("a", 300.0), ("b", -200.0)]);
    assert_eq!(explanation.pixels, None);
    let answers = model.predict(&Exec::serial(), &encoded, &[0]).unwrap();
    assert_eq!(answers, [Prediction::Number(1125.0)]);
}

#[test]
fn the_first_of_two_classes_is_the_second_turned_round() {
    let model = linear(numbers(&["a"], classes(&["no", "yes"])), Task::Binary, vec![2.0, -1.0]);
    let encoded = encode(&model, &table(&[("a", &[3.0])]));
    let (explainer, x) = (Explainer::new(&model), row(&model, &encoded, 0));
    let yes = explainer.explain(&x, Asked::Predicted);
    assert_eq!((yes.class, yes.inputs.output, yes.columns[0].value), (Some(1), 5.0, 6.0));
    let no = explainer.explain(&x, Asked::Class(0));
    assert_eq!((no.class, no.inputs.output, no.columns[0].value), (Some(0), -5.0, -6.0));
}

#[test]
fn inputs_of_a_column_add_up() {
    let model = golden();
    let encoded = encode(&model, &golden_table());
    let explainer = Explainer::new(&model);
    for i in 0..3 {
        let x = row(&model, &encoded, i);
        let explanation = explainer.explain(&x, Asked::Class(2));
        let names: Vec<&str> = explanation.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["age", "member", "colour"]);
        let ranges: Vec<_> = explanation.columns.iter().map(|c| c.inputs.clone()).collect();
        assert_eq!(ranges, [0..2, 2..3, 3..8]);
        let parts = &explanation.inputs;
        for column in &explanation.columns {
            let sum: f64 = parts.contributions[column.inputs.clone()].iter().sum();
            assert_eq!(column.value, sum);
        }
        let sum: f64 = explanation.columns.iter().map(|c| c.value).sum();
        assert!((parts.base + sum - parts.output).abs() < 0.01 * (parts.output - parts.base).abs());
    }
    assert_eq!(
        baseline(&model.pipeline),
        "every number at its training mean, booleans between no and yes, no word in a category"
    );
}

#[test]
fn the_reference_answers_as_the_model() {
    let model = golden();
    let encoded = encode(&model, &golden_table());
    let explainer = Explainer::new(&model);
    let answers = model.predict(&Exec::serial(), &encoded, &[0, 1, 2]).unwrap();
    for (i, answer) in answers.iter().enumerate() {
        let exact = explainer.answer(&row(&model, &encoded, i));
        let (
            Prediction::Class { index: a, probabilities: p },
            Prediction::Class { index: b, probabilities: q },
        ) = (answer, &exact)
        else {
            panic!("no classes: {answer:?}, {exact:?}")
        };
        assert_eq!(a, b);
        assert!(p.iter().zip(q).all(|(p, q)| (p - q).abs() < 1e-5), "{p:?} {q:?}");
    }
}

#[test]
fn an_example_is_nearest_to_itself() {
    let model = golden();
    let encoded = encode(&model, &golden_table());
    let (points, width) = last_hidden(&Exec::serial(), &model, &encoded, &[0, 1, 2]).unwrap();
    assert_eq!((width, points.len()), (3, 9), "the last hidden layer has three nodes");
    for i in 0..3 {
        let all = nearest(&points[i * width..(i + 1) * width], &points, 2);
        assert_eq!((all[0].place, all[0].distance, all.len()), (i, 0.0, 2));
        let square = |(a, b): (&f32, &f32)| f64::from(a - b) * f64::from(a - b);
        let other = &points[all[1].place * width..][..width];
        let distance: f64 = points[i * width..].iter().zip(other).map(square).sum();
        assert!((all[1].distance - distance.sqrt()).abs() < 1e-6 && distance > 0.0);
    }
    let linear = linear(numbers(&["a", "b"], classes(&["no", "yes"])), Task::Binary, vec![1.0; 3]);
    let encoded = encode(&linear, &table(&[("a", &[3.0, 1.0]), ("b", &[4.0, 2.0])]));
    let (points, width) = last_hidden(&Exec::serial(), &linear, &encoded, &[1, 0]).unwrap();
    assert_eq!((points, width), (vec![1.0, 2.0, 3.0, 4.0], 2), "without one, the inputs");
}
