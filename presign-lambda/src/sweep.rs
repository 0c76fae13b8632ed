//! Retention: what has lived its time goes, objects first.

use augment_records::dataset::StoredJob;
use augment_records::{Kept, Stored};
use augment_stores_port::StoreError;

use crate::settings::App;

/// Records looked at in one go.
const AT_ONCE: usize = 100;

/// Removes what has expired; gives the number of images and jobs that went.
///
/// # Errors
/// The store's.
pub async fn sweep(app: &App) -> Result<usize, StoreError> {
    let mut gone = 0;
    loop {
        let expired = app.records.expired(app.now(), AT_ONCE).await?;
        let before = gone;
        for key in &expired {
            let record = match app.records.get(key).await {
                Ok(record) => record,
                Err(StoreError::NotFound) => continue,
                Err(error) => return Err(error),
            };
            // Others may have changed it since it was listed.
            if record.expires.is_none_or(|expires| expires >= app.now()) {
                continue;
            }
            if key.starts_with(StoredJob::KEYS) {
                app.stores().remove_job_objects(&StoredJob::from_record(&record)?.id).await?;
            } else {
                app.stores().remove_objects(&Stored::from_record(&record)?).await?;
            }
            match app.records.remove(key, record.version).await {
                Ok(()) => gone += 1,
                // Changed or gone meanwhile: the next sweep looks again.
                Err(StoreError::NotFound | StoreError::Precondition) => {}
                Err(error) => return Err(error),
            }
        }
        if expired.len() < AT_ONCE || gone == before {
            return Ok(gone);
        }
    }
}
