//! The words of options on the preprocessing of tables.

use clap::ValueEnum;
use mlp_data::{Keep, Numbers as Scaling};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

words! {
    /// `--numbers`
    Numbers => Scaling {
        Standard => Scaling::Standard,
        MinMax => Scaling::MinMax,
        Robust => Scaling::Robust,
        QuantileNormal => Scaling::QuantileNormal,
        Log1p => Scaling::Log1p,
        None => Scaling::None,
    }
}

/// `--numbers-of`: `COLUMN=HOW`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NumbersOf(pub String, pub Numbers);

impl FromStr for NumbersOf {
    type Err = String;
    fn from_str(text: &str) -> Result<NumbersOf, String> {
        let ways: Vec<String> = Numbers::value_variants().iter().map(word).collect();
        // From the end: the name of a column may hold the sign, a way to scale does not.
        let parts = text.rsplit_once('=');
        let known =
            parts.and_then(|(column, how)| Some((column, Numbers::from_str(how, false).ok()?)));
        match known {
            Some((column, how)) => Ok(NumbersOf(column.to_string(), how)),
            None => {
                Err(format!("`{text}`: give COLUMN=HOW, where HOW is one of {}", ways.join(", ")))
            }
        }
    }
}

fn word(way: &Numbers) -> String {
    way.meaning().name().to_string()
}

impl TryFrom<String> for NumbersOf {
    type Error = String;
    fn try_from(text: String) -> Result<NumbersOf, String> {
        text.parse()
    }
}

impl From<NumbersOf> for String {
    fn from(NumbersOf(column, how): NumbersOf) -> String {
        format!("{column}={}", word(&how))
    }
}

/// `--pca`: a number of components, or a share of the variance as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Given", into = "Given")]
pub struct Pca(pub Keep);

/// In a config file it is a number.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Given {
    Count(usize),
    Share(f64),
    Text(String),
}

impl FromStr for Pca {
    type Err = String;
    fn from_str(text: &str) -> Result<Pca, String> {
        let keep = match text.parse::<usize>() {
            Ok(count) => Some(Keep::Count(count)).filter(|_| count > 0),
            Err(_) => text.parse().ok().filter(|s| *s > 0.0 && *s < 1.0).map(Keep::Share),
        };
        let wrong = || {
            format!(
                "`{text}`: give a number of components, or a share of the variance between 0 and 1 such as 0.95"
            )
        };
        keep.map(Pca).ok_or_else(wrong)
    }
}

impl fmt::Display for Pca {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<Given> for Pca {
    type Error = String;
    fn try_from(given: Given) -> Result<Pca, String> {
        match given {
            Given::Count(count) => count.to_string().parse(),
            Given::Share(share) => share.to_string().parse(),
            Given::Text(text) => text.parse(),
        }
    }
}

impl From<Pca> for Given {
    fn from(Pca(keep): Pca) -> Given {
        match keep {
            Keep::Count(count) => Given::Count(count),
            Keep::Share(share) => Given::Share(share),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for text in ["12", "0.95"] {
            assert_eq!(text.parse::<Pca>().unwrap().to_string(), text);
        }
        for text in ["0", "1.0", "1.5", "-3", "0.0", "NaN", "many"] {
            assert!(text.parse::<Pca>().is_err(), "{text}");
        }
        let one: NumbersOf = "a=b=log1p".parse().unwrap();
        assert_eq!(one, NumbersOf("a=b".into(), Numbers::Log1p));
        assert_eq!(String::from(one), "a=b=log1p");
        assert!("a=b".parse::<NumbersOf>().unwrap_err().contains("quantile-normal"));
    }
}
