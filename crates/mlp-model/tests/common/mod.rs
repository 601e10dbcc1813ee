//! What several test files share: random networks with data, and the judge of gradients.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]
#![allow(dead_code, reason = "each test file is a crate of its own and uses a part")]

pub mod models;

use mlp_model::data::Targets;
use mlp_model::reference::{Reference, ReferenceLoss};
use mlp_model::tensor::{Activation, Exec, Isa, Purpose, Stream, Streams};
use mlp_model::{
    LabelLogistic, LayerSpec, Logistic, Loss, Mode, Network, NetworkSpec, Slot,
    SoftmaxCrossEntropy, SquaredError,
};
use proptest::prelude::*;

pub const LOSSES: [ReferenceLoss; 4] = [
    ReferenceLoss::Squared,
    ReferenceLoss::Logistic,
    ReferenceLoss::Softmax,
    ReferenceLoss::Labels,
];

/// A network with parameters, a batch and a loss.
#[derive(Clone, Debug)]
pub struct Case {
    pub spec: NetworkSpec,
    pub params: Vec<f32>,
    /// `inputs × count`
    pub x: Vec<f32>,
    pub count: usize,
    pub targets: Targets,
    pub loss: ReferenceLoss,
    pub class_weights: Option<Vec<f32>>,
}

/// Random numbers for tests, from a seed and a number.
pub fn stream(seed: u64, index: u32) -> Stream {
    Streams::new(seed).at(Purpose::Demo, 0, index)
}

/// `count` values, uniform on ±`limit`.
pub fn uniform(stream: &mut Stream, count: usize, limit: f64) -> Vec<f32> {
    (0..count).map(|_| ((2.0 * stream.uniform_f64() - 1.0) * limit) as f32).collect()
}

/// Dense layers of these widths and activations; the output layer is linear.
pub fn dense(inputs: usize, hidden: &[(usize, Activation)], outputs: usize) -> NetworkSpec {
    let mut layers: Vec<LayerSpec> = (hidden.iter())
        .map(|&(outputs, activation)| LayerSpec::Dense { outputs, activation })
        .collect();
    layers.push(LayerSpec::Dense { outputs, activation: Activation::Identity });
    NetworkSpec { inputs, layers }
}

impl Case {
    /// Parameters that leave no activation saturated, inputs of unit size, any targets.
    pub fn new(
        seed: u64,
        inputs: usize,
        hidden: &[(usize, Activation)],
        classes: usize,
        loss: ReferenceLoss,
        count: usize,
    ) -> Case {
        let outputs = match loss {
            ReferenceLoss::Softmax | ReferenceLoss::Labels => classes,
            ReferenceLoss::Squared | ReferenceLoss::Logistic => 1,
        };
        let classes = if loss == ReferenceLoss::Logistic { 2 } else { classes };
        let spec = dense(inputs, hidden, outputs);
        let network = spec.clone().build().unwrap();
        let mut values = stream(seed, 0);
        let mut params = Vec::new();
        for slot in network.slots() {
            let limit = 1.7 / (slot.cols as f64).sqrt();
            params.extend(uniform(&mut values, slot.range.len(), limit));
        }
        let mut data = stream(seed, 1);
        let targets = match loss {
            ReferenceLoss::Squared => Targets::Numbers(uniform(&mut data, count, 2.0)),
            ReferenceLoss::Labels => {
                let hits = (0..count * classes).map(|_| data.below(2) as u8).collect();
                Targets::Labels { width: classes, hits }
            }
            _ => Targets::Classes((0..count).map(|_| data.below(classes as u64) as u32).collect()),
        };
        let x = uniform(&mut data, inputs * count, 1.7);
        Case { spec, params, x, count, targets, loss, class_weights: None }
    }

    /// With a factor between 0.25 and 4 for every class.
    pub fn weighted(mut self, seed: u64) -> Case {
        let classes = match self.loss {
            // The weights of labels are no factors of whole examples: they have a test of their own.
            ReferenceLoss::Squared | ReferenceLoss::Labels => return self,
            ReferenceLoss::Logistic => 2,
            ReferenceLoss::Softmax => self.spec.outputs(),
        };
        let mut values = stream(seed, 2);
        let factors = (0..classes).map(|_| 0.25 + 3.75 * values.uniform()).collect();
        self.class_weights = Some(factors);
        self
    }

    pub fn network(&self) -> Network {
        self.spec.clone().build().unwrap()
    }

    pub fn reference(&self) -> Reference {
        Reference::new(&self.spec, &self.params)
    }

    /// The batch for the reference.
    pub fn rows(&self) -> Vec<Vec<f64>> {
        (self.x.chunks_exact(self.spec.inputs))
            .map(|row| row.iter().map(|&x| f64::from(x)).collect())
            .collect()
    }

    /// The loss of the fast network.
    pub fn fast_loss(&self) -> Box<dyn Loss> {
        let class_weights = self.class_weights.clone();
        match self.loss {
            ReferenceLoss::Squared => Box::new(SquaredError),
            ReferenceLoss::Logistic => Box::new(Logistic { class_weights }),
            ReferenceLoss::Labels => {
                Box::new(LabelLogistic { labels: self.spec.outputs(), class_weights })
            }
            ReferenceLoss::Softmax => {
                Box::new(SoftmaxCrossEntropy { classes: self.spec.outputs(), class_weights })
            }
        }
    }

    /// The target of one example.
    pub fn target(&self, i: usize) -> Targets {
        match &self.targets {
            Targets::Classes(t) => Targets::Classes(vec![t[i]]),
            Targets::Numbers(t) => Targets::Numbers(vec![t[i]]),
            Targets::None => Targets::None,
            Targets::Labels { width, hits } => {
                let hits = hits[i * width..(i + 1) * width].to_vec();
                Targets::Labels { width: *width, hits }
            }
        }
    }

    /// Mean loss and gradient by the reference; class weights multiply each example's own.
    pub fn reference_gradient(&self) -> (f64, Vec<f64>) {
        let reference = self.reference();
        let (mut loss, mut grad) = (0.0, vec![0.0; self.params.len()]);
        for (i, row) in self.rows().into_iter().enumerate() {
            let weight = match (&self.targets, &self.class_weights) {
                (Targets::Classes(t), Some(w)) => f64::from(w[t[i] as usize]),
                _ => 1.0,
            };
            let (l, g) = reference.gradient(self.loss, &[row], &self.target(i));
            loss += weight * l / self.count as f64;
            for (sum, g) in grad.iter_mut().zip(g) {
                *sum += weight * g / self.count as f64;
            }
        }
        (loss, grad)
    }

    /// Mean loss and gradient by the fast network.
    pub fn fast_gradient(&self, exec: &Exec) -> (f64, Vec<f32>) {
        let (network, streams) = (self.network(), Streams::new(0));
        let mut work = network.workspace(self.count);
        let mode = Mode::Train(&streams, 0);
        network.forward(exec, &self.params, &self.x, self.count, mode, &mut work);
        let (z, dz) = network.logits_and_gradient(&mut work);
        let scale = 1.0 / self.count as f32;
        let sum = self.fast_loss().sum_and_grad(exec, z, &self.targets, scale, dz);
        let mut grad = vec![f32::NAN; network.parameters()];
        network.backward(exec, &self.params, &mut work, &mut grad);
        (sum / self.count as f64, grad)
    }

    /// The smallest |z| in front of an activation whose derivative jumps there; the two networks
    /// may round such a sum to different sides.
    pub fn nearest_jump(&self) -> f64 {
        let reference = self.reference();
        let jumps = |f| matches!(f, Activation::Relu | Activation::LeakyRelu | Activation::Selu);
        let mut nearest = f64::INFINITY;
        for row in self.rows() {
            for (layer, (z, _)) in reference.layers.iter().zip(reference.trace(&row)) {
                if jumps(layer.activation) {
                    nearest = z.iter().fold(nearest, |n, z| n.min(z.abs()));
                }
            }
        }
        nearest
    }
}

/// Judges a gradient against the reference's: as a whole, and every weight matrix and bias on its
/// own, so that a small layer cannot hide behind a large one.
pub fn agrees(slots: &[Slot], net: &[f32], reference: &[f64]) -> Result<(), String> {
    if net.len() != reference.len() {
        return Err(format!("{} values against {}", net.len(), reference.len()));
    }
    let norms = |range: std::ops::Range<usize>| {
        let (mut difference, mut size) = (0.0, 0.0);
        for (&a, &b) in net[range.clone()].iter().zip(&reference[range]) {
            difference += (f64::from(a) - b) * (f64::from(a) - b);
            size += b * b;
        }
        (difference.sqrt(), size.sqrt())
    };
    let (difference, whole) = norms(0..net.len());
    // Written so that a NaN fails.
    let small = difference <= 1e-4 * whole;
    if !small {
        return Err(format!("the gradient is off by {difference:e} of {whole:e}"));
    }
    for slot in slots {
        let (difference, size) = norms(slot.range.clone());
        let small = difference <= 1e-4 * size + 1e-6 * whole;
        if !small {
            return Err(format!("{} is off by {difference:e} of {size:e}", slot.name));
        }
    }
    Ok(())
}

/// Every instruction set of this host, on one to three threads.
pub fn executors() -> Vec<Exec> {
    let isas: Vec<Isa> = Isa::available();
    assert_eq!(isas.last(), Some(&Isa::Portable));
    let pairs = isas.iter().flat_map(|&isa| [1, 2, 3].map(|threads| (isa, threads)));
    pairs.map(|(isa, threads)| Exec::new(Some(isa), Some(threads)).unwrap()).collect()
}

/// Any activation.
pub fn activations() -> impl Strategy<Value = Activation> {
    prop::sample::select(Activation::ALL.to_vec())
}

/// Random networks of up to three hidden layers with a batch, a loss and sometimes class weights.
pub fn cases() -> impl Strategy<Value = Case> {
    let hidden = prop::collection::vec((1usize..10, activations()), 0..4);
    let loss = prop::sample::select(LOSSES.to_vec());
    (any::<u64>(), 1usize..10, hidden, 2usize..6, loss, 1usize..8, any::<bool>()).prop_map(
        |(seed, inputs, hidden, classes, loss, count, weighted)| {
            let case = Case::new(seed, inputs, &hidden, classes, loss, count);
            if weighted { case.weighted(seed) } else { case }
        },
    )
}

/// The bits of some values, for comparisons where equal is not enough.
pub fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}
