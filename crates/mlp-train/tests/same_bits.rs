//! The model file is the same for every instruction set and number of threads, and from version to version.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]

mod common;

use common::{embedded, executors, file, line, lopsided, session, small, stream, trained};
use mlp_train::model::container::{float_bytes, sha256_hex};
use mlp_train::model::data::{Dataset, OpenOptions, csv};
use mlp_train::model::tensor::{Activation, Exec, Isa};
use mlp_train::{
    Callback, ClassWeights, Config, Flow, OptimizerKind, Prepared, Schedule, Seen, Trainer,
};
use std::path::Path;

/// SHA-256 of what [`golden`] trains on each of [`sets`].
const GOLDEN: [&str; 3] = [
    "9dcb50194f20abaf98c7d54ae190de251ff781714efd89083b4d75381597ad6c",
    "3960dba3698a646bbc6cbd5edfee91c3868aca2128d96b66a3d9029183dbc962",
    "b157323b77bcf3cd3fa138b45b273c53cb669fb316eba4cc71fbc57aec4b4728",
];

/// Three classes; numbers; two classes, one of them rare.
fn sets() -> [(&'static str, Dataset); 3] {
    [("iris", embedded("iris")), ("line", line(120, 0.1)), ("lopsided", lopsided(150))]
}

/// The weights and losses of a small training with everything in it. Not the whole file: its format and the version
/// of the program in it may change without a weight doing so.
fn golden(exec: &Exec, data: &Dataset) -> String {
    let config = Config {
        hidden: vec![13],
        activation: Activation::Gelu,
        dropout: 0.1,
        optimizer: OptimizerKind::AdamW,
        learning_rate: Some(0.01),
        weight_decay: Some(0.01),
        schedule: Schedule::OneCycle,
        batch_size: Some(24),
        epochs: Some(4),
        clip: 1.0,
        seed: 5,
        ..Config::default()
    };
    let session = session(data, 0.2, config);
    let state = trained(exec, &session);
    let mut bytes = float_bytes(state.values());
    for epoch in &state.history {
        bytes.extend(epoch.loss.to_le_bytes());
        bytes.extend(epoch.val_loss.unwrap_or(0.0).to_le_bytes());
    }
    sha256_hex(&bytes)
}

#[test]
fn golden_training() {
    for ((name, data), expected) in sets().iter().zip(GOLDEN) {
        for exec in executors(&[1, 2, 3, 7]) {
            let hash = golden(&exec, data);
            assert_eq!(
                hash, expected,
                "the bits of a model trained on {name} changed ({exec:?}). If that was meant, because a \
                 formula changed, say so in the change log and put the new hash into GOLDEN; if not, find out why"
            );
        }
    }
}

/// Every instruction set this test promises must have been there, where the processor has it.
#[test]
fn no_instruction_set_is_skipped() {
    let isas = Isa::available();
    assert!(isas.contains(&Isa::Portable));
    #[cfg(target_arch = "x86_64")]
    {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        assert_eq!(isas.contains(&Isa::Avx2), avx2);
    }
    #[cfg(target_arch = "aarch64")]
    assert!(isas.contains(&Isa::Neon));
}

/// Trains on every executor and compares the files.
fn check(what: &str, session: &Prepared) {
    let all = executors(&[1, 2, 3, 7]);
    let first = file(session, &trained(&all[0], session));
    for exec in &all[1..] {
        let other = file(session, &trained(exec, session));
        assert!(other == first, "{what}: other bits on {exec:?}");
    }
}

#[test]
fn every_optimizer_and_schedule() {
    use OptimizerKind::{Adam, AdamW, Sgd};
    let step = Schedule::Step { every: 1, factor: 0.5 };
    let runs = [
        ("plain sgd", Sgd, 0.0, false, Schedule::Constant, 0.0),
        ("momentum", Sgd, 0.9, false, step, 0.5),
        ("nesterov", Sgd, 0.9, true, Schedule::Cosine, 0.0),
        ("adam", Adam, 0.0, false, Schedule::Cosine, 1.0),
        ("adamw", AdamW, 0.0, false, Schedule::OneCycle, 0.5),
    ];
    for (name, data) in &sets() {
        for (word, optimizer, momentum, nesterov, schedule, clip) in runs {
            let regression = *name == "line";
            let config = Config {
                optimizer,
                momentum,
                nesterov,
                schedule,
                clip,
                warmup: if schedule == Schedule::Cosine { 0.5 } else { 0.0 },
                class_weights: if regression { ClassWeights::None } else { ClassWeights::Balanced },
                ..small(2)
            };
            check(&format!("{name}, {word}"), &session(data, 0.15, config));
        }
    }
}

#[test]
fn sets_of_labels() {
    let mut stream = stream(9);
    let rows: String = (0..90)
        .map(|_| {
            let (a, b) = (stream.normal(), stream.normal());
            let yes = |yes: bool| u8::from(yes);
            format!("{a},{b},{},{},{}\n", yes(a > 0.0), yes(a + b > 0.5), yes(b < -0.5))
        })
        .collect();
    let options = OpenOptions { target: Some("p,q,r".into()), ..OpenOptions::default() };
    let text = format!("a,b,p,q,r\n{rows}");
    let path = Path::new("labels.csv");
    let data = csv::from_bytes(&Exec::serial(), path, text.as_bytes(), &options).unwrap();
    let config = Config { class_weights: ClassWeights::Balanced, ..small(2) };
    let session = session(&data, 0.15, config);
    assert_eq!((session.network.outputs(), session.class_counts.len()), (3, 3));
    check("labels", &session);
}

/// Wide enough that products and optimizer sweeps are cut up among threads; few rows, for the portable kernel is slow
/// where nothing is optimised.
#[test]
fn digits_with_a_wide_network() {
    let config = Config { hidden: vec![300, 70], batch_size: Some(150), dropout: 0.3, ..small(1) };
    check("digits", &session(&embedded("digits"), 0.85, config));
}

/// Every step is cut among another number of threads.
struct Restless(usize);

impl Callback for Restless {
    fn threads(&mut self) -> Option<usize> {
        Some(self.0 % 5)
    }
    fn batch_end(&mut self, _: Seen<'_>) -> Flow {
        self.0 += 1;
        Flow::Continue
    }
}

#[test]
fn the_number_of_threads_may_change_from_step_to_step() {
    let config = Config { hidden: vec![300, 70], batch_size: Some(150), dropout: 0.3, ..small(2) };
    let session = session(&embedded("digits"), 0.5, config);
    let [one, four] = [1, 4].map(|threads| Exec::new(None, Some(threads)).unwrap());
    let mut state = session.start();
    let trainer = Trainer { exec: &four, session: &session };
    trainer.run(&mut state, &mut [&mut Restless(0), &mut Restless(3)]).unwrap();
    assert!(file(&session, &state) == file(&session, &trained(&one, &session)));
}

/// With a limit the gradient is summed whole, measured and only then followed; without one each part of it is followed
/// as it comes.
#[test]
fn a_clip_that_never_acts_changes_no_bit() {
    use OptimizerKind::{Adam, AdamW, Sgd};
    let (digits, line) = (embedded("digits"), line(150, 0.1));
    for optimizer in [Sgd, Adam, AdamW] {
        for (data, hidden) in [(&digits, vec![300, 40]), (&line, vec![9, 5])] {
            let config = Config { hidden, optimizer, nesterov: optimizer == Sgd, ..small(2) };
            let values = |clip: f32| {
                let session = session(data, 0.5, Config { clip, ..config.clone() });
                let exec = Exec::new(None, Some(2)).unwrap();
                float_bytes(trained(&exec, &session).values())
            };
            assert!(values(0.0) == values(1e30), "{optimizer:?}");
        }
    }
}

#[test]
fn closed_form() {
    let config = Config { hidden: Vec::new(), optimizer: OptimizerKind::Exact, ..small(1) };
    let session = session(&line(300, 0.5), 0.1, config);
    let files: Vec<Vec<u8>> = executors(&[1, 3])
        .iter()
        .map(|exec| file(&session, &session.solve_exact(exec).unwrap().0))
        .collect();
    assert!(files.windows(2).all(|pair| pair[0] == pair[1]));
}

/// Bytes of the data, configuration and seed, but not what the data's file is called.
#[test]
fn the_name_of_the_file_does_not_matter() {
    let text = "a,y\n".to_string() + &"1,yes\n2,no\n3,yes\n4.5,no\n".repeat(8);
    let run = |name: &str| {
        let options = OpenOptions::default();
        let data =
            csv::from_bytes(&Exec::serial(), Path::new(name), text.as_bytes(), &options).unwrap();
        let session = session(&data, 0.25, small(2));
        file(&session, &trained(&Exec::serial(), &session))
    };
    assert!(run("one.csv") == run("folder/other.csv"));
}

#[test]
fn the_seed_matters() {
    let data = embedded("iris");
    let run = |seed| {
        let session = session(&data, 0.15, Config { seed, ..small(2) });
        trained(&Exec::serial(), &session).params
    };
    assert!(run(1) == run(1) && run(1) != run(2));
}
