//! Reading hostile files takes memory bounded by their size. A test binary of its own, since it
//! measures the whole process.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]
#![cfg(target_os = "linux")]

mod common;

use common::models::golden;
use mlp_model::Model;
use mlp_model::container::{self, Section};

/// The most address space the process ever had, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmPeak:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[test]
fn lengths_that_lie_take_no_memory() {
    let file = golden().to_bytes().unwrap();
    let sections = container::read(&file).unwrap();
    let (meta, weights) = (sections.get("meta").unwrap().0, sections.get("weights").unwrap().0);
    let before = peak();
    let mut refused = 0;
    for length in [1u64 << 24, 1 << 28, 1 << 33, 1 << 45, u64::MAX] {
        for at in 0..meta.len() - 8 {
            let mut meta = meta.to_vec();
            meta[at..at + 8].copy_from_slice(&length.to_le_bytes());
            let forged = container::write(&[
                Section { tag: "meta", bytes: &meta },
                Section { tag: "weights", bytes: weights },
            ]);
            refused += usize::from(Model::from_bytes(&forged).is_err());
        }
    }
    assert!(refused > meta.len(), "only {refused} refused");
    let grown = peak() - before;
    assert!(grown < 16 << 20, "{grown} bytes for files of {}", file.len());
}
