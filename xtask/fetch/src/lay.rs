//! From files whose sums are right to the folder of a set: unpacked, tables made readable, with `dataset.toml`
//! (how `mlp` reads it) and `files.sha256` (what `--verify` compares) beside them.

use crate::catalogue::{Kind, Set, Source};
use crate::screen::{Bar, size};
use crate::table::Readable;
use crate::unpack::{self, Laid, Yard};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

/// How `mlp` reads the set.
pub const OPTIONS: &str = "dataset.toml";
/// The sums of all files, as `sha256sum --check` reads them.
pub const SUMS: &str = "files.sha256";

/// Lays a set down in an empty folder.
///
/// # Errors
/// What is wrong with an archive; a disk that does not take it.
pub fn lay(set: &Set, files: &[PathBuf], folder: &Path, quiet: bool) -> Result<()> {
    let (mut laid, mut names) = (Vec::new(), BTreeSet::new());
    for (source, path) in set.files.iter().zip(files) {
        let more = one(set, source, path, folder, quiet)?;
        if let Some(twice) = more.iter().find(|laid| !names.insert(laid.name.to_lowercase())) {
            let (show, name) = (path.display(), &twice.name);
            bail!("{show}: `{name}` comes twice, or differs from another only by capitals");
        }
        laid.extend(more);
    }
    let lines = laid.iter().map(|laid| format!("{}  {}\n", laid.sha256, laid.name));
    write(&folder.join(SUMS), &lines.collect::<String>())?;
    write(&folder.join(OPTIONS), &options(set))
}

fn one(set: &Set, source: &Source, from: &Path, folder: &Path, quiet: bool) -> Result<Vec<Laid>> {
    let packed = fs::metadata(from).with_context(|| from.display().to_string())?.len();
    let bar = Bar::new(&format!("{} unpacking {}", set.name, source.name), 0, quiet);
    let mut done = 0;
    let mut seen = |count: u64| {
        done += count;
        bar.unpacked(done);
    };
    let below = source.below.as_deref();
    let mut yard = Yard::new(folder, below, packed, source.most_bytes, &mut seen);
    match source.kind {
        Kind::TarGz => unpack::tar_gz(&mut yard, from)?,
        Kind::Zip => unpack::zip(&mut yard, from)?,
        Kind::Plain | Kind::Gzip => {
            let at = || from.display().to_string();
            let content = unpack::open_content(from).with_context(at)?;
            let mut readable = Readable::new(BufReader::new(content), &source.table);
            yard.lay(Path::new(source.target()), &mut readable).with_context(at)?;
        }
    }
    let laid = yard.laid();
    if laid.is_empty() {
        bail!("{}: nothing in it is part of the set", from.display());
    }
    let known = source.content_sha256.as_ref().filter(|_| source.kind == Kind::Gzip);
    if known.is_some_and(|known| *known != laid[0].sha256) {
        bail!("{}: its content is not what the catalogue says", from.display());
    }
    Ok(laid)
}

fn write(path: &Path, text: &str) -> Result<()> {
    let written = File::create_new(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.with_context(|| path.display().to_string())
}

/// The text of `dataset.toml`.
fn options(set: &Set) -> String {
    let mut text = format!("# {}: {}.\n", set.name, set.about);
    let mut fact = |word: &str, fact: &str| {
        if !fact.is_empty() {
            text += &format!("# {word}: {fact}\n");
        }
    };
    fact("Licence", &set.licence);
    fact("Homepage", &set.homepage);
    fact("To cite", &set.citation);
    fact("Note", &set.notes);
    for source in &set.files {
        fact("From", &source.urls[0]);
        fact("  bytes", &format!("{} ({})", source.bytes, size(source.bytes)));
        fact("  SHA-256", &source.sha256);
    }
    text += &format!(
        "# Laid down by `cargo xtask fetch-data {}`; what was laid down is in {SUMS}.\n\
         # Below: options of `mlp train`, which flags win over. Paths are relative to this folder.\n{}",
        set.name, set.options
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn the_options_are_a_config_file_with_the_source_in_comments() {
        for set in Catalogue::own().unwrap().sets {
            let text = options(&set);
            assert_eq!(text.parse::<toml::Table>().unwrap(), set.options, "{text}");
            for fact in [&set.licence, &set.homepage, &set.citation, &set.files[0].sha256] {
                assert!(text.contains(fact.as_str()), "{text}");
            }
        }
    }
}
