//! A pass number by number, in letters and as JSON.

use super::screen::wrapped;
use super::subject::Subject;
use crate::output::{self, percent};
use mlp_model::Prediction;
use mlp_model::explain::{Term, Trace};
use mlp_model::tensor::Activation;
use serde_json::{Value, json};

/// Terms of a sum that are written out.
const TERMS: usize = 6;
/// Answers of a layer that are listed.
const LISTED: usize = 12;
/// A wider network's answers are not put into JSON unless asked for.
const WIDEST: usize = 4096;

/// What a reader must know to follow it.
pub fn rules(trace: &Trace<'_>) -> String {
    let (_, agrees) = trace.agreement();
    format!(
        "Inputs and weights are rounded to {} decimals first, products and sums are exact, each node is rounded once: \
         a calculator gets these digits. The outputs agree with the unrounded ones to {agrees} decimals.",
        trace.decimals
    )
}

/// Layer by layer: a sum term by term (of the output layer that of `output`), the answers of all nodes.
pub fn text(subject: &Subject<'_>, trace: &Trace<'_>, output: usize) -> String {
    let (equations, layers) = (subject.equations(), &subject.explainer.network.layers);
    let mut blocks = Vec::new();
    for (l, layer) in trace.layers.iter().enumerate() {
        let f = layers[l].activation;
        let of = if l + 1 == layers.len() { "output layer" } else { "layer" };
        let word =
            if f == Activation::Identity { String::new() } else { format!(", {}", f.name()) };
        let nodes = output::count(layer.y.len(), "node", "nodes");
        blocks.push(format!("{of} {}: {nodes}{word}", l + 1));
        let written: Vec<usize> = match subject.full {
            true => (0..layer.y.len()).collect(),
            false => vec![telling(trace, l, output)],
        };
        blocks.extend(written.into_iter().map(|node| sum(subject, trace, l, node)));
        if layer.y.len() > 1 {
            let shown = layer.y.len().min(subject.most(LISTED));
            let values: Vec<String> = (0..shown)
                .map(|node| format!("{}\u{a0}=\u{a0}{}", equations.name(l, node), layer.y[node]))
                .collect();
            let more = match layer.y.len() - shown {
                0 => String::new(),
                n => format!(", …\u{a0}({}\u{a0}more)", output::grouped(n)),
            };
            let line = wrapped(&format!("{}{more}", values.join(", ")), 2, 2);
            blocks.push(line.replace('\u{a0}', " "));
        }
    }
    blocks.push(wrapped(&end(subject, trace, output), 0, 2));
    blocks.join("\n")
}

/// The node whose sum is written out: the output asked about, else the first that answers at all.
fn telling(trace: &Trace<'_>, layer: usize, output: usize) -> usize {
    let answers = &trace.layers[layer].y;
    match layer + 1 == trace.layers.len() {
        true => output.min(answers.len().saturating_sub(1)),
        false => answers.iter().position(|y| y.value() != 0.0).unwrap_or(0),
    }
}

/// How the outputs become the answer, in the digits of the trace.
pub fn end(subject: &Subject<'_>, trace: &Trace<'_>, output: usize) -> String {
    let model = subject.model;
    let z: Vec<f64> = trace.outputs().iter().map(|z| z.value()).collect();
    match model.answer_f64(&z) {
        Prediction::Number(value) => {
            format!("{}: {}", subject.answer(), output::figure(value))
        }
        Prediction::Labels { probabilities, .. } => {
            let label = output.min(probabilities.len() - 1);
            let (z, p) = (trace.outputs()[label], percent(probabilities[label]));
            format!("logistic({z}) = {p} {}", model.labels()[label])
        }
        Prediction::Class { probabilities, .. } => {
            let labels = model.labels();
            let class = output.min(labels.len() - 1);
            let p = percent(probabilities[class]);
            match model.network.outputs() {
                1 => format!(
                    "logistic({}) = {} {}",
                    trace.outputs()[0],
                    percent(probabilities[1]),
                    labels[1]
                ),
                _ => format!("softmax: {p} {}", labels[class]),
            }
        }
    }
}

/// The sum of a node, a line a term.
fn sum(subject: &Subject<'_>, trace: &Trace<'_>, layer: usize, node: usize) -> String {
    let equations = subject.equations();
    let head = [equations.name(layer, node), "weight".into(), "input".into(), "product".into()];
    let mut rows = vec![[&head[..], &["sum".to_string()]].concat()];
    let bias = trace.bias(layer, node).to_string();
    rows.push(vec!["bias".into(), bias.clone(), "1".into(), bias.clone(), bias]);
    for term in trace.terms(layer, node, subject.most(TERMS)) {
        rows.push(match term {
            Term::Product { input, weight, value, product, sum } => vec![
                equations.input_name(layer, input),
                weight.to_string(),
                value.to_string(),
                product.to_string(),
                sum.to_string(),
            ],
            Term::Others { count, product, sum } => vec![
                format!("… {} more", output::grouped(count)),
                String::new(),
                String::new(),
                product.to_string(),
                sum.to_string(),
            ],
        });
    }
    let table = output::table(&rows);
    let lines: Vec<String> = table.lines().map(|line| format!("  {line}")).collect();
    let traced = &trace.layers[layer];
    let (name, z, y) = (equations.name(layer, node), traced.z[node], traced.y[node]);
    let end = match subject.explainer.network.layers[layer].activation {
        Activation::Identity => format!("  {name} = {y}"),
        f => format!("  {name} = {}({z}) = {y}", f.name()),
    };
    format!("{}\n{end}", lines.join("\n"))
}

/// Inputs and every layer's sums and answers.
pub fn json(subject: &Subject<'_>, trace: &Trace<'_>) -> Value {
    let (off, agrees) = trace.agreement();
    let widest = trace.layers.iter().map(|layer| layer.y.len()).max().unwrap_or(0);
    let values = |all: &[mlp_model::explain::Decimal]| -> Value {
        all.iter().map(|v| json!(v.value())).collect()
    };
    let layer = |layer: &mlp_model::explain::TracedLayer| json!({"z": values(&layer.z), "y": values(&layer.y)});
    let layers: Option<Vec<Value>> =
        (subject.full || widest <= WIDEST).then(|| trace.layers.iter().map(layer).collect());
    let inputs = (subject.full || trace.inputs.len() <= WIDEST).then(|| values(&trace.inputs));
    json!({
        "decimals": trace.decimals,
        "agrees_to_decimals": agrees,
        "largest_difference": off,
        "inputs": inputs,
        "layers": layers,
    })
}
