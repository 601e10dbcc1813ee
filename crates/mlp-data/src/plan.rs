//! Preprocessing before it is fitted, and the fit. What there is to choose: `choices`. How one column
//! is fitted: `fit`, if it holds numbers `numbers`; principal components: `components`.

mod choices;
mod components;
mod fit;
mod numbers;
mod picture;

pub use choices::{Keep, Numbers, Pca, PixelScaling};

use crate::words::{listed, most_similar};
use crate::{
    DataError, Dataset, Features, Kind, Part, Pipeline, Schema, Split, Table, Target, TargetCoding,
    Train,
};
use mlp_tensor::Exec;

/// What to fit.
#[derive(Clone, Debug)]
pub struct Plan {
    /// For picture columns.
    pub pixels: PixelScaling,
    /// What the network sees of pictures.
    pub features: Features,
    /// On what the features of pictures are computed; it changes no bit.
    pub exec: Exec,
    /// A category seen in fewer training rows than this goes to the rare bucket.
    pub min_count: usize,
    /// At most this many one-hot columns a category column; the most frequent stay.
    pub max_levels: usize,
    /// Standardise numeric targets.
    pub scale_target: bool,
    /// For columns of numbers.
    pub numbers: Numbers,
    /// For columns of numbers by name, where it is not `numbers`.
    pub numbers_of: Vec<(String, Numbers)>,
    /// Principal components of the encoded inputs, pixels among them.
    pub pca: Option<Pca>,
    /// Columns that are not to be inputs, and why not, in words.
    pub left_out: Vec<(String, String)>,
}

impl Default for Plan {
    /// `min_count` 5: a word seen less often carries more noise than signal as an input of its own,
    /// while the rare bucket, where it goes, gives words never seen a weight that was learned.
    /// `max_levels` 64 bounds the width.
    fn default() -> Plan {
        Plan {
            pixels: PixelScaling::default(),
            features: Features::default(),
            exec: Exec::serial(),
            min_count: 5,
            max_levels: 64,
            scale_target: true,
            numbers: Numbers::default(),
            numbers_of: Vec::new(),
            pca: None,
            left_out: Vec::new(),
        }
    }
}

impl Plan {
    /// Fits on training rows, the only way to get a [`Pipeline`]. `target` holds the training rows'
    /// target, for the mean and deviation of numbers. Columns that cannot help are left out, see
    /// [`Pipeline::dropped`]. The target's place among the columns is taken to be the last; to keep
    /// its place and how pictures were read, use [`Plan::fit_dataset`].
    ///
    /// # Errors
    /// No rows, no target, training rows of a single class, no column of use, numbers so large that
    /// their variance is infinite.
    pub fn fit(&self, rows: &Train<Table>, target: &Train<Target>) -> Result<Pipeline, DataError> {
        let target = self.fit_target(target.get())?;
        self.fit_on(rows.get(), None, rows.rows(), target)
    }

    /// Fits on the rows `at` of the table, or on all of it; `places` say where each of them stood
    /// in the whole data set.
    fn fit_on(
        &self,
        table: &Table,
        at: Option<&[usize]>,
        places: &[usize],
        target: TargetCoding,
    ) -> Result<Pipeline, DataError> {
        self.check_numbers_of(table)?;
        let mut columns: Vec<String> = table.schema.fields.iter().map(|f| f.name.clone()).collect();
        for target in target.columns() {
            if !columns.iter().any(|name| name == target) {
                columns.push(target.to_string());
            }
        }
        let mut schema = Schema::default();
        let mut encoders = Vec::new();
        let mut dropped = Vec::new();
        let mut ordinals = Vec::new();
        for (field, column) in table.schema.fields.iter().zip(&table.columns) {
            if let Some((name, why)) = self.left_out.iter().find(|(name, _)| *name == field.name) {
                dropped.push((name.clone(), why.clone()));
                continue;
            }
            match fit::column(self, field, column, at, places)? {
                fit::Fitted::Useful(_) if pictures(&schema) && is_picture(field.kind) => {
                    dropped.push((field.name.clone(), "a second picture column".to_string()));
                }
                fit::Fitted::Useful(encoder) => {
                    schema.fields.push(field.clone());
                    encoders.push(encoder);
                }
                fit::Fitted::Useless(why) => dropped.push((field.name.clone(), why)),
                fit::Fitted::RowNumber(encoder) => ordinals.push((field.clone(), encoder)),
            }
        }
        // A column that only counts the rows tells nothing beside others; alone it is the `x` of a
        // line.
        for (field, encoder) in ordinals {
            if encoders.is_empty() {
                schema.fields.push(field);
                encoders.push(encoder);
            } else {
                dropped.push((field.name, "it only numbers the rows".to_string()));
            }
        }
        if encoders.is_empty() {
            let why: Vec<String> = dropped.iter().map(|(n, why)| format!("`{n}`: {why}")).collect();
            let why = if why.is_empty() { "there are none".into() } else { why.join("; ") };
            return Err(DataError::unusable(format!("no column is of use as input: {why}")));
        }
        let projection = None;
        let mut pipeline =
            Pipeline { schema, encoders, target, dropped, columns, picture: None, projection };
        if let Some(pca) = self.pca {
            pipeline.projection = Some(components::fit(pca, &pipeline, table, at)?);
        }
        Ok(pipeline)
    }

    /// How a column of numbers is to be scaled.
    fn numbers_of(&self, column: &str) -> Numbers {
        let own = self.numbers_of.iter().rfind(|(name, _)| name == column);
        own.map_or(self.numbers, |(_, how)| *how)
    }

    /// Every column with a scaling of its own must be there and hold numbers.
    fn check_numbers_of(&self, table: &Table) -> Result<(), DataError> {
        for (name, how) in &self.numbers_of {
            let field = table.schema.fields.iter().find(|field| field.name == *name);
            let what = match field.map(|field| field.kind) {
                Some(Kind::Number) => continue,
                Some(_) => format!("column `{name}` holds no numbers to scale"),
                None => {
                    let names = table.schema.fields.iter().map(|f| f.name.as_str());
                    let near = listed(&most_similar(name, names), 3);
                    format!("there is no column `{name}` to scale; nearest: {near}")
                }
            };
            let how = how.name();
            return Err(DataError::unusable(format!("numbers of {name}={how}: {what}")));
        }
        Ok(())
    }

    /// What differs from the default, as words of the command line: name and value.
    pub fn words(&self) -> Vec<(String, String)> {
        let (usual, mut words) = (Plan::default(), Vec::new());
        let mut word = |name: &str, value: String| words.push((name.to_string(), value));
        if self.numbers != usual.numbers {
            word("numbers", self.numbers.name().into());
        }
        for (column, how) in &self.numbers_of {
            word("numbers-of", format!("{column}={}", how.name()));
        }
        if self.min_count != usual.min_count {
            word("rare-below", self.min_count.to_string());
        }
        if self.max_levels != usual.max_levels {
            word("max-levels", self.max_levels.to_string());
        }
        if let Some(Pca { keep, whiten }) = self.pca {
            word("pca", keep.to_string());
            if whiten {
                word("whiten", "yes".into());
            }
        }
        words
    }

    /// [`Plan::fit`] on the training rows of a data set, with the order of its columns and its
    /// picture options kept for prediction.
    ///
    /// # Errors
    /// See [`Plan::fit`].
    pub fn fit_dataset(&self, data: &Dataset, split: &Split) -> Result<Pipeline, DataError> {
        let rows = split.rows(Part::Train);
        let target = self.fit_target(&data.target.select(&rows))?;
        let mut pipeline = self.fit_on(&data.table, Some(&rows), &rows, target)?;
        pipeline.picture = data.picture;
        // A caller may have put other columns into the table than those that were read.
        if pipeline.columns.iter().all(|name| data.columns.contains(name)) {
            pipeline.columns = data.columns.clone();
        }
        Ok(pipeline)
    }

    fn fit_target(&self, target: &Target) -> Result<TargetCoding, DataError> {
        match target {
            Target::None => {
                Err(DataError::unusable("there is no target to train on; name it with --target"))
            }
            Target::Classes { name, labels, codes } => {
                if codes.is_empty() {
                    return Err(no_rows());
                }
                if codes.iter().all(|c| Some(c) == codes.first()) {
                    let what =
                        format!("all training rows have the same `{name}`; nothing to learn");
                    return Err(DataError::unusable(what));
                }
                Ok(TargetCoding::Classes { name: name.clone(), labels: labels.clone() })
            }
            Target::Labels { hits, .. } if hits.is_empty() => Err(no_rows()),
            Target::Labels { name, labels, separator, hits } => {
                let mut rows = hits.chunks_exact(labels.len().max(1));
                let first = rows.next();
                if rows.all(|row| Some(row) == first) {
                    let what = format!(
                        "all training rows have the same labels (`{name}`); nothing to learn"
                    );
                    return Err(DataError::unusable(what));
                }
                let (name, labels) = (name.clone(), labels.clone());
                Ok(TargetCoding::Labels { name, labels, separator: separator.clone() })
            }
            Target::Numbers { values, .. } if values.is_empty() => Err(no_rows()),
            Target::Numbers { name, values } => {
                let (mean, deviation) = match self.scale_target {
                    true => fit::moments(values, name)?,
                    false => (0.0, 1.0),
                };
                let deviation = if deviation > 0.0 { deviation } else { 1.0 };
                Ok(TargetCoding::Number { name: name.clone(), mean, deviation })
            }
        }
    }
}

fn no_rows() -> DataError {
    DataError::unusable("there are no training rows to fit preprocessing on")
}

fn is_picture(kind: Kind) -> bool {
    matches!(kind, Kind::Picture(_))
}

fn pictures(schema: &Schema) -> bool {
    schema.fields.iter().any(|f| is_picture(f.kind))
}
