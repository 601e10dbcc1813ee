//! The tour: what it says (against a golden file that someone has read), its page, its numbers, its folder; and that
//! the tutorial quotes what the program prints.

use crate::program::{Place, Run, binary};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The files of a tour, sorted.
const FILES: [&str; 9] = [
    "config.toml",
    "dog.png",
    "last.ckpt",
    "metrics.csv",
    "model.mlp",
    "report.html",
    "split.csv",
    "tour.json",
    "training.html",
];

/// A tour that was made once for all tests.
pub struct Tour {
    /// Where `runs/tour` is.
    pub place: Place,
    /// What it said.
    pub run: Run,
    /// `tour.json`.
    pub numbers: Value,
    /// `report.html`.
    pub page: String,
}

pub fn tour() -> &'static Tour {
    static TOUR: OnceLock<Tour> = OnceLock::new();
    TOUR.get_or_init(|| {
        let place = Place::new();
        let run = place.good(&[]);
        let numbers = serde_json::from_str(&place.text("runs/tour/tour.json")).expect("JSON");
        let page = place.text("runs/tour/report.html");
        Tour { place, run, numbers, page }
    })
}

/// What the program says apart from times, the size of the page, and how it was called.
fn said(text: &str) -> String {
    let line = |line: &str| {
        let line = line.replace(binary(), "mlp");
        if let Some((before, _)) = line.split_once(',').filter(|_| line.starts_with("page  ")) {
            return before.to_string();
        }
        match line.split_once(" in ") {
            Some((before, _)) if line.starts_with("done  ") => format!("{before} in TIME"),
            Some((before, after)) if line.starts_with("trained  ") => {
                format!("{before} in TIME,{}", after.split_once(',').map_or("", |(_, rest)| rest))
            }
            _ => line,
        }
    };
    text.lines().map(|l| line(l) + "\n").collect()
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_number_is_as_it_was_when_someone_last_read_it() {
    let path = workspace().join("tests/golden/tour.txt");
    let text = said(&tour().run.out);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).expect("a file");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, (new, old)) in text.lines().zip(golden.lines()).enumerate() {
        assert_eq!(
            new,
            old,
            "line {} of {}; UPDATE_GOLDEN=1 writes it anew",
            line + 1,
            path.display()
        );
    }
    assert_eq!(text.lines().count(), golden.lines().count());
}

#[test]
fn it_fits_a_terminal_of_eighty_columns_and_is_plain_in_a_pipe() {
    let run = &tour().run;
    for line in run.out.lines().chain(run.err.lines()) {
        let shown = line.replace(binary(), "mlp");
        assert!(shown.chars().count() <= 80, "{line}");
        assert!(!line.contains('\x1b'), "{line:?}");
        assert_eq!(line.trim_end(), line, "blanks at the end: {line:?}");
    }
    assert!(run.err.contains("epoch"), "the training is followed on standard error: {run}");
}

#[test]
fn the_page_has_the_numbers_of_the_scripts() {
    let Tour { numbers, page, .. } = tour();
    let step = |i: usize| &numbers["steps"][i - 1];
    let decimals = |value: &Value, n: usize| {
        let text = format!("{:.n$}", value.as_f64().expect("a number"));
        text.replace('-', "−")
    };
    let percent = |value: &Value| {
        let share = 100.0 * value.as_f64().expect("a share");
        if share >= 99.0 { format!("{share:.2} %") } else { format!("{share:.1} %") }
    };
    let line = step(1);
    let trained = &step(7)["training"];
    let trace = &step(3)["trace"];
    let answer = &step(8)["answer"];
    let shown = [
        decimals(&line["closed_form"]["w1"], 7),
        decimals(&line["descent"]["w0"], 7),
        decimals(&step(2)["r2"], 4),
        decimals(&trace["step"]["loss"], 4),
        decimals(&trace["step"]["loss_after"], 4),
        percent(&step(4)["playground"]["test_accuracy"]),
        decimals(&step(6)["y"], 5),
        percent(&trained["test"]["accuracy"]),
        percent(&trained["linear"]["accuracy"]),
        percent(&answer["probability"]),
    ];
    for text in shown {
        assert!(page.contains(&text), "{text} is not on the page");
    }
}

#[test]
fn its_steps_show_what_they_say() {
    let numbers = &tour().numbers;
    let names: Vec<&str> = numbers["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|s| s["name"].as_str())
        .collect();
    assert_eq!(
        names,
        ["line", "plane", "network", "nested", "picture", "neuron", "training", "unseen"]
    );
    let step = |i: usize| &numbers["steps"][i - 1];
    let real = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    assert!(real(&step(1)["difference"]) < 1e-6, "closed form and descent");
    assert!(real(&step(2)["difference"]) < 1e-6, "closed form and descent");
    let step3 = &step(3)["trace"]["step"];
    assert!(real(&step3["loss_after"]) < real(&step3["loss"]));
    let collapse = &step(4)["collapse"];
    assert!((real(&collapse["nested"]) - real(&collapse["single"])).abs() < 1e-12);
    assert!(real(&step(4)["playground"]["test_accuracy"]) >= 0.95);
    assert_eq!(step(5)["inputs"], 32_400);
    assert_eq!(step(6)["weights"], 32_400);
    let trained = &step(7)["training"];
    let (network, linear) =
        (real(&trained["test"]["accuracy"]), real(&trained["linear"]["accuracy"]));
    assert!(network >= linear + 0.05, "depth pays: {network} and {linear}");
    let explained = &step(8)["answer"]["explanation"];
    let way = real(&explained["output"]) - real(&explained["base"]);
    assert!((real(&explained["sum"]) - way).abs() <= 0.01 * way.abs(), "{way}");
    assert_eq!(step(8)["answer"]["label"], "dog");
}

#[test]
fn its_folder_is_a_run() {
    let tour = tour();
    assert_eq!(tour.place.list("runs/tour"), FILES);
    let predicted =
        tour.place.good(&["predict", "runs/tour", "runs/tour/dog.png", "--json"]).lines();
    assert_eq!(predicted[0]["label"], "dog");
    assert_eq!(predicted[0]["probability"], tour.numbers["steps"][7]["answer"]["probability"]);
    assert_eq!(tour.numbers["files"]["model_sha256"], tour.place.sha256("runs/tour/model.mlp"));
    assert!(tour.page.len() < 2_000_000, "{} bytes", tour.page.len());
    assert!(
        !tour.page.contains("<script")
            && !tour.page.contains("http:")
            && !tour.page.contains("https:"),
        "a page of its own"
    );
}

#[test]
fn a_second_tour_replaces_a_first_and_nothing_else() {
    let first = tour();
    let place = Place::new();
    for name in FILES {
        place.write(format!("runs/tour/{name}"), first.place.read(format!("runs/tour/{name}")));
    }
    let run = place.good(&["tour", "--json", "--quiet", "--threads", "1"]);
    assert_eq!(run.err, "");
    assert_eq!(place.list("runs"), ["tour"]);
    assert_eq!(place.list("runs/tour"), FILES);
    assert_eq!(
        run.json(),
        serde_json::from_str::<Value>(&place.text("runs/tour/tour.json")).expect("JSON")
    );
    for name in ["model.mlp", "report.html", "training.html"] {
        assert_eq!(
            place.sha256(format!("runs/tour/{name}")),
            first.place.sha256(format!("runs/tour/{name}")),
            "{name} is another with other threads"
        );
    }
    // With a file of somebody's own in it, it is not the tour's any more.
    place.write("runs/tour/notes.txt", "mine");
    place.check(&["tour", "--out", "runs/tour"], 2, &["runs/tour already holds a run"]);
    place.write("other/letter.txt", "mine");
    place.check(&["tour", "--out", "other"], 2, &["other exists and is not an empty folder"]);
}

/// A block of the tutorial: a command, and lines that it prints, in this order, `…` for others between.
struct Quoted {
    line: usize,
    command: Vec<String>,
    lines: Vec<String>,
}

fn quoted(text: &str) -> Vec<Quoted> {
    let mut all: Vec<Quoted> = Vec::new();
    let mut inside = false;
    for (at, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```text";
        } else if let (true, Some(command)) = (inside, line.strip_prefix("$ mlp")) {
            let command = command.split_whitespace().map(String::from).collect();
            all.push(Quoted { line: at + 1, command, lines: Vec::new() });
        } else if let (true, Some(last)) = (inside, all.last_mut()) {
            last.lines.push(line.to_string());
        }
    }
    all
}

#[test]
fn the_tutorial_quotes_what_the_program_prints() {
    let text = std::fs::read_to_string(workspace().join("docs/tutorial.md")).expect("the tutorial");
    let place = &tour().place;
    let blocks = quoted(&text);
    assert!(blocks.len() >= 8, "{} blocks", blocks.len());
    for Quoted { line, command, lines } in blocks {
        let out = match &command[..] {
            [] => tour().run.out.clone(),
            args => {
                let args: Vec<&str> = args.iter().map(String::as_str).collect();
                place.good(&args).out
            }
        };
        let out = said(&out);
        let mut rest = out.lines();
        for quoted in lines.iter().filter(|l| !l.trim().is_empty() && l.trim() != "…") {
            assert!(
                rest.any(|l| l.trim_end() == quoted.trim_end()),
                "docs/tutorial.md, block of line {line}: mlp {} does not print\n{quoted}\nafter the lines before \
                 it, but\n{out}",
                command.join(" ")
            );
        }
    }
}

#[test]
fn the_readme_shows_the_tour() {
    let text = std::fs::read_to_string(workspace().join("README.md")).expect("the readme");
    let session =
        text.split("```text").nth(1).and_then(|t| t.split("```").next()).expect("a session");
    let out = said(&tour().run.out);
    let mut rest = out.lines();
    for quoted in session.lines().skip(2).filter(|l| !l.trim().is_empty() && l.trim() != "…") {
        let shown = quoted.replace("target/debug/mlp", "mlp");
        assert!(rest.any(|l| l == shown), "README.md: the tour does not print\n{quoted}");
    }
}
