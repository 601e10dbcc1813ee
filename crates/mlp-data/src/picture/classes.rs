//! What becomes of the classes once the pictures are read.

use super::find::printable_path;
use crate::dataset::sets::BETWEEN;
use crate::{Column, DataError, Dataset, OpenOptions, Target};
use std::path::Path;

/// Makes sets of labels of the words that pictures are labelled with.
pub(super) fn split_labels(mut data: Dataset, options: &OpenOptions) -> Result<Dataset, DataError> {
    let Target::Classes { name, labels: levels, codes } =
        std::mem::replace(&mut data.target, Target::None)
    else {
        return Ok(data);
    };
    let column = Column::Category { levels, codes: codes.into() };
    data.target = match (options.several(&[]), &options.label_separator) {
        (Some(columns), _) if options.labels.is_some() => {
            let label_columns = columns.iter().map(|c| c.to_string()).collect();
            let options = OpenOptions { label_columns, ..options.clone() };
            data.sets_of_cells(columns.join(","), column, BETWEEN, &options)?
        }
        (Some(columns), _) => {
            let what = format!(
                "several target columns ({}) stand in a table, or for pictures in that of --labels",
                columns.join(", ")
            );
            return Err(DataError::unusable(what));
        }
        (None, separator) => {
            let separator = separator.as_deref().unwrap_or(BETWEEN);
            data.sets_of_cells(name, column, separator, options)?
        }
    };
    Ok(data)
}

/// Leaves out classes of which no picture could be read.
pub(super) fn drop_empty_classes(data: &mut Dataset) {
    let Target::Classes { labels, codes, .. } = &mut data.target else { return };
    let mut counts = vec![0usize; labels.len()];
    codes.iter().for_each(|c| counts[*c as usize] += 1);
    let mut new_codes = Vec::with_capacity(labels.len());
    let mut kept = 0;
    for (label, count) in labels.iter().zip(&counts) {
        new_codes.push(kept);
        match count {
            0 => {
                data.notes.push(format!("class `{label}` has no readable picture and was left out"))
            }
            _ => kept += 1,
        }
    }
    codes.iter_mut().for_each(|c| *c = new_codes[*c as usize]);
    let mut counts = counts.iter();
    labels.retain(|_| counts.next().is_some_and(|count| *count > 0));
}

/// Refuses pictures of which all have one label.
pub(super) fn more_than_one_class(data: &Dataset, path: &Path) -> Result<(), DataError> {
    let Target::Classes { labels, .. } = &data.target else { return Ok(()) };
    let [only] = labels.as_slice() else { return Ok(()) };
    let below = path.join(only);
    let folders = std::fs::read_dir(&below).into_iter().flatten().flatten();
    let inner = folders.filter(|e| e.path().is_dir()).count();
    let hint = match inner {
        0 | 1 => "put the pictures of each class into a folder of its own".to_string(),
        _ => format!("if the classes are the folders in it, name {}", printable_path(&below)),
    };
    Err(DataError::unusable(format!(
        "{}: all {} pictures are of one class, `{only}`; at least two are needed: {hint}",
        printable_path(path),
        data.len()
    )))
}
