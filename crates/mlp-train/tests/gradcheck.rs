//! The check of gradients: right ones pass for every activation, task and size; each broken one is found and named.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]

use mlp_train::model::data::Targets;
use mlp_train::model::tensor::{Activation, Exec, Purpose, Streams};
use mlp_train::model::{Network, NetworkSpec, Task};
use mlp_train::{GradientCheck, check_gradient, network_gradient};

struct Case {
    network: Network,
    task: Task,
    params: Vec<f32>,
    x: Vec<f32>,
    targets: Targets,
}

impl Case {
    fn new(widths: (usize, &[usize]), activation: Activation, task: Task, dropout: f32) -> Case {
        let outputs = task.outputs(3);
        let spec = NetworkSpec::mlp(widths.0, widths.1, activation, dropout, outputs);
        let network = spec.build().unwrap();
        let streams = Streams::new(7);
        let params = network.init(&streams).values.to_vec();
        let mut x = vec![0.0; 4 * widths.0];
        streams.at(Purpose::Demo, 0, 0).fill_normal(&Exec::serial(), 0.0, 1.0, &mut x);
        let targets = match task {
            Task::Regression => Targets::Numbers(vec![0.5, -1.0, 2.0, 0.0]),
            Task::Binary => Targets::Classes(vec![0, 1, 1, 0]),
            Task::Multiclass => Targets::Classes(vec![2, 0, 1, 2]),
            Task::Multilabel => {
                Targets::Labels { width: 3, hits: vec![1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0] }
            }
        };
        Case { network, task, params, x, targets }
    }

    fn gradient(&self) -> Vec<f32> {
        let Case { network, task, params, x, targets } = self;
        network_gradient(&Exec::serial(), network, *task, params, x, targets)
    }

    fn check(&self, gradient: &[f32]) -> GradientCheck {
        let examples = (&self.x[..], &self.targets);
        check_gradient(&self.network, self.task, &self.params, examples, gradient, 1)
    }
}

#[test]
fn right_gradients_pass() {
    for activation in Activation::ALL {
        for task in [Task::Regression, Task::Binary, Task::Multiclass, Task::Multilabel] {
            let case = Case::new((5, &[8, 6]), activation, task, 0.2);
            let check = case.check(&case.gradient());
            assert!(check.passes(), "{activation:?} {task:?}: {:?}", check.worst());
            let (all, checked) = check.counts();
            assert!(
                all == case.params.len() && checked * 10 > all * 9,
                "{activation:?}: {checked}"
            );
            assert!(check.directions.is_empty() && check.loss > 0.0);
        }
    }
}

#[test]
fn each_broken_gradient_is_named() {
    let case = Case::new((4, &[6]), Activation::Tanh, Task::Multiclass, 0.0);
    let right = case.gradient();
    for i in 0..right.len() {
        for wrong in [right[i] * 1.01 + 1e-3_f32.copysign(right[i]), f32::NAN, f32::INFINITY] {
            let mut gradient = right.clone();
            gradient[i] = wrong;
            let check = case.check(&gradient);
            assert!(!check.passes(), "{i} as {wrong}");
            let (name, worst) = check.worst().unwrap();
            let slot = case.network.slots().iter().find(|s| s.range.contains(&i)).unwrap();
            let at = worst.input.unwrap_or(0) * slot.rows + worst.output;
            assert_eq!((name, slot.range.start + at), (slot.name.as_str(), i));
            assert_eq!(check.slots.iter().map(|s| s.broken).sum::<usize>(), 1);
        }
    }
}

#[test]
fn a_large_network_is_sampled_and_its_directions_checked() {
    let case = Case::new((100, &[160, 40]), Activation::Gelu, Task::Binary, 0.0);
    assert!(case.params.len() > 20_000);
    let right = case.gradient();
    let check = case.check(&right);
    assert!(check.passes(), "{:?} {:?}", check.worst(), check.directions);
    assert_eq!(
        check.slots.iter().map(|s| s.checked).collect::<Vec<_>>(),
        [200, 160, 200, 40, 40, 1]
    );
    assert_eq!(check.directions.len(), 8);
    assert_eq!(check, case.check(&right), "the sample depends on the seed alone");
    // A layer off by a hundredth is seen along directions, though each sampled one were right.
    let mut off = right.clone();
    off[case.network.slots()[0].range.clone()].iter_mut().for_each(|g| *g *= 1.01);
    let check = case.check(&off);
    assert!(!check.passes() && check.directions.iter().any(|d| d.error > 1e-3));
}
