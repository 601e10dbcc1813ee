//! The ONNX export, executed by rten, says what the model says.

use crate::models::{Case, all, any_model, assert_near, case, projected};
use mlp_export::model::Task;
use mlp_export::{Exporter, Format, Onnx};
use proptest::prelude::*;
use rten::{Dimension, Value};

/// Runs a graph on `rows` rows from `first`, and gives one output.
fn run(graph: &rten::Model, case: &Case, rows: std::ops::Range<usize>, output: &str) -> Vec<f32> {
    let width = case.model.network.inputs();
    let input = case.raw[rows.start * width..rows.end * width].to_vec();
    let input = Value::from_shape(&[rows.len(), width], input).unwrap();
    let (from, to) = (graph.node_id("input").unwrap(), graph.node_id(output).unwrap());
    let [value] = graph.run_n(vec![(from, input.into())], [to], None).unwrap();
    value.into_shape_vec::<f32, 2>().unwrap().1
}

fn answers(task: Task) -> &'static str {
    match task {
        Task::Regression => "prediction",
        Task::Binary | Task::Multiclass | Task::Multilabel => "probabilities",
    }
}

#[track_caller]
fn check(name: &str, case: &Case) {
    let graph = rten::Model::load(Onnx.export(&case.model).unwrap()).unwrap();
    let task = case.model.task;
    let found = run(&graph, case, 0..case.rows, answers(task));
    assert_near(name, &found, case.answers.iter().copied());
    if task != Task::Regression {
        let found = run(&graph, case, 0..case.rows, "logits");
        assert_near(name, &found, case.logits.iter().map(|&z| f64::from(z)));
    }
}

#[test]
fn every_activation_task_and_input() {
    for (name, model) in all() {
        check(&name, &case(model, 6));
    }
}

#[test]
fn components_are_exported_as_the_first_layer() {
    let model = projected();
    let unfolded = model.unfolded().unwrap().unwrap();
    for format in Format::ALL {
        let export = |model| format.exporter().export(model).unwrap();
        assert!(export(&model) == export(&unfolded), "{format}");
    }
}

#[test]
fn any_number_of_rows_at_once() {
    let (name, model) = all().pop().unwrap();
    let case = case(model, 9);
    let graph = rten::Model::load(Onnx.export(&case.model).unwrap()).unwrap();
    let at_once = run(&graph, &case, 0..9, "probabilities");
    let one_by_one: Vec<f32> =
        (0..9).flat_map(|row| run(&graph, &case, row..row + 1, "probabilities")).collect();
    assert_near(&name, &at_once, one_by_one.iter().map(|&p| f64::from(p)));
}

#[test]
fn the_graph_declares_what_goes_in_and_out() {
    for (name, model) in all() {
        let graph = rten::Model::load(Onnx.export(&model).unwrap()).unwrap();
        let shape = |id| graph.node_info(id).unwrap().shape().unwrap();
        let batch = || Dimension::Symbolic("N".into());
        let inputs: Vec<_> = graph.input_ids().iter().map(|&id| shape(id)).collect();
        assert_eq!(inputs, [vec![batch(), Dimension::Fixed(model.network.inputs())]], "{name}");
        let outputs: Vec<_> = graph
            .output_ids()
            .iter()
            .map(|&id| (graph.node_info(id).unwrap().name().unwrap().to_owned(), shape(id)))
            .collect();
        let columns = |n| vec![batch(), Dimension::Fixed(n)];
        let expected = match model.task {
            Task::Regression => vec![("prediction".to_owned(), columns(1))],
            Task::Binary => {
                vec![("logits".to_owned(), columns(1)), ("probabilities".to_owned(), columns(2))]
            }
            Task::Multiclass | Task::Multilabel => {
                vec![("logits".to_owned(), columns(3)), ("probabilities".to_owned(), columns(3))]
            }
        };
        let sorted = |mut outputs: Vec<(String, Vec<Dimension>)>| {
            outputs.sort_by(|a, b| a.0.cmp(&b.0));
            outputs
        };
        assert_eq!(sorted(outputs), expected, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn networks_of_any_shape(model in any_model()) {
        check("a network of any shape", &case(model, 3));
    }
}
