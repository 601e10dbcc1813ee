//! JPEG, with the decoder that `image` uses, called directly: `image` has no way to ask it to
//! refuse damaged pictures, which it would fill up with grey.
//!
//! Where a small picture is wanted, [`reduced`] decodes the usual kind of JPEG at a half to an
//! eighth of its size.
//!
//! Colours: 4-component pictures are taken as inverted CMYK or YCCK, as Adobe writes them and
//! Pillow and browsers read them. Colour profiles are not applied. The decoder's SIMD and portable
//! code give the same bytes.

mod header;
mod huffman;
mod idct;
mod reduced;

use super::decode::{Decoded, Head, Wanted, broken, check_size, plain};
use header::Header;
use image::DynamicImage;
use image::metadata::Orientation;
use mlp_tensor::Exec;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

type Decoder<'a> = JpegDecoder<ZCursor<&'a [u8]>>;

/// Size, colour and orientation.
pub(super) fn head(bytes: &[u8]) -> Result<Head, String> {
    match header::parse(bytes) {
        Some(header) => usual_head(&header),
        None => Ok(open(bytes)?.1),
    }
}

/// The head of a JPEG of the usual kind.
fn usual_head(header: &Header) -> Result<Head, String> {
    let (width, height) = (header.width as u32, header.height as u32);
    let grey = header.components.len() == 1;
    check_size(width, height, (header.width * header.height * header.components.len()) as u64)?;
    let orientation = header.exif.and_then(Orientation::from_exif_chunk);
    let orientation = orientation.unwrap_or(Orientation::NoTransforms);
    Ok(Head { width, height, grey, orientation, alpha: false })
}

/// Planes that are large enough for what is wanted, if that is much smaller than the picture; else
/// pixels as stored, grey or RGB, and what `gate` gave for them. With the header.
pub(super) fn decode<G>(
    exec: &Exec,
    bytes: &[u8],
    wanted: impl Fn(&Head) -> Wanted,
    gate: impl FnOnce(&Head) -> Option<G>,
) -> Result<(Head, Decoded, Option<G>), String> {
    let (mut gate, mut held) = (Some(gate), None);
    if let Some(header) = header::parse(bytes) {
        let head = usual_head(&header)?;
        let wanted = wanted(&head);
        if wanted.scale() < 2.0 {
            held = gate.take().and_then(|gate| gate(&head));
        }
        if let Some(planes) = reduced::decode(exec, &header, &wanted) {
            return Ok((head, Decoded::Planes(planes), held));
        }
    }
    let (mut decoder, head) = open(bytes)?;
    if let Some(gate) = gate {
        held = gate(&head);
    }
    if !has_end(bytes) {
        return Err("the JPEG ends too early".to_string());
    }
    // Oddities of the header are forgiven (the decoder was not strict until here), damaged pixels
    // are not.
    let colours = if head.grey { ColorSpace::Luma } else { ColorSpace::RGB };
    let options = decoder.options().set_strict_mode(true).jpeg_set_out_colorspace(colours);
    decoder.set_options(options);
    let length = decoder.output_buffer_size().ok_or("the JPEG has no pixels")?;
    let mut pixels = vec![0; length];
    decoder.decode_into(&mut pixels).map_err(|e| reason(&e))?;
    let (w, h) = (head.width, head.height);
    let pixels = match head.grey {
        true => image::GrayImage::from_raw(w, h, pixels).map(DynamicImage::ImageLuma8),
        false => image::RgbImage::from_raw(w, h, pixels).map(DynamicImage::ImageRgb8),
    };
    let pixels = pixels.ok_or("the JPEG has fewer pixels than it says")?;
    Ok((head, Decoded::Whole(pixels), held))
}

/// A decoder that has read the header and found it within the limits.
fn open(bytes: &[u8]) -> Result<(Decoder<'_>, Head), String> {
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|e| reason(&e))?;
    let info = decoder.info().ok_or("the JPEG has no header")?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let grey = decoder.input_colorspace() == Some(ColorSpace::Luma);
    let channels = if grey { 1 } else { 3 };
    check_size(width, height, u64::from(width) * u64::from(height) * channels)?;
    let orientation = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
    let orientation = orientation.unwrap_or(Orientation::NoTransforms);
    Ok((decoder, Head { width, height, grey, alpha: false, orientation }))
}

/// The decoder's error in words.
fn reason(error: &DecodeErrors) -> String {
    match error {
        DecodeErrors::Unsupported(what) => {
            format!("a kind of JPEG that is not supported ({})", plain(&format!("{what:?}")))
        }
        DecodeErrors::ExhaustedData => "the JPEG ends too early".to_string(),
        // The decoder's `Display` of messages is the same as its `Debug`; the texts inside are
        // plainer.
        DecodeErrors::Format(text) | DecodeErrors::HuffmanDecode(text) => broken("JPEG", text),
        DecodeErrors::FormatStatic(text) => broken("JPEG", text),
        other => broken("JPEG", &format!("{other:?}")),
    }
}

/// Whether the end marker follows the first scan. Inside of a scan its two bytes cannot occur; a
/// thumbnail in the header has one of its own, so the header's segments are stepped over.
fn has_end(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[mark, kind, high, low]) = bytes.get(at..at + 4) {
        if mark != 0xFF || kind == 0xFF || kind == 0 {
            at += 1; // stray bytes between segments
            continue;
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
        if kind == 0xDA {
            let scan = bytes.get(at..).unwrap_or_default();
            return scan.windows(2).rev().any(|pair| pair == [0xFF, 0xD9]);
        }
    }
    false
}
