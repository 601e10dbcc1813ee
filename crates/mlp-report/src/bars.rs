//! Lying bars, one a row with its name at the left and its value at the end: importances, contributions, coefficients,
//! counts.

use crate::plot::{Axis, Scale};
use crate::svg::{Canvas, Svg};
use crate::{Colour, number, text};

/// Height of a row.
const ROW: f64 = 24.0;
/// Width of the picture.
const WIDTH: f64 = 420.0;
/// Widest names.
const NAMES: f64 = 150.0;
/// Most bars that are drawn.
const MOST: usize = 200;

/// A row.
#[derive(Clone, Debug)]
struct Bar {
    name: String,
    value: f64,
    /// Ends of its interval.
    ends: Option<(f64, f64)>,
    colour: Option<Colour>,
    words: Option<String>,
}

/// Bars from zero to the right, or to the left for negative values. At most 200 are drawn; the title says how many are
/// not.
///
/// ```
/// use mlp_report::Bars;
///
/// let svg = Bars::new("Coefficients").signed().bar("age", 1.5).bar("height", -0.5).error(0.2).svg();
/// assert!(svg.inline().contains("height"));
/// ```
#[derive(Clone, Debug)]
pub struct Bars {
    title: String,
    label: String,
    bars: Vec<Bar>,
    signed: bool,
    percent: bool,
}

impl Bars {
    /// None yet. The title is its alternative text, and its heading where it stands alone.
    pub fn new(title: impl Into<String>) -> Bars {
        Bars {
            title: title.into(),
            label: String::new(),
            bars: Vec::new(),
            signed: false,
            percent: false,
        }
    }

    /// What the values are.
    pub fn label(mut self, words: impl Into<String>) -> Bars {
        self.label = words.into();
        self
    }

    /// Negative values are red, positive ones blue.
    pub fn signed(mut self) -> Bars {
        self.signed = true;
        self
    }

    /// Values are shares, written as per cent.
    pub fn percent(mut self) -> Bars {
        self.percent = true;
        self
    }

    /// A bar below the others.
    pub fn bar(mut self, name: impl Into<String>, value: f64) -> Bars {
        let name = name.into();
        self.bars.push(Bar { name, value, ends: None, colour: None, words: None });
        self
    }

    /// An error bar on the last bar, so far to both sides.
    pub fn error(self, half: f64) -> Bars {
        let value = self.bars.last().map_or(0.0, |bar| bar.value);
        self.ends(value - half, value + half)
    }

    /// An error bar on the last bar, from end to end.
    pub fn ends(mut self, low: f64, high: f64) -> Bars {
        if let Some(bar) = self.bars.last_mut() {
            bar.ends = Some((low, high)).filter(|_| low.is_finite() && high.is_finite());
        }
        self
    }

    /// The colour of the last bar.
    pub fn colour(mut self, colour: Colour) -> Bars {
        if let Some(bar) = self.bars.last_mut() {
            bar.colour = Some(colour);
        }
        self
    }

    /// What is written at the end of the last bar, instead of its value.
    pub fn words(mut self, words: impl Into<String>) -> Bars {
        if let Some(bar) = self.bars.last_mut() {
            bar.words = Some(words.into());
        }
        self
    }

    /// Draws them.
    pub fn svg(&self) -> Svg {
        let mut canvas = Canvas::new();
        let shown = &self.bars[..self.bars.len().min(MOST)];
        let top = if self.label.is_empty() { 8.0 } else { 28.0 };
        let height = top + ROW * shown.len().max(1) as f64 + 8.0;
        let widest = |width: &dyn Fn(&Bar) -> f64| shown.iter().map(width).fold(0.0, f64::max);
        let names = widest(&|bar| text::width(&bar.name, 13.0)).min(NAMES);
        let words = widest(&|bar| text::width(&self.words_of(bar), 12.0));
        let left = 10.0 + names + 10.0;
        let values = shown.iter().flat_map(|bar| {
            let (low, high) = bar.ends.unwrap_or((bar.value, bar.value));
            [bar.value, low, high]
        });
        let any_left = shown.iter().any(|bar| bar.value < 0.0);
        let right = (WIDTH - 12.0 - words - 6.0).max(left + 40.0);
        let from = if any_left { left + words + 6.0 } else { left };
        let x = Axis::new("").zero().tight().scale(values, from.min(right - 30.0), right);
        let Some(zero) = x.inside(0.0) else { return canvas.finish(&self.title, WIDTH, height) };
        for (i, bar) in shown.iter().enumerate() {
            self.draw(&mut canvas, bar, top + ROW * i as f64, (left - 10.0, names, zero), &x);
        }
        canvas.line("axis", (zero, top - 2.0), (zero, height - 6.0));
        if !self.label.is_empty() {
            canvas.text("", (10.0, 16.0), &text::fit(&self.label, 13.0, WIDTH - 20.0));
        }
        if shown.is_empty() {
            canvas.text("soft m", (WIDTH / 2.0, top + 17.0), "no values to draw");
        }
        let title = match self.bars.len() - shown.len() {
            0 => self.title.clone(),
            more => format!("{} ({} more are not drawn)", self.title, number::grouped(more)),
        };
        canvas.finish(&title, WIDTH, height)
    }

    fn draw(
        &self,
        canvas: &mut Canvas,
        bar: &Bar,
        y: f64,
        (end, room, zero): (f64, f64, f64),
        x: &Scale,
    ) {
        let name = text::fit(&bar.name, 13.0, room + 2.0);
        let middle = y + ROW / 2.0;
        canvas.text("e", (end, middle + 4.5), &name);
        let at = x.inside(bar.value).unwrap_or(zero);
        let colour = bar.colour.unwrap_or(match self.signed && bar.value < 0.0 {
            true => Colour::Red,
            false => Colour::Blue,
        });
        let place = (at.min(zero), y + 4.0, (at - zero).abs(), ROW - 8.0);
        let hint = format!("{}: {}", bar.name, self.words_of(bar));
        canvas.rect_with_hint(&format!("f-{}", colour.name()), place, " opacity=\"0.85\"", &hint);
        let mut ends = (at, at);
        if let Some((low, high)) = bar.ends
            && let (Some(low), Some(high)) = (x.inside(low), x.inside(high))
        {
            canvas.line("line thin s-ink", (low, middle), (high, middle));
            canvas.line("line thin s-ink", (low, middle - 3.0), (low, middle + 3.0));
            canvas.line("line thin s-ink", (high, middle - 3.0), (high, middle + 3.0));
            ends = (low.min(at), high.max(at));
        }
        let (class, at) = match bar.value < 0.0 {
            true => ("k e", ends.0 - 6.0),
            false => ("k", ends.1.max(zero) + 6.0),
        };
        canvas.text(class, (at, middle + 4.0), &self.words_of(bar));
    }

    fn words_of(&self, bar: &Bar) -> String {
        match &bar.words {
            Some(words) => words.clone(),
            None if self.percent && bar.value.is_finite() => {
                number::sign(&number::percent(bar.value))
            }
            None => number::short(bar.value),
        }
    }
}
