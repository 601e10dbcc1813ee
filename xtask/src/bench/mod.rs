//! `cargo xtask bench`: this project and its peers, side by side on the same data, shapes and threads. What is
//! measured and how to read it: `docs/benchmarks.md`. This task starts one program a competitor, asks each in turn for
//! a round and compares neighbours; what runs inside of a round is written in `crates/mlp-train/examples/bench_worker`,
//! `crates/mlp-data/examples/ingest_worker` and in `xtask/peers`.

mod cases;
mod data;
mod files;
mod host;
mod measure;
mod mkl;
mod options;
mod peers;
mod record;
mod stats;
mod tables;
mod worker;

use crate::run::root;
use anyhow::{Context, Result};
use cases::{Case, Kind};
use options::Options;
use peers::Competitors;
use record::Record;
use std::path::PathBuf;
use std::process::ExitCode;

/// The task, with the words after `bench`.
pub fn run(words: &[&str]) -> Result<ExitCode> {
    let options = Options::parse(words)?;
    let cases = options.cases()?;
    let competitors = Competitors::build(&options, &cases)?;
    let folder = if options.write { root().join("docs/benchmarks") } else { scratch()? };
    let mut record = Record::open(&folder)?;
    for case in &cases {
        let data = match data::folder(case, options.data.as_deref(), &scratch()?) {
            Err(error) if case.kind == Kind::Ingest => {
                eprintln!("{} is not measured: {error:#}", case.name);
                continue;
            }
            data => data?,
        };
        for &threads in &options.threads {
            let result = one(case, threads, data.as_ref(), &competitors, options.rounds)?;
            if !options.json {
                println!("{}", tables::text(&result));
            }
            record.put(result)?;
        }
    }
    if options.json {
        println!("{}", record.document());
    } else {
        eprintln!("The rounds are in {}.", record.path().display());
    }
    if options.write {
        let page = root().join("docs/benchmarks.md");
        let text = std::fs::read_to_string(&page).with_context(|| page.display().to_string())?;
        std::fs::write(&page, tables::rewrite(&text, &record::all(&folder)?)?)?;
        eprintln!("The tables of {} are new.", page.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Measures a case on a number of threads.
fn one(
    case: &Case,
    threads: usize,
    data: Option<&data::Data>,
    competitors: &Competitors,
    rounds: usize,
) -> Result<serde_json::Value> {
    eprintln!("{} on {threads} threads: setting up", case.name);
    let words = case.words(threads, data.map(|data| data.path.as_path()));
    let mut field = competitors.start(case, threads, &words)?;
    let rounds = measure::rounds(&mut field, case.measure, rounds)?;
    Ok(record::result(case, threads, data, &rounds))
}

/// Where generated data, records that are not to be kept, and what programs say on standard error go.
fn scratch() -> Result<PathBuf> {
    let folder = target()?.join("benchmarks");
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder)
}

/// Cargo's target folder, in which this program lies as `debug/xtask`.
fn target() -> Result<PathBuf> {
    let program = std::env::current_exe().context("this program's own path")?;
    let folder = program.ancestors().find(|path| path.join("CACHEDIR.TAG").is_file());
    Ok(folder.map_or_else(|| root().join("target"), PathBuf::from))
}
