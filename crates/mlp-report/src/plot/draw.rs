//! A plot onto a canvas: room for labels, grid, legend. The marks themselves: `mark`.

use super::{Kind, Mark, Plot, Point, Scale};
use crate::svg::{Canvas, Svg};
use crate::text;

/// From the picture's edge to anything.
pub(super) const EDGE: f64 = 10.0;
/// A line of text.
const LINE: f64 = 18.0;
/// Size of the text at ticks.
const TICK: f64 = 12.0;
/// Size of other text.
pub(super) const TEXT: f64 = 13.0;

/// Where things are.
pub(super) struct Layout {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    height: f64,
    /// Ticks wanted on the vertical axis.
    upwards: usize,
}

impl Plot {
    /// Draws it.
    pub fn svg(&self) -> Svg {
        let mut canvas = Canvas::new();
        let (legend, legend_height) = self.legend_places();
        let (layout, x, y) = self.layout(legend_height);
        self.axes(&mut canvas, &layout, &x, &y);
        let below = |mark: &&Mark| {
            matches!(mark.kind, Kind::Picture { .. } | Kind::Bins(_) | Kind::Band(_))
        };
        // What lies outside of the plot is not drawn; a dot on the edge is.
        let (wide, high) = (layout.right - layout.left, layout.bottom - layout.top);
        canvas.open_window((layout.left - 4.0, layout.top - 4.0, wide + 8.0, high + 8.0));
        for mark in self.marks.iter().filter(below).chain(self.marks.iter().filter(|m| !below(m))) {
            mark.draw(&mut canvas, &layout, &x, &y);
        }
        canvas.close_window();
        // Words may stand across the edge of the plot.
        for mark in &self.marks {
            mark.words(&mut canvas, &layout, &x, &y);
        }
        canvas.line("axis", (layout.left, layout.bottom), (layout.right, layout.bottom));
        for (mark, at) in self.named().zip(legend) {
            mark.swatch(&mut canvas, at, self.width);
        }
        if !self.has_data() {
            let middle = ((layout.left + layout.right) / 2.0, (layout.top + layout.bottom) / 2.0);
            canvas.text("soft m", middle, "no values to draw");
        }
        canvas.finish(&self.title, self.width, layout.height)
    }

    /// Marks that the legend names, each name once.
    fn named(&self) -> impl Iterator<Item = &Mark> {
        let first =
            |(i, mark): &(usize, &Mark)| !self.marks[..*i].iter().any(|m| m.name == mark.name);
        let marks = self.marks.iter().enumerate().filter(|(_, mark)| !mark.name.is_empty());
        marks.filter(first).map(|(_, mark)| mark)
    }

    fn has_data(&self) -> bool {
        self.marks.iter().any(|mark| match &mark.kind {
            Kind::Rule { .. } | Kind::Label { .. } => false,
            Kind::Picture { .. } => true,
            _ => mark.points().iter().any(|(x, y)| x.is_finite() && y.is_finite()),
        })
    }

    /// Where the legend's entries stand, and the height of all.
    fn legend_places(&self) -> (Vec<Point>, f64) {
        let (mut places, mut x, mut y) = (Vec::new(), EDGE, 14.0);
        for mark in self.named() {
            let wide = 24.0 + text::width(&mark.legend_name(self.width), TEXT) + 14.0;
            if x > EDGE && x + wide - 14.0 > self.width - EDGE {
                (x, y) = (EDGE, y + LINE);
            }
            places.push((x, y));
            x += wide;
        }
        let height = if places.is_empty() { 0.0 } else { y + 10.0 };
        (places, height)
    }

    fn layout(&self, legend: f64) -> (Layout, Scale, Scale) {
        let points = || self.marks.iter().flat_map(Mark::points);
        let top = legend + if self.y.label.is_empty() { 12.0 } else { 29.0 };
        let below = if self.x.label.is_empty() { 26.0 } else { 44.0 };
        let y = self.y.scale(points().map(|p| p.1), 1.0, 0.0);
        // About as high as it will be: the left edge depends on the labels, the height of a square on the left edge.
        let high = match self.square {
            true => self.width - 70.0,
            false => self.height.max(top + 100.0) - below - top,
        };
        let wanted = (high / 42.0).clamp(2.0, 8.0) as usize;
        let labels = y.moved(self.height, 0.0).ticks(wanted);
        let widest = labels.iter().map(|t| text::width(&t.label, TICK)).fold(0.0, f64::max);
        let left = (EDGE + widest + 6.0).clamp(28.0, self.width / 2.0);
        let right = self.width - 18.0;
        let bottom = match self.square {
            true => top + right - left,
            false => self.height.max(top + 100.0) - below,
        };
        let x = self.x.scale(points().map(|p| p.0), left, right);
        let y = y.moved(bottom, top);
        (Layout { left, right, top, bottom, height: bottom + below, upwards: wanted }, x, y)
    }

    fn axes(&self, canvas: &mut Canvas, l: &Layout, x: &Scale, y: &Scale) {
        for tick in y.ticks(l.upwards) {
            canvas.line("grid", (l.left, tick.at), (l.right, tick.at));
            canvas.text("k e", (l.left - 6.0, tick.at + 4.0), &tick.label);
        }
        let room = |ticks: &[super::axis::Tick]| {
            ticks.windows(2).all(|pair| {
                let widths = text::width(&pair[0].label, TICK) + text::width(&pair[1].label, TICK);
                pair[1].at - pair[0].at > widths / 2.0 + 8.0
            })
        };
        let tries = (1..=((l.right - l.left) / 50.0).clamp(2.0, 10.0) as usize).rev();
        let ticks =
            tries.map(|wanted| x.ticks(wanted)).find(|ticks| room(ticks)).unwrap_or_default();
        for tick in ticks {
            canvas.line("grid", (tick.at, l.top), (tick.at, l.bottom));
            canvas.line("axis", (tick.at, l.bottom), (tick.at, l.bottom + 4.0));
            let half = text::width(&tick.label, TICK) / 2.0;
            let at = tick.at.min(self.width - 2.0 - half);
            canvas.text("k m", (at, l.bottom + 17.0), &tick.label);
        }
        if !self.x.label.is_empty() {
            let words = text::fit(&self.x.label, TEXT, self.width - 2.0 * EDGE);
            // In the middle of the axis, unless that would cut it.
            let half = text::width(&words, TEXT) / 2.0;
            let most = (self.width - EDGE - half).max(EDGE + half);
            let middle = ((l.left + l.right) / 2.0).clamp(EDGE + half, most);
            canvas.text("m", (middle, l.bottom + 36.0), &words);
        }
        if !self.y.label.is_empty() {
            let words = text::fit(&self.y.label, TEXT, self.width - 2.0 * EDGE);
            canvas.text("", (EDGE, l.top - 14.0), &words);
        }
    }
}
