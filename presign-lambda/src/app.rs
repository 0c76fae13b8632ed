//! Application state shared by all routes: stores, URL signer, token verifier, settings, clock.

use std::sync::Arc;

use augment_api::{AuthConfig, Limits};
use augment_records::{MetricSink, Stores};
use augment_stores_port::{Clock, ObjectStore, RecordStore, Signer};

use crate::auth::Verifier;

/// The operator's settings.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Limits of the API.
    pub limits: Limits,
    /// The sign-in configuration for clients; set exactly if tokens are verified.
    pub auth: Option<AuthConfig>,
    /// Daily budgets; `None` means no budgets.
    pub budgets: Option<Budgets>,
}

/// Daily budgets (UTC) per user and per IP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// Announced bytes per user.
    pub owner_bytes: u64,
    /// Jobs per user.
    pub owner_jobs: u64,
    /// Announced bytes per IP address.
    pub address_bytes: u64,
    /// Jobs per IP address.
    pub address_jobs: u64,
}

/// The service's parts.
pub struct App {
    /// Objects.
    pub objects: Arc<dyn ObjectStore>,
    /// Signer of URLs for objects.
    pub signer: Arc<dyn Signer>,
    /// Records.
    pub records: Arc<dyn RecordStore>,
    /// Verifier of tokens; without one, every caller is the local user.
    pub verifier: Option<Verifier>,
    /// The operator's settings.
    pub settings: Settings,
    /// The current time.
    pub clock: Clock,
    /// Where metrics go.
    pub metrics: MetricSink,
    /// Called when a job starts waiting.
    pub wake: Arc<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl App {
    /// The stores with the clock.
    #[must_use]
    pub fn stores(&self) -> Stores {
        Stores {
            objects: Arc::clone(&self.objects),
            records: Arc::clone(&self.records),
            clock: Arc::clone(&self.clock),
        }
    }

    /// Seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        (self.clock)() / 1000
    }
}
