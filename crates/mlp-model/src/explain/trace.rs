//! A forward pass in decimals, such that a reader with a calculator gets the same digits: factors
//! and inputs are rounded first, products and sums are exact, every node's sum and answer is
//! rounded once, and the next layer goes on with the rounded answer.

use super::{Decimal, equations};
use crate::reference::Reference;

/// A forward pass of one input.
#[derive(Clone, Debug)]
pub struct Trace<'a> {
    network: &'a Reference,
    /// Decimals of inputs, weights, sums and answers; products have twice as many.
    pub decimals: u32,
    /// The inputs, rounded.
    pub inputs: Vec<Decimal>,
    /// From the first to the output layer.
    pub layers: Vec<TracedLayer>,
    /// The outputs in full precision, from unrounded numbers.
    pub exact: Vec<f64>,
}

/// All nodes of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedLayer {
    /// Sums.
    pub z: Vec<Decimal>,
    /// Answers, `f(z)`.
    pub y: Vec<Decimal>,
}

/// A line of a node's sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// `weight · input = product`, and the sum so far.
    Product {
        /// Which input, from 0.
        input: usize,
        /// The weight.
        weight: Decimal,
        /// What it is multiplied with.
        value: Decimal,
        /// Exact.
        product: Decimal,
        /// Exact.
        sum: Decimal,
    },
    /// Terms that are not written out.
    Others {
        /// How many.
        count: usize,
        /// Their exact sum.
        product: Decimal,
        /// The sum so far.
        sum: Decimal,
    },
}

impl<'a> Trace<'a> {
    /// Runs a network on an input. At most 12 decimals.
    pub fn new(network: &'a Reference, x: &[f64], decimals: u32) -> Trace<'a> {
        let inputs: Vec<Decimal> = x.iter().map(|&x| Decimal::round(x, decimals)).collect();
        let mut layers: Vec<TracedLayer> = Vec::new();
        for nodes in &network.layers {
            let x = layers.last().map_or(&inputs, |layer| &layer.y);
            let z: Vec<Decimal> = (nodes.weights.iter().zip(&nodes.biases))
                .map(|(weights, &bias)| {
                    let bias = Decimal::round(bias, decimals);
                    let products = weights.iter().zip(x).map(|(&w, &x)| product(w, x));
                    products.fold(bias, Decimal::plus).to(bias.decimals())
                })
                .collect();
            let answer =
                |z: &Decimal| Decimal::round(nodes.activation.value_f64(z.value()), z.decimals());
            let y = z.iter().map(answer).collect();
            layers.push(TracedLayer { z, y });
        }
        let exact = network.forward(x);
        Trace { network, decimals: Decimal::unit(decimals).decimals(), inputs, layers, exact }
    }

    /// The bias of a node, with which its sum begins.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn bias(&self, layer: usize, node: usize) -> Decimal {
        Decimal::round(self.network.layers[layer].biases[node], self.decimals)
    }

    /// The lines of a node's sum after its bias, at most so many products written out; the last sum,
    /// rounded, is the node's `z`.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn terms(&self, layer: usize, node: usize, most: usize) -> Vec<Term> {
        let x = layer.checked_sub(1).map_or(&self.inputs, |before| &self.layers[before].y);
        let weights = &self.network.layers[layer].weights[node];
        let (mut sum, mut lines, mut next) = (self.bias(layer, node), Vec::new(), 0);
        for input in equations::shown(weights.len(), most) {
            if input > next {
                let others = next..input;
                let zero = Decimal::round(0.0, self.decimals);
                let count = others.len();
                let products = others.map(|i| product(weights[i], x[i]));
                let product = products.fold(zero, Decimal::plus);
                sum = sum.plus(product);
                lines.push(Term::Others { count, product, sum });
            }
            let (weight, value) = (Decimal::round(weights[input], self.decimals), x[input]);
            let product = weight.times(value);
            sum = sum.plus(product);
            lines.push(Term::Product { input, weight, value, product, sum });
            next = input + 1;
        }
        lines
    }

    /// The outputs.
    pub fn outputs(&self) -> &[Decimal] {
        self.layers.last().map_or(&self.inputs, |layer| &layer.y)
    }

    /// The largest difference of an output from the same in full precision, and to how many
    /// decimals all outputs agree with it (a difference of half a unit of the last one, at most).
    pub fn agreement(&self) -> (f64, u32) {
        let pairs = self.outputs().iter().zip(&self.exact);
        let off = pairs.map(|(y, exact)| (y.value() - exact).abs());
        let off =
            off.fold(0.0, |most: f64, off| if off > most || off.is_nan() { off } else { most });
        let agree = |&decimals: &u32| off <= 0.5 * Decimal::unit(decimals).value();
        (off, (0..=self.decimals).rev().find(agree).unwrap_or(0))
    }
}

fn product(weight: f64, x: Decimal) -> Decimal {
    Decimal::round(weight, x.decimals()).times(x)
}
