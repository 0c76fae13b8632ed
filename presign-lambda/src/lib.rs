//! The HTTP API of Delta Augment over any stores: it reserves ids, signs addresses and keeps records, and never
//! touches the bytes themselves.
//!
//! [`router`] is the whole service. What keeps a store clean uses [`sweep`].

pub mod auth;
mod budget;
mod caller;
mod clock;
mod edge;
mod error;
mod extract;
#[cfg(feature = "issuer")]
pub mod issuer;
mod listing;
mod observe;
mod router;
mod routes;
mod settings;
pub mod sweep;

pub use caller::ClientAddress;
pub use edge::client_address;
pub use router::router;
pub use settings::{App, Budgets, Settings};
