//! Pictures as numbers: pixels enlarged with their values, vectors as strips, weights as pictures.

use crate::svg::{Canvas, Svg, signed_scale};
use crate::{Raster, number, text};
use mlp_model::data::Pipeline;
use mlp_model::{Model, Network};

/// Width of a picture.
const WIDTH: f64 = 420.0;
/// Most pictures of weights.
const MOST_NODES: usize = 64;

/// Pixels enlarged, each with its number in it.
#[derive(Clone, Debug)]
pub struct PixelGrid {
    title: String,
    picture: Raster,
    words: Vec<String>,
}

impl PixelGrid {
    /// A picture of a few pixels, at most 24 × 24 of it, without numbers.
    pub fn new(title: impl Into<String>, picture: &Raster) -> PixelGrid {
        let (width, height) = (picture.width().min(24), picture.height().min(24));
        let picture = Raster::from_fn(width, height, |x, y| picture.at(x, y));
        PixelGrid { title: title.into(), picture, words: Vec::new() }
    }

    /// The part of a picture that begins at a column and row, so many pixels each way.
    pub fn crop(
        title: impl Into<String>,
        picture: &Raster,
        at: (usize, usize),
        size: (usize, usize),
    ) -> PixelGrid {
        let (width, height) = (size.0.clamp(1, 24), size.1.clamp(1, 24));
        let inside = |x: usize, y: usize| x < picture.width() && y < picture.height();
        let part = Raster::from_fn(width, height, |x, y| {
            let (x, y) = (at.0 + x, at.1 + y);
            if inside(x, y) { picture.at(x, y) } else { [0; 4] }
        });
        PixelGrid::new(title, &part)
    }

    /// Writes a channel's value into each pixel: 0 red, 1 green, 2 blue.
    pub fn channel(mut self, channel: usize) -> PixelGrid {
        let (width, height) = (self.picture.width(), self.picture.height());
        let all = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        self.words = all.map(|(x, y)| self.picture.at(x, y)[channel.min(2)].to_string()).collect();
        self
    }

    /// Writes these words into the pixels, row by row.
    pub fn words(mut self, words: Vec<String>) -> PixelGrid {
        self.words = words;
        self
    }

    /// Draws it.
    pub fn svg(&self) -> Svg {
        let (columns, rows) = (self.picture.width(), self.picture.height());
        let side = ((WIDTH - 20.0) / columns as f64).min(52.0);
        let (wide, high) = (side * columns as f64, side * rows as f64);
        let left = (WIDTH - wide) / 2.0;
        let mut canvas = Canvas::new();
        canvas.image("", (left, 10.0, wide, high), &self.picture);
        let widest = self.words.iter().map(|w| text::width(w, 1.0)).fold(0.0, f64::max);
        let size = ((side - 3.0) / widest.max(0.1)).min(13.0).min(side * 0.6);
        for (i, words) in self.words.iter().take(columns * rows).enumerate() {
            let (column, row) = (i % columns, i / columns);
            // Black or white, whichever stands out from the pixel; the theme has no say here.
            let [r, g, b, a] = self.picture.at(column, row).map(f64::from);
            let light = (0.299 * r + 0.587 * g + 0.114 * b) * a / 255.0 + 255.0 - a;
            let ink = if light > 140.0 { "#000" } else { "#fff" };
            let at = (
                left + side * (column as f64 + 0.5),
                10.0 + side * (row as f64 + 0.5) + size * 0.36,
            );
            canvas.pixel_text(at, ink, size, words);
        }
        canvas.finish(&self.title, WIDTH, high + 20.0)
    }
}

/// A vector of bytes as one strip from its first value to its last, grey by value: what a flattened picture is.
/// Several values share a place where there are more than 2,048.
pub fn strip(title: &str, values: &[u8]) -> Svg {
    let mut canvas = Canvas::new();
    let columns = values.len().clamp(1, 2048);
    let share = |i: usize| i * values.len() / columns;
    let picture = Raster::from_fn(columns, 1, |x, _| {
        let run = values.get(share(x)..share(x + 1)).unwrap_or_default();
        let sum: u64 = run.iter().map(|&b| u64::from(b)).sum();
        let mean = (sum / run.len().max(1) as u64) as u8;
        [mean, mean, mean, 255]
    });
    let (left, wide) = (10.0, WIDTH - 20.0);
    if values.is_empty() {
        canvas.text("soft m", (WIDTH / 2.0, 34.0), "no values to draw");
    } else {
        canvas.image("", (left, 10.0, wide, 44.0), &picture);
    }
    canvas.text("k", (left, 72.0), "x1");
    let last = format!("x{}", number::grouped(values.len()));
    canvas.text("k e", (WIDTH - 10.0, 72.0), &last);
    canvas.finish(title, WIDTH, 82.0)
}

/// Pictures in a row (or several, where they do not fit), each with a line of words below.
pub fn picture_row(title: &str, pictures: &[(Raster, String)]) -> Svg {
    let columns = pictures.len().clamp(1, 4);
    let gap = 12.0;
    let side = ((WIDTH - 20.0 - gap * (columns - 1) as f64) / columns as f64).min(190.0);
    let rows = pictures.len().div_ceil(columns).max(1);
    let all = side * columns as f64 + gap * (columns - 1) as f64;
    let mut canvas = Canvas::new();
    for (i, (picture, words)) in pictures.iter().enumerate() {
        let x = (WIDTH - all) / 2.0 + (side + gap) * (i % columns) as f64;
        let y = 10.0 + (side + 30.0) * (i / columns) as f64;
        let longest = picture.width().max(picture.height()) as f64;
        let (wide, high) =
            (side * picture.width() as f64 / longest, side * picture.height() as f64 / longest);
        canvas.image("", (x + (side - wide) / 2.0, y + (side - high) / 2.0, wide, high), picture);
        canvas.text("k m", (x + side / 2.0, y + side + 17.0), &text::fit(words, 12.0, side + gap));
    }
    canvas.finish(title, WIDTH, 20.0 + (side + 30.0) * rows as f64)
}

/// The weights of first-layer nodes as pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightPictures {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// For each node its weights, row by row.
    pub nodes: Vec<Vec<f32>>,
}

impl WeightPictures {
    /// Of a model whose inputs are pictures; `None` of any other, also of one that takes principal components.
    pub fn of(model: &Model) -> Option<WeightPictures> {
        WeightPictures::with(&model.pipeline, &model.network, &model.params.values)
    }

    /// Of any parameters of a network, such as those before training. The weights of a pixel's colours become their
    /// mean; only the nodes that are drawn are kept.
    pub fn with(pipeline: &Pipeline, network: &Network, params: &[f32]) -> Option<WeightPictures> {
        let shape = pipeline.picture_shape().filter(|_| pipeline.projection.is_none())?;
        let slot = network.slots().iter().find(|slot| slot.decay)?;
        let weights = params.get(slot.range.clone())?;
        let (width, height) = (shape.width as usize, shape.height as usize);
        let (skip, channels) = (pipeline.dense_width(), shape.channels.max(1) as usize);
        let node = |node: usize| -> Vec<f32> {
            let weight = |input: usize| weights.get((skip + input) * slot.rows + node).copied();
            let pixel = |p: usize| {
                let sum: f32 = (0..channels).filter_map(|c| weight(p * channels + c)).sum();
                sum / channels as f32
            };
            (0..width * height).map(pixel).collect()
        };
        let nodes = (0..slot.rows.min(MOST_NODES)).map(node).collect();
        Some(WeightPictures { width, height, nodes })
    }

    /// Draws them, blue where a bright pixel raises the node, red where it lowers it. All share one scale; at most 64
    /// are drawn. The strongest half per cent of the weights share the strongest colour, so that single ones do not
    /// make all others pale.
    pub fn svg(&self, title: &str) -> Svg {
        let nodes = &self.nodes[..self.nodes.len().min(MOST_NODES)];
        let most = scale(nodes);
        let columns = match nodes.len() {
            0..=4 => nodes.len().max(1),
            5..=16 => 4,
            17..=36 => 6,
            _ => 8,
        };
        let mut canvas = Canvas::new();
        if nodes.is_empty() {
            canvas.text("soft m", (WIDTH / 2.0, 24.0), "no weights to draw");
            return canvas.finish(title, WIDTH, 40.0);
        }
        // No finer than can be seen.
        let finest = (1200 / columns).max(8);
        let gap = (self.width.max(self.height).min(finest) / 10).max(1);
        let tile =
            |w: &Vec<f32>| Raster::diverging(self.width, self.height, w, most).thumbnail(finest);
        let tiles: Vec<Raster> = nodes.iter().map(tile).collect();
        let all = Raster::tiled(&tiles, columns, gap);
        let wide = (WIDTH - 20.0).min(all.width() as f64 * 24.0);
        let unit = wide / all.width() as f64;
        let (left, high) = ((WIDTH - wide) / 2.0, unit * all.height() as f64);
        // A ground behind each, so that weights near zero are seen to be there.
        let (across, down) = (tiles[0].width() as f64 * unit, tiles[0].height() as f64 * unit);
        for i in 0..tiles.len() {
            let x = left + (i % columns) as f64 * (across + gap as f64 * unit);
            let y = 10.0 + (i / columns) as f64 * (down + gap as f64 * unit);
            canvas.rect("panel", (x, y, across, down), "");
        }
        canvas.image("", (left, 10.0, wide, high), &all);
        signed_scale(&mut canvas, (WIDTH / 2.0 - 90.0, high + 22.0), 180.0, f64::from(most));
        canvas.finish(title, WIDTH, high + 54.0)
    }
}

/// What is as strong as can be: 99.5 % of the weights are no greater.
fn scale(nodes: &[Vec<f32>]) -> f32 {
    let finite = nodes.iter().flatten().map(|w| w.abs()).filter(|w| w.is_finite());
    let mut all: Vec<f32> = finite.collect();
    if all.is_empty() {
        return 0.0;
    }
    let at = (all.len() * 199 / 200).min(all.len() - 1);
    let (_, scale, rest) = all.select_nth_unstable_by(at, f32::total_cmp);
    // Nearly all may be zero.
    if *scale > 0.0 { *scale } else { rest.iter().copied().fold(0.0, f32::max) }
}
