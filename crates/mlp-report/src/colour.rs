//! The colours of plots and pages, in light and dark. What they are painted on: `svg`, `page`.
//!
//! The series colours are those of Okabe and Ito, "Color universal design" (2008), which people with any common colour
//! blindness tell apart; shifted until each stands out from its background with a contrast of at least 3:1 (WCAG 2.1,
//! 1.4.11).

use std::fmt::Write;

/// Which of the two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on white.
    Light,
    /// Light on black.
    Dark,
}

/// A colour by name; its value depends on the [`Theme`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// The first series; what is measured; positive weights.
    Blue,
    /// Vermilion: what is fitted; negative weights.
    Red,
    /// The third series.
    Green,
    /// The fourth series.
    Purple,
    /// The fifth series.
    Orange,
    /// The sixth series.
    Sky,
    /// Baselines, chance, what is not the point.
    Grey,
    /// As text.
    Ink,
}

/// The colours of series, in the order they are given out.
pub const SERIES: [Colour; 6] =
    [Colour::Blue, Colour::Red, Colour::Green, Colour::Purple, Colour::Orange, Colour::Sky];

/// Variable, value in light, value in dark.
const VARIABLES: [(&str, &str, &str); 14] = [
    ("paper", "#ffffff", "#15181d"),
    ("panel", "#f5f6f8", "#1d2128"),
    ("ink", "#1b212b", "#e8eaee"),
    ("soft", "#5a6472", "#a3adba"),
    ("grid", "#e6e9ed", "#2a3038"),
    ("axis", "#9aa4b1", "#5f6a78"),
    ("blue", "#0072b2", "#55a8e2"),
    ("red", "#d55e00", "#f08a4b"),
    ("green", "#008f68", "#2fbf97"),
    ("purple", "#b4568c", "#dd97bf"),
    ("orange", "#bf8000", "#eab64d"),
    ("sky", "#3594cc", "#8fd0f5"),
    ("grey", "#79838f", "#8b95a2"),
    ("on", "#ffffff", "#10141a"),
];

impl Colour {
    /// The colour of series `i`, from 0; they repeat.
    pub fn series(i: usize) -> Colour {
        SERIES[i % SERIES.len()]
    }

    /// The word in class names and variables.
    pub fn name(self) -> &'static str {
        match self {
            Colour::Blue => "blue",
            Colour::Red => "red",
            Colour::Green => "green",
            Colour::Purple => "purple",
            Colour::Orange => "orange",
            Colour::Sky => "sky",
            Colour::Grey => "grey",
            Colour::Ink => "ink",
        }
    }

    /// Red, green and blue for pixels, which cannot follow the theme: between its light and dark value, so that they
    /// are told apart on both backgrounds.
    pub fn rgb(self) -> [u8; 3] {
        let (light, dark) = (self.value(Theme::Light), self.value(Theme::Dark));
        let byte = |text: &str, i: usize| {
            let digits = text.get(1 + 2 * i..3 + 2 * i).unwrap_or("00");
            u16::from_str_radix(digits, 16).unwrap_or(0)
        };
        std::array::from_fn(|i| ((byte(light, i) + byte(dark, i)) / 2) as u8)
    }

    fn value(self, theme: Theme) -> &'static str {
        let found = VARIABLES.iter().find(|(name, ..)| *name == self.name());
        let (_, light, dark) = found.unwrap_or(&VARIABLES[2]);
        if theme == Theme::Light { light } else { dark }
    }
}

/// The values of one look as CSS declarations.
fn declarations(theme: Theme) -> String {
    VARIABLES.iter().fold(String::new(), |mut css, (name, light, dark)| {
        let value = if theme == Theme::Light { light } else { dark };
        // Writing to a string cannot fail.
        let _ = write!(css, "--{name}:{value};");
        css
    })
}

/// CSS that sets the variables on a selector, and sets them anew where the reader prefers dark.
pub(crate) fn variables(selector: &str) -> String {
    format!(
        "{selector}{{{}color-scheme:light dark}}\n@media (prefers-color-scheme:dark){{{selector}{{{}}}}}\n",
        declarations(Theme::Light),
        declarations(Theme::Dark)
    )
}

/// CSS of everything drawn inside of a plot; colours are variables.
pub(crate) fn plot_rules() -> String {
    let mut css = String::from(
        ".plot{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}\n\
         .plot text{fill:var(--ink);font-size:13px}\n\
         .plot .h{font-size:15px;font-weight:600}\n\
         .plot .k{fill:var(--soft);font-size:12px}\n\
         .plot .n{font-size:11px}\n\
         .plot .v{font-size:9.5px}\n\
         .plot .soft{fill:var(--soft)}\n\
         .plot .on{fill:var(--on)}\n\
         .plot .b{font-weight:600}\n\
         .plot .m{text-anchor:middle}\n\
         .plot .e{text-anchor:end}\n\
         .plot .paper{fill:var(--paper)}\n\
         .plot .panel{fill:var(--panel)}\n\
         .plot .grid{stroke:var(--grid);fill:none}\n\
         .plot .axis{stroke:var(--axis);fill:none}\n\
         .plot .node{fill:var(--paper);stroke:var(--axis);stroke-width:1.5}\n\
         .plot .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}\n\
         .plot .thin{stroke-width:1.2}\n\
         .plot .dash{stroke-dasharray:5 4}\n\
         .plot .dots{fill:none;stroke-linecap:round}\n\
         .plot .halo{stroke:var(--paper);stroke-width:3;paint-order:stroke;stroke-linejoin:round}\n\
         .plot image{image-rendering:pixelated}\n\
         .plot .smooth{image-rendering:auto}\n",
    );
    for colour in SERIES.into_iter().chain([Colour::Grey, Colour::Ink]) {
        let name = colour.name();
        let _ = writeln!(
            css,
            ".plot .s-{name}{{stroke:var(--{name})}}.plot .f-{name}{{fill:var(--{name})}}"
        );
    }
    css
}

/// Puts the values of one look in place of the variables, for readers that know none.
pub(crate) fn resolve(css: &str, theme: Theme) -> String {
    VARIABLES.iter().fold(css.to_string(), |css, (name, light, dark)| {
        let value = if theme == Theme::Light { light } else { dark };
        css.replace(&format!("var(--{name})"), value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.1), with the square for the exact exponent 2.4: near enough to hold a limit.
    fn luminance(hex: &str) -> f64 {
        let part = |i: usize| {
            let value = u8::from_str_radix(&hex[1 + 2 * i..3 + 2 * i], 16).unwrap();
            let share = f64::from(value) / 255.0;
            share * share * (0.25 + 0.75 * share)
        };
        0.2126 * part(0) + 0.7152 * part(1) + 0.0722 * part(2)
    }

    #[test]
    fn colours_stand_out_from_their_background() {
        for (name, light, dark) in VARIABLES {
            let least = match name {
                "paper" | "panel" | "grid" | "axis" | "on" => continue,
                "ink" | "soft" => 4.5,
                _ => 3.0,
            };
            let contrast = |a: &str, b: &str| {
                let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
                a.max(b) / a.min(b)
            };
            for (colour, paper) in [(light, VARIABLES[0].1), (dark, VARIABLES[0].2)] {
                let found = contrast(colour, paper);
                assert!(found >= least, "{name} {colour} on {paper}: {found:.2}");
            }
        }
    }

    #[test]
    fn no_variable_is_left_after_resolving() {
        for theme in [Theme::Light, Theme::Dark] {
            let css = resolve(&plot_rules(), theme);
            assert!(!css.contains("var("), "{css}");
        }
    }
}
