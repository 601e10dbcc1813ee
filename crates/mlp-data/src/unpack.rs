//! gzip and zstd: packed bytes to what they hold, never more of it than a limit.

use crate::DataError;
use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use std::io::Read;
use std::path::Path;

/// What any file may unpack to.
const FREE: u64 = 256 << 20;
/// Beyond that, so many bytes for a packed one: tables of text come to ten or twenty.
const RATIO: u64 = 200;
/// The most that a zstd file may ask to be kept for its back references.
const MAX_WINDOW: u64 = 128 << 20;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
}

/// How a file is packed, by its first bytes.
pub(crate) fn packing(start: &[u8]) -> Option<Packing> {
    match start {
        [0x1F, 0x8B, ..] => Some(Packing::Gzip),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Packing::Zstd),
        // A frame that is to be skipped, as some tools write before the data.
        [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Packing::Zstd),
        _ => None,
    }
}

/// The first bytes of what is packed, at most `most`; fewer where the file is damaged.
pub(crate) fn start(packing: Packing, packed: &[u8], most: usize) -> Vec<u8> {
    let mut held = Vec::new();
    let _ = match packing {
        Packing::Gzip => MultiGzDecoder::new(packed).take(most as u64).read_to_end(&mut held),
        Packing::Zstd => Zstd::new(packed).take(most as u64).read_to_end(&mut held),
    };
    held
}

/// All that is packed.
///
/// # Errors
/// Damaged bytes, and more than is plausible, both with the byte that was reached.
pub(crate) fn all(path: &Path, packing: Packing, packed: &[u8]) -> Result<Vec<u8>, DataError> {
    let most = FREE.max((packed.len() as u64).saturating_mul(RATIO));
    within(path, packing, packed, most)
}

fn within(path: &Path, packing: Packing, packed: &[u8], most: u64) -> Result<Vec<u8>, DataError> {
    let mut held = Vec::new();
    let read = match packing {
        Packing::Gzip => MultiGzDecoder::new(packed).take(most + 1).read_to_end(&mut held),
        Packing::Zstd => Zstd::new(packed).take(most + 1).read_to_end(&mut held),
    };
    let place = format!("unpacked byte {}", held.len());
    match read {
        Err(e) => {
            let what = format!("cannot be unpacked further: {e}; fetch the file again");
            Err(DataError::malformed(path, place, what))
        }
        Ok(_) if held.len() as u64 > most => {
            let what = format!(
                "unpacks to more than {most} bytes from {}, as no table does; if it is one, unpack it \
                 first (gunzip, unzstd)",
                packed.len()
            );
            Err(DataError::malformed(path, place, what))
        }
        Ok(_) => Ok(held),
    }
}

/// The frames of a zstd file, one after another.
struct Zstd<'a> {
    rest: &'a [u8],
    frame: Option<StreamingDecoder<&'a [u8], ruzstd::decoding::FrameDecoder>>,
}

impl<'a> Zstd<'a> {
    fn new(packed: &'a [u8]) -> Zstd<'a> {
        Zstd { rest: packed, frame: None }
    }

    /// Begins the next frame; `false` at the end.
    fn begin(&mut self) -> std::io::Result<bool> {
        let bad = |what: String| std::io::Error::new(std::io::ErrorKind::InvalidData, what);
        while let [0x50..=0x5F, 0x2A, 0x4D, 0x18, a, b, c, d, rest @ ..] = self.rest {
            let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
            self.rest = rest.get(length..).ok_or_else(|| bad("a skipped frame is cut".into()))?;
        }
        if self.rest.is_empty() {
            return Ok(false);
        }
        let frame = StreamingDecoder::new_with_max_window_size(self.rest, MAX_WINDOW);
        self.frame = Some(frame.map_err(|e| bad(e.to_string()))?);
        Ok(true)
    }
}

impl Read for Zstd<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                match frame.read(into)? {
                    0 if !into.is_empty() => {
                        self.check()?;
                        if let Some(frame) = self.frame.take() {
                            self.rest = frame.into_inner();
                        }
                    }
                    count => return Ok(count),
                }
            } else if !self.begin()? {
                return Ok(0);
            }
        }
    }
}

impl Zstd<'_> {
    /// The checksum of a frame that was read, where it has one.
    fn check(&self) -> std::io::Result<()> {
        let Some(frame) = &self.frame else { return Ok(()) };
        let stored = frame.decoder.get_checksum_from_data();
        match (stored, frame.decoder.get_calculated_checksum()) {
            (Some(stored), Some(counted)) if stored != counted => {
                let what = "the checksum does not fit the data";
                Err(std::io::Error::new(std::io::ErrorKind::InvalidData, what))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    #[test]
    fn several_members_are_one_file() {
        let path = Path::new("f");
        let skipped = b"\x50\x2A\x4D\x18\x03\0\0\0abc".to_vec();
        for (packing_expected, packed) in [
            (Packing::Gzip, [gzip(b"one,"), gzip(b"two")].concat()),
            (Packing::Zstd, [zstd(b"one,"), skipped.clone(), zstd(b"two")].concat()),
            (Packing::Zstd, [skipped, zstd(b"one,two")].concat()),
        ] {
            assert_eq!(packing(&packed), Some(packing_expected));
            assert_eq!(all(path, packing_expected, &packed).unwrap(), b"one,two");
            assert_eq!(start(packing_expected, &packed, 3), b"one");
        }
        assert_eq!(packing(b"a,b"), None);
    }

    #[test]
    fn bombs_and_damage_are_named() {
        let path = Path::new("f");
        let zeros = vec![0; 100_000];
        for (packing, mut packed) in [(Packing::Gzip, gzip(&zeros)), (Packing::Zstd, zstd(&zeros))]
        {
            assert_eq!(within(path, packing, &packed, 100_000).unwrap(), zeros);
            let message = within(path, packing, &packed, 99_999).unwrap_err().to_string();
            assert!(message.contains("unpacks to more than 99999 bytes"), "{message}");
            let last = packed.len() - 3;
            packed[last] ^= 1;
            let message = all(path, packing, &packed).unwrap_err().to_string();
            assert!(message.contains("f: unpacked byte") && message.contains("fetch"), "{message}");
            let message = all(path, packing, &packed[..last]).unwrap_err().to_string();
            assert!(message.contains("cannot be unpacked"), "{message}");
        }
    }
}
