//! The bytes of a picture file to pixels: format by content, limits, reasons in plain words. JPEG
//! has a room of its own, [`super::jpeg`]; what becomes of the pixels: [`super::fit`].

use super::jpeg;
use super::planes::Plane;
use super::taps::Span;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use mlp_tensor::Exec;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Pixels of a picture, at most.
const MAX_PIXELS: u64 = 100_000_000;
/// Pixels of a side, at most.
const MAX_SIDE: u32 = 65_535;
/// Bytes that the decoded pixels, or any one buffer of a decoder, may take.
const MAX_BYTES: u64 = 512 << 20;

/// What a file's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Pixels across, as stored.
    pub width: u32,
    /// Pixels down, as stored.
    pub height: u32,
    /// Whether it has no colour.
    pub grey: bool,
    /// Whether it can be transparent.
    pub alpha: bool,
    /// How to turn it before showing it.
    pub orientation: Orientation,
}

impl Head {
    /// Whether it must be turned or mirrored.
    pub fn is_turned(&self) -> bool {
        self.orientation != Orientation::NoTransforms
    }
    /// Pixels across and down once it is turned.
    pub fn upright(&self) -> (u32, u32) {
        match turns_sides(self.orientation) {
            true => (self.height, self.width),
            false => (self.width, self.height),
        }
    }
}

/// How much of a picture is wanted, as it is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// The part across.
    pub across: Span,
    /// The part down.
    pub down: Span,
    /// Pixels that are to be made of it, across and down.
    pub size: (usize, usize),
    /// Whether colours are not.
    pub luma_only: bool,
}

impl Wanted {
    /// Stored pixels that make one pixel wanted, across or down, whichever are fewer.
    pub fn scale(&self) -> f64 {
        let each = |span: Span, pixels: usize| (span.to - span.from) / pixels as f64;
        each(self.across, self.size.0).min(each(self.down, self.size.1))
    }
}

/// A picture's pixels.
#[derive(Debug)]
pub(super) enum Decoded {
    /// All as they are stored.
    Whole(DynamicImage),
    /// Made smaller, but not smaller than wanted: luma, then chroma if there is any and it is
    /// wanted.
    Planes(Vec<Plane>),
}

/// Whether width and height change places.
pub(super) fn turns_sides(orientation: Orientation) -> bool {
    use Orientation::*;
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

/// The format, by the first bytes; of those that can be read.
pub(super) fn format(first_bytes: &[u8]) -> Option<ImageFormat> {
    image::guess_format(first_bytes).ok().filter(|f| name(*f).is_some())
}

/// What a format is called, if it can be read.
pub(super) fn name(format: ImageFormat) -> Option<&'static str> {
    Some(match format {
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Png => "PNG",
        ImageFormat::Gif => "GIF",
        ImageFormat::Bmp => "BMP",
        ImageFormat::WebP => "WebP",
        ImageFormat::Tiff => "TIFF",
        ImageFormat::Pnm => "PNM",
        _ => return None,
    })
}

/// Why these first bytes are no picture that can be read.
pub(super) fn no_picture(first_bytes: &[u8]) -> String {
    if first_bytes.is_empty() {
        return "the file is empty".to_string();
    }
    let text = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r' | 32..=126 | 128..);
    match image::guess_format(first_bytes) {
        Ok(other) => format!("{other:?} pictures are not supported; convert it to PNG or JPEG"),
        Err(_) if first_bytes.iter().all(text) => "not a picture (it looks like text)".to_string(),
        Err(_) => "not a picture (no JPEG, PNG, GIF, BMP, WebP, TIFF or PNM)".to_string(),
    }
}

/// Size, colour and orientation of a picture, without its pixels.
///
/// # Errors
/// The reason in words.
pub(super) fn head(bytes: &[u8]) -> Result<Head, String> {
    guarded(|| {
        let format = format(bytes).ok_or_else(|| no_picture(bytes))?;
        match format {
            ImageFormat::Jpeg => jpeg::head(bytes),
            _ => Ok(open(bytes, format)?.1),
        }
    })
}

/// A picture's pixels and its header, from which `wanted` tells how many are needed. Before many
/// are decoded, `gate` is asked; what it gives is held until the caller is done.
///
/// # Errors
/// The reason in words.
pub(super) fn decode<G>(
    exec: &Exec,
    bytes: &[u8],
    wanted: impl Fn(&Head) -> Wanted,
    gate: impl FnOnce(&Head) -> Option<G>,
) -> Result<(Head, Decoded, Option<G>), String> {
    guarded(|| {
        let format = format(bytes).ok_or_else(|| no_picture(bytes))?;
        if format == ImageFormat::Jpeg {
            return jpeg::decode(exec, bytes, wanted, gate);
        }
        let (decoder, head) = open(bytes, format)?;
        let held = gate(&head);
        let pixels = DynamicImage::from_decoder(decoder).map_err(|e| reason(format, &e))?;
        Ok((head, Decoded::Whole(pixels), held))
    })
}

/// A decoder that has read the header and found it within the limits.
fn open(bytes: &[u8], format: ImageFormat) -> Result<(impl ImageDecoder + '_, Head), String> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|e| reason(format, &e))?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, decoder.total_bytes())?;
    let (grey, alpha) = (!decoder.color_type().has_color(), decoder.color_type().has_alpha());
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((decoder, Head { width, height, grey, alpha, orientation }))
}

/// Refuses what would take too much memory; `bytes` are those of the decoded pixels.
pub(super) fn check_size(width: u32, height: u32, bytes: u64) -> Result<(), String> {
    if width == 0 || height == 0 {
        return Err(format!("it says that it has {width}×{height} pixels"));
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS || width.max(height) > MAX_SIDE {
        return Err(format!(
            "it says that it has {width}×{height} pixels; the limit is {} million and \
             {MAX_SIDE} a side",
            MAX_PIXELS / 1_000_000
        ));
    }
    match bytes > MAX_BYTES {
        true => {
            Err(format!("its pixels would take {} MB; the limit is 512 MiB", bytes / 1_000_000))
        }
        false => Ok(()),
    }
}

/// A decoder's error in words.
fn reason(format: ImageFormat, error: &ImageError) -> String {
    let name = name(format).unwrap_or("picture");
    let early = |e: &std::io::Error| e.kind() == std::io::ErrorKind::UnexpectedEof;
    match error {
        ImageError::IoError(e) if early(e) => format!("the {name} ends too early"),
        ImageError::IoError(e) => broken(name, e),
        ImageError::Limits(_) => {
            format!("the {name} would take more memory than the limit of 512 MiB")
        }
        ImageError::Unsupported(e) => {
            format!("a kind of {name} that is not supported ({})", plain(&e.to_string()))
        }
        ImageError::Decoding(e) => match std::error::Error::source(e) {
            Some(inner) => broken(name, inner),
            None => broken(name, e),
        },
        other => broken(name, other),
    }
}

/// That a file is broken, with the decoder's words.
pub(super) fn broken(name: &str, error: &dyn std::fmt::Display) -> String {
    format!("the {name} is broken ({})", plain(&error.to_string()))
}

/// A foreign message as one short line.
pub(super) fn plain(text: &str) -> String {
    let mut line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.retain(|c| !c.is_control());
    if let Some((cut, _)) = line.char_indices().nth(160) {
        line.truncate(cut);
        line.push('…');
    }
    line
}

/// Runs a decoder. One that panics, as some do on hostile input, counts as one that refused.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let _quiet = crate::quiet::Quiet::begin();
    // Nothing outlives a panic: the closure owns or only reads what it touches.
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(_) => Err("the file is damaged in a way that broke its decoder".to_string()),
    }
}
