//! The head: ears, face, eyes, muzzle, whiskers. Its centre is the origin, its height about two units.

use super::dice::Dice;
use super::fur;
use super::pen::{Pen, Point, Rgb, both_sides, brightness, ellipse, mix};
use super::scene::{Ears, Scene};

const WHITE: Rgb = [250, 248, 244];
const PINK: Rgb = [232, 130, 140];

/// Draws it at the pen's place.
pub(super) fn head(pen: &mut Pen, scene: &Scene, dice: &mut Dice) {
    let standing = scene.traits.ears != Ears::Floppy;
    if standing {
        ears(pen, scene, dice);
    }
    face(pen, scene, dice);
    if !standing {
        ears(pen, scene, dice);
    }
    muzzle(pen, scene);
    eyes(pen, scene, dice);
    if scene.traits.whiskers {
        whiskers(pen, scene, dice);
    }
}

/// Lines in the face that are seen on the fur.
fn lines(scene: &Scene, on: Rgb) -> Rgb {
    if brightness(on) < 0.3 { mix(on, WHITE, 0.45) } else { scene.ink }
}

fn face(pen: &mut Pen, scene: &Scene, dice: &mut Dice) {
    let c = scene.traits.cheeks;
    // A long muzzle goes with a narrow jaw.
    let jaw = 1.0 - 0.3 * scene.traits.muzzle;
    let outline = both_sides(&[
        (0.0, -0.98),
        (0.55, -0.98),
        (0.98 * (0.5 + 0.5 * c), -0.55),
        (1.12 * c, 0.1),
        (1.0 * c * jaw, 0.62),
        (0.5 * jaw, 0.98),
        (0.0, 0.98),
    ]);
    pen.filled(&outline, scene.fur.main, |pen| {
        fur::on_head(pen, scene, dice);
    });
}

fn ears(pen: &mut Pen, scene: &Scene, dice: &mut Dice) {
    let height = dice.between(0.85, 1.2);
    let spread = dice.between(-0.12, 0.15);
    let fold =
        [mix(PINK, scene.fur.main, 0.35), scene.fur.light, mix(scene.fur.main, scene.ink, 0.4)];
    let inside = dice.pick(&fold);
    let coloured = scene.fur.pattern == super::scene::Pattern::Patches && dice.chance(0.5);
    let colour = if coloured { scene.fur.second } else { scene.fur.main };
    let wide = 0.5 + 0.5 * scene.traits.cheeks;
    for side in [-1.0, 1.0] {
        let lift = dice.between(-0.06, 0.06);
        let at = |x: f32, y: f32| (side * x * wide - 0.12 * scene.turn, y);
        match scene.traits.ears {
            Ears::Pointed => {
                let tip = at(0.78 + spread, -1.0 - 0.75 * height + lift);
                let outer =
                    [at(0.95, -0.3), at(1.05, -0.7), tip, tip, at(0.42, -1.1), at(0.2, -0.75)];
                pen.shape(&outer, colour);
                let tip = at(0.76 + spread, -1.0 - 0.5 * height + lift);
                let inner = [at(0.84, -0.6), tip, tip, at(0.46, -0.95)];
                pen.patch(&inner, inside);
            }
            Ears::Folded => {
                let top = -0.95 - 0.35 * height;
                let base = [
                    at(0.95, -0.3),
                    at(1.0, -0.7),
                    at(0.95, top),
                    at(0.5, top - 0.1),
                    at(0.2, -0.8),
                ];
                pen.shape(&base, colour);
                let tip = at(1.08 + spread, -0.62 + lift);
                let flap = [at(0.42, top + 0.02), at(1.0, top - 0.08), tip, tip, at(0.7, -0.8)];
                pen.shape(&flap, mix(colour, scene.ink, 0.12));
            }
            Ears::Floppy => {
                let low = -0.35 + 0.75 * height + lift;
                let lobe = [
                    at(0.45, -0.85),
                    at(0.8, -1.0),
                    at(1.15, -0.7),
                    at(1.35 + spread, low - 0.3),
                    at(1.15 + spread, low + 0.15),
                    at(0.85 + spread, low - 0.05),
                    at(0.82, -0.35),
                ];
                pen.shape(&lobe, mix(colour, scene.ink, 0.15));
            }
        }
    }
}

/// Where the middle of the muzzle is.
fn muzzle_at(scene: &Scene) -> Point {
    let m = scene.traits.muzzle;
    (-scene.turn * (0.3 + 0.85 * m), 0.38 + 0.08 * m)
}

fn muzzle(pen: &mut Pen, scene: &Scene) {
    let m = scene.traits.muzzle;
    let (x, y) = muzzle_at(scene);
    let (across, down) = (0.36 + 0.12 * m, 0.26 + 0.2 * m);
    if m > 0.42 {
        // A snout, from between the eyes to beyond the face where it is turned away.
        let bridge = 0.24 + 0.05 * m;
        let snout = [
            (0.3 * x - bridge, -0.1),
            (0.3 * x + bridge, -0.1),
            (x + across, y - 0.5 * down),
            (x + 1.05 * across, y + 0.6 * down),
            (x + 0.5 * across, y + 1.1 * down),
            (x - 0.5 * across, y + 1.1 * down),
            (x - 1.05 * across, y + 0.6 * down),
            (x - across, y - 0.5 * down),
        ];
        pen.shape(&snout, scene.fur.light);
    } else {
        for side in [-0.5, 0.5] {
            pen.patch(&ellipse((x + side * across, y + 0.1), 0.6 * across, down), scene.fur.light);
        }
    }
    mouth(pen, scene, (x, y), down);
    nose(pen, scene, (x, y - 0.55 * down));
}

fn mouth(pen: &mut Pen, scene: &Scene, (x, y): Point, down: f32) {
    let colour = lines(scene, scene.fur.light);
    let wide = 0.24 + 0.12 * scene.traits.muzzle;
    let parting = y + 0.45 * down;
    if scene.traits.tongue {
        let tongue = [
            (x - 0.13, parting),
            (x + 0.13, parting),
            (x + 0.17, parting + 0.42),
            (x, parting + 0.6),
            (x - 0.17, parting + 0.42),
        ];
        pen.shape(&tongue, PINK);
        pen.thin(&[(x, parting + 0.08), (x, parting + 0.3)], mix(PINK, scene.ink, 0.4));
    }
    pen.thin(&[(x, y - 0.3 * down), (x, parting)], colour);
    for side in [-1.0, 1.0] {
        let corner = (x + side * wide, parting - 0.05);
        pen.thin(&[(x, parting), (x + side * 0.6 * wide, parting + 0.16), corner], colour);
    }
}

fn nose(pen: &mut Pen, scene: &Scene, (x, y): Point) {
    let fill = scene.fur.nose;
    match scene.traits.small_nose {
        true => {
            let top = y - 0.02;
            pen.shape(
                &[
                    (x - 0.15, top),
                    (x - 0.15, top),
                    (x + 0.15, top),
                    (x + 0.15, top),
                    (x, y + 0.15),
                ],
                fill,
            );
        }
        false => {
            let size = 0.17 + 0.09 * scene.traits.muzzle;
            pen.shape(&ellipse((x, y + 0.02), size, 0.72 * size), fill);
            pen.patch(
                &ellipse((x - 0.3 * size, y - 0.22 * size), 0.28 * size, 0.16 * size),
                mix(fill, WHITE, 0.6),
            );
        }
    }
}

fn eyes(pen: &mut Pen, scene: &Scene, dice: &mut Dice) {
    let r = scene.traits.eyes;
    let apart = 0.44 * (0.5 + 0.5 * scene.traits.cheeks);
    let shut = dice.chance(0.06);
    let slant = dice.between(0.0, 0.35);
    let line = lines(scene, scene.fur.main);
    for side in [-1.0, 1.0] {
        let (x, y) = (side * apart - 0.22 * scene.turn, -0.18);
        if shut {
            pen.thin(&[(x - r, y), (x, y + 1.2 * r), (x + r, y)], line);
            continue;
        }
        let almond: Vec<Point> = ellipse((x, y), 1.1 * r, r)
            .into_iter()
            .map(|(px, py)| (px, py - side * (px - x) * slant))
            .collect();
        pen.shape(&almond, mix(WHITE, scene.fur.iris, 0.9));
        let pupil = -0.25 * r * scene.turn;
        let (across, down) =
            if scene.traits.slits { (0.26 * r, 0.86 * r) } else { (0.62 * r, 0.68 * r) };
        pen.patch(&ellipse((x + pupil, y), across, down), [22, 20, 24]);
        pen.patch(&ellipse((x + pupil + 0.2 * r, y - 0.3 * r), 0.2 * r, 0.2 * r), WHITE);
    }
}

fn whiskers(pen: &mut Pen, scene: &Scene, dice: &mut Dice) {
    let (x, y) = muzzle_at(scene);
    let long = dice.between(0.6, 1.05);
    let droop = dice.between(-0.1, 0.2);
    let colour = if brightness(scene.fur.main) < 0.4 { WHITE } else { scene.ink };
    for side in [-1.0, 1.0] {
        for i in [-1.0, 0.0, 1.0] {
            let from = (x + side * 0.3, y + 0.12 + 0.09 * i);
            let to = (x + side * (0.35 + long), y + 0.1 + 0.22 * i + droop);
            let half = (0.5 * (from.0 + to.0), 0.5 * (from.1 + to.1) - 0.06);
            pen.line(&[from, half, to], 0.035, colour);
        }
    }
}
