//! The rules against the papers' formulas, by hand, and at the ends of the range of `f32`.

use super::*;
use crate::{Isa, Purpose, Streams};

/// The formulas of the papers, in f64, for one parameter.
fn adam_f64(w: f64, grads: &[f64], rate: f64, decay: f64, decoupled: bool) -> f64 {
    let (b1, b2) = (f64::from(0.9f32), f64::from(0.999f32));
    let (mut w, mut m, mut v) = (w, 0.0, 0.0);
    for (t, g) in grads.iter().enumerate() {
        let g = if decoupled { *g } else { g + decay * w };
        w *= if decoupled { 1.0 - rate * decay } else { 1.0 };
        m = b1 * m + (1.0 - b1) * g;
        v = b2 * v + (1.0 - b2) * g * g;
        let power = |b: f64| b.powi(t as i32 + 1);
        w -= rate * (m / (1.0 - power(b1))) / ((v / (1.0 - power(b2))).sqrt() + 1e-8);
    }
    w
}

fn numbers(size: usize, index: u32) -> Vec<f32> {
    let mut stream = Streams::new(3).at(Purpose::Demo, 0, index);
    (0..size).map(|_| stream.normal() as f32).collect()
}

#[test]
fn adam_follows_the_papers() {
    for decoupled in [false, true] {
        let grads: Vec<f32> = numbers(20, 1);
        let (mut w, mut m, mut v) = ([0.7f32], [0.0f32], [0.0f32]);
        for (t, g) in grads.iter().enumerate() {
            let step = Adam::new(0.01, (0.9, 0.999), 1e-8, 0.1, decoupled, t as u32 + 1);
            let mut moved = Moved { values: &mut w, moments: [&mut m, &mut v] };
            Step::Adam(step).apply(&Exec::serial(), &mut moved, &[*g]);
        }
        let grads: Vec<f64> = grads.iter().map(|&g| f64::from(g)).collect();
        let expected =
            adam_f64(f64::from(0.7f32), &grads, f64::from(0.01f32), f64::from(0.1f32), decoupled);
        assert!((f64::from(w[0]) - expected).abs() < 2e-6, "{} for {expected}", w[0]);
    }
}

#[test]
fn momentum_by_hand() {
    let exec = Exec::serial();
    let (mut w, mut v) = ([1.0f32], [0.5f32]);
    let plain = Sgd { rate: 0.5, momentum: 0.5, nesterov: false, weight_decay: 0.25 };
    Step::Sgd(plain).apply(
        &exec,
        &mut Moved { values: &mut w, moments: [&mut v, &mut []] },
        &[1.0],
    );
    // g = 1 + 0.25, v = 0.25 + 1.25
    assert_eq!((w[0], v[0]), (1.0 - 0.5 * 1.5, 1.5));
    let (mut w, mut v) = ([1.0f32], [0.5f32]);
    let nesterov = Step::Sgd(Sgd { nesterov: true, ..plain });
    nesterov.apply(&exec, &mut Moved { values: &mut w, moments: [&mut v, &mut []] }, &[1.0]);
    assert_eq!((w[0], v[0]), (1.0 - 0.5 * (1.25 + 0.75), 1.5));
}

/// Powers of two of either sign from the least subnormal number to the largest, and both zeros.
fn every_size() -> Vec<f32> {
    let subnormal = (0..23).map(|bit| f32::from_bits(1 << bit));
    let normal = (0..255).map(|exponent| f32::from_bits(exponent << 23));
    subnormal.chain(normal).flat_map(|x| [x, -x]).collect()
}

#[test]
fn small_moments_become_zero_and_no_others() {
    let sgd = Step::Sgd(Sgd { rate: 0.1, momentum: 0.9, nesterov: false, weight_decay: 0.0 });
    let adam = Step::Adam(Adam::new(0.1, (0.9, 0.999), 1e-8, 0.0, true, 3));
    let g = [every_size(), vec![f32::NAN]].concat();
    for isa in Isa::available() {
        let exec = Exec::new(Some(isa), Some(1)).unwrap();
        let moments = |step: Step, second: &dyn Fn(f32) -> f32| {
            let (mut w, mut m) = (vec![1.0; g.len()], g.clone());
            let mut v: Vec<f32> = g.iter().map(|&g| second(g)).collect();
            step.apply(&exec, &mut Moved { values: &mut w, moments: [&mut m, &mut v] }, &g);
            (m, v)
        };
        let (velocity, _) = moments(sgd, &|_| 0.0);
        let (first, large) = moments(adam, &|_| 1.0);
        let (bare, second) = moments(adam, &f32::abs);
        for (i, g) in g.iter().enumerate() {
            let size = g.abs();
            for m in [velocity[i], first[i]].map(f32::abs) {
                // Adam's is 0.9·g + 0.1·g, perhaps rounded down.
                let zero_or_not = size == LEAST && (m == 0.0 || m >= LEAST);
                let right = m.is_nan() == g.is_nan() && (m >= LEAST) == (size >= LEAST);
                let right = right && (m == 0.0) == (size < LEAST);
                assert!(right || zero_or_not, "{isa:?}: {m:e} of {g:e}");
            }
            let v = second[i];
            let right = v.is_nan() == g.is_nan() && (size < 2.0 * LEAST * LEAST || v != 0.0);
            assert!(right && !v.is_subnormal() && large[i] != 0.0, "{isa:?}: {v:e} of {g:e}");
            assert!(v != 0.0 || bare[i] == 0.0, "{isa:?}: a first moment alone of {g:e}");
        }
    }
}

#[test]
fn a_small_epsilon_divides_no_first_moment_alone() {
    let (mut w, mut m, mut v) = ([1.0], [0.0], [0.0]);
    for t in 1..=100 {
        // Times 1 - β1 it is a first moment; its square times 1 - β2 is subnormal.
        let adam = Step::Adam(Adam::new(1e-3, (0.9, 0.999), 1e-30, 0.0, true, t));
        let moments = [&mut m[..], &mut v[..]];
        adam.apply(&Exec::serial(), &mut Moved { values: &mut w, moments }, &[2e-18]);
    }
    assert!((w[0] - 1.0f32).abs() <= 0.1, "{w:?} {m:?} {v:?}");
}

#[test]
fn settle_keeps_nan() {
    let mut x = [every_size(), vec![f32::NAN]].concat();
    let before = x.clone();
    settle(&mut x);
    for (x, before) in x.iter().zip(&before) {
        let kept = x == before || x.is_nan() && before.is_nan();
        assert!(if before.abs() < LEAST { *x == 0.0 } else { kept }, "{x:e} of {before:e}");
    }
}

#[test]
fn moments_of_what_has_no_gradient_vanish() {
    let (mut w, mut m, mut v) = ([1.0], [1.0], [1e-36]);
    for t in 1..=5000 {
        let adam = Step::Adam(Adam::new(0.0, (0.9, 0.999), 1e-8, 0.0, true, t));
        let moments = [&mut m[..], &mut v[..]];
        adam.apply(&Exec::serial(), &mut Moved { values: &mut w, moments }, &[0.0]);
    }
    assert_eq!((w, m, v), ([1.0], [0.0], [0.0]));
}

#[test]
fn same_bits_for_every_instruction_set_and_thread_count() {
    let size = 3 * PIECE + 5;
    let run = |exec: &Exec| {
        let (mut w, mut g) = (numbers(size, 1), numbers(size, 2));
        let tiny = every_size();
        g[..tiny.len()].copy_from_slice(&tiny);
        let (mut m, mut v) = (vec![0.1; size], vec![0.2; size]);
        m[..tiny.len()].copy_from_slice(&tiny);
        v.iter_mut().zip(&tiny).for_each(|(v, tiny)| *v = tiny.abs());
        let adam = Step::Adam(Adam::new(0.1, (0.9, 0.99), 1e-8, 0.1, true, 3));
        let sgd = Sgd { rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.1 };
        let mut moved = Moved { values: &mut w, moments: [&mut m, &mut v] };
        adam.apply(exec, &mut moved, &g);
        Step::Sgd(sgd).apply(exec, &mut moved, &g);
        scale(exec, 0.3, &mut v);
        // The payload of a NaN is the processor's.
        let bits = |x: &f32| if x.is_nan() { u32::MAX } else { x.to_bits() };
        [w, m, v].concat().iter().map(bits).collect::<Vec<_>>()
    };
    let expected = run(&Exec::new(Some(Isa::Portable), Some(1)).unwrap());
    for isa in Isa::available() {
        for threads in [1, 2, 3] {
            let exec = Exec::new(Some(isa), Some(threads)).unwrap();
            assert!(run(&exec) == expected, "{isa:?} {threads}");
        }
    }
}
