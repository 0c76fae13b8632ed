//! Numbers as label files hold them: rounded so that what was read comes out as it went in.

use std::fmt::Write as _;

use serde_json::Value;

/// Decimals of a pixel coordinate: a micropixel, and every coordinate of fewer decimals survives arithmetic on it.
pub(super) const PIXEL_DECIMALS: i32 = 6;
/// Decimals of a fraction of the frame: as exact, for frames of up to a million pixels a side.
pub(super) const FRACTION_DECIMALS: i32 = 12;

/// The nearest number of so many decimals; a number that is not finite becomes 0.
pub(super) fn rounded(value: f64, decimals: i32) -> f64 {
    if !value.is_finite() {
        return 0.0;
    }
    let scale = if decimals == FRACTION_DECIMALS { 1e12 } else { 1e6 };
    let scaled = value * scale;
    // Beyond 2^53 there are no decimals left to round.
    let result = if scaled.abs() < 9e15 { scaled.round() / scale } else { value };
    if result == 0.0 { 0.0 } else { result }
}

/// Whether a number in a JSON text has more decimals than a pixel coordinate of ours, or an exponent.
pub(super) fn is_fine(text: &str) -> bool {
    let mut decimals = None;
    text.bytes().any(|byte| {
        match (byte, &mut decimals) {
            (b'.', _) => decimals = Some(0),
            (b'0'..=b'9', Some(count)) => *count += 1,
            (b'e' | b'E', _) => return true,
            (b'0'..=b'9', None) => {}
            _ => decimals = None,
        }
        decimals.is_some_and(|count| count > PIXEL_DECIMALS)
    })
}

/// Writes a rounded number: as few digits as say it, no exponent, no `.0`.
pub(super) fn push_number(out: &mut String, value: f64, decimals: i32) {
    push_exact(out, rounded(value, decimals));
}

/// Writes a number with as few digits as say exactly it, no exponent, no `.0`.
pub(super) fn push_exact(out: &mut String, value: f64) {
    // Writing to a string cannot fail.
    let _ = write!(out, "{value}");
}

/// The value of a field that a text format gives: a number where it is written as one, else text. Digits that a number
/// would not keep, as those of an identifier, are text.
pub(super) fn field(text: &str) -> Value {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let padded = digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') || padded {
        return text.into();
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<i64>().map_or_else(|_| text.into(), Value::from);
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite()).map_or_else(|| text.into(), Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stated_decimals_survive_arithmetic() {
        for i in 0..2000u32 {
            let (x, w) = (f64::from(i) * 7.31 + 0.07, f64::from(i) * 0.01 + 28.67);
            let mut text = String::new();
            push_number(&mut text, (x + w) - x, PIXEL_DECIMALS);
            let mut expected = String::new();
            push_exact(&mut expected, rounded(w, PIXEL_DECIMALS));
            assert_eq!(text, expected, "x {x}, w {w}");
            assert!(text.len() < 8, "{text} has noise");
        }
    }

    #[test]
    fn fine_numbers_are_seen() {
        assert!(!is_fine("[[1.123456,2,3.5],[1234567890,0.000001]]"), "six decimals are ours");
        assert!(is_fine("[[1,2.1234567]]") && is_fine("[1e-3]"), "more decimals, exponents");
    }

    #[test]
    fn fields_are_numbers_only_where_nothing_is_lost() {
        for (text, value) in [("0", Value::from(0)), ("-7", (-7).into()), ("0.50", 0.5.into()), ("1e3", 1000.0.into())]
        {
            assert_eq!(field(text), value);
        }
        for text in ["", "007", "inf", "nan", "-", "12345678901234567890", "1e999", "0x10", "1.2.3", "-x"] {
            assert_eq!(field(text), Value::from(text), "{text}");
        }
    }

    #[test]
    fn odd_values_are_written_plainly() {
        for (value, text) in
            [(-0.0, "0"), (-1e-9, "0"), (28.0, "28"), (f64::NAN, "0"), (f64::INFINITY, "0"), (1e-6, "0.000001")]
        {
            let mut out = String::new();
            push_number(&mut out, value, PIXEL_DECIMALS);
            assert_eq!(out, text, "{value}");
        }
    }
}
