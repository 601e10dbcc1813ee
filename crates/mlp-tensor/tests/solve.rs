//! Least squares against values computed by hand, certified ones, and the laws of a least-squares
//! solution.
#![allow(clippy::disallowed_methods, reason = "oracles")]

use mlp_tensor::solve::{LeastSquares, SolveError, least_squares};
use mlp_tensor::{Purpose, Streams};

fn near(value: f64, expected: f64, relative: f64) {
    let error = (value - expected).abs();
    assert!(error <= relative * expected.abs().max(1e-300), "{value} for {expected}");
}

/// `rows × columns` normal values, and as many targets as rows.
fn random(rows: usize, columns: usize, index: u32) -> (Vec<f64>, Vec<f64>) {
    let mut s = Streams::new(5).at(Purpose::Demo, 0, index);
    let x = (0..rows * columns).map(|_| s.normal()).collect();
    (x, (0..rows).map(|_| s.normal()).collect())
}

fn fit(rows: usize, columns: usize, x: &[f64], t: &[f64]) -> LeastSquares {
    least_squares(rows, columns, x, t).unwrap()
}

/// `t - (x·coefficients + intercept)`
fn residuals(columns: usize, x: &[f64], t: &[f64], fit: &LeastSquares) -> Vec<f64> {
    let predict =
        |row: &[f64]| -> f64 { row.iter().zip(&fit.coefficients).map(|(a, b)| a * b).sum() };
    x.chunks(columns).zip(t).map(|(row, t)| t - predict(row) - fit.intercept).collect()
}

#[test]
fn a_line_by_hand() {
    // x̄ = 2.5, t̄ = 3.5, Σ(x-x̄)(t-t̄) = 4, Σ(x-x̄)² = 5: slope 0.8, intercept 1.5, residuals -.3
    // .9 -.9 .3.
    let line = fit(4, 1, &[1.0, 2.0, 3.0, 4.0], &[2.0, 4.0, 3.0, 5.0]);
    near(line.coefficients[0], 0.8, 1e-14);
    near(line.intercept, 1.5, 1e-14);
    assert_eq!(line.rank, 1);
    // RSS 1.8, TSS 5, s² = 0.9.
    near(line.r2, 1.0 - 1.8 / 5.0, 1e-14);
    near(line.standard_errors.unwrap()[0], (0.9f64 / 5.0).sqrt(), 1e-13);
    near(line.intercept_error.unwrap(), (0.9f64 * (0.25 + 6.25 / 5.0)).sqrt(), 1e-13);
}

/// NIST's Longley data (Statistical Reference Datasets, linear regression, "higher level of
/// difficulty") with its certified values.
#[test]
fn longley() {
    #[rustfmt::skip]
    let rows: [[f64; 7]; 16] = [
        [60323.0,  83.0, 234289.0, 2356.0, 1590.0, 107608.0, 1947.0],
        [61122.0,  88.5, 259426.0, 2325.0, 1456.0, 108632.0, 1948.0],
        [60171.0,  88.2, 258054.0, 3682.0, 1616.0, 109773.0, 1949.0],
        [61187.0,  89.5, 284599.0, 3351.0, 1650.0, 110929.0, 1950.0],
        [63221.0,  96.2, 328975.0, 2099.0, 3099.0, 112075.0, 1951.0],
        [63639.0,  98.1, 346999.0, 1932.0, 3594.0, 113270.0, 1952.0],
        [64989.0,  99.0, 365385.0, 1870.0, 3547.0, 115094.0, 1953.0],
        [63761.0, 100.0, 363112.0, 3578.0, 3350.0, 116219.0, 1954.0],
        [66019.0, 101.2, 397469.0, 2904.0, 3048.0, 117388.0, 1955.0],
        [67857.0, 104.6, 419180.0, 2822.0, 2857.0, 118734.0, 1956.0],
        [68169.0, 108.4, 442769.0, 2936.0, 2798.0, 120445.0, 1957.0],
        [66513.0, 110.8, 444546.0, 4681.0, 2637.0, 121950.0, 1958.0],
        [68655.0, 112.6, 482704.0, 3813.0, 2552.0, 123366.0, 1959.0],
        [69564.0, 114.2, 502601.0, 3931.0, 2514.0, 125368.0, 1960.0],
        [69331.0, 115.7, 518173.0, 4806.0, 2572.0, 127852.0, 1961.0],
        [70551.0, 116.9, 554894.0, 4007.0, 2827.0, 130081.0, 1962.0],
    ];
    let x: Vec<f64> = rows.iter().flat_map(|row| row[1..].to_vec()).collect();
    let t: Vec<f64> = rows.iter().map(|row| row[0]).collect();
    let fit = fit(16, 6, &x, &t);
    let coefficients = [
        15.0618722713733,
        -0.358191792925910e-1,
        -2.02022980381683,
        -1.03322686717359,
        -0.511041056535807e-1,
        1829.15146461355,
    ];
    let errors = [
        84.9149257747669,
        0.334910077722432e-1,
        0.488399681651699,
        0.214274163161675,
        0.226073200069370,
        455.478499142212,
    ];
    for (value, expected) in fit.coefficients.iter().zip(coefficients) {
        near(*value, expected, 1e-10);
    }
    for (value, expected) in fit.standard_errors.unwrap().iter().zip(errors) {
        near(*value, expected, 1e-10);
    }
    near(fit.intercept, -3482258.63459582, 1e-10);
    near(fit.intercept_error.unwrap(), 890420.383607373, 1e-10);
    near(fit.r2, 0.995479004577296, 1e-12);
    assert_eq!(fit.rank, 6);
}

#[test]
fn residuals_are_orthogonal_to_the_columns() {
    for (rows, columns) in [(5, 1), (30, 7), (200, 40), (12, 11)] {
        let (mut x, t) = random(rows, columns, rows as u32);
        // Columns of very different size, far from zero.
        for row in x.chunks_mut(columns) {
            for (j, v) in row.iter_mut().enumerate() {
                *v = (*v + 3.0) * 10f64.powi(3 * (j as i32 % 5) - 6);
            }
        }
        let fit = fit(rows, columns, &x, &t);
        assert_eq!(fit.rank, columns);
        let left = residuals(columns, &x, &t, &fit);
        assert!(left.iter().sum::<f64>().abs() < 1e-9);
        for j in 0..columns {
            let column: Vec<f64> = x.chunks(columns).map(|row| row[j]).collect();
            let size = column.iter().map(|v| v * v).sum::<f64>().sqrt();
            let product: f64 = column.iter().zip(&left).map(|(a, b)| a * b).sum();
            assert!(product.abs() < 1e-9 * size, "column {j} of {columns}: {product}");
        }
    }
}

#[test]
fn a_column_twice_gives_the_shortest_solution() {
    // t = 3a + 1 with the columns a, 2a and one constant: of all 3 = u + 2v the shortest is u =
    // 0.6, v = 1.2.
    let x: Vec<f64> = (0..6).flat_map(|i| [f64::from(i), f64::from(2 * i), 7.7]).collect();
    let t: Vec<f64> = (0..6).map(|i| f64::from(3 * i + 1)).collect();
    let fit = fit(6, 3, &x, &t);
    assert_eq!(fit.rank, 1);
    near(fit.coefficients[0], 0.6, 1e-12);
    near(fit.coefficients[1], 1.2, 1e-12);
    assert_eq!(fit.coefficients[2], 0.0);
    near(fit.intercept, 1.0, 1e-12);
    near(fit.r2, 1.0, 1e-12);
    assert!(fit.standard_errors.is_none() && fit.intercept_error.is_none());
}

#[test]
fn dummy_columns_that_sum_to_one() {
    // Two categories, both encoded, beside a number: rank 2 of 3 once centred.
    let x: Vec<f64> =
        (0..20).flat_map(|i| [f64::from(i % 2), f64::from(1 - i % 2), f64::from(i * i)]).collect();
    let t: Vec<f64> = (0..20).map(|i| f64::from(5 + 4 * (i % 2) + 2 * i * i)).collect();
    let fit = fit(20, 3, &x, &t);
    assert_eq!(fit.rank, 2);
    near(fit.coefficients[0], 2.0, 1e-10);
    near(fit.coefficients[1], -2.0, 1e-10);
    near(fit.coefficients[2], 2.0, 1e-10);
    assert!(residuals(3, &x, &t, &fit).iter().all(|r| r.abs() < 1e-9));
}

#[test]
fn more_columns_than_rows() {
    let (rows, columns) = (6, 40);
    let (mut x, t) = random(rows, columns, 77);
    x.iter_mut().enumerate().for_each(|(i, v)| *v *= 1.0 + (i % columns) as f64);
    let fit = fit(rows, columns, &x, &t);
    assert_eq!(fit.rank, rows - 1);
    assert!(residuals(columns, &x, &t, &fit).iter().all(|r| r.abs() < 1e-10));
    // Shortest: a combination of the centred rows, so orthogonal to what is orthogonal to them.
    // Taking away the part along the rows (Gram–Schmidt) leaves nothing.
    let means: Vec<f64> =
        (0..columns).map(|j| (0..rows).map(|i| x[i * columns + j]).sum::<f64>() / 6.0).collect();
    let mut left = fit.coefficients.clone();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for row in x.chunks(columns).take(rows - 1) {
        let mut v: Vec<f64> = row.iter().zip(&means).map(|(a, m)| a - m).collect();
        for _ in 0..2 {
            for b in &basis {
                let along: f64 = v.iter().zip(b).map(|(a, b)| a * b).sum();
                v.iter_mut().zip(b).for_each(|(v, b)| *v -= along * b);
            }
        }
        let norm = v.iter().map(|v| v * v).sum::<f64>().sqrt();
        basis.push(v.iter().map(|v| v / norm).collect());
    }
    for b in &basis {
        let along: f64 = left.iter().zip(b).map(|(a, b)| a * b).sum();
        left.iter_mut().zip(b).for_each(|(v, b)| *v -= along * b);
    }
    let size = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
    assert!(size(&left) < 1e-10 * size(&fit.coefficients));
}

#[test]
fn small_and_degenerate() {
    let one = fit(1, 2, &[3.0, 4.0], &[5.0]);
    assert_eq!((one.rank, one.intercept, one.r2), (0, 5.0, 1.0));
    assert_eq!(one.coefficients, [0.0, 0.0]);
    assert!(one.standard_errors.is_none());
    let constant = fit(3, 1, &[1.0, 2.0, 4.0], &[0.1, 0.1, 0.1]);
    assert_eq!((constant.coefficients[0], constant.intercept, constant.r2), (0.0, 0.1, 1.0));
    assert_eq!(constant.standard_errors, Some(vec![0.0]));
    // A constant that is no binary fraction must not count as a column.
    let tenth = fit(5, 1, &[0.1; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!((tenth.rank, tenth.coefficients[0], tenth.intercept, tenth.r2), (0, 0.0, 3.0, 0.0));
    let none = fit(4, 0, &[], &[1.0, 2.0, 3.0, 4.0]);
    assert_eq!((none.rank, none.intercept), (0, 2.5));
    near(none.intercept_error.unwrap(), (5.0f64 / 3.0 / 4.0).sqrt(), 1e-14);
    let empty = fit(0, 2, &[], &[]);
    assert_eq!((empty.intercept, empty.coefficients), (0.0, vec![0.0; 2]));
}

#[test]
fn sizes_at_the_ends_of_the_range() {
    for scale in [1e-300, 1e-200, 1e200, 1e300] {
        let fit = fit(4, 1, &[scale, 2.0 * scale, 3.0 * scale, 4.0 * scale], &[2.0, 4.0, 3.0, 5.0]);
        near(fit.coefficients[0] * scale, 0.8, 1e-12);
        near(fit.intercept, 1.5, 1e-12);
    }
}

#[test]
fn what_is_not_finite_is_named() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        x[3] = bad;
        let refused = least_squares(3, 2, &x, &[1.0, 2.0, 3.0]);
        assert!(matches!(refused, Err(SolveError::NotFinite { row: 1, column: 1 })));
        let refused = least_squares(3, 1, &[1.0, 2.0, 3.0], &[1.0, 2.0, bad]);
        assert!(matches!(refused, Err(SolveError::NotFinite { row: 2, column: 1 })));
    }
}
