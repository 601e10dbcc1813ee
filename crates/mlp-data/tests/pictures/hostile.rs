//! Files that are damaged, lie or are no pictures: a value or a reason, never a panic, in little
//! memory.

use crate::formats::chunk;
use crate::help::{Folder, classes, encoded, even, names, one, sized, slope};
use image::ImageFormat;
use mlp_data::{DataError, OpenOptions};
use proptest::prelude::*;
use std::time::{Duration, Instant};

const FORMATS: [ImageFormat; 7] = [
    ImageFormat::Png,
    ImageFormat::Jpeg,
    ImageFormat::Gif,
    ImageFormat::Bmp,
    ImageFormat::WebP,
    ImageFormat::Tiff,
    ImageFormat::Pnm,
];

fn picture(format: ImageFormat) -> Vec<u8> {
    match format {
        ImageFormat::Gif => encoded(image::DynamicImage::from(slope(40, 30)).to_rgba8(), format),
        _ => encoded(slope(40, 30), format),
    }
}

/// Why a folder with one good picture a class skips the file, when asked to skip and when strict.
fn skipped(name: &str, bytes: &[u8]) -> String {
    let folder = Folder::new();
    folder.put("a/good.png", &even(8, 8, [1; 3]));
    folder.put("b/good.png", &even(8, 8, [2; 3]));
    let path = folder.put(&format!("a/{name}"), bytes);
    let data = folder.read(&OpenOptions::default()).unwrap();
    assert_eq!(classes(&data).1, [0, 1], "{name} was read");
    assert_eq!(data.skipped.len(), 1);
    assert_eq!(data.skipped[0].path, format!("a/{name}"));
    match folder.read(&OpenOptions { strict: true, ..OpenOptions::default() }) {
        Err(DataError::Malformed { path: named, .. }) => assert_eq!(named, path),
        other => panic!("strict reads {name}: {other:?}"),
    }
    data.skipped[0].reason.clone()
}

#[test]
fn no_pictures() {
    assert_eq!(skipped("x.jpg", b""), "the file is empty");
    assert!(skipped("x.jpg", b"just words\n").contains("looks like text"));
    assert!(skipped("x.png", &[0, 1, 2, 3, 250]).contains("not a picture"));
    assert!(skipped("x.jpg", &b"\0\0\0\x20ftypavif\0\0\0\0"[..]).contains("not supported"));
}

#[test]
fn pictures_cut_short() {
    for format in FORMATS {
        let whole = picture(format);
        let sizes = [whole.len() / 3, whole.len() / 2, whole.len() * 9 / 10, whole.len() - 30];
        for size in sizes {
            let reason = skipped("cut", &whole[..size]);
            assert!(!reason.contains("broke its decoder"), "{format:?} {size}: {reason}");
        }
    }
    let jpeg = picture(ImageFormat::Jpeg);
    for lost in 1..200 {
        let reason = one(&jpeg[..jpeg.len() - lost], OpenOptions::default()).unwrap_err();
        assert!(reason.contains("ends too early"), "{lost}: {reason}");
    }
}

/// Headers alone that claim 60,000×60,000 pixels.
fn claims() -> Vec<(&'static str, Vec<u8>)> {
    let side = 60_000u32;
    let (big, little) = (side.to_be_bytes(), side.to_le_bytes());
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &[&big[..], &big, &[8, 2, 0, 0, 0]].concat());
    chunk(&mut png, b"IDAT", &[0x78, 0x9c, 0x63, 0, 0]);
    let mut bmp = b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bmp.extend([&little[..], &little, &[1, 0, 24, 0], &[0; 40]].concat());
    let half = (side as u16).to_le_bytes();
    let gif = [&b"GIF89a"[..], &half, &half, &[0, 0, 0], b"\x2c\0\0\0\0", &half, &half, &[0; 20]];
    let mut tiff = b"II*\0\x08\0\0\0\x09\0".to_vec();
    let entry = |tag: u16, value: u32| {
        [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0], &value.to_le_bytes()].concat()
    };
    for (tag, value) in [(256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, 8)] {
        tiff.extend(entry(tag, value));
    }
    for (tag, value) in [(277, 1), (278, side), (279, 3_600_000_000)] {
        tiff.extend(entry(tag, value));
    }
    tiff.extend([0; 40]);
    let canvas = &(side - 1).to_le_bytes()[..3];
    let animated = b"RIFF\x60\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0";
    let frame = b"ANIM\x06\0\0\0\0\0\0\0\0\0ANMF\x20\0\0\0";
    let webp = [&animated[..], canvas, canvas, frame, &[0; 32]].concat();
    let wide = (side as u16).to_be_bytes();
    let jpeg = |sof: u8| {
        let quantum = [&b"\xff\xd8\xff\xdb\0\x43\0"[..], &[1; 64]].concat();
        let frame = [&[0xff, sof, 0, 11, 8][..], &wide, &wide, &[1, 1, 0x11, 0]].concat();
        [&quantum[..], &frame, b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\0\0\xff\xd9"].concat()
    };
    vec![
        ("PNG", png),
        ("BMP", bmp),
        ("GIF", gif.concat()),
        ("TIFF", tiff),
        ("WebP", webp),
        ("JPEG", jpeg(0xc0)),
        ("progressive JPEG", jpeg(0xc2)),
        ("PPM", b"P6 60000 60000 255 abc".to_vec()),
        ("PAM", b"P7\nWIDTH 60000\nHEIGHT 60000\nDEPTH 3\nMAXVAL 255\nENDHDR\nabc".to_vec()),
    ]
}

#[test]
fn sizes_that_cannot_be_are_refused_at_once() {
    for (name, bytes) in claims() {
        let start = Instant::now();
        let reason = skipped("huge", &bytes);
        assert!(reason.contains("60000×60000"), "{name}: {reason}");
        assert!(start.elapsed() < Duration::from_secs(1), "{name}: {:?}", start.elapsed());
    }
}

/// Damaged pictures, the same in every run: cut, with bits turned over, or with a header that lies.
fn damaged(format: ImageFormat, count: usize) -> Vec<Vec<u8>> {
    let whole = picture(format);
    let mut state = 1u64;
    let mut below = |n: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let one = |i: usize| {
        let mut bytes = whole.clone();
        match i % 3 {
            0 => bytes.truncate(below(whole.len())),
            1 => (0..=below(16)).for_each(|_| bytes[below(whole.len())] ^= 1 << below(8)),
            _ => {
                let (at, length) = (below(whole.len().min(160)), 1 + below(4));
                let lie = [0, 1, 0x7F, 0x80, 0xFE, 0xFF][below(6)];
                bytes[at..].iter_mut().take(length).for_each(|byte| *byte = lie);
            }
        }
        bytes
    };
    (0..count).map(one).collect()
}

/// The most memory that this process has had, in MiB, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib >> 10)
}

#[test]
fn five_hundred_damaged_pictures_of_each_format_are_read_or_named() {
    mlp_data::picture::quiet_panics();
    for format in FORMATS {
        let folder = Folder::new();
        folder.put("good", &picture(format));
        for (i, bytes) in damaged(format, 500).iter().enumerate() {
            folder.put(&format!("bad{i:03}"), bytes);
        }
        let start = Instant::now();
        let options = OpenOptions { target_optional: true, ..sized(8, 8) };
        let data = folder.read(&options).unwrap();
        // None took five seconds, if all of them together did not.
        assert!(start.elapsed() < Duration::from_secs(5), "{format:?}: {:?}", start.elapsed());
        let mut named: Vec<&str> = names(&data).iter().map(String::as_str).collect();
        named.extend(data.skipped.iter().map(|skipped| skipped.path.as_str()));
        named.sort_unstable();
        named.dedup();
        assert_eq!(named.len(), 501, "{format:?}");
        assert!(names(&data).contains(&"good".to_string()), "{format:?}");
        assert!(data.skipped.iter().all(|skipped| !skipped.reason.is_empty()));
        // A cut picture is one in three, and few of them can be whole by chance.
        assert!(data.skipped.len() > 160, "{format:?}: {} refused", data.skipped.len());
    }
    assert!(peak().is_none_or(|mib| mib < 2_048), "{:?} MiB", peak());
}

fn format() -> impl Strategy<Value = ImageFormat> {
    prop::sample::select(&FORMATS[..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_read_or_refused(
        format in format(),
        keep in 0usize..40,
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        mlp_data::picture::quiet_panics();
        let start = picture(format);
        let bytes = [&start[..keep.min(start.len())], &bytes].concat();
        if let Ok(pixels) = one(&bytes, sized(8, 8)) {
            prop_assert_eq!(pixels.len() % 64, 0);
        }
    }

    #[test]
    fn damaged_pictures_are_read_or_refused(
        format in format(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        header in any::<bool>(),
    ) {
        mlp_data::picture::quiet_panics();
        let mut bytes = picture(format);
        let length = if header { bytes.len().min(120) } else { bytes.len() };
        for (at, value) in damage {
            bytes[at.index(length)] ^= value;
        }
        if let Ok(pixels) = one(&bytes, sized(8, 8)) {
            prop_assert_eq!(pixels.len() % 64, 0);
        }
    }
}
