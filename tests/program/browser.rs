//! The pages in a real browser: nothing on its console, no request to any network, and the numbers of `--json` in
//! what it made of them. Skipped aloud where there is no Chromium: `CHROMIUM` may name one.

use crate::program::Place;
use crate::tour::tour;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Chromium, where there is one.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let known = ["chromium", "chromium-browser", "google-chrome"].map(PathBuf::from);
    let runs = |path: &PathBuf| {
        Command::new(path).arg("--version").output().is_ok_and(|o| o.status.success())
    };
    let found = named.into_iter().chain(known).find(runs);
    if found.is_none() {
        eprintln!("SKIPPED: pages in a browser, for want of chromium (or CHROMIUM=PATH)");
    }
    found
}

/// A page as the browser took it.
struct Seen {
    /// The document after everything was loaded.
    dom: String,
    /// Lines on its console: errors, warnings, refusals.
    console: Vec<String>,
    /// Addresses that the page asked a network for.
    requests: Vec<String>,
}

fn open(browser: &Path, page: &Path) -> Seen {
    let profile = tempfile::tempdir().expect("a folder");
    let log = profile.path().join("net.json");
    let flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync \
                 --disable-background-networking --disable-component-update --disable-extensions \
                 --enable-logging=stderr --v=0 --dump-dom";
    let output = Command::new(browser)
        .args(flags.split_whitespace())
        // The browser itself would ask for updates; it finds nobody.
        .arg("--host-resolver-rules=MAP * ~NOTFOUND")
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--log-net-log={}", log.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("the browser starts");
    assert!(output.status.success(), "{output:?}");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let console =
        text(&output.stderr).lines().filter(|l| l.contains("CONSOLE")).map(String::from).collect();
    let log = std::fs::read_to_string(&log).expect("its log of the network");
    Seen { dom: text(&output.stdout), console, requests: requests(&log) }
}

/// The addresses asked for by the page: what the browser asks for of its own accord is "not an origin".
fn requests(log: &str) -> Vec<String> {
    let log: Value = serde_json::from_str(log)
        // Cut where the browser ended.
        .or_else(|_| serde_json::from_str(&format!("{}]}}", log.trim_end().trim_end_matches(','))))
        .expect("JSON");
    let kind = &log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"];
    assert!(kind.is_u64(), "a log of another form");
    let events = log["events"].as_array().into_iter().flatten();
    let ours = events.filter(|e| e["type"] == *kind && e["params"]["initiator"] != "not an origin");
    let address = |event: &Value| event["params"]["url"].as_str().map(String::from);
    ours.filter_map(address)
        .filter(|a| !a.starts_with("file:") && !a.starts_with("data:"))
        .collect()
}

/// Opens a page that must be sound, and looks for texts in what there is to read.
#[track_caller]
fn check(browser: &Path, page: &Path, texts: &[String]) {
    let seen = open(browser, page);
    let show = page.display();
    assert!(seen.console.is_empty(), "{show}: {:#?}", seen.console);
    assert!(seen.requests.is_empty(), "{show}: {:#?}", seen.requests);
    assert!(seen.dom.contains("<main"), "{show}: no page");
    for text in texts {
        assert!(seen.dom.contains(text), "{show}: `{text}` is not in the document");
    }
}

fn percent(value: &Value) -> String {
    let share = 100.0 * value.as_f64().expect("a share");
    if (99.0..100.0).contains(&share) { format!("{share:.2} %") } else { format!("{share:.1} %") }
}

#[test]
fn what_is_wrong_is_found() {
    let Some(browser) = chromium() else { return };
    let place = Place::new();
    let page =
        "<main><img src='http://127.0.0.1:9/a.png'><script>console.error('broken')</script></main>";
    place.write("bad.html", page);
    let seen = open(&browser, &place.path("bad.html"));
    assert_eq!(seen.requests, ["http://127.0.0.1:9/a.png"]);
    assert!(seen.console.iter().any(|line| line.contains("broken")), "{:?}", seen.console);
}

#[test]
fn the_page_of_the_tour() {
    let Some(browser) = chromium() else { return };
    let tour = tour();
    let step = |i: usize| &tour.numbers["steps"][i - 1];
    let w1 = step(1)["closed_form"]["w1"].as_f64().expect("a slope");
    let texts = [
        format!("{w1:.7}"),
        percent(&step(4)["playground"]["test_accuracy"]),
        percent(&step(7)["training"]["test"]["accuracy"]),
        percent(&step(7)["training"]["linear"]["accuracy"]),
        percent(&step(8)["answer"]["probability"]),
    ];
    check(&browser, &tour.place.path("runs/tour/report.html"), &texts);
}

#[test]
fn the_pages_of_a_training_and_of_an_explanation() {
    let Some(browser) = chromium() else { return };
    let place = Place::new();
    let trained = place.good(&["train", "iris", "--epochs", "5", "--out", "run", "--json"]).json();
    let texts = [&trained["test"], &trained["linear"]].map(|part| percent(&part["accuracy"]));
    check(&browser, &place.path("run/report.html"), &texts);
    let args = ["explain", "run", "iris", "--rows", "1", "--json", "--html", "why.html"];
    let explained = place.good(&args).json();
    let answer = &explained["answers"][0];
    let texts =
        [percent(&answer["probability"]), answer["label"].as_str().expect("a label").to_string()];
    check(&browser, &place.path("why.html"), &texts);
}
