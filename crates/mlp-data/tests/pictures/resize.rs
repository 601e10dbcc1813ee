//! Laws of resizing, Pillow's numbers, and the same bytes for any number of threads.

use crate::help::{Folder, encoded, even, names, one, pixels, sized, slope};
use image::{ImageFormat, RgbImage};
use mlp_data::open::Resize;
use mlp_data::{OpenOptions, Progress, picture};
use mlp_tensor::Exec;
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

fn fitted(picture: &RgbImage, size: (u32, u32), resize: Resize) -> Vec<u8> {
    let options = OpenOptions { resize: Some(resize), ..sized(size.0, size.1) };
    one(&encoded(picture.clone(), ImageFormat::Png), options).unwrap()
}

/// The picture of `tests/golden/resize.py`.
fn golden_picture() -> RgbImage {
    let mut bytes = Vec::new();
    for y in 0..37u64 {
        for x in 0..61u64 {
            for c in 0..3u64 {
                let noise = (((x / 3 * 73 + y / 2 * 151 + c * 41) * 40_503) >> 5) & 127;
                let slope = (x * 2 + y + c * 30 + noise) & 255;
                bytes.push(if y % 9 == 0 { 255 * (x & 1) } else { slope } as u8);
            }
        }
    }
    RgbImage::from_raw(61, 37, bytes).unwrap()
}

#[test]
fn the_same_as_pillow() {
    let mut golden: &[u8] = include_bytes!("../../../../tests/golden/resize.bin");
    let (picture, mut cases, mut off, mut exact) = (golden_picture(), 0, 0, true);
    while let [w, h, crop, rest @ ..] = golden {
        let size = (u32::from(*w), u32::from(*h));
        let (expected, after) = rest.split_at(size.0 as usize * size.1 as usize * 3);
        golden = after;
        cases += 1;
        let resize = if *crop == 1 { Resize::Crop } else { Resize::Stretch };
        for (seen, expected) in fitted(&picture, size, resize).iter().zip(expected) {
            assert!(seen.abs_diff(*expected) <= 1, "{size:?} {resize:?}");
            off += usize::from(seen != expected);
            exact &= resize == Resize::Crop || seen == expected;
        }
    }
    assert_eq!(cases, 14);
    assert!(exact);
    // Pillow keeps the box to crop in single precision.
    assert!(off < 30, "{off} of 27,867 values of cropped pictures differ by one");
}

#[test]
fn a_crop_keeps_the_middle_and_padding_all_of_it() {
    let mut picture = RgbImage::from_pixel(30, 10, image::Rgb([255, 0, 0]));
    for (x, _, pixel) in picture.enumerate_pixels_mut() {
        if (10..20).contains(&x) {
            pixel.0 = [0, 0, 255];
        }
    }
    assert_eq!(fitted(&picture, (10, 10), Resize::Crop), [0, 0, 255].repeat(100));
    let padded = fitted(&picture, (30, 16), Resize::Pad);
    assert_eq!(padded[..3 * 30 * 3], [255; 270]);
    assert_eq!(padded[3 * 30 * 3..13 * 30 * 3], *picture.as_raw());
    assert_eq!(padded[13 * 30 * 3..], [255; 270]);
}

#[test]
fn odd_sizes() {
    for (w, h) in [(1, 1), (1, 300), (3000, 1), (2, 3)] {
        for resize in [Resize::Stretch, Resize::Crop, Resize::Pad] {
            for size in [(1, 1), (7, 5), (64, 64)] {
                let picture = RgbImage::from_pixel(w, h, image::Rgb([255; 3]));
                let seen = fitted(&picture, size, resize);
                assert_eq!(seen, vec![255; (size.0 * size.1 * 3) as usize], "{w}×{h} {resize:?}");
            }
        }
    }
    assert!(one(&even(4, 4, [0; 3]), sized(0, 4)).unwrap_err().contains("0x4"));
    assert!(one(&even(4, 4, [0; 3]), sized(4, 100_000)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_even_picture_stays_even(
        (w, h) in (1u32..200, 1u32..200),
        to in (1u32..80, 1u32..80),
        colour in any::<[u8; 3]>(),
        crop in any::<bool>(),
    ) {
        let resize = if crop { Resize::Crop } else { Resize::Stretch };
        let picture = RgbImage::from_pixel(w, h, image::Rgb(colour));
        prop_assert_eq!(fitted(&picture, to, resize), colour.repeat((to.0 * to.1) as usize));
    }

    #[test]
    fn its_own_size_changes_nothing((w, h) in (1u32..60, 1u32..60), mode in 0usize..3) {
        let resize = [Resize::Stretch, Resize::Crop, Resize::Pad][mode];
        prop_assert_eq!(fitted(&slope(w, h), (w, h), resize), slope(w, h).into_raw());
    }

    #[test]
    fn values_stay_between_those_of_the_picture(
        (w, h) in (1u32..60, 1u32..60),
        to in (1u32..80, 1u32..80),
    ) {
        let mut picture = slope(w, h);
        picture.iter_mut().for_each(|v| *v = 50 + *v % 100);
        let seen = fitted(&picture, to, Resize::Stretch);
        prop_assert!(seen.iter().all(|v| (50..150).contains(v)));
    }
}

struct Counted(AtomicUsize);

impl Progress for Counted {
    fn at(&self, done: usize, total: usize) {
        assert!(0 < done && done <= total && total == 600);
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let folder = Folder::new();
    for i in 0..600u32 {
        let jpeg = encoded(slope(20 + i % 30, 16 + i % 7), ImageFormat::Jpeg);
        let bytes = if i % 50 == 7 { b"no picture".to_vec() } else { jpeg };
        folder.put(&format!("{}/{i}.jpg", i % 3), &bytes);
    }
    let read = |threads| {
        let (exec, seen) = (Exec::new(None, Some(threads)).unwrap(), Counted(AtomicUsize::new(0)));
        let data = picture::read_folder(&exec, folder.path(), &sized(16, 16), &seen).unwrap();
        assert_eq!(seen.0.into_inner(), 600);
        data
    };
    let (one, three) = (read(1), read(3));
    assert_eq!(pixels(&one), pixels(&three));
    assert_eq!(names(&one), names(&three));
    assert_eq!((&one.target, &one.skipped), (&three.target, &three.skipped));
    assert_eq!((one.len(), one.skipped.len()), (588, 12));
    let none = OpenOptions::default();
    assert_eq!(folder.read(&none).unwrap().picture.unwrap().size, (64, 64));
}
