//! `--preview`: a sheet of what the network sees of the first training pictures.

use super::Job;
use crate::failure::usage;
use crate::output::say;
use anyhow::Context;
use mlp_data::augment::Room;
use mlp_data::features::hog::ORIENTATIONS;
use mlp_data::{Hog, Kind, PictureShape};
use mlp_model::file;
use mlp_report::Raster;
use mlp_tensor::Streams;
use mlp_tensor::math::{cos_pi, sin_pi};
use std::path::Path;

/// Pictures shown, a row each.
const ROWS: usize = 8;
/// How often each is shown changed, and how often where its features are drawn beside it.
const CHANGED: [u32; 2] = [6, 3];
/// Small pictures are enlarged to so many pixels.
const SIDE: u32 = 96;
/// Transparent pixels between pictures.
const GAP: usize = 4;

impl Job<'_> {
    /// Writes the sheet: in each row a training picture as it is, and as the first epochs see it; where
    /// features are taken, each with the edges that they tell of.
    pub(super) fn preview(&self, path: &Path) -> anyhow::Result<()> {
        let session = &self.session;
        if !session.encoded.has_pictures() {
            let mut fields = session.pipeline.schema.fields.iter();
            let why = match fields.any(|field| matches!(field.kind, Kind::Picture(_))) {
                true => "--preview shows pictures, and after --pca none are seen; leave one out",
                false => "--preview shows pictures, and there are none here; leave it out",
            };
            return Err(usage(why));
        }
        let hog = session.pipeline.features().and_then(|(set, ..)| set.hog.first().copied());
        let changes = match session.config.augment.is_none() {
            true => 0,
            false => CHANGED[usize::from(hog.is_some())],
        };
        let columns = (1 + changes as usize) * (1 + usize::from(hog.is_some()));
        let (streams, mut room) = (Streams::new(session.config.seed), Room::default());
        let mut tiles = Vec::new();
        // Spread over the part, so that all classes are likely to be there.
        let shown = session.train.len().min(ROWS);
        for row in (0..shown).map(|i| session.train[i * session.train.len() / shown]) {
            let Some((shape, original)) = session.encoded.picture(row)? else { continue };
            tiles.extend(seen(shape, original, hog));
            for epoch in 0..changes {
                let augment = &session.config.augment;
                let bytes = augment.picture(&streams, (epoch, row), shape, original, &mut room);
                tiles.extend(seen(shape, bytes, hog));
            }
        }
        let sheet = Raster::tiled(&tiles, columns, GAP);
        file::write_atomic(path, &sheet.png())
            .context("the preview cannot be written; choose another --preview")?;
        if !self.global.quiet {
            let what = format!("what the network sees of {shown} training pictures");
            say(&format!("{what}: {}", path.display()));
        }
        Ok(())
    }
}

/// A picture, and where features are taken its edges.
fn seen(shape: PictureShape, bytes: &[u8], hog: Option<Hog>) -> Vec<Raster> {
    let factor = (SIDE / shape.width.max(shape.height)).max(1) as usize;
    let picture = Raster::picture(shape, bytes);
    let (width, height) = (picture.width() * factor, picture.height() * factor);
    let mut tiles = vec![Raster::from_fn(width, height, |x, y| picture.at(x / factor, y / factor))];
    tiles.extend(hog.map(|hog| edges(shape, bytes, hog, factor)));
    tiles
}

/// A stroke for every orientation of every cell, along the edge and so across the gradient; the
/// brighter, the larger the gradients.
fn edges(shape: PictureShape, bytes: &[u8], hog: Hog, factor: usize) -> Raster {
    let histograms = hog.histograms(shape, bytes);
    let (across, down) = hog.cells(shape);
    let most = histograms.iter().copied().fold(1e-6, f32::max);
    let directions: [(f64, f64); ORIENTATIONS] = std::array::from_fn(|o| {
        let turn = (o as f64 + 0.5) / ORIENTATIONS as f64;
        (cos_pi(turn), sin_pi(turn))
    });
    let side = hog.cell as usize * factor;
    let (width, height) = (shape.width as usize * factor, shape.height as usize * factor);
    let reach = side as f64 / 2.0 - 0.5;
    Raster::from_fn(width, height, |x, y| {
        let (column, row) = (x / side, y / side);
        if column >= across || row >= down {
            return [0, 0, 0, 255];
        }
        let from_middle = |at: usize| (at % side) as f64 - reach;
        let (dx, dy) = (from_middle(x), from_middle(y));
        let inside = dx * dx + dy * dy <= reach * reach;
        let own = &histograms[(row * across + column) * ORIENTATIONS..][..ORIENTATIONS];
        let strokes = own.iter().zip(directions).map(|(strength, (cos, sin))| {
            let distance = (dx * cos + dy * sin).abs();
            f64::from(*strength) * (1.2 - distance).clamp(0.0, 1.0)
        });
        let light = if inside { strokes.fold(0.0, f64::max) / f64::from(most) } else { 0.0 };
        let grey = (255.0 * light.sqrt()).round() as u8;
        [grey, grey, grey, 255]
    })
}
