//! Numbers as people read them.

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
    match magnitude(value) {
        m @ -4..=3 => format!("{value:.*}", (4 - m).max(0) as usize),
        4..=9 => {
            let sign = if value < 0.0 { "-" } else { "" };
            format!("{sign}{}", grouped(value.abs().round() as u64))
        }
        _ => format!("{value:.4e}"),
    }
}

/// A number in three significant digits without trailing zeros, for labels in pictures.
pub fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return sign(&(value + 0.0).to_string()).replace("inf", "∞");
    }
    let text = match magnitude(value) {
        m @ -3..=2 => trimmed(&format!("{value:.*}", (2 - m).max(0) as usize)),
        3..=5 => {
            let dash = if value < 0.0 { "-" } else { "" };
            format!("{dash}{}", grouped(value.abs().round() as u64))
        }
        _ => format!("{value:.1e}"),
    };
    sign(&text)
}

/// The exponent of ten that a finite number's shortest decimal has.
pub(crate) fn magnitude(value: f64) -> i32 {
    let text = format!("{value:e}");
    text.split('e').nth(1).and_then(|e| e.parse().ok()).unwrap_or(0)
}

/// Ten to a whole power, correctly rounded.
pub(crate) fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(f64::INFINITY)
}

/// Without zeros at the end of its decimals.
fn trimmed(text: &str) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text.to_string(),
    }
}

/// With a minus sign where a hyphen stands.
pub(crate) fn sign(text: &str) -> String {
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(1_234_567u64), "1,234,567");
        assert_eq!(percent(0.9778), "97.8 %");
        assert_eq!(percent(0.99123), "99.12 %");
        assert_eq!(figure(0.031_234_6), "0.031235");
        assert_eq!(figure(54_321.98), "54,322");
        assert_eq!(figure(-1.5e-9), "-1.5000e-9");
        assert_eq!(short(0.5), "0.5");
        assert_eq!(short(-1.2345), "−1.23");
        assert_eq!(short(1234.5), "1,235");
        assert_eq!(short(1.5e-9), "1.5e−9");
        assert_eq!(short(f64::NAN), "NaN");
        assert_eq!(short(f64::NEG_INFINITY), "−∞");
        assert_eq!(short(-0.0), "0");
        assert_eq!(power_of_ten(-3), 0.001);
    }
}
