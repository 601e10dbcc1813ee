//! A network drawn: nodes in columns, weights as edges, blue where positive and red where negative, the wider the
//! larger. Small layers show all nodes, large ones their first and last.

use crate::svg::{Canvas, Svg, length, share};
use crate::{number, text};
use mlp_model::{LayerSpec, Model};

/// A layer of at most so many nodes shows all of them.
const ALL: usize = 12;
/// Of a larger one: so many from its beginning, and from its end.
const FIRST: usize = 6;
const LAST: usize = 2;
/// Between the middles of two nodes of a column.
const STEP: f64 = 38.0;
/// Radius of a node, without and with a number in it.
const RADIUS: f64 = 10.0;
const WIDE_RADIUS: f64 = 17.0;
/// Widest names at either side.
const NAMES: f64 = 96.0;

/// A layer of weights.
#[derive(Clone, Debug)]
struct Weights {
    outputs: usize,
    /// `outputs × inputs`, column-major: the weights of one input lie together.
    values: Vec<f32>,
    below: String,
}

/// A multilayer perceptron as nodes and edges.
///
/// ```
/// use mlp_report::NetworkDrawing;
///
/// let svg = NetworkDrawing::new("2-1", 2).layer(1, &[0.5, -1.0], "logistic").svg();
/// assert!(svg.inline().contains("s-red"));
/// ```
#[derive(Clone, Debug)]
pub struct NetworkDrawing {
    title: String,
    inputs: usize,
    layers: Vec<Weights>,
    names: Vec<String>,
    answers: Vec<String>,
    /// For the inputs and each layer, a number in every node.
    numbers: Vec<Vec<f64>>,
}

impl NetworkDrawing {
    /// Inputs only.
    pub fn new(title: impl Into<String>, inputs: usize) -> NetworkDrawing {
        NetworkDrawing {
            title: title.into(),
            inputs,
            layers: Vec::new(),
            names: Vec::new(),
            answers: Vec::new(),
            numbers: Vec::new(),
        }
    }

    /// A model's dense layers, with the names of its inputs where they are few and no pixels, and of its classes.
    pub fn of(model: &Model) -> NetworkDrawing {
        let network = &model.network;
        let mut drawing = NetworkDrawing::new("The network", network.inputs());
        for slot in network.slots().iter().filter(|slot| slot.decay) {
            if let LayerSpec::Dense { outputs, activation } = network.spec().layers[slot.layer] {
                let word = activation.name();
                let below = if word == "identity" { "output" } else { word };
                drawing = drawing.layer(outputs, model.params.slot(slot), below);
            }
        }
        if network.inputs() <= 64 && model.pipeline.picture_shape().is_none() {
            drawing = drawing.names(&model.pipeline.input_names());
        }
        match model.labels() {
            [] => drawing.answers(&[model.pipeline.target.name().to_string()]),
            [_, second] if network.outputs() == 1 => drawing.answers(std::slice::from_ref(second)),
            labels => drawing.answers(labels),
        }
    }

    /// A layer after the others. `weights` are `outputs × inputs`, the weights of one input together; `below` is
    /// written below its nodes.
    pub fn layer(
        mut self,
        outputs: usize,
        weights: &[f32],
        below: impl Into<String>,
    ) -> NetworkDrawing {
        self.layers.push(Weights { outputs, values: weights.to_vec(), below: below.into() });
        self
    }

    /// Names of the inputs.
    pub fn names(mut self, names: &[String]) -> NetworkDrawing {
        self.names = names.to_vec();
        self
    }

    /// Names of the outputs.
    pub fn answers(mut self, names: &[String]) -> NetworkDrawing {
        self.answers = names.to_vec();
        self
    }

    /// Numbers inside of the nodes: of the inputs, then of each layer.
    pub fn numbers(mut self, numbers: Vec<Vec<f64>>) -> NetworkDrawing {
        self.numbers = numbers;
        self
    }

    fn widths(&self) -> Vec<usize> {
        std::iter::once(self.inputs).chain(self.layers.iter().map(|l| l.outputs)).collect()
    }

    /// Draws it.
    pub fn svg(&self) -> Svg {
        let columns: Vec<Column> = self.widths().into_iter().map(Column::new).collect();
        let tallest = columns.iter().map(Column::height).fold(STEP, f64::max);
        let wide = |names: &[String]| {
            names.iter().map(|n| text::width(n, 12.0)).fold(0.0, f64::max).min(NAMES)
        };
        let radius = if self.numbers.is_empty() { RADIUS } else { WIDE_RADIUS };
        let (left, right) =
            (12.0 + wide(&self.names) + radius + 6.0, wide(&self.answers) + radius + 18.0);
        let gap = (420.0 - left - right) / self.layers.len().max(1) as f64;
        let gap = gap.max(if self.numbers.is_empty() { 74.0 } else { 88.0 });
        let width = left + gap * self.layers.len() as f64 + right;
        let (top, height) = (16.0, tallest + 66.0);
        let place = |column: usize, node: f64| {
            let offset = (tallest - columns[column].height()) / 2.0;
            (left + gap * column as f64, top + offset + STEP / 2.0 + node * STEP)
        };
        let mut canvas = Canvas::new();
        self.edges(&mut canvas, &columns, &place);
        for (c, column) in columns.iter().enumerate() {
            self.nodes(&mut canvas, c, column, radius, &place);
            let (x, _) = place(c, 0.0);
            let words = if c == 0 { "inputs" } else { &self.layers[c - 1].below };
            canvas.text("k m", (x, top + tallest + 20.0), &text::fit(words, 12.0, gap.max(80.0)));
            canvas.text("k m", (x, top + tallest + 36.0), &number::grouped(column.nodes));
        }
        canvas.finish(&self.alternative(), width, height)
    }

    fn alternative(&self) -> String {
        let widths: Vec<String> = self.widths().iter().map(|n| number::grouped(*n)).collect();
        format!("{}: {} nodes", self.title, widths.join(" – "))
    }

    fn edges(
        &self,
        canvas: &mut Canvas,
        columns: &[Column],
        place: &dyn Fn(usize, f64) -> (f64, f64),
    ) {
        for (l, layer) in self.layers.iter().enumerate() {
            let weight = |to: usize, from: usize| {
                layer.values.get(from * layer.outputs + to).copied().unwrap_or(0.0)
            };
            let (from, to) = (columns[l].shown(), columns[l + 1].shown());
            let pairs = || to.iter().flat_map(|t| from.iter().map(move |f| (*t, *f)));
            let most = pairs()
                .map(|(t, f)| weight(t.0, f.0).abs())
                .filter(|w| w.is_finite())
                .fold(0.0, f32::max);
            canvas.open("fill=\"none\"");
            for ((t, t_row), (f, f_row)) in pairs() {
                let w = weight(t, f);
                if w == 0.0 || !w.is_finite() || most == 0.0 {
                    continue;
                }
                let strength = f64::from(w.abs() / most);
                let ((x1, y1), (x2, y2)) = (place(l, f_row), place(l + 1, t_row));
                canvas.path(
                    if w < 0.0 { "s-red" } else { "s-blue" },
                    &format!("M{} {}L{} {}", length(x1), length(y1), length(x2), length(y2)),
                    &format!(
                        " stroke-width=\"{}\" stroke-opacity=\"{}\"",
                        length(0.5 + 3.5 * strength),
                        share(0.15 + 0.75 * strength)
                    ),
                );
            }
            canvas.close();
        }
    }

    fn nodes(
        &self,
        canvas: &mut Canvas,
        c: usize,
        column: &Column,
        radius: f64,
        place: &dyn Fn(usize, f64) -> (f64, f64),
    ) {
        let last = c == self.layers.len();
        for (node, row) in column.shown() {
            let (x, y) = place(c, row);
            canvas.circle("node", (x, y), radius, "");
            if let Some(value) = self.numbers.get(c).and_then(|n| n.get(node)) {
                canvas.text("v m", (x, y + 3.2), &digits(*value));
            }
            if c == 0
                && let Some(name) = self.names.get(node)
            {
                canvas.text("k e", (x - radius - 5.0, y + 4.0), &text::fit(name, 12.0, NAMES));
            }
            if last
                && c > 0
                && let Some(name) = self.answers.get(node)
            {
                canvas.text("k", (x + radius + 5.0, y + 4.0), &text::fit(name, 12.0, NAMES));
            }
        }
        if let Some(row) = column.ellipsis() {
            let (x, y) = place(c, row);
            for dot in [-7.0, 0.0, 7.0] {
                canvas.circle("f-grey", (x, y + dot), 2.0, "");
            }
        }
    }
}

/// A number that a node has room for.
fn digits(value: f64) -> String {
    let fits = |text: &String| text.chars().count() <= 5;
    let text = number::short(value);
    if fits(&text) {
        return text;
    }
    // Two decimals, where that leaves a digit.
    let text = number::short((value * 100.0).round() / 100.0);
    match value.abs() >= 0.0095 && fits(&text) {
        true => text,
        false => number::sign(&format!("{value:.1e}")),
    }
}

/// Which nodes of a layer are drawn, and where.
struct Column {
    nodes: usize,
}

impl Column {
    fn new(nodes: usize) -> Column {
        Column { nodes }
    }

    fn height(&self) -> f64 {
        let rows = if self.nodes <= ALL { self.nodes } else { FIRST + 1 + LAST };
        STEP * rows as f64
    }

    /// Node and row of each that is drawn.
    fn shown(&self) -> Vec<(usize, f64)> {
        if self.nodes <= ALL {
            return (0..self.nodes).map(|node| (node, node as f64)).collect();
        }
        let first = (0..FIRST).map(|node| (node, node as f64));
        let last = (0..LAST).map(|i| (self.nodes - LAST + i, (FIRST + 1 + i) as f64));
        first.chain(last).collect()
    }

    fn ellipsis(&self) -> Option<f64> {
        (self.nodes > ALL).then_some(FIRST as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_into_their_nodes() {
        let cases = [
            (-0.7139, "−0.71"),
            (0.6381, "0.638"),
            (-0.0987, "−0.1"),
            (-0.0123, "−0.01"),
            (0.0495, "0.05"),
            (-12.34, "−12.3"),
            (-123.4, "−123"),
            (1.0, "1"),
        ];
        for (value, text) in cases {
            assert_eq!(digits(value), text);
        }
    }
}
