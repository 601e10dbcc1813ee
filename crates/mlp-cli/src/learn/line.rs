//! `mlp learn line`: a line through points, in closed form and by gradient descent. The descent itself:
//! `mlp_train::descend`; the closed form: `mlp_tensor::solve`.

use super::args::LineArgs;
use super::pen::{Chart, Pen, digits, wrap};
use super::{Lesson, check, show};
use crate::args::Global;
use crate::failure::usage;
use crate::output;
use mlp_report::{Axis, Colour, Fact, Grid, Plot, Point, Section, Svg, Table, Text, bowl};
use mlp_tensor::solve::{LeastSquares, least_squares};
use mlp_train::{LinearDescent, descend};
use serde_json::{Value, json};

/// The points that come with this program: they lie near y = 2·x + 1.
pub const POINTS: [Point; 8] = [
    (0.0, 1.2),
    (0.5, 1.7),
    (1.0, 3.4),
    (1.5, 3.7),
    (2.0, 5.1),
    (2.5, 6.4),
    (3.0, 6.6),
    (3.5, 8.3),
];

/// Values beyond have squares in which the digits of the others are lost.
const LARGEST: f64 = 1e12;
/// Values of x closer together have squares that vanish.
const CLOSEST: f64 = 1e-100;
/// Ratio of curvatures up to which the descent runs on x as it is: some thousand steps.
const STEEPEST: f64 = 1000.0;

/// A line fitted twice.
#[derive(Clone, Debug)]
pub struct Line {
    points: Vec<Point>,
    exact: LeastSquares,
    descent: LinearDescent,
    /// Whether x was standardised for the descent.
    standardised: bool,
    /// Mean squared error of the fitted line.
    loss: f64,
}

/// Runs the step.
pub fn run(args: &LineArgs, global: &Global) -> anyhow::Result<()> {
    check(&args.output)?;
    let points = match args.points.is_empty() {
        true => POINTS.to_vec(),
        false => parse(&args.points).map_err(|what| usage(format!("--points {what}")))?,
    };
    let line = Line::fit(&points).map_err(|what| usage(format!("--points: {what}")))?;
    show(&line, &args.output, global)
}

/// Points as `x,y`, several in a word where spaces or semicolons part them.
pub fn parse(words: &[String]) -> Result<Vec<Point>, String> {
    let parts = words.iter().flat_map(|word| word.split(|c: char| c == ';' || c.is_whitespace()));
    parts.filter(|part| !part.is_empty()).map(point).collect()
}

fn point(text: &str) -> Result<Point, String> {
    let form = || format!("{text}: give a point as x,y such as 1,3 or -0.5,2e3");
    let (x, y) = text.split_once(',').ok_or_else(form)?;
    let number = |word: &str| word.trim().parse::<f64>().map_err(|_| form());
    let (x, y) = (number(x)?, number(y)?);
    match [x, y].iter().find(|v| !v.is_finite() || v.abs() > LARGEST) {
        None => Ok((x, y)),
        Some(v) if v.is_finite() => {
            Err(format!("{text}: {v:e} is beyond ±{LARGEST:e}; choose a larger unit"))
        }
        Some(v) => Err(format!("{text}: {v} is not a finite number")),
    }
}

impl Line {
    /// Fits a line to points.
    ///
    /// # Errors
    /// In words: fewer than two points, or all of one x.
    pub fn fit(points: &[Point]) -> Result<Line, String> {
        let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        let n = points.len();
        if n < 2 {
            return Err("a line needs at least two points".into());
        }
        let exact = least_squares(n, 1, &x, &y).map_err(|e| e.to_string())?;
        let ends = x.iter().fold((x[0], x[0]), |(l, h), v| (l.min(*v), h.max(*v)));
        if exact.rank == 0 || ends.1 - ends.0 < CLOSEST {
            return Err(format!(
                "all x are {} (or too close to it), so that every slope fits as well; give points of at least two \
                 different x",
                x[0]
            ));
        }
        let mean = x.iter().sum::<f64>() / n as f64;
        let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64;
        // The curvatures of the loss are twice the eigenvalues of [[mean of x², mean of x], [mean of x, 1]], whose sum
        // is its trace and whose product is the variance.
        let trace = variance + mean * mean + 1.0;
        let standardised = trace * trace / variance > STEEPEST;
        let descent = descend(n, 1, &x, &y, standardised);
        let rest = |(x, y): &Point| exact.coefficients[0] * x + exact.intercept - y;
        let loss = points.iter().map(|p| rest(p) * rest(p)).sum::<f64>() / n as f64;
        Ok(Line { points: points.to_vec(), exact, descent, standardised, loss })
    }

    /// `(w1, w0)` in closed form.
    pub fn closed_form(&self) -> (f64, f64) {
        (self.exact.coefficients[0], self.exact.intercept)
    }

    /// `(w1, w0)` by gradient descent.
    pub fn descended(&self) -> (f64, f64) {
        (self.descent.coefficients[0], self.descent.intercept)
    }

    /// The largest difference of the two, as a share of the parameters where they are above 1.
    pub fn difference(&self) -> f64 {
        let (a, b) = (self.closed_form(), self.descended());
        let size = a.0.abs().max(a.1.abs()).max(1.0);
        (a.0 - b.0).abs().max((a.1 - b.1).abs()) / size
    }

    fn at(&self, x: f64) -> f64 {
        self.exact.coefficients[0] * x + self.exact.intercept
    }

    /// Ends of x and y, the line's included.
    fn ends(&self) -> (Point, Point) {
        let x = || self.points.iter().map(|p| p.0);
        let (left, right) =
            (x().fold(f64::INFINITY, f64::min), x().fold(f64::NEG_INFINITY, f64::max));
        let y = || self.points.iter().map(|p| p.1).chain([self.at(left), self.at(right)]);
        let (low, high) =
            (y().fold(f64::INFINITY, f64::min), y().fold(f64::NEG_INFINITY, f64::max));
        let room = |low: f64, high: f64| if high > low { (high - low) * 0.04 } else { 0.5 };
        let (dx, dy) = (room(left, right), room(low, high));
        ((left - dx, low - dy), (right + dx, high + dy))
    }

    /// The points and the line.
    pub fn plot(&self) -> Svg {
        let ((left, _), (right, _)) = self.ends();
        Plot::new("A line through points")
            .x(Axis::new("x"))
            .y(Axis::new("y"))
            .line("fitted line", [(left, self.at(left)), (right, self.at(right))])
            .colour(Colour::Red)
            .points("points", self.points.iter().copied())
            .colour(Colour::Blue)
            .svg()
    }

    /// The loss over both parameters, and the way down.
    pub fn bowl(&self) -> Svg {
        let path: Vec<Point> = self.descent.path.iter().map(|w| (w[0], w[1])).collect();
        let end = path.last().copied().unwrap_or_default();
        let reach =
            |f: fn(&Point) -> f64| path.iter().map(|p| (f(p) - f(&end)).abs()).fold(0.0, f64::max);
        let (mut a, mut b) = (reach(|p| p.0), reach(|p| p.1));
        // A descent along one axis still needs a second one to be seen against.
        let least = 0.5 * a.max(b).max(f64::MIN_POSITIVE);
        (a, b) = (1.3 * a.max(least), 1.3 * b.max(least));
        let (mean, deviation) = self.descent.scales[0];
        let n = self.points.len() as f64;
        let loss = |w1: f64, w0: f64| {
            let rest = |(x, y): &Point| w1 * (x - mean) / deviation + w0 - y;
            self.points.iter().map(|p| rest(p) * rest(p)).sum::<f64>() / n
        };
        let grid = Grid::sample((end.0 - a, end.1 - b), (end.0 + a, end.1 + b), (96, 96), loss);
        let names = match self.standardised {
            true => ("w1 per deviation of x", "y at the mean of x"),
            false => ("w1", "w0"),
        };
        bowl("The loss as a bowl", names, &grid, &path)
    }

    fn equation(&self) -> String {
        let (w1, w0) = self.closed_form();
        let sign = if w0 < 0.0 { "−" } else { "+" };
        format!("y = {}·x {sign} {}", four(w1), four(w0.abs()))
    }

    /// The descent in words.
    fn descent_words(&self) -> String {
        let d = &self.descent;
        let steps = output::count(d.steps, "step", "steps");
        let rate = digits(d.rate, 4);
        let how = match self.standardised {
            true => {
                " x was given mean 0 and deviation 1 first, which makes the bowl round: on x as it is the loss is so \
                 much steeper one way than another that thousands of steps would not do."
            }
            false => "",
        };
        let end = if d.converged { "" } else { " It was stopped before it came to rest." };
        format!("Gradient descent: {steps} of rate {rate} from w1 = 0, w0 = 0.{how}{end}")
    }

    fn rows(&self) -> [(&'static str, f64, f64); 2] {
        let ((a1, a0), (b1, b0)) = (self.closed_form(), self.descended());
        [("closed form", a1, a0), ("gradient descent", b1, b0)]
    }
}

/// In four digits, without zeros at the end.
fn four(value: f64) -> String {
    let text = digits(value, 4);
    match text.contains('.') && !text.contains('e') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

impl Lesson for Line {
    fn name(&self) -> &'static str {
        "line"
    }

    fn title(&self) -> String {
        "A line: y = w1·x + w0".into()
    }

    fn json(&self) -> Value {
        let ((a1, a0), (b1, b0)) = (self.closed_form(), self.descended());
        let errors = self.exact.standard_errors.as_ref().map(|e| e[0]);
        json!({
            "points": self.points,
            "closed_form": {"w1": a1, "w0": a0},
            "descent": {
                "w1": b1,
                "w0": b0,
                "steps": self.descent.steps,
                "rate": self.descent.rate,
                "standardised": self.standardised,
                "converged": self.descent.converged,
            },
            "difference": self.difference(),
            "loss": self.loss,
            "r2": self.exact.r2,
            "standard_errors": {"w1": errors, "w0": self.exact.intercept_error},
        })
    }

    fn terminal(&self, pen: Pen) -> String {
        let mut rows = vec![["", "w1", "w0"].map(String::from).to_vec()];
        let row = |(name, w1, w0): (&str, f64, f64)| {
            vec![name.to_string(), digits(w1, 10), digits(w0, 10)]
        };
        rows.extend(self.rows().into_iter().map(row));
        let (low, high) = self.ends();
        let mut chart = Chart::new(low, high, 64, 9);
        chart.curve(|x| self.at(x), '─', Colour::Red);
        self.points.iter().for_each(|p| chart.mark(*p, '●', Colour::Blue));
        format!(
            "{}   {}\n\n{}\n\n{}\nlargest difference {}, mean squared error {}, R² {}\n\n{}",
            pen.bold(&self.title()),
            pen.dim(&output::count(self.points.len(), "point", "points")),
            output::table(&rows),
            wrap(&self.descent_words(), ""),
            digits(self.difference(), 2),
            digits(self.loss, 5),
            digits(self.exact.r2, 5),
            chart.text(pen)
        )
    }

    fn sections(&self) -> Vec<Section> {
        let mut section = Section::new(self.title());
        let (w1, w0) = self.closed_form();
        section.text(
            Text::from("Of all lines ")
                .code("y = w1·x + w0")
                .plain(" this is the one whose squared distances from the points, measured upright, have the \
                    least mean: ")
                .code(self.equation())
                .plain("."),
        );
        section.facts([
            Fact::new("w1, the slope", four(w1)).note("how much y grows when x grows by 1"),
            Fact::new("w0, the intercept", four(w0)).note("y where x is 0"),
            Fact::new("R²", digits(self.exact.r2, 4))
                .note("share of the variance of y that the line explains"),
        ]);
        section.figures([
            (self.plot(), "The points in blue, the fitted line in red."),
            (
                self.bowl(),
                "The mean squared error for every choice of the two parameters, seen from above: the bluer the \
                 higher, and curves join equal heights. Gradient descent walks down from the start, each step \
                 against the slope.",
            ),
        ]);
        let mut table = Table::new(["", "w1", "w0"]);
        for (name, w1, w0) in self.rows() {
            table.push([name.to_string(), digits(w1, 8), digits(w0, 8)]);
        }
        let difference = format!(
            "{} The largest difference is {}.",
            self.descent_words(),
            digits(self.difference(), 2)
        );
        section.table(table.caption(difference));
        vec![section]
    }

    fn picture(&self) -> Option<Svg> {
        Some(self.plot())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_points_on_a_line_is_that_line() {
        let line = Line::fit(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]).unwrap();
        for (w1, w0) in [line.closed_form(), line.descended()] {
            assert!((w1 - 2.0).abs() < 1e-10 && (w0 - 1.0).abs() < 1e-10, "{w1} {w0}");
        }
        assert!(line.loss < 1e-20 && line.exact.r2 > 1.0 - 1e-12 && !line.standardised);
    }

    #[test]
    fn closed_form_and_descent_agree_for_any_unit() {
        for (shift, unit) in [(0.0, 1.0), (2000.0, 1.0), (1e9, 1e3), (-3e-5, 1e-6), (0.0, 1e9)] {
            let noise = |i: u32| f64::from(i * 7919 % 13) - 6.0;
            let points: Vec<Point> = (0..40)
                .map(|i| (shift + unit * f64::from(i), 17.0 - 0.25 * f64::from(i) + 0.1 * noise(i)))
                .collect();
            let line = Line::fit(&points).unwrap();
            let (a, b) = (line.closed_form(), line.descended());
            assert!((a.0 - b.0).abs() <= 1e-6 * a.0.abs(), "{shift} {unit}: {a:?} {b:?}");
            assert!((a.1 - b.1).abs() <= 1e-6 * a.1.abs().max(1.0), "{shift} {unit}: {a:?} {b:?}");
            assert!(line.descent.converged, "{shift} {unit}: {} steps", line.descent.steps);
        }
    }

    #[test]
    fn pictures_show_the_line_and_the_descent() {
        let line = Line::fit(&POINTS).unwrap();
        assert!(line.plot().inline().contains("fitted line"));
        assert!(line.bowl().inline().contains("descent"));
        let path = &line.descent.path;
        assert!(path[0] == [0.0, 0.0] && path.len() > 10);
        // A flat line: the descent moves one parameter only.
        let flat = Line::fit(&[(-1.0, 2.0), (1.0, 2.0)]).unwrap();
        assert!(flat.bowl().inline().contains("descent"));
    }
}
