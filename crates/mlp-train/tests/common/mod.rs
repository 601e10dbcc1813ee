//! What the tests of training share: small data, executors, runs.
#![allow(dead_code, missing_docs, reason = "each test uses a part of it")]

use mlp_train::model::data::{Dataset, OpenOptions, Plan, Quiet, Split, csv, open};
use mlp_train::model::tensor::{Exec, Isa, Purpose, Stream, Streams};
use mlp_train::{Callback, Config, Ended, Flow, Prepared, Seen, State, Trainer, prepare};
use std::fmt::Write;
use std::path::Path;

/// A table from its text, as if read from a file.
pub fn table(text: &str) -> Dataset {
    csv::from_bytes(
        &Exec::serial(),
        Path::new("table.csv"),
        text.as_bytes(),
        &OpenOptions::default(),
    )
    .unwrap()
}

/// An embedded set.
pub fn embedded(name: &str) -> Dataset {
    open(&Exec::serial(), name, &OpenOptions::default(), &Quiet).unwrap()
}

pub fn stream(index: u32) -> Stream {
    Streams::new(7).at(Purpose::Demo, 0, index)
}

/// `y = 3 - 2a + 0.5b` and `noise` deviations of a normal distribution.
pub fn line(rows: usize, noise: f64) -> Dataset {
    let mut stream = stream(1);
    let mut text = String::from("a,b,y\n");
    for _ in 0..rows {
        let (a, b) = (stream.normal(), 10.0 * stream.uniform_f64());
        let y = 3.0 - 2.0 * a + 0.5 * b + noise * stream.normal();
        writeln!(text, "{a},{b},{y}").unwrap();
    }
    table(&text)
}

/// Two arms of a spiral, a turn and a half each.
pub fn spirals(rows: usize) -> Dataset {
    let mut stream = stream(2);
    let mut text = String::from("u,v,arm\n");
    for row in 0..rows {
        let t = 0.25 + 1.25 * stream.uniform_f64();
        let angle =
            std::f64::consts::TAU * t + if row % 2 == 0 { 0.0 } else { std::f64::consts::PI };
        let (x, y) = (t * libm::cos(angle), t * libm::sin(angle));
        let arm = if row % 2 == 0 { "left" } else { "right" };
        writeln!(text, "{x},{y},{arm}").unwrap();
    }
    table(&text)
}

/// A class that nine rows in ten have, and a seldom one, overlapping.
pub fn lopsided(rows: usize) -> Dataset {
    let mut stream = stream(3);
    let mut text = String::from("x,z,class\n");
    for row in 0..rows {
        let seldom = row % 10 == 0;
        let centre = if seldom { 1.0 } else { 0.0 };
        let (x, z) = (stream.normal() + centre, stream.normal() - centre);
        writeln!(text, "{x},{z},{}", if seldom { "seldom" } else { "usual" }).unwrap();
    }
    table(&text)
}

/// A session with a tenth for validation and none for the test.
pub fn session(data: &Dataset, validation: f64, config: Config) -> Prepared {
    let split = Split::new(data, validation, 0.0, 3).unwrap();
    prepare(data, &split, &Plan::default(), config).unwrap()
}

/// A configuration for tests: small, few epochs, nothing left to the defaults that may be tuned.
pub fn small(epochs: u32) -> Config {
    Config {
        hidden: vec![9, 5],
        dropout: 0.2,
        learning_rate: Some(0.01),
        batch_size: Some(16),
        epochs: Some(epochs),
        patience: 0,
        ..Config::default()
    }
}

/// Every instruction set of this host with each of these numbers of threads; first portable and serial.
pub fn executors(threads: &[usize]) -> Vec<Exec> {
    let mut all = vec![Exec::new(Some(Isa::Portable), Some(1)).unwrap()];
    for isa in Isa::available() {
        all.extend(threads.iter().map(|&n| Exec::new(Some(isa), Some(n)).unwrap()));
    }
    all
}

/// Trains to the end.
pub fn trained(exec: &Exec, session: &Prepared) -> State {
    let mut state = session.start();
    Trainer { exec, session }.run(&mut state, &mut []).unwrap();
    state
}

/// The model file of a state.
pub fn file(session: &Prepared, state: &State) -> Vec<u8> {
    session.model(state).unwrap().to_bytes().unwrap()
}

/// Stops after a number of steps.
pub struct StopAt(pub u32);

impl Callback for StopAt {
    fn batch_end(&mut self, seen: Seen<'_>) -> Flow {
        if seen.state.step == self.0 { Flow::Stop } else { Flow::Continue }
    }
}

/// Goes on from `state` until `step` steps are done.
pub fn run_until(exec: &Exec, session: &Prepared, state: &mut State, step: u32) -> Ended {
    Trainer { exec, session }.run(state, &mut [&mut StopAt(step)]).unwrap()
}

pub fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}
