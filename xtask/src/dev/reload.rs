//! Tells open pages that there is a new build: each asks and is answered when the next one is there.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How long a page's question stays open: it asks again afterwards.
const PATIENCE: Duration = Duration::from_secs(20);

/// The script that asks, as a file of its own: the page's policy allows no inline code.
pub(super) const SCRIPT: &str = "\
for (const worker of (await navigator.serviceWorker?.getRegistrations()) ?? []) worker.unregister();
for (;;) {
  try {
    if ((await (await fetch(\"./__reload\")).text()) === \"new\") location.reload();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
";

/// Counts builds.
#[derive(Default)]
pub(crate) struct Reload {
    builds: Mutex<u64>,
    changed: Condvar,
}

impl Reload {
    /// A new build is there.
    pub(crate) fn announce(&self) {
        *self.builds.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_all();
    }

    /// Waits for the next build; whether one came.
    pub(crate) fn wait(&self) -> bool {
        let builds = self.builds.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *builds;
        let waited = self.changed.wait_timeout_while(builds, PATIENCE, |now| *now == before);
        waited.is_ok_and(|(_, outcome)| !outcome.timed_out())
    }

    /// The page with the script in it, and without the service worker, which would keep the old build.
    pub(crate) fn page(page: &str) -> String {
        let page = page.replace("<meta name=\"service-worker\"", "<meta name=\"no-service-worker\"");
        page.replace("</head>", "<script type=\"module\" src=\"./__reload.js\"></script></head>")
    }
}
