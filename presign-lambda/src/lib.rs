//! The HTTP API of Delta Augment over any stores: it reserves ids, signs URLs and keeps records, but never handles image
//! bytes.
//!
//! [`router`] is the whole service; [`retention`] removes expired data.

mod app;
pub mod auth;
mod budget;
mod caller;
mod client_ip;
mod clock;
mod error;
mod extract;
#[cfg(feature = "issuer")]
pub mod issuer;
mod listing;
mod observe;
pub mod retention;
mod router;
mod routes;

pub use app::{App, Budgets, Settings};
pub use caller::ClientAddress;
pub use client_ip::client_address;
pub use router::router;
