//! `mlp data inspect`, and what `mlp inspect` shows of data: gathered here, as JSON. As text: `text`.

mod text;

use crate::args::{DataInspectArgs, Global, ReadingArgs};
use crate::output;
use crate::train::{default_valid, skipped_json};
use crate::{input, output::print};
use mlp_data::picture::{Survey, survey};
use mlp_data::profile::{ColumnProfile, Profile, Values, profile};
use mlp_data::{Dataset, Kind, Part, Split, Target, date, idx};
use mlp_model::container;
use mlp_train::Config;
use serde_json::{Value, json};
use std::path::Path;

/// The parts that rows are counted by.
const PARTS: [Part; 3] = [Part::Train, Part::Validation, Part::Test];
/// Sizes of pictures that are listed in JSON.
const SIZES: usize = 1_000;

/// All that is known of a data set.
struct Seen {
    data: Dataset,
    profile: Profile,
    /// The parts that `mlp train` would make of it, if it can.
    split: Option<Split>,
    /// Whether the data bring them all.
    given: bool,
    survey: Option<Survey>,
}

/// Runs the verb.
pub fn run(args: &DataInspectArgs, global: &Global) -> anyhow::Result<()> {
    show(&args.data, &args.reading, global)
}

/// Shows what is in a data set.
pub fn show(name: &str, reading: &ReadingArgs, global: &Global) -> anyhow::Result<()> {
    let (exec, options) = (input::exec(global)?, reading.open());
    let data = input::data(&exec, global, name, &options)?;
    let path = Path::new(name);
    let pictures = data.picture.is_some() && path.is_dir() && !idx::is_folder(path);
    let survey = match pictures {
        true => Some(survey(&exec, path, &options)?),
        false => None,
    };
    let seed = global.seed.unwrap_or(Config::default().seed);
    let split = Split::new(&data, default_valid(data.len()), 0.2, seed).ok();
    let given = data.parts.iter().all(Option::is_some);
    let profile = profile(&exec, &data);
    let seen = Seen { data, profile, split, given, survey };
    match global.json {
        true => output::json(&seen.json()),
        false => print(&seen.text().join("\n")),
    }
}

impl Seen {
    /// Rows of each class, or with each label, in each part.
    fn class_parts(&self) -> Option<Vec<[usize; 3]>> {
        let split = self.split.as_ref()?;
        let of = |part| self.data.target.counts(split.rows(part).into_iter());
        let parts = PARTS.map(of);
        let class = |c: usize| [0, 1, 2].map(|part| parts[part][c] as usize);
        (!parts[0].is_empty()).then(|| (0..parts[0].len()).map(class).collect())
    }

    /// Rows in each part.
    fn part_sizes(&self) -> Option<[usize; 3]> {
        let split = self.split.as_ref()?;
        Some(PARTS.map(|part| split.parts.iter().filter(|p| **p == part).count()))
    }

    fn json(&self) -> Value {
        let (data, profile) = (&self.data, &self.profile);
        let name = |row: usize| data.row_name(row);
        let near = |&(a, b): &(u32, u32)| json!([name(a as usize), name(b as usize)]);
        json!({
            "kind": "data",
            "name": data.name,
            "rows": data.len(),
            "columns": profile.columns.iter().map(column_json).collect::<Vec<_>>(),
            "target": self.target_json(),
            "parts": self.part_sizes().map(|sizes| parts_json(&sizes)),
            "parts_given": self.given,
            "duplicates": {
                "rows": profile.repeated,
                "conflicting_groups": profile.conflicts.0,
                "conflicting_rows": profile.conflicts.1,
                "first_conflict": profile.first_conflict.map(|(a, b)| json!([name(a), name(b)])),
                "near": profile.near.iter().map(near).collect::<Vec<_>>(),
            },
            "leaks": profile.leaks.iter().map(|leak| json!({
                "column": leak.column, "score": leak.score, "baseline": leak.baseline,
            })).collect::<Vec<_>>(),
            "pictures": self.survey.as_ref().map(survey_json),
            "notes": data.notes,
            "skipped": skipped_json(&data.skipped),
            "fingerprint": container::hex(&data.fingerprint()),
        })
    }

    fn target_json(&self) -> Value {
        match &self.data.target {
            Target::Labels { name, labels, separator, hits } => {
                let rows = hits.chunks_exact(labels.len().max(1));
                let parts = self.class_parts();
                json!({
                    "name": name,
                    "kind": "labels",
                    "separator": separator,
                    "labels": labels,
                    "counts": self.data.target.counts(0..self.data.len()),
                    "without": rows.filter(|row| !row.contains(&1)).count(),
                    "parts": parts.map(|p| p.iter().map(parts_json).collect::<Vec<_>>()),
                })
            }
            Target::Classes { name, labels, .. } => {
                let counts = self.data.target.counts(0..self.data.len());
                let parts = self.class_parts();
                let parts = parts.map(|p| p.iter().map(parts_json).collect::<Vec<_>>());
                json!({
                    "name": name,
                    "kind": "classes",
                    "labels": labels,
                    "counts": counts,
                    "parts": parts,
                })
            }
            Target::Numbers { name, values } => {
                let low = values.iter().copied().fold(f64::INFINITY, f64::min);
                let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                json!({
                    "name": name,
                    "kind": "number",
                    "minimum": low,
                    "maximum": high,
                    "mean": mean,
                })
            }
            Target::None => Value::Null,
        }
    }
}

fn parts_json(sizes: &[usize; 3]) -> Value {
    json!({"train": sizes[0], "validation": sizes[1], "test": sizes[2]})
}

fn column_json(column: &ColumnProfile) -> Value {
    let values = match &column.values {
        Values::Numbers(n) if matches!(column.kind, Kind::Date(_)) => json!({
            "minimum": date::format(n.minimum),
            "median": date::format(n.quartiles[1]),
            "maximum": date::format(n.maximum),
        }),
        Values::Numbers(n) => json!({
            "minimum": n.minimum,
            "maximum": n.maximum,
            "quartiles": n.quartiles,
            "mean": n.mean,
            "deviation": n.deviation,
            "whole": n.whole,
        }),
        Values::Words(top) => {
            let word = |(word, count): &(String, usize)| json!({"word": word, "rows": count});
            let most: Vec<Value> = top.iter().map(word).collect();
            json!({"levels": column.distinct, "most_frequent": most})
        }
        Values::Pixels(channels) => {
            let channel =
                |(mean, deviation): &(f64, f64)| json!({"mean": mean, "deviation": deviation});
            json!({"channels": channels.iter().map(channel).collect::<Vec<_>>()})
        }
    };
    json!({
        "name": column.name,
        "kind": column.kind.to_string(),
        "why": column.why,
        "missing": column.missing,
        "distinct": column.distinct,
        "remark": column.remark.map(|r| r.word()),
        "values": values,
    })
}

fn survey_json(survey: &Survey) -> Value {
    let size = |((w, h), n): &((u32, u32), usize)| json!({"width": w, "height": h, "files": n});
    let format = |(name, n): &(&str, usize)| json!({"format": name, "files": n});
    json!({
        "sizes": survey.sizes.iter().take(SIZES).map(size).collect::<Vec<_>>(),
        "different_sizes": survey.sizes.len(),
        "formats": survey.formats.iter().map(format).collect::<Vec<_>>(),
        "grey": survey.grey,
        "colour": survey.colour,
        "alpha": survey.alpha,
        "turned": survey.turned,
        "unreadable": survey.unreadable,
    })
}
