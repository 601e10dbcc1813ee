//! What a trained problem of the playground shows of itself.

use super::{Look, Played, thinned};
use crate::learn::Lesson;
use crate::learn::pen::{Chart, Pen, wrap};
use crate::output::{self, percent};
use mlp_report::{Axis, Colour, Fact, Section, Svg, Text, learning_curve, surface};
use serde_json::{Value, json};

impl Played {
    fn network(&self) -> String {
        let mut widths = vec![2];
        widths.extend(&self.setup.hidden);
        widths.push(1);
        let widths: Vec<String> = widths.iter().map(usize::to_string).collect();
        format!("{}, {}", widths.join("-"), self.setup.activation.name())
    }

    fn drawn(&self, i: usize) -> Option<Svg> {
        let (epoch, grid) = self.surfaces.get(i)?;
        let title = format!("After {}", output::count(*epoch as usize, "epoch", "epochs"));
        Some(surface(&title, ("x1", "x2"), grid, &self.points))
    }

    /// The surface at the end, made of characters.
    fn chart(&self) -> Option<Chart> {
        let (_, grid) = self.surfaces.last()?;
        let (columns, rows) = (44, 11);
        let mut chart = Chart::new(grid.low(), grid.high(), columns, rows);
        let (wide, high) = grid.size();
        for (column, row) in (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)))
        {
            let at = |i: usize, of: usize, n: usize| (2 * i + 1) * n / (2 * of);
            let p = grid.at(at(column, columns, wide), high - 1 - at(row, rows, high));
            let (sign, colour) = if p > 0.5 { ('░', Colour::Red) } else { ('·', Colour::Blue) };
            chart.mark(chart.point(column, row), sign, colour);
        }
        for ((_, points), (sign, colour)) in
            self.points.iter().zip([('o', Colour::Blue), ('x', Colour::Red)])
        {
            thinned(points.clone(), 40).iter().for_each(|p| chart.mark(*p, sign, colour));
        }
        Some(chart)
    }
}

impl Lesson for Played {
    fn name(&self) -> &'static str {
        "playground"
    }

    fn title(&self) -> String {
        format!(
            "A problem that {} solve: {}",
            match self.linear > 0.95 {
                true => "a line can",
                false => "no line can",
            },
            self.setup.problem.name()
        )
    }

    fn json(&self) -> Value {
        let setup = &self.setup;
        let look = |l: &Look| {
            json!({
                "epoch": l.epoch,
                "loss": l.loss,
                "train_accuracy": l.train,
                "test_accuracy": l.test,
            })
        };
        json!({
            "problem": setup.problem.name(),
            "hidden": setup.hidden,
            "activation": setup.activation.name(),
            "count": setup.count,
            "noise": setup.noise,
            "seed": setup.seed,
            "parameters": self.parameters,
            "epochs": setup.epochs,
            "test_accuracy": self.accuracy(),
            "linear_accuracy": self.linear_accuracy(),
            "history": self.looks.iter().map(look).collect::<Vec<_>>(),
            "surfaces": self.surfaces.iter().map(|(epoch, _)| epoch).collect::<Vec<_>>(),
        })
    }

    fn terminal(&self, pen: Pen) -> String {
        let rows = [
            ["test accuracy".to_string(), String::new()],
            [format!("network {}", self.network()), percent(self.accuracy())],
            ["linear model (logistic regression)".to_string(), percent(self.linear)],
        ];
        format!(
            "{}\n{}\n\n{}\n\n{}",
            pen.bold(&self.title()),
            pen.dim(&wrap(self.setup.problem.formula(), "")),
            output::table(&rows.map(|row| row.to_vec())),
            self.chart().map(|chart| chart.text(pen)).unwrap_or_default()
        )
    }

    fn sections(&self) -> Vec<Section> {
        let mut section = Section::new(self.title());
        let test = output::grouped(self.setup.count.div_ceil(2));
        section.text(
            Text::from(format!("{} The network ", sentence(self.setup.problem.formula())))
                .code(self.network())
                .plain(format!(
                    " has {} and saw half of the points; the pictures show some of the {test} others.",
                    output::count(self.parameters, "parameter", "parameters")
                )),
        );
        section.facts([
            Fact::new("test accuracy", percent(self.accuracy())).note("of the network"),
            Fact::new("linear model", percent(self.linear))
                .note("logistic regression on x1 and x2"),
        ]);
        let figures = (0..self.surfaces.len()).filter_map(|i| {
            let look = self.looks.iter().find(|l| l.epoch == self.surfaces[i].0);
            let accuracy = look.map(|l| format!(", test accuracy {}", percent(l.test)));
            let epochs = output::count(self.surfaces[i].0 as usize, "epoch", "epochs");
            Some((self.drawn(i)?, format!("After {epochs}{}.", accuracy.unwrap_or_default())))
        });
        section.figures(figures.collect::<Vec<_>>());
        let points = |f: fn(&Look) -> f64| {
            self.looks.iter().map(|l| (f64::from(l.epoch), f(l))).collect::<Vec<_>>()
        };
        let curves = [("training", points(|l| l.train)), ("test", points(|l| l.test))];
        let axis = Axis::new("accuracy").percent();
        section.figure(
            learning_curve("Accuracy by epoch", axis, &curves, None),
            "The share of points answered rightly, after some of the epochs.",
        );
        vec![section]
    }

    fn picture(&self) -> Option<Svg> {
        self.drawn(self.surfaces.len().checked_sub(1)?)
    }
}

/// With a capital letter and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}
