//! What made the model: data, options, versions; and what a reader should know before the figures.

use super::study::{Study, brief, last_part};
use mlp_report::number::grouped;
use mlp_report::{Section, Table, Text};

/// Lines of a list before the rest is only counted.
const LINES: usize = 12;

/// What was left out. What the reader of the data decided is not told again: it stands in the options.
pub fn notes(section: &mut Section, study: &Study<'_>) {
    let mut lines: Vec<String> = Vec::new();
    if let Some(tested) = &study.tested {
        let skipped = &tested.data.skipped;
        if !skipped.is_empty() {
            let some =
                skipped.iter().take(3).map(|s| brief(&s.path, 80)).collect::<Vec<_>>().join(", ");
            lines.push(format!(
                "{} files could not be read and were skipped: {some}",
                grouped(skipped.len())
            ));
        }
    }
    let dropped = study.model.pipeline.dropped.iter();
    lines.extend(
        dropped.map(|(column, why)| format!("column {} was left out: {why}", brief(column, 60))),
    );
    let more = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    if more > 0 {
        lines.push(format!("… and {} more", grouped(more)));
    }
    if !lines.is_empty() {
        section.list(lines.iter().map(|line| Text::ticked(line)));
    }
}

/// The section.
pub fn section(study: &Study<'_>) -> Section {
    let mut section = Section::new("How it was made");
    let record = &study.model.record;
    let hex: String = record.fingerprint.iter().map(|b| format!("{b:02x}")).collect();
    let [train, valid, test] = record.examples.map(grouped);
    let mut table = Table::new(["", ""]);
    table.push([
        "examples".to_string(),
        format!("{train} training, {valid} validation, {test} test"),
    ]);
    let target = study.model.pipeline.target.name();
    table.push(["target".to_string(), brief(target, 80)]);
    table.push(["seed".to_string(), record.seed.to_string()]);
    table.push(["version that trained it".to_string(), format!("mlp {}", record.version)]);
    section.table(table);
    section.code(format!("data   sha256 {hex}\nmodel  sha256 {}", study.sha));
    section.text("The same bytes of data, options and seed give the same model file, bit for bit, on any machine.");
    section.heading("Configuration");
    section.code(options(study));
    section
}

/// `config.toml` without the folders of this machine.
fn options(study: &Study<'_>) -> String {
    let mut options = study.options.clone();
    options.data = options.data.map(|data| last_part(&data).to_string());
    options.out = None;
    let file = |path: std::path::PathBuf| last_part(&path.to_string_lossy()).into();
    options.labels = options.labels.map(file);
    options.test_data = options.test_data.map(file);
    options.split = options.split.map(file);
    options.cache_dir = None;
    options.to_text().unwrap_or_default().trim_end().to_string()
}
