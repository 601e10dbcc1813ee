//! A picture as planes, luma and chroma apart and each of its own size, as JPEG has it: brought to
//! one size, then to colours. Who makes planes: [`super::jpeg`].

use super::decode::Wanted;
use super::resize::{Pixels, Resampling};
use super::scratch::Scratch;
use super::taps::{Span, used};
use crate::open::Channels;
use mlp_tensor::{Exec, Work};
use std::ops::Range;

/// The pixels of a component: how many, and how many a pixel of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    /// Across and down.
    pub size: (usize, usize),
    /// Across and down, a pixel of the picture.
    pub each: (f64, f64),
}

impl Grid {
    /// What is wanted of the picture, in own pixels.
    fn spans(&self, wanted: &Wanted) -> (Span, Span) {
        let scaled = |span: Span, by: f64, side: usize| Span {
            from: span.from * by,
            to: (span.to * by).min(side as f64),
        };
        let across = scaled(wanted.across, self.each.0, self.size.0);
        (across, scaled(wanted.down, self.each.1, self.size.1))
    }
    /// The columns and rows that are used for what is wanted.
    pub fn used(&self, wanted: &Wanted) -> (Range<usize>, Range<usize>) {
        let (across, down) = self.spans(wanted);
        (used(self.size.0, across, wanted.size.0), used(self.size.1, down, wanted.size.1))
    }
    fn resampling(&self, wanted: &Wanted) -> Resampling {
        let (across, down) = self.spans(wanted);
        Resampling::new(self.size, across, down, wanted.size)
    }
}

/// One component of a picture: Y, Cb or Cr.
#[derive(Debug)]
pub(super) struct Plane {
    pub grid: Grid,
    /// Column and row of the first pixel there is; all that are used are.
    pub first: (usize, usize),
    /// Bytes from row to row.
    pub stride: usize,
    pub bytes: Scratch,
}

/// Writes the channels asked for of what is wanted of a picture of one or three planes.
pub(super) fn part(
    exec: &Exec,
    planes: &[Plane],
    wanted: &Wanted,
    channels: Channels,
    to: &mut [u8],
) {
    // Planes are often alike.
    let mut last: Option<(Grid, Resampling)> = None;
    let mut small = |plane: &Plane, to: &mut [u8]| {
        let how = match last.take() {
            Some((grid, how)) if grid == plane.grid => how,
            _ => plane.grid.resampling(wanted),
        };
        let (_, how) = last.insert((plane.grid, how));
        let (first, stride, bytes) = (plane.first, plane.stride, &plane.bytes);
        how.of(exec, Pixels { channels: 1, first, stride, bytes }, to);
    };
    let count = wanted.size.0 * wanted.size.1;
    let (grey, rgb) = (channels == Channels::Grey, channels == Channels::Rgb);
    match planes {
        [y, cb, cr] if !grey => {
            let mut all = [y, cb, cr].map(|plane| (plane, Scratch::new(count)));
            all.iter_mut().for_each(|(plane, to)| small(plane, to));
            let [(_, y), (_, cb), (_, cr)] = &all;
            exec.vectorized(Colours { y, cb, cr, channels, to });
        }
        [y, ..] if rgb => {
            let mut grey = Scratch::new(count);
            small(y, &mut grey);
            to.as_chunks_mut::<3>().0.iter_mut().zip(&*grey).for_each(|(to, v)| *to = [*v; 3]);
        }
        [y, ..] => small(y, to),
        [] => {}
    }
}

/// Planes of one size on their way to colours.
struct Colours<'a> {
    y: &'a [u8],
    cb: &'a [u8],
    cr: &'a [u8],
    channels: Channels,
    to: &'a mut [u8],
}

impl Work for Colours<'_> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        let Colours { y, cb, cr, channels, to } = self;
        match channels {
            Channels::Rgb => rgb(y, cb, cr, to),
            Channels::Green => one(y, cb, cr, to, 1),
            Channels::Blue => one(y, cb, cr, to, 2),
            _ => one(y, cb, cr, to, 0),
        }
    }
}

/// One of the colours.
#[inline(always)]
fn one(y: &[u8], cb: &[u8], cr: &[u8], to: &mut [u8], which: usize) {
    for (((to, y), cb), cr) in to.iter_mut().zip(y).zip(cb).zip(cr) {
        *to = colour(*y, *cb, *cr)[which];
    }
}

/// Pixels that are put together at once.
const AT_ONCE: usize = 16;

/// All colours, a pixel's together.
#[inline(always)]
fn rgb(y: &[u8], cb: &[u8], cr: &[u8], to: &mut [u8]) {
    let (many, last) = to.as_chunks_mut::<{ 3 * AT_ONCE }>();
    let done = many.len() * AT_ONCE;
    let (y, y_last) = y.split_at(done);
    let (cb, cb_last) = cb.split_at(done);
    let (cr, cr_last) = cr.split_at(done);
    let groups = y.as_chunks().0.iter().zip(cb.as_chunks().0).zip(cr.as_chunks().0);
    for (to, ((y, cb), cr)) in many.iter_mut().zip(groups) {
        sixteen(y, cb, cr, to);
    }
    let triples = y_last.iter().zip(cb_last).zip(cr_last);
    for (to, ((y, cb), cr)) in last.as_chunks_mut().0.iter_mut().zip(triples) {
        *to = colour(*y, *cb, *cr);
    }
}

/// Words of the pixels first, which are vectors, then four of them in twelve bytes.
#[inline(always)]
fn sixteen(y: &[u8; AT_ONCE], cb: &[u8; AT_ONCE], cr: &[u8; AT_ONCE], to: &mut [u8; 3 * AT_ONCE]) {
    let mut words = [0u32; AT_ONCE];
    for i in 0..AT_ONCE {
        let [r, g, b] = colour(y[i], cb[i], cr[i]);
        words[i] = u32::from_le_bytes([r, g, b, 0]);
    }
    for (to, &[a, b, c, d]) in to.as_chunks_mut::<12>().0.iter_mut().zip(words.as_chunks().0) {
        let [a, b, c, d] = [u64::from(a), u64::from(b), u64::from(c), u64::from(d)];
        to[..8].copy_from_slice(&(a | b << 24 | c << 48).to_le_bytes());
        to[8..].copy_from_slice(&((c >> 16 | d << 8) as u32).to_le_bytes());
    }
}

/// JFIF's colours (ITU-R BT.601, full range), 16 bits after the point.
#[inline(always)]
fn colour(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let (y, cb, cr) = ((i32::from(y) << 16) + 0x8000, i32::from(cb) - 128, i32::from(cr) - 128);
    let r = y + 91_881 * cr;
    let g = y - 22_554 * cb - 46_802 * cr;
    let b = y + 116_130 * cb;
    [byte(r), byte(g), byte(b)]
}

#[inline(always)]
fn byte(v: i32) -> u8 {
    (v >> 16).clamp(0, 255) as u8
}
