//! Time as text.

/// A time in RFC 3339, UTC.
#[must_use]
pub fn rfc3339(ms: u64) -> String {
    let moment = i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    moment.unwrap_or(jiff::Timestamp::MAX).to_string()
}

/// Seconds in a day.
pub const DAY: u64 = 86_400;
