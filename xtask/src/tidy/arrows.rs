//! Which crate may need which: the arrows of `docs/architecture.md` and no others. Dev-dependencies are exempt.

use super::Finding;
use crate::run::root;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const ALL: &[&str] =
    &["mlp-tensor", "mlp-data", "mlp-model", "mlp-train", "mlp-report", "mlp-export"];

/// A member, and the members that it may need.
const ARROWS: [(&str, &[&str]); 9] = [
    ("mlp-tensor", &[]),
    ("mlp-data", &["mlp-tensor"]),
    ("mlp-model", &["mlp-data", "mlp-tensor"]),
    ("mlp-train", &["mlp-model"]),
    ("mlp-report", &["mlp-model"]),
    ("mlp-export", &["mlp-model"]),
    ("mlp-cli", ALL),
    ("xtask", &[]),
    ("xtask-fetch", &[]),
];

/// A library from outside, and the only member that may need it.
const OWNERS: [(&str, &str); 9] = [
    ("nalgebra", "mlp-tensor"),
    ("rayon", "mlp-tensor"),
    ("image", "mlp-data"),
    ("tiny-skia", "mlp-data"),
    ("bincode", "mlp-model"),
    ("clap", "mlp-cli"),
    ("anyhow", "mlp-cli"),
    ("ureq", "xtask-fetch"),
    ("rustls", "xtask-fetch"),
];

/// What `cargo metadata` says of the members.
pub fn metadata(root: &Path) -> Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
    let output = Command::new(cargo).args(arguments).current_dir(root).output();
    let output = output.context("cargo metadata cannot be started")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")
}

/// The members' manifests, relative to the workspace.
pub fn manifests(metadata: &Value) -> Vec<String> {
    members(metadata).map(manifest).collect()
}

/// The findings in the members' manifests.
pub fn check(metadata: &Value) -> Vec<Finding> {
    members(metadata).flat_map(check_member).collect()
}

fn members(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

fn manifest(member: &Value) -> String {
    let path = Path::new(member["manifest_path"].as_str().unwrap_or_default());
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn check_member(member: &Value) -> Vec<Finding> {
    let (name, path) = (member["name"].as_str().unwrap_or_default(), manifest(member));
    let Some((_, allowed)) = ARROWS.iter().find(|(member, _)| *member == name) else {
        let what = format!("`{name}` has no arrows: add it to ARROWS in xtask/src/tidy/arrows.rs");
        return vec![Finding::new(&path, 0, what)];
    };
    let needed = member["dependencies"].as_array().into_iter().flatten();
    needed
        .filter(|dependency| dependency["kind"] != "dev")
        .filter_map(|dependency| forbidden(name, allowed, dependency))
        .map(|what| Finding::new(&path, 0, what))
        .collect()
}

/// What is wrong with a dependency.
fn forbidden(member: &str, allowed: &[&str], dependency: &Value) -> Option<String> {
    let needed = dependency["name"].as_str().unwrap_or_default();
    let is_member = ARROWS.iter().any(|(name, _)| *name == needed);
    if is_member && !allowed.contains(&needed) {
        let allowed =
            if allowed.is_empty() { "no other member".into() } else { allowed.join(", ") };
        return Some(format!(
            "`{member}` needs `{needed}`, and may need {allowed}: go through what those export"
        ));
    }
    if member == "mlp-model" && needed == "mlp-data" && dependency["uses_default_features"] != false
    {
        return Some("`mlp-model` needs `mlp-data` with `default-features = false`".into());
    }
    let owner = OWNERS.iter().find(|(library, _)| *library == needed);
    // Programs for developers may have their error chain, too.
    let allowed = member.starts_with("xtask") && needed == "anyhow";
    let other = owner.filter(|(_, owner)| *owner != member && !allowed);
    other.map(|(library, owner)| format!("`{library}` is a dependency of `{owner}` alone"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check_needs(member: &str, dependency: Value, expected: Option<&str>) {
        let manifest = root().join("crates/x/Cargo.toml");
        let metadata = json!({ "packages": [
            { "name": member, "manifest_path": manifest, "dependencies": [dependency] }
        ] });
        let found: Vec<String> = check(&metadata).iter().map(Finding::to_string).collect();
        match expected {
            Some(what) => assert!(found.len() == 1 && found[0].contains(what), "{found:?}"),
            None => assert!(found.is_empty(), "{found:?}"),
        }
    }

    fn normal(name: &str) -> Value {
        json!({ "name": name, "kind": null, "uses_default_features": false })
    }

    #[test]
    fn arrows_that_are_not_drawn_are_found() {
        check_needs("mlp-train", normal("mlp-model"), None);
        check_needs(
            "mlp-train",
            normal("mlp-data"),
            Some("crates/x/Cargo.toml: `mlp-train` needs `mlp-data`"),
        );
        check_needs("mlp-tensor", normal("mlp-model"), Some("no other member"));
        check_needs("xtask", normal("mlp-cli"), Some("`xtask` needs"));
        check_needs("mlp-new", normal("serde"), Some("has no arrows"));
        let build = json!({ "name": "mlp-cli", "kind": "build" });
        check_needs("mlp-model", build, Some("`mlp-model` needs `mlp-cli`"));
        let dev = json!({ "name": "mlp-train", "kind": "dev" });
        check_needs("mlp-model", dev, None);
    }

    #[test]
    fn the_model_does_not_pay_for_picture_readers() {
        let default = json!({ "name": "mlp-data", "kind": null, "uses_default_features": true });
        check_needs("mlp-model", default, Some("default-features = false"));
        check_needs("mlp-model", normal("mlp-data"), None);
    }

    #[test]
    fn libraries_from_outside_have_one_owner() {
        check_needs("mlp-tensor", normal("rayon"), None);
        check_needs(
            "mlp-data",
            normal("rayon"),
            Some("`rayon` is a dependency of `mlp-tensor` alone"),
        );
        check_needs("mlp-train", normal("anyhow"), Some("`mlp-cli` alone"));
        check_needs("xtask", normal("anyhow"), None);
        check_needs("xtask-fetch", normal("anyhow"), None);
        check_needs("xtask", normal("ureq"), Some("`ureq` is a dependency of `xtask-fetch` alone"));
    }
}
