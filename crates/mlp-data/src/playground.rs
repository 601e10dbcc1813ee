//! The four two-dimensional problems of the TensorFlow Playground, drawn from a seed.
//!
//! Formulas: D. Smilkov, S. Carter and others, "TensorFlow Playground" (playground.tensorflow.org), file `dataset.ts`,
//! with its constants: all points lie within about ±6, half of them in each class. The random numbers are those of
//! this project.

use crate::{Column, Dataset, Kind, Names, Schema, Table, Target};
use mlp_tensor::math;
use mlp_tensor::random::{Purpose, Stream, Streams};

/// Half the side of the square that holds the points without noise.
const RADIUS: f64 = 5.0;
/// The classes, and what is drawn in which colour.
const CLASSES: [&str; 2] = ["blue", "red"];

/// A problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Playground {
    /// A disc inside of a ring.
    Circle,
    /// Four squares, like colours at opposite corners.
    Xor,
    /// Two clouds.
    Gauss,
    /// Two arms wound into each other.
    Spiral,
}

impl Playground {
    /// All four.
    pub const ALL: [Playground; 4] =
        [Playground::Circle, Playground::Xor, Playground::Gauss, Playground::Spiral];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Playground::Circle => "circle",
            Playground::Xor => "xor",
            Playground::Gauss => "gauss",
            Playground::Spiral => "spiral",
        }
    }

    /// The problem of that name.
    pub fn from_name(name: &str) -> Option<Playground> {
        Playground::ALL.into_iter().find(|p| p.name() == name.to_ascii_lowercase())
    }

    /// How its points are drawn, in a line or two.
    pub fn formula(self) -> &'static str {
        match self {
            Playground::Circle => {
                "blue: radius uniform in [0, 2.5]; red: in [3.5, 5]; angle uniform. With noise, points whose moved \
                 place is on the other side of radius 2.5 change colour"
            }
            Playground::Xor => {
                "x1, x2 uniform in [−5, 5], moved 0.3 away from both axes; blue where x1·x2 ≥ 0. With noise, of the \
                 moved place"
            }
            Playground::Gauss => {
                "normal around (2, 2) for blue and (−2, −2) for red, variance 0.5 in each direction, rising to 4 with \
                 noise 0.5"
            }
            Playground::Spiral => {
                "point i of n at radius r = 5·i/n and angle a = 3.5·π·i/n (+ π for red): x1 = r·sin a, x2 = r·cos a. \
                 With noise, each coordinate moves uniformly within ± noise"
            }
        }
    }

    /// `count` points (rounded up to an even number), half of each class; `noise` from 0 to 0.5, as the slider's 0 to
    /// 50. Each is `(x1, x2, whether it is red)`.
    pub fn points(self, count: usize, noise: f64, seed: u64) -> Vec<(f64, f64, bool)> {
        let half = count.div_ceil(2);
        let mut stream = Streams::new(seed).at(Purpose::Demo, 0, 100 + self as u32);
        let pairs = (0..2 * half).map(|i| (i >= half, i % half));
        match self {
            Playground::Xor => xor(2 * half, noise, &mut stream),
            _ => pairs.map(|(red, i)| self.point(red, (i, half), noise, &mut stream)).collect(),
        }
    }

    fn point(
        self,
        red: bool,
        (i, half): (usize, usize),
        noise: f64,
        stream: &mut Stream,
    ) -> (f64, f64, bool) {
        match self {
            Playground::Circle => {
                let r = match red {
                    false => uniform(stream, 0.0, 0.5 * RADIUS),
                    true => uniform(stream, 0.7 * RADIUS, RADIUS),
                };
                let turn = uniform(stream, 0.0, 2.0);
                let (x, y) = (r * math::sin_pi(turn), r * math::cos_pi(turn));
                let (a, b) = (x + blur(stream, RADIUS * noise), y + blur(stream, RADIUS * noise));
                (x, y, (a * a + b * b).sqrt() >= 0.5 * RADIUS)
            }
            Playground::Gauss | Playground::Xor => {
                let deviation = (0.5 + 7.0 * noise).sqrt();
                let centre = if red { -2.0 } else { 2.0 };
                (centre + deviation * stream.normal(), centre + deviation * stream.normal(), red)
            }
            Playground::Spiral => {
                let share = i as f64 / half as f64;
                let turn = 3.5 * share + if red { 1.0 } else { 0.0 };
                let r = RADIUS * share;
                let (x, y) = (r * math::sin_pi(turn), r * math::cos_pi(turn));
                (x + blur(stream, noise), y + blur(stream, noise), red)
            }
        }
    }

    /// The points as a data set: inputs `x1` and `x2`, target `class` (`blue` or `red`).
    pub fn dataset(self, count: usize, noise: f64, seed: u64) -> Dataset {
        let points = self.points(count, noise, seed);
        let table = table(&points.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>());
        let codes = points.iter().map(|p| u32::from(p.2)).collect();
        Dataset {
            name: self.name().into(),
            table,
            target: Target::Classes {
                name: "class".into(),
                labels: CLASSES.map(String::from).to_vec(),
                codes,
            },
            weights: None,
            columns: ["x1", "x2", "class"].map(String::from).to_vec(),
            names: Names::Numbered { first: 1, count: points.len() },
            parts: vec![None; points.len()],
            picture: None,
            skipped: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// Places as a table of the columns `x1` and `x2`.
pub fn table(places: &[(f64, f64)]) -> Table {
    let mut table = Table::empty(&Schema::default());
    table.rows = places.len();
    table.push("x1", Kind::Number, Column::Number(places.iter().map(|p| p.0).collect()));
    table.push("x2", Kind::Number, Column::Number(places.iter().map(|p| p.1).collect()));
    table
}

fn uniform(stream: &mut Stream, low: f64, high: f64) -> f64 {
    low + (high - low) * stream.uniform_f64()
}

/// Uniform within ± `by`.
fn blur(stream: &mut Stream, by: f64) -> f64 {
    uniform(stream, -by, by)
}

/// Drawn until each class has its half, which the original leaves to chance.
fn xor(count: usize, noise: f64, stream: &mut Stream) -> Vec<(f64, f64, bool)> {
    let away = |v: f64| if v > 0.0 { v + 0.3 } else { v - 0.3 };
    let mut left = [count / 2; 2];
    let mut points = Vec::with_capacity(count);
    while points.len() < count {
        let x = away(blur(stream, RADIUS));
        let y = away(blur(stream, RADIUS));
        let (a, b) = (x + blur(stream, RADIUS * noise), y + blur(stream, RADIUS * noise));
        let red = a * b < 0.0;
        if left[usize::from(red)] > 0 {
            left[usize::from(red)] -= 1;
            points.push((x, y, red));
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lie_where_the_formulas_say() {
        for figure in Playground::ALL {
            let points = figure.points(401, 0.0, 3);
            assert_eq!(points.len(), 402);
            assert_eq!(points.iter().filter(|p| p.2).count(), 201, "{figure:?}");
            for &(x, y, red) in &points {
                let r = (x * x + y * y).sqrt();
                match figure {
                    Playground::Circle => {
                        assert!(if red { (3.5..=5.0).contains(&r) } else { r <= 2.5 })
                    }
                    Playground::Xor => {
                        assert_eq!(red, x * y < 0.0);
                        assert!(x.abs().min(y.abs()) >= 0.3 && x.abs().max(y.abs()) <= 5.3);
                    }
                    Playground::Gauss => assert!(x.abs().max(y.abs()) < 6.0),
                    Playground::Spiral => assert!(r < 5.0),
                }
            }
        }
    }

    #[test]
    fn arms_of_the_spiral_are_each_others_mirror() {
        let points = Playground::Spiral.points(200, 0.0, 1);
        for i in 0..100 {
            let ((x, y, _), (u, v, _)) = (points[i], points[100 + i]);
            assert!((x + u).abs() < 1e-12 && (y + v).abs() < 1e-12);
        }
        // At i/n = 1/7 a quarter turn is done: (5/7, 0).
        let (x, y, _) = Playground::Spiral.points(14, 0.0, 1)[1];
        assert!((x - 5.0 / 7.0).abs() < 1e-12 && y.abs() < 1e-12);
    }

    #[test]
    fn a_seed_gives_one_set_and_noise_moves_it() {
        for figure in Playground::ALL {
            assert_eq!(figure.points(50, 0.2, 7), figure.points(50, 0.2, 7));
            assert_ne!(figure.points(50, 0.2, 7), figure.points(50, 0.2, 8));
            assert_ne!(figure.points(50, 0.2, 7), figure.points(50, 0.0, 7));
            assert_eq!(Playground::from_name(figure.name()), Some(figure));
        }
        assert_eq!(Playground::from_name("moons"), None);
    }
}
