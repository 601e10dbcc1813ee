//! Networks: equal bits whatever the batch, threads and instruction set; collapse of linear layers;
//! names and places of parameters; sizes that are refused.

use crate::common;

use common::{Case, bits, dense, executors, stream, uniform};
use mlp_model::data::{DataError, Examples, Targets};
use mlp_model::reference::{Reference, ReferenceLoss};
use mlp_model::tensor::{Activation, Exec, MatrixViewMut, Streams, Weights};
use mlp_model::{LayerSpec, MAX_PARAMETERS, Mode, ModelError, NetworkSpec, RowNetwork};
use proptest::prelude::*;

/// Widths that fill no SIMD register or block, every activation in turn.
fn mixed(activations: &[Activation]) -> Case {
    let widths = [70, 33, 17, 5];
    let hidden: Vec<_> = widths.into_iter().zip(activations.iter().copied()).collect();
    Case::new(21, 45, &hidden, 11, ReferenceLoss::Softmax, 512)
}

#[test]
fn rows_one_by_one_have_the_bits_of_the_network_that_the_weights_became() {
    for activations in Activation::ALL.chunks(4) {
        let case = mixed(activations);
        let network = case.network();
        let mut work = network.workspace(1);
        for weights in [Weights::F32, Weights::Bits16] {
            let mut rows = RowNetwork::new(&network, &case.params, weights);
            let widened = rows.widened();
            assert_eq!(bits(&widened) == bits(&case.params), weights == Weights::F32);
            for exec in executors() {
                for row in case.x.chunks_exact(network.inputs()).take(9) {
                    let z = network.forward(&exec, &widened, row, 1, Mode::Infer, &mut work);
                    assert_eq!(bits(rows.forward(&exec, row)), bits(z), "{weights:?}, {exec:?}");
                }
            }
        }
    }
}

#[test]
fn a_row_alone_and_in_any_batch_has_the_same_bits() {
    let exec = Exec::new(None, Some(2)).unwrap();
    for activations in Activation::ALL.chunks(4) {
        let case = mixed(activations);
        let network = case.network();
        let (inputs, outputs) = (network.inputs(), network.outputs());
        let mut work = network.workspace(1);
        let mut alone = Vec::new();
        for row in case.x.chunks_exact(inputs) {
            alone.extend(network.forward(&exec, &case.params, row, 1, Mode::Infer, &mut work));
        }
        let mut work = network.workspace(512);
        for size in [
            2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 200, 255, 256, 257, 511,
            512,
        ] {
            for first in [0, 512 - size] {
                let x = &case.x[first * inputs..];
                let z = network.forward(&exec, &case.params, x, size, Mode::Infer, &mut work);
                let same = &alone[first * outputs..(first + size) * outputs];
                assert!(bits(z) == bits(same), "{activations:?}, a batch of {size} from {first}");
            }
        }
    }
}

#[test]
fn every_executor_gives_the_same_bits_forward_and_backward() {
    let executors = executors();
    for activations in Activation::ALL.chunks(4) {
        let mut case = mixed(activations);
        let mut layers = case.spec.layers.clone();
        layers.insert(1, LayerSpec::Dropout { rate: 0.3 });
        case.spec.layers = layers;
        let network = case.network();
        let streams = Streams::new(4);
        let run = |exec: &Exec| {
            let mut work = network.workspace(512);
            let mode = Mode::Train(&streams, 7);
            let z = network.forward(exec, &case.params, &case.x, 512, mode, &mut work);
            let z = bits(z);
            let (logits, dz) = network.logits_and_gradient(&mut work);
            let loss = case.fast_loss().sum_and_grad(exec, logits, &case.targets, 0.01, dz);
            let mut grad = vec![f32::NAN; network.parameters()];
            network.backward(exec, &case.params, &mut work, &mut grad);
            (z, loss.to_bits(), bits(&grad))
        };
        let first = run(&executors[0]);
        for exec in &executors[1..] {
            assert!(run(exec) == first, "{activations:?} on {exec:?}");
        }
    }
}

#[test]
fn training_and_inferring_agree_without_dropout() {
    let exec = Exec::serial();
    let case = mixed(&[Activation::Gelu, Activation::Relu, Activation::Mish, Activation::Tanh]);
    let network = case.network();
    let (mut a, mut b) = (network.workspace(512), network.workspace(512));
    let mode = Mode::Train(&Streams::new(0), 0);
    let train = network.forward(&exec, &case.params, &case.x, 512, mode, &mut a);
    let infer = network.forward(&exec, &case.params, &case.x, 512, Mode::Infer, &mut b);
    assert!(bits(train) == bits(infer));
}

#[test]
fn a_workspace_serves_batches_of_changing_size() {
    let exec = Exec::serial();
    let small = Case::new(1, 6, &[(5, Activation::Silu)], 3, ReferenceLoss::Softmax, 3);
    let network = small.network();
    let fresh = small.fast_gradient(&exec).1;
    let large = Case::new(2, 6, &[(5, Activation::Silu)], 3, ReferenceLoss::Softmax, 50);
    let mut work = network.workspace(50);
    let streams = Streams::new(0);
    let mut grad = vec![f32::NAN; network.parameters()];
    for case in [&large, &small] {
        let mode = Mode::Train(&streams, 0);
        network.forward(&exec, &small.params, &case.x, case.count, mode, &mut work);
        let (z, dz) = network.logits_and_gradient(&mut work);
        assert_eq!((z.len(), dz.len()), (3 * case.count, 3 * case.count));
        let scale = 1.0 / case.count as f32;
        case.fast_loss().sum_and_grad(&exec, z, &case.targets, scale, dz);
        network.backward(&exec, &small.params, &mut work, &mut grad);
    }
    assert_eq!(bits(&grad), bits(&fresh));
}

#[test]
#[should_panic(expected = "needs a forward pass in training mode")]
fn backward_after_inference_is_a_fault_of_the_caller() {
    let exec = Exec::serial();
    let case = Case::new(1, 2, &[], 2, ReferenceLoss::Squared, 1);
    let network = case.network();
    let mut work = network.workspace(1);
    network.forward(&exec, &case.params, &case.x, 1, Mode::Infer, &mut work);
    network.backward(&exec, &case.params, &mut work, &mut [0.0; 3]);
}

/// `W·x + b` of a reference with one layer, or the product of its layers.
fn collapsed(reference: &Reference) -> (Vec<Vec<f64>>, Vec<f64>) {
    let inputs = reference.layers[0].weights[0].len();
    let unit = |i: Option<usize>| (0..inputs).map(|j| f64::from(u8::from(Some(j) == i))).collect();
    let at = |x: Vec<f64>| reference.forward(&x);
    let b = at(unit(None));
    let columns: Vec<Vec<f64>> = (0..inputs).map(|i| at(unit(Some(i)))).collect();
    let w = (0..b.len()).map(|o| columns.iter().map(|c| c[o] - b[o]).collect()).collect();
    (w, b)
}

proptest! {
    /// "Linear combinations of recursively nested linear combinations" are one linear combination.
    #[test]
    fn without_activations_a_network_is_one_linear_map(
        seed in any::<u64>(), inputs in 1usize..7, widths in prop::collection::vec(1usize..7, 1..4),
    ) {
        let hidden: Vec<_> = widths.into_iter().map(|w| (w, Activation::Identity)).collect();
        let case = Case::new(seed, inputs, &hidden, 3, ReferenceLoss::Softmax, 5);
        let (w, b) = collapsed(&case.reference());
        let network = case.network();
        let mut work = network.workspace(5);
        let z = network.forward(&Exec::serial(), &case.params, &case.x, 5, Mode::Infer, &mut work);
        for (row, z) in case.rows().iter().zip(z.chunks_exact(3)) {
            for o in 0..3 {
                let line = b[o] + w[o].iter().zip(row).map(|(w, x)| w * x).sum::<f64>();
                prop_assert!((f64::from(z[o]) - line).abs() < 1e-4, "{} not {line}", z[o]);
            }
        }
    }

    #[test]
    fn forward_is_that_of_the_reference(case in common::cases()) {
        let network = case.network();
        let mut work = network.workspace(case.count);
        let exec = Exec::serial();
        let z = network.forward(&exec, &case.params, &case.x, case.count, Mode::Infer, &mut work);
        let reference = case.reference();
        for (row, z) in case.rows().iter().zip(z.chunks_exact(network.outputs())) {
            for (z, right) in z.iter().zip(reference.forward(row)) {
                prop_assert!((f64::from(*z) - right).abs() < 1e-5 * (1.0 + right.abs()));
            }
        }
    }
}

#[test]
fn with_an_activation_it_is_not_a_linear_map() {
    let case = Case::new(1, 3, &[(6, Activation::Tanh)], 2, ReferenceLoss::Softmax, 5);
    let (reference, (w, b)) = (case.reference(), collapsed(&case.reference()));
    let off = |row: &Vec<f64>| {
        let line = b[0] + w[0].iter().zip(row).map(|(w, x)| w * x).sum::<f64>();
        (reference.forward(row)[0] - line).abs()
    };
    assert!(case.rows().iter().map(off).fold(0.0, f64::max) > 0.01);
}

#[test]
fn parameters_are_numbered_as_torch_sequential_does() {
    let spec = NetworkSpec {
        inputs: 4,
        layers: vec![
            LayerSpec::Dropout { rate: 0.1 },                              // 0
            LayerSpec::Dense { outputs: 6, activation: Activation::Relu }, // 1, 2
            LayerSpec::Dropout { rate: 0.5 },                              // 3
            LayerSpec::Dense { outputs: 5, activation: Activation::Identity }, // 4
            LayerSpec::Dense { outputs: 3, activation: Activation::Tanh }, // 5, 6
            LayerSpec::Dense { outputs: 2, activation: Activation::Identity }, // 7
        ],
    };
    let network = spec.build().unwrap();
    let slots: Vec<_> = (network.slots().iter())
        .map(|s| (s.name.as_str(), s.layer, s.rows, s.cols, s.range.clone(), s.decay))
        .collect();
    let expected = [
        ("1.weight", 1, 6, 4, 0..24, true),
        ("1.bias", 1, 6, 1, 24..30, false),
        ("4.weight", 3, 5, 6, 30..60, true),
        ("4.bias", 3, 5, 1, 60..65, false),
        ("5.weight", 4, 3, 5, 65..80, true),
        ("5.bias", 4, 3, 1, 80..83, false),
        ("7.weight", 5, 2, 3, 83..89, true),
        ("7.bias", 5, 2, 1, 89..91, false),
    ];
    assert_eq!(slots, expected);
    assert_eq!((network.parameters(), network.range(3), network.range(0)), (91, 30..65, 0..0));
}

#[test]
fn the_shorthand_builds_hidden_layers_with_dropout_after_each() {
    let spec = NetworkSpec::mlp(4, &[6, 5], Activation::Relu, 0.25, 2);
    let relu = |outputs| LayerSpec::Dense { outputs, activation: Activation::Relu };
    let dropout = LayerSpec::Dropout { rate: 0.25 };
    let last = LayerSpec::Dense { outputs: 2, activation: Activation::Identity };
    assert_eq!(spec.layers, [relu(6), dropout, relu(5), dropout, last]);
    assert_eq!(NetworkSpec::mlp(4, &[6, 5], Activation::Relu, 0.0, 2).layers.len(), 3);
    assert_eq!((spec.check().unwrap(), spec.outputs()), (4 * 6 + 6 + 6 * 5 + 5 + 5 * 2 + 2, 2));
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    let relu = |outputs| LayerSpec::Dense { outputs, activation: Activation::Relu };
    let dropout = |rate| LayerSpec::Dropout { rate };
    let many = |n| vec![relu(1); n];
    let cases = [
        (0, vec![relu(1)], "at least one input"),
        (3, vec![], "one dense layer"),
        (usize::MAX, vec![dropout(0.5)], "one dense layer"),
        (usize::MAX, vec![relu(1)], "layer 0"),
        (usize::MAX, vec![relu(usize::MAX)], "layer 0"),
        (1 << 32, vec![relu(1 << 32)], "layer 0"),
        (3, vec![relu(2), relu(0)], "layer 1"),
        (3, vec![relu(MAX_PARAMETERS)], "layer 0"),
        (MAX_PARAMETERS - 2, vec![relu(1), relu(1)], "layer 1"),
        (3, vec![relu(2), dropout(1.0), relu(1)], "layer 1: dropout 1 "),
        (3, vec![relu(2), dropout(-0.1), relu(1)], "layer 1: dropout -0.1"),
        (3, vec![dropout(f32::NAN), relu(1)], "layer 0: dropout NaN"),
        (3, many(10_001), "10001 layers"),
    ];
    for (inputs, layers, expected) in cases {
        let spec = NetworkSpec { inputs, layers };
        let Err(ModelError::Network { what }) = spec.check() else {
            panic!("{expected} is accepted")
        };
        assert!(what.contains(expected), "{what}");
        assert!(spec.build().is_err());
    }
    assert_eq!(NetworkSpec { inputs: 3, layers: many(10_000) }.check().unwrap(), 4 + 9_999 * 2);
    let most = NetworkSpec { inputs: MAX_PARAMETERS - 1, layers: vec![relu(1)] };
    assert_eq!(most.check().unwrap(), MAX_PARAMETERS);
    for bad in [f32::NAN, -0.5, 1.0] {
        assert!(
            NetworkSpec::mlp(3, &[2], Activation::Relu, bad, 1).check().is_err(),
            "dropout {bad}"
        );
    }
}

/// Rows in memory.
struct Rows<'a>(&'a [f32], usize);

impl Examples for Rows<'_> {
    fn len(&self) -> usize {
        self.0.len() / self.1
    }
    fn width(&self) -> usize {
        self.1
    }
    fn inputs(&self, _: &Exec, rows: &[usize], mut x: MatrixViewMut<'_>) -> Result<(), DataError> {
        for (mut column, &row) in x.column_iter_mut().zip(rows) {
            column.as_mut_slice().copy_from_slice(&self.0[row * self.1..(row + 1) * self.1]);
        }
        Ok(())
    }
    fn targets(&self, _: &[usize], into: &mut Targets) -> Result<(), DataError> {
        *into = Targets::None;
        Ok(())
    }
}

#[test]
fn logits_of_many_rows_are_those_of_each() {
    let exec = Exec::serial();
    let network = dense(3, &[(4, Activation::Elu)], 2).build().unwrap();
    let mut values = stream(8, 0);
    let params = uniform(&mut values, network.parameters(), 1.0);
    let x = uniform(&mut values, 3 * 1200, 2.0);
    let rows: Vec<usize> = (0..1200).rev().collect();
    let z = network.logits(&exec, &params, &Rows(&x, 3), &rows).unwrap();
    assert_eq!(z.len(), 2400);
    for (i, &row) in rows.iter().enumerate().step_by(97) {
        let one = network.logits(&exec, &params, &Rows(&x, 3), &[row]).unwrap();
        assert_eq!(bits(&one), bits(&z[2 * i..2 * i + 2]), "row {row}");
    }
    assert!(network.logits(&exec, &params, &Rows(&x, 3), &[]).unwrap().is_empty());
}
