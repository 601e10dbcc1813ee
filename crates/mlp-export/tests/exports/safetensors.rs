//! The safetensors export, read by the format's own crate, holds every bit of the parameters.

use crate::models::{all, any_model};
use ::safetensors::{Dtype, SafeTensors};
use mlp_export::model::Model;
use mlp_export::{Exporter, Safetensors};
use proptest::prelude::*;

/// The values of a tensor, and their shape.
fn tensor(file: &SafeTensors<'_>, name: &str) -> (Vec<f32>, Vec<usize>) {
    let view = file.tensor(name).unwrap();
    assert_eq!(view.dtype(), Dtype::F32);
    let values = view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    (values.collect(), view.shape().to_vec())
}

#[track_caller]
fn check(model: &Model) {
    let bytes = Safetensors.export(model).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let slots = model.network.slots();
    assert_eq!(file.len(), slots.len());
    for slot in slots {
        let (values, shape) = tensor(&file, &slot.name);
        let ours = model.params.slot(slot);
        let expected: &[usize] =
            if slot.name.ends_with("bias") { &[slot.rows] } else { &[slot.rows, slot.cols] };
        assert_eq!(shape, expected, "{}", slot.name);
        for row in 0..slot.rows {
            for col in 0..slot.cols {
                let (theirs, ours) = (values[row * slot.cols + col], ours[col * slot.rows + row]);
                assert_eq!(theirs.to_bits(), ours.to_bits(), "{} [{row}, {col}]", slot.name);
            }
        }
    }
}

#[test]
fn every_activation_task_and_input() {
    all().iter().for_each(|(_, model)| check(model));
}

#[test]
fn the_header_says_what_the_network_is() {
    let named = |wanted: &str| all().into_iter().find(|(name, _)| name == wanted).unwrap().1;
    let facts = |model: &Model| {
        let bytes = Safetensors.export(model).unwrap();
        let (length, header) = SafeTensors::read_metadata(&bytes).unwrap();
        assert_eq!((8 + length) % 8, 0);
        header.metadata().clone().unwrap()
    };
    let facts_of_dogs = facts(&named("binary-gelu"));
    assert_eq!(
        facts_of_dogs["architecture"],
        "torch.nn.Sequential(torch.nn.Linear(5, 9), torch.nn.GELU(), torch.nn.Dropout(0.5), \
         torch.nn.Linear(9, 1))"
    );
    assert_eq!(facts_of_dogs["labels"], r#"["cat","dög"]"#);
    assert_eq!(facts_of_dogs["inputs"], r#"["x0","x1","x2","x3","x4"]"#);
    assert_eq!(facts_of_dogs["format_version"], "1");
    assert_eq!(facts(&named("regression-relu"))["target_mean"], "2.06855");
    let picture = &facts(&named("pictures-channels"))["picture"];
    assert_eq!(picture, r#"{"width":3,"height":2,"channels":3}"#);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn networks_of_any_shape(model in any_model()) {
        check(&model);
    }
}
