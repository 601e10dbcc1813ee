//! What is behind the animal and in front of it.

use super::SIDE;
use super::dice::Dice;
use super::pen::{Pen, Place, Point, Rgb, ellipse, mix};

const WALLS: [Rgb; 12] = [
    [250, 248, 240],
    [214, 230, 240],
    [240, 214, 200],
    [190, 214, 180],
    [236, 226, 170],
    [170, 160, 190],
    [120, 150, 176],
    [96, 120, 110],
    [70, 74, 96],
    [120, 84, 78],
    [52, 50, 60],
    [176, 110, 96],
];
const THINGS: [Rgb; 8] = [
    [210, 70, 60],
    [60, 120, 200],
    [240, 190, 60],
    [80, 160, 90],
    [150, 90, 160],
    [230, 140, 90],
    [240, 240, 236],
    [60, 54, 60],
];
const EDGE: f32 = SIDE as f32;

/// Draws what is behind.
pub(super) fn behind(pen: &mut Pen, dice: &mut Dice) {
    pen.place = Place::PIXELS;
    let wall = dice.pick(&WALLS);
    band(pen, 0.0, EDGE, wall);
    match dice.weighted(&[0.2, 0.2, 0.15, 0.15, 0.15, 0.15]) {
        0 => {}
        1 => gradient(pen, wall, dice),
        2 => grass(pen, dice),
        3 => floor(pen, dice),
        4 => carpet(pen, dice),
        _ => shapes(pen, dice),
    }
}

fn band(pen: &mut Pen, from: f32, to: f32, colour: Rgb) {
    let (a, b) = (-8.0, EDGE + 8.0);
    pen.patch(
        &[(a, from), (a, from), (b, from), (b, from), (b, to), (b, to), (a, to), (a, to)],
        colour,
    );
}

fn gradient(pen: &mut Pen, wall: Rgb, dice: &mut Dice) {
    let other = dice.pick(&WALLS);
    const BANDS: usize = 30;
    for i in 0..BANDS {
        let at = EDGE * i as f32 / BANDS as f32;
        band(pen, at - 2.0, at + 8.0, mix(wall, other, i as f32 / BANDS as f32));
    }
}

fn grass(pen: &mut Pen, dice: &mut Dice) {
    let top = dice.between(95.0, 145.0);
    let green = dice.pick(&[[120, 170, 80], [90, 140, 70], [160, 180, 90], [70, 100, 60]]);
    if dice.chance(0.5) {
        let at = (dice.between(15.0, 165.0), dice.between(12.0, 40.0));
        pen.patch(&ellipse(at, 13.0, 13.0), [250, 220, 110]);
    }
    band(pen, top, EDGE + 8.0, green);
    for _ in 0..26 {
        let (x, y) = (dice.between(0.0, EDGE), dice.between(top, EDGE));
        let lean = dice.between(-4.0, 4.0);
        pen.line(
            &[(x, y), (x + 0.3 * lean, y - 5.0), (x + lean, y - 9.0)],
            1.4,
            mix(green, [20, 60, 20], 0.35),
        );
    }
}

fn floor(pen: &mut Pen, dice: &mut Dice) {
    let top = dice.between(105.0, 150.0);
    let wood = dice.pick(&[[190, 140, 90], [150, 110, 80], [110, 80, 60], [210, 190, 160]]);
    band(pen, top, EDGE + 8.0, wood);
    let dark = mix(wood, [30, 20, 10], 0.3);
    pen.line(&[(-5.0, top), (EDGE + 5.0, top)], 2.0, dark);
    for i in 0..7 {
        let x = EDGE * (i as f32 + 0.5) / 7.0;
        let foot = 0.5 * EDGE + (x - 0.5 * EDGE) * 1.6;
        pen.line(&[(x, top), (foot, EDGE + 4.0)], 1.2, dark);
    }
}

fn carpet(pen: &mut Pen, dice: &mut Dice) {
    let top = dice.between(100.0, 140.0);
    band(pen, top, EDGE + 8.0, dice.pick(&WALLS));
    let (first, second) = (dice.pick(&THINGS), dice.pick(&THINGS));
    let at = (0.5 * EDGE, dice.between(145.0, 165.0));
    pen.patch(&ellipse(at, 84.0, 28.0), first);
    pen.patch(&ellipse(at, 70.0, 21.0), mix(first, second, 0.6));
    pen.patch(&ellipse(at, 58.0, 16.0), first);
}

fn shapes(pen: &mut Pen, dice: &mut Dice) {
    for _ in 0..9 {
        let at = (dice.between(0.0, EDGE), dice.between(0.0, EDGE));
        let size = dice.between(5.0, 20.0);
        let colour = mix(dice.pick(&THINGS), dice.pick(&WALLS), 0.4);
        match dice.weighted(&[1.0, 1.0, 1.0]) {
            0 => pen.patch(&ellipse(at, size, size), colour),
            1 => pen.patch(&triangle(at, size, dice.between(0.0, 2.0)), colour),
            _ => pen.line(&[(at.0 - size, at.1), at, (at.0, at.1 + size)], 4.0, colour),
        }
    }
}

/// A sharp triangle, turned by so many half turns.
fn triangle((x, y): Point, size: f32, turn: f32) -> Vec<Point> {
    let corner = |i: usize| {
        let (s, c) = super::pen::half_turns(turn + 2.0 * i as f32 / 3.0);
        (x + size * c, y + size * s)
    };
    (0..6).map(|i| corner(i / 2)).collect()
}

/// Draws what is in front, in some of the drawings.
pub(super) fn in_front(pen: &mut Pen, dice: &mut Dice) {
    if !dice.chance(0.25) {
        return;
    }
    pen.place = Place::PIXELS;
    let colour = dice.pick(&THINGS);
    let x = dice.between(15.0, 165.0);
    match dice.weighted(&[1.0, 1.0, 1.0, 0.8]) {
        0 => {
            let r = dice.between(14.0, 24.0);
            let y = EDGE - dice.between(0.5, 1.3) * r;
            pen.shape(&ellipse((x, y), r, r), colour);
            pen.thin(&[(x - r, y), (x, y + 0.5 * r), (x + r, y)], pen.ink);
        }
        1 => {
            let (half, top) = (dice.between(16.0, 34.0), dice.between(125.0, 155.0));
            let (a, b, low) = (x - half, x + half, EDGE + 6.0);
            pen.shape(
                &[(a, top), (a, top), (b, top), (b, top), (b, low), (b, low), (a, low), (a, low)],
                colour,
            );
            pen.thin(&[(a, top + 9.0), (b, top + 9.0)], pen.ink);
        }
        2 => {
            for i in -2..=2 {
                let lean = 9.0 * i as f32 + dice.between(-4.0, 4.0);
                let tip = (x + 2.2 * lean, dice.between(105.0, 140.0));
                let green = mix([60, 140, 70], [130, 180, 80], dice.between(0.0, 1.0));
                let leaf = [
                    (x - 4.0, EDGE + 5.0),
                    (x + lean - 9.0, 150.0),
                    tip,
                    tip,
                    (x + lean + 9.0, 150.0),
                    (x + 4.0, EDGE + 5.0),
                ];
                pen.shape(&leaf, green);
            }
        }
        _ => {
            let top = dice.between(148.0, 164.0);
            band(pen, top, EDGE + 8.0, colour);
            pen.thin(&[(-5.0, top), (EDGE + 5.0, top)], pen.ink);
        }
    }
}
