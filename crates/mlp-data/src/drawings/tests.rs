//! Laws of the drawings: the same bytes always, equally many of both, no trait and no simple figure that tells.

use super::scene::{Ears, Scene, Traits};
use super::*;
use crate::{Column, DataError, OpenOptions, Quiet, picture};
use mlp_tensor::{Exec, solve};
use std::path::Path;

/// FNV-1a on 64 bits.
fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let add = |sum: u64, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, add)
}

/// The set is part of what models are compared on: it does not change by accident.
#[test]
fn golden_drawings() {
    let all = (0..16).flat_map(|i| draw(SEED, i).rgb);
    assert_eq!(format!("{:016x}", hash(all)), "8974c3969cdde0a6");
}

#[test]
fn the_same_bytes_in_any_order_on_any_thread() {
    let forwards: Vec<Drawing> = (0..12).map(|i| draw(3, i)).collect();
    let threads = Exec::new(None, Some(3)).unwrap();
    let backwards = threads.map(12, |i| draw(3, 11 - i as u64));
    assert!(forwards.iter().eq(backwards.iter().rev()));
    let different = |a: &Drawing, b: &Drawing| a.rgb != b.rgb;
    for (i, drawing) in forwards.iter().enumerate() {
        assert_eq!(drawing.rgb.len(), 3 * 180 * 180);
        assert!(forwards[..i].iter().all(|other| different(other, drawing)));
        assert!(different(drawing, &draw(4, i as u64)), "another seed");
    }
    // Numbers beyond 32 bits are others, too.
    assert!(different(&draw(3, 1 << 32), &forwards[0]));
}

#[test]
fn cats_and_dogs_are_equally_many() {
    let classes: Vec<Class> = (0..10).map(|i| draw(1, i).class).collect();
    assert_eq!(classes.iter().filter(|class| **class == Class::Cat).count(), 5);
    assert_eq!(draw(1, 5), draw_class(1, 5, Class::Dog));
    assert_ne!(draw_class(1, 5, Class::Cat).rgb, draw(1, 5).rgb);
    assert_eq!(Class::ALL.map(Class::label), ["cat", "dog"]);
}

/// So many animals of a class.
fn traits(class: Class) -> Vec<Traits> {
    (0..1000).map(|i| Scene::draw(class, &mut Dice::new(5, i)).traits).collect()
}

/// Every kind of ear, nose, tail and so on belongs to cats and to dogs, and to know one of them is not to know the
/// class.
#[test]
fn no_trait_alone_tells_cats_from_dogs() {
    let (cats, dogs) = (traits(Class::Cat), traits(Class::Dog));
    type Is = fn(&Traits) -> bool;
    let kinds: [(&str, Is); 8] = [
        ("pointed", |t| t.ears == Ears::Pointed),
        ("folded", |t| t.ears == Ears::Folded),
        ("floppy", |t| t.ears == Ears::Floppy),
        ("whiskers", |t| t.whiskers),
        ("slits", |t| t.slits),
        ("small nose", |t| t.small_nose),
        ("tongue", |t| t.tongue),
        ("thin tail", |t| t.thin_tail),
    ];
    for (name, is) in kinds {
        let share = |of: &[Traits]| of.iter().filter(|t| is(t)).count() as f64 / of.len() as f64;
        let (cat, dog) = (share(&cats), share(&dogs));
        assert!(cat.min(dog) > 0.02 && cat.max(dog) < 0.98, "{name}: {cat} and {dog}");
        let right = 0.5 + 0.5 * (cat - dog).abs();
        assert!(right < 0.92, "{name} alone is right in {right}");
    }
    type Size = fn(&Traits) -> f32;
    let sizes: [(&str, Size); 3] =
        [("muzzle", |t| t.muzzle), ("cheeks", |t| t.cheeks), ("eyes", |t| t.eyes)];
    for (name, size) in sizes {
        let right = (0..100).map(|i| {
            let limit = 1.4 * i as f32 / 100.0;
            let below = |of: &[Traits]| of.iter().filter(|t| size(t) < limit).count() as f64;
            0.5 + 0.5 * (below(&cats) - below(&dogs)).abs() / cats.len() as f64
        });
        let right = right.fold(0.0, f64::max);
        assert!(right < 0.92, "{name} alone is right in {right}");
    }
}

/// Figures of a picture that say nothing of shapes: means and deviations of the channels, the number of edges.
fn figures(drawing: &Drawing) -> Vec<f64> {
    let pixels = f64::from(SIDE * SIDE);
    let mut figures = Vec::new();
    for channel in 0..3 {
        let values = || drawing.rgb.iter().skip(channel).step_by(3).map(|v| f64::from(*v));
        let mean = values().sum::<f64>() / pixels;
        figures.extend([
            mean,
            (values().map(|v| (v - mean) * (v - mean)).sum::<f64>() / pixels).sqrt(),
        ]);
    }
    let steps = |apart: usize| {
        let pairs = drawing.rgb.iter().zip(&drawing.rgb[apart..]);
        pairs.filter(|(a, b)| a.abs_diff(**b) > 40).count() as f64
    };
    figures.extend([steps(3), steps(3 * SIDE as usize)]);
    figures
}

/// A linear model and thresholds on such figures are hardly better than chance.
#[test]
fn colours_and_edges_do_not_tell() {
    let rows: &Vec<Vec<f64>> = &(0..800).map(|i| figures(&draw(9, i))).collect();
    let truth = |i: usize| if i.is_multiple_of(2) { -1.0 } else { 1.0 };
    let check = |name: &str, columns: &[usize]| {
        let (trained, tested) = (0..400, 400..800);
        let chosen = |i: usize| columns.iter().map(move |&c| rows[i][c]);
        let x: Vec<f64> = trained.clone().flat_map(chosen).collect();
        let t: Vec<f64> = trained.map(truth).collect();
        let fit = solve::least_squares(t.len(), columns.len(), &x, &t).unwrap();
        let answer = |i: usize| {
            let terms = chosen(i).zip(&fit.coefficients).map(|(v, w)| w * v);
            fit.intercept + terms.sum::<f64>()
        };
        let right = tested.filter(|&i| answer(i) * truth(i) > 0.0).count() as f64 / 400.0;
        assert!(right < 0.65, "{name} is right in {right}");
    };
    for figure in 0..rows[0].len() {
        check(&format!("figure {figure}"), &[figure]);
    }
    check("all figures", &(0..rows[0].len()).collect::<Vec<_>>());
}

#[test]
fn files_and_the_embedded_set_are_the_same_data() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("new/folder");
    let exec = Exec::new(None, Some(2)).unwrap();
    let count = 13;
    let bytes = write_folder(&exec, &dir, SEED, count, &Quiet).unwrap();
    let size = Some((SIDE, SIDE));
    let options = OpenOptions { picture_size: size, strict: true, ..OpenOptions::default() };
    let files = picture::read_folder(&exec, &dir, &options, &Quiet).unwrap();
    let mut embedded = picture::read_drawings(&exec, count, &options, &Quiet).unwrap();
    assert_eq!(embedded.name, "drawings");
    embedded.name = files.name.clone();
    assert_eq!(files.fingerprint(), embedded.fingerprint());
    assert_eq!(files.table, embedded.table);
    assert_eq!(files.target, embedded.target);
    assert_eq!(files.names, embedded.names);
    assert_eq!(files.names.get(7), "dog/0001.png");
    let Column::Pixels { bytes: pixels, shape } = &files.table.columns[0] else { panic!() };
    for row in 0..count as usize {
        // Seven cats, then six dogs.
        let index = if row < 7 { 2 * row } else { 2 * (row - 7) + 1 };
        let drawn = draw(SEED, index as u64).rgb;
        assert!(pixels[row * shape.len()..][..shape.len()] == drawn, "row {row}");
    }
    let on_disk = files.names.len() as u64;
    assert!(on_disk == count && bytes > 1000 * count);
}

#[test]
fn names_are_read_back() {
    for (index, count) in [(0, 1), (1, 2), (4_001, 6_000), (30_000, 40_000)] {
        let name = file_name(index, count);
        assert!(folder::read(Path::new(&name)).is_ok_and(|png| png == draw(SEED, index).png()));
    }
    for wrong in ["cat/0000.png", "cow/0001.png", "cat/0001.jpg", "cat", ""] {
        assert!(folder::read(Path::new(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn folders_that_cannot_be_written_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let exec = Exec::serial();
    let write = |name: &str, count| write_folder(&exec, &place.path().join(name), 1, count, &Quiet);
    std::fs::create_dir(place.path().join("full")).unwrap();
    std::fs::write(place.path().join("full/mine.txt"), "mine").unwrap();
    let refused = write("full", 2).unwrap_err().to_string();
    assert!(refused.contains("full") && refused.contains("not empty"), "{refused}");
    assert_eq!(std::fs::read_dir(place.path().join("full")).unwrap().count(), 1);
    assert!(matches!(write("full/mine.txt", 2), Err(DataError::Io { .. })));
    assert!(matches!(write("full/mine.txt/below", 2), Err(DataError::Io { .. })));
    assert!(write("none", 0).unwrap_err().to_string().contains("--count"));
    assert!(!place.path().join("none").exists());
    std::fs::create_dir(place.path().join("empty")).unwrap();
    assert!(write("empty", 1).is_ok());
    assert_eq!(std::fs::read_dir(place.path().join("empty")).unwrap().count(), 1);
}

/// Writes contact sheets to look at, without labels: `cargo test -p mlp-data --features drawings sheet -- --ignored`
/// makes `target/drawings-0.png` and another.
#[test]
#[ignore = "makes pictures for a person to look at"]
fn sheet() {
    let (across, down) = (10, 6);
    for page in 0..2 {
        let mut sheet = image::RgbImage::new(across * (SIDE + 4), down * (SIDE + 4));
        for i in 0..across * down {
            let index = u64::from(page * across * down + i);
            let class = Class::ALL[(Dice::new(99, index).word() % 2) as usize];
            let drawing = draw_class(7, index, class);
            let picture = image::RgbImage::from_raw(SIDE, SIDE, drawing.rgb).unwrap();
            let (x, y) = (i % across * (SIDE + 4), i / across * (SIDE + 4));
            image::imageops::replace(&mut sheet, &picture, i64::from(x), i64::from(y));
        }
        let path = format!("{}/../../target/drawings-{page}.png", env!("CARGO_MANIFEST_DIR"));
        sheet.save(path).unwrap();
    }
}
