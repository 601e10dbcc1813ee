//! One running program and the lines exchanged with it: `case …`, `go N`, `quit` to it, a JSON document a line from
//! it. See `docs/benchmarks.md`.

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

/// Longest wait for an answer: compilers and a slow peer's epoch take minutes, a deadlock takes for ever.
const PATIENCE: Duration = Duration::from_secs(900);

/// A program that is ready for rounds.
pub struct Worker {
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
    log: PathBuf,
    /// Its libraries and their versions.
    pub versions: String,
    /// How it is driven.
    pub note: String,
}

/// What a round took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Report {
    /// Wall time.
    pub seconds: f64,
    /// Examples, or products.
    pub examples: f64,
    /// Mean training loss of the last epoch.
    pub loss: Option<f64>,
    /// Median microseconds of single calls.
    pub p50: Option<f64>,
    /// Their 99th percentile.
    pub p99: Option<f64>,
}

impl Worker {
    /// Starts a program and sets up a case. What it says on standard error goes to the file `log`.
    ///
    /// # Errors
    /// The program's own reason, or the last line it said.
    pub fn start(command: &mut Command, case: &str, log: &Path) -> Result<Worker> {
        let file = File::create(log).with_context(|| log.display().to_string())?;
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(file);
        let program = command.get_program().to_owned();
        let mut child =
            command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let input = child.stdin.take().context("no way to write to it")?;
        let output = child.stdout.take().context("no way to read from it")?;
        let (sender, answers) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(|line| line.ok()) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let (versions, note) = (String::new(), String::new());
        let mut worker = Worker { child, input, answers, log: log.into(), versions, note };
        let ready = worker.ask(case)?;
        let text = |key: &str| ready[key].as_str().unwrap_or_default().to_string();
        (worker.versions, worker.note) = (text("versions"), text("note"));
        Ok(worker)
    }

    /// Runs a round of so many epochs, products or calls.
    pub fn go(&mut self, units: u64) -> Result<Report> {
        let answer = self.ask(&format!("go {units}"))?;
        let number = |key: &str| answer[key].as_f64();
        let report = Report {
            seconds: number("seconds").context("the answer names no seconds")?,
            examples: number("examples").context("the answer names no examples")?,
            loss: number("loss"),
            p50: number("p50"),
            p99: number("p99"),
        };
        if report.seconds <= 0.0 || report.examples <= 0.0 {
            bail!("a round of {units} took {} s for {} examples", report.seconds, report.examples);
        }
        Ok(report)
    }

    fn ask(&mut self, line: &str) -> Result<Value> {
        if writeln!(self.input, "{line}").and_then(|()| self.input.flush()).is_err() {
            bail!(self.last_words());
        }
        let answer = match self.answers.recv_timeout(PATIENCE) {
            Ok(answer) => answer,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                bail!("no answer within {} minutes", PATIENCE.as_secs() / 60)
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => bail!(self.last_words()),
        };
        let answer: Value =
            serde_json::from_str(&answer).map_err(|_| anyhow!("`{answer}` is no JSON document"))?;
        match answer["ready"].as_bool() {
            Some(false) => bail!("{}", answer["reason"].as_str().unwrap_or("no reason given")),
            _ => Ok(answer),
        }
    }

    fn last_words(&self) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let last = log.lines().rev().find(|line| !line.trim().is_empty());
        format!("it ended: {}", last.unwrap_or("without a word").trim())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may hang, and has nothing to lose.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A worker written in shell.
    fn fake(script: &str) -> Result<Worker> {
        // Tests run side by side: one file each.
        let name = script.bytes().fold(0u64, |hash, b| hash.wrapping_mul(31) ^ u64::from(b));
        let log = std::env::temp_dir().join(format!("bench-worker-{}-{name}", std::process::id()));
        let worker =
            Worker::start(Command::new("sh").args(["-c", script]), "case\tkind=train", &log);
        let _ = std::fs::remove_file(log);
        worker
    }

    const READY: &str = r#"read -r case; echo '{"ready":true,"versions":"fake 1","note":"n"}';"#;

    #[test]
    fn a_round_is_asked_for_and_answered() {
        let loop_ = r#"while read -r go n; do echo "{\"seconds\":0.5,\"examples\":$n,\"loss\":0.25}"; done"#;
        let mut worker = fake(&format!("{READY}{loop_}")).unwrap();
        assert_eq!((worker.versions.as_str(), worker.note.as_str()), ("fake 1", "n"));
        let report = worker.go(7).unwrap();
        assert_eq!(
            (report.seconds, report.examples, report.loss, report.p50),
            (0.5, 7.0, Some(0.25), None)
        );
        assert_eq!(worker.go(8).unwrap().examples, 8.0);
    }

    #[track_caller]
    fn check_failure(script: &str, expected: &str) {
        let error = fake(script).and_then(|mut worker| worker.go(1)).map(|_| ()).unwrap_err();
        assert!(format!("{error:#}").contains(expected), "{error:#}");
    }

    #[test]
    fn failures_have_reasons() {
        check_failure(r#"read -r c; echo '{"ready":false,"reason":"no module"}'"#, "no module");
        check_failure(
            "read -r c; echo Traceback >&2; echo 'no such thing' >&2; exit 1",
            "it ended: no such thing",
        );
        check_failure("read -r c; echo hello", "`hello` is no JSON document");
        check_failure(&format!("{READY} exit 0"), "it ended: without a word");
        check_failure(&format!("{READY} read -r g; echo '{{}}'"), "names no seconds");
        let still = format!(r#"{READY} read -r g; echo '{{"seconds":0,"examples":1}}'"#);
        check_failure(&still, "took 0 s");
    }
}
