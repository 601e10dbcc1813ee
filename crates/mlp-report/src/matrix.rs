//! Tables as colour: confusion matrices with counts and shares, correlations and other heat maps.

use crate::svg::{Canvas, Svg, share};
use crate::{Colour, Raster, number, text};

/// Most rows or columns whose cells are rectangles; above that the cells are pixels.
const MOST_CELLS: usize = 40;
/// Most pixels along a side.
const MOST_PIXELS: usize = 400;
/// Widest row labels.
const LABELS: f64 = 110.0;

/// What stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Counts,
    Shares,
    Values,
}

/// A heat map: rows by columns, darker where more.
#[derive(Clone, Debug)]
pub struct Matrix {
    title: String,
    rows: Vec<String>,
    columns: Vec<String>,
    /// Row by row.
    cells: Vec<f64>,
    /// For each row, what is as strong a colour as can be.
    full: Vec<f64>,
    axes: (String, String),
    shown: Shown,
}

impl Matrix {
    /// A confusion matrix, `counts[true][predicted]`. Colour is the share of its row; up to six classes have both
    /// count and share in their cells, more have counts.
    pub fn confusion(title: impl Into<String>, labels: &[String], counts: &[Vec<u64>]) -> Matrix {
        let cells = counts.iter().flatten().map(|&n| n as f64).collect();
        let full = counts.iter().map(|row| row.iter().sum::<u64>() as f64).collect();
        Matrix {
            title: title.into(),
            rows: labels.to_vec(),
            columns: labels.to_vec(),
            cells,
            full,
            axes: ("true".into(), "predicted".into()),
            shown: Shown::Counts,
        }
    }

    /// Any values, row by row, signed ones in two colours.
    pub fn values(
        title: impl Into<String>,
        rows: &[String],
        columns: &[String],
        cells: &[f64],
    ) -> Matrix {
        let finite = cells.iter().filter(|v| v.is_finite());
        let largest = finite.fold(0.0, |most: f64, v| most.max(v.abs()));
        Matrix {
            title: title.into(),
            rows: rows.to_vec(),
            columns: columns.to_vec(),
            cells: cells.to_vec(),
            full: vec![largest; rows.len()],
            axes: (String::new(), String::new()),
            shown: Shown::Values,
        }
    }

    /// Shares of the row in the cells, instead of counts.
    pub fn shares(mut self) -> Matrix {
        self.shown = Shown::Shares;
        self
    }

    /// What rows and columns are.
    pub fn axes(mut self, rows: impl Into<String>, columns: impl Into<String>) -> Matrix {
        self.axes = (rows.into(), columns.into());
        self
    }

    fn cell(&self, row: usize, column: usize) -> f64 {
        self.cells.get(row * self.columns.len() + column).copied().unwrap_or(f64::NAN)
    }

    /// How strong a cell's colour is, from −1 to 1.
    fn strength(&self, row: usize, column: usize) -> f64 {
        let value = self.cell(row, column);
        let all = self.full.get(row).copied().unwrap_or(0.0);
        if all > 0.0 && value.is_finite() { value / all } else { 0.0 }
    }

    /// Draws it.
    pub fn svg(&self) -> Svg {
        let most = self.rows.len().max(self.columns.len()).max(1);
        let side = match most {
            1..=3 => 78.0,
            4..=6 => 56.0,
            7..=12 => 32.0,
            13..=20 => 27.0,
            21..=MOST_CELLS => 15.0,
            _ => 600.0 / most as f64,
        };
        let size = if side >= 27.0 { 12.0 } else { 11.0 };
        let label = |names: &[String]| {
            names.iter().map(|n| text::width(n, size)).fold(0.0, f64::max).min(LABELS)
        };
        let left = 10.0 + label(&self.rows) + 8.0;
        // Column labels lie if they fit above their cells, else they stand.
        let lie = label(&self.columns) < side - 2.0;
        let above = if lie { 20.0 } else { label(&self.columns) + 12.0 };
        let top = if self.axes.0.is_empty() && self.axes.1.is_empty() {
            above + 6.0
        } else {
            above + 22.0
        };
        let (wide, high) = (side * self.columns.len() as f64, side * self.rows.len() as f64);
        let width = (left + wide + 12.0).max(220.0);
        let mut canvas = Canvas::new();
        if self.rows.is_empty() || self.columns.is_empty() {
            canvas.text("soft m", (width / 2.0, top), "no values to draw");
            return canvas.finish(&self.title, width, top + 20.0);
        }
        if most > MOST_CELLS {
            canvas.image("", (left, top, wide, high), &self.pixels());
        } else {
            self.draw_cells(&mut canvas, (left, top), side);
        }
        self.labels(&mut canvas, (left, top), side, size, lie);
        let words = match (self.axes.0.is_empty(), self.axes.1.is_empty()) {
            (false, false) => format!("{} ↓   {} →", self.axes.0, self.axes.1),
            (false, true) => format!("{} ↓", self.axes.0),
            (true, false) => format!("{} →", self.axes.1),
            (true, true) => String::new(),
        };
        if !words.is_empty() {
            canvas.text("soft", (10.0, 15.0), &words);
        }
        canvas.finish(&self.title, width, top + high + 10.0)
    }

    fn draw_cells(&self, canvas: &mut Canvas, (left, top): (f64, f64), side: f64) {
        let columns = self.columns.len();
        for (row, column) in (0..self.rows.len()).flat_map(|r| (0..columns).map(move |c| (r, c))) {
            let (x, y) = (left + side * column as f64, top + side * row as f64);
            let (value, strength) = (self.cell(row, column), self.strength(row, column));
            let place = (x + 0.5, y + 0.5, side - 1.0, side - 1.0);
            canvas.rect("panel", place, "");
            let colour = if strength < 0.0 { "f-red" } else { "f-blue" };
            if value != 0.0 && value.is_finite() {
                // Even a single count shows.
                let opacity = share(0.06 + 0.94 * strength.abs());
                let hint = self.hint(row, column);
                canvas.rect_with_hint(colour, place, &format!(" opacity=\"{opacity}\""), &hint);
            }
            if side >= 27.0 {
                self.cell_words(canvas, (x + side / 2.0, y + side / 2.0), side, (row, column));
            }
        }
    }

    fn cell_words(
        &self,
        canvas: &mut Canvas,
        (x, y): (f64, f64),
        side: f64,
        (row, column): (usize, usize),
    ) {
        let (value, strength) = (self.cell(row, column), self.strength(row, column));
        let ink = if strength.abs() > 0.5 { " on" } else { "" };
        let faint = if value == 0.0 { " soft" } else { ink };
        let words = match self.shown {
            Shown::Counts => number::grouped(value.max(0.0) as u64),
            Shown::Shares if value == 0.0 => "0".into(),
            Shown::Shares => format!("{:.*}", usize::from(strength < 0.095), strength * 100.0),
            Shown::Values => number::short(value),
        };
        let class = |wide: f64| match wide {
            w if w <= side - 4.0 && side > 50.0 => format!("m{faint}"),
            _ if text::width(&words, 11.0) <= side - 2.0 => format!("n m{faint}"),
            _ => format!("v m{faint}"),
        };
        if self.shown == Shown::Counts && side > 50.0 {
            canvas.text(&format!("{} b", class(text::width(&words, 13.0))), (x, y), &words);
            canvas.text(&format!("n m{faint}"), (x, y + 16.0), &number::percent(strength));
        } else {
            canvas.text(&class(text::width(&words, 13.0)), (x, y + 4.0), &words);
        }
    }

    fn hint(&self, row: usize, column: usize) -> String {
        let (name, other) = (&self.rows[row], &self.columns[column]);
        let value = self.cell(row, column);
        match self.shown {
            Shown::Values => format!("{name}, {other}: {}", number::figure(value)),
            _ => format!(
                "{} {name}, {} {other}: {} ({})",
                self.axes.0,
                self.axes.1,
                number::grouped(value.max(0.0) as u64),
                number::percent(self.strength(row, column))
            ),
        }
    }

    /// Row and column names; of very many, so many as there is room for.
    fn labels(
        &self,
        canvas: &mut Canvas,
        (left, top): (f64, f64),
        side: f64,
        size: f64,
        lie: bool,
    ) {
        let class = if size < 12.0 { "n" } else { "k" };
        let every = (13.0 / side).ceil().max(1.0) as usize;
        for (i, name) in self.rows.iter().enumerate().step_by(every) {
            let y = top + side * (i as f64 + 0.5) + 4.0;
            canvas.text(&format!("{class} e"), (left - 6.0, y), &text::fit(name, size, LABELS));
        }
        for (i, name) in self.columns.iter().enumerate().step_by(every) {
            let x = left + side * (i as f64 + 0.5);
            if lie {
                canvas.text(&format!("{class} m"), (x, top - 7.0), &text::fit(name, size, side));
            } else {
                canvas.open(&format!(
                    "transform=\"translate({} {}) rotate(-90)\"",
                    x + 4.0,
                    top - 6.0
                ));
                canvas.text(class, (0.0, 0.0), &text::fit(name, size, LABELS));
                canvas.close();
            }
        }
    }

    /// Cells as pixels, several to one where there are too many.
    fn pixels(&self) -> Raster {
        let (rows, columns) = (self.rows.len(), self.columns.len());
        let every = rows.max(columns).div_ceil(MOST_PIXELS);
        Raster::from_fn(columns.div_ceil(every), rows.div_ceil(every), |x, y| {
            let down = y * every..((y + 1) * every).min(rows);
            let across = x * every..((x + 1) * every).min(columns);
            let cells = down.flat_map(|r| across.clone().map(move |c| (r, c)));
            let strongest = cells
                .map(|(r, c)| self.strength(r, c))
                .fold(0.0, |most: f64, s| if s.abs() > most.abs() { s } else { most });
            let colour = if strongest < 0.0 { Colour::Red } else { Colour::Blue };
            let [r, g, b] = colour.rgb();
            let opacity =
                if strongest == 0.0 { 0.0 } else { 25.0 + 230.0 * strongest.abs().min(1.0) };
            [r, g, b, opacity as u8]
        })
    }
}
