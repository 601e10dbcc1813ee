//! Laws of the drawings.

use super::*;

/// Writes contact sheets to look at: `cargo test -p mlp-data --features drawings sheet -- --ignored`, with the file in
/// `target/`.
#[test]
#[ignore = "makes pictures for a person to look at"]
fn sheet() {
    let (across, down) = (10, 6);
    for page in 0..2 {
        let mut sheet = image::RgbImage::new(across * (SIDE + 4), down * (SIDE + 4));
        for i in 0..across * down {
            // The first half of the numbers are of either class in an order that does not tell.
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

#[test]
#[ignore = "temporary"]
fn speed() {
    let t = std::time::Instant::now();
    let all: Vec<Drawing> = (0..300).map(|i| draw(1, i)).collect();
    println!("draw {:?}", t.elapsed() / 300);
    let t = std::time::Instant::now();
    let png: Vec<Vec<u8>> = all.iter().map(|d| d.png()).collect();
    println!("png {:?} {} bytes", t.elapsed() / 300, png.iter().map(Vec::len).sum::<usize>() / 300);
    let t = std::time::Instant::now();
    for p in &png {
        image::load_from_memory(p).unwrap();
    }
    println!("read {:?}", t.elapsed() / 300);
}
