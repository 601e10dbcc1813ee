//! Plots over two axes: what can be drawn, in the order it is drawn. How: `draw` and `mark`; axes: `axis`; further
//! plots made of these marks: `kinds`; curves from grids: `contour`.

mod axis;
mod contour;
mod draw;
mod kinds;
mod mark;

pub use axis::Axis;
pub use contour::{Grid, contours};
pub use kinds::{
    bowl, histogram, learning_curve, logistic_gauge, precision_recall, predicted_and_true,
    reliability, residuals, roc, surface,
};

pub(crate) use axis::Scale;

use crate::{Colour, Raster};

/// A point, or an interval on the horizontal axis.
pub type Point = (f64, f64);

/// What a mark is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Line {
        points: Vec<Point>,
        dashed: bool,
    },
    Points(Vec<Point>),
    /// `(x, low, high)`.
    Errors(Vec<(f64, f64, f64)>),
    /// `(x, low, high)`.
    Band(Vec<(f64, f64, f64)>),
    /// Bars side by side: `(left, right, height)`.
    Bins(Vec<(f64, f64, f64)>),
    /// Between two corners `(left, bottom)` and `(right, top)`; drawn below everything else.
    Picture {
        picture: Raster,
        low: Point,
        high: Point,
    },
    /// At a value of the horizontal or vertical axis, across the plot.
    Rule {
        at: f64,
        vertical: bool,
    },
    /// Words at a point.
    Label {
        at: Point,
        words: String,
    },
}

/// Something drawn into a plot.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub kind: Kind,
    pub name: String,
    pub colour: Colour,
    pub thin: bool,
}

/// A plot over two axes. Values that are not finite are left out; a plot without any says so.
///
/// ```
/// use mlp_report::{Axis, Colour, Plot};
///
/// let points = [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)];
/// let svg = Plot::new("A line through three points")
///     .x(Axis::new("x"))
///     .y(Axis::new("y"))
///     .points("data", points)
///     .line("fit", [(0.0, 1.0), (2.0, 5.0)])
///     .colour(Colour::Red)
///     .svg();
/// assert!(svg.file().starts_with("<svg"));
/// ```
#[derive(Clone, Debug)]
pub struct Plot {
    title: String,
    x: Axis,
    y: Axis,
    marks: Vec<Mark>,
    width: f64,
    height: f64,
    square: bool,
}

impl Plot {
    /// An empty plot. The title is its alternative text, and its heading where it stands alone.
    pub fn new(title: impl Into<String>) -> Plot {
        Plot {
            title: title.into(),
            x: Axis::default(),
            y: Axis::default(),
            marks: Vec::new(),
            width: 420.0,
            height: 280.0,
            square: false,
        }
    }

    /// The horizontal axis.
    pub fn x(mut self, axis: Axis) -> Plot {
        self.x = axis;
        self
    }

    /// The vertical axis.
    pub fn y(mut self, axis: Axis) -> Plot {
        self.y = axis;
        self
    }

    /// A picture of another size than 420 × 280; text stays as large, so this is also how wide it becomes. At least
    /// 200 × 140.
    pub fn size(mut self, width: f64, height: f64) -> Plot {
        (self.width, self.height) = (width.max(200.0), height.max(140.0));
        self
    }

    /// Both axes as long, as for shares against shares.
    pub fn square(mut self) -> Plot {
        (self.square, self.width) = (true, 340.0);
        self
    }

    /// A line through points.
    pub fn line(self, name: impl Into<String>, points: impl IntoIterator<Item = Point>) -> Plot {
        self.mark(name, Kind::Line { points: points.into_iter().collect(), dashed: false })
    }

    /// A dashed line through points.
    pub fn dashed(self, name: impl Into<String>, points: impl IntoIterator<Item = Point>) -> Plot {
        self.mark(name, Kind::Line { points: points.into_iter().collect(), dashed: true })
    }

    /// Dots.
    pub fn points(self, name: impl Into<String>, points: impl IntoIterator<Item = Point>) -> Plot {
        self.mark(name, Kind::Points(points.into_iter().collect()))
    }

    /// Error bars, each `(x, low, high)`.
    pub fn errors(
        self,
        name: impl Into<String>,
        bars: impl IntoIterator<Item = (f64, f64, f64)>,
    ) -> Plot {
        self.mark(name, Kind::Errors(bars.into_iter().collect()))
    }

    /// The area between two curves, each point `(x, low, high)`.
    pub fn band(
        self,
        name: impl Into<String>,
        bars: impl IntoIterator<Item = (f64, f64, f64)>,
    ) -> Plot {
        self.mark(name, Kind::Band(bars.into_iter().collect()))
    }

    /// Upright bars side by side, each `(left, right, height)`.
    pub fn bins(
        self,
        name: impl Into<String>,
        bars: impl IntoIterator<Item = (f64, f64, f64)>,
    ) -> Plot {
        self.mark(name, Kind::Bins(bars.into_iter().collect()))
    }

    /// A picture below everything else, between two corners `(left, bottom)` and `(right, top)`.
    pub fn picture(self, picture: Raster, low: Point, high: Point) -> Plot {
        self.mark("", Kind::Picture { picture, low, high })
    }

    /// A dashed line from side to side at a height, in grey.
    pub fn level(self, name: impl Into<String>, y: f64) -> Plot {
        self.mark(name, Kind::Rule { at: y, vertical: false }).colour(Colour::Grey)
    }

    /// A dashed upright line, in grey.
    pub fn upright(self, name: impl Into<String>, x: f64) -> Plot {
        self.mark(name, Kind::Rule { at: x, vertical: true }).colour(Colour::Grey)
    }

    /// Words beside a point.
    pub fn label(self, words: impl Into<String>, at: Point) -> Plot {
        self.mark("", Kind::Label { at, words: words.into() }).colour(Colour::Ink)
    }

    /// The colour of what was added last; by default series take theirs in order.
    pub fn colour(mut self, colour: Colour) -> Plot {
        if let Some(mark) = self.marks.last_mut() {
            mark.colour = colour;
        }
        self
    }

    /// The line that was added last is thin.
    pub fn thin(mut self) -> Plot {
        if let Some(mark) = self.marks.last_mut() {
            mark.thin = true;
        }
        self
    }

    fn mark(mut self, name: impl Into<String>, kind: Kind) -> Plot {
        let name = name.into();
        let before = self.marks.iter().find(|mark| !name.is_empty() && mark.name == name);
        // What has the name of something before belongs to it; else the next colour of those given out in order.
        let first = |(i, mark): &(usize, &Mark)| {
            mark.takes_colour()
                && (mark.name.is_empty() || !self.marks[..*i].iter().any(|m| m.name == mark.name))
        };
        let taken = self.marks.iter().enumerate().filter(first).count();
        let colour = before.map_or(Colour::series(taken), |mark| mark.colour);
        self.marks.push(Mark { kind, name, colour, thin: false });
        self
    }
}

impl Mark {
    fn takes_colour(&self) -> bool {
        !matches!(self.kind, Kind::Picture { .. } | Kind::Rule { .. } | Kind::Label { .. })
    }
}
