//! Every picture of the gallery against the file it was when someone last looked at it. `UPDATE_GOLDEN=1` writes the
//! files anew; look at them then: `cargo run -p mlp-report --example gallery -- gallery.html`.

use crate::gallery;
use mlp_report::Theme;
use std::path::PathBuf;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.svg"))
}

#[test]
fn pictures_are_as_they_were() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut changed = Vec::new();
    for (name, svg) in gallery::all() {
        let (path, text) = (path(name), svg.file());
        if update {
            std::fs::write(&path, &text).unwrap();
        }
        if std::fs::read_to_string(&path).unwrap_or_default() != text {
            changed.push(path.display().to_string());
        }
    }
    assert!(
        changed.is_empty(),
        "other pictures than these files: {changed:#?}; UPDATE_GOLDEN=1 writes them anew"
    );
}

#[test]
fn every_golden_file_is_of_a_picture() {
    let names: Vec<String> = gallery::all().iter().map(|(name, _)| format!("{name}.svg")).collect();
    for entry in std::fs::read_dir(path("x").parent().unwrap()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(names.contains(&name), "{name} is of no picture: remove it");
    }
}

#[test]
fn pictures_are_well_formed_and_have_a_title() {
    for (name, svg) in gallery::all() {
        for text in [svg.file(), svg.themed(Theme::Light), svg.themed(Theme::Dark)] {
            let document =
                roxmltree::Document::parse(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            let root = document.root_element();
            assert_eq!(root.attribute("role"), Some("img"), "{name}");
            let title =
                root.children().find(|n| n.has_tag_name(("http://www.w3.org/2000/svg", "title")));
            assert_eq!(title.and_then(|t| t.text()), Some(svg.title()), "{name}");
        }
        assert!(!svg.themed(Theme::Dark).contains("var("), "{name}");
        roxmltree::Document::parse(&svg.inline()).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

#[test]
fn text_stands_inside_of_its_picture() {
    for (name, svg) in gallery::all() {
        let text = svg.inline();
        let document = roxmltree::Document::parse(&text).unwrap();
        let (width, height) = svg.size();
        for node in document.descendants().filter(|n| n.has_tag_name("text")) {
            // Inside of a turned group its own coordinates say nothing.
            if node.ancestors().any(|a| a.has_attribute("transform")) {
                continue;
            }
            let number =
                |key: &str| node.attribute(key).and_then(|v| v.parse::<f64>().ok()).unwrap();
            let (x, y, words) = (number("x"), number("y"), node.text().unwrap_or_default());
            let class = node.attribute("class").unwrap_or_default();
            let is = |word: &str| class.split(' ').any(|c| c == word);
            // Half an em a letter is the least that a font takes.
            let wide = words.chars().count() as f64 * if is("v") { 4.5 } else { 5.5 };
            let left = if is("m") {
                x - wide / 2.0
            } else if is("e") {
                x - wide
            } else {
                x
            };
            let inside = left >= -3.0 && left + wide <= width + 6.0 && (6.0..=height).contains(&y);
            assert!(inside, "{name}: `{words}` at {x}, {y} of {width} × {height}");
        }
    }
}
