//! Linear problems whose answer is known: least squares in closed form, by descent, and logistic regression.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]

mod common;

use common::{embedded, line, session, small, table, trained};
use mlp_train::model::Prediction;
use mlp_train::model::data::{Encoder, Part};
use mlp_train::model::tensor::Exec;
use mlp_train::{Config, ExactFit, OptimizerKind, Prepared, Schedule, State, TrainError};

fn exact() -> Config {
    Config { hidden: Vec::new(), dropout: 0.0, optimizer: OptimizerKind::Exact, ..small(1) }
}

fn solve(session: &Prepared) -> (State, ExactFit) {
    session.solve_exact(&Exec::serial()).unwrap()
}

/// Mean and deviation of each number column.
fn scaling(session: &Prepared) -> Vec<(f64, f64)> {
    let encoders = session.pipeline.encoders.iter();
    encoders
        .map(|encoder| match encoder {
            Encoder::Number { mean, deviation, .. } => (*mean, *deviation),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn known_coefficients_are_found() {
    let session = session(&line(200, 0.0), 0.1, exact());
    let (state, fit) = solve(&session);
    let names: Vec<&str> = fit.coefficients.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["(intercept)", "a", "b"]);
    assert_eq!(fit.rank, 2);
    assert!((fit.r2 - 1.0).abs() < 1e-10);
    let scaling = scaling(&session);
    let slope = |i: usize| fit.coefficients[i + 1].value / scaling[i].1;
    let at_zero = fit.coefficients[0].value - slope(0) * scaling[0].0 - slope(1) * scaling[1].0;
    for (got, known) in [(slope(0), -2.0), (slope(1), 0.5), (at_zero, 3.0)] {
        assert!((got - known).abs() < 1e-5, "{got} for {known}");
    }
    assert!(state.finished && state.best_epoch() == 0);
    let exec = Exec::serial();
    let model = session.model(&state).unwrap();
    let e = session.evaluate(&exec, &model, Part::Validation).unwrap();
    assert!(e.main().value < 1e-5, "{:?}", e.main());
    // As a checkpoint, too.
    let bytes = state.to_bytes(&session).unwrap();
    assert!(State::from_bytes(&bytes, &session).unwrap().finished);
}

/// Anscombe 1973, the first of the four: y = 3.0001 + 0.5001 x, standard errors 1.1247 and 0.1179, R² 0.6665.
#[test]
fn standard_errors_are_those_of_the_textbook() {
    let data = table(
        "x,y\n10,8.04\n8,6.95\n13,7.58\n9,8.81\n11,8.33\n14,9.96\n6,7.24\n4,4.26\n12,10.84\n7,4.82\n5,5.68\n",
    );
    let session = session(&data, 0.0, exact());
    let (_, fit) = solve(&session);
    let (mean, deviation) = scaling(&session)[0];
    let [intercept, x] = &fit.coefficients[..] else { panic!("{fit:?}") };
    let slope = x.value / deviation;
    let check = |got: f64, known: f64| assert!((got - known).abs() < 1e-4, "{got} for {known}");
    check(slope, 0.50009);
    check(x.error.unwrap() / deviation, 0.11791);
    check(intercept.value - slope * mean, 3.00009);
    // At the mean of x: the residual deviation 1.23660 over √11.
    check(intercept.value, 7.50091);
    check(intercept.error.unwrap(), 0.37285);
    check(fit.r2, 0.66654);
}

#[test]
fn dependent_columns_are_survived() {
    let mut text = String::from("a,twice,b,y\n");
    for i in 0..30 {
        let (a, b) = (f64::from(i * 7 % 30), f64::from(i * i % 7));
        text += &format!("{a},{},{b},{}.5\n", 2.0 * a, 3.0 * a - b);
    }
    let session = session(&table(&text), 0.0, exact());
    let (state, fit) = solve(&session);
    assert_eq!(fit.rank, 2, "of three columns");
    assert!(fit.r2 > 1.0 - 1e-9);
    assert!(fit.coefficients.iter().all(|c| c.error.is_none() && c.value.is_finite()));
    let exec = Exec::serial();
    let model = session.model(&state).unwrap();
    assert!(session.evaluate(&exec, &model, Part::Train).unwrap().main().value < 1e-3);
}

#[test]
fn descent_finds_what_the_closed_form_finds() {
    let session = session(&line(150, 1.0), 0.0, exact());
    let (state, _) = solve(&session);
    for optimizer in [OptimizerKind::Sgd, OptimizerKind::Adam, OptimizerKind::AdamW] {
        let config = Config {
            optimizer,
            learning_rate: Some(0.05),
            weight_decay: Some(0.0),
            schedule: Schedule::Cosine,
            batch_size: Some(150),
            epochs: Some(500),
            ..exact()
        };
        let by_steps = trained(&Exec::serial(), &session.sibling(config).unwrap());
        for (w, known) in by_steps.params.values.iter().zip(&state.params.values) {
            assert!((w - known).abs() < 1e-3, "{optimizer:?}: {w} for {known}");
        }
    }
}

/// With one input of two values the best logistic regression gives each group its own share.
#[test]
fn logistic_regression_finds_its_optimum() {
    let mut text = String::from("x,y\n");
    for i in 0..40 {
        let (x, good) = if i % 2 == 0 { (0, i / 2 % 10 < 3) } else { (5, i / 2 % 10 < 8) };
        text += &format!("{x},{}\n", if good { "yes" } else { "no" });
    }
    let config = Config {
        optimizer: OptimizerKind::Sgd,
        learning_rate: Some(0.5),
        weight_decay: Some(0.0),
        schedule: Schedule::Cosine,
        batch_size: Some(40),
        epochs: Some(400),
        ..exact()
    };
    let session = session(&table(&text), 0.0, config);
    let exec = Exec::serial();
    let model = session.model(&trained(&exec, &session)).unwrap();
    let answers = model.predict(&exec, &*session.encoded, &[0, 1]).unwrap();
    for (answer, share) in answers.iter().zip([0.3, 0.8]) {
        let Prediction::Class { probabilities, .. } = answer else { panic!() };
        assert!((probabilities[1] - share).abs() < 1e-4, "{probabilities:?} for {share}");
    }
}

#[test]
fn what_has_no_closed_form_is_refused() {
    let split = mlp_train::model::data::Split::new(&embedded("iris"), 0.0, 0.0, 1).unwrap();
    let plan = mlp_train::model::data::Plan::default();
    let iris = embedded("iris");
    let error = mlp_train::prepare(&iris, &split, &plan, exact()).unwrap_err();
    assert!(matches!(error, TrainError::Exact { .. }), "{error}");
    assert!(error.to_string().contains("adamw"), "{error}");
    let deep = session(&line(30, 0.1), 0.0, small(1));
    assert!(matches!(deep.solve_exact(&Exec::serial()), Err(TrainError::Exact { .. })));
    let hidden = Config { hidden: vec![3], ..exact() };
    let error = hidden.check(10).unwrap_err().to_string();
    assert!(error.contains("--hidden none"), "{error}");
}
