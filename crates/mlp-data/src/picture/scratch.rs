//! Bytes that are needed for one picture only, kept by each thread for its next: allocators give
//! such amounts back to the system, and what is asked of it again it clears page by page.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

/// Bytes kept of each piece, and pieces a thread, at most.
const KEPT: usize = 4 << 20;
const PIECES: usize = 8;

thread_local! {
    static FREE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// A piece of memory on loan.
#[derive(Debug)]
pub(super) struct Scratch {
    bytes: Vec<u8>,
    length: usize,
}

impl Scratch {
    /// So many bytes of any value, all of which are to be written before one is read.
    pub fn new(length: usize) -> Scratch {
        let mut bytes = FREE.with_borrow_mut(Vec::pop).unwrap_or_default();
        if bytes.len() < length {
            bytes.resize(length, 0);
        }
        Scratch { bytes, length }
    }
}

impl Deref for Scratch {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.length]
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        // A thread that ends keeps nothing.
        let _ = FREE.try_with(|free| {
            let mut free = free.borrow_mut();
            if bytes.len() <= KEPT && free.len() < PIECES {
                free.push(bytes);
            }
        });
    }
}
