//! Optimizers over the flat parameter vector, in rising complexity.

use mlp_model::tensor::update::{self, Moved, Step};
use mlp_model::tensor::{Exec, Values, reduce};
use mlp_model::{Params, Slot};

/// A function of the parameters to be minimised.
pub trait Objective {
    /// Its value; writes its gradient.
    fn eval(&mut self, params: &[f32], grad: &mut [f32]) -> f64;

    /// Its value before the step; moves the parameters along its gradient by an elementwise step, with room for
    /// the gradient, which is of no particular content afterwards. Where the value is not finite the parameters
    /// stay untouched. To the bit what [`Objective::eval`] and the step are one after the other; an objective that
    /// can do both in one pass does.
    fn descend(&mut self, exec: &Exec, steps: &Steps, moved: Moved<'_>, room: &mut [f32]) -> f64 {
        let value = self.eval(moved.values, room);
        if value.is_finite() {
            steps.apply(exec, moved, room);
        }
        value
    }
}

/// An elementwise step on all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Steps<'a> {
    /// On the slots that decay, and on the others.
    pub pair: [Step; 2],
    /// What lies where.
    pub slots: &'a [Slot],
}

impl Steps<'_> {
    /// Moves the parameters along `grad`.
    pub fn apply(&self, exec: &Exec, mut moved: Moved<'_>, grad: &[f32]) {
        for slot in self.slots {
            let step = self.pair[usize::from(!slot.decay)];
            step.apply(exec, &mut moved.part(slot.range.clone()), &grad[slot.range.clone()]);
        }
    }

    /// One step down an objective along the gradient, scaled so that its norm, which is that of all
    /// parameters, is at most `clip` (0 = no limit).
    fn step(
        &self,
        exec: &Exec,
        clip: f32,
        moved: Moved<'_>,
        room: &mut [f32],
        objective: &mut dyn Objective,
    ) -> f64 {
        if clip == 0.0 {
            return objective.descend(exec, self, moved, room);
        }
        let value = objective.eval(moved.values, room);
        if value.is_finite() {
            let norm = reduce::sum_of_squares(exec, room).sqrt();
            if norm > f64::from(clip) {
                update::scale(exec, (f64::from(clip) / norm) as f32, room);
            }
            self.apply(exec, moved, room);
        }
        value
    }
}

/// Moves parameters down an objective.
pub trait Optimizer: std::fmt::Debug + Send + Sync {
    /// One step; returns the objective's value before it. Where that is not finite the parameters stay untouched.
    fn step(
        &mut self,
        exec: &Exec,
        rate: f32,
        params: &mut Params,
        objective: &mut dyn Objective,
    ) -> f64;

    /// Steps made, and the vectors that must be kept to go on.
    fn state(&self) -> (u32, Vec<&[f32]>);

    /// Takes a saved state; `false` if its sizes do not fit.
    fn restore(&mut self, steps: u32, vectors: Vec<Vec<f32>>) -> bool;
}

/// Stochastic gradient descent: `v = momentum·v + g`, `w -= rate·v` (or `rate·(g + momentum·v)`, Nesterov), with an L2
/// term `weight_decay·w` in `g`; as PyTorch's `SGD`.
#[derive(Debug)]
pub struct Sgd {
    /// In [0, 1).
    pub momentum: f32,
    /// Nesterov's form.
    pub nesterov: bool,
    /// Of the weights, not the biases.
    pub weight_decay: f32,
    /// Largest norm of the gradient; 0 = no limit.
    pub clip: f32,
    steps: u32,
    grad: Values,
    velocity: Values,
}

impl Sgd {
    /// At rest, for that many parameters.
    pub fn new(size: usize, momentum: f32, nesterov: bool, weight_decay: f32, clip: f32) -> Sgd {
        let (grad, velocity) = (Values::zeros(size), Values::zeros(size));
        Sgd { momentum, nesterov, weight_decay, clip, steps: 0, grad, velocity }
    }
}

impl Optimizer for Sgd {
    fn step(
        &mut self,
        exec: &Exec,
        rate: f32,
        params: &mut Params,
        objective: &mut dyn Objective,
    ) -> f64 {
        let step = |weight_decay| {
            let Sgd { momentum, nesterov, .. } = *self;
            Step::Sgd(update::Sgd { rate, momentum, nesterov, weight_decay })
        };
        let steps = Steps { pair: [step(self.weight_decay), step(0.0)], slots: &params.slots };
        let moments = [&mut self.velocity[..], &mut []];
        let moved = Moved { values: &mut params.values, moments };
        let value = steps.step(exec, self.clip, moved, &mut self.grad, objective);
        self.steps += u32::from(value.is_finite());
        value
    }

    fn state(&self) -> (u32, Vec<&[f32]>) {
        (self.steps, vec![&self.velocity])
    }

    fn restore(&mut self, steps: u32, vectors: Vec<Vec<f32>>) -> bool {
        self.steps = steps;
        restore_into([&mut self.velocity], vectors)
    }
}

/// Adam (Kingma and Ba 2015); with `decoupled` weight decay AdamW (Loshchilov and Hutter 2019); as PyTorch's.
#[derive(Debug)]
pub struct Adam {
    /// Decays of the moments.
    pub betas: (f32, f32),
    /// Added to the root of the second moment.
    pub epsilon: f32,
    /// Of the weights, not the biases.
    pub weight_decay: f32,
    /// Whether decay acts on the weights directly (AdamW) or through the gradient (Adam).
    pub decoupled: bool,
    /// Largest norm of the gradient; 0 = no limit.
    pub clip: f32,
    steps: u32,
    grad: Values,
    first: Values,
    second: Values,
}

impl Adam {
    /// At rest, for that many parameters.
    pub fn new(
        size: usize,
        betas: (f32, f32),
        epsilon: f32,
        weight_decay: f32,
        decoupled: bool,
        clip: f32,
    ) -> Adam {
        let zeros = || Values::zeros(size);
        let (grad, first, second) = (zeros(), zeros(), zeros());
        Adam { betas, epsilon, weight_decay, decoupled, clip, steps: 0, grad, first, second }
    }
}

impl Optimizer for Adam {
    fn step(
        &mut self,
        exec: &Exec,
        rate: f32,
        params: &mut Params,
        objective: &mut dyn Objective,
    ) -> f64 {
        let t = self.steps + 1;
        let step = |decay| {
            Step::Adam(update::Adam::new(rate, self.betas, self.epsilon, decay, self.decoupled, t))
        };
        let steps = Steps { pair: [step(self.weight_decay), step(0.0)], slots: &params.slots };
        let moments = [&mut self.first[..], &mut self.second[..]];
        let moved = Moved { values: &mut params.values, moments };
        let value = steps.step(exec, self.clip, moved, &mut self.grad, objective);
        self.steps += u32::from(value.is_finite());
        value
    }

    fn state(&self) -> (u32, Vec<&[f32]>) {
        (self.steps, vec![&self.first, &self.second])
    }

    fn restore(&mut self, steps: u32, vectors: Vec<Vec<f32>>) -> bool {
        self.steps = steps;
        restore_into([&mut self.first, &mut self.second], vectors)
    }
}

fn restore_into<const N: usize>(into: [&mut Values; N], from: Vec<Vec<f32>>) -> bool {
    let fits = from.len() == N && into.iter().zip(&from).all(|(a, b)| a.len() == b.len());
    if fits {
        for (a, b) in into.into_iter().zip(from) {
            *a = b.into();
        }
    }
    fits
}
