//! What is known of a data set as lines of at most 80 characters.

use super::Seen;
use crate::output::{count, entry, figure, grouped, percent};
use crate::train::{classes, skipped};
use mlp_data::picture::Survey;
use mlp_data::profile::{ColumnProfile, Remark, Values};
use mlp_data::{Kind, Target, date};

/// Characters a line, at most.
const WIDTH: usize = 80;
/// Columns, and classes, listed before the rest is only counted.
const ROWS: usize = 40;
/// Characters of a name, at most.
const NAME: usize = 18;
/// Names in a line before the rest is only counted.
const NAMES: usize = 8;
/// Bars of the histogram of sizes.
const BINS: usize = 6;
/// One class has so many times the rows of another where it is said.
const IMBALANCE: f64 = 3.0;

impl Seen {
    /// All lines.
    pub(super) fn text(&self) -> Vec<String> {
        let data = &self.data;
        let mut lines =
            vec![entry("data", &format!("{}: {} rows", data.name, grouped(data.len())))];
        lines.extend(data.notes.iter().flat_map(|note| wrapped("", note)));
        lines.extend(skipped(data));
        lines.extend(self.parts());
        lines.extend(self.classes());
        lines.extend(self.survey.iter().flat_map(pictures));
        lines.extend(self.columns());
        lines.extend(self.odd());
        lines
    }

    fn parts(&self) -> Option<String> {
        let [train, valid, test] = self.part_sizes()?.map(grouped);
        let how = if self.given { "as the data have them" } else { "as mlp train would make them" };
        Some(entry("parts", &format!("{train} train · {valid} validation · {test} test, {how}")))
    }

    fn classes(&self) -> Vec<String> {
        let (labels, word) = match &self.data.target {
            Target::Classes { labels, .. } => (labels, "class"),
            Target::Labels { labels, .. } => (labels, "label"),
            other => return classes(other).map(|t| entry("target", &t)).into_iter().collect(),
        };
        let rows = self.data.len();
        let counts = self.data.target.counts(0..rows);
        let mut lines = vec![String::new()];
        let head = ["rows", "share", "train", "validation", "test"];
        lines.push(row(word, &head.map(String::from)));
        let parts = self.class_parts();
        for (i, label) in labels.iter().enumerate().take(ROWS) {
            let share = percent(counts[i] as f64 / rows as f64);
            let part = |p: usize| parts.as_ref().map_or("-".into(), |all| grouped(all[i][p]));
            lines.push(row(label, &[grouped(counts[i]), share, part(0), part(1), part(2)]));
        }
        if labels.len() > ROWS {
            lines.push(format!("… and {} more (--json has all)", labels.len() - ROWS));
        }
        let most = counts.iter().max().copied().unwrap_or(0);
        let least = counts.iter().min().copied().unwrap_or(0);
        if most as f64 > IMBALANCE * least as f64 {
            let times = most as f64 / least.max(1) as f64;
            lines.push(format!(
                "the largest {word} has {times:.1} times the rows of the smallest (--class-weights balanced)"
            ));
        }
        lines
    }

    fn columns(&self) -> Vec<String> {
        let columns = &self.profile.columns;
        let mut lines = vec![String::new()];
        let head = format!(
            "{:<NAME$}  {:<8} {:>7} {:>9}  least · median · most, or words",
            "column", "type", "missing", "different"
        );
        lines.push(head);
        lines.extend(columns.iter().take(ROWS).map(|c| self.column(c)));
        if columns.len() > ROWS {
            lines.push(format!(
                "… and {} more columns (--json has all)",
                grouped(columns.len() - ROWS)
            ));
        }
        let whys = whys(columns);
        lines.extend(whys.first().map(|_| String::new()));
        lines.extend(whys);
        lines
    }

    fn column(&self, column: &ColumnProfile) -> String {
        let kind = match column.kind {
            Kind::Picture(_) => "picture".to_string(),
            kind => kind.to_string(),
        };
        let missing = match column.missing {
            0 => "0".to_string(),
            n => percent(n as f64 / self.data.len().max(1) as f64),
        };
        let different = match column.values {
            Values::Pixels(_) => "-".to_string(),
            _ => grouped(column.distinct),
        };
        let values = match &column.values {
            Values::Numbers(n) if n.mean.is_nan() => String::new(),
            Values::Numbers(n) if matches!(column.kind, Kind::Date(_)) => {
                [n.minimum, n.quartiles[1], n.maximum].map(date::format).join(" · ")
            }
            Values::Numbers(n) => {
                let mid = [n.minimum, n.quartiles[1], n.maximum].map(end);
                format!("{} · {} · {}, mean {}", mid[0], mid[1], mid[2], short(n.mean))
            }
            Values::Words(top) => {
                let word =
                    |(word, n): &(String, usize)| format!("{} {}", cut(word, 16), grouped(*n));
                let more = if column.distinct > top.len() { ", …" } else { "" };
                top.iter().map(word).collect::<Vec<_>>().join(", ") + more
            }
            Values::Pixels(channels) => {
                let Kind::Picture(shape) = column.kind else { return String::new() };
                let mean: Vec<String> = channels.iter().map(|c| figure(c.0)).collect();
                format!("{shape}, mean {}", mean.join(" "))
            }
        };
        let name = cut(&column.name, NAME);
        cut(&format!("{name:<NAME$}  {kind:<8} {missing:>7} {different:>9}  {values}"), WIDTH)
    }

    /// What should be looked at: columns of little use, copies, leaks.
    fn odd(&self) -> Vec<String> {
        let (data, found) = (&self.data, &self.profile);
        let mut said: Vec<String> = Vec::new();
        for remark in [Remark::Empty, Remark::Constant, Remark::RowNumber, Remark::AllDifferent] {
            let so = found.columns.iter().filter(|c| c.remark == Some(remark));
            let names: Vec<&str> = so.map(|c| c.name.as_str()).collect();
            if !names.is_empty() {
                said.push(format!("{}: {}", remark.text(), some(&names)));
            }
        }
        if found.repeated > 0 {
            let rows = count(found.repeated, "row repeats", "rows repeat");
            said.push(format!("{rows} the inputs of an earlier one"));
        }
        if let Some((a, b)) = found.first_conflict {
            let (a, b) = (data.row_name(a), data.row_name(b));
            said.push(format!(
                "{} rows in {} have equal inputs and another target (first: {a} and {b})",
                grouped(found.conflicts.1),
                count(found.conflicts.0, "group", "groups")
            ));
        }
        if let Some(&(a, b)) = found.near.first() {
            let (a, b) = (data.row_name(a as usize), data.row_name(b as usize));
            let pairs = count(found.near.len(), "pair", "pairs");
            said.push(format!("{pairs} of pictures nearly the same (first: {a} and {b})"));
        }
        for leak in &found.leaks {
            let score = match leak.baseline > 0.0 {
                true => format!("{} right", percent(leak.score)),
                false => format!("R² {:.3}", leak.score),
            };
            said.push(format!(
                "column `{0}` alone tells the target ({score}); if it is only known afterwards, \
                 train with --type {0}=ignore",
                leak.column
            ));
        }
        let word = |i: usize| if i == 0 { "look at" } else { "" };
        let mut lines: Vec<String> =
            said.iter().enumerate().flat_map(|(i, text)| wrapped(word(i), text)).collect();
        if !lines.is_empty() {
            lines.insert(0, String::new());
        }
        lines
    }
}

/// Why columns have their types: those of numbers in a line, others in one each.
fn whys(columns: &[ColumnProfile]) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for column in columns.iter().filter(|c| !matches!(c.kind, Kind::Picture(_))) {
        let why = format!("{}, since {}", column.kind, column.why);
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) => names.push(&column.name),
            None => reasons.push((why, vec![&column.name])),
        }
    }
    let mut lines = Vec::new();
    for (i, (why, names)) in reasons.iter().take(ROWS).enumerate() {
        let text = format!("{why}: {}", some(names));
        lines.extend(wrapped(if i == 0 { "types" } else { "" }, &text));
    }
    lines
}

/// The first of some names, and how many more there are.
fn some(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMES).map(|n| cut(n, NAME)).collect();
    let more = names.len() - shown.len();
    let more = if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// Sizes, formats and colours of pictures.
fn pictures(survey: &Survey) -> Vec<String> {
    let mut lines = Vec::new();
    let formats: Vec<String> =
        survey.formats.iter().map(|(name, n)| format!("{} {name}", grouped(*n))).collect();
    let mut text = format!(
        "{}; {} in colour, {} grey, {} with transparency, {} turned by EXIF",
        formats.join(", "),
        grouped(survey.colour),
        grouped(survey.grey),
        grouped(survey.alpha),
        grouped(survey.turned)
    );
    if survey.unreadable > 0 {
        text += &format!(", {} unreadable", grouped(survey.unreadable));
    }
    lines.extend(wrapped("pictures", &text));
    let Some(((w, h), n)) = survey.sizes.first() else { return lines };
    let all: usize = survey.sizes.iter().map(|(_, n)| n).sum();
    let text = match survey.sizes.len() {
        1 => format!("all {w}×{h}"),
        k => format!(
            "{} different, most often {w}×{h} ({})",
            grouped(k),
            percent(*n as f64 / all as f64)
        ),
    };
    lines.push(entry("sizes", &text));
    if survey.sizes.len() > 1 {
        lines.extend(histogram(survey));
    }
    lines
}

/// The longer sides, in bins of equal width.
fn histogram(survey: &Survey) -> Vec<String> {
    let side = |size: &(u32, u32)| size.0.max(size.1);
    let low = survey.sizes.iter().map(|(s, _)| side(s)).min().unwrap_or(0);
    let high = survey.sizes.iter().map(|(s, _)| side(s)).max().unwrap_or(0);
    let step = ((high - low) / BINS as u32 + 1) as usize;
    let mut bins = [0usize; BINS];
    for (size, n) in &survey.sizes {
        bins[(side(size) - low) as usize / step] += n;
    }
    let most = bins.iter().max().copied().unwrap_or(1).max(1);
    let line = |(i, n): (usize, &usize)| {
        let from = low as usize + i * step;
        let bar = "█".repeat((n * 30).div_ceil(most));
        let word = if i == 0 { "longer side" } else { "" };
        entry(word, &format!("{:>5}–{:<5} {:>8} {bar}", from, from + step - 1, grouped(*n)))
    };
    let used = bins.iter().rposition(|n| *n > 0).map_or(0, |last| last + 1);
    bins[..used].iter().enumerate().map(line).collect()
}

/// A class and its numbers.
fn row(name: &str, cells: &[String]) -> String {
    let mut line = format!("{:<NAME$}", cut(name, NAME));
    cells.iter().for_each(|cell| line += &format!(" {cell:>10}"));
    line
}

/// An end of a range: whole numbers as such.
fn end(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e9 { value.to_string() } else { short(value) }
}

/// A number without zeros at its end that say nothing.
fn short(value: f64) -> String {
    let text = figure(value);
    match text.contains('.') && !text.contains('e') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

/// A text of at most so many characters.
fn cut(text: &str, most: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match text.chars().count() > most {
        true => text.chars().take(most - 1).chain(['…']).collect(),
        false => text.trim_end().to_string(),
    }
}

/// An entry over as many lines as it needs.
fn wrapped(word: &str, text: &str) -> Vec<String> {
    let room = WIDTH - entry("", "").chars().count();
    let mut lines: Vec<String> = Vec::new();
    for piece in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + piece.chars().count() <= room => {
                line.push(' ');
                line.push_str(piece);
            }
            _ => lines.push(cut(piece, room)),
        }
    }
    let name = |i: usize| if i == 0 { word } else { "" };
    lines.iter().enumerate().map(|(i, line)| entry(name(i), line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_and_cut() {
        let long = "word ".repeat(40) + &"x".repeat(200);
        let lines = wrapped("note", &long);
        assert!(lines.len() > 3 && lines.iter().all(|l| l.chars().count() <= WIDTH), "{lines:?}");
        assert!(lines[0].starts_with("note  ") && lines[1].starts_with("     "), "{lines:?}");
        assert_eq!(cut("a\tbcdef", 4), "a b…");
    }
}
