//! What a single cell may hold: missing, number, truth; and how few cells of another kind are slips.

/// Words for a missing value, lower case; the last two are words in a target of words.
const MISSING_WORDS: [&str; 8] = ["", "?", "na", "n/a", "nan", "null", "none", "-"];
/// How many of them hold in a target of words.
const MISSING_IN_LABELS: usize = 6;

/// With fewer cells than this a few that differ may be what the column means.
const MIN_CELLS_TO_JUDGE: u64 = 20;
/// Those that are at most one cell in this many are slips.
const SLIP: u64 = 20;

/// Whether so many of a column's `present` cells, which are no numbers or no dates as the others are, are
/// so few that they are slips.
pub(crate) fn are_slips(others: u64, present: u64) -> bool {
    present >= MIN_CELLS_TO_JUDGE && others * SLIP <= present
}

/// Whether a cell holds nothing.
pub(crate) fn is_missing(cell: &str) -> bool {
    cell.len() <= 4 && MISSING_WORDS.iter().any(|m| cell.eq_ignore_ascii_case(m))
}

/// Whether a cell of a target of words holds nothing.
pub(crate) fn is_missing_label(cell: &str) -> bool {
    cell.len() <= 4
        && MISSING_WORDS[..MISSING_IN_LABELS].iter().any(|m| cell.eq_ignore_ascii_case(m))
}

/// A number, infinite ones included; NaN is not one (it is a word for missing).
pub(crate) fn number(cell: &str) -> Option<f64> {
    // Most words fail on their first byte; parsing them costs far more.
    let first = *cell.as_bytes().first()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.' | b'i' | b'I')) {
        return None;
    }
    cell.parse::<f64>().ok().filter(|v| !v.is_nan())
}

/// Which of the pairs true/false, yes/no, t/f, y/n a word belongs to.
pub(crate) fn boolean_pair(cell: &str) -> Option<usize> {
    const PAIRS: [[&str; 2]; 4] = [["true", "false"], ["yes", "no"], ["t", "f"], ["y", "n"]];
    PAIRS.iter().position(|pair| pair.iter().any(|word| cell.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_words() {
        for word in ["", "?", "NA", "na", "N/A", "NaN", "NULL", "None", "-"] {
            assert!(is_missing(word), "{word}");
        }
        for word in ["0", "nann", "no", ".", "missing", "none."] {
            assert!(!is_missing(word), "{word}");
        }
        assert!(is_missing_label("?") && !is_missing_label("none") && !is_missing_label("-"));
    }

    #[test]
    fn numbers() {
        for (cell, value) in
            [("1", 1.0), ("-2.5e3", -2500.0), (".5", 0.5), ("+7.", 7.0), ("inf", f64::INFINITY)]
        {
            assert_eq!(number(cell), Some(value), "{cell}");
        }
        for cell in ["", "nan", "1,5", "0x10", "1 000", "abc", "--1"] {
            assert_eq!(number(cell), None, "{cell}");
        }
    }
}
