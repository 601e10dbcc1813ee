//! How a failure is told, and its exit code: 1 failed, 2 wrong usage, 130 interrupted.

use crate::args::Global;
use crate::output;
use mlp_train::TrainError;
use std::fmt;
use std::process::ExitCode;

/// Wrong usage that only shows after the arguments were parsed: exit code 2.
#[derive(Debug)]
pub struct Usage(pub String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Stopped by the user after saving: exit code 130.
#[derive(Debug)]
pub struct Interrupted(pub String);

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Interrupted {}

/// Shorthand for a [`Usage`] error.
pub fn usage(what: impl Into<String>) -> anyhow::Error {
    Usage(what.into()).into()
}

/// Prints the chain of an error and gives its exit code.
pub fn report(error: &anyhow::Error, global: &Global) -> ExitCode {
    if let Some(interrupted) = error.downcast_ref::<Interrupted>() {
        if !global.quiet {
            output::say(&interrupted.0);
        }
        return ExitCode::from(130);
    }
    // A reader that went away (`mlp predict … | head`) is no failure to tell.
    let closed = |e: &std::io::Error| e.kind() == std::io::ErrorKind::BrokenPipe;
    if error.chain().any(|e| e.downcast_ref::<std::io::Error>().is_some_and(closed)) {
        return ExitCode::SUCCESS;
    }
    output::say(&format!("{} {}", output::red("error:"), chain(error)));
    let option = |e: &TrainError| matches!(e, TrainError::Config { .. });
    let wrong = error.is::<Usage>()
        || error.chain().any(|e| e.downcast_ref::<TrainError>().is_some_and(option));
    ExitCode::from(if wrong { 2 } else { 1 })
}

/// The messages of a chain, without those that repeat what the one before already says.
fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        // A path, and then a message that begins with it.
        if cause.starts_with(&text) {
            text = cause;
            continue;
        }
        if text.contains(&cause) {
            continue;
        }
        text.push_str(": ");
        text.push_str(&cause);
    }
    text
}
