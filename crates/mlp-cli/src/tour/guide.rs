//! Tells the steps on the screen as they come, and collects them for the page and for scripts.

use super::place::{DOG, NUMBERS, TRAINING};
use super::words::{STEPS, Words};
use crate::args::Global;
use crate::learn::Lesson;
use crate::learn::pen::{Pen, WIDTH, wrap};
use crate::output::{self, entry, print, program, quoted};
use crate::train::{Done, MODEL, REPORT, RunFolder};
use mlp_report::{Colour, Page, Section, Text};
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Between two steps on a terminal, for a breath.
const BREATH: Duration = Duration::from_millis(350);

/// Who leads through the steps.
pub struct Guide {
    pen: Pen,
    silent: bool,
    started: Instant,
    sections: Vec<Section>,
    steps: Vec<Value>,
}

/// What a step came to.
pub struct Told {
    /// For the screen.
    pub screen: String,
    /// For the page.
    pub sections: Vec<Section>,
    /// For scripts.
    pub json: Value,
}

impl Told {
    /// All that a lesson shows.
    pub fn of(lesson: &dyn Lesson, pen: Pen) -> Told {
        Told { screen: lesson.terminal(pen), sections: lesson.sections(), json: lesson.json() }
    }
}

impl Guide {
    /// Greets.
    pub fn new(global: &Global) -> anyhow::Result<Guide> {
        let guide = Guide {
            pen: Pen::new(),
            silent: global.quiet || global.json,
            started: Instant::now(),
            sections: Vec::new(),
            steps: Vec::new(),
        };
        let text = "From a line to telling cats from dogs, in eight steps. All of it is computed now; the page at the \
                    end shows it in pictures.";
        guide.say(&format!("{}\n{}", guide.pen.bold("mlp tour"), wrap(text, "")))?;
        Ok(guide)
    }

    fn say(&self, text: &str) -> anyhow::Result<()> {
        if self.silent { Ok(()) } else { print(text) }
    }

    /// Tells of the next step what is new, computes it, and shows it.
    pub fn step<T>(
        &mut self,
        compute: impl FnOnce(Pen) -> anyhow::Result<(Told, T)>,
    ) -> anyhow::Result<T> {
        let number = self.steps.len() + 1;
        let words = &STEPS[(number - 1).min(STEPS.len() - 1)];
        if number > 1 && !self.silent && std::io::stdout().is_terminal() {
            std::thread::sleep(BREATH);
        }
        self.say(&format!(
            "\n{}\n{}\n",
            self.heading(number, words),
            wrap(&plain(words.intro), "")
        ))?;
        let (told, rest) = compute(self.pen)?;
        self.say(&format!("{}\n\n{}", told.screen, self.pen.dim(&wrap(&plain(words.onward), ""))))?;
        let mut section = Section::new(words.title);
        section.text(Text::ticked(words.intro));
        for inner in told.sections {
            section.part(inner);
        }
        section.text(Text::ticked(words.onward));
        self.sections.push(section);
        let mut json = told.json;
        json["step"] = number.into();
        json["name"] = words.name.into();
        self.steps.push(json);
        Ok(rest)
    }

    /// A line across the screen with number and title.
    fn heading(&self, number: usize, words: &Words) -> String {
        let title = format!("━━ {number} of {} ━━ {} ", STEPS.len(), words.title);
        let rest = WIDTH.saturating_sub(title.chars().count());
        self.pen.bold(&self.pen.paint(Colour::Blue, &format!("{title}{}", "━".repeat(rest))))
    }

    /// Every number so far.
    pub fn numbers(&self, seed: u64, files: Option<Value>) -> Value {
        json!({"tour": env!("CARGO_PKG_VERSION"), "seed": seed, "steps": self.steps, "files": files})
    }

    /// The page.
    pub fn page(&mut self, done: &Done) -> Page {
        let mut page = Page::new("From a line to telling cats from dogs").numbered();
        page.lead(
            "Eight steps, each with its numbers and its pictures. Everything here was computed by this program in one \
             run; the same seed gives the same page.",
        );
        for section in self.sections.drain(..) {
            page.section(section);
        }
        page.section(next(done));
        page.footer(format!("Made by mlp {}.", env!("CARGO_PKG_VERSION")));
        page
    }

    /// Where everything is, and what to type next.
    pub fn farewell(&self, folder: &RunFolder, bytes: usize) -> String {
        let show = |name: &str| folder.file(name).display().to_string();
        let seconds = crate::progress::time(self.started.elapsed().as_secs_f64());
        let mut lines = Vec::new();
        if !self.silent {
            lines.push(format!(
                "\n{}",
                self.pen.bold(&self.pen.paint(Colour::Blue, &"━".repeat(WIDTH)))
            ));
            lines.push(entry("done", &format!("in {seconds}")));
        }
        lines.extend([
            entry(
                "page",
                &format!("{}, {}: all of it in pictures", show(REPORT), output::bytes(bytes)),
            ),
            entry("model", &show(MODEL)),
            entry("beside it", &[DOG, NUMBERS, TRAINING].join(", ")),
        ]);
        if !self.silent {
            for (what, command) in commands(&program(), &quoted(&folder.path)) {
                lines.push(format!("\n{}\n  {command}", self.pen.dim(what)));
            }
        }
        lines.join("\n")
    }
}

/// What to type next, and what for; `model` is a model or its folder.
fn commands(mlp: &str, model: &str) -> [(&'static str, String); 5] {
    [
        ("Ask the network about your own pictures", format!("{mlp} predict {model} PICTURE…")),
        ("See why it says so", format!("{mlp} explain {model} PICTURE")),
        (
            "Train a network on your pictures, in a folder for each class",
            format!("{mlp} train FOLDER"),
        ),
        ("Or on a table", format!("{mlp} train TABLE.csv --target COLUMN")),
        ("Take any of these steps with your own numbers", format!("{mlp} learn")),
    ]
}

/// The last section of the page, which names no place of this machine.
fn next(done: &Done) -> Section {
    let mut section = Section::new("What to do next");
    section.text(Text::from("The network is in a file beside this page, ").code(MODEL).plain(
        format!(
            ": {} parameters and all else that an answer needs. In its folder:",
            mlp_report::number::grouped(done.model.network.parameters())
        ),
    ));
    let item =
        |(what, command): (&str, String)| Text::from(format!("{what}: ")).code(command).plain(".");
    section.list(commands("mlp", MODEL).map(item));
    section
}

/// Without the marks of code.
fn plain(words: &str) -> String {
    words.replace('`', "")
}
