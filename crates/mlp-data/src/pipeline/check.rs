//! What must hold of a pipeline that was read from a file, whatever its bytes.

use super::{Encoder, Pipeline, TargetCoding};
use crate::{DataError, Field, Kind};
use std::collections::HashSet;

fn is_picture(kind: &Kind) -> bool {
    matches!(kind, Kind::Picture(_))
}

/// Inputs a network may have: 2³⁰ would be 4 GiB an example.
const MAX_WIDTH: u64 = 1 << 28;

impl Pipeline {
    /// Checks that the fitted numbers are consistent (sizes, finite); for files read from outside.
    ///
    /// # Errors
    /// What is wrong, by column.
    pub fn check(&self) -> Result<(), DataError> {
        let bad = |what: String| Err(DataError::unusable(format!("preprocessing: {what}")));
        if self.encoders.len() != self.schema.fields.len() || self.encoders.is_empty() {
            return bad(format!(
                "{} encoders for {} columns",
                self.encoders.len(),
                self.schema.fields.len()
            ));
        }
        let mut names = HashSet::new();
        let (mut width, mut pictures) = (0u64, 0);
        for (field, encoder) in self.schema.fields.iter().zip(&self.encoders) {
            if !names.insert(field.name.as_str()) {
                return bad(format!("two columns are named `{}`", field.name));
            }
            match column_width(field, encoder) {
                Ok(more) => width = width.saturating_add(more),
                Err(what) => return bad(format!("column `{}`: {what}", field.name)),
            }
            pictures += usize::from(matches!(field.kind, Kind::Picture(_)));
        }
        if pictures > 1 || width == 0 || width > MAX_WIDTH {
            return bad(format!("{width} inputs from {pictures} picture columns"));
        }
        if let Some(projection) = &self.projection {
            projection.check(width as usize).or_else(bad)?;
        }
        self.check_columns().or_else(bad)?;
        if let Some(picture) = self.picture
            && let Some(Kind::Picture(shape)) =
                self.schema.fields.iter().map(|f| f.kind).find(is_picture)
            && picture.size != (shape.width, shape.height)
        {
            return bad(format!("pictures of {:?} for a column of {shape}", picture.size));
        }
        match &self.target {
            TargetCoding::Classes { labels, .. } => {
                let distinct: HashSet<&String> = labels.iter().collect();
                match labels.len() >= 2 && distinct.len() == labels.len() {
                    true => Ok(()),
                    false => bad(format!("{} classes, {} different", labels.len(), distinct.len())),
                }
            }
            TargetCoding::Labels { labels, separator, .. } => {
                let distinct: HashSet<&String> = labels.iter().collect();
                let fits = labels.len() >= 2 && distinct.len() == labels.len();
                match fits && separator.as_ref().is_none_or(|s| !s.is_empty()) {
                    true => Ok(()),
                    false => bad(format!("{} labels, {} different", labels.len(), distinct.len())),
                }
            }
            TargetCoding::Number { mean, deviation, .. } => {
                match mean.is_finite() && deviation.is_finite() && *deviation > 0.0 {
                    true => Ok(()),
                    false => bad(format!("target of mean {mean} and deviation {deviation}")),
                }
            }
        }
    }
}

impl Pipeline {
    /// The columns of the training data must hold every other name; without them the place of a
    /// dropped column, and so of all after it, would be unknown.
    fn check_columns(&self) -> Result<(), String> {
        if self.columns.is_empty() {
            return match self.dropped.first() {
                None => Ok(()),
                Some((name, _)) => Err(format!("the place of dropped column `{name}` is lacking")),
            };
        }
        let mut all = HashSet::new();
        if let Some(twice) = self.columns.iter().find(|name| !all.insert(name.as_str())) {
            return Err(format!("`{twice}` is twice among the columns of the training data"));
        }
        let fields = self.schema.fields.iter().map(|f| f.name.as_str());
        let dropped = self.dropped.iter().map(|(name, _)| name.as_str());
        match fields.chain(dropped).chain(self.target.columns()).find(|n| !all.contains(n)) {
            Some(name) => Err(format!("`{name}` is not among the columns of the training data")),
            None => Ok(()),
        }
    }
}

/// Inputs of a column, or what is wrong with it.
fn column_width(field: &Field, encoder: &Encoder) -> Result<u64, String> {
    match (field.kind, encoder) {
        (Kind::Number, Encoder::Number { median, mean, deviation, .. }) => {
            let finite = median.is_finite() && mean.is_finite() && deviation.is_finite();
            if !finite || *deviation < 0.0 {
                return Err(format!("median {median}, mean {mean}, deviation {deviation}"));
            }
        }
        (Kind::Number, Encoder::Scaled { median, scaling, .. }) => {
            if !median.is_finite() {
                return Err(format!("median {median}"));
            }
            scaling.check()?;
        }
        (Kind::Boolean, Encoder::Boolean { .. }) => {}
        (Kind::Category, Encoder::Category { levels, rare, .. }) => {
            let rising = |words: &[String]| words.windows(2).all(|pair| pair[0] < pair[1]);
            if !rising(levels) || !rising(rare) {
                return Err("words are not sorted".into());
            }
        }
        (Kind::Picture(shape), Encoder::Pixels { mean, deviation }) => {
            let bytes = u64::from(shape.width)
                .checked_mul(u64::from(shape.height))
                .and_then(|n| n.checked_mul(u64::from(shape.channels)))
                .filter(|n| (1..=MAX_WIDTH).contains(n) && matches!(shape.channels, 1 | 3))
                .ok_or_else(|| format!("pictures of {shape}"))?;
            let n = mean.len() as u64;
            if deviation.len() != mean.len()
                || ![1, u64::from(shape.channels), bytes].contains(&n)
                || !mean.iter().all(|m| (0.0..=255.0).contains(m))
                || !deviation.iter().all(|d| *d == 0.0 || (1e-6..=255.0).contains(d))
            {
                return Err(format!("{n} means and {} deviations of pixels", deviation.len()));
            }
            return Ok(bytes);
        }
        (Kind::Picture(shape), Encoder::Features { set, mean, deviation }) => {
            let n = set.check(shape)?;
            if mean.len() != n
                || deviation.len() != n
                || !mean.iter().all(|m| (0.0..=1.0).contains(m))
                || !deviation.iter().all(|d| *d == 0.0 || (1e-9..=1.0).contains(d))
            {
                let (means, deviations) = (mean.len(), deviation.len());
                return Err(format!("{means} means, {deviations} deviations of {n} features"));
            }
        }
        (Kind::Date(_), Encoder::Date(dates)) => dates.check()?,
        (kind, _) => return Err(format!("an encoder that does not fit a {kind}")),
    }
    Ok(encoder.width() as u64)
}
