//! As much of the zip format as NPZ archives need: members stored or deflated, found through the
//! central directory (APPNOTE 6.3.10), zip64 among them.

use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::io::Read;

/// Arrays an archive may have.
const MAX_MEMBERS: usize = 1000;
/// Deflate cannot pack more tightly than 1032 to 1 (zlib technical details).
const MAX_PACKING: u64 = 1032;
/// The last record is at most this long: its comment takes up to 65,535 bytes.
const LAST_RECORD: usize = 22 + 65_535;

/// A byte of the archive and what is wrong there.
pub(super) type Wrong = (usize, String);

/// A member of an archive.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) name: String,
    method: u16,
    checksum: u32,
    packed: u64,
    /// Bytes unpacked, as the archive says.
    pub(super) size: u64,
    /// Where its own header stands.
    at: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// The members of an archive in the order of its directory.
pub(super) fn members(bytes: &[u8]) -> Result<Vec<Member>, Wrong> {
    let from = bytes.len().saturating_sub(LAST_RECORD);
    let last = bytes[from..].windows(4).rposition(|w| w == b"PK\x05\x06").map(|i| from + i);
    let Some(end) = last else {
        return Err((
            bytes.len(),
            "the directory of the archive is lacking; fetch the file again".into(),
        ));
    };
    let cut =
        |at: usize| (at, "the directory of the archive is damaged; fetch the file again".into());
    let read = || {
        let count = u64::from(u16_at(bytes, end + 10)?);
        let start = u64::from(u32_at(bytes, end + 16)?);
        // zip64: a record that is found through one just before.
        let locator = end.checked_sub(20).filter(|&at| bytes[at..].starts_with(b"PK\x06\x07"));
        let Some(locator) = locator else { return Some((count, start)) };
        let large = usize::try_from(u64_at(bytes, locator + 8)?).ok()?;
        if !bytes.get(large..)?.starts_with(b"PK\x06\x06") {
            return None;
        }
        Some((u64_at(bytes, large.checked_add(32)?)?, u64_at(bytes, large.checked_add(48)?)?))
    };
    let (count, start) = read().ok_or_else(|| cut(end))?;
    if count > MAX_MEMBERS as u64 {
        return Err((end + 10, format!("{count} members; at most {MAX_MEMBERS} can be read")));
    }
    let mut at = usize::try_from(start).map_err(|_| cut(end + 16))?;
    let mut all = Vec::new();
    for _ in 0..count {
        let (member, next) = entry(bytes, at).ok_or_else(|| cut(at))?;
        all.push(member);
        at = next;
    }
    Ok(all)
}

/// An entry of the directory, and where the next one stands.
fn entry(bytes: &[u8], at: usize) -> Option<(Member, usize)> {
    let head = bytes.get(at..at.checked_add(46)?)?;
    if !head.starts_with(b"PK\x01\x02") {
        return None;
    }
    let [name, extra, comment] = [28, 30, 32].map(|i| u16_at(head, i).map(usize::from));
    let (name, extra, comment) = (name?, extra?, comment?);
    let name_end = at + 46 + name;
    let text = String::from_utf8_lossy(bytes.get(at + 46..name_end)?).into_owned();
    let mut member = Member {
        name: text,
        method: u16_at(head, 10)?,
        checksum: u32_at(head, 16)?,
        packed: u64::from(u32_at(head, 20)?),
        size: u64::from(u32_at(head, 24)?),
        at: u64::from(u32_at(head, 42)?),
    };
    let mut fields = bytes.get(name_end..name_end + extra)?;
    while let [a, b, c, d, rest @ ..] = fields {
        let length = usize::from(u16::from_le_bytes([*c, *d]));
        let body = rest.get(..length)?;
        if [*a, *b] == [1, 0] {
            // Only the numbers that did not fit, in this order.
            let mut from = 0;
            for value in [&mut member.size, &mut member.packed, &mut member.at] {
                if *value == u64::from(u32::MAX) {
                    *value = u64_at(body, from)?;
                    from += 8;
                }
            }
        }
        fields = &rest[length..];
    }
    Some((member, name_end + extra + comment))
}

/// The bytes of a member.
pub(super) fn unpack(bytes: &[u8], member: &Member) -> Result<Vec<u8>, Wrong> {
    let at = usize::try_from(member.at).unwrap_or(usize::MAX);
    let cut = || (at.min(bytes.len()), "the member is not there; fetch the file again".to_string());
    let head = bytes.get(at..at.saturating_add(30)).ok_or_else(cut)?;
    let lengths =
        u16_at(head, 26).zip(u16_at(head, 28)).filter(|_| head.starts_with(b"PK\x03\x04"));
    let (name, extra) = lengths.ok_or_else(cut)?;
    let start = at + 30 + usize::from(name) + usize::from(extra);
    let length = usize::try_from(member.packed).map_err(|_| cut())?;
    let packed = start.checked_add(length).and_then(|end| bytes.get(start..end)).ok_or_else(cut)?;
    if member.size > member.packed.saturating_mul(MAX_PACKING) {
        let what = format!("{} bytes cannot unpack to {}", member.packed, member.size);
        return Err((start, what));
    }
    let mut held = Vec::new();
    let most = member.size + 1;
    let read = match member.method {
        0 => packed.take(most).read_to_end(&mut held),
        8 => DeflateDecoder::new(packed).take(most).read_to_end(&mut held),
        other => {
            return Err((at + 8, format!("packed by method {other}; save it with numpy.savez")));
        }
    };
    if let Err(e) = read {
        return Err((start, format!("cannot be unpacked: {e}; fetch the file again")));
    }
    let mut sum = Crc::new();
    sum.update(&held);
    if held.len() as u64 != member.size || sum.sum() != member.checksum {
        let what = "length or checksum do not fit the data; fetch the file again";
        return Err((start, what.into()));
    }
    Ok(held)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use proptest::prelude::*;
    use std::io::Write;

    /// An archive of these members, deflated or stored.
    pub(in super::super) fn archive(members: &[(&str, &[u8])], deflated: bool) -> Vec<u8> {
        let (mut bytes, mut directory) = (Vec::new(), Vec::new());
        for (name, body) in members {
            let packed = match deflated {
                true => {
                    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
                    encoder.write_all(body).unwrap();
                    encoder.finish().unwrap()
                }
                false => body.to_vec(),
            };
            let mut sum = Crc::new();
            sum.update(body);
            let mut common = vec![20, 0, 0, 0, if deflated { 8 } else { 0 }, 0, 0, 0, 0, 0];
            common.extend(sum.sum().to_le_bytes());
            common.extend((packed.len() as u32).to_le_bytes());
            common.extend((body.len() as u32).to_le_bytes());
            common.extend((name.len() as u16).to_le_bytes());
            common.extend([0, 0]);
            let at = bytes.len() as u32;
            bytes.extend(b"PK\x03\x04");
            bytes.extend(&common);
            bytes.extend(name.as_bytes());
            bytes.extend(&packed);
            directory.extend(b"PK\x01\x02\x14\0");
            directory.extend(&common);
            directory.extend([0; 10]);
            directory.extend(at.to_le_bytes());
            directory.extend(name.as_bytes());
        }
        let start = bytes.len() as u32;
        bytes.extend(&directory);
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend((members.len() as u16).to_le_bytes());
        bytes.extend((members.len() as u16).to_le_bytes());
        bytes.extend((directory.len() as u32).to_le_bytes());
        bytes.extend(start.to_le_bytes());
        bytes.extend([0, 0]);
        bytes
    }

    #[test]
    fn members_are_unpacked_and_checked() {
        let body = vec![7; 1000];
        for deflated in [false, true] {
            let bytes = archive(&[("a.npy", b"abc"), ("b.npy", &body)], deflated);
            let all = members(&bytes).unwrap();
            assert_eq!((all.len(), all[1].name.as_str()), (2, "b.npy"));
            assert_eq!(unpack(&bytes, &all[1]).unwrap(), body);
            let mut lie = all[1].clone();
            lie.size = 999;
            assert!(unpack(&bytes, &lie).unwrap_err().1.contains("length or checksum"));
            lie.size = 1 << 40;
            assert!(unpack(&bytes, &lie).unwrap_err().1.contains("cannot unpack to"));
            lie.at = u64::MAX;
            assert!(unpack(&bytes, &lie).unwrap_err().1.contains("not there"));
        }
    }

    proptest! {
        #[test]
        fn a_changed_archive_is_read_or_named(at in 0usize..400, byte in any::<u8>()) {
            let mut bytes = archive(&[("a.npy", &[1; 50]), ("b.npy", &[2; 60])], true);
            let at = at % bytes.len();
            bytes[at] = byte;
            for member in members(&bytes).unwrap_or_default() {
                let _ = unpack(&bytes, &member);
            }
            let _ = members(&bytes[..at]);
        }
    }
}
