//! What is said of a trained model's inside: importance of columns, dead and saturated nodes, spread of weights.

use mlp_train::model::Model;
use mlp_train::model::data::{Dataset, OpenOptions, Part, Plan, Quiet, Split, open};
use mlp_train::model::tensor::{Activation, Exec};
use mlp_train::{
    Config, Prepared, Trainer, layer_units, permutation_importance, prepare, sample,
    weight_statistics,
};

/// A table in which only `a` says anything of the class.
fn data(exec: &Exec) -> Dataset {
    let dir = std::env::temp_dir().join(format!(
        "mlp-inside-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join("table.csv");
    let mut text = String::from("a,b,word,class\n");
    for i in 0..400u32 {
        let (a, b) = (i * 7919 % 400, i * 104_729 % 400);
        let class = if a < 200 { "low" } else { "high" };
        text += &format!("{}.5,{}.25,w{},{class}\n", a, b, i % 3);
    }
    std::fs::write(&path, text).unwrap();
    let data = open(exec, &path.display().to_string(), &OpenOptions::default(), &Quiet).unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    data
}

fn trained(exec: &Exec, data: &Dataset, config: Config) -> (Prepared, Model) {
    let split = Split::new(data, 0.0, 0.25, 1).unwrap();
    let session = prepare(data, &split, &Plan::default(), config).unwrap();
    let mut state = session.start();
    Trainer { exec, session: &session }.run(&mut state, &mut []).unwrap();
    let model = session.model(&state).unwrap();
    (session, model)
}

#[test]
fn the_column_that_matters_comes_first() {
    let exec = Exec::serial();
    let data = data(&exec);
    let config = Config {
        hidden: vec![8],
        epochs: Some(60),
        learning_rate: Some(0.02),
        ..Config::default()
    };
    let (session, model) = trained(&exec, &data, config);
    let rows = session.rows(Part::Test);
    let (all, measured) =
        permutation_importance(&exec, &model, &data.table, &data.target, rows).unwrap();
    assert_eq!(measured, rows.len());
    assert_eq!(all.len(), 3);
    assert_eq!(all[0].column, "a");
    assert!(all[0].loss > 0.3, "{all:?}");
    assert!(all[1].loss.abs() < 0.1 && all[2].loss.abs() < 0.1, "{all:?}");
    assert!(all.iter().all(|i| i.ends.0 <= i.loss && i.loss <= i.ends.1));
    let again = permutation_importance(&exec, &model, &data.table, &data.target, rows).unwrap();
    assert_eq!(again, (all, measured), "the same in every run");
}

#[test]
fn dead_and_saturated_nodes_are_found() {
    let exec = Exec::serial();
    let data = data(&exec);
    for activation in [Activation::Relu, Activation::Tanh] {
        let config =
            Config { hidden: vec![6, 4], activation, epochs: Some(2), ..Config::default() };
        let (session, mut model) = trained(&exec, &data, config);
        let before = layer_units(&exec, &model, &*session.encoded, &session.train).unwrap();
        assert_eq!(before.iter().map(|l| (l.layer, l.units)).collect::<Vec<_>>(), [(1, 6), (2, 4)]);
        assert!(before[0].dead.is_empty() && before[0].saturated.is_empty(), "{before:?}");
        // A node far to one side: a rectifier that never answers, a tangent that always answers 1.
        let bias = model.network.slots()[1].range.start + 3;
        model.params.values[bias] = if activation == Activation::Relu { -1e4 } else { 1e4 };
        let after = layer_units(&exec, &model, &*session.encoded, &session.train).unwrap();
        assert_eq!(after[0].dead, [3], "{after:?}");
        let saturated = if activation == Activation::Tanh { vec![3] } else { Vec::new() };
        assert_eq!(after[0].saturated, saturated, "{after:?}");
        assert!(layer_units(&exec, &model, &*session.encoded, &[]).unwrap().is_empty());
        let weights = weight_statistics(&model);
        assert_eq!(weights.len(), 3);
        assert!(
            weights.iter().all(|w| w.ends.0 <= w.mean && w.mean <= w.ends.1 && w.deviation > 0.0)
        );
    }
}

#[test]
fn samples_are_drawn_without_replacement() {
    let rows: Vec<usize> = (0..1_000).map(|r| r * 3).collect();
    assert_eq!(sample(&rows, 1_000, 1), rows);
    let some = sample(&rows, 100, 1);
    assert_eq!(some.len(), 100);
    assert!(some.windows(2).all(|pair| pair[0] < pair[1]) && some.iter().all(|r| rows.contains(r)));
    assert_eq!(some, sample(&rows, 100, 1));
    assert_ne!(some, sample(&rows, 100, 2));
}
