//! Prints the speed of the products and of the activations, for every instruction set of this host.
//!
//! `cargo run --release -p mlp-tensor --example speed [THREADS…]`

#![allow(clippy::print_stdout)]

use mlp_tensor::elementwise::{activate, softmax_columns};
use mlp_tensor::product::{forward, input_gradient, weight_gradient};
use mlp_tensor::update::{Adam, Moved, Step};
use mlp_tensor::{Activation, Descents, Exec, Isa, Matrix, Purpose, Streams};
use std::time::Instant;

/// Examples, inputs, outputs.
const SHAPES: [(usize, usize, usize); 7] = [
    (128, 784, 512),
    (32, 784, 512),
    (1, 784, 512),
    (200, 784, 100),
    (128, 256, 10),
    (512, 2048, 2048),
    (64, 32_400, 128),
];

/// The shortest of several runs, in seconds.
fn seconds(mut work: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    let start = Instant::now();
    let mut runs = 0;
    while runs < 3 || (runs < 2000 && start.elapsed().as_secs_f64() < 0.25) {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_secs_f64());
        runs += 1;
    }
    best
}

fn numbers(rows: usize, columns: usize) -> Matrix {
    let mut m = Matrix::zeros(rows, columns);
    let stream = Streams::new(1).at(Purpose::Demo, 0, 0);
    stream.fill_uniform(&Exec::serial(), -1.0, 1.0, m.as_mut_slice());
    m
}

fn products(exec: &Exec) {
    let head = ["forward", "dx", "dw", "dw+Adam"].map(|head| format!("{head:>9}")).join(" ");
    println!("{:>22} {head}  GFLOP/s", "n × in × out");
    for (n, ins, outs) in SHAPES {
        let flops = 2e-9 * (n * ins * outs) as f64;
        if exec.isa() == Isa::Portable && flops > 0.2 {
            continue;
        }
        let (w, x, dz) = (numbers(outs, ins), numbers(ins, n), numbers(outs, n));
        let (mut y, mut dx, mut dw) = (dz.clone(), x.clone(), w.clone());
        let mut db = vec![0.0; outs];
        let f = Activation::Relu;
        let forward = seconds(|| {
            forward(exec, w.as_view(), &db, x.as_view(), f, None, y.as_view_mut());
        });
        let input = seconds(|| {
            input_gradient(exec, w.as_view(), dz.as_view(), dx.as_view_mut());
        });
        let weight = seconds(|| {
            weight_gradient(exec, dz.as_view(), x.as_view(), dw.as_view_mut(), &mut db);
        });
        let (mut w, mut b, mut moments) = (w, db.clone(), [dw.clone(), dw.clone()]);
        let mut bias = [db.clone(), db.clone()];
        let adam = Step::Adam(Adam::new(1e-3, (0.9, 0.999), 1e-8, 0.0, false, 1));
        let fall = seconds(|| {
            let [first, second] = &mut moments;
            let moments = [first.as_mut_slice(), second.as_mut_slice()];
            let w = Moved { values: w.as_mut_slice(), moments };
            let [first, second] = &mut bias;
            let b = Moved { values: &mut b, moments: [first, second] };
            let mut descents = Descents::new(exec);
            descents.add(dz.as_view(), x.as_view(), [adam, adam], [w, b], &mut db, true);
            descents.run();
        });
        let shape = format!("{n} × {ins} × {outs}");
        let [a, b, c, d] = [forward, input, weight, fall].map(|s| flops / s);
        println!("{shape:>22} {a:>9.1} {b:>9.1} {c:>9.1} {d:>9.1}");
    }
}

fn passes(exec: &Exec) {
    let z = numbers(1000, 100);
    let (mut y, len) = (z.clone(), z.len() as f64);
    let show = |name: &str, s: f64| println!("{name:>22} {:>9.2} ns a value", s * 1e9 / len);
    for f in Activation::ALL {
        let s = seconds(|| activate(exec, f, z.as_slice(), y.as_mut_slice()));
        show(f.name(), s);
    }
    show("softmax of 10", seconds(|| softmax_columns(exec, z.as_slice(), 10, y.as_mut_slice())));
    let stream = Streams::new(1).at(Purpose::Dropout, 0, 0);
    show("mask", seconds(|| stream.mask(exec, 0.5, 2.0, 0, y.as_view_mut())));
    show("uniform", seconds(|| stream.fill_uniform(exec, -1.0, 1.0, y.as_mut_slice())));
    show("normal", seconds(|| stream.fill_normal(exec, 0.0, 1.0, y.as_mut_slice())));
    let (mut m, mut v) = (z.clone(), z.clone());
    v.fill(1.0);
    let adam = Step::Adam(Adam::new(1e-3, (0.9, 0.999), 1e-8, 0.0, false, 1));
    let s = seconds(|| {
        let moments = [m.as_mut_slice(), v.as_mut_slice()];
        adam.apply(exec, &mut Moved { values: y.as_mut_slice(), moments }, z.as_slice());
    });
    show("Adam", s);
}

fn main() -> Result<(), mlp_tensor::ExecError> {
    let threads: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    for threads in if threads.is_empty() { vec![1, 2] } else { threads } {
        for isa in Isa::available() {
            let exec = Exec::new(Some(isa), Some(threads))?;
            println!("\n{}, {threads} threads", isa.name());
            products(&exec);
            passes(&exec);
        }
    }
    Ok(())
}
