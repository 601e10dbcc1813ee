//! `--cache`, `--cache-size`, `--cache-dir`: where prepared data are kept. What is kept: `mlp_data::cache`.

use crate::failure::usage;
use crate::options::Options;
use clap::ValueEnum;
use mlp_data::cache::{Cache, Held};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::str::FromStr;

/// Bytes of all entries, unless said otherwise.
const DEFAULT_SIZE: u64 = 20_000_000_000;

/// `--cache`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheWord {
    /// Read the data anew at every start, and hold them in memory
    None,
    /// Keep them prepared on disk; hold them in memory
    Ram,
    /// Keep them prepared on disk and read them from there: they may be larger than memory
    Disk,
}

/// `--cache-size`: `20GB`, `500 MB`, `1000000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bytes(u64);

impl FromStr for Bytes {
    type Err = String;
    fn from_str(text: &str) -> Result<Bytes, String> {
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = text[..text.len() - unit.len()].parse::<f64>().ok();
        let factor = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => Some(1.0),
            "k" | "kb" => Some(1e3),
            "m" | "mb" => Some(1e6),
            "g" | "gb" => Some(1e9),
            "t" | "tb" => Some(1e12),
            _ => None,
        };
        match (number, factor) {
            (Some(number), Some(factor)) => Ok(Bytes((number * factor) as u64)),
            _ => Err(format!("`{text}` is no number of bytes: give 500MB or 20GB")),
        }
    }
}

impl TryFrom<String> for Bytes {
    type Error = String;
    fn try_from(text: String) -> Result<Bytes, String> {
        text.parse()
    }
}

impl From<Bytes> for String {
    fn from(Bytes(bytes): Bytes) -> String {
        bytes.to_string()
    }
}

/// The cache that is asked for.
pub fn of(options: &Options) -> anyhow::Result<Option<Cache>> {
    let held = match options.cache.unwrap_or(CacheWord::None) {
        CacheWord::None => return Ok(None),
        CacheWord::Ram => Held::Memory,
        CacheWord::Disk => Held::Disk,
    };
    let Some(folder) = options.cache_dir.clone().or_else(user_folder) else {
        return Err(usage("this system names no folder for caches: say --cache-dir DIR"));
    };
    let limit = options.cache_size.map_or(DEFAULT_SIZE, |bytes| bytes.0);
    Ok(Some(Cache::new(folder, limit, held)))
}

/// Where the user's programs keep what can be made again.
fn user_folder() -> Option<PathBuf> {
    let from = |name: &str| {
        std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute())
    };
    let own = match () {
        () if cfg!(windows) => from("LOCALAPPDATA"),
        () if cfg!(target_os = "macos") => from("HOME").map(|home| home.join("Library/Caches")),
        () => from("XDG_CACHE_HOME").or_else(|| from("HOME").map(|home| home.join(".cache"))),
    };
    own.map(|folder| folder.join("mlp"))
}
