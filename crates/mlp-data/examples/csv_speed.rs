//! How fast a CSV file is read: `cargo run --release -p mlp-data --example csv_speed -- FILE
//! [THREADS [TIMES [KINDS]]]`. Prints the median of several reads as JSON; with `KINDS` = `given`
//! the kinds are not found out again.
#![allow(clippy::print_stdout, reason = "this is what it is for")]

use mlp_data::source::Source;
use mlp_data::{DataError, Dataset, OpenOptions, Schema, csv};
use mlp_tensor::Exec;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |i: usize, default: usize| args.get(i).and_then(|a| a.parse().ok()).unwrap_or(default);
    let path = Path::new(args.first().ok_or("a file is needed")?);
    let exec = Exec::new(None, Some(number(1, 1)))?;
    let mut options = OpenOptions::default();
    if args.get(3).is_some_and(|a| a == "given") {
        let schema: Schema = csv::CsvSource::open(&exec, path, &options)?.schema().clone();
        options = OpenOptions { schema: Some(schema), target_optional: true, ..options };
    }
    if args.get(3).is_some_and(|a| a == "stream") {
        let start = Instant::now();
        let mut source = csv::CsvSource::open(&exec, path, &options)?;
        let mut rows = 0;
        while let Some(chunk) = source.next_chunk()? {
            rows += chunk.table.rows;
        }
        println!("{{\"seconds\": {}, \"rows\": {rows}}}", start.elapsed().as_secs_f64());
        return Ok(());
    }
    let read = || -> Result<(f64, Dataset), DataError> {
        let start = Instant::now();
        let data = csv::read_file(&exec, path, &options)?;
        Ok((start.elapsed().as_secs_f64(), data))
    };
    let (mut seconds, mut rows) = (Vec::new(), 0);
    for _ in 0..number(2, 5) {
        let (time, data) = read()?;
        seconds.push(time);
        rows = data.len();
    }
    seconds.sort_by(f64::total_cmp);
    println!("{{\"seconds\": {}, \"rows\": {rows}}}", seconds[seconds.len() / 2]);
    Ok(())
}
