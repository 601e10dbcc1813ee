//! Sets that `cargo xtask fetch-data` laid down: a name that stands for `data/NAME`, and folders with a
//! `dataset.toml`, which is a config file of `mlp train` with paths relative to its folder. Its options stand
//! below those of the caller. What such sets are made of and how they are fetched: `xtask`.

use crate::failure::usage;
use crate::options::Options;
use anyhow::bail;
use mlp_data::{OpenOptions, TaskHint, embedded, nearest};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// The names of the catalogue, `xtask/datasets.toml`.
pub const NAMES: [&str; 13] = [
    "mnist",
    "fashion-mnist",
    "kmnist",
    "cifar-10",
    "cats-vs-dogs",
    "oxford-iiit-pet",
    "quickdraw-cat-dog",
    "iris",
    "wine",
    "breast-cancer",
    "california-housing",
    "adult",
    "titanic",
];

/// Where fetched sets lie, below the folder that the program runs in.
const STORE: &str = "data";
/// How a set is read.
const FILE: &str = "dataset.toml";

/// The options that data of this name bring: `None` for what is no fetched set.
///
/// # Errors
/// A set of the catalogue that is not there; a `dataset.toml` that cannot be read, or names no data.
pub fn brought(name: &str) -> anyhow::Result<Option<Options>> {
    let path = Path::new(name);
    let Some(folder) = folder(name, path) else {
        if !path.exists() && NAMES.contains(&name) && !is_embedded(name) {
            bail!("`{name}` is not there; fetch it: cargo xtask fetch-data {name}");
        }
        return Ok(None);
    };
    let file = folder.join(FILE);
    let options = config(&file)?;
    if options.data.is_none() {
        return Err(usage(format!("{}: the key `data` is lacking", file.display())));
    }
    Ok(Some(Options { out: None, ..options }))
}

/// Reads a config file; paths in a `dataset.toml` are relative to its folder.
///
/// # Errors
/// Those of [`Options::read`].
pub fn config(file: &Path) -> anyhow::Result<Options> {
    let options = Options::read(file)?;
    if file.file_name() != Some(OsStr::new(FILE)) {
        return Ok(options);
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let within = |path: &Path| match path.components().all(|part| part == Component::CurDir) {
        true => folder.to_owned(),
        false => folder.join(path),
    };
    let data = options.data.as_ref().map(Path::new).map(within);
    Ok(Options {
        data: data.map(|path| path.to_string_lossy().into_owned()),
        test_data: options.test_data.as_deref().map(within),
        labels: options.labels.as_deref().map(within),
        split: options.split.as_deref().map(within),
        ..options
    })
}

/// The folder that is meant, if it is one of a set.
fn folder(name: &str, path: &Path) -> Option<PathBuf> {
    let stored = match path.components().collect::<Vec<_>>()[..] {
        [Component::Normal(_)] if !path.exists() && !is_embedded(name) => {
            Path::new(STORE).join(name)
        }
        _ => path.to_owned(),
    };
    stored.join(FILE).is_file().then_some(stored)
}

fn is_embedded(name: &str) -> bool {
    embedded::NAMES.iter().any(|(known, _)| *known == name)
}

/// Options over those that their data bring.
///
/// # Errors
/// Those of [`brought`].
pub fn under(options: Options) -> anyhow::Result<Options> {
    let Some(name) = &options.data else { return Ok(options) };
    let Some(below) = brought(name)? else { return Ok(options) };
    // Labels come from one place.
    let own = options.labels.is_some() || options.label_regex.is_some();
    let below = match own {
        true => Options { labels: None, label_regex: None, ..below },
        false => below,
    };
    let data = below.data.clone();
    Options { data, ..options }.over(&below)
}

/// How to read data: the path that a name stands for, and options over those that the data bring.
///
/// # Errors
/// Those of [`brought`].
pub fn resolved(name: &str, options: &OpenOptions) -> anyhow::Result<(String, OpenOptions)> {
    let Some(set) = brought(name)? else { return Ok((name.to_string(), options.clone())) };
    let below = set.open();
    let mut over = options.clone();
    if over.labels.is_none() && over.label_regex.is_none() {
        (over.labels, over.label_regex) = (below.labels, below.label_regex);
    }
    over.target = over.target.or(below.target);
    over.test_data = over.test_data.or(below.test_data);
    over.header = over.header.or(below.header);
    over.strict |= below.strict;
    // A model knows these.
    if over.schema.is_none() {
        over.picture_size = over.picture_size.or(below.picture_size);
        over.resize = over.resize.or(below.resize);
        over.channels = over.channels.or(below.channels);
        over.background = over.background.or(below.background);
        over.label_separator = over.label_separator.or(below.label_separator);
        over.weight = over.weight.or(below.weight);
        if over.types.is_empty() {
            over.types = below.types;
        }
        if over.task == TaskHint::Auto {
            over.task = below.task;
        }
    }
    Ok((set.data.unwrap_or_else(|| name.to_string()), over))
}

/// What to add to the error of data that are not there: the set that may have been meant.
pub fn hint(name: &str) -> String {
    if Path::new(name).exists() || name.contains(['/', '.']) {
        return String::new();
    }
    let inside = embedded::NAMES.iter().map(|(known, _)| *known);
    match nearest(name, inside.chain(NAMES)) {
        Some(near) if !is_embedded(near) => {
            format!("; did you mean `{near}`, which `cargo xtask fetch-data {near}` fetches?")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names and options of the catalogue.
    fn catalogue() -> Vec<(String, toml::Table)> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../xtask/datasets.toml");
        let table: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let set = |set: &toml::Value| {
            let name = set["name"].as_str().unwrap().to_string();
            (name, set["options"].as_table().unwrap().clone())
        };
        table["set"].as_array().unwrap().iter().map(set).collect()
    }

    #[test]
    fn the_names_are_those_of_the_catalogue() {
        let names: Vec<String> = catalogue().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, NAMES);
    }

    #[test]
    fn the_options_of_the_catalogue_are_those_of_train() {
        for (name, options) in catalogue() {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(FILE), options.to_string()).unwrap();
            let found = brought(folder.path().to_str().unwrap()).unwrap().unwrap();
            found.open();
            let data = found.data.unwrap();
            assert!(Path::new(&data).starts_with(folder.path()), "{name}: {data}");
        }
    }

    #[test]
    fn flags_win_over_what_the_data_bring() {
        let folder = tempfile::tempdir().unwrap();
        let text =
            "data = 'a.csv'\ntest-data = 'b.csv'\ntarget = 't'\nlabels = 'l.csv'\nepochs = 3\n";
        std::fs::write(folder.path().join(FILE), text).unwrap();
        let name = folder.path().to_str().unwrap();
        let flags = Options {
            data: Some(name.into()),
            target: Some("u".into()),
            label_regex: Some("x".into()),
            ..Options::default()
        };
        let options = under(flags).unwrap();
        assert_eq!(options.data.unwrap(), folder.path().join("a.csv").to_str().unwrap());
        assert_eq!(options.test_data.unwrap(), folder.path().join("b.csv"));
        assert_eq!((options.target.as_deref(), options.epochs), (Some("u"), Some(3)));
        assert_eq!((options.labels, options.label_regex.as_deref()), (None, Some("x")));
        let (path, open) = resolved(name, &OpenOptions::default()).unwrap();
        assert!(path.ends_with("a.csv") && open.labels.is_some());
        assert_eq!(open.target.as_deref(), Some("t"));
    }
}
