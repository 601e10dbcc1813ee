//! Huffman codes of a JPEG's scan, and the bits they are read from.

/// Bits looked up at once.
const LOOK: u32 = 10;
/// A run that ends a block: no index stays below 64 after it.
pub(super) const END: usize = 128;

/// A scan between two restart markers, without its stuffed zero bytes.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bit is the highest. Bits below the first `count` are those of `bytes[at]` on, or zero.
    bits: u64,
    count: u32,
    /// Whether more was read than there is.
    over: bool,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8]) -> Bits<'a> {
        Bits { bytes, at: 0, bits: 0, count: 0, over: false }
    }

    /// Makes sure of 56 bits; behind the end there are zeros.
    #[inline(always)]
    fn refill(&mut self) {
        let next = match self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            Some(next) => u64::from_be_bytes(*next),
            None => self.last(),
        };
        self.bits |= next >> self.count;
        self.at += (63 - self.count as usize) >> 3;
        self.count |= 56;
    }

    #[cold]
    fn last(&mut self) -> u64 {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.over |= self.at > self.bytes.len() + 8;
        let mut next = [0; 8];
        next[..rest.len()].copy_from_slice(rest);
        u64::from_be_bytes(next)
    }

    #[inline(always)]
    fn skip(&mut self, count: u32) {
        self.bits <<= count;
        self.count -= count;
    }

    /// Whether more was read than there is.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Whether all was read but the bits that fill the last byte.
    pub fn is_at_end(&self) -> bool {
        let read = self.at * 8 - self.count as usize;
        !self.over && read.div_ceil(8) == self.bytes.len()
    }
}

/// The codes of one table.
pub(super) struct Codes {
    /// By the next `LOOK` bits: [`Code`]s packed. Zero for longer codes.
    look: Box<[u32; 1 << LOOK]>,
    /// By length: the first code that is longer, filled up to 16 bits.
    ends: [u32; 17],
    /// By length: index of the first symbol less its code.
    firsts: [i32; 17],
    symbols: [u8; 256],
}

/// What a code says: so many zeros, then a value.
#[derive(Clone, Copy)]
pub(super) struct Code {
    pub run: usize,
    pub value: i32,
}

impl Codes {
    /// From a table as in the file. `None` if it is none.
    pub fn new(table: &[u8]) -> Option<Codes> {
        let (counts, symbols) = table.split_first_chunk::<16>()?;
        let mut codes = Codes {
            look: Box::new([0; 1 << LOOK]),
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

    /// The next code and its value.
    #[inline(always)]
    pub fn next(&self, bits: &mut Bits) -> Option<Code> {
        if bits.count < 32 {
            bits.refill();
        }
        let cell = self.look[(bits.bits >> (64 - LOOK)) as usize];
        if cell & SLOW == 0 && cell != 0 {
            bits.skip(cell & 31);
            return Some(Code { run: (cell >> 8 & 255) as usize, value: cell as i32 >> 16 });
        }
        self.slow(bits, cell)
    }

    /// A code whose value, or which itself, is not seen at a glance.
    fn slow(&self, bits: &mut Bits, cell: u32) -> Option<Code> {
        let (symbol, length) = if cell != 0 {
            ((cell >> 8 & 255) as u8, cell & 31)
        } else {
            let next = (bits.bits >> 48) as u32;
            let length = (LOOK + 1..=16).find(|l| next < self.ends[*l as usize])?;
            let index = self.firsts[length as usize] + (next >> (16 - length)) as i32;
            (*self.symbols.get(index as usize)?, length)
        };
        bits.skip(length);
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        // At least 16 bits are left, for there were 32.
        let value = match size {
            0 => 0,
            _ => extended((bits.bits >> (64 - size)) as u32, size),
        };
        bits.skip(size);
        let run = if size == 0 && run != 15 { END } else { run as usize };
        Some(Code { run, value })
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
