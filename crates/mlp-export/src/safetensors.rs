//! safetensors: the parameters as PyTorch keeps them.
//!
//! The layout: the header's length as a `u64`, a JSON header padded with spaces to a multiple of eight bytes, then the
//! values, little-endian. Source: <https://huggingface.co/docs/safetensors>.

use crate::{ExportError, Exporter, describe};
use mlp_model::{Model, Slot};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::collections::BTreeMap;

/// What readers of the format accept as a header.
const LONGEST_HEADER: usize = 100_000_000;

/// Parameters under the names `0.weight`, `0.bias`, `2.weight`, … that `torch.nn.Sequential.load_state_dict` takes;
/// a weight's shape is `[outputs, inputs]`, row by row. The header's `__metadata__` holds `architecture` (a line of
/// Python that builds the module), `labels`, `pipeline` (what happens to the data before) and more, all as text.
/// Principal components are the first module.
#[derive(Clone, Copy, Debug)]
pub struct Safetensors;

impl Exporter for Safetensors {
    fn name(&self) -> &'static str {
        "safetensors"
    }

    fn extension(&self) -> &'static str {
        "safetensors"
    }

    fn export(&self, model: &Model) -> Result<Vec<u8>, ExportError> {
        let unfolded = model.unfolded()?;
        let model = unfolded.as_ref().unwrap_or(model);
        let facts = describe::facts(model)?;
        let mut header = serde_json::to_vec(&Header { facts: &facts, slots: &model.params.slots })?;
        header.resize(header.len().next_multiple_of(8), b' ');
        check(header.len())?;
        let mut file = Vec::with_capacity(8 + header.len() + 4 * model.params.values.len());
        file.extend_from_slice(&(header.len() as u64).to_le_bytes());
        file.append(&mut header);
        for slot in &model.params.slots {
            append(&mut file, model.params.slot(slot), slot);
        }
        Ok(file)
    }
}

fn check(header: usize) -> Result<(), ExportError> {
    if header > LONGEST_HEADER {
        let (bytes, limit) = (header as u64, LONGEST_HEADER as u64);
        return Err(ExportError::TooLarge { format: "safetensors header", bytes, limit });
    }
    Ok(())
}

/// Ours are column-major, `rows × cols`; theirs are row-major.
fn append(file: &mut Vec<u8>, values: &[f32], slot: &Slot) {
    for row in 0..slot.rows {
        let of_row = values.iter().skip(row).step_by(slot.rows);
        file.extend(of_row.flat_map(|value| value.to_le_bytes()));
    }
}

struct Header<'a> {
    facts: &'a [(&'static str, String)],
    slots: &'a [Slot],
}

#[derive(serde::Serialize)]
struct Tensor {
    dtype: &'static str,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

impl Serialize for Header<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + self.slots.len()))?;
        let facts: BTreeMap<&str, &str> =
            self.facts.iter().map(|(k, v)| (*k, v.as_str())).collect();
        map.serialize_entry("__metadata__", &facts)?;
        for slot in self.slots {
            let shape = if slot.decay { vec![slot.rows, slot.cols] } else { vec![slot.rows] };
            let data_offsets = [4 * slot.range.start, 4 * slot.range.end];
            map.serialize_entry(&slot.name, &Tensor { dtype: "F32", shape, data_offsets })?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_transposed() {
        let slot =
            Slot { name: "0.weight".into(), layer: 0, rows: 2, cols: 3, range: 0..6, decay: true };
        let mut file = Vec::new();
        // Columns (1, 2), (3, 4), (5, 6).
        append(&mut file, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &slot);
        let rows: Vec<u8> =
            [1.0f32, 3.0, 5.0, 2.0, 4.0, 6.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        assert_eq!(file, rows);
    }

    #[test]
    fn a_header_that_readers_refuse_is_not_written() {
        assert!(check(LONGEST_HEADER).is_ok());
        let message = check(LONGEST_HEADER + 8).unwrap_err().to_string();
        assert!(message.contains("100000008"), "{message}");
    }
}
