//! Runs one item: opens the dataset, renders, uploads the zip, then marks the item as done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use augment_api::{FailureKind, JobFailure, JobState};
use augment_core::error::{Error, ErrorKind};
use augment_core::output::Notes;
use augment_records::dataset::JobRecord;
use augment_records::jobs::JobError;
use augment_stores_port::{StoreError, StoreResult};
use futures_util::future::{Either, select};

use super::job_objects::{ItemDone, unusable};
use super::open_dataset::OpenDataset;
use super::render_item::{ItemError, ItemTask, RenderedItem, render_item};
use crate::attempt::Attempt;
use crate::service::Service;

/// How often to check whether the job was deleted.
const CHECK_EVERY: Duration = Duration::from_secs(10);

/// The outcome of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemOutcome {
    /// It is done, with this many images without output.
    Done(u32),
    /// The job is not running, has no such item, or was deleted (`None`).
    NotRun(Option<JobState>),
}

/// Runs an item and ends before `until`. A finished item does not run again in the same round.
///
/// # Errors
/// The store's; a retry may help.
pub(crate) async fn run_item(
    service: &Service,
    id: &str,
    number: u32,
    until: Option<Instant>,
) -> StoreResult<ItemOutcome> {
    let stores = &service.stores;
    let job = match stores.load::<JobRecord>(id).await {
        Ok((job, _)) => job,
        Err(StoreError::NotFound) => return Ok(ItemOutcome::NotRun(None)),
        Err(error) => return Err(error),
    };
    if job.state != JobState::Running || number >= job.items {
        return Ok(ItemOutcome::NotRun(Some(job.state)));
    }
    let key = job.item_json_key(number)?;
    let excluded = unusable(&service.stores, &job).await?.names.len();
    match stores.get_json::<ItemDone>(&key).await {
        Ok(done) if done.round == job.round && done.excluded == excluded => return Ok(ItemOutcome::Done(done.failed)),
        Ok(_) | Err(StoreError::NotFound) => {}
        Err(error) => return Err(error),
    }
    let began = Instant::now();
    let done = match attempt(service, &job, number, until).await? {
        Some(done) => ItemDone { work_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX), ..done },
        None => return Ok(ItemOutcome::NotRun(None)),
    };
    stores.put_json(&job, &key, &done).await?;
    tracing::info!(job.id = %id, item = number, failed = done.failed, duration_ms = done.work_ms, "item {number} of {id} is done");
    if is_gone(service, &job).await? {
        remove(service, &job, number).await?;
        return Ok(ItemOutcome::NotRun(None));
    }
    Ok(ItemOutcome::Done(done.failed))
}

/// Whether a job was deleted, even if its id was reused.
async fn is_gone(service: &Service, job: &JobRecord) -> StoreResult<bool> {
    match service.stores.load::<JobRecord>(&job.id).await {
        Ok((now, _)) => Ok(!now.is_same(job)),
        Err(StoreError::NotFound) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Removes the files of an item of a deleted job.
async fn remove(service: &Service, job: &JobRecord, number: u32) -> StoreResult<()> {
    service.stores.objects.delete(&job.item_json_key(number)?).await?;
    service.stores.objects.delete(&job.item_zip_key(number)?).await
}

/// Waits until a job is deleted.
async fn deleted(service: &Service, job: &JobRecord) {
    loop {
        tokio::time::sleep(CHECK_EVERY).await;
        if is_gone(service, job).await.unwrap_or(false) {
            return;
        }
    }
}

/// The result of an item; `None` if the job was deleted in the meantime.
async fn attempt(
    service: &Service,
    job: &JobRecord,
    number: u32,
    until: Option<Instant>,
) -> StoreResult<Option<ItemDone>> {
    let opened = match service.open_dataset(job).await? {
        Ok(opened) => opened,
        Err(failure) => return Ok(Some(none_of(job, None, number, &failure))),
    };
    let attempt = Attempt::new(&*service.stores.objects, job.item_zip_key(number)?, until);
    let late = || {
        let detail = "there is too little time; make fewer copies, or use smaller images";
        none_of(job, Some(&opened), number, &JobError::new(FailureKind::Time, detail))
    };
    let timed = std::pin::pin!(attempt.run(render_and_upload(service, job, number, &opened, &attempt), late));
    let deleted = std::pin::pin!(deleted(service, job));
    let outcome = match select(timed, deleted).await {
        Either::Left((done, _)) => done.map(Some),
        Either::Right(_) => Ok(None),
    };
    attempt.end().await;
    outcome
}

async fn render_and_upload(
    service: &Service,
    job: &JobRecord,
    number: u32,
    opened: &Arc<OpenDataset>,
    attempt: &Attempt<'_>,
) -> StoreResult<ItemDone> {
    let images = job.images_of(number);
    let task = ItemTask { opened: Arc::clone(opened), sources: opened.sources(&images), memory: service.memory_bytes };
    let (stored, rendered) = attempt.render(move |writer, pace| render_item(&task, writer, pace)).await?;
    let RenderedItem { notes, mut failures, mut failed, unusable, front, tail } = match rendered {
        Some(Ok(rendered)) => rendered,
        Some(Err(ItemError::Store)) => return Err(StoreError::other("the store failed while images were read")),
        Some(Err(ItemError::Stopped)) => return Err(StoreError::other("the item's upload stopped")),
        None => {
            let failure = JobError::new(FailureKind::Fault, "internal error; please report it");
            return Ok(none_of(job, Some(opened), number, &failure));
        }
    };
    for image in opened.listed(&images) {
        if let Some(failure) = opened.left_out(image) {
            failures.push(failure);
            failed += 1;
        }
    }
    failures.sort_by(|a, b| a.path.cmp(&b.path));
    let size = tail.size;
    if front > 0 {
        attempt.finish(stored, tail.bytes).await?;
        service.stores.tag(job, &job.item_zip_key(number)?).await?;
    }
    let excluded = opened.excluded.len();
    Ok(ItemDone { round: job.round, failed, failures, unusable, excluded, front, size, work_ms: 0, notes })
}

/// The result of an item without output.
pub(super) fn none_of(job: &JobRecord, opened: Option<&OpenDataset>, number: u32, failure: &JobError) -> ItemDone {
    let images = job.images_of(number);
    let (mut notes, mut failures) = (Notes::default(), Vec::new());
    let mut failed = images.len() as u32;
    if let Some(opened) = opened {
        failed = 0;
        for source in opened.sources(&images) {
            let path = opened.found.dataset.items[source].name.clone();
            notes.fail(&path, &Error::new(ErrorKind::Limit, failure.detail.clone()));
            failures.push(JobFailure { path, error: failure.detail.clone(), kind: failure.kind });
            failed += 1;
        }
        let left_out = opened.listed(&images).iter().filter_map(|image| opened.left_out(image));
        failures.extend(left_out.inspect(|_| failed += 1));
        failures.sort_by(|a, b| a.path.cmp(&b.path));
    } else {
        let path = format!("images {} to {}", images.start + 1, images.end);
        failures.push(JobFailure { path, error: failure.detail.clone(), kind: failure.kind });
    }
    let excluded = opened.map_or(0, |opened| opened.excluded.len());
    let (unusable, round) = (Vec::new(), job.round);
    ItemDone { round, failed, failures, unusable, excluded, front: 0, size: 0, work_ms: 0, notes }
}
