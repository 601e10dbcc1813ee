//! `--type COLUMN=TYPE`, on the command line and in a config file.

use mlp_data::ColumnType;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::str::FromStr;

/// `--type COLUMN=TYPE`
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(into = "String")]
pub struct TypeOf {
    /// The column's name.
    pub column: String,
    /// What it holds.
    pub kind: ColumnType,
}

impl FromStr for TypeOf {
    type Err = String;
    fn from_str(text: &str) -> Result<TypeOf, String> {
        let words: Vec<&str> = ColumnType::ALL.iter().map(|(word, _)| *word).collect();
        let all = words.join(", ");
        // A name may hold an equals sign, a type never.
        let Some((column, word)) = text.rsplit_once('=') else {
            return Err(format!("`{text}`: give COLUMN=TYPE, where TYPE is one of {all}"));
        };
        match ColumnType::from_word(word.trim()) {
            Some(kind) => Ok(TypeOf { column: column.trim().to_string(), kind }),
            None => {
                let near = mlp_data::nearest(word, words.iter().copied());
                let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                Err(format!("`{word}` is no type of a column; the types are {all}{hint}"))
            }
        }
    }
}

impl From<TypeOf> for String {
    fn from(of: TypeOf) -> String {
        format!("{}={}", of.column, of.kind.word())
    }
}

/// As a list of `COLUMN=TYPE`, or as a table.
#[derive(Deserialize)]
#[serde(untagged)]
enum TypeForms {
    List(Vec<String>),
    Table(BTreeMap<String, String>),
    One(String),
}

/// Reads `type` of a config file.
///
/// # Errors
/// A word that is no type.
pub fn types<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<TypeOf>, D::Error> {
    let all = match TypeForms::deserialize(from)? {
        TypeForms::List(all) => all,
        TypeForms::One(one) => vec![one],
        TypeForms::Table(all) => all.iter().map(|(column, t)| format!("{column}={t}")).collect(),
    };
    all.iter().map(|text| text.parse().map_err(serde::de::Error::custom)).collect()
}
