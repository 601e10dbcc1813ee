//! Developer tasks: `cargo xtask help` lists them. One module a task; nothing here is needed to use the project.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod run;
mod tidy;

use anyhow::{Result, bail};
use std::process::ExitCode;

const HELP: &str = "\
Developer tasks.

  cargo xtask tidy    crate arrows, borders, sizes of files and functions, comments that must be there
  cargo xtask ci      everything that a change must pass: the steps of .ci/run
  cargo xtask export MODEL --to onnx|safetensors|json [--out FILE]
                      exports a trained model, by way of `mlp export`
  cargo xtask fetch-data NAME…|--all|--list [--dir DIR] [--from DIR] [--mirror URL] [--offline] [--verify]
                      public data sets into data/NAME, for `mlp train NAME`; --help says more
  cargo xtask bench [gemm|train|inference|ingest|all] [--peers PYTHON] [--rust-peers] [--only PEER,…]
                    [--cases T1,T2] [--threads 1,2] [--rounds 5] [--data DIR] [--json] [--write]
                      speed beside the peers: docs/benchmarks.md says what is measured and how to read it
  cargo xtask help    this text
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match task(&words) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn task(words: &[String]) -> Result<ExitCode> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["help" | "--help" | "-h"] | ["tidy" | "ci" | "bench", "--help" | "-h"] => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        ["tidy"] => tidy::run(),
        ["ci"] => run::ci(),
        ["bench", rest @ ..] => bench::run(rest),
        ["export", rest @ ..] => run::export(rest),
        ["fetch-data", rest @ ..] => run::fetch_data(rest),
        [word, ..] => {
            bail!("there is no task `{word}` with these arguments: see `cargo xtask help`")
        }
    }
}
