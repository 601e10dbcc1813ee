//! The model alone: its layers, its equations, its nodes; in letters and as JSON.

use super::screen::wrapped;
use super::subject::Subject;
use crate::output::{self, entry, figure, grouped, percent};
use mlp_model::LayerSpec;
use mlp_train::LayerUnits;
use serde_json::{Value, json};

/// Equations of a layer that are written out.
pub const EQUATIONS: usize = 3;
/// Inputs that are explained.
pub const MEANINGS: usize = 12;
/// Dead or saturated nodes that are named.
const NAMED: usize = 8;

/// Layers and parameters, a line each.
pub fn summary(subject: &Subject<'_>) -> String {
    let network = &subject.model.network;
    let widths: Vec<String> = (std::iter::once(network.inputs()))
        .chain(subject.explainer.network.layers.iter().map(|layer| layer.biases.len()))
        .map(grouped)
        .collect();
    let parameters = grouped(network.parameters());
    let mut lines =
        vec![entry("network", &format!("{}: {parameters} parameters", widths.join(" – ")))];
    let dropout = network.spec().layers.iter().any(|l| matches!(l, LayerSpec::Dropout { .. }));
    if dropout {
        lines.push(entry("", "dropout acts in training only and is in no equation"));
    }
    let most = subject.most(MEANINGS);
    let meanings = subject.meanings(most.saturating_add(1));
    for (i, meaning) in meanings.iter().take(most).enumerate() {
        let word = if i == 0 { "inputs" } else { "" };
        lines.push(entry(word, &meaning_text(meaning)));
    }
    if meanings.len() > most {
        let more = network.inputs() - most;
        lines.push(entry("", &format!("… and {} more", grouped(more))));
    }
    let answer = wrapped(&subject.answer(), 12, 12);
    lines.push(entry("answer", answer.trim_start()));
    lines.join("\n")
}

/// What an input stands for.
pub fn meaning_text(meaning: &super::subject::Meaning) -> String {
    match meaning.symbol == meaning.name {
        true => format!("{} = {}", meaning.symbol, meaning.how),
        false => format!("{} = {}: {}", meaning.symbol, meaning.name, meaning.how),
    }
}

/// The equations of the first nodes of every layer.
pub fn equations(subject: &Subject<'_>, wrap: bool) -> String {
    let equations = subject.equations();
    let layers = &subject.explainer.network.layers;
    let mut lines = Vec::new();
    for (l, layer) in layers.iter().enumerate() {
        let name = if l + 1 == layers.len() { "output layer" } else { "layer" };
        lines.push(format!("{name} {}", l + 1));
        let shown = equations.layer(l, subject.most(EQUATIONS));
        for (i, equation) in shown.iter().enumerate() {
            let symbols = (i == 0).then_some(&equation.symbols);
            for text in symbols.into_iter().chain([&equation.numbers]) {
                lines.push(if wrap { sum(text) } else { format!("  {text}") });
            }
        }
        let more = layer.biases.len() - shown.len();
        if more > 0 {
            lines.push(format!(
                "  … {} of this layer",
                output::count(more, "more node", "more nodes")
            ));
        }
    }
    lines.join("\n")
}

/// An equation in lines that fit the screen, none of which ends with a sign.
fn sum(equation: &str) -> String {
    let mut text = equation.to_string();
    for fixed in ["+ ", "− ", "… (", " more)"] {
        text = text.replace(fixed, &fixed.replace(' ', "\u{a0}"));
    }
    wrapped(&text, 2, 6).replace('\u{a0}', " ")
}

/// The same as JSON, and how many are left out.
pub fn equations_json(subject: &Subject<'_>) -> (Value, usize) {
    let equations = subject.equations();
    let (mut all, mut more) = (Vec::new(), 0);
    for (l, layer) in subject.explainer.network.layers.iter().enumerate() {
        let shown = equations.layer(l, subject.most(EQUATIONS));
        more += layer.biases.len() - shown.len();
        for (node, equation) in shown.into_iter().enumerate() {
            all.push(json!({
                "layer": l + 1,
                "node": node + 1,
                "name": equation.name,
                "symbols": equation.symbols,
                "numbers": equation.numbers,
            }));
        }
    }
    (Value::Array(all), more)
}

/// Nodes that tell nothing or always stand at an end.
pub fn units(layers: &[LayerUnits], rows: usize, which: &str) -> String {
    if layers.is_empty() {
        return "There is no hidden layer whose nodes could be dead or saturated.".into();
    }
    let mut table = vec![
        ["hidden layer", "nodes", "mean", "deviation", "zeros", "dead", "saturated"]
            .map(String::from)
            .to_vec(),
    ];
    for l in layers {
        table.push(vec![
            format!("{}, {}", l.layer, l.activation.name()),
            grouped(l.units),
            figure(l.mean),
            figure(l.deviation),
            percent(l.zeros),
            grouped(l.dead.len()),
            grouped(l.saturated.len()),
        ]);
    }
    let mut lines = vec![output::table(&table)];
    for l in layers {
        for (word, nodes) in [("dead", &l.dead), ("saturated", &l.saturated)] {
            if !nodes.is_empty() {
                lines.push(wrapped(&format!("{word}: {}", node_names(l.layer, nodes)), 0, 2));
            }
        }
    }
    lines.push(wrapped(
        &format!(
            "On {} of {which}. A dead node answers every row alike; a saturated one stands within 1 % of an end of \
             its range on 95 % of the rows.",
            grouped(rows)
        ),
        0,
        0,
    ));
    lines.join("\n")
}

/// `n3l1, n7l1, …`
pub fn node_names(layer: usize, nodes: &[usize]) -> String {
    let names = nodes.iter().take(NAMED).map(|node| format!("n{}l{layer}", node + 1));
    let names: Vec<String> = names.collect();
    match nodes.len() - names.len() {
        0 => names.join(", "),
        more => format!("{} and {} more", names.join(", "), grouped(more)),
    }
}

/// The same as JSON.
pub fn units_json(layers: &[LayerUnits], rows: usize) -> Value {
    let from_one = |nodes: &[usize]| nodes.iter().map(|node| node + 1).collect::<Vec<_>>();
    let layer = |l: &LayerUnits| {
        json!({
            "layer": l.layer,
            "nodes": l.units,
            "activation": l.activation.name(),
            "mean": l.mean,
            "deviation": l.deviation,
            "zeros": l.zeros,
            "dead": from_one(&l.dead),
            "saturated": from_one(&l.saturated),
        })
    };
    json!({"rows": rows, "layers": layers.iter().map(layer).collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;
    use mlp_model::tensor::Activation;

    #[test]
    fn dead_and_saturated_nodes_are_named() {
        let layer = LayerUnits {
            layer: 2,
            units: 30,
            activation: Activation::Tanh,
            mean: 0.5,
            deviation: 0.25,
            zeros: 0.0,
            dead: vec![2],
            saturated: (0..10).collect(),
        };
        let text = units(&[layer], 100, "the 200 training rows");
        assert!(text.contains("dead: n3l2\n"), "{text}");
        assert!(text.contains("n8l2 and 2 more"), "{text}");
        assert!(text.contains("On 100 of the 200 training rows."), "{text}");
        assert!(units(&[], 100, "rows").contains("no hidden layer"));
    }

    #[test]
    fn no_line_of_an_equation_ends_with_a_sign() {
        let term = |i: usize| format!("0.1234·n{i}l1");
        let all: Vec<String> = (1..12).map(term).collect();
        let text = format!("y = {} − … (12 more) + 0.5", all.join(" − "));
        let lines = sum(&text);
        assert!(lines.lines().count() > 2, "{lines}");
        assert!(lines.lines().all(|l| !l.ends_with(['+', '−', '(', '…'])), "{lines}");
        assert_eq!(lines.split_whitespace().collect::<Vec<_>>().join(" "), text);
    }
}
