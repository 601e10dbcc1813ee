//! The only place that knows `bincode`. It is unmaintained (RUSTSEC-2025-0141) but complete; here
//! it runs with fixed-width integers, a limit no longer than the input, and trailing bytes refused.
//! Types given to it must not be recursive nor hold collections of zero-sized values, on which its
//! limit has no hold.

use crate::ModelError;
use crate::container::hex;
use bincode::Options;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::io::{BufWriter, Write};

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

/// SHA-256 of encoded values, one after another, without their bytes in memory.
#[derive(Debug, Default)]
pub struct Print(Sha256);

impl Print {
    /// Adds the bytes that [`encode`] gives.
    pub fn add<T: Serialize>(&mut self, value: &T) -> Result<(), ModelError> {
        let mut into = BufWriter::with_capacity(1 << 16, Hashing(&mut self.0));
        let written = options(LIMIT).serialize_into(&mut into, value).map_err(|e| e.to_string());
        let flushed = written.and_then(|()| into.flush().map_err(|e| e.to_string()));
        flushed.map_err(|e| ModelError::Network { what: format!("metadata cannot be hashed: {e}") })
    }
    /// In hexadecimal.
    pub fn hex(self) -> String {
        hex(&self.0.finalize())
    }
}

struct Hashing<'a>(&'a mut Sha256);

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The value of some bytes. `at` is where they stand in their file, for the message.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], at: usize) -> Result<T, ModelError> {
    options(bytes.len().min(LIMIT))
        .deserialize(bytes)
        .map_err(|e| ModelError::malformed(at, format!("metadata does not decode ({e})")))
}
