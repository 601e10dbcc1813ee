//! Changed pictures and their features: the same model for any number of threads and after an interruption, and rows
//! that do not train are as they are.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]

mod common;

use common::{embedded, executors, file, line, run_until, small, trained};
use mlp_train::model::data::{Augment, Dataset, Features, Part, Plan, Split};
use mlp_train::model::tensor::Exec;
use mlp_train::{Config, OptimizerKind, Prepared, State, TrainError, prepare};

/// Some of the digits, half of them for validation.
fn session(features: Features, augment: Augment, seed: u64) -> Prepared {
    let all = embedded("digits");
    let rows: Vec<usize> = (0..160).collect();
    let data = Dataset {
        table: all.table.select(&rows),
        target: all.target.select(&rows),
        parts: Vec::new(),
        ..all
    };
    let split = Split { parts: (0..160).map(|i| [Part::Train, Part::Validation][i % 2]).collect() };
    // Batches that are cut into parts by the threads, but for the last.
    let config = Config { augment, seed, hidden: vec![64, 9], batch_size: Some(70), ..small(3) };
    prepare(&data, &split, &Plan { features, ..Plan::default() }, config).unwrap()
}

#[test]
fn threads_and_interruptions_change_no_bit() {
    for features in [Features::Pixels, Features::Hog] {
        let session = session(features, Augment::digits(), 4);
        let all = executors(&[1, 2, 3]);
        let whole = file(&session, &trained(&all[0], &session));
        for exec in &all[1..] {
            assert!(file(&session, &trained(exec, &session)) == whole, "{features:?}: {exec:?}");
        }
        for step in 1..6 {
            let mut state = session.start();
            run_until(&all[1], &session, &mut state, step);
            let bytes = state.to_bytes(&session).unwrap();
            let mut read = State::from_bytes(&bytes, &session).unwrap();
            run_until(&all[2], &session, &mut read, u32::MAX);
            assert!(file(&session, &read) == whole, "{features:?}: after step {step}");
        }
    }
}

#[test]
fn only_training_rows_are_changed() {
    let exec = Exec::serial();
    let plain = session(Features::Pixels, Augment::default(), 4);
    let changed = session(Features::Pixels, Augment::digits(), 4);
    let every: Vec<usize> = (0..160).collect();
    let inputs = |session: &Prepared| session.encoded.all_inputs(&exec, &every).unwrap();
    assert_eq!(inputs(&plain), inputs(&changed));
    assert_eq!(plain.pipeline, changed.pipeline);
    let start = plain.start();
    let score = |session: &Prepared| session.score(&exec, start.values(), &session.valid).unwrap();
    assert_eq!(score(&plain), score(&changed));
    // It does something: other weights from the first step on.
    let after = |session: &Prepared| {
        let mut state = session.start();
        run_until(&exec, session, &mut state, 1);
        state.params.values
    };
    assert_ne!(after(&plain), after(&changed));
}

#[test]
fn a_checkpoint_of_other_changes_is_refused() {
    let sessions = ["none", "digits", "digits,rotate=11", "flip=1"]
        .map(|words| session(Features::Pixels, words.parse().unwrap(), 4));
    for (i, then) in sessions.iter().enumerate() {
        let bytes = then.start().to_bytes(then).unwrap();
        for (j, now) in sessions.iter().enumerate() {
            match State::from_bytes(&bytes, now) {
                Ok(_) => assert_eq!(i, j),
                Err(TrainError::Resume { what }) => {
                    assert!(i != j && what.contains("augment = "), "{i}, {j}: {what}");
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    let hog = session(Features::Hog, Augment::default(), 4);
    let bytes = hog.start().to_bytes(&hog).unwrap();
    assert!(State::from_bytes(&bytes, &sessions[0]).is_err(), "other features");
}

#[test]
fn what_cannot_be_changed_is_refused() {
    let refused = |data: &Dataset, config: Config| {
        let split = Split::new(data, 0.1, 0.0, 3).unwrap();
        match prepare(data, &split, &Plan::default(), config) {
            Err(error @ TrainError::Config { name: "augment", .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let augment = Augment::photo();
    let table = refused(&line(50, 0.1), Config { augment, ..small(2) });
    assert!(table.contains("only pictures"), "{table}");
    let exact = Config { augment, hidden: Vec::new(), optimizer: OptimizerKind::Exact, ..small(2) };
    assert!(refused(&line(50, 0.1), exact).contains("closed-form"));
}

#[test]
fn digits_are_learned_from_features_of_changed_pictures() {
    let session = session(Features::Hog, Augment { shift: 0.1, ..Augment::default() }, 1);
    let exec = Exec::serial();
    let config = Config { epochs: Some(40), batch_size: Some(16), dropout: 0.0, ..small(40) };
    let session = session
        .sibling(Config { augment: session.config.augment, hidden: vec![32], ..config })
        .unwrap();
    let state = trained(&exec, &session);
    let (_, accuracy) = session.score(&exec, state.values(), &session.valid).unwrap();
    assert!(accuracy > 0.7, "{accuracy}");
}
