//! SHA-256 of files and of what is being written, in hexadecimal.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// Bytes read at once.
pub const BLOCK: usize = 1 << 16;

/// Of all that a reader gives.
///
/// # Errors
/// The reader's.
pub fn of(reader: &mut dyn Read) -> io::Result<String> {
    let mut sum = Sum { inner: io::sink(), hasher: Sha256::new(), bytes: 0 };
    io::copy(reader, &mut sum)?;
    Ok(sum.finish().1)
}

/// Of a file.
///
/// # Errors
/// It cannot be read.
pub fn of_file(path: &Path) -> Result<String> {
    let at = || path.display().to_string();
    let file = File::open(path).with_context(at)?;
    of(&mut io::BufReader::with_capacity(BLOCK, file)).with_context(at)
}

/// A writer that sums what goes through it.
pub struct Sum<W> {
    inner: W,
    hasher: Sha256,
    bytes: u64,
}

impl<W: Write> Sum<W> {
    /// Around another writer.
    pub fn new(inner: W) -> Sum<W> {
        Sum { inner, hasher: Sha256::new(), bytes: 0 }
    }

    /// The writer, and the sum.
    pub fn finish(self) -> (W, String) {
        let digest = self.hasher.finalize();
        (self.inner, digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// How many bytes went through.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl<W: Write> Write for Sum<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_the_published_one() {
        // FIPS 180-2, appendix B.1.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of(&mut &b"abc"[..]).unwrap(), known);
    }
}
