//! Moments as text.

/// A moment as RFC 3339 has it, in UTC.
#[must_use]
pub fn rfc3339(ms: u64) -> String {
    let moment = i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    moment.unwrap_or(jiff::Timestamp::MAX).to_string()
}

/// Seconds of a day.
pub const DAY: u64 = 86_400;
