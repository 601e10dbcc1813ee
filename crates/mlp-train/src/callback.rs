//! The seam around the loop: look, and answer continue or stop.

use crate::State;
use mlp_model::EpochRecord;

/// The answer of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Stop after this step; the state can be resumed.
    Stop,
}

/// What a callback may look at.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Everything needed to go on from here.
    pub state: &'a State,
    /// Steps an epoch.
    pub batches: usize,
    /// Most epochs.
    pub epochs: u32,
    /// The last epoch that ended, in `epoch_end`.
    pub epoch: Option<&'a EpochRecord>,
}

/// Someone who watches a training.
pub trait Callback {
    /// Before the first step.
    fn fit_start(&mut self, _seen: Seen<'_>) {}
    /// Asked right before every step: at most how many threads it may use; all where nothing is said. No
    /// bit depends on the answer.
    fn threads(&mut self) -> Option<usize> {
        None
    }
    /// After every step.
    fn batch_end(&mut self, _seen: Seen<'_>) -> Flow {
        Flow::Continue
    }
    /// After every epoch and its validation.
    fn epoch_end(&mut self, _seen: Seen<'_>) -> Flow {
        Flow::Continue
    }
    /// After the last step, however it came about.
    fn fit_end(&mut self, _seen: Seen<'_>) {}
}
