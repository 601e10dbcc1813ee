//! `mlp learn trace`: a forward pass and a training step of a small network, number by number, and the one linear map
//! that it would be without activations. The numbers: `mlp_model::explain`; the lines that are made of them: `words`.

mod words;

use super::args::TraceArgs;
use super::pen::{Pen, digits, hanging, wrap};
use super::small::Small;
use super::{Lesson, check, show};
use crate::args::Global;
use crate::failure::usage;
use crate::output;
use mlp_data::Targets;
use mlp_model::explain::{Decimal, Trace, TraceStep};
use mlp_model::reference::{Nodes, Reference, ReferenceLoss};
use mlp_report::{Colour, Fact, Section, Svg, Table, Text};
use mlp_tensor::Activation;
use serde_json::{Value, json};
use words::{four, joined, row};

/// Decimals of everything that is traced.
const DECIMALS: u32 = 4;
/// Inputs and targets beyond do not fit into a line.
const LARGEST: f64 = 1e6;

/// A network with an input, and what becomes of it.
#[derive(Clone, Debug)]
pub struct Traced {
    small: Small,
    input: Vec<f64>,
    target: f64,
    step: TraceStep,
    /// All layers multiplied out, without activations.
    single: Nodes,
}

/// Runs the step.
pub fn run(args: &TraceArgs, global: &Global) -> anyhow::Result<()> {
    check(&args.output)?;
    let input = parse(&args.input).map_err(usage)?;
    if !args.target.is_finite() || args.target.abs() > LARGEST {
        return Err(usage(format!("--target {}: must be within ±{LARGEST:e}", args.target)));
    }
    let rate = args.learning_rate;
    if !(rate > 0.0 && rate <= 1000.0) {
        return Err(usage(format!("--learning-rate {rate}: must be above 0 and at most 1000")));
    }
    let small = Small::of(&args.small, input.len(), global.seed.unwrap_or(1))?;
    show(&Traced::new(small, input, args.target, rate), &args.output, global)
}

fn parse(text: &str) -> Result<Vec<f64>, String> {
    let number = |word: &str| {
        let value = word.trim().parse::<f64>().ok().filter(|v| v.abs() <= LARGEST);
        value.ok_or_else(|| {
            format!("--input {word}: give numbers within ±{LARGEST:e} such as 1,0.5,-1,2")
        })
    };
    text.split(',').map(number).collect()
}

impl Traced {
    /// Runs a network on an input, and takes one step towards a target.
    pub fn new(small: Small, input: Vec<f64>, target: f64, rate: f64) -> Traced {
        let targets = Targets::Numbers(vec![target as f32]);
        let network = &small.reference;
        let step = TraceStep::take(network, ReferenceLoss::Squared, &input, &targets, rate);
        let empty =
            Nodes { weights: Vec::new(), biases: Vec::new(), activation: Activation::Identity };
        let single = network.multiplied_out().unwrap_or(empty);
        Traced { small, input, target: f64::from(target as f32), step, single }
    }

    fn trace(&self) -> Trace<'_> {
        Trace::new(&self.small.reference, &self.input, DECIMALS)
    }

    /// What the network answers to an input: layer by layer without activations, by the one map that these multiply
    /// out to, and layer by layer with activations.
    pub fn answers(&self, x: &[f64]) -> [f64; 3] {
        let single = Reference { layers: vec![self.single.clone()] };
        let network = &self.small.reference;
        [&network.without_activations(), &single, network]
            .map(|network| network.forward(x).first().copied().unwrap_or(0.0))
    }

    /// Inputs on which they are compared: none, which gives the bias; each alone, which adds its weight; the one that
    /// is traced.
    fn compared(&self) -> Vec<(String, [f64; 3])> {
        let n = self.input.len();
        let row = |name: String, x: &[f64]| (name, self.answers(x));
        let mut rows = vec![row("all 0".into(), &vec![0.0; n])];
        for i in 0..n.min(ALONE) {
            let mut x = vec![0.0; n];
            x[i] = 1.0;
            rows.push(row(format!("x{} = 1, the others 0", i + 1), &x));
        }
        rows.push(row("the one traced".into(), &self.input));
        rows
    }

    /// The forward pass and the training step, for a terminal.
    pub fn passes(&self, pen: Pen) -> String {
        let mut lines = vec![
            pen.bold(&self.title()),
            pen.dim(&format!("network {}, seed {}", self.small.shape(), self.small.seed)),
            format!("\n{}", pen.bold("Forward: the bias, then weight·input of each input")),
        ];
        lines.extend(self.forward().iter().flatten().map(|node| joined(node, "  ")));
        lines.push(pen.dim(&wrap(&self.agreement(), "  ")));
        let step = format!("One training step towards t = {}", self.target);
        lines.push(format!("\n{}", pen.bold(&step)));
        lines.push(wrap(&self.loss_words(), "  "));
        for [name, how, gradient, after] in self.backward() {
            lines.push(hanging(&format!("{name}: {how}"), "  "));
            lines.push(row("dw, db", &gradient));
            lines.push(pen.paint(Colour::Blue, &row("new", &after)));
        }
        lines.push(wrap(&self.after_words(), "  "));
        lines.join("\n")
    }

    /// What nested layers come to, for a terminal.
    pub fn collapse(&self, pen: Pen) -> String {
        let mut rows = vec![self.collapse_head().to_vec()];
        rows.extend(
            self.compared().into_iter().map(|(x, y)| {
                std::iter::once(x).chain(y.map(|y| digits(y, 8))).collect::<Vec<_>>()
            }),
        );
        format!(
            "{}\n{}\n\n{}",
            wrap(&format!("{COLLAPSE}:"), ""),
            pen.paint(Colour::Blue, &hanging(&self.single_equation(), "  ")),
            output::table(&rows)
        )
    }

    fn collapse_head(&self) -> [String; 4] {
        let with = match self.small.activation {
            Activation::Identity => "with activations, of which there are none".to_string(),
            f => format!("with {}", f.name()),
        };
        ["inputs".into(), "layer by layer".into(), "the single map".into(), with]
    }
}

/// Most inputs that are tried alone.
const ALONE: usize = 8;

const COLLAPSE: &str = "Without activations a linear combination of linear combinations is a linear combination. \
                        Multiplied out, all layers are one";

impl Lesson for Traced {
    fn name(&self) -> &'static str {
        "trace"
    }

    fn title(&self) -> String {
        "A forward pass and a training step, number by number".into()
    }

    fn json(&self) -> Value {
        let trace = self.trace();
        let values = |row: &[Decimal]| row.iter().map(|d| d.value()).collect::<Vec<_>>();
        let layers: Vec<Value> =
            trace.layers.iter().map(|l| json!({"z": values(&l.z), "y": values(&l.y)})).collect();
        let step = |layer: &mlp_model::explain::LayerStep| {
            json!({
                "dz": layer.dz,
                "dw": layer.gradient.weights,
                "db": layer.gradient.biases,
                "weights": layer.before.weights,
                "biases": layer.before.biases,
                "new_weights": layer.after.weights,
                "new_biases": layer.after.biases,
            })
        };
        let [nested, single, _] = self.answers(&self.input);
        let compared = |(inputs, y): (String, [f64; 3])| {
            let [nested, single, network] = y;
            json!({"inputs": inputs, "nested": nested, "single": single, "network": network})
        };
        json!({
            "shape": self.small.widths,
            "activation": self.small.activation.name(),
            "seed": self.small.seed,
            "input": self.input,
            "target": self.target,
            "layers": layers,
            "output": trace.outputs().first().map(|d| d.value()),
            "exact": trace.exact,
            "step": {
                "rate": self.step.rate,
                "loss": self.step.loss,
                "dy": self.step.dlogits,
                "layers": self.step.layers.iter().map(step).collect::<Vec<_>>(),
                "loss_after": self.step.loss_after,
            },
            "collapse": {
                "weights": self.single.weights,
                "biases": self.single.biases,
                "nested": nested,
                "single": single,
                "compared": self.compared().into_iter().map(compared).collect::<Vec<_>>(),
            },
        })
    }

    fn terminal(&self, pen: Pen) -> String {
        let nested = pen.bold("Nested linear combinations");
        format!("{}\n\n{nested}\n{}", self.passes(pen), self.collapse(pen))
    }

    fn sections(&self) -> Vec<Section> {
        vec![self.forward_section(), self.step_section(), self.collapse_section()]
    }

    fn picture(&self) -> Option<Svg> {
        Some(self.drawing())
    }
}

impl Traced {
    fn forward_section(&self) -> Section {
        let mut section = Section::new("A forward pass");
        section.text("Each node adds its bias and weight times input for every input, and applies its activation.");
        section.figure(
            self.drawing(),
            "The number in a node is what it passes on. Positive weights are blue, negative ones red.",
        );
        let lines = self.forward();
        section.code(
            lines.iter().flatten().map(|node| joined(node, "")).collect::<Vec<_>>().join("\n"),
        );
        section.text(self.agreement());
        section
    }

    fn step_section(&self) -> Section {
        let mut section = Section::new("One training step");
        section.text(
            Text::from("Training changes the weights so that the loss falls: ")
                .code(self.loss_words())
                .plain(". From there the gradient goes back through the layers: a node passes on what the nodes above \
                        it send back, times the slope of its activation."),
        );
        let node = |[name, how, gradient, after]: [String; 4]| {
            let (gradient, after) = (row("dw, db", &gradient), row("new", &after));
            format!("{}\n{gradient}\n{after}", hanging(&format!("{name}: {how}"), ""))
        };
        section.code(self.backward().into_iter().map(node).collect::<Vec<_>>().join("\n"));
        section.text(format!(
            "dz is the derivative of the loss by the node's sum, dw = dz · input for each of its weights, db = dz. The \
             new weights and bias are w ← w − {}·dw.",
            self.step.rate
        ));
        section.facts([
            Fact::new("loss before", four(self.step.loss)),
            Fact::new("loss after", four(self.step.loss_after)),
        ]);
        section.text(self.after_words());
        section
    }

    fn collapse_section(&self) -> Section {
        let mut section = Section::new("Nested linear combinations");
        section.text(Text::from(format!("{COLLAPSE}: ")).code(self.single_equation()).plain("."));
        let mut table = Table::new(self.collapse_head());
        for (x, y) in self.compared() {
            table.push(std::iter::once(x).chain(y.map(|y| digits(y, 8))));
        }
        section.table(table.caption(
            "Layer by layer without activations, and by the single map, every answer is the same: the layers say \
             nothing that one could not. The first row is the map's bias; each input alone adds its weight. With \
             activations the answers do not add up so.",
        ));
        section
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_without_activations_are_one_map() {
        for seed in 1..6 {
            let small = Small::new(4, &[6, 6], Activation::Tanh, seed);
            let traced = Traced::new(small, vec![1.0, 0.5, -1.0, 2.0], 1.0, 0.01);
            let [nested, single, with] = traced.answers(&traced.input);
            for (x, [nested, single, _]) in traced.compared() {
                assert!((nested - single).abs() < 1e-12, "{x}: {nested} {single}");
            }
            assert_eq!(with, traced.step.forward[2].1[0]);
            assert!((nested - single).abs() < 1e-12, "{nested} {single}");
            let y = traced.step.forward[2].1[0];
            assert!((y - nested).abs() > 1e-3, "tanh changes nothing");
            assert!(traced.step.loss_after < traced.step.loss);
        }
    }

    #[test]
    fn a_line_of_the_trace_can_be_followed_by_hand() {
        let small = Small {
            widths: vec![2, 1],
            activation: Activation::Relu,
            seed: 0,
            reference: Reference {
                layers: vec![Nodes {
                    weights: vec![vec![0.5, -0.25]],
                    biases: vec![0.1],
                    activation: Activation::Relu,
                }],
            },
        };
        let traced = Traced::new(small, vec![2.0, -4.0], 3.0, 0.1);
        assert_eq!(
            traced.forward(),
            [[["y = relu(0.1000 + 0.5000·2.0000 − 0.2500·(−4.0000))", "= relu(2.1000) = 2.1000"]]]
        );
        assert!(traced.loss_words().ends_with("= 0.8100, dy = 2·(y − t) = −1.8000"));
        let [name, how, gradient, after] = &traced.backward()[0];
        assert_eq!((name.as_str(), how.as_str()), ("y", "dz = dy = −1.8000"));
        assert_eq!(gradient, "−3.6000 7.2000 −1.8000");
        assert_eq!(after, "0.8600 −0.9700 0.2800");
    }
}
