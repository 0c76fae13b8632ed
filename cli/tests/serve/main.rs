//! `delta serve`, `push`, `list` and `pull` as processes of their own, looked at from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot prepare has failed")]

mod crash;
mod dataset;
#[cfg(target_os = "linux")]
mod hardship;
mod loss;
mod process;
mod suite;
mod support;
mod transfer;
#[cfg(unix)]
mod walkthrough;
