//! Guessing the delimiter and whether the first line names the columns.

use super::cells;
use super::fields::Dialect;
use csv::StringRecord;

/// How many records are looked at.
pub(super) const LOOK: usize = 1000;
/// How much text is looked at for the delimiter.
const LOOK_BYTES: usize = 1 << 18;

/// The first records, cells trimmed.
pub(super) fn head(text: &str, delimiter: u8) -> Vec<StringRecord> {
    Dialect::new(delimiter).head(text, LOOK)
}

/// The delimiter among comma, semicolon, tab and bar under which the most of the first records have
/// as many fields as the first one, which must have two or more; of equals the one that gives more
/// fields.
pub(super) fn delimiter(text: &str) -> u8 {
    let mut cut = text.len().min(LOOK_BYTES);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let sample = &text[..cut];
    let mut best = (0usize, 0usize, b',');
    for candidate in [b',', b';', b'\t', b'|'] {
        let rows = head(sample, candidate);
        // A cut sample ends within a record.
        let whole = if cut < text.len() { rows.len().saturating_sub(1).max(1) } else { rows.len() };
        let width = rows.first().map_or(0, StringRecord::len);
        if width < 2 {
            continue;
        }
        let equal = rows[..whole.min(rows.len())].iter().filter(|r| r.len() == width).count();
        let share = equal * 1000 / whole.max(1);
        if (share, width) > (best.0, best.1) {
            best = (share, width, candidate);
        }
    }
    best.2
}

/// Whether the first of these records names the columns; the rule is in [`super`].
pub(super) fn has_header(head: &[StringRecord]) -> bool {
    let Some((first, below)) = head.split_first() else { return false };
    let mut names: Vec<&str> = first.iter().filter(|name| !name.is_empty()).collect();
    if names.is_empty() || names.iter().any(|n| cells::number(n).is_some() || cells::is_missing(n))
    {
        return false;
    }
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        // Twice the same name is either a slip in a header or a value that occurs in two columns.
        return below.iter().any(|row| row.iter().any(|c| cells::number(c).is_some()));
    }
    let column = |i: usize| below.iter().filter_map(move |row| row.get(i));
    let numeric = |i: usize| {
        let mut present = column(i).filter(|c| !cells::is_missing(c)).peekable();
        present.peek().is_some() && present.all(|c| cells::number(c).is_some())
    };
    let columns = 0..first.len();
    columns.clone().any(|i| !first[i].is_empty() && numeric(i))
        || columns.clone().all(|i| column(i).all(|c| c != &first[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters() {
        for (text, expected) in [
            ("a,b\n1,2\n", b','),
            ("a;b;c\n1,5;2,5;3,5\n", b';'),
            ("a\tb c, d\n1\t2\n", b'\t'),
            ("a|b\n1|2\n", b'|'),
            ("\"x;y;z\",b\n1,2\n", b','),
            ("alone\n1\n", b','),
            ("", b','),
        ] {
            assert_eq!(delimiter(text) as char, expected as char, "{text:?}");
        }
    }

    #[test]
    fn headers() {
        for (text, expected) in [
            ("a,b\n1,2\n", true),
            ("1,2\n3,4\n", false),
            ("name,sort\nx,y\nz,y\n", true),
            ("p,x\nq,x\np,y\n", false),
            (",a\n0,1\n", true),
            ("?,a\nb,a\n", false),
            ("a,a\n1,2\n", true),
            ("year,1980\nx,1\n", false),
        ] {
            assert_eq!(has_header(&head(text, b',')), expected, "{text:?}");
        }
    }
}
