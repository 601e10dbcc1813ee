//! Linear problems whose answer is known: least squares in closed form, by descent, and logistic regression.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]

mod common;

use common::{embedded, line, session, small, table, trained};
use mlp_train::model::Prediction;
use mlp_train::model::data::{Part, Target};
use mlp_train::model::tensor::Exec;
use mlp_train::{Config, ExactFit, OptimizerKind, Prepared, Schedule, State, TrainError};

fn exact() -> Config {
    Config { hidden: Vec::new(), dropout: 0.0, optimizer: OptimizerKind::Exact, ..small(1) }
}

fn solve(session: &Prepared) -> (State, ExactFit) {
    session.solve_exact(&Exec::serial()).unwrap()
}

fn near(got: f64, known: f64, tolerance: f64) {
    assert!((got - known).abs() < tolerance, "{got} for {known}");
}

#[test]
fn known_coefficients_are_found() {
    let session = session(&line(200, 0.0), 0.1, exact());
    let (state, fit) = solve(&session);
    let names: Vec<&str> = fit.coefficients.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["(intercept)", "a", "b"]);
    assert!(fit.rank == 2 && fit.references.is_empty());
    near(fit.r2, 1.0, 1e-10);
    for (c, known) in fit.coefficients.iter().zip([3.0, -2.0, 0.5]) {
        near(c.value, known, 1e-5);
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
    let [intercept, x] = &fit.coefficients[..] else { panic!("{fit:?}") };
    near(intercept.value, 3.00009, 1e-4);
    near(intercept.error.unwrap(), 1.12475, 1e-4);
    near(x.value, 0.50009, 1e-4);
    near(x.error.unwrap(), 0.11791, 1e-4);
    near(fit.r2, 0.66654, 1e-4);
}

/// With one category and nothing else the fit is the mean of each group: the first is the intercept, the others are
/// differences to it; errors are s/√n₀ and s·√(1/n₀ + 1/n).
#[test]
fn the_first_level_of_a_category_is_the_reference() {
    let rows = [("red", 3.0), ("red", 5.0), ("blue", 1.0), ("blue", 2.0), ("blue", 6.0)];
    let rows = rows.into_iter().chain([("green", 7.0), ("green", 8.5), ("green", 8.5)]);
    // Seldom words would share an input.
    let text = rows.map(|(c, y)| format!("{c},{y}\n").repeat(5)).collect::<String>();
    let session = session(&table(&format!("colour,y\n{text}")), 0.0, exact());
    let (state, fit) = solve(&session);
    assert_eq!((fit.rank, &fit.references[..]), (2, &["colour=blue".to_string()][..]));
    // Squares within: five times blue 14, red 2, green 1.5; 40 rows less 3 means.
    let s = (87.5_f64 / 37.0).sqrt();
    let known = [
        ("(intercept)", 3.0, s / 15.0_f64.sqrt()),
        ("colour=green", 5.0, s * (1.0_f64 / 15.0 + 1.0 / 15.0).sqrt()),
        ("colour=red", 1.0, s * (1.0_f64 / 15.0 + 1.0 / 10.0).sqrt()),
    ];
    assert_eq!(fit.coefficients.len(), known.len());
    for (c, (name, value, error)) in fit.coefficients.iter().zip(known) {
        assert_eq!(c.name, name);
        near(c.value, value, 1e-6);
        near(c.error.unwrap(), error, 1e-6);
    }
    // A word never seen is answered with the mean of all rows.
    let model = session.model(&state).unwrap();
    let new = model.pipeline.encode(&table("colour,y\nmauve,0\nred,0\n").table, &Target::None);
    let answers = model.predict(&Exec::serial(), &new.unwrap(), &[0]).unwrap();
    let Prediction::Number(answer) = answers[0] else { panic!() };
    near(answer, 5.125, 1e-5);
}

/// 5 + 3a − 2b, with a column far from zero, missing values, a boolean and a category: the answers of the network are
/// those of the coefficients applied to the table by hand.
#[test]
fn the_network_answers_as_its_coefficients_say() {
    let mut stream = common::stream(4);
    let (mut text, mut inputs) = (String::from("a,b,kind,open,y\n"), Vec::new());
    for row in 0..120 {
        let (a, b) = (2_000.0 + stream.normal(), 0.01 * stream.normal());
        let (kind, open) = (["w", "k", "v", "m"][row % 4], row % 3 == 0);
        let y = 5.0 + 3.0 * a - 2.0 * b + row as f64 % 4.0 + 0.1 * stream.normal();
        text += &format!("{a},{b},{kind},{},{y}\n", if open { "yes" } else { "no" });
        inputs.push((a, b, kind, open));
    }
    let session = session(&table(&text), 0.0, exact());
    let (state, fit) = solve(&session);
    assert_eq!((fit.rank, &fit.references[..]), (6, &["kind=k".to_string()][..]));
    assert!(fit.coefficients.iter().all(|c| c.error.is_some_and(|e| e > 0.0 && e.is_finite())));
    let of = |name: &str| fit.coefficients.iter().find(|c| c.name == name);
    let a = of("a").unwrap();
    assert!((a.value - 3.0).abs() < 4.0 * a.error.unwrap() && a.error.unwrap() < 0.02, "{a:?}");
    // The intercept stands 2,000 units from the data.
    let far = of("(intercept)").unwrap().error.unwrap() / a.error.unwrap();
    near(far, 2_000.0, 5.0);
    let model = session.model(&state).unwrap();
    let rows: Vec<usize> = (0..inputs.len()).collect();
    let answers = model.predict(&Exec::serial(), &*session.encoded, &rows).unwrap();
    for (answer, (a, b, kind, open)) in answers.iter().zip(inputs) {
        let Prediction::Number(answer) = answer else { panic!() };
        let value = |name: &str| of(name).map_or(0.0, |c| c.value);
        let by_hand = value("(intercept)")
            + value("a") * a
            + value("b") * b
            + value(&format!("kind={kind}"))
            + value("open") * if open { 1.0 } else { -1.0 };
        assert!((answer - by_hand).abs() <= 1e-5 * by_hand.abs(), "{answer} for {by_hand}");
    }
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

#[test]
fn descent_comes_to_the_closed_form() {
    let data = table("a,b,y\n0,10,3\n1,0,5\n2,20,4.5\n3,10,9\n5,40,7\n8,10,1\n");
    let session = session(&data, 0.0, exact());
    let (_, fit) = solve(&session);
    let found = session.descend_exact(&Exec::serial()).unwrap();
    assert!(found.descent.converged && found.descent.steps > 10);
    assert_eq!(found.coefficients.len(), fit.coefficients.len());
    for (c, value) in fit.coefficients.iter().zip(&found.coefficients) {
        near(*value, c.value, 1e-9);
    }
    // Only numbers have a fit.
    let iris = prepare_iris();
    assert!(matches!(iris.descend_exact(&Exec::serial()), Err(TrainError::Exact { .. })));
}

fn prepare_iris() -> Prepared {
    session(&embedded("iris"), 0.0, small(1))
}

#[test]
fn each_step_of_a_descent_goes_down_against_the_gradient() {
    let (x, t) = ([0.0, 1.0, 2.0], [1.0, 3.0, 5.0]);
    let found = mlp_train::descend(3, 1, &x, &t, false);
    near(found.coefficients[0], 2.0, 1e-12);
    near(found.intercept, 1.0, 1e-12);
    assert_eq!(
        (found.scales.as_slice(), found.path[0].as_slice()),
        (&[(0.0, 1.0)][..], &[0.0; 2][..])
    );
    // By hand: the gradient at zero is (2/3)·(−13, −9); the curvature's eigenvalue is 2·(4/3 + √(10)/3).
    near(found.rate, 0.25 / (2.0 * (4.0 / 3.0 + 10f64.sqrt() / 3.0)), 1e-9);
    near(found.path[1][0], found.rate * 26.0 / 3.0, 1e-9);
    near(found.path[1][1], found.rate * 6.0, 1e-9);
    let rest = |w: &[f64], i: usize| w[0] * x[i] + w[1] - t[i];
    let loss = |w: &[f64]| (0..3).map(|i| rest(w, i) * rest(w, i)).sum::<f64>();
    assert!(found.path.windows(2).all(|p| loss(&p[1]) <= loss(&p[0])));
    let scaled = mlp_train::descend(3, 1, &x, &t, true);
    near(scaled.coefficients[0], 2.0, 1e-12);
    near(scaled.intercept, 1.0, 1e-12);
    // A constant column says nothing; the constant says it all.
    let flat = mlp_train::descend(3, 1, &[5.0; 3], &[2.0; 3], true);
    near(flat.coefficients[0] * 5.0 + flat.intercept, 2.0, 1e-9);
}
