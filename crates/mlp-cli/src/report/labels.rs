//! The section of a report on sets of labels: figures of each label. Curves: `classes`.

use super::study::{Tested, brief};
use crate::sets;
use mlp_report::number::grouped;
use mlp_report::{Section, Table};

/// Most labels that have a row of their own.
const ROWS: usize = 50;

/// Counts, precision, recall and F1 of each label.
pub fn section(tested: &Tested<'_>) -> Section {
    let mut section = Section::new("Labels");
    let all = &tested.evaluation.labels;
    let mut table = Table::new(sets::TITLES);
    for figures in sets::hardest(all, ROWS) {
        let mut cells = sets::cells(figures);
        cells[0] = brief(&cells[0], 40);
        table.push(cells);
    }
    section.table(match all.len() > ROWS {
        true => {
            table.caption(format!("The {ROWS} labels of {} with the least F1.", grouped(all.len())))
        }
        false => table,
    });
    section.text(
        "A label is given where its probability is at least one half. Precision: how many of those that got the label \
         have it; recall: how many of those that have it got it.",
    );
    section
}
