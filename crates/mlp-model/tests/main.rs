//! The tests of this crate as one binary, so that what they share is compiled once. `memory.rs`, which
//! measures its whole process, is another.

mod common;
mod disk;
mod dropout;
mod explain;
mod file;
mod gradients;
mod init;
mod losses;
mod network;
mod predict;
