//! The lines of a trace: sums, gradients and maps in words and figures.

use super::{DECIMALS, Traced};
use crate::learn::pen::{WIDTH, digits, hanging};
use mlp_model::explain::{Decimal, Equations, Term};
use mlp_model::reference::{Nodes, Reference};
use mlp_report::Svg;
use mlp_tensor::Activation;

/// Numbers of eight columns that fit into a line.
const COLUMNS: usize = 8;
/// Most products of a node that are written out.
const TERMS: usize = 8;

impl Traced {
    /// For every node, from the first layer on, its sum and what comes of it.
    pub(super) fn forward(&self) -> Vec<Vec<[String; 2]>> {
        let (trace, names) = (self.trace(), Equations::of(&self.small.reference));
        let node = |l: usize, n: usize| {
            let mut sum = trace.bias(l, n).to_string();
            for term in trace.terms(l, n, TERMS) {
                sum += &match term {
                    Term::Product { weight, value, .. } => {
                        let sign = if weight.is_negative() { "−" } else { "+" };
                        format!(" {sign} {}·{}", weight.abs(), bracketed(value))
                    }
                    Term::Others { count, product, .. } => format!(" + ({count} more: {product})"),
                };
            }
            let (z, y) = (trace.layers[l].z[n], trace.layers[l].y[n]);
            let name = names.name(l, n);
            match self.small.reference.layers[l].activation {
                Activation::Identity => [format!("{name} = {sum}"), format!("= {y}")],
                f => {
                    let f = f.name();
                    [format!("{name} = {f}({sum})"), format!("= {f}({z}) = {y}")]
                }
            }
        };
        let layer = |l: usize| (0..trace.layers[l].z.len()).map(|n| node(l, n)).collect();
        (0..trace.layers.len()).map(layer).collect()
    }

    /// The loss and where its gradient begins.
    pub(super) fn loss_words(&self) -> String {
        let y = self.step.forward.last().map_or(0.0, |(_, y)| y[0]);
        format!(
            "loss = (y − t)² = ({} − {})² = {}, dy = 2·(y − t) = {}",
            four(y),
            bracketed(Decimal::round(self.target, DECIMALS)),
            four(self.step.loss),
            four(self.step.dlogits.first().copied().unwrap_or(0.0))
        )
    }

    /// For every node from the last layer back: its name, how its `dz` comes about, its gradients, and its weights and
    /// bias after the step.
    pub(super) fn backward(&self) -> Vec<[String; 4]> {
        let names = Equations::of(&self.small.reference);
        let mut all = Vec::new();
        for (l, layer) in self.step.layers.iter().enumerate().rev() {
            let f = layer.before.activation;
            for (n, dz) in layer.dz.iter().enumerate() {
                let how = match self.step.layers.get(l + 1) {
                    None => format!("dz = dy = {}", four(*dz)),
                    Some(next) => {
                        let pairs = next.before.weights.iter().zip(&next.dz);
                        let back: f64 = pairs.map(|(w, dz)| w[n] * dz).sum();
                        let slope = f.slope_f64(self.step.forward[l].0[n]);
                        format!(
                            "dz = Σ w·dz above × slope = {}·{} = {}",
                            four(back),
                            four(slope),
                            four(*dz)
                        )
                    }
                };
                let list = |nodes: &Nodes| {
                    let numbers = nodes.weights[n].iter().chain([&nodes.biases[n]]);
                    numbers.map(|v| four(*v)).collect::<Vec<_>>().join(" ")
                };
                all.push([names.name(l, n), how, list(&layer.gradient), list(&layer.after)]);
            }
        }
        all
    }

    pub(super) fn after_words(&self) -> String {
        let better = match self.step.loss_after < self.step.loss {
            true => "lower, as it should be",
            false if self.step.loss == 0.0 => "the network was right before",
            false => "not lower: the rate is too large for this step, or no gradient is left",
        };
        format!(
            "After the step w ← w − {}·dw the loss is {} instead of {}: {better}.",
            self.step.rate,
            four(self.step.loss_after),
            four(self.step.loss)
        )
    }

    pub(super) fn agreement(&self) -> String {
        let trace = self.trace();
        let (_, decimals) = trace.agreement();
        let exact = trace.exact.first().copied().unwrap_or(0.0);
        format!(
            "Every node rounds its sum and its answer to {DECIMALS} decimals, as on paper; in full precision y \
             is {}, the same to {decimals} {}.",
            digits(exact, 8),
            if decimals == 1 { "decimal" } else { "decimals" }
        )
    }

    /// The single linear map as an equation.
    pub(super) fn single_equation(&self) -> String {
        let single = Reference { layers: vec![self.single.clone()] };
        Equations::of(&single).decimals(DECIMALS).equation(0, 0).numbers
    }

    pub(super) fn drawing(&self) -> Svg {
        let trace = self.trace();
        let values = |row: &[Decimal]| row.iter().map(|d| d.value()).collect();
        let mut numbers: Vec<Vec<f64>> = vec![values(&trace.inputs)];
        numbers.extend(trace.layers.iter().map(|layer| values(&layer.y)));
        self.small.drawing("A forward pass").numbers(numbers).svg()
    }
}

/// With four decimals and a true minus sign.
pub(super) fn four(value: f64) -> String {
    Decimal::round(value, DECIMALS).to_string()
}

/// A sum and what comes of it, which is not broken.
pub(super) fn joined([sum, result]: &[String; 2], indent: &str) -> String {
    let lines = hanging(sum, indent);
    let last = lines.lines().last().map_or(0, |line| line.chars().count());
    match last + 1 + result.chars().count() <= WIDTH {
        true => format!("{lines} {result}"),
        false => format!("{lines}\n{indent}    {result}"),
    }
}

/// Numbers of eight columns each, as many lines as they need.
pub(super) fn row(name: &str, numbers: &str) -> String {
    let all: Vec<&str> = numbers.split_whitespace().collect();
    let lines = all.chunks(COLUMNS).enumerate().map(|(i, line)| {
        let name = if i == 0 { name } else { "" };
        let cells: String = line.iter().map(|number| format!(" {number:>7}")).collect();
        format!("      {name:<6}{cells}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// In brackets where it has a sign.
fn bracketed(value: Decimal) -> String {
    if value.is_negative() { format!("({value})") } else { value.to_string() }
}
