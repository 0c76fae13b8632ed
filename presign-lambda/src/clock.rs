//! The moment that retention goes by: the clock, unless it has leapt since it was last looked at.

use augment_records::DAY;
use augment_stores_port::{Record, StoreError, StoreResult};
use serde::{Deserialize, Serialize};

use crate::app::App;

/// The record of it.
const KEY: &str = "clock/retention";
/// The longest time between two looks after which the clock is believed at once, in seconds.
const NO_LEAP: u64 = 7 * DAY;

/// What is known of the time, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TrustedTime {
    /// It is at least this late.
    pub(crate) believed: u64,
    /// What the clock said when it was last doubted; it is believed when it has gone on from there for a day.
    claimed: u64,
}

impl TrustedTime {
    /// Nothing yet but what the clock says.
    const fn nothing(now: u64) -> Self {
        Self { believed: 0, claimed: now }
    }

    /// What is known after another look at the clock.
    fn at(self, now: u64) -> Self {
        let went_on = self.claimed + DAY <= now;
        let believed = if went_on { self.claimed } else { self.believed };
        if now <= believed + NO_LEAP {
            return Self { believed: now, claimed: now };
        }
        // A clock that was put back since has not gone on.
        let claimed = if went_on || now < self.claimed { now } else { self.claimed };
        Self { believed, claimed }
    }

    /// Days that the clock is ahead of what is believed of it; none without anything to hold it against.
    pub(crate) const fn leap_days(self, now: u64) -> Option<u64> {
        if self.believed == 0 || self.believed >= now { None } else { Some((now - self.believed) / DAY) }
    }
}

/// Looks at the clock, and keeps what is known by it.
pub(crate) async fn look(app: &App, now: u64) -> StoreResult<TrustedTime> {
    let (known, version) = kept(app).await?;
    keep(app, known.unwrap_or_else(|| TrustedTime::nothing(now)).at(now), version).await
}

/// Forgets what is known, so that nothing is believed for a day.
pub(crate) async fn forget(app: &App, now: u64) -> StoreResult<TrustedTime> {
    let (_, version) = kept(app).await?;
    keep(app, TrustedTime::nothing(now), version).await
}

/// What is kept, and its version; 0 where nothing is.
async fn kept(app: &App) -> StoreResult<(Option<TrustedTime>, u64)> {
    match app.records.get(KEY).await {
        Ok(record) => Ok((Some(serde_json::from_str(&record.body).map_err(StoreError::other)?), record.version)),
        Err(StoreError::NotFound) => Ok((None, 0)),
        Err(error) => Err(error),
    }
}

async fn keep(app: &App, known: TrustedTime, version: u64) -> StoreResult<TrustedTime> {
    let record = Record {
        key: KEY.to_owned(),
        version: version + 1,
        sort: String::new(),
        lists: Vec::new(),
        expires: None,
        body: serde_json::to_string(&known).map_err(StoreError::other)?,
    };
    let kept = if version == 0 { app.records.create(record).await } else { app.records.replace(record).await };
    kept.map(|()| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is believed after looks on some days, of a clock that was believed on day 100.
    fn believed(days: &[u64]) -> u64 {
        let known = TrustedTime { believed: 100 * DAY, claimed: 100 * DAY };
        days.iter().fold(known, |known, day| known.at(day * DAY)).believed / DAY
    }

    #[test]
    fn a_clock_that_goes_on_is_believed_at_once() {
        assert_eq!(believed(&[100, 101, 108]), 108, "a week without a look is no leap");
    }

    #[test]
    fn a_leap_is_believed_when_the_clock_has_gone_on_for_a_day() {
        assert_eq!(believed(&[465]), 100, "not at once");
        assert_eq!(believed(&[465, 465, 465]), 100, "nor by looking again");
        assert_eq!(believed(&[465, 466]), 466, "a day later");
        assert_eq!(believed(&[465, 101]), 101, "and not when it was put back");
        assert_eq!(believed(&[465, 101, 465]), 101, "nor when it leaps a second time");
        assert_eq!(believed(&[465, 120, 465]), 120, "of two that disagree the earlier");
    }

    #[test]
    fn looks_that_are_always_far_apart_are_believed_one_later() {
        assert_eq!(believed(&[120, 140, 160]), 140, "the clock went on from there");
    }

    #[test]
    fn a_clock_that_was_believed_wrongly_can_be_put_back() {
        assert_eq!(believed(&[465, 466, 102]), 102, "the time now");
    }
}
