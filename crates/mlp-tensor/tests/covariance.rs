//! Principal components: by hand, laws over random data, and the same bits everywhere.

#![allow(clippy::disallowed_methods)]

use mlp_tensor::covariance::{Components, Covariance};
use mlp_tensor::{Exec, Isa, Purpose, Streams};

/// Rows of random numbers whose columns depend on each other.
fn rows(count: usize, columns: usize) -> Vec<f32> {
    let mut stream = Streams::new(3).at(Purpose::Demo, 0, columns as u32);
    let mut x = Vec::new();
    for _ in 0..count {
        let shared = stream.normal();
        x.extend((0..columns).map(|c| (stream.normal() + shared * c as f64 / 4.0 + 2.0) as f32));
    }
    x
}

fn means(x: &[f32], columns: usize) -> Vec<f64> {
    let n = (x.len() / columns) as f64;
    let column = |c: usize| x.iter().skip(c).step_by(columns).map(|v| f64::from(*v));
    (0..columns).map(|c| column(c).sum::<f64>() / n).collect()
}

fn components(exec: &Exec, x: &[f32], columns: usize) -> Components {
    let mut covariance = Covariance::new(means(x, columns));
    covariance.add(exec, x);
    covariance.components().unwrap()
}

#[test]
fn two_columns_by_hand() {
    // Along (1, 1) and (1, −1): variances 10/3·2 and 2/3·… of four points on a cross.
    let x = [3.0, 3.0, -3.0, -3.0, 1.0, -1.0, -1.0, 1.0];
    let found = components(&Exec::serial(), &x, 2);
    let root = 0.5f64.sqrt();
    assert!((found.variances[0] - 12.0).abs() < 1e-14 && (found.total - 40.0 / 3.0).abs() < 1e-14);
    assert!((found.variances[1] - 4.0 / 3.0).abs() < 1e-14);
    for (v, expected) in found.vectors.iter().zip([root, root, root, -root]) {
        assert!((v.abs() - expected.abs()).abs() < 1e-14, "{:?}", found.vectors);
    }
    assert!(found.vectors[0] > 0.0 && found.vectors[1] > 0.0);
    assert!(found.vectors[2] * found.vectors[3] < 0.0);
}

#[test]
fn a_column_that_others_add_up_to_has_no_component_of_its_own() {
    let mut x = Vec::new();
    for row in rows(50, 2).chunks_exact(2) {
        x.extend([row[0], row[1], row[0] + row[1], 7.0]);
    }
    assert_eq!(components(&Exec::serial(), &x, 4).variances.len(), 2);
}

#[test]
fn vectors_are_orthonormal_and_hold_the_variances() {
    for columns in [1, 3, 8, 13] {
        let x = rows(200, columns);
        let found = components(&Exec::serial(), &x, columns);
        let mean = means(&x, columns);
        assert_eq!(found.variances.len(), columns);
        assert!(found.variances.is_sorted_by(|a, b| a >= b));
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        for (i, a) in found.vectors.chunks_exact(columns).enumerate() {
            for (j, b) in found.vectors.chunks_exact(columns).enumerate() {
                let expected = f64::from(u8::from(i == j));
                assert!((dot(a, b) - expected).abs() < 1e-12);
            }
            let along = |row: &[f32]| {
                let centred: Vec<f64> =
                    row.iter().zip(&mean).map(|(x, m)| f64::from(*x) - m).collect();
                dot(&centred, a).powi(2)
            };
            let variance = x.chunks_exact(columns).map(along).sum::<f64>() / 199.0;
            assert!((variance / found.variances[i] - 1.0).abs() < 1e-10);
        }
        let sum: f64 = found.variances.iter().sum();
        assert!((sum / found.total - 1.0).abs() < 1e-12);
    }
}

#[test]
fn every_instruction_set_and_number_of_threads_and_cut_gives_the_same_bits() {
    let (columns, count) = (21, 300);
    let x = rows(count, columns);
    let expected = components(&Exec::serial(), &x, columns);
    let bits = |c: &Components| -> Vec<u64> {
        c.variances.iter().chain(&c.vectors).map(|v| v.to_bits()).collect()
    };
    for isa in Isa::available() {
        for threads in [1, 2, 3] {
            let exec = Exec::new(Some(isa), Some(threads)).unwrap();
            assert_eq!(bits(&components(&exec, &x, columns)), bits(&expected), "{isa:?}");
        }
    }
}

#[test]
fn what_is_not_finite_has_no_components() {
    let mut covariance = Covariance::new(vec![f64::INFINITY]);
    covariance.add(&Exec::serial(), &[1.0, 2.0]);
    assert!(covariance.components().is_none());
}
