//! `mlp data draw`: cats and dogs as files.

use crate::args::{DrawArgs, Global};
use crate::input;
use crate::output::{self, bytes, count, say};
use crate::progress::Reading;
use mlp_data::drawings;
use serde_json::json;

/// Runs the verb.
pub fn run(args: &DrawArgs, global: &Global) -> anyhow::Result<()> {
    let drawn = args.count.unwrap_or(drawings::COUNT);
    let seed = global.seed.unwrap_or(drawings::SEED);
    let exec = input::exec(global)?;
    let drawing = Reading::drawing(global.quiet);
    let written = drawings::write_folder(&exec, &args.dir, seed, drawn, &drawing);
    drawing.done();
    let written = written?;
    let folder = args.dir.display().to_string();
    if global.json {
        return output::json(&json!({
            "folder": folder,
            "drawings": drawn,
            "seed": seed,
            "bytes": written,
        }));
    }
    if !global.quiet {
        let size = bytes(usize::try_from(written).unwrap_or(usize::MAX));
        say(&format!("{folder}: {}, {size}", count(drawn as usize, "drawing", "drawings")));
        let (program, folder) = (output::program(), output::quoted(&args.dir));
        say(&output::entry("next", &format!("{program} train {folder}")));
    }
    Ok(())
}
