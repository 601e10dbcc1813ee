//! A picture as planes, luma and chroma apart and each of its own size, as JPEG has it: brought to
//! one size, then to colours. Who makes planes: [`super::jpeg`].

use super::resize::{Pixels, Span, resample};
use crate::open::Channels;
use mlp_tensor::Exec;

/// One component of a picture: Y, Cb or Cr.
#[derive(Debug)]
pub(super) struct Plane {
    pub width: usize,
    pub height: usize,
    /// Bytes from row to row.
    pub stride: usize,
    pub bytes: Vec<u8>,
    /// Its pixels a pixel of the picture, across and down.
    pub across: f64,
    pub down: f64,
}

impl Plane {
    /// The part `across × down` of the picture, in the picture's pixels, brought to `width ×
    /// height`.
    fn part(&self, exec: &Exec, across: Span, down: Span, width: usize, height: usize) -> Vec<u8> {
        let scaled = |span: Span, by: f64, side: usize| Span {
            from: span.from * by,
            to: (span.to * by).min(side as f64),
        };
        let across = scaled(across, self.across, self.width);
        let down = scaled(down, self.down, self.height);
        let (own_width, own_height, stride) = (self.width, self.height, self.stride);
        let from = Pixels {
            width: own_width,
            height: own_height,
            channels: 1,
            stride,
            bytes: &self.bytes,
        };
        resample(exec, from, across, down, width, height)
    }
}

/// The channels asked for of a part of a picture of one or three planes, in `width × height`
/// pixels.
pub(super) fn part(
    exec: &Exec,
    planes: &[Plane],
    across: Span,
    down: Span,
    (width, height): (usize, usize),
    channels: Channels,
) -> Vec<u8> {
    let small = |plane: &Plane| plane.part(exec, across, down, width, height);
    let (grey, rgb) = (channels == Channels::Grey, channels == Channels::Rgb);
    match planes {
        [y, cb, cr] if !grey => {
            let (y, cb, cr) = (small(y), small(cb), small(cr));
            let colours = y.iter().zip(cb.iter().zip(&cr));
            let colours = colours.map(|(y, (cb, cr))| colour(*y, *cb, *cr));
            match channels {
                Channels::Rgb => {
                    let mut out = vec![0; 3 * y.len()];
                    let (pixels, _) = out.as_chunks_mut::<3>();
                    pixels.iter_mut().zip(colours).for_each(|(to, colour)| *to = colour);
                    out
                }
                Channels::Green => colours.map(|[_, g, _]| g).collect(),
                Channels::Blue => colours.map(|[_, _, b]| b).collect(),
                _ => colours.map(|[r, _, _]| r).collect(),
            }
        }
        [y, ..] if rgb => small(y).into_iter().flat_map(|v| [v; 3]).collect(),
        [y, ..] => small(y),
        [] => Vec::new(),
    }
}

/// JFIF's colours (ITU-R BT.601, full range), 16 bits after the point.
#[inline(always)]
fn colour(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let (y, cb, cr) = ((i32::from(y) << 16) + 0x8000, i32::from(cb) - 128, i32::from(cr) - 128);
    let r = y + 91_881 * cr;
    let g = y - 22_554 * cb - 46_802 * cr;
    let b = y + 116_130 * cb;
    [r, g, b].map(|v| (v >> 16).clamp(0, 255) as u8)
}
