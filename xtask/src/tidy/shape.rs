//! Sizes of files, lines and functions, and the words that open a file. Code is as rustfmt leaves it: a function ends
//! where a brace closes at its own indentation.

use super::{Finding, Source};

/// Most lines of a file.
const FILE: usize = 400;
/// Most lines of a function, signature and closing brace included.
const FUNCTION: usize = 60;
/// Most characters of a line, comments included; rustfmt keeps code itself to 100.
const WIDTH: usize = 120;

/// The findings in a file.
pub fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let path = &source.path;
    if !source.text.starts_with("//!") {
        let what = "the file does not open with `//!`: say what is in the room and what is not";
        findings.push(Finding::new(path, 1, what));
    }
    let lines = source.text.lines().count();
    if lines > FILE {
        let what =
            format!("{lines} lines, {FILE} are the most: split the file by what its parts are for");
        findings.push(Finding::new(path, 0, what));
    }
    for (line, number) in source.text.lines().zip(1..) {
        let width = line.chars().count();
        if width > WIDTH {
            let what = format!("{width} characters, {WIDTH} are the most: break the line");
            findings.push(Finding::new(path, number, what));
        }
    }
    for (name, line, length) in functions(&source.code) {
        if length > FUNCTION {
            let what = format!(
                "`fn {name}` has {length} lines, {FUNCTION} are the most: give its parts names"
            );
            findings.push(Finding::new(path, line, what));
        }
    }
    findings
}

/// Name, first line and number of lines of every function with a body.
fn functions(code: &str) -> Vec<(&str, usize, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut functions = Vec::new();
    for (first, line) in lines.iter().enumerate() {
        let Some(name) = name(line) else { continue };
        if let Some(last) = end(&lines, first) {
            functions.push((name, first + 1, last - first + 1));
        }
    }
    functions
}

/// The name of the function that a line begins.
fn name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let before = |word: &&str| {
        matches!(*word, "const" | "async" | "unsafe" | "extern" | "default")
            || word.starts_with("pub")
    };
    let rest = words.by_ref().find(|word| !before(word) && !word.ends_with(')'))?;
    (rest == "fn").then(|| words.next())?.and_then(|word| word.split(['(', '<']).next())
}

/// The line on which the function's body closes; `None` for a signature without one.
fn end(lines: &[&str], first: usize) -> Option<usize> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let depth = indent(lines[first]);
    let opening = lines[first].trim_end();
    if opening.ends_with('}') {
        return Some(first);
    }
    if opening.ends_with(';') {
        return None;
    }
    for (number, line) in lines.iter().enumerate().skip(first + 1) {
        let text = line.trim();
        if text.is_empty() || indent(line) != depth {
            continue;
        }
        if text.starts_with('}') {
            return Some(number);
        }
        if text.ends_with(';') {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(text: &str, expected: &[&str]) {
        let found: Vec<String> =
            check(&Source::new("a.rs", text)).iter().map(Finding::to_string).collect();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found} lacks {expected}");
        }
    }

    #[test]
    fn a_file_opens_with_what_it_is() {
        check_text("//! A room.\nfn f() {}\n", &[]);
        check_text("fn f() {}\n", &["a.rs:1: the file does not open"]);
    }

    #[test]
    fn long_files_and_lines_are_found() {
        check_text(&format!("//! A room.\n{}", "x\n".repeat(399)), &[]);
        check_text(&format!("//! A room.\n{}", "x\n".repeat(400)), &["a.rs: 401 lines"]);
        check_text(&format!("//! {}\n", "ä".repeat(116)), &[]);
        check_text(&format!("//! {}\n", "ä".repeat(117)), &["a.rs:1: 121 characters"]);
    }

    #[test]
    fn long_functions_are_found() {
        let body = |lines: usize| "        x;\n".repeat(lines);
        let method = |lines| {
            format!(
                "//! A room.\nimpl X {{\n    pub(crate) const fn f<T>(\n    ) {{\n{}    }}\n}}\n",
                body(lines)
            )
        };
        check_text(&method(57), &[]);
        check_text(&method(58), &["a.rs:3: `fn f` has 61 lines"]);
    }

    #[test]
    fn functions_end_where_they_end() {
        let code = "fn a() { b() }\ntrait T {\n    fn b(\n        &self,\n    ) -> X;\n    fn c(&self);\n}\n\
                    fn d() {\n    if x {\n    } else {\n    }\n}\n";
        assert_eq!(functions(code), [("a", 1, 1), ("d", 8, 5)]);
    }
}
