//! Decoded pictures to the one shape that was chosen: channels, background, size, orientation.

use super::decode::{Decoded, Head, Wanted, turns_sides};
use super::planes;
use super::resize::{Pixels, Resampling};
use super::scratch::Scratch;
use super::taps::Span;
use crate::PictureShape;
use crate::open::{Channels, PictureOptions, Resize};
use image::DynamicImage;
use image::metadata::Orientation;
use mlp_tensor::Exec;

/// The shape of every picture read so.
pub(super) fn shape(options: &PictureOptions) -> PictureShape {
    let (width, height) = options.size;
    let channels = if options.channels == Channels::Rgb { 3 } else { 1 };
    PictureShape { width, height, channels }
}

/// How much of a picture is wanted for `options`' shape.
pub(super) fn wanted(head: &Head, options: &PictureOptions) -> Wanted {
    let (across, down, w, h) = stored_frame(head, options);
    Wanted { across, down, size: (w, h), luma_only: options.channels == Channels::Grey }
}

/// Brings a picture to `options`' shape: `to` has [`shape`]`(options).len()` bytes.
pub(super) fn fit(
    exec: &Exec,
    head: &Head,
    picture: Decoded,
    options: &PictureOptions,
    to: &mut [u8],
) {
    let wanted = wanted(head, options);
    let ((w, h), channels) = (wanted.size, shape(options).channels as usize);
    if !head.is_turned() && w * h * channels == to.len() {
        return small(exec, head, picture, options, &wanted, to);
    }
    let mut stored = Scratch::new(w * h * channels);
    small(exec, head, picture, options, &wanted, &mut stored);
    let (turned, w, h) = turn(&stored, w, h, channels, head.orientation);
    pad(&turned, w, h, options, to);
}

/// What is wanted of a picture as it is stored, in the pixels wanted.
fn small(
    exec: &Exec,
    head: &Head,
    picture: Decoded,
    options: &PictureOptions,
    wanted: &Wanted,
    to: &mut [u8],
) {
    let picture = match picture {
        Decoded::Planes(planes) => {
            return planes::part(exec, &planes, wanted, options.channels, to);
        }
        Decoded::Whole(picture) => picture,
    };
    let Wanted { across, down, size, .. } = *wanted;
    let channels = shape(options).channels as usize;
    let bytes = flatten(picture, options);
    let (width, height) = (head.width as usize, head.height as usize);
    let whole = |span: Span, side: usize| span == Span { from: 0.0, to: side as f64 };
    if size == (width, height) && whole(across, width) && whole(down, height) {
        return to.copy_from_slice(&bytes);
    }
    let from = Pixels { channels, first: (0, 0), stride: width * channels, bytes: &bytes };
    Resampling::new((width, height), across, down, size).of(exec, from, to);
}

/// [`frame`] as the stored picture sees it: turned pictures are turned when they are small.
fn stored_frame(head: &Head, options: &PictureOptions) -> (Span, Span, usize, usize) {
    let (mut w, mut h) = (options.size.0 as usize, options.size.1 as usize);
    if turns_sides(head.orientation) {
        (w, h) = (h, w);
    }
    frame(head.width as usize, head.height as usize, w, h, options.resize)
}

/// Which part of a picture goes to how many pixels (fewer than asked for if the rest is to be
/// padded).
fn frame(
    width: usize,
    height: usize,
    to_width: usize,
    to_height: usize,
    resize: Resize,
) -> (Span, Span, usize, usize) {
    let all = |side: usize| Span { from: 0.0, to: side as f64 };
    // Compared as width/to_width with height/to_height, in integers.
    let narrower = width * to_height <= height * to_width;
    match resize {
        Resize::Stretch => (all(width), all(height), to_width, to_height),
        Resize::Crop if narrower => {
            let part = (to_height * width) as f64 / to_width as f64;
            (all(width), middle(height, part), to_width, to_height)
        }
        Resize::Crop => {
            let part = (to_width * height) as f64 / to_height as f64;
            (middle(width, part), all(height), to_width, to_height)
        }
        Resize::Pad if narrower => {
            (all(width), all(height), nearest(width * to_height, height), to_height)
        }
        Resize::Pad => (all(width), all(height), to_width, nearest(height * to_width, width)),
    }
}

/// `part` pixels in the middle of a side.
fn middle(side: usize, part: f64) -> Span {
    let side = side as f64;
    let from = ((side - part) / 2.0).max(0.0);
    Span { from, to: (from + part).min(side) }
}

/// `a / b` rounded, at least one.
fn nearest(a: usize, b: usize) -> usize {
    ((2 * a + b) / (2 * b)).max(1)
}

/// Turns and mirrors a small picture.
fn turn(
    bytes: &[u8],
    width: usize,
    height: usize,
    channels: usize,
    orientation: Orientation,
) -> (Vec<u8>, usize, usize) {
    use Orientation::*;
    if orientation == NoTransforms {
        return (bytes.to_vec(), width, height);
    }
    let (w, h) = if turns_sides(orientation) { (height, width) } else { (width, height) };
    let mut out = Vec::with_capacity(bytes.len());
    for y in 0..h {
        for x in 0..w {
            // Where pixel (x, y) of the turned picture lies in the stored one.
            let (from_x, from_y) = match orientation {
                NoTransforms => (x, y),
                FlipHorizontal => (width - 1 - x, y),
                Rotate180 => (width - 1 - x, height - 1 - y),
                FlipVertical => (x, height - 1 - y),
                Rotate90FlipH => (y, x),
                Rotate90 => (y, height - 1 - x),
                Rotate270FlipH => (width - 1 - y, height - 1 - x),
                Rotate270 => (width - 1 - y, x),
            };
            let at = (from_y * width + from_x) * channels;
            out.extend_from_slice(&bytes[at..at + channels]);
        }
    }
    (out, w, h)
}

/// Puts a picture into the middle of the background, unless it fills it.
fn pad(bytes: &[u8], width: usize, height: usize, options: &PictureOptions, to: &mut [u8]) {
    let (to_width, to_height) = (options.size.0 as usize, options.size.1 as usize);
    if (width, height) == (to_width, to_height) {
        return to.copy_from_slice(bytes);
    }
    let mut back = Vec::new();
    keep(options.background, options.channels, &mut back);
    to.chunks_exact_mut(back.len()).for_each(|pixel| pixel.copy_from_slice(&back));
    let channels = back.len();
    let (left, top) = ((to_width - width) / 2, (to_height - height) / 2);
    for (y, row) in bytes.chunks_exact(width * channels).enumerate() {
        let at = ((top + y) * to_width + left) * channels;
        to[at..at + row.len()].copy_from_slice(row);
    }
}

/// The channels asked for as bytes, laid over the background where transparent.
fn flatten(picture: DynamicImage, options: &PictureOptions) -> Vec<u8> {
    let (channels, back) = (options.channels, options.background);
    let mut out = Vec::new();
    if !matches!(picture, DynamicImage::ImageRgb8(_) | DynamicImage::ImageLuma8(_)) {
        let pixels = picture.width() as usize * picture.height() as usize;
        out.reserve_exact(pixels * shape(options).channels as usize);
    }
    match picture {
        DynamicImage::ImageRgb8(p) if channels == Channels::Rgb => return p.into_raw(),
        DynamicImage::ImageLuma8(p) if channels != Channels::Rgb => return p.into_raw(),
        DynamicImage::ImageRgb8(p) => p.pixels().for_each(|p| keep(p.0, channels, &mut out)),
        DynamicImage::ImageLuma8(p) => {
            p.pixels().for_each(|p| keep([p.0[0]; 3], channels, &mut out))
        }
        DynamicImage::ImageLumaA8(p) => p.pixels().for_each(|p| {
            let [v, a] = p.0;
            keep(over([v; 3], a, back), channels, &mut out);
        }),
        DynamicImage::ImageRgba8(p) => p.pixels().for_each(|p| {
            let [r, g, b, a] = p.0;
            keep(over([r, g, b], a, back), channels, &mut out);
        }),
        DynamicImage::ImageLuma16(p) => {
            p.pixels().for_each(|p| keep([byte(p.0[0]); 3], channels, &mut out));
        }
        DynamicImage::ImageLumaA16(p) => p.pixels().for_each(|p| {
            let [v, a] = p.0.map(byte);
            keep(over([v; 3], a, back), channels, &mut out);
        }),
        DynamicImage::ImageRgb16(p) => {
            p.pixels().for_each(|p| keep(p.0.map(byte), channels, &mut out));
        }
        DynamicImage::ImageRgba16(p) => p.pixels().for_each(|p| {
            let [r, g, b, a] = p.0.map(byte);
            keep(over([r, g, b], a, back), channels, &mut out);
        }),
        // Floating point, from TIFF: 0 to 1.
        other => other.into_rgba32f().pixels().for_each(|p| {
            let [r, g, b, a] = p.0.map(|v| (v.clamp(0.0, 1.0) * 255.0 + 0.5) as u8);
            keep(over([r, g, b], a, back), channels, &mut out);
        }),
    }
    out
}

/// 16 bits to 8, rounded.
fn byte(v: u16) -> u8 {
    ((u32::from(v) + 128) / 257) as u8
}

/// A pixel of opacity `a` over the background.
fn over(pixel: [u8; 3], a: u8, back: [u8; 3]) -> [u8; 3] {
    let a = u32::from(a);
    std::array::from_fn(|c| {
        ((u32::from(pixel[c]) * a + u32::from(back[c]) * (255 - a) + 127) / 255) as u8
    })
}

/// Appends the channels asked for. Grey is luma after ITU-R BT.601, in 16 bits after the point as
/// Pillow has it.
fn keep([r, g, b]: [u8; 3], channels: Channels, out: &mut Vec<u8>) {
    match channels {
        Channels::Rgb => out.extend([r, g, b]),
        Channels::Grey => {
            let luma = 19_595 * u32::from(r) + 38_470 * u32::from(g) + 7_471 * u32::from(b);
            out.push(((luma + 0x8000) >> 16) as u8);
        }
        Channels::Red => out.push(r),
        Channels::Green => out.push(g),
        Channels::Blue => out.push(b),
    }
}
