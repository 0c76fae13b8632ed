//! Jobs of the server: who runs one has it alone for a while, and a dead one's job is taken over.

use augment_api::{Content, State};
use augment_stores_port::StoreError;

use crate::image::{Job, Stored, record_key};
use crate::lists::JOB_LIST;
use crate::stores::Stores;

/// Times that a job is begun before it counts as one that kills whoever runs it.
const MOST_ATTEMPTS: u32 = 3;
/// Jobs looked at for one that can be claimed.
const LOOKED_AT: usize = 100;

/// A job that is one's own until the lease ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The image; `state` is `augmenting`, or stays `ready` where only the thumbnail is missing.
    pub image: Stored,
    version: u64,
}

impl Claim {
    /// Whether the recipe is to be run, not only the thumbnail made.
    #[must_use]
    pub fn runs_recipe(&self) -> bool {
        self.image.state == State::Augmenting
    }
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Objects are in the store: the zip, where the recipe was run, and perhaps a thumbnail.
    Done {
        /// The zip of results.
        results: Option<Content>,
        /// Whether there is a thumbnail.
        thumbnail: bool,
    },
    /// It cannot be done; why, in words for the user.
    Failed(String),
}

/// Claims the oldest waiting job, or one whose holder let its lease end.
///
/// # Errors
/// The store's.
pub async fn claim(stores: &Stores, lease_seconds: u64) -> Result<Option<Claim>, StoreError> {
    let now = stores.now();
    // The list is newest first; the last of what is seen is the one that waited longest.
    let waiting = stores.records.list(JOB_LIST, None, LOOKED_AT).await?;
    for record in waiting.records.iter().rev() {
        let mut image = Stored::from_record(record)?;
        let Some(job) = image.job.filter(|job| job.lease_until <= now) else { continue };
        let exhausted = job.attempts >= MOST_ATTEMPTS;
        if exhausted {
            image.job = None;
            if matches!(image.state, State::Uploaded | State::Augmenting) {
                image.state = State::Failed;
                image.error = Some(format!("the job stopped {MOST_ATTEMPTS} times before it was done"));
            }
        } else {
            image.job = Some(Job { attempts: job.attempts + 1, lease_until: now + lease_seconds });
            if image.state == State::Uploaded {
                image.state = State::Augmenting;
            }
        }
        image.updated_ms = stores.now_ms();
        let version = record.version + 1;
        match stores.records.replace(image.to_record(version)?).await {
            Ok(()) if exhausted => {}
            Ok(()) => return Ok(Some(Claim { image, version })),
            // Somebody else was faster: the next one, then.
            Err(StoreError::Precondition | StoreError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Ends all leases: for the one process of a store, as it starts, every holder before it is dead.
///
/// # Errors
/// The store's.
pub async fn release_all(stores: &Stores) -> Result<(), StoreError> {
    let now = stores.now();
    let mut before = None;
    loop {
        let page = stores.records.list(JOB_LIST, before.as_deref(), LOOKED_AT).await?;
        for record in &page.records {
            let mut image = Stored::from_record(record)?;
            let Some(job) = image.job.filter(|job| job.lease_until > now) else { continue };
            image.job = Some(Job { lease_until: now, ..job });
            stores.records.replace(image.to_record(record.version + 1)?).await?;
        }
        before = page.records.last().map(|record| record.sort.clone());
        if !page.more {
            return Ok(());
        }
    }
}

/// Writes down what came of a job. Where the image was deleted meanwhile, what the job put goes, too.
///
/// # Errors
/// The store's.
pub async fn finish(stores: &Stores, claim: Claim, outcome: &Outcome) -> Result<(), StoreError> {
    let lease = claim.image.job;
    let (mut image, mut version) = (claim.image, claim.version);
    loop {
        let ran = image.state == State::Augmenting;
        image.job = None;
        image.updated_ms = stores.now_ms();
        match outcome {
            Outcome::Done { results, thumbnail } => {
                image.thumbnail |= *thumbnail;
                if ran {
                    image.state = State::Ready;
                    image.error = None;
                    image.results.clone_from(results);
                }
            }
            Outcome::Failed(why) if ran => {
                image.state = State::Failed;
                image.error = Some(why.clone());
            }
            // A picture without a thumbnail is still a picture.
            Outcome::Failed(_) => {}
        }
        match stores.records.replace(image.to_record(version + 1)?).await {
            Ok(()) => return Ok(()),
            Err(StoreError::NotFound) => return stores.remove_objects(&image).await,
            Err(StoreError::Precondition) => {}
            Err(error) => return Err(error),
        }
        match stores.records.get(&record_key(&image.id)).await {
            Ok(record) => {
                let newer = Stored::from_record(&record)?;
                // Another holder has taken the job over, or the id is another image's by now: its word counts.
                if newer.job != lease || newer.created_ms != image.created_ms {
                    return Ok(());
                }
                (image, version) = (newer, record.version);
            }
            Err(StoreError::NotFound) => return stores.remove_objects(&image).await,
            Err(error) => return Err(error),
        }
    }
}
