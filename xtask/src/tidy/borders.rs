//! What may be named where: each library behind one crate or file, `unsafe` in one crate, no clock and no environment
//! below the command line, nothing left unwritten.

use super::code::lines_with;
use super::{Finding, Source};

/// A word, the only places (beginnings of paths) that may use it, and what to do elsewhere.
const OWNED: [(&str, &[&str], &str); 7] = [
    ("nalgebra", &["crates/mlp-tensor/"], "use mlp_tensor's matrices"),
    ("rayon", &["crates/mlp-tensor/"], "run threads through mlp_tensor::Exec"),
    ("image", &["crates/mlp-data/"], "read pictures through mlp_data"),
    ("tiny_skia", &["crates/mlp-data/src/drawings/"], "draw plots with mlp_report"),
    ("bincode", &["crates/mlp-model/src/codec.rs"], "use mlp_model::encode and decode"),
    ("clap", &["crates/mlp-cli/"], "keep arguments in mlp-cli"),
    ("clap_complete", &["crates/mlp-cli/"], "keep arguments in mlp-cli"),
];

/// What libraries must not read: their results are a function of their arguments.
const HIDDEN_INPUTS: [&str; 6] =
    ["std::time", "std::env", "Instant", "SystemTime", "env::var", "env::var_os"];

/// Macros of unfinished work.
const UNFINISHED: [&str; 3] = ["todo!", "unimplemented!", "dbg!"];

/// How many lines above an `unsafe` block its reason may begin.
const NEAR: usize = 8;

/// The findings in a file.
pub fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (library, owners, remedy) in OWNED {
        if !owners.iter().any(|owner| source.path.starts_with(owner)) {
            for line in uses(&source.code, library) {
                let what = format!("`{library}` is used only in {}: {remedy}", owners.join(", "));
                findings.push(Finding::new(&source.path, line, what));
            }
        }
    }
    if is_library(&source.path) {
        for word in HIDDEN_INPUTS {
            for line in lines_with(&source.code, word) {
                let what = format!("`{word}` in a library: read it in mlp-cli and hand it over");
                findings.push(Finding::new(&source.path, line, what));
            }
        }
    }
    for word in UNFINISHED {
        for line in lines_with_macro(&source.code, word) {
            findings.push(Finding::new(&source.path, line, format!("`{word}` is left: finish it")));
        }
    }
    findings.extend(unsafe_code(source));
    findings
}

fn is_library(path: &str) -> bool {
    path.starts_with("crates/") && path.contains("/src/") && !path.starts_with("crates/mlp-cli/")
}

/// The lines that name a library as the beginning of a path, or in a `use`.
fn uses(code: &str, library: &str) -> Vec<usize> {
    let part_of_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let begins_path = |line: &str| {
        line.match_indices(library).any(|(at, _)| {
            // `::library` begins at the root, too; `module::library` does not.
            let before = &line[..at];
            let before =
                before.strip_suffix("::").filter(|b| !b.ends_with(part_of_path)).unwrap_or(before);
            let after = &line[at + library.len()..];
            let imported = before.trim_end().ends_with("use") && after.starts_with([';', ' ']);
            !before.ends_with(part_of_path) && (after.starts_with("::") || imported)
        })
    };
    let lines = code.lines().zip(1..);
    lines.filter(|(line, _)| begins_path(line)).map(|(_, number)| number).collect()
}

/// The lines on which a macro is called; `word` ends in `!`.
fn lines_with_macro(code: &str, word: &str) -> Vec<usize> {
    let name = word.trim_end_matches('!');
    let lines: Vec<&str> = code.lines().collect();
    lines_with(code, name).into_iter().filter(|&line| lines[line - 1].contains(word)).collect()
}

fn unsafe_code(source: &Source) -> Vec<Finding> {
    let lines: Vec<&str> = source.text.lines().collect();
    let code: Vec<&str> = source.code.lines().collect();
    let mut findings = Vec::new();
    for line in lines_with(&source.code, "unsafe") {
        if !source.path.starts_with("crates/mlp-tensor/") {
            let what = "`unsafe` outside of mlp-tensor: move it there or do without";
            findings.push(Finding::new(&source.path, line, what));
            continue;
        }
        let needs_reason =
            ["unsafe {", "unsafe impl"].iter().any(|form| code[line - 1].contains(form));
        let near = &lines[line.saturating_sub(1 + NEAR)..line];
        if needs_reason && !near.iter().any(|line| line.contains("SAFETY:")) {
            let what = "`unsafe` without its reason: say above it in `// SAFETY:` why it is sound";
            findings.push(Finding::new(&source.path, line, what));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(path: &str, text: &str, expected: &[&str]) {
        let found: Vec<String> =
            check(&Source::new(path, text)).iter().map(Finding::to_string).collect();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found} lacks {expected}");
        }
    }

    #[test]
    fn a_library_is_used_by_its_owner_alone() {
        let text =
            "use nalgebra::DMatrix;\nfn f() -> ::nalgebra::DMatrix<f32> {}\n// nalgebra::x\n";
        check_text("crates/mlp-tensor/src/matrix.rs", text, &[]);
        check_text("crates/mlp-model/src/net.rs", text, &["net.rs:1: `nalgebra` is", "net.rs:2:"]);
        check_text("crates/mlp-model/src/codec.rs", "use bincode::Options;\n", &[]);
        check_text(
            "crates/mlp-model/src/model.rs",
            "bincode::serialize(x);\n",
            &["use mlp_model::encode"],
        );
        check_text("crates/mlp-cli/src/a.rs", "use image;\n", &["a.rs:1: `image`"]);
    }

    #[test]
    fn words_of_the_same_name_are_no_libraries() {
        let text = "let image = x; crate::image::f(); my_image::f(); pub mod image;\nuse crate::image::g;\n";
        check_text("crates/mlp-cli/src/a.rs", text, &[]);
    }

    #[test]
    fn libraries_read_no_clock_and_no_environment() {
        let text = "use std::time::Duration;\nlet a = std::env::args();\nlet t = Instant::now();\n";
        let expected = ["a.rs:1: `std::time`", "a.rs:2: `std::env`", "a.rs:3: `Instant`"];
        check_text("crates/mlp-train/src/a.rs", text, &expected);
        check_text("crates/mlp-train/tests/a.rs", text, &[]);
        check_text("crates/mlp-cli/src/a.rs", text, &[]);
    }

    #[test]
    fn unfinished_work_is_found() {
        let text = "todo!();\nlet todo = 1; // todo!()\ndbg!(x);\n";
        check_text("xtask/src/a.rs", text, &["a.rs:1: `todo!`", "a.rs:3: `dbg!`"]);
    }

    #[test]
    fn unsafe_needs_its_crate_and_its_reason() {
        let bare = "fn f() {\n    unsafe { g() }\n}\n";
        check_text("crates/mlp-model/src/a.rs", bare, &["a.rs:2: `unsafe` outside"]);
        check_text("crates/mlp-tensor/src/a.rs", bare, &["a.rs:2: `unsafe` without"]);
        let reasoned = "// SAFETY: g has no conditions.\nunsafe { g() }\nunsafe fn h() {}\n";
        check_text("crates/mlp-tensor/src/a.rs", reasoned, &[]);
        check_text("crates/mlp-model/src/a.rs", "#![deny(unsafe_code)]\n", &[]);
    }
}
