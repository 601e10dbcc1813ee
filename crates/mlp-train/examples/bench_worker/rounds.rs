//! Clocks around rounds of products and of inference: the same for this project and for the peers written in Rust.

use crate::protocol::{Report, Result};
use std::time::Instant;

/// Runs one round of so many units: epochs, products or calls.
pub type Round = Box<dyn FnMut(u64) -> Result<Report>>;

/// Rows that single calls take in turn.
pub const ROWS: usize = 64;

/// Rounds of products, of which `product` computes one.
pub fn products(mut product: impl FnMut() -> Result<()> + 'static) -> Round {
    Box::new(move |units| {
        let started = Instant::now();
        for _ in 0..units {
            product()?;
        }
        let seconds = started.elapsed().as_secs_f64();
        Ok(Report { seconds, examples: units, loss: None, latency: None })
    })
}

/// Rounds of inference: `call` computes the logits of one of the inputs, each of so many rows.
pub fn calls<T: 'static>(
    rows: usize,
    inputs: Vec<T>,
    mut call: impl FnMut(&T) -> Result<()> + 'static,
) -> Round {
    let mut micros = Vec::new();
    Box::new(move |units| {
        micros.clear();
        let started = Instant::now();
        for (_, x) in (0..units).zip(inputs.iter().cycle()) {
            let before = Instant::now();
            call(x)?;
            micros.push(before.elapsed().as_secs_f64() * 1e6);
        }
        let seconds = started.elapsed().as_secs_f64();
        micros.sort_by(f64::total_cmp);
        let at = |share: f64| micros[((micros.len() - 1) as f64 * share).round() as usize];
        let latency = (rows == 1).then(|| (at(0.5), at(0.99)));
        Ok(Report { seconds, examples: units * rows as u64, loss: None, latency })
    })
}
