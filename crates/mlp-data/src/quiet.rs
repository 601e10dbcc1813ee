//! Keeps caught panics of decoders, of pictures and of Parquet files, from being printed.
//!
//! A panic's message is printed by the process-wide hook before anything can catch it, and a
//! library must not change that hook unasked. So a decoder's thread is only marked here, and a
//! binary that wants silence asks once.

use std::cell::Cell;
use std::sync::Once;

thread_local! {
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

static INSTALLED: Once = Once::new();

/// Makes panics inside decoders print nothing; they are caught and become errors or
/// [`Skipped`](crate::Skipped) entries in any case. Every other panic is reported as before.
///
/// To be called once at the start of a program (further calls do nothing): it replaces the
/// process's panic hook by one that asks whether the panicking thread is decoding, and else calls
/// the former hook.
pub fn quiet_panics() {
    INSTALLED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !DECODING.try_with(Cell::get).unwrap_or(false) {
                before(panic);
            }
        }));
    });
}

/// Marks this thread as decoding until it is dropped.
pub(crate) struct Quiet {
    before: bool,
}

impl Quiet {
    pub fn begin() -> Quiet {
        Quiet { before: DECODING.replace(true) }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        DECODING.set(self.before);
    }
}
