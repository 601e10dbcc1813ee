//! `mlp learn playground`: the problems of the TensorFlow Playground, trained through the ordinary loop, with the
//! decision surface at several epochs. The problems: `mlp_data::playground`; what is shown: `look`.

mod look;

use super::args::PlaygroundArgs;
use super::{check, show};
use crate::args::Global;
use crate::failure::usage;
use crate::input;
use crate::output::{percent, say};
use mlp_data::{Part, Plan, Playground, Split, Target, playground};
use mlp_model::{Model, Prediction};
use mlp_report::{Grid, Point};
use mlp_tensor::{Activation, Exec};
use mlp_train::{Callback, Config, Flow, Prepared, Seen, TrainError, Trainer, linear, prepare};
use std::cell::{Cell, RefCell};

/// Points of a surface, each way.
const GRID: usize = 120;
/// Most points of a class in a picture.
const DOTS: usize = 150;

/// What is to be trained.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Which points.
    pub problem: Playground,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Of the hidden layers.
    pub activation: Activation,
    /// Points, half for testing.
    pub count: usize,
    /// From 0 to 0.5.
    pub noise: f64,
    /// Passes over the training points.
    pub epochs: u32,
    /// Largest learning rate.
    pub learning_rate: f32,
    /// Of points, split, weights and order.
    pub seed: u64,
}

/// An epoch that was looked at.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// From 1.
    pub epoch: u32,
    /// Mean loss of the training points.
    pub loss: f64,
    /// Share of training points that are answered rightly.
    pub train: f64,
    /// Share of test points.
    pub test: f64,
}

/// A problem that was trained.
#[derive(Clone, Debug)]
pub struct Played {
    setup: Setup,
    parameters: usize,
    looks: Vec<Look>,
    /// Probability of red after these epochs.
    surfaces: Vec<(u32, Grid)>,
    /// Test accuracy of logistic regression.
    linear: f64,
    /// Test points, `(name of the class, points)`.
    points: Vec<(String, Vec<Point>)>,
}

/// Runs the step.
pub fn run(args: &PlaygroundArgs, global: &Global) -> anyhow::Result<()> {
    check(&args.output)?;
    if !(0.0..=0.5).contains(&args.noise) {
        return Err(usage(format!("--noise {}: must be from 0 to 0.5", args.noise)));
    }
    let exec = input::exec(global)?;
    let setup = Setup {
        hidden: args.hidden.0.clone(),
        activation: args.activation.0,
        count: args.count as usize,
        noise: args.noise,
        epochs: args.epochs,
        learning_rate: args.learning_rate,
        ..Setup::new(args.problem, global.seed.unwrap_or(1))
    };
    let mut tell = |look: &Look| {
        if !global.quiet && !global.json {
            say(&format!(
                "epoch {:>4}   loss {:.5}   train accuracy {:>7}   test accuracy {:>7}",
                look.epoch,
                look.loss,
                percent(look.train),
                percent(look.test)
            ));
        }
    };
    let played = setup.play(&exec, &mut tell)?;
    show(&played, &args.output, global)
}

/// Whether an epoch is told of: the first, the last, and 1 or 5 times a power of ten.
fn told(epoch: u32, last: u32) -> bool {
    let mut lead = epoch;
    while lead > 0 && lead.is_multiple_of(10) {
        lead /= 10;
    }
    epoch == last || matches!(lead, 1 | 5)
}

impl Setup {
    /// With the settings that solve every problem.
    pub fn new(problem: Playground, seed: u64) -> Setup {
        Setup {
            problem,
            hidden: vec![8, 8],
            activation: Activation::Tanh,
            count: 2000,
            noise: 0.0,
            epochs: 400,
            learning_rate: 0.03,
            seed,
        }
    }

    /// Draws the points and trains; `tell` hears of some epochs as they end.
    ///
    /// # Errors
    /// A hyper-parameter out of its range; a training that diverges.
    pub fn play(self, exec: &Exec, tell: &mut dyn FnMut(&Look)) -> Result<Played, TrainError> {
        let data = self.problem.dataset(self.count, self.noise, self.seed);
        let split = Split::new(&data, 0.0, 0.5, self.seed)?;
        let config = Config {
            hidden: self.hidden.clone(),
            activation: self.activation,
            dropout: 0.0,
            learning_rate: Some(self.learning_rate),
            weight_decay: Some(0.0),
            batch_size: (self.count <= 4000).then_some(16),
            epochs: Some(self.epochs),
            seed: self.seed,
            ..Config::default()
        };
        let session = prepare(&data, &split, &Plan::default(), config)?;
        let all = self.problem.points(self.count, self.noise, self.seed);
        let far = all.iter().flat_map(|p| [p.0.abs(), p.1.abs()]).fold(6.0, f64::max).ceil();
        let mut state = session.start();
        let mut watch = Watch::new(exec, &session, far, tell);
        Trainer { exec, session: &session }.run(&mut state, &mut [&mut watch])?;
        let Watch { looks, surfaces, failed, .. } = watch;
        if let Some(error) = failed {
            return Err(error);
        }
        let linear = linear(exec, &session, Part::Test)?.main().value;
        let points = ["blue", "red"].map(|name| {
            let rows = session.rows(Part::Test).iter().map(|&row| all[row]);
            let mine = rows.filter(|p| p.2 == (name == "red")).map(|p| (p.0, p.1));
            (name.to_string(), thinned(mine.collect(), DOTS))
        });
        Ok(Played {
            parameters: session.network.parameters(),
            setup: self,
            looks,
            surfaces,
            linear,
            points: points.to_vec(),
        })
    }
}

/// Looks at some epochs of a training, and keeps the surface of four.
struct Watch<'a> {
    exec: &'a Exec,
    session: &'a Prepared,
    far: f64,
    tell: &'a mut dyn FnMut(&Look),
    looks: Vec<Look>,
    surfaces: Vec<(u32, Grid)>,
    failed: Option<TrainError>,
}

impl<'a> Watch<'a> {
    fn new(
        exec: &'a Exec,
        session: &'a Prepared,
        far: f64,
        tell: &'a mut dyn FnMut(&Look),
    ) -> Watch<'a> {
        let (looks, surfaces) = (Vec::new(), Vec::new());
        Watch { exec, session, far, tell, looks, surfaces, failed: None }
    }

    fn look(&mut self, seen: Seen<'_>) -> Result<(), TrainError> {
        let Some(record) = seen.epoch else { return Ok(()) };
        let (epoch, params) = (record.epoch, &seen.state.params.values);
        if told(epoch, seen.epochs) {
            let score = |part| self.session.score(self.exec, params, self.session.rows(part));
            let ((loss, train), (_, test)) = (score(Part::Train)?, score(Part::Test)?);
            let look = Look { epoch, loss, train, test };
            (self.tell)(&look);
            self.looks.push(look);
        }
        let last = seen.epochs;
        if [1, last / 8, last / 4, last].contains(&epoch) {
            let model = self.session.model(seen.state)?;
            self.surfaces.push((epoch, probabilities(self.exec, &model, self.far)?));
        }
        Ok(())
    }
}

impl Callback for Watch<'_> {
    fn epoch_end(&mut self, seen: Seen<'_>) -> Flow {
        match self.look(seen) {
            Ok(()) => Flow::Continue,
            Err(error) => {
                self.failed = Some(error);
                Flow::Stop
            }
        }
    }
}

/// The probability of red over a square, `far` to each side of the middle.
fn probabilities(exec: &Exec, model: &Model, far: f64) -> Result<Grid, TrainError> {
    let (low, high) = ((-far, -far), (far, far));
    let places = RefCell::new(Vec::new());
    Grid::sample(low, high, (GRID, GRID), |x, y| {
        places.borrow_mut().push((x, y));
        0.0
    });
    let places = places.into_inner();
    let encoded = model.pipeline.encode(&playground::table(&places), &Target::None)?;
    let rows: Vec<usize> = (0..places.len()).collect();
    let answers = model.predict(exec, &encoded, &rows)?;
    // The grid asks for the same places in the same order.
    let next = Cell::new(0);
    Ok(Grid::sample(low, high, (GRID, GRID), |_, _| {
        match answers.get(next.replace(next.get() + 1)) {
            Some(Prediction::Class { probabilities, .. }) => probabilities[1],
            _ => f64::NAN,
        }
    }))
}

impl Played {
    /// Share of test points that the trained network answers rightly.
    pub fn accuracy(&self) -> f64 {
        self.looks.last().map_or(0.0, |look| look.test)
    }

    /// The same of logistic regression.
    pub fn linear_accuracy(&self) -> f64 {
        self.linear
    }
}

/// At most so many of the points, evenly from first to last.
fn thinned(points: Vec<Point>, most: usize) -> Vec<Point> {
    let step = points.len().div_ceil(most).max(1);
    points.into_iter().step_by(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_settings_solve_every_problem() {
        let exec = Exec::serial();
        for problem in Playground::ALL {
            for seed in 1..4 {
                let played = Setup::new(problem, seed).play(&exec, &mut |_| {}).unwrap();
                let accuracy = played.accuracy();
                assert!(accuracy >= 0.97, "{problem:?}, seed {seed}: {accuracy}");
            }
        }
    }

    #[test]
    fn some_epochs_are_told() {
        let all: Vec<u32> = (1..=73).filter(|e| told(*e, 73)).collect();
        assert_eq!(all, [1, 5, 10, 50, 73]);
    }
}
