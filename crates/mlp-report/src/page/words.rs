//! Running text: plain words from anywhere, with strong words, code, subscripts and links inside of the page.

use crate::text::escape;
use std::fmt::Write;

/// Text of a paragraph or cell. What it is made from is escaped; there is no way to put markup in.
///
/// ```
/// use mlp_report::Text;
///
/// let text = Text::from("The weight ").code("w").below("1").plain(" is < ").strong("0.5");
/// assert_eq!(text.html(), "The weight <code>w</code><sub>1</sub> is &lt; <strong>0.5</strong>");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    html: String,
}

impl Text {
    /// No words.
    pub fn new() -> Text {
        Text::default()
    }

    /// Words as they are.
    pub fn plain(mut self, words: impl AsRef<str>) -> Text {
        self.html.push_str(&escape(words.as_ref()));
        self
    }

    /// Words in which what stands between two backticks is code, as the program's messages quote names.
    pub fn ticked(words: &str) -> Text {
        let pieces: Vec<&str> = words.split('`').collect();
        // A backtick without its fellow stands for itself.
        let paired = pieces.len() - usize::from(pieces.len().is_multiple_of(2));
        let mut text = Text::new();
        for (i, piece) in pieces.iter().enumerate() {
            text = match i % 2 {
                _ if i >= paired => text.plain("`").plain(piece),
                1 => text.code(piece),
                _ => text.plain(piece),
            };
        }
        text
    }

    /// Words in bold.
    pub fn strong(self, words: impl AsRef<str>) -> Text {
        self.tagged("strong", words.as_ref())
    }

    /// Words in italics.
    pub fn emphasis(self, words: impl AsRef<str>) -> Text {
        self.tagged("em", words.as_ref())
    }

    /// Words in letters of one width.
    pub fn code(self, words: impl AsRef<str>) -> Text {
        self.tagged("code", words.as_ref())
    }

    /// Words below the line.
    pub fn below(self, words: impl AsRef<str>) -> Text {
        self.tagged("sub", words.as_ref())
    }

    /// Words above the line.
    pub fn above(self, words: impl AsRef<str>) -> Text {
        self.tagged("sup", words.as_ref())
    }

    /// Words that lead to a section of the page, named by its title.
    pub fn link(mut self, words: impl AsRef<str>, section: &str) -> Text {
        let (anchor, words) = (anchor(section), escape(words.as_ref()));
        // Writing to a string cannot fail.
        let _ = write!(self.html, "<a href=\"#{anchor}\">{words}</a>");
        self
    }

    /// As HTML.
    pub fn html(&self) -> &str {
        &self.html
    }

    /// Whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.html.is_empty()
    }

    fn tagged(mut self, tag: &str, words: &str) -> Text {
        let _ = write!(self.html, "<{tag}>{}</{tag}>", escape(words));
        self
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Text {
        Text::new().plain(words)
    }
}

impl From<String> for Text {
    fn from(words: String) -> Text {
        Text::new().plain(words)
    }
}

impl From<&String> for Text {
    fn from(words: &String) -> Text {
        Text::new().plain(words)
    }
}

/// The name by which a section is linked to: `s-` and its title's ASCII letters and digits, a hyphen for all else.
pub(crate) fn anchor(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.take(10).map(str::to_ascii_lowercase).collect();
    format!("s-{}", words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_are_code() {
        assert_eq!(Text::ticked("a `b<` c").html(), "a <code>b&lt;</code> c");
        assert_eq!(Text::ticked("a `b` c `d").html(), "a <code>b</code> c `d");
        assert_eq!(Text::ticked("").html(), "");
    }

    #[test]
    fn anchors_are_plain() {
        assert_eq!(anchor("ROC and precision–recall"), "s-roc-and-precision-recall");
        assert_eq!(anchor("<script>"), "s-script");
    }
}
