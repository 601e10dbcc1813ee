//! The only place that knows `bincode`. It is unmaintained (RUSTSEC-2025-0141) but complete; here
//! it runs with fixed-width integers, a limit no longer than the input, and trailing bytes refused.
//! Types given to it must not be recursive nor hold collections of zero-sized values, on which its
//! limit has no hold.

use crate::ModelError;
use bincode::Options;
use serde::{Serialize, de::DeserializeOwned};

/// Most bytes of metadata that are read or written.
pub const LIMIT: usize = 1 << 30;

fn options(limit: usize) -> impl Options {
    bincode::DefaultOptions::new()
        .with_fixint_encoding()
        .with_little_endian()
        .with_limit(limit as u64)
        .reject_trailing_bytes()
}

/// The bytes of a value.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, ModelError> {
    options(LIMIT)
        .serialize(value)
        .map_err(|e| ModelError::Network { what: format!("metadata cannot be written: {e}") })
}

/// The value of some bytes. `at` is where they stand in their file, for the message.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], at: usize) -> Result<T, ModelError> {
    options(bytes.len().min(LIMIT))
        .deserialize(bytes)
        .map_err(|e| ModelError::malformed(at, format!("metadata does not decode ({e})")))
}
