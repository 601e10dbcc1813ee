//! Products of a row with weights in strips: the bits of the ordinary product with the weights as they
//! became, and how far those of 16 bits moved.

use mlp_tensor::product::forward;
use mlp_tensor::{
    Activation, Exec, Isa, Matrix, MatrixView, Purpose, Streams, StripMatrix, Weights,
};
use proptest::prelude::*;

fn random(index: u32, rows: usize, cols: usize) -> Matrix {
    let mut m = Matrix::zeros(rows, cols);
    let stream = Streams::new(5).at(Purpose::Demo, 0, index);
    stream.fill_uniform(&Exec::serial(), -1.0, 1.0, m.as_mut_slice());
    m
}

#[test]
fn bits_are_those_of_the_widened_weights_whoever_computes() {
    let execs: Vec<Exec> = Isa::available()
        .into_iter()
        .flat_map(|isa| [1, 2, 3].map(|n| Exec::new(Some(isa), Some(n)).unwrap()))
        .collect();
    let shapes = [
        (1, 1),
        (10, 256),
        (31, 7),
        (33, 50),
        (97, 3),
        (256, 512),
        (640, 2100),
        (300, 0),
        (2500, 9),
    ];
    for (case, (outputs, inputs)) in shapes.into_iter().enumerate() {
        let w = random(case as u32, outputs, inputs);
        let x = random(100 + case as u32, inputs, 1);
        let b = random(200 + case as u32, outputs, 1);
        for weights in [Weights::F32, Weights::Bits16] {
            let what = format!("{outputs} × {inputs}, {weights:?}");
            let strips = StripMatrix::new(w.as_view(), weights);
            let wide = strips.widened();
            let most = if weights == Weights::F32 { 0.0 } else { 1.0 / 256.0 };
            let near = |(w, became): (&f32, &f32)| (w - became).abs() <= w.abs() * most;
            assert!(w.iter().zip(&wide).all(near), "{what}");
            let mut padded = b.as_slice().to_vec();
            padded.resize(strips.padded(), 0.0);
            for f in [Activation::Identity, Activation::Relu, Activation::Gelu] {
                let (mut expected, w, b) =
                    (Matrix::zeros(outputs, 1), wide.as_view(), b.as_slice());
                forward(&execs[0], w, b, x.as_view(), f, None, expected.as_view_mut());
                for (exec, back) in execs.iter().flat_map(|exec| [(exec, false), (exec, true)]) {
                    let mut y = vec![f32::NAN; strips.padded()];
                    strips.forward(exec, &padded, x.as_slice(), f, back, &mut y);
                    let same =
                        y.iter().zip(expected.as_slice()).all(|(a, b)| a.to_bits() == b.to_bits());
                    assert!(same, "{what}, {f:?}, {exec:?}, {back}");
                }
            }
        }
    }
}

/// The pair as it becomes, the lower half of a word first.
fn pair(low: f32, high: f32) -> [f32; 2] {
    let mut w = [0.0; 32];
    (w[0], w[16]) = (low, high);
    let wide = StripMatrix::new(MatrixView::from_slice(&w, 32, 1), Weights::Bits16).widened();
    [wide[(0, 0)], wide[(16, 0)]]
}

proptest! {
    #[test]
    fn a_weight_moves_by_at_most_a_256th(
        low in -1e3f32..1e3, high in -1e3f32..1e3, exponent in 87u32..167,
    ) {
        let scale = f32::from_bits(exponent << 23);
        let (low, high) = (low * scale, high * scale);
        for (w, became) in [low, high].into_iter().zip(pair(low, high)) {
            let most = w.abs() / 256.0 + f32::from_bits((127 - 64) << 23);
            prop_assert!((w - became).abs() <= most, "{w} became {became}");
            prop_assert!(w == 0.0 || w.signum() == became.signum());
        }
    }
}

#[test]
fn no_value_becomes_another_kind_of_value() {
    let [low, high] = pair(f32::NAN, f32::NAN);
    assert!(low.is_nan() && high.is_nan());
    for infinite in [f32::INFINITY, f32::NEG_INFINITY] {
        for value in pair(infinite, infinite) {
            assert!(value.is_finite() && value.signum() == infinite.signum() && value.abs() > 3e38);
        }
    }
    // Whatever the lower half, the upper one stays what it is.
    for low in [f32::MAX, -1.0, f32::NAN, f32::INFINITY] {
        assert!(pair(low, f32::NAN)[1].is_nan());
        assert!(pair(low, 0.0)[1].abs() < 1e-19);
        assert!((pair(low, 1.0)[1] - 1.0).abs() <= 1.0 / 256.0);
    }
}
