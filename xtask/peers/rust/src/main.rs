//! The side of `cargo xtask bench --rust-peers` that runs one peer, named by the first argument: answers lines on
//! standard input with lines of JSON. Protocol and clocks are this project's own worker's, so that they are the same;
//! how a peer is driven stands in its own module. The number of threads is in `RAYON_NUM_THREADS`, which both read;
//! each runs on a thread of candle's pool, which is made of as many.

mod burn;
mod candle;
mod data;
#[path = "../../../../crates/mlp-train/examples/bench_worker/protocol.rs"]
mod protocol;
#[path = "../../../../crates/mlp-train/examples/bench_worker/rounds.rs"]
mod rounds;

use protocol::{Asked, Case, Result};
use rounds::Round;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let peer = std::env::args().nth(1).unwrap_or_default();
    match candle_core::utils::with_threadpool(|| serve(&peer).map_err(|error| error.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            protocol::refuse(&error);
            ExitCode::FAILURE
        }
    }
}

fn serve(peer: &str) -> Result<()> {
    let mut round: Option<Round> = None;
    loop {
        match protocol::next()? {
            Asked::Case(case) => round = Some(set_up(peer, &case)?),
            Asked::Go(units) => match &mut round {
                Some(round) => protocol::report(&round(units)?),
                None => return Err("a round was asked for before a case".into()),
            },
            Asked::Quit => return Ok(()),
        }
    }
}

fn set_up(peer: &str, case: &Case) -> Result<Round> {
    let (package, (round, note)) = match (peer, case.word("kind")?) {
        ("burn", "gemm") => ("burn", burn::gemm(case)?),
        ("burn", "train") => ("burn", burn::train(case)?),
        ("burn", "inference") => ("burn", burn::inference(case)?),
        ("candle", "gemm") => ("candle-core", candle::gemm(case)?),
        ("candle", "train") => ("candle-core", candle::train(case)?),
        ("candle", "inference") => ("candle-core", candle::inference(case)?),
        (peer, kind) => return Err(format!("`{peer}` has no case of the kind `{kind}`").into()),
    };
    protocol::ready(&format!("{}, {}", version(package), version("gemm")), note);
    Ok(round)
}

/// `NAME VERSION`, as locked.
fn version(package: &str) -> String {
    let lock = include_str!("../Cargo.lock");
    let entry = lock.split_once(&format!("name = \"{package}\"\nversion = \""));
    let version = entry.and_then(|(_, rest)| rest.split('"').next());
    format!("{package} {}", version.unwrap_or_default())
}
