//! Retention: removes expired images and jobs, objects first.

use augment_records::dataset::JobRecord;
use augment_records::{Document, ImageRecord};
use augment_stores_port::StoreError;

use crate::app::App;
use crate::clock;

/// Records per batch.
const AT_ONCE: usize = 100;

/// The result of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Images and jobs removed.
    pub gone: usize,
    /// Days that the clock is ahead of the trusted time; nothing that expires in between was removed.
    pub leap_days: Option<u64>,
}

/// Removes what has expired. A clock that jumped forward since the last sweep is trusted only after it has run for a day,
/// so that a start with a wrong clock removes nothing early.
///
/// # Errors
/// The store's.
pub async fn sweep(app: &App) -> Result<SweepReport, StoreError> {
    let now = app.now();
    let known = clock::check(app, now).await?;
    // What was deleted expires at 0, and goes whatever the clock says.
    let until = known.believed.min(now).max(1);
    let mut swept = SweepReport { gone: 0, leap_days: known.leap_days(now) };
    loop {
        let expired = app.records.expired(until, AT_ONCE).await?;
        let before = swept.gone;
        for key in &expired {
            let record = match app.records.get(key).await {
                Ok(record) => record,
                Err(StoreError::NotFound) => continue,
                Err(error) => return Err(error),
            };
            // It may have changed since it was listed.
            if record.expires.is_none_or(|expires| expires >= until) {
                continue;
            }
            if key.starts_with(JobRecord::KEYS) {
                app.stores().remove_job(&JobRecord::from_record(&record)?).await?;
            } else {
                app.stores().remove_objects(&ImageRecord::from_record(&record)?).await?;
            }
            match app.records.remove(key, record.version).await {
                Ok(()) => swept.gone += 1,
                // Changed or deleted in the meantime: left for the next sweep.
                Err(StoreError::NotFound | StoreError::Precondition) => {}
                Err(error) => return Err(error),
            }
        }
        if expired.len() < AT_ONCE || swept.gone == before {
            return Ok(swept);
        }
    }
}

/// Suspends expiry for a day, if the records may be older than the objects.
///
/// # Errors
/// The store's.
pub async fn postpone_expiry(app: &App) -> Result<(), StoreError> {
    clock::forget(app, app.now()).await.map(|_| ())
}
