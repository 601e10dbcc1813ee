//! Tables: columns of figures stand right, words left.

use super::Text;
use crate::text::escape;
use std::fmt::Write;

/// Longer cells may be broken into lines.
const LONG: usize = 48;

/// A table with a head. A column whose cells are all figures is aligned to the right; the first names the
/// rows.
#[derive(Clone, Debug, Default)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<Text>>,
    caption: Text,
}

impl Table {
    /// The column titles.
    pub fn new<T: Into<String>>(head: impl IntoIterator<Item = T>) -> Table {
        Table { head: head.into_iter().map(Into::into).collect(), ..Table::default() }
    }

    /// A row; lacking cells are empty.
    pub fn row<T: Into<Text>>(mut self, cells: impl IntoIterator<Item = T>) -> Table {
        self.push(cells);
        self
    }

    /// The same, in place.
    pub fn push<T: Into<Text>>(&mut self, cells: impl IntoIterator<Item = T>) -> &mut Table {
        self.rows.push(cells.into_iter().map(Into::into).collect());
        self
    }

    /// Words below the table.
    pub fn caption(mut self, text: impl Into<Text>) -> Table {
        self.caption = text.into();
        self
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn html(&self) -> String {
        let numeric: Vec<bool> =
            (0..self.head.len()).map(|c| c > 0 && self.is_numeric(c)).collect();
        // Figures stand right, long words may break.
        let class = |c: usize, cell: &str| match numeric.get(c) {
            Some(true) => " class=\"r\"",
            _ if cell.len() > LONG => " class=\"w\"",
            _ => "",
        };
        let mut html = String::from("<div class=\"scroll\"><table>\n<thead><tr>");
        for (c, title) in self.head.iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = write!(html, "<th scope=\"col\"{}>{}</th>", class(c, ""), escape(title));
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            html.push_str("<tr>");
            for c in 0..self.head.len().max(row.len()) {
                let cell = row.get(c).map_or("", Text::html);
                let _ = match c {
                    0 => write!(html, "<th scope=\"row\"{}>{cell}</th>", class(c, cell)),
                    _ => write!(html, "<td{}>{cell}</td>", class(c, cell)),
                };
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody>\n</table></div>\n");
        if !self.caption.is_empty() {
            let _ = writeln!(html, "<p class=\"caption\">{}</p>", self.caption.html());
        }
        html
    }

    /// Whether a column holds figures: digits at the beginning, or nothing.
    fn is_numeric(&self, column: usize) -> bool {
        let mut cells =
            self.rows.iter().filter_map(|row| row.get(column)).map(Text::html).peekable();
        let figure = |cell: &str| {
            let cell = cell.trim_start_matches(['-', '−', '+', '±']);
            cell.is_empty()
                || cell == "–"
                || cell == "NaN"
                || cell.starts_with(|c: char| c.is_ascii_digit())
        };
        cells.peek().is_some() && cells.all(figure)
    }
}
