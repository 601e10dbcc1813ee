//! What is looked at between reading the data and training on them, each told in one line: copies across
//! parts and columns that give the target away.

use super::Job;
use crate::output::{count, grouped, percent};
use mlp_data::checks::{Copies, Leak, leaks};
use mlp_data::{Dataset, Part, Split};
use mlp_tensor::Exec;
use mlp_train::{Prepared, TrainError};
use serde_json::{Value, json};

/// Pairs named in a line.
const SHOWN: usize = 3;

/// What was found.
pub struct Found {
    /// Rows that stand in more than one part.
    pub copies: Copies,
    /// Columns that tell the target.
    leaks: Vec<Leak>,
}

/// Rows that were taken out as copies.
pub struct Dropped {
    copies: Copies,
    rows: usize,
}

/// Takes copies of test rows out of the other parts; see [`Copies::drop_from`]. The inputs by which rows are compared
/// are those that a fit finds of use.
pub fn drop_copies(
    exec: &Exec,
    data: &Dataset,
    split: &mut Split,
    plan: &mlp_data::Plan,
) -> anyhow::Result<Dropped> {
    // Components change the inputs, not the columns, and take long.
    let plan = mlp_data::Plan { pca: None, ..plan.clone() };
    let pipeline = plan.fit_dataset(data, split).map_err(TrainError::from)?;
    let named: Vec<&str> = pipeline.schema.fields.iter().map(|f| f.name.as_str()).collect();
    let copies = Copies::find(exec, data, split, &named);
    let rows = copies.drop_from(split).len();
    split.can_train(data)?;
    Ok(Dropped { copies, rows })
}

/// Looks at the data of a training.
pub fn look(exec: &Exec, data: &Dataset, split: &Split, session: &Prepared) -> Found {
    let fields = session.pipeline.schema.fields.iter();
    let named: Vec<&str> = fields.map(|f| f.name.as_str()).collect();
    Found {
        copies: Copies::find(exec, data, split, &named),
        leaks: leaks(data, session.rows(Part::Train), &named),
    }
}

impl Job<'_> {
    /// What was found, in a line each.
    pub fn check_lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(dropped) = &self.dropped {
            let rows = count(dropped.rows, "row was", "rows were");
            lines.push(format!(
                "{rows} left out of training and validation as copies of rows that are kept apart"
            ));
        }
        let Some(found) = &self.found else { return lines };
        for exact in [true, false] {
            lines.extend(self.copies_line(&found.copies, exact));
        }
        lines.extend(found.leaks.iter().map(leak_line));
        lines
    }

    /// How many rows have copies in another part, and the first of them.
    fn copies_line(&self, copies: &Copies, exact: bool) -> Option<String> {
        let of = |part| copies.count(&self.split, part, exact);
        let parts: Vec<String> = [Part::Test, Part::Validation]
            .into_iter()
            .filter(|&p| of(p) > 0)
            .map(|p| {
                let rows = grouped(self.session.rows(p).len());
                format!("{} of {rows} {} rows", grouped(of(p)), p.name())
            })
            .collect();
        if parts.is_empty() {
            return None;
        }
        let first = copies.clusters.iter().filter(|c| c.exact == exact);
        let pair = |c: &mlp_data::checks::Cluster| {
            let name = |row: &u32| self.data.row_name(*row as usize);
            let part = |row: &u32| self.split.parts[*row as usize];
            let other = c.rows.iter().find(|r| part(r) != part(&c.rows[0]));
            other.map(|other| format!("{} = {}", name(&c.rows[0]), name(other)))
        };
        let mut named: Vec<String> = first.filter_map(pair).take(SHOWN + 1).collect();
        if named.len() > SHOWN {
            named[SHOWN] = "…".to_string();
        }
        let like = match (exact, self.data.picture) {
            (true, None) => "the inputs of a row trained or chosen on",
            (true, Some(_)) => "the pixels of a picture trained or chosen on",
            (false, _) => "nearly the pixels of a picture trained or chosen on",
        };
        Some(format!(
            "{} have {like} ({}); --drop-duplicates leaves those out",
            parts.join(" and "),
            named.join(", ")
        ))
    }

    /// The same as JSON; `null` where nothing was looked at.
    pub fn checks_json(&self) -> Value {
        let dropped = self.dropped.as_ref().map(|d| d.rows);
        let Some(found) = &self.found else {
            return dropped.map_or(Value::Null, |rows| json!({"dropped": rows}));
        };
        let copies = |exact| {
            let of = |part| found.copies.count(&self.split, part, exact);
            json!({"validation": of(Part::Validation), "test": of(Part::Test)})
        };
        let leak = |leak: &Leak| json!({"column": leak.column, "score": leak.score, "baseline": leak.baseline});
        json!({
            "duplicates": copies(true),
            "near_duplicates": copies(false),
            "dropped": dropped.unwrap_or(0),
            "leaks": found.leaks.iter().map(leak).collect::<Vec<_>>(),
            "lacking": self.split.warnings(&self.data),
        })
    }

    /// The list of all copies, where there are any.
    pub fn duplicates_csv(&self) -> Option<String> {
        let copies = match (&self.dropped, &self.found) {
            (Some(dropped), _) => &dropped.copies,
            (None, Some(found)) => &found.copies,
            (None, None) => return None,
        };
        let any = !copies.clusters.is_empty();
        any.then(|| copies.to_csv(&self.data, &self.split))
    }
}

fn leak_line(leak: &Leak) -> String {
    let (column, score) = (&leak.column, leak.score);
    let told = match leak.baseline > 0.0 {
        true => format!(
            "{} of rows, where the most frequent class is {}",
            percent(score),
            percent(leak.baseline)
        ),
        false => format!("R² {score:.3}"),
    };
    format!(
        "column `{column}` alone tells the target ({told}); if it is only known afterwards: --type {column}=ignore"
    )
}
