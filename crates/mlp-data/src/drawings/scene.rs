//! What a drawing shows: everything that varies, drawn from the seed. Traits that differ between cats and dogs occur in
//! both, none of them decides; only together they do. How it is drawn: the other files of this folder.

use super::Class;
use super::dice::Dice;
use super::pen::{Rgb, brightness};

/// Shapes of ears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ears {
    Pointed,
    Folded,
    Floppy,
}

/// How an animal holds itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pose {
    Head,
    Sitting,
    Lying,
    Walking,
}

/// What is in the fur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    Plain,
    Stripes,
    Patches,
    Spots,
}

/// What tells cats from dogs, a little each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    pub ears: Ears,
    /// 0 flat to 1 long.
    pub muzzle: f32,
    pub whiskers: bool,
    /// Pupils are slits, not round.
    pub slits: bool,
    /// The nose is a small triangle, not a large oval.
    pub small_nose: bool,
    pub tongue: bool,
    /// The tail is long and thin, not short and thick.
    pub thin_tail: bool,
    /// Width of the cheeks, 1 as wide as the head is high.
    pub cheeks: f32,
    /// Radius of an eye in those of the head.
    pub eyes: f32,
}

/// The votes by which the traits of a drawing must speak for its class, of 9. Whiskers have none: they are
/// seen in the number of edges.
const CLEAR: i32 = 3;

impl Traits {
    /// Those of an animal that a person still recognises.
    fn draw(class: Class, dice: &mut Dice) -> Traits {
        loop {
            let traits = Traits::any(class, dice);
            let votes = traits.votes_for_cat();
            if (if class == Class::Cat { votes } else { -votes }) >= CLEAR {
                return traits;
            }
        }
    }

    fn any(class: Class, dice: &mut Dice) -> Traits {
        let cat = class == Class::Cat;
        let often = |cat_share: f32, dog_share: f32| if cat { cat_share } else { dog_share };
        let ears = match cat {
            true => [0.74, 0.15, 0.11],
            false => [0.13, 0.15, 0.72],
        };
        Traits {
            ears: [Ears::Pointed, Ears::Folded, Ears::Floppy][dice.weighted(&ears)],
            muzzle: if cat { dice.around(0.0, 0.75) } else { dice.around(0.2, 1.1) },
            whiskers: dice.chance(often(0.6, 0.4)),
            slits: dice.chance(often(0.5, 0.15)),
            small_nose: dice.chance(often(0.7, 0.3)),
            tongue: dice.chance(often(0.15, 0.45)),
            thin_tail: dice.chance(often(0.7, 0.3)),
            cheeks: if cat { dice.around(0.92, 1.3) } else { dice.around(0.75, 1.12) },
            eyes: if cat { dice.around(0.19, 0.33) } else { dice.around(0.12, 0.26) },
        }
    }

    /// How strongly the traits speak for a cat: -9 to 9.
    fn votes_for_cat(&self) -> i32 {
        let ears = match self.ears {
            Ears::Pointed => 2,
            Ears::Folded => 0,
            Ears::Floppy => -2,
        };
        let vote = |yes: bool, weight: i32| if yes { weight } else { -weight };
        ears + vote(self.muzzle < 0.48, 2)
            + vote(self.slits, 1)
            + vote(self.small_nose, 1)
            + vote(!self.tongue, 1)
            + vote(self.thin_tail, 1)
            + vote(self.cheeks > 1.0, 1)
    }
}

/// Colours of an animal; the same for both.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fur {
    pub main: Rgb,
    pub second: Rgb,
    /// Of muzzle, chest and paws.
    pub light: Rgb,
    pub pattern: Pattern,
    pub iris: Rgb,
    pub nose: Rgb,
}

/// All of a drawing but what the hand adds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene {
    pub traits: Traits,
    pub fur: Fur,
    pub pose: Pose,
    /// Facing right.
    pub mirrored: bool,
    /// How far the face is turned to the side, 0 to 1.
    pub turn: f32,
    /// Tilt of the head in half turns.
    pub tilt: f32,
    /// Tilt of everything in half turns.
    pub lean: f32,
    /// Times the pose's usual size.
    pub size: f32,
    /// Off the middle, in pixels.
    pub offset: (f32, f32),
    /// Length and width of legs, times the usual.
    pub legs: (f32, f32),
    /// Heaviness of the body, times the usual.
    pub belly: f32,
    pub collar: Option<Rgb>,
    pub stroke: f32,
    pub wobble: f32,
    pub ink: Rgb,
}

const COATS: [Rgb; 11] = [
    [44, 42, 46],
    [92, 92, 100],
    [150, 150, 156],
    [240, 236, 228],
    [232, 210, 170],
    [226, 148, 66],
    [196, 106, 44],
    [150, 96, 56],
    [96, 62, 42],
    [206, 170, 120],
    [120, 132, 150],
];
const IRISES: [Rgb; 5] =
    [[120, 170, 60], [220, 170, 50], [90, 150, 200], [120, 80, 40], [70, 50, 40]];
const NOSES: [Rgb; 4] = [[40, 34, 36], [60, 44, 42], [214, 120, 130], [150, 84, 80]];
const INKS: [Rgb; 4] = [[24, 20, 22], [40, 28, 22], [30, 32, 52], [70, 48, 36]];
const COLLARS: [Rgb; 5] =
    [[200, 40, 50], [40, 90, 190], [240, 190, 40], [60, 150, 80], [150, 60, 150]];

impl Scene {
    /// Of an animal of this class.
    pub fn draw(class: Class, dice: &mut Dice) -> Scene {
        let traits = Traits::draw(class, &mut dice.fork());
        let fur = Fur::draw(&mut dice.fork());
        let poses = [Pose::Head, Pose::Sitting, Pose::Lying, Pose::Walking];
        Scene {
            traits,
            fur,
            pose: poses[dice.weighted(&[0.4, 0.25, 0.15, 0.2])],
            mirrored: dice.chance(0.5),
            turn: dice.between(0.0, 0.4),
            tilt: dice.around(-0.05, 0.05),
            lean: dice.around(-0.03, 0.03),
            size: dice.between(0.94, 1.06),
            offset: (dice.around(-6.0, 6.0), dice.around(-5.0, 5.0)),
            legs: (dice.between(0.75, 1.2), dice.between(0.8, 1.25)),
            belly: dice.between(0.85, 1.2),
            collar: dice.chance(0.3).then(|| dice.pick(&COLLARS)),
            stroke: dice.between(1.0, 3.2),
            wobble: dice.between(0.2, 1.3),
            ink: dice.pick(&INKS),
        }
    }
}

impl Fur {
    fn draw(dice: &mut Dice) -> Fur {
        let main = dice.pick(&COATS);
        let second = loop {
            let other = dice.pick(&COATS);
            if (brightness(other) - brightness(main)).abs() > 0.15 {
                break other;
            }
        };
        let white = super::pen::mix(main, [250, 246, 240], 0.75);
        let paler = super::pen::mix(main, [250, 246, 240], 0.25);
        let patterns = [Pattern::Plain, Pattern::Stripes, Pattern::Patches, Pattern::Spots];
        Fur {
            main,
            second,
            light: if dice.chance(0.5) { white } else { paler },
            pattern: patterns[dice.weighted(&[0.35, 0.25, 0.25, 0.15])],
            iris: dice.pick(&IRISES),
            nose: dice.pick(&NOSES),
        }
    }
}
