//! JPEGs of which a small picture is wanted, decoded at a reduced size: the same picture, the same
//! bits everywhere, and damage refused as ever.

use crate::help::{Folder, encoded, one, pixels, sized};
use image::ImageFormat;
use mlp_data::open::{Channels, Resize};
use mlp_data::{OpenOptions, Quiet, picture};
use mlp_tensor::{Exec, Isa};

const WIDTH: usize = 107;
const HEIGHT: usize = 75;
const PICTURES: [(&str, &[u8]); 3] = [
    ("4:2:0, restart markers", include_bytes!("../../../../tests/golden/subsampled-420.jpg")),
    ("4:2:2", include_bytes!("../../../../tests/golden/subsampled-422.jpg")),
    ("grey", include_bytes!("../../../../tests/golden/subsampled-grey.jpg")),
];

/// Blocks of 8, 4, 2 pixels a side, and one; of the whole picture, and of its middle only.
const SIZES: [(Resize, (u32, u32)); 10] = [
    (Resize::Stretch, (80, 60)),
    (Resize::Stretch, (40, 30)),
    (Resize::Stretch, (20, 15)),
    (Resize::Stretch, (10, 7)),
    (Resize::Crop, (60, 60)),
    (Resize::Crop, (30, 30)),
    (Resize::Crop, (90, 15)),
    (Resize::Crop, (7, 8)),
    (Resize::Crop, (3, 40)),
    (Resize::Pad, (30, 30)),
];

fn brought(resize: Resize, (width, height): (u32, u32), channels: Channels) -> OpenOptions {
    OpenOptions { resize: Some(resize), channels: Some(channels), ..sized(width, height) }
}

#[test]
fn a_reduced_picture_is_the_whole_one_made_smaller() {
    for (name, jpeg) in PICTURES {
        for channels in [Channels::Rgb, Channels::Grey, Channels::Blue] {
            let size = (WIDTH as u32, HEIGHT as u32);
            let whole = one(jpeg, brought(Resize::Stretch, size, channels)).unwrap();
            // As PNG it is read whole and then made smaller.
            let (png, kept) = match channels {
                Channels::Rgb => {
                    let whole = image::RgbImage::from_raw(size.0, size.1, whole).unwrap();
                    (encoded(whole, ImageFormat::Png), Channels::Rgb)
                }
                _ => {
                    let whole = image::GrayImage::from_raw(size.0, size.1, whole).unwrap();
                    (encoded(whole, ImageFormat::Png), Channels::Grey)
                }
            };
            for (resize, to) in SIZES {
                let small = one(jpeg, brought(resize, to, channels)).unwrap();
                let expected = one(&png, brought(resize, to, kept)).unwrap();
                assert_eq!(small.len(), expected.len());
                let off = small.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b));
                let most = off.clone().max().unwrap();
                let mean = off.map(f64::from).sum::<f64>() / small.len() as f64;
                let what = format!(
                    "{name} {channels:?} {resize:?} {to:?}: {mean} on average, {most} at most"
                );
                assert!(mean < 2.5 && most < 24, "{what}");
            }
        }
    }
}

#[test]
fn instruction_sets_and_threads_do_not_show() {
    let folder = Folder::new();
    for (i, (_, jpeg)) in PICTURES.into_iter().enumerate() {
        folder.put(&format!("{i}.jpg"), jpeg);
    }
    for side in [60, 30, 15, 7] {
        let options = OpenOptions { target_optional: true, ..sized(side, side) };
        let read = |exec: Exec| {
            let data = picture::read_folder(&exec, folder.path(), &options, &Quiet).unwrap();
            pixels(&data).to_vec()
        };
        let plain = read(Exec::new(Some(Isa::Portable), Some(1)).unwrap());
        for isa in Isa::available() {
            for threads in [1, 3] {
                let seen = read(Exec::new(Some(isa), Some(threads)).unwrap());
                assert!(seen == plain, "{} on {threads} threads, {side}", isa.name());
            }
        }
    }
}

#[test]
fn damage_is_refused_at_a_reduced_size() {
    for (name, jpeg) in PICTURES {
        for lost in (1..jpeg.len() - 20).step_by(7) {
            let cut = one(&jpeg[..jpeg.len() - lost], sized(8, 8));
            assert!(cut.is_err(), "{name} without its last {lost} bytes was read");
        }
    }
}
