//! Parts in order of time.

use super::{Part, draw, groups};
use crate::words::shown;
use crate::{Column, DataError, Dataset, DateOrder, MISSING, date};

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
            // Words where --type says so, or where some have the day first and some the month.
            let times: Vec<Option<f64>> =
                levels.iter().map(|word| date::parse(word, DateOrder::YearFirst)).collect();
            if let Some(row) = codes.iter().position(|&c| times[c as usize].is_none()) {
                return Err(DataError::unusable(format!(
                    "{}: `{}` in column `{column}` is no time that can be put in order; write dates \
                     as 2024-03-05, or numbers",
                    data.row_name(row),
                    shown(&levels[codes[row] as usize])
                )));
            }
            Ok(codes.iter().filter_map(|&c| times[c as usize]).collect())
        }
        Column::Pixels { .. } => {
            Err(DataError::unusable(format!("column `{column}` holds pictures, not times")))
        }
    }
}
