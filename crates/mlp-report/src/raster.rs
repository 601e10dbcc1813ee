//! Pictures made of pixels, and their PNG bytes. Decoding picture files is `mlp-data`'s.

use crate::Colour;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mlp_model::data::PictureShape;

/// Most pixels along a side of a picture.
const MAX_SIDE: usize = 4096;

/// A picture in memory: red, green, blue and opacity of every pixel, row by row. Where it is not opaque the page shows
/// through, so that one picture suits light and dark pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raster {
    width: usize,
    height: usize,
    /// `4 × width × height`.
    rgba: Vec<u8>,
}

impl Raster {
    /// From a function of column and row. Sides are cut to 4,096.
    pub fn from_fn(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [u8; 4]) -> Raster {
        let (width, height) = (width.clamp(1, MAX_SIDE), height.clamp(1, MAX_SIDE));
        let mut rgba = Vec::with_capacity(4 * width * height);
        for y in 0..height {
            for x in 0..width {
                rgba.extend(pixel(x, y));
            }
        }
        Raster { width, height, rgba }
    }

    /// A picture of a data set: bytes row by row, the channels of a pixel together. Bytes that are lacking are 0.
    pub fn picture(shape: PictureShape, bytes: &[u8]) -> Raster {
        let (width, channels) = (shape.width as usize, shape.channels as usize);
        Raster::from_fn(width, shape.height as usize, |x, y| {
            let at = channels * (y * width + x);
            let byte = |i: usize| bytes.get(at + i).copied().unwrap_or(0);
            if channels == 3 {
                [byte(0), byte(1), byte(2), 255]
            } else {
                [byte(0), byte(0), byte(0), 255]
            }
        })
    }

    /// Signed values, row by row: blue where positive, red where negative, the more opaque the further from zero;
    /// `most` is opaque. Values that are no numbers are grey.
    pub fn diverging(width: usize, height: usize, values: &[f32], most: f32) -> Raster {
        Raster::from_fn(width, height, |x, y| {
            let value = values.get(y * width + x).copied().unwrap_or(0.0);
            signed(f64::from(value), f64::from(most))
        })
    }

    /// Pixels across.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels down.
    pub fn height(&self) -> usize {
        self.height
    }

    /// A pixel.
    pub fn at(&self, x: usize, y: usize) -> [u8; 4] {
        let at = 4 * (y * self.width + x);
        self.rgba.get(at..at + 4).map_or([0; 4], |p| [p[0], p[1], p[2], p[3]])
    }

    /// Made smaller, if need be, so that no side is longer than `side`: means of boxes of pixels.
    pub fn thumbnail(&self, side: usize) -> Raster {
        let side = side.max(1);
        let longest = self.width.max(self.height);
        if longest <= side {
            return self.clone();
        }
        let scaled = |n: usize| (n * side / longest).max(1);
        let (width, height) = (scaled(self.width), scaled(self.height));
        Raster::from_fn(width, height, |x, y| {
            let across = x * self.width / width..((x + 1) * self.width / width).max(1);
            let down = y * self.height / height..((y + 1) * self.height / height).max(1);
            let (mut sums, mut n) = ([0u32; 4], 0u32);
            for (x, y) in down.flat_map(|y| across.clone().map(move |x| (x, y))) {
                let pixel = self.at(x, y);
                sums.iter_mut().zip(pixel).for_each(|(sum, byte)| *sum += u32::from(byte));
                n += 1;
            }
            sums.map(|sum| (sum / n.max(1)) as u8)
        })
    }

    /// Several pictures of one size side by side, `columns` in a row, `gap` transparent pixels between them.
    pub fn tiled(tiles: &[Raster], columns: usize, gap: usize) -> Raster {
        let Some(first) = tiles.first() else { return Raster::from_fn(1, 1, |_, _| [0; 4]) };
        let columns = columns.clamp(1, tiles.len());
        let (across, down) = (first.width + gap, first.height + gap);
        let rows = tiles.len().div_ceil(columns);
        Raster::from_fn(columns * across - gap, rows * down - gap, |x, y| {
            let inside = x % across < first.width && y % down < first.height;
            let tile = tiles.get(y / down * columns + x / across).filter(|_| inside);
            tile.map_or([0; 4], |tile| tile.at(x % across, y % down))
        })
    }

    /// The bytes of a PNG file.
    pub fn png(&self) -> Vec<u8> {
        let (colour, samples) = self.compact();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(colour);
        encoder.set_depth(png::BitDepth::Eight);
        // Sizes agree and the sink is memory: this cannot fail.
        let written = encoder.write_header().and_then(|mut w| w.write_image_data(&samples));
        debug_assert!(written.is_ok(), "{written:?}");
        bytes
    }

    /// The fewest channels that hold all there is.
    fn compact(&self) -> (png::ColorType, Vec<u8>) {
        let pixels = || self.rgba.chunks_exact(4);
        if pixels().any(|p| p[3] != 255) {
            return (png::ColorType::Rgba, self.rgba.clone());
        }
        match pixels().all(|p| p[0] == p[1] && p[1] == p[2]) {
            true => (png::ColorType::Grayscale, pixels().map(|p| p[0]).collect()),
            false => (png::ColorType::Rgb, pixels().flat_map(|p| [p[0], p[1], p[2]]).collect()),
        }
    }

    /// The PNG as an address that holds it whole.
    pub fn data_uri(&self) -> String {
        format!("data:image/png;base64,{}", STANDARD.encode(self.png()))
    }
}

/// The pixel of a signed value.
pub(crate) fn signed(value: f64, most: f64) -> [u8; 4] {
    if !value.is_finite() {
        let [r, g, b] = Colour::Grey.rgb();
        return [r, g, b, 255];
    }
    let [r, g, b] = if value < 0.0 { Colour::Red.rgb() } else { Colour::Blue.rgb() };
    let share = if most > 0.0 { (value.abs() / most).min(1.0) } else { 0.0 };
    [r, g, b, (share * 255.0).round() as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pngs_keep_the_fewest_channels() {
        let grey = Raster::from_fn(3, 2, |x, y| [(x * 40 + y) as u8; 3].map(|b| b).into_rgba());
        let decoder = png::Decoder::new(std::io::Cursor::new(grey.png()));
        let info = decoder.read_info().unwrap();
        let info = info.info();
        assert_eq!((info.width, info.height, info.color_type), (3, 2, png::ColorType::Grayscale));
    }

    trait IntoRgba {
        fn into_rgba(self) -> [u8; 4];
    }

    impl IntoRgba for [u8; 3] {
        fn into_rgba(self) -> [u8; 4] {
            [self[0], self[1], self[2], 255]
        }
    }

    #[test]
    fn thumbnails_keep_the_shape_and_the_mean() {
        let big = Raster::from_fn(400, 100, |x, _| [if x % 2 == 0 { 0 } else { 200 }, 7, 7, 255]);
        let small = big.thumbnail(40);
        assert_eq!((small.width(), small.height()), (40, 10));
        assert_eq!(small.at(3, 3), [100, 7, 7, 255]);
    }

    #[test]
    fn tiles_stand_apart() {
        let tile = Raster::from_fn(2, 2, |_, _| [9, 9, 9, 255]);
        let all = Raster::tiled(&vec![tile; 3], 2, 1);
        assert_eq!((all.width(), all.height()), (5, 5));
        assert_eq!(all.at(2, 0), [0; 4]);
        assert_eq!(all.at(3, 0), [9, 9, 9, 255]);
        assert_eq!(all.at(4, 4), [0; 4], "no fourth tile");
    }

    #[test]
    fn signs_have_colours() {
        let weights = Raster::diverging(3, 1, &[1.0, -0.5, f32::NAN], 1.0);
        assert_eq!(weights.at(0, 0)[3], 255);
        assert_eq!(weights.at(1, 0)[3], 128);
        assert_ne!(weights.at(0, 0)[..3], weights.at(1, 0)[..3]);
        assert_eq!(weights.at(2, 0)[3], 255);
    }
}
