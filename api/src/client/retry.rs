//! Retries with exponential backoff after broken connections, 5xx and 429; no other refusal is retried.

use std::time::Duration;

use reqwest::Response;

use super::{ClientError, ClientResult, cause, is_passing};

/// The retry policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in total, at least one.
    pub tries: u32,
    /// The longest first wait; it doubles with every attempt.
    pub first: Duration,
    /// The longest wait. If the server asks for more, its refusal is returned instead.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { tries: 5, first: Duration::from_millis(250), longest: Duration::from_secs(20) }
    }
}

impl Retry {
    /// Sends until there is a final answer.
    pub(super) async fn run<F: Future<Output = reqwest::Result<Response>>>(
        &self,
        send: impl Fn() -> F,
    ) -> ClientResult<Response> {
        let mut tried = 1;
        loop {
            let outcome = send().await;
            let wait = match &outcome {
                Ok(answer) if is_passing(answer.status()) => self.wait(tried, asked(answer)),
                Ok(_) => None,
                Err(error) if error.is_builder() => None,
                Err(_) => self.wait(tried, None),
            };
            let Some(wait) = wait.filter(|_| tried < self.tries) else {
                return outcome.map_err(|error| ClientError::Network(cause(&error)));
            };
            tried += 1;
            sleep(wait).await;
        }
    }

    /// The wait after an attempt: a random part of a bound that doubles every time, so that clients that failed together
    /// do not return together. `None` if the server asks for a longer wait than allowed.
    pub(super) fn wait(&self, tried: u32, asked: Option<Duration>) -> Option<Duration> {
        let most = self.first.saturating_mul(1 << (tried - 1).min(16)).min(self.longest);
        let chance = f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX);
        let drawn = most.mul_f64(chance);
        match asked {
            Some(asked) if asked > self.longest => None,
            Some(asked) => Some(asked + drawn.min(self.first)),
            None => Some(drawn),
        }
    }
}

/// The seconds in `Retry-After`; dates are ignored.
fn asked(answer: &Response) -> Option<Duration> {
    let value = answer.headers().get("retry-after")?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(not(target_arch = "wasm32"))]
pub(super) async fn sleep(time: Duration) {
    tokio::time::sleep(time).await;
}

#[cfg(target_arch = "wasm32")]
pub(super) async fn sleep(time: Duration) {
    gloo_timers::future::sleep(time).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_within_their_growing_bounds() {
        let retry = Retry::default();
        for tried in 1..20 {
            let most = retry.first.saturating_mul(1 << (tried - 1).min(16)).min(retry.longest);
            assert!(retry.wait(tried, None).is_some_and(|wait| wait <= most), "try {tried} waits at most {most:?}");
        }
        let asked = Duration::from_secs(3);
        assert!(retry.wait(1, Some(asked)).is_some_and(|wait| wait >= asked), "the server's wait is respected");
        assert_eq!(retry.wait(1, Some(Duration::from_secs(3600))), None, "an hour is too long");
    }
}
