//! `mlp export`.

use crate::args::{ExportArgs, Global};
use crate::failure::usage;
use crate::input;
use crate::output::{self, say};
use anyhow::Context;
use mlp_export::Format;
use mlp_model::file;
use serde_json::json;

/// Runs the verb.
pub fn run(args: &ExportArgs, global: &Global) -> anyhow::Result<()> {
    let format: Format = args.to.parse().map_err(|e| usage(format!("--to: {e}")))?;
    let exporter = format.exporter();
    let model_path = input::model_path(&args.model);
    let out = args.out.clone().unwrap_or_else(|| model_path.with_extension(exporter.extension()));
    let model = input::model(&args.model)?;
    if input::is_container(&out) {
        return Err(usage(format!(
            "{} is a model or a checkpoint of this program; choose another --out",
            out.display()
        )));
    }
    let bytes = exporter.export(&model)?;
    file::write_atomic(&out, &bytes)
        .context("the export cannot be written; choose another --out")?;
    if global.json {
        return output::json(&json!({
            "file": out.display().to_string(),
            "format": exporter.name(),
            "bytes": bytes.len(),
        }));
    }
    if !global.quiet {
        say(&format!("{}: {}", out.display(), output::bytes(bytes.len())));
    }
    Ok(())
}
