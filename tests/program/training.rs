//! Trainings that are started, looked at while they run, and ended by a signal at a chosen moment.

use crate::program::{Place, RUN_FILES, Run};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// How long anything may take before a test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running `mlp`.
pub struct Training {
    child: Child,
    call: String,
    pub started: Instant,
}

impl Training {
    pub fn start(place: &Place, args: &[&str]) -> Training {
        let mut command = place.command(args);
        let child = command.spawn().expect("the binary starts");
        Training { child, call: format!("{command:?}"), started: Instant::now() }
    }

    /// Waits until something is so, or the program has ended.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut is_so: impl FnMut() -> bool) {
        while !is_so() {
            let ended = self.child.try_wait().expect("a state").is_some();
            assert!(!ended || is_so(), "ended before {what}: {}", self.call);
            assert!(self.started.elapsed() < PATIENCE, "never {what}: {}", self.call);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Sends a signal, such as `INT`.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("kill").success(), "kill -s {name} {pid}");
    }

    /// Ends it with SIGKILL after a time from its start; `true` if it was still running.
    pub fn kill_after(mut self, time: Duration) -> bool {
        std::thread::sleep(time.saturating_sub(self.started.elapsed()));
        let running = self.child.try_wait().expect("a state").is_none();
        // Killing what has just ended is no error on any system.
        let _ = self.child.kill();
        self.child.wait_with_output().expect("an end");
        running
    }

    /// What it said, once it has ended.
    pub fn end(self) -> Run {
        Run::new(self.call, self.child.wait_with_output().expect("output"))
    }
}

/// A training that is interrupted and gone on with: its command without `--out`, and the model it must end in.
pub struct Reference {
    args: Vec<&'static str>,
    model: Vec<u8>,
    /// How long it takes undisturbed.
    pub time: Duration,
}

impl Reference {
    /// Trains undisturbed, twice for a fair time: the first run reads the binary from the disk.
    pub fn new(args: &[&'static str]) -> Reference {
        let place = Place::in_memory();
        place.good(&[args, &["--out", "warm"]].concat());
        let started = Instant::now();
        place.good(&[args, &["--out", "run"]].concat());
        let time = started.elapsed();
        Reference { args: args.to_vec(), model: place.read("run/model.mlp"), time }
    }

    /// Starts it in `run/` of a place.
    pub fn start(&self, place: &Place, more: &[&str]) -> Training {
        Training::start(place, &[&self.args[..], &["--out", "run"], more].concat())
    }

    /// After whatever happened in `run/`: either there is no run folder, and the same command trains it, or it
    /// resumes. In both cases the model is the undisturbed one, and nothing but documented files is left.
    #[track_caller]
    pub fn settle(&self, place: &Place, more: &[&str], what: &str) {
        let run = match place.path("run").exists() {
            true => place.run(&[&["train", "--resume", "run", "--quiet"], more].concat()),
            false => place.run(&[&self.args[..], &["--out", "run"], more].concat()),
        };
        assert_eq!(run.code, Some(0), "{what}: {run}");
        assert!(place.read("run/model.mlp") == self.model, "{what}: another model: {run}");
        assert_eq!(place.list("run"), RUN_FILES, "{what}");
        assert_eq!(place.list("."), ["run"], "{what}: something is left beside the run folder");
    }
}
