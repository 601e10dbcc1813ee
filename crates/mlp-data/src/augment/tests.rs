//! Laws of changes to pictures.

use super::warp::{Affine, warp};
use super::*;
use crate::{Batch, Encoded, Examples, Features, OpenOptions, Part, Plan, Split};
use mlp_tensor::Exec;
use proptest::prelude::*;

const COLOUR: PictureShape = PictureShape { width: 19, height: 14, channels: 3 };
const GREY: PictureShape = PictureShape { width: 28, height: 28, channels: 1 };

/// A smooth picture without symmetry.
fn picture(shape: PictureShape) -> Vec<u8> {
    let channels = shape.channels as usize;
    let value = |i: usize| {
        let (x, y) = (i / channels % shape.width as usize, i / channels / shape.width as usize);
        (40 + 5 * x + 3 * y + 20 * (i % channels) + x * y / 7) as u8
    };
    (0..shape.len()).map(value).collect()
}

fn moved(shape: PictureShape, bytes: &[u8], affine: Affine) -> Vec<u8> {
    let mut out = vec![0; bytes.len()];
    warp(shape, bytes, &affine, None, &mut out);
    out
}

fn seen(augment: &Augment, shape: PictureShape, bytes: &[u8], place: (u32, usize)) -> Vec<u8> {
    augment.picture(&Streams::new(7), place, shape, bytes, &mut Room::default()).to_vec()
}

fn mirror(shape: PictureShape, bytes: &[u8]) -> Vec<u8> {
    let channels = shape.channels as usize;
    let rows = bytes.chunks(shape.width as usize * channels);
    rows.flat_map(|row| row.chunks(channels).rev().flatten().copied()).collect()
}

#[test]
fn nothing_changes_nothing() {
    for shape in [COLOUR, GREY] {
        let bytes = picture(shape);
        assert_eq!(seen(&Augment::default(), shape, &bytes, (3, 5)), bytes);
        // Also where pixels are resampled one by one.
        let whole = Affine::new([[1.0, 0.0], [0.0, 1.0]], [f64::from(2 * shape.width), 0.0]);
        assert_eq!(moved(shape, &bytes, whole), bytes, "two widths along is the same again");
    }
}

#[test]
fn mirrored_pixels_are_exact_and_twice_is_the_original() {
    let flip = Affine::new([[-1.0, 0.0], [0.0, 1.0]], [0.0; 2]);
    for shape in [COLOUR, GREY] {
        let bytes = picture(shape);
        let once = moved(shape, &bytes, flip);
        assert_eq!(once, mirror(shape, &bytes));
        assert_eq!(moved(shape, &once, flip), bytes);
    }
    let always = Augment { flip: 1.0, ..Augment::default() };
    assert_eq!(seen(&always, COLOUR, &picture(COLOUR), (0, 0)), mirror(COLOUR, &picture(COLOUR)));
    let half = Augment { flip: 0.5, ..Augment::default() };
    let bytes = picture(COLOUR);
    let flipped = (0..400).filter(|&i| seen(&half, COLOUR, &bytes, (0, i)) != bytes).count();
    assert!((150..250).contains(&flipped), "{flipped} of 400");
}

#[test]
fn turns_and_shifts_by_whole_pixels_are_exact() {
    let bytes = picture(COLOUR);
    let half = Affine::new([[-1.0, 0.0], [0.0, -1.0]], [0.0; 2]);
    let mut turned = mirror(COLOUR, &bytes);
    let row = COLOUR.width as usize * 3;
    turned = turned.chunks(row).rev().flatten().copied().collect();
    assert_eq!(moved(COLOUR, &bytes, half), turned);

    let square = picture(GREY);
    let quarter = moved(GREY, &square, Affine::new([[0.0, -1.0], [1.0, 0.0]], [0.0; 2]));
    for (y, x) in (0..28).flat_map(|y| (0..28).map(move |x| (y, x))) {
        assert_eq!(quarter[y * 28 + x], square[x * 28 + 27 - y], "{y}, {x}");
    }

    let shifted = moved(GREY, &square, Affine::new([[1.0, 0.0], [0.0, 1.0]], [3.0, 0.0]));
    assert_eq!(shifted[..25], square[3..28]);
    // The border mirrors: its last pixel comes again.
    assert_eq!(shifted[25..28], [square[27], square[26], square[25]]);
}

#[test]
fn half_a_pixel_is_the_mean_of_two() {
    let shape = PictureShape { width: 3, height: 1, channels: 1 };
    let along = Affine::new([[1.0, 0.0], [0.0, 1.0]], [0.5, 0.0]);
    assert_eq!(moved(shape, &[10, 20, 41], along), [15, 31, 41]);
}

#[test]
fn a_change_is_a_function_of_seed_epoch_and_example() {
    let (bytes, photo) = (picture(COLOUR), Augment::photo());
    let a = seen(&photo, COLOUR, &bytes, (2, 9));
    assert_eq!(a, seen(&photo, COLOUR, &bytes, (2, 9)));
    assert_ne!(a, seen(&photo, COLOUR, &bytes, (3, 9)));
    assert_ne!(a, seen(&photo, COLOUR, &bytes, (2, 10)));
    let mut room = Room::default();
    assert_ne!(a, photo.picture(&Streams::new(8), (2, 9), COLOUR, &bytes, &mut room));
}

#[test]
fn each_change_keeps_the_mean_roughly_and_a_flat_picture_flat() {
    let bytes = picture(COLOUR);
    let mean = |bytes: &[u8]| bytes.iter().map(|v| f64::from(*v)).sum::<f64>() / bytes.len() as f64;
    let flat = vec![90u8; COLOUR.len()];
    let words = "flip shift rotate scale shear crop contrast color erase noise elastic brightness";
    for word in words.split(' ') {
        let augment: Augment = word.parse().unwrap();
        let all: Vec<Vec<u8>> = (0..200).map(|i| seen(&augment, COLOUR, &bytes, (0, i))).collect();
        let mean_of_all = all.iter().map(|bytes| mean(bytes)).sum::<f64>() / 200.0;
        assert!((mean_of_all - mean(&bytes)).abs() < 6.0, "{word}: {mean_of_all}");
        let changed = all.iter().filter(|other| **other != bytes).count();
        assert!(changed > 60, "{word} changed {changed} of 200");
        if !["color", "noise", "brightness"].contains(&word) {
            assert_eq!(seen(&augment, COLOUR, &flat, (1, 1)), flat, "{word}");
        }
    }
}

#[test]
fn elastic_moves_by_what_was_asked_for() {
    // On a ramp the grey level tells how far a pixel moved.
    let shape = PictureShape { width: 64, height: 64, channels: 1 };
    let ramp: Vec<u8> = (0..64 * 64).map(|i| (i % 64 * 4) as u8).collect();
    let augment = Augment { elastic: 0.05, ..Augment::default() };
    let (mut sum, mut count) = (0.0, 0.0);
    for i in 0..200 {
        let bent = seen(&augment, shape, &ramp, (0, i));
        // Far from the border, whose mirror image would mislead.
        for at in (20 * 64..44 * 64).filter(|at| (20..44).contains(&(at % 64))) {
            let moved = (f64::from(bent[at]) - f64::from(ramp[at])) / 4.0;
            sum += moved * moved;
            count += 1.0;
        }
    }
    let root = f64::sqrt(sum / count);
    assert!((root / (0.05 * 64.0) - 1.0).abs() < 0.15, "{root} pixels");
}

#[test]
fn noise_has_its_deviation() {
    let shape = PictureShape { width: 100, height: 100, channels: 1 };
    let mut bytes = vec![128u8; shape.len()];
    let mut stream = Streams::new(1).at(Purpose::Demo, 0, 0);
    light::noise(0.05, &mut stream, &mut bytes);
    let (mean, square) = bytes.iter().fold((0.0, 0.0), |(m, s), v| {
        let d = f64::from(*v) - 128.0;
        (m + d / 1e4, s + d * d / 1e4)
    });
    assert!(mean.abs() < 0.5, "{mean}");
    assert!((square.sqrt() - 12.75).abs() < 0.4, "{}", square.sqrt());
}

#[test]
fn words_give_the_changes_and_the_changes_their_words() {
    let list: Augment = "flip, rotate=15,colour=0.3".parse().unwrap();
    assert_eq!(list.to_string(), "flip=0.5,rotate=15,color=0.3");
    for augment in [list, Augment::photo(), Augment::digits(), Augment::default()] {
        assert_eq!(augment.to_string().parse::<Augment>(), Ok(augment));
    }
    let photo: Augment = "photo,flip=0".parse().unwrap();
    assert_eq!(photo, Augment { flip: 0.0, ..Augment::photo() });
    for (text, says) in [
        ("flop", "did you mean `flip`?"),
        ("rotate=200", "between 0 and 180"),
        ("crop=x", "between 0 and 0.9"),
        ("noise=NaN", "between 0 and 1"),
        ("", "no change"),
    ] {
        let error = text.parse::<Augment>().unwrap_err();
        assert!(error.contains(says), "{text}: {error}");
    }
}

/// The embedded digits, encoded.
fn digits(features: Features) -> Encoded {
    let data = crate::open(&Exec::serial(), "digits", &OpenOptions::default(), &crate::Quiet);
    let data = data.unwrap();
    let split = Split { parts: vec![Part::Train; data.len()] };
    let plan = Plan { features, ..Plan::default() };
    let hog = plan.fit_dataset(&data, &split);
    hog.unwrap().encode(&data.table, &data.target).unwrap()
}

#[test]
fn rows_are_read_alike_by_any_number_of_threads() {
    let encoded = digits(Features::Pixels);
    let rows: Vec<usize> = (0..150).rev().collect();
    let inputs = |exec: &Exec, augment: &Augment, epoch| {
        let rooms = Rooms::new(exec, &encoded);
        let streams = Streams::new(5);
        let augmented = Augmented { encoded: &encoded, augment, streams, epoch, rooms: &rooms };
        let mut batch = Batch::new();
        augmented.fill(exec, &rows, &mut batch).unwrap();
        (batch.x, batch.targets)
    };
    let alone = Exec::serial();
    let plain = encoded.all_inputs(&alone, &rows).unwrap();
    assert_eq!(inputs(&alone, &Augment::default(), 1).0, plain);
    let (one, targets) = inputs(&alone, &Augment::digits(), 1);
    assert_ne!(one, plain);
    for threads in [2, 3] {
        let exec = Exec::new(None, Some(threads)).unwrap();
        assert_eq!(inputs(&exec, &Augment::digits(), 1), (one.clone(), targets.clone()));
    }
    assert_ne!(inputs(&alone, &Augment::digits(), 2).0, one);
}

proptest! {
    #[test]
    fn any_change_of_any_picture_gives_bytes(
        width in 1u32..12, height in 1u32..12, colour: bool, seed: u64, example in 0usize..1000,
        strengths in prop::array::uniform12(0.0f32..1.0),
    ) {
        let shape = PictureShape { width, height, channels: if colour { 3 } else { 1 } };
        let [flip, shift, rotate, scale, shear, crop, brightness, contrast, color, erase, noise, elastic] = strengths;
        let augment = Augment {
            flip, shift, rotate: 180.0 * rotate, scale: 4.0 * scale, shear: 2.0 * shear,
            crop: 0.9 * crop, brightness, contrast, color, erase: 0.9 * erase, noise,
            elastic: elastic / 2.0,
        };
        let bytes = picture(shape);
        let mut room = Room::default();
        let streams = Streams::new(seed);
        let out = augment.picture(&streams, (1, example), shape, &bytes, &mut room);
        prop_assert_eq!(out.len(), bytes.len());
        prop_assert_eq!(Ok(augment), augment.to_string().parse());
    }
}
