//! Learning rates as pure functions of the step: nothing to save, nothing to go wrong after a resume.

use mlp_model::tensor::math;

/// Steps an epoch, and epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// At least 1.
    pub steps_per_epoch: u64,
    /// At least 1.
    pub epochs: u64,
}

impl Pace {
    /// All steps.
    pub fn total(self) -> u64 {
        self.steps_per_epoch.saturating_mul(self.epochs)
    }
}

/// How the learning rate moves from step to step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Schedule {
    /// Stays.
    Constant,
    /// Times `factor` every `every` epochs.
    Step {
        /// Epochs.
        every: u32,
        /// In (0, 1].
        factor: f32,
    },
    /// Half a cosine from the full rate to zero (Loshchilov and Hutter 2017, without restarts).
    Cosine,
    /// Smith 2018 in fastai's form: cosine from rate/25 up over the first quarter, then down to rate/100,000.
    #[default]
    OneCycle,
}

impl Schedule {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Schedule::Constant => "constant",
            Schedule::Step { .. } => "step",
            Schedule::Cosine => "cosine",
            Schedule::OneCycle => "one-cycle",
        }
    }

    /// The learning rate of a step, from 0. `warmup` is in epochs.
    pub fn rate(self, base: f32, warmup: f32, step: u64, pace: Pace) -> f32 {
        let base = f64::from(base);
        let total = pace.total() as f64;
        let rising = f64::from(warmup) * pace.steps_per_epoch as f64;
        let at = step as f64;
        if self != Schedule::OneCycle && at < rising {
            return (base * (at + 1.0) / (rising + 1.0)) as f32;
        }
        let rate = match self {
            Schedule::Constant => base,
            Schedule::Step { every, factor } => {
                let drops = step / pace.steps_per_epoch / u64::from(every.max(1));
                base * math::powi(f64::from(factor), drops)
            }
            Schedule::Cosine => {
                let span = (total - rising).max(1.0);
                glide(base, 0.0, ((at - rising) / span).clamp(0.0, 1.0))
            }
            Schedule::OneCycle => {
                let top = (total * 0.25).max(1.0);
                if at < top {
                    glide(base / 25.0, base, at / top)
                } else {
                    let fall = (total - top).max(1.0);
                    glide(base, base / 100_000.0, ((at - top) / fall).min(1.0))
                }
            }
        };
        rate as f32
    }
}

/// Half a cosine from `from` to `to`; `t` in [0, 1].
fn glide(from: f64, to: f64, t: f64) -> f64 {
    to + (from - to) * 0.5 * (1.0 + math::cos_pi(t))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { steps_per_epoch: 10, epochs: 10 };

    #[test]
    fn shapes() {
        let check = |schedule: Schedule, warmup: f32, expected: [f32; 4]| {
            let got = [0, 5, 50, 99].map(|step| schedule.rate(1.0, warmup, step, PACE));
            for (got, expected) in got.iter().zip(expected) {
                assert!((got - expected).abs() < 1e-4, "{schedule:?}: {got} for {expected}");
            }
        };
        check(Schedule::Constant, 0.0, [1.0; 4]);
        check(Schedule::Constant, 1.0, [1.0 / 11.0, 6.0 / 11.0, 1.0, 1.0]);
        check(Schedule::Step { every: 2, factor: 0.5 }, 0.0, [1.0, 1.0, 0.25, 0.0625]);
        check(Schedule::Cosine, 0.0, [1.0, 0.99384, 0.5, 0.000247]);
        // It has a warm-up of its own.
        check(Schedule::OneCycle, 1.0, [0.04, 0.13167, 0.75, 0.000448]);
        check(Schedule::OneCycle, 0.0, [0.04, 0.13167, 0.75, 0.000448]);
    }

    #[test]
    fn rates_are_positive_and_at_most_the_base() {
        for schedule in [Schedule::Constant, Schedule::Cosine, Schedule::OneCycle] {
            for warmup in [0.0, 0.5, 20.0] {
                for step in 0..100 {
                    let rate = schedule.rate(0.1, warmup, step, PACE);
                    assert!(rate > 0.0 && rate <= 0.1, "{schedule:?} {warmup} {step}: {rate}");
                }
            }
        }
    }
}
