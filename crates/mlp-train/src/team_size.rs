//! How many threads short steps are cut among: forks, joins and what threads read of one another cost time, where
//! cores share no cache so much that one thread alone can be the fastest. It is found by trying.

/// Steps that as a rule take longer are worth all threads, and are not tried with fewer.
const LONG: f64 = 500e-6;
/// Steps of a turn of a trial that do not count: helpers wake up, and data move to where they are needed.
const WARM: usize = 2;
/// The least steps of a turn that count, and the least seconds.
const STEPS: usize = 3;
/// See [`STEPS`].
const SECONDS: f64 = 1e-3;
/// Turns of a trial: the other size and the one in use, twice, so that one interruption decides nothing.
const TURNS: usize = 4;
/// Another size must save so much of the time.
const WORTH: f64 = 0.05;
/// Seconds from a trial to the next: so many after a change and at first,
const SOON: f64 = 0.02;
/// then this, and twice as long after every trial that was far from a change,
const PERIOD: f64 = 0.25;
/// which costs that much more time,
const FAR: f64 = 0.2;
/// up to this.
const LONGEST: f64 = 8.0;

/// Finds the number of threads with which steps take the least time, and goes on looking. It is told how long each
/// step took and reads no clock itself: a [`Callback`](crate::Callback) with a clock asks it, since the bits of a
/// training do not depend on the number of threads.
///
/// The number in use is tried against half and twice of it, for milliseconds in a quarter of a second to eight.
#[derive(Clone, Debug)]
pub struct TeamSize {
    most: usize,
    size: usize,
    /// Whether the next trial is of more threads.
    more: bool,
    /// Seconds of a step, as a rule.
    usual: Option<f64>,
    /// Seconds until it, and those from it to the one after.
    left: f64,
    period: f64,
    trial: Option<Trial>,
}

/// Turns with another number of threads and with that in use.
#[derive(Clone, Debug)]
struct Trial {
    other: usize,
    turn: usize,
    steps: usize,
    seconds: f64,
    /// The least seconds a step, of the other number and of that in use.
    least: [f64; 2],
}

impl TeamSize {
    /// All of `threads` at first, and never more.
    pub fn new(threads: usize) -> TeamSize {
        let most = threads.max(1);
        TeamSize {
            most,
            size: most,
            more: false,
            usual: None,
            left: SOON,
            period: PERIOD,
            trial: None,
        }
    }

    /// For the next step.
    pub fn threads(&self) -> usize {
        match &self.trial {
            Some(trial) if trial.turn.is_multiple_of(2) => trial.other,
            _ => self.size,
        }
    }

    /// After a step that took so many seconds, 0 or more.
    pub fn step(&mut self, seconds: f64) {
        match &mut self.trial {
            None => {
                let usual = self.usual.unwrap_or(seconds);
                self.usual = Some(usual + (seconds - usual) / 8.0);
                self.left -= seconds;
                if self.left <= 0.0 {
                    self.begin(usual);
                }
            }
            Some(trial) => {
                if trial.step(seconds) {
                    let Trial { other, least: [with_other, with_size], .. } = *trial;
                    self.trial = None;
                    self.end(other, with_other / with_size);
                }
            }
        }
    }

    /// Begins a trial, if there is one to be made.
    fn begin(&mut self, usual: f64) {
        self.left = self.period;
        let fewer = if usual < LONG { self.size / 2 } else { 0 };
        let more =
            if self.size < self.most { self.size.saturating_mul(2).min(self.most) } else { 0 };
        let other = if self.more && more > 0 || fewer == 0 { more } else { fewer };
        if other > 0 {
            self.more = other > self.size;
            let least = [f64::INFINITY; 2];
            self.trial = Some(Trial { other, turn: 0, steps: 0, seconds: 0.0, least });
        }
    }

    /// Draws the conclusion: the other number takes `ratio` of the time.
    fn end(&mut self, other: usize, ratio: f64) {
        if ratio < 1.0 - WORTH {
            // And further in the same direction.
            (self.size, self.period, self.left) = (other, PERIOD, SOON);
            return;
        }
        self.more = !self.more;
        let again = if ratio > 1.0 + FAR { 2.0 * self.period } else { PERIOD };
        self.period = again.min(LONGEST);
        self.left = self.period;
    }
}

impl Trial {
    /// After a step; whether it was the last.
    fn step(&mut self, seconds: f64) -> bool {
        self.steps += 1;
        if self.steps > WARM {
            self.seconds += seconds;
        }
        let counted = self.steps.saturating_sub(WARM);
        if counted < STEPS || self.seconds < SECONDS {
            return false;
        }
        let least = &mut self.least[self.turn % 2];
        *least = least.min(self.seconds / counted as f64);
        (self.turn, self.steps, self.seconds) = (self.turn + 1, 0, 0.0);
        self.turn == TURNS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs steps for some seconds, each of which takes as long as `cost` says of the threads and the time; the
    /// share of the seconds with each number.
    fn run(size: &mut TeamSize, seconds: f64, cost: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let (mut time, mut step, mut shares) = (0.0, 0, vec![0.0; 17]);
        while time < seconds {
            let threads = size.threads();
            let took = cost(threads, step);
            size.step(took);
            shares[threads] += took / seconds;
            (time, step) = (time + took, step + 1);
        }
        shares
    }

    #[test]
    fn all_threads_are_kept_where_they_help() {
        let shares = run(&mut TeamSize::new(2), 20.0, |threads, _| 60e-6 / threads as f64);
        assert!(shares[2] > 0.995, "{shares:?}");
    }

    #[test]
    fn one_thread_is_found_where_others_hinder() {
        let shares = run(&mut TeamSize::new(2), 20.0, |threads, _| [0.0, 40e-6, 60e-6][threads]);
        assert!(shares[1] > 0.98, "{shares:?}");
    }

    /// Fork and join cost a part for each thread: the best of sixteen is four.
    #[test]
    fn the_best_of_many_is_found() {
        let cost = |threads: usize, _| 160e-6 / threads as f64 + 10e-6 * threads as f64;
        let shares = run(&mut TeamSize::new(16), 20.0, cost);
        assert!(shares[4] > 0.95, "{shares:?}");
    }

    /// Cores move together and apart again.
    #[test]
    fn it_follows_what_changes() {
        let mut size = TeamSize::new(2);
        for _ in 0..3 {
            let near = run(&mut size, 30.0, |threads, _| [0.0, 40e-6, 25e-6][threads]);
            let far = run(&mut size, 30.0, |threads, _| [0.0, 40e-6, 60e-6][threads]);
            assert!(near[2] > 0.7 && far[1] > 0.7, "{near:?} {far:?}");
        }
    }

    /// Every hundredth step is interrupted for 4 ms.
    #[test]
    fn interruptions_decide_nothing() {
        let cost = |threads: usize, step: usize| {
            60e-6 / threads as f64 + if step.is_multiple_of(100) { 4e-3 } else { 0.0 }
        };
        let shares = run(&mut TeamSize::new(2), 20.0, cost);
        assert!(shares[2] > 0.95, "{shares:?}");
    }

    #[test]
    fn long_steps_are_never_tried_with_fewer() {
        let shares = run(&mut TeamSize::new(8), 20.0, |threads, _| 0.1 / threads as f64);
        assert_eq!(shares.iter().filter(|share| **share > 0.0).count(), 1);
        // Nor where the last one of an epoch is short.
        let cost =
            |threads: usize, step: usize| if step % 9 == 8 { 1e-4 } else { 0.1 / threads as f64 };
        let shares = run(&mut TeamSize::new(8), 20.0, cost);
        assert_eq!(shares.iter().filter(|share| **share > 0.0).count(), 1);
        assert_eq!(run(&mut TeamSize::new(0), 1.0, |threads, _| 1e-4 / threads as f64)[0], 0.0);
    }
}
