//! Progress on standard error: a bar on a terminal, plain lines otherwise.

use crate::output::{figure, grouped, percent, say};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mlp_data::Progress;
use mlp_model::{EpochRecord, Task};
use mlp_train::{Callback, Flow, Seen};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Whether standard error is a terminal that can move its cursor.
pub fn live() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
}

fn bar(style: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style.progress_chars("━╸ "));
    }
    bar
}

/// Progress of reading or making files.
pub struct Reading {
    bar: Option<ProgressBar>,
}

impl Reading {
    /// Shown unless quiet.
    pub fn new(quiet: bool) -> Reading {
        Reading::titled("reading", quiet)
    }

    /// Of drawings, likewise.
    pub fn drawing(quiet: bool) -> Reading {
        Reading::titled("drawing", quiet)
    }

    fn titled(word: &str, quiet: bool) -> Reading {
        let style = format!("{word}  {{bar:30}} {{human_pos}}/{{human_len}}  {{per_sec}}  {{eta}}");
        Reading { bar: (live() && !quiet).then(|| bar(&style)) }
    }

    /// Takes the bar away.
    pub fn done(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Reading {
    fn at(&self, done: usize, total: usize) {
        if let Some(bar) = &self.bar {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
    }
}

/// Progress of training.
pub struct Screen {
    task: Task,
    bar: Option<ProgressBar>,
    quiet: bool,
    started: Instant,
    titled: bool,
}

impl Screen {
    /// Says nothing when quiet.
    pub fn new(task: Task, quiet: bool) -> Screen {
        let style = "{msg}  {bar:30} {pos}/{len}";
        let bar = (live() && !quiet).then(|| bar(style));
        Screen { task, bar, quiet, started: Instant::now(), titled: false }
    }

    /// A title and a line of the same columns, narrow enough for a terminal of 80.
    fn lines(&self, record: &EpochRecord, epochs: u32) -> (String, String) {
        let (name, show): (_, fn(f64) -> String) = match self.task {
            Task::Regression => ("rmse", figure),
            Task::Binary | Task::Multiclass => ("accuracy", percent),
            Task::Multilabel => ("subset", percent),
        };
        let digits = epochs.to_string().len();
        let epoch = format!("{:>digits$}/{epochs}", record.epoch);
        let loss = |loss: f64| format!("{loss:.5}");
        let mut cells = vec![("loss".to_string(), loss(record.loss))];
        cells.extend(record.val_loss.map(|v| ("val_loss".into(), loss(v))));
        cells.push((name.into(), show(record.score)));
        cells.extend(record.val_score.map(|v| (format!("val_{name}"), show(v))));
        cells.push(("rate".into(), format!("{:.2e}", record.learning_rate)));
        cells.push(("time".into(), time(self.started.elapsed().as_secs_f64())));
        let width = epoch.len().max("epoch".len());
        let mut lines = (format!("{:>width$}", "epoch"), format!("{epoch:>width$}"));
        for (title, cell) in cells {
            let width = title.len().max(8);
            lines.0 += &format!("  {title:>width$}");
            lines.1 += &format!("  {cell:>width$}");
        }
        if record.improved {
            lines.1 += " +";
        }
        lines
    }

    /// A line above the bar, or of its own.
    fn tell(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => say(line),
        }
    }
}

impl Drop for Screen {
    /// Takes the bar away, however the training ended.
    fn drop(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// `4.2 s`, `3 min 5 s`.
pub fn time(seconds: f64) -> String {
    if seconds < 100.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    match whole / 3600 {
        0 => format!("{} min {} s", whole / 60, whole % 60),
        hours => format!("{} h {} min", grouped(hours), whole % 3600 / 60),
    }
}

impl Callback for Screen {
    fn fit_start(&mut self, seen: Seen<'_>) {
        if let Some(bar) = &self.bar {
            bar.set_length(seen.batches as u64);
            bar.enable_steady_tick(Duration::from_millis(200));
        }
    }

    fn batch_end(&mut self, seen: Seen<'_>) -> Flow {
        if let Some(bar) = &self.bar {
            let state = seen.state;
            if state.batch == 1 || bar.length() != Some(seen.batches as u64) {
                bar.set_message(format!("epoch {}/{}", state.epoch + 1, seen.epochs));
            }
            bar.set_position(state.batch as u64);
        }
        Flow::Continue
    }

    fn epoch_end(&mut self, seen: Seen<'_>) -> Flow {
        if let Some(record) = seen.epoch
            && !self.quiet
        {
            let (title, line) = self.lines(record, seen.epochs);
            if !std::mem::replace(&mut self.titled, true) {
                self.tell(&title);
            }
            self.tell(&line);
        }
        Flow::Continue
    }
}
