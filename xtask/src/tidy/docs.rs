//! Words that must agree or must be there: an example at every library's root, one test command everywhere.

use super::{Finding, Source};

/// The findings in a file: a library's root shows how to use it alone.
pub fn check(source: &Source) -> Vec<Finding> {
    let is_root = source.path.starts_with("crates/") && source.path.ends_with("/src/lib.rs");
    let mut fences = source.text.lines().filter_map(|line| line.strip_prefix("//! ```"));
    // A fence that names no language, or only says how to test it, is run as Rust.
    let runs = |fence: &str| matches!(fence, "" | "no_run" | "rust" | "should_panic");
    if is_root && !fences.next().is_some_and(runs) {
        let what =
            "no example of using the crate alone: add one in `//! ```` at the head of the file";
        return vec![Finding::new(&source.path, 1, what)];
    }
    Vec::new()
}

/// The README tells how to test; the CI script must do the same.
pub fn check_test_command(readme: &str, script: &str) -> Vec<Finding> {
    let Some((command, line)) =
        readme.lines().map(str::trim).zip(1..).find(|(line, _)| line.starts_with("cargo test"))
    else {
        let what = "no line begins with `cargo test`: tell how to test";
        return vec![Finding::new("README.md", 0, what)];
    };
    let command = command.split(" #").next().unwrap_or(command).trim();
    let same =
        |line: &str| line.trim().strip_prefix("step ").is_some_and(|step| step.trim() == command);
    if script.lines().any(same) {
        return Vec::new();
    }
    let what = format!("`{command}` is not a step of .ci/run: make the two agree");
    vec![Finding::new("README.md", line, what)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_without_an_example_is_found() {
        let without = Source::new("crates/a/src/lib.rs", "//! A crate.\n");
        let with =
            Source::new("crates/a/src/lib.rs", "//! A crate.\n//! ```\n//! a::f();\n//! ```\n");
        let text =
            Source::new("crates/a/src/lib.rs", "//! A crate.\n//! ```text\n//! a\n//! ```\n");
        let other = Source::new("crates/a/src/main.rs", "//! A program.\n");
        assert_eq!(check(&without).len(), 1);
        assert_eq!(check(&text).len(), 1);
        assert!(check(&with).is_empty() && check(&other).is_empty());
    }

    #[test]
    fn a_test_command_that_ci_does_not_run_is_found() {
        let script = "step cargo clippy\nstep cargo test --workspace\n";
        assert!(
            check_test_command("a\n    cargo test --workspace   # minutes\n", script).is_empty()
        );
        let found = check_test_command("a\ncargo test\n", script);
        assert!(found[0].to_string().starts_with("README.md:2: `cargo test` is not"), "{found:?}");
        assert_eq!(check_test_command("nothing", script).len(), 1);
    }
}
