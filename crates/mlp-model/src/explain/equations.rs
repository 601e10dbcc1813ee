//! Every node as an equation, in symbols and in numbers.

use super::Decimal;
use crate::reference::Reference;
use mlp_tensor::Activation;

/// Decimals unless asked otherwise.
const DECIMALS: u32 = 4;
/// Terms unless asked otherwise.
const TERMS: usize = 6;

/// One node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equation {
    /// Its name: `n2l1` is node 2 of layer 1; an output has its own.
    pub name: String,
    /// `n2l1 = relu(w1·x1 + w2·x2 + b)`
    pub symbols: String,
    /// `n2l1 = relu(0.3100·x1 − 0.2000·x2 + 0.0500)`
    pub numbers: String,
}

/// The equations of a network. Layers and nodes are counted from 0 in calls, from 1 in names.
#[derive(Clone, Debug)]
pub struct Equations<'a> {
    network: &'a Reference,
    inputs: Vec<String>,
    outputs: Vec<String>,
    terms: usize,
    decimals: u32,
}

impl<'a> Equations<'a> {
    /// Inputs are called `x1`, `x2`, …, outputs `y`, or `y1`, `y2`, … where there are several. Long
    /// sums are elided to six terms, numbers have four decimals.
    pub fn of(network: &'a Reference) -> Equations<'a> {
        let width = network.layers.last().map_or(0, |layer| layer.biases.len());
        let outputs = match width {
            1 => vec!["y".to_string()],
            n => (1..=n).map(|k| format!("y{k}")).collect(),
        };
        Equations { network, inputs: Vec::new(), outputs, terms: TERMS, decimals: DECIMALS }
    }

    /// Names for the inputs; those without one are called by their number.
    pub fn inputs(mut self, names: Vec<String>) -> Equations<'a> {
        self.inputs = names;
        self
    }

    /// Names for the outputs, which must be as many.
    pub fn outputs(mut self, names: Vec<String>) -> Equations<'a> {
        if names.len() == self.outputs.len() {
            self.outputs = names;
        }
        self
    }

    /// Most terms of a sum that are written out, at least 2; of a longer one the last and so many
    /// of the first.
    pub fn terms(mut self, most: usize) -> Equations<'a> {
        self.terms = most.max(2);
        self
    }

    /// Decimals of all numbers.
    pub fn decimals(mut self, decimals: u32) -> Equations<'a> {
        self.decimals = decimals;
        self
    }

    /// The name of an input of a layer: of the network, or a node of the layer before.
    pub fn input_name(&self, layer: usize, input: usize) -> String {
        match layer {
            0 => self.inputs.get(input).cloned().unwrap_or_else(|| format!("x{}", input + 1)),
            l => self.name(l - 1, input),
        }
    }

    /// The name of a node.
    pub fn name(&self, layer: usize, node: usize) -> String {
        match self.outputs.get(node).filter(|_| layer + 1 == self.network.layers.len()) {
            Some(name) => name.clone(),
            None => format!("n{}l{}", node + 1, layer + 1),
        }
    }

    /// A node's equation.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn equation(&self, layer: usize, node: usize) -> Equation {
        let nodes = &self.network.layers[layer];
        let (weights, name) = (&nodes.weights[node], self.name(layer, node));
        let (mut symbols, mut numbers) = (String::new(), String::new());
        let shown = shown(weights.len(), self.terms);
        for (position, &i) in shown.iter().enumerate() {
            let input = self.input_name(layer, i);
            let before = position.checked_sub(1).map(|p| shown[p]);
            if let Some(left_out) = before.map(|b| i - b - 1).filter(|&n| n > 0) {
                symbols += " + …";
                numbers += &format!(" + … ({left_out} more)");
            }
            symbols += if position == 0 { "" } else { " + " };
            symbols += &format!("w{}·{input}", i + 1);
            let weight = Decimal::round(weights[i], self.decimals);
            numbers += &format!("{}·{input}", signed(weight, position == 0));
        }
        let bias = Decimal::round(nodes.biases[node], self.decimals);
        symbols += if shown.is_empty() { "b" } else { " + b" };
        numbers += &signed(bias, shown.is_empty());
        let written = |sum: String| match nodes.activation {
            Activation::Identity => format!("{name} = {sum}"),
            f => format!("{name} = {}({sum})", f.name()),
        };
        let (symbols, numbers) = (written(symbols), written(numbers));
        Equation { name, symbols, numbers }
    }

    /// The equations of a layer's first nodes.
    pub fn layer(&self, layer: usize, most: usize) -> Vec<Equation> {
        let nodes = self.network.layers.get(layer).map_or(0, |layer| layer.biases.len());
        (0..nodes.min(most)).map(|node| self.equation(layer, node)).collect()
    }
}

/// Which of `n` terms are written out: all, or the first ones and the last.
pub(super) fn shown(n: usize, most: usize) -> Vec<usize> {
    // Two dots in place of one term would save nothing.
    if n <= most.saturating_add(1) {
        return (0..n).collect();
    }
    (0..most.saturating_sub(1)).chain([n - 1]).collect()
}

fn signed(number: Decimal, first: bool) -> String {
    match (first, number.is_negative()) {
        (true, _) => number.to_string(),
        (false, true) => format!(" − {}", number.abs()),
        (false, false) => format!(" + {number}"),
    }
}
