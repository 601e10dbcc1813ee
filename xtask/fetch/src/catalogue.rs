//! The catalogue: which sets there are, where their files lie, and what they must be. Its text is
//! `xtask/datasets.toml`; nothing here opens a socket or writes a file.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

/// The catalogue of this checkout.
const TEXT: &str = include_str!("../../datasets.toml");

/// All sets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Catalogue {
    /// In the order of the file.
    #[serde(rename = "set")]
    pub sets: Vec<Set>,
}

/// A data set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Set {
    /// What it is fetched and trained by; also its folder.
    pub name: String,
    /// What it is, in a line.
    pub about: String,
    /// Its terms.
    pub licence: String,
    /// Where it is described.
    pub homepage: String,
    /// Whom to cite.
    pub citation: String,
    /// What a user should know.
    #[serde(default)]
    pub notes: String,
    /// Whether `mlp` has a set of this name inside, so that this one goes by its folder.
    #[serde(default)]
    pub inside: bool,
    /// How `mlp train` reads it: keys of its config file; paths relative to the set's folder.
    pub options: toml::Table,
    /// What it is made of.
    #[serde(rename = "file")]
    pub files: Vec<Source>,
}

/// A file of a set, as published.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Source {
    /// Its name where it is published.
    pub name: String,
    /// Where the same bytes lie; tried in this order.
    pub urls: Vec<String>,
    /// Its size.
    pub bytes: u64,
    /// Of the file as published, in hexadecimal.
    pub sha256: String,
    /// Of what a gzip file holds: so that a file which was packed anew, or unpacked, is known too.
    pub content_sha256: Option<String>,
    /// How it is packed.
    #[serde(default)]
    pub kind: Kind,
    /// The name of what it becomes, if it is no archive [default: its own, without `.gz`].
    to: Option<String>,
    /// Of an archive: only what lies below this folder is kept, without the folder.
    pub below: Option<String>,
    /// Of an archive: most bytes that may come out of it.
    pub most_bytes: Option<u64>,
    /// How a table is made readable.
    #[serde(default)]
    pub table: Table,
}

/// How a file is packed.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Not at all.
    #[default]
    Plain,
    /// One file, by gzip.
    Gzip,
    /// A tar archive under gzip.
    TarGz,
    /// A zip archive.
    Zip,
}

/// What is done to the lines of a table; nothing by default.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Table {
    /// A first line with these names is written.
    #[serde(default)]
    pub columns: Vec<String>,
    /// So many first lines are left out.
    #[serde(default)]
    pub skip_lines: usize,
    /// Taken off the end of every line.
    #[serde(default)]
    pub strip_end: String,
}

impl Catalogue {
    /// That of this checkout.
    ///
    /// # Errors
    /// None, as a test shows.
    pub fn own() -> Result<Catalogue> {
        Catalogue::parse(TEXT).context("xtask/datasets.toml")
    }

    /// Reads another one.
    ///
    /// # Errors
    /// A file that cannot be read; everything of [`Catalogue::parse`].
    pub fn read(path: &Path) -> Result<Catalogue> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Catalogue::parse(&text).with_context(|| path.display().to_string())
    }

    /// Reads the text of one.
    ///
    /// # Errors
    /// What is no catalogue; names that are not fit for folders or occur twice; sums that are none; files
    /// without address.
    pub fn parse(text: &str) -> Result<Catalogue> {
        let catalogue: Catalogue = toml::from_str(text)?;
        let mut names = BTreeSet::new();
        for set in &catalogue.sets {
            set.check().with_context(|| format!("set `{}`", set.name))?;
            if !names.insert(&set.name) {
                bail!("two sets are named `{}`", set.name);
            }
        }
        Ok(catalogue)
    }

    /// The set of that name.
    ///
    /// # Errors
    /// There is none; all names are given.
    pub fn set(&self, name: &str) -> Result<&Set> {
        self.sets.iter().find(|set| set.name == name).with_context(|| {
            let names: Vec<&str> = self.sets.iter().map(|set| set.name.as_str()).collect();
            format!("there is no set `{name}`; there are {}", names.join(", "))
        })
    }
}

impl Set {
    fn check(&self) -> Result<()> {
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(kebab) || self.name.starts_with('-') {
            bail!("names are of a-z, 0-9 and -");
        }
        if self.files.is_empty() {
            bail!("no files");
        }
        let mut names = BTreeSet::new();
        for file in &self.files {
            file.check().with_context(|| format!("file `{}`", file.name))?;
            if !names.insert(file.target()) {
                bail!("two files become `{}`", file.target());
            }
        }
        Ok(())
    }

    /// Of all files as published.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

impl Source {
    fn check(&self) -> Result<()> {
        for name in [&self.name, self.target()] {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
                bail!("`{name}` is no plain file name");
            }
        }
        let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        for sum in [Some(&self.sha256), self.content_sha256.as_ref()].into_iter().flatten() {
            if sum.len() != 64 || !sum.chars().all(hex) {
                bail!("`{sum}` is no SHA-256 of 64 lower-case hexadecimal digits");
            }
        }
        if self.bytes == 0 || self.urls.is_empty() {
            bail!("no size, or no address");
        }
        let address = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        match self.urls.iter().find(|url| !address(url)) {
            Some(url) => bail!("`{url}` is no address of the web"),
            None => Ok(()),
        }
    }

    /// The SHA-256 of what it becomes, where that is known: of single files whose lines are not changed.
    pub fn laid_sha256(&self) -> Option<&str> {
        let known = match self.kind {
            Kind::Plain => Some(&self.sha256),
            Kind::Gzip => self.content_sha256.as_ref(),
            Kind::TarGz | Kind::Zip => None,
        };
        known.filter(|_| self.table == Table::default()).map(String::as_str)
    }

    /// The name of what it becomes.
    pub fn target(&self) -> &str {
        let own = match self.kind {
            Kind::Gzip => self.name.strip_suffix(".gz").unwrap_or(&self.name),
            _ => &self.name,
        };
        self.to.as_deref().unwrap_or(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_well_formed() {
        let catalogue = Catalogue::own().unwrap();
        assert_eq!(catalogue.sets.len(), 13);
        let mut sums = BTreeSet::new();
        for set in &catalogue.sets {
            for text in [&set.about, &set.licence, &set.citation] {
                assert!(!text.is_empty() && !text.contains('\n'), "{}", set.name);
            }
            assert!(set.homepage.starts_with("http"), "{}", set.name);
            assert!(set.options.contains_key("data"), "{}", set.name);
            for file in &set.files {
                assert!(sums.insert(&file.sha256), "{} twice", file.sha256);
                for url in &file.urls {
                    // The two hosts that have no encrypted door.
                    let open = ["http://codh.rois.ac.jp/", "http://fashion-mnist.s3-website."];
                    let open = open.iter().any(|host| url.starts_with(host));
                    assert!(url.starts_with("https://") || open, "{url}");
                }
            }
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let text = |name: &str, sum: &str, url: &str, to: &str| {
            format!(
                "[[set]]\nname = '{name}'\nabout = 'a'\nlicence = 'b'\nhomepage = 'c'\ncitation = 'd'\n\
                 options.data = '.'\n[[set.file]]\nname = 'f.gz'\nto = '{to}'\nurls = ['{url}']\nbytes = 1\n\
                 sha256 = '{sum}'\n"
            )
        };
        let (sum, url) = ("0a".repeat(32), "https://a/f");
        let error = |text: String| format!("{:#}", Catalogue::parse(&text).unwrap_err());
        assert!(Catalogue::parse(&text("a-1", &sum, url, "f")).is_ok());
        assert!(error(text("../a", &sum, url, "f")).contains("names are of"));
        assert!(error(text("a", &sum[1..], url, "f")).contains("no SHA-256"));
        assert!(error(text("a", &sum, "file:///etc", "f")).contains("no address"));
        assert!(error(text("a", &sum, url, "../f")).contains("no plain file name"));
        assert!(error(text("a", &sum, url, "f").repeat(2)).contains("two sets are named `a`"));
        let own = Catalogue::own().unwrap();
        assert!(own.set("mnits").unwrap_err().to_string().contains("mnist, fashion-mnist"));
    }
}
