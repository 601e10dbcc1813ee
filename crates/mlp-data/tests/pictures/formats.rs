//! Every format, colour type and orientation gives the pixels one sees.

use crate::help::{Folder, encoded, even, one, pixels, slope};
use image::{DynamicImage, GrayImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, RgbImage, Rgba};
use mlp_data::OpenOptions;
use mlp_data::open::{Channels, PictureOptions, Resize};

fn largest_difference(a: &[u8], b: &[u8]) -> u8 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn the_format_is_told_by_content() {
    let picture = slope(12, 9);
    let same = [
        (ImageFormat::Png, "a.jpg"),
        (ImageFormat::Bmp, "a.png"),
        (ImageFormat::WebP, "a.gif"),
        (ImageFormat::Tiff, "a"),
        (ImageFormat::Pnm, "a.txt"),
    ];
    for (format, name) in same {
        let folder = Folder::new();
        folder.put(name, &encoded(picture.clone(), format));
        let data = folder.unlabelled(OpenOptions::default()).unwrap();
        assert_eq!(pixels(&data), picture.as_raw(), "{format:?}");
        let chosen = data.picture.unwrap();
        assert_eq!((chosen.size, chosen.channels), ((12, 9), Channels::Rgb), "{format:?}");
    }
    let jpeg = one(&encoded(slope(32, 24), ImageFormat::Jpeg), OpenOptions::default()).unwrap();
    assert!(largest_difference(&jpeg, slope(32, 24).as_raw()) <= 40);
}

#[test]
fn a_palette_and_the_first_frame_count() {
    let frames = [[255, 0, 0, 255], [0, 0, 255, 255]]
        .map(|colour| image::Frame::new(image::RgbaImage::from_pixel(6, 4, Rgba(colour))));
    let mut bytes = Vec::new();
    image::codecs::gif::GifEncoder::new(&mut bytes).encode_frames(frames).unwrap();
    assert_eq!(one(&bytes, OpenOptions::default()).unwrap(), [255, 0, 0].repeat(24));
}

/// 8-bit palette PNG: 2×1 pixels, of palette entries 1 and 0.
#[test]
fn palette_png() {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut deflated = Vec::new();
    let mut encoder = flate2::write::ZlibEncoder::new(&mut deflated, flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &[0, 1, 0]).unwrap();
    encoder.finish().unwrap();
    chunk(&mut png, b"IHDR", &[0, 0, 0, 2, 0, 0, 0, 1, 8, 3, 0, 0, 0]);
    chunk(&mut png, b"PLTE", &[10, 20, 30, 200, 150, 100]);
    chunk(&mut png, b"IDAT", &deflated);
    chunk(&mut png, b"IEND", &[]);
    assert_eq!(one(&png, OpenOptions::default()).unwrap(), [200, 150, 100, 10, 20, 30]);
}

/// Appends a PNG chunk.
pub fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], body: &[u8]) {
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(body);
    png.extend((body.len() as u32).to_be_bytes());
    png.extend(kind);
    png.extend(body);
    png.extend(crc.sum().to_be_bytes());
}

#[test]
fn sixteen_bits_are_rounded() {
    let rgb = ImageBuffer::from_pixel(3, 2, Rgb([65_535u16, 129, 128]));
    let png = encoded(DynamicImage::ImageRgb16(rgb), ImageFormat::Png);
    assert_eq!(one(&png, OpenOptions::default()).unwrap(), [255, 1, 0].repeat(6));
    let grey = ImageBuffer::from_pixel(3, 2, Luma([257u16 * 77]));
    let png = encoded(DynamicImage::ImageLuma16(grey), ImageFormat::Png);
    assert_eq!(one(&png, OpenOptions::default()).unwrap(), [77; 6]);
}

#[test]
fn transparency_is_laid_over_the_background() {
    let rgba = ImageBuffer::from_fn(3, 1, |x, _| Rgba([200u8, 0, 0, [0, 51, 255][x as usize]]));
    let png = encoded(DynamicImage::ImageRgba8(rgba), ImageFormat::Png);
    let white = one(&png, OpenOptions::default()).unwrap();
    assert_eq!(white, [255, 255, 255, 244, 204, 204, 200, 0, 0]);
    let options = OpenOptions { background: Some([0, 100, 0]), ..OpenOptions::default() };
    assert_eq!(one(&png, options).unwrap(), [0, 100, 0, 40, 80, 0, 200, 0, 0]);
    let grey = ImageBuffer::from_pixel(2, 2, LumaA([100u8, 0]));
    let png = encoded(DynamicImage::ImageLumaA8(grey), ImageFormat::Png);
    assert_eq!(one(&png, OpenOptions::default()).unwrap(), [255; 4]);
}

#[test]
fn channels() {
    let png = even(2, 2, [250, 100, 20]);
    let kept = |channels| {
        one(&png, OpenOptions { channels: Some(channels), ..OpenOptions::default() }).unwrap()
    };
    assert_eq!(kept(Channels::Rgb), [250, 100, 20].repeat(4));
    assert_eq!(kept(Channels::Red), [250; 4]);
    assert_eq!(kept(Channels::Green), [100; 4]);
    assert_eq!(kept(Channels::Blue), [20; 4]);
    // 0.299·250 + 0.587·100 + 0.114·20 = 135.7
    assert_eq!(kept(Channels::Grey), [136; 4]);
}

#[test]
fn grey_only_where_every_picture_is() {
    let folder = Folder::new();
    folder.put("a.png", &encoded(GrayImage::from_pixel(5, 5, Luma([9])), ImageFormat::Png));
    folder.put("b.jpg", &encoded(GrayImage::from_pixel(5, 5, Luma([9])), ImageFormat::Jpeg));
    let data = folder.unlabelled(OpenOptions::default()).unwrap();
    assert_eq!(data.picture.unwrap().channels, Channels::Grey);
    assert!(data.notes.iter().any(|n| n.contains("every picture is grey")), "{:?}", data.notes);
    folder.put("c.png", &even(5, 5, [9; 3]));
    let data = folder.unlabelled(OpenOptions::default()).unwrap();
    assert_eq!(data.picture.unwrap().channels, Channels::Rgb);
    assert_eq!(pixels(&data)[..75], [9; 75]);
}

#[test]
fn the_size_chosen() {
    let folder = Folder::new();
    folder.put("a.png", &even(20, 10, [1; 3]));
    let size =
        |folder: &Folder| folder.unlabelled(OpenOptions::default()).unwrap().picture.unwrap();
    let expected = PictureOptions {
        size: (20, 10),
        resize: Resize::Crop,
        channels: Channels::Rgb,
        background: [255; 3],
    };
    assert_eq!(size(&folder), expected);
    folder.put("b.png", &even(10, 20, [1; 3]));
    assert_eq!(size(&folder).size, (64, 64));
    let folder = Folder::new();
    folder.put("a.png", &even(65, 64, [1; 3]));
    assert_eq!(size(&folder).size, (64, 64));
}

/// A JPEG of four even quarters, each an 8×8 block, with an EXIF orientation.
fn oriented(orientation: u8) -> Vec<u8> {
    let quarter = |x: u32, y: u32| [[40u8, 90], [160, 230]][y as usize / 8][x as usize / 8];
    let picture = RgbImage::from_fn(16, 16, |x, y| Rgb([quarter(x, y); 3]));
    let mut jpeg = encoded(picture, ImageFormat::Jpeg);
    // An APP1 segment: "Exif", a little-endian TIFF header, one entry: tag 0x0112, one short.
    let mut exif =
        b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    jpeg.splice(2..2, exif);
    jpeg
}

#[test]
fn all_orientations() {
    // Quarters a b / c d as they stand once turned, by the EXIF standard's table.
    let (a, b, c, d) = (40, 90, 160, 230);
    let turned = [
        [a, b, c, d],
        [b, a, d, c],
        [d, c, b, a],
        [c, d, a, b],
        [a, c, b, d],
        [c, a, d, b],
        [d, b, c, a],
        [b, d, a, c],
    ];
    for (i, expected) in turned.into_iter().enumerate() {
        let seen = one(&oriented(i as u8 + 1), OpenOptions::default()).unwrap();
        let at = |x: usize, y: usize| seen[(y * 16 + x) * 3];
        let quarters = [at(4, 4), at(12, 4), at(4, 12), at(12, 12)];
        assert!(largest_difference(&quarters, &expected) <= 3, "{i}: {quarters:?} {expected:?}");
    }
}

#[test]
fn a_turned_picture_fits_as_if_it_stood() {
    let (mut upright, stored) = (slope(90, 60), slope(90, 60));
    upright = image::imageops::rotate90(&upright);
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([6, 0, 0, 0, 0, 0, 0, 0]);
    let mut png = encoded(stored, ImageFormat::Png);
    let mut note = Vec::new();
    chunk(&mut note, b"eXIf", &exif);
    png.splice(33..33, note);
    for resize in [Resize::Stretch, Resize::Crop, Resize::Pad] {
        let options = OpenOptions {
            picture_size: Some((31, 20)),
            resize: Some(resize),
            ..OpenOptions::default()
        };
        let turned = one(&png, options.clone()).unwrap();
        let stood = one(&encoded(upright.clone(), ImageFormat::Png), options).unwrap();
        assert!(largest_difference(&turned, &stood) <= 1, "{resize:?}");
    }
}

/// The expected colours are those that Pillow reads; see the golden file's script.
#[test]
fn inverted_cmyk_and_ycck() {
    let cmyk = include_bytes!("../../../../tests/golden/cmyk.jpg").to_vec();
    let adobe = cmyk.windows(5).position(|w| w == b"Adobe").unwrap();
    let mut ycck = cmyk.clone();
    ycck[adobe + 11] = 2;
    for (jpeg, expected) in [(cmyk, CMYK), (ycck, YCCK)] {
        let seen = one(&jpeg, OpenOptions::default()).unwrap();
        for (i, expected) in expected.into_iter().enumerate() {
            let at = ((8 + 16 * (i / 2)) * 32 + 8 + 16 * (i % 2)) * 3;
            assert!(largest_difference(&seen[at..at + 3], &expected) <= 2, "{i} {expected:?}");
        }
    }
}

const CMYK: [[u8; 3]; 4] = [[0, 255, 255], [204, 204, 0], [255, 127, 191], [119, 103, 87]];
const YCCK: [[u8; 3]; 4] = [[77, 255, 30], [143, 0, 0], [0, 45, 2], [0, 42, 0]];
