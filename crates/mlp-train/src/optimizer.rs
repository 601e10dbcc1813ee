//! Optimizers over the flat parameter vector, in rising complexity.

use mlp_model::Params;
use mlp_model::tensor::{Exec, reduce, update};

/// A function of the parameters to be minimised.
pub trait Objective {
    /// Its value; writes its gradient.
    fn eval(&mut self, params: &[f32], grad: &mut [f32]) -> f64;
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

/// Scales the gradient so that its norm is at most `limit` (0 = no limit); the norm is that of all parameters.
fn clip(exec: &Exec, limit: f32, grad: &mut [f32]) {
    if limit > 0.0 {
        let norm = reduce::sum_of_squares(exec, grad).sqrt();
        if norm > f64::from(limit) {
            update::scale(exec, (f64::from(limit) / norm) as f32, grad);
        }
    }
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
    grad: Vec<f32>,
    velocity: Vec<f32>,
}

impl Sgd {
    /// At rest, for that many parameters.
    pub fn new(size: usize, momentum: f32, nesterov: bool, weight_decay: f32, clip: f32) -> Sgd {
        let (grad, velocity) = (vec![0.0; size], vec![0.0; size]);
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
        let value = objective.eval(&params.values, &mut self.grad);
        if !value.is_finite() {
            return value;
        }
        clip(exec, self.clip, &mut self.grad);
        for slot in &params.slots {
            let step = update::Sgd {
                rate,
                momentum: self.momentum,
                nesterov: self.nesterov,
                weight_decay: if slot.decay { self.weight_decay } else { 0.0 },
            };
            let at = slot.range.clone();
            let (w, g) = (&mut params.values[at.clone()], &self.grad[at.clone()]);
            step.apply(exec, w, g, &mut self.velocity[at]);
        }
        self.steps += 1;
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
    grad: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
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
        let zeros = || vec![0.0; size];
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
        let value = objective.eval(&params.values, &mut self.grad);
        if !value.is_finite() {
            return value;
        }
        clip(exec, self.clip, &mut self.grad);
        let steps = self.steps + 1;
        for slot in &params.slots {
            let decay = if slot.decay { self.weight_decay } else { 0.0 };
            let step =
                update::Adam::new(rate, self.betas, self.epsilon, decay, self.decoupled, steps);
            let at = slot.range.clone();
            let (w, g) = (&mut params.values[at.clone()], &self.grad[at.clone()]);
            step.apply(exec, w, g, &mut self.first[at.clone()], &mut self.second[at]);
        }
        self.steps = steps;
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

fn restore_into<const N: usize>(into: [&mut Vec<f32>; N], from: Vec<Vec<f32>>) -> bool {
    let fits = from.len() == N && into.iter().zip(&from).all(|(a, b)| a.len() == b.len());
    if fits {
        for (a, b) in into.into_iter().zip(from) {
            *a = b;
        }
    }
    fits
}
