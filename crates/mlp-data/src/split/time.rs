//! Parts in order of time.

use super::{Part, draw, groups};
use crate::words::shown;
use crate::{Column, DataError, Dataset, MISSING};

/// See [`super::Split::by_time`].
pub(super) fn parts(
    data: &Dataset,
    column: &str,
    validation: f64,
    test: f64,
) -> Result<Vec<Part>, DataError> {
    let times = times(data, column)?;
    let fixed = &data.parts;
    let (validation, test) = draw::still_to_take(fixed, validation, test);
    let mut order: Vec<u32> =
        (0..data.len()).filter(|&r| fixed[r].is_none()).map(|r| r as u32).collect();
    order
        .sort_unstable_by(|&a, &b| times[a as usize].total_cmp(&times[b as usize]).then(a.cmp(&b)));
    let time = |i: usize| times[order[i] as usize];
    // Where a part may begin: at a row of another time than the one before.
    let edges: Vec<usize> = (1..order.len()).filter(|&i| time(i - 1) < time(i)).collect();
    let few = || {
        DataError::unusable(format!(
            "column `{column}` has {} different times, too few to put parts in order; lower \
             --valid or --test to 0, or choose another column",
            edges.len() + 1
        ))
    };
    let n = order.len();
    let share = |share: f64| (n as f64 * share).round() as usize;
    let tested = match test > 0.0 {
        true => nearest(&edges, n - share(test)).ok_or_else(few)?,
        false => n,
    };
    let validated = match validation > 0.0 {
        true => {
            let earlier = &edges[..edges.partition_point(|&e| e < tested)];
            nearest(earlier, tested.saturating_sub(share(validation))).ok_or_else(few)?
        }
        false => tested,
    };
    let mut parts: Vec<Part> = fixed.iter().map(|p| p.unwrap_or(Part::Train)).collect();
    for (i, &row) in order.iter().enumerate() {
        parts[row as usize] = match i {
            i if i >= tested => Part::Test,
            i if i >= validated => Part::Validation,
            _ => Part::Train,
        };
    }
    Ok(parts)
}

/// The edge nearest to a place, the earlier of two.
fn nearest(edges: &[usize], place: usize) -> Option<usize> {
    let after = edges.partition_point(|&e| e < place);
    let near = [after.checked_sub(1), Some(after)].into_iter().flatten();
    near.filter_map(|i| edges.get(i).copied()).min_by_key(|e| e.abs_diff(place))
}

/// When every row was, as numbers that rise with time.
fn times(data: &Dataset, column: &str) -> Result<Vec<f64>, DataError> {
    let missing = |row: usize| {
        let row = data.row_name(row);
        DataError::unusable(format!("{row}: column `{column}` is missing; every row needs a time"))
    };
    match groups::column(data, column)? {
        Column::Number(values) => match values.iter().position(|v| v.is_nan()) {
            Some(row) => Err(missing(row)),
            None => Ok(values.to_vec()),
        },
        Column::Category { levels, codes } => {
            if let Some(row) = codes.iter().position(|&c| c == MISSING) {
                return Err(missing(row));
            }
            if let Some(row) = codes.iter().position(|&c| !year_first(&levels[c as usize])) {
                return Err(DataError::unusable(format!(
                    "{}: `{}` in column `{column}` is no time that can be put in order; write dates \
                     as 2024-03-05, or numbers",
                    data.row_name(row),
                    shown(&levels[codes[row] as usize])
                )));
            }
            let mut sorted: Vec<usize> = (0..levels.len()).collect();
            sorted.sort_unstable_by(|&a, &b| levels[a].cmp(&levels[b]));
            let mut rank = vec![0.0; levels.len()];
            sorted.into_iter().enumerate().for_each(|(place, level)| rank[level] = place as f64);
            Ok(codes.iter().map(|&c| rank[c as usize]).collect())
        }
        Column::Pixels { .. } => {
            Err(DataError::unusable(format!("column `{column}` holds pictures, not times")))
        }
    }
}

/// Whether a word is a date that stands in order of time among others by its bytes: `2024-03-05`,
/// whatever follows.
fn year_first(word: &str) -> bool {
    let bytes = word.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let dash = |i: usize| matches!(bytes.get(i), Some(b'-' | b'/' | b'.'));
    (0..4).all(digit) && dash(4) && digit(5) && digit(6) && dash(7) && digit(8) && digit(9)
}
