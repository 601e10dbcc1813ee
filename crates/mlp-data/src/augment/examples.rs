//! Training rows as they are seen in an epoch: [`Encoded`], its pictures changed.

use super::{Augment, Room};
use crate::{DataError, Encoded, Examples, Targets};
use mlp_tensor::{Exec, MatrixViewMut, Streams};
use std::sync::{Mutex, MutexGuard, OnceLock};

/// The rows of `encoded` with their pictures changed: a function of seed, epoch and row.
#[derive(Clone, Copy, Debug)]
pub struct Augmented<'a> {
    /// The rows.
    pub encoded: &'a Encoded,
    /// The changes.
    pub augment: &'a Augment,
    /// Of the training's seed.
    pub streams: Streams,
    /// Counted from 0.
    pub epoch: u32,
    /// At least one a thread that reads.
    pub rooms: &'a Rooms,
}

/// Buffers for several threads.
#[derive(Debug)]
pub struct Rooms(Vec<Mutex<Room>>);

impl Rooms {
    /// One for each thread of `exec`, large enough for the pictures of `encoded`: reading them
    /// allocates nothing.
    pub fn new(exec: &Exec, encoded: &Encoded) -> Rooms {
        let mut room = Room::default();
        if let Some(pixels) = encoded.pixels.as_ref().filter(|_| encoded.rows > 0) {
            let first = pixels.picture(0);
            room.picture.resize(first.len(), 0);
            let mut example = vec![0.0; encoded.width()];
            let dense = encoded.dense.width();
            pixels.write(exec, first, &mut room.features, dense, &mut example);
        }
        // A clone has no more capacity than it needs, which is what every picture needs.
        Rooms((0..exec.threads()).map(|_| Mutex::new(room.clone())).collect())
    }

    /// One that no other thread uses; waits only where there are more threads than rooms.
    fn free(&self) -> Option<MutexGuard<'_, Room>> {
        let free = self.0.iter().find_map(|room| room.try_lock().ok());
        // A room left by a thread that panicked is as good as any: it is overwritten.
        free.or_else(|| self.0.first().map(|room| room.lock().unwrap_or_else(|e| e.into_inner())))
    }
}

impl Examples for Augmented<'_> {
    fn len(&self) -> usize {
        self.encoded.len()
    }
    fn width(&self) -> usize {
        self.encoded.width()
    }
    fn inputs(&self, exec: &Exec, rows: &[usize], x: MatrixViewMut<'_>) -> Result<(), DataError> {
        let Some(pixels) = &self.encoded.pixels else { return self.encoded.inputs(exec, rows, x) };
        self.encoded.check(rows)?;
        let (dense, failed) = (self.encoded.dense.width(), OnceLock::new());
        exec.for_each_column(x, |i, example| {
            let (Some(&row), Some(mut room)) = (rows.get(i), self.rooms.free()) else { return };
            let room = &mut *room;
            if let Err(error) = self.encoded.numbers(row, example) {
                // One error is enough; which of several is the first depends on the threads.
                let _ = failed.set(error);
                return;
            }
            let (original, place) = (pixels.picture(row), (self.epoch, row));
            self.augment.picture(&self.streams, place, pixels.shape, original, room);
            let Room { picture, features, .. } = room;
            pixels.write(exec, picture, features, dense, example);
        });
        failed.into_inner().map_or(Ok(()), Err)
    }
    fn expect(&self, exec: &Exec, rows: &[usize]) {
        self.encoded.expect(exec, rows);
    }
    fn targets(&self, rows: &[usize], into: &mut Targets) -> Result<(), DataError> {
        self.encoded.targets(rows, into)
    }
}
