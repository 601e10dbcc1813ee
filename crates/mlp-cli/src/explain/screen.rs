//! Drawing with letters: lines that fit 80 columns, bars, pictures and maps.

use crate::output::{grouped, signed};
use mlp_report::Raster;

/// Columns of a screen.
const WIDTH: usize = 79;
/// Letters of a bar to either side.
const HALF: usize = 12;
/// Most columns and rows of a picture.
const PICTURE: (usize, usize) = (32, 16);

/// Words in lines that fit the screen, the later ones set in by so many.
pub fn wrapped(text: &str, first: usize, later: usize) -> String {
    let (mut lines, mut line) = (Vec::new(), " ".repeat(first));
    let mut empty = true;
    for word in text.split(' ') {
        let long = line.chars().count() + 1 + word.chars().count() > WIDTH;
        if long && !empty {
            lines.push(std::mem::replace(&mut line, " ".repeat(later)));
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line += word;
        empty = false;
    }
    lines.push(line);
    lines.join("\n")
}

/// A bar from the middle to the right, or to the left for negative values; `most` fills its side.
pub fn bar(value: f64, most: f64) -> String {
    let share = if most > 0.0 { (value.abs() / most).min(1.0) } else { 0.0 };
    let full = (share * HALF as f64).round() as usize;
    let filled = signed(&"█".repeat(full), value >= 0.0);
    match value < 0.0 {
        true => format!("{}{filled}│", " ".repeat(HALF - full)),
        false => format!("{}│{filled}", " ".repeat(HALF)),
    }
}

/// A number with its sign and so many decimals.
pub fn plus(value: f64, decimals: usize) -> String {
    let text = match decimals {
        0 if value.abs() < 1e15 => grouped(value.abs().round() as u64),
        _ => format!("{:.decimals$}", value.abs()),
    };
    let zero = text.chars().all(|c| matches!(c, '0' | '.'));
    match (zero, value < 0.0) {
        (true, _) => format!("+{text}"),
        (false, true) => format!("−{text}"),
        (false, false) => format!("+{text}"),
    }
}

/// So many decimals that a number of this size has five digits.
pub fn decimals(size: f64) -> usize {
    // Found by its digits: logarithms differ between hosts.
    let magnitude = format!("{size:e}").rsplit('e').next().and_then(|e| e.parse::<i32>().ok());
    (4 - magnitude.unwrap_or(0)).clamp(0, 10) as usize
}

/// Columns and rows of letters for a picture: a letter is twice as high as it is wide.
fn letters(width: usize, height: usize) -> (usize, usize) {
    let columns = (2 * width).min(PICTURE.0);
    let rows = (columns * height).div_ceil(2 * width.max(1)).clamp(1, PICTURE.1);
    (columns, rows)
}

/// A picture in letters, from dark to bright.
pub fn picture(picture: &Raster) -> Vec<String> {
    const RAMP: [char; 10] = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];
    let (width, height) = (picture.width(), picture.height());
    let (columns, rows) = letters(width, height);
    let letter = |(x0, x1): (usize, usize), (y0, y1): (usize, usize)| {
        let cells = (y0..y1).flat_map(|y| (x0..x1).map(move |x| (x, y)));
        let light = |(x, y): (usize, usize)| {
            let [r, g, b, _] = picture.at(x, y).map(u32::from);
            (299 * r + 587 * g + 114 * b) / 1000
        };
        let all: Vec<u32> = cells.map(light).collect();
        let mean = all.iter().sum::<u32>() as usize / all.len().max(1);
        RAMP[(mean * RAMP.len() / 256).min(RAMP.len() - 1)].to_string()
    };
    cells((width, height), (columns, rows), &letter)
}

/// Signed values of pixels in letters: `#` and `+` for, `=` and `-` against, `·` weak.
pub fn map(width: usize, height: usize, values: &[f64]) -> Vec<String> {
    let (columns, rows) = letters(width, height);
    let sum = |(x0, x1): (usize, usize), (y0, y1): (usize, usize)| {
        let cells = (y0..y1).flat_map(|y| (x0..x1).map(move |x| y * width + x));
        cells.filter_map(|i| values.get(i)).sum::<f64>()
    };
    let all = areas((width, height), (columns, rows)).concat();
    let most = all.iter().map(|&(x, y)| sum(x, y).abs()).fold(0.0, f64::max);
    let letter = |x: (usize, usize), y: (usize, usize)| {
        let value = sum(x, y);
        let share = if most > 0.0 { value.abs() / most } else { 0.0 };
        let letter = match (share, value < 0.0) {
            (s, _) if s < 0.08 => return " ".to_string(),
            (s, _) if s < 0.25 => "·",
            (s, false) if s < 0.6 => "+",
            (_, false) => "#",
            (s, true) if s < 0.6 => "-",
            (_, true) => "=",
        };
        signed(letter, value >= 0.0)
    };
    cells((width, height), (columns, rows), &letter)
}

/// A place from one pixel to another, along one side.
type Side = (usize, usize);

/// The pixels below each letter, row by row.
fn areas(
    (width, height): (usize, usize),
    (columns, rows): (usize, usize),
) -> Vec<Vec<(Side, Side)>> {
    let part = |i: usize, of: usize, n: usize| (i * n / of, ((i + 1) * n).div_ceil(of));
    let row =
        |y: usize| (0..columns).map(move |x| (part(x, columns, width), part(y, rows, height)));
    (0..rows).map(|y| row(y).collect()).collect()
}

fn cells(
    picture: (usize, usize),
    letters: (usize, usize),
    letter: &dyn Fn(Side, Side) -> String,
) -> Vec<String> {
    let line = |row: &Vec<(Side, Side)>| row.iter().map(|&(x, y)| letter(x, y)).collect();
    areas(picture, letters).iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_keep_their_words() {
        let text =
            "n1l1 = relu(0.3100·x1 − 0.2000·x2 + 0.1100·x3 + 0.0500·x4 + 0.0200·x5 + 0.0100)";
        let lines = wrapped(text, 2, 9);
        assert!(lines.lines().all(|line| line.chars().count() <= WIDTH), "{lines}");
        assert_eq!(lines.split_whitespace().collect::<Vec<_>>().join(" "), text);
        assert!(
            lines.lines().count() == 2 && lines.lines().nth(1).unwrap().starts_with("         0")
        );
    }

    #[test]
    fn bars_have_two_sides() {
        assert_eq!(bar(2.0, 2.0), format!("{}│{}", " ".repeat(12), "█".repeat(12)));
        assert_eq!(bar(-1.0, 2.0), format!("{}{}│", " ".repeat(6), "█".repeat(6)));
        assert_eq!(bar(1.0, 0.0), format!("{}│", " ".repeat(12)));
        assert_eq!(
            (plus(-0.5, 2), plus(0.25, 1), plus(-0.001, 2)),
            ("−0.50".into(), "+0.2".into(), "+0.00".into())
        );
        assert_eq!(plus(-80_923.4, 0), "−80,923");
        assert_eq!((decimals(5.2), decimals(123.0), decimals(0.01), decimals(1e9)), (4, 2, 6, 0));
    }

    #[test]
    fn maps_have_the_shape_of_the_picture() {
        let values: Vec<f64> = (0..64).map(|i| if i < 32 { 1.0 } else { -1.0 }).collect();
        let lines = map(8, 8, &values);
        assert_eq!((lines.len(), lines[0].len()), (8, 16));
        assert_eq!(
            (lines[0].as_str(), lines[7].as_str()),
            ("################", "================")
        );
        let wide = map(64, 32, &[0.0; 2048]);
        assert_eq!((wide.len(), wide[0].len()), (8, 32));
        let grey = Raster::from_fn(8, 8, |_, y| [if y < 4 { 0 } else { 255 }; 4]);
        assert_eq!(picture(&grey)[0], " ".repeat(16));
        assert_eq!(picture(&grey)[7], "@".repeat(16));
    }
}
