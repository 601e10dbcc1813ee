//! JPEGs of which a small picture is wanted, decoded at a reduced size: the same picture, the same bits everywhere, and
//! damage refused as ever.

use crate::help::{Folder, one, pixels, sized};
use mlp_data::open::Channels;
use mlp_data::{OpenOptions, Quiet, picture};
use mlp_tensor::{Exec, Isa};

const WIDTH: usize = 107;
const HEIGHT: usize = 75;
const PICTURES: [(&str, &[u8]); 3] = [
    ("4:2:0, restart markers", include_bytes!("../../../../tests/golden/subsampled-420.jpg")),
    ("4:2:2", include_bytes!("../../../../tests/golden/subsampled-422.jpg")),
    ("grey", include_bytes!("../../../../tests/golden/subsampled-grey.jpg")),
];

fn stretched(width: u32, height: u32, channels: Channels) -> OpenOptions {
    OpenOptions {
        resize: Some(mlp_data::open::Resize::Stretch),
        channels: Some(channels),
        ..sized(width, height)
    }
}

/// What a pixel of the small picture covers of the large one, weighed by area, at one channel.
fn mean(large: &[u8], [w, h]: [usize; 2], [x, y]: [usize; 2], channel: usize, of: usize) -> f64 {
    let part = |i: usize, side: usize, count: usize| {
        let (from, to) = ((i * side) as f64 / count as f64, ((i + 1) * side) as f64 / count as f64);
        (0..side).map(move |p| (p, (to.min(p as f64 + 1.0) - from.max(p as f64)).max(0.0)))
    };
    let (mut sum, mut weight) = (0.0, 0.0);
    for (py, a) in part(y, HEIGHT, h) {
        for (px, b) in part(x, WIDTH, w) {
            sum += a * b * f64::from(large[(py * WIDTH + px) * of + channel]);
            weight += a * b;
        }
    }
    sum / weight
}

#[test]
fn a_reduced_picture_is_the_whole_one_made_smaller() {
    for (name, jpeg) in PICTURES {
        for (channels, of) in [(Channels::Rgb, 3), (Channels::Grey, 1), (Channels::Blue, 1)] {
            let whole = one(jpeg, stretched(WIDTH as u32, HEIGHT as u32, channels)).unwrap();
            // Blocks of 8, 4, 2 pixels a side, and one.
            for (w, h) in [(80, 60), (40, 30), (20, 15), (10, 7)] {
                let small = one(jpeg, stretched(w, h, channels)).unwrap();
                let [w, h] = [w as usize, h as usize];
                assert_eq!(small.len(), w * h * of);
                let mut total = 0.0;
                for (i, seen) in small.iter().enumerate() {
                    let at = [i / of % w, i / of / w];
                    let off = (mean(&whole, [w, h], at, i % of, of) - f64::from(*seen)).abs();
                    assert!(off < 14.0, "{name} {channels:?} {w}×{h} {at:?}: {off}");
                    total += off;
                }
                let off = total / small.len() as f64;
                assert!(off < 1.5, "{name} {channels:?} {w}×{h}: {off} on average");
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
    // A restart marker that is out of turn.
    let mut jpeg = PICTURES[0].1.to_vec();
    let at = jpeg.windows(2).rposition(|pair| pair[0] == 0xFF && pair[1] & 0xF8 == 0xD0).unwrap();
    jpeg[at + 1] ^= 1;
    assert!(one(&jpeg, sized(8, 8)).is_err());
}
