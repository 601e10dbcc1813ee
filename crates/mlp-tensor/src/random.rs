//! Counter-based random streams (Philox 4×32-10): `(seed, purpose, epoch, index)` -> random bits.
//!
//! The generator is that of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1,
//! 2, 3" (2011). Key: the seed, low word first. Counter: block number, index, epoch, purpose. Word
//! `i` of a stream is word `i mod 4` of block `i / 4`; a stream has 2³⁴ words and then repeats. All
//! of this, and how numbers are made of the words, is part of the numerics contract and never
//! changes.

use crate::kernel::{Job, Kernel};
use crate::tuning::PIECE;
use crate::{Exec, MatrixViewMut, math};

/// What a stream is for; streams of different purposes are independent. The numbers are part of the
/// contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Assigning examples to parts.
    Split = 1,
    /// Initial weights; the index is the slot.
    Init = 2,
    /// Order of the examples in an epoch.
    Shuffle = 3,
    /// Dropout masks; the epoch field is the step, the index the layer.
    Dropout = 4,
    /// Tests and demonstrations.
    Demo = 5,
    /// Samples and shuffled columns of reports, which never touch a training.
    Report = 6,
    /// Changes to the training pictures; the index is the example.
    Augment = 7,
}

/// A family of streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    /// The user's seed.
    pub seed: u64,
}

impl Streams {
    /// The streams of a seed.
    pub fn new(seed: u64) -> Streams {
        Streams { seed }
    }
    /// One stream, from its beginning.
    pub fn at(&self, purpose: Purpose, epoch: u32, index: u32) -> Stream {
        Stream {
            key: [self.seed as u32, (self.seed >> 32) as u32],
            counter: [0, index, epoch, purpose as u32],
            word: 0,
            block: [0; 4],
        }
    }
}

/// A sequence of random values; cloning it repeats it.
#[derive(Clone, Debug)]
pub struct Stream {
    key: [u32; 2],
    /// The block number is zero here and filled in for each block.
    counter: [u32; 4],
    /// Words drawn so far.
    word: u64,
    /// The block that the next word is from, unless that is its first.
    block: [u32; 4],
}

/// The multipliers and the key's increments of Philox 4×32.
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// See [`MULTIPLIERS`].
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// Ten rounds of Philox on `N` counters at once; `counters[w][j]` is word `w` of counter `j`.
#[inline(always)]
fn philox<const N: usize>(mut key: [u32; 2], mut counters: [[u32; N]; 4]) -> [[u32; N]; 4] {
    for _ in 0..10 {
        let [c0, c1, c2, c3] = counters;
        for j in 0..N {
            let a = u64::from(MULTIPLIERS[0]) * u64::from(c0[j]);
            let b = u64::from(MULTIPLIERS[1]) * u64::from(c2[j]);
            counters[0][j] = (b >> 32) as u32 ^ c1[j] ^ key[0];
            counters[1][j] = b as u32;
            counters[2][j] = (a >> 32) as u32 ^ c3[j] ^ key[1];
            counters[3][j] = a as u32;
        }
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    counters
}

/// Blocks that are computed side by side,
const BLOCKS: usize = 16;
/// and their words.
const WORDS: usize = 4 * BLOCKS;

impl Stream {
    /// Block `i`.
    fn block(&self, i: u32) -> [u32; 4] {
        let [_, index, epoch, purpose] = self.counter;
        philox::<1>(self.key, [[i], [index], [epoch], [purpose]]).map(|[word]| word)
    }
    /// 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        let lane = (self.word % 4) as usize;
        if lane == 0 {
            self.block = self.block((self.word / 4) as u32);
        }
        self.word += 1;
        self.block[lane]
    }
    /// 64 random bits: two words, the low one first.
    pub fn next_u64(&mut self) -> u64 {
        let low = u64::from(self.next_u32());
        low | u64::from(self.next_u32()) << 32
    }
    /// Uniform in `[0, 1)`, 24 bits: the upper bits of a word.
    pub fn uniform(&mut self) -> f32 {
        (self.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }
    /// Uniform in `[0, 1)`, 53 bits: the upper bits of two words.
    pub fn uniform_f64(&mut self) -> f64 {
        fraction(self.next_u64())
    }
    /// Standard normal (Box–Muller in f64): `√(-2 ln(1 - u)) cos(2πv)` of two uniform values, four
    /// words.
    pub fn normal(&mut self) -> f64 {
        let u = self.uniform_f64();
        box_muller(u, self.uniform_f64())
    }
    /// Uniform in `0..n` without bias (Lemire 2019); `n > 0`.
    pub fn below(&mut self, n: u64) -> u64 {
        below(n, || self.next_u64())
    }
    /// Fisher–Yates from the end.
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        let (mut words, mut left) = ([0; WORDS], 0);
        let (stream, mut drawn) = (self.clone(), self.word);
        let mut next_u32 = || {
            if left == 0 {
                // Blocks side by side take less time than one after the other.
                words = stream.words((drawn / 4) as u32);
                left = WORDS - (drawn % 4) as usize;
            }
            let word = words[WORDS - left];
            (left, drawn) = (left - 1, drawn + 1);
            u64::from(word)
        };
        for i in (1..values.len()).rev() {
            let j = below(i as u64 + 1, || next_u32() | next_u32() << 32);
            values.swap(i, j as usize);
        }
        self.word = drawn;
        self.block = self.block((drawn / 4) as u32);
    }
    /// The mask of dropout for the examples from `first` on, one a column: value `i` of example `e`
    /// is 0 where word `e·p + i` of the stream, as a fraction, is below `rate`, else `scale`; `p` is
    /// the height of the mask, rounded up to a multiple of 64. Words are counted from the beginning
    /// of the stream, whatever was drawn from it. On the calling thread; as a function of the
    /// position, the mask is the same however the examples are cut up.
    pub fn mask(
        &self,
        exec: &Exec,
        rate: f32,
        scale: f32,
        first: usize,
        mut mask: MatrixViewMut<'_>,
    ) {
        // Exact: a power of two times an f32.
        let threshold = (f64::from(rate) * 4_294_967_296.0).ceil() as u64;
        let blocks = mask.nrows().div_ceil(WORDS) * BLOCKS;
        for (i, mut column) in mask.column_iter_mut().enumerate() {
            let block = ((first + i) * blocks) as u32;
            let values = column.as_mut_slice();
            exec.run(Mask { stream: self, block, threshold, scale, values });
        }
    }
    /// Fills `x` with `low + (high - low)·u`, rounded once from f64, where `u` is the 24-bit
    /// uniform value of word `i` of the stream, counted from its beginning.
    pub fn fill_uniform(&self, exec: &Exec, low: f64, high: f64, x: &mut [f32]) {
        exec.for_each_chunk(x, PIECE, |i, x| {
            exec.run(Uniform { stream: self, block: (i * PIECE / 4) as u32, low, high, x });
        });
    }
    /// Fills `x` with `mean + deviation·g`, rounded once from f64, where `g` is the normal value of
    /// block `i` of the stream: what successive calls of `normal` give from the beginning.
    pub fn fill_normal(&self, exec: &Exec, mean: f64, deviation: f64, x: &mut [f32]) {
        exec.for_each_chunk(x, PIECE / 4, |i, x| {
            for (j, x) in x.iter_mut().enumerate() {
                let [a, b, c, d] = self.block((i * PIECE / 4 + j) as u32).map(u64::from);
                let normal = box_muller(fraction(a | b << 32), fraction(c | d << 32));
                *x = deviation.mul_add(normal, mean) as f32;
            }
        });
    }
    /// Calls `each` with every piece of `x` of up to `WORDS` values and the words for it, from
    /// block `first` on.
    #[inline(always)]
    fn pieces(&self, first: u32, x: &mut [f32], mut each: impl FnMut(&mut [f32], &[u32])) {
        for (i, x) in x.chunks_mut(WORDS).enumerate() {
            let words = self.words(first.wrapping_add((i * BLOCKS) as u32));
            let n = x.len();
            each(x, &words[..n]);
        }
    }
    /// The words from block `first` on.
    #[inline(always)]
    fn words(&self, first: u32) -> [u32; WORDS] {
        let [_, index, epoch, purpose] = self.counter;
        let numbers = std::array::from_fn(|j| first.wrapping_add(j as u32));
        let counters = [numbers, [index; BLOCKS], [epoch; BLOCKS], [purpose; BLOCKS]];
        let blocks = philox::<BLOCKS>(self.key, counters);
        let mut words = [0; WORDS];
        for j in 0..BLOCKS {
            for (w, block) in blocks.iter().enumerate() {
                words[4 * j + w] = block[j];
            }
        }
        words
    }
}

/// [`Stream::below`] of 64 random bits at a time.
#[inline(always)]
fn below(n: u64, mut next: impl FnMut() -> u64) -> u64 {
    debug_assert!(n > 0, "nothing is below zero");
    let mut product = u128::from(next()) * u128::from(n);
    if (product as u64) < n {
        let threshold = n.wrapping_neg() % n.max(1);
        while (product as u64) < threshold {
            product = u128::from(next()) * u128::from(n);
        }
    }
    (product >> 64) as u64
}

/// The upper 53 bits as a fraction.
fn fraction(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// A standard normal value of two uniform ones.
fn box_muller(u: f64, v: f64) -> f64 {
    (-2.0 * math::ln(1.0 - u)).sqrt() * math::cos_pi(2.0 * v)
}

/// A column of a mask.
struct Mask<'a> {
    stream: &'a Stream,
    block: u32,
    threshold: u64,
    scale: f32,
    values: &'a mut [f32],
}

impl Job for Mask<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, _k: K) {
        // 2^32 and above drop everything; the comparison is then against the largest word, and the
        // scale zero.
        let all = self.threshold > u64::from(u32::MAX);
        let least = self.threshold.min(u64::from(u32::MAX)) as u32;
        let scale = if all { 0.0 } else { self.scale };
        self.stream.pieces(self.block, self.values, |values, words| {
            for (value, &word) in values.iter_mut().zip(words) {
                *value = if word >= least { scale } else { 0.0 };
            }
        });
    }
}

/// Uniform values of one piece.
struct Uniform<'a> {
    stream: &'a Stream,
    block: u32,
    low: f64,
    high: f64,
    x: &'a mut [f32],
}

impl Job for Uniform<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, _k: K) {
        let (low, width) = (self.low, self.high - self.low);
        self.stream.pieces(self.block, self.x, |x, words| {
            for (x, &word) in x.iter_mut().zip(words) {
                let u = f64::from(word >> 8) * (1.0 / 16_777_216.0);
                // Two roundings, not fused: an instruction set without FMA must not be slow here.
                *x = (low + width * u) as f32;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that the authors publish with Random123.
    #[test]
    fn philox_gives_the_published_words() {
        let answers = [
            ([0; 2], [0; 4], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 2], [u32::MAX; 4], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0xa409_3822, 0x299f_31d0],
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (key, counter, words) in answers {
            let one = philox::<1>(key, counter.map(|c| [c])).map(|[word]| word);
            assert_eq!(one, words);
            let many = philox::<16>(key, counter.map(|c| [c; 16]));
            assert_eq!(many, words.map(|w| [w; 16]));
        }
    }

    /// As if word after word were drawn, also from the middle of a block, and with other draws after it.
    #[test]
    fn a_shuffle_draws_the_words_in_order() {
        for (drawn, count) in [(0, 100), (1, 1), (2, 2), (3, 1000), (66, 33)] {
            let mut fast = Streams::new(5).at(Purpose::Shuffle, 1, 0);
            (0..drawn).for_each(|_| _ = fast.next_u32());
            let mut slow = fast.clone();
            let [mut one, mut other]: [Vec<usize>; 2] =
                [(0..count).collect(), (0..count).collect()];
            fast.shuffle(&mut one);
            for i in (1..count).rev() {
                other.swap(i, slow.below(i as u64 + 1) as usize);
            }
            assert_eq!(one, other);
            assert!((0..9).all(|_| fast.next_u32() == slow.next_u32()));
        }
    }

    /// The place of seed, block, index, epoch and purpose in key and counter.
    #[test]
    fn streams_are_where_the_contract_says() {
        let seed = 0x0123_4567_89ab_cdef;
        let mut stream = Streams::new(seed).at(Purpose::Init, 7, 9);
        stream.next_u64();
        stream.next_u64();
        let words = philox::<1>([0x89ab_cdef, 0x0123_4567], [[1], [9], [7], [2]]);
        assert_eq!(words.map(|[word]| word), std::array::from_fn(|_| stream.next_u32()));
    }
}
