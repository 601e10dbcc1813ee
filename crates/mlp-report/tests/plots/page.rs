//! Pages: one file that asks the network for nothing, runs nothing, and takes no markup from data.

use crate::gallery;
use mlp_report::{Fact, Page, Raster, Section, Table, Text, Thumbnail};

const EVIL: &str = "<script>alert('\"&')</script>\u{0}";

/// A page with the same words everywhere.
fn everywhere(words: &str) -> Page {
    let mut inner = Section::new(words);
    inner.text(words);
    let mut section = Section::new(words);
    section.heading(words).text(words).list([words, words]).note(words).code(words).details(inner);
    section.facts([Fact::new(words, words).note(words)]);
    section.table(Table::new([words, words]).row([words, words]).caption(words));
    let text = Text::new()
        .strong(words)
        .emphasis(words)
        .code(words)
        .below(words)
        .above(words)
        .link(words, words);
    section.text(text);
    section.thumbnails([Thumbnail {
        picture: Raster::from_fn(2, 2, |_, _| [1, 2, 3, 255]),
        alternative: words.into(),
        lines: vec![words.into(), words.into()],
        right: None,
    }]);
    section.figures(gallery::all().into_iter().map(|(_, svg)| (svg, words)));
    let mut page = Page::new(words);
    page.lead(words).section(section.clone()).section(section).footer(words);
    page
}

#[test]
fn words_from_data_never_become_markup() {
    let html = everywhere(EVIL).html();
    assert!(!html.contains("<script") && !html.contains('\u{0}'), "{html}");
    // As many elements as with plain words.
    let count = |html: &str| html.matches('<').count();
    assert_eq!(count(&html), count(&everywhere("plain").html()));
}

#[test]
fn a_page_asks_the_network_for_nothing() {
    let html = everywhere("plain").html();
    for (attribute, allowed) in [("src=\"", "data:image/png;base64,"), ("href=\"", "")] {
        for (at, _) in html.match_indices(attribute) {
            let value = &html[at + attribute.len()..];
            let inside = value.starts_with('#') || value.starts_with("data:image/png;base64,");
            assert!(inside && value.starts_with(allowed), "{}", &value[..value.len().min(80)]);
        }
    }
    for word in ["http:", "https:", "url(", "@import", "<link", "<script", "<iframe", "srcset"] {
        assert!(!html.contains(word), "{word}");
    }
    assert!(html.contains("Content-Security-Policy") && html.contains("default-src 'none'"));
}

#[test]
fn a_page_can_be_read_by_all() {
    let html = everywhere("plain").html();
    assert_eq!(html.matches("<h1>").count(), 1);
    assert!(html.contains("prefers-color-scheme:dark") && html.contains("width=device-width"));
    assert!(html.contains("lang=\"en\"") && html.contains("<nav aria-label="));
    // Every picture has words, every figure a caption, every entry of the contents a section of its own.
    assert_eq!(html.matches("<img").count(), html.matches(" alt=\"").count());
    assert_eq!(html.matches("<figure").count(), html.matches("<figcaption>").count());
    assert!(html.matches("role=\"img\"").count() >= gallery::all().len());
    assert!(html.contains("href=\"#s-plain\"") && html.contains("id=\"s-plain\""));
    assert!(html.contains("href=\"#s-plain-2\"") && html.contains("id=\"s-plain-2\""));
}

#[test]
fn a_page_is_well_formed() {
    let html = everywhere(EVIL).html();
    // HTML as this crate writes it is XML but for what needs no end.
    let xml = html.replace("<!doctype html>", "");
    let close = |xml: String, tag: &str| {
        let mut out = String::new();
        let mut rest = xml.as_str();
        while let Some(at) = rest.find(&format!("<{tag}")) {
            let end = at + rest[at..].find('>').unwrap();
            out.push_str(&rest[..end]);
            out.push('/');
            rest = &rest[end..];
        }
        out + rest
    };
    let xml = ["meta", "img"].into_iter().fold(xml, close);
    roxmltree::Document::parse(&xml).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn columns_of_figures_stand_right() {
    let table =
        Table::new(["name", "value"]).row(["a", "−1.5"]).row(["b", "97.8 %"]).row(["c", ""]);
    let mut section = Section::new("t");
    section.table(table);
    let mut page = Page::new("t");
    let html = page.section(section).html();
    assert!(
        html.contains("<td class=\"r\">97.8 %</td>") && html.contains("<th scope=\"row\">a</th>"),
        "{html}"
    );
}
