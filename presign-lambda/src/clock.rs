//! The trusted time for retention: the system clock, unless it has jumped since the last check.

use augment_records::DAY;
use augment_stores_port::{Record, StoreError, StoreResult};
use serde::{Deserialize, Serialize};

use crate::app::App;

/// The record key.
const KEY: &str = "clock/retention";
/// The longest gap between two checks, in seconds, after which the clock is trusted at once.
const MAX_GAP: u64 = 7 * DAY;

/// What is known about the time, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TrustedTime {
    /// The trusted time.
    pub(crate) believed: u64,
    /// The clock when it was last doubted; it becomes trusted after running for a day from there.
    claimed: u64,
}

impl TrustedTime {
    /// Nothing is trusted yet.
    const fn nothing(now: u64) -> Self {
        Self { believed: 0, claimed: now }
    }

    /// The state after another check of the clock.
    fn at(self, now: u64) -> Self {
        let ran_a_day = self.claimed + DAY <= now;
        let believed = if ran_a_day { self.claimed } else { self.believed };
        if now <= believed + MAX_GAP {
            return Self { believed: now, claimed: now };
        }
        // A clock that was set back starts over.
        let claimed = if ran_a_day || now < self.claimed { now } else { self.claimed };
        Self { believed, claimed }
    }

    /// Days that the clock is ahead of the trusted time, if there is one.
    pub(crate) const fn leap_days(self, now: u64) -> Option<u64> {
        if self.believed == 0 || self.believed >= now { None } else { Some((now - self.believed) / DAY) }
    }
}

/// Checks the clock and saves the result.
pub(crate) async fn check(app: &App, now: u64) -> StoreResult<TrustedTime> {
    let (known, version) = load(app).await?;
    save(app, known.unwrap_or_else(|| TrustedTime::nothing(now)).at(now), version).await
}

/// Resets the state, so that nothing is trusted for a day.
pub(crate) async fn forget(app: &App, now: u64) -> StoreResult<TrustedTime> {
    let (_, version) = load(app).await?;
    save(app, TrustedTime::nothing(now), version).await
}

/// The saved state and its version; version 0 if there is none.
async fn load(app: &App) -> StoreResult<(Option<TrustedTime>, u64)> {
    match app.records.get(KEY).await {
        Ok(record) => Ok((Some(serde_json::from_str(&record.body).map_err(StoreError::other)?), record.version)),
        Err(StoreError::NotFound) => Ok((None, 0)),
        Err(error) => Err(error),
    }
}

async fn save(app: &App, known: TrustedTime, version: u64) -> StoreResult<TrustedTime> {
    let record = Record {
        key: KEY.to_owned(),
        version: version + 1,
        sort: String::new(),
        lists: Vec::new(),
        expires: None,
        body: serde_json::to_string(&known).map_err(StoreError::other)?,
    };
    let saved = if version == 0 { app.records.create(record).await } else { app.records.replace(record).await };
    saved.map(|()| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The trusted day after checks on some days, starting at day 100.
    fn believed(days: &[u64]) -> u64 {
        let known = TrustedTime { believed: 100 * DAY, claimed: 100 * DAY };
        days.iter().fold(known, |known, day| known.at(day * DAY)).believed / DAY
    }

    #[test]
    fn a_clock_that_keeps_running_is_trusted_at_once() {
        assert_eq!(believed(&[100, 101, 108]), 108, "a week without a check is not a jump");
    }

    #[test]
    fn a_jump_is_trusted_after_the_clock_runs_for_a_day() {
        assert_eq!(believed(&[465]), 100, "not at once");
        assert_eq!(believed(&[465, 465, 465]), 100, "nor by checking again");
        assert_eq!(believed(&[465, 466]), 466, "a day later");
        assert_eq!(believed(&[465, 101]), 101, "and not after it was set back");
        assert_eq!(believed(&[465, 101, 465]), 101, "nor after a second jump");
        assert_eq!(believed(&[465, 120, 465]), 120, "the earlier of two times");
    }

    #[test]
    fn checks_far_apart_are_trusted_one_check_later() {
        assert_eq!(believed(&[120, 140, 160]), 140, "the clock ran on from there");
    }

    #[test]
    fn a_wrongly_trusted_clock_can_be_set_back() {
        assert_eq!(believed(&[465, 466, 102]), 102, "the current time");
    }
}
