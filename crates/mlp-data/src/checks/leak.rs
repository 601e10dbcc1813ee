//! Columns that tell the target alone: a copy of it, or something that is only known afterwards.
//!
//! Of the training rows at most [`ROWS`] are looked at. Half of them say for every value of the
//! column which class is most frequent, or which number is the mean; the others are answered by the
//! nearest value, or by the same word. So a table of answers and a threshold are both found.

use crate::{Column, Dataset, Target};

/// Rows looked at, at most.
const ROWS: usize = 20_000;
/// Fewer rows prove nothing.
const LEAST: usize = 40;
/// Accuracy or R² from which a column gives the target away.
const TELLS: f64 = 0.99;
/// Above this share of the most frequent class no column can stand out.
const FAR_BELOW: f64 = 0.95;

/// A column that tells the target.
#[derive(Clone, Debug, PartialEq)]
pub struct Leak {
    /// The column.
    pub column: String,
    /// Accuracy for classes, R² for numbers, on rows that the answers were not learned on.
    pub score: f64,
    /// Share of the most frequent class; 0 for numbers.
    pub baseline: f64,
}

/// Looks for such columns among those `named` of a data set, on its training rows; none where there
/// is only one, since then it is all there is to learn from.
pub fn leaks(data: &Dataset, rows: &[usize], named: &[&str]) -> Vec<Leak> {
    let every = rows.len().div_ceil(ROWS).max(1);
    let rows: Vec<usize> = rows.iter().copied().step_by(every).collect();
    if rows.len() < LEAST || named.len() < 2 {
        return Vec::new();
    }
    // Which half a row is in does not follow from its place, since files are sorted by anything.
    let half = |row: &usize| (*row as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 63 == 0;
    let (learn, ask): (Vec<usize>, Vec<usize>) = rows.into_iter().partition(half);
    let Some(truth) = Truth::new(&data.target, &learn, &ask) else { return Vec::new() };
    let mut found = Vec::new();
    for name in named {
        let Some(column) = data.table.column(name) else { continue };
        let Some(keys) = Keys::of(column) else { continue };
        let score = truth.score(&keys, &learn, &ask);
        column.forget();
        if score >= TELLS {
            let baseline = truth.baseline;
            found.push(Leak { column: (*name).to_string(), score, baseline });
        }
    }
    found
}

/// The cells of a column.
enum Keys<'a> {
    Numbers(&'a [f64]),
    Words(&'a [u32]),
}

impl<'a> Keys<'a> {
    fn of(column: &'a Column) -> Option<Keys<'a>> {
        match column {
            Column::Number(values) => Some(Keys::Numbers(values)),
            Column::Category { codes, .. } => Some(Keys::Words(codes)),
            Column::Pixels { .. } => None,
        }
    }
    fn get(&self, row: usize) -> f64 {
        match self {
            // What is missing is nearest to what is missing.
            Keys::Numbers(values) if values[row].is_nan() => f64::INFINITY,
            Keys::Numbers(values) => values[row],
            Keys::Words(codes) => f64::from(codes[row]),
        }
    }
    /// The answer for a value: that of the nearest known one, or of the same word.
    fn answer(&self, known: &[(f64, f64)], value: f64, otherwise: f64) -> f64 {
        let after = known.partition_point(|k| k.0 < value);
        let near = [after.checked_sub(1), Some(after)].into_iter().flatten();
        let near = near.filter_map(|i| known.get(i));
        let gap = |k: &&(f64, f64)| if k.0 == value { 0.0 } else { (k.0 - value).abs() };
        match (self, near.min_by(|a, b| gap(a).total_cmp(&gap(b)))) {
            (Keys::Words(_), Some(k)) if k.0 != value => otherwise,
            (_, Some(k)) => k.1,
            (_, None) => otherwise,
        }
    }
}

/// What is to be told.
struct Truth<'a> {
    target: &'a Target,
    /// The answer where nothing is known: the most frequent class, or the mean.
    otherwise: f64,
    baseline: f64,
}

impl<'a> Truth<'a> {
    /// `None` where no column could stand out.
    fn new(target: &'a Target, learn: &[usize], ask: &[usize]) -> Option<Truth<'a>> {
        let (otherwise, baseline) = match target {
            Target::Classes { codes, .. } => {
                let top = most_frequent(&mut learn.iter().map(|&r| codes[r]).collect::<Vec<_>>())?;
                let hits = ask.iter().filter(|&&r| codes[r] == top).count();
                (f64::from(top), hits as f64 / ask.len() as f64)
            }
            Target::Numbers { values, .. } => {
                (learn.iter().map(|&r| values[r]).sum::<f64>() / learn.len() as f64, 0.0)
            }
            // Of many labels a column tells one or another: that is not looked for.
            Target::None | Target::Labels { .. } => return None,
        };
        (ask.len() * 4 >= LEAST && baseline <= FAR_BELOW).then_some(Truth {
            target,
            otherwise,
            baseline,
        })
    }

    fn score(&self, keys: &Keys<'_>, learn: &[usize], ask: &[usize]) -> f64 {
        let mut pairs: Vec<(f64, usize)> = learn.iter().map(|&r| (keys.get(r), r)).collect();
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let known: Vec<(f64, f64)> = pairs
            .chunk_by(|a, b| a.0 == b.0)
            .map(|same| (same[0].0, self.summary(same.iter().map(|(_, row)| *row))))
            .collect();
        let answer = |row: usize| keys.answer(&known, keys.get(row), self.otherwise);
        match self.target {
            Target::Classes { codes, .. } => {
                let hits = ask.iter().filter(|&&r| answer(r) == f64::from(codes[r])).count();
                hits as f64 / ask.len() as f64
            }
            Target::Numbers { values, .. } => {
                let mean = ask.iter().map(|&r| values[r]).sum::<f64>() / ask.len() as f64;
                let squares = |by: &dyn Fn(usize) -> f64| -> f64 {
                    ask.iter().map(|&r| (values[r] - by(r)) * (values[r] - by(r))).sum()
                };
                let all = squares(&|_| mean);
                if all > 0.0 { 1.0 - squares(&answer) / all } else { 0.0 }
            }
            Target::None | Target::Labels { .. } => 0.0,
        }
    }

    /// The most frequent class of some rows, or their mean.
    fn summary(&self, rows: impl Iterator<Item = usize>) -> f64 {
        match self.target {
            Target::Classes { codes, .. } => {
                let mut codes: Vec<u32> = rows.map(|r| codes[r]).collect();
                most_frequent(&mut codes).map_or(self.otherwise, f64::from)
            }
            Target::Numbers { values, .. } => {
                let (sum, n) = rows.fold((0.0, 0.0), |(s, n), r| (s + values[r], n + 1.0));
                sum / n
            }
            Target::None | Target::Labels { .. } => self.otherwise,
        }
    }
}

/// The most frequent code, the lowest of equals; sorts them.
fn most_frequent(codes: &mut [u32]) -> Option<u32> {
    codes.sort_unstable();
    let runs = codes.chunk_by(|a, b| a == b);
    runs.reduce(|best, run| if run.len() > best.len() { run } else { best }).map(|run| run[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv;

    fn look(text: &str) -> Vec<String> {
        let data = csv::from_bytes(
            &mlp_tensor::Exec::serial(),
            "t.csv".as_ref(),
            text.as_bytes(),
            &Default::default(),
        )
        .unwrap();
        let rows: Vec<usize> = (0..data.len()).collect();
        let names: Vec<&str> = data.table.schema.fields.iter().map(|f| f.name.as_str()).collect();
        let found = leaks(&data, &rows, &names);
        found.into_iter().map(|leak| leak.column).collect()
    }

    /// Rows in no order: a number of 0 to 999, and one of 0 to 9 that has nothing to do with it.
    fn rows(cells: impl Fn(u32, u32) -> String, header: &str) -> String {
        let mut text = format!("{header}\n");
        for i in 0..800u32 {
            let x = i.wrapping_mul(2_654_435_761) >> 8;
            text += &format!("{}\n", cells(x % 1000, (x >> 12) % 10));
        }
        text
    }

    #[test]
    fn copies_thresholds_and_words_are_found_and_noise_is_not() {
        let copy = |a: u32, b: u32| format!("{b},{},{}", ["no", "yes"][(a % 2) as usize], a % 2);
        assert_eq!(look(&rows(copy, "noise,alive,survived")), ["alive"]);
        let threshold = |a: u32, b: u32| format!("{a},{b},{}", if a > 400 { "x" } else { "y" });
        assert_eq!(look(&rows(threshold, "level,noise,class")), ["level"]);
        let fahrenheit = |a: u32, b: u32| format!("{b},{a}.5,{}", f64::from(a) * 1.8 + 32.25);
        assert_eq!(look(&rows(fahrenheit, "noise,celsius,y")), ["celsius"]);
        let sum = |a: u32, b: u32| format!("{a},{b},{}", u32::from(a + 100 * b > 900));
        assert_eq!(look(&rows(sum, "a,b,class")), [""; 0], "both are needed");
        let rare = |a: u32, b: u32| format!("{a},{b},{}", u32::from(a > 970));
        assert_eq!(look(&rows(rare, "a,b,class")), [""; 0], "the baseline is near");
        let only = |a: u32, _| format!("{a},{}", if a > 400 { "x" } else { "y" });
        assert_eq!(look(&rows(only, "level,class")), [""; 0], "it is all there is");
    }
}
