//! What was measured, as one JSON document a day and machine: every round's value, versions, machine. A later run of a
//! case takes the place of an earlier one.

use super::cases::{self, Case};
use super::data::Data;
use super::host;
use super::measure::Outcome;
use super::stats::{median, spread};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The document of today and its file.
pub struct Record {
    path: PathBuf,
    document: Value,
}

impl Record {
    /// Today's record in a folder, or a new one.
    pub fn open(folder: &Path) -> Result<Record> {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let (date, _) = host::now();
        let (path, results) = place(folder, &date, &host::processor())?;
        let document = json!({
            "date": date,
            "processor": host::processor(),
            "cores": host::cores(),
            "system": std::env::consts::OS,
            "results": results,
        });
        Ok(Record { path, document })
    }

    /// Puts in a result, and writes the file: a long run that is stopped loses nothing.
    pub fn put(&mut self, result: Value) -> Result<()> {
        let same =
            |old: &Value| ["kind", "case", "threads"].iter().all(|key| old[key] == result[key]);
        if let Some(results) = self.document["results"].as_array_mut() {
            match results.iter_mut().find(|old| same(old)) {
                Some(old) => *old = result,
                None => results.push(result),
            }
            // In the order of the cases, whatever was measured first.
            let known = cases::all();
            let place = |result: &Value| known.iter().position(|c| result["case"] == c.name);
            results.sort_by_key(|result| (place(result), result["threads"].as_u64()));
        }
        let text = format!("{:#}\n", self.document);
        std::fs::write(&self.path, text).with_context(|| self.path.display().to_string())
    }

    /// The whole document.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The file for the day's results of a machine, and those that it holds: `DATE.json`, or `DATE-2.json` where another
/// machine has the first.
fn place(folder: &Path, date: &str, processor: &str) -> Result<(PathBuf, Vec<Value>)> {
    let mut name = format!("{date}.json");
    for next in 2.. {
        let path = folder.join(&name);
        let Ok(bytes) = std::fs::read(&path) else { return Ok((path, Vec::new())) };
        let document: Value = serde_json::from_slice(&bytes)
            .with_context(|| format!("{}: move it away", path.display()))?;
        if document["processor"] == processor {
            return Ok((path, document["results"].as_array().cloned().unwrap_or_default()));
        }
        name = format!("{date}-{next}.json");
    }
    unreachable!("numbers do not end")
}

/// Every record of a folder, the newest first.
pub fn all(folder: &Path) -> Result<Vec<Value>> {
    let context = || folder.display().to_string();
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    // Named by their days.
    paths.sort();
    let read = |path: &PathBuf| {
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        serde_json::from_slice(&bytes).with_context(|| path.display().to_string())
    };
    paths.iter().rev().map(read).collect()
}

/// The result of a case on a number of threads.
pub fn result(case: &Case, threads: usize, data: Option<&Data>, outcomes: &[Outcome]) -> Value {
    let done = outcomes.iter().filter(|outcome| outcome.missing.is_none());
    let missing = outcomes.iter().filter(|outcome| outcome.missing.is_some());
    let reason = |o: &Outcome| json!({ "name": o.name, "reason": o.missing });
    json!({
        "kind": case.kind.word(),
        "case": case.name,
        "title": case.title,
        "data": data.map(|data| data.what),
        "threads": threads,
        "unit": case.measure.unit(),
        "at": host::now().1,
        "commit": host::commit(),
        "programs": done.map(program).collect::<Vec<_>>(),
        "missing": missing.map(reason).collect::<Vec<_>>(),
    })
}

/// A program's rounds. `ratio` is the median over pairs of neighbours of how many times as good ours was.
fn program(outcome: &Outcome) -> Value {
    let (low, high) = spread(&outcome.values);
    let mut program = json!({
        "name": outcome.name,
        "versions": outcome.versions,
        "note": outcome.note,
        "median": median(&outcome.values),
        "min": low,
        "max": high,
        "values": outcome.values,
    });
    if !outcome.ratios.is_empty() {
        let (low, high) = spread(&outcome.ratios);
        program["ratio"] = json!(median(&outcome.ratios));
        program["ratio_min"] = json!(low);
        program["ratio_max"] = json!(high);
    }
    if let Some(loss) = outcome.loss {
        program["first_loss"] = json!(loss);
    }
    if !outcome.p99.is_empty() {
        program["p99"] = json!(median(&outcome.p99));
    }
    program
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::cases;

    fn outcome(name: &str, values: &[f64], ratios: &[f64]) -> Outcome {
        let (values, ratios) = (values.to_vec(), ratios.to_vec());
        Outcome { name: name.into(), values, ratios, loss: Some(0.5), ..Outcome::default() }
    }

    #[test]
    fn a_later_run_takes_the_place_of_an_earlier_one() {
        let folder = std::env::temp_dir().join(format!("bench-record-{}", std::process::id()));
        let case = &cases::all()[0];
        let absent = Outcome { missing: Some("no module".into()), ..outcome("burn", &[], &[]) };
        for value in [1.0, 2.0] {
            let outcomes = [outcome("ours", &[value], &[]), absent.clone()];
            let mut record = Record::open(&folder).unwrap();
            record.put(result(case, 2, None, &outcomes)).unwrap();
        }
        let record = Record::open(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let results = record.document()["results"].as_array().unwrap();
        assert_eq!(results.len(), 1);
        assert_eq!(results[0]["programs"][0]["median"], 2.0);
        assert_eq!(results[0]["missing"][0]["reason"], "no module");
    }

    #[test]
    fn another_machine_has_a_file_of_its_own() {
        let folder = std::env::temp_dir().join(format!("bench-machines-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let results = |kept: &[&str]| kept.iter().map(|name| json!(name)).collect::<Vec<_>>();
        let write = |name: &str, processor: &str, kept: &[&str]| {
            let document = json!({ "processor": processor, "results": results(kept) });
            std::fs::write(folder.join(name), document.to_string()).unwrap();
        };
        write("day.json", "one", &["a"]);
        let [one, two] = ["one", "two"].map(|processor| place(&folder, "day", processor).unwrap());
        write("day-2.json", "two", &["b"]);
        let again = place(&folder, "day", "two").unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(one, (folder.join("day.json"), results(&["a"])));
        assert_eq!(two, (folder.join("day-2.json"), results(&[])));
        assert_eq!(again, (folder.join("day-2.json"), results(&["b"])));
    }

    #[test]
    fn a_program_has_medians_and_spreads() {
        let program = program(&outcome("peer", &[3.0, 1.0, 2.0], &[1.5, 1.0, 2.0]));
        assert_eq!(
            (&program["median"], &program["min"], &program["max"]),
            (&json!(2.0), &json!(1.0), &json!(3.0))
        );
        assert_eq!((&program["ratio"], &program["ratio_max"]), (&json!(1.5), &json!(2.0)));
        assert_eq!(program["first_loss"], 0.5);
    }
}
