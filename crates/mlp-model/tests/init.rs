//! Initial weights: their spread by activation, their range, and bits that no change may move
//! unnoticed.

use crate::common;

use common::{bits, dense};
use mlp_model::tensor::{Activation, Streams};

/// The variance of a weight by the paper that proposed the rule.
fn variance(activation: Activation, inputs: f64, outputs: f64) -> f64 {
    use Activation::{
        Elu, Gelu, Identity, LeakyRelu, Logistic, Mish, Relu, Selu, Silu, Softplus, Tanh,
    };
    match activation {
        Relu | LeakyRelu | Elu | Gelu | Silu | Mish | Softplus => 2.0 / inputs, // He 2015
        Selu => 1.0 / inputs,                                                   // LeCun 1998
        Identity | Logistic | Tanh => 2.0 / (inputs + outputs),                 // Glorot 2010
    }
}

#[test]
fn weights_are_uniform_with_the_variance_of_their_rule_and_biases_are_zero() {
    for activation in Activation::ALL {
        let (inputs, outputs) = (250, 160);
        let network = dense(inputs, &[(outputs, activation)], 1).build().unwrap();
        let params = network.init(&Streams::new(3));
        let weights = params.slot(&network.slots()[0]);
        assert!(params.slot(&network.slots()[1]).iter().all(|&b| b.to_bits() == 0));

        let n = weights.len() as f64;
        let mean = weights.iter().map(|&w| f64::from(w)).sum::<f64>() / n;
        let second = weights.iter().map(|&w| f64::from(w) * f64::from(w)).sum::<f64>() / n;
        let right = variance(activation, inputs as f64, outputs as f64);
        // Five standard errors: of the mean, and of the second moment of a uniform variable.
        assert!(mean.abs() < 5.0 * (right / n).sqrt(), "{activation:?}: mean {mean}");
        assert!((second / right - 1.0).abs() < 5.0 * (0.8 / n).sqrt(), "{activation:?}: {second}");
        let limit = (3.0 * right).sqrt();
        let largest = weights.iter().fold(0.0f64, |m, &w| m.max(f64::from(w).abs()));
        assert!(largest <= limit * (1.0 + 1e-7) && largest > 0.999 * limit, "{activation:?}");
    }
}

#[test]
fn a_slot_depends_on_seed_and_position_alone() {
    let streams = Streams::new(5);
    let init = |hidden: &[(usize, Activation)]| {
        let network = dense(4, hidden, 3).build().unwrap();
        let params = network.init(&streams);
        network.slots().iter().map(|slot| params.slot(slot).to_vec()).collect::<Vec<_>>()
    };
    let short = init(&[(6, Activation::Tanh)]);
    let long = init(&[(6, Activation::Tanh), (7, Activation::Tanh)]);
    assert_eq!(short[0], long[0]);
    assert_ne!(short[2][..9], long[2][..9]);
    let network = dense(4, &[(6, Activation::Tanh)], 3).build().unwrap();
    assert_ne!(network.init(&Streams::new(6)).values, network.init(&streams).values);
    assert_ne!(short[0][..18], short[2][..18], "two slots share a stream");
}

#[test]
fn the_first_values_of_a_seed_never_change() {
    let network = dense(4, &[(6, Activation::Relu)], 2).build().unwrap();
    let params = network.init(&Streams::new(1));
    let first = |slot: usize| bits(&params.slot(&network.slots()[slot])[..4]);
    assert_eq!(
        [first(0), first(2)],
        [
            [3192535139, 3169242929, 3204733370, 3210179595],
            [1056586857, 3201349566, 1043701152, 3208506693],
        ]
    );
}
