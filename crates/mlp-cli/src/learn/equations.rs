//! `mlp learn equations`: a small network drawn, with the equation of every node in symbols and in numbers. The
//! equations: `mlp_model::explain`.

use super::args::EquationsArgs;
use super::pen::{Pen, hanging};
use super::small::Small;
use super::{Lesson, check, show};
use crate::args::Global;
use crate::output;
use mlp_model::explain::{Equation, Equations};
use mlp_report::{Colour, Section, Svg, Text};
use serde_json::{Value, json};

/// A network and what its nodes compute.
#[derive(Clone, Debug)]
pub struct Equated {
    small: Small,
    /// For every layer its nodes.
    layers: Vec<Vec<Equation>>,
}

/// Runs the step.
pub fn run(args: &EquationsArgs, global: &Global) -> anyhow::Result<()> {
    check(&args.output)?;
    let small = Small::of(&args.small, args.inputs, global.seed.unwrap_or(1))?;
    show(&Equated::new(small), &args.output, global)
}

impl Equated {
    /// Writes the equations of a network.
    pub fn new(small: Small) -> Equated {
        let all = Equations::of(&small.reference).decimals(2);
        let layers = (0..small.reference.layers.len()).map(|l| all.layer(l, usize::MAX)).collect();
        Equated { small, layers }
    }

    fn name(&self, layer: usize) -> String {
        match layer + 1 == self.layers.len() {
            true => "output".into(),
            false => format!("hidden layer {}", layer + 1),
        }
    }

    fn counts(&self) -> String {
        let nodes: usize = self.layers.iter().map(Vec::len).sum();
        format!(
            "{}: {} with {}",
            self.small.shape(),
            output::count(nodes, "node", "nodes"),
            output::count(self.small.parameters(), "weight and bias", "weights and biases")
        )
    }
}

impl Lesson for Equated {
    fn name(&self) -> &'static str {
        "equations"
    }

    fn title(&self) -> String {
        "A network: every node an equation".into()
    }

    fn json(&self) -> Value {
        let mut nodes = Vec::new();
        for (l, layer) in self.layers.iter().enumerate() {
            for (n, equation) in layer.iter().enumerate() {
                let of = &self.small.reference.layers[l];
                nodes.push(json!({
                    "name": equation.name,
                    "layer": l + 1,
                    "symbols": equation.symbols,
                    "numbers": equation.numbers,
                    "weights": of.weights[n],
                    "bias": of.biases[n],
                    "activation": of.activation.name(),
                }));
            }
        }
        json!({
            "shape": self.small.widths,
            "activation": self.small.activation.name(),
            "seed": self.small.seed,
            "parameters": self.small.parameters(),
            "nodes": nodes,
        })
    }

    fn terminal(&self, pen: Pen) -> String {
        let mut lines = vec![
            pen.bold(&self.title()),
            pen.dim(&format!("{}, seed {}", self.counts(), self.small.seed)),
        ];
        for (l, layer) in self.layers.iter().enumerate() {
            lines.push(format!("\n{}", pen.bold(&self.name(l))));
            for equation in layer {
                lines.push(hanging(&equation.symbols, "  "));
                lines.push(pen.paint(Colour::Blue, &hanging(&equation.numbers, "  ")));
            }
        }
        lines.join("\n")
    }

    fn sections(&self) -> Vec<Section> {
        let mut section = Section::new(self.title());
        section.text(
            Text::from(format!("{}. A node adds its inputs, each times a weight, and a bias: ", self.counts()))
                .code(&self.layers[0][0].symbols)
                .plain(". A node of the next layer does the same with the nodes before it. The bias is often left out \
                        of drawings; a node has one all the same."),
        );
        section.figure(
            self.small.drawing("The network").svg(),
            "Positive weights are blue, negative ones red, the wider the larger.",
        );
        for (l, layer) in self.layers.iter().enumerate() {
            section.heading(self.name(l));
            let text = layer.iter().map(|e| format!("{}\n{}", e.symbols, e.numbers));
            section.code(text.collect::<Vec<_>>().join("\n\n"));
        }
        vec![section]
    }

    fn picture(&self) -> Option<Svg> {
        Some(self.small.drawing("The network").svg())
    }
}
