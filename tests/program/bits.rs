//! Same bits: the model file is a function of data, configuration and seed, not of threads, instruction set or build.

use crate::make;
use crate::program::Place;

/// Every option that shapes a model, so that other defaults do not change the golden files.
const OPTIONS: &str = "--activation gelu --dropout 0.1 --optimizer adamw --learning-rate 0.004 --weight-decay 0.01 \
                       --schedule one-cycle --warmup 0 --momentum 0.9 --beta1 0.9 --beta2 0.999 --epsilon 1e-8 \
                       --clip 1 --class-weights none --patience 20 --seed 1 --valid 0.1 --test 0.2";

/// SHA-256 of the model of [`digits`] as the first version of the format writes it. It must hold in every build and
/// on every processor. It changes with the program's version, the file's format and the arithmetic: when one of these
/// changes on purpose, take the value that the failing test prints.
const DIGITS_SHA256: &str = "8a340f2f0265d7e748d7363d453a562c89b9d350704815b848343383cdf7d4ae";

/// As [`DIGITS_SHA256`], for [`table`].
const TABLE_SHA256: &str = "f93fc76531eaa44b68f0774c2755ca00872f515f9f0ef07a82239fff1bb888f2";

/// A training that is quick and yet goes through every kind of kernel: odd sizes, dropout, a last batch not full.
fn digits() -> Vec<&'static str> {
    let own = "train digits --hidden 37,16 --epochs 3 --batch-size 50 --json";
    own.split_whitespace().chain(OPTIONS.split_whitespace()).collect()
}

/// As [`digits`], for a table with missing cells, words and a number to predict.
fn table(place: &Place) -> Vec<&'static str> {
    place.write("t.csv", make::table(130));
    let own = "train t.csv --target length --hidden 9,5 --epochs 5 --batch-size 32 --json";
    own.split_whitespace().chain(OPTIONS.split_whitespace()).collect()
}

#[track_caller]
fn sha(place: &Place, args: &[&str], more: &[&str], out: &str) -> String {
    let document = place.good(&[args, more, &["--quiet", "--out", out]].concat()).json();
    let said = document["model_sha256"].as_str().expect("a checksum").to_string();
    assert_eq!(said, place.sha256(format!("{out}/model.mlp")), "the checksum is the file's");
    said
}

#[test]
fn golden_models() {
    let place = Place::new();
    let digits = sha(&place, &digits(), &[], "digits");
    let table = sha(&place, &table(&place), &[], "table");
    let inspected = place.good(&["inspect", "digits"]).out;
    assert_eq!((&*digits, &*table), (DIGITS_SHA256, TABLE_SHA256), "\n{inspected}");
}

/// Pictures of two classes, a network wide enough to be cut up among threads, steps fused with the gradient.
fn pictures(place: &Place) -> Vec<&'static str> {
    make::pictures(place, "pictures", 12);
    "train pictures --size 20x20 --hidden 320,40 --epochs 2 --batch-size 16 --clip 0 --optimizer adam --seed 4 --json"
        .split_whitespace()
        .collect()
}

/// The instruction sets that this processor has; the others are skipped aloud, and refused by name.
fn instruction_sets(place: &Place) -> Vec<&'static str> {
    let has = |isa: &&str| {
        let run =
            place.run(&["train", "iris", "--epochs", "1", "--isa", isa, "--quiet", "--out", isa]);
        if run.code != Some(0) {
            run.said(1, &[isa]);
            eprintln!("SKIPPED --isa {isa}: {}", run.err.trim());
        }
        run.code == Some(0)
    };
    ["portable", "avx2", "avx512", "neon"].into_iter().filter(has).collect()
}

#[test]
fn any_instruction_set_and_number_of_threads() {
    let place = Place::new();
    let isas = instruction_sets(&place);
    assert!(isas.contains(&"portable"), "portable runs everywhere");
    #[cfg(target_arch = "x86_64")]
    {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        assert_eq!(
            isas.contains(&"avx2"),
            avx2,
            "an instruction set of this processor was skipped"
        );
        assert_eq!(isas.contains(&"avx512"), is_x86_feature_detected!("avx512f"));
    }
    for (set, args) in [digits(), table(&place), pictures(&place)].into_iter().enumerate() {
        let mut first = None;
        for isa in &isas {
            for threads in ["1", "2", "3", "7"] {
                let out = format!("{set}-{isa}-{threads}");
                let model = sha(&place, &args, &["--isa", isa, "--threads", threads], &out);
                assert_eq!(
                    first.get_or_insert_with(|| model.clone()),
                    &model,
                    "{args:?}: {isa}, {threads} threads"
                );
            }
        }
    }
}

#[test]
fn predictions_of_a_row_alone_or_among_others() {
    let place = Place::new();
    let rows = make::table(60);
    place.write("t.csv", &rows);
    place.good(&["train", "t.csv", "--epochs", "3", "--out", "run"]);
    let together = place.good(&["predict", "run", "t.csv", "--json", "--threads", "2"]).lines();
    let header = rows.lines().next().unwrap_or_default();
    for (i, row) in rows.lines().skip(1).enumerate().step_by(13) {
        let one = format!("{header}\n{row}\n");
        let alone = place.run_with_input(&["predict", "run", "-", "--json"], one.as_bytes());
        assert_eq!(alone.lines()[0]["probabilities"], together[i]["probabilities"], "row {i}");
    }
}

#[test]
fn seeds_and_options_do_change_the_model() {
    let place = Place::new();
    let first = sha(&place, &digits(), &[], "first");
    for (option, value) in [("--seed", "2"), ("--learning-rate", "0.003"), ("--dropout", "0")] {
        let mut args = digits();
        let at = args.iter().position(|word| *word == option).expect("an option of all");
        args[at + 1] = value;
        assert_ne!(sha(&place, &args, &[], &option[2..]), first, "{option} {value}");
    }
}

#[test]
fn the_folder_of_a_training_does_not_matter() {
    let (one, other) = (Place::new(), Place::new());
    make::pictures(&one, "p", 6);
    make::pictures(&other, "deep/er/p", 6);
    let args = ["train", "p", "--epochs", "2", "--json"];
    let first = sha(&one, &args, &[], "run");
    let path = other.path("deep/er/p").display().to_string();
    let args = ["train", &path, "--epochs", "2", "--json"];
    assert_eq!(sha(&other, &args, &[], "another/name"), first);
    let model = one.read("run/model.mlp");
    let root = one.root().display().to_string();
    assert!(!model.windows(root.len()).any(|w| w == root.as_bytes()), "a path in the model");
}
