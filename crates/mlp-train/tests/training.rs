//! What training must do: the best epoch, the guard against divergence, class weights, problems that must be solved.
//! Closed forms stand in `exact.rs`.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]

mod common;

use common::{bits, embedded, line, lopsided, session, small, spirals, table, trained};
use mlp_train::model::data::Part;
use mlp_train::model::tensor::{Activation, Exec};
use mlp_train::{
    Callback, ClassWeights, Config, Ended, Flow, OptimizerKind, Prepared, Schedule, Seen, State,
    TrainError, Trainer,
};

fn run(
    session: &Prepared,
    callbacks: &mut [&mut dyn Callback],
) -> (State, Result<Ended, TrainError>) {
    let exec = Exec::serial();
    let mut state = session.start();
    let ended = Trainer { exec: &exec, session }.run(&mut state, callbacks);
    (state, ended)
}

/// Keeps the parameters after every epoch.
#[derive(Default)]
struct Epochs(Vec<Vec<f32>>);

impl Callback for Epochs {
    fn epoch_end(&mut self, seen: Seen<'_>) -> Flow {
        self.0.push(seen.state.params.values.to_vec());
        Flow::Continue
    }
}

/// Overfits: much noise, few rows.
fn overfitting(patience: u32, epochs: u32) -> Prepared {
    let config = Config {
        hidden: vec![40],
        dropout: 0.0,
        // So small that losses move by less than a thousandth an epoch.
        learning_rate: Some(0.001),
        schedule: Schedule::Constant,
        patience,
        ..small(epochs)
    };
    session(&line(90, 4.0), 0.3, config)
}

#[test]
fn the_best_epoch_is_restored() {
    let session = overfitting(4, 400);
    let mut epochs = Epochs::default();
    let (state, ended) = run(&session, &mut [&mut epochs]);
    assert_eq!(ended.unwrap(), Ended::Early);
    let best = state.best_epoch() as usize;
    assert!(state.finished && best > 0);
    assert_eq!((state.history.len(), state.waited), (best + 4, 4), "patience");
    assert_eq!(bits(state.values()), bits(&epochs.0[best - 1]));
    assert_ne!(bits(state.values()), bits(&state.params.values));

    let (loss, score) = session.score(&Exec::serial(), state.values(), &session.valid).unwrap();
    let record = &state.history[best - 1];
    assert_eq!(record.val_loss.map(f64::to_bits), Some(loss.to_bits()));
    assert_eq!(record.val_score.map(f64::to_bits), Some(score.to_bits()));
    let mut lowest = f64::INFINITY;
    for record in &state.history {
        let loss = record.val_loss.unwrap();
        assert_eq!(record.improved, loss < lowest, "epoch {}", record.epoch);
        lowest = lowest.min(loss);
    }
    let model = session.model(&state).unwrap();
    assert_eq!(model.record.best_epoch as usize, best);
    assert_eq!(bits(&model.params.values), bits(state.values()));
}

#[test]
fn patience_of_zero_never_stops() {
    let (state, ended) = run(&overfitting(0, 200), &mut []);
    assert_eq!((ended.unwrap(), state.history.len()), (Ended::Finished, 200));
    assert!(state.best_epoch() < 200, "the best epoch is restored all the same");
}

#[test]
fn without_validation_the_last_epoch_is_used() {
    let session = session(&embedded("iris"), 0.0, Config { patience: 1, ..small(5) });
    let (state, ended) = run(&session, &mut []);
    assert_eq!((ended.unwrap(), state.best_epoch()), (Ended::Finished, 5));
    assert!(state.best.is_none());
    assert!(state.history.iter().all(|e| e.val_loss.is_none() && !e.improved));
    assert_eq!(bits(state.values()), bits(&state.params.values));
}

#[test]
fn any_batch_size_works() {
    for size in [1, 2, 1_000_000] {
        let session =
            session(&embedded("iris"), 0.2, Config { batch_size: Some(size), ..small(3) });
        let (state, ended) = run(&session, &mut []);
        assert_eq!(ended.unwrap(), Ended::Finished);
        assert_eq!(state.step as usize, 3 * session.train.len().div_ceil(size));
    }
}

/// Keeps the parameters after every step.
#[derive(Default)]
struct Steps(Vec<f32>);

impl Callback for Steps {
    fn batch_end(&mut self, seen: Seen<'_>) -> Flow {
        self.0 = seen.state.params.values.to_vec();
        Flow::Continue
    }
}

#[test]
fn divergence_is_named_and_leaves_the_step_before_it() {
    let config = Config {
        optimizer: OptimizerKind::Sgd,
        learning_rate: Some(1000.0),
        weight_decay: Some(0.0),
        schedule: Schedule::Constant,
        ..small(50)
    };
    let session = session(&line(200, 0.1), 0.2, config);
    let mut steps = Steps::default();
    let (state, ended) = run(&session, &mut [&mut steps]);
    let Err(TrainError::Diverged { epoch, batch, what }) = ended else { panic!("{ended:?}") };
    assert_eq!((epoch, batch), (state.epoch + 1, state.batch + 1));
    assert!(what.contains("layer "), "{what}");
    assert_eq!(bits(&state.params.values), bits(&steps.0));
    assert!(state.params.values.iter().all(|v| v.is_finite()));
    // What is left can be saved, read and used.
    let bytes = state.to_bytes(&session).unwrap();
    assert!(State::from_bytes(&bytes, &session).is_ok());
    assert!(session.model(&state).unwrap().to_bytes().is_ok());
}

#[test]
fn a_broken_weight_is_found_in_any_place_through_any_activation() {
    let exec = Exec::serial();
    for activation in [Activation::Relu, Activation::LeakyRelu, Activation::Tanh, Activation::Gelu]
    {
        // Without dropout layers, so that layers are numbered as here.
        let config = Config { activation, dropout: 0.0, ..small(2) };
        let session = session(&embedded("iris"), 0.2, config);
        for (i, slot) in session.network.slots().iter().enumerate() {
            for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut state = session.start();
                state.params.values[slot.range.start] = value;
                let ended = Trainer { exec: &exec, session: &session }.run(&mut state, &mut []);
                let Err(error @ TrainError::Diverged { epoch: 1, .. }) = ended else {
                    panic!("{activation:?}, slot {i} = {value}: {ended:?}")
                };
                let expected = format!("a weight of layer {} is not a finite", i / 2 + 1);
                assert!(error.to_string().contains(&expected), "{error}");
                assert!(session.model(&state).is_err(), "no broken model is made");
            }
        }
    }
}

#[test]
fn an_exploding_gradient_is_not_followed() {
    let config = Config { dropout: 0.0, hidden: vec![4], ..small(2) };
    let session = session(&line(60, 0.1), 0.2, config);
    let mut state = session.start();
    state.params.values.iter_mut().for_each(|w| *w *= 1e9);
    let before = state.params.clone();
    let exec = Exec::serial();
    let ended = Trainer { exec: &exec, session: &session }.run(&mut state, &mut []);
    let error = ended.unwrap_err().to_string();
    assert!(error.contains("epoch 1, batch 1: the gradient of layer"), "{error}");
    assert_eq!(state.params, before);

    // What will be clipped need not be small.
    let config = Config { dropout: 0.0, hidden: vec![4], clip: 1.0, ..small(2) };
    let session = session.sibling(config).unwrap();
    let mut state = session.start();
    state.params = before;
    Trainer { exec: &exec, session: &session }.run(&mut state, &mut []).unwrap();
    assert!(state.finished && state.params.values.iter().all(|v| v.is_finite()));
}

/// A row of the validation part far outside of what was trained on.
#[test]
fn a_validation_loss_that_is_no_number_names_its_layer() {
    let config = || Config { hidden: Vec::new(), dropout: 0.0, clip: 1.0, ..small(2) };
    let text = |far: Option<usize>| -> String {
        let row = |i| match far == Some(i) {
            true => format!("1e30,{i}\n"),
            false => format!("{},{i}\n", i % 7),
        };
        std::iter::once("x,y\n".to_string()).chain((0..40).map(row)).collect()
    };
    let far = session(&table(&text(None)), 0.2, config()).valid[3];
    let session = session(&table(&text(Some(far))), 0.2, config());
    assert!(session.valid.contains(&far));
    let mut state = session.start();
    state.params.values[0] = 1e30;
    let exec = Exec::serial();
    let ended = Trainer { exec: &exec, session: &session }.run(&mut state, &mut []);
    let error = ended.unwrap_err().to_string();
    let part = "on the validation part an output of layer 1 is not a finite number";
    assert!(error.contains(part) && error.contains("epoch 1"), "{error}");
}

/// scikit-learn 1.7 without a penalty, on all rows: 0.987.
#[test]
fn the_linear_baseline_finds_its_minimum_whatever_the_batch_size() {
    let exec = Exec::serial();
    for batch_size in [1, 1_000] {
        let config = Config { batch_size: Some(batch_size), ..small(1) };
        let session = session(&embedded("iris"), 0.0, config);
        let e = mlp_train::linear(&exec, &session, Part::Train).unwrap();
        let accuracy = e.score("accuracy").unwrap();
        assert!((0.97..=0.99).contains(&accuracy), "{accuracy}");
    }
}

#[test]
fn class_weights_raise_the_recall_of_the_seldom_class() {
    let recall = |class_weights| {
        let config = Config { class_weights, hidden: vec![8], dropout: 0.0, ..small(30) };
        let session = session(&lopsided(600), 0.2, config);
        let exec = Exec::serial();
        let model = session.model(&trained(&exec, &session)).unwrap();
        let e = session.evaluate(&exec, &model, Part::Train).unwrap();
        let counts = &e.confusion.unwrap().counts[0];
        counts[0] as f64 / counts.iter().sum::<u64>() as f64
    };
    let (plain, balanced) = (recall(ClassWeights::None), recall(ClassWeights::Balanced));
    assert!(plain < 0.45 && balanced > 0.6, "{plain} {balanced}");
}

#[test]
fn balanced_weights_are_1_on_average() {
    // A network that knows nothing: every example costs ln 2 times its weight.
    let config = Config { class_weights: ClassWeights::Balanced, hidden: Vec::new(), ..small(1) };
    let session = session(&lopsided(200), 0.0, config);
    let zeros = vec![0.0; session.network.parameters()];
    let exec = Exec::serial();
    let (loss, _) = session.score(&exec, &zeros, &session.train).unwrap();
    assert!((loss - std::f64::consts::LN_2).abs() < 1e-6, "{loss}");
    let seldom = session.score(&exec, &zeros, &[0]).unwrap().0;
    assert!((seldom - 5.0 * std::f64::consts::LN_2).abs() < 1e-5, "200 / (2 · 20): {seldom}");
}

/// The accuracy on the training part, and on the validation part where there is one.
fn accuracy(session: &Prepared) -> (f64, f64) {
    let exec = Exec::serial();
    let model = session.model(&trained(&exec, session)).unwrap();
    let of = |part| session.evaluate(&exec, &model, part).unwrap().score("accuracy").unwrap();
    (of(Part::Train), of(Part::Validation))
}

#[test]
fn xor_is_learned_and_no_linear_model_can() {
    let data = table("a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n");
    let config = |hidden| Config {
        hidden,
        activation: Activation::Tanh,
        dropout: 0.0,
        learning_rate: Some(0.05),
        ..small(300)
    };
    assert_eq!(accuracy(&session(&data, 0.0, config(vec![8]))).0, 1.0);
    assert!(accuracy(&session(&data, 0.0, config(Vec::new()))).0 <= 0.75);
}

#[test]
fn spirals_are_learned() {
    let config = Config { hidden: vec![32, 32], dropout: 0.0, ..small(100) };
    let (train, valid) = accuracy(&session(&spirals(600), 0.25, config));
    assert!(train >= 0.95 && valid >= 0.95, "{train} {valid}");
}

#[test]
fn digits_are_learned_by_the_defaults() {
    let config = Config { epochs: Some(8), ..Config::default() };
    let (_, valid) = accuracy(&session(&embedded("digits"), 0.25, config));
    assert!(valid >= 0.95, "{valid}");
}
