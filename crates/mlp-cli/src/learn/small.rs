//! Small networks with round random weights, whose numbers a reader can follow by hand.

use super::args::SmallArgs;
use crate::failure::usage;
use mlp_model::reference::{Nodes, Reference};
use mlp_report::NetworkDrawing;
use mlp_tensor::{Activation, Purpose, Streams};

/// Most inputs and nodes of a layer, and most hidden layers: what can still be read.
const WIDEST: usize = 32;
const DEEPEST: usize = 6;

/// A network of one output with weights and biases of two decimals from −1 to 1.
#[derive(Clone, Debug)]
pub struct Small {
    /// Widths: inputs, hidden layers, the output.
    pub widths: Vec<usize>,
    /// Of the hidden layers.
    pub activation: Activation,
    /// Of weights and biases.
    pub seed: u64,
    /// The numbers.
    pub reference: Reference,
}

impl Small {
    /// As a user asks for it.
    ///
    /// # Errors
    /// More inputs or nodes than can be read.
    pub fn of(args: &SmallArgs, inputs: usize, seed: u64) -> anyhow::Result<Small> {
        let hidden = &args.hidden.0;
        if inputs == 0 || inputs > WIDEST {
            return Err(usage(format!("{inputs} inputs: give 1 to {WIDEST}")));
        }
        if hidden.len() > DEEPEST || hidden.iter().any(|width| *width > WIDEST) {
            return Err(usage(format!(
                "--hidden {}: at most {DEEPEST} layers of at most {WIDEST} nodes can be read; for larger networks \
                 train one and use `mlp explain`",
                args.hidden
            )));
        }
        Ok(Small::new(inputs, hidden, args.activation.0, seed))
    }

    /// With weights drawn from a seed.
    pub fn new(inputs: usize, hidden: &[usize], activation: Activation, seed: u64) -> Small {
        let mut widths = vec![inputs];
        widths.extend(hidden);
        widths.push(1);
        let mut stream = Streams::new(seed).at(Purpose::Demo, 0, 4);
        // Not zero: an edge without a weight would not be there.
        let mut round = || match stream.below(200) as f64 {
            i if i < 100.0 => (i - 100.0) / 100.0,
            i => (i - 99.0) / 100.0,
        };
        let mut layers = Vec::new();
        for (l, pair) in widths.windows(2).enumerate() {
            let last = l + 2 == widths.len();
            let activation = if last { Activation::Identity } else { activation };
            let row = |round: &mut dyn FnMut() -> f64| (0..pair[0]).map(|_| round()).collect();
            let weights = (0..pair[1]).map(|_| row(&mut round)).collect();
            let biases = (0..pair[1]).map(|_| round()).collect();
            layers.push(Nodes { weights, biases, activation });
        }
        Small { widths, activation, seed, reference: Reference { layers } }
    }

    /// `4-6-6-1`
    pub fn shape(&self) -> String {
        self.widths.iter().map(usize::to_string).collect::<Vec<_>>().join("-")
    }

    /// How many weights and biases.
    pub fn parameters(&self) -> usize {
        self.widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum()
    }

    /// Drawn, its weights as coloured edges.
    pub fn drawing(&self, title: &str) -> NetworkDrawing {
        let mut drawing = NetworkDrawing::new(title, self.widths[0]);
        for nodes in &self.reference.layers {
            let columns = 0..nodes.weights.first().map_or(0, Vec::len);
            let weights: Vec<f32> =
                columns.flat_map(|i| nodes.weights.iter().map(move |row| row[i] as f32)).collect();
            let below = match nodes.activation {
                Activation::Identity => "linear",
                other => other.name(),
            };
            drawing = drawing.layer(nodes.biases.len(), &weights, below);
        }
        let names: Vec<String> = (1..=self.widths[0]).map(|i| format!("x{i}")).collect();
        drawing.names(&names).answers(&["y".to_string()])
    }
}
