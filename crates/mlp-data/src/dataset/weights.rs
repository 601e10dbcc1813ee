//! A column that says how much each row counts, taken out of the table.

use super::Dataset;
use crate::words::{listed, most_similar, shown};
use crate::{Column, DataError, Kind, MISSING, OpenOptions};

/// How much each row counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// The column's name.
    pub name: String,
    /// One a row: finite and at least 0.
    pub values: Vec<f64>,
}

impl Weights {
    fn missing(&self) -> DataError {
        let name = &self.name;
        DataError::unusable(format!("one of two data sets to join lacks the weights `{name}`"))
    }
}

impl Dataset {
    /// Takes the column of weights out of the table, where [`OpenOptions::weight`] names one. With a
    /// given schema it need not be there.
    ///
    /// # Errors
    /// No such column, or it is the target; a weight that is missing, negative, infinite or no
    /// number: the row is named.
    pub fn with_weights(mut self, options: &OpenOptions) -> Result<Dataset, DataError> {
        let Some(name) = options.weight.clone() else { return Ok(self) };
        if options.target.as_ref() == Some(&name) {
            let what = format!("column `{name}` cannot be both the target and the weight");
            return Err(DataError::unusable(what));
        }
        let field = self.table.schema.fields.iter().find(|field| field.name == name);
        if field.is_some_and(|field| matches!(field.kind, Kind::Date(_))) {
            let what = format!("column `{name}` holds dates, and a weight is a number");
            return Err(DataError::unusable(what));
        }
        let Some(column) = self.table.remove(&name) else {
            if options.schema.is_some() {
                return Ok(self);
            }
            let names = self.table.schema.fields.iter().map(|f| f.name.as_str());
            let near = listed(&most_similar(&name, names), 3);
            let what = format!("there is no column `{}` of weights; nearest: {near}", shown(&name));
            return Err(DataError::unusable(what));
        };
        let values = match column {
            Column::Number(values) => values.into_vec(),
            Column::Category { levels, codes } => {
                let word = |code: u32| levels.get(code as usize).map(String::as_str);
                let number = |code: u32| word(code).map_or(f64::NAN, |w| w.parse().unwrap_or(-1.0));
                let numbers: Vec<f64> = codes.iter().map(|&c| number(c)).collect();
                let bad = codes.iter().zip(&numbers).position(|(_, v)| !usable(*v));
                if let Some(row) = bad.filter(|&row| codes[row] != MISSING) {
                    return Err(self.no_weight(&name, row, &shown(word(codes[row]).unwrap_or(""))));
                }
                numbers
            }
            Column::Pixels { .. } => {
                return Err(DataError::unusable(format!("column `{name}` holds pictures")));
            }
        };
        if let Some(row) = values.iter().position(|v| !usable(*v)) {
            let says = if values[row].is_nan() { "".into() } else { values[row].to_string() };
            return Err(self.no_weight(&name, row, &says));
        }
        self.weights = Some(Weights { name, values: values.to_vec() });
        Ok(self)
    }

    fn no_weight(&self, name: &str, row: usize, says: &str) -> DataError {
        let is = match says {
            "" => "is missing".to_string(),
            _ => format!("is `{says}`"),
        };
        DataError::unusable(format!(
            "{}: the weight `{name}` {is}; it must be a number of at least 0 (0 for a row that does \
             not count)",
            self.row_name(row)
        ))
    }

    /// The weights of `other` after its own.
    pub(super) fn append_weights(&mut self, other: Option<Weights>) -> Result<(), DataError> {
        match (&mut self.weights, other) {
            (None, None) => Ok(()),
            (Some(mine), Some(mut other)) => {
                mine.values.append(&mut other.values);
                Ok(())
            }
            (Some(lacking), None) => Err(lacking.missing()),
            (None, Some(lacking)) => Err(lacking.missing()),
        }
    }
}

fn usable(weight: f64) -> bool {
    weight.is_finite() && weight >= 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Part;

    fn read(text: &str, weight: &str) -> Result<Dataset, DataError> {
        let options = OpenOptions { weight: Some(weight.into()), ..OpenOptions::default() };
        crate::csv::from_text("t.csv", text, &options)
    }

    #[test]
    fn a_column_of_weights_is_no_input_and_no_target() {
        let data = read("a,b,y,w\n1,u,p,2\n2,v,q,0.5\n3,u,,7\n4,v,p,0\n", "w").unwrap();
        let weights = data.weights.as_ref().unwrap();
        // The third row has no target and is left out, its weight too.
        assert_eq!((weights.name.as_str(), &weights.values[..]), ("w", &[2.0, 0.5, 0.0][..]));
        assert_eq!(data.table.schema.fields.len(), 2);
        assert_eq!(data.len(), 3);
        assert_eq!(data.columns, ["a", "b", "y", "w"]);
    }

    #[test]
    fn what_is_no_weight_is_named_with_its_row() {
        for (cell, says) in [
            ("", "row 2: the weight `w` is missing"),
            ("-1", "row 2: the weight `w` is `-1`"),
            ("heavy", "row 2: the weight `w` is `heavy`"),
        ] {
            let error = read(&format!("a,w,y\n1,2,p\n2,{cell},q\n"), "w").unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        let dated = read("a,w,y\n1,2024-05-17,p\n2,2024-05-18,q\n", "w").unwrap_err().to_string();
        assert!(dated.contains("`w` holds dates"), "{dated}");
        let error = read("a,w,y\n1,2,p\n2,1,q\n", "weight").unwrap_err().to_string();
        assert!(error.contains("no column `weight`"), "{error}");
    }

    #[test]
    fn joined_data_have_weights_both_or_neither() {
        let data = || read("a,w,y\n1,2,p\n2,1,q\n", "w").unwrap();
        let mut joined = data();
        joined.append(data(), Part::Test, &OpenOptions::default()).unwrap();
        assert_eq!(joined.weights.as_ref().unwrap().values, [2.0, 1.0, 2.0, 1.0]);
        let again = data();
        let options = again.same_options();
        let bare = crate::csv::from_text("b.csv", "a,y\n1,p\n2,q\n", &options).unwrap();
        let error =
            data().append(bare, Part::Test, &OpenOptions::default()).unwrap_err().to_string();
        assert!(error.contains("lacks the weights `w`"), "{error}");
    }

    #[test]
    fn weights_change_the_fingerprint() {
        let text = "a,w,y\n1,2,p\n2,1,q\n";
        let other = read(&text.replace("2,1", "2,3"), "w").unwrap().fingerprint();
        assert_ne!(read(text, "w").unwrap().fingerprint(), other);
    }

    #[test]
    fn other_formats_have_weights_too() {
        let path = "t".as_ref();
        let options = OpenOptions { weight: Some("w".into()), ..OpenOptions::default() };
        let text = b"{\"a\":1,\"w\":2,\"y\":\"p\"}\n{\"a\":2,\"w\":0.5,\"y\":\"q\"}\n";
        let data = crate::jsonl::from_bytes(path, text, &options).unwrap();
        let again = crate::jsonl::from_bytes(path, text, &data.same_options()).unwrap();
        let options = OpenOptions { weight: Some("column_2".into()), ..options };
        let pairs = b"1 1:7 2:2\n-1 1:8 2:0.5\n";
        let sparse = crate::libsvm::from_bytes(path, pairs, &options).unwrap();
        let sparse_again = crate::libsvm::from_bytes(path, pairs, &sparse.same_options()).unwrap();
        for data in [data, again, sparse, sparse_again] {
            assert_eq!(data.weights.unwrap().values, [2.0, 0.5]);
            assert_eq!(data.table.schema.fields.len(), 1);
        }
    }
}
