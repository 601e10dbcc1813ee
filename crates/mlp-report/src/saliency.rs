//! What every pixel of a picture contributes to an answer, laid over the picture.

use crate::svg::{Canvas, Svg, scale_of};
use crate::{Colour, Raster};

/// Width of the figure, and of what is between its two pictures.
const WIDTH: f64 = 420.0;
const GAP: f64 = 16.0;
/// Greatest side of a picture.
const SIDE: f64 = (WIDTH - 20.0 - GAP) / 2.0;

/// A picture beside itself in pale grey with one signed value a pixel over it, row by row: blue where it is for the
/// answer, red where it is against, the stronger the more. The strongest half per cent share the strongest colour.
///
/// ```
/// use mlp_report::{Raster, saliency};
///
/// let picture = Raster::from_fn(2, 1, |x, _| [if x == 0 { 0 } else { 255 }; 4]);
/// let svg = saliency("Contributions", &picture, &[0.5, -0.25]);
/// assert_eq!(svg.inline().matches("<image").count(), 3);
/// ```
pub fn saliency(title: &str, picture: &Raster, contributions: &[f64]) -> Svg {
    let most = strongest(contributions);
    let overlay = Raster::from_fn(picture.width(), picture.height(), |x, y| {
        let value = contributions.get(y * picture.width() + x).copied().unwrap_or(0.0);
        over(picture.at(x, y), value, most)
    });
    let longest = picture.width().max(picture.height()) as f64;
    let (wide, high) =
        (SIDE * picture.width() as f64 / longest, SIDE * picture.height() as f64 / longest);
    let left = (WIDTH - 2.0 * wide - GAP) / 2.0;
    let mut canvas = Canvas::new();
    canvas.image("", (left, 10.0, wide, high), picture);
    canvas.image("", (left + wide + GAP, 10.0, wide, high), &overlay);
    canvas.text("k m", (left + wide / 2.0, high + 27.0), "what the network sees");
    canvas.text("k m", (left + wide * 1.5 + GAP, high + 27.0), "against (red), for (blue)");
    // As opaque as the overlay, so that it looks alike on dark pages.
    let colour = |share: f64| over([128, 128, 128, 255], share, 1.0);
    scale_of(&mut canvas, (WIDTH / 2.0 - 90.0, high + 42.0), 180.0, most, colour);
    canvas.finish(title, WIDTH, high + 74.0)
}

/// A pixel in pale grey, coloured by a signed value.
fn over([r, g, b, a]: [u8; 4], value: f64, most: f64) -> [u8; 4] {
    let light = (0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)) / 255.0;
    let light = light * f64::from(a) / 255.0 + 1.0 - f64::from(a) / 255.0;
    // Pale, so that colours show on it, and yet dark and bright are told apart.
    let ground = 200.0 + 52.0 * light;
    let share = if most > 0.0 && value.is_finite() { (value.abs() / most).min(1.0) } else { 0.0 };
    let colour = if value < 0.0 { Colour::Red.rgb() } else { Colour::Blue.rgb() };
    let mixed = colour.map(|c| (ground + share * (f64::from(c) - ground)).round() as u8);
    [mixed[0], mixed[1], mixed[2], 255]
}

/// What is as strong as can be: 99.5 % of the values are no greater.
fn strongest(values: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = values.iter().map(|v| v.abs()).filter(|v| v.is_finite()).collect();
    sizes.sort_by(f64::total_cmp);
    let at = |i: usize| sizes.get(i).copied().unwrap_or(0.0);
    let most = at((sizes.len() * 199 / 200).min(sizes.len().saturating_sub(1)));
    if most > 0.0 { most } else { at(sizes.len().saturating_sub(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_say_the_sign_and_the_ground_stays_grey() {
        let grey = over([255, 255, 255, 255], 0.0, 1.0);
        assert_eq!(grey, [252, 252, 252, 255]);
        let [r, g, b] = Colour::Red.rgb();
        assert_eq!(over([0, 0, 0, 255], -2.0, 1.0), [r, g, b, 255]);
        let blue = over([0, 0, 0, 255], 0.5, 1.0);
        assert!(blue[2] > blue[0], "{blue:?}");
        assert_eq!(over([0, 0, 0, 255], f64::NAN, 1.0)[0], 200);
        assert_eq!(strongest(&[]), 0.0);
        assert_eq!(strongest(&[0.0, 0.0, -3.0]), 3.0);
    }
}
