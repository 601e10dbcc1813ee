//! Text on its way into XML and HTML: escaped, measured, shortened.

use std::borrow::Cow;

/// Text as it stands between tags or in a quoted attribute, of XML and HTML alike. Characters that XML does not know
/// become U+FFFD.
pub fn escape(text: &str) -> Cow<'_, str> {
    let unknown = |c: char| {
        let control = c < ' ' && !matches!(c, '\t' | '\n' | '\r');
        control || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    let special = |c: char| matches!(c, '&' | '<' | '>' | '"' | '\'') || unknown(c);
    if !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if unknown(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// About how wide a text is drawn, in the unit of `size`: widths of Helvetica by kind of character, a little too
/// large, since the reader's system font is not known.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '\'' | '!' | 'I' => 0.28,
        'f' | 't' | 'r' | ' ' | '(' | ')' | '[' | ']' | '-' | '/' => 0.36,
        'm' | 'M' | 'W' | 'w' | '@' | '%' | '—' => 0.88,
        'A'..='Z' => 0.70,
        '\u{300}'..='\u{36f}' => 0.0,
        '\u{1100}'.. if c > '\u{2fff}' => 1.0,
        _ => 0.57,
    };
    text.chars().map(em).sum::<f64>() * size * 1.03
}

/// The text, or as much of its beginning as fits, with an ellipsis.
pub(crate) fn fit(text: &str, size: f64, most: f64) -> String {
    let text = text.trim();
    if width(text, size) <= most {
        return text.to_string();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, size) + 0.6 * size > most {
            kept.pop();
            break;
        }
    }
    kept.trim_end().to_string() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(
            escape("a <script> & \"b\" 'c'"),
            "a &lt;script&gt; &amp; &quot;b&quot; &#39;c&#39;"
        );
        assert_eq!(escape("tab\tbell\u{7}"), "tab\tbell\u{fffd}");
        assert!(matches!(escape("plain ä"), Cow::Borrowed(_)));
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(fit("short", 12.0, 100.0), "short");
        let cut = fit("a rather long label that nobody can fit", 12.0, 80.0);
        assert!(cut.ends_with('…') && width(&cut, 12.0) <= 82.0, "{cut}");
        assert_eq!(fit("x", 12.0, 0.0), "…");
    }
}
