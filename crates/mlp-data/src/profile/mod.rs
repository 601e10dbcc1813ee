//! What is in a data set, before anything is trained on it: [`profile`]. One column: `column`.

mod column;

pub use column::{ColumnProfile, Numbers, Remark, Values};

use crate::checks::{Leak, equal_rows, leaks, near_pictures};
use crate::{Column, Dataset};
use mlp_tensor::Exec;

/// What is in a data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// One a column of inputs.
    pub columns: Vec<ColumnProfile>,
    /// Rows whose inputs are those of an earlier row; columns that only name rows do not count.
    pub repeated: usize,
    /// Groups of rows with equal inputs that differ in the target, and the rows in them.
    pub conflicts: (usize, usize),
    /// The first two rows that so differ.
    pub first_conflict: Option<(usize, usize)>,
    /// Pairs of pictures that are nearly the same; see [`near_pictures`].
    pub near: Vec<(u32, u32)>,
    /// Columns that tell the target alone.
    pub leaks: Vec<Leak>,
}

/// Looks through all rows. In memory it takes a word a row and thread.
pub fn profile(exec: &Exec, data: &Dataset) -> Profile {
    let fields = &data.table.schema.fields;
    let one = |i: usize| column::profile(&fields[i], &data.table.columns[i]);
    let columns = exec.map(fields.len(), one);
    // What only names rows would hide that they are equal.
    let told = |p: &&ColumnProfile| !matches!(p.remark, Some(r) if r.names_rows());
    let named: Vec<&str> = columns.iter().filter(told).map(|p| p.name.as_str()).collect();
    let inputs: Vec<&Column> = named.iter().filter_map(|name| data.table.column(name)).collect();
    let equal = equal_rows(exec, &inputs, data.len());
    let differ = |group: &&[u32]| {
        group.iter().any(|row| !data.target.equal(*row as usize, group[0] as usize))
    };
    let mut conflicts = (0, 0);
    let mut first_conflict = None;
    for group in equal.groups().filter(differ) {
        conflicts = (conflicts.0 + 1, conflicts.1 + group.len());
        first_conflict.get_or_insert((group[0] as usize, group[1] as usize));
    }
    let near = match inputs[..] {
        [Column::Pixels { shape, bytes }] => {
            let mut first = vec![true; data.len()];
            let later = equal.groups().flat_map(|group| &group[1..]);
            later.for_each(|row| first[*row as usize] = false);
            let rows: Vec<u32> = (0..data.len() as u32).filter(|&r| first[r as usize]).collect();
            near_pictures(exec, *shape, bytes, &rows)
        }
        _ => Vec::new(),
    };
    let every: Vec<usize> = (0..data.len()).collect();
    let leaks = leaks(data, &every, &named);
    Profile { columns, repeated: equal.repeated(), conflicts, first_conflict, near, leaks }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OpenOptions, csv};

    fn of(text: &str) -> Profile {
        let options = OpenOptions::default();
        let data = csv::from_bytes(
            &mlp_tensor::Exec::serial(),
            "t.csv".as_ref(),
            text.as_bytes(),
            &options,
        )
        .unwrap();
        profile(&Exec::serial(), &data)
    }

    #[test]
    fn columns_are_described() {
        let mut text = String::from("id,word,same,x,flag,name,y\n");
        for i in 0..200 {
            let x = if i % 10 == 0 { String::new() } else { format!("{}.5", i % 4) };
            let word = ["red", "green", "red"][i % 3];
            text += &format!("{i},{word},7,{x},{},n{i},{}\n", ["yes", "no"][i % 2], i % 5 % 2);
        }
        let found = of(&text);
        let column = |name: &str| found.columns.iter().find(|c| c.name == name).unwrap();
        assert_eq!(column("id").remark, Some(Remark::RowNumber));
        assert_eq!(column("same").remark, Some(Remark::Constant));
        assert_eq!(column("name").remark, Some(Remark::AllDifferent));
        assert_eq!(column("x").remark, None);
        assert_eq!((column("x").missing, column("x").distinct), (20, 4));
        let Values::Numbers(x) = &column("x").values else { panic!() };
        assert_eq!((x.minimum, x.quartiles, x.maximum), (0.5, [1.5, 2.0, 3.5], 3.5));
        assert!(!x.whole && x.deviation > 1.0);
        assert_eq!(column("word").distinct, 2);
        let Values::Words(words) = &column("word").values else { panic!() };
        assert_eq!(words, &[("red".to_string(), 133), ("green".to_string(), 67)]);
        assert!(column("word").why.contains("`red`"), "{}", column("word").why);
        assert!(column("flag").why.contains("`yes` and `no`"), "{}", column("flag").why);
        assert!(column("x").why.contains("not missing"), "{}", column("x").why);
        // Without the columns that name rows many are equal, and some differ in the target.
        assert_eq!((found.repeated > 100, found.conflicts.0 > 0), (true, true));
        let (a, b) = found.first_conflict.unwrap();
        assert!(a < b);
    }

    #[test]
    fn odd_tables_are_described_too() {
        let empty = of("a,b,y\n,,0\n,,1\n");
        assert_eq!(empty.columns[0].remark, Some(Remark::Empty));
        assert_eq!((empty.repeated, empty.conflicts), (1, (1, 2)));
        assert_eq!(of("x,y\n1,a\n2,b\n").repeated, 0);
    }
}
