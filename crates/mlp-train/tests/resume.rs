//! A training that was interrupted anywhere goes on to the same bits; a checkpoint that does not fit is refused.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]

mod common;

use common::{embedded, executors, file, line, run_until, session, small, trained};
use mlp_train::model::data::{Dataset, PixelScaling, Plan, Split};
use mlp_train::model::tensor::Exec;
use mlp_train::model::{EpochRecord, container, decode, encode};
use mlp_train::{
    Callback, Config, Ended, Flow, OptimizerKind, Prepared, Schedule, Seen, State, Sums,
    TrainError, Trainer, prepare,
};
use proptest::prelude::*;
use std::sync::LazyLock;

/// Iris in 3 epochs of 8 steps, the last of which is smaller.
static SESSION: LazyLock<Prepared> = LazyLock::new(|| session(&embedded("iris"), 0.15, small(3)));
/// The file of its training without interruption.
static WHOLE: LazyLock<Vec<u8>> =
    LazyLock::new(|| file(&SESSION, &trained(&Exec::serial(), &SESSION)));

/// Interrupts after each of these numbers of steps, through bytes and on another executor.
fn interrupted(session: &Prepared, executors: &[Exec], steps: &[u32]) -> Vec<u8> {
    let mut state = session.start();
    for (i, &step) in steps.iter().chain([&u32::MAX]).enumerate() {
        let ended = run_until(&executors[i % executors.len()], session, &mut state, step);
        if ended == Ended::Stopped {
            assert_eq!(state.step, step);
        }
        let bytes = state.to_bytes(session).unwrap();
        let read = State::from_bytes(&bytes, session).unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", with_grad_of(&state, session)));
        assert!(read.to_bytes(session).unwrap() == bytes, "what was read is what was written");
        state = read;
    }
    assert!(state.finished);
    file(session, &state)
}

/// The optimizer's gradient is a buffer, not state: compares as that of a state that was read.
fn with_grad_of(state: &State, session: &Prepared) -> State {
    State::from_bytes(&state.to_bytes(session).unwrap(), session).unwrap()
}

#[test]
fn after_any_step() {
    let all = executors(&[1, 3]);
    let steps = 3 * SESSION.config.pace(SESSION.train.len()).steps_per_epoch as u32;
    assert_eq!(steps, 24, "the first, a middle and the last batch of an epoch are among them");
    for step in 0..=steps {
        assert!(interrupted(&SESSION, &all, &[step]) == *WHOLE, "after step {step}");
    }
}

#[test]
fn every_optimizer_and_early_stopping() {
    for optimizer in [OptimizerKind::Sgd, OptimizerKind::Adam, OptimizerKind::AdamW] {
        for data in [line(100, 1.0), embedded("iris")] {
            let config = Config {
                optimizer,
                patience: 2,
                schedule: Schedule::Constant,
                learning_rate: Some(0.05),
                clip: 1.0,
                ..small(12)
            };
            let session = session(&data, 0.2, config);
            let whole = file(&session, &trained(&Exec::serial(), &session));
            let all = executors(&[2]);
            assert!(interrupted(&session, &all, &[3, 5, 6, 17, 23, 40]) == whole, "{optimizer:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn interrupted_again_and_again(mut steps in prop::collection::vec(1u32..24, 1..8)) {
        steps.sort();
        prop_assert!(interrupted(&SESSION, &executors(&[1, 2]), &steps) == *WHOLE);
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(State::from_bytes(&bytes, &SESSION).is_err());
    }

    /// Bytes in an envelope that is right, so that they reach what lies behind it.
    #[test]
    fn any_metadata_is_refused_or_goes_on(
        at in 0usize..2000,
        bytes in prop::collection::vec(any::<u8>(), 1..9),
    ) {
        let good = checkpoint(11);
        let sections = container::read(&good).unwrap();
        let mut meta = sections.get("state").unwrap().0.to_vec();
        let at = at % meta.len();
        for (old, new) in meta[at..].iter_mut().zip(&bytes) {
            *old = *new;
        }
        if let Ok(mut state) = State::from_bytes(&wrap(&good, &meta), &SESSION) {
            let exec = Exec::serial();
            let trainer = Trainer { exec: &exec, session: &SESSION };
            prop_assert!(trainer.run(&mut state, &mut []).is_ok());
        }
    }
}

/// A checkpoint after some steps.
fn checkpoint(step: u32) -> Vec<u8> {
    let mut state = SESSION.start();
    run_until(&Exec::serial(), &SESSION, &mut state, step);
    state.to_bytes(&SESSION).unwrap()
}

/// The checkpoint with other metadata, in an envelope with the right checksum.
fn wrap(good: &[u8], meta: &[u8]) -> Vec<u8> {
    let sections = container::read(good).unwrap();
    let tags = ["params", "best", "opt0", "opt1"];
    let rest = tags.iter().filter_map(|&tag| {
        let bytes = sections.get(tag).ok()?.0;
        Some(container::Section { tag, bytes })
    });
    let state = container::Section { tag: "state", bytes: meta };
    container::write(&std::iter::once(state).chain(rest).collect::<Vec<_>>())
}

/// The metadata as they lie in the file.
type Meta = (
    ([u8; 32], Vec<(String, String)>, String),
    (u32, u64, u32, Sums),
    (Option<(u32, f64, f64)>, u32, Vec<EpochRecord>, bool, u32, u32),
);

#[test]
fn counters_that_no_training_comes_to_are_refused() {
    // After one epoch of 8 steps and 3 more.
    let good = checkpoint(11);
    let meta = || {
        let sections = container::read(&good).unwrap();
        decode::<Meta>(sections.get("state").unwrap().0, 0).unwrap()
    };
    let read = |meta: &Meta| State::from_bytes(&wrap(&good, &encode(meta).unwrap()), &SESSION);
    assert!(read(&meta()).is_ok());
    let changes: [fn(&mut Meta); 14] = [
        |m| m.1.0 = 2,
        |m| m.1.0 = 4,
        |m| m.1.1 = 4,
        |m| m.1.1 = 8,
        |m| m.1.2 = 12,
        |m| m.2.0 = None,
        |m| m.2.0.as_mut().unwrap().0 = 0,
        |m| m.2.0.as_mut().unwrap().0 = 2,
        |m| m.2.0.as_mut().unwrap().1 = f64::NAN,
        |m| m.2.1 = 1,
        |m| m.2.2.clear(),
        |m| m.2.2[0].epoch = 2,
        |m| m.2.3 = true,
        |m| m.2.4 = 10,
    ];
    for (i, change) in changes.iter().enumerate() {
        let mut meta = meta();
        change(&mut meta);
        assert!(read(&meta).is_err(), "change {i}");
    }
    // An optimizer of other vectors.
    for vectors in [0, 1, 3, u32::MAX] {
        let mut meta = meta();
        meta.2.5 = vectors;
        assert!(read(&meta).is_err(), "{vectors} vectors");
    }
}

#[test]
fn a_weight_that_is_no_number_is_refused() {
    let good = checkpoint(3);
    let sections = container::read(&good).unwrap();
    let mut params = sections.floats("params").unwrap();
    params[7] = f32::NAN;
    let params = container::float_bytes(&params);
    let written: Vec<_> = ["state", "params", "opt0", "opt1"]
        .into_iter()
        .map(|tag| {
            let bytes = if tag == "params" { &params } else { sections.get(tag).unwrap().0 };
            container::Section { tag, bytes }
        })
        .collect();
    let error = State::from_bytes(&container::write(&written), &SESSION).unwrap_err().to_string();
    assert!(error.contains("`params`"), "{error}");
}

#[test]
fn truncated_or_flipped_is_refused() {
    let tiny = Config { hidden: vec![2], dropout: 0.0, ..small(2) };
    let session = session(&line(40, 0.1), 0.2, tiny);
    let mut state = session.start();
    run_until(&Exec::serial(), &session, &mut state, 3);
    let mut bytes = state.to_bytes(&session).unwrap();
    assert!(State::from_bytes(&bytes, &session).is_ok());
    for length in 0..bytes.len() {
        assert!(State::from_bytes(&bytes[..length], &session).is_err(), "cut at {length}");
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            assert!(State::from_bytes(&bytes, &session).is_err(), "bit {bit} of byte {at}");
            bytes[at] ^= 1 << bit;
        }
    }
    bytes.push(0);
    assert!(State::from_bytes(&bytes, &session).is_err(), "a byte more");
}

/// What a checkpoint of [`SESSION`] says to another session.
fn refusal(other: &Prepared) -> String {
    match State::from_bytes(&checkpoint(5), other) {
        Err(error @ TrainError::Resume { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn other_options_are_refused_by_name() {
    type Change = (&'static str, fn(&mut Config));
    let changes: [Change; 12] = [
        ("hidden = 9,5, now it is hidden = none", |c| c.hidden = Vec::new()),
        ("activation", |c| c.activation = mlp_train::model::tensor::Activation::Tanh),
        ("dropout = 0.2, now it is dropout = 0.25", |c| c.dropout = 0.25),
        ("optimizer", |c| c.optimizer = OptimizerKind::Sgd),
        ("learning-rate", |c| c.learning_rate = Some(0.02)),
        ("weight-decay", |c| c.weight_decay = Some(0.5)),
        ("schedule", |c| c.schedule = Schedule::Step { every: 2, factor: 0.5 }),
        ("batch-size", |c| c.batch_size = Some(17)),
        ("epochs = 3, now it is epochs = 4", |c| c.epochs = Some(4)),
        ("clip", |c| c.clip = 1.0),
        ("patience", |c| c.patience = 3),
        ("seed", |c| c.seed = 2),
    ];
    for (word, change) in changes {
        let mut config = small(3);
        change(&mut config);
        let message = refusal(&SESSION.sibling(config).unwrap());
        assert!(message.contains(word), "{word}: {message}");
    }
}

#[test]
fn other_data_split_or_preprocessing_is_refused() {
    let iris = || embedded("iris");
    let with = |data: &Dataset, validation, plan: &Plan| {
        let split = Split::new(data, validation, 0.0, 3).unwrap();
        prepare(data, &split, plan, small(3)).unwrap()
    };
    let message = refusal(&with(&line(150, 0.1), 0.15, &Plan::default()));
    assert!(message.contains("the data are not those"), "{message}");
    let message = refusal(&with(&iris(), 0.25, &Plan::default()));
    assert!(message.contains("divided into training, validation"), "{message}");

    let digits = embedded("digits");
    let session = with(&digits, 0.15, &Plan::default());
    let bytes = session.start().to_bytes(&session).unwrap();
    let other = with(&digits, 0.15, &Plan { pixels: PixelScaling::Unit, ..Plan::default() });
    let error = State::from_bytes(&bytes, &other).unwrap_err().to_string();
    assert!(error.contains("preprocessed"), "{error}");
}

#[test]
fn a_stop_asked_for_in_the_last_batch_only_is_not_lost() {
    let steps = SESSION.config.pace(SESSION.train.len()).steps_per_epoch as u32;
    let mut state = SESSION.start();
    assert_eq!(run_until(&Exec::serial(), &SESSION, &mut state, steps), Ended::Stopped);
    assert_eq!((state.epoch, state.batch, state.step), (1, 0, steps));
    assert_eq!(state.history.len(), 1, "the epoch was validated before the stop");
}

#[test]
fn a_finished_state_stays_as_it_is() {
    let mut state = trained(&Exec::serial(), &SESSION);
    let bytes = state.to_bytes(&SESSION).unwrap();
    assert_eq!(run_until(&Exec::serial(), &SESSION, &mut state, 0), Ended::Finished);
    assert!(state.to_bytes(&SESSION).unwrap() == bytes);
}

/// Counts what it is told.
#[derive(Default)]
struct Calls(u32, u32, u32, u32);

impl Callback for Calls {
    fn fit_start(&mut self, seen: Seen<'_>) {
        assert_eq!((seen.state.step, seen.batches, seen.epochs), (0, 8, 3));
        self.0 += 1;
    }
    fn batch_end(&mut self, _: Seen<'_>) -> Flow {
        self.1 += 1;
        Flow::Continue
    }
    fn epoch_end(&mut self, seen: Seen<'_>) -> Flow {
        assert_eq!(seen.epoch.map(|e| e.epoch), Some(seen.state.epoch));
        self.2 += 1;
        Flow::Continue
    }
    fn fit_end(&mut self, seen: Seen<'_>) {
        assert!(seen.state.finished);
        self.3 += 1;
    }
}

#[test]
fn every_callback_is_told_even_when_one_stops() {
    let exec = Exec::serial();
    let (mut a, mut b) = (Calls::default(), Calls::default());
    let trainer = Trainer { exec: &exec, session: &SESSION };
    trainer.run(&mut SESSION.start(), &mut [&mut a, &mut b]).unwrap();
    for calls in [a, b] {
        assert_eq!((calls.0, calls.1, calls.2, calls.3), (1, 24, 3, 1));
    }
}

#[test]
fn numbers_pass_through_metadata() {
    // What the metadata rest on: floats keep their bits.
    let values = (f64::MIN_POSITIVE / 4.0, -0.0f64, 0.1f32);
    let read: (f64, f64, f32) = decode(&encode(&values).unwrap(), 0).unwrap();
    assert_eq!(read.0.to_bits(), values.0.to_bits());
    assert_eq!(read.1.to_bits(), values.1.to_bits());
    assert_eq!(read.2.to_bits(), values.2.to_bits());
}
