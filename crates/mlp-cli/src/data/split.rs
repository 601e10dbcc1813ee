//! `mlp data split`: the part or the fold of every row, as a file.

use crate::args::{Global, SplitArgs};
use crate::failure::usage;
use crate::input;
use crate::output::{self, count, entry, grouped, print, say};
use crate::parts::By;
use crate::train::{default_valid, run_name};
use anyhow::{Context, bail};
use mlp_data::{Dataset, Folds, Groups, Part, Split};
use mlp_train::Config;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Folds listed before `…`.
const SHOWN: usize = 12;

/// What was made of the rows.
enum Made {
    Parts(Split),
    Folds(Folds),
}

/// Runs the verb.
pub fn run(args: &SplitArgs, global: &Global) -> anyhow::Result<()> {
    shares_in_range(args)?;
    let exec = input::exec(global)?;
    let data = input::data(&exec, global, &args.data, &args.reading.open())?;
    let seed = global.seed.unwrap_or(Config::default().seed);
    let by = match (&args.group, &args.group_regex, &args.time) {
        (Some(column), ..) => By::Group(column),
        (_, Some(regex), _) => By::Names(regex),
        (.., Some(column)) => By::Time(column),
        _ => By::Class,
    };
    let groups = by.groups(&data)?;
    let made = match args.folds {
        Some(folds) => Made::Folds(Folds::new(&data, folds, groups.as_ref(), seed)?),
        None => {
            let valid = args.valid.unwrap_or_else(|| default_valid(data.len()));
            Made::Parts(by.split(&data, (valid, args.test.unwrap_or(0.2)), seed)?)
        }
    };
    let file = write(args, &data, &made)?;
    if global.json {
        return output::json(&document(&file, &data, &made, groups.as_ref(), seed));
    }
    tell(args, global, &file, &data, &made, groups.as_ref(), seed)
}

fn shares_in_range(args: &SplitArgs) -> anyhow::Result<()> {
    let shares = [("valid", args.valid), ("test", args.test)];
    for (name, share) in shares.into_iter().filter_map(|(n, s)| Some((n, s?))) {
        if !(0.0..1.0).contains(&share) {
            return Err(usage(format!("--{name} {share}: must be at least 0 and below 1")));
        }
    }
    Ok(())
}

/// Writes the file, unless it holds the same already.
fn write(args: &SplitArgs, data: &Dataset, made: &Made) -> anyhow::Result<PathBuf> {
    let (text, ending) = match made {
        Made::Parts(split) => (split.to_csv(data), "split.csv"),
        Made::Folds(folds) => (folds.to_csv(data), "folds.csv"),
    };
    let name = || PathBuf::from(format!("{}.{ending}", run_name(&args.data)));
    let file = args.out.clone().unwrap_or_else(name);
    let show = file.display();
    match std::fs::read(&file) {
        Ok(there) if there == text.as_bytes() => return Ok(file),
        Ok(_) => {
            bail!("{show} exists and holds something else; remove it, or choose another --out")
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| show.to_string()),
    }
    mlp_model::file::write_atomic(&file, text.as_bytes()).with_context(|| show.to_string())?;
    Ok(file)
}

/// Rows of each part.
fn sizes(split: &Split) -> Vec<(Part, usize)> {
    let parts = [Part::Train, Part::Validation, Part::Test];
    parts.into_iter().map(|p| (p, split.parts.iter().filter(|q| **q == p).count())).collect()
}

/// Rows of each fold.
fn fold_sizes(folds: &Folds) -> Vec<usize> {
    let mut sizes = vec![0; folds.count as usize];
    folds.folds.iter().for_each(|&f| sizes[f as usize] += 1);
    sizes
}

fn document(file: &Path, data: &Dataset, made: &Made, groups: Option<&Groups>, seed: u64) -> Value {
    let mut document = json!({
        "file": file.display().to_string(),
        "rows": data.len(),
        "groups": groups.map(Groups::len),
        "seed": seed,
        "parts": null,
        "folds": null,
        "warnings": [],
        "skipped": crate::train::skipped_json(&data.skipped),
    });
    match made {
        Made::Parts(split) => {
            let parts = sizes(split).into_iter().map(|(p, n)| (p.name().to_string(), json!(n)));
            document["parts"] = Value::Object(parts.collect());
            document["warnings"] = json!(split.warnings(data));
        }
        Made::Folds(folds) => document["folds"] = json!(fold_sizes(folds)),
    }
    document
}

fn tell(
    args: &SplitArgs,
    global: &Global,
    file: &Path,
    data: &Dataset,
    made: &Made,
    groups: Option<&Groups>,
    seed: u64,
) -> anyhow::Result<()> {
    let how = match (groups, &args.time) {
        (Some(groups), _) => format!("{}, seed {seed}", count(groups.len(), "group", "groups")),
        (None, Some(column)) => format!("by time, `{column}`"),
        (None, None) => format!("seed {seed}"),
    };
    let mut option = String::new();
    let (word, text) = match made {
        Made::Parts(split) => {
            let size = |(p, n): (Part, usize)| format!("{} {}", grouped(n), p.name());
            let used = sizes(split).into_iter().filter(|(_, n)| *n > 0);
            ("split", used.map(size).collect::<Vec<_>>().join(" · "))
        }
        Made::Folds(folds) => {
            option = " --fold 1".into();
            let sizes = fold_sizes(folds);
            let mut text: Vec<String> = sizes.iter().take(SHOWN).map(|n| grouped(*n)).collect();
            if sizes.len() > SHOWN {
                text.push("…".into());
            }
            ("folds", format!("{} of {} rows", folds.count, text.join(", ")))
        }
    };
    print(&entry(word, &format!("{text} ({how})")))?;
    if let Made::Parts(split) = made {
        for warning in split.warnings(data) {
            print(&entry("", &warning))?;
        }
    }
    print(&entry("file", &file.display().to_string()))?;
    if !global.quiet {
        let (program, file) = (output::program(), output::quoted(file));
        let data = output::quoted(Path::new(&args.data));
        if let Some(target) = &args.reading.target {
            option = format!(" --target {}{option}", output::quoted(Path::new(target)));
        }
        say(&entry("next", &format!("{program} train {data} --split {file}{option}")));
    }
    Ok(())
}
