//! The HTTP API of Delta Augment over any stores: it reserves ids, signs addresses and keeps records, and never
//! touches the bytes themselves.
//!
//! [`router`] is the whole service. What runs jobs uses [`jobs`]; what keeps a store clean uses [`sweep`].

pub mod auth;
mod budget;
mod caller;
mod error;
mod extract;
mod image;
#[cfg(feature = "issuer")]
pub mod issuer;
pub mod jobs;
mod listing;
mod observe;
mod router;
mod routes;
mod settings;
pub mod sweep;
mod time;

pub use caller::ClientAddress;
pub use image::{Job, Stored};
pub use observe::MetricSink;
pub use router::router;
pub use settings::{App, Budgets, Settings};
