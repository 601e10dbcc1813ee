//! The JSON export, read by `serde_json` alone: the parameters bit for bit, and the network computed from the text.

use crate::models::{Case, all, any_model, assert_near, case};
use mlp_export::model::Model;
use mlp_export::model::reference::{Nodes, Reference};
use mlp_export::model::tensor::Activation;
use mlp_export::{Exporter, Json};
use proptest::prelude::*;
use serde_json::Value;

fn read(model: &Model) -> Value {
    serde_json::from_slice(&Json.export(model).unwrap()).unwrap()
}

/// Numbers as `f32`; what was written has no more digits than that.
fn row(value: &Value) -> Vec<f32> {
    serde_json::from_value(value.clone()).unwrap()
}

/// The dense layers of the text, as the reference network computes them.
fn reference(document: &Value) -> Reference {
    let wide = |row: Vec<f32>| row.into_iter().map(f64::from).collect::<Vec<f64>>();
    let dense =
        document["layers"].as_array().unwrap().iter().filter(|layer| layer["kind"] == "dense");
    let layers = dense.map(|layer| Nodes {
        weights: layer["weights"].as_array().unwrap().iter().map(|r| wide(row(r))).collect(),
        biases: wide(row(&layer["biases"])),
        activation: Activation::from_name(layer["activation"].as_str().unwrap()).unwrap(),
    });
    Reference { layers: layers.collect() }
}

#[track_caller]
fn check(name: &str, case: &Case) {
    let network = reference(&read(&case.model));
    let read: Vec<u64> = network.flat().iter().map(|v| v.to_bits()).collect();
    let ours: Vec<u64> = case.model.params.values.iter().map(|&v| f64::from(v).to_bits()).collect();
    assert_eq!(read, ours, "{name}");
    let inputs = case.inputs.chunks_exact(case.model.network.inputs());
    let logits: Vec<f64> = inputs
        .flat_map(|x| network.forward(&x.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>()))
        .collect();
    assert_near(name, &case.logits, logits.into_iter());
}

#[test]
fn every_activation_task_and_input() {
    for (name, model) in all() {
        check(&name, &case(model, 4));
    }
}

#[test]
fn the_document_holds_all_parts() {
    let all = all();
    for (name, model) in &all {
        let document = read(model);
        assert_eq!(document["format"], "mlp");
        assert_eq!(document["task"], model.task.name(), "{name}");
        let inputs: Vec<String> = serde_json::from_value(document["inputs"].clone()).unwrap();
        assert_eq!(inputs, model.pipeline.input_names());
        let pipeline = serde_json::from_value(document["pipeline"].clone()).unwrap();
        assert_eq!(model.pipeline, pipeline, "{name}");
        assert_eq!(document["layers"].as_array().unwrap().len(), model.network.spec().layers.len());
        assert_eq!(document["record"]["data_sha256"].as_str().unwrap().len(), 64);
        assert_eq!(document["record"]["training_examples"], 8);
        assert_eq!(document["record"]["scores"]["accuracy"], 0.5);
    }
    let document = read(&all[0].1);
    assert_eq!(document["target"]["mean"], 2.06855);
    assert_eq!(document["layers"][1]["rate"], 0.5);
}

#[test]
fn a_node_is_a_line() {
    let (_, model) = all().remove(0);
    let text = String::from_utf8(Json.export(&model).unwrap()).unwrap();
    let rows = text.lines().filter(|line| line.trim().starts_with('[') && line.contains(','));
    assert_eq!(rows.count(), 9 + 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn networks_of_any_shape(model in any_model()) {
        check("a network of any shape", &case(model, 2));
    }

    #[test]
    fn every_value_reads_back_exactly(
        mut model in any_model(),
        values in prop::collection::vec(prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL | prop::num::f32::ZERO, 32),
    ) {
        let all = model.params.values.iter_mut().zip(values.iter().cycle());
        all.for_each(|(mine, value)| *mine = *value);
        let read: Vec<u64> = reference(&read(&model)).flat().iter().map(|v| v.to_bits()).collect();
        let ours: Vec<u64> = model.params.values.iter().map(|&v| f64::from(v).to_bits()).collect();
        prop_assert_eq!(read, ours);
    }
}
