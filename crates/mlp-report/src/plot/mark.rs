//! One mark of a plot onto a canvas, and its entry of the legend.

use super::draw::{EDGE, Layout, TEXT};
use super::{Kind, Mark, Point, Scale};
use crate::svg::{Canvas, length};
use crate::{Colour, text};
use std::fmt::Write;

/// A curve of more points is thinned to what can be seen.
const MANY: usize = 1_000;

impl Mark {
    /// Everything that must be in the range of the axes.
    pub(super) fn points(&self) -> Vec<Point> {
        match &self.kind {
            Kind::Line { points, .. } | Kind::Points(points) => points.clone(),
            Kind::Errors(bars) | Kind::Band(bars) => {
                bars.iter().flat_map(|&(x, low, high)| [(x, low), (x, high)]).collect()
            }
            Kind::Bins(bars) => bars
                .iter()
                .flat_map(|&(left, right, height)| [(left, height), (right, 0.0)])
                .collect(),
            Kind::Picture { low, high, .. } => vec![*low, *high],
            Kind::Rule { at, vertical: false } => vec![(f64::NAN, *at)],
            Kind::Rule { at, vertical: true } => vec![(*at, f64::NAN)],
            Kind::Label { at, .. } => vec![*at],
        }
    }

    pub(super) fn legend_name(&self, width: f64) -> String {
        text::fit(&self.name, TEXT, width - 2.0 * EDGE - 24.0)
    }

    pub(super) fn swatch(&self, canvas: &mut Canvas, (x, y): Point, width: f64) {
        let colour = self.colour.name();
        let middle = y - 4.5;
        match &self.kind {
            Kind::Points(_) => canvas.circle(&format!("f-{colour}"), (x + 9.0, middle), 4.0, ""),
            Kind::Bins(_) | Kind::Band(_) => {
                canvas.rect(
                    &format!("f-{colour}"),
                    (x, middle - 5.0, 18.0, 10.0),
                    " opacity=\"0.5\"",
                );
            }
            Kind::Errors(_) => {
                canvas.line(&format!("line s-{colour}"), (x + 9.0, y - 10.0), (x + 9.0, y + 1.0))
            }
            Kind::Rule { .. } | Kind::Line { dashed: true, .. } => {
                canvas.line(&format!("line dash s-{colour}"), (x, middle), (x + 18.0, middle));
            }
            _ => canvas.line(&format!("line s-{colour}"), (x, middle), (x + 18.0, middle)),
        }
        canvas.text("", (x + 24.0, y), &self.legend_name(width));
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, l: &Layout, x: &Scale, y: &Scale) {
        let colour = self.colour.name();
        let place = |(px, py): Point| Some((x.at(px)?, y.at(py)?));
        match &self.kind {
            Kind::Line { points, dashed } => {
                let points: Vec<Option<Point>> = points.iter().map(|&p| place(p)).collect();
                self.line(canvas, &points, *dashed);
            }
            Kind::Points(points) => {
                dots(canvas, self.colour, points.iter().filter_map(|&p| place(p)).collect())
            }
            Kind::Errors(bars) => self.errors(canvas, bars, x, y),
            Kind::Band(bars) => {
                let both = |b: &(f64, f64, f64)| Some((x.at(b.0)?, y.at(b.1)?, y.at(b.2)?));
                let bars: Vec<(f64, f64, f64)> = bars.iter().filter_map(both).collect();
                let there = bars.iter().map(|b| (b.0, b.2));
                let all: Vec<Point> = there.chain(bars.iter().rev().map(|b| (b.0, b.1))).collect();
                canvas.path(&format!("f-{colour}"), &polyline(&all), " opacity=\"0.18\"");
            }
            Kind::Bins(bars) => self.bins(canvas, bars, x, y),
            Kind::Picture { picture, low, high } => {
                if let (Some((left, bottom)), Some((right, top))) = (place(*low), place(*high)) {
                    canvas.image("smooth", (left, top, right - left, bottom - top), picture);
                }
            }
            Kind::Rule { at, vertical } => {
                let ends = match vertical {
                    true => x.at(*at).map(|at| ((at, l.top), (at, l.bottom))),
                    false => y.at(*at).map(|at| ((l.left, at), (l.right, at))),
                };
                if let Some((from, to)) = ends {
                    canvas.line(&format!("line thin dash s-{colour}"), from, to);
                }
            }
            Kind::Label { .. } => {}
        }
    }

    /// A line with a gap where a value is lacking; a point between two gaps is a dot.
    fn line(&self, canvas: &mut Canvas, points: &[Option<Point>], dashed: bool) {
        let colour = self.colour.name();
        let thin = if self.thin { " thin" } else { "" };
        let class = format!("line{thin} s-{colour}{}", if dashed { " dash" } else { "" });
        for run in points.split(Option::is_none) {
            let run: Vec<Point> = run.iter().flatten().copied().collect();
            match run[..] {
                [] => {}
                [alone] => canvas.circle(&format!("f-{colour}"), alone, 3.0, ""),
                _ => canvas.path(&class, &polyline(&thinned(run)), ""),
            }
        }
    }

    fn errors(&self, canvas: &mut Canvas, bars: &[(f64, f64, f64)], x: &Scale, y: &Scale) {
        let class = format!("line thin s-{}", self.colour.name());
        let place = |b: &(f64, f64, f64)| Some((x.at(b.0)?, y.inside(b.1)?, y.inside(b.2)?));
        for (at, low, high) in bars.iter().filter_map(place) {
            let left = length(at - 4.0);
            let (at, low, high) = (length(at), length(low), length(high));
            let d = format!("M{at} {low}V{high}M{left} {low}h8M{left} {high}h8");
            canvas.path(&class, &d, "");
        }
    }

    pub(super) fn words(&self, canvas: &mut Canvas, l: &Layout, x: &Scale, y: &Scale) {
        let Kind::Label { at, words } = &self.kind else { return };
        let (Some(at), Some(high)) = (x.inside(at.0), y.inside(at.1)) else { return };
        let wide = text::width(words, TEXT);
        let (class, at) = if at + 8.0 + wide > l.right { ("e ", at - 8.0) } else { ("", at + 8.0) };
        let height = (high - 7.0).clamp(l.top + 10.0, l.bottom - 6.0);
        canvas.text(&format!("{class}halo f-{}", self.colour.name()), (at, height), words);
    }

    fn bins(&self, canvas: &mut Canvas, bars: &[(f64, f64, f64)], x: &Scale, y: &Scale) {
        let Some(ground) = y.inside(0.0).or_else(|| y.inside(f64::MIN_POSITIVE)) else { return };
        let (mut area, mut edge) = (String::new(), String::new());
        for &(left, right, height) in bars {
            let (Some(left), Some(right), Some(top)) = (x.at(left), x.at(right), y.at(height))
            else {
                continue;
            };
            if height == 0.0 {
                continue;
            }
            let (left, right) = (left + 0.5, right - 0.5);
            let (top, ground, width) = (length(top), length(ground), length(right - left));
            let _ = write!(area, "M{} {ground}V{top}h{width}V{ground}z", length(left));
            let _ = write!(edge, "M{} {top}h{width}", length(left));
        }
        let colour = self.colour.name();
        canvas.path(&format!("f-{colour}"), &area, " opacity=\"0.35\"");
        canvas.path(&format!("line s-{colour}"), &edge, "");
    }
}

fn polyline(points: &[Point]) -> String {
    let mut d = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let _ = write!(d, "{}{} {}", if i == 0 { "M" } else { "L" }, length(*x), length(*y));
    }
    d
}

/// Dots; many of them are smaller, fainter and one path.
fn dots(canvas: &mut Canvas, colour: Colour, points: Vec<Point>) {
    let colour = colour.name();
    if points.len() <= 60 {
        for at in points {
            canvas.circle(&format!("f-{colour} halo"), at, 3.6, " style=\"stroke-width:1\"");
        }
        return;
    }
    let (wide, opacity) = if points.len() <= 600 { ("5", "0.75") } else { ("3.6", "0.5") };
    let mut d = String::new();
    for (x, y) in points {
        // Not of length zero, which some readers leave out.
        let _ = write!(d, "M{} {}h.01", length(x), length(y));
    }
    let more = format!(" stroke-width=\"{wide}\" stroke-opacity=\"{opacity}\"");
    canvas.path(&format!("dots s-{colour}"), &d, &more);
}

/// Of a long curve that runs to the right: first, last, lowest and highest point of every half unit, which looks the
/// same.
fn thinned(points: Vec<Point>) -> Vec<Point> {
    if points.len() <= MANY || points.windows(2).any(|pair| pair[1].0 < pair[0].0) {
        return points;
    }
    let column = |p: &Point| (p.0 * 2.0).floor();
    let mut kept = Vec::new();
    for run in points.chunk_by(|a, b| column(a) == column(b)) {
        let by_height = |a: &&Point, b: &&Point| a.1.total_cmp(&b.1);
        let mut chosen = vec![run[0]];
        chosen.extend(run.iter().min_by(by_height));
        chosen.extend(run.iter().max_by(by_height));
        chosen.push(run[run.len() - 1]);
        chosen.sort_by(|a, b| a.0.total_cmp(&b.0));
        chosen.dedup();
        kept.extend(chosen);
    }
    kept
}
