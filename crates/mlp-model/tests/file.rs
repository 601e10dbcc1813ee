//! The model file: what is written is read back bit for bit; whatever else is read gives an error
//! that names a byte. Files on disk are in `disk.rs`.

use crate::common;

use common::models::{
    classes, encode, golden, golden_table, linear, models, numbers, projection_of,
};
use mlp_model::container::{self, HEADER, MAGIC, Section};
use mlp_model::data::{Pipeline, Projection, Target, TargetCoding};
use mlp_model::tensor::{Activation, Exec};
use mlp_model::{LayerSpec, Model, ModelError, NetworkSpec, Prediction, Task, TrainRecord};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

fn small() -> Vec<u8> {
    let model = linear(numbers(&["x"], classes(&["a", "b"])), Task::Binary, vec![0.5, -0.25]);
    model.to_bytes().unwrap()
}

/// The byte that an error names.
fn place(result: Result<Model, ModelError>) -> Option<usize> {
    match result {
        Err(ModelError::Malformed { at, .. }) => Some(at),
        Ok(_) | Err(_) => None,
    }
}

/// Makes the checksum right again, so that what lies behind it is reached.
fn seal(file: &mut [u8]) {
    if file.len() >= HEADER {
        let mut sha = Sha256::new();
        sha.update(&file[..32]);
        sha.update(&file[HEADER..]);
        let sum = sha.finalize();
        file[32..HEADER].copy_from_slice(&sum);
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_bit_for_bit(model in models()) {
        let bytes = model.to_bytes().unwrap();
        let read = Model::from_bytes(&bytes).unwrap();
        prop_assert_eq!(common::bits(&read.params.values), common::bits(&model.params.values));
        prop_assert_eq!(&read.params.slots, &model.params.slots);
        prop_assert_eq!(&read.pipeline, &model.pipeline);
        prop_assert_eq!(read.network.spec(), model.network.spec());
        prop_assert_eq!(read.task, model.task);
        // The record may hold NaN, which equals nothing; its bytes do.
        prop_assert!(read.to_bytes().unwrap() == bytes);
    }

    #[test]
    fn any_bytes_are_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..600), magic: bool) {
        if magic && bytes.len() >= 8 {
            bytes[..8].copy_from_slice(&MAGIC);
        }
        prop_assert!(place(Model::from_bytes(&bytes)).is_some());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Bytes changed and the checksum made right again: a value that is written as it was read, or
    /// an error.
    #[test]
    fn changed_metadata_is_a_model_or_an_error(
        changes in prop::collection::vec((any::<prop::sample::Index>(), hostile_numbers()), 1..4),
    ) {
        let mut bytes = golden().to_bytes().unwrap();
        for (at, change) in &changes {
            let at = at.index(bytes.len() - 8);
            match change {
                Change::Byte(b) => bytes[at] = *b,
                Change::Number(n) => bytes[at..at + 8].copy_from_slice(&n.to_le_bytes()),
            }
        }
        seal(&mut bytes);
        match Model::from_bytes(&bytes) {
            Err(ModelError::Malformed { at, .. }) => prop_assert!(at <= bytes.len()),
            Err(other) => prop_assert!(false, "{other} names no byte"),
            Ok(model) => {
                prop_assert!(model.to_bytes().unwrap() == bytes, "two files for one model");
                if let Ok(rows) = model.pipeline.encode(&golden_table(), &Target::None) {
                    let _ = model.predict(&Exec::serial(), &rows, &[0, 1, 2]);
                }
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Change {
    Byte(u8),
    Number(u64),
}

fn hostile_numbers() -> impl Strategy<Value = Change> {
    let huge = vec![0, 1, u64::MAX, u64::MAX / 2, u64::MAX / 8 + 1, 1 << 31, 1 << 32, 1 << 40];
    prop_oneof![
        any::<u8>().prop_map(Change::Byte),
        prop::sample::select(huge).prop_map(Change::Number),
        any::<u64>().prop_map(Change::Number),
    ]
}

#[test]
fn every_length_and_number_may_be_huge() {
    // Every place of the file in turn holds a number that some length could be taken for.
    let file = golden().to_bytes().unwrap();
    for huge in [u64::MAX, 1 << 62, 1 << 40, 1 << 31, 1_000_000] {
        for at in 0..file.len() - 8 {
            let mut bytes = file.clone();
            bytes[at..at + 8].copy_from_slice(&huge.to_le_bytes());
            seal(&mut bytes);
            if let Ok(model) = Model::from_bytes(&bytes) {
                assert!(model.to_bytes().unwrap() == bytes, "{huge} at byte {at}");
            }
        }
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    let mut bytes = small();
    assert!(Model::from_bytes(&bytes).is_ok());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            assert!(place(Model::from_bytes(&bytes)).is_some(), "bit {bit} of byte {at}");
            bytes[at] ^= 1 << bit;
        }
    }
}

#[test]
fn every_truncation_and_anything_appended_is_refused() {
    let bytes = small();
    for length in 0..bytes.len() {
        let mut cut = bytes[..length].to_vec();
        assert!(place(Model::from_bytes(&cut)).is_some(), "cut to {length}");
        seal(&mut cut);
        assert!(place(Model::from_bytes(&cut)).is_some(), "cut to {length} and sealed");
    }
    for more in [1, 3, 4, 63, 64, 65, 4096] {
        for filler in [0, 1, 255] {
            let mut long = bytes.clone();
            long.resize(bytes.len() + more, filler);
            assert!(place(Model::from_bytes(&long)).is_some(), "{more} bytes of {filler} appended");
            let length = (long.len() as u64).to_le_bytes();
            long[16..24].copy_from_slice(&length);
            seal(&mut long);
            assert!(
                place(Model::from_bytes(&long)).is_some(),
                "{more} bytes of {filler}, declared"
            );
        }
    }
}

/// A file of these parts, whatever they are.
fn forged(pipeline: &Pipeline, spec: &NetworkSpec, task: Task, weights: &[u8]) -> Vec<u8> {
    let meta = (pipeline, spec, task, TrainRecord::default());
    let meta = mlp_model::encode(&meta).unwrap();
    container::write(&[
        Section { tag: "meta", bytes: &meta },
        Section { tag: "weights", bytes: weights },
    ])
}

#[test]
fn consistent_bytes_of_an_inconsistent_model_are_refused() {
    let pipeline = numbers(&["x"], classes(&["a", "b"]));
    let dense = |outputs| LayerSpec::Dense { outputs, activation: Activation::Relu };
    let spec = |layers: Vec<LayerSpec>| NetworkSpec { inputs: 1, layers };
    let floats = |values: &[f32]| container::float_bytes(values);
    let two = floats(&[0.5, 0.25]);
    let one = spec(vec![dense(1)]);
    let good = forged(&pipeline, &one, Task::Binary, &two);
    Model::from_bytes(&good).unwrap();

    let wide = NetworkSpec { inputs: 2, layers: vec![dense(1)] };
    let doubled = numbers(&["x", "x"], classes(&["a", "b"]));
    let same = numbers(&["x"], classes(&["a", "a"]));
    let single = numbers(&["x"], classes(&["a"]));
    let number = |deviation| {
        numbers(&["x"], TargetCoding::Number { name: "y".into(), mean: 0.0, deviation })
    };
    let refused = [
        (forged(&pipeline, &one, Task::Binary, &two[..4]), "4 bytes for 2 weights"),
        (forged(&pipeline, &one, Task::Binary, &two[..7]), "7 bytes for 2 weights"),
        (forged(&pipeline, &one, Task::Binary, &floats(&[0.0; 3])), "12 bytes for 2 weights"),
        (forged(&pipeline, &one, Task::Binary, &floats(&[1.0, f32::NAN])), "weight 1 is not"),
        (forged(&pipeline, &one, Task::Binary, &floats(&[f32::INFINITY, 1.0])), "weight 0 is not"),
        (forged(&pipeline, &wide, Task::Binary, &floats(&[0.0; 3])), "maps 2 inputs"),
        (forged(&pipeline, &one, Task::Regression, &two), "does not suit"),
        (forged(&pipeline, &spec(vec![]), Task::Binary, &[]), "one dense layer"),
        (forged(&pipeline, &spec(vec![dense(usize::MAX)]), Task::Binary, &[]), "layer 0"),
        (
            forged(&pipeline, &spec(vec![dense(1 << 32), dense(1 << 32)]), Task::Binary, &[]),
            "layer 0",
        ),
        (forged(&pipeline, &spec(vec![dense(1 << 29); 9]), Task::Binary, &[]), "layer 1"),
        (
            forged(&pipeline, &spec(vec![dense(1 << 30)]), Task::Binary, &[]),
            "0 bytes for 2147483648",
        ),
        (
            forged(
                &pipeline,
                &spec(vec![LayerSpec::Dropout { rate: 2.0 }, dense(1)]),
                Task::Binary,
                &two,
            ),
            "dropout 2 ",
        ),
        (forged(&doubled, &wide, Task::Binary, &floats(&[0.0; 3])), "two columns"),
        (forged(&same, &one, Task::Binary, &two), "classes"),
        (forged(&single, &one, Task::Binary, &two), "classes"),
        (forged(&number(0.0), &one, Task::Regression, &two), "deviation"),
        (forged(&number(f64::NAN), &one, Task::Regression, &two), "deviation"),
    ];
    for (bytes, expected) in refused {
        check_refused(&bytes, expected);
    }
}

#[test]
fn a_projection_that_does_not_fit_is_refused() {
    let mut model = linear(numbers(&["x"], classes(&["a", "b"])), Task::Binary, vec![0.5, -0.25]);
    model.pipeline.projection = Some(projection_of(1, 1));
    let good = model.to_bytes().unwrap();
    assert_eq!(Model::from_bytes(&good).unwrap().pipeline, model.pipeline);
    let refused: [fn(&mut Projection); 5] = [
        |p| p.inputs = 2,
        |p| p.weights[0] = f32::NAN,
        |p| p.biases.push(1.0),
        |p| p.explained[0] = -0.5,
        |p| p.weights.clear(),
    ];
    for spoil in refused {
        let mut model = Model::from_bytes(&good).unwrap();
        model.pipeline.projection.iter_mut().for_each(spoil);
        check_refused(&model.to_bytes().unwrap(), "projection");
    }
}

#[test]
fn a_model_without_a_projection_has_no_section_for_one() {
    let model = linear(numbers(&["x"], classes(&["a", "b"])), Task::Binary, vec![0.5, -0.25]);
    let bytes = model.to_bytes().unwrap();
    assert!(container::read(&bytes).unwrap().find("pca").is_none());
    assert!(model.unfolded().unwrap().is_none());
}

#[test]
fn an_unfolded_model_gives_the_same_answers_to_the_bit() {
    let model = golden();
    let width = model.pipeline.width();
    let spec = NetworkSpec::mlp(3, &[5], Activation::Tanh, 0.0, 3);
    let mut pipeline = model.pipeline;
    pipeline.projection = Some(projection_of(width, 4));
    let network = spec.build().unwrap();
    let values = common::uniform(&mut common::stream(2, 0), network.parameters(), 1.0);
    let model = Model::new(pipeline, network, values, model.task, model.record).unwrap();
    let unfolded = model.unfolded().unwrap().unwrap();
    assert_eq!(unfolded.network.inputs(), width);
    let answers = |model: &Model| {
        let rows = encode(model, &golden_table());
        model.predict(&Exec::serial(), &rows, &[0, 1, 2]).unwrap()
    };
    assert_eq!(answers(&model), answers(&unfolded));
}

/// Refused with these words, at a byte behind the header.
fn check_refused(bytes: &[u8], expected: &str) {
    match Model::from_bytes(bytes) {
        Err(ModelError::Malformed { at, what }) => {
            assert!(what.contains(expected), "{what}, not {expected}");
            assert!(at >= HEADER && at <= bytes.len(), "{what} at {at}");
        }
        Ok(_) => panic!("accepted, without {expected}"),
        Err(other) => panic!("{other} names no byte"),
    }
}

#[test]
fn sections_are_where_they_should_be_and_there_once() {
    let section = |tag, bytes| Section { tag, bytes };
    let refused = [
        (container::write(&[]), "`meta` is missing"),
        (container::write(&[section("weights", &[0; 4])]), "`meta` is missing"),
        (container::write(&[section("a", &[]), section("a", &[])]), "section 1 is there twice"),
    ];
    for (bytes, expected) in refused {
        let error = Model::from_bytes(&bytes).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let file = container::write(&[section("one", &[1, 2, 3]), section("eightby8", &[9; 64])]);
    assert_eq!(file.len(), 64 + 64 + 64 + 64);
    let sections = container::read(&file).unwrap();
    assert_eq!(sections.get("one").unwrap(), (&[1, 2, 3][..], 128));
    assert_eq!(sections.get("eightby8").unwrap(), (&[9; 64][..], 192));
    for absent in ["on", "One", "", "eightby88"] {
        assert!(sections.get(absent).is_err(), "{absent:?}");
    }
    assert!(sections.floats("one").unwrap_err().to_string().contains("byte 128"));
}

#[test]
fn versions_of_the_future_are_told_apart() {
    let mut bytes = small();
    bytes[8] = 2;
    seal(&mut bytes);
    let error = Model::from_bytes(&bytes).unwrap_err().to_string();
    assert!(error.contains("byte 8: format version 2; this program reads version 1"), "{error}");
}

/// A file of format version 1. Run once with `UPDATE_GOLDEN=1` to make it; it is never made again
/// for this version, since users have files like it.
#[test]
fn the_golden_file_of_version_1_is_read_and_predicts_what_it_did() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1.mlp");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        golden().save(&path).unwrap();
    }
    let bytes = fs::read(&path).unwrap();
    let model = Model::load(&path).unwrap();
    assert!(model.to_bytes().unwrap() == bytes, "written again, the file differs");
    assert!(golden().to_bytes().unwrap() == bytes, "the same model gives another file");
    assert_eq!(model.pipeline, golden().pipeline);
    assert_eq!(model.record, golden().record);
    let rows = encode(&model, &golden_table());
    let answers = model.predict(&Exec::serial(), &rows, &[0, 1, 2]).unwrap();
    let bits: Vec<Vec<u64>> = (answers.iter())
        .map(|answer| match answer {
            Prediction::Class { probabilities, .. } => {
                probabilities.iter().map(|p| p.to_bits()).collect()
            }
            other => panic!("{other:?} instead of a class"),
        })
        .collect();
    assert_eq!(bits, GOLDEN_PROBABILITIES);
}

/// By row and class, as bits of `f64`.
const GOLDEN_PROBABILITIES: [[u64; 3]; 3] = [
    [4600099237118607360, 4597056773554176000, 4601314025131737088],
    [4599635756997148672, 4598170813445701632, 4601220483965255680],
    [4598579590179323904, 4599529292810944512, 4600920375272931328],
];
