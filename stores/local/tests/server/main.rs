//! The embedded server over the network, used by clients and attackers.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod refusals;
mod signed_only;
mod support;
