//! The words after `cargo xtask bench`.

use super::cases::{self, Case, Kind};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// What to measure, beside whom.
#[derive(Debug)]
pub struct Options {
    kinds: Vec<Kind>,
    /// Names of cases; empty for all.
    names: Vec<String>,
    /// The Python that has the peers.
    pub python: Option<PathBuf>,
    /// Keys of peers; empty for all.
    pub only: Vec<String>,
    /// Whether to build and measure the peers written in Rust.
    pub rust_peers: bool,
    /// Print one JSON document instead of tables.
    pub json: bool,
    /// Numbers of threads.
    pub threads: Vec<usize>,
    /// Rounds a peer.
    pub rounds: usize,
    /// A folder with MNIST's IDX files, with photographs and with CIFAR's pictures.
    pub data: Option<PathBuf>,
    /// Keep the record under `docs/benchmarks` and renew the tables of `docs/benchmarks.md`.
    pub write: bool,
}

impl Options {
    /// Reads the words; the defaults are everything, on one thread and on every core.
    pub fn parse(words: &[&str]) -> Result<Options> {
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        let mut options = Options {
            kinds: Vec::new(),
            names: Vec::new(),
            python: None,
            only: Vec::new(),
            rust_peers: false,
            json: false,
            threads: if cores == 1 { vec![1] } else { vec![1, cores] },
            rounds: 5,
            data: None,
            write: false,
        };
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value"));
            match word {
                "all" => options.kinds.extend(Kind::ALL),
                "--peers" => options.python = Some(value()?.into()),
                "--only" => options.only = list(value()?),
                "--rust-peers" => options.rust_peers = true,
                "--json" => options.json = true,
                "--threads" => options.threads = numbers(word, value()?)?,
                "--cases" => options.names = list(value()?),
                "--rounds" => options.rounds = numbers(word, value()?)?[0],
                "--data" => options.data = Some(value()?.into()),
                "--write" => options.write = true,
                _ => match Kind::ALL.into_iter().find(|kind| kind.word() == word) {
                    Some(kind) => options.kinds.push(kind),
                    None => bail!("`{word}` is unknown to bench: see `cargo xtask help`"),
                },
            }
        }
        if options.kinds.is_empty() {
            options.kinds.extend(Kind::ALL);
        }
        Ok(options)
    }

    /// The cases to measure.
    pub fn cases(&self) -> Result<Vec<Case>> {
        let all: Vec<Case> =
            cases::all().into_iter().filter(|case| self.kinds.contains(&case.kind)).collect();
        for name in &self.names {
            if !all.iter().any(|case| case.name == *name) {
                let known: Vec<&str> = all.iter().map(|case| case.name.as_str()).collect();
                bail!("there is no case `{name}`; there are {}", known.join(", "));
            }
        }
        let wanted = |case: &Case| self.names.is_empty() || self.names.contains(&case.name);
        Ok(all.into_iter().filter(wanted).collect())
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').filter(|word| !word.is_empty()).map(str::to_string).collect()
}

fn numbers(option: &str, text: &str) -> Result<Vec<usize>> {
    let number = |word: String| match word.parse() {
        Ok(0) | Err(_) => bail!("{option} {text}: `{word}` is no whole number from 1"),
        Ok(number) => Ok(number),
    };
    let numbers: Vec<usize> = list(text).into_iter().map(number).collect::<Result<_>>()?;
    if numbers.is_empty() {
        bail!("{option} needs a number");
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_the_default() {
        let options = Options::parse(&[]).unwrap();
        assert_eq!(options.cases().unwrap().len(), cases::all().len());
        assert!(!options.write && options.python.is_none());
    }

    #[test]
    fn words_choose() {
        let words =
            ["train", "--cases", "T2,T6", "--threads", "1,3", "--peers", "py", "--rounds", "2"];
        let options = Options::parse(&words).unwrap();
        let names: Vec<String> =
            options.cases().unwrap().into_iter().map(|case| case.name).collect();
        assert_eq!(
            (names, options.threads, options.rounds),
            (vec!["T2".into(), "T6".into()], vec![1, 3], 2)
        );
    }

    #[test]
    fn wrong_words_are_named() {
        #[track_caller]
        fn check(words: &[&str], expected: &str) {
            let error = Options::parse(words).and_then(|options| options.cases()).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
        check(&["digest"], "`digest` is unknown to bench");
        check(&["--threads", "0"], "`0` is no whole number from 1");
        check(&["--data"], "--data needs a value");
        check(&["gemm", "--cases", "T1"], "there is no case `T1`");
    }
}
