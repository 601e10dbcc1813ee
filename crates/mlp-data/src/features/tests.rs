//! Laws of features, and the numbers that scikit-image gives.

use super::hog::{ORIENTATIONS, Slopes};
use super::*;

fn shape(width: u32, height: u32, channels: u32) -> PictureShape {
    PictureShape { width, height, channels }
}

fn features(set: &FeatureSet, shape: PictureShape, bytes: &[u8]) -> Vec<f32> {
    let mut into = vec![f32::NAN; set.check(shape).unwrap()];
    set.write(shape, bytes, &mut Room::default(), &mut into);
    into
}

fn hog(cell: u32, block: u32) -> FeatureSet {
    FeatureSet { hog: vec![Hog { cell, block }], colours: 0 }
}

/// A picture of no symmetry.
fn picture(shape: PictureShape) -> Vec<u8> {
    (0..shape.len()).map(|i| ((i * 73 + i / 7 * 151) ^ (i * i / 11)) as u8).collect()
}

#[test]
fn histograms_of_gradients_are_those_of_scikit_image() {
    let mut file = &include_bytes!("../../../../tests/golden/hog.bin")[..];
    let mut take = |n: usize| {
        let (first, rest) = file.split_at(n);
        file = rest;
        first
    };
    let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap());
    for case in 0..7 {
        let [width, height, channels, cell, block, n] = std::array::from_fn(|_| number(take(4)));
        let shape = shape(width, height, channels);
        let ours = features(&hog(cell, block), shape, take(shape.len()));
        assert_eq!(ours.len(), n as usize);
        let theirs = take(4 * n as usize).chunks_exact(4);
        let theirs = theirs.map(|b| f32::from_le_bytes(b.try_into().unwrap()));
        for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            assert!((ours - theirs).abs() <= 1e-5, "case {case}, {i}: {ours} for {theirs}");
        }
    }
    assert!(file.is_empty(), "{} bytes are left over", file.len());
}

#[test]
fn the_orientation_is_that_of_exact_arithmetic() {
    // The cross product with an end is never 0 for whole numbers, and in f64 its sign is certain.
    let slopes = Slopes::new();
    let turn = |i: usize| i as f64 / ORIENTATIONS as f64;
    let ends: Vec<(f64, f64)> = (1..ORIENTATIONS)
        .map(|i| (mlp_tensor::math::cos_pi(turn(i)), mlp_tensor::math::sin_pi(turn(i))))
        .collect();
    for dy in 1..=255i32 {
        for dx in -255..=255i32 {
            let cross = |(cos, sin): &(f64, f64)| cos * f64::from(dy) - sin * f64::from(dx);
            assert!(ends.iter().all(|end| cross(end).abs() > 1e-9), "{dx}, {dy} is too near");
            let exact = ends.iter().filter(|end| cross(end) > 0.0).count() as u8;
            assert_eq!(slopes.orientation((dx, dy)), exact, "{dx}, {dy}");
            assert_eq!(slopes.orientation((-dx, -dy)), exact, "opposite of {dx}, {dy}");
        }
    }
    assert_eq!([(5, 0), (-5, 0), (0, 0)].map(|g| slopes.orientation(g)), [0; 3]);
}

#[test]
fn a_flat_picture_has_no_gradients() {
    let shape = shape(32, 24, 3);
    assert!(features(&hog(8, 2), shape, &vec![200; shape.len()]).iter().all(|v| *v == 0.0));
}

#[test]
fn other_light_and_contrast_leave_histograms_of_gradients_as_they_are() {
    let shape = shape(32, 32, 3);
    let dark: Vec<u8> = picture(shape).iter().map(|v| v / 4).collect();
    let light: Vec<u8> = dark.iter().map(|v| 2 * v + 50).collect();
    let [a, b] = [dark, light].map(|bytes| features(&hog(8, 2), shape, &bytes));
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-5));
}

#[test]
fn half_a_turn_turns_the_order_of_blocks_and_cells_alone() {
    let shape = shape(40, 24, 1);
    let upright = picture(shape);
    let turned: Vec<u8> = upright.iter().rev().copied().collect();
    let [a, b] = [upright, turned].map(|bytes| features(&hog(8, 2), shape, &bytes));
    // A gradient and its opposite have one orientation, so histograms stay whole.
    let histograms = |v: &[f32]| v.chunks(ORIENTATIONS).map(<[f32]>::to_vec).collect::<Vec<_>>();
    let (a, mut b) = (histograms(&a), histograms(&b));
    assert_ne!(a, b);
    b.reverse();
    assert!(a.concat().iter().zip(b.concat()).all(|(a, b)| (a - b).abs() < 1e-5));
}

#[test]
fn shares_of_colours_add_up() {
    let shape = shape(17, 9, 3);
    let set = FeatureSet { hog: vec![Hog { cell: 4, block: 1 }], colours: 4 };
    let all = features(&set, shape, &picture(shape));
    let kinds = set.kinds(shape);
    assert_eq!(kinds, [0..4 * 2 * 9, 72..72 + 4 * 64]);
    for quarter in all[kinds[1].clone()].chunks(64) {
        let sum: f32 = quarter.iter().map(|v| v * v).sum();
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    }
    // One colour is one share.
    let red: Vec<u8> = [255, 0, 0].repeat(17 * 9);
    let red = &features(&set, shape, &red)[72..];
    assert_eq!(red.iter().filter(|v| **v == 1.0).count(), 4);
    assert_eq!(red[3 * 16], 1.0);
}

#[test]
fn there_is_a_name_for_every_feature() {
    let shape = shape(16, 24, 3);
    let set = FeatureSet { hog: vec![Hog { cell: 8, block: 2 }], colours: 2 };
    let mut names = Vec::new();
    set.names("picture", shape, &mut names);
    assert_eq!(names.len(), set.width(shape));
    assert_eq!(names[9 + 2], "picture block[0,0] cell[0,1] 40–60°");
    assert_eq!(names[72 + 8 + 5], "picture colours[1] red 1/2 green 0/2 blue 1/2");
}

#[test]
fn values_are_spread_over_the_pixels_they_tell_of() {
    let shape = shape(19, 24, 3);
    let set = FeatureSet { hog: vec![Hog { cell: 8, block: 2 }], colours: 2 };
    let spread = |at: usize| {
        let mut values = vec![0.0; set.width(shape)];
        values[at] = 1.0;
        set.spread(shape, &values)
    };
    // The second block's third cell: row 2 of the cells, column 0.
    let of_cell = spread(36 + 2 * ORIENTATIONS + 4);
    for (at, v) in of_cell.iter().enumerate() {
        let inside = at / 19 >= 16 && at % 19 < 8;
        assert_eq!(*v, if inside { 1.0 / 64.0 } else { 0.0 }, "pixel {at}");
    }
    let of_colour = spread(72 + 8 + 1);
    let right = of_colour.iter().enumerate().filter(|(_, v)| **v > 0.0).map(|(at, _)| at);
    assert!(right.clone().all(|at| at % 19 >= 9 && at / 19 < 12));
    assert!((of_colour.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn what_does_not_fit_is_said() {
    let small = hog(8, 3).check(shape(23, 64, 1)).unwrap_err();
    assert!(small.contains("24×24"), "{small}");
    let grey = FeatureSet { hog: Vec::new(), colours: 4 }.check(shape(64, 64, 1)).unwrap_err();
    assert!(grey.contains("--features hog"), "{grey}");
    for hostile in [shape(u32::MAX, u32::MAX, 3), shape(0, 64, 3), shape(64, 64, 2)] {
        assert!(hog(1, 1).check(hostile).is_err(), "{hostile}");
    }
    for set in [hog(0, 2), hog(8, 0), hog(8, 17), FeatureSet { hog: Vec::new(), colours: 0 }] {
        assert!(set.check(shape(64, 64, 3)).is_err(), "{set:?}");
    }
}
