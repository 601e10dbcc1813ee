//! Files that are damaged, lie or are no pictures: a value or a reason, never a panic, in little
//! memory.

use crate::formats::chunk;
use crate::help::{Folder, classes, encoded, even, one, sized, slope};
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
