//! Inputs made on the spot: pictures in formats that need no library, IDX files, tables.

use crate::program::Place;

/// CRC-32 as PNG wants it (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc: u32, b| (0..8).fold(crc ^ u32::from(*b), step))
}

/// Adler-32 as zlib wants it (RFC 1950).
fn adler32(bytes: &[u8]) -> u32 {
    let step = |(a, b): (u32, u32), byte: &u8| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    };
    let (a, b) = bytes.iter().fold((1, 0), step);
    b << 16 | a
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    let length = (data.len() as u32).to_be_bytes();
    [length.as_slice(), &body, &crc32(&body).to_be_bytes()].concat()
}

/// A PNG whose header claims a size that need not be that of its pixels: 8-bit RGB, stored without compression.
pub fn png_claiming(width: u32, height: u32, rows: &[u8]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    assert!(rows.len() < 65_536, "one stored block");
    let length = rows.len() as u16;
    let data = [
        &[0x78, 0x01, 1][..],
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        rows,
        &adler32(rows).to_be_bytes(),
    ]
    .concat();
    let signature = b"\x89PNG\r\n\x1a\n".as_slice();
    [signature, &chunk(b"IHDR", &header), &chunk(b"IDAT", &data), &chunk(b"IEND", &[])].concat()
}

/// A PNG of one colour, with a slope so that pictures of a class differ.
pub fn png(width: u32, height: u32, colour: [u8; 3], slope: u8) -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..height {
        rows.push(0);
        for x in 0..width {
            let shade = (x + y) as u8 & 7;
            rows.extend(colour.map(|c| c.wrapping_add(shade.wrapping_mul(slope))));
        }
    }
    png_claiming(width, height, &rows)
}

/// A binary PPM of one colour.
pub fn ppm(width: usize, height: usize, colour: [u8; 3]) -> Vec<u8> {
    let mut bytes = format!("P6\n{width} {height}\n255\n").into_bytes();
    bytes.extend(colour.repeat(width * height));
    bytes
}

/// `folder/{red,blue}/*.png`: `each` pictures of 8×8 pixels in each of two classes that are easily told apart.
pub fn pictures(place: &Place, folder: &str, each: usize) {
    for i in 0..each {
        let slope = (i % 4) as u8;
        place.write(format!("{folder}/red/{i}.png"), png(8, 8, [200, 20 + i as u8, 10], slope));
        place.write(format!("{folder}/blue/{i}.png"), png(8, 8, [10, 20 + i as u8, 200], slope));
    }
}

/// An IDX file of bytes with the dimensions as given, whether true or not.
pub fn idx(dims: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, dims.len() as u8];
    file.extend(dims.iter().flat_map(|d| d.to_be_bytes()));
    file.extend(bytes);
    file
}

/// `folder/train-*` and `folder/t10k-*` as MNIST ships them: 4×4 pixels, three classes.
pub fn idx_folder(place: &Place, folder: &str, train: u32, test: u32) {
    for (name, n) in [("train", train), ("t10k", test)] {
        let labels: Vec<u8> = (0..n).map(|i| (i % 3) as u8).collect();
        let pixel = |i: u32| ((i / 16 % 3) * 90 + i % 7 * 5) as u8;
        let pixels: Vec<u8> = (0..n * 16).map(pixel).collect();
        place.write(format!("{folder}/{name}-images-idx3-ubyte"), idx(&[n, 4, 4], &pixels));
        place.write(format!("{folder}/{name}-labels-idx1-ubyte"), idx(&[n], &labels));
    }
}

/// Pseudo-random numbers in `[0, 1)`, the same in every run (Steele et al. 2014, SplitMix64).
pub fn randoms(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A table with numbers, a category, a boolean, missing cells, and two classes.
pub fn table(rows: usize) -> String {
    let mut random = randoms(7);
    let mut text = String::from("length,width,colour,wild,kind\n");
    for row in 0..rows {
        let (a, b) = (random() * 10.0, random() * 4.0);
        let colour = ["red", "green", "blue"][(random() * 3.0) as usize];
        let width = if row % 11 == 3 { String::new() } else { format!("{b:.3}") };
        let kind = if a + b > 7.0 { "big" } else { "small" };
        text += &format!("{a:.3},{width},{colour},{},{kind}\n", random() < 0.5);
    }
    text
}

/// A table with a number to predict: `price = 3·a − 2·b + 5` and a little noise.
pub fn prices(rows: usize) -> String {
    let mut random = randoms(9);
    let mut text = String::from("a,b,price\n");
    for _ in 0..rows {
        let (a, b) = (random() * 10.0, random() * 10.0);
        text += &format!("{a:.4},{b:.4},{:.4}\n", 3.0 * a - 2.0 * b + 5.0 + 0.1 * random());
    }
    text
}
