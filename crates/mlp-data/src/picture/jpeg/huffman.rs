//! Huffman codes of a JPEG's scan, and the bits they are read from.

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

    /// Makes sure of 32 bits.
    #[inline(always)]
    fn refill(&mut self) {
        if self.count < 32 {
            let next = match self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
                Some(next) => u64::from_be_bytes(*next),
                None => last(self.bytes, self.at),
            };
            self.bits |= next >> self.count;
            self.at += (63 - self.count as usize) >> 3;
            self.count |= 56;
        }
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
    /// By the next `LOOK` bits: [`Code`]s packed. Zero for longer codes.
    look: Box<[u32; 1 << LOOK]>,
    /// By the next `LOOK` bits: all codes with their values in them. Zero if that is none.
    steps: Box<[Steps; 1 << LOOK]>,
    /// By length: the first code that is longer, filled up to 16 bits.
    ends: [u32; 17],
    /// By length: index of the first symbol less its code.
    firsts: [i32; 17],
    symbols: [u8; 256],
}

/// Some codes of which only the number is of interest: coefficients they stand for, bits, whether
/// the block ends.
#[derive(Clone, Copy, Default)]
struct Steps {
    coefficients: u8,
    length: u8,
    end: bool,
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
            steps: Box::new([Steps::default(); 1 << LOOK]),
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

    /// Finds the codes that can be passed over at once; to be called of tables of AC codes.
    pub fn with_steps(mut self) -> Codes {
        for i in 0..1 << LOOK {
            let mut steps = Steps::default();
            loop {
                let cell = self.look[(i << steps.length) & ((1 << LOOK) - 1)];
                let length = steps.length + (cell & 31) as u8;
                if cell == 0 || cell & SLOW != 0 || u32::from(length) > LOOK {
                    break;
                }
                steps.length = length;
                let run = (cell >> 8 & 255) as u8;
                steps.end = usize::from(run) == END;
                if steps.end {
                    break;
                }
                steps.coefficients += run + 1;
            }
            self.steps[i] = steps;
        }
        self
    }

    /// Passes over the coefficients of a block from `k` on. `None` if there are more than 64.
    #[inline(always)]
    pub fn pass(&self, bits: &mut Bits, mut k: usize) -> Option<()> {
        while k < 64 {
            bits.refill();
            let steps = self.steps[(bits.bits >> (64 - LOOK)) as usize];
            let next = k + usize::from(steps.coefficients);
            // After the 64th coefficient another block begins.
            if steps.length > 0 && (next < 64 || (next == 64 && !steps.end)) {
                bits.skip(u32::from(steps.length));
                if steps.end {
                    return Some(());
                }
                k = next;
            } else {
                let code = self.next(bits)?;
                if code.run == END {
                    return Some(());
                }
                k += code.run + 1;
            }
        }
        (k == 64).then_some(())
    }

    /// The next code and its value.
    #[inline(always)]
    pub fn next(&self, bits: &mut Bits) -> Option<Code> {
        bits.refill();
        let cell = self.look[(bits.bits >> (64 - LOOK)) as usize];
        if cell & SLOW == 0 && cell != 0 {
            bits.skip(cell & 31);
            return Some(Code { run: (cell >> 8 & 255) as usize, value: cell as i32 >> 16 });
        }
        let (code, length) = self.slow(bits.bits, cell)?;
        bits.skip(length);
        Some(code)
    }

    /// A code whose value, or which itself, is not seen at a glance, and the length of both.
    #[inline(never)]
    fn slow(&self, bits: u64, cell: u32) -> Option<(Code, u32)> {
        let (symbol, length) = if cell != 0 {
            ((cell >> 8 & 255) as u8, cell & 31)
        } else {
            let next = (bits >> 48) as u32;
            let length = (LOOK + 1..=16).find(|l| next < self.ends[*l as usize])?;
            let index = self.firsts[length as usize] + (next >> (16 - length)) as i32;
            (*self.symbols.get(index as usize)?, length)
        };
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        // At least 16 bits are left, for there were 32.
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
