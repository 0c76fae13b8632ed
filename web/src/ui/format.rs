//! Formats numbers for display: counts, bytes, durations.

/// A count with thin spaces between thousands: `12 345`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && digits.len() > 4 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 image`, `60 images`.
#[must_use]
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number as u64), if number == 1 { one } else { many })
}

/// Bytes in decimal units with at most three digits: `12.3 MB`.
#[must_use]
pub fn bytes(number: u64) -> String {
    let mut value = number as f64;
    let mut unit = "bytes";
    for next in ["kB", "MB", "GB", "TB"] {
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    if unit == "bytes" {
        return if number == 1 { "1 byte".into() } else { format!("{number} bytes") };
    }
    let decimals = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
    format!("{value:.decimals$} {unit}")
}

/// A duration: `0.8 s`, `12 s`, `3 min 05 s`, `2 h 10 min`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        _ if seconds < 9.95 => format!("{:.1} s", seconds.max(0.0)),
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole / 60 % 60),
    }
}

/// `part` of `whole` as a fraction, 0 to 1; 1 if the whole is 0.
#[must_use]
pub fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { (part as f64 / whole as f64).min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated_from_five_digits_on() {
        assert_eq!(count(9999), "9999");
        assert_eq!(count(12345), "12\u{202f}345");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn bytes_have_three_digits_and_less_than_a_thousand_of_a_unit() {
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(1234), "1.23 kB");
        assert_eq!(bytes(999_600), "1.00 MB");
        assert_eq!(bytes(12_340_000), "12.3 MB");
        assert_eq!(bytes(345_600_000_000), "346 GB");
    }

    #[test]
    fn durations_have_a_suitable_unit() {
        assert_eq!(duration(0.84), "0.8 s");
        assert_eq!(duration(9.97), "10 s");
        assert_eq!(duration(185.0), "3 min 05 s");
        assert_eq!(duration(7800.0), "2 h 10 min");
    }
}
