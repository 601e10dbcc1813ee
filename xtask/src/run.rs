//! Tasks that run other programs: the CI script, and binaries built from this checkout.

use anyhow::{Context, Result};
use std::path::Path;
use std::process::{Command, ExitCode};

/// The workspace's root.
pub fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// The steps of `.ci/run`, by running it: there is one list of them.
pub fn ci() -> Result<ExitCode> {
    status(Command::new("bash").arg(".ci/run").current_dir(root()))
}

/// `mlp export`, with the arguments as given. Paths in them are those of the folder it is called in.
pub fn export(arguments: &[&str]) -> Result<ExitCode> {
    status(&mut export_command(arguments))
}

/// `fetch-data`, likewise: a program of its own, since it brings TLS.
pub fn fetch_data(arguments: &[&str]) -> Result<ExitCode> {
    status(cargo_run("xtask-fetch").args(arguments))
}

fn export_command(arguments: &[&str]) -> Command {
    let mut command = cargo_run("mlp-cli");
    command.arg("export").args(arguments);
    command
}

/// Runs the program of a member, built if need be; its arguments are to follow.
fn cargo_run(member: &str) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--manifest-path"]).arg(root().join("Cargo.toml"));
    command.args(["--package", member, "--"]);
    command
}

fn status(command: &mut Command) -> Result<ExitCode> {
    let program = command.get_program().to_owned();
    let status = command.status().with_context(|| format!("cannot start {}", program.display()))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_export_is_that_of_the_program() {
        let command = export_command(&["model.mlp", "--to", "onnx"]);
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
        let last = words.split(|word| word == "--").next_back().unwrap();
        assert_eq!(last, ["export", "model.mlp", "--to", "onnx"]);
        assert!(root().join("xtask").is_dir());
    }
}
