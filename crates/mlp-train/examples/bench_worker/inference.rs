//! Inference: logits of one row, call by call, or of many rows in one call.

use crate::Round;
use crate::protocol::{Case, Report, Result};
use mlp_train::model::tensor::{Activation, Purpose, Streams};
use mlp_train::model::{Mode, NarrowNetwork, NetworkSpec};
use std::hint::black_box;
use std::time::Instant;

/// Rows that single calls take in turn.
const ROWS: usize = 64;

pub fn set_up(case: &Case) -> Result<(Round, String)> {
    let exec = case.exec()?;
    let (inputs, outputs) = (case.number("inputs")?, case.number("outputs")?);
    let rows: usize = case.number("rows")?;
    let spec = NetworkSpec::mlp(inputs, &case.numbers("hidden")?, Activation::Relu, 0.0, outputs);
    let network = spec.build()?;
    let streams = Streams::new(1);
    let params = network.init(&streams);
    let mut x = vec![0.0; inputs * if rows == 1 { ROWS } else { rows }];
    streams.at(Purpose::Demo, 0, 0).fill_uniform(&exec, 0.0, 1.0, &mut x);
    let mut work = network.workspace(rows);
    let note = exec.isa().name().to_string();
    let mut narrow = match case.word("weights") {
        Ok("16") => Some(NarrowNetwork::new(&network, &params.values)),
        _ => None,
    };
    let mut call = move |x: &[f32]| {
        let (x, mode) = (black_box(x), Mode::Infer);
        black_box(match &mut narrow {
            Some(narrow) => narrow.forward(&exec, x),
            None => network.forward(&exec, &params.values, x, rows, mode, &mut work),
        });
    };
    let mut micros = Vec::new();
    let round = move |units: u64| {
        micros.clear();
        let started = Instant::now();
        for (_, x) in (0..units).zip(x.chunks_exact(inputs * rows).cycle()) {
            let before = Instant::now();
            call(x);
            micros.push(before.elapsed().as_secs_f64() * 1e6);
        }
        let seconds = started.elapsed().as_secs_f64();
        micros.sort_by(f64::total_cmp);
        let at = |share: f64| micros[((micros.len() - 1) as f64 * share).round() as usize];
        let latency = (rows == 1).then(|| (at(0.5), at(0.99)));
        Ok(Report { seconds, examples: units * rows as u64, loss: None, latency })
    };
    Ok((Box::new(round), note))
}
