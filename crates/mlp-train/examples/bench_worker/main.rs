//! The side of `cargo xtask bench` that runs this project: answers lines on standard input with lines of JSON.
//! What is asked and answered: `docs/benchmarks.md`. What is measured stands in one module a kind of case; which
//! cases there are, and who runs beside it, is known to xtask alone.

#![allow(
    clippy::print_stdout,
    missing_docs,
    reason = "a program that talks over its standard output"
)]

mod gemm;
mod inference;
mod protocol;
mod rounds;
mod train;

use mlp_train::model::tensor::Exec;
use protocol::{Asked, Case, Result};
use rounds::Round;
use std::process::ExitCode;

const VERSIONS: &str = concat!("mlp ", env!("CARGO_PKG_VERSION"));

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            protocol::refuse(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<()> {
    let mut round: Option<Round> = None;
    loop {
        match protocol::next()? {
            // A training goes on from round to round inside of the library's loop, to the end of the process.
            Asked::Case(case) if case.word("kind")? == "train" => return train::serve(&case),
            Asked::Case(case) => round = Some(set_up(&case)?),
            Asked::Go(units) => match &mut round {
                Some(round) => protocol::report(&round(units)?),
                None => return Err("a round was asked for before a case".into()),
            },
            Asked::Quit => return Ok(()),
        }
    }
}

fn set_up(case: &Case) -> Result<Round> {
    let (round, note) = match case.word("kind")? {
        "gemm" => gemm::set_up(case)?,
        "inference" => inference::set_up(case)?,
        other => return Err(format!("no kind of case is called `{other}`").into()),
    };
    protocol::ready(VERSIONS, &note);
    Ok(round)
}

/// The best instruction set on as many threads as the case asks for.
fn exec(case: &Case) -> Result<Exec> {
    Ok(Exec::new(None, Some(case.number("threads")?))?)
}
