//! What a training will take, before it starts: memory from the number of parameters, time from a pass that is timed.

use super::Job;
use crate::output::{self, bytes, grouped};
use crate::progress::time;
use anyhow::bail;
use mlp_train::{Prepared, State};
use std::time::Instant;

/// Weights, gradient, the optimizer's two vectors, the best weights, and all but the gradient in a checkpoint.
const VECTORS: usize = 9;
/// A step takes so many times the time of a pass without gradient: two more products, and the optimizer.
const STEP: f64 = 3.3;
/// Below so many operations no machine takes long, and nothing is timed.
const SMALL: f64 = 2e10;
/// Seconds from which a training is worth a word.
const LONG: f64 = 10.0;
/// Rows of the pass that is timed.
const ROWS: usize = 512;

/// What a training will take.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// For all epochs that are left.
    pub seconds: f64,
    /// Beside the data.
    pub bytes: usize,
}

/// Refuses a network that surely does not fit: what the system has is asked for, and the memory of a training is
/// taken once and given back, since a program that runs out of it later is ended by the system without a word.
pub fn fits_memory(session: &Prepared) -> anyhow::Result<()> {
    let bytes = needed(session);
    let lacking = room().is_some_and(|room| room < bytes as u64);
    if lacking || Vec::<u8>::new().try_reserve_exact(bytes).is_err() {
        bail!(
            "a network of {} parameters takes {} of memory to train, which this machine does not give; make --hidden \
             smaller (or --size, for pictures)",
            grouped(session.network.parameters()),
            output::bytes(bytes)
        );
    }
    Ok(())
}

fn needed(session: &Prepared) -> usize {
    session.network.parameters().saturating_mul(4 * VECTORS)
}

/// Bytes that the system could give at most, where it says so: what is available and could be swapped out, or the
/// limit of its control group.
fn room() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let of = |word: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(word))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok()
    };
    let system = (of("MemAvailable:")? + of("SwapFree:").unwrap_or(0)) * 1024;
    let group = |file: &str| {
        let text = std::fs::read_to_string(format!("/sys/fs/cgroup/{file}")).ok()?;
        text.trim().parse::<u64>().ok()
    };
    let left = group("memory.max")
        .map(|limit| limit.saturating_sub(group("memory.current").unwrap_or_default()));
    Some(left.map_or(system, |left| left.min(system)))
}

impl Job<'_> {
    /// What the training will take; `None` where it is surely short, or not in steps.
    pub fn estimate(&self, state: &State) -> anyhow::Result<Option<Estimate>> {
        let session = &self.session;
        let (train, valid) = (session.train.len() as f64, session.valid.len() as f64);
        let epochs = session.config.epochs.unwrap_or(0).saturating_sub(state.epoch);
        let parameters = session.network.parameters() as f64;
        let passes = f64::from(epochs) * (train * STEP + valid);
        if session.is_exact() || passes * parameters * 2.0 < SMALL {
            return Ok(None);
        }
        let rows = &session.train[..ROWS.min(session.train.len())];
        // The first pass brings weights and rows to the caches.
        let mut seconds = f64::INFINITY;
        for _ in 0..2 {
            let start = Instant::now();
            session.score(&self.exec, state.values(), rows)?;
            seconds = seconds.min(start.elapsed().as_secs_f64());
        }
        let seconds = seconds / rows.len() as f64 * passes;
        Ok(Some(Estimate { seconds, bytes: needed(session) }))
    }
}

impl Estimate {
    /// In a line, if it is worth one.
    pub fn line(&self) -> Option<String> {
        let memory = bytes(self.bytes);
        let worth = self.seconds >= LONG;
        worth.then(|| {
            format!("about {} for all epochs, {memory} beside the data", time(self.seconds))
        })
    }
}
