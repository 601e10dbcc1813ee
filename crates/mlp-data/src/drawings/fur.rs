//! Patterns of fur, drawn inside of a shape that clips them.

use super::dice::Dice;
use super::pen::{Pen, Point, ellipse};
use super::scene::{Pattern, Scene};

/// On a face.
pub(super) fn on_head(pen: &mut Pen, scene: &Scene, dice: &mut Dice) {
    let colour = scene.fur.second;
    match scene.fur.pattern {
        Pattern::Plain => {}
        Pattern::Stripes => {
            for x in [-0.3, 0.0, 0.3] {
                pen.line(&[(x, -1.0), (0.8 * x, -0.75), (0.7 * x, -0.5)], 0.11, colour);
            }
            for side in [-1.0, 1.0] {
                for y in [0.0, 0.25] {
                    pen.line(
                        &[(side * 1.2, y - 0.05), (side * 0.95, y), (side * 0.75, y + 0.08)],
                        0.09,
                        colour,
                    );
                }
            }
        }
        Pattern::Patches => {
            let side = if dice.chance(0.5) { 1.0 } else { -1.0 };
            let at = (side * dice.between(0.3, 0.7), dice.between(-0.6, -0.1));
            blot(pen, scene, at, dice.between(0.4, 0.65), dice);
        }
        Pattern::Spots => spots(pen, scene, (0.0, -0.5), (1.0, 0.4), 5, dice),
    }
}

/// On a trunk around `middle`, so wide and high.
pub(super) fn on_body(
    pen: &mut Pen,
    scene: &Scene,
    middle: Point,
    half: (f32, f32),
    dice: &mut Dice,
) {
    match scene.fur.pattern {
        Pattern::Plain => {}
        Pattern::Stripes => {
            for i in -3..=3 {
                let x = middle.0 + half.0 * 0.3 * i as f32 + dice.between(-0.06, 0.06);
                let y = middle.1 - half.1;
                let points = [(x, y - 0.2), (x + 0.1, y + 0.5 * half.1), (x - 0.05, y + half.1)];
                pen.line(&points, 0.13, scene.fur.second);
            }
        }
        Pattern::Patches => {
            for _ in 0..3 {
                let at = (
                    middle.0 + half.0 * dice.between(-0.9, 0.9),
                    middle.1 + half.1 * dice.between(-0.9, 0.5),
                );
                let size = dice.between(0.35, 0.7);
                blot(pen, scene, at, size, dice);
            }
        }
        Pattern::Spots => spots(pen, scene, middle, half, 12, dice),
    }
}

/// An uneven patch.
fn blot(pen: &mut Pen, scene: &Scene, at: Point, size: f32, dice: &mut Dice) {
    let mut points = ellipse(at, size, size);
    for (x, y) in &mut points {
        *x += size * dice.between(-0.25, 0.25);
        *y += size * dice.between(-0.25, 0.25);
    }
    pen.patch(&points, scene.fur.second);
}

fn spots(
    pen: &mut Pen,
    scene: &Scene,
    middle: Point,
    half: (f32, f32),
    count: usize,
    dice: &mut Dice,
) {
    for _ in 0..count {
        let at = (
            middle.0 + half.0 * dice.between(-1.0, 1.0),
            middle.1 + half.1 * dice.between(-1.0, 1.0),
        );
        let size = dice.between(0.07, 0.15);
        pen.patch(&ellipse(at, size, size), scene.fur.second);
    }
}
