//! Config files: flags over file over defaults, words that are close or foreign, and the resolved file of a run.

use crate::make;
use crate::program::{Place, RUN_FILES, Run};
use serde_json::{Value, json};

/// The options that a training with this config file and these flags would take.
#[track_caller]
fn resolved(place: &Place, file: &str, flags: &[&str]) -> Value {
    place.write("config.toml", file);
    let args = ["train", "--config", "config.toml", "--dry-run", "--json", "--quiet"];
    place.good(&[&args, flags].concat()).json()
}

#[test]
fn flags_win_over_the_file_and_the_file_over_defaults() {
    let place = Place::new();
    let file = "data = \"iris\"\nepochs = 7\nlearning-rate = 0.02\nhidden = [12, 6]\nseed = 9\n";
    let config = &resolved(&place, file, &["--epochs", "9", "iris"])["config"];
    assert_eq!(config["epochs"], "9", "flag");
    assert_eq!((&config["learning-rate"], &config["hidden"]), (&json!("0.02"), &json!("12,6")));
    assert_eq!(config["seed"], "9", "file");
    assert_eq!((&config["optimizer"], &config["momentum"]), (&json!("adamw"), &json!("0.9")));
    let document = resolved(&place, file, &["digits", "--seed", "3"]);
    assert_eq!((&document["data"], &document["config"]["seed"]), (&json!("digits"), &json!("3")));
}

#[test]
fn every_form_of_hidden_is_understood() {
    let place = Place::new();
    for (form, meant) in
        [("\"12,6\"", "12,6"), ("[12, 6]", "12,6"), ("12", "12"), ("\"none\"", "none")]
    {
        let config = resolved(&place, &format!("data = \"iris\"\nhidden = {form}\n"), &[]);
        assert_eq!(config["config"]["hidden"], meant, "hidden = {form}");
    }
}

#[test]
fn words_of_scikit_learn_are_understood() {
    let place = Place::new();
    let file = "data = \"iris\"\nhidden_layer_sizes = [10]\nsolver = \"sgd\"\nalpha = 0.001\n\
                learning_rate_init = 0.03\nmax_iter = 11\nbatch_size = 16\nn_iter_no_change = 4\n\
                nesterovs_momentum = true\nbeta_1 = 0.8\nbeta_2 = 0.99\nvalidation_fraction = 0.2\n";
    let document = resolved(&place, file, &[]);
    let config = &document["config"];
    let words = [
        ("hidden", "10"),
        ("optimizer", "sgd"),
        ("weight-decay", "0.001"),
        ("learning-rate", "0.03"),
        ("epochs", "11"),
        ("batch-size", "16"),
        ("patience", "4"),
        ("nesterov", "true"),
        ("beta1", "0.8"),
        ("beta2", "0.99"),
    ];
    for (word, value) in words {
        assert_eq!(config[word], value, "{word} in {config}");
    }
    assert_eq!(document["examples"]["validation"], 30);
}

#[test]
fn wrong_files_name_the_line_and_what_is_meant() {
    let place = Place::new();
    let cases: [(&str, &[&str]); 9] = [
        ("learnig-rate = 0.1\n", &["config.toml: line 1", "learnig-rate", "`learning-rate`"]),
        ("epochs = 3\n\nbatchsize = 4\n", &["line 3", "batchsize", "`batch-size`"]),
        ("colour-of-the-sky = 3\n", &["colour-of-the-sky", "the keys are", "learning-rate"]),
        ("epochs = \"ten\"\n", &["line 1", "ten", "expected"]),
        ("epochs = -3\n", &["line 1", "-3"]),
        ("seed = 1\nhidden = \"8,x\"\n", &["line 2", "x", "none"]),
        ("optimizer = \"lbfgs\"\n", &["line 1", "lbfgs", "adamw"]),
        ("epochs = 3\nepochs = 4\n", &["line 2", "duplicate"]),
        ("epochs 3\n", &["line 1"]),
    ];
    for (file, fragments) in cases {
        place.write("config.toml", file);
        place.check(&["train", "iris", "--config", "config.toml"], 2, fragments);
    }
    place.check(
        &["train", "iris", "--config", "nowhere.toml"],
        1,
        &["nowhere.toml", "No such file"],
    );
    place.write("config.toml", b"data = \"\xff\"\n");
    place.check(&["train", "iris", "--config", "config.toml"], 1, &["config.toml", "UTF-8"]);
}

#[test]
fn the_resolved_file_of_a_run_gives_the_same_model() {
    let place = Place::new();
    place.write("in/things.csv", make::table(150));
    place.write("in/more.csv", make::table(40));
    make::pictures(&place, "colours", 8);
    let cases: [&[&str]; 4] = [
        &["digits", "--epochs", "2", "--hidden", "16", "--seed", "5", "--clip", "1"],
        &["in/things.csv", "--test-data", "in/more.csv", "--epochs", "3", "--activation", "gelu"],
        &["colours", "--channels", "red", "--size", "5x4", "--resize", "pad", "--epochs", "3"],
        &[
            "in/things.csv",
            "--optimizer",
            "sgd",
            "--nesterov",
            "--schedule",
            "step",
            "--epochs",
            "3",
        ],
    ];
    for (i, args) in cases.iter().enumerate() {
        let (first, second) = (format!("first-{i}"), format!("second-{i}"));
        place.good(&[&["train"], *args, &["--out", &first]].concat());
        let config = format!("{first}/config.toml");
        place.good(&["train", "--config", &config, "--out", &second]);
        let models = [&first, &second].map(|run| place.sha256(format!("{run}/model.mlp")));
        assert_eq!(models[0], models[1], "{args:?}\n{}", place.text(&config));
        let configs = [&first, &second].map(|run| place.text(format!("{run}/config.toml")));
        assert_eq!(configs[0], configs[1], "resolving twice changes nothing");
    }
}

#[test]
fn metrics_and_split_are_tables() {
    let place = Place::new();
    place.write("things.csv", make::table(100));
    place.good(&["train", "things.csv", "--epochs", "4", "--valid", "0.1", "--out", "run"]);
    let metrics = place.text("run/metrics.csv");
    let mut lines = metrics.lines();
    let header = "epoch,learning_rate,loss,accuracy,val_loss,val_accuracy,improved";
    assert_eq!(lines.next(), Some(header));
    assert_eq!(lines.map(|l| l.split(',').count()).collect::<Vec<_>>(), [7; 4]);
    let split = place.text("run/split.csv");
    let count = |part: &str| split.lines().filter(|l| l.ends_with(part)).count();
    assert_eq!(split.lines().count(), 101);
    assert_eq!((count(",train"), count(",validation"), count(",test")), (70, 10, 20));
}

#[test]
fn too_few_rows_to_choose_by_all_train() {
    let place = Place::new();
    let examples = |rows: usize| {
        place.write("t.csv", make::table(rows));
        place.good(&["train", "t.csv", "--dry-run", "--json"]).json()["examples"].clone()
    };
    assert_eq!(examples(199), json!({"train": 159, "validation": 0, "test": 40}));
    assert_eq!(examples(200), json!({"train": 140, "validation": 20, "test": 40}));
}

#[test]
fn the_task_can_be_overridden() {
    let place = Place::new();
    let mut table = String::from("a,b,y\n");
    for i in 0..240 {
        table += &format!("{},{},{}\n", i % 17, i % 13, i % 2);
    }
    place.write("t.csv", table);
    let train = |task: &str, out: &str| {
        let quick = ["--epochs", "2", "--hidden", "4", "--quiet"];
        place.good(&[&["train", "t.csv", "--task", task, "--out", out], &quick[..]].concat());
        let model = place.good(&["inspect", out, "--json"]).json();
        (model["task"].to_string(), model["layers"].to_string())
    };
    assert_eq!(train("binary", "two").0, "\"binary\"");
    let (task, layers) = train("multiclass", "many");
    assert!(task == "\"multiclass\"" && layers.contains("\"outputs\":2"), "{task} {layers}");
    assert_eq!(train("regression", "number").0, "\"regression\"");
    place.good(&["train", "--resume", "many"]);
    place.good(&["train", "--resume", "number"]);
    place.check(&["train", "iris", "--task", "binary"], 2, &["task = binary", "two classes"]);
}

#[test]
fn a_seed_that_no_config_file_can_hold_is_refused_at_the_door() {
    let place = Place::new();
    place.check(&["train", "iris", "--seed", "9223372036854775808"], 2, &["--seed"]);
    let most = ["train", "iris", "--seed", "9223372036854775807", "--epochs", "1", "--out", "r"];
    place.good(&most);
    place.good(&["train", "--resume", "r"]);
}

#[test]
fn an_endless_time_limit_is_no_limit() {
    let place = Place::new();
    let args = ["train", "iris", "--epochs", "1", "--max-time", "10000000000000000000"];
    place.good(&args);
}

#[test]
fn a_run_goes_into_an_empty_folder_that_is_already_there() {
    let place = Place::new();
    std::fs::create_dir(place.path("here")).unwrap();
    place.good(&["train", "iris", "--epochs", "1", "--out", "here"]);
    place.good(&["train", "--resume", "here"]);
    assert_eq!(place.list("here"), RUN_FILES);
}

#[test]
fn a_training_killed_while_it_filled_an_empty_folder_does_not_block_it() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("here/.partial")).unwrap();
    place.write("here/.partial/config.toml", "");
    place.write("here/split.csv", "row,part\n");
    let args = ["train", "iris", "--epochs", "1", "--out", "here"];
    place.good(&args);
    // Killed a moment later, only the empty folder is left; the next run takes it away.
    std::fs::create_dir(place.path("here/.partial")).unwrap();
    place.good(&["train", "--resume", "here"]);
    assert_eq!(place.list("here"), RUN_FILES);
    // Without the mark of a killed training, the file is somebody's.
    std::fs::create_dir(place.path("own")).unwrap();
    place.write("own/split.csv", "mine");
    place.check(&["train", "iris", "--out", "own"], 2, &["not an empty folder"]);
    assert_eq!(place.text("own/split.csv"), "mine");
}

#[test]
fn an_export_never_replaces_a_model() {
    let place = Place::new();
    place.good(&["train", "iris", "--epochs", "1", "--out", "r"]);
    let over = ["export", "r", "--to", "json", "--out", "r/model.mlp"];
    place.check(&over, 2, &["is a model", "--out"]);
    place.good(&["inspect", "r"]);
}

#[cfg(unix)]
#[test]
fn a_path_that_the_config_file_cannot_hold_is_refused_before_training() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    let folder = place.path(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("t.csv"), make::table(60)).unwrap();
    let mut command = place.command(&["train", "t.csv"]);
    command.current_dir(&folder);
    Run::of(command).said(2, &["not UTF-8", "rename"]);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing was written");
}
