//! `mlp` alone, or `mlp tour`: the way from a fitted line to a trained network that tells cats from dogs, step by step.
//! Its words: `words`; the steps on tiny numbers are `learn`'s lessons, put in order by `lessons`; the training and the
//! new drawing: `training`, `unseen`; where it is written: `place`; telling and collecting: `guide`.

#[cfg(test)]
mod golden;
mod guide;
mod lessons;
mod place;
mod training;
mod unseen;
mod words;

use crate::args::{Global, TourArgs};
use crate::output::print;
use crate::train::{MODEL, REPORT};
use crate::{input, interrupt, output};
use guide::Guide;
use place::NUMBERS;
use serde_json::json;

pub use place::{TRAINING, is_tour};

/// Runs the tour.
pub fn run(args: &TourArgs, global: &Global) -> anyhow::Result<()> {
    interrupt::install();
    let seed = global.seed.unwrap_or(1);
    let exec = input::exec(global)?;
    let reserved = place::reserve(args.out.as_deref())?;
    let dog = lessons::dog();
    let file = reserved.preparing().join(place::DOG);
    std::fs::write(&file, &dog)?;
    let mut guide = Guide::new(global)?;
    // The drawings are made while the first steps are told.
    let quiet = Global { quiet: true, ..global.clone() };
    let mut job = std::thread::scope(|scope| {
        let drawing = scope.spawn(|| training::job(&quiet, seed));
        lessons::tell(&mut guide, &exec, seed, &file)?;
        drawing.join().map_err(|_| anyhow::anyhow!("the drawings could not be made"))?
    })?;
    job.global = global;
    let mark = guide.numbers(seed, None).to_string();
    let files = [(place::DOG, &dog[..]), (NUMBERS, mark.as_bytes())];
    let (folder, state) = job.begin(reserved, &files)?;
    let done = training::tell(&mut guide, &job, &folder, state)?;
    unseen::tell(&mut guide, &job, &done, &folder.file(place::DOG))?;
    let page = guide.page(&done);
    let html = page.html();
    folder.write(REPORT, html.as_bytes())?;
    let files = json!({
        "run": folder.path.display().to_string(),
        "model": folder.file(MODEL).display().to_string(),
        "report": folder.file(REPORT).display().to_string(),
        "training": folder.file(TRAINING).display().to_string(),
        "drawing": folder.file(place::DOG).display().to_string(),
        "report_bytes": html.len(),
        "model_sha256": done.sha,
    });
    let numbers = guide.numbers(seed, Some(files));
    folder.write(NUMBERS, format!("{numbers}\n").as_bytes())?;
    if global.json {
        return output::json(&numbers);
    }
    print(&guide.farewell(&folder, html.len()))
}
