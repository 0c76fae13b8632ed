//! The embedded server, asked over the network as clients and attackers ask it.
#![expect(clippy::unwrap_used, reason = "a test that cannot prepare has failed")]

mod signed_only;
mod refusals;
mod support;
