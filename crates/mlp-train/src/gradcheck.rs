//! A gradient checked against finite differences in f64: every parameter of a small network; of a large one a sample of
//! each slot, and directions through all of them. How a loss is evaluated: `mlp_model::reference`.

use mlp_model::data::Targets;
use mlp_model::reference::{Nodes, Reference, ReferenceLoss};
use mlp_model::tensor::{Activation, Exec, Purpose, Streams};
use mlp_model::{LayerSpec, Mode, Network, Slot, Task};

/// Half the distance of the two points of a difference: its own error is of order `STEP²`, that of rounding
/// `1e-16 / STEP`.
const STEP: f64 = 1e-5;
/// A network of at most so many parameters is checked wholly.
const ALL: usize = 20_000;
/// Of a larger one so many of each slot, and so many directions.
const SAMPLE: usize = 200;
const DIRECTIONS: usize = 8;
/// Error, as a share of the derivative, from which on it counts as broken: a gradient in f32 is right to about 1e-5.
const TOLERANCE: f64 = 1e-3;
/// Share of a slot's largest derivative below which derivatives are compared with this instead of themselves, since
/// what is left of a sum that cancels has the rounding of its terms.
const FLOOR: f64 = 1e-2;

/// A gradient beside finite differences.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientCheck {
    /// Mean loss of the examples.
    pub loss: f64,
    /// In the order of the parameters.
    pub slots: Vec<SlotCheck>,
    /// Derivatives along random directions of norm 1; none where all parameters were checked.
    pub directions: Vec<DirectionCheck>,
}

/// What was found of the parameters of a slot.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotCheck {
    /// `0.weight`, `0.bias`, ….
    pub slot: String,
    /// How many there are.
    pub parameters: usize,
    /// How many were checked.
    pub checked: usize,
    /// How many of the sample have a kink of an activation between the two points of their difference, where there is
    /// no derivative to compare with.
    pub kinks: usize,
    /// How many are broken.
    pub broken: usize,
    /// The one with the largest error; `None` if none was checked.
    pub worst: Option<ParameterCheck>,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterCheck {
    /// The node it belongs to, from 0.
    pub output: usize,
    /// The input whose weight it is; `None` for a bias.
    pub input: Option<usize>,
    /// What the gradient says.
    pub gradient: f64,
    /// What the difference says.
    pub difference: f64,
    /// How far they are apart, as a share of the larger (or of a hundredth of the slot's largest); infinite where the
    /// gradient is not a finite number.
    pub error: f64,
}

/// The derivative along a direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DirectionCheck {
    /// What the gradient says.
    pub gradient: f64,
    /// What the difference says.
    pub difference: f64,
    /// As a share of the norm of the gradient.
    pub error: f64,
    /// Whether an activation has a kink between the two points: the difference is then off, and does not count.
    pub kink: bool,
}

impl GradientCheck {
    /// Whether nothing is broken.
    pub fn passes(&self) -> bool {
        let straight = self.directions.iter().filter(|d| !d.kink);
        self.slots.iter().all(|s| s.broken == 0) && straight.into_iter().all(|d| !far(d.error))
    }

    /// The parameter with the largest error, and its slot.
    pub fn worst(&self) -> Option<(&str, &ParameterCheck)> {
        let all = self.slots.iter().filter_map(|s| Some((s.slot.as_str(), s.worst.as_ref()?)));
        all.reduce(|a, b| if b.1.error > a.1.error { b } else { a })
    }

    /// Parameters, and how many of them were checked.
    pub fn counts(&self) -> (usize, usize) {
        let sum = |f: fn(&SlotCheck) -> usize| self.slots.iter().map(f).sum();
        (sum(|s| s.parameters), sum(|s| s.checked))
    }
}

/// Whether an error is too large; a NaN is.
fn far(error: f64) -> bool {
    !matches!(error.partial_cmp(&TOLERANCE), Some(std::cmp::Ordering::Less))
}

/// The gradient that training follows: of the mean loss of some examples (`inputs × count`, without dropout), by the
/// fast network in f32.
///
/// # Panics
/// If `x` does not hold `inputs` values for each target.
pub fn network_gradient(
    exec: &Exec,
    network: &Network,
    task: Task,
    params: &[f32],
    x: &[f32],
    targets: &Targets,
) -> Vec<f32> {
    let dense = |layer: &&LayerSpec| matches!(layer, LayerSpec::Dense { .. });
    let mut spec = network.spec().clone();
    spec.layers = network.spec().layers.iter().filter(dense).copied().collect();
    let (count, outputs) = (x.len() / network.inputs().max(1), network.outputs());
    let mut gradient = vec![0.0; params.len()];
    // What is left of a network that could be built without its dropout can be built.
    let Ok(network) = spec.build() else { return gradient };
    let (streams, mut work) = (Streams::new(0), network.workspace(count));
    network.forward(exec, params, x, count, Mode::Train(&streams, 0), &mut work);
    let (z, dz) = network.logits_and_gradient(&mut work);
    let scale = 1.0 / count.max(1) as f32;
    task.loss(outputs, None).sum_and_grad(exec, z, targets, scale, dz);
    network.backward(exec, params, &mut work, &mut gradient);
    gradient
}

/// Checks a gradient, in the order of `params`, of the mean loss of some examples (`inputs × count`). Which parameters
/// and directions of a large network are taken is a function of the seed.
///
/// # Panics
/// If `params`, `x`, `targets` or `gradient` are not of the network's sizes.
pub fn check_gradient(
    network: &Network,
    task: Task,
    params: &[f32],
    (x, targets): (&[f32], &Targets),
    gradient: &[f32],
    seed: u64,
) -> GradientCheck {
    let loss = match task {
        Task::Regression => ReferenceLoss::Squared,
        Task::Binary => ReferenceLoss::Logistic,
        Task::Multiclass => ReferenceLoss::Softmax,
        Task::Multilabel => ReferenceLoss::Labels,
    };
    let reference = Reference::new(network.spec(), params);
    let rows: Vec<Vec<f64>> = (x.chunks_exact(network.inputs()))
        .map(|row| row.iter().map(|&x| f64::from(x)).collect())
        .collect();
    let traces = rows.iter().map(|row| reference.trace(row)).collect();
    let whole = params.len() <= ALL;
    let probe = Probe { reference, rows, traces, targets, loss };
    let slots = network.slots().iter().enumerate().map(|(i, slot)| {
        let mut places: Vec<usize> = slot.range.clone().collect();
        if !whole && places.len() > SAMPLE {
            Streams::new(seed).at(Purpose::Report, 1, i as u32).shuffle(&mut places);
            places.truncate(SAMPLE);
            places.sort_unstable();
        }
        probe.slot(slot, i / 2, &places, gradient)
    });
    let slots = slots.collect();
    let number = if whole { 0 } else { DIRECTIONS };
    let directions = (0..number).map(|i| probe.direction(gradient, seed, i as u32)).collect();
    GradientCheck { loss: probe.value(), slots, directions }
}

/// A network with some examples, of which losses nearby are evaluated.
struct Probe<'a> {
    reference: Reference,
    rows: Vec<Vec<f64>>,
    /// Sums and outputs of every layer, an example each.
    traces: Vec<Vec<(Vec<f64>, Vec<f64>)>>,
    targets: &'a Targets,
    loss: ReferenceLoss,
}

/// The signs of the sums in front of activations with a kink, as a number that differs where they do.
#[derive(Clone, Copy, PartialEq)]
struct Sides(u64);

impl Sides {
    const NONE: Sides = Sides(0xCBF2_9CE4_8422_2325);

    /// FNV-1a, a byte a sign.
    fn add(&mut self, nodes: &Nodes, z: &[f64]) {
        use Activation::{Elu, LeakyRelu, Relu, Selu};
        if matches!(nodes.activation, Relu | LeakyRelu | Elu | Selu) {
            for z in z {
                self.0 = (self.0 ^ u64::from(*z > 0.0)).wrapping_mul(0x0000_0100_0000_01B3);
            }
        }
    }
}

impl Probe<'_> {
    fn value(&self) -> f64 {
        let logits = self.traces.iter().map(|trace| trace.last().map_or(&[][..], |(_, y)| y));
        let loss = |(e, z): (usize, &[f64])| self.loss.of(z, self.targets, e).0;
        logits.enumerate().map(loss).sum::<f64>() / self.rows.len().max(1) as f64
    }

    /// The loss of an example, from the sums of a layer on.
    fn from(&self, example: usize, layer: usize, mut z: Vec<f64>) -> (f64, Sides) {
        let (mut sides, layers) = (Sides::NONE, &self.reference.layers);
        sides.add(&layers[layer], &z);
        for at in layer..layers.len() {
            z.iter_mut().for_each(|z| *z = layers[at].activation.value_f64(*z));
            let Some(next) = layers.get(at + 1) else { break };
            let node = |(w, b): (&Vec<f64>, &f64)| {
                w.iter().zip(&z).fold(*b, |sum, (w, y)| w.mul_add(*y, sum))
            };
            z = next.weights.iter().zip(&next.biases).map(node).collect();
            sides.add(next, &z);
        }
        (self.loss.of(&z, self.targets, example).0, sides)
    }

    /// The derivative by a parameter: the difference of two losses; `None` where a kink lies between.
    fn difference(&self, layer: usize, output: usize, input: Option<usize>) -> Option<f64> {
        let mut sum = 0.0;
        for (e, trace) in self.traces.iter().enumerate() {
            let x = if layer == 0 { &self.rows[e] } else { &trace[layer - 1].1 };
            let by = STEP * input.map_or(1.0, |i| x[i]);
            if by == 0.0 {
                continue;
            }
            let moved = |by: f64| {
                let mut z = trace[layer].0.clone();
                z[output] += by;
                self.from(e, layer, z)
            };
            let ((up, above), (down, below)) = (moved(by), moved(-by));
            if above != below {
                return None;
            }
            sum += (up - down) / (2.0 * STEP);
        }
        Some(sum / self.rows.len().max(1) as f64)
    }

    fn slot(&self, slot: &Slot, layer: usize, places: &[usize], gradient: &[f32]) -> SlotCheck {
        let one = |&place: &usize| {
            let at = place - slot.range.start;
            let (output, input) = (at % slot.rows, slot.decay.then_some(at / slot.rows));
            let difference = self.difference(layer, output, input)?;
            let gradient = f64::from(gradient[place]);
            Some(ParameterCheck { output, input, gradient, difference, error: 0.0 })
        };
        let mut checked: Vec<ParameterCheck> = places.iter().filter_map(one).collect();
        let largest = checked.iter().map(|c| c.difference.abs()).fold(0.0, f64::max);
        for c in &mut checked {
            let size = c.gradient.abs().max(c.difference.abs()).max(FLOOR * largest);
            let error = (c.gradient - c.difference).abs();
            // Below this the rounding of the loss would show.
            c.error = if error < 1e-8 { 0.0 } else { error / size };
            if c.error.is_nan() {
                c.error = f64::INFINITY;
            }
        }
        SlotCheck {
            slot: slot.name.clone(),
            parameters: slot.range.len(),
            checked: checked.len(),
            kinks: places.len() - checked.len(),
            broken: checked.iter().filter(|c| far(c.error)).count(),
            worst: checked.into_iter().reduce(|a, b| if b.error > a.error { b } else { a }),
        }
    }

    fn direction(&self, gradient: &[f32], seed: u64, index: u32) -> DirectionCheck {
        let mut stream = Streams::new(seed).at(Purpose::Report, 2, index);
        let mut way: Vec<f64> = gradient.iter().map(|_| stream.normal()).collect();
        let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|v| v * v).sum::<f64>().sqrt();
        let length = norm(&mut way.iter().copied());
        way.iter_mut().for_each(|v| *v /= length);
        let (up, above) = self.moved(&way, STEP);
        let (down, below) = self.moved(&way, -STEP);
        let difference = (up - down) / (2.0 * STEP);
        let along = gradient.iter().zip(&way).map(|(g, v)| f64::from(*g) * v).sum::<f64>();
        // Along a random direction there is about the norm over the root of the number of parameters.
        let size = norm(&mut gradient.iter().map(|g| f64::from(*g))) / (way.len() as f64).sqrt();
        let apart = (along - difference).abs();
        let error = if apart < 1e-8 { 0.0 } else { apart / size };
        DirectionCheck { gradient: along, difference, error, kink: above != below }
    }

    /// The mean loss so far along a direction.
    fn moved(&self, way: &[f64], by: f64) -> (f64, Vec<Sides>) {
        let mut reference = self.reference.clone();
        let mut way = way.iter();
        let mut step = |v: &mut f64| *v += by * way.next().copied().unwrap_or(0.0);
        for nodes in &mut reference.layers {
            for i in 0..nodes.weights.first().map_or(0, Vec::len) {
                nodes.weights.iter_mut().for_each(|w| step(&mut w[i]));
            }
            nodes.biases.iter_mut().for_each(&mut step);
        }
        let (mut loss, mut all) = (0.0, Vec::new());
        for (e, row) in self.rows.iter().enumerate() {
            let (trace, mut sides) = (reference.trace(row), Sides::NONE);
            reference.layers.iter().zip(&trace).for_each(|(nodes, (z, _))| sides.add(nodes, z));
            all.push(sides);
            loss += trace.last().map_or(0.0, |(_, y)| self.loss.of(y, self.targets, e).0);
        }
        (loss / self.rows.len().max(1) as f64, all)
    }
}
