//! Why activations are needed: without them, nested linear combinations are one linear combination.

use crate::reference::{Nodes, Reference};
use mlp_tensor::Activation;

impl Reference {
    /// The same weights and biases without activations.
    pub fn without_activations(&self) -> Reference {
        let mut linear = self.clone();
        linear.layers.iter_mut().for_each(|nodes| nodes.activation = Activation::Identity);
        linear
    }

    /// The one layer that answers as all layers without activations do, by multiplying them out from the input on:
    /// `W ← W_l·W` and `b ← W_l·b + b_l`. `None` of a network without layers.
    pub fn multiplied_out(&self) -> Option<Nodes> {
        let (first, others) = self.layers.split_first()?;
        let mut all = Nodes { activation: Activation::Identity, ..first.clone() };
        for nodes in others {
            let columns = all.weights.first().map_or(0, Vec::len);
            let through = |row: &Vec<f64>, value: &dyn Fn(usize) -> f64| {
                row.iter().enumerate().map(|(k, w)| w * value(k)).sum::<f64>()
            };
            let weights = (nodes.weights.iter())
                .map(|row| (0..columns).map(|i| through(row, &|k| all.weights[k][i])).collect())
                .collect();
            let biases = (nodes.weights.iter().zip(&nodes.biases))
                .map(|(row, b)| b + through(row, &|k| all.biases[k]))
                .collect();
            all = Nodes { weights, biases, activation: Activation::Identity };
        }
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(weights: &[&[f64]], biases: &[f64]) -> Nodes {
        Nodes {
            weights: weights.iter().map(|row| row.to_vec()).collect(),
            biases: biases.to_vec(),
            activation: Activation::Relu,
        }
    }

    #[test]
    fn layers_multiply_out_as_matrices_do() {
        let network = Reference {
            layers: vec![
                nodes(&[&[1.0, 2.0], &[3.0, -4.0]], &[0.5, -1.0]),
                nodes(&[&[2.0, 1.0]], &[0.25]),
            ],
        };
        // (2 1)·((1 2) (3 −4)) = (5 0), 2·0.5 − 1 + 0.25 = 0.25.
        let one = network.multiplied_out().unwrap();
        assert_eq!((&one.weights, &one.biases), (&vec![vec![5.0, 0.0]], &vec![0.25]));
        let linear = network.without_activations();
        for x in [[0.0, 0.0], [1.0, -2.0], [0.5, 8.0]] {
            assert_eq!(linear.forward(&x), [5.0 * x[0] + 0.25]);
        }
        // With activations it is another function.
        assert_eq!(network.forward(&[0.0, 1.0]), [5.25]);
        assert!(Reference { layers: Vec::new() }.multiplied_out().is_none());
    }
}
