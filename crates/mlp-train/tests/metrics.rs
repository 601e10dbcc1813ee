//! Metrics against scikit-learn: tests/golden/metrics.py makes the expected values.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]

mod common;

use common::{embedded, line, session, small, table, trained};
use mlp_train::model::data::{Part, Target, TargetCoding};
use mlp_train::model::tensor::Exec;
use mlp_train::model::{Prediction, Task};
use mlp_train::{Evaluation, evaluate, evaluate_answers, linear, majority_or_mean};

fn classes(labels: usize, codes: Vec<u32>) -> Target {
    let labels = (0..labels).map(|l| l.to_string()).collect();
    Target::Classes { name: "t".into(), labels, codes }
}

fn check(e: &Evaluation, expected: &[(&str, f64)]) {
    for (name, value) in expected {
        let got = if *name == "loss" { e.loss } else { e.score(name).unwrap() };
        assert!((got - value).abs() < 1e-12, "{name}: {got} for {value}");
    }
}

#[test]
fn many_classes() {
    // The recipe of the script.
    let answer = |row: usize| {
        let scores: Vec<f64> =
            (0..4).map(|c| ((row * 7 + c * 5 + row * c) % 11 + 1) as f64 / 16.0).collect();
        let sum: f64 = scores.iter().sum();
        let index = (1..4).fold(0, |b, c| if scores[c] > scores[b] { c } else { b });
        Prediction::Class { index, probabilities: scores.iter().map(|s| s / sum).collect() }
    };
    let answers: Vec<Prediction> = (0..40).map(answer).collect();
    let truth = (0..40).map(|row| (row * row + row / 3) % 4).collect();
    let e = evaluate_answers(Task::Multiclass, &answers, &classes(4, truth), None);
    check(
        &e,
        &[
            ("accuracy", 0.175),
            ("balanced_accuracy", 0.19047619047619047),
            ("f1_macro", 0.16717980295566504),
            ("roc_auc", 0.5109522830111065),
            ("loss", 1.5933818865347196),
        ],
    );
    let confusion = e.confusion.unwrap();
    assert_eq!(confusion.counts.iter().flatten().sum::<u64>(), 40);
    assert_eq!((0..4).map(|c| confusion.counts[c][c]).sum::<u64>(), 7);
}

#[test]
fn two_classes() {
    let answer =
        |p: f64| Prediction::Class { index: usize::from(p > 0.5), probabilities: vec![1.0 - p, p] };
    let answers = [0.1, 0.4, 0.35, 0.8, 0.7, 0.4, 0.9, 0.2].map(answer);
    let e =
        evaluate_answers(Task::Binary, &answers, &classes(2, vec![0, 0, 1, 1, 1, 1, 0, 0]), None);
    check(
        &e,
        &[
            ("accuracy", 0.625),
            ("balanced_accuracy", 0.625),
            ("f1_macro", 0.6190476190476191),
            ("roc_auc", 0.65625),
            ("loss", 0.710980766919731),
        ],
    );
    assert_eq!(e.confusion.as_ref().unwrap().counts, [[3, 1], [2, 2]]);
    let ones = [1.0; 8];
    let target = classes(2, vec![0, 0, 1, 1, 1, 1, 0, 0]);
    let same = evaluate_answers(Task::Binary, &answers, &target, Some(&ones));
    assert_eq!(Evaluation { weighted: false, ..same }, e);
    let weights = [1.0, 0.5, 2.0, 0.0, 3.0, 0.25, 1.5, 4.0];
    let e = evaluate_answers(Task::Binary, &answers, &target, Some(&weights));
    check(
        &e,
        &[
            ("accuracy", 0.6938775510204082),
            ("balanced_accuracy", 0.6785714285714286),
            ("f1_macro", 0.6805736636245111),
            ("roc_auc", 0.7568027210884354),
            ("loss", 0.6617115866180262),
        ],
    );
    // Counts stay those of rows.
    assert_eq!(e.confusion.unwrap().counts, [[3, 1], [2, 2]]);
}

#[test]
fn one_class_only_has_no_area() {
    let answers = vec![Prediction::Class { index: 1, probabilities: vec![0.0, 1.0] }; 3];
    let e = evaluate_answers(Task::Binary, &answers, &classes(2, vec![1, 1, 1]), None);
    check(&e, &[("accuracy", 1.0), ("balanced_accuracy", 1.0), ("f1_macro", 1.0), ("loss", 0.0)]);
    assert_eq!(e.score("roc_auc"), None);
    // The impossible that came about costs much, not infinitely much.
    let e = evaluate_answers(Task::Binary, &answers, &classes(2, vec![0, 0, 0]), None);
    assert!(e.loss > 80.0 && e.loss.is_finite());
}

#[test]
fn a_class_that_only_occurs_in_the_answers_lowers_f1() {
    let answer = |index| Prediction::Class { index, probabilities: vec![1.0 / 3.0; 3] };
    let e = evaluate_answers(
        Task::Multiclass,
        &[0, 2, 1].map(answer),
        &classes(3, vec![0, 0, 1]),
        None,
    );
    check(&e, &[("f1_macro", 5.0 / 9.0), ("balanced_accuracy", 0.75)]);
}

#[test]
fn numbers() {
    let target = |values: &[f64]| Target::Numbers { name: "t".into(), values: values.to_vec() };
    let answers = [2.5, 0.0, 2.0, 8.0].map(Prediction::Number);
    let e = evaluate_answers(Task::Regression, &answers, &target(&[3.0, -0.5, 2.0, 7.0]), None);
    check(&e, &[("rmse", 0.6123724356957945), ("mae", 0.5), ("r2", 0.9486081370449679)]);
    check(&e, &[("loss", 0.375)]);
    assert!(e.interval.0 < e.main().value && e.main().value < e.interval.1);
    let weights = [1.0, 0.5, 2.0, 0.25];
    let truth = target(&[3.0, -0.5, 2.0, 7.0]);
    let w = evaluate_answers(Task::Regression, &answers, &truth, Some(&weights));
    check(&w, &[("rmse", 0.408248290463863), ("mae", 0.26666666666666666)]);
    check(&w, &[("r2", 0.9381698268755152)]);
    let ones = evaluate_answers(Task::Regression, &answers, &truth, Some(&[1.0; 4]));
    assert_eq!(Evaluation { weighted: false, ..ones }, e);
    // Of a constant, as scikit-learn: 1 if met, else 0.
    let e = evaluate_answers(Task::Regression, &answers[..1], &target(&[2.5]), None);
    check(&e, &[("rmse", 0.0), ("r2", 1.0)]);
    let e = evaluate_answers(Task::Regression, &answers[..1], &target(&[2.0]), None);
    check(&e, &[("rmse", 0.5), ("r2", 0.0)]);
}

#[test]
fn interval_of_the_accuracy() {
    let check = |right: usize, n: usize, (low, high): (f64, f64)| {
        let answers: Vec<Prediction> = (0..n)
            .map(|i| Prediction::Class {
                index: usize::from(i < right),
                probabilities: vec![0.5; 2],
            })
            .collect();
        let e = evaluate_answers(Task::Binary, &answers, &classes(2, vec![1; n]), None);
        let (a, b) = e.interval;
        assert!((a - low).abs() < 1e-12 && (b - high).abs() < 1e-12, "{right} of {n}: {a} {b}");
    };
    check(81, 263, (0.25528851987827417, 0.3662095769828001));
    check(0, 10, (0.0, 0.2775327998628892));
    check(10, 10, (0.7224672001371104, 1.0));
    check(9800, 10000, (0.9770660732392792, 0.9825652883248713));
    check(0, 0, (0.0, 1.0));
}

#[test]
fn majority_and_mean() {
    let coding = TargetCoding::Classes {
        name: "t".into(),
        labels: ["a", "b", "c"].map(String::from).to_vec(),
    };
    // The classes of training decide, not those that are asked for.
    let e = majority_or_mean(
        Task::Multiclass,
        &coding,
        (&[3, 5, 2], 10),
        &classes(3, vec![0, 0, 0, 1]),
        None,
    );
    check(&e, &[("accuracy", 0.25), ("balanced_accuracy", 0.5), ("roc_auc", 0.5)]);
    let coding = TargetCoding::Number { name: "t".into(), mean: 2.0, deviation: 1.0 };
    let target = Target::Numbers { name: "t".into(), values: vec![1.0, 3.0, 5.0] };
    let e = majority_or_mean(Task::Regression, &coding, (&[], 3), &target, None);
    check(&e, &[("mae", 5.0 / 3.0), ("loss", 11.0 / 3.0)]);
}

#[test]
fn a_model_is_scored_alike_everywhere() {
    let exec = Exec::serial();
    for data in [embedded("iris"), line(150, 0.3)] {
        let session = session(&data, 0.3, small(4));
        let state = trained(&exec, &session);
        let model = session.model(&state).unwrap();
        let e = session.evaluate(&exec, &model, Part::Validation).unwrap();
        let (_, score) = session.score(&exec, state.values(), &session.valid).unwrap();
        assert!((e.main().value - score).abs() < 1e-6 * score, "{} {score}", e.main().value);
        assert_eq!(e.examples, session.valid.len());
        // An empty part has no figures, but is no fault.
        let none = session.evaluate(&exec, &model, Part::Test).unwrap();
        assert_eq!((none.examples, &none.main().name), (0, &e.main().name));
    }
}

#[test]
fn rows_without_target_are_refused() {
    let exec = Exec::serial();
    let session = session(&embedded("iris"), 0.2, small(1));
    let model = session.model(&trained(&exec, &session)).unwrap();
    let rows = model.pipeline.encode(&embedded("iris").table, &Target::None).unwrap();
    let error = evaluate(&exec, &model, &rows, &[0, 1], None).unwrap_err().to_string();
    assert!(error.contains("--target"), "{error}");
}

#[test]
fn the_linear_model_beside_the_network() {
    let exec = Exec::serial();
    // Classes that a line parts, in a table so small that an epoch is one step.
    let rows: String =
        (0..40).map(|i| format!("{},{}\n", i, if i < 20 { "no" } else { "yes" })).collect();
    let of = |data, validation| {
        let session = session(&data, validation, small(1));
        linear(&exec, &session, Part::Train).unwrap()
    };
    assert_eq!(of(table(&format!("x,y\n{rows}")), 0.2).score("accuracy"), Some(1.0));
    let iris = of(embedded("iris"), 0.2);
    assert!(iris.score("accuracy").unwrap() > 0.95 && iris.loss < 0.1, "{}", iris.loss);
    assert!(of(embedded("digits"), 0.2).score("accuracy").unwrap() > 0.98);
    let e = of(line(200, 0.1), 0.2);
    assert!((0.08..0.12).contains(&e.main().value), "{:?}", e.main());
}

/// The recipe of the script: five labels, one of which no row has and one of which is said only.
fn label_answers() -> (Vec<Prediction>, Target) {
    let hit = |r: usize, j: usize| j < 3 && (r * (j + 3) + r / 2).is_multiple_of(j + 2);
    let p = |r: usize, j: usize| match j < 4 {
        true => (((r * 5 + j * 7 + r * j) % 16) as f64 + 0.5) / 16.0,
        false => 0.0,
    };
    let answer = |r: usize| Prediction::Labels {
        probabilities: (0..5).map(|j| p(r, j)).collect(),
        against: (0..5).map(|j| 1.0 - p(r, j)).collect(),
    };
    let target = Target::Labels {
        name: "t".into(),
        labels: ["a", "b", "c", "d", "e"].map(String::from).to_vec(),
        separator: None,
        hits: (0..40).flat_map(|r| (0..5).map(move |j| u8::from(hit(r, j)))).collect(),
    };
    ((0..40).map(answer).collect(), target)
}

#[test]
fn sets_of_labels() {
    let (answers, target) = label_answers();
    let e = evaluate_answers(Task::Multilabel, &answers, &target, None);
    check(
        &e,
        &[
            ("subset_accuracy", 0.1),
            ("f1_micro", 0.366412213740458),
            ("f1_macro", 0.25451612903225806),
            ("hamming_loss", 0.415),
            ("roc_auc", 0.5472222222222222),
            ("loss", 0.7731917306879768),
        ],
    );
    assert_eq!((e.main().name.as_str(), e.examples), ("subset_accuracy", 40));
    assert!(e.interval.0 < 0.1 && e.interval.1 > 0.1 && e.confusion.is_none());
    let ones = evaluate_answers(Task::Multilabel, &answers, &target, Some(&[1.0; 40]));
    assert_eq!((&ones.metrics, ones.interval), (&e.metrics, e.interval));
    let weights: Vec<f64> = (0..40).map(|r| f64::from(r % 5) / 2.0).collect();
    let e = evaluate_answers(Task::Multilabel, &answers, &target, Some(&weights));
    check(
        &e,
        &[
            ("subset_accuracy", 0.1125),
            ("f1_micro", 0.34328358208955223),
            ("f1_macro", 0.23392461197339248),
            ("hamming_loss", 0.44),
            ("roc_auc", 0.4994444444444444),
            ("loss", 0.8001477877409485),
        ],
    );
    // Rows, whatever their weights.
    let of = |label: usize| (e.labels[label].examples, e.labels[label].recall);
    assert_eq!(of(4), (0, None));
    assert_eq!((e.labels[4].precision, e.labels[4].f1, e.labels[4].roc_auc), (None, 0.0, None));
    assert!(e.labels[3].predicted > 0 && e.labels[3].precision == Some(0.0));
}

#[test]
fn majority_of_each_label() {
    let (_, target) = label_answers();
    let Target::Labels { labels, .. } = &target else { panic!() };
    let (name, labels) = ("t".to_string(), labels.clone());
    let coding = TargetCoding::Labels { name, labels, separator: None };
    let e = majority_or_mean(Task::Multilabel, &coding, (&[6, 4, 0, 5, 8], 8), &target, None);
    // The labels that at least half of the training rows have: the first, the second, the fourth and the fifth.
    let said: Vec<u64> = e.labels.iter().map(|l| l.predicted).collect();
    assert_eq!(said, [40, 40, 0, 40, 40]);
    assert_eq!(e.score("roc_auc"), Some(0.5));
}
