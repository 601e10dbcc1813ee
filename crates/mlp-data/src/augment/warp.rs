//! Where the pixels of a changed picture come from: one affine map for all of mirroring, turning,
//! scaling, shearing, shifting and cropping, and the displacements of [`super::elastic`]; then one
//! bilinear resampling, in integers. Beyond its border a picture is its own mirror image.

use super::elastic::Elastic;
use super::{Augment, Draws};
use crate::PictureShape;
use mlp_tensor::math::{cos_pi, exp, ln_1p, sin_pi};

/// Bits after the point of a factor.
const BITS: u32 = 20;
/// Bits after the point of a place: distances from the middle are counted in halves.
pub(super) const PLACE_BITS: u32 = BITS + 1;
/// The bits of a place that weigh its neighbours.
const WEIGHT_BITS: u32 = 8;

/// From a place in the changed picture to that in the original, about the middles of both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Affine {
    /// `[x by x, x by y]`, `[y by x, y by y]`, of 2^[`BITS`].
    factors: [[i64; 2]; 2],
    /// In x and y, of 2^[`PLACE_BITS`].
    offset: [i64; 2],
}

/// A real number with `bits` after the point, rounded.
fn fixed(value: f64, bits: u32) -> i64 {
    (value * f64::from(1u32 << bits)).round() as i64
}

impl Affine {
    /// Rows of factors, and pixels.
    pub(super) fn new(factors: [[f64; 2]; 2], offset: [f64; 2]) -> Affine {
        Affine {
            factors: factors.map(|row| row.map(|v| fixed(v, BITS))),
            offset: offset.map(|v| fixed(v, PLACE_BITS)),
        }
    }

    pub(super) fn draw(augment: &Augment, shape: PictureShape, draws: &mut Draws) -> Affine {
        let sides = [f64::from(shape.width), f64::from(shape.height)];
        let mirrored = if draws.share() < f64::from(augment.flip) { -1.0 } else { 1.0 };
        let turns = draws.either_way() * f64::from(augment.rotate) / 180.0;
        let scale = exp(draws.either_way() * ln_1p(f64::from(augment.scale)));
        let shear = draws.either_way() * f64::from(augment.shear);
        let kept = 1.0 - draws.share() * f64::from(augment.crop);
        let offset = sides.map(|side| {
            // Anywhere the window fits, and the shift.
            let window = draws.either_way() * (1.0 - kept) / 2.0;
            side * (window + draws.either_way() * f64::from(augment.shift))
        });
        let (sin, cos) = (sin_pi(turns), cos_pi(turns));
        let zoom = scale * kept;
        // Sheared, turned, scaled, mirrored: each row of factors by columns.
        let turned = [[cos, cos * shear - sin], [sin, sin * shear + cos]];
        let [x, y] = turned.map(|row| row.map(|v| v * zoom));
        Affine::new([x.map(|v| v * mirrored), y], offset)
    }

    fn is_identity(&self) -> bool {
        *self == Affine::new([[1.0, 0.0], [0.0, 1.0]], [0.0; 2])
    }
}

/// Writes to `out` the picture `bytes` moved so.
pub(super) fn warp(
    shape: PictureShape,
    bytes: &[u8],
    affine: &Affine,
    field: Option<&Elastic>,
    out: &mut [u8],
) {
    match (shape.channels, field) {
        (_, None) if affine.is_identity() => out.copy_from_slice(bytes),
        (3, _) => resample::<3>(shape, bytes, affine, field, out),
        _ => resample::<1>(shape, bytes, affine, field, out),
    }
}

fn resample<const CHANNELS: usize>(
    shape: PictureShape,
    bytes: &[u8],
    affine: &Affine,
    field: Option<&Elastic>,
    out: &mut [u8],
) {
    let (width, height) = (i64::from(shape.width), i64::from(shape.height));
    let [middle_x, middle_y] = [width - 1, height - 1].map(|side| side << BITS);
    let [[xx, xy], [yx, yy]] = affine.factors;
    let [move_x, move_y] = affine.offset;
    for (y, row) in out.chunks_exact_mut(shape.width as usize * CHANNELS).enumerate() {
        let from_middle = 2 * y as i64 - (height - 1);
        let mut at_x = middle_x + move_x + xy * from_middle - xx * (width - 1);
        let mut at_y = middle_y + move_y + yy * from_middle - yx * (width - 1);
        let bend = field.map(|field| field.row(y, shape));
        for (x, pixel) in row.chunks_exact_mut(CHANNELS).enumerate() {
            let [bend_x, bend_y] = bend.as_ref().map_or([0; 2], |bend| bend.at(x, shape));
            let (x0, x1, right) = neighbours(at_x + bend_x, width);
            let (y0, y1, below) = neighbours(at_y + bend_y, height);
            let [above_left, above_right, below_left, below_right] =
                [(y0, x0), (y0, x1), (y1, x0), (y1, x1)].map(|(y, x)| {
                    let at = (y * shape.width as usize + x) * CHANNELS;
                    &bytes[at..at + CHANNELS]
                });
            for (c, v) in pixel.iter_mut().enumerate() {
                let between = |left: &[u8], right_one: &[u8]| {
                    u32::from(left[c]) * (256 - right) + u32::from(right_one[c]) * right
                };
                let above = between(above_left, above_right);
                let lower = between(below_left, below_right);
                *v = ((above * (256 - below) + lower * below + (1 << 15)) >> 16) as u8;
            }
            at_x += 2 * xx;
            at_y += 2 * yx;
        }
    }
}

/// The pixels before and after a place on a side, and the weight of the one after, of 256.
fn neighbours(place: i64, side: i64) -> (usize, usize, u32) {
    let rounded = (place + (1 << (PLACE_BITS - WEIGHT_BITS - 1))) >> (PLACE_BITS - WEIGHT_BITS);
    let before = rounded >> WEIGHT_BITS;
    let weight = (rounded & 255) as u32;
    if before >= 0 && before + 1 < side {
        return (before as usize, before as usize + 1, weight);
    }
    (mirrored(before, side), mirrored(before + 1, side), weight)
}

/// A place beyond the border as that of its mirror image.
fn mirrored(at: i64, side: i64) -> usize {
    let at = at.rem_euclid(2 * side);
    at.min(2 * side - 1 - at) as usize
}
