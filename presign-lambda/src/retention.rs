//! Retention: what has lived its time goes, objects first.

use augment_records::dataset::JobRecord;
use augment_records::{Document, ImageRecord};
use augment_stores_port::StoreError;

use crate::clock;
use crate::app::App;

/// Records looked at in one go.
const AT_ONCE: usize = 100;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Images and jobs that went.
    pub gone: usize,
    /// Days that the clock is later than it can be believed to be: only what had expired before went.
    pub leap_days: Option<u64>,
}

/// Removes what has expired. A clock that has leapt forward since the last sweep is not believed before it has gone on
/// for a day: one start under a wrong clock removes nothing early.
///
/// # Errors
/// The store's.
pub async fn sweep(app: &App) -> Result<SweepReport, StoreError> {
    let now = app.now();
    let known = clock::look(app, now).await?;
    let until = known.believed.min(now);
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
            // Others may have changed it since it was listed.
            if record.expires.is_none_or(|expires| expires >= until) {
                continue;
            }
            if key.starts_with(JobRecord::KEYS) {
                app.stores().remove_job_objects(&JobRecord::from_record(&record)?.id).await?;
            } else {
                app.stores().remove_objects(&ImageRecord::from_record(&record)?).await?;
            }
            match app.records.remove(key, record.version).await {
                Ok(()) => swept.gone += 1,
                // Changed or gone meanwhile: the next sweep looks again.
                Err(StoreError::NotFound | StoreError::Precondition) => {}
                Err(error) => return Err(error),
            }
        }
        if expired.len() < AT_ONCE || swept.gone == before {
            return Ok(swept);
        }
    }
}

/// Lets nothing expire for a day, where something shows that the records may be older than what they are about.
///
/// # Errors
/// The store's.
pub async fn postpone_expiry(app: &App) -> Result<(), StoreError> {
    clock::forget(app, app.now()).await.map(|_| ())
}
