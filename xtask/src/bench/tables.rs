//! A result as text for the terminal, and all results as the tables of `docs/benchmarks.md`.

use anyhow::{Result, bail};
use serde_json::Value;
use std::fmt::Write;

/// The tables stand between these lines.
const BEGIN: &str = "<!-- tables: written by `cargo xtask bench --write` -->";
const END: &str = "<!-- end of tables -->";

/// One result for the terminal.
pub fn text(result: &Value) -> String {
    let threads = plural(&result["threads"]);
    let mut out = format!(
        "{} {}: {}, {threads}",
        word(result, "kind"),
        word(result, "case"),
        word(result, "title")
    );
    if let Some(data) = result["data"].as_str() {
        let _ = write!(out, ", {data}");
    }
    let p99 = if word(result, "unit") == "µs" { "p99" } else { "" };
    let loss = if word(result, "kind") == "train" { "first loss" } else { "" };
    let unit = word(result, "unit");
    let _ = write!(
        out,
        "\n  {:<44}{unit:>12}  {:<23}{:<20}{p99}{loss}",
        "", "min–max", "ours / theirs"
    );
    for program in list(result, "programs") {
        let spread = format!("{}–{}", number(&program["min"]), number(&program["max"]));
        let ratio = match program["ratio"].as_f64() {
            Some(ratio) => {
                let (low, high) = (&program["ratio_min"], &program["ratio_max"]);
                format!("{ratio:.2} ({}–{})", two(low), two(high))
            }
            None => String::new(),
        };
        let last = match (program["p99"].as_f64(), program["first_loss"].as_f64()) {
            (Some(_), _) => number(&program["p99"]),
            (_, Some(loss)) => format!("{loss:.4}"),
            _ => String::new(),
        };
        let (name, median) = (word(program, "name"), number(&program["median"]));
        let _ = write!(out, "\n  {name:<44}{median:>12}  {spread:<23}{ratio:<20}{last}");
    }
    for missing in list(result, "missing") {
        let _ = write!(
            out,
            "\n  {:<44}not measured: {}",
            word(missing, "name"),
            word(missing, "reason")
        );
    }
    out.push('\n');
    out
}

/// The page with the tables of some records, in their order, in the place of those it has.
pub fn rewrite(page: &str, records: &[Value]) -> Result<String> {
    let (Some(begin), Some(end)) = (page.find(BEGIN), page.find(END)) else {
        bail!("docs/benchmarks.md lacks the lines `{BEGIN}` and `{END}`");
    };
    if end < begin {
        bail!("docs/benchmarks.md has `{END}` before `{BEGIN}`");
    }
    let (before, after) = (&page[..begin + BEGIN.len()], &page[end..]);
    let tables: Vec<String> = records.iter().map(markdown).collect();
    Ok(format!("{before}\n\n{}\n{after}", tables.join("\n")))
}

/// A table a kind and number of threads, then what is missing and the versions.
fn markdown(record: &Value) -> String {
    let cores = record["cores"].as_u64().unwrap_or(0);
    let mut out = format!(
        "## {}: {}, {cores} cores, {}\n",
        word(record, "date"),
        word(record, "processor"),
        word(record, "system")
    );
    let results = list(record, "results");
    let headings = [
        ("train", "Training"),
        ("gemm", "Products"),
        ("inference", "Inference"),
        ("ingest", "Reading files"),
    ];
    for (kind, heading) in headings {
        let mut of_kind: Vec<&Value> = results.iter().filter(|r| word(r, "kind") == kind).collect();
        // Stable: cases keep the order in which they were measured.
        of_kind.sort_by_key(|result| result["threads"].as_u64());
        for group in of_kind.chunk_by(|a, b| a["threads"] == b["threads"]) {
            let _ = write!(out, "\n### {heading}, {}\n", plural(&group[0]["threads"]));
            match kind {
                "gemm" => out.push_str(&products(group)),
                _ => out.push_str(&by_case(group)),
            }
        }
    }
    out.push_str(&missing(results));
    out.push_str(&versions(results));
    out
}

/// Programs down, cases across.
fn by_case(group: &[&Value]) -> String {
    let mut out = String::new();
    for result in group {
        let data = result["data"].as_str().map_or(String::new(), |data| format!("; {data}"));
        let (case, title, unit) =
            (word(result, "case"), word(result, "title"), word(result, "unit"));
        let _ = write!(out, "\n* `{case}`: {title}{data}; {unit}");
    }
    out.push_str("\n\n| |");
    group.iter().for_each(|result| _ = write!(out, " {} |", word(result, "case")));
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(group.len()));
    for name in names(group) {
        let _ = write!(out, "\n| {name} |");
        for result in group {
            let _ = write!(out, " {} |", find(result, name).map_or(String::new(), cell));
        }
    }
    if word(group[0], "kind") == "train" {
        out.push_str("\n\nMean loss of the first epoch:\n\n| |");
        group.iter().for_each(|result| _ = write!(out, " {} |", word(result, "case")));
        out.push_str("\n|---|");
        out.push_str(&"---|".repeat(group.len()));
        for name in names(group) {
            let _ = write!(out, "\n| {name} |");
            for result in group {
                let loss = find(result, name).and_then(|program| program["first_loss"].as_f64());
                let _ =
                    write!(out, " {} |", loss.map_or(String::new(), |loss| format!("{loss:.4}")));
            }
        }
    }
    out.push('\n');
    out
}

/// Cases down, programs across; in brackets the share of the measured peak.
fn products(group: &[&Value]) -> String {
    let names = names(group);
    let mut out = String::from("\nGFLOP/s\n\n| |");
    names.iter().for_each(|name| _ = write!(out, " {name} |"));
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(names.len()));
    for result in group {
        let _ = write!(out, "\n| {} |", word(result, "title"));
        let peak = find(result, PEAK).and_then(|program| program["median"].as_f64());
        for name in &names {
            let text = find(result, name).map_or(String::new(), |program| {
                let share = program["median"].as_f64().zip(peak).filter(|_| *name != PEAK);
                let share = share
                    .map_or(String::new(), |(m, peak)| format!(" ({:.0} %)", 100.0 * m / peak));
                let ratio = program["ratio"].as_f64().filter(|_| *name != PEAK);
                let ratio = ratio.map_or(String::new(), |ratio| format!(", {ratio:.2}×"));
                format!("{}{share}{ratio}", number(&program["median"]))
            });
            let _ = write!(out, " {text} |");
        }
    }
    out.push('\n');
    out
}

/// The name of the program that runs fused multiply-adds in registers.
pub const PEAK: &str = "the processor's peak";

/// `112,000 (98,000–115,000), 1.35×`
fn cell(program: &Value) -> String {
    let (median, low, high) =
        (number(&program["median"]), number(&program["min"]), number(&program["max"]));
    let ratio =
        program["ratio"].as_f64().map_or(String::new(), |ratio| format!(", **{ratio:.2}×**"));
    let p99 = match program["p99"].as_f64() {
        Some(_) => format!(", p99 {}", number(&program["p99"])),
        None => String::new(),
    };
    format!("{median} ({low}–{high}){p99}{ratio}")
}

/// Every program of some results, in the order of their first appearance.
fn names<'a>(group: &[&'a Value]) -> Vec<&'a str> {
    let mut names = Vec::new();
    for program in group.iter().flat_map(|result| list(result, "programs")) {
        if !names.contains(&word(program, "name")) {
            names.push(word(program, "name"));
        }
    }
    names
}

fn find<'a>(result: &'a Value, name: &str) -> Option<&'a Value> {
    list(result, "programs").iter().find(|program| word(program, "name") == name)
}

/// One line a program and reason, with the cases it concerns.
fn missing(results: &[Value]) -> String {
    let mut lines: Vec<(&str, &str, Vec<String>)> = Vec::new();
    for result in results {
        let place = format!("{}/{}", word(result, "case"), result["threads"]);
        for absent in list(result, "missing") {
            let (name, reason) = (word(absent, "name"), word(absent, "reason"));
            match lines.iter_mut().find(|(n, r, _)| (*n, *r) == (name, reason)) {
                Some((.., places)) => places.push(place.clone()),
                None => lines.push((name, reason, vec![place.clone()])),
            }
        }
    }
    let mut out = String::new();
    if !lines.is_empty() {
        out.push_str("\n### Not measured\n\n");
    }
    for (name, reason, places) in lines {
        let _ = writeln!(out, "* {name}: {reason} (case/threads: {})", places.join(", "));
    }
    out
}

/// What every program was, and how it was driven.
fn versions(results: &[Value]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for result in results {
        for program in list(result, "programs") {
            let (name, versions, note) =
                (word(program, "name"), word(program, "versions"), word(program, "note"));
            let note = if word(result, "kind") == "train" { without_numbers(note) } else { note };
            let comma = if note.is_empty() { "" } else { "; " };
            let line = format!("* {name} ({}): {versions}{comma}{note}", word(result, "kind"));
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    format!("\n### Versions\n\n{}\n", lines.join("\n"))
}

/// A note up to the first that differs from case to case, such as `, 203530 parameters`.
fn without_numbers(note: &str) -> &str {
    note.split_once(", ")
        .filter(|(_, rest)| rest.ends_with("parameters"))
        .map_or(note, |(first, _)| first)
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn plural(threads: &Value) -> String {
    match threads.as_u64() {
        Some(1) => "1 thread".into(),
        _ => format!("{threads} threads"),
    }
}

fn two(value: &Value) -> String {
    value.as_f64().map_or_else(|| "–".into(), |value| format!("{value:.2}"))
}

/// Three significant digits, thousands apart by commas.
fn number(value: &Value) -> String {
    let Some(value) = value.as_f64() else { return "–".into() };
    if value < 99.95 {
        let digits = if value < 0.9995 {
            3
        } else if value < 9.995 {
            2
        } else {
            1
        };
        return format!("{value:.digits$}");
    }
    let mut unit = 1;
    while value / unit as f64 >= 999.5 {
        unit *= 10;
    }
    let whole = ((value / unit as f64).round() as u64 * unit).to_string();
    let mut out = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests;
