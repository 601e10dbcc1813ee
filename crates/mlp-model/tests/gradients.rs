//! Gradients: the reference's against its own finite differences, the fast network's against the
//! reference's, and proof that the judge sees a wrong one. Dropout and losses have files of their
//! own.

use crate::common;

use common::{Case, LOSSES, agrees, cases, executors};
use mlp_model::reference::{Reference, ReferenceLoss};
use mlp_model::tensor::{Activation, Exec, Streams};
use mlp_model::{LayerSpec, Mode, NetworkSpec};
use proptest::prelude::*;

/// Step of the five-point stencil: its own error is of order `STEP⁴`, that of rounding `1e-16 /
/// STEP`.
const STEP: f64 = 1e-3;

/// The signs of all sums in front of an activation whose first or second derivative jumps at 0.
fn sides(reference: &Reference, rows: &[Vec<f64>]) -> Vec<bool> {
    use Activation::{Elu, LeakyRelu, Relu, Selu};
    let kinked = |f| matches!(f, Relu | LeakyRelu | Elu | Selu);
    let mut sides = Vec::new();
    for row in rows {
        for (layer, (z, _)) in reference.layers.iter().zip(reference.trace(row)) {
            if kinked(layer.activation) {
                sides.extend(z.iter().map(|&z| z > 0.0));
            }
        }
    }
    sides
}

/// The derivative by the parameter at `place`, `(8(f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h`; `None`
/// where the stencil reaches across a kink.
fn numeric(case: &Case, rows: &[Vec<f64>], place: usize) -> Option<f64> {
    let reference = case.reference();
    let here = sides(&reference, rows);
    let mut derivative = 0.0;
    for (factor, steps) in [(8.0, 1.0), (-8.0, -1.0), (-1.0, 2.0), (1.0, -2.0)] {
        let mut moved = reference.clone();
        *moved.parameter(place).unwrap() += steps * STEP;
        if sides(&moved, rows) != here {
            return None;
        }
        derivative += factor * moved.gradient(case.loss, rows, &case.targets).0;
    }
    Some(derivative / (12.0 * STEP))
}

/// Checks every parameter's derivative and returns how many were checked, and how many left out at
/// a kink.
fn check_reference(case: &Case) -> Result<(usize, usize), String> {
    let rows = case.rows();
    let (_, gradient) = case.reference().gradient(case.loss, &rows, &case.targets);
    let (mut checked, mut skipped) = (0, 0);
    for (place, &exact) in gradient.iter().enumerate() {
        let Some(numeric) = numeric(case, &rows, place) else {
            skipped += 1;
            continue;
        };
        checked += 1;
        // Below 1e-4 the rounding of the loss itself would show.
        let size = exact.abs().max(numeric.abs()).max(1e-4);
        let close = (exact - numeric).abs() < 1e-7 * size;
        if !close {
            return Err(format!(
                "parameter {place}: {exact:e}, by differences {numeric:e}, {case:?}"
            ));
        }
    }
    Ok((checked, skipped))
}

#[test]
fn reference_gradient_is_that_of_finite_differences_for_every_activation_loss_and_depth() {
    for activation in Activation::ALL {
        let (mut checked, mut skipped) = (0, 0);
        for loss in LOSSES {
            for depth in 0..4usize {
                let hidden: Vec<_> = (0..depth).map(|i| (5 - i, activation)).collect();
                let case = Case::new(7 + depth as u64, 4, &hidden, 3, loss, 4);
                let (c, s) = check_reference(&case).unwrap();
                (checked, skipped) = (checked + c, skipped + s);
            }
        }
        assert!(skipped * 5 < checked, "{activation:?}: {skipped} left out, {checked} checked");
        use Activation::{Elu, LeakyRelu, Relu, Selu};
        let kinked = matches!(activation, Relu | LeakyRelu | Elu | Selu);
        assert!(kinked || skipped == 0, "{activation:?} has no kink to leave out");
    }
}

#[test]
fn a_line_has_the_gradient_known_from_calculus() {
    // y = 3·x + 1 at x = 2 is 7; with t = 4 the loss is 9, dw = 2·3·x, db = 2·3
    let case = Case {
        spec: common::dense(1, &[], 1),
        params: vec![3.0, 1.0],
        x: vec![2.0],
        count: 1,
        targets: mlp_model::data::Targets::Numbers(vec![4.0]),
        loss: ReferenceLoss::Squared,
        class_weights: None,
    };
    assert_eq!(case.reference_gradient(), (9.0, vec![12.0, 6.0]));
    assert_eq!(case.fast_gradient(&Exec::serial()), (9.0, vec![12.0, 6.0]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn reference_gradient_is_that_of_finite_differences(case in cases()) {
        let (checked, skipped) = check_reference(&case).map_err(TestCaseError::fail)?;
        prop_assert!(checked + skipped == case.params.len());
    }

    #[test]
    fn network_gradient_is_that_of_the_reference(case in cases(), threads in 1usize..4) {
        prop_assume!(case.nearest_jump() > 1e-5);
        let exec = Exec::new(None, Some(threads)).unwrap();
        let (loss, gradient) = case.fast_gradient(&exec);
        let (reference_loss, reference) = case.reference_gradient();
        prop_assert!((loss - reference_loss).abs() <= 1e-5 * (1.0 + reference_loss.abs()));
        let slots = case.network().slots().to_vec();
        agrees(&slots, &gradient, &reference).map_err(TestCaseError::fail)?;
    }
}

/// Large enough to be cut among threads and into blocks, with edges that fill no block.
fn wide(activation: Activation, loss: ReferenceLoss) -> Case {
    Case::new(11, 131, &[(97, activation), (70, activation)], 11, loss, 67).weighted(3)
}

#[test]
fn wide_network_gradient_is_that_of_the_reference_on_every_executor() {
    let executors = executors();
    for activation in Activation::ALL {
        for loss in LOSSES {
            let case = wide(activation, loss);
            let slots = case.network().slots().to_vec();
            let (_, reference) = case.reference_gradient();
            let (_, first) = case.fast_gradient(&executors[0]);
            agrees(&slots, &first, &reference)
                .unwrap_or_else(|e| panic!("{activation:?} {loss:?}: {e}"));
            for exec in &executors[1..] {
                let (_, gradient) = case.fast_gradient(exec);
                assert!(common::bits(&gradient) == common::bits(&first), "{activation:?} {exec:?}");
            }
        }
    }
}

/// A case whose every part of the gradient matters, with what the network and the reference say of
/// it.
fn healthy() -> (Case, Vec<f32>, Vec<f64>) {
    let hidden = [(6, Activation::Tanh), (5, Activation::LeakyRelu)];
    let case = Case::new(5, 4, &hidden, 3, ReferenceLoss::Softmax, 6);
    let (gradient, reference) =
        (case.fast_gradient(&Exec::serial()).1, case.reference_gradient().1);
    agrees(case.network().slots(), &gradient, &reference).unwrap();
    (case, gradient, reference)
}

#[test]
fn a_broken_coordinate_is_caught() {
    let (case, gradient, reference) = healthy();
    let slots = case.network().slots().to_vec();
    let norm = reference.iter().map(|g| g * g).sum::<f64>().sqrt() as f32;
    let mut flipped = 0;
    for i in 0..gradient.len() {
        for wrong in [gradient[i] + 2e-4 * norm, f32::NAN, f32::INFINITY] {
            let mut broken = gradient.clone();
            broken[i] = wrong;
            assert!(agrees(&slots, &broken, &reference).is_err(), "parameter {i} as {wrong}");
        }
        if gradient[i].abs() > 1e-4 * norm {
            let mut broken = gradient.clone();
            broken[i] = -broken[i];
            assert!(agrees(&slots, &broken, &reference).is_err(), "parameter {i} flipped");
            flipped += 1;
        }
    }
    assert!(flipped * 10 > gradient.len() * 9, "only {flipped} signs could be flipped");
}

#[test]
fn a_layer_off_by_a_hundredth_is_caught() {
    let (case, gradient, reference) = healthy();
    let slots = case.network().slots().to_vec();
    for slot in &slots {
        let mut broken = gradient.clone();
        broken[slot.range.clone()].iter_mut().for_each(|g| *g *= 1.01);
        let error = agrees(&slots, &broken, &reference).unwrap_err();
        assert!(error.contains("is off by"), "{error}");
    }
}

#[test]
fn a_wrong_derivative_is_caught() {
    use Activation::{Elu, Identity, LeakyRelu, Logistic, Relu, Selu, Tanh};
    // The backward pass of another activation on the forward pass of this one; none of them keeps
    // `z`.
    let pairs =
        [(Tanh, Logistic), (LeakyRelu, Relu), (Elu, Selu), (Relu, Identity), (Logistic, Tanh)];
    for (right, wrong) in pairs {
        let case = Case::new(3, 4, &[(8, right), (6, Tanh)], 3, ReferenceLoss::Softmax, 6);
        assert!(!right.needs_z() && !wrong.needs_z());
        let mut spec: NetworkSpec = case.spec.clone();
        spec.layers[0] = LayerSpec::Dense { outputs: 8, activation: wrong };
        let (network, mistaken) = (case.network(), spec.build().unwrap());
        let (exec, streams) = (Exec::serial(), Streams::new(0));
        let mut work = network.workspace(case.count);
        let mode = Mode::Train(&streams, 0);
        network.forward(&exec, &case.params, &case.x, case.count, mode, &mut work);
        let (z, dz) = network.logits_and_gradient(&mut work);
        let scale = 1.0 / case.count as f32;
        case.fast_loss().sum_and_grad(&exec, z, &case.targets, scale, dz);
        let mut gradient = vec![0.0; case.params.len()];
        mistaken.backward(&exec, &case.params, &mut work, &mut gradient);
        let error = agrees(network.slots(), &gradient, &case.reference_gradient().1).unwrap_err();
        assert!(error.contains("is off by"), "{right:?} as {wrong:?}: {error}");
    }
}

#[test]
fn differences_expose_a_wrong_reference() {
    // The oracle's own oracle: the differences of one network against the gradient of another.
    let hidden = [(5, Activation::Tanh)];
    let case = Case::new(2, 4, &hidden, 3, ReferenceLoss::Softmax, 4);
    check_reference(&case).unwrap();
    let rows = case.rows();
    let other = Case::new(2, 4, &[(5, Activation::Softplus)], 3, ReferenceLoss::Softmax, 4);
    let (_, gradient) = other.reference().gradient(case.loss, &rows, &case.targets);
    let off = |place: usize| (numeric(&case, &rows, place).unwrap() - gradient[place]).abs();
    assert!((0..gradient.len()).map(off).fold(0.0, f64::max) > 1e-3);
}
