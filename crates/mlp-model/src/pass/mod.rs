//! Running a network: forward, backward, and what becomes of the gradient.
//!
//! A pass cuts the batch into parts, one a thread, and takes each part through all layers, forward
//! and back, without waiting for the others; only the gradient of the parameters, a sum over the
//! whole batch, is cut another way. Examples do not depend on one another, so the cuts have no
//! influence on a bit.

mod part;

use crate::layer::{Descent, Mode, Sink};
use crate::{ModelError, Network};
use mlp_data::{DataError, Examples};
use mlp_tensor::{Descents, Exec, MatrixView, Part, Stack, Streams};
use part::{Run, Sheet, read};
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Buffers of a pass, for batches up to a size. They are made by the first pass that needs them and
/// reused from batch to batch: after the first training step a step allocates nothing here.
///
/// It also remembers the last forward pass, so that a backward pass is always that of the same
/// layers, examples and dropout masks.
#[derive(Debug)]
pub struct Workspace {
    /// The matrices of [`Sheet`].
    stack: Stack,
    /// Examples in the last forward pass.
    count: usize,
    /// Streams and step of the last forward pass, where it trained.
    trained: Option<(Streams, u32)>,
    /// Layers that ran in the last forward pass, in order: those that did not pass through.
    ran: Vec<usize>,
    /// For each matrix the bits of the largest size of a value in the last pass that measured it.
    largest: Vec<AtomicU32>,
}

impl Workspace {
    /// Where the inputs of a layer are, by its position among those that ran.
    fn input_of(&self, position: usize) -> Sheet {
        position.checked_sub(1).map_or(Sheet::Input, |p| Sheet::Output(self.ran[p]))
    }
}

/// The rows of a training step.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    /// What they are rows of.
    pub examples: &'a dyn Examples,
    /// Those of this step.
    pub rows: &'a [usize],
    /// Those of the next, which are fetched meanwhile; may be empty.
    pub next: &'a [usize],
}

/// The least examples of a part, and the most: so many keep the tiles of the products full, and so
/// few their values in a cache.
const PART: Range<usize> = 32..256;
/// With so many parameters a part has at least twice the least examples: every thread reads all of the
/// parameters for its part, from beyond the second level.
const LARGE: usize = 1 << 20;
/// Multiply-adds worth a part of its own.
const WORK: usize = 1 << 17;

impl Network {
    /// Buffers for batches of up to `capacity` examples.
    pub fn workspace(&self, capacity: usize) -> Workspace {
        let dense = |rows: usize| (rows, rows == self.outputs());
        let sheets = self
            .layers()
            .iter()
            .map(|layer| layer.shape())
            .flat_map(|shape| [dense(shape.outputs), dense(shape.cache), dense(shape.outputs)]);
        let stack = Stack::new(capacity, std::iter::once((self.inputs(), false)).chain(sheets));
        let layers = self.layers().len();
        let largest = (0..=3 * layers).map(|_| AtomicU32::new(0)).collect();
        Workspace { stack, count: 0, trained: None, ran: Vec::with_capacity(layers), largest }
    }

    /// The logits of `count` examples, `outputs × count`; `x` begins with `inputs × count` values.
    ///
    /// # Panics
    /// If `count` is more than the workspace was made for, or `x` or `params` are too short.
    pub fn forward<'w>(
        &self,
        exec: &Exec,
        params: &[f32],
        x: &[f32],
        count: usize,
        mode: Mode<'_>,
        work: &'w mut Workspace,
    ) -> &'w [f32] {
        let x = MatrixView::from_slice(&x[..self.inputs() * count], self.inputs(), count);
        self.begin(mode, count, work);
        if let Mode::Train(..) = mode {
            // The gradient of the first layer needs it.
            work.stack.make(Sheet::Input.place());
            work.stack.view_mut(Sheet::Input.place(), count).copy_from(&x);
        }
        let ran = &work.ran;
        self.parts(exec, &mut work.stack, count, |exec, part| {
            Run { network: self, exec, params, mode, ran }.forward(part, Some(&x));
        });
        self.logits_of(work)
    }

    /// The logits of some rows, `outputs × rows.len()`; every thread reads those it works on.
    ///
    /// # Errors
    /// If a row cannot be read.
    ///
    /// # Panics
    /// If there are more rows than the workspace was made for, or `params` are too short.
    pub fn forward_rows<'w>(
        &self,
        exec: &Exec,
        params: &[f32],
        examples: &dyn Examples,
        rows: &[usize],
        mode: Mode<'_>,
        work: &'w mut Workspace,
    ) -> Result<&'w [f32], ModelError> {
        self.begin(mode, rows.len(), work);
        work.stack.make(Sheet::Input.place());
        let (ran, failed) = (&work.ran, OnceLock::new());
        self.parts(exec, &mut work.stack, rows.len(), |exec, part| {
            if read(exec, examples, rows, part, &failed) {
                Run { network: self, exec, params, mode, ran }.forward(part, None);
            }
        });
        failed.into_inner().map_or(Ok(()), Err)?;
        Ok(self.logits_of(work))
    }

    /// A training pass over some rows up to the gradient by the outputs of every layer, which
    /// [`Network::gradient`] and [`Network::descend`] take further: every thread reads the rows it
    /// works on and takes them forward, through `loss` and back. `loss` is given the place of a part
    /// in the batch, its logits and room for their gradient.
    ///
    /// # Errors
    /// If a row cannot be read.
    ///
    /// # Panics
    /// If there are more rows than the workspace was made for, or `params` are too short.
    pub fn train_rows(
        &self,
        exec: &Exec,
        params: &[f32],
        Batch { examples, rows, next }: Batch<'_>,
        (streams, step): (&Streams, u32),
        work: &mut Workspace,
        loss: impl Fn(Range<usize>, &[f32], &mut [f32]) + Sync,
    ) -> Result<(), DataError> {
        let mode = Mode::Train(streams, step);
        self.begin(mode, rows.len(), work);
        self.prepare_backward(work);
        work.stack.make(Sheet::Input.place());
        let Workspace { stack, ran, largest, .. } = work;
        let failed = OnceLock::new();
        let Some(&last) = ran.last() else { return Ok(()) };
        self.parts(exec, stack, rows.len(), |exec, part| {
            if !read(exec, examples, rows, part, &failed) {
                return;
            }
            let end = part.range().end.min(next.len());
            examples.expect(exec, &next[part.range().start.min(end)..end]);
            let run = Run { network: self, exec, params, mode, ran };
            run.forward(part, None);
            let range = part.range();
            // As high as the outputs, and so without gaps.
            let [z, dz] =
                part.values([Sheet::Output(last), Sheet::Gradient(last)].map(Sheet::place));
            loss(range, z, dz);
            run.backward(part);
            run.measure(part, largest);
        });
        failed.into_inner().map_or(Ok(()), Err)
    }

    /// What a layer put out in the last forward pass, `outputs × count`. For a layer that passed
    /// its input through, that input; nothing where this is the input of the network.
    pub fn output<'w>(&self, layer: usize, work: &'w Workspace) -> Option<MatrixView<'w>> {
        let ran = work.ran.iter().rev().find(|&&l| l <= layer);
        ran.map(|&l| work.stack.view(Sheet::Output(l).place(), work.count))
    }

    /// After a forward pass: its logits, and room for the gradient of the logits, which must be
    /// filled before [`Network::backward`]. Both `outputs × count`.
    pub fn logits_and_gradient<'w>(&self, work: &'w mut Workspace) -> (&'w [f32], &'w mut [f32]) {
        self.prepare_backward(work);
        let Some(&last) = work.ran.last() else { return (&[], &mut []) };
        work.stack.pair(Sheet::Output(last).place(), Sheet::Gradient(last).place(), work.count)
    }

    /// The gradient of every parameter, written to `grad`, for the last forward pass of `work`,
    /// from the gradient of its logits. `params` must be those of that pass.
    ///
    /// # Panics
    /// If the last forward pass did not train, or a slice is too short.
    pub fn backward(&self, exec: &Exec, params: &[f32], work: &mut Workspace, grad: &mut [f32]) {
        let Some((streams, step)) = work.trained else {
            panic!("a backward pass needs a forward pass in training mode before it")
        };
        let (ran, count) = (&work.ran, work.count);
        self.parts(exec, &mut work.stack, count, |exec, part| {
            let mode = Mode::Train(&streams, step);
            Run { network: self, exec, params, mode, ran }.backward(part);
        });
        self.gradient(exec, work, grad);
    }

    /// After [`Network::train_rows`]: the gradient of every parameter.
    pub fn gradient(&self, exec: &Exec, work: &Workspace, grad: &mut [f32]) {
        self.each_gradient(work, |index, x, dy| {
            let gradient = &mut grad[self.range(index)];
            self.layers()[index].gradient(exec, x, dy, Sink::Gradient(gradient));
        });
    }

    /// After [`Network::train_rows`]: moves every parameter along its gradient, to the bit
    /// what [`Network::gradient`] and the step do one after the other. `descent` is over all
    /// parameters; of its room for the gradient only that of biases is written.
    ///
    /// # Panics
    /// If parameters, moments that the step uses or the room have not one value a parameter.
    pub fn descend<'a>(&self, exec: &'a Exec, work: &'a Workspace, descent: Descent<'a>) {
        let Descent { steps, mut params, mut gradient, finite } = descent;
        let mut descents = Descents::new(exec);
        self.each_gradient(work, |index, x, dy| {
            let from = self.range(index).start;
            let (before, gradient_of) = std::mem::take(&mut gradient).split_at_mut(from);
            gradient = before;
            let params = params.split_off(from);
            let part = Descent { steps, params, gradient: gradient_of, finite };
            self.layers()[index].gradient(exec, x, dy, Sink::Descent(part, &mut descents));
        });
        descents.run();
    }

    /// After [`Network::train_rows`]: a bound on the size of every element of the gradient that is
    /// yet to be summed; infinite unless every factor is a finite number. It costs next to nothing.
    pub fn gradient_bound(&self, work: &Workspace) -> f64 {
        let largest = |sheet: Sheet| {
            let bits = work.largest[sheet.place()].load(Ordering::Relaxed);
            f64::from(f32::from_bits(bits))
        };
        let first = self.first_with_parameters(&work.ran);
        let mut bound = 0.0f64;
        for (position, &index) in work.ran.iter().enumerate().skip(first) {
            // Biases have the input 1.
            let x = largest(work.input_of(position)).max(1.0);
            let sum = work.count as f64 * x * largest(Sheet::Gradient(index));
            if sum.is_nan() {
                // Infinity times zero.
                return f64::INFINITY;
            }
            bound = bound.max(sum);
        }
        bound
    }

    /// Every layer with parameters that ran, with its inputs and the gradient by its outputs, from
    /// the last to the first.
    fn each_gradient<'w>(
        &self,
        work: &'w Workspace,
        mut each: impl FnMut(usize, MatrixView<'w>, MatrixView<'w>),
    ) {
        let first = self.first_with_parameters(&work.ran);
        for (position, &index) in work.ran.iter().enumerate().skip(first).rev() {
            let before = work.input_of(position);
            let view = |sheet: Sheet| work.stack.view(sheet.place(), work.count);
            each(index, view(before), view(Sheet::Gradient(index)));
        }
    }

    /// The position among the layers that ran below which no gradient is wanted.
    pub(crate) fn first_with_parameters(&self, ran: &[usize]) -> usize {
        ran.iter().position(|&l| !self.range(l).is_empty()).unwrap_or(ran.len())
    }

    /// Notes which layers will run, and makes room for what they put out.
    fn begin(&self, mode: Mode<'_>, count: usize, work: &mut Workspace) {
        let capacity = work.stack.capacity();
        assert!(count <= capacity, "a batch of {count} in a workspace for {capacity}");
        work.ran.clear();
        for (index, layer) in self.layers().iter().enumerate() {
            if !layer.passes_through(mode) {
                work.ran.push(index);
                work.stack.make(Sheet::Output(index).place());
                if let Mode::Train(..) = mode {
                    work.stack.make(Sheet::Cache(index).place());
                }
            }
        }
        work.largest.iter_mut().for_each(|bits| *bits.get_mut() = 0);
        work.count = count;
        work.trained = match mode {
            Mode::Infer => None,
            Mode::Train(streams, step) => Some((*streams, step)),
        };
    }

    /// Makes room for the gradients of the layers that ran.
    fn prepare_backward(&self, work: &mut Workspace) {
        for &index in &work.ran {
            work.stack.make(Sheet::Gradient(index).place());
        }
    }

    /// Cuts a batch into parts and runs `work` on each. A batch that is large enough gives every
    /// thread a part, which it works on alone; else its products are cut among the threads.
    fn parts(
        &self,
        exec: &Exec,
        stack: &mut Stack,
        count: usize,
        work: impl Fn(&Exec, &mut Part<'_>) + Sync,
    ) {
        let threads = exec.threads();
        let least = if self.parameters() < LARGE { PART.start } else { 2 * PART.start };
        let enough =
            count >= least * threads && count.saturating_mul(self.parameters()) >= WORK * threads;
        if threads == 1 || !enough {
            stack.for_each_part(&exec.alone(), count, PART.end, |part| work(exec, part));
        } else {
            let width = count.div_ceil(threads).next_multiple_of(4).min(PART.end);
            let alone = exec.alone();
            stack.for_each_part(exec, count, width, |part| work(&alone, part));
        }
    }

    fn logits_of<'w>(&self, work: &'w Workspace) -> &'w [f32] {
        work.ran.last().map_or(&[], |&l| work.stack.values(Sheet::Output(l).place(), work.count))
    }
}
