//! Decimal numbers straight from bytes: the usual ones at once and exactly, the others not at all.
//! What else a cell may hold: `cells`.

/// Powers of ten that are exact as `f64` (Clinger, "How to read floating point numbers accurately",
/// 1990).
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];
/// Integers up to here are exact as `f64`.
const EXACT: u64 = 1 << 53;
/// 5 to this power is the largest that fits into 64 bits.
const MOST_FIVES: usize = 27;

/// Powers of five.
const FIVES: [u64; MOST_FIVES + 1] = {
    let mut fives = [1; MOST_FIVES + 1];
    let mut i = 1;
    while i <= MOST_FIVES {
        fives[i] = fives[i - 1] * 5;
        i += 1;
    }
    fives
};

/// The number that begins at `at`, and where it ends: sign, digits, point and a small exponent, of
/// at most 19 digits after leading zeros. Its bits are those of `str::parse`. `None` for everything
/// else, numbers among it.
#[inline]
pub(super) fn decimal(bytes: &[u8], at: usize) -> Option<(f64, usize)> {
    let negative = *bytes.get(at)? == b'-';
    let first = at + usize::from(negative);
    let (mut mantissa, mut at) = digits(bytes, first, 0);
    let mut count = at - first;
    if count == 1 && mantissa == 0 {
        count = 0;
    }
    let mut any = at > first;
    let mut fraction = 0;
    if bytes.get(at) == Some(&b'.') {
        let start = at + 1;
        (mantissa, at) = digits(bytes, start, mantissa);
        fraction = at - start;
        any |= fraction > 0;
    }
    if !any || count + fraction > 19 {
        return None;
    }
    let mut exponent = -(fraction as i32);
    if bytes.get(at).is_some_and(|b| b | 0x20 == b'e') {
        let written;
        (written, at) = power(bytes, at + 1)?;
        exponent += written;
    }
    let value = scaled(mantissa, exponent)?;
    Some((if negative { -value } else { value }, at))
}

/// Appends the digits from `at` on to `value`, which may overflow: the caller counts them.
#[inline]
fn digits(bytes: &[u8], mut at: usize, mut value: u64) -> (u64, usize) {
    while let Some(eight) = bytes.get(at..at + 8).and_then(eight_digits) {
        value = value.wrapping_mul(100_000_000).wrapping_add(eight);
        at += 8;
    }
    while let Some(digit) = bytes.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    (value, at)
}

/// The value of eight digits, all at once; `None` if one of the bytes is none.
#[inline]
fn eight_digits(bytes: &[u8]) -> Option<u64> {
    let word = u64::from_le_bytes(bytes.try_into().ok()?);
    let over = word.wrapping_add(0x4646_4646_4646_4646);
    let under = word.wrapping_sub(0x3030_3030_3030_3030);
    if (over | under) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    // Pairs, then fours, then all of them.
    let pairs = under.wrapping_mul(10).wrapping_add(under >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_FFFF_0000_FFFF;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xFFFF_FFFF)
}

/// The exponent after its `e`, and where it ends.
fn power(bytes: &[u8], at: usize) -> Option<(i32, usize)> {
    let sign = bytes.get(at).copied();
    let first = at + usize::from(matches!(sign, Some(b'+' | b'-')));
    let (value, end) = digits(bytes, first, 0);
    let value = i32::try_from(value).ok().filter(|_| (1..=3).contains(&(end - first)))?;
    Some((if sign == Some(b'-') { -value } else { value }, end))
}

/// `mantissa · 10^exponent`, correctly rounded, where that is quick.
#[inline]
fn scaled(mantissa: u64, exponent: i32) -> Option<f64> {
    let size = exponent.unsigned_abs() as usize;
    if mantissa <= EXACT && size < TENS.len() {
        // Both factors are exact, so the result is rounded once.
        let value = mantissa as i64 as f64;
        return Some(if exponent < 0 { value / TENS[size] } else { value * TENS[size] });
    }
    match exponent {
        _ if mantissa == 0 => Some(0.0),
        0 => Some(mantissa as f64),
        ..0 if size <= MOST_FIVES => Some(divided(mantissa, size)),
        _ => None,
    }
}

/// `mantissa / 10^power` by a division of integers: the quotient has more bits than `f64`, and the
/// remainder tells whether it is exact. Neither `mantissa` nor, thereby, the result is zero or
/// subnormal.
fn divided(mantissa: u64, power: usize) -> f64 {
    let shift = mantissa.leading_zeros();
    let (numerator, five) = (u128::from(mantissa << shift) << 64, u128::from(FIVES[power]));
    let quotient = numerator / five;
    let rest = quotient * five != numerator;
    // quotient · 2^(-64 - shift - power), 53 bits of it kept.
    let drop = 128 - quotient.leading_zeros() - 53;
    let (mut kept, lost) = ((quotient >> drop) as u64, quotient & ((1 << drop) - 1));
    let half = 1u128 << (drop - 1);
    if lost > half || lost == half && (rest || kept & 1 == 1) {
        kept += 1;
    }
    let two = 1023 + drop as i64 - 64 - i64::from(shift) - power as i64;
    kept as f64 * f64::from_bits((two as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mlp_tensor::random::{Purpose, Streams};

    /// How many numbers are compared with the standard library's.
    const TRIES: u64 = 2_000_000;

    /// Whether it was parsed at all.
    fn check(text: &str) -> bool {
        let padded = format!("{text},12345678");
        let Some((value, end)) = decimal(padded.as_bytes(), 0) else { return false };
        assert_eq!(&padded[..end], text);
        let expected: f64 = text.parse().unwrap();
        assert_eq!(value.to_bits(), expected.to_bits(), "{text}");
        true
    }

    #[test]
    fn usual_numbers_are_parsed_and_others_left() {
        for text in [
            "0",
            "-0",
            "-0.0",
            "1",
            "-17",
            "1.5",
            ".5",
            "5.",
            "1e3",
            "1E-7",
            "2.5e+10",
            "007",
            "0.1",
            "123456789012345678",
            "0.12345678901234567",
            "-122.23",
            "9007199254740993",
            "9.007199254740993",
            "0.30000000000000004",
            "18014398509481985e-1",
            "0.0000000000000001",
        ] {
            assert!(check(text), "{text}");
        }
        for text in ["", "-", ".", "e5", "1e", "1e+", "+1", "nan", "inf", "1e999", "--1", "x"] {
            assert!(!check(text), "{text}");
        }
        // More than was asked for ends where the number does.
        assert_eq!(decimal(b"12abc", 0), Some((12.0, 2)));
    }

    #[test]
    fn the_bits_are_those_of_the_standard_library() {
        let mut words = Streams::new(1).at(Purpose::Demo, 0, 0);
        let mut parsed = 0;
        for i in 0..TRIES {
            let bits = words.next_u64();
            let value = f64::from_bits(bits);
            let text = match i % 5 {
                // Numbers as programs write them: the shortest text that comes back.
                0 if value.is_finite() => format!("{value:e}"),
                1 => format!("{}", (bits >> 11) as f64 / EXACT as f64),
                2 => format!("-{}", (bits >> 11) as f64 / (1u64 << 40) as f64),
                // Any digits with a point anywhere.
                3 => {
                    let mut digits = (bits >> (bits % 64)).to_string();
                    digits.insert(digits.len() - (bits as usize >> 7) % digits.len(), '.');
                    digits
                }
                _ => format!("{}e{}", bits >> (bits % 61), (bits >> 9) as i8 % 40),
            };
            parsed += u64::from(check(&text));
        }
        assert!(parsed > TRIES / 2, "only {parsed} were parsed");
    }

    #[test]
    fn ties_are_rounded_to_even() {
        // (2^53 + odd) / 2^k written out are exact ties between two doubles.
        for k in 1..=10u32 {
            for odd in [1u64, 3, 5, 7, 1001] {
                let mantissa = u128::from(EXACT + odd) * 5u128.pow(k);
                let mut text = mantissa.to_string();
                text.insert(text.len() - k as usize, '.');
                check(&text);
                // 19 digits or fewer are ours.
                assert!(k > 3 || check(&text), "{text}");
            }
        }
    }
}
