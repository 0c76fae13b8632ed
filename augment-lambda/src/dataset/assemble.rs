//! The last step of a job over a dataset: assembles its items into one zip inside the store and writes the outcome.

use std::time::Instant;

use augment_api::{Content, FailureKind, JobFailure, JobState, Made};
use augment_core::archive::{JoinedDirectory, ZipSink};
use augment_core::output::{Assembler, Notes, Summary};
use augment_core::pipeline::ENGINE;
use augment_records::dataset::{DatasetClaim, DatasetOutcome, JobRecord, finish_dataset};
use augment_records::jobs::JobError;
use augment_stores_port::{StoreError, StoreResult};
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::job_objects::{ItemDone, Unusable, read_whole, unusable, unusable_key};
use super::open_dataset::OpenDataset;
use super::run_item::none_of;
use super::zip_parts::{Span, ZipPart, zip_parts};
use crate::deadline::in_time;
use crate::metrics;
use crate::render_image::{failure, without_options};
use crate::service::Service;
use crate::zip_upload::ZipUpload;

/// Items read in parallel.
const READ_AT_ONCE: usize = 16;
/// Parts made in parallel; those that are not copied pass through memory.
const MADE_AT_ONCE: usize = 8;
/// Memory per byte of notes: as read, as parsed, and as the files written from them.
const NOTES_FACTOR: u64 = 4;
/// Requests to run all items again, at most.
const MAX_RERUNS: u32 = 4;

/// The result of assembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assembly {
    /// The job is in this state; `None` if it was deleted.
    State(Option<JobState>),
    /// All items must run again, since a recipe mixed in unusable images.
    Again,
}

/// Assembles the zip of a job and finishes the job.
///
/// # Errors
/// The store's; a retry may help.
pub(crate) async fn assemble(service: &Service, id: &str, until: Option<Instant>) -> StoreResult<Assembly> {
    match running(service, id).await? {
        Ok(claim) => end(service, claim, until).await,
        Err(state) => Ok(Assembly::State(state)),
    }
}

/// Marks a job that the engine gave up as failed.
///
/// # Errors
/// The store's.
pub(crate) async fn give_up(service: &Service, id: &str, why: &str) -> StoreResult<Option<JobState>> {
    match running(service, id).await? {
        Ok(claim) => {
            let failure = JobError::new(FailureKind::Stopped, format!("the job stopped before it was done: {why}"));
            let outcome = without_output(&claim.job, failure);
            tracing::error!(job.id = %id, %why, "the job {id} was given up");
            finish_dataset(&service.stores, claim, &outcome).await?;
            Ok(Some(JobState::Failed))
        }
        Err(state) => Ok(state),
    }
}

/// The engine's claim of a running job, or the job's other state.
async fn running(service: &Service, id: &str) -> StoreResult<Result<DatasetClaim, Option<JobState>>> {
    match service.stores.load::<JobRecord>(id).await {
        Ok((job, version)) => {
            let state = job.state;
            Ok(DatasetClaim::of_engine(job, version).ok_or(Some(state)))
        }
        Err(StoreError::NotFound) => Ok(Err(None)),
        Err(error) => Err(error),
    }
}

/// The outcome of a job without any output.
fn without_output(job: &JobRecord, failure: JobError) -> DatasetOutcome {
    let failed_items = (0..job.items).collect();
    DatasetOutcome { result: Err(failure), failed: job.images, failures: Vec::new(), failed_items }
}

/// Finishes a claimed job whose items have all run or were given up.
///
/// # Errors
/// The store's.
pub(super) async fn end(service: &Service, claim: DatasetClaim, until: Option<Instant>) -> StoreResult<Assembly> {
    let (began, job) = (Instant::now(), claim.job.clone());
    let upload = ZipUpload::new(&*service.stores.objects, job.results_key()?);
    let late = || Err(StoreError::other("there is too little time to assemble the zip"));
    let outcome = in_time(until, assemble_zip(service, &job, &upload)).await.unwrap_or_else(late);
    upload.abort().await;
    let Some(mut outcome) = outcome? else { return Ok(Assembly::Again) };
    if let Ok((_, made)) = &mut outcome.result {
        made.store_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    }
    let state = if outcome.result.is_ok() { JobState::Ready } else { JobState::Failed };
    let written = finish_dataset(&service.stores, claim, &outcome).await?;
    if written {
        tracing::info!(job.id = %job.id, failed = outcome.failed, state = state.word(), "the job {} ended", job.id);
        (service.metrics)(&metrics::of_dataset(service.stores.now_ms(), &job, &outcome));
        if outcome.failed_items.is_empty() && outcome.result.is_ok() {
            tidy(service, &job).await;
        }
    }
    Ok(Assembly::State(Some(state)))
}

/// Removes the zips of items, which no retry needs.
async fn tidy(service: &Service, job: &JobRecord) {
    let removed = stream::iter(0..job.items)
        .map(|item| async move { service.stores.objects.delete(&job.item_zip_key(item)?).await });
    if let Err(error) = removed.buffer_unordered(READ_AT_ONCE).try_collect::<()>().await {
        // The store's lifecycle rules remove the rest.
        tracing::warn!(job.id = %job.id, %error, "items of {} were left in the store", job.id);
    }
}

/// The sum of all items.
#[derive(Default)]
struct Sum {
    notes: Notes,
    failures: Vec<JobFailure>,
    failed: u32,
    failed_items: Vec<u32>,
    unusable: Vec<String>,
    /// Items that have not run since the last unusable images were found.
    outdated: u32,
    directory: JoinedDirectory,
    /// Bytes of each item's zip before its directory.
    fronts: Vec<u64>,
    work_ms: u64,
}

/// The outcome; `None` if items must run again.
async fn assemble_zip(
    service: &Service,
    job: &JobRecord,
    upload: &ZipUpload<'_>,
) -> StoreResult<Option<DatasetOutcome>> {
    let opened = match service.open_dataset(job).await? {
        Ok(opened) => opened,
        Err(failure) => return Ok(Some(without_output(job, failure))),
    };
    let sum = match sum(service, job, &opened).await? {
        Ok(sum) => sum,
        Err(failure) => return Ok(Some(without_output(job, failure))),
    };
    if again(service, job, &opened, &sum).await? {
        return Ok(None);
    }
    let Sum { mut notes, mut failures, failed, failed_items, mut directory, fronts, work_ms, .. } = sum;
    let problems = opened.problems();
    for problem in &problems.summary().failed {
        if !failures.iter().any(|failure| failure.path == problem.source) {
            let error = without_options(&problem.error).to_owned();
            failures.push(JobFailure { path: problem.source.clone(), error, kind: FailureKind::Metadata });
        }
    }
    failures.sort_by(|a, b| a.path.cmp(&b.path));
    notes.append(problems);
    if notes.summary().outputs == 0 {
        let first = failures.first();
        let why =
            first.map_or_else(|| "no image was found".to_owned(), |first| format!("{}: {}", first.path, first.error));
        let kind = first.map_or(FailureKind::Image, |first| first.kind);
        let failure = JobError::new(kind, format!("none of {} image(s) gave an output; {why}", job.images));
        return Ok(Some(DatasetOutcome { result: Err(failure), failed, failures, failed_items }));
    }

    let (parts, rest) = zip_parts(&fronts);
    let mut end = gathered(service, job, &rest).await?;
    let summary = match last_files(&opened, notes, &mut directory, &mut end) {
        Ok(summary) => summary,
        Err(failure) => return Ok(Some(without_output(job, failure))),
    };
    end.extend_from_slice(&directory.finish());
    let bytes_after = fronts_of(&parts) + end.len() as u64;
    if !parts.is_empty() {
        upload.begun().await?;
    }
    let made = stream::iter(parts.into_iter().enumerate()).map(|(before, part)| async move {
        match part {
            ZipPart::Copied((item, range)) => upload.copy(before, &job.item_zip_key(number(item))?, range).await,
            ZipPart::Gathered(spans) => upload.put(before, gathered(service, job, &spans).await?.freeze()).await,
        }
    });
    let stored = made.buffered(MADE_AT_ONCE).try_collect().await?;
    // Another worker may have finished it in the meantime: keep its zip.
    match service.stores.load::<JobRecord>(&job.id).await {
        Ok((now, _)) if now.state != JobState::Running || !now.is_same(job) => {
            return Err(StoreError::other("another worker finished the job"));
        }
        Ok(_) | Err(StoreError::NotFound) => {}
        Err(error) => return Err(error),
    }
    upload.finish(stored, end.freeze()).await?;
    service.stores.tag(job, &job.results_key()?).await?;
    let made = Made {
        engine: ENGINE.to_owned(),
        outputs: summary.outputs as u64,
        pixels: summary.pixels,
        bytes_before: opened.found.inputs.images.iter().map(|image| image.size).sum(),
        bytes_after,
        warnings: summary.warnings as u64,
        fetch_ms: None,
        augment_ms: work_ms,
        store_ms: 0,
    };
    // The hash is unknown: the zip was joined from parts inside the store.
    let content = Content { size: bytes_after, sha256: String::new() };
    Ok(Some(DatasetOutcome { result: Ok((content, made)), failed, failures, failed_items }))
}

/// Whether all items must run again because a mixing recipe chose among unusable images. If so, the lists of unusable
/// images and of items are written. A repeated call before any item ran gives the same answer a few times.
async fn again(service: &Service, job: &JobRecord, opened: &OpenDataset, sum: &Sum) -> StoreResult<bool> {
    if !opened.mixes {
        return Ok(false);
    }
    let Unusable { mut names, asked } = unusable(&service.stores, job).await?;
    let before = names.len();
    names.extend(sum.unusable.iter().filter(|name| !opened.excluded.contains(name)).cloned());
    let repeated = sum.outdated == job.items && asked < MAX_RERUNS;
    if names.len() == before && !repeated {
        return Ok(false);
    }
    tracing::info!(job.id = %job.id, unusable = names.len(), "items of {} run again without unusable images", job.id);
    let items = JobRecord { round: 0, ..job.clone() }.items_to_run();
    service.stores.put_json(job, &job.items_key()?, &items).await?;
    service.stores.put_json(job, &unusable_key(job)?, &Unusable { names, asked: asked + 1 }).await?;
    Ok(true)
}

fn number(item: usize) -> u32 {
    u32::try_from(item).unwrap_or(u32::MAX)
}

fn fronts_of(parts: &[ZipPart]) -> u64 {
    let spans = parts.iter().flat_map(|part| match part {
        ZipPart::Copied(span) => std::slice::from_ref(span),
        ZipPart::Gathered(spans) => spans,
    });
    spans.map(|(_, span)| span.end - span.start).sum()
}

/// Reads the notes and directories of all items.
async fn sum(service: &Service, job: &JobRecord, opened: &OpenDataset) -> StoreResult<Result<Sum, JobError>> {
    let objects = &*service.stores.objects;
    let read = stream::iter(0..job.items).map(|item| async move {
        let done: Option<(ItemDone, u64)> = match read_whole(objects, &job.item_json_key(item)?).await? {
            Some(json) => Some((serde_json::from_slice(&json).map_err(StoreError::other)?, json.len() as u64)),
            None => None,
        };
        let tail = match &done {
            Some((done, _)) if done.front > 0 => {
                let left = done.size.saturating_sub(done.front);
                objects.read(&job.item_zip_key(item)?, done.front, left).await?
            }
            _ => Bytes::new(),
        };
        Ok::<_, StoreError>((item, done, tail))
    });
    let mut read = std::pin::pin!(read.buffered(READ_AT_ONCE));
    let (mut sum, mut noted) = (Sum::default(), 0);
    while let Some((item, done, tail)) = read.try_next().await? {
        noted += done.as_ref().map_or(0, |(_, bytes)| *bytes);
        if service.memory_bytes.is_some_and(|memory| noted.saturating_mul(NOTES_FACTOR) > memory) {
            let detail = "too many outputs for one zip; make fewer copies, or split the dataset into several jobs";
            return Ok(Err(JobError::new(FailureKind::Memory, detail)));
        }
        // Its worker was killed, or two workers left files that do not match.
        let whole = done.map(|(done, _)| done).filter(|done| {
            if done.excluded != opened.excluded.len() {
                sum.outdated += 1;
                return false;
            }
            done.front == 0 || sum.directory.add(&tail, done.size).is_ok_and(|front| front == done.front)
        });
        let done = whole.unwrap_or_else(|| {
            let detail = "every worker stopped before it was done";
            none_of(job, Some(opened), item, &JobError::new(FailureKind::Stopped, detail))
        });
        if !done.failures.is_empty() {
            sum.failed_items.push(item);
        }
        sum.failed += done.failed;
        sum.unusable.extend(done.unusable);
        sum.failures.extend(done.failures);
        sum.notes.append(done.notes);
        sum.fronts.push(done.front);
        sum.work_ms += done.work_ms;
    }
    Ok(Ok(sum))
}

/// Concatenated bytes of several items.
async fn gathered(service: &Service, job: &JobRecord, spans: &[Span]) -> StoreResult<BytesMut> {
    let mut all = BytesMut::new();
    for (item, span) in spans {
        let key = job.item_zip_key(number(*item))?;
        let bytes = service.stores.objects.read(&key, span.start, span.end - span.start).await?;
        if bytes.len() as u64 != span.end - span.start {
            return Err(StoreError::other("an item became shorter"));
        }
        all.extend_from_slice(&bytes);
    }
    Ok(all)
}

/// Appends the dataset-wide files and adds them to the directory.
fn last_files(
    opened: &OpenDataset,
    notes: Notes,
    directory: &mut JoinedDirectory,
    end: &mut BytesMut,
) -> Result<Summary, JobError> {
    let write = || {
        let assembler = Assembler::resume(ZipSink::new(Vec::new()), notes)?;
        let recipe = opened.run.recipe_json();
        let (sink, summary) = assembler.finish(opened.run.label_writer(), Some(&recipe))?;
        let zip = sink.finish()?;
        let front = directory.add(&zip, zip.len() as u64)?;
        end.extend_from_slice(&zip[..usize::try_from(front).unwrap_or_default()]);
        Ok(summary)
    };
    write().map_err(|error: augment_core::error::Error| failure(&error))
}
