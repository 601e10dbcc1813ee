//! Dropout: rate, scale, masks that agree between the passes and differ between steps, no trace at
//! prediction.

use crate::common;

use common::{bits, executors, stream, uniform};
use mlp_model::layer::{Dropout, Layer, Pass};
use mlp_model::tensor::{Activation, Exec, Matrix, Streams};
use mlp_model::{LayerSpec, Mode, NetworkSpec};
use proptest::prelude::*;

fn masked(exec: &Exec, rate: f32, step: u32, layer: usize, size: usize) -> Vec<f32> {
    let streams = Streams::new(9);
    let pass = Pass { exec, mode: Mode::Train(&streams, step), layer, first: 0 };
    let (x, mut y) = (Matrix::repeat(size, 1, 1.0), Matrix::repeat(size, 1, f32::NAN));
    let mut mask = y.clone();
    let (x, mask) = (x.as_view(), Some(mask.as_view_mut()));
    Dropout { width: size, rate }.forward(pass, &[], x, y.as_view_mut(), mask);
    y.as_slice().to_vec()
}

#[test]
fn zeroes_at_the_rate_and_scales_the_rest() {
    let size = 100_000;
    for rate in [0.1f32, 0.25, 0.5, 0.9] {
        let y = masked(&Exec::serial(), rate, 1, 0, size);
        let zeros = y.iter().filter(|&&v| v == 0.0).count();
        let kept = 1.0 / (1.0 - rate);
        assert!(y.iter().all(|&v| v == 0.0 || v == kept), "a value is neither 0 nor {kept}");
        // Five standard deviations of a binomial count.
        let (n, p) = (size as f64, f64::from(rate));
        let off = (zeros as f64 - n * p).abs();
        assert!(off < 5.0 * (n * p * (1.0 - p)).sqrt(), "{zeros} of {size} are zero at {rate}");
    }
}

#[test]
fn masks_belong_to_step_and_layer_and_to_no_executor() {
    let exec = Exec::serial();
    let mask = masked(&exec, 0.5, 3, 1, 5000);
    assert_eq!(mask, masked(&exec, 0.5, 3, 1, 5000));
    for (step, layer) in [(4, 1), (3, 2)] {
        let other = masked(&exec, 0.5, step, layer, 5000);
        let equal = mask.iter().zip(&other).filter(|(a, b)| a == b).count();
        assert!((2300..2700).contains(&equal), "{equal} of 5000 places are the same");
    }
    for exec in executors() {
        assert_eq!(mask, masked(&exec, 0.5, 3, 1, 5000), "{exec:?}");
    }
}

/// Two linear layers with dropout of 0.4 before, between and after them, where `places` says so.
fn linear(inputs: usize, hidden: usize, outputs: usize, places: [bool; 3]) -> NetworkSpec {
    let dense = |outputs| LayerSpec::Dense { outputs, activation: Activation::Identity };
    let mut layers = Vec::new();
    for (dropout, then) in places.into_iter().zip([Some(hidden), Some(outputs), None]) {
        if dropout {
            layers.push(LayerSpec::Dropout { rate: 0.4 });
        }
        layers.extend(then.map(dense));
    }
    NetworkSpec { inputs, layers }
}

/// `Σ` over examples of `dz·yᵀ`, flat and column-major, and `Σ dz`.
fn outer(dz: &[Vec<f64>], y: &[Vec<f64>]) -> Vec<f64> {
    let (rows, cols) = (dz[0].len(), y[0].len());
    let mut sum = vec![0.0; rows * cols + rows];
    for (dz, y) in dz.iter().zip(y) {
        for (o, dz) in dz.iter().enumerate() {
            for (i, y) in y.iter().enumerate() {
                sum[i * rows + o] += dz * y;
            }
            sum[rows * cols + o] += dz;
        }
    }
    sum
}

fn columns(values: &[f32], height: usize) -> Vec<Vec<f64>> {
    values.chunks(height).map(|c| c.iter().map(|&v| f64::from(v)).collect()).collect()
}

/// Multiplies by the mask of that layer, made on its own.
fn mask(pass: Pass<'_>, width: usize, d: &mut [Vec<f64>]) {
    let ones = Matrix::repeat(width, d.len(), 1.0);
    let (mut masked, mut mask) = (ones.clone(), ones.clone());
    let (y, kept) = (masked.as_view_mut(), Some(mask.as_view_mut()));
    Dropout { width, rate: 0.4 }.forward(pass, &[], ones.as_view(), y, kept);
    d.iter_mut().flatten().zip(&masked).for_each(|(d, m)| *d *= f64::from(*m));
}

/// A linear network with dropout is `m₂∘(W₂·(m₁∘(W₁·(m₀∘x))))` with masks `m`; with these its gradient
/// is known exactly. Returns the gradients by `backward` and by that formula.
fn gradients(
    seed: u64,
    step: u32,
    count: usize,
    [inputs, hidden, outputs]: [usize; 3],
    places: [bool; 3],
) -> (Vec<f32>, Vec<f64>) {
    let exec = Exec::serial();
    let network = linear(inputs, hidden, outputs, places).build().unwrap();
    let mut values = stream(seed, 0);
    let params = uniform(&mut values, network.parameters(), 1.0);
    let x = uniform(&mut values, inputs * count, 1.0);
    let dlogits = uniform(&mut values, outputs * count, 1.0);
    let streams = Streams::new(seed);
    let mode = Mode::Train(&streams, step);
    let mut work = network.workspace(count);
    network.forward(&exec, &params, &x, count, mode, &mut work);

    let dense: Vec<usize> = network.slots().iter().map(|s| s.layer).step_by(2).collect();
    let input = |layer: usize| match layer {
        0 => columns(&x, inputs),
        l => {
            let output = network.output(l - 1, &work).unwrap().clone_owned();
            columns(output.as_slice(), network.layers()[l].shape().inputs)
        }
    };
    let pass = |layer: usize| Pass { exec: &exec, mode, layer, first: 0 };
    let mut dz2 = columns(&dlogits, outputs);
    if places[2] {
        mask(pass(dense[1] + 1), outputs, &mut dz2);
    }
    let w2 = &params[network.range(dense[1])];
    let back = |dz: &Vec<f64>| -> Vec<f64> {
        let by = |i: usize| (0..outputs).map(move |o| f64::from(w2[i * outputs + o]) * dz[o]).sum();
        (0..hidden).map(by).collect()
    };
    let mut dz1: Vec<Vec<f64>> = dz2.iter().map(back).collect();
    if places[1] {
        mask(pass(dense[0] + 1), hidden, &mut dz1);
    }
    let expected = [outer(&dz1, &input(dense[0])), outer(&dz2, &input(dense[1]))].concat();

    network.logits_and_gradient(&mut work).1.copy_from_slice(&dlogits);
    let mut grad = vec![f32::NAN; network.parameters()];
    network.backward(&exec, &params, &mut work, &mut grad);
    (grad, expected)
}

proptest! {
    #[test]
    fn backward_uses_the_masks_of_forward(
        seed in any::<u64>(), step in any::<u32>(), count in 1usize..6,
        places in any::<[bool; 3]>(), inputs in 1usize..8, hidden in 1usize..8,
        outputs in 1usize..5,
    ) {
        let (grad, expected) = gradients(seed, step, count, [inputs, hidden, outputs], places);
        for (i, (&ours, &right)) in grad.iter().zip(&expected).enumerate() {
            let close = (f64::from(ours) - right).abs() < 1e-4;
            prop_assert!(close, "parameter {i}: {ours}, not {right}");
        }
    }

    #[test]
    fn prediction_is_that_of_the_network_without_dropout(
        seed in any::<u64>(), count in 1usize..9, rate in 0.0f32..0.99,
        places in any::<[bool; 3]>(),
    ) {
        let exec = Exec::serial();
        let with = {
            let mut spec = linear(5, 4, 3, places);
            for layer in &mut spec.layers {
                if let LayerSpec::Dropout { rate: r } = layer {
                    *r = rate;
                }
            }
            spec.build().unwrap()
        };
        let without = linear(5, 4, 3, [false; 3]).build().unwrap();
        let mut values = stream(seed, 0);
        let params = uniform(&mut values, with.parameters(), 1.0);
        let x = uniform(&mut values, 5 * count, 1.0);
        let (mut a, mut b) = (with.workspace(count), without.workspace(count));
        let a = with.forward(&exec, &params, &x, count, Mode::Infer, &mut a);
        let b = without.forward(&exec, &params, &x, count, Mode::Infer, &mut b);
        prop_assert_eq!(bits(a), bits(b));
    }
}

#[test]
fn outputs_of_layers_that_passed_through_are_their_inputs() {
    let exec = Exec::serial();
    let network = linear(2, 3, 1, [true; 3]).build().unwrap();
    let params = vec![0.5; network.parameters()];
    let mut work = network.workspace(2);
    let z =
        network.forward(&exec, &params, &[1.0, 2.0, 3.0, 4.0], 2, Mode::Infer, &mut work).to_vec();
    let output = |layer| network.output(layer, &work).map(|y| y.clone_owned().as_slice().to_vec());
    assert_eq!(output(0), None, "the network's own input is not an output");
    assert_eq!(output(1).unwrap(), [2.0, 2.0, 2.0, 4.0, 4.0, 4.0]);
    assert_eq!(network.output(2, &work), network.output(1, &work));
    assert_eq!(output(4).unwrap(), z);
}
