//! Every hyper-parameter out of its range is refused with its name, its value and the rule.
#![allow(missing_docs, reason = "a test has no readers of its documentation")]

mod common;

use common::{line, small};
use mlp_train::model::data::{Plan, Split};
use mlp_train::{ClassWeights, Config, OptimizerKind, Schedule, TrainError, prepare};

fn refused(name: &str, change: impl Fn(&mut Config)) {
    let mut config = small(5);
    change(&mut config);
    match config.check(100) {
        Err(TrainError::Config { name: found, value, rule }) => {
            assert_eq!(found, name);
            assert!(!value.is_empty() && rule.len() > 10, "{name} = {value}: {rule}");
        }
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn values_out_of_range_are_refused_by_name() {
    for bad in [f32::NAN, f32::INFINITY, -1.0] {
        refused("learning-rate", |c| c.learning_rate = Some(bad));
        refused("dropout", |c| c.dropout = bad);
        refused("momentum", |c| c.momentum = bad);
        refused("beta1", |c| c.betas.0 = bad);
        refused("beta2", |c| c.betas.1 = bad);
        refused("epsilon", |c| c.epsilon = bad);
        refused("weight-decay", |c| c.weight_decay = Some(bad));
        refused("warmup", |c| c.warmup = bad);
        refused("clip", |c| c.clip = bad);
        refused("step-factor", |c| c.schedule = Schedule::Step { every: 2, factor: bad });
    }
    for zero in [0.0, -0.0] {
        refused("learning-rate", |c| c.learning_rate = Some(zero));
        refused("epsilon", |c| c.epsilon = zero);
        refused("step-factor", |c| c.schedule = Schedule::Step { every: 2, factor: zero });
    }
    refused("dropout", |c| c.dropout = 1.0);
    refused("momentum", |c| c.momentum = 1.0);
    refused("beta2", |c| c.betas.1 = 1.0);
    refused("learning-rate", |c| c.learning_rate = Some(1e6));
    refused("weight-decay", |c| c.weight_decay = Some(200.0));
    let warm = |warmup| move |c: &mut Config| (c.schedule, c.warmup) = (Schedule::Cosine, warmup);
    refused("warmup", warm(5.5));
    // It would be ignored.
    refused("warmup", |c| (c.schedule, c.warmup) = (Schedule::OneCycle, 0.5));
    refused("step-factor", |c| c.schedule = Schedule::Step { every: 2, factor: 1.5 });
    refused("step-every", |c| c.schedule = Schedule::Step { every: 0, factor: 0.5 });
    refused("hidden", |c| c.hidden = vec![3, 0]);
    refused("batch-size", |c| c.batch_size = Some(0));
    refused("epochs", |c| c.epochs = Some(0));
    refused("optimizer", |c| c.optimizer = OptimizerKind::Exact);
}

#[test]
fn more_steps_than_can_be_counted_are_refused() {
    let config = Config { batch_size: Some(1), epochs: Some(u32::MAX), ..small(1) };
    assert!(config.clone().check(1).is_ok());
    assert!(config.check(2).is_err());
}

#[test]
fn what_is_not_given_is_chosen_from_the_data() {
    let config = |examples| Config::default().check(examples).unwrap();
    for (examples, batch, epochs) in
        [(97, 32, 100), (5_000, 64, 100), (15_000, 64, 40), (54_000, 128, 11), (1_000_000, 128, 8)]
    {
        let c = config(examples);
        assert_eq!((c.batch_size, c.epochs), (Some(batch), Some(epochs)), "{examples} examples");
    }
    // Decay as a term of the gradient pulls harder than on its own.
    use OptimizerKind::{Adam, AdamW, Sgd};
    for (optimizer, rate, decay) in [(AdamW, 0.002, 0.01), (Adam, 0.002, 1e-4), (Sgd, 0.05, 1e-4)] {
        let c = Config { optimizer, ..Config::default() }.check(100).unwrap();
        assert_eq!((c.learning_rate, c.weight_decay), (Some(rate), Some(decay)), "{optimizer:?}");
    }
    // A batch is never larger than the data, nor is it empty without any.
    assert_eq!(config(5).batch_size, Some(5));
    assert_eq!(config(0).pace(0).total(), 100);
    let given = Config {
        batch_size: Some(7),
        epochs: Some(3),
        learning_rate: Some(0.5),
        weight_decay: Some(0.0),
        ..small(1)
    };
    assert_eq!(*given.clone().check(100).unwrap(), given);
}

#[test]
fn words_hold_every_option() {
    let words = small(5).check(100).unwrap().words();
    let get = |key: &str| words.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
    assert_eq!(get("hidden"), Some("9,5"));
    assert_eq!(get("learning-rate"), Some("0.01"));
    assert_eq!(get("epsilon"), Some("0.00000001"));
    let mut keys: Vec<&String> = words.iter().map(|(k, _)| k).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), words.len());
    let step = Config { schedule: Schedule::Step { every: 7, factor: 0.25 }, ..small(5) };
    let step = step.check(100).unwrap().words();
    assert!(step.contains(&("step-every".into(), "7".into())));
    assert!(step.contains(&("step-factor".into(), "0.25".into())));
}

#[test]
fn numbers_have_no_classes_to_weigh() {
    let data = line(50, 0.1);
    let split = Split::new(&data, 0.0, 0.0, 1).unwrap();
    let config = Config { class_weights: ClassWeights::Balanced, ..small(1) };
    let error = prepare(&data, &split, &Plan::default(), config).unwrap_err().to_string();
    assert!(error.starts_with("class-weights = balanced: "), "{error}");
}
