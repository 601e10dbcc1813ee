//! A graph that is being built: nodes in order, each with a name of its own, and constants.

use crate::protobuf::Message;
use std::collections::BTreeSet;

/// The name of the input.
const INPUT: &str = "input";
/// The element type `f32` in `TensorProto.DataType`.
const FLOAT: u64 = 1;

/// A setting of a node.
#[derive(Clone, Copy)]
pub(super) enum Attribute {
    /// A number.
    Float(&'static str, f32),
    /// A whole number that is not negative.
    Int(&'static str, u64),
}

/// `GraphProto`, in the making. Values are passed from node to node by name.
pub(super) struct Graph {
    width: usize,
    nodes: Vec<Message>,
    constants: Vec<Message>,
    names: BTreeSet<String>,
    outputs: Vec<Message>,
}

impl Graph {
    /// With an input of `N × width`.
    pub(super) fn new(width: usize) -> Graph {
        let (nodes, constants, outputs) = (Vec::new(), Vec::new(), Vec::new());
        Graph { width, nodes, constants, names: BTreeSet::new(), outputs }
    }

    /// The input's name.
    pub(super) fn input(&self) -> String {
        INPUT.to_owned()
    }

    /// Adds a node, and gives the name of its value.
    pub(super) fn node(&mut self, op: &str, inputs: &[&str], attributes: &[Attribute]) -> String {
        let output = format!("{}_{}", op.to_lowercase(), self.nodes.len());
        self.push(op, inputs, attributes, &output);
        output
    }

    /// Adds a node whose value, `N × width`, is an output of the graph.
    pub(super) fn output(
        &mut self,
        op: &str,
        inputs: &[&str],
        attributes: &[Attribute],
        name: &str,
        width: usize,
    ) {
        self.push(op, inputs, attributes, name);
        self.outputs.push(value_info(name, width));
    }

    /// Adds a node of a value and a number.
    pub(super) fn with_number(&mut self, op: &str, value: &str, number: f32) -> String {
        let number = self.number(number);
        self.node(op, &[value, &number], &[])
    }

    /// A constant number; equal ones are kept once.
    pub(super) fn number(&mut self, value: f32) -> String {
        self.constant(&format!("number_{value:?}"), &[], &[value])
    }

    /// A constant, row-major; one name is one constant.
    pub(super) fn constant(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        if self.names.insert(name.to_owned()) {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            let shape =
                shape.iter().fold(Message::new(), |message, &size| message.int(1, size as u64));
            self.constants.push(shape.int(2, FLOAT).text(8, name).raw(9, &bytes));
        }
        name.to_owned()
    }

    /// `GraphProto`.
    pub(super) fn finish(self, name: &str) -> Message {
        Message::new()
            .messages(1, &self.nodes)
            .text(2, name)
            .messages(5, &self.constants)
            .message(11, &value_info(INPUT, self.width))
            .messages(12, &self.outputs)
    }

    fn push(&mut self, op: &str, inputs: &[&str], attributes: &[Attribute], output: &str) {
        let attributes: Vec<Message> = attributes.iter().map(|a| a.message()).collect();
        let inputs = inputs.iter().fold(Message::new(), |node, input| node.text(1, input));
        // Some readers keep nodes and values in one list, so their names must differ.
        let name = format!("{op}_{}", self.nodes.len());
        let node = inputs.text(2, output).text(3, &name).text(4, op).messages(5, &attributes);
        self.nodes.push(node);
    }
}

impl Attribute {
    /// `AttributeProto`; its field 20 is the kind of value.
    fn message(self) -> Message {
        match self {
            Attribute::Float(name, value) => {
                Message::new().text(1, name).float(2, value).int(20, 1)
            }
            Attribute::Int(name, value) => Message::new().text(1, name).int(3, value).int(20, 2),
        }
    }
}

/// `ValueInfoProto` of an `f32` tensor `N × width`.
fn value_info(name: &str, width: usize) -> Message {
    let batch = Message::new().text(2, "N");
    let columns = Message::new().int(1, width as u64);
    let shape = Message::new().messages(1, &[batch, columns]);
    let tensor = Message::new().int(1, FLOAT).message(2, &shape);
    Message::new().text(1, name).message(2, &Message::new().message(1, &tensor))
}
