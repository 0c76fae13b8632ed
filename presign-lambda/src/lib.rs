//! The HTTP API of Delta Augment over any stores: it reserves ids, signs addresses and keeps records, and never
//! touches the bytes themselves.
//!
//! [`router`] is the whole service. What keeps a store clean uses [`retention`].

pub mod auth;
mod budget;
mod caller;
mod clock;
mod client_ip;
mod error;
mod extract;
#[cfg(feature = "issuer")]
pub mod issuer;
mod listing;
mod observe;
mod router;
mod routes;
mod app;
pub mod retention;

pub use caller::ClientAddress;
pub use client_ip::client_address;
pub use router::router;
pub use app::{App, Budgets, Settings};
