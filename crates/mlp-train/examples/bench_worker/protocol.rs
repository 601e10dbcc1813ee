//! Lines in, lines out. Input: `case`, then `key=value` words, tab-separated; `go N`; `quit`. Output: one JSON
//! document a line. Knows no library that is measured: the peers written in Rust speak by this file, too.

use serde_json::json;
use std::collections::BTreeMap;
use std::str::FromStr;

pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What the other side wants.
pub enum Asked {
    Case(Case),
    Go(u64),
    Quit,
}

/// Words of a case by their keys.
pub struct Case(BTreeMap<String, String>);

/// What a round took.
pub struct Report {
    /// Wall time.
    pub seconds: f64,
    /// Examples trained or predicted, or products computed.
    pub examples: u64,
    /// Mean training loss of the last epoch.
    pub loss: Option<f64>,
    /// Of single calls: microseconds, median and 99th percentile.
    pub latency: Option<(f64, f64)>,
}

/// Waits for the next line. The end of the input is a wish to quit.
pub fn next() -> Result<Asked> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let line = line.trim_end_matches(['\n', '\r']);
    let (word, rest) = line.split_once(['\t', ' ']).unwrap_or((line, ""));
    match word {
        "" | "quit" => Ok(Asked::Quit),
        "go" => {
            Ok(Asked::Go(rest.parse().map_err(|_| format!("`{line}` names no number of units"))?))
        }
        "case" => {
            let pairs = rest.split('\t').filter_map(|word| word.split_once('='));
            Ok(Asked::Case(Case(pairs.map(|(k, v)| (k.to_string(), v.to_string())).collect())))
        }
        _ => Err(format!("`{line}` is no line of the protocol").into()),
    }
}

impl Case {
    /// The value of a key.
    pub fn word(&self, key: &str) -> Result<&str> {
        Ok(self.0.get(key).ok_or_else(|| format!("the case lacks `{key}`"))?)
    }

    /// The value of a key as a number.
    pub fn number<T: FromStr>(&self, key: &str) -> Result<T> {
        let value = self.word(key)?;
        value.parse().map_err(|_| format!("`{key}={value}` is no number").into())
    }

    /// Comma-separated numbers.
    pub fn numbers(&self, key: &str) -> Result<Vec<usize>> {
        let number =
            |word: &str| word.parse().map_err(|_| format!("`{key}`: `{word}` is no number").into());
        self.word(key)?.split(',').filter(|word| !word.is_empty()).map(number).collect()
    }
}

/// The case is set up, by which libraries and how.
pub fn ready(versions: &str, note: &str) {
    println!("{}", json!({ "ready": true, "versions": versions, "note": note }));
}

/// The case cannot be run, or a round failed.
pub fn refuse(reason: &str) {
    println!("{}", json!({ "ready": false, "reason": reason }));
}

/// A round's end.
pub fn report(report: &Report) {
    let mut document = json!({ "seconds": report.seconds, "examples": report.examples });
    if let Some(loss) = report.loss {
        document["loss"] = json!(loss);
    }
    if let Some((median, high)) = report.latency {
        document["p50"] = json!(median);
        document["p99"] = json!(high);
    }
    println!("{document}");
}
