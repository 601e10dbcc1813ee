//! Figures as PNG files: all of a page for `--png`, one for `--plot`. Needs the feature `png`, which brings a
//! rasteriser.

use anyhow::{Context, bail};
use mlp_report::{Page, Svg};
use std::path::{Path, PathBuf};

/// Whether this build can do what an option asks for.
#[cfg(feature = "png")]
pub fn available(_: &str) -> anyhow::Result<()> {
    Ok(())
}

/// Whether this build can do what an option asks for.
#[cfg(not(feature = "png"))]
pub fn available(option: &str) -> anyhow::Result<()> {
    bail!(
        "{option}: this program was built without the feature `png`, which turns plots into pixels; build it with \
         `cargo build --release -p mlp-cli --features png`, or open the page in a browser"
    )
}

/// Writes them, named after their sections.
#[cfg(feature = "png")]
pub fn write(page: &Page, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let cannot =
        || format!("{}: the pictures cannot be written; choose another --png", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    let painter = mlp_report::Painter::new()?;
    let mut paths = Vec::new();
    for (i, (_, svg)) in page.figures().enumerate() {
        let path = folder.join(format!("{:02}-{}.png", i + 1, slug(svg.title())));
        let bytes = painter.png(svg, mlp_report::Theme::Light)?;
        mlp_model::file::write_atomic(&path, &bytes).with_context(cannot)?;
        paths.push(path);
    }
    if paths.is_empty() {
        bail!("the page has no plots");
    }
    Ok(paths)
}

/// Never reached: [`available`] has refused.
#[cfg(not(feature = "png"))]
pub fn write(_: &Page, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    available("--png").with_context(|| folder.display().to_string())?;
    Ok(Vec::new())
}

/// A title as the name of a file.
#[cfg(feature = "png")]
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.take(6).map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// One picture as the bytes of a PNG file.
#[cfg(feature = "png")]
pub fn png(svg: &Svg) -> anyhow::Result<Vec<u8>> {
    Ok(mlp_report::Painter::new()?.png(svg, mlp_report::Theme::Light)?)
}

/// Never reached: [`available`] has refused.
#[cfg(not(feature = "png"))]
pub fn png(svg: &Svg) -> anyhow::Result<Vec<u8>> {
    available("--plot").with_context(|| svg.title().to_string())?;
    Ok(Vec::new())
}
