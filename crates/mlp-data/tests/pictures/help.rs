//! Folders of made pictures, and short ways to read them.

use image::{DynamicImage, ImageFormat, RgbImage};
use mlp_data::{Column, DataError, Dataset, Names, OpenOptions, Quiet, Target, picture};
use mlp_tensor::Exec;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder that goes away.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }
    pub fn path(&self) -> &Path {
        self.0.path()
    }
    /// Writes a file, making the folders it needs.
    pub fn put(&self, rel: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(rel);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
    /// Reads it with these options.
    pub fn read(&self, options: &OpenOptions) -> Result<Dataset, DataError> {
        picture::read_folder(&Exec::serial(), self.path(), options, &Quiet)
    }
    /// Reads it without labels.
    pub fn unlabelled(&self, options: OpenOptions) -> Result<Dataset, DataError> {
        self.read(&OpenOptions { target_optional: true, ..options })
    }
    /// The message of the error that reading gives.
    pub fn error(&self, options: &OpenOptions) -> String {
        self.read(options).expect_err("must not be readable").to_string()
    }
}

/// A picture in some format.
pub fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// An even picture as PNG.
pub fn even(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
    encoded(RgbImage::from_pixel(width, height, image::Rgb(colour)), ImageFormat::Png)
}

/// A picture whose pixels all differ somewhere: a slope in each channel.
pub fn slope(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, ((x + y) % 256) as u8])
    })
}

/// Reads one picture, by its bytes alone.
pub fn one(bytes: &[u8], options: OpenOptions) -> Result<Vec<u8>, String> {
    let folder = Folder::new();
    folder.put("picture", bytes);
    match folder.unlabelled(options) {
        Ok(data) => Ok(pixels(&data).to_vec()),
        Err(e) => Err(e.to_string()),
    }
}

/// All pictures' bytes.
pub fn pixels(data: &Dataset) -> &[u8] {
    match &data.table.columns[0] {
        Column::Pixels { bytes, .. } => bytes,
        other => panic!("no pictures: {other:?}"),
    }
}

/// All rows' names.
pub fn names(data: &Dataset) -> &[String] {
    match &data.names {
        Names::Paths(paths) => paths,
        other => panic!("no paths: {other:?}"),
    }
}

/// Labels and codes.
pub fn classes(data: &Dataset) -> (&[String], &[u32]) {
    match &data.target {
        Target::Classes { labels, codes, .. } => (labels, codes),
        other => panic!("no classes: {other:?}"),
    }
}

/// Options with a size.
pub fn sized(width: u32, height: u32) -> OpenOptions {
    OpenOptions { picture_size: Some((width, height)), ..OpenOptions::default() }
}
