//! What a poor scan adds: grain, specks, a shift of brightness.

use super::dice::Dice;

/// Changes the picture's bytes, three a pixel.
pub(super) fn add(rgb: &mut [u8], dice: &mut Dice) {
    let gain = dice.between(0.85, 1.1);
    let lift = dice.between(-12.0, 12.0);
    let levels: [u8; 256] =
        std::array::from_fn(|v| (gain * v as f32 + lift + 0.5).clamp(0.0, 255.0) as u8);
    for v in rgb.iter_mut() {
        *v = levels[usize::from(*v)];
    }
    match dice.weighted(&[0.4, 0.35, 0.25]) {
        0 => {}
        1 => grain(rgb, dice),
        _ => specks(rgb, dice),
    }
}

/// Every pixel lighter or darker by a little.
fn grain(rgb: &mut [u8], dice: &mut Dice) {
    let most = 1 + (dice.word() % 12) as i32;
    for pixels in rgb.chunks_mut(12) {
        let word = dice.word();
        for (i, pixel) in pixels.chunks_mut(3).enumerate() {
            let byte = (word >> (8 * i)) as u8;
            let change = (i32::from(byte) - 128) * most / 128;
            for v in pixel {
                *v = (i32::from(*v) + change).clamp(0, 255) as u8;
            }
        }
    }
}

/// Some pixels black or white.
fn specks(rgb: &mut [u8], dice: &mut Dice) {
    let pixels = rgb.len() / 3;
    let count = (dice.between(0.0, 0.02) * pixels as f32) as usize;
    for _ in 0..count {
        let word = dice.word();
        let at = 3 * ((word >> 1) as usize % pixels);
        rgb[at..at + 3].fill(if word & 1 == 1 { 245 } else { 15 });
    }
}
