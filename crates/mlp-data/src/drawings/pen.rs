//! A pen on a picture: smooth closed shapes and lines, placed, mirrored, drawn by a hand that is not quite steady. All
//! curves are made of quadratic ones, whose rasterising takes no function but the square root: the same pixels on
//! every host. What is drawn: [`super::head`], [`super::body`], [`super::backdrop`].

use super::dice::Dice;
use mlp_tensor::math;
use tiny_skia::{
    FillRule, LineCap, LineJoin, Mask, Paint, Path, PathBuilder, Pixmap, Stroke, Transform,
};

/// Red, green, blue.
pub(super) type Rgb = [u8; 3];
/// A place in the drawing's own units, y down.
pub(super) type Point = (f32, f32);

/// Where a drawing's units lie in the picture: turned, scaled, perhaps mirrored, moved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    x: [f32; 3],
    y: [f32; 3],
    /// Pixels a unit.
    pub scale: f32,
}

impl Place {
    /// Pixels as they are.
    pub const PIXELS: Place = Place { x: [1.0, 0.0, 0.0], y: [0.0, 1.0, 0.0], scale: 1.0 };

    /// The origin goes to `(x, y)`, a unit takes `scale` pixels, turned clockwise by `turn` half
    /// turns.
    pub fn new((x, y): Point, scale: f32, turn: f32, mirrored: bool) -> Place {
        let (s, c) = half_turns(turn);
        let flip = if mirrored { -1.0 } else { 1.0 };
        Place { x: [flip * scale * c, -flip * scale * s, x], y: [scale * s, scale * c, y], scale }
    }

    /// A place in the drawing as pixels.
    pub fn at(&self, (x, y): Point) -> Point {
        let [a, b, c] = self.x;
        let [d, e, f] = self.y;
        (a * x + b * y + c, d * x + e * y + f)
    }

    /// This place with its origin at `origin`, turned by `turn` half turns.
    pub fn moved(&self, origin: Point, size: f32, turn: f32) -> Place {
        let (s, c) = half_turns(turn);
        let row =
            |[a, b, _]: [f32; 3], at: f32| [size * (a * c + b * s), size * (b * c - a * s), at];
        let (x, y) = self.at(origin);
        Place { x: row(self.x, x), y: row(self.y, y), scale: self.scale * size }
    }
}

/// Sine and cosine of so many half turns.
pub(super) fn half_turns(turn: f32) -> (f32, f32) {
    (math::sin_pi(f64::from(turn)) as f32, math::cos_pi(f64::from(turn)) as f32)
}

/// A mixture of two colours.
pub(super) fn mix(a: Rgb, b: Rgb, share: f32) -> Rgb {
    std::array::from_fn(|c| {
        let (a, b) = (f32::from(a[c]), f32::from(b[c]));
        (a + (b - a) * share + 0.5) as u8
    })
}

/// Brightness, 0 to 1 (ITU-R BT.601).
pub(super) fn brightness([r, g, b]: Rgb) -> f32 {
    (0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b)) / 255.0
}

/// The picture and the pen over it.
pub(super) struct Pen {
    pub picture: Pixmap,
    pub place: Place,
    /// Of outlines, in pixels.
    pub width: f32,
    /// Colour of outlines.
    pub ink: Rgb,
    /// How far the hand strays, in pixels.
    pub wobble: f32,
    hand: Dice,
    clip: Option<Mask>,
}

impl Pen {
    pub fn new(picture: Pixmap, width: f32, ink: Rgb, wobble: f32, hand: Dice) -> Pen {
        Pen { picture, place: Place::PIXELS, width, ink, wobble, hand, clip: None }
    }

    /// A closed shape within these control points, filled and outlined. Its corners are round; a
    /// point given twice is a sharp one.
    pub fn shape(&mut self, points: &[Point], fill: Rgb) {
        if let Some(path) = self.closed(points) {
            self.fill(&path, fill);
            self.outline(&path);
        }
    }

    /// Such a shape without an outline.
    pub fn patch(&mut self, points: &[Point], fill: Rgb) {
        if let Some(path) = self.closed(points) {
            self.fill(&path, fill);
        }
    }

    /// A shape as [`Pen::shape`], over which `inside` draws what ends at its border.
    pub fn filled(&mut self, points: &[Point], fill: Rgb, inside: impl FnOnce(&mut Pen)) {
        let Some(path) = self.closed(points) else { return };
        self.fill(&path, fill);
        let mask = Mask::new(self.picture.width(), self.picture.height());
        self.clip = mask.map(|mut mask| {
            mask.fill_path(&path, FillRule::Winding, true, Transform::identity());
            mask
        });
        inside(self);
        self.clip = None;
        self.outline(&path);
    }

    /// A line along these control points, `width` units wide.
    pub fn line(&mut self, points: &[Point], width: f32, colour: Rgb) {
        let width = width * self.place.scale;
        if let Some(path) = self.open(points) {
            self.stroke(&path, width, colour);
        }
    }

    /// A line of the outline's width.
    pub fn thin(&mut self, points: &[Point], colour: Rgb) {
        if let Some(path) = self.open(points) {
            self.stroke(&path, self.width, colour);
        }
    }

    /// A wide line with an outline: a limb or a tail.
    pub fn limb(&mut self, points: &[Point], width: f32, fill: Rgb) {
        let width = width * self.place.scale;
        if let Some(path) = self.open(points) {
            self.stroke(&path, width + 2.0 * self.width, self.ink);
            self.stroke(&path, width, fill);
        }
    }

    fn fill(&mut self, path: &Path, colour: Rgb) {
        let clip = self.clip.as_ref();
        let paint = paint(colour);
        self.picture.fill_path(path, &paint, FillRule::Winding, Transform::identity(), clip);
    }

    fn outline(&mut self, path: &Path) {
        if self.width > 0.0 {
            self.stroke(path, self.width, self.ink);
        }
    }

    fn stroke(&mut self, path: &Path, width: f32, colour: Rgb) {
        let stroke = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        let clip = self.clip.as_ref();
        let paint = paint(colour);
        self.picture.stroke_path(path, &paint, &stroke, Transform::identity(), clip);
    }

    /// Control points in pixels, where the hand puts them.
    fn put(&mut self, points: &[Point]) -> Vec<Point> {
        let mut put = Vec::with_capacity(points.len());
        for (i, point) in points.iter().enumerate() {
            if i > 0 && *point == points[i - 1] {
                put.extend(put.last().copied());
                continue;
            }
            let (x, y) = self.place.at(*point);
            let w = self.wobble;
            put.push((x + self.hand.between(-w, w), y + self.hand.between(-w, w)));
        }
        put
    }

    fn closed(&mut self, points: &[Point]) -> Option<Path> {
        let points = self.put(points);
        let mut path = PathBuilder::new();
        let (first, last) = (*points.first()?, *points.last()?);
        let start = middle(last, first);
        path.move_to(start.0, start.1);
        for (i, point) in points.iter().enumerate() {
            let next = *points.get(i + 1).unwrap_or(&first);
            let to = middle(*point, next);
            path.quad_to(point.0, point.1, to.0, to.1);
        }
        path.close();
        path.finish()
    }

    fn open(&mut self, points: &[Point]) -> Option<Path> {
        let points = self.put(points);
        let mut path = PathBuilder::new();
        let (first, last) = (*points.first()?, *points.last()?);
        path.move_to(first.0, first.1);
        for pair in points.get(1..).unwrap_or_default().windows(2) {
            let to = middle(pair[0], pair[1]);
            path.quad_to(pair[0].0, pair[0].1, to.0, to.1);
        }
        path.line_to(last.0, last.1);
        path.finish()
    }
}

fn middle(a: Point, b: Point) -> Point {
    (0.5 * (a.0 + b.0), 0.5 * (a.1 + b.1))
}

fn paint([r, g, b]: Rgb) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(r, g, b, 255);
    paint
}

/// Control points of an ellipse around `centre`.
pub(super) fn ellipse((x, y): Point, across: f32, down: f32) -> Vec<Point> {
    const POINTS: usize = 10;
    // The curve runs within its control points.
    const OUT: f32 = 1.034;
    let at = |i: usize| {
        let (s, c) = half_turns(2.0 * i as f32 / POINTS as f32);
        (x + OUT * across * c, y + OUT * down * s)
    };
    (0..POINTS).map(at).collect()
}

/// Points given for the right side (`x > 0`), from the top down, and mirrored for the left.
pub(super) fn both_sides(right: &[Point]) -> Vec<Point> {
    let left = right.iter().rev().filter(|p| p.0 > 0.0).map(|p| (-p.0, p.1));
    right.iter().copied().chain(left).collect()
}
