//! What the service is put together from: stores, rules, clock.

use std::sync::Arc;

use augment_api::{AuthConfig, Limits};
use augment_records::{MetricSink, Stores};
use augment_stores_port::{Clock, ObjectStore, RecordStore, Signer};

use crate::auth::Verifier;

/// What an operator decides.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Bounds of the API.
    pub limits: Limits,
    /// How to sign in, as clients are told; there exactly when tokens are verified.
    pub auth: Option<AuthConfig>,
    /// What one may use up in a day; nothing is counted where it is `None`.
    pub budgets: Option<Budgets>,
}

/// What one owner, or one address, may use up in a day (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// Bytes announced by one owner.
    pub owner_bytes: u64,
    /// Jobs of the server for one owner.
    pub owner_jobs: u64,
    /// Bytes announced from one address.
    pub address_bytes: u64,
    /// Jobs of the server from one address.
    pub address_jobs: u64,
}

/// The service's parts.
pub struct App {
    /// Objects.
    pub objects: Arc<dyn ObjectStore>,
    /// Signed addresses for them.
    pub signer: Arc<dyn Signer>,
    /// Records.
    pub records: Arc<dyn RecordStore>,
    /// Who calls; without a verifier everybody is the one local user.
    pub verifier: Option<Verifier>,
    /// What an operator decided.
    pub settings: Settings,
    /// What time it is.
    pub clock: Clock,
    /// Where metrics go.
    pub metrics: MetricSink,
    /// Called when a job begins to wait.
    pub wake: Arc<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl App {
    /// The stores, for what works on records.
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
