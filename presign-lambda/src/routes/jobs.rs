//! `/v1/jobs`: one recipe over a dataset of uploads: create, start, get, retry, delete.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use augment_api::{
    Cursor, FieldError, JobFilter, JobPage, JobReservation, JobState, NewJob, Problem, ProblemKind, State as ImageState,
};
use augment_records::dataset::{DatasetImage, JobRecord};
use augment_records::{Document, ImageRecord, dataset_list, seeded};
use augment_stores_port::StoreError;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};

use super::files::{link, zip_name};
use super::uploads::{charge, random_id, rules, target_of};
use super::verify_upload::{self, ExpectedObject};
use super::{MAX_TRIES, busy, unreserve};
use crate::app::App;
use crate::budget::{self, Usage};
use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::extract::{Id, JobBody, Json, Parameters};
use crate::observe::ReservedBytes;

/// Uploads loaded in parallel.
const AT_ONCE: usize = 32;

/// Creates a job; without labels it starts at once.
pub(crate) async fn make(State(app): State<Arc<App>>, caller: Caller, JobBody(body): JobBody) -> ApiResult<Response> {
    let owner = caller.signed_in()?.to_owned();
    let mut new = NewJob::check(&body, &app.settings.limits)?;
    new.recipe = seeded(new.recipe).map_err(ApiError::store)?;
    let images = images(&app, &caller, &new).await?;
    let bytes = images.iter().map(|image| image.size).sum();
    let (mut job, version) = reserve(&app, &caller, &owner, new, bytes).await?;
    // Written only after the id is reserved, so another job's objects are never overwritten.
    let stores = app.stores();
    put_images(&app, &job, &images).await.map_err(ApiError::store)?;
    if job.labels.is_none() {
        job.run((app.clock)());
    }
    // If it was deleted in the meantime, remove its objects.
    match app.records.replace(job.to_record(version + 1).map_err(ApiError::store)?).await {
        Ok(()) => {}
        Err(StoreError::NotFound | StoreError::Precondition) => {
            if matches!(stores.load::<JobRecord>(&job.id).await, Err(StoreError::NotFound)) {
                stores.remove_job_objects(&job).await.map_err(ApiError::store)?;
            }
            let detail = "the job was changed or deleted while it was created; get it, or try again";
            return Err(ApiError::new(ProblemKind::WrongState, detail));
        }
        Err(error) => return Err(ApiError::store(error)),
    }
    if job.state == JobState::Running {
        (app.wake)();
    }
    let labels = match &job.labels {
        None => None,
        Some(content) => {
            let key = job.labels_key().map_err(ApiError::store)?;
            let signed = app.signer.put(&key, &rules(&app, content, Some("application/zip"))?);
            Some(target_of(signed.map_err(ApiError::store)?))
        }
    };
    let promised = ReservedBytes(job.labels.as_ref().map_or(0, |labels| labels.size));
    let reservation = JobReservation { job: job.shown(0), labels };
    let mut response = (StatusCode::CREATED, Json(reservation)).into_response();
    response.extensions_mut().insert(promised);
    Ok(response)
}

/// The complete uploads with these ids that the caller may see.
async fn uploads(app: &Arc<App>, caller: &Caller, ids: BTreeSet<String>) -> ApiResult<BTreeMap<String, ImageRecord>> {
    let mut uploads: BTreeMap<String, ImageRecord> = BTreeMap::new();
    let load = |id: String| {
        let app = Arc::clone(app);
        async move { app.stores().load(&id).await }
    };
    let mut loads = stream::iter(ids).map(load).buffer_unordered(AT_ONCE);
    while let Some(loaded) = loads.next().await {
        match loaded {
            Ok((image, _)) if has_arrived(&image) && image.visible_to(caller.owner()) => {
                uploads.insert(image.id.clone(), image);
            }
            Ok(_) | Err(StoreError::NotFound) => {}
            Err(error) => return Err(ApiError::store(error)),
        }
    }
    Ok(uploads)
}

/// The images of a job by path; each must be a complete upload that the caller may see.
async fn images(app: &Arc<App>, caller: &Caller, new: &NewJob) -> ApiResult<Vec<DatasetImage>> {
    let uploads = uploads(app, caller, new.images.iter().map(|image| image.id.clone()).collect()).await?;
    let found: Vec<Option<&ImageRecord>> = new.images.iter().map(|image| uploads.get(&image.id)).collect();
    let unknown: Vec<usize> = (0..found.len()).filter(|at| found[*at].is_none()).collect();
    if !unknown.is_empty() {
        return Err(NewJob::unknown(&unknown).into());
    }
    let found: Vec<&ImageRecord> = found.into_iter().flatten().collect();
    let names: Vec<&str> = found.iter().map(|image| image.filename.as_str()).collect();
    let paths = new.paths(&names)?;
    let mut images = Vec::with_capacity(paths.len());
    for (image, path) in found.into_iter().zip(paths) {
        let key = image.key(augment_api::ObjectName::Original).map_err(ApiError::store)?.name().to_owned();
        images.push(DatasetImage { id: image.id.clone(), path, key, size: image.size, sha256: image.sha256.clone() });
    }
    images.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(images)
}

/// Whether an upload is complete and has a hash.
fn has_arrived(image: &ImageRecord) -> bool {
    image.state != ImageState::Pending && !image.sha256.is_empty()
}

/// Reserves the job's id and charges the budget. The job waits at first so that no worker takes it yet.
async fn reserve(app: &Arc<App>, caller: &Caller, owner: &str, new: NewJob, bytes: u64) -> ApiResult<(JobRecord, u64)> {
    let requested = new.id.clone();
    let job = JobRecord::new(String::new(), owner, new, bytes, (app.clock)());
    let mut job = job.map_err(ApiError::store)?;
    for _ in 0..5 {
        job.id = match &requested {
            Some(id) => id.clone(),
            None => random_id()?,
        };
        match app.records.create(job.to_record(1).map_err(ApiError::store)?).await {
            Ok(()) => {
                let promised = job.labels.as_ref().map_or(0, |labels| labels.size);
                charge(app, caller, &JobRecord::record_key(&job.id), promised, true).await?;
                return Ok((job, 1));
            }
            Err(StoreError::AlreadyExists) if requested.is_none() => {}
            Err(StoreError::AlreadyExists) => {
                let detail = format!("the job {} already exists; get it, or choose another id", job.id);
                let error = FieldError::new("/id", detail);
                return Err(Problem::of_fields(vec![(ProblemKind::IdTaken, error)]).into());
            }
            Err(error) => return Err(ApiError::store(error)),
        }
    }
    Err(ApiError::new(ProblemKind::Unavailable, "no free id was found; try again"))
}

/// Writes the lists of images and items for the workers.
async fn put_images(app: &Arc<App>, job: &JobRecord, images: &[DatasetImage]) -> Result<(), StoreError> {
    let stores = app.stores();
    stores.put_json(job, &job.images_key()?, &images).await?;
    stores.put_json(job, &job.items_key()?, &job.items_to_run()).await
}

pub(crate) async fn start(State(app): State<Arc<App>>, caller: Caller, Id(id): Id) -> ApiResult<Response> {
    for _ in 0..MAX_TRIES {
        let (mut job, version) = own(&app, &caller, &id).await?;
        if job.state != JobState::Waiting {
            return accepted(&app, &job).await;
        }
        if let Some(content) = job.labels.clone() {
            let key = job.labels_key().map_err(ApiError::store)?;
            let (what, pointer) = ("the zip of labels", "/labels");
            let announced = ExpectedObject { key, content, image: None, retention: job.retention, what, pointer };
            verify_upload::check(&app, &announced).await?;
        }
        match app.objects.head(&job.items_key().map_err(ApiError::store)?).await {
            Ok(_) => {}
            Err(StoreError::NotFound) => {
                let detail = "the job was not fully created; delete it and create it again";
                return Err(ApiError::new(ProblemKind::WrongState, detail));
            }
            Err(error) => return Err(ApiError::store(error)),
        }
        job.run((app.clock)());
        if replaced(&app, &job, version).await? {
            (app.wake)();
            return accepted(&app, &job).await;
        }
    }
    Err(busy())
}

pub(crate) async fn retry(State(app): State<Arc<App>>, caller: Caller, Id(id): Id) -> ApiResult<Response> {
    let can_run = |job: &JobRecord| match job.state {
        JobState::Failed => Ok(()),
        JobState::Ready if job.failed > 0 => Ok(()),
        JobState::Ready => Err(ApiError::new(ProblemKind::WrongState, "nothing failed, so there is nothing to retry")),
        JobState::Waiting => Err(ApiError::new(ProblemKind::WrongState, "the job has not started; start it first")),
        JobState::Running => Err(ApiError::new(ProblemKind::Running, "the job is running; wait until it ends")),
    };
    // Checked first, so that an impossible request costs no budget.
    can_run(&own(&app, &caller, &id).await?.0)?;
    budget::spend(&app, &caller, Usage::Job).await?;
    for _ in 0..MAX_TRIES {
        let (mut job, version) = own(&app, &caller, &id).await?;
        can_run(&job)?;
        find_again(&app, &caller, &job).await?;
        job.run_again((app.clock)());
        // Written before the record, since the worker reads it. A losing writer wrote the same list.
        let key = job.items_key().map_err(ApiError::store)?;
        app.stores().put_json(&job, &key, &job.items_to_run()).await.map_err(ApiError::store)?;
        if replaced(&app, &job, version).await? {
            (app.wake)();
            return accepted(&app, &job).await;
        }
    }
    Err(busy())
}

/// Finds images that failed where they are now: they may have been uploaded again.
async fn find_again(app: &Arc<App>, caller: &Caller, job: &JobRecord) -> ApiResult<()> {
    let (stores, key) = (app.stores(), job.images_key().map_err(ApiError::store)?);
    let mut images: Vec<DatasetImage> = match stores.get_json(&key).await {
        Ok(images) => images,
        // A worker reports it.
        Err(StoreError::NotFound) => return Ok(()),
        Err(error) => return Err(ApiError::store(error)),
    };
    let failed: BTreeSet<usize> =
        job.failed_items.iter().flat_map(|item| job.images_of(*item)).map(|image| image as usize).collect();
    let ids = failed.iter().filter_map(|at| images.get(*at)).map(|image| image.id.clone()).collect();
    let uploads = uploads(app, caller, ids).await?;
    let mut moved = false;
    for (_, image) in images.iter_mut().enumerate().filter(|(at, _)| failed.contains(at)) {
        let Some(upload) = uploads.get(&image.id).filter(|upload| upload.sha256 == image.sha256) else { continue };
        let key = upload.key(augment_api::ObjectName::Original).map_err(ApiError::store)?;
        moved |= key.name() != image.key;
        key.name().clone_into(&mut image.key);
    }
    if moved {
        stores.put_json(job, &key, &images).await.map_err(ApiError::store)?;
    }
    Ok(())
}

/// Replaces a job's record; `false` if another writer was faster. If the job was deleted, its new objects are removed.
async fn replaced(app: &Arc<App>, job: &JobRecord, version: u64) -> ApiResult<bool> {
    match app.records.replace(job.to_record(version + 1).map_err(ApiError::store)?).await {
        Ok(()) => Ok(true),
        Err(StoreError::Precondition) => Ok(false),
        Err(StoreError::NotFound) => {
            app.stores().remove_job_objects(job).await.map_err(ApiError::store)?;
            Err(not_found())
        }
        Err(error) => Err(ApiError::store(error)),
    }
}

async fn accepted(app: &Arc<App>, job: &JobRecord) -> ApiResult<Response> {
    Ok((StatusCode::ACCEPTED, Json(shown(app, job).await?)).into_response())
}

pub(crate) async fn get(State(app): State<Arc<App>>, caller: Caller, Id(id): Id) -> ApiResult<Response> {
    let (job, _) = own(&app, &caller, &id).await?;
    Ok(Json(shown(&app, &job).await?).into_response())
}

pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Parameters(parameters): Parameters,
) -> ApiResult<Response> {
    let owner = caller.signed_in()?;
    let filter = JobFilter::check(&parameters)?;
    let before = filter.cursor.map(|cursor| format!("{:013}{}", cursor.created_ms, cursor.id));
    let limit = filter.limit as usize;
    let listed = app.records.list(&dataset_list(owner), before.as_deref(), limit).await.map_err(ApiError::store)?;
    let mut page = JobPage::default();
    for record in &listed.records {
        let job = JobRecord::from_record(record).map_err(ApiError::store)?;
        page.jobs.push(shown(&app, &job).await?);
    }
    if let (true, Some(last)) = (listed.more, listed.records.last()) {
        page.next_cursor = Cursor::parse(&format!("c{}", last.sort)).ok().map(|cursor| cursor.to_string());
    }
    Ok(Json(page).into_response())
}

pub(crate) async fn results(
    State(app): State<Arc<App>>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let (job, _) = own(&app, &caller, &id).await?;
    let name = zip_name(job.results.as_ref(), job.title.as_deref().unwrap_or(&job.id))?;
    link(&app, &headers, &job.results_key().map_err(ApiError::store)?, Some(&name))
}

pub(crate) async fn delete(State(app): State<Arc<App>>, caller: Caller, Id(id): Id) -> ApiResult<Response> {
    for _ in 0..MAX_TRIES {
        let (mut job, version) = own(&app, &caller, &id).await?;
        job.bury();
        if replaced(&app, &job, version).await? {
            app.stores().remove_job(&job).await.map_err(ApiError::store)?;
            unreserve(&app, &JobRecord::record_key(&id), version + 1).await?;
            // A worker may have written one more object; later ones find the job deleted.
            app.stores().remove_job_objects(&job).await.map_err(ApiError::store)?;
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
    }
    Err(busy())
}

/// The API view of a job.
async fn shown(app: &Arc<App>, job: &JobRecord) -> ApiResult<augment_api::Job> {
    let ended = match job.state {
        JobState::Running => app.stores().images_ended(job).await.map_err(ApiError::store)?,
        JobState::Waiting | JobState::Ready | JobState::Failed => 0,
    };
    Ok(job.shown(ended))
}

/// The caller's job with its version. Jobs of others look missing.
async fn own(app: &Arc<App>, caller: &Caller, id: &str) -> ApiResult<(JobRecord, u64)> {
    caller.signed_in()?;
    match app.stores().load::<JobRecord>(id).await {
        Ok((job, version)) if caller.owns(&job.owner) => Ok((job, version)),
        Ok(_) | Err(StoreError::NotFound) => Err(not_found()),
        Err(error) => Err(ApiError::store(error)),
    }
}

fn not_found() -> ApiError {
    ApiError::new(ProblemKind::NotFound, "no such job, or it belongs to another user")
}
