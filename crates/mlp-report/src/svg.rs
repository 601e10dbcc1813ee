//! Writing SVG: elements onto a canvas, and the finished picture as part of a page or as a file of its own.

use crate::colour::{Theme, plot_rules, resolve, variables};
use crate::{Raster, number, text};
use std::fmt::Write;

/// Height of the strip with the title above a picture that stands alone.
const HEADING: f64 = 30.0;

/// Pixels a unit, at most and at least; a page that is too narrow scrolls the picture.
const LARGEST: f64 = 1.15;
const SMALLEST: f64 = 0.8;
/// As wide as a phone's page.
const NARROW: f64 = 340.0;
/// Wider pictures do not stand side by side.
const WIDE: f64 = 480.0;

/// A finished picture. Lengths are in units of its view box; it is drawn as wide as there is room.
#[derive(Clone, Debug, PartialEq)]
pub struct Svg {
    title: String,
    body: String,
    width: f64,
    height: f64,
}

impl Svg {
    /// What it shows, in words.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Width and height of its view box.
    pub fn size(&self) -> (f64, f64) {
        (self.width, self.height)
    }

    /// Whether it needs a row of a page for itself.
    pub(crate) fn is_wide(&self) -> bool {
        self.width > WIDE
    }

    /// As an element of an HTML page, which brings the styles.
    pub fn inline(&self) -> String {
        // So wide at most that its text is as large as that of other pictures, so narrow at least that it can be read.
        let most = length(self.width * LARGEST);
        let style = match self.width * SMALLEST > NARROW {
            true => format!("max-width:{most}px;min-width:{}px", length(self.width * SMALLEST)),
            false => format!("max-width:{most}px"),
        };
        self.element(&format!(" style=\"{style}\""), 0.0, "")
    }

    /// As a file of its own, with its title in sight, in light or dark as the reader prefers.
    pub fn file(&self) -> String {
        self.alone(&(variables(".plot") + &plot_rules()))
    }

    /// As a file of its own in one look, without CSS variables, which some readers do not know.
    pub fn themed(&self, theme: Theme) -> String {
        self.alone(&resolve(&plot_rules(), theme))
    }

    fn alone(&self, css: &str) -> String {
        let mut start = format!("<style>\n{css}</style>\n");
        let title = text::fit(&self.title, 15.0, self.width - 20.0);
        let (width, height) = (length(self.width), length(self.height + HEADING));
        let _ = write!(
            start,
            "<rect class=\"paper\" x=\"0\" y=\"{}\" width=\"{width}\" height=\"{height}\"/>\n\
             <text class=\"h\" x=\"10\" y=\"-9\">{}</text>\n",
            length(-HEADING),
            text::escape(&title)
        );
        self.element(" xmlns=\"http://www.w3.org/2000/svg\"", HEADING, &start) + "\n"
    }

    fn element(&self, attributes: &str, above: f64, start: &str) -> String {
        format!(
            "<svg{attributes} class=\"plot\" viewBox=\"0 {} {} {}\" role=\"img\">\n<title>{}</title>\n{start}{}</svg>",
            length(-above),
            length(self.width),
            length(self.height + above),
            text::escape(&self.title),
            self.body
        )
    }
}

/// A length with at most one decimal; what is no number is 0.
pub(crate) fn length(value: f64) -> String {
    if !value.is_finite() {
        return "0".into();
    }
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".into() } else { text.into() }
}

/// An opacity or another share, with two decimals.
pub(crate) fn share(value: f64) -> String {
    let value = if value.is_finite() { value.clamp(0.0, 1.0) } else { 0.0 };
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// Where an SVG comes into being.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    out: String,
}

impl Canvas {
    pub fn new() -> Canvas {
        Canvas::default()
    }

    /// The picture, `width × height`.
    pub fn finish(self, title: &str, width: f64, height: f64) -> Svg {
        Svg { title: title.into(), body: self.out, width, height }
    }

    /// Opens a group with attributes as they stand.
    pub fn open(&mut self, attributes: &str) {
        self.push(format_args!("<g {attributes}>\n"));
    }

    pub fn close(&mut self) {
        self.out.push_str("</g>\n");
    }

    /// Opens a window `(x, y, width, height)`: nothing in it is drawn outside of it. It needs no id, which the plots of
    /// a page would have to share out.
    pub fn open_window(&mut self, (x, y, width, height): (f64, f64, f64, f64)) {
        let [x, y, width, height] = [x, y, width.max(0.0), height.max(0.0)].map(length);
        self.push(format_args!(
            "<svg x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" viewBox=\"{x} {y} {width} {height}\">\n"
        ));
    }

    pub fn close_window(&mut self) {
        self.out.push_str("</svg>\n");
    }

    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        self.push(format_args!(
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n",
            length(from.0),
            length(from.1),
            length(to.0),
            length(to.1)
        ));
    }

    /// A rectangle `(x, y, width, height)` with further attributes, each after a space.
    pub fn rect(&mut self, class: &str, place: (f64, f64, f64, f64), more: &str) {
        let (x, y, width, height) = place;
        self.push(format_args!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{more}/>\n",
            length(x),
            length(y),
            length(width.max(0.0)),
            length(height.max(0.0))
        ));
    }

    /// The same with a text that appears under the pointer.
    pub fn rect_with_hint(
        &mut self,
        class: &str,
        place: (f64, f64, f64, f64),
        more: &str,
        hint: &str,
    ) {
        self.rect(class, place, more);
        self.out.truncate(self.out.len() - "/>\n".len());
        self.push(format_args!("><title>{}</title></rect>\n", text::escape(hint)));
    }

    pub fn circle(&mut self, class: &str, centre: (f64, f64), radius: f64, more: &str) {
        self.push(format_args!(
            "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{}\"{more}/>\n",
            length(centre.0),
            length(centre.1),
            length(radius)
        ));
    }

    pub fn path(&mut self, class: &str, d: &str, more: &str) {
        if !d.is_empty() {
            self.push(format_args!("<path class=\"{class}\" d=\"{d}\"{more}/>\n"));
        }
    }

    pub fn text(&mut self, class: &str, at: (f64, f64), words: &str) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        self.push(format_args!(
            "<text{class} x=\"{}\" y=\"{}\">{}</text>\n",
            length(at.0),
            length(at.1),
            text::escape(words)
        ));
    }

    /// Text of its own size and colour, in the middle of a pixel.
    pub fn pixel_text(&mut self, at: (f64, f64), ink: &str, size: f64, words: &str) {
        self.push(format_args!(
            "<text class=\"m\" x=\"{}\" y=\"{}\" style=\"fill:{ink};font-size:{}px\">{}</text>\n",
            length(at.0),
            length(at.1),
            length(size),
            text::escape(words)
        ));
    }

    /// A picture stretched over `(x, y, width, height)`.
    pub fn image(&mut self, class: &str, place: (f64, f64, f64, f64), picture: &Raster) {
        let (x, y, width, height) = place;
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        self.push(format_args!(
            "<image{class} x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" href=\"{}\"/>\n",
            length(x),
            length(y),
            length(width),
            length(height),
            picture.data_uri()
        ));
    }

    fn push(&mut self, part: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.out.write_fmt(part);
    }
}

/// The bar that says which colour stands for which signed value, `width` wide at `(x, y)`; 26 high with its labels.
pub(crate) fn signed_scale(canvas: &mut Canvas, (x, y): (f64, f64), width: f64, most: f64) {
    scale_of(canvas, (x, y), width, most, |share| crate::raster::signed(share, 1.0));
}

/// The same with other colours, given for −1 to 1.
pub(crate) fn scale_of(
    canvas: &mut Canvas,
    (x, y): (f64, f64),
    width: f64,
    most: f64,
    colour: impl Fn(f64) -> [u8; 4],
) {
    let bar = Raster::from_fn(64, 1, |i, _| colour((i as f64 - 31.5) / 31.5));
    canvas.image("smooth", (x, y, width, 10.0), &bar);
    canvas.text("k", (x, y + 23.0), &number::short(-most));
    canvas.text("k m", (x + width / 2.0, y + 23.0), "0");
    canvas.text("k e", (x + width, y + 23.0), &number::short(most));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short() {
        assert_eq!(length(1.0), "1");
        assert_eq!(length(-0.04), "0");
        assert_eq!(length(2.25), "2.2");
        assert_eq!(length(f64::NAN), "0");
        assert_eq!(share(0.5), "0.5");
        assert_eq!(share(f64::INFINITY), "0");
        assert_eq!(share(1.0), "1");
        assert_eq!(share(0.0), "0");
    }
}
