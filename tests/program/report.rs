//! `report.html` of a training, and `mlp report`: figures that are those of `--json`, nothing from outside, nothing of
//! the data as markup, the same page again, bounded size, comparisons.

use crate::make;
use crate::program::{Place, keys};
use serde_json::Value;

/// Checks what holds for every page.
#[track_caller]
pub fn check_page(html: &str, sections: &[&str]) {
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"), "a whole page");
    for word in ["<script", "http:", "https:", "<link", "<iframe", "@import", "url("] {
        assert!(!html.contains(word), "{word} in the page");
    }
    for attribute in [" src=\"", " href=\""] {
        for (at, _) in html.match_indices(attribute) {
            let value = &html[at + attribute.len()..];
            assert!(
                value.starts_with("data:image/png;base64,") || value.starts_with('#'),
                "{}",
                &value[..60]
            );
        }
    }
    for number in ["NaN", "infinity", "Infinity"] {
        assert!(!html.contains(number), "{number} in the page");
    }
    let titles: Vec<&str> =
        html.split("<h2>").skip(1).filter_map(|rest| rest.split("</h2>").next()).collect();
    assert_eq!(titles, sections);
    assert_eq!(html.matches("<img").count(), html.matches(" alt=\"").count());
}

const CLASSES: [&str; 9] = [
    "Summary",
    "Learning curves",
    "Confusion",
    "ROC and precision–recall",
    "Calibration and scores",
    "Worst and surest predictions",
    "Network",
    "Activations and weights",
    "How it was made",
];

#[test]
fn the_page_of_a_training_holds_its_figures() {
    let place = Place::new();
    let run = place.good(&["train", "digits", "--epochs", "3", "--out", "run", "--json"]).json();
    let html = place.text("run/report.html");
    check_page(&html, &CLASSES);
    let share = |value: &Value| {
        let value = value.as_f64().unwrap() * 100.0;
        if (99.0..100.0).contains(&value) {
            format!("{value:.2} %")
        } else {
            format!("{value:.1} %")
        }
    };
    for part in ["test", "linear", "baseline"] {
        let wanted = share(&run[part]["accuracy"]);
        assert!(html.contains(&format!("<dd>{wanted}</dd>")), "{part}: {wanted}");
    }
    assert!(html.contains(run["model_sha256"].as_str().unwrap()));
    assert!(html.contains("95 % interval") || html.contains("95\u{a0}% interval"));
    assert!(html.contains("359 test rows") && html.contains("First-layer weights"));
    let counts = run["test"]["examples"].as_u64().unwrap();
    assert!(html.contains(&format!("<dd>{counts}</dd>")));
    // Nothing of this machine.
    assert!(!html.contains(&place.root().display().to_string()));
}

#[test]
fn the_page_is_made_anew_alike_and_leaves_the_model_alone() {
    let place = Place::new();
    place.write("t.csv", make::table(300));
    place.good(&["train", "t.csv", "--epochs", "3", "--out", "run"]);
    let (page, model) = (place.text("run/report.html"), place.sha256("run/model.mlp"));
    let mut sections = CLASSES.to_vec();
    sections.insert(6, "Which columns matter");
    check_page(&page, &sections);
    place.write("run/report.html", "");
    let answer = place.good(&["report", "run", "--json"]).json();
    assert_eq!(keys(&answer), ["bytes", "pictures", "report", "runs"]);
    assert_eq!(answer["bytes"].as_u64(), Some(page.len() as u64));
    assert!(place.text("run/report.html") == page, "another page of the same run");
    let threads = ["report", "run", "--threads", "1", "--isa", "portable", "--out", "other.html"];
    place.good(&threads);
    assert!(place.text("other.html") == page, "another page with other threads");
    assert_eq!(place.sha256("run/model.mlp"), model);
    place.good(&["train", "--resume", "run"]);
    assert!(place.text("run/report.html") == page, "another page after a resume");
    assert_eq!(place.sha256("run/model.mlp"), model);
}

#[test]
fn without_the_data_the_page_holds_what_the_model_tells() {
    let place = Place::new();
    place.write("t.csv", make::prices(200));
    place.good(&["train", "t.csv", "--epochs", "3", "--out", "run"]);
    let numbers = [
        "Summary",
        "Learning curves",
        "Predictions and residuals",
        "Farthest and nearest predictions",
        "Which columns matter",
        "Network",
        "Activations and weights",
        "How it was made",
    ];
    check_page(&place.text("run/report.html"), &numbers);
    let lacking =
        ["Summary", "Learning curves", "Network", "Activations and weights", "How it was made"];
    place.write("t.csv", make::prices(201));
    let run = place.good(&["report", "run"]);
    run.said(0, &["not those of the training any more"]);
    check_page(&place.text("run/report.html"), &lacking);
    std::fs::remove_file(place.path("t.csv")).unwrap();
    let run = place.good(&["report", "run"]);
    run.said(0, &["cannot be read any more"]);
    check_page(&place.text("run/report.html"), &lacking);
}

#[test]
fn words_of_the_data_are_no_markup() {
    let place = Place::new();
    let evil = ["<script>alert(1)</script>", "a\"><img src=http://x onerror=alert(1)>"];
    let mut csv = String::from("\"<b>x</b>\",<i>y,class\n");
    for i in 0..120 {
        csv += &format!("{i},<u>{},\"{}\"\n", i % 3, evil[i % 2].replace('"', "\"\""));
    }
    place.write("<evil>.csv", &csv);
    place.good(&["train", "<evil>.csv", "--epochs", "2", "--out", "run"]);
    let html = place.text("run/report.html").replace("http://x onerror", "");
    assert!(html.contains("&lt;script&gt;"), "the class is not shown");
    for markup in ["<b>", "<i>", "<u>", "<img src", "<evil"] {
        assert!(!html.contains(markup), "{markup}");
    }
    let mut sections = CLASSES.to_vec();
    sections.insert(6, "Which columns matter");
    check_page(&html, &sections);
}

#[test]
fn pages_of_many_rows_stay_small() {
    let place = Place::new();
    place.write("t.csv", make::table(110_000));
    let quick = ["--hidden", "4", "--epochs", "1", "--valid", "0.01", "--test", "0.92"];
    place.good(&[&["train", "t.csv", "--out", "table"], &quick[..]].concat());
    make::idx_folder(&place, "idx", 300, 100_000);
    place.good(&["train", "idx", "--out", "pictures", "--hidden", "4", "--epochs", "1"]);
    for run in ["table", "pictures"] {
        let html = place.text(format!("{run}/report.html"));
        assert!(html.len() < 5_000_000, "{run}: {} bytes", html.len());
        assert!(html.contains("chosen by the seed"), "{run}: the sample is not told");
    }
}

#[test]
fn runs_are_compared() {
    let place = Place::new();
    for (out, rate) in [("slow", "0.0001"), ("fast", "0.01")] {
        place.good(&["train", "iris", "--epochs", "3", "--learning-rate", rate, "--out", out]);
    }
    let answer = place.good(&["report", "slow", "fast", "--json"]).json();
    assert_eq!(answer["report"], "comparison.html");
    assert_eq!(answer["runs"], serde_json::json!(["slow", "fast"]));
    let html = place.text("comparison.html");
    check_page(&html, &["Metrics", "Learning curves", "What differs"]);
    for words in ["slow", "fast", "<code>learning-rate</code>", "0.0001", "0.01"] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("<code>epochs</code>"), "equal options are listed");
    assert!(!html.contains("different data") && !html.contains("split the data differently"));
    place.good(&["train", "iris", "--epochs", "3", "--seed", "5", "--out", "seed"]);
    place.good(&["report", "slow", "seed", "--out", "c.html"]);
    assert!(place.text("c.html").contains("split the data differently"));
    place.good(&["train", "digits", "--epochs", "1", "--out", "digits"]);
    place.good(&["report", "slow", "digits", "--out", "c.html"]);
    assert!(place.text("c.html").contains("different data"));
}

#[test]
fn what_is_no_run_is_refused() {
    let place = Place::new();
    place.write("folder/x", "");
    place.check(&["report", "folder"], 1, &["folder is no run folder", "mlp train"]);
    place.check(&["report"], 2, &["RUN"]);
    place.good(&["train", "iris", "--epochs", "1", "--out", "run"]);
    place.check(&["report", "run", "--out", "run/model.mlp"], 2, &["is a model", "another --out"]);
    place.check(
        &["report", "run", "--out", "no/where.html"],
        1,
        &["no/where.html", "another --out"],
    );
    if cfg!(not(feature = "png")) {
        place.check(
            &["report", "run", "--png", "p"],
            1,
            &["without the feature `png`", "--features png"],
        );
    }
    std::fs::remove_file(place.path("run/model.mlp")).unwrap();
    place.check(&["report", "run"], 1, &["no model yet", "--resume"]);
}

#[cfg(feature = "png")]
#[test]
fn plots_become_png_files() {
    let place = Place::new();
    place.good(&["train", "iris", "--epochs", "2", "--out", "run"]);
    let run = place.run(&["report", "run", "--png", "plots", "--json"]);
    if run.err.contains("no font was found") {
        eprintln!("SKIPPED plots_become_png_files: no font on this machine");
        return;
    }
    let pictures = run.json()["pictures"].as_array().unwrap().len();
    let files = place.list("plots");
    assert!(pictures > 8 && files.len() == pictures, "{files:?}");
    assert!(files.contains(&"01-loss-by-epoch.png".to_string()), "{files:?}");
    assert!(files.iter().all(|f| place.read(format!("plots/{f}")).starts_with(b"\x89PNG")));
}
