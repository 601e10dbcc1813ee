//! The side of `cargo xtask bench ingest` that runs this project: reads a folder of pictures, or a
//! table, into memory, as often as a round asks for. Answers lines on standard input with lines of
//! JSON, as `docs/benchmarks.md` says; which cases there are, and who runs beside it, is known to
//! xtask alone.

#![allow(
    clippy::print_stdout,
    missing_docs,
    reason = "a program that talks over its standard output"
)]

#[allow(dead_code, reason = "other workers use the rest")]
#[path = "../../../mlp-train/examples/bench_worker/protocol.rs"]
mod protocol;

use mlp_data::{Dataset, OpenOptions, Quiet, open};
use mlp_tensor::Exec;
use protocol::{Asked, Case, Report, Result};
use std::process::ExitCode;
use std::time::Instant;

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
    let mut reader: Option<Reader> = None;
    loop {
        match protocol::next()? {
            Asked::Case(case) => {
                reader = Some(Reader::new(&case)?);
                protocol::ready(VERSIONS, "files to an array of bytes, or typed columns");
            }
            Asked::Go(units) => match &reader {
                Some(reader) => protocol::report(&reader.round(units)?),
                None => return Err("a round was asked for before a case".into()),
            },
            Asked::Quit => return Ok(()),
        }
    }
}

/// What is read, and how.
struct Reader {
    exec: Exec,
    data: String,
    options: OpenOptions,
}

impl Reader {
    fn new(case: &Case) -> Result<Reader> {
        let exec = Exec::new(None, Some(case.number("threads")?))?;
        let picture_size = match case.number("size") {
            Ok(side) => Some((side, side)),
            // A table has no size.
            Err(_) => None,
        };
        let options = OpenOptions { picture_size, strict: true, ..OpenOptions::default() };
        Ok(Reader { exec, data: case.word("data")?.to_string(), options })
    }

    fn read(&self) -> Result<Dataset> {
        Ok(open(&self.exec, &self.data, &self.options, &Quiet)?)
    }

    fn round(&self, units: u64) -> Result<Report> {
        let (mut examples, started) = (0, Instant::now());
        for _ in 0..units {
            examples += std::hint::black_box(self.read()?).len() as u64;
        }
        let seconds = started.elapsed().as_secs_f64();
        Ok(Report { seconds, examples, loss: None, latency: None })
    }
}
