//! Optimizers against the same rules in float64, kept apart from the program: tests/golden/optimizers.py.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]

use mlp_train::model::tensor::Exec;
use mlp_train::model::{Params, Slot};
use mlp_train::{Adam, Objective, Optimizer, Sgd};

/// `Σ a·(w - c)²/2` over three weights and a bias, as in the script.
struct Bowl;

const A: [f32; 4] = [1.0, 3.0, 0.5, 2.0];
const C: [f32; 4] = [1.0, -2.0, 0.5, 4.0];
const START: [f32; 4] = [0.5, 0.5, -1.5, 0.25];

impl Objective for Bowl {
    fn eval(&mut self, params: &[f32], grad: &mut [f32]) -> f64 {
        let mut value = 0.0;
        for (i, (&w, g)) in params.iter().zip(grad).enumerate() {
            *g = A[i] * (w - C[i]);
            value += f64::from(A[i] * (w - C[i]) * (w - C[i])) / 2.0;
        }
        value
    }
}

/// Three weights, which decay, and a bias, which does not.
fn start() -> Params {
    let slot = |name: &str, rows, range, decay| Slot {
        name: name.into(),
        layer: 0,
        rows,
        cols: 1,
        range,
        decay,
    };
    let slots = vec![slot("0.weight", 3, 0..3, true), slot("0.bias", 1, 3..4, false)];
    Params { values: START[..].into(), slots }
}

fn check(name: &str, mut optimizer: impl Optimizer, expected: [f64; 4]) {
    let (exec, mut params) = (Exec::serial(), start());
    let before = Bowl.eval(&START, &mut [0.0; 4]);
    for step in 0..12 {
        let value = optimizer.step(&exec, 0.125, &mut params, &mut Bowl);
        assert!(step > 0 || value == before, "{name}: the value before the step");
    }
    assert_eq!(optimizer.state().0, 12);
    for (w, e) in params.values.iter().zip(expected) {
        assert!((f64::from(*w) - e).abs() < 2e-6, "{name}: {:?} for {expected:?}", params.values);
    }
}

#[test]
fn sgd() {
    let sgd = |momentum, nesterov, decay, clip| Sgd::new(4, momentum, nesterov, decay, clip);
    let plain = [0.8992913810, -1.9911182158, -0.4219031788, 3.8812136799];
    check("sgd", sgd(0.0, false, 0.0, 0.0), plain);
    let decay = [0.7609440969, -1.8416498298, -0.2292899097, 3.8812136799];
    check("sgd, decay", sgd(0.0, false, 0.25, 0.0), decay);
    let momentum = [0.8059441496, -1.8563813572, 0.2507010824, 3.9565484375];
    check("momentum", sgd(0.5, false, 0.25, 0.0), momentum);
    let nesterov = [0.8009310580, -1.8456528361, 0.2118324763, 4.0009523245];
    check("nesterov", sgd(0.5, true, 0.25, 0.0), nesterov);
    let clipped = [0.5897949036, -1.7336866885, -0.2729478493, 3.5275621707];
    check("nesterov, clip", sgd(0.5, true, 0.25, 1.5), clipped);
}

#[test]
fn adam() {
    let adam = |epsilon, decay, decoupled, clip| {
        Adam::new(4, (0.75, 0.9375), epsilon, decay, decoupled, clip)
    };
    let plain = [1.0052078151, -0.9084281679, -0.1260226600, 1.6961405798];
    check("adam", adam(1e-8, 0.0, false, 0.0), plain);
    let decay = [0.7576282578, -0.8999426160, -0.1436559980, 1.6961405798];
    check("adam, decay", adam(1e-8, 0.25, false, 0.0), decay);
    let decoupled = [0.9723280272, -0.8414776414, 0.0802736941, 1.6961405798];
    check("adamw", adam(1e-8, 0.25, true, 0.0), decoupled);
    let clipped = [0.9599604118, -0.9076991085, 0.1404856101, 1.7630982209];
    check("adamw, clip", adam(1e-3, 0.25, true, 1.5), clipped);
}

/// A value that is no number.
struct Broken(f64);

impl Objective for Broken {
    fn eval(&mut self, _: &[f32], grad: &mut [f32]) -> f64 {
        grad.fill(1.0);
        self.0
    }
}

#[test]
fn nothing_moves_where_the_objective_is_no_number() {
    let optimizers: [Box<dyn Optimizer>; 2] = [
        Box::new(Sgd::new(4, 0.9, true, 0.1, 1.0)),
        Box::new(Adam::new(4, (0.9, 0.999), 1e-8, 0.1, true, 1.0)),
    ];
    for mut optimizer in optimizers {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut params = start();
            let got = optimizer.step(&Exec::serial(), 0.1, &mut params, &mut Broken(value));
            assert!(!got.is_finite());
            assert_eq!(params, start());
            let (steps, vectors) = optimizer.state();
            assert!(steps == 0 && vectors.concat().iter().all(|&v| v == 0.0));
        }
    }
}

#[test]
fn a_state_of_other_sizes_is_not_taken() {
    let mut adam = Adam::new(4, (0.9, 0.999), 1e-8, 0.1, true, 0.0);
    assert!(!adam.restore(3, vec![vec![0.0; 4]]));
    assert!(!adam.restore(3, vec![vec![0.0; 4], vec![0.0; 3]]));
    assert!(!adam.restore(3, vec![vec![0.0; 4]; 3]));
    assert!(adam.restore(3, vec![vec![0.5; 4]; 2]));
    assert_eq!(adam.state(), (3, vec![&[0.5f32; 4][..]; 2]));
}
