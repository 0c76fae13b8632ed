//! Jobs of single images: a worker holds a lease, and an expired lease lets another worker take over.

use augment_api::{Content, FailureKind, Made, State};
use augment_stores_port::{Record, StoreError, StoreResult};

use crate::document::Document;
use crate::image::{ImageRecord, Lease};
use crate::lists::JOB_LIST;
use crate::stores::Stores;

/// Attempts before a job counts as one that kills its worker.
pub const MAX_ATTEMPTS: u32 = 3;
/// Jobs checked in one search for a free one.
const LOOKED_AT: usize = 100;
/// Retries of a claim after another writer changed the image.
const MAX_TRIES: usize = 20;

/// A claimed job, held until the lease expires.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The image; `state` is `augmenting`, or stays `ready` if only thumbnails are missing.
    pub image: ImageRecord,
    version: u64,
}

impl Claim {
    /// Whether the recipe runs, not only the thumbnails.
    #[must_use]
    pub fn runs_recipe(&self) -> bool {
        self.image.state == State::Augmenting
    }
}

/// The result of claiming one image's job.
#[derive(Clone, Debug, PartialEq)]
pub enum Claimed {
    /// The caller holds the job.
    Mine(Box<Claim>),
    /// Another worker holds it.
    Busy,
    /// It was started too often; the image is now marked as failed.
    GivenUp,
    /// There is no such image, or it has no job.
    Nothing,
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobError {
    /// For programs.
    pub kind: FailureKind,
    /// For the user: one line, lower case, no period.
    pub detail: String,
}

impl JobError {
    /// A failure.
    pub fn new(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

impl std::fmt::Display for JobError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

/// The outcome of a job. Its objects are already in the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageOutcome {
    /// Width and height of the image as displayed, if it could be read.
    pub frame: Option<(u32, u32)>,
    /// Whether thumbnails exist.
    pub thumbnails: bool,
    /// The results zip and how it was made, or why there is none; `None` if no recipe ran.
    pub results: Option<Result<(Content, Made), JobError>>,
}

impl ImageOutcome {
    /// A job that failed before it made anything.
    #[must_use]
    pub fn failed(failure: JobError) -> Self {
        Self { results: Some(Err(failure)), ..Self::default() }
    }
}

/// The state of an image's job lease.
enum LeaseState {
    Free(ImageRecord),
    Exhausted(ImageRecord),
    Busy,
    Nothing,
}

/// The lease state, with the record as a claim will write it.
fn lease_state(stores: &Stores, record: &Record, lease_seconds: u64) -> StoreResult<LeaseState> {
    let mut image = ImageRecord::from_record(record)?;
    let now = stores.now();
    let Some(job) = image.job else { return Ok(LeaseState::Nothing) };
    if job.lease_until > now {
        return Ok(LeaseState::Busy);
    }
    image.updated_ms = stores.now_ms();
    if job.attempts < MAX_ATTEMPTS {
        let holder = getrandom::u64().map_err(StoreError::other)?;
        image.job = Some(Lease { attempts: job.attempts + 1, lease_until: now + lease_seconds, holder });
        if image.state == State::Uploaded {
            image.state = State::Augmenting;
        }
        return Ok(LeaseState::Free(image));
    }
    image.job = None;
    if matches!(image.state, State::Uploaded | State::Augmenting) {
        image.state = State::Failed;
        // A returned job carries the last error.
        let why = image.error.take().map(|why| format!("; the last time: {why}")).unwrap_or_default();
        image.error = Some(format!("the job stopped {MAX_ATTEMPTS} times before it was done{why}"));
        image.error_kind = Some(FailureKind::Stopped);
    }
    Ok(LeaseState::Exhausted(image))
}

/// Claims the job of one image.
///
/// # Errors
/// The store's.
pub async fn claim_one(stores: &Stores, id: &str, lease_seconds: u64) -> StoreResult<Claimed> {
    for _ in 0..MAX_TRIES {
        let record = match stores.records.get(&ImageRecord::record_key(id)).await {
            Ok(record) => record,
            Err(StoreError::NotFound) => return Ok(Claimed::Nothing),
            Err(error) => return Err(error),
        };
        let version = record.version + 1;
        let (image, exhausted) = match lease_state(stores, &record, lease_seconds)? {
            LeaseState::Free(image) => (image, false),
            LeaseState::Exhausted(image) => (image, true),
            LeaseState::Busy => return Ok(Claimed::Busy),
            LeaseState::Nothing => return Ok(Claimed::Nothing),
        };
        match stores.records.replace(image.to_record(version)?).await {
            Ok(()) if exhausted => return Ok(Claimed::GivenUp),
            Ok(()) => return Ok(Claimed::Mine(Box::new(Claim { image, version }))),
            Err(StoreError::Precondition) => {}
            Err(StoreError::NotFound) => return Ok(Claimed::Nothing),
            Err(error) => return Err(error),
        }
    }
    Ok(Claimed::Busy)
}

/// Claims the oldest job that waits or whose lease has expired.
///
/// # Errors
/// The store's.
pub async fn claim(stores: &Stores, lease_seconds: u64) -> StoreResult<Option<Claim>> {
    // Held ones come first too, but there are never more than workers.
    for record in &stores.records.oldest(JOB_LIST, LOOKED_AT).await? {
        let (image, exhausted) = match lease_state(stores, record, lease_seconds)? {
            LeaseState::Free(image) => (image, false),
            LeaseState::Exhausted(image) => (image, true),
            LeaseState::Busy | LeaseState::Nothing => continue,
        };
        let version = record.version + 1;
        match stores.records.replace(image.to_record(version)?).await {
            Ok(()) if exhausted => {}
            Ok(()) => return Ok(Some(Claim { image, version })),
            // Another worker was faster: try the next job.
            Err(StoreError::Precondition | StoreError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Ends all leases. For the only process of a store as it starts: every earlier holder is dead.
///
/// # Errors
/// The store's.
pub async fn release_all(stores: &Stores) -> StoreResult<()> {
    release(stores, JOB_LIST, |image: &mut ImageRecord| &mut image.job).await
}

/// Ends the leases of every document in a list.
pub(crate) async fn release<T: Document>(
    stores: &Stores,
    list: &str,
    lease: impl Fn(&mut T) -> &mut Option<Lease>,
) -> StoreResult<()> {
    let now = stores.now();
    let mut before = None;
    loop {
        let page = stores.records.list(list, before.as_deref(), LOOKED_AT).await?;
        for record in &page.records {
            let mut document = T::from_record(record)?;
            let Some(held) = lease(&mut document).as_mut().filter(|held| held.lease_until > now) else { continue };
            held.lease_until = now;
            stores.records.replace(document.to_record(record.version + 1)?).await?;
        }
        before = page.records.last().map(|record| record.sort.clone());
        if !page.more {
            return Ok(());
        }
    }
}

/// Returns a job that could not be finished for no fault of its own, so that the next worker need not wait for the lease
/// to expire. The attempt does not count.
///
/// # Errors
/// The store's.
pub async fn give_back(stores: &Stores, claim: Claim, why: &str) -> StoreResult<()> {
    let now = stores.now();
    let attempts = claim.image.job.map_or(0, |job| job.attempts.saturating_sub(1));
    let changed = change(stores, claim, |image| {
        image.job = image.job.map(|job| Lease { attempts, lease_until: now, ..job });
        if image.state == State::Augmenting {
            image.error = Some(why.to_owned());
        }
    });
    changed.await.map(drop)
}

/// Whether a claimed image is still there and its job not another worker's.
///
/// # Errors
/// The store's.
pub async fn is_held(stores: &Stores, claim: &Claim) -> StoreResult<bool> {
    match stores.load::<ImageRecord>(&claim.image.id).await {
        Ok((now, _)) => Ok(now.job == claim.image.job && now.is_same(&claim.image)),
        Err(StoreError::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Ends a claim without an outcome. If the image was deleted, its new objects are removed.
///
/// # Errors
/// The store's.
pub async fn abandon(stores: &Stores, claim: Claim) -> StoreResult<()> {
    match stores.load::<ImageRecord>(&claim.image.id).await {
        Ok((now, _)) if now.is_same(&claim.image) => Ok(()),
        Ok(_) | Err(StoreError::NotFound) => stores.remove_made(&claim.image).await,
        Err(error) => Err(error),
    }
}

/// Writes the outcome of a job. If the image was deleted in the meantime, its new objects are removed.
///
/// # Errors
/// The store's.
pub async fn finish(stores: &Stores, claim: Claim, outcome: &ImageOutcome) -> StoreResult<()> {
    let image = claim.image.clone();
    let written = change(stores, claim, |image| {
        image.job = None;
        image.thumbnail |= outcome.thumbnails;
        image.frame = outcome.frame.or(image.frame);
        if image.state != State::Augmenting {
            // An image without thumbnails is still usable.
            return;
        }
        match &outcome.results {
            Some(Ok((content, made))) => {
                image.state = State::Ready;
                image.error = None;
                image.error_kind = None;
                image.results = Some(content.clone());
                image.made = Some(made.clone());
            }
            Some(Err(failure)) => {
                image.state = State::Failed;
                image.error = Some(failure.detail.clone());
                image.error_kind = Some(failure.kind);
            }
            None => {}
        }
    });
    if written.await? { Ok(()) } else { stores.remove_made(&image).await }
}

/// Changes the image if the claim still holds; `false` if the image was deleted.
async fn change(stores: &Stores, claim: Claim, mut alter: impl FnMut(&mut ImageRecord)) -> StoreResult<bool> {
    let lease = claim.image.job;
    let (mut image, mut version) = (claim.image, claim.version);
    loop {
        alter(&mut image);
        image.updated_ms = stores.now_ms();
        match stores.records.replace(image.to_record(version + 1)?).await {
            Ok(()) => return Ok(true),
            Err(StoreError::NotFound) => return Ok(false),
            Err(StoreError::Precondition) => {}
            Err(error) => return Err(error),
        }
        match stores.load::<ImageRecord>(&image.id).await {
            // The id now belongs to another image.
            Ok((newer, _)) if !newer.is_same(&image) => return Ok(false),
            // Another worker took over.
            Ok((newer, _)) if newer.job != lease => return Ok(true),
            Ok(newer) => (image, version) = newer,
            Err(StoreError::NotFound) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
}
