//! Small data sets inside the program. Where they come from: `assets/README.md` of this crate.

use crate::{Column, DataError, Dataset, Kind, OpenOptions, Progress, Quiet, TaskHint};
use crate::{csv, idx};
use mlp_tensor::Exec;
use std::path::Path;

/// The sets' names, with a sentence each.
pub const NAMES: &[(&str, &str)] = &[
    (
        "digits",
        "1,797 handwritten digits of 8×8 grey pixels (Alpaydin and Kaynak 1998, UCI, CC BY 4.0)",
    ),
    #[cfg(feature = "drawings")]
    ("drawings", "cats and dogs of 180×180 pixels, drawn by this program"),
    ("iris", "150 flowers of three species, four measurements each (Fisher 1936)"),
    (
        "trees",
        "31 felled cherry trees: girth, height and volume of timber (Ryan, Joiner and Ryan 1976)",
    ),
];

/// Digits are stored as 0 to 16.
const DIGITS_MAX: u32 = 16;

/// The embedded set of that name; `None` if there is none.
///
/// # Errors
/// Those of [`with_options`].
pub fn load(name: &str) -> Option<Result<Dataset, DataError>> {
    with_options(&Exec::serial(), name, &OpenOptions::default(), &Quiet)
}

/// The embedded set of that name, read as `options` say; `None` if there is none.
///
/// # Errors
/// A target, schema or class labels in `options` that do not fit.
#[cfg_attr(not(feature = "drawings"), expect(unused_variables))]
pub fn with_options(
    exec: &Exec,
    name: &str,
    options: &OpenOptions,
    progress: &dyn Progress,
) -> Option<Result<Dataset, DataError>> {
    match name {
        "digits" => Some(digits(options)),
        #[cfg(feature = "drawings")]
        "drawings" => {
            let count = crate::drawings::COUNT;
            Some(crate::picture::read_drawings(exec, count, options, progress))
        }
        "iris" => Some(iris(options)),
        "trees" => Some(trees(options)),
        _ => None,
    }
}

fn iris(options: &OpenOptions) -> Result<Dataset, DataError> {
    table("iris", "species", include_bytes!("../assets/iris.csv"), options)
}

fn trees(options: &OpenOptions) -> Result<Dataset, DataError> {
    table("trees", "volume", include_bytes!("../assets/trees.csv"), options)
}

fn table(
    name: &str,
    target: &str,
    bytes: &[u8],
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    let mut options = options.clone();
    options.target.get_or_insert_with(|| target.into());
    let mut data = csv::from_bytes(&Exec::serial(), Path::new(name), bytes, &options)?;
    data.name = name.into();
    Ok(data)
}

fn digits(options: &OpenOptions) -> Result<Dataset, DataError> {
    let path = Path::new("digits");
    let images = include_bytes!("../assets/digits-images-idx3-ubyte.gz");
    let labels = include_bytes!("../assets/digits-labels-idx1-ubyte.gz");
    let mut examples = idx::parse(path, images)?;
    if let idx::Values::Bytes(bytes) = &mut examples.values {
        for b in bytes.iter_mut() {
            *b = ((u32::from(*b) * 255 + DIGITS_MAX / 2) / DIGITS_MAX) as u8;
        }
    }
    let mut data = idx::inputs(path, examples, options)?;
    if let idx::Values::Bytes(codes) = idx::parse(path, labels)?.values {
        let codes = codes.into_iter().map(f64::from).collect();
        data.table.push("label", Kind::Number, Column::Number(codes));
    }
    data.name = "digits".into();
    let mut options = options.clone();
    if options.task == TaskHint::Auto {
        options.task = TaskHint::Classes;
    }
    data.with_target(Some("label"), &options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PictureShape, Target};

    fn get(name: &str) -> Dataset {
        load(name).unwrap().unwrap()
    }

    #[test]
    fn digits_are_the_known_ones() {
        let data = get("digits");
        let Target::Classes { labels, codes, .. } = &data.target else { panic!() };
        assert_eq!(labels.join(""), "0123456789");
        // Class counts as in the documentation of scikit-learn's `load_digits`.
        let counts: Vec<usize> =
            (0..10).map(|c| codes.iter().filter(|code| **code == c).count()).collect();
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        let Column::Pixels { shape, bytes } = &data.table.columns[0] else { panic!() };
        assert_eq!(*shape, PictureShape { width: 8, height: 8, channels: 1 });
        // Third row of the first digit, 0 3 15 2 0 11 8 0 of 16.
        assert_eq!(bytes[16..24], [0, 48, 239, 32, 0, 175, 128, 0]);
    }

    #[test]
    fn iris_has_three_species_of_fifty() {
        let data = get("iris");
        let Target::Classes { name, labels, codes } = &data.target else { panic!() };
        assert_eq!((name.as_str(), labels.len(), codes.len()), ("species", 3, 150));
        assert_eq!(data.table.columns.len(), 4);
        let Some(Column::Number(lengths)) = data.table.column("petal_length") else { panic!() };
        assert!((lengths.iter().sum::<f64>() / 150.0 - 3.758).abs() < 1e-12);
    }

    #[test]
    fn trees_are_thirty_one() {
        let data = get("trees");
        let Target::Numbers { name, values } = &data.target else { panic!() };
        assert_eq!((name.as_str(), values.len()), ("volume", 31));
        assert!((values.iter().sum::<f64>() - 935.3).abs() < 1e-9);
        assert_eq!(data.columns, ["girth", "height", "volume"]);
    }

    #[test]
    fn every_name_loads() {
        for (name, about) in NAMES {
            assert!(!get(name).is_empty() && !about.is_empty());
        }
        assert!(load("no such set").is_none());
    }
}
