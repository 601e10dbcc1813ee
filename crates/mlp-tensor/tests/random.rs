//! Random streams: golden values, which never change, and the distributions they are of.
#![allow(clippy::disallowed_methods, reason = "oracles")]

use mlp_tensor::{Exec, MatrixViewMut, Purpose, Stream, Streams};

fn stream(index: u32) -> Stream {
    Streams::new(42).at(Purpose::Demo, 1, index)
}

/// Models that were trained must come out the same for ever: these values are part of the contract.
#[test]
fn golden_values() {
    let mut s = stream(0);
    assert_eq!(s.next_u32(), 0xdc87_1f8d);
    assert_eq!(s.next_u64(), 0x773d_9f51_f559_1a3e);
    assert_eq!(s.uniform().to_bits(), 0x3f6a_86fb);
    assert_eq!(s.uniform_f64().to_bits(), 0x3fe4_cc42_8277_7c80);
    assert_eq!(s.normal().to_bits(), 0xbffe_9c75_7e29_40f8);
    let below = [s.below(10), s.below(1_000_003), s.below(u64::MAX)];
    assert_eq!(below, [3, 541_478, 14_273_390_466_222_829_251]);
    let mut order: Vec<usize> = (0..10).collect();
    s.shuffle(&mut order);
    assert_eq!(order, [4, 7, 3, 0, 1, 5, 9, 8, 2, 6]);
    let mut x = [f32::NAN; 12];
    s.mask(&Exec::serial(), 0.5, 2.0, 0, MatrixViewMut::from_slice(&mut x, 12, 1));
    assert_eq!(x, [2.0, 2.0, 0.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 0.0, 0.0, 0.0]);
}

#[test]
fn every_part_of_the_address_matters() {
    let first =
        |seed: u64, purpose, epoch, index| Streams::new(seed).at(purpose, epoch, index).next_u64();
    let all = [
        first(1, Purpose::Demo, 0, 0),
        first(1 << 32, Purpose::Demo, 0, 0),
        first(1, Purpose::Split, 0, 0),
        first(1, Purpose::Demo, 1, 0),
        first(1, Purpose::Demo, 0, 1),
    ];
    for i in 0..all.len() {
        for j in 0..i {
            assert_ne!(all[i], all[j]);
        }
    }
}

#[test]
fn a_clone_repeats() {
    let mut a = stream(0);
    a.next_u32();
    let mut b = a.clone();
    for _ in 0..10 {
        assert_eq!(a.next_u64(), b.next_u64());
    }
}

#[test]
fn moments_are_those_of_the_distributions() {
    const N: usize = 400_000;
    let mut s = stream(1);
    let uniform: Vec<f64> = (0..N).map(|_| s.uniform_f64()).collect();
    let normal: Vec<f64> = (0..N).map(|_| s.normal()).collect();
    let moment = |x: &[f64], centre: f64, power: i32| {
        x.iter().map(|x| (x - centre).powi(power)).sum::<f64>() / N as f64
    };
    assert!(uniform.iter().all(|u| (0.0..1.0).contains(u)));
    // Five standard errors, each.
    let near = |value: f64, expected: f64, variance: f64| {
        let error = (variance / N as f64).sqrt();
        assert!((value - expected).abs() < 5.0 * error, "{value} for {expected}");
    };
    near(moment(&uniform, 0.0, 1), 0.5, 1.0 / 12.0);
    near(moment(&uniform, 0.5, 2), 1.0 / 12.0, 1.0 / 180.0);
    near(moment(&normal, 0.0, 1), 0.0, 1.0);
    near(moment(&normal, 0.0, 2), 1.0, 2.0);
    near(moment(&normal, 0.0, 3), 0.0, 15.0);
    near(moment(&normal, 0.0, 4), 3.0, 96.0);
    let beyond = normal.iter().filter(|x| x.abs() > 1.959_964).count() as f64 / N as f64;
    near(beyond, 0.05, 0.05 * 0.95);
}

#[test]
fn below_is_even() {
    let mut s = stream(2);
    let mut counts = [0.0f64; 7];
    for _ in 0..70_000 {
        counts[s.below(7) as usize] += 1.0;
    }
    let chi_squared: f64 = counts.iter().map(|c| (c - 1e4).powi(2) / 1e4).sum();
    assert!(chi_squared < 30.0, "{counts:?}");
    assert_eq!(s.below(1), 0);
}

#[test]
fn shuffles_are_permutations_and_all_occur() {
    let mut seen = std::collections::BTreeMap::new();
    let mut s = stream(3);
    for _ in 0..6000 {
        let mut order = [0, 1, 2];
        s.shuffle(&mut order);
        *seen.entry(order).or_insert(0.0f64) += 1.0;
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.values().map(|c| (c - 1e3).powi(2) / 1e3).sum::<f64>() < 25.0, "{seen:?}");
    s.shuffle::<u8>(&mut []);
}

#[test]
fn dropout_is_word_by_word() {
    let exec = Exec::serial();
    // The words of an example begin at a multiple of 64.
    for (height, room) in [(1, 64), (64, 64), (65, 128), (300, 320)] {
        let words: Vec<u32> = std::iter::repeat_with({
            let mut words = stream(4);
            move || words.next_u32()
        })
        .take(40 * room)
        .collect();
        for first in [0, 7] {
            let mut x = vec![f32::NAN; height * (40 - first)];
            let mask = MatrixViewMut::from_slice(&mut x, height, 40 - first);
            stream(4).mask(&exec, 0.25, 4.0 / 3.0, first, mask);
            for (i, x) in x.iter().enumerate() {
                let word = words[(first + i / height) * room + i % height];
                let kept = f64::from(word) / 4_294_967_296.0 >= 0.25;
                assert_eq!(*x, if kept { 4.0 / 3.0 } else { 0.0 }, "at {i} of {height}");
            }
        }
    }
    for (rate, expected) in [(0.0, [3.0; 5]), (1.0, [0.0; 5])] {
        let mut x = [f32::NAN; 5];
        stream(4).mask(&exec, rate, 3.0, 2, MatrixViewMut::from_slice(&mut x, 5, 1));
        assert_eq!(x, expected);
    }
}

#[test]
fn filling_is_drawing_one_by_one() {
    let exec = Exec::new(None, Some(2)).unwrap();
    let mut x = vec![0.0; 20_003];
    stream(5).fill_normal(&exec, 0.5, 2.0, &mut x);
    let mut one = stream(5);
    assert!(x.iter().all(|&x| x == 2.0f64.mul_add(one.normal(), 0.5) as f32));
    stream(6).fill_uniform(&exec, -0.25, 0.75, &mut x);
    let mut one = stream(6);
    assert!(x.iter().all(|&x| x == (f64::from(one.uniform()) - 0.25) as f32));
}
