//! `mlp learn image`: a picture as an array of numbers, one channel of it as a vector, and a neuron with small random
//! weights that looks at it. Reading pictures: `mlp_data::picture`.

use super::args::{Channel, ImageArgs};
use super::pen::{Pen, digits, wrap};
use super::{Lesson, check, show};
use crate::args::Global;
use crate::failure::usage;
use crate::input;
use mlp_data::picture::{read_files, size};
use mlp_data::{Channels, Column, OpenOptions, PictureShape, Quiet};
use mlp_report::number::{grouped, percent};
use mlp_report::{Fact, PixelGrid, Raster, Section, Svg, Text, logistic_gauge, picture_row, strip};
use mlp_tensor::{Exec, Purpose, Streams, math};
use serde_json::{Value, json};
use std::path::Path;

/// Pixels of the corner that is shown as numbers, each way.
const CORNER: usize = 8;
/// Rows of it on a screen.
const ROWS: usize = 6;
/// Pixels of the picture on a screen, each way.
const SMALL: usize = 28;
/// Pixels of the part that is enlarged, each way.
const ENLARGED: usize = 12;
/// Deviation of the neuron's weights.
const DEVIATION: f64 = 0.01;

/// A picture read as numbers.
#[derive(Clone, Debug)]
pub struct Picture {
    name: String,
    /// Of the file, across and down.
    found: (u32, u32),
    width: usize,
    height: usize,
    channel: Channel,
    /// Red, green and blue of each pixel, row by row.
    colours: Vec<u8>,
    /// The channel that is kept, row by row: the flattened picture.
    vector: Vec<u8>,
    /// A neuron that looks at it.
    pub neuron: Option<Neuron>,
}

/// `y = Σ w·x`, a weight a pixel, of pixels from 0 to 1.
#[derive(Clone, Debug)]
pub struct Neuron {
    seed: u64,
    weights: Vec<f32>,
    y: f64,
}

/// Runs the step.
pub fn run(args: &ImageArgs, global: &Global) -> anyhow::Result<()> {
    check(&args.output)?;
    if args.file.is_dir() {
        let show = args.file.display();
        return Err(usage(format!("{show} is a folder; give one picture")));
    }
    let exec = input::exec(global)?;
    let size = (args.size.0, args.size.1);
    let mut picture = Picture::read(&exec, &args.file, size, args.channel)?;
    if args.neuron {
        picture = picture.with_neuron(&exec, global.seed.unwrap_or(1));
    }
    show(&picture, &args.output, global)
}

impl Picture {
    /// Reads a picture as training would: its middle, scaled to `size`.
    ///
    /// # Errors
    /// A file that cannot be read as a picture.
    pub fn read(
        exec: &Exec,
        path: &Path,
        wanted: (u32, u32),
        channel: Channel,
    ) -> anyhow::Result<Picture> {
        let found = size(path)?;
        let pixels = |channels: Channels| -> anyhow::Result<(PictureShape, Vec<u8>)> {
            let options = OpenOptions {
                picture_size: Some(wanted),
                channels: Some(channels),
                target_optional: true,
                ..OpenOptions::default()
            };
            let data = read_files(exec, &[path.to_owned()], &options, &Quiet)?;
            match data.table.columns.into_iter().next() {
                Some(Column::Pixels { shape, bytes }) => Ok((shape, bytes.to_vec())),
                _ => anyhow::bail!("{}: it holds no picture", path.display()),
            }
        };
        let (shape, colours) = pixels(Channels::Rgb)?;
        let (_, vector) = pixels(channel.meaning())?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let (width, height) = (shape.width as usize, shape.height as usize);
        Ok(Picture { name, found, width, height, channel, colours, vector, neuron: None })
    }

    /// With a neuron whose weights are drawn from a seed: normal, of deviation 0.01.
    pub fn with_neuron(mut self, exec: &Exec, seed: u64) -> Picture {
        let mut weights = vec![0.0; self.vector.len()];
        Streams::new(seed).at(Purpose::Demo, 0, 1).fill_normal(exec, 0.0, DEVIATION, &mut weights);
        let pairs = weights.iter().zip(&self.vector);
        let y = pairs.fold(0.0, |sum, (w, x)| sum + f64::from(*w) * scaled(*x));
        self.neuron = Some(Neuron { seed, weights, y });
        self
    }

    fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let at = 3 * (y * self.width + x);
        std::array::from_fn(|c| self.colours.get(at + c).copied().unwrap_or(0))
    }

    fn value(&self, x: usize, y: usize) -> u8 {
        self.vector.get(y * self.width + x).copied().unwrap_or(0)
    }

    /// The whole picture in colour.
    pub fn raster(&self) -> Raster {
        Raster::from_fn(self.width, self.height, |x, y| {
            let [r, g, b] = self.pixel(x, y);
            [r, g, b, 255]
        })
    }

    /// The channel alone, in its own colour.
    pub fn channel_raster(&self) -> Raster {
        Raster::from_fn(self.width, self.height, |x, y| {
            let v = self.value(x, y);
            match self.channel {
                Channel::Red => [v, 0, 0, 255],
                Channel::Green => [0, v, 0, 255],
                Channel::Blue => [0, 0, v, 255],
                Channel::Grey => [v, v, v, 255],
            }
        })
    }

    fn word(&self) -> &'static str {
        self.channel.name()
    }

    /// Where the channel varies most within a square of [`ENLARGED`] pixels.
    fn liveliest(&self) -> (usize, usize) {
        let places = |side: usize| (0..=side.saturating_sub(ENLARGED)).step_by(4);
        let spread = |x0: usize, y0: usize| {
            let across = x0..(x0 + ENLARGED).min(self.width);
            let values: Vec<u64> = (y0..(y0 + ENLARGED).min(self.height))
                .flat_map(|y| across.clone().map(move |x| u64::from(self.value(x, y))))
                .collect();
            let (n, sum) = (values.len() as u64, values.iter().sum::<u64>());
            n * values.iter().map(|v| v * v).sum::<u64>() - sum * sum
        };
        let all = places(self.height).flat_map(|y| places(self.width).map(move |x| (x, y)));
        all.fold(((0, 0), 0), |best, (x, y)| {
            let here = spread(x, y);
            if here > best.1 { ((x, y), here) } else { best }
        })
        .0
    }

    fn corner(&self) -> Vec<Vec<u8>> {
        let row = |y| (0..self.width.min(CORNER)).map(|x| self.value(x, y)).collect();
        (0..self.height.min(CORNER)).map(row).collect()
    }

    fn shape_words(&self) -> String {
        let (w, h) = self.found;
        format!(
            "{w} × {h} pixels in the file, its middle scaled to an array of {} rows × {} columns × 3 channels = {} \
             numbers from 0 to 255",
            self.height,
            self.width,
            grouped(self.colours.len())
        )
    }

    /// The first terms of the sum, and the sum.
    fn sum_words(&self, neuron: &Neuron) -> String {
        let mut sum = String::new();
        for (i, (w, x)) in neuron.weights.iter().zip(&self.vector).take(3).enumerate() {
            sum += match (i, *w < 0.0) {
                (0, true) => "−",
                (0, false) => "",
                (_, true) => " − ",
                (_, false) => " + ",
            };
            sum += &format!("{}·{}", digits(f64::from(w.abs()), 4), digits(scaled(*x), 4));
        }
        format!("y = Σ w·x = {sum} + … = {}", digits(neuron.y, 6))
    }
}

/// A byte from 0 to 1.
fn scaled(byte: u8) -> f64 {
    f64::from(byte) / 255.0
}

/// What the tutorial that this step follows has wrong.
const CHANNEL_NOTE: &str =
    "OpenCV reads pictures as blue, green, red: there channel 0 is the blue one. Here red is red.";
fn weights_note(pixels: usize, rows: usize) -> String {
    format!(
        "There is one weight a pixel, {} in all, not one a row ({rows}). A neuron has a bias too, y = Σ w·x + b; \
         before training b is 0.",
        grouped(pixels)
    )
}

impl Lesson for Picture {
    fn name(&self) -> &'static str {
        "image"
    }

    fn title(&self) -> String {
        "A picture as an array of numbers".into()
    }

    fn json(&self) -> Value {
        let neuron = self.neuron.as_ref().map(|n| {
            json!({
                "seed": n.seed,
                "weights": n.weights.len(),
                "deviation": DEVIATION,
                "first_weights": n.weights.iter().take(CORNER).collect::<Vec<_>>(),
                "y": n.y,
                "probability": math::logistic(n.y),
            })
        });
        json!({
            "file": self.name,
            "found": [self.found.0, self.found.1],
            "shape": [self.height, self.width, 3],
            "first_pixel": self.pixel(0, 0),
            "channel": self.word(),
            "inputs": self.vector.len(),
            "mean": self.vector.iter().map(|v| f64::from(*v)).sum::<f64>() / self.vector.len().max(1) as f64,
            "corner": self.corner(),
            "neuron": neuron,
        })
    }

    fn terminal(&self, pen: Pen) -> String {
        let mut lines = vec![pen.bold(&self.title()), wrap(&self.shape_words(), ""), String::new()];
        let small = match pen.coloured() {
            true => pen.picture(&self.raster().thumbnail(SMALL)),
            false => Vec::new(),
        };
        lines.push(format!(
            "the corner at the top left, {} channel{}",
            self.word(),
            if pen.coloured() { "        the picture" } else { "" }
        ));
        let corner = self.corner();
        for y in 0..corner.len().min(ROWS).max(small.len()) {
            let row = corner.get(y).filter(|_| y < ROWS).map_or(&[][..], Vec::as_slice);
            let mut line: String = row.iter().map(|v| format!("{v:>5}")).collect();
            if let Some(small) = small.get(y) {
                line += &format!("{}   {small}", " ".repeat(5 * (CORNER - row.len())));
            }
            lines.push(line);
        }
        let [r, g, b] = self.pixel(0, 0);
        lines.push(String::new());
        lines.push(wrap(
            &format!(
                "The first pixel is red {r}, green {g}, blue {b}. The {} channel alone, row after row, is the vector \
                 of {} inputs.",
                self.word(),
                grouped(self.vector.len())
            ),
            "",
        ));
        lines.push(pen.dim(&wrap(CHANNEL_NOTE, "")));
        if let Some(neuron) = &self.neuron {
            lines.extend([String::new(), self.neuron_terminal(neuron, pen)]);
        }
        lines.join("\n")
    }

    fn sections(&self) -> Vec<Section> {
        let mut section = Section::new(self.title());
        section.text(format!("{}: {}.", self.name, self.shape_words()));
        let rasters = [
            (self.raster(), format!("{} × {} × 3", self.height, self.width)),
            (self.channel_raster(), format!("the {} channel", self.word())),
        ];
        let number = match self.channel {
            Channel::Green => 1,
            Channel::Blue => 2,
            Channel::Red | Channel::Grey => 0,
        };
        let (x, y) = self.liveliest();
        let raster = self.channel_raster();
        let enlarged = |title: &str, at| {
            PixelGrid::crop(title, &raster, at, (ENLARGED, ENLARGED)).channel(number).svg()
        };
        section.figures([
            (
                picture_row("The picture and one of its channels", &rasters),
                format!("The picture, and its {} channel alone. {CHANNEL_NOTE}", self.word()),
            ),
            (
                enlarged("Pixels enlarged", (x, y)),
                format!("From row {y} and column {x} on, counted from 0: a pixel is a number from 0 to 255."),
            ),
            (
                strip("The picture as a vector", &self.vector),
                format!(
                    "Row after row, the {} channel is one vector of {} inputs.",
                    self.word(),
                    grouped(self.vector.len())
                ),
            ),
        ]);
        let mut sections = vec![section];
        sections.extend(self.neuron.as_ref().map(|neuron| self.neuron_section(neuron)));
        sections
    }

    fn picture(&self) -> Option<Svg> {
        Some(match &self.neuron {
            Some(neuron) => logistic_gauge("What the neuron says", neuron.y),
            None => {
                let rasters = [
                    (self.raster(), "the picture".into()),
                    (self.channel_raster(), self.word().into()),
                ];
                picture_row("The picture and one of its channels", &rasters)
            }
        })
    }
}

/// What the neuron's answer means.
fn verdict(y: f64) -> String {
    let side =
        if y > 0.0 { "above one half: it says yes" } else { "not above one half: it says no" };
    format!("{side}, by chance, since nothing was learnt yet")
}

impl Picture {
    /// What a neuron says to it, for a terminal.
    pub fn neuron_terminal(&self, neuron: &Neuron, pen: Pen) -> String {
        let p = math::logistic(neuron.y);
        let weights = grouped(neuron.weights.len());
        let lines = [
            format!("w: {weights} small random weights of seed {}", neuron.seed),
            self.sum_words(neuron),
            format!("logistic(y) = 1 / (1 + e^−y) = {}: {}", digits(p, 6), verdict(neuron.y)),
        ];
        let note = pen.dim(&wrap(&weights_note(self.vector.len(), self.height), ""));
        format!("{}\n{note}", lines.map(|line| wrap(&line, "")).join("\n"))
    }

    fn neuron_section(&self, neuron: &Neuron) -> Section {
        let mut section = Section::new("A neuron that looks at it");
        let p = math::logistic(neuron.y);
        section.text(
            Text::from(format!(
                "{} small random weights, one a pixel, of deviation {DEVIATION} and seed {}; pixels from 0 to 1: ",
                grouped(neuron.weights.len()),
                neuron.seed
            ))
            .code(self.sum_words(neuron))
            .plain(format!(
                ". The logistic function makes a probability of it, {}; {}.",
                percent(p),
                verdict(neuron.y)
            )),
        );
        section.facts([
            Fact::new("y = Σ w·x", digits(neuron.y, 6)),
            Fact::new("1 / (1 + e⁻ʸ)", digits(p, 6))
                .note("from 0 to 1; above one half it says yes"),
        ]);
        let most = 3.0 * DEVIATION as f32;
        let weights = Raster::diverging(self.width, self.height, &neuron.weights, most);
        let row = [(self.channel_raster(), "x".to_string()), (weights, "w".to_string())];
        section.figures([
            (
                picture_row("Inputs and weights", &row),
                "Each pixel x is multiplied by its weight w, blue where positive and red where negative, and all \
                 products are added.",
            ),
            (logistic_gauge("What the neuron says", neuron.y), "Where the sum falls on the logistic curve."),
        ]);
        section.note(weights_note(self.vector.len(), self.height));
        section
    }
}
