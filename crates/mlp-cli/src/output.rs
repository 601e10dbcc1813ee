//! Words on the screen: results on standard output, everything else on standard error. The only module that prints.
#![allow(clippy::print_stderr)]

use anyhow::Context;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A line on standard error.
pub fn say(text: &str) {
    // Standard error that went away is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A line on standard output.
pub fn print(text: &str) -> anyhow::Result<()> {
    raw(format!("{text}\n").as_bytes())
}

/// Bytes on standard output.
pub fn raw(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).context("standard output")
}

/// A JSON document on standard output.
pub fn json(value: &serde_json::Value) -> anyhow::Result<()> {
    print(&value.to_string())
}

fn colours_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
        && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
}

fn coloured() -> bool {
    colours_wanted() && std::io::stderr().is_terminal()
}

/// Whether results on standard output are to be coloured.
pub fn coloured_results() -> bool {
    colours_wanted() && std::io::stdout().is_terminal()
}

/// Red where colours are wanted.
pub fn red(text: &str) -> String {
    if coloured() { format!("\x1b[1;31m{text}\x1b[0m") } else { text.into() }
}

/// Blue where positive, red where negative, if standard output is a terminal and colours are wanted.
pub fn signed(text: &str, positive: bool) -> String {
    static WANTED: OnceLock<bool> = OnceLock::new();
    let wanted = WANTED.get_or_init(|| {
        let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
        set("NO_COLOR").is_none()
            && set("TERM").is_none_or(|term| term != "dumb")
            && std::io::stdout().is_terminal()
    });
    match (wanted, positive) {
        (false, _) => text.to_string(),
        (true, true) => format!("\x1b[34m{text}\x1b[0m"),
        (true, false) => format!("\x1b[31m{text}\x1b[0m"),
    }
}

/// `12345` as `12,345`.
pub fn grouped(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `0.9778` as `97.8 %`; two decimals from 99 % on, where they tell.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    if (99.0..100.0).contains(&value) { format!("{value:.2} %") } else { format!("{value:.1} %") }
}

/// A number in five significant digits, and more where it is large.
pub fn figure(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    // The exponent that its shortest decimal has.
    let text = format!("{value:e}");
    let magnitude = text.split('e').nth(1).and_then(|e| e.parse().ok()).unwrap_or(0);
    match magnitude {
        -4..=3 => format!("{value:.*}", (4 - magnitude).max(0) as usize),
        4..=9 => {
            let sign = if value < 0.0 { "-" } else { "" };
            format!("{sign}{}", grouped(value.abs().round() as u64))
        }
        _ => format!("{value:.4e}"),
    }
}

/// A metric as people read it: shares in percent, the rest as numbers.
pub fn metric(name: &str, value: f64) -> String {
    match name {
        "rmse" | "mae" | "loss" | "r2" | "roc_auc" | "f1_macro" | "f1_micro" | "hamming_loss" => {
            figure(value)
        }
        _ => percent(value),
    }
}

/// Bytes in a unit that reads well.
pub fn bytes(count: usize) -> String {
    match count {
        0..=9_999 => format!("{} bytes", grouped(count)),
        10_000..=9_999_999 => format!("{} kB", grouped(count / 1_000)),
        _ => format!("{} MB", grouped(count / 1_000_000)),
    }
}

/// `1 row`, `2 rows`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// How this program was called, to be typed again: `mlp`, or the path where it is not in `PATH`.
pub fn program() -> String {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    if called.components().count() < 2 {
        return "mlp".into();
    }
    let here = std::env::current_dir().unwrap_or_default();
    match called.strip_prefix(&here) {
        Ok(below) if called.is_absolute() => quoted(below),
        _ => quoted(&called),
    }
}

/// A path as a shell takes it.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// A word and its text, the words in a column: `data        digits`.
pub fn entry(word: &str, text: &str) -> String {
    format!("{word:<11} {text}")
}

/// Rows in columns as wide as their widest cell; the first column to the left, the others to the right.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|s| s.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (c, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[c] - cell.chars().count());
            if c == 0 {
                line += &format!("{cell}{pad}");
            } else {
                line += &format!("   {pad}{cell}");
            }
        }
        line.trim_end().to_string()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(1_234_567u64), "1,234,567");
        assert_eq!(grouped(12u64), "12");
        assert_eq!(percent(0.9778), "97.8 %");
        assert_eq!(percent(0.99123), "99.12 %");
        assert_eq!(percent(1.0), "100.0 %");
        assert_eq!(figure(0.031_234_6), "0.031235");
        assert_eq!(figure(54_321.98), "54,322");
        assert_eq!(figure(-1_234.56), "-1234.6");
        assert_eq!(figure(1_234_567.0), "1,234,567");
        assert_eq!(figure(-1.5e-9), "-1.5000e-9");
        assert_eq!(bytes(204_000), "204 kB");
    }
}
