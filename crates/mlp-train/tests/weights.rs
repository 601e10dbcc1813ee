//! Laws of weighted rows: weight 2 is the row twice, weight 0 no row, equal weights change no bit.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]

mod common;

use common::{small, trained};
use mlp_train::model::data::{Dataset, Numbers, OpenOptions, Part, Plan, Split, csv};
use mlp_train::model::tensor::Exec;
use mlp_train::{ClassWeights, Config, OptimizerKind, Prepared, Schedule, prepare};
use std::path::Path;

/// Rows of `x, z, target`, each with its weight and so many times.
fn data(classes: bool, weight: impl Fn(usize) -> (&'static str, usize)) -> Dataset {
    let mut text = String::from("x,z,weight,y\n");
    for row in 0..30 {
        let (x, z) = ((row * 7 % 11) as f64 / 4.0 - 1.0, (row * 5 % 13) as f64 / 8.0);
        let y = match classes {
            true => ["p", "q", "r"][(row / 3 + row) % 3].to_string(),
            false => (0.5 * x - z + (row % 4) as f64 / 8.0 + 0.0625).to_string(),
        };
        let (weight, times) = weight(row);
        text.push_str(&format!("{x},{z},{weight},{y}\n").repeat(times));
    }
    let options = OpenOptions { weight: Some("weight".into()), ..OpenOptions::default() };
    csv::from_bytes(&Exec::serial(), Path::new("t.csv"), text.as_bytes(), &options).unwrap()
}

/// All rows train; inputs and target as they are, so that nothing but the weights makes a difference.
fn session(data: &Dataset, config: Config) -> Prepared {
    let plan = Plan { numbers: Numbers::None, scale_target: false, ..Plan::default() };
    let split = Split { parts: vec![Part::Train; data.len()] };
    prepare(data, &split, &plan, config).unwrap()
}

/// The parameters after one step down the gradient of all rows.
fn stepped(data: &Dataset, class_weights: ClassWeights) -> Vec<f32> {
    let config = Config {
        optimizer: OptimizerKind::Sgd,
        momentum: 0.0,
        weight_decay: Some(0.0),
        dropout: 0.0,
        batch_size: Some(1000),
        learning_rate: Some(0.5),
        schedule: Schedule::Constant,
        class_weights,
        ..small(1)
    };
    let session = session(data, config);
    trained(&Exec::serial(), &session).values().to_vec()
}

fn assert_near(name: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    let largest = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(largest < 2e-6, "{name}: {largest}");
}

#[test]
fn weight_two_is_the_row_twice_and_weight_zero_no_row() {
    for classes in [false, true] {
        let step = |weight: &dyn Fn(usize) -> (&'static str, usize)| {
            stepped(&data(classes, weight), ClassWeights::None)
        };
        let plain = step(&|_| ("1", 1));
        let weighted = step(&|row| (["1", "2", "0", "3"][row % 4], 1));
        let repeated = step(&|row| ("1", [1, 2, 0, 3][row % 4]));
        assert_near("weighted against repeated", &weighted, &repeated);
        let difference = plain.iter().zip(&weighted).map(|(a, b)| (a - b).abs()).sum::<f32>();
        assert!(difference > 0.01, "weights changed next to nothing: {difference}");
    }
}

#[test]
fn class_weights_multiply() {
    // The second class twice as often: balanced class weights are 4/3, 2/3 and 4/3.
    let times = |row: usize| [1, 2, 1][(row / 3 + row) % 3];
    let balanced = stepped(&data(true, |row| ("1", times(row))), ClassWeights::Balanced);
    let by_rows = |row: usize| (["2", "1", "2"][(row / 3 + row) % 3], times(row));
    assert_near("balanced by rows", &stepped(&data(true, by_rows), ClassWeights::None), &balanced);
    // Both together: their products have the ratios 4 to 1.
    let both = stepped(&data(true, by_rows), ClassWeights::Balanced);
    let squared = |row: usize| (["4", "1", "4"][(row / 3 + row) % 3], times(row));
    let squared = stepped(&data(true, squared), ClassWeights::None);
    // The products' mean is (20 · 16/9 + 20 · 4/9) / 40 = 10/9; weights alone are scaled to 1.
    let start = session(&data(true, by_rows), small(1)).start();
    for ((both, squared), w) in both.iter().zip(&squared).zip(start.values()) {
        assert!(((both - w) - (squared - w) * 10.0 / 9.0).abs() < 2e-6, "{both} {squared} {w}");
    }
}

#[test]
fn equal_weights_change_no_bit() {
    for classes in [false, true] {
        for weight in ["1", "0.1", "3", "1e-300"] {
            let bits = |data: &Dataset| {
                let split = Split::new(data, 0.3, 0.0, 2).unwrap();
                let session = prepare(data, &split, &Plan::default(), small(5)).unwrap();
                let state = trained(&Exec::serial(), &session);
                let model = session.model(&state).unwrap();
                let parts = [Part::Train, Part::Validation];
                let scores = parts.map(|part| session.evaluate(&Exec::serial(), &model, part));
                let scores = scores.map(|e| {
                    let e = e.unwrap();
                    (e.metrics, e.loss.to_bits(), e.interval)
                });
                (state.values().to_vec(), format!("{:?}", state.history), format!("{scores:?}"))
            };
            let weighted = data(classes, |_| (weight, 1));
            let plain = Dataset { weights: None, ..weighted.clone() };
            assert_eq!(bits(&weighted), bits(&plain), "{weight}");
        }
    }
}

#[test]
fn the_closed_form_is_of_weighted_squares() {
    let config =
        || Config { hidden: Vec::new(), dropout: 0.0, optimizer: OptimizerKind::Exact, ..small(1) };
    let fit = |weight: &dyn Fn(usize) -> (&'static str, usize)| {
        let session = session(&data(false, weight), config());
        session.solve_exact(&Exec::serial()).unwrap().1
    };
    let weighted = fit(&|row| (["1", "2", "0", "3"][row % 4], 1));
    let repeated = fit(&|row| ("1", [1, 2, 0, 3][row % 4]));
    for (a, b) in weighted.coefficients.iter().zip(&repeated.coefficients) {
        assert!((a.value - b.value).abs() < 1e-12, "{a:?} {b:?}");
    }
    assert!((weighted.r2 - repeated.r2).abs() < 1e-12);
    // Errors are those of weights of any unit.
    let tenfold = fit(&|row| (["10", "20", "0", "30"][row % 4], 1));
    for (a, b) in weighted.coefficients.iter().zip(&tenfold.coefficients) {
        assert!((a.error.unwrap() / b.error.unwrap() - 1.0).abs() < 1e-12, "{a:?} {b:?}");
    }
    // Rows of weight 0 are no degree of freedom.
    let without = fit(&|row| (["1", "2", "1", "3"][row % 4], usize::from(row % 4 != 2)));
    for (a, b) in weighted.coefficients.iter().zip(&without.coefficients) {
        assert!((a.error.unwrap() / b.error.unwrap() - 1.0).abs() < 1e-12, "{a:?} {b:?}");
    }
    let plain = Dataset { weights: None, ..data(false, |_| ("1", 1)) };
    let plain = session(&plain, config()).solve_exact(&Exec::serial()).unwrap().1;
    assert_eq!(fit(&|_| ("0.1", 1)), plain);
}

#[test]
fn a_training_part_without_weight_is_refused() {
    let data = data(true, |_| ("0", 1));
    let split = Split { parts: vec![Part::Train; data.len()] };
    let error = prepare(&data, &split, &Plan::default(), small(1)).unwrap_err().to_string();
    assert!(error.contains("every training row has the weight `weight` = 0"), "{error}");
}

#[test]
fn validation_rows_that_count_for_nothing_are_refused() {
    let weight = |row: usize| (if row < 20 { "1" } else { "0" }, 1);
    let (data, plan) = (data(true, weight), Plan::default());
    let part = |row| if row < 20 { Part::Train } else { Part::Validation };
    let split = Split { parts: (0..data.len()).map(part).collect() };
    let error = prepare(&data, &split, &plan, small(1)).unwrap_err().to_string();
    assert!(error.contains("every validation row") && error.contains("--valid 0"), "{error}");
}
