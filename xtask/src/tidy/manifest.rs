//! Manifests: every dependency of the workspace says why it is there, every member takes the workspace's lints.

use super::Finding;

/// The findings in the root manifest.
pub fn check_workspace(manifest: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut inside, mut reasoned) = (false, false);
    for (line, number) in manifest.lines().map(str::trim).zip(1..) {
        if line.starts_with('[') {
            inside = line == "[workspace.dependencies]";
        } else if inside && line.contains('=') && !line.starts_with('#') {
            let name = line.split(['=', '.']).next().unwrap_or(line).trim();
            if !reasoned && !line.contains("path =") {
                let what =
                    format!("`{name}` has no reason: say in a comment above it why it was taken");
                findings.push(Finding::new("Cargo.toml", number, what));
            }
        }
        reasoned = line.starts_with('#');
    }
    findings
}

/// The findings in a member's manifest.
pub fn check_member(path: &str, manifest: &str) -> Vec<Finding> {
    let mut lines = manifest.lines().map(str::trim).filter(|line| !line.is_empty());
    let found = lines.any(|line| line == "[lints]") && lines.next() == Some("workspace = true");
    let what = "the workspace's lints do not apply: add `[lints]` with `workspace = true`";
    if found { Vec::new() } else { vec![Finding::new(path, 0, what)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let manifest = "[workspace.dependencies]\nours = { path = \"a\" }\n# Quoting rules.\ncsv = \"1\"\n\
                        toml = \"1\"\n\n[workspace.lints]\nx = 1\n";
        let found: Vec<String> = check_workspace(manifest).iter().map(Finding::to_string).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("Cargo.toml:5: `toml` has no reason"), "{found:?}");
    }

    #[test]
    fn a_member_without_lints_is_found() {
        assert!(check_member("a", "[package]\n\n[lints]\nworkspace = true\n").is_empty());
        assert_eq!(check_member("a", "[package]\n").len(), 1);
        assert_eq!(check_member("a", "[lints]\n[dependencies]\n").len(), 1);
    }
}
