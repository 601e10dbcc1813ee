//! A training step allocates nothing after the first. A test binary of its own, since it counts the allocations of the
//! whole process.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]

mod common;

use common::{embedded, line, session, small};
use mlp_train::model::data::{Features, Plan, Split};
use mlp_train::model::tensor::{Activation, Exec};
use mlp_train::{Callback, Config, Flow, OptimizerKind, Prepared, Seen, Trainer, prepare};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations so far, by all threads.
fn allocations() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// Notes after each batch how many allocations there were before it. Has its room from the start.
struct Counter {
    counts: Vec<(u32, usize)>,
}

impl Callback for Counter {
    fn batch_end(&mut self, seen: Seen<'_>) -> Flow {
        assert!(self.counts.len() < self.counts.capacity(), "the counter itself would allocate");
        self.counts.push((seen.state.epoch, allocations()));
        Flow::Continue
    }
}

/// The most allocations between the ends of two batches of one epoch. What an epoch does at its end is no step; the
/// first step of all makes the buffers.
fn most(exec: &Exec, session: &Prepared) -> usize {
    let mut counter = Counter { counts: Vec::with_capacity(10_000) };
    let mut state = session.start();
    Trainer { exec, session }.run(&mut state, &mut [&mut counter]).unwrap();
    let pairs = counter.counts.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    let steps: Vec<usize> = pairs.map(|pair| pair[1].1 - pair[0].1).collect();
    assert!(steps.len() > 10, "only {} steps were watched", steps.len());
    steps.into_iter().max().unwrap()
}

/// Pictures that are changed, and features of them: read by each thread for itself, and by all together.
fn changed_pictures() {
    let digits = embedded("digits");
    let split = Split::new(&digits, 0.1, 0.0, 3).unwrap();
    let augment = "photo,digits,erase,noise".parse().unwrap();
    for threads in [1, 2, 3] {
        let exec = Exec::new(None, Some(threads)).unwrap();
        exec.for_each(threads, |_| std::thread::sleep(std::time::Duration::from_millis(20)));
        for (features, batch) in
            [(Features::Pixels, 128), (Features::Hog, 128), (Features::Hog, 16)]
        {
            let plan = Plan { features, ..Plan::default() };
            let config = Config { augment, hidden: vec![300], batch_size: Some(batch), ..small(2) };
            let session = prepare(&digits, &split, &plan, config).unwrap();
            assert_eq!(most(&exec, &session), 0, "{threads} threads, {features:?}, {batch}");
        }
    }
}

/// One test, so that no other allocates meanwhile.
#[test]
fn a_training_step_allocates_nothing() {
    let before = allocations();
    drop(std::hint::black_box(vec![0u8; 100]));
    assert!(allocations() > before, "allocations are not counted");

    changed_pictures();
    let (digits, line) = (embedded("digits"), line(400, 0.1));
    for threads in [1, 2, 3] {
        let exec = Exec::new(None, Some(threads)).unwrap();
        // Threads that are only now starting make their own buffers.
        exec.for_each(threads, |_| std::thread::sleep(std::time::Duration::from_millis(20)));
        for optimizer in [OptimizerKind::Sgd, OptimizerKind::AdamW] {
            for clip in [0.0, 0.5] {
                let wide = Config {
                    hidden: vec![300, 70],
                    activation: Activation::Gelu,
                    batch_size: Some(64),
                    optimizer,
                    clip,
                    ..small(2)
                };
                let narrow = Config { optimizer, clip, ..small(2) };
                for (data, config) in [(&digits, wide), (&line, narrow)] {
                    let what = format!("{threads} threads, {optimizer:?}, clip {clip}");
                    assert_eq!(most(&exec, &session(data, 0.1, config)), 0, "{what}");
                }
            }
        }
    }
}
