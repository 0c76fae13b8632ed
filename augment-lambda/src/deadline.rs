//! Deadlines of jobs: the time reserved for uploading and recording, the pace of outputs, and the end of late work.

use std::time::{Duration, Instant};

use augment_core::pipeline::Stop;

/// Time reserved before the deadline for writing the outcome.
const RECORD_TIME: Duration = Duration::from_secs(2);
/// Time reserved before the deadline for uploading the rest of the zip.
const UPLOAD_TIME: Duration = Duration::from_secs(4);

/// Runs work until shortly before the deadline; `None` if it takes longer.
pub(crate) async fn in_time<T>(until: Option<Instant>, work: impl Future<Output = T>) -> Option<T> {
    let Some(until) = until else { return Some(work.await) };
    let until = until.checked_sub(RECORD_TIME).unwrap_or(until);
    tokio::time::timeout_at(tokio::time::Instant::from_std(until), work).await.ok()
}

/// The pace of outputs, by which rendering ends before the deadline or on request.
#[derive(Debug)]
pub(crate) struct Pace {
    until: Option<Instant>,
    longest: Duration,
    stop: Stop,
}

impl Pace {
    /// The pace of work whose job ends `until`, or once `stop` is set.
    pub(crate) fn new(until: Option<Instant>, stop: Stop) -> Self {
        Self { until: until.and_then(|until| until.checked_sub(UPLOAD_TIME)), longest: Duration::ZERO, stop }
    }

    /// What stops the work.
    pub(crate) const fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Whether the attempt was stopped.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_set()
    }

    /// Whether another output, as slow as the slowest, would be too late.
    pub(crate) fn is_late(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() + self.longest + self.longest / 2 > until)
    }

    /// Notes an output that is ready now.
    pub(crate) fn note(&mut self, began: Instant) {
        self.longest = self.longest.max(began.elapsed());
    }
}
