//! Runs one image's job: fetch, render, upload, write the outcome.

use std::time::{Duration, Instant};

use augment_api::{Content, FailureKind, Made, ObjectName, State};
use augment_core::pipeline::ENGINE;
use augment_records::ImageRecord;
use augment_records::jobs::{self, Claim, ImageOutcome, JobError};
use augment_stores_port::{ObjectStore, StoreError, StoreResult};
use futures_util::future::{Either, select, try_join_all};

use crate::attempt::Attempt;
use crate::memory_limit;
use crate::metrics;
use crate::render_image::{ImageTask, RenderedImage, render_image};
use crate::service::Service;
use crate::stopping::Stopping;
use crate::thumbnails::Thumbnail;

/// How often to check whether the image was deleted.
const CHECK_EVERY: Duration = Duration::from_secs(2);
/// Pause after a store failure.
const PAUSE: Duration = Duration::from_secs(5);

/// Bytes per read of an original.
pub const READ_BYTES: u64 = 16 << 20;

/// The result of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobReport {
    /// The image's id.
    pub id: String,
    /// Its new state.
    pub state: State,
    /// Why it failed, if it did.
    pub failure: Option<JobError>,
    /// How the results were made, if they were.
    pub made: Option<Made>,
}

/// Runs a claimed job and writes its outcome, before `until`.
///
/// # Errors
/// The store's; then the job is returned for the next worker.
pub async fn run(service: &Service, claim: Claim, until: Option<Instant>) -> StoreResult<JobReport> {
    let began = Instant::now();
    let id = claim.image.id.clone();
    let stores = &service.stores;
    let attempted = attempt(service, &claim, until).await;
    if matches!(attempted, Err(StoreError::NotFound)) && !jobs::is_held(stores, &claim).await? {
        tracing::info!(image.id = %id, "the image {id} was deleted, or another worker has its job");
        let state = claim.image.state;
        jobs::abandon(stores, claim).await?;
        return Ok(JobReport { id, state, failure: None, made: None });
    }
    match attempted {
        Ok(outcome) => {
            let ended = ended(&claim, &outcome);
            jobs::finish(stores, claim, &outcome).await?;
            let failed = ended.failure.as_ref();
            tracing::info!(
                image.id = %id,
                duration_ms = began.elapsed().as_secs_f64() * 1000.0,
                failure = failed.map_or("none", |failure| failure.kind.word()),
                "the job of {id} ended"
            );
            (service.metrics)(&metrics::of_job(stores.now_ms(), failed, ended.made.as_ref(), began.elapsed()));
            Ok(ended)
        }
        Err(error) => {
            if service.stopping.is_stopping() {
                tracing::info!(image.id = %id, "the job of {id} was returned, since the service stops");
            } else {
                tracing::error!(image.id = %id, %error, "the job of {id} failed with a store error and was returned");
            }
            give_back(service, claim, until).await;
            Err(error)
        }
    }
}

/// Returns a job, trying for as long as there is time and it is held: if the lease expired, the attempt would count.
async fn give_back(service: &Service, claim: Claim, until: Option<Instant>) {
    let held_until = claim.image.job.map_or(0, |job| job.lease_until);
    while let Err(error) = jobs::give_back(&service.stores, claim.clone(), "the store failed").await {
        tracing::error!(image.id = %claim.image.id, %error, "the job could not be returned");
        let is_late = until.is_some_and(|until| Instant::now() + PAUSE > until);
        if is_late || service.stopping.is_stopping() || service.stores.now() >= held_until {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn ended(claim: &Claim, outcome: &ImageOutcome) -> JobReport {
    let (state, failure, made) = match &outcome.results {
        Some(Ok((_, made))) => (State::Ready, None, Some(made.clone())),
        Some(Err(failure)) => (State::Failed, Some(failure.clone()), None),
        None => (claim.image.state, None, None),
    };
    JobReport { id: claim.image.id.clone(), state, failure, made }
}

async fn attempt(service: &Service, claim: &Claim, until: Option<Instant>) -> StoreResult<ImageOutcome> {
    let attempt = Attempt::new(&*service.stores.objects, claim.image.key(ObjectName::Results)?, until);
    let late = || {
        let detail = "a job has too little time for this image; make fewer copies, or use a smaller image";
        failed(claim, JobError::new(FailureKind::Time, detail))
    };
    let work = std::pin::pin!(attempt.run(render_and_upload(service, claim, &attempt), late));
    let interrupted = std::pin::pin!(interrupted(service, claim));
    let outcome = match select(work, interrupted).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right((why, _)) => Err(why),
    };
    attempt.end().await;
    outcome
}

/// Waits until the image is deleted, the job is another worker's, or the service stops.
async fn interrupted(service: &Service, claim: &Claim) -> StoreError {
    let lost = async {
        loop {
            tokio::time::sleep(CHECK_EVERY).await;
            // A failing store is no reason to stop.
            if matches!(jobs::is_held(&service.stores, claim).await, Ok(false)) {
                return StoreError::NotFound;
            }
        }
    };
    match select(std::pin::pin!(lost), std::pin::pin!(service.stopping.stopped())).await {
        Either::Left((why, _)) => why,
        Either::Right(_) => Stopping::error(),
    }
}

/// The outcome of a failure; only thumbnails are missing if no recipe runs.
fn failed(claim: &Claim, failure: JobError) -> ImageOutcome {
    ImageOutcome { results: claim.runs_recipe().then_some(Err(failure)), ..ImageOutcome::default() }
}

async fn render_and_upload(service: &Service, claim: &Claim, attempt: &Attempt<'_>) -> StoreResult<ImageOutcome> {
    let image = &claim.image;
    let objects = &*service.stores.objects;
    let began = Instant::now();
    if let Err(failure) = memory_limit::check(service.memory_bytes, image.size, 0) {
        return Ok(failed(claim, failure));
    }
    let bytes = match fetch(objects, image).await? {
        Ok(bytes) => bytes,
        Err(failure) => return Ok(failed(claim, failure)),
    };
    let fetched = began.elapsed();

    let task = ImageTask {
        filename: image.filename.clone(),
        recipe: claim.runs_recipe().then(|| image.recipe.clone()),
        most_bytes: service.limits.max_results_bytes,
        memory: service.memory_bytes,
    };
    let (stored, rendered) = attempt.render(move |writer, pace| render_image(&task, bytes, writer, pace)).await?;
    let worked_for = began.elapsed() - fetched;
    let Some(RenderedImage { frame, thumbnails, zip }) = rendered else {
        return Ok(failed(claim, JobError::new(FailureKind::Fault, "internal error; please report it")));
    };

    let storing = Instant::now();
    let have_thumbnails = !thumbnails.is_empty();
    put_thumbnails(objects, image, thumbnails).await?;
    let results = match zip {
        None => None,
        Some(Err(failure)) => Some(Err(failure)),
        Some(Ok((summary, tail))) => {
            attempt.finish(stored, tail.bytes).await?;
            objects.set_retention(&image.key(ObjectName::Results)?, image.retention.word()).await?;
            let content = Content { size: tail.size, sha256: hex::encode(tail.sha256) };
            let made = Made {
                engine: ENGINE.to_owned(),
                outputs: summary.outputs as u64,
                pixels: summary.pixels,
                bytes_before: image.size,
                bytes_after: tail.size,
                warnings: summary.warnings as u64,
                fetch_ms: Some(ms(fetched)),
                augment_ms: ms(worked_for),
                store_ms: ms(storing.elapsed()),
            };
            Some(Ok((content, made)))
        }
    };
    Ok(ImageOutcome { frame, thumbnails: have_thumbnails, results })
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Reads the original in pieces into one buffer.
async fn fetch(objects: &dyn ObjectStore, image: &ImageRecord) -> StoreResult<Result<Vec<u8>, JobError>> {
    let key = image.key(ObjectName::Original)?;
    let missing = |detail: &str| Ok(Err(JobError::new(FailureKind::Missing, detail)));
    let mut bytes = Vec::with_capacity(usize::try_from(image.size).unwrap_or_default());
    while (bytes.len() as u64) < image.size {
        let left = image.size - bytes.len() as u64;
        match objects.read(&key, bytes.len() as u64, left.min(READ_BYTES)).await {
            Ok(piece) if piece.is_empty() => break,
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(StoreError::NotFound) => return missing("the image is no longer in the store"),
            Err(error) => return Err(error),
        }
    }
    if augment_core::digest::Digest::of(&bytes).to_hex() != image.sha256 {
        return missing("the image in the store has changed; upload it again");
    }
    Ok(Ok(bytes))
}

async fn put_thumbnails(objects: &dyn ObjectStore, image: &ImageRecord, thumbnails: Vec<Thumbnail>) -> StoreResult<()> {
    let mut puts = Vec::with_capacity(thumbnails.len());
    for Thumbnail { name, content_type, bytes } in thumbnails {
        let key = image.thumbnail_named(name)?;
        puts.push(async move {
            objects.put(&key, content_type, bytes.into()).await?;
            objects.set_retention(&key, image.retention.word()).await
        });
    }
    try_join_all(puts).await.map(drop)
}
