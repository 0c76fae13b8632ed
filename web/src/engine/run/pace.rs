//! Measures the speed of a run over the last seconds, without pauses.

use std::collections::VecDeque;

/// The rate covers this many seconds.
const LOOK_BACK: f64 = 8.0;
/// Before this many seconds, the time left is unknown: the first results come in a burst.
const WARM_UP: f64 = 1.0;

/// What was done at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Mark {
    seconds: f64,
    outputs: usize,
    pixels: u64,
}

/// A clock that stops while the run is paused, and what was done when.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Seconds before the last pause.
    before: f64,
    /// When the clock last started; `None` while it is stopped.
    since: Option<f64>,
    marks: VecDeque<Mark>,
}

impl Pace {
    /// A clock that starts now. All times are in seconds.
    pub(super) fn start(now: f64) -> Self {
        Self { since: Some(now), marks: VecDeque::from([Mark::default()]), ..Self::default() }
    }

    /// How many seconds the run took so far.
    pub(super) fn seconds(&self, now: f64) -> f64 {
        self.before + self.since.map_or(0.0, |since| now - since)
    }

    pub(super) fn pause(&mut self, now: f64) {
        self.before = self.seconds(now);
        self.since = None;
    }

    pub(super) fn resume(&mut self, now: f64) {
        self.since.get_or_insert(now);
    }

    /// Notes how many outputs and pixels are done.
    pub(super) fn note(&mut self, now: f64, outputs: usize, pixels: u64) {
        let seconds = self.seconds(now);
        self.marks.push_back(Mark { seconds, outputs, pixels });
        while self.marks.get(1).is_some_and(|mark| seconds - mark.seconds > LOOK_BACK) {
            self.marks.pop_front();
        }
    }

    /// Megapixels per second, and the seconds that the remaining outputs will take.
    pub(super) fn rate(&self, now: f64, outputs_left: usize) -> (f64, Option<f64>) {
        let (Some(first), Some(last)) = (self.marks.front(), self.marks.back()) else { return (0.0, None) };
        let seconds = self.seconds(now) - first.seconds;
        if seconds <= 0.0 {
            return (0.0, None);
        }
        let rate = (last.pixels - first.pixels) as f64 / 1e6 / seconds;
        let each = (last.outputs - first.outputs) as f64 / seconds;
        let left = (each > 0.0 && self.seconds(now) >= WARM_UP).then(|| outputs_left as f64 / each);
        (rate, left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_covers_the_last_seconds() {
        let mut pace = Pace::start(100.0);
        for second in 1..=60u32 {
            let speed = if second <= 30 { 1 } else { 5 };
            let done = second.min(30) + second.saturating_sub(30) * speed;
            pace.note(100.0 + f64::from(second), done as usize, u64::from(done) * 2_000_000);
        }
        let (rate, left) = pace.rate(160.0, 50);
        assert!((rate - 10.0).abs() < 1e-9, "{rate}");
        assert!((left.unwrap() - 10.0).abs() < 1e-9, "{left:?}");
    }

    #[test]
    fn a_pause_does_not_count() {
        let mut pace = Pace::start(0.0);
        pace.note(2.0, 4, 4_000_000);
        pace.pause(2.0);
        assert_eq!(pace.seconds(500.0), 2.0);
        pace.resume(1000.0);
        assert_eq!(pace.seconds(1001.0), 3.0);
        let (rate, left) = pace.rate(1002.0, 8);
        assert_eq!((rate, left), (1.0, Some(8.0)));
    }

    #[test]
    fn without_outputs_the_time_left_is_unknown() {
        assert_eq!(Pace::start(0.0).rate(0.0, 10), (0.0, None));
        assert_eq!(Pace::start(0.0).rate(5.0, 10), (0.0, None));
    }
}
