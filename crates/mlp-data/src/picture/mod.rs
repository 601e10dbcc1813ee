//! Pictures: finding, decoding, orienting, resizing. [`read_folder`] does it all.
//!
//! A format is told by a file's content, never by its name: JPEG, PNG, GIF (first frame), BMP,
//! WebP, TIFF and PNM (PBM, PGM, PPM, PAM). Orientation notes of cameras (EXIF) are obeyed; 16-bit
//! pictures are rounded to 8; transparent ones are laid over
//! [`PictureOptions::background`](crate::open::PictureOptions); colour profiles are not applied.
//! Everything is done in integers, or in `f32` in a fixed order, so the same file gives the same bytes
//! on every host. A JPEG that is made smaller is decoded no larger than it needs to be.
//!
//! Files may be hostile: sizes are checked before anything is decoded (at most 100 million pixels,
//! 65,535 a side, 512 MiB of pixels, 1 GiB of file), pictures of more than 20 million pixels are
//! decoded one at a time, and a decoder that panics has refused its file ([`quiet_panics`] keeps it
//! from printing).
//!
//! File names need not be UTF-8: in [`Names::Paths`](crate::Names::Paths) a byte that is not, or an
//! ASCII control character, is `\x` and two hexadecimal digits, and a backslash is doubled, so
//! different files have different names.

mod choose;
mod classes;
mod decode;
mod find;
mod fit;
mod jpeg;
mod labels;
mod layout;
mod planes;
mod resize;
mod scratch;
mod source;
mod survey;
mod taps;

pub use crate::quiet::quiet_panics;
#[cfg(feature = "drawings")]
pub(crate) use source::read_drawings;
pub use source::{FolderSource, read_files, read_folder};
pub use survey::{Survey, survey};

use crate::DataError;
use std::path::Path;

/// Files looked at to tell whether a folder holds pictures, at most.
const LOOKED_AT: usize = 1_000;

/// Pixels across and down of a picture file as it is looked at, its camera's orientation obeyed.
///
/// # Errors
/// A file that cannot be read, or is no picture.
pub fn size(path: &Path) -> Result<(u32, u32), DataError> {
    let head = find::read(path).and_then(|bytes| decode::head(&bytes));
    head.map(|head| head.upright()).map_err(|why| DataError::malformed(path, "picture", why))
}

/// Whether a path is a picture, by its content, or a folder with one below it, by content or by the
/// ending of its name. At most a thousand files are opened.
pub fn looks_like_pictures(path: &Path) -> bool {
    if !path.is_dir() {
        return path.is_file() && find::is_picture(path);
    }
    let Ok(walk) = find::walk(path) else { return false };
    let ending = |path: &Path| image::ImageFormat::from_path(path).is_ok();
    walk.files.iter().any(|file| ending(&file.path))
        || walk.files.iter().take(LOOKED_AT).any(|file| find::is_picture(&file.path))
}
