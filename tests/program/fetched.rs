//! Sets that lie in `data/NAME` with a `dataset.toml`, as `cargo xtask fetch-data` lays them down: every verb
//! that reads data takes their names. How they come there is tested in `xtask/fetch`.

use crate::make;
use crate::program::Place;

/// A table with a test file of its own, whose target is not the last column.
fn place() -> Place {
    let place = Place::new();
    let (table, rows) = (make::table(90), |lines: &[&str]| lines.join("\n") + "\n");
    let lines: Vec<&str> = table.lines().collect();
    place.write("data/adult/train.csv", rows(&lines[..61]));
    place.write("data/adult/test.csv", rows(&[&lines[..1], &lines[61..]].concat()));
    let options = "# A comment.\ndata = \"train.csv\"\ntest-data = \"test.csv\"\ntarget = \"colour\"\nepochs = 4\n";
    place.write("data/adult/dataset.toml", options);
    place
}

#[test]
fn every_verb_takes_the_name_of_a_fetched_set() {
    let place = place();
    let json = place.good(&["train", "adult", "--hidden", "4", "--json"]).json();
    assert_eq!((json["run"].as_str(), json["epochs"].as_u64()), (Some("runs/adult"), Some(4)));
    assert_eq!(json["test"]["examples"], 30);
    let config = place.text("runs/adult/config.toml");
    assert!(
        config.contains("data/adult/test.csv") && config.contains("target = \"colour\""),
        "{config}"
    );
    // The run says everything itself: the same again without the set's own options.
    place.write("data/adult/dataset.toml", "data = \"train.csv\"\n");
    place.good(&["train", "--config", "runs/adult/config.toml", "--out", "again"]);
    assert_eq!(place.read("again/model.mlp"), place.read("runs/adult/model.mlp"));
    place.write("data/adult/dataset.toml", "data = \"train.csv\"\ntest-data = \"test.csv\"\n");
    let run = place.good(&["evaluate", "runs/adult", "adult", "--part", "test", "--json"]);
    assert_eq!(run.json()["examples"], 30);
    assert_eq!(
        place.good(&["evaluate", "runs/adult", "adult", "--json"]).json()["training_data"],
        true
    );
    assert_eq!(place.good(&["predict", "runs/adult", "adult"]).out.lines().count(), 90);
    assert!(place.good(&["inspect", "adult"]).out.contains("90 rows"));
    place.good(&["explain", "runs/adult", "adult", "--rows", "90", "--data", "adult"]);
}

#[test]
fn the_options_of_a_set_are_a_config_file_from_any_folder() {
    let place = place();
    let args = ["--hidden", "4", "--json"];
    let run = |more: &[&str]| place.good(&[&["train"], more, &args].concat()).json();
    let named = run(&["adult", "--out", "named"]);
    let given = run(&["--config", "data/adult/dataset.toml", "--out", "given"]);
    assert_eq!(given["model_sha256"], named["model_sha256"]);
}

#[test]
fn what_the_set_says_of_columns_holds_for_every_verb() {
    let place = Place::new();
    let mut random = make::randoms(7);
    let mut text = String::from("id,same,a,w,y\n");
    for i in 0..80 {
        let (a, y) = (random(), ["p", "q"][i % 2]);
        text += &format!("{},7,{a:.3},{},{y}\n", i * i % 97, 1 + i % 3);
    }
    place.write("data/set/set.csv", text);
    let options = "data = \"set.csv\"\nweight = \"w\"\ntype = { id = \"ignore\" }\nepochs = 1\n";
    place.write("data/set/dataset.toml", options);
    place.good(&["train", "set", "--hidden", "2"]);
    // `same` tells nothing and is left out, so the data are read once more as training read them.
    let found = place.good(&["evaluate", "runs/set", "set", "--json"]).json();
    assert_eq!(
        (&found["training_data"], &found["metrics"]["weighted"]),
        (&true.into(), &true.into())
    );
    let file = place.good(&["evaluate", "runs/set", "data/set/set.csv", "--json"]).json();
    assert_eq!(file["training_data"], true);
    let seen = place.good(&["data", "inspect", "set", "--json"]).json();
    let model = place.good(&["inspect", "runs/set", "--json"]).json();
    assert_eq!(seen["fingerprint"], model["fingerprint"]);
    assert_eq!(model["config"]["type"], "id=ignore");
}

#[test]
fn flags_win_over_the_set_and_a_folder_may_lie_anywhere() {
    let place = place();
    std::fs::rename(place.path("data/adult"), place.path("elsewhere")).expect("a folder");
    let args =
        ["train", "elsewhere", "--target", "kind", "--epochs", "2", "--hidden", "none", "--json"];
    let json = place.good(&args).json();
    assert_eq!((json["run"].as_str(), json["epochs"].as_u64()), (Some("runs/elsewhere"), Some(2)));
    assert!(json["test"]["roc_auc"].is_number(), "two classes: {json}");
}

#[test]
fn files_and_embedded_sets_of_the_name_come_first() {
    let place = place();
    place.write("data/iris/dataset.toml", "data = \"no.csv\"\n");
    assert!(place.good(&["inspect", "iris"]).out.contains("150 rows"));
    place.write("adult", make::prices(12));
    assert!(place.good(&["inspect", "adult"]).out.contains("12 rows"));
}

#[test]
fn sets_that_are_not_there_name_the_command() {
    let place = Place::new();
    let command = "fetch it: cargo xtask fetch-data cats-vs-dogs";
    place.check(&["train", "cats-vs-dogs"], 1, &["`cats-vs-dogs` is not there", command]);
    place.check(&["inspect", "cats-vs-dogs"], 1, &[command]);
    place.check(&["train", "mnits"], 1, &["did you mean `mnist`", "cargo xtask fetch-data mnist"]);
    place.check(&["train", "iriss"], 1, &["did you mean `iris`?"]);
    place.write("data/adult/dataset.toml", "data = \"train.csv\"\ntraget = \"x\"\n");
    place.check(
        &["train", "adult"],
        2,
        &["data/adult/dataset.toml: line 2", "did you mean `target`"],
    );
    place.write("data/adult/dataset.toml", "target = \"x\"\n");
    place.check(&["train", "adult"], 2, &["data/adult/dataset.toml: the key `data` is lacking"]);
    place.write("data/adult/dataset.toml", "data = \"gone.csv\"\n");
    place.check(&["train", "adult"], 1, &["data/adult/gone.csv"]);
}
