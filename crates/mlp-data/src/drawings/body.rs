//! The body in each pose, in units of half a head. The head is drawn over it, at the place that is returned.

use super::dice::Dice;
use super::fur;
use super::pen::{Pen, Place, Point, Rgb, ellipse};
use super::scene::{Pose, Scene};

/// Draws the body, if the pose shows one, and returns the place of the head.
pub(super) fn body(pen: &mut Pen, scene: &Scene, dice: &mut Dice) -> Place {
    // Where the head is, so that the whole animal is in the picture, and pixels a unit.
    let (x, y, pixels) = match scene.pose {
        Pose::Head => (90.0, 96.0, 50.0),
        Pose::Sitting => (90.0, 88.0, 43.0),
        Pose::Lying => (84.0, 92.0, 43.0),
        Pose::Walking => (82.0, 88.0, 42.0),
    };
    let x = if scene.mirrored { super::SIDE as f32 - x } else { x };
    let at = (x + scene.offset.0, y + scene.offset.1);
    let place = Place::new(at, pixels * scene.size, scene.lean, scene.mirrored);
    // The poses are drawn around their middle, and lie so that the neck is at `at`.
    let on = |neck: Point| place.moved((-neck.0, -neck.1), 1.0, 0.0);
    match scene.pose {
        Pose::Head => {}
        Pose::Sitting => {
            pen.place = on((-0.1, -1.35));
            sitting(pen, scene, dice);
        }
        Pose::Lying => {
            pen.place = on((-1.1, -0.65));
            lying(pen, scene, dice);
        }
        Pose::Walking => {
            pen.place = on((-1.45, -0.75));
            walking(pen, scene, dice);
        }
    }
    place.moved((0.0, 0.0), 1.0, scene.tilt)
}

fn sitting(pen: &mut Pen, scene: &Scene, dice: &mut Dice) {
    let (long, thick) = scene.legs;
    let b = scene.belly;
    let foot = 1.7 + 0.35 * long;
    tail(pen, scene, (0.8 * b, foot - 0.2), 0.0, dice);
    let trunk = [
        (-0.45, -0.9),
        (0.45, -0.9),
        (0.75 * b, 0.0),
        (1.25 * b, 1.0),
        (1.15 * b, foot + 0.15),
        (-1.05 * b, foot + 0.15),
        (-1.1 * b, 1.0),
        (-0.7 * b, 0.0),
    ];
    pen.filled(&trunk, scene.fur.main, |pen| {
        fur::on_body(pen, scene, (0.0, 0.8), (1.2 * b, 1.4), dice);
        pen.patch(&ellipse((-0.1, 0.1), 0.45, 0.75), scene.fur.light);
    });
    for side in [-1.0, 1.0] {
        pen.shape(&ellipse((side * 0.95 * b, foot - 0.05), 0.42, 0.28), scene.fur.main);
    }
    for side in [-1.0, 1.0] {
        leg(pen, scene, (side * 0.36, 0.7), (side * 0.38, foot), 0.4 * thick);
    }
    collar(pen, scene, (-0.5, -0.55), (0.5, -0.55));
}

fn lying(pen: &mut Pen, scene: &Scene, dice: &mut Dice) {
    let b = scene.belly;
    let thick = scene.legs.1;
    tail(pen, scene, (2.0, 1.2), 0.35, dice);
    let trunk = [
        (-1.3, 0.0),
        (-0.4, -0.15),
        (0.8, 0.15 - 0.25 * b),
        (2.0, 0.35 - 0.35 * b),
        (2.35, 1.0),
        (1.9, 1.62),
        (0.0, 1.55),
        (-1.5, 1.55),
        (-1.7, 0.8),
    ];
    pen.filled(&trunk, scene.fur.main, |pen| {
        fur::on_body(pen, scene, (0.6, 0.7), (1.9, 0.9), dice);
        pen.patch(&ellipse((-1.1, 1.0), 0.5, 0.6), scene.fur.light);
    });
    pen.shape(
        &[(1.1, 0.9), (1.7, 0.5), (2.2, 1.0), (2.1, 1.6), (1.2, 1.65), (0.9, 1.4)],
        scene.fur.main,
    );
    for shift in [0.0, 0.45] {
        let paw = -1.9 - 0.3 * scene.legs.0 + shift;
        limb(pen, scene, &[(-0.7 + shift, 1.35), (-1.2, 1.5), (paw, 1.5)], 0.36 * thick);
    }
    collar(pen, scene, (-1.35, 0.3), (-0.5, 0.2));
}

fn walking(pen: &mut Pen, scene: &Scene, dice: &mut Dice) {
    let b = scene.belly;
    let (long, thick) = scene.legs;
    let foot = 1.1 + 1.15 * long;
    tail(pen, scene, (1.95, 0.15), -0.3, dice);
    let step = dice.between(0.05, 0.4);
    let darker = |at: f32, to: f32| [(at, 0.7), (0.5 * (at + to), 1.2), (to, foot)];
    for (at, to) in [(-0.9, -0.9 + step), (1.4, 1.4 + step)] {
        far_limb(pen, scene, &darker(at, to), 0.4 * thick);
    }
    let trunk = [
        (-1.5, -0.2),
        (-0.6, -0.35),
        (0.8, -0.2),
        (1.7, -0.35),
        (2.2, 0.2),
        (1.95, 0.4 + 0.55 * b),
        (0.6, 0.3 + 0.7 * b),
        (-0.8, 0.45 + 0.65 * b),
        (-1.6, 0.7),
    ];
    pen.filled(&trunk, scene.fur.main, |pen| {
        fur::on_body(pen, scene, (0.3, 0.3), (1.9, 0.8), dice);
        pen.patch(&ellipse((-1.3, 0.7), 0.45, 0.5), scene.fur.light);
    });
    for (at, to) in [(-1.2, -1.2 - step), (1.75, 1.7 - step)] {
        leg(pen, scene, (at, 0.65), (to, foot), 0.42 * thick);
    }
    collar(pen, scene, (-1.6, 0.25), (-0.8, 0.2));
}

/// A leg from its hip to its paw.
fn leg(pen: &mut Pen, scene: &Scene, hip: Point, foot: Point, width: f32) {
    let knee = (0.5 * (hip.0 + foot.0) + 0.06, 0.5 * (hip.1 + foot.1));
    limb(pen, scene, &[hip, knee, foot], width);
}

/// A limb that is seen, with its paw.
fn limb(pen: &mut Pen, scene: &Scene, points: &[Point], width: f32) {
    pen.limb(points, width, scene.fur.main);
    if let Some((x, y)) = points.last() {
        pen.shape(
            &ellipse((x - 0.08, y + 0.05), 0.72 * width + 0.03, 0.45 * width + 0.02),
            scene.fur.light,
        );
    }
}

/// A limb on the far side, in the shadow.
fn far_limb(pen: &mut Pen, scene: &Scene, points: &[Point], width: f32) {
    let shadow: Rgb = super::pen::mix(scene.fur.main, scene.ink, 0.25);
    pen.limb(points, width, shadow);
}

/// A tail from its root, in the direction of `turn` half turns from the horizontal.
fn tail(pen: &mut Pen, scene: &Scene, (x, y): Point, turn: f32, dice: &mut Dice) {
    let up = dice.between(-0.15, 0.35) - turn * 0.4;
    let bend = dice.between(-0.5, 0.9);
    let (length, width) = match scene.traits.thin_tail {
        true => (dice.between(1.5, 2.2), 0.26),
        false => (dice.between(0.8, 1.4), 0.42),
    };
    let mut at = (x, y);
    let mut points = vec![at];
    for i in 1..=4 {
        let direction = -up - bend * 0.25 * i as f32;
        let (s, c) = super::pen::half_turns(direction);
        at = (at.0 + 0.25 * length * c, at.1 + 0.25 * length * s);
        points.push(at);
    }
    let tip = if dice.chance(0.3) { scene.fur.second } else { scene.fur.main };
    pen.limb(&points, width, scene.fur.main);
    pen.line(&points[3..], width, tip);
}

fn collar(pen: &mut Pen, scene: &Scene, from: Point, to: Point) {
    let Some(colour) = scene.collar else { return };
    let low = (0.5 * (from.0 + to.0), 0.5 * (from.1 + to.1) + 0.2);
    pen.limb(&[from, low, to], 0.16, colour);
    pen.shape(&ellipse((low.0, low.1 + 0.12), 0.12, 0.12), [240, 200, 70]);
}
