//! Words to codes, quickly: a hash table over bytes, in order of first appearance.

/// Words and their codes.
#[derive(Default)]
pub(super) struct Words {
    /// The bytes of all words, one after another.
    text: Vec<u8>,
    known: Vec<Word>,
    /// Codes + 1 by hash, 0 where there is none; a power of two of them, at most half taken.
    slots: Vec<u32>,
}

struct Word {
    hash: u64,
    start: usize,
    end: usize,
    /// The line of its first appearance.
    line: u64,
}

/// Slots to begin with.
const SLOTS: usize = 64;

impl Words {
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }
    /// Bytes in memory.
    pub(super) fn size(&self) -> usize {
        self.text.len() + size_of_val(self.known.as_slice()) + size_of_val(self.slots.as_slice())
    }
    /// The words with the lines they first appeared on.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.known.iter().map(|word| (&self.text[word.start..word.end], word.line))
    }
    /// The code of a word, a new one if it is new; `line` is where it stands.
    #[inline]
    pub(super) fn code(&mut self, word: &[u8], line: u64) -> u32 {
        let hash = hash(word);
        if let Some(mask) = self.slots.len().checked_sub(1) {
            let mut slot = hash as usize & mask;
            while let Some(code) = self.slots[slot].checked_sub(1) {
                let known = &self.known[code as usize];
                if known.hash == hash && self.text[known.start..known.end] == *word {
                    return code;
                }
                slot = (slot + 1) & mask;
            }
        }
        self.add(word, hash, line)
    }

    #[cold]
    fn add(&mut self, word: &[u8], hash: u64, line: u64) -> u32 {
        let start = self.text.len();
        self.text.extend_from_slice(word);
        self.known.push(Word { hash, start, end: self.text.len(), line });
        if self.known.len() * 2 > self.slots.len() {
            self.slots = vec![0; (self.slots.len() * 2).max(SLOTS)];
            for code in 0..self.known.len() - 1 {
                self.place(code);
            }
        }
        self.place(self.known.len() - 1)
    }

    fn place(&mut self, code: usize) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = self.known[code].hash as usize & mask;
        while self.slots[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = code as u32 + 1;
        code as u32
    }
}

/// A hash of all bytes: products of eight at a time, both halves of each mixed.
#[inline]
fn hash(word: &[u8]) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |state: u64, value: u64| {
        let product = u128::from(state ^ value) * u128::from(ODD);
        product as u64 ^ (product >> 64) as u64
    };
    let mut state = word.len() as u64 ^ 0x5851_F42D_4C95_7F2D;
    let mut rest = word;
    while let Some((eight, after)) = rest.split_first_chunk::<8>() {
        state = mix(state, u64::from_le_bytes(*eight));
        rest = after;
    }
    let tail = match (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32
        }
        _ => rest.iter().fold(0, |all, b| all << 8 | u64::from(*b)),
    };
    mix(state, tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_follow_first_appearance() {
        let mut words = Words::default();
        let mut expected = Vec::new();
        for round in 0..2 {
            for i in 0..5000u32 {
                let word = format!("{}{}", i * 7919 % 5000, "x".repeat(i as usize % 23));
                if round == 0 {
                    expected.push(word.clone());
                }
                assert_eq!(words.code(word.as_bytes(), u64::from(i)), i, "{word}");
            }
        }
        assert_eq!(words.len(), 5000);
        let found: Vec<_> = words.iter().collect();
        assert!((0..5000).all(|i| found[i] == (expected[i].as_bytes(), i as u64)));
    }
}
