//! The opened dataset of a job, cached for the next item.

use std::io::Cursor;
use std::ops::Range;
use std::sync::Arc;

use augment_api::{FailureKind, JobFailure};
use augment_core::archive::ZipFiles;
use augment_core::error::Error;
use augment_core::files::Files;
use augment_core::formats::{LabelChoice, LabelFormat};
use augment_core::limits::Limits;
use augment_core::output::Notes;
use augment_core::pipeline::RunSpec;
use augment_core::plan::Recipe;
use augment_core::run::{InputDataset, Partners, Workload, cause};
use augment_records::Stores;
use augment_records::dataset::{DatasetImage, JobRecord};
use augment_records::jobs::JobError;
use augment_stores_port::{ObjectStore, StoreError, StoreResult};
use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::files::DatasetFiles;
use super::job_objects::{read_whole, unusable};
use crate::memory_limit;
use crate::render_image::failure;

/// Memory for decoded partners of mixing steps.
const PARTNERS_BYTES: u64 = 128 << 20;
/// A label file may have at most this fraction of the memory, since it is held as text and parsed.
const LABELS_SHARE: u64 = 8;

/// A dataset with the run of its recipe.
#[derive(Debug)]
pub(crate) struct OpenDataset {
    pub(crate) found: InputDataset<DatasetFiles>,
    pub(crate) run: RunSpec,
    pub(crate) partners: Partners,
    pub(crate) work: Workload,
    /// Names of images that mixing steps must not choose.
    pub(crate) excluded: Vec<String>,
    /// Whether the recipe has mixing steps.
    pub(crate) mixes: bool,
    /// Bytes of memory that it holds.
    pub(crate) held: u64,
}

/// A cache of the last opened dataset, since a process mostly runs items of one job in a row. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Datasets(Arc<Mutex<CachedDataset>>);

/// The cache key and the dataset.
type CachedDataset = Option<(String, Arc<OpenDataset>)>;

impl Datasets {
    /// Opens the dataset of a job within `memory` bytes, or says why it is unusable.
    pub(crate) async fn open(
        &self,
        stores: &Stores,
        memory: Option<u64>,
        job: &JobRecord,
    ) -> StoreResult<Result<Arc<OpenDataset>, JobError>> {
        let excluded = unusable(stores, job).await?.names;
        // An id may be reused by a later job, and a retry may find images elsewhere.
        let name = format!("{} {}{} {} {}", job.id, job.created_ms, job.generation, job.round, excluded.len());
        let mut cached = self.0.lock().await;
        if let Some((_, opened)) = cached.as_ref().filter(|(known, _)| *known == name) {
            return Ok(Ok(Arc::clone(opened)));
        }
        *cached = None;
        let opened = match OpenDataset::load(stores, memory, job, excluded).await? {
            Ok(opened) => Arc::new(opened),
            Err(failure) => return Ok(Err(failure)),
        };
        *cached = Some((name, Arc::clone(&opened)));
        Ok(Ok(opened))
    }
}

impl OpenDataset {
    async fn load(
        stores: &Stores,
        memory: Option<u64>,
        job: &JobRecord,
        excluded: Vec<String>,
    ) -> StoreResult<Result<Self, JobError>> {
        let objects = Arc::clone(&stores.objects);
        let missing =
            |what: &str| Ok(Err(JobError::new(FailureKind::Missing, format!("{what} are no longer in the store"))));
        let Some(list) = read_whole(&*objects, &job.images_key()?).await? else { return missing("the job's images") };
        let labels = match &job.labels {
            None => None,
            Some(_) => match read_whole(&*objects, &job.labels_key()?).await? {
                Some(labels) => Some(labels),
                None => return missing("the labels"),
            },
        };
        let images = serde_json::from_slice(&list).map_err(StoreError::other)?;
        let (job, handle) = (job.clone(), Handle::current());
        let opening = tokio::task::spawn_blocking(move || {
            let faults = |files: &DatasetFiles| files.faults();
            let opened = Self::open(&job, images, labels, excluded, memory, objects, handle);
            opened.map(|opened| (faults(&opened.found.inputs), opened))
        });
        match opening.await.map_err(StoreError::other)? {
            Ok((0, opened)) => Ok(Ok(opened)),
            Ok(_) => Err(StoreError::other("the store failed while the dataset was opened")),
            Err(failure) => Ok(Err(failure)),
        }
    }

    fn open(
        job: &JobRecord,
        images: Vec<DatasetImage>,
        labels: Option<Bytes>,
        excluded: Vec<String>,
        memory: Option<u64>,
        objects: Arc<dyn ObjectStore>,
        handle: Handle,
    ) -> Result<Self, JobError> {
        let mut recipe = Recipe::from_value(job.recipe.clone()).map_err(|problems| {
            JobError::new(FailureKind::Recipe, problems.first().map(ToString::to_string).unwrap_or_default())
        })?;
        recipe.count = job.count;
        let labels_bytes = labels.as_ref().map_or(0, |labels| labels.len() as u64);
        let held = labels_bytes + if recipe.mixes() { PARTNERS_BYTES } else { 0 };
        let largest = images.iter().map(|image| image.size).max().unwrap_or_default();
        // Inputs have the usual limits; outputs are limited by the remaining memory.
        let (mut reading, making) = (Limits::default(), memory_limit::limits(memory, held + largest));
        if let Some(memory) = memory {
            reading.max_label_bytes = reading.max_label_bytes.min(memory / LABELS_SHARE);
        }
        let labels = labels.map(|bytes| ZipFiles::open(Cursor::new(bytes), reading)).transpose();
        let labels = labels.map_err(|error| {
            JobError::new(FailureKind::Metadata, format!("the zip of labels cannot be opened: {error}"))
        })?;
        let files = DatasetFiles::new(images, labels, objects, handle);
        let (choice, format) = labels_of(job.format);
        let found = InputDataset::open(files, job.partial, choice, reading).map_err(|error| failure(&error))?;
        let format = found.dataset.written_format(format);
        found.dataset.check_writable(format).map_err(|error| failure(&error))?;
        let (seed, mixes) = (recipe.seed.unwrap_or_default(), recipe.mixes());
        found.dataset.check_augmented(&recipe.augment).map_err(|error| failure(&error))?;
        let run = RunSpec::new(recipe, seed, &found.dataset, format, making);
        let mut digests = Vec::new();
        if mixes {
            for (at, item) in found.dataset.items.iter().enumerate() {
                if excluded.contains(&item.name) || run.leaves(item) {
                    continue;
                }
                // An unreadable image fails later, in its own item.
                digests.extend(found.inputs.digest(&item.name).ok().map(|digest| (digest, at)));
            }
        }
        let run = run.with_partners(digests.iter().map(|(digest, _)| *digest).collect());
        let work = Workload::new(&found, &run, false);
        Ok(Self { partners: Partners::new(digests), found, run, work, excluded, mixes, held })
    }

    /// The sources of an item: those of its images, and any others up to the next item's first image. Every source belongs
    /// to exactly one item, in order.
    pub(crate) fn sources(&self, images: &Range<u32>) -> Range<usize> {
        let (items, listed) = (&self.found.dataset.items, &self.found.inputs.images);
        let before = |image: u32| match listed.get(image as usize) {
            Some(image) => items.partition_point(|item| item.name < image.path),
            None => items.len(),
        };
        let from = if images.start == 0 { 0 } else { before(images.start) };
        from..before(images.end).max(from)
    }

    /// The listed images of a range.
    pub(crate) fn listed(&self, images: &Range<u32>) -> &[DatasetImage] {
        self.found.inputs.images.get(images.start as usize..images.end as usize).unwrap_or_default()
    }

    /// Why a listed image is not a source; `None` if it is one or is a mask.
    pub(crate) fn left_out(&self, image: &DatasetImage) -> Option<JobFailure> {
        let dataset = &self.found.dataset;
        let is_source = dataset.items.binary_search_by(|item| item.name.as_str().cmp(&image.path)).is_ok();
        if is_source || dataset.items.iter().flat_map(|item| &item.masks).any(|mask| mask.name == image.path) {
            return None;
        }
        let stem = |name: &str| {
            let base = name.rsplit('/').next().unwrap_or_default();
            base.rsplit_once('.').map_or(base, |(stem, _)| stem).to_owned()
        };
        let own = stem(&image.path);
        let problem = dataset.problems.iter().find(|problem| problem.file == image.path || stem(&problem.file) == own);
        let (kind, error) = match problem {
            Some(problem) if problem.file == image.path => (FailureKind::Image, problem.error.to_string()),
            Some(problem) => (FailureKind::Metadata, format!("{}: {}", problem.file, problem.error)),
            None => (FailureKind::Image, "its name is not an image's, or its labels cannot be read".to_owned()),
        };
        Some(JobFailure { path: image.path.clone(), error, kind })
    }

    /// The dataset's problems, as `delta augment` notes them before it starts.
    pub(crate) fn problems(&self) -> Notes {
        let mut notes = Notes::default();
        let zipped = self.found.inputs.labels.iter().flat_map(ZipFiles::problems);
        let found = self.found.dataset.problems.iter().map(|problem| (&problem.file, &problem.error));
        for (name, error) in zipped.map(|(name, error)| (name, error)).chain(found) {
            notes.fail(name, &Error::new(error.kind(), cause(name, &error.to_string())));
        }
        notes
    }
}

/// The labels to read, and the format to write if it differs.
const fn labels_of(format: Option<LabelFormat>) -> (LabelChoice, Option<LabelFormat>) {
    match format {
        Some(LabelFormat::None) => (LabelChoice::Only(LabelFormat::None), Some(LabelFormat::None)),
        other => (LabelChoice::Auto, other),
    }
}
