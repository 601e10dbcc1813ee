//! Checks that the compiler does not make: crate arrows, borders, sizes, comments. One module a kind of check; each is
//! a function from text to findings, so that its tests need no files.

mod arrows;
mod borders;
mod code;
mod docs;
mod manifest;
mod shape;

use crate::run::root;
use anyhow::{Context, Result};
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// Something to change.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Relative to the workspace.
    path: String,
    /// From 1; 0 for the file as a whole.
    line: usize,
    /// What is wrong, and the remedy.
    what: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

/// A Rust file of the workspace.
pub struct Source {
    /// Relative to the workspace, `/`-separated.
    path: String,
    /// As it stands.
    text: String,
    /// With comments and the contents of literals blanked, line by line the same.
    code: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned(), code: code::only(text) }
    }
}

/// The task: prints the findings.
pub fn run() -> Result<ExitCode> {
    let findings = check(root())?;
    for finding in &findings {
        eprintln!("{finding}");
    }
    if findings.is_empty() {
        println!("tidy");
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("{} to put right", findings.len());
    Ok(ExitCode::FAILURE)
}

fn check(root: &Path) -> Result<Vec<Finding>> {
    let (sources, members) = (sources(root)?, arrows::metadata(root)?);
    let mut findings = arrows::check(&members);
    for source in &sources {
        findings.extend(shape::check(source));
        findings.extend(borders::check(source));
        findings.extend(docs::check(source));
    }
    findings.extend(manifest::check_workspace(&read(root, "Cargo.toml")?));
    for path in arrows::manifests(&members) {
        findings.extend(manifest::check_member(&path, &read(root, &path)?));
    }
    let readme = read(root, "README.md").unwrap_or_default();
    findings.extend(docs::check_test_command(&readme, &read(root, ".ci/run")?));
    findings.sort();
    Ok(findings)
}

fn read(root: &Path, path: &str) -> Result<String> {
    fs::read_to_string(root.join(path)).with_context(|| format!("{path} cannot be read"))
}

/// Every `.rs` file of the members, sorted.
fn sources(root: &Path) -> Result<Vec<Source>> {
    let mut paths = Vec::new();
    for folder in ["crates", "tests", "xtask"] {
        walk(root, folder, &mut paths)?;
    }
    paths.sort();
    paths.iter().map(|path| Ok(Source::new(path, &read(root, path)?))).collect()
}

fn walk(root: &Path, folder: &str, paths: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(root.join(folder)).with_context(|| folder.to_owned())? {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            if !path.ends_with("/target") {
                walk(root, &path, paths)?;
            }
        } else if path.ends_with(".rs") {
            paths.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        let findings: Vec<String> = check(root()).unwrap().iter().map(Finding::to_string).collect();
        assert!(findings.is_empty(), "\n{}", findings.join("\n"));
    }

    #[test]
    fn findings_name_the_line() {
        assert_eq!(Finding::new("a.rs", 3, "wrong").to_string(), "a.rs:3: wrong");
        assert_eq!(Finding::new("a.rs", 0, "wrong").to_string(), "a.rs: wrong");
    }
}
