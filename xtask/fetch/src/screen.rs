//! What is told while fetching, on standard error: a bar with rate and remaining time on a terminal, plain lines
//! otherwise. Results go to standard output, by `main`.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::Cell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Progress of one file.
pub struct Bar {
    bar: Option<ProgressBar>,
    title: String,
    total: u64,
    quiet: bool,
    /// When it began and at how many bytes; when the last line was written.
    begun: Cell<Option<(Instant, u64)>>,
    told: Cell<Instant>,
}

impl Bar {
    /// For so many bytes; 0 if their number is not known.
    pub fn new(title: &str, total: u64, quiet: bool) -> Bar {
        let terminal = std::io::stderr().is_terminal()
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let bar = (terminal && !quiet).then(|| {
            let target = ProgressDrawTarget::stderr_with_hz(8);
            let bar = ProgressBar::with_draw_target(Some(total), target);
            let style = match total {
                0 => "{msg}  {decimal_bytes}  {decimal_bytes_per_sec}",
                _ => "{msg}  {bar:24} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {eta}",
            };
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style.progress_chars("━╸ "));
            }
            bar.set_message(title.to_owned());
            bar
        });
        let now = Instant::now();
        Bar { bar, title: title.into(), total, quiet, begun: Cell::new(None), told: Cell::new(now) }
    }

    /// So many bytes are there.
    pub fn at(&self, bytes: u64) {
        let (begun, before) = match self.begun.get() {
            Some((begun, before)) if before <= bytes => (begun, before),
            // The first word; or a download that began anew.
            _ => {
                self.begun.set(Some((Instant::now(), bytes)));
                if let Some(bar) = &self.bar {
                    // What was there before says nothing about the rate.
                    bar.reset_elapsed();
                    bar.reset_eta();
                }
                (Instant::now(), bytes)
            }
        };
        match &self.bar {
            Some(bar) => bar.set_position(bytes),
            None if !self.quiet && self.told.get().elapsed() >= LINE_EVERY => {
                self.told.set(Instant::now());
                let rate = (bytes - before) as f64 / begun.elapsed().as_secs_f64().max(1e-3);
                self.line(&self.progress(bytes, rate));
            }
            None => {}
        }
    }

    /// So many bytes were made or read, of a number that is not known.
    pub fn unpacked(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
        }
    }

    fn progress(&self, bytes: u64, rate: f64) -> String {
        let left = self.total.saturating_sub(bytes) as f64 / rate.max(1.0);
        let (done, total, rate) = (size(bytes), size(self.total), size(rate as u64));
        format!("{}: {done} of {total}, {rate}/s, {left:.0} s left", self.title)
    }

    /// A line of its own.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.line(&format!("{}: {text}", self.title));
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => say(text),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// A line on standard error.
pub fn say(text: &str) {
    eprintln!("{text}");
}

/// `825 MB`: units of a thousand, three digits.
pub fn size(bytes: u64) -> String {
    let (mut value, mut unit) = (bytes as f64, "bytes");
    for larger in ["kB", "MB", "GB", "TB"] {
        if value < 999.5 {
            break;
        }
        (value, unit) = (value / 1000.0, larger);
    }
    let digits = if unit == "bytes" || value >= 99.95 { 0 } else { 1 };
    format!("{value:.digits$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (28_881, "28.9 kB"),
            (999_700, "1.0 MB"),
            (824_887_076, "825 MB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn lines_tell_rate_and_time() {
        let bar = Bar::new("a", 3_000_000, true);
        assert_eq!(bar.progress(1_000_000, 500_000.0), "a: 1.0 MB of 3.0 MB, 500 kB/s, 4 s left");
    }
}
