//! The values of one column, over all groups of rows.

use crate::typing::Raw;
use crate::words::shown;
use crate::{DataError, MISSING};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{DataType, Int96};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use std::collections::HashMap;
use std::path::Path;

/// Values read at once.
const BATCH: usize = 1 << 14;
const DAY: f64 = 86_400.0;

/// What a stored value means.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    /// Divided by this power of ten.
    Number {
        unsigned: bool,
        scale: i32,
    },
    Days,
    /// So many units a second.
    Moment(i64),
    Truth,
    Text,
}

/// What a column means by its types, or why it cannot be read.
fn meaning(column: &ColumnDescriptor) -> Result<Meaning, String> {
    if column.max_rep_level() > 0 {
        return Err("a list or map; leave it out with --type COLUMN=ignore".into());
    }
    let (logical, converted) = (column.logical_type_ref(), column.converted_type());
    let unsigned = matches!(logical, Some(LogicalType::Integer(t)) if !t.is_signed)
        || matches!(
            converted,
            ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64
        );
    let decimal =
        matches!(logical, Some(LogicalType::Decimal(_))) || converted == ConvertedType::DECIMAL;
    let scale = if decimal { column.type_scale() } else { 0 };
    let number = Meaning::Number { unsigned, scale };
    if !(0..=38).contains(&scale) {
        return Err(format!("decimals of scale {scale}"));
    }
    let moment = match (logical, converted) {
        (Some(LogicalType::Timestamp(t)), _) => Some(match t.unit {
            TimeUnit::MILLIS => 1_000,
            TimeUnit::MICROS => 1_000_000,
            TimeUnit::NANOS => 1_000_000_000,
        }),
        (_, ConvertedType::TIMESTAMP_MILLIS) => Some(1_000),
        (_, ConvertedType::TIMESTAMP_MICROS) => Some(1_000_000),
        _ => None,
    };
    let date = matches!(logical, Some(LogicalType::Date)) || converted == ConvertedType::DATE;
    match (column.physical_type(), moment) {
        (Type::BOOLEAN, _) => Ok(Meaning::Truth),
        (Type::INT32, _) if date => Ok(Meaning::Days),
        (Type::INT64, Some(units)) => Ok(Meaning::Moment(units)),
        (Type::INT96, _) => Ok(Meaning::Moment(1_000_000_000)),
        (Type::INT32 | Type::INT64 | Type::FLOAT | Type::DOUBLE, _) => Ok(number),
        (Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY, _) if decimal => Ok(number),
        (Type::BYTE_ARRAY, _) => Ok(Meaning::Text),
        (Type::FIXED_LEN_BYTE_ARRAY, _) => {
            Err("bytes of a fixed length; leave it out with --type COLUMN=ignore".into())
        }
    }
}

/// Reads one column.
///
/// # Errors
/// A type that cannot be read, damage, another number of rows, text that is not UTF-8: with the
/// column and the group of rows.
pub(super) fn column<R: ChunkReader + 'static>(
    path: &Path,
    reader: &SerializedFileReader<R>,
    index: usize,
    name: &str,
    rows: usize,
) -> Result<Raw, DataError> {
    let place = format!("column `{}`", shown(name));
    let descriptor = reader.metadata().file_metadata().schema_descr().column(index);
    let meaning =
        meaning(&descriptor).map_err(|what| DataError::malformed(path, place.clone(), what))?;
    let mut taken = Taken::new(meaning);
    for group in 0..reader.num_row_groups() {
        let in_group = reader.metadata().row_group(group).num_rows();
        let before = taken.len();
        let place = format!("{place}, row group {group}");
        let wanted = usize::try_from(in_group).unwrap_or(0);
        let read = reader
            .get_row_group(group)
            .and_then(|group| group.get_column_reader(index))
            .and_then(|column| taken.read(column, wanted, descriptor.max_def_level()));
        match (read, taken.not_text) {
            (Err(e), _) => {
                let what = format!("{}; fetch the file again", cut(&e.to_string()));
                return Err(DataError::malformed(path, place, what));
            }
            (_, Some(row)) => {
                let what = format!("row {} of it holds bytes that are no text", row + 1);
                return Err(DataError::malformed(path, place, what));
            }
            _ if taken.len() != before + wanted => {
                let what = format!("{} of {wanted} rows are there", taken.len() - before);
                return Err(DataError::malformed(path, place, what));
            }
            _ => {}
        }
    }
    match taken.len() == rows {
        true => Ok(taken.finish()),
        false => Err(DataError::malformed(path, place, "rows are lacking; fetch the file again")),
    }
}

/// A message of the reader without what it may quote of a file at length.
fn cut(message: &str) -> String {
    message.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Values so far.
struct Taken {
    meaning: Meaning,
    numbers: Vec<f64>,
    levels: Vec<String>,
    codes: Vec<u32>,
    known: HashMap<Vec<u8>, u32>,
    /// The first row whose bytes are no text.
    not_text: Option<usize>,
}

impl Taken {
    fn new(meaning: Meaning) -> Taken {
        let levels = match meaning {
            Meaning::Truth => vec!["true".into(), "false".into()],
            _ => Vec::new(),
        };
        let (numbers, codes, known) = (Vec::new(), Vec::new(), HashMap::new());
        Taken { meaning, numbers, levels, codes, known, not_text: None }
    }
    fn len(&self) -> usize {
        self.numbers.len().max(self.codes.len())
    }
    fn finish(self) -> Raw {
        match self.meaning {
            Meaning::Truth | Meaning::Text => Raw::Texts(self.levels, self.codes),
            Meaning::Days | Meaning::Moment(_) => Raw::Dates(self.numbers),
            Meaning::Number { .. } => Raw::Numbers(self.numbers),
        }
    }
    fn read(&mut self, column: ColumnReader, rows: usize, level: i16) -> Result<(), ParquetError> {
        let meaning = self.meaning;
        match column {
            ColumnReader::BoolColumnReader(c) => each(c, rows, level, |v| {
                self.codes.push(v.map_or(MISSING, |v| u32::from(!v)));
            }),
            ColumnReader::Int32ColumnReader(c) => each(c, rows, level, |v| {
                self.numbers.push(v.map_or(f64::NAN, |v| int32(*v, meaning)))
            }),
            ColumnReader::Int64ColumnReader(c) => each(c, rows, level, |v| {
                self.numbers.push(v.map_or(f64::NAN, |v| int64(*v, meaning)))
            }),
            ColumnReader::Int96ColumnReader(c) => {
                each(c, rows, level, |v| self.numbers.push(v.map_or(f64::NAN, int96)))
            }
            ColumnReader::FloatColumnReader(c) => each(c, rows, level, |v| {
                self.numbers.push(v.map_or(f64::NAN, |v| f64::from(*v)));
            }),
            ColumnReader::DoubleColumnReader(c) => {
                each(c, rows, level, |v| self.numbers.push(v.copied().unwrap_or(f64::NAN)))
            }
            ColumnReader::ByteArrayColumnReader(c) => {
                each(c, rows, level, |v| self.bytes(v.map(|v| v.data())))
            }
            ColumnReader::FixedLenByteArrayColumnReader(c) => {
                each(c, rows, level, |v| self.bytes(v.map(|v| v.data())))
            }
        }
    }
    fn bytes(&mut self, value: Option<&[u8]>) {
        if let Meaning::Number { scale, .. } = self.meaning {
            self.numbers.push(value.map_or(f64::NAN, |bytes| decimal(bytes, scale)));
            return;
        }
        let code = match value {
            None => MISSING,
            Some(bytes) => match (self.known.get(bytes), std::str::from_utf8(bytes)) {
                (Some(&code), _) => code,
                (None, Ok(text)) => {
                    self.levels.push(text.to_string());
                    let code = self.levels.len() as u32 - 1;
                    self.known.insert(bytes.to_vec(), code);
                    code
                }
                (None, Err(_)) => {
                    self.not_text.get_or_insert(self.codes.len());
                    MISSING
                }
            },
        };
        self.codes.push(code);
    }
}

/// Calls `see` with every value of a group, `None` where it is missing.
fn each<T: DataType>(
    mut column: ColumnReaderImpl<T>,
    rows: usize,
    level: i16,
    mut see: impl FnMut(Option<&T::T>),
) -> Result<(), ParquetError> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let mut done = 0;
    while done < rows {
        levels.clear();
        values.clear();
        let most = BATCH.min(rows - done);
        let optional = (level > 0).then_some(&mut levels);
        let (records, ..) = column.read_records(most, optional, None, &mut values)?;
        if records == 0 {
            return Ok(());
        }
        let mut present = values.iter();
        match level > 0 {
            true => {
                levels.iter().for_each(|l| see(if *l == level { present.next() } else { None }))
            }
            false => present.for_each(|v| see(Some(v))),
        }
        done += records;
    }
    Ok(())
}

fn int32(value: i32, meaning: Meaning) -> f64 {
    match meaning {
        Meaning::Days => f64::from(value) * DAY,
        Meaning::Number { unsigned: true, .. } => f64::from(value as u32),
        Meaning::Number { scale, .. } => f64::from(value) / power_of_ten(scale),
        _ => f64::from(value),
    }
}

fn int64(value: i64, meaning: Meaning) -> f64 {
    match meaning {
        // Whole seconds first, so that the sum is rounded once, as that of a cell of text.
        Meaning::Moment(units) => {
            value.div_euclid(units) as f64 + value.rem_euclid(units) as f64 / units as f64
        }
        Meaning::Number { unsigned: true, .. } => value as u64 as f64,
        Meaning::Number { scale, .. } => value as f64 / power_of_ten(scale),
        _ => value as f64,
    }
}

fn int96(value: &Int96) -> f64 {
    value.to_seconds() as f64 + value.to_nanos().rem_euclid(1_000_000_000) as f64 / 1e9
}

/// A big-endian number of at most 16 bytes in two's complement, divided by a power of ten.
fn decimal(bytes: &[u8], scale: i32) -> f64 {
    if bytes.is_empty() || bytes.len() > 16 {
        return f64::NAN;
    }
    let sign = if bytes[0] & 0x80 != 0 { -1i128 } else { 0 };
    let value = bytes.iter().fold(sign, |v, b| v << 8 | i128::from(*b));
    value as f64 / power_of_ten(scale)
}

/// Exact up to 10²².
fn power_of_ten(n: i32) -> f64 {
    (0..n).fold(1.0, |v, _| v * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_values_mean_what_their_types_say() {
        let unsigned = Meaning::Number { unsigned: true, scale: 0 };
        let cents = Meaning::Number { unsigned: false, scale: 2 };
        assert_eq!((int32(-1, unsigned), int32(-1234, cents)), (4_294_967_295.0, -12.34));
        assert_eq!(int32(2, Meaning::Days), 172_800.0);
        assert_eq!(int64(-250_000, Meaning::Moment(1_000_000)), -0.25);
        assert_eq!((decimal(&[0xFB, 0x2E], 2), decimal(&[0x04, 0xD2], 2)), (-12.34, 12.34));
        assert!(decimal(&[], 2).is_nan() && decimal(&[0; 17], 0).is_nan());
    }
}
