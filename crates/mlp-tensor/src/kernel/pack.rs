//! Copies of blocks of `B` and `A` that lie together: of a matrix whose rows are far apart, or whose
//! rows are the columns that a tile wants. And the room for them, kept by each thread.

use super::Kernel;
use super::blocks::{Product, Rows};
use crate::tuning::LINE;
use std::cell::Cell;

/// A cache line of values.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Line(#[allow(dead_code, reason = "for its size and its alignment")] [f32; 16]);

/// What a thread keeps room for.
#[derive(Clone, Copy)]
pub enum Room {
    /// Copies of `B`.
    Right,
    /// Copies of `A`.
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
/// narrower, each row after row; the lanes that are no columns become zero.
///
/// # Safety
/// As [`super::blocks::run`]; `p.pack` has room for it.
#[inline(always)]
pub unsafe fn right<K: Kernel, const V: usize>(k: K, p: &Product<'_>) {
    let width = V * K::LANES;
    let full = p.cols / width * width;
    // SAFETY: the parts lie within `p`, their copies one after the other.
    unsafe {
        if p.b_col == 1 {
            rows::<K, V>(k, &p.block(0, p.rows, 0, full), p.pack);
        }
        let from = if p.b_col == 1 { full } else { 0 };
        for o in (from..p.cols).step_by(width) {
            let strip = p.block(0, p.rows, o, width.min(p.cols - o));
            let to = p.pack.add(o * p.depth);
            if p.b_col == 1 { narrow(k, &strip, to) } else { turned(k, &strip, to) }
        }
    }
}

/// `B` has rows: they are copied, to as many full tiles as there are.
///
/// # Safety
/// As [`right`].
#[inline(always)]
unsafe fn rows<K: Kernel, const V: usize>(k: K, p: &Product<'_>, to: *mut f32) {
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
                    k.prefetch(line.cast_mut());
                }
                let (from, to) = (from.add(o), to.add(o * p.depth));
                for v in 0..V {
                    k.store(to.add(v * K::LANES), k.load(from.add(v * K::LANES)));
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

/// Copies a block of `A` to `left`: tile after tile, each column after column.
pub struct Left<'a, K>(pub K, pub &'a Product<'a>);

impl<K: Kernel> Rows for Left<'_, K> {
    #[inline(always)]
    unsafe fn tile<const M: usize>(&mut self, m: usize) {
        let &mut Left(k, p) = self;
        // SAFETY: the rows exist. Whole vectors are written: what they write too far is written over
        // by the next column or tile, and after the last one there is room for a vector.
        unsafe {
            let to = p.left.add(m * p.depth);
            if p.a_row == 1 {
                columns::<K, M>(k, p, m, to);
            } else {
                across::<K, M>(k, p, m, to);
            }
        }
    }
}

/// The values of a column lie side by side.
///
/// # Safety
/// As [`Left`].
#[inline(always)]
unsafe fn columns<K: Kernel, const M: usize>(k: K, p: &Product<'_>, m: usize, to: *mut f32) {
    // SAFETY: the caller's promise; no vector is read beyond the rows.
    unsafe {
        for i in 0..p.depth {
            let (from, to) = (p.a.add(i * p.a_depth + m), to.add(i * M));
            for o in (0..M).step_by(K::LANES) {
                let (from, rest) = (from.add(o), p.rows - m - o);
                let v = if rest < K::LANES { k.load_part(from, rest) } else { k.load(from) };
                k.store(to.add(o), v);
            }
        }
    }
}

/// The values of a row lie side by side: they are turned, square by square.
///
/// # Safety
/// As [`Left`].
#[inline(always)]
unsafe fn across<K: Kernel, const M: usize>(k: K, p: &Product<'_>, m: usize, to: *mut f32) {
    let lanes = K::LANES;
    let mut square = [Line([0.0; 16]); 16];
    let square: *mut f32 = square.as_mut_ptr().cast();
    // SAFETY: the caller's promise; a square is `lanes × lanes`, at most 16 × 16.
    unsafe {
        let from = p.a.add(m * p.a_row);
        let mut i = 0;
        while M <= lanes && m + lanes <= p.rows && i + lanes <= p.depth {
            k.turn(from.add(i), p.a_row, square, lanes);
            for j in 0..lanes {
                k.store(to.add((i + j) * M), k.load(square.add(j * lanes)));
            }
            i += lanes;
        }
        for i in i..p.depth {
            for row in 0..M {
                *to.add(i * M + row) = *from.add(row * p.a_row + i);
            }
        }
    }
}
