//! Random shapes, strides, alignments and blocks, on a random instruction set and number of threads,
//! against the naive loops. A thousand in every test run; as many as the variable `MLP_SHAPES` says while
//! it is compiled for a long one: `MLP_SHAPES=1000000 cargo test --release -p mlp-tensor shapes`.

use super::blocks::Cut;
use super::naive;
use crate::Descents;
use crate::matrix::{view, view_mut};
use crate::product::{forward, input_gradient, weight_gradient};
use crate::tuning::{Caches, LINE, PIECE_ROWS, Plan};
use crate::update::{Adam, Moved, Step};
use crate::{Activation, Exec, Isa, MatrixView, Purpose, Stream, Streams};

/// A matrix somewhere in memory: its first value `offset` values after the start of an allocation, its
/// columns `step` apart. The allocation ends with the last column, so that a checker of addresses
/// sees who reads beyond.
struct Place {
    values: Vec<f32>,
    offset: usize,
    rows: usize,
    cols: usize,
    step: usize,
}

impl Place {
    fn new(random: &mut Stream, rows: usize, cols: usize) -> Place {
        let offset = random.below(17) as usize;
        let far = rows.next_multiple_of(512) - rows;
        let step = rows + [0, 0, 1, 3, 16, far][random.below(6) as usize];
        let size = if cols == 0 { 0 } else { (cols - 1) * step + rows };
        // Few zeros or many, of both signs; and values whose products round to zero.
        let zeros = [2, 2, 50, 90, 98][random.below(5) as usize];
        let scale = [1.0, 1.0, 1.0, 1e-22][random.below(4) as usize];
        let mut number = || {
            let value = (random.uniform() - 0.5) * scale;
            if random.below(100) < zeros { 0.0f32.copysign(value) } else { value }
        };
        let mut values: Vec<f32> = (0..offset + size).map(|_| number()).collect();
        values.shrink_to_fit();
        Place { values, offset, rows, cols, step }
    }
    fn view(&self) -> MatrixView<'_> {
        view(&self.values[self.offset..], self.rows, self.cols, self.step)
    }
    /// Puts a value somewhere.
    fn spoil(&mut self, random: &mut Stream, value: f32) {
        if self.rows * self.cols > 0 {
            let (row, col) = (random.below(self.rows as u64), random.below(self.cols as u64));
            self.values[self.offset + col as usize * self.step + row as usize] = value;
        }
    }
    /// What `work` makes of it, and whether it left alone what lies before and between the columns.
    fn written(&mut self, work: impl FnOnce(crate::MatrixViewMut<'_>)) -> Vec<u32> {
        let before = self.values.clone();
        work(view_mut(&mut self.values[self.offset..], self.rows, self.cols, self.step));
        for (i, (now, before)) in self.values.iter().zip(&before).enumerate() {
            let inside = i >= self.offset && (i - self.offset) % self.step.max(1) < self.rows;
            assert!(inside || now.to_bits() == before.to_bits(), "value {i} was written");
        }
        bits(self.view())
    }
}

/// All NaN alike.
fn bits<'a>(values: impl IntoIterator<Item = &'a f32>) -> Vec<u32> {
    let bits = |v: &f32| if v.is_nan() { f32::NAN.to_bits() } else { v.to_bits() };
    values.into_iter().map(bits).collect()
}

/// Mostly small; now and then where tiles, blocks and copies end.
fn size(random: &mut Stream, most: u64) -> usize {
    match random.below(8) {
        0 => [1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 50, 64][random.below(12) as usize],
        1 => random.below(4) as usize,
        _ => random.below(most) as usize,
    }
}

/// Blocks so small that these shapes have several of them, of every kind.
fn plan(random: &mut Stream) -> Plan {
    let mut number = |least: u64, most: u64| (least + random.below(most - least)) as usize;
    let mut cut = || Cut { depth: number(1, 40), rows: number(1, 30), cols: number(1, 80) };
    let (cut, list, pairs) = (cut(), cut(), cut());
    Plan {
        cut,
        list,
        pairs,
        list_work: number(0, 2) << 21,
        columns: number(0, 2) * number(0, 40),
        meet: number(0, 2) == 0,
        tall: number(1, 40),
        pack_rows: number(1, 20),
        pack_step: number(0, 2) * 64,
        whole_rows: number(1, 200),
        piece_rows: number(1, 50),
        gradient: (PIECE_ROWS * LINE) << (3 * number(0, 2)),
    }
}

/// All products of one shape.
fn check(execs: &[Exec], random: &mut Stream) {
    let exec = &execs[random.below(execs.len() as u64) as usize];
    let exec = &if random.below(2) == 0 { exec.clone() } else { exec.planned(plan(random)) };
    let (n, ins, outs) = match random.below(50) {
        // A row so wide that its sums are several pieces.
        0 => (1, size(random, 12), 1000 + random.below(1200) as usize),
        // Layers so wide that a few rows of them are moved at a time.
        1 => (size(random, 20), size(random, 70), 130 + random.below(500) as usize),
        // Layers of more rows than a piece has, the last of a single one now and then.
        2 => (1 + size(random, 30), 125 + random.below(10) as usize, 90 + size(random, 60)),
        // A single output for many examples, whose products are turned about.
        3 => (size(random, 90), size(random, 90), 1),
        _ => (size(random, 26), size(random, 40), size(random, 70)),
    };
    check_shape(exec, random, [n, ins, outs]);
}

/// All products of `n` examples, `ins` inputs and `outs` outputs.
fn check_shape(exec: &Exec, random: &mut Stream, [n, ins, outs]: [usize; 3]) {
    let (mut w, x) = (Place::new(random, outs, ins), Place::new(random, ins, n));
    let mut dz = Place::new(random, outs, n);
    // A single row does not look whether weights are finite.
    let spoiled = n > 1 && random.below(16) == 0;
    if spoiled {
        let bad = [f32::INFINITY, f32::NAN][random.below(2) as usize];
        w.spoil(random, bad);
        dz.spoil(random, bad);
    }
    let b: Vec<f32> = (0..outs).map(|_| random.uniform()).collect();
    let what = format!("{exec:?}: {n} × {ins} × {outs}, steps {} {} {}", w.step, x.step, dz.step);

    let naive = naive::forward(w.view(), &b, x.view());
    let mut y = Place::new(random, outs, n);
    let y = y.written(|y| forward(exec, w.view(), &b, x.view(), Activation::Identity, None, y));
    assert_eq!(y, bits(&naive), "y of {what}");

    let naive = naive::input_gradient(w.view(), dz.view());
    let mut dx = Place::new(random, ins, n);
    let dx = dx.written(|dx| input_gradient(exec, w.view(), dz.view(), dx));
    assert_eq!(dx, bits(&naive), "dx of {what}");

    let (naive, db_naive) = naive::weight_gradient(dz.view(), x.view());
    let (mut dw, mut db) = (Place::new(random, outs, ins), vec![f32::NAN; outs]);
    let dw = dw.written(|dw| weight_gradient(exec, dz.view(), x.view(), dw, &mut db));
    assert_eq!(dw, bits(&naive), "dw of {what}");
    assert_eq!(bits(&db), bits(&db_naive), "db of {what}");

    // It need not be said that all is finite.
    let finite = !spoiled && random.below(4) > 0;
    check_step(exec, [&w, &x, &dz], naive.as_slice(), finite, &what);
}

/// A step along the gradient `dw` of `dz` and `x`, from the weights `w`.
fn check_step(exec: &Exec, [w, x, dz]: [&Place; 3], dw: &[f32], finite: bool, what: &str) {
    let b = vec![0.5; dz.rows];
    let adam = Step::Adam(Adam::new(0.1, (0.9, 0.99), 1e-8, 0.1, true, 3));
    let start: Vec<f32> = w.view().iter().copied().collect();
    let run = |moving: &dyn for<'m> Fn(Moved<'m>)| {
        let (mut w, mut m, mut v) = (start.clone(), start.clone(), vec![0.1; start.len()]);
        moving(Moved { values: &mut w, moments: [&mut m, &mut v] });
        [w, m, v].map(|values| bits(&values))
    };
    let fused = run(&|w| {
        let (mut b, mut moments, mut db) = (b.clone(), [b.clone(), b.clone()], b.clone());
        let [first, second] = &mut moments;
        let b = Moved { values: &mut b, moments: [first, second] };
        let mut descents = Descents::new(exec);
        descents.add(dz.view(), x.view(), [adam; 2], [w, b], &mut db, finite);
        descents.run();
    });
    let apart = run(&|mut w| adam.apply(&Exec::serial(), &mut w, dw));
    assert!(fused == apart, "the step of {what}");
}

/// A block that was one row high and less than 32 columns wide took another block's lists for its own.
#[test]
fn a_last_piece_of_one_row_uses_no_lists_of_others() {
    let random = &mut Streams::new(3).at(Purpose::Demo, 0, 0);
    let [w, x, dz] = [(96, 129), (129, 20), (96, 20)].map(|(rows, cols)| {
        let values = (0..rows * cols).map(|_| random.uniform() + 0.5).collect();
        Place { values, offset: 0, rows, cols, step: rows }
    });
    let (dw, _) = naive::weight_gradient(dz.view(), x.view());
    for isa in Isa::available() {
        let exec = Exec::new(Some(isa), Some(1)).unwrap();
        let pieces =
            Plan { gradient: 2048, columns: 0, meet: true, list_work: usize::MAX, ..*exec.plan() };
        let exec = exec.planned(pieces);
        check_step(&exec, [&w, &x, &dz], dw.as_slice(), true, &format!("a single row, {exec:?}"));
    }
}

/// Shapes that need all the room there is for copies and lists, and sums of several blocks.
#[test]
fn processors_with_other_caches() {
    let random = &mut Streams::new(5).at(Purpose::Demo, 0, 0);
    for isa in Isa::available().into_iter().filter(|&isa| isa != Isa::Portable) {
        for (l1, l2) in [(32, 256), (32, 512), (32, 1024), (48, 1024), (48, 2048), (64, 65536)] {
            let caches = Caches { l1: l1 << 10, l2: l2 << 10 };
            let exec = Exec::new(Some(isa), Some(1)).unwrap().planned(caches.plan(isa));
            for shape in [[400, 40, 200], [520, 13, 1025], [50, 4200, 49], [9, 1200, 100]] {
                check_shape(&exec, random, shape);
            }
        }
    }
}

#[test]
fn random_shapes_strides_and_alignments() {
    let count: u32 = option_env!("MLP_SHAPES").map_or(1000, |count| count.parse().unwrap());
    let isas = Isa::available().into_iter().flat_map(|isa| [(isa, 1), (isa, 2), (isa, 3)]);
    let execs: Vec<Exec> =
        isas.map(|(isa, threads)| Exec::new(Some(isa), Some(threads)).unwrap()).collect();
    let streams = Streams::new(11);
    for i in 0..count {
        check(&execs, &mut streams.at(Purpose::Demo, 0, i));
    }
}
