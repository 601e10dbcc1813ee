//! `mlp learn`: single steps of the way from a line to a network, with the reader's own numbers. Each step is a module:
//! a value that is computed, and what it shows of itself ([`Lesson`]), from which a longer tour can be put together.

pub mod args;
pub mod equations;
pub mod gradcheck;
pub mod line;
pub mod pen;
pub mod picture;
pub mod plane;
pub mod playground;
pub mod small;
pub mod trace;

use crate::args::Global;
use crate::failure::usage;
use crate::input;
use crate::output::{self, say};
use crate::report::pictures;
use anyhow::Context;
use args::{LearnArgs, Output, Step};
use mlp_model::file;
use mlp_report::{Page, Section, Svg};
use pen::Pen;
use serde_json::{Value, json};
use std::path::Path;

/// What a step that was computed shows of itself.
pub trait Lesson {
    /// The word for the step.
    fn name(&self) -> &'static str;
    /// Its title, on the page and the screen.
    fn title(&self) -> String;
    /// For scripts.
    fn json(&self) -> Value;
    /// For a terminal of 80 columns: its title and what there is to see.
    fn terminal(&self, pen: Pen) -> String;
    /// For a page: text, figures and pictures.
    fn sections(&self) -> Vec<Section>;
    /// The picture that says most, if there is one.
    fn picture(&self) -> Option<Svg>;
}

/// The steps: name, and what it shows.
const STEPS: [(&str, &str); 7] = [
    ("line", "a line through points: w1 and w0 in closed form and by descent"),
    ("plane", "a linear function of many columns: coefficients by name, R², errors"),
    ("equations", "a small network drawn, and the equation of every node"),
    ("trace", "a forward pass and a training step, number by number"),
    ("image", "a picture as an array of numbers, and a neuron that looks at it"),
    ("playground", "problems that no line can solve, and the network that does"),
    ("gradcheck", "every gradient of a model against finite differences"),
];

/// Runs the verb.
pub fn run(args: &LearnArgs, global: &Global) -> anyhow::Result<()> {
    match &args.step {
        None => list(global),
        Some(Step::Line(args)) => line::run(args, global),
        Some(Step::Plane(args)) => plane::run(args, global),
        Some(Step::Equations(args)) => equations::run(args, global),
        Some(Step::Trace(args)) => trace::run(args, global),
        Some(Step::Image(args)) => picture::run(args, global),
        Some(Step::Playground(args)) => playground::run(args, global),
        Some(Step::Gradcheck(args)) => gradcheck::run(args, global),
    }
}

fn list(global: &Global) -> anyhow::Result<()> {
    if global.json {
        let step = |(name, about): &(&str, &str)| json!({"step": name, "about": about});
        return output::json(&STEPS.iter().map(step).collect());
    }
    let pen = Pen::new();
    output::print(&pen.bold("Steps from a line to a network, each with your own numbers"))?;
    for (name, about) in STEPS {
        output::print(&format!("  {}  {about}", pen.bold(&format!("{name:<10}"))))?;
    }
    let program = output::program();
    output::print(&format!(
        "\n{}",
        pen.dim(&format!(
            "{program} learn STEP --help tells its options; --html FILE writes a page"
        ))
    ))
}

/// Refuses places to write to before anything is computed.
pub fn check(output: &Output) -> anyhow::Result<()> {
    for path in [&output.html, &output.plot].into_iter().flatten() {
        if input::is_container(path) {
            let show = path.display();
            return Err(usage(format!("{show} is a model or a checkpoint; choose another file")));
        }
    }
    match output.plot.as_deref().map(ending) {
        None => Ok(()),
        Some(end) if end == "svg" => Ok(()),
        Some(end) if end == "png" => pictures::available("--plot FILE.png"),
        Some(_) => Err(usage("--plot: name a file that ends in .svg or .png")),
    }
}

fn ending(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
}

/// Writes what was asked for, and shows a step.
pub fn show(lesson: &dyn Lesson, to: &Output, global: &Global) -> anyhow::Result<()> {
    if let Some(path) = &to.html {
        write(path, page(lesson).html().as_bytes(), global)?;
    }
    match (&to.plot, lesson.picture()) {
        (Some(path), Some(svg)) if ending(path) == "png" => {
            write(path, &pictures::png(&svg)?, global)?;
        }
        (Some(path), Some(svg)) => write(path, svg.file().as_bytes(), global)?,
        (Some(_), None) => {
            return Err(usage("--plot: this step has no picture; use --html FILE"));
        }
        (None, _) => {}
    }
    match global.json {
        true => output::json(&lesson.json()),
        false => output::print(&lesson.terminal(Pen::new())),
    }
}

/// A page of its own.
fn page(lesson: &dyn Lesson) -> Page {
    let mut page = Page::new(format!("mlp learn {}", lesson.name()));
    for section in lesson.sections() {
        page.section(section);
    }
    page.footer(format!("Made by mlp {}.", env!("CARGO_PKG_VERSION")));
    page
}

fn write(path: &Path, bytes: &[u8], global: &Global) -> anyhow::Result<()> {
    file::write_atomic(path, bytes).context("the file cannot be written; choose another one")?;
    if !global.quiet {
        say(&format!("{}: {}", path.display(), output::bytes(bytes.len())));
    }
    Ok(())
}
