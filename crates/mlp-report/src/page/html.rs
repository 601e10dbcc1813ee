//! Writing the page.

use super::words::anchor;
use super::{Block, Fact, Page, Section, Text, Thumbnail, style};
use crate::Svg;
use crate::text::escape;
use std::collections::HashSet;
use std::fmt::Write;

/// A policy under which no reader fetches or runs anything, whatever the page held.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

pub(super) fn document(page: &Page) -> String {
    let anchors = anchors(&page.sections);
    let mut out = String::with_capacity(1 << 16);
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{0}</title>\n<style>\n{1}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n",
        escape(&page.title),
        style::css()
    );
    for text in &page.lead {
        let _ = writeln!(out, "<p class=\"lead\">{}</p>", text.html());
    }
    out.push_str("</header>\n");
    if page.sections.len() > 1 {
        contents(&mut out, &page.sections, &anchors);
    }
    out.push_str(if page.numbered { "<main class=\"numbered\">\n" } else { "<main>\n" });
    for (section, anchor) in page.sections.iter().zip(&anchors) {
        let _ = writeln!(out, "<section id=\"{anchor}\">\n<h2>{}</h2>", escape(&section.title));
        section.blocks.iter().for_each(|b| block(&mut out, b));
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n");
    if let Some(footer) = &page.footer {
        let _ = writeln!(out, "<footer>{}</footer>", footer.html());
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// A name for every section, each different.
fn anchors(sections: &[Section]) -> Vec<String> {
    let mut taken = HashSet::new();
    let unique = |section: &Section| {
        let first = anchor(&section.title);
        let names = std::iter::once(first.clone()).chain((2..).map(|i| format!("{first}-{i}")));
        let mut names = names.skip_while(|name| taken.contains(name));
        let name = names.next().unwrap_or(first);
        taken.insert(name.clone());
        name
    };
    sections.iter().map(unique).collect()
}

fn contents(out: &mut String, sections: &[Section], anchors: &[String]) {
    out.push_str("<nav aria-label=\"Contents\">\n<ol>\n");
    for (section, anchor) in sections.iter().zip(anchors) {
        let _ = writeln!(out, "<li><a href=\"#{anchor}\">{}</a></li>", escape(&section.title));
    }
    out.push_str("</ol>\n</nav>\n");
}

fn block(out: &mut String, block_: &Block) {
    let _ = match block_ {
        Block::Heading(words) => writeln!(out, "<h3>{}</h3>", escape(words)),
        Block::Paragraph(text) => writeln!(out, "<p>{}</p>", text.html()),
        Block::List(items) => {
            let items: String =
                items.iter().map(|item| format!("<li>{}</li>\n", item.html())).collect();
            writeln!(out, "<ul>\n{items}</ul>")
        }
        Block::Note(text) => writeln!(out, "<p class=\"note\">{}</p>", text.html()),
        Block::Code(text) => {
            writeln!(out, "<pre tabindex=\"0\"><code>{}</code></pre>", escape(text))
        }
        Block::Facts(all) => facts(out, all),
        Block::Figures(all) => figures(out, all),
        Block::Table(table) => writeln!(out, "{}", table.html()),
        Block::Thumbnails(all) => thumbnails(out, all),
        Block::Details(summary, blocks) => {
            let _ = writeln!(out, "<details>\n<summary>{}</summary>", escape(summary));
            blocks.iter().for_each(|b| block(out, b));
            writeln!(out, "</details>")
        }
    };
}

fn facts(out: &mut String, all: &[Fact]) -> std::fmt::Result {
    out.push_str("<dl class=\"facts\">\n");
    for Fact { name, value, note } in all {
        let _ = write!(out, "<div><dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
        if !note.is_empty() {
            // A figure and its unit stay together.
            let note = note.replace(" %", "\u{a0}%");
            let _ = write!(out, "<dd class=\"soft\">{}</dd>", escape(&note));
        }
        out.push_str("</div>\n");
    }
    writeln!(out, "</dl>")
}

fn figures(out: &mut String, all: &[(Svg, Text)]) -> std::fmt::Result {
    out.push_str("<div class=\"figures\">\n");
    for (svg, caption) in all {
        let caption = if caption.is_empty() { Text::from(svg.title()) } else { caption.clone() };
        let _ = writeln!(
            out,
            "<figure{}>\n<div class=\"scroll\">{}</div>\n<figcaption>{}</figcaption>\n</figure>",
            if svg.is_wide() { " class=\"wide\"" } else { "" },
            svg.inline(),
            caption.html()
        );
    }
    writeln!(out, "</div>")
}

fn thumbnails(out: &mut String, all: &[Thumbnail]) -> std::fmt::Result {
    out.push_str("<div class=\"thumbs\">\n");
    for thumbnail in all {
        let class = match thumbnail.right {
            Some(true) => " class=\"right\"",
            Some(false) => " class=\"wrong\"",
            None => "",
        };
        let picture = &thumbnail.picture;
        let _ = write!(
            out,
            "<figure{class}><img{} src=\"{}\" width=\"{}\" height=\"{}\" alt=\"{}\">",
            // Small pictures show their pixels, larger ones are smoothed.
            if picture.width() < 64 { " class=\"px\"" } else { "" },
            picture.data_uri(),
            picture.width(),
            picture.height(),
            escape(&thumbnail.alternative)
        );
        out.push_str("<figcaption>");
        for (i, line) in thumbnail.lines.iter().enumerate() {
            let line = escape(line);
            let _ = match i {
                0 => write!(out, "<strong>{line}</strong>"),
                _ => write!(out, "<span>{line}</span>"),
            };
        }
        out.push_str("</figcaption></figure>\n");
    }
    writeln!(out, "</div>")
}
