//! Plots that people know by name, made of the marks of [`Plot`].

use super::{Axis, Grid, Plot, Point, contours};
use crate::curves::{self, CalibrationBin};
use crate::number::{percent, short};
use crate::{Colour, Raster, Svg};
use mlp_model::tensor::math;

/// Loss or a score over epochs, one line a series; `best` marks the epoch whose weights were kept.
pub fn learning_curve(
    title: &str,
    what: Axis,
    series: &[(&str, Vec<Point>)],
    best: Option<f64>,
) -> Svg {
    let mut plot = Plot::new(title).x(Axis::new("epoch").whole().tight()).y(what);
    for (name, points) in series {
        plot = plot.line(*name, points.iter().copied());
    }
    match best {
        Some(epoch) => plot.upright("weights kept", epoch).svg(),
        None => plot.svg(),
    }
}

/// ROC curves, each with its name, over the diagonal of chance.
pub fn roc(title: &str, curves: &[(String, Vec<Point>)]) -> Svg {
    let share = |label: &str| Axis::new(label).percent().range(0.0, 1.0);
    let mut plot =
        Plot::new(title).square().x(share("false positive rate")).y(share("true positive rate"));
    for (name, points) in curves {
        plot = plot.line(name, points.iter().copied());
    }
    plot.dashed("chance", [(0.0, 0.0), (1.0, 1.0)]).colour(Colour::Grey).svg()
}

/// Precision over recall, each curve with its name; `chance` is the share of positives.
pub fn precision_recall(title: &str, curves: &[(String, Vec<Point>)], chance: Option<f64>) -> Svg {
    let share = |label: &str| Axis::new(label).percent().range(0.0, 1.0);
    let mut plot = Plot::new(title).square().x(share("recall")).y(share("precision"));
    for (name, points) in curves {
        plot = plot.line(name, points.iter().copied());
    }
    match chance {
        Some(share) => plot.level("chance", share).svg(),
        None => plot.svg(),
    }
}

/// How often answers of a confidence are right; on the diagonal the two agree. The bars are Wilson's
/// 95 % intervals.
pub fn reliability(title: &str, bins: &[CalibrationBin]) -> Svg {
    let share = |label: &str| Axis::new(label).percent().range(0.0, 1.0);
    let bar = |b: &CalibrationBin| {
        let (low, high) = curves::wilson(b.accuracy, b.count);
        (b.confidence, low, high)
    };
    Plot::new(title)
        .square()
        .x(share("confidence"))
        .y(share("share of right answers"))
        .dashed("as it should be", [(0.0, 0.0), (1.0, 1.0)])
        .colour(Colour::Grey)
        .errors("", bins.iter().map(bar))
        .colour(Colour::Blue)
        .line("", bins.iter().map(|b| (b.confidence, b.accuracy)))
        .colour(Colour::Blue)
        .points("this model", bins.iter().map(|b| (b.confidence, b.accuracy)))
        .colour(Colour::Blue)
        .svg()
}

/// Values counted in bins of equal width, a series a group; `shares` counts each group by its own size. The range is
/// that of the values unless given.
pub fn histogram(title: &str, what: Axis, groups: &[(String, Vec<f64>)], shares: bool) -> Svg {
    let all = groups.iter().flat_map(|group| &group.1).copied().filter(|v| v.is_finite());
    let ends = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let mut range = what.range.unwrap_or(ends);
    if range.0 == range.1 {
        range = (range.0 - 0.5, range.1 + 0.5);
    }
    let largest = groups.iter().map(|group| group.1.len()).max().unwrap_or(0);
    // As many as the square root of the values, within what can be told apart.
    let count = ((largest as f64).sqrt().ceil() as usize).clamp(5, 30);
    let y = match shares {
        true => Axis::new("share of each group").percent().zero(),
        false => Axis::new("examples").zero(),
    };
    let mut plot = Plot::new(title).x(what.tight()).y(y);
    for (name, values) in groups {
        let total = if shares { values.len().max(1) as f64 } else { 1.0 };
        let bars = curves::bins(values, range, count);
        let bars = if range.0 < range.1 { bars } else { Vec::new() };
        plot = plot.bins(name, bars.into_iter().map(|(left, right, n)| (left, right, n / total)));
    }
    plot.svg()
}

/// Predicted over true values; on the diagonal the two agree. `pairs` are `(true, predicted)`.
pub fn predicted_and_true(title: &str, what: &str, pairs: &[Point]) -> Svg {
    let finite = pairs.iter().flat_map(|p| [p.0, p.1]).filter(|v| v.is_finite());
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let diagonal = if low < high { vec![(low, low), (high, high)] } else { Vec::new() };
    Plot::new(title)
        .square()
        .x(Axis::new(format!("true {what}")))
        .y(Axis::new(format!("predicted {what}")))
        .points("examples", pairs.iter().copied())
        .dashed("as it should be", diagonal)
        .colour(Colour::Grey)
        .svg()
}

/// What is left of the truth over the prediction. `pairs` are `(true, predicted)`.
pub fn residuals(title: &str, what: &str, pairs: &[Point]) -> Svg {
    Plot::new(title)
        .square()
        .x(Axis::new(format!("predicted {what}")))
        .y(Axis::new("true − predicted"))
        .points("examples", pairs.iter().map(|(t, y)| (*y, t - y)))
        .level("", 0.0)
        .svg()
}

/// The probability of the second of two classes over two inputs, with points of both. `grid` holds the probability;
/// blue is the first class, red the second, the line is where both are as probable.
pub fn surface(
    title: &str,
    inputs: (&str, &str),
    grid: &Grid,
    points: &[(String, Vec<Point>)],
) -> Svg {
    let mut plot = Plot::new(title)
        .square()
        .x(Axis::new(inputs.0).tight())
        .y(Axis::new(inputs.1).tight())
        .picture(
            shading(grid, |p| {
                let [r, g, b] = if p > 0.5 { Colour::Red.rgb() } else { Colour::Blue.rgb() };
                [r, g, b, (40.0 + 215.0 * (p - 0.5).abs().min(0.5)) as u8]
            }),
            grid.low(),
            grid.high(),
        );
    for line in contours(grid, 0.5) {
        plot = plot.line("", line).colour(Colour::Ink).thin();
    }
    for (i, (name, points)) in points.iter().enumerate() {
        plot = plot.points(name, points.iter().copied()).colour(Colour::series(i));
    }
    plot.svg()
}

/// A loss over two parameters as a bowl seen from above, with the path of a descent from its start to its end.
pub fn bowl(title: &str, parameters: (&str, &str), grid: &Grid, path: &[Point]) -> Svg {
    let (low, high) = grid.range().unwrap_or((0.0, 1.0));
    let span = (high - low).max(f64::MIN_POSITIVE);
    let mut plot = Plot::new(title)
        .square()
        .x(Axis::new(parameters.0).tight())
        .y(Axis::new(parameters.1).tight())
        .picture(
            shading(grid, |v| {
                let [r, g, b] = Colour::Blue.rgb();
                [r, g, b, (170.0 * ((v - low) / span).sqrt()) as u8]
            }),
            grid.low(),
            grid.high(),
        );
    // Curves close together where it is steep: even in the root of the height.
    for i in 1..10 {
        let share = f64::from(i) / 10.0;
        for line in contours(grid, low + span * share * share) {
            plot = plot.line("", line).colour(Colour::Sky).thin();
        }
    }
    plot = plot.line("descent", path.iter().copied()).colour(Colour::Red);
    plot = plot.points("descent", path.iter().copied()).colour(Colour::Red);
    if let (Some(&first), Some(&last)) = (path.first(), path.last()) {
        plot = plot.label("start", first).label("end", last);
    }
    plot.svg()
}

/// The grid as pixels, the top row first.
fn shading(grid: &Grid, colour: impl Fn(f64) -> [u8; 4]) -> Raster {
    let (columns, rows) = grid.size();
    Raster::from_fn(columns, rows, |x, y| {
        let value = grid.at(x, rows - 1 - y);
        if value.is_finite() { colour(value) } else { [0; 4] }
    })
}

/// The logistic curve and where a sum falls on it.
pub fn logistic_gauge(title: &str, z: f64) -> Svg {
    let far = if z.is_finite() { (z.abs() * 1.2).clamp(6.0, 1e6) } else { 6.0 };
    let curve =
        (0..=160).map(|i| (f64::from(i) / 80.0 - 1.0) * far).map(|z| (z, math::logistic(z)));
    let plot = Plot::new(title)
        .x(Axis::new("y = Σ w·x + b").range(-far, far))
        .y(Axis::new("probability").percent().range(-0.02, 1.02))
        .level("", 0.5)
        .line("1 / (1 + e⁻ʸ)", curve);
    if !z.is_finite() {
        return plot.svg();
    }
    let p = math::logistic(z);
    plot.dashed("", [(z, 0.0), (z, p), (-far, p)])
        .colour(Colour::Red)
        .points("", [(z, p)])
        .colour(Colour::Red)
        .label(format!("y = {} gives {}", short(z), percent(p)), (z, p))
        .colour(Colour::Red)
        .svg()
}
