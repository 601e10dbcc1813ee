//! Values that begin at a cache line.

// A slice of lines is a slice of values.
#![allow(unsafe_code)]

use crate::kernel::pack::Line;
use crate::tuning::LINE;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A vector of `f32` that begins at a cache line, so that a vector of a processor's does not straddle two:
/// what a network is trained and run with. Used as a slice; made from one, it is a copy.
///
/// ```
/// use mlp_tensor::Values;
///
/// let mut values = Values::from(vec![1.0, 2.0, 3.0]);
/// values[1] = 5.0;
/// assert_eq!(*values, [1.0, 5.0, 3.0]);
/// assert_eq!(values.as_ptr() as usize % 64, 0);
/// ```
#[derive(Clone, Default)]
pub struct Values {
    lines: Vec<Line>,
    len: usize,
}

impl Values {
    /// So many zeros.
    pub fn zeros(len: usize) -> Values {
        Values { lines: vec![Line([0.0; LINE]); len.div_ceil(LINE)], len }
    }

    /// Where they are and how many, without a reference to any: another thread may write some.
    pub(crate) fn place(&self) -> (*mut f32, usize) {
        (self.lines.as_ptr().cast_mut().cast(), self.len)
    }

    /// Makes it longer by zeros, or shorter.
    pub fn resize(&mut self, len: usize) {
        let before = self.len.min(len);
        self.lines.resize(len.div_ceil(LINE), Line([0.0; LINE]));
        self.len = len;
        // What it had in its last line.
        let end = len.min(before.next_multiple_of(LINE));
        self[before..end].fill(0.0);
    }
}

impl Deref for Values {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        // SAFETY: a line is `LINE` values without gaps, and there are as many lines as `len` values need.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl DerefMut for Values {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above; the lines are borrowed with `self`.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

impl From<&[f32]> for Values {
    fn from(values: &[f32]) -> Values {
        let mut all = Values::zeros(values.len());
        all.copy_from_slice(values);
        all
    }
}

impl From<Vec<f32>> for Values {
    fn from(values: Vec<f32>) -> Values {
        Values::from(values.as_slice())
    }
}

impl<'a> IntoIterator for &'a Values {
    type Item = &'a f32;
    type IntoIter = std::slice::Iter<'a, f32>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Values) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_grow_by_zeros_and_begin_at_a_line() {
        for (from, to) in [(0, 0), (0, 5), (5, 40), (40, 5), (16, 17), (33, 0), (20, 30)] {
            let mut values = Values::from(vec![1.0; from]);
            values.resize(to);
            assert_eq!(values.len(), to);
            assert_eq!(values.as_ptr() as usize % 64, 0);
            let kept = from.min(to);
            assert!(values[..kept].iter().all(|&v| v == 1.0));
            assert!(values[kept..].iter().all(|&v| v == 0.0), "{from} to {to}: {values:?}");
            values.resize(3);
            values.resize(to.max(20));
            assert!(values[3..].iter().all(|&v| v == 0.0), "{from} to {to}: {values:?}");
            assert_eq!(values.clone(), values);
        }
    }
}
