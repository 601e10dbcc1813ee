//! Copies of blocks of `B` that lie together: of a matrix whose rows are far apart, or whose rows
//! are the columns that a tile wants. And the room for them, kept by each thread.

use super::Kernel;
use super::tile::Product;
use std::cell::Cell;

/// A cache line of values.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Line(#[allow(dead_code, reason = "for its size and its alignment")] [f32; 16]);

/// What a thread keeps room for.
#[derive(Clone, Copy)]
pub enum Room {
    /// Copies of `B`.
    Pack,
    /// A block of a gradient.
    Gradient,
}

thread_local! {
    static ROOMS: [Cell<Vec<Line>>; 2] = const { [Cell::new(Vec::new()), Cell::new(Vec::new())] };
}

/// Makes this thread's rooms, so that it allocates nothing when it first needs one.
pub fn make_rooms(lens: [usize; 2]) {
    for (which, len) in [Room::Pack, Room::Gradient].into_iter().zip(lens) {
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

/// Copies `p`'s block of `B`, all its depth and `V` vectors of columns, to `p.pack`, row after row;
/// the lanes that are no columns become zero.
///
/// # Safety
/// As [`super::tile::run`]; `p.pack` has room for it.
#[inline(always)]
pub unsafe fn block<K: Kernel, const V: usize>(k: K, p: &Product) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        if p.b_col == 1 {
            rows::<K, V>(k, p);
        } else {
            turned::<K, V>(k, p);
        }
    }
}

/// `B` has rows: they are copied.
///
/// # Safety
/// As [`block`].
#[inline(always)]
unsafe fn rows<K: Kernel, const V: usize>(k: K, p: &Product) {
    /// Rows fetched ahead, since the processor does not foresee steps of more than a page.
    const AHEAD: usize = 12;
    let last = p.cols - (V - 1) * K::LANES;
    // SAFETY: `i < depth`, and the last vector is read only as far as `cols` goes; an address that
    // is fetched ahead need not exist.
    unsafe {
        for i in 0..p.depth {
            let (from, to) = (p.b.add(i * p.b_depth), p.pack.add(i * V * K::LANES));
            k.prefetch(from.wrapping_add(AHEAD * p.b_depth).cast_mut());
            k.prefetch(from.wrapping_add(AHEAD * p.b_depth + p.cols).cast_mut());
            for v in 0..V - 1 {
                k.store(to.add(v * K::LANES), k.load(from.add(v * K::LANES)));
            }
            let (from, to) = (from.add((V - 1) * K::LANES), to.add((V - 1) * K::LANES));
            k.store(to, if last < K::LANES { k.load_part(from, last) } else { k.load(from) });
        }
    }
}

/// `B` has columns: they are turned, square by square.
///
/// # Safety
/// As [`block`].
#[inline(always)]
unsafe fn turned<K: Kernel, const V: usize>(k: K, p: &Product) {
    let (lanes, width) = (K::LANES, V * K::LANES);
    // SAFETY: squares within `depth × cols` are read, and all of `depth × width` is written.
    unsafe {
        for o in (0..width).step_by(lanes) {
            let cols = lanes.min(p.cols - o);
            for i in (0..p.depth).step_by(lanes) {
                let depth = lanes.min(p.depth - i);
                let (from, to) = (p.b.add(o * p.b_col + i), p.pack.add(i * width + o));
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
