//! One test over every instruction set and several thread counts: the bits of the naive loops.

use super::naive;
use crate::Descents;
use crate::elementwise::{activate, activation_gradient, exp_slice, softmax_columns};
use crate::product::{forward, input_gradient, weight_gradient};
use crate::reduce::{all_finite, sum_of_squares};
use crate::update::{Adam, Moved, Sgd, Step};
use crate::{Activation, Exec, Isa, Matrix, MatrixView, MatrixViewMut, Purpose, Streams, math};
use proptest::prelude::*;
use std::sync::LazyLock;

/// Every instruction set of this host with 1, 2 and 3 threads; the portable one with one thread
/// comes last.
static EXECS: LazyLock<Vec<Exec>> = LazyLock::new(|| {
    let pairs = Isa::available().into_iter().flat_map(|isa| [3, 2, 1].map(|n| (isa, n)));
    pairs.map(|(isa, threads)| Exec::new(Some(isa), Some(threads)).unwrap()).collect()
});

/// The reference: one thread, plain Rust.
fn portable() -> &'static Exec {
    EXECS.last().unwrap()
}

/// Bits, with one pattern for every NaN, whose payload is no part of the contract.
fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| if v.is_nan() { f32::NAN.to_bits() } else { v.to_bits() }).collect()
}

/// A matrix within a larger one, so that columns lie further apart than their length.
struct Padded(Matrix, usize);

impl Padded {
    fn new(rows: usize, columns: usize, pad: usize, index: u32) -> Padded {
        let mut m = Matrix::zeros(rows + pad, columns);
        let stream = Streams::new(7).at(Purpose::Demo, 0, index);
        stream.fill_uniform(portable(), -1.0, 1.0, m.as_mut_slice());
        Padded(m, rows)
    }
    fn view(&self) -> MatrixView<'_> {
        self.0.rows(0, self.1)
    }
    fn values(&self) -> Vec<f32> {
        self.view().iter().copied().collect()
    }
    /// Whether nothing was written between the columns of `self`, which was `before`.
    fn kept_padding(&self, before: &Padded) -> bool {
        let pad = |m: &Padded| bits(m.0.rows(m.1, m.0.nrows() - m.1).clone_owned().as_slice());
        pad(self) == pad(before)
    }
}

/// All three products of one shape on every `Exec`, against the naive loops.
fn check_products(n: usize, ins: usize, outs: usize, pad: usize, f: Activation) {
    let (w, x) = (Padded::new(outs, ins, pad, 1), Padded::new(ins, n, pad, 2));
    let (dz, b) = (Padded::new(outs, n, pad, 3), Padded::new(outs, 1, 0, 4).values());
    let z_naive = naive::forward(w.view(), &b, x.view());
    let mut y_naive = vec![0.0; z_naive.len()];
    activate(portable(), f, z_naive.as_slice(), &mut y_naive);
    let dx_naive = naive::input_gradient(w.view(), dz.view());
    let (dw_naive, db_naive) = naive::weight_gradient(dz.view(), x.view());
    for exec in EXECS.iter() {
        let place = format!("{exec:?}, {n} × {ins} × {outs}, {f:?}");
        let blank = Padded::new(outs, n, pad, 5);
        let (mut z, mut y) = (Padded::new(outs, n, pad, 5), Padded::new(outs, n, pad, 5));
        let view = Some(z.0.rows_mut(0, outs));
        forward(exec, w.view(), &b, x.view(), f, view, y.0.rows_mut(0, outs));
        assert_eq!(bits(&z.values()), bits(z_naive.as_slice()), "z: {place}");
        assert_eq!(bits(&y.values()), bits(&y_naive), "y: {place}");
        assert!(z.kept_padding(&blank) && y.kept_padding(&blank), "padding: {place}");
        let mut y = Padded::new(outs, n, pad, 5);
        forward(exec, w.view(), &b, x.view(), f, None, y.0.rows_mut(0, outs));
        assert_eq!(bits(&y.values()), bits(&y_naive), "y without z: {place}");

        let (blank, mut dx) = (Padded::new(ins, n, pad, 6), Padded::new(ins, n, pad, 6));
        input_gradient(exec, w.view(), dz.view(), dx.0.rows_mut(0, ins));
        assert_eq!(bits(&dx.values()), bits(dx_naive.as_slice()), "dx: {place}");
        assert!(dx.kept_padding(&blank), "padding of dx: {place}");

        let (blank, mut dw) = (Padded::new(outs, ins, pad, 7), Padded::new(outs, ins, pad, 7));
        let mut db = vec![f32::NAN; outs];
        weight_gradient(exec, dz.view(), x.view(), dw.0.rows_mut(0, outs), &mut db);
        assert_eq!(bits(&dw.values()), bits(dw_naive.as_slice()), "dw: {place}");
        assert_eq!(bits(&db), bits(&db_naive), "db: {place}");
        assert!(dw.kept_padding(&blank), "padding of dw: {place}");
    }
}

#[test]
fn no_instruction_set_of_this_host_is_skipped() {
    let mut expected = vec![Isa::Portable];
    #[cfg(target_arch = "x86_64")]
    {
        let (avx2, fma) = (is_x86_feature_detected!("avx2"), is_x86_feature_detected!("fma"));
        expected.extend((avx2 && fma).then_some(Isa::Avx2));
        expected.extend(is_x86_feature_detected!("avx512f").then_some(Isa::Avx512));
    }
    #[cfg(target_arch = "aarch64")]
    expected.push(Isa::Neon);
    for isa in expected {
        for threads in [1, 2, 3] {
            let tested = |e: &&Exec| e.isa() == isa && e.threads() == threads;
            assert_eq!(EXECS.iter().filter(tested).count(), 1, "{isa:?} on {threads} threads");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn products_have_the_bits_of_the_naive_loops(
        n in 0usize..40, ins in 0usize..70, outs in 0usize..130, pad in 0usize..4, f in 0usize..11,
    ) {
        check_products(n, ins, outs, pad, Activation::ALL[f]);
    }
}

/// Gradients and steps of layers (n, ins, outs) in one pass against one after the other, on every `Exec`.
fn check_descents(layers: &[(usize, usize, usize)], pad: usize) {
    let sgd = Sgd { rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.01 };
    let adam = |decay| Step::Adam(Adam::new(0.1, (0.9, 0.99), 1e-8, decay, true, 3));
    for steps in [[Step::Sgd(sgd); 2], [adam(0.1), adam(0.0)]] {
        let run = |exec: &Exec, fused: bool, finite: bool| {
            let mut made: Vec<_> = layers.iter().map(|&shape| made(shape, pad)).collect();
            let mut descents = Descents::new(exec);
            for ([x, dz], [w, m, v, g]) in &mut made {
                let (n, outs) = (dz.view().ncols(), dz.view().nrows());
                let weights = w.len() - outs;
                assert_eq!(n, x.view().ncols());
                let (dw, db) = g.split_at_mut(weights);
                let mut all = Moved { values: w, moments: [m, v] };
                if fused {
                    let b = all.split_off(weights);
                    descents.add(dz.view(), x.view(), steps, [all, b], db, finite);
                } else {
                    let view = MatrixViewMut::from_slice(dw, outs, x.view().nrows());
                    weight_gradient(exec, dz.view(), x.view(), view, db);
                    steps[0].apply(exec, &mut all.part(0..weights), dw);
                    steps[1].apply(exec, &mut all.split_off(weights), db);
                }
            }
            descents.run();
            let what = |([_, dz], [w, m, v, g]): &([Padded; 2], [Vec<f32>; 4])| {
                [bits(w), bits(m), bits(v), bits(&g[w.len() - dz.view().nrows()..])]
            };
            made.iter().map(what).collect::<Vec<_>>()
        };
        let expected = run(portable(), false, false);
        for exec in EXECS.iter() {
            for finite in [false, true] {
                let same = run(exec, true, finite) == expected;
                assert!(same, "{exec:?}, {layers:?}, {steps:?}, {finite}");
            }
        }
    }
}

/// Inputs and the gradient by the outputs of a layer; parameters, moments and room for a gradient.
fn made((n, ins, outs): (usize, usize, usize), pad: usize) -> ([Padded; 2], [Vec<f32>; 4]) {
    let size = outs * ins + outs;
    let numbers = |index| Padded::new(size, 1, 0, index).values();
    let positive = numbers(6).iter().map(|v| v.abs()).collect();
    let x = [Padded::new(ins, n, pad, 2), Padded::new(outs, n, pad, 3)];
    (x, [numbers(4), numbers(5), positive, vec![f32::NAN; size]])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_fused_step_has_the_bits_of_two(
        n in 0usize..40, ins in 0usize..70, outs in 0usize..130, pad in 0usize..4,
    ) {
        check_descents(&[(n, ins, outs)], pad);
    }
}

#[test]
fn fused_steps_of_edge_shapes() {
    // Rows that do not fit into a block, sums over blocks of `k`, many pieces.
    for (n, ins, outs) in [(1, 1, 1), (3, 20, 5000), (2500, 3, 2), (40, 200, 257), (2, 17, 1025)] {
        check_descents(&[(n, ins, outs)], 0);
    }
}

#[test]
fn fused_steps_of_several_layers() {
    // More than are done together, of one batch, and such as have no parameters of a kind.
    let widths = [20, 300, 257, 1, 40, 64, 10, 3, 130, 70, 0, 5, 1];
    let layers: Vec<_> = widths.windows(2).map(|w| (40, w[0], w[1])).collect();
    for count in [2, 3, 8, 9, layers.len()] {
        check_descents(&layers[..count], 0);
    }
}

#[test]
fn products_of_edge_shapes() {
    // Long sums cross the blocks of `k`; large ones are cut among the threads; the others are the
    // corners of tiles.
    let shapes = [
        (1, 1, 1),
        (1, 1, 300),
        (1, 2500, 3),
        (3, 1025, 17),
        (9, 1024, 49),
        (40, 70, 257),
        (300, 90, 10),
        (1, 3000, 600),
        (2, 31, 513),
        (33, 300, 130),
        (17, 5, 96),
        (8, 48, 48),
        (130, 1030, 20),
        (61, 40, 800),
        (50, 1100, 770),
    ];
    for (n, ins, outs) in shapes {
        check_products(n, ins, outs, 0, Activation::Relu);
    }
}

#[test]
fn an_example_alone_has_the_bits_it_has_in_a_batch() {
    let (n, ins, outs) = (37, 130, 75);
    let (w, x) = (Padded::new(outs, ins, 0, 1), Padded::new(ins, n, 0, 2));
    let b = Padded::new(outs, 1, 0, 4).values();
    for exec in EXECS.iter() {
        let mut together = Matrix::zeros(outs, n);
        let f = Activation::Gelu;
        forward(exec, w.view(), &b, x.view(), f, None, together.as_view_mut());
        for i in 0..n {
            let mut alone = Matrix::zeros(outs, 1);
            forward(exec, w.view(), &b, x.0.columns(i, 1), f, None, alone.as_view_mut());
            assert_eq!(
                bits(alone.as_slice()),
                bits(together.column(i).as_slice()),
                "{exec:?}, {i}"
            );
        }
    }
}

#[test]
fn one_nan_or_infinity_goes_its_way() {
    for bad in [f32::NAN, f32::INFINITY] {
        let (w, mut x) = (Padded::new(20, 30, 0, 1), Padded::new(30, 9, 0, 2));
        x.0[(4, 5)] = bad;
        let b = vec![0.0; 20];
        let expected = naive::forward(w.view(), &b, x.view());
        for exec in EXECS.iter() {
            let mut y = Matrix::zeros(20, 9);
            forward(exec, w.view(), &b, x.view(), Activation::Relu, None, y.as_view_mut());
            for (y, z) in y.iter().zip(&expected) {
                // Not `max`, which would hide the NaN.
                let relu = if *z < 0.0 { 0.0 } else { *z };
                assert_eq!(bits(&[*y]), bits(&[relu]));
            }
        }
    }
}

/// [`activation_gradient`] of slices.
fn slopes(exec: &Exec, f: Activation, z: &[f32], y: &[f32], d: &mut [f32]) {
    let view = |x| MatrixView::from_slice(x, z.len(), 1);
    let d = MatrixViewMut::from_slice(d, z.len(), 1);
    activation_gradient(exec, f, Some(view(z)), view(y), d);
}

/// Values of every magnitude, and the special ones.
fn wide(len: usize) -> Vec<f32> {
    let special =
        [0.0, -0.0, 1e-45, -1e-40, 1e-30, 88.0, 89.0, -87.4, -103.9, -104.1, 1e4, -1e4, 3e38];
    let special = special.into_iter().chain([f32::INFINITY, f32::NEG_INFINITY, f32::NAN, -3e38]);
    let mut stream = Streams::new(5).at(Purpose::Demo, 1, len as u32);
    let random = std::iter::repeat_with(|| {
        let size = stream.below(12) as i32 - 6;
        (stream.uniform() * 2.0 - 1.0) * 4.0f32.powi(size)
    });
    special.chain(random).take(len).collect()
}

#[test]
fn elementwise_passes_have_the_portable_bits() {
    for len in (0..70).chain([50_003]) {
        let z = wide(len);
        for f in Activation::ALL {
            let run = |exec: &Exec| {
                let (mut y, mut d) = (vec![0.0; len], vec![1.25; len]);
                activate(exec, f, &z, &mut y);
                slopes(exec, f, &z, &y, &mut d);
                (bits(&y), bits(&d))
            };
            let expected = run(portable());
            for exec in EXECS.iter() {
                assert!(run(exec) == expected, "{exec:?}, {f:?}, {len} values");
            }
        }
    }
}

#[test]
fn other_passes_have_the_portable_bits() {
    for (classes, len) in [(1, 5), (3, 33), (10, 1000), (17, 17), (40, 40_000), (7, 70_000)] {
        let z = wide(len);
        let finite: Vec<f32> =
            z.iter().map(|z| if z.is_finite() { z % 1e4 } else { 1.0 }).collect();
        let run = |exec: &Exec| {
            let (mut p, mut e, mut x) = (vec![0.0; len], vec![0.0; len], vec![0.0; len]);
            softmax_columns(exec, &finite, classes, &mut p);
            exp_slice(exec, &z, &mut e);
            let stream = Streams::new(3).at(Purpose::Dropout, 8, 2);
            stream.mask(
                exec,
                0.3,
                1.0 / 0.7,
                5,
                MatrixViewMut::from_slice(&mut x, classes, len / classes),
            );
            let mut uniform = vec![0.0; len];
            stream.fill_uniform(exec, -0.1, 0.3, &mut uniform);
            let mut normal = vec![0.0; len];
            stream.fill_normal(exec, 0.1, 0.3, &mut normal);
            let sums = (sum_of_squares(exec, &finite).to_bits(), all_finite(exec, &finite));
            (bits(&p), bits(&e), bits(&x), bits(&uniform), bits(&normal), sums)
        };
        let expected = run(portable());
        for exec in EXECS.iter() {
            assert!(run(exec) == expected, "{exec:?}, {classes} classes, {len} values");
        }
    }
}

#[test]
fn single_values_have_the_bits_of_slices() {
    let z = wide(2000);
    let mut y = vec![0.0; z.len()];
    let pairs = [
        (Activation::Tanh, math::tanh_f32 as fn(f32) -> f32),
        (Activation::Logistic, math::logistic_f32),
        (Activation::Softplus, math::softplus_f32),
    ];
    for exec in EXECS.iter() {
        for (f, single) in pairs {
            activate(exec, f, &z, &mut y);
            let singles: Vec<f32> = z.iter().map(|&z| single(z)).collect();
            assert_eq!(bits(&y), bits(&singles), "{f:?}");
        }
        exp_slice(exec, &z, &mut y);
        assert_eq!(bits(&y), bits(&z.iter().map(|&z| math::exp_f32(z)).collect::<Vec<_>>()));
    }
}

/// Holds the bits from one optimisation level, host and release to the next: a change here changes
/// every trained model, and is announced.
#[test]
fn golden_bits() {
    let z = wide(2000);
    let mut all = Vec::new();
    for f in Activation::ALL {
        let (mut y, mut d) = (vec![0.0; z.len()], vec![1.5; z.len()]);
        activate(portable(), f, &z, &mut y);
        slopes(portable(), f, &z, &y, &mut d);
        all.extend(bits(&y));
        all.extend(bits(&d));
    }
    let (w, x) = (Padded::new(30, 1500, 0, 1), Padded::new(1500, 20, 0, 2));
    let (mut y, b) = (Matrix::zeros(30, 20), Padded::new(30, 1, 0, 3).values());
    forward(portable(), w.view(), &b, x.view(), Activation::Tanh, None, y.as_view_mut());
    all.extend(bits(y.as_slice()));
    let z: Vec<f32> = z.iter().map(|z| if z.is_finite() { z % 50.0 } else { 0.0 }).collect();
    let mut p = vec![0.0; z.len()];
    softmax_columns(portable(), &z, 10, &mut p);
    all.extend(bits(&p));
    let fnv = |hash: u64, word: &u32| (hash ^ u64::from(*word)).wrapping_mul(0x0100_0000_01b3);
    let hash = all.iter().fold(0xcbf2_9ce4_8422_2325, fnv);
    assert_eq!(hash, 0xb55b_3592_e3fd_c6d2, "{hash:#018x}");
}
