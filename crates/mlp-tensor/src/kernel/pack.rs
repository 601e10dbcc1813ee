//! Copies of blocks of `B` that lie together: of a matrix whose rows are far apart, or whose rows are the
//! columns that a tile wants. And the room for copies, kept by each thread.

use super::Kernel;
use super::blocks::{Product, strip_width};
use crate::tuning::LINE;
use std::cell::Cell;

/// A cache line of values.
#[repr(align(64))]
#[derive(Clone, Copy, Debug)]
pub struct Line(pub [f32; 16]);

impl Line {
    /// The bits of 0, 1, 2 and so on.
    pub const fn counted() -> Line {
        let (mut line, mut i) = ([0.0; 16], 0);
        while i < 16 {
            line[i] = f32::from_bits(i as u32);
            i += 1;
        }
        Line(line)
    }
}

/// What a thread keeps room for.
#[derive(Clone, Copy)]
pub enum Room {
    /// Copies of `B`.
    Right,
    /// Lists of `A`.
    Left,
    /// A block of a gradient.
    Gradient,
}

thread_local! {
    static ROOMS: [Cell<Vec<Line>>; 3] = const { [const { Cell::new(Vec::new()) }; 3] };
}

/// Makes this thread's rooms, so that it allocates nothing when it first needs one.
pub fn make_rooms(lens: [usize; 3]) {
    for (which, len) in [Room::Right, Room::Left, Room::Gradient].into_iter().zip(lens) {
        with_room(which, len, |_| {});
    }
}

/// Gives `work` room for `len` values, of no particular content. Within `work` the same room is
/// there anew.
pub fn with_room<R>(which: Room, len: usize, work: impl FnOnce(*mut f32) -> R) -> R {
    let mut room = ROOMS.with(|rooms| rooms[which as usize].take());
    if room.len() * 16 < len {
        room.resize(len.div_ceil(16), Line([0.0; 16]));
    }
    let done = work(room.as_mut_ptr().cast());
    ROOMS.with(|rooms| rooms[which as usize].set(room));
    done
}

/// Copies `p`'s block of `B` to `p.pack`: tile after tile of `V` vectors, the last one perhaps
/// narrower, each row after row; the lanes that are no columns become zero. Returns whether all of it
/// is finite.
///
/// # Safety
/// As [`super::blocks::run`]; `p.pack` has room for it.
#[inline(always)]
pub unsafe fn right<K: Kernel, const V: usize>(k: K, p: &Product<'_>) -> bool {
    let width = V * K::LANES;
    let full = p.cols / width * width;
    let mut seen = Finite::new(k);
    // SAFETY: the parts lie within `p`, their copies one after the other.
    unsafe {
        if p.b_col == 1 {
            rows::<K, V>(k, &p.block(0, p.rows, 0, full), p.pack, &mut seen);
        }
        let mut o = if p.b_col == 1 { full } else { 0 };
        while o < p.cols {
            let strip = p.block(0, p.rows, o, strip_width::<K>(p.cols - o, V));
            let to = p.pack.add(o * p.depth);
            if p.b_col == 1 {
                narrow(k, &strip, to)
            } else {
                turned(k, &strip, to)
            }
            // Other than of full rows, once more: it is near.
            for i in (0..strip.cols.next_multiple_of(K::LANES) * p.depth).step_by(K::LANES) {
                seen.see(k, k.load(to.add(i)));
            }
            o += strip.cols;
        }
    }
    seen.all(k)
}

/// Whether all values seen are finite.
struct Finite<K: Kernel>(K::I);

impl<K: Kernel> Finite<K> {
    #[inline(always)]
    fn new(k: K) -> Finite<K> {
        Finite(k.int(0))
    }
    #[inline(always)]
    fn see(&mut self, k: K, v: K::F) {
        // An exponent of nothing but ones carries into the sign.
        let magnitude = k.and(k.bits(v), k.int(0x7FFF_FFFF));
        self.0 = k.or(self.0, k.int_add(magnitude, k.int(0x0080_0000)));
    }
    #[inline(always)]
    fn all(self, k: K) -> bool {
        let mut lanes = Line([0.0; 16]);
        // SAFETY: no vector has more values.
        unsafe { k.store(lanes.0.as_mut_ptr(), k.of_bits(self.0)) };
        lanes.0.iter().all(|lane| lane.to_bits() >> 31 == 0)
    }
}

/// `B` has rows: they are copied, to as many full tiles as there are.
///
/// # Safety
/// As [`right`].
#[inline(always)]
unsafe fn rows<K: Kernel, const V: usize>(
    k: K,
    p: &Product<'_>,
    to: *mut f32,
    seen: &mut Finite<K>,
) {
    /// Rows fetched ahead, since the processor does not foresee steps of more than a page.
    const AHEAD: usize = 8;
    let width = V * K::LANES;
    // SAFETY: `i < depth`, `o < cols`; an address that is fetched ahead need not exist.
    unsafe {
        for i in 0..p.depth {
            let (from, to) = (p.b.add(i * p.b_depth), to.add(i * width));
            for o in (0..p.cols).step_by(width) {
                for v in (0..V).step_by((LINE / K::LANES).max(1)) {
                    let line = from.wrapping_add(AHEAD * p.b_depth + o + v * K::LANES);
                    k.prefetch(line);
                }
                let (from, to) = (from.add(o), to.add(o * p.depth));
                for v in (0..V).map(|v| v * K::LANES) {
                    let values = k.load(from.add(v));
                    seen.see(k, values);
                    k.store(to.add(v), values);
                }
            }
        }
    }
}

/// The same for one tile that is not full.
///
/// # Safety
/// As [`right`].
#[inline(always)]
unsafe fn narrow<K: Kernel>(k: K, p: &Product<'_>, to: *mut f32) {
    let width = p.cols.next_multiple_of(K::LANES);
    // SAFETY: `i < depth`; the last vector is read only as far as `cols` goes.
    unsafe {
        for i in 0..p.depth {
            let (from, to) = (p.b.add(i * p.b_depth), to.add(i * width));
            for o in (0..p.cols).step_by(K::LANES) {
                let (from, left) = (from.add(o), p.cols - o);
                let v = if left < K::LANES { k.load_part(from, left) } else { k.load(from) };
                k.store(to.add(o), v);
            }
        }
    }
}

/// `B` has columns: they are turned, square by square.
///
/// # Safety
/// As [`right`].
#[inline(always)]
unsafe fn turned<K: Kernel>(k: K, p: &Product<'_>, to: *mut f32) {
    let (lanes, width) = (K::LANES, p.cols.next_multiple_of(K::LANES));
    // SAFETY: squares within `depth × cols` are read, and all of `depth × width` is written.
    unsafe {
        for o in (0..width).step_by(lanes) {
            let cols = lanes.min(p.cols - o);
            for i in (0..p.depth).step_by(lanes) {
                let depth = lanes.min(p.depth - i);
                let (from, to) = (p.b.add(o * p.b_col + i), to.add(i * width + o));
                if cols == lanes && depth == lanes {
                    k.turn(from, p.b_col, to, width);
                    continue;
                }
                for i in 0..depth {
                    for o in 0..lanes {
                        *to.add(i * width + o) =
                            if o < cols { *from.add(o * p.b_col + i) } else { 0.0 };
                    }
                }
            }
        }
    }
}
