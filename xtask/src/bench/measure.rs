//! Interleaved rounds: ours, a peer, ours, the next peer, …, ours; the order of the peers moves on by one from round to
//! round.

use super::stats::{self, Measure};
use super::worker::{Report, Worker};
use anyhow::Result;
use std::time::Duration;

/// Shortest round.
const SECONDS: f64 = 0.35;
/// A round this long tells how many units the next must have.
const SOUNDING: f64 = 0.05;
/// Least calls of a round whose percentiles are read.
const CALLS: u64 = 5_000;
/// Between rounds: OpenMP's threads spin for 200 ms after their last region, and would slow the next program.
const PAUSE: Duration = Duration::from_millis(300);

/// A program in a case.
pub struct Entrant {
    /// In the tables.
    pub name: String,
    /// Ready, or why not.
    pub worker: Result<Worker, String>,
}

/// What the rounds of a program gave.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// In the tables.
    pub name: String,
    /// Libraries and versions.
    pub versions: String,
    /// How it is driven.
    pub note: String,
    /// Why it could not be measured.
    pub missing: Option<String>,
    /// Mean loss of the first epoch.
    pub loss: Option<f64>,
    /// One a round, in the case's unit.
    pub values: Vec<f64>,
    /// How many times as good ours was, one a round; none for ours.
    pub ratios: Vec<f64>,
    /// 99th percentiles, where calls are timed.
    pub p99: Vec<f64>,
}

/// A running program.
struct Runner<'a> {
    worker: &'a mut Worker,
    units: u64,
    loss: Option<f64>,
    reports: Vec<(usize, Report)>,
    failed: Option<String>,
}

impl<'a> Runner<'a> {
    /// Warms up and finds how many units fill a round.
    fn new(worker: &'a mut Worker, measure: Measure) -> Runner<'a> {
        let mut runner = Runner { worker, units: 1, loss: None, reports: Vec::new(), failed: None };
        match runner.sound(measure) {
            Ok(()) => {}
            Err(error) => runner.failed = Some(format!("{error:#}")),
        }
        runner
    }

    fn sound(&mut self, measure: Measure) -> Result<()> {
        // Compilers work in the first round. Its loss is that of the first epoch, the same for everyone.
        self.loss = self.worker.go(1)?.loss;
        let mut units = 1;
        let seconds = loop {
            let seconds = self.worker.go(units)?.seconds;
            if seconds >= SOUNDING || units >= 1 << 30 {
                break seconds;
            }
            units *= 4;
        };
        let least = if measure == Measure::Micros { CALLS } else { 1 };
        self.units = ((SECONDS / seconds * units as f64).ceil() as u64).max(least);
        Ok(())
    }

    fn round(&mut self, before: usize) {
        if self.failed.is_some() {
            return;
        }
        std::thread::sleep(PAUSE);
        match self.worker.go(self.units) {
            Ok(report) => self.reports.push((before, report)),
            Err(error) => self.failed = Some(format!("{error:#}")),
        }
    }
}

/// Measures the programs, the first of which is ours.
///
/// # Errors
/// If ours fails: without it there is nothing to compare.
pub fn rounds(field: &mut [Entrant], measure: Measure, rounds: usize) -> Result<Vec<Outcome>> {
    let mut outcomes: Vec<Outcome> = field.iter().map(described).collect();
    let mut runners: Vec<(usize, Runner<'_>)> = Vec::new();
    for (index, entrant) in field.iter_mut().enumerate() {
        if let Ok(worker) = &mut entrant.worker {
            runners.push((index, Runner::new(worker, measure)));
        }
    }
    if runners.first().is_none_or(|(index, _)| *index != 0) {
        anyhow::bail!("{}", outcomes[0].missing.clone().unwrap_or_default());
    }
    let (_, mut ours) = runners.remove(0);
    ours.round(0);
    let peers = runners.len();
    for round in 0..rounds {
        // Without a peer ours runs alone.
        for turn in 0..peers.max(1) {
            if let Some((_, peer)) = runners.get_mut((round + turn) % peers.max(1)) {
                if peer.failed.is_some() {
                    continue;
                }
                peer.round(ours.reports.len().saturating_sub(1));
            }
            ours.round(0);
        }
        eprintln!("  round {} of {rounds}", round + 1);
    }
    if let Some(failed) = ours.failed {
        anyhow::bail!("{failed}");
    }
    let values: Vec<f64> = ours.reports.iter().map(|(_, report)| measure.value(report)).collect();
    finish(&mut outcomes[0], ours, measure, &[]);
    for (index, peer) in runners {
        finish(&mut outcomes[index], peer, measure, &values);
    }
    Ok(outcomes)
}

fn described(entrant: &Entrant) -> Outcome {
    let mut outcome = Outcome { name: entrant.name.clone(), ..Outcome::default() };
    match &entrant.worker {
        Ok(worker) => {
            (outcome.versions, outcome.note) = (worker.versions.clone(), worker.note.clone());
        }
        Err(reason) => outcome.missing = Some(reason.clone()),
    }
    outcome
}

fn finish(outcome: &mut Outcome, runner: Runner<'_>, measure: Measure, ours: &[f64]) {
    let values: Vec<(usize, f64)> =
        runner.reports.iter().map(|(before, report)| (*before, measure.value(report))).collect();
    outcome.loss = runner.loss;
    outcome.p99 = runner.reports.iter().filter_map(|(_, report)| report.p99).collect();
    if !ours.is_empty() {
        outcome.ratios = stats::ratios(measure, ours, &values);
    }
    outcome.values = values.into_iter().map(|(_, value)| value).collect();
    outcome.missing = runner.failed;
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::bench::{cases, record, tables};
    use std::process::Command;

    #[test]
    fn a_peer_that_cannot_run_is_named_in_the_table() {
        let script = r#"read -r c; echo '{"ready":true}'
            while read -r go n; do echo '{"seconds":0.5,"examples":10,"loss":0.25}'; done"#;
        let log = std::env::temp_dir().join(format!("bench-measure-{}", std::process::id()));
        let worker = Worker::start(Command::new("sh").args(["-c", script]), "case", &log);
        let _ = std::fs::remove_file(log);
        let worker = worker.map_err(|error| error.to_string());
        let absent = || Err("cannot be built: error: offline".to_string());
        let mut field = [
            Entrant { name: "ours".into(), worker },
            Entrant { name: "burn".into(), worker: absent() },
        ];
        let outcomes = rounds(&mut field, Measure::Rate, 1).unwrap();
        let case = cases::all().into_iter().find(|case| case.name == "T1").unwrap();
        let text = tables::text(&record::result(&case, 1, None, &outcomes));
        let line = |name: &str| text.lines().find(|line| line.trim().starts_with(name)).unwrap();
        assert!(line("ours").contains("20.0"), "{text}");
        assert!(line("burn").ends_with("not measured: cannot be built: error: offline"), "{text}");

        let error = rounds(&mut field[1..], Measure::Rate, 1).unwrap_err();
        assert_eq!(error.to_string(), "cannot be built: error: offline");
    }
}
