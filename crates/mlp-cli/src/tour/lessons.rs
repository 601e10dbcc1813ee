//! Steps 1 to 6: the lessons of `mlp learn`, in order.

use super::guide::{Guide, Told};
use crate::learn::Lesson;
use crate::learn::args::Channel;
use crate::learn::equations::Equated;
use crate::learn::line::{Line, POINTS};
use crate::learn::pen::Pen;
use crate::learn::picture::Picture;
use crate::learn::plane::Plane;
use crate::learn::playground::Setup;
use crate::learn::small::Small;
use crate::learn::trace::Traced;
use mlp_data::drawings::{Class, SIDE, draw_class};
use mlp_data::{Playground, embedded};
use mlp_tensor::{Activation, Exec};
use serde_json::{Value, json};
use std::path::Path;

/// Seed and number of the drawing of steps 5, 6 and 8: of a seed that no training uses.
const DOG: (u64, u64) = (2026, 47);
/// What step 3 follows through the network, and what it should answer.
const INPUT: [f64; 4] = [0.5, -1.0, -1.0, -2.0];
const TARGET: f64 = 1.0;
const RATE: f64 = 0.01;

/// The drawing as a PNG file.
pub fn dog() -> Vec<u8> {
    draw_class(DOG.0, DOG.1, Class::Dog).png()
}

/// Tells the steps; `dog` is the drawing's file.
pub fn tell(guide: &mut Guide, exec: &Exec, seed: u64, dog: &Path) -> anyhow::Result<()> {
    guide.step(|pen| {
        let line = Line::fit(&POINTS).map_err(anyhow::Error::msg)?;
        Ok((Told::of(&line, pen), ()))
    })?;
    guide.step(|pen| {
        let Some(trees) = embedded::load("trees") else { anyhow::bail!("no such table") };
        Ok((Told::of(&Plane::fit(exec, &trees?)?, pen), ()))
    })?;
    let traced = guide.step(|pen| {
        let (small, traced) = small(seed);
        let equated = Equated::new(small);
        Ok((network(&equated, &traced, pen), traced))
    })?;
    guide.step(|pen| {
        let played = Setup::new(Playground::Spiral, seed).play(exec, &mut |_| {})?;
        let mut told = Told::of(&played, pen);
        told.screen = format!("{}\n\n{}", traced.collapse(pen), told.screen);
        told.sections.splice(0..0, traced.sections().pop());
        told.json = json!({"collapse": traced.json()["collapse"], "playground": played.json()});
        Ok((told, ()))
    })?;
    let picture = Picture::read(exec, dog, (SIDE, SIDE), Channel::Red)?;
    guide.step(|pen| Ok((Told::of(&picture, pen), ())))?;
    guide.step(|pen| {
        let picture = picture.with_neuron(exec, seed);
        let mut told = Told::of(&picture, pen);
        // The picture itself was the step before.
        told.sections.drain(..1);
        told.screen = match &picture.neuron {
            Some(neuron) => picture.neuron_terminal(neuron, pen),
            None => String::new(),
        };
        told.json = picture.json()["neuron"].clone();
        Ok((told, ()))
    })
}

/// The network of step 3, and what becomes of an input in it.
pub fn small(seed: u64) -> (Small, Traced) {
    let small = Small::new(4, &[6, 6], Activation::Relu, seed);
    (small.clone(), Traced::new(small, INPUT.to_vec(), TARGET, RATE))
}

/// Step 3: the equations, the pass and the step.
fn network(equated: &Equated, traced: &Traced, pen: Pen) -> Told {
    let mut sections = equated.sections();
    sections.extend(traced.sections().into_iter().take(2));
    let mut trace = traced.json();
    if let Value::Object(map) = &mut trace {
        map.remove("collapse");
    }
    Told {
        screen: format!("{}\n\n{}", equated.terminal(pen), traced.passes(pen)),
        sections,
        json: json!({"equations": equated.json(), "trace": trace}),
    }
}
