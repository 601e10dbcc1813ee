//! Results on a terminal: colours where they are wanted, numbers with their digits, plots made of characters.

use crate::output;
use mlp_report::{Colour, Raster};

/// Characters of a line.
pub const WIDTH: usize = 80;

/// Writes in colour, or plainly where standard output is no terminal or the user wants none.
#[derive(Clone, Copy, Debug)]
pub struct Pen {
    coloured: bool,
}

impl Pen {
    /// For standard output.
    pub fn new() -> Pen {
        Pen { coloured: output::coloured_results() }
    }

    /// Without colours.
    #[cfg(test)]
    pub fn plain() -> Pen {
        Pen { coloured: false }
    }

    /// Whether it writes in colour.
    pub fn coloured(self) -> bool {
        self.coloured
    }

    /// Words in the colour of a series.
    pub fn paint(self, colour: Colour, text: &str) -> String {
        self.code(
            match colour {
                Colour::Blue | Colour::Sky => "94",
                Colour::Red | Colour::Orange => "91",
                Colour::Green => "92",
                Colour::Purple => "95",
                Colour::Grey => "90",
                Colour::Ink => "0",
            },
            text,
        )
    }

    /// A title.
    pub fn bold(self, text: &str) -> String {
        self.code("1", text)
    }

    /// Words that are not the point.
    pub fn dim(self, text: &str) -> String {
        self.code("2", text)
    }

    /// A picture in colours, a character wide for each pixel and a line high for each two.
    pub fn picture(self, picture: &Raster) -> Vec<String> {
        let row = |y: usize| -> String {
            let pixels = |x: usize| {
                let [r, g, b, _] = picture.at(x, y);
                let upper = format!("\x1b[38;2;{r};{g};{b}");
                match y + 1 < picture.height() {
                    true => {
                        let [r, g, b, _] = picture.at(x, y + 1);
                        format!("{upper};48;2;{r};{g};{b}m▀\x1b[0m")
                    }
                    false => format!("{upper}m▀\x1b[0m"),
                }
            };
            (0..picture.width()).map(pixels).collect()
        };
        (0..picture.height()).step_by(2).map(row).collect()
    }

    fn code(self, code: &str, text: &str) -> String {
        if self.coloured { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// A number in so many significant digits with a true minus sign, without an exponent where that is legible.
pub fn digits(value: f64, digits: usize) -> String {
    let text = with_hyphen(value, digits);
    text.replace('-', "−")
}

fn with_hyphen(value: f64, digits: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return (value + 0.0).to_string();
    }
    let text = format!("{value:.*e}", digits.saturating_sub(1));
    let exponent = text.split('e').nth(1).and_then(|e| e.parse().ok()).unwrap_or(0);
    match exponent {
        -5..=9 => format!("{value:.*}", (digits as i32 - 1 - exponent).max(0) as usize),
        _ => text,
    }
}

/// Lines of at most [`WIDTH`] characters, broken at spaces.
pub fn wrap(text: &str, indent: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        let long = line.chars().count() + 1 + word.chars().count() > WIDTH - indent.len();
        match (line.is_empty(), long) {
            (true, _) => line.push_str(word),
            (false, true) => lines.push(word.to_string()),
            (false, false) => *line += &format!(" {word}"),
        }
    }
    lines.iter().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
}

/// The same, with what does not fit into the first line further to the right.
pub fn hanging(text: &str, indent: &str) -> String {
    let more = format!("{indent}    ");
    let lines = wrap(text, &more);
    format!("{indent}{}", lines.strip_prefix(&more).unwrap_or(&lines))
}

/// A plot made of characters.
#[derive(Clone, Debug)]
pub struct Chart {
    low: (f64, f64),
    high: (f64, f64),
    columns: usize,
    rows: usize,
    cells: Vec<Option<(char, Colour)>>,
}

impl Chart {
    /// An empty one between two corners, `(left, bottom)` and `(right, top)`.
    pub fn new(low: (f64, f64), high: (f64, f64), columns: usize, rows: usize) -> Chart {
        Chart { low, high, columns, rows, cells: vec![None; columns * rows] }
    }

    /// The point in the middle of a cell, rows counted from the top.
    pub fn point(&self, column: usize, row: usize) -> (f64, f64) {
        let share = |i: usize, n: usize| (i as f64 + 0.5) / n as f64;
        let (x, y) = (share(column, self.columns), 1.0 - share(row, self.rows));
        (self.low.0 + x * (self.high.0 - self.low.0), self.low.1 + y * (self.high.1 - self.low.1))
    }

    /// A character at a point, over what was there; nothing outside.
    pub fn mark(&mut self, (x, y): (f64, f64), sign: char, colour: Colour) {
        let place = |v: f64, low: f64, high: f64, n: usize| {
            let share = (v - low) / (high - low);
            (0.0..=1.0).contains(&share).then(|| ((share * n as f64) as usize).min(n - 1))
        };
        let column = place(x, self.low.0, self.high.0, self.columns);
        let row = place(y, self.low.1, self.high.1, self.rows);
        if let (Some(column), Some(row)) = (column, row) {
            self.cells[(self.rows - 1 - row) * self.columns + column] = Some((sign, colour));
        }
    }

    /// A character in every column where a function has a value inside.
    pub fn curve(&mut self, f: impl Fn(f64) -> f64, sign: char, colour: Colour) {
        for column in 0..self.columns {
            let x = self.point(column, 0).0;
            self.mark((x, f(x)), sign, colour);
        }
    }

    /// Its rows, with the ends of its axes at the left and below.
    pub fn text(&self, pen: Pen) -> String {
        let short = mlp_report::number::short;
        let (top, bottom) = (short(self.high.1), short(self.low.1));
        let wide = top.chars().count().max(bottom.chars().count());
        let mut lines = Vec::new();
        for row in 0..self.rows {
            let label = match row {
                0 => top.as_str(),
                _ if row + 1 == self.rows => bottom.as_str(),
                _ => "",
            };
            let cells = &self.cells[row * self.columns..(row + 1) * self.columns];
            let mut line = String::new();
            for cell in cells {
                match cell {
                    Some((sign, colour)) => line += &pen.paint(*colour, &sign.to_string()),
                    None => line.push(' '),
                }
            }
            lines.push(format!("{} {}{}", pen.dim(&format!("{label:>wide$}")), pen.dim("│"), line));
            if !pen.coloured() {
                let trimmed = lines.pop().unwrap_or_default().trim_end().to_string();
                lines.push(trimmed);
            }
        }
        let (left, right) = (short(self.low.0), short(self.high.0));
        let between =
            (self.columns + 1).saturating_sub(left.chars().count() + right.chars().count());
        lines.push(format!(
            "{} {}",
            " ".repeat(wide),
            pen.dim(&format!("└{}", "─".repeat(self.columns)))
        ));
        let labels = format!("{left}{}{right}", " ".repeat(between));
        lines.push(format!("{} {}", " ".repeat(wide), pen.dim(&labels)));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_digits() {
        assert_eq!(digits(1.983_6, 8), "1.9836000");
        assert_eq!(digits(-1234.5, 6), "−1234.50");
        assert_eq!(digits(1.5e-9, 3), "1.50e−9");
        assert_eq!(digits(-0.0, 3), "0");
        assert_eq!(digits(9.999_999, 3), "10.0");
    }

    #[test]
    fn charts_have_their_points_where_they_belong() {
        let mut chart = Chart::new((0.0, 0.0), (10.0, 1.0), 10, 3);
        chart.mark((0.0, 0.0), 'a', Colour::Blue);
        chart.mark((10.0, 1.0), 'b', Colour::Red);
        chart.mark((11.0, 1.0), 'c', Colour::Red);
        chart.curve(|_| 0.5, '·', Colour::Red);
        let text = chart.text(Pen::plain());
        assert_eq!(text, "1 │         b\n  │··········\n0 │a\n  └──────────\n  0        10");
    }

    #[test]
    fn long_lines_are_broken() {
        let text = wrap(&"word ".repeat(40), "  ");
        assert!(text.lines().all(|l| l.chars().count() <= WIDTH && l.starts_with("  word")));
        assert_eq!(text.split_whitespace().count(), 40);
    }
}
