//! Losses: values and gradients on logits against the reference, far tails, class weights, order of
//! sums.
#![allow(clippy::disallowed_methods, reason = "oracles may use what std has")]

use crate::common;

use common::{LOSSES, bits, executors, stream, uniform};
use mlp_model::data::Targets;
use mlp_model::reference::{Nodes, Reference, ReferenceLoss};
use mlp_model::tensor::{Activation, Exec};
use mlp_model::{LabelLogistic, Logistic, Loss, SoftmaxCrossEntropy, SquaredError, Task};
use proptest::prelude::*;

fn softmax(classes: usize) -> SoftmaxCrossEntropy {
    SoftmaxCrossEntropy { classes, class_weights: None }
}

fn fast(loss: ReferenceLoss, classes: usize) -> Box<dyn Loss> {
    match loss {
        ReferenceLoss::Squared => Box::new(SquaredError),
        ReferenceLoss::Logistic => Box::new(Logistic::default()),
        ReferenceLoss::Softmax => Box::new(softmax(classes)),
        ReferenceLoss::Labels => Box::new(LabelLogistic { labels: classes, class_weights: None }),
    }
}

/// The reference's loss of one example and its gradient by the logits: those of the biases of a
/// layer that changes nothing.
fn reference(loss: ReferenceLoss, z: &[f32], target: &Targets) -> (f64, Vec<f64>) {
    let n = z.len();
    let identity = |o: usize| (0..n).map(|i| f64::from(u8::from(i == o))).collect();
    let weights = (0..n).map(identity).collect();
    let layer = Nodes { weights, biases: vec![0.0; n], activation: Activation::Identity };
    let x = z.iter().map(|&z| f64::from(z)).collect();
    let (value, gradient) = Reference { layers: vec![layer] }.gradient(loss, &[x], target);
    (value, gradient[n * n..].to_vec())
}

fn close(a: f64, b: f64, relative: f64, absolute: f64) -> bool {
    (a - b).abs() <= relative * b.abs() + absolute
}

/// One logit vector, from tame to extreme.
fn logits() -> impl Strategy<Value = (Vec<f32>, u32)> {
    let size = prop::sample::select(vec![1.0f32, 30.0, 1e3, 1e4]);
    (prop::collection::vec(-1.0f32..1.0, 2..9), size, any::<u32>())
        .prop_map(|(z, size, t)| (z.iter().map(|z| z * size).collect(), t))
}

proptest! {
    #[test]
    fn value_and_gradient_are_those_of_the_reference((z, t) in logits()) {
        let exec = Exec::serial();
        for loss in LOSSES {
            let (z, target) = match loss {
                ReferenceLoss::Squared => (&z[..1], Targets::Numbers(vec![z[1]])),
                ReferenceLoss::Logistic => (&z[..1], Targets::Classes(vec![t % 2])),
                ReferenceLoss::Softmax => (&z[..], Targets::Classes(vec![t % z.len() as u32])),
                ReferenceLoss::Labels => {
                    let hits = (0..z.len()).map(|j| (t >> j & 1) as u8).collect();
                    (&z[..], Targets::Labels { width: z.len(), hits })
                }
            };
            let (value, gradient) = reference(loss, z, &target);
            let mut dz = vec![f32::NAN; z.len()];
            let ours = fast(loss, z.len()).sum_and_grad(&exec, z, &target, 1.0, &mut dz);
            prop_assert!(ours.is_finite() && ours >= 0.0);
            prop_assert!(close(ours, value, 1e-6, 1e-11), "{loss:?}: {ours:e}, not {value:e}");
            for (&ours, &right) in dz.iter().zip(&gradient) {
                let good = close(f64::from(ours), right, 3e-6, 1e-15);
                prop_assert!(good, "{loss:?} of {z:?}: {ours:e}, not {right:e}");
            }
        }
    }

    #[test]
    fn sum_is_that_of_sum_and_grad_and_scale_multiplies_the_gradient(
        seed in any::<u64>(), count in 1usize..300, classes in 2usize..12,
    ) {
        let exec = Exec::serial();
        for loss in LOSSES {
            let outputs = if loss == ReferenceLoss::Softmax { classes } else { 1 };
            let mut values = stream(seed, 0);
            let z = uniform(&mut values, outputs * count, 5.0);
            let t = match loss {
                ReferenceLoss::Squared => Targets::Numbers(uniform(&mut values, count, 5.0)),
                _ => {
                    let classes = outputs.max(2) as u64;
                    Targets::Classes((0..count).map(|_| values.below(classes) as u32).collect())
                }
            };
            let loss = fast(loss, classes);
            let (mut once, mut half) = (vec![0.0; z.len()], vec![0.0; z.len()]);
            let sum = loss.sum_and_grad(&exec, &z, &t, 1.0, &mut once);
            let again = loss.sum_and_grad(&exec, &z, &t, 0.5, &mut half);
            prop_assert_eq!(again.to_bits(), sum.to_bits());
            prop_assert_eq!(loss.sum(&exec, &z, &t).to_bits(), sum.to_bits());
            once.iter_mut().for_each(|d| *d *= 0.5);
            prop_assert_eq!(bits(&once), bits(&half));
        }
    }
}

#[test]
fn tails_are_right() {
    let exec = Exec::serial();
    let (small, slope) = (1.928_749_847_963_917_8e-22, 1.928_749_8e-22_f32); // exp(-50)
    for (z, t, loss, gradient) in [
        (-50.0, 0, small, slope),
        (50.0, 1, small, -slope),
        (50.0, 0, 50.0, 1.0),
        (-50.0, 1, 50.0, -1.0),
        (1e4, 0, 1e4, 1.0),
        (-1e4, 0, 0.0, 0.0),
        (0.0, 1, std::f64::consts::LN_2, -0.5),
    ] {
        let t = Targets::Classes(vec![t]);
        let mut dz = [f32::NAN];
        let ours = Logistic::default().sum_and_grad(&exec, &[z], &t, 1.0, &mut dz);
        assert!(close(ours, loss, 1e-14, 0.0), "logistic of {z}: {ours:e}, not {loss:e}");
        assert!(close(f64::from(dz[0]), f64::from(gradient), 3e-7, 0.0), "logistic of {z}: {dz:?}");
        // The same as a softmax of (0, z).
        let mut dz = [f32::NAN; 2];
        let ours = softmax(2).sum_and_grad(&exec, &[0.0, z], &t, 1.0, &mut dz);
        assert!(close(ours, loss, 1e-6, 0.0), "softmax of {z}: {ours:e}, not {loss:e}");
        assert!(close(f64::from(dz[1]), f64::from(gradient), 1e-6, 0.0), "softmax of {z}: {dz:?}");
        assert!(close(f64::from(dz[0]), -f64::from(gradient), 1e-6, 0.0), "softmax of {z}: {dz:?}");
    }
}

#[test]
fn weights_multiply_the_examples_of_their_class() {
    let exec = Exec::serial();
    let (z, t) = ([0.3, -1.2, 2.0], [1u32, 0, 1]);
    let weighted = Logistic { class_weights: Some(vec![0.5, 3.0]) };
    let (mut expected, mut gradient) = (0.0, [0.0; 3]);
    for i in 0..3 {
        let w = if t[i] == 1 { 3.0 } else { 0.5 };
        let one = Targets::Classes(vec![t[i]]);
        let plain =
            Logistic::default().sum_and_grad(&exec, &z[i..=i], &one, 1.0, &mut gradient[i..=i]);
        expected += f64::from(w) * plain;
        gradient[i] *= w;
    }
    let mut dz = [f32::NAN; 3];
    let all = Targets::Classes(t.to_vec());
    assert!(close(weighted.sum_and_grad(&exec, &z, &all, 1.0, &mut dz), expected, 1e-15, 0.0));
    assert!(dz.iter().zip(&gradient).all(|(a, b)| (a - b).abs() < 1e-7), "{dz:?} {gradient:?}");

    let weights = vec![2.0, 0.0, 1.0];
    let weighted = SoftmaxCrossEntropy { classes: 3, class_weights: Some(weights) };
    let mut dz = [f32::NAN; 6];
    let z = [0.1, 0.2, 0.3, 3.0, 2.0, 1.0];
    let sum = weighted.sum_and_grad(&exec, &z, &Targets::Classes(vec![0, 1]), 1.0, &mut dz);
    let first = softmax(3).sum(&exec, &z[..3], &Targets::Classes(vec![0]));
    assert!(close(sum, 2.0 * first, 1e-15, 0.0));
    assert_eq!(dz[3..], [0.0; 3], "a class of weight 0 teaches nothing");
}

#[test]
fn the_loss_of_labels_is_the_mean_of_one_logistic_loss_each() {
    let exec = Exec::serial();
    let (z, hits) = ([0.3, -1.2, 2.0, 80.0, -0.5, 1e4], vec![1u8, 0, 1, 1, 1, 0]);
    let weights = vec![0.5, 3.0, 1.0, 1.0, 2.0, 0.25];
    let labels = LabelLogistic { labels: 3, class_weights: Some(weights.clone()) };
    let (mut expected, mut gradient) = (0.0, [0.0; 6]);
    for i in 0..6 {
        let class_weights = Some(weights[2 * (i % 3)..2 * (i % 3) + 2].to_vec());
        let one = Targets::Classes(vec![hits[i].into()]);
        let loss = Logistic { class_weights };
        expected +=
            loss.sum_and_grad(&exec, &z[i..=i], &one, 0.5 / 3.0, &mut gradient[i..=i]) / 3.0;
    }
    let mut dz = [f32::NAN; 6];
    let targets = Targets::Labels { width: 3, hits };
    let sum = labels.sum_and_grad(&exec, &z, &targets, 0.5, &mut dz);
    assert!(close(sum, expected, 1e-15, 0.0), "{sum} {expected}");
    assert_eq!(bits(&dz), bits(&gradient));
    assert_eq!(labels.sum(&exec, &z, &targets).to_bits(), sum.to_bits());
}

#[test]
fn every_executor_gives_the_same_bits() {
    let mut values = stream(1, 0);
    let (classes, count) = (10, 777);
    let z = uniform(&mut values, classes * count, 20.0);
    let t = Targets::Classes((0..count).map(|_| values.below(classes as u64) as u32).collect());
    let run = |exec: &Exec| {
        let mut dz = vec![f32::NAN; z.len()];
        let sum = softmax(classes).sum_and_grad(exec, &z, &t, 1.0, &mut dz);
        (sum.to_bits(), bits(&dz))
    };
    let executors = executors();
    let first = run(&executors[0]);
    assert!(executors.iter().all(|exec| run(exec) == first));
}

#[test]
fn tasks_have_their_losses() {
    let exec = Exec::serial();
    let numbers = Targets::Numbers(vec![1.0]);
    assert_eq!(Task::Regression.loss(0, None).sum(&exec, &[3.0], &numbers), 4.0);
    let class = Targets::Classes(vec![1]);
    let half = Task::Binary.loss(2, Some(vec![1.0, 0.5])).sum(&exec, &[0.0], &class);
    assert!(close(half, 0.5 * std::f64::consts::LN_2, 1e-15, 0.0));
    let third = Task::Multiclass.loss(3, None).sum(&exec, &[7.0; 3], &class);
    assert!(close(third, 3f64.ln(), 1e-7, 0.0));
    assert_eq!([Task::Regression, Task::Binary, Task::Multiclass].map(|t| t.outputs(5)), [1, 1, 5]);
}
