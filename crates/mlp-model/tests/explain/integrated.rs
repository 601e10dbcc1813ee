//! Integrated gradients: completeness, and the contributions that are known by hand.

use crate::common::{cases, stream};
use mlp_model::explain::{TOLERANCE, integrated_gradients};
use mlp_model::reference::{Nodes, Reference};
use mlp_model::tensor::Activation;
use proptest::prelude::*;

fn unit(outputs: usize, which: usize) -> Vec<f64> {
    (0..outputs).map(|k| f64::from(u8::from(k == which))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn contributions_and_base_add_up(case in cases(), which in 0usize..6, far in 0.0f64..3.0) {
        let network = case.reference();
        let x = &case.rows()[0];
        let base: Vec<f64> = x.iter().map(|x| far * (x + 0.5)).collect();
        let outputs = network.forward(x).len();
        let direction = unit(outputs, which % outputs);
        let parts = integrated_gradients(&network, x, &base, &direction);
        prop_assert_eq!(parts.output, network.forward(x)[which % outputs]);
        prop_assert_eq!(parts.base, network.forward(&base)[which % outputs]);
        let sum: f64 = parts.contributions.iter().sum();
        prop_assert!((parts.output - parts.base - sum - parts.residual).abs() < 1e-9);
        let size: f64 = parts.contributions.iter().map(|c| c.abs()).sum();
        let way = (parts.output - parts.base).abs();
        let off = parts.residual.abs();
        prop_assert!(off <= 1.01 * TOLERANCE * way + 1e-9 * size, "{off} of {way}, {size}");
    }

    #[test]
    fn of_a_linear_network_they_are_its_terms(
        weights in prop::collection::vec(-2.0f64..2.0, 1..9),
        bias in -2.0f64..2.0,
        seed in any::<u64>(),
    ) {
        let mut values = stream(seed, 0);
        let mut draw = || -> Vec<f64> {
            weights.iter().map(|_| 4.0 * values.uniform_f64() - 2.0).collect()
        };
        let (x, base) = (draw(), draw());
        let nodes = Nodes {
            weights: vec![weights.clone()],
            biases: vec![bias],
            activation: Activation::Identity,
        };
        let network = Reference { layers: vec![nodes] };
        let parts = integrated_gradients(&network, &x, &base, &[1.0]);
        for ((c, w), (x, base)) in parts.contributions.iter().zip(&weights).zip(x.iter().zip(&base)) {
            prop_assert!((c - w * (x - base)).abs() < 1e-12);
        }
        prop_assert!(parts.residual.abs() < 1e-12);
    }

    #[test]
    fn what_does_not_matter_contributes_nothing(case in cases(), place in 0usize..10) {
        let mut network = case.reference();
        let x = &case.rows()[0];
        let place = place % x.len();
        network.layers[0].weights.iter_mut().for_each(|weights| weights[place] = 0.0);
        let outputs = network.forward(x).len();
        let zeros = vec![0.0; x.len()];
        let parts = integrated_gradients(&network, x, &zeros, &unit(outputs, 0));
        prop_assert_eq!(parts.contributions[place], 0.0);
    }
}

#[test]
fn a_kink_on_the_way_is_closed_in_on() {
    let nodes = |weights: Vec<Vec<f64>>, biases: Vec<f64>, activation| Nodes {
        weights,
        biases,
        activation,
    };
    // relu(x1 + x2 − 1) from (0, 0) to (1, 2): the slope is 1 from a third of the way on.
    let network = Reference {
        layers: vec![
            nodes(vec![vec![1.0, 1.0]], vec![-1.0], Activation::Relu),
            nodes(vec![vec![1.0]], vec![0.0], Activation::Identity),
        ],
    };
    let parts = integrated_gradients(&network, &[1.0, 2.0], &[0.0, 0.0], &[1.0]);
    assert_eq!((parts.base, parts.output), (0.0, 2.0));
    for (c, known) in parts.contributions.iter().zip([2.0 / 3.0, 4.0 / 3.0]) {
        assert!((c - known).abs() <= 1e-3 * known, "{c} for {known}");
    }
    assert!(parts.residual.abs() <= 2e-3 && parts.steps < 50, "{parts:?}");
}
