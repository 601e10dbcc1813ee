//! Where the rows of a data set came from. Numbered rows are never written out one by one: there may be
//! twenty million of them.

use serde::{Deserialize, Serialize};

/// Where rows came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Names {
    /// Row `i` is line or item `first + i` of its file.
    Numbered {
        /// Of the first row.
        first: u64,
        /// How many.
        count: usize,
    },
    /// One path a row, relative to the folder given, `/`-separated; bytes that are not UTF-8 are
    /// escaped. Also a row's words (`test.csv row 3`) where paths and numbers were joined.
    Paths(Vec<String>),
    /// Numbers that do not run on, or of several files.
    Runs(Runs),
}

/// Numbered rows, run after run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Runs {
    /// What stands before a number: nothing, or `test.csv `.
    files: Vec<String>,
    runs: Vec<Run>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    /// Index into the files.
    file: u32,
    /// The number of its first row.
    first: u64,
    /// The rows of this run and all before it.
    end: usize,
}

impl Runs {
    fn len(&self) -> usize {
        self.runs.last().map_or(0, |run| run.end)
    }
    /// The file and number of a row.
    fn get(&self, row: usize) -> Option<(&str, u64)> {
        let at = self.runs.partition_point(|run| run.end <= row);
        let run = self.runs.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.runs[before].end);
        Some((&self.files[run.file as usize], run.first + (row - start) as u64))
    }
    fn push(&mut self, file: &str, first: u64, count: usize) {
        let (end, start) = (self.len() + count, self.runs.len().checked_sub(2));
        let start = start.map_or(0, |before| self.runs[before].end);
        if let Some(last) = self.runs.last_mut()
            && self.files[last.file as usize] == file
            && last.first + (last.end - start) as u64 == first
        {
            last.end = end;
            return;
        }
        let file = self.files.iter().position(|known| known == file).unwrap_or_else(|| {
            self.files.push(file.to_string());
            self.files.len() - 1
        });
        self.runs.push(Run { file: file as u32, first, end });
    }
    fn append(&mut self, other: &Runs) {
        let mut start = 0;
        for run in &other.runs {
            self.push(&other.files[run.file as usize], run.first, run.end - start);
            start = run.end;
        }
    }
}

impl Names {
    /// The name of a row.
    pub fn get(&self, row: usize) -> String {
        match self {
            Names::Numbered { first, .. } => format!("row {}", first + row as u64),
            Names::Paths(paths) => match paths.get(row) {
                Some(path) => path.clone(),
                None => format!("row {}", row + 1),
            },
            Names::Runs(runs) => match runs.get(row) {
                Some((file, number)) => format!("{file}row {number}"),
                None => format!("row {}", row + 1),
            },
        }
    }
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Names::Numbered { count, .. } => *count,
            Names::Paths(paths) => paths.len(),
            Names::Runs(runs) => runs.len(),
        }
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The names of `other` after its own: numbers stay numbers.
    pub(crate) fn append(&mut self, other: Names) {
        if self.is_empty() {
            *self = other;
            return;
        }
        match (&mut *self, other) {
            (Names::Numbered { first, count }, Names::Numbered { first: next, count: more })
                if next == *first + *count as u64 =>
            {
                *count += more;
            }
            (Names::Paths(mine), Names::Paths(mut theirs)) => mine.append(&mut theirs),
            (mine, other) => match (mine.runs(), other.runs()) {
                (Some(mut runs), Some(more)) => {
                    runs.append(&more);
                    *self = Names::Runs(runs);
                }
                _ => *self = Names::Paths(mine.words().chain(other.words()).collect()),
            },
        }
    }
    /// Those of some rows, in the order given.
    pub(super) fn select(&self, rows: &[usize]) -> Names {
        let Some(all) = self.runs() else {
            return Names::Paths(rows.iter().map(|&r| self.get(r)).collect());
        };
        let mut runs = Runs { files: all.files.clone(), runs: Vec::new() };
        for (file, number) in rows.iter().filter_map(|&row| all.get(row)) {
            runs.push(file, number, 1);
        }
        Names::Runs(runs)
    }
    /// Puts a data set's name before every row's.
    pub(super) fn prefix(&mut self, name: &str) {
        *self = match self.runs() {
            Some(mut runs) => {
                runs.files.iter_mut().for_each(|file| file.insert_str(0, &format!("{name} ")));
                Names::Runs(runs)
            }
            None => Names::Paths(self.words().map(|row| format!("{name} {row}")).collect()),
        };
    }
    /// Numbers as runs; paths are none.
    fn runs(&self) -> Option<Runs> {
        match self {
            Names::Numbered { first, count } => {
                let mut runs = Runs::default();
                runs.push("", *first, *count);
                Some(runs)
            }
            Names::Paths(_) => None,
            Names::Runs(runs) => Some(runs.clone()),
        }
    }
    fn words(&self) -> impl Iterator<Item = String> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_run_on_or_become_words() {
        let mut names = Names::Numbered { first: 1, count: 2 };
        names.append(Names::Numbered { first: 3, count: 1 });
        assert_eq!(names, Names::Numbered { first: 1, count: 3 });
        let mut test = Names::Numbered { first: 1, count: 1 };
        test.prefix("t.csv");
        names.append(test);
        assert_eq!(names.get(2), "row 3");
        assert_eq!(names.get(3), "t.csv row 1");
        assert_eq!(names.len(), 4);
        names.append(Names::Paths(vec!["a/b.png".into()]));
        assert_eq!((names.get(3).as_str(), names.get(4).as_str()), ("t.csv row 1", "a/b.png"));
    }

    proptest! {
        #[test]
        fn runs_name_rows_as_words_do(
            sizes in prop::collection::vec((1u64..4, 0usize..5, 0usize..3), 1..5),
            chosen in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let (mut runs, mut words) = (Names::Numbered { first: 1, count: 0 }, Vec::new());
            for (first, count, file) in sizes {
                let mut more = Names::Numbered { first, count };
                let file = ["", "a", "b"][file];
                if !file.is_empty() {
                    more.prefix(file);
                }
                words.extend((0..count).map(|row| more.get(row)));
                runs.append(more);
            }
            let all = |names: &Names| names.words().collect::<Vec<_>>();
            prop_assert_eq!(&all(&runs), &words);
            if !words.is_empty() {
                let mut rows: Vec<usize> = chosen.iter().map(|i| i.index(words.len())).collect();
                rows.sort_unstable();
                let expected: Vec<String> = rows.iter().map(|&r| words[r].clone()).collect();
                prop_assert_eq!(all(&runs.select(&rows)), expected);
            }
        }
    }
}
