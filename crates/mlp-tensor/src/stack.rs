//! Matrices of one batch, an example a column in each, cut into the same ranges of examples for
//! several threads.

// Parts of different threads share buffers, of which they use different columns.
#![allow(unsafe_code)]

use crate::exec::Shared;
use crate::matrix::{view, view_mut};
use crate::tuning::padded;
use crate::{Exec, MatrixView, MatrixViewMut, Values};
use std::marker::PhantomData;
use std::ops::Range;
use std::ptr::NonNull;

/// Matrices with an example a column, for batches up to a size. A matrix is made when it is first
/// asked for and kept from batch to batch.
#[derive(Debug)]
pub struct Stack {
    capacity: usize,
    sheets: Vec<Sheet>,
}

/// One matrix.
#[derive(Debug)]
struct Sheet {
    rows: usize,
    /// From one column to the next.
    step: usize,
    values: Values,
}

impl Stack {
    /// Matrices of the given heights for up to `capacity` examples. Where a height comes with
    /// `true` its columns follow one another without gaps; else they may lie further apart, as is
    /// best for the caches.
    pub fn new(capacity: usize, heights: impl IntoIterator<Item = (usize, bool)>) -> Stack {
        let sheet = |(rows, dense)| {
            let step = if dense { rows } else { padded(rows) };
            Sheet { rows, step, values: Values::default() }
        };
        Stack { capacity, sheets: heights.into_iter().map(sheet).collect() }
    }

    /// The largest batch.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Makes room for matrix `i`; what is there already stays.
    pub fn make(&mut self, i: usize) {
        let (capacity, sheet) = (self.capacity, &mut self.sheets[i]);
        sheet.values.resize(sheet.step * capacity);
    }

    /// The first `count` columns of matrix `i`.
    ///
    /// # Panics
    /// If they were not made.
    pub fn view(&self, i: usize, count: usize) -> MatrixView<'_> {
        let sheet = &self.sheets[i];
        view(&sheet.values, sheet.rows, count, sheet.step)
    }

    /// The first `count` columns of matrix `i`, to be written.
    ///
    /// # Panics
    /// If they were not made.
    pub fn view_mut(&mut self, i: usize, count: usize) -> MatrixViewMut<'_> {
        let sheet = &mut self.sheets[i];
        view_mut(&mut sheet.values, sheet.rows, count, sheet.step)
    }

    /// The values of the first `count` columns of matrix `i`, with what lies between them.
    ///
    /// # Panics
    /// If they were not made.
    pub fn values(&self, i: usize, count: usize) -> &[f32] {
        &self.sheets[i].values[..self.sheets[i].step * count]
    }

    /// Two matrices at once: the values of the first `count` columns, with what lies between them.
    ///
    /// # Panics
    /// If the two are the same, or were not made.
    pub fn pair(&mut self, read: usize, written: usize, count: usize) -> (&[f32], &mut [f32]) {
        let Ok([read, written]) = self.sheets.get_disjoint_mut([read, written]) else {
            panic!("matrices {read} and {written} are the same, or there are not so many")
        };
        (&read.values[..read.step * count], &mut written.values[..written.step * count])
    }

    /// Cuts the first `count` columns into ranges of `width` and runs `work` on each.
    ///
    /// # Panics
    /// If there are fewer columns than `count`.
    pub fn for_each_part(
        &mut self,
        exec: &Exec,
        count: usize,
        width: usize,
        work: impl Fn(&mut Part<'_>) + Sync,
    ) {
        assert!(count <= self.capacity, "a batch of {count} in a workspace for {}", self.capacity);
        let (sheets, of, width) =
            (Shared(self.sheets.as_mut_ptr()), self.sheets.len(), width.max(1));
        exec.for_each(count.div_ceil(width), |i| {
            // No two `i` share a column.
            let range = i * width..count.min((i + 1) * width);
            work(&mut Part { sheets, of, range, stack: PhantomData });
        });
    }
}

/// A range of the examples of a [`Stack`], in use by one thread.
#[derive(Debug)]
pub struct Part<'a> {
    sheets: Shared<Sheet>,
    of: usize,
    range: Range<usize>,
    stack: PhantomData<&'a mut Stack>,
}

impl Part<'_> {
    /// The examples.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Matrix `i`.
    ///
    /// # Panics
    /// If it was not made.
    pub fn view(&self, i: usize) -> MatrixView<'_> {
        let (values, rows, step) = self.place(i);
        // SAFETY: `place` gives columns that are in use by this part alone, and `self` is borrowed.
        let values = unsafe { values.as_ref() };
        view(values, rows, self.range.len(), step)
    }

    /// Several matrices at once, to be written.
    ///
    /// # Panics
    /// If two are the same, or one was not made.
    pub fn split<const N: usize>(&mut self, which: [usize; N]) -> [MatrixViewMut<'_>; N] {
        self.split_some(which.map(Some)).map(|matrix| matrix.expect("every one was asked for"))
    }

    /// As [`Part::split`], with nothing where nothing is asked for.
    ///
    /// # Panics
    /// If two are the same, or one was not made.
    pub fn split_some<const N: usize>(
        &mut self,
        which: [Option<usize>; N],
    ) -> [Option<MatrixViewMut<'_>>; N] {
        for (n, i) in which.iter().enumerate() {
            assert!(i.is_none() || !which[..n].contains(i), "matrix {i:?} is asked for twice");
        }
        let mut views = [const { None }; N];
        for (view, i) in views.iter_mut().zip(which) {
            let Some(i) = i else { continue };
            let (mut values, rows, step) = self.place(i);
            // SAFETY: `place` gives columns that are in use by this part alone, `self` is borrowed,
            // and no two of these matrices are the same.
            *view = Some(view_mut(unsafe { values.as_mut() }, rows, self.range.len(), step));
        }
        views
    }

    /// What a layer's forward pass takes: a matrix to be read, where it is here, one to be written,
    /// and perhaps another. As [`Part::split_some`] gives them, but not through arrays, which cost
    /// small networks a tenth of their time.
    ///
    /// # Panics
    /// If two are the same, or one was not made.
    #[inline(always)]
    pub fn layer(
        &mut self,
        x: Option<usize>,
        y: usize,
        cache: Option<usize>,
    ) -> (Option<MatrixView<'_>>, MatrixViewMut<'_>, Option<MatrixViewMut<'_>>) {
        assert!(
            x != Some(y) && cache != Some(y) && (x.is_none() || x != cache),
            "one matrix twice"
        );
        let count = self.range.len();
        // SAFETY: as in `split_some`.
        unsafe {
            let x = x.map(|i| {
                let (values, rows, step) = self.place(i);
                view(values.as_ref(), rows, count, step)
            });
            let cache = cache.map(|i| {
                let (mut values, rows, step) = self.place(i);
                view_mut(values.as_mut(), rows, count, step)
            });
            let (mut values, rows, step) = self.place(y);
            (x, view_mut(values.as_mut(), rows, count, step), cache)
        }
    }

    /// The values of several matrices at once, with what lies between their columns.
    ///
    /// # Panics
    /// If two are the same, or one was not made.
    pub fn values<const N: usize>(&mut self, which: [usize; N]) -> [&mut [f32]; N] {
        for (n, i) in which.iter().enumerate() {
            assert!(!which[..n].contains(i), "matrix {i} is asked for twice");
        }
        which.map(|i| {
            let (mut values, ..) = self.place(i);
            // SAFETY: as in `split_some`.
            unsafe { values.as_mut() }
        })
    }

    /// The columns of matrix `i` in this part, its height and the step between them.
    #[inline(always)]
    fn place(&self, i: usize) -> (NonNull<[f32]>, usize, usize) {
        assert!(i < self.of, "there is no matrix {i}");
        // SAFETY: the stack is borrowed for as long as there are parts, and nobody changes a sheet;
        // only the place of its values is read here.
        let sheet = unsafe { &*self.sheets.get().add(i) };
        let (from, to) = (self.range.start * sheet.step, self.range.end * sheet.step);
        let (values, len) = sheet.values.place();
        assert!(to <= len, "matrix {i} was not made");
        // SAFETY: just checked.
        let from = unsafe { NonNull::new_unchecked(values.add(from)) };
        (
            NonNull::slice_from_raw_parts(from, to - self.range.start * sheet.step),
            sheet.rows,
            sheet.step,
        )
    }
}
