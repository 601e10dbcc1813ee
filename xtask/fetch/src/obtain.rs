//! From a file of the catalogue to one on the disk whose SHA-256 is right: out of a folder that the user names,
//! or from the net. Nothing is unpacked here.

use crate::catalogue::{Kind, Set, Source};
use crate::download::{Client, download};
use crate::screen::Bar;
use crate::{hash, unpack};
use anyhow::{Context, Result, bail};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where files come from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// A folder with files fetched elsewhere; nothing else is asked then.
    pub from: Option<PathBuf>,
    /// Never the net.
    pub offline: bool,
    /// An address that is asked first.
    pub mirror: Option<String>,
    /// What asks.
    pub client: Client,
}

impl Origin {
    /// Files at hand for a set, in the order of the catalogue; downloads go to `work`.
    ///
    /// # Errors
    /// One that is not to be had, or is not what the catalogue says.
    pub fn all(&self, set: &Set, work: &Path, quiet: bool) -> Result<Vec<PathBuf>> {
        set.files.iter().map(|source| self.one(set, source, work, quiet)).collect()
    }

    fn one(&self, set: &Set, source: &Source, work: &Path, quiet: bool) -> Result<PathBuf> {
        let to = work.join(&source.name);
        if to.is_file() {
            // It got its name after its sum had been compared; what became of it since, a reader of disks knows.
            if hash::of_file(&to)? == source.sha256 {
                return Ok(to);
            }
            std::fs::remove_file(&to).with_context(|| to.display().to_string())?;
        }
        if let Some(folder) = &self.from {
            return in_folder(folder, set, source);
        }
        if self.offline {
            bail!(
                "{} is not there, and --offline forbids to fetch it; give a folder that holds it with --from DIR",
                source.name
            );
        }
        let bar = Bar::new(&format!("{} {}", set.name, source.name), source.bytes, quiet);
        download(&self.client, source, &self.addresses(set, source), &to, &bar)?;
        Ok(to)
    }

    /// The addresses of a file: below that of `--mirror` first.
    fn addresses(&self, set: &Set, source: &Source) -> Vec<String> {
        let base = self.mirror.as_ref().map(|url| url.trim_end_matches('/'));
        let own = base.into_iter().flat_map(|base| {
            [format!("{base}/{}/{}", set.name, source.name), format!("{base}/{}", source.name)]
        });
        own.chain(source.urls.iter().cloned()).collect()
    }
}

/// The file in a folder of the user: by its name, packed or unpacked, or under another name by its size.
fn in_folder(folder: &Path, set: &Set, source: &Source) -> Result<PathBuf> {
    if !folder.is_dir() {
        bail!("--from {}: there is no such folder", folder.display());
    }
    let bare = source.name.strip_suffix(".gz").unwrap_or(&source.name);
    let packed = format!("{bare}.gz");
    let mut candidates = Vec::new();
    for place in [folder.join(&set.name), folder.to_owned()] {
        for name in [&source.name, bare, &*packed, source.target()] {
            let path = place.join(name);
            if path.is_file() && !candidates.contains(&path) {
                candidates.push(path);
            }
        }
    }
    let mut differ = Vec::new();
    for path in &candidates {
        match is(path, source).with_context(|| path.display().to_string())? {
            Ok(()) => return Ok(path.clone()),
            Err(why) => differ.push(format!("\n  {}: {why}", path.display())),
        }
    }
    for path in same_size(folder, source.bytes) {
        if hash::of_file(&path).is_ok_and(|sum| sum == source.sha256) {
            return Ok(path);
        }
    }
    let show = folder.display();
    if differ.is_empty() {
        let name = &source.name;
        bail!(
            "{show} holds no {name} of {} bytes; it is published at {}",
            source.bytes,
            source.urls[0]
        );
    }
    bail!("{show} holds no {} that is as published:{}", source.name, differ.concat())
}

/// Files of a folder that have so many bytes, sorted by name.
fn same_size(folder: &Path, bytes: u64) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let fits = |path: &PathBuf| {
        std::fs::metadata(path).is_ok_and(|known| known.is_file() && known.len() == bytes)
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(fits).collect();
    paths.sort();
    paths
}

/// Whether a file is that of the catalogue: as published, or in its content; else why not.
fn is(path: &Path, source: &Source) -> Result<Result<(), String>> {
    let length = std::fs::metadata(path)?.len();
    let sum = hash::of_file(path)?;
    if sum == source.sha256 {
        return Ok(Ok(()));
    }
    // Plain files may have been packed, packed ones unpacked or packed anew.
    let content = match source.kind {
        Kind::Plain => Some(&source.sha256),
        Kind::Gzip => source.content_sha256.as_ref(),
        Kind::TarGz | Kind::Zip => None,
    };
    let Some(content) = content else {
        return Ok(Err(format!(
            "{length} bytes of SHA-256 {sum}, where {} of {} are expected",
            source.bytes, source.sha256
        )));
    };
    let most = unpack::allowed(length);
    let mut reader = unpack::open_content(path)?.take(most);
    Ok(match hash::of(&mut reader) {
        Ok(inside) if inside == *content => Ok(()),
        Ok(inside) => {
            Err(format!("its content has the SHA-256 {inside}, where {content} is expected"))
        }
        Err(error) => Err(format!("cannot be unpacked: {error}")),
    })
}
