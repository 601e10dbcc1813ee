//! Plots to pixels: SVG rasterised with the fonts of the system. Only with the feature `png`.

use crate::{Svg, Theme};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::Arc;

/// Pixels a unit of the view box.
const SCALE: f32 = 2.0;
/// Families to draw text with where the reader's own are not known, the first that is there.
const FAMILIES: [&str; 6] =
    ["Liberation Sans", "DejaVu Sans", "Noto Sans", "Arial", "Helvetica", "Segoe UI"];

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum PaintError {
    /// Text cannot be drawn.
    #[error(
        "no font was found to draw text with; install one, such as DejaVu Sans or Liberation Sans"
    )]
    NoFont,
    /// Never for pictures made by this crate.
    #[error("the picture `{title}` cannot be drawn: {what}")]
    Picture {
        /// Of the picture.
        title: String,
        /// Why.
        what: String,
    },
}

/// A rasteriser with its fonts, which take a while to find.
#[derive(Debug)]
pub struct Painter {
    fonts: Arc<fontdb::Database>,
    family: String,
}

impl Painter {
    /// With the fonts of the system.
    ///
    /// # Errors
    /// [`PaintError::NoFont`] if there is none.
    pub fn new() -> Result<Painter, PaintError> {
        let mut fonts = fontdb::Database::new();
        fonts.load_system_fonts();
        let has = |family: &str| {
            let families = [fontdb::Family::Name(family)];
            fonts
                .query(&fontdb::Query { families: &families, ..fontdb::Query::default() })
                .is_some()
        };
        let known = FAMILIES.into_iter().find(|family| has(family)).map(String::from);
        let any = || fonts.faces().find_map(|face| Some(face.families.first()?.0.clone()));
        let family = known.or_else(any).ok_or(PaintError::NoFont)?;
        // The last resort of the plots' style; what it stands for by itself, few systems but Windows have.
        fonts.set_sans_serif_family(&family);
        Ok(Painter { fonts: Arc::new(fonts), family })
    }

    /// The picture as the bytes of a PNG file, two pixels a unit, with its title in sight.
    ///
    /// # Errors
    /// [`PaintError::Picture`]
    pub fn png(&self, svg: &Svg, theme: Theme) -> Result<Vec<u8>, PaintError> {
        let fail = |what: String| PaintError::Picture { title: svg.title().into(), what };
        let options = Options {
            font_family: self.family.clone(),
            fontdb: Arc::clone(&self.fonts),
            ..Options::default()
        };
        let tree = Tree::from_str(&svg.themed(theme), &options).map_err(|e| fail(e.to_string()))?;
        let size = tree.size();
        let pixels = |length: f32| (length * SCALE).ceil() as u32;
        let mut pixmap = Pixmap::new(pixels(size.width()), pixels(size.height()))
            .ok_or_else(|| fail("it has no size".into()))?;
        resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixmap.as_mut());
        pixmap.encode_png().map_err(|e| fail(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Axis, Plot};

    #[test]
    #[allow(clippy::print_stderr)]
    fn plots_become_pixels() {
        let painter = match Painter::new() {
            Ok(painter) => painter,
            Err(error) => return eprintln!("SKIPPED plots_become_pixels: {error}"),
        };
        let svg = Plot::new("A line")
            .x(Axis::new("x"))
            .y(Axis::new("y"))
            .line("l", [(0.0, 0.0), (1.0, 1.0)])
            .svg();
        let colours = |theme: Theme| {
            let png = painter.png(&svg, theme).unwrap();
            let pixmap = Pixmap::decode_png(&png).unwrap();
            assert_eq!((pixmap.width(), pixmap.height()), (840, 620));
            // Pictures once came without any text where the system has no Arial: only the title is up here.
            let paper = pixmap.pixels()[0];
            assert!(pixmap.pixels()[..840 * 50].iter().any(|p| *p != paper), "no title");
            let mut colours: Vec<u32> = pixmap
                .pixels()
                .iter()
                .map(|p| u32::from_be_bytes([p.red(), p.green(), p.blue(), p.alpha()]))
                .collect();
            colours.sort_unstable();
            colours.dedup();
            (pixmap.pixels()[0].red(), colours.len())
        };
        let ((light, many), (dark, _)) = (colours(Theme::Light), colours(Theme::Dark));
        // Text is drawn with many shades.
        assert!(light > 250 && dark < 40 && many > 20, "{light} {dark} {many}");
    }
}
