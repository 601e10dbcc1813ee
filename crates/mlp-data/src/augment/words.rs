//! Changes as words: `photo`, `digits`, `flip,rotate=10,shift=0.1`.

use super::Augment;
use crate::words::{listed, nearest};
use std::fmt;
use std::str::FromStr;

/// A change: its word, its strength where none is given, and the largest one.
struct Word {
    name: &'static str,
    usual: f32,
    most: f32,
    place: fn(&mut Augment) -> &mut f32,
}

/// All changes, in the order in which they are written.
const WORDS: [Word; 12] = [
    Word { name: "flip", usual: 0.5, most: 1.0, place: |a| &mut a.flip },
    Word { name: "shift", usual: 0.1, most: 1.0, place: |a| &mut a.shift },
    Word { name: "rotate", usual: 10.0, most: 180.0, place: |a| &mut a.rotate },
    Word { name: "scale", usual: 0.1, most: 4.0, place: |a| &mut a.scale },
    Word { name: "shear", usual: 0.1, most: 2.0, place: |a| &mut a.shear },
    Word { name: "crop", usual: 0.2, most: 0.9, place: |a| &mut a.crop },
    Word { name: "brightness", usual: 0.2, most: 1.0, place: |a| &mut a.brightness },
    Word { name: "contrast", usual: 0.2, most: 1.0, place: |a| &mut a.contrast },
    Word { name: "color", usual: 0.2, most: 1.0, place: |a| &mut a.color },
    Word { name: "erase", usual: 0.2, most: 0.9, place: |a| &mut a.erase },
    Word { name: "noise", usual: 0.05, most: 1.0, place: |a| &mut a.noise },
    Word { name: "elastic", usual: 0.04, most: 0.5, place: |a| &mut a.elastic },
];

impl Augment {
    /// For photographs: mirrored, cropped, turned a little, in other light.
    pub fn photo() -> Augment {
        Augment {
            flip: 0.5,
            rotate: 10.0,
            crop: 0.2,
            brightness: 0.1,
            contrast: 0.2,
            color: 0.2,
            ..Augment::default()
        }
    }

    /// For written signs, which mirrored would be others: moved, turned, sheared and distorted.
    pub fn digits() -> Augment {
        Augment {
            shift: 0.05,
            rotate: 10.0,
            scale: 0.1,
            shear: 0.1,
            elastic: 0.04,
            ..Augment::default()
        }
    }
}

impl FromStr for Augment {
    type Err = String;

    fn from_str(text: &str) -> Result<Augment, String> {
        let mut augment = Augment::default();
        for item in text.split(',').map(str::trim) {
            match item {
                "none" => augment = Augment::default(),
                "photo" => augment = Augment::photo(),
                "digits" => augment = Augment::digits(),
                _ => set(&mut augment, item)?,
            }
        }
        Ok(augment)
    }
}

/// Sets the change that `word` or `word=strength` names.
fn set(augment: &mut Augment, item: &str) -> Result<(), String> {
    let (name, strength) = match item.split_once('=') {
        Some((name, strength)) => (name.trim(), Some(strength.trim())),
        None => (item, None),
    };
    // Britons write colour.
    let name = if name == "colour" { "color" } else { name };
    let Some(word) = WORDS.iter().find(|word| word.name == name) else {
        let names: Vec<&str> =
            ["none", "photo", "digits"].into_iter().chain(WORDS.map(|w| w.name)).collect();
        let near = nearest(name, names.iter().copied());
        let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        return Err(format!(
            "no change is called `{name}`{hint}; there are {}",
            listed(&names, 15)
        ));
    };
    let value = match strength {
        None => word.usual,
        Some(text) => text
            .parse()
            .ok()
            .filter(|v| (0.0..=word.most).contains(v))
            .ok_or_else(|| format!("`{item}`: {name} must be between 0 and {}", word.most))?,
    };
    *(word.place)(augment) = value;
    Ok(())
}

/// The list that gives these changes again; `none` where there are none.
impl fmt::Display for Augment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut own = *self;
        let each = WORDS.map(|word| (word.name, *(word.place)(&mut own)));
        let used: Vec<String> =
            each.iter().filter(|(_, v)| *v > 0.0).map(|(name, v)| format!("{name}={v}")).collect();
        f.write_str(if used.is_empty() { "none" } else { "" })?;
        f.write_str(&used.join(","))
    }
}
