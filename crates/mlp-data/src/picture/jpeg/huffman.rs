//! Huffman codes of a JPEG's scan, and the bits they are read from.

use std::cell::RefCell;
use std::rc::Rc;

/// Bits looked up at once.
const LOOK: u32 = 10;
/// A run that ends a block: no index stays below 64 after it.
pub(super) const END: usize = 128;

/// A scan between two restart markers, without its stuffed zero bytes. Behind its end there are
/// zeros.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bit is the highest. Bits below the first `count` are those of `bytes[at]` on, or
    /// zero.
    bits: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8]) -> Bits<'a> {
        Bits { bytes, at: 0, bits: 0, count: 0 }
    }

    /// Makes sure of 56 bits.
    #[inline(always)]
    pub fn refill(&mut self) {
        let next = match self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            Some(next) => u64::from_be_bytes(*next),
            None => last(self.bytes, self.at),
        };
        self.bits |= next >> self.count;
        self.at += (63 - self.count as usize) >> 3;
        self.count |= 56;
    }

    #[inline(always)]
    fn skip(&mut self, count: u32) {
        self.bits <<= count;
        self.count -= count;
    }

    /// Bits read.
    fn read(&self) -> usize {
        self.at * 8 - self.count as usize
    }

    /// Whether more was read than there is.
    pub fn is_over(&self) -> bool {
        self.read() > self.bytes.len() * 8
    }

    /// Whether all was read but the bits that fill the last byte.
    pub fn is_at_end(&self) -> bool {
        self.read().div_ceil(8) == self.bytes.len()
    }
}

/// What is left of some bytes, and zeros.
#[cold]
fn last(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    let mut next = [0; 8];
    next[..rest.len()].copy_from_slice(rest);
    u64::from_be_bytes(next)
}

/// The codes of one table.
pub(super) struct Codes {
    /// By the next `LOOK` bits: [`Code`]s packed. [`SLOW`] and no more for longer codes.
    look: Box<[u32; 1 << LOOK]>,
    /// By the next `LOOK` bits, in its second half: all codes with their values in them, as
    /// [`steps`] packs them. [`NO_STEPS`] if that is none.
    steps: Box<[u16; 2 << LOOK]>,
    /// By length: the first code that is longer, filled up to 16 bits.
    ends: [u32; 17],
    /// By length: index of the first symbol less its code.
    firsts: [i32; 17],
    symbols: [u8; 256],
}

/// Some codes of which only the number is of interest: coefficients they stand for, [`END`] more if
/// the last ends the block; and their bits.
fn steps(coefficients: usize, length: u32) -> u16 {
    (coefficients as u16) << 8 | length as u16
}

/// More coefficients than are left of any block.
const NO_STEPS: u16 = 64 << 8;

/// What a code says: so many zeros, then a value.
#[derive(Clone, Copy)]
pub(super) struct Code {
    pub run: usize,
    pub value: i32,
}

/// Tables known to a thread, at most: most files have the same.
const KNOWN: usize = 16;

/// Codes, and what they were made of.
struct Known {
    table: Vec<u8>,
    is_ac: bool,
    codes: Rc<Codes>,
}

thread_local! {
    /// What [`Codes::of`] gave last.
    static LAST: RefCell<Vec<Known>> = const { RefCell::new(Vec::new()) };
}

impl Codes {
    /// From a table of DC or AC codes as in the file. `None` if it is none.
    pub fn of(table: &[u8], is_ac: bool) -> Option<Rc<Codes>> {
        LAST.with_borrow_mut(|last| {
            if let Some(known) = last.iter().find(|k| k.table == table && k.is_ac == is_ac) {
                return Some(Rc::clone(&known.codes));
            }
            let codes = Codes::new(table)?;
            let codes = Rc::new(if is_ac { codes.with_steps() } else { codes });
            last.truncate(KNOWN - 1);
            last.insert(0, Known { table: table.to_vec(), is_ac, codes: Rc::clone(&codes) });
            Some(codes)
        })
    }

    fn new(table: &[u8]) -> Option<Codes> {
        let (counts, symbols) = table.split_first_chunk::<16>()?;
        let mut codes = Codes {
            look: Box::new([SLOW; 1 << LOOK]),
            steps: Box::new([NO_STEPS; 2 << LOOK]),
            ends: [0; 17],
            firsts: [0; 17],
            symbols: [0; 256],
        };
        codes.symbols.get_mut(..symbols.len())?.copy_from_slice(symbols);
        let (mut code, mut index) = (0u32, 0usize);
        for (length, count) in (1u32..).zip(counts) {
            codes.firsts[length as usize] = index as i32 - code as i32;
            for symbol in symbols.get(index..index + usize::from(*count))? {
                codes.enter(*symbol, code, length);
                code += 1;
            }
            index += usize::from(*count);
            // A code of ones only is none.
            if code >= 1 << length && *count > 0 {
                return None;
            }
            codes.ends[length as usize] = code << (16 - length);
            code <<= 1;
        }
        Some(codes)
    }

    /// Writes what a code says wherever it begins, with the value's bits where they are seen, too.
    fn enter(&mut self, symbol: u8, code: u32, length: u32) {
        if length > LOOK || code >> length != 0 {
            return;
        }
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        let free = LOOK - length;
        let first = (code << free) as usize;
        let cells = &mut self.look[first..first + (1 << free)];
        if size > free {
            // The value is read apart.
            return cells.fill(SLOW | u32::from(symbol) << 8 | length);
        }
        for (i, cell) in cells.iter_mut().enumerate() {
            let bits = (i as u32) >> (free - size);
            *cell = pack(run, size, extended(bits, size), length + size);
        }
    }

    /// Finds the codes that can be passed over at once.
    fn with_steps(mut self) -> Codes {
        // What `n` bits hold stands from `1 << n` on: the first code, and what the bits behind it
        // hold.
        for n in 1..=LOOK {
            for bits in 0..1usize << n {
                let cell = self.look[bits << (LOOK - n)];
                let length = cell & 31;
                if cell & SLOW != 0 || length > n {
                    continue;
                }
                let run = (cell >> 8 & 255) as usize;
                let rest = n - length;
                let more = self.steps[(1 << rest) + (bits & ((1 << rest) - 1))];
                let all = usize::from(more >> 8) % END + run + 1;
                self.steps[(1 << n) + bits] = match run {
                    END => steps(END, length),
                    _ if more == NO_STEPS || all >= 64 => steps(run + 1, length),
                    _ => more + steps(run + 1, length),
                };
            }
        }
        self
    }

    /// Passes over the coefficients of a block from `k` on, which is not the first. `None` if there
    /// are more than 64.
    #[inline(always)]
    pub fn pass(&self, bits: &mut Bits, mut k: usize) -> Option<()> {
        while k < 64 {
            bits.refill();
            // So many times `LOOK` bits are there at least, and those of a long code.
            for _ in 0..3 {
                let steps = self.steps[(1 << LOOK) + (bits.bits >> (64 - LOOK)) as usize];
                let next = k + usize::from(steps >> 8);
                if next < 64 {
                    bits.skip(u32::from(steps & 31));
                    k = next;
                    continue;
                }
                // After the 64th coefficient another block begins.
                let ends = (END..END + 64).contains(&next);
                if ends || next == 64 {
                    bits.skip(u32::from(steps & 31));
                    return Some(());
                }
                let code = self.next(bits)?;
                if code.run == END {
                    return Some(());
                }
                k += code.run + 1;
                break;
            }
        }
        (k == 64).then_some(())
    }

    /// The next code and its value. Takes at most 31 of the bits that [`Bits::refill`] brought.
    #[inline(always)]
    pub fn next(&self, bits: &mut Bits) -> Option<Code> {
        Some(self.next_of(bits)?.0)
    }

    /// The same, and whether it took at most [`LOOK`] bits.
    #[inline(always)]
    pub fn next_of(&self, bits: &mut Bits) -> Option<(Code, bool)> {
        let cell = self.look[(bits.bits >> (64 - LOOK)) as usize];
        if cell & SLOW == 0 {
            bits.skip(cell & 31);
            let run = (cell >> 8 & 255) as usize;
            return Some((Code { run, value: cell as i32 >> 16 }, true));
        }
        let (code, length) = self.slow(bits.bits, cell)?;
        bits.skip(length);
        Some((code, false))
    }

    /// A code whose value, or which itself, is not seen at a glance, and the length of both.
    #[inline(never)]
    fn slow(&self, bits: u64, cell: u32) -> Option<(Code, u32)> {
        let (symbol, length) = if cell != SLOW {
            ((cell >> 8 & 255) as u8, cell & 31)
        } else {
            let next = (bits >> 48) as u32;
            let length = (LOOK + 1..=16).find(|l| next < self.ends[*l as usize])?;
            let index = self.firsts[length as usize] + (next >> (16 - length)) as i32;
            (*self.symbols.get(index as usize)?, length)
        };
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        // At least 15 bits are left, for there were 31.
        let value = match size {
            0 => 0,
            _ => extended((bits << length >> (64 - size)) as u32, size),
        };
        let run = if size == 0 && run != 15 { END } else { run as usize };
        Some((Code { run, value }, length + size))
    }
}

/// Marks a cell of a code whose value is read apart.
const SLOW: u32 = 1 << 5;

/// A cell: value, run, length of code and value together. What has no value ends a block, but for
/// sixteen zeros.
fn pack(run: u32, size: u32, value: i32, length: u32) -> u32 {
    let run = if size == 0 && run != 15 { END as u32 } else { run };
    (value as u32) << 16 | run << 8 | length
}

/// A value from its bits: without a leading one it is negative.
fn extended(bits: u32, size: u32) -> i32 {
    match size {
        0 => 0,
        _ if bits >> (size - 1) == 1 => bits as i32,
        _ => bits as i32 - (1 << size) + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Lengths of codes that fit together, and a symbol for each.
    fn tables() -> impl Strategy<Value = Vec<u8>> {
        (prop::collection::vec(1u32..=16, 1..60), prop::collection::vec(any::<u8>(), 60)).prop_map(
            |(mut lengths, symbols)| {
                lengths.sort_unstable();
                let (mut room, mut counts) = ((1u32 << 16) - 1, [0u8; 16]);
                for length in lengths {
                    if let Some(left) = room.checked_sub(1 << (16 - length)) {
                        room = left;
                        counts[length as usize - 1] += 1;
                    }
                }
                let codes: usize = counts.iter().map(|n| usize::from(*n)).sum();
                // Of sixteen zeros, of ends and of others alike.
                let symbol = |s: &u8| [0xF0, 0, *s, *s & 0x3F][usize::from(s >> 6)];
                counts.into_iter().chain(symbols[..codes].iter().map(symbol)).collect()
            },
        )
    }

    proptest! {
        /// Passing over coefficients ends where reading them one by one ends.
        #[test]
        fn passing_is_reading(
            table in tables(),
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            start in 1usize..64,
        ) {
            let codes = Codes::new(&table).unwrap().with_steps();
            let (mut passed, mut read) = (Bits::new(&bytes), Bits::new(&bytes));
            while !passed.is_over() {
                let one_by_one = (|| {
                    let mut k = start;
                    while k < 64 {
                        read.refill();
                        let code = codes.next(&mut read)?;
                        if code.run == END {
                            return Some(());
                        }
                        k += code.run + 1;
                    }
                    (k == 64).then_some(())
                })();
                prop_assert_eq!(codes.pass(&mut passed, start), one_by_one);
                if one_by_one.is_none() {
                    break;
                }
                prop_assert_eq!(passed.read(), read.read());
            }
        }
    }
}
