//! `mlp learn plane`: one column as a linear function of the others, in closed form with standard errors and by
//! gradient descent. Both fits: `mlp_train`, as `--optimizer exact`.

use super::args::PlaneArgs;
use super::pen::{Pen, digits, wrap};
use super::{Lesson, check, show};
use crate::args::Global;
use crate::{input, output};
use anyhow::Context;
use mlp_data::{Dataset, OpenOptions, Part, Plan, Split, Target, TaskHint};
use mlp_model::Prediction;
use mlp_report::number::{grouped, short};
use mlp_report::{Bars, Fact, Point, Section, Svg, Table, Text, predicted_and_true};
use mlp_tensor::Exec;
use mlp_train::{Config, DescentFit, ExactFit, OptimizerKind, prepare};
use serde_json::{Value, json};

/// Most coefficients on a screen.
const ROWS: usize = 14;

/// A linear function fitted twice.
#[derive(Clone, Debug)]
pub struct Plane {
    data: String,
    target: String,
    rows: usize,
    exact: ExactFit,
    descent: DescentFit,
    /// `(true, predicted)`, a row each.
    pairs: Vec<Point>,
    /// Columns that are left out, and why.
    dropped: Vec<(String, String)>,
}

/// Runs the step.
pub fn run(args: &PlaneArgs, global: &Global) -> anyhow::Result<()> {
    check(&args.output)?;
    let exec = input::exec(global)?;
    let options = OpenOptions {
        target: args.target.clone(),
        task: TaskHint::Numbers,
        ..OpenOptions::default()
    };
    let data = input::data(&exec, global, &args.table, &options)?;
    let plane = Plane::fit(&exec, &data).with_context(|| args.table.clone())?;
    show(&plane, &args.output, global)
}

impl Plane {
    /// Fits the target by all other columns, on all rows.
    ///
    /// # Errors
    /// Data that cannot be fitted; a target that is no number.
    pub fn fit(exec: &Exec, data: &Dataset) -> anyhow::Result<Plane> {
        let split = Split::new(data, 0.0, 0.0, 1)?;
        let config = Config {
            hidden: Vec::new(),
            dropout: 0.0,
            optimizer: OptimizerKind::Exact,
            ..Config::default()
        };
        let session = prepare(data, &split, &Plan::default(), config)?;
        let (state, exact) = session.solve_exact(exec)?;
        let descent = session.descend_exact(exec)?;
        let model = session.model(&state)?;
        let rows = session.rows(Part::Train);
        let answers = model.predict(exec, &*session.encoded, rows)?;
        let truth = data.target.select(rows);
        let pairs = match &truth {
            Target::Numbers { values, .. } => {
                let number = |(t, y): (&f64, &Prediction)| match y {
                    Prediction::Number(y) => Some((*t, *y)),
                    Prediction::Class { .. } | Prediction::Labels { .. } => None,
                };
                values.iter().zip(&answers).filter_map(number).collect()
            }
            _ => Vec::new(),
        };
        Ok(Plane {
            data: data.name.clone(),
            target: session.pipeline.target.name().to_string(),
            rows: rows.len(),
            exact,
            descent,
            pairs,
            dropped: session.pipeline.dropped.clone(),
        })
    }

    /// The largest difference of the two fits, as a share of each coefficient or its standard error.
    pub fn difference(&self) -> f64 {
        let pairs = self.exact.coefficients.iter().zip(&self.descent.coefficients);
        let apart = pairs.map(|(c, d)| {
            let size = c.value.abs().max(c.error.unwrap_or(0.0));
            if c.value == *d { 0.0 } else { (c.value - d).abs() / size }
        });
        apart.fold(0.0, f64::max)
    }

    fn t_value(&self, i: usize) -> Option<f64> {
        let c = &self.exact.coefficients[i];
        c.error.filter(|e| *e > 0.0).map(|e| c.value / e)
    }

    /// The function in figures.
    fn equation(&self) -> String {
        let mut text = format!("{} = {}", self.target, short(self.exact.coefficients[0].value));
        for c in self.exact.coefficients.iter().skip(1).take(6) {
            let sign = if c.value < 0.0 { "−" } else { "+" };
            text += &format!(" {sign} {}·{}", short(c.value.abs()), c.name);
        }
        if self.exact.coefficients.len() > 7 {
            text += " + …";
        }
        text
    }

    /// Head and cells of the table of coefficients.
    fn table(&self) -> Vec<Vec<String>> {
        let head = ["", "coefficient", "standard error", "t", "by descent"];
        let mut rows = vec![head.map(String::from).to_vec()];
        for (i, c) in self.exact.coefficients.iter().enumerate() {
            let figure = |v: Option<f64>, n| v.map_or_else(|| "–".into(), |v| digits(v, n));
            let descent = digits(self.descent.coefficients[i], 8);
            rows.push(vec![
                c.name.clone(),
                digits(c.value, 8),
                figure(c.error, 5),
                figure(self.t_value(i), 4),
                descent,
            ]);
        }
        rows
    }

    fn notes(&self) -> String {
        let d = &self.descent.descent;
        let mut text = format!(
            "Gradient descent on columns of mean 0 and deviation 1: {} of rate {}; largest difference {}.",
            output::count(d.steps, "step", "steps"),
            digits(d.rate, 4),
            digits(self.difference(), 2)
        );
        if !d.converged {
            text += " It was stopped before it came to rest: some columns nearly follow from the others.";
        }
        if !self.exact.references.is_empty() {
            text += &format!(" Compared with, or of no use: {}.", self.exact.references.join(", "));
        }
        for (name, why) in &self.dropped {
            text += &format!(" Left out: {name} ({why}).");
        }
        text
    }

    /// How many standard errors each coefficient is away from zero.
    fn bars(&self) -> Option<Svg> {
        let mut bars =
            Bars::new("t values").label("coefficient in units of its standard error").signed();
        let mut any = false;
        for (i, c) in self.exact.coefficients.iter().enumerate().skip(1).take(40) {
            let Some(t) = self.t_value(i) else { continue };
            bars = bars.bar(c.name.clone(), t);
            any = true;
        }
        any.then(|| bars.svg())
    }
}

impl Lesson for Plane {
    fn name(&self) -> &'static str {
        "plane"
    }

    fn title(&self) -> String {
        "Many variables: y = w1·x1 + … + wD·xD + w0".into()
    }

    fn json(&self) -> Value {
        let d = &self.descent.descent;
        let coefficient = |(i, c): (usize, &mlp_train::Coefficient)| {
            json!({
                "name": c.name,
                "value": c.value,
                "standard_error": c.error,
                "t": self.t_value(i),
                "descent": self.descent.coefficients[i],
            })
        };
        let coefficients: Vec<Value> =
            self.exact.coefficients.iter().enumerate().map(coefficient).collect();
        json!({
            "data": self.data,
            "target": self.target,
            "rows": self.rows,
            "coefficients": coefficients,
            "references": self.exact.references,
            "rank": self.exact.rank,
            "r2": self.exact.r2,
            "descent": {"steps": d.steps, "rate": d.rate, "converged": d.converged},
            "difference": self.difference(),
        })
    }

    fn terminal(&self, pen: Pen) -> String {
        let mut table = self.table();
        let all = table.len() - 1;
        table.truncate(ROWS + 1);
        let more = match all > ROWS {
            true => format!("\n… {} more; --html FILE or --json has all", all - ROWS),
            false => String::new(),
        };
        format!(
            "{}\n{}\n\n{}{more}\n\nR² {} on {}\n{}\n\n{}",
            pen.bold(&self.title()),
            pen.dim(&format!("{} by the other columns of {}", self.target, self.data)),
            output::table(&table),
            digits(self.exact.r2, 5),
            output::count(self.rows, "row", "rows"),
            wrap(&self.notes(), ""),
            wrap(&self.equation(), "")
        )
    }

    fn sections(&self) -> Vec<Section> {
        let mut section = Section::new(self.title());
        section.text(
            Text::from("The same with as many variables as there are columns. ")
                .code(&self.target)
                .plain(format!(" by the other columns of {}: ", self.data))
                .code(self.equation())
                .plain("."),
        );
        section.facts([
            Fact::new("R²", digits(self.exact.r2, 4))
                .note(format!("share of the variance of {} explained", self.target)),
            Fact::new("rows", grouped(self.rows)),
        ]);
        let mut rows = self.table().into_iter();
        let mut table = Table::new(rows.next().unwrap_or_default());
        for row in rows {
            table.push(row);
        }
        section.table(table.caption(
            "A coefficient is what one more of its column adds. Its standard error says how far it would move on other \
             rows of the same kind; t is their ratio, and beyond about ±2 it is unlikely to be chance.",
        ));
        section.text(self.notes());
        let pairs = predicted_and_true("Predicted and true", &self.target, &self.pairs);
        let mut figures = vec![(pairs, "On the diagonal prediction and truth agree.")];
        if let Some(bars) = self.bars() {
            figures.push((bars, "How sure each coefficient is: longer bars stand out more."));
        }
        section.figures(figures);
        vec![section]
    }

    fn picture(&self) -> Option<Svg> {
        Some(predicted_and_true("Predicted and true", &self.target, &self.pairs))
    }
}
