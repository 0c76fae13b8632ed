//! Trying again: on broken connections, 5xx and 429, each time later, and never on another refusal.

use std::time::Duration;

use reqwest::Response;

use super::{ClientError, ClientResult, cause, is_passing};

/// How often and how late to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Tries in all, at least one.
    pub tries: u32,
    /// The longest first wait; it doubles with every try.
    pub first: Duration,
    /// The longest wait, also where the server asks for more: then its refusal is given instead.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { tries: 5, first: Duration::from_millis(250), longest: Duration::from_secs(20) }
    }
}

impl Retry {
    /// Sends until there is an answer that stays.
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

    /// How long to wait after a try: up to twice as long as after the one before, by chance, so that clients that
    /// failed together do not come back together. `None` where the server asks for more than we wait.
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

/// What `Retry-After` asks for, in seconds; its dates are not read.
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
    fn waits_grow_within_their_bounds() {
        let retry = Retry::default();
        for tried in 1..20 {
            let most = retry.first.saturating_mul(1 << (tried - 1).min(16)).min(retry.longest);
            assert!(retry.wait(tried, None).is_some_and(|wait| wait <= most), "try {tried} waits at most {most:?}");
        }
        let asked = Duration::from_secs(3);
        assert!(retry.wait(1, Some(asked)).is_some_and(|wait| wait >= asked), "what the server asks for is kept");
        assert_eq!(retry.wait(1, Some(Duration::from_secs(3600))), None, "an hour is not waited for");
    }
}
