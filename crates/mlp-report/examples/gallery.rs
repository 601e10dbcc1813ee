//! Every kind of picture on one page: `cargo run -p mlp-report --example gallery -- gallery.html`.

#[path = "../tests/plots/gallery.rs"]
mod gallery;

use mlp_report::{Fact, Page, Section, Table, Text, Thumbnail};

fn main() -> std::io::Result<()> {
    let mut page = Page::new("Gallery of the plot library");
    page.lead("Every kind of picture, in light and dark, as wide as there is room.");
    for chunk in gallery::all().chunks(4) {
        let mut section = Section::new(chunk[0].1.title());
        section.figures(
            chunk.iter().map(|(name, svg)| (svg.clone(), format!("{}: {}", name, svg.title()))),
        );
        page.section(section);
    }
    page.section(words());
    page.footer("Made without scripts.");
    let path = std::env::args_os().nth(1).unwrap_or_else(|| "gallery.html".into());
    std::fs::write(path, page.html())
}

fn words() -> Section {
    let mut section = Section::new("Words, figures and tables");
    section.facts([
        Fact::new("accuracy", "97.8 %").note("95 % interval 95.7–98.9 %"),
        Fact::new("most frequent class", "10.2 %"),
        Fact::new("linear model", "95.6 %").note("93.1–97.2 %"),
    ]);
    section.text(
        Text::from("A node is ")
            .code("n1l1 = w1·x1 + … + b")
            .plain(", and ")
            .strong("nothing else")
            .plain("."),
    );
    section.note("Measured on 359 rows that took no part in training.");
    section.list(["one", "two"]);
    section.code("n1l1 = 0.5·x1 − 1.25·x2 + 0.1\n     = 0.5·2 − 1.25·1 + 0.1\n     = −0.15");
    section.table(
        Table::new(["class", "rows", "share", "note"])
            .row(["cat", "1,797", "10.2 %", "with <b> in it"])
            .row(["dog", "7", "0.1 %", "-"])
            .caption("What there is."),
    );
    section.thumbnails((0..9).map(|i| Thumbnail {
        picture: mlp_report::Raster::from_fn(8, 8, |x, y| {
            [(x * 30) as u8, (y * 30) as u8, i * 20, 255]
        }),
        alternative: format!("picture {i}"),
        lines: vec![
            format!("dog, truly cat"),
            format!("{} %", 99 - i),
            "animals/cat/000123.png".into(),
        ],
        right: Some(i % 2 == 0),
    }));
    let mut inner = Section::new("More of it");
    inner.text("Hidden until opened.");
    section.details(inner);
    section
}
