//! Choices from a random stream: numbers in a range, chances, picks. What is chosen: [`super::scene`].

use mlp_tensor::random::{Purpose, Stream, Streams};

/// Dice that fall the same way for the same seed.
pub(super) struct Dice {
    stream: Stream,
}

impl Dice {
    /// For drawing number `index` of a seed.
    pub fn new(seed: u64, index: u64) -> Dice {
        let stream = Streams::new(seed).at(Purpose::Demo, (index >> 32) as u32, index as u32);
        Dice { stream }
    }

    /// Dice of their own: how often they are thrown does not change what these give next.
    pub fn fork(&mut self) -> Dice {
        let stream = Streams::new(self.stream.next_u64()).at(Purpose::Demo, 0, 0);
        Dice { stream }
    }

    /// Uniform between two numbers.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.stream.uniform()
    }

    /// Between two numbers, more often in the middle: the mean of two uniform ones.
    pub fn around(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * 0.5 * (self.stream.uniform() + self.stream.uniform())
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.stream.uniform() < probability
    }

    /// One of several, equally likely.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.stream.below(of.len() as u64) as usize]
    }

    /// The place of one of several weights, as likely as they say.
    pub fn weighted(&mut self, weights: &[f32]) -> usize {
        let mut left = self.stream.uniform() * weights.iter().sum::<f32>();
        for (i, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return i;
            }
        }
        weights.len() - 1
    }

    /// 32 random bits.
    pub fn word(&mut self) -> u32 {
        self.stream.next_u32()
    }
}
