//! Values of a column: in memory, or in a file that is mapped.

use mlp_tensor::{Mapped, Plain};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Values of a column, as a slice. They are shared: a clone costs nothing.
#[derive(Clone)]
pub struct Values<T>(Store<T>);

/// Bytes of pictures.
pub type Bytes = Values<u8>;

#[derive(Clone)]
enum Store<T> {
    Memory(Arc<Vec<T>>),
    Mapped(Arc<Mapped>),
}

impl<T: Plain> Values<T> {
    /// All numbers of a file.
    pub(crate) fn mapped(file: Mapped) -> Values<T> {
        Values(Store::Mapped(Arc::new(file)))
    }
    /// The file they stand in, if they are not in memory.
    pub(crate) fn file(&self) -> Option<&Mapped> {
        match &self.0 {
            Store::Memory(_) => None,
            Store::Mapped(file) => Some(file),
        }
    }
    /// Says that they are not needed for a while: those of a file stop counting as memory in use.
    pub fn forget(&self) {
        if let Some(file) = self.file() {
            file.forget();
        }
    }
    /// Those of the given rows, in the order given. Of a few here and there each brings pages of a
    /// file to memory, which are let go on the way.
    pub(crate) fn pick(&self, rows: &[usize]) -> Values<T> {
        const FEW: usize = 512;
        if self.file().is_none() || rows.len() > self.len() / 8 {
            return rows.iter().map(|&r| self[r]).collect();
        }
        let mut picked = Vec::with_capacity(rows.len());
        for some in rows.chunks(FEW) {
            picked.extend(some.iter().map(|&r| self[r]));
            self.forget();
        }
        picked.into()
    }
    /// As a vector, without a copy if they are in memory and not shared.
    pub fn into_vec(self) -> Vec<T> {
        match self.0 {
            Store::Memory(values) => Arc::try_unwrap(values).unwrap_or_else(|v| (*v).clone()),
            Store::Mapped(file) => file.as_slice().to_vec(),
        }
    }
    /// Notes that a part somewhere was read; see [`Mapped::note_read`].
    pub(crate) fn note_read(&self, count: usize) {
        if let Some(file) = self.file() {
            file.note_read(count * size_of::<T>());
        }
    }
    /// Puts others after its own: in place if they are in memory and not shared, else in a copy.
    pub(crate) fn append(&mut self, others: Values<T>) {
        if self.is_empty() {
            // None of its own: theirs need no copy.
            *self = others;
            return;
        }
        if self.file().is_some() {
            *self = self.to_vec().into();
        }
        if let Store::Memory(mine) = &mut self.0 {
            Arc::make_mut(mine).extend_from_slice(&others);
        }
    }
}

impl<T: Plain> Deref for Values<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        match &self.0 {
            Store::Memory(values) => values,
            Store::Mapped(file) => file.as_slice(),
        }
    }
}

impl<'a, T: Plain> IntoIterator for &'a Values<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> Default for Values<T> {
    fn default() -> Values<T> {
        Vec::new().into()
    }
}

impl<T> From<Vec<T>> for Values<T> {
    fn from(values: Vec<T>) -> Values<T> {
        Values(Store::Memory(Arc::new(values)))
    }
}

impl<T> FromIterator<T> for Values<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Values<T> {
        Vec::from_iter(values).into()
    }
}

impl<T: Plain + PartialEq> PartialEq for Values<T> {
    fn eq(&self, other: &Values<T>) -> bool {
        **self == **other
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for Values<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
