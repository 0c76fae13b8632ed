//! Renders one image without touching stores: its bytes become thumbnails and a zip.

use std::time::Instant;

use augment_api::FailureKind;
use augment_core::archive::ZipSink;
use augment_core::codec::{Format, probe};
use augment_core::digest::Digest;
use augment_core::error::{Error, ErrorKind, Result};
use augment_core::files::Files;
use augment_core::formats::{Dataset, LabelChoice, open};
use augment_core::limits::Limits;
use augment_core::output::{Assembler, Summary};
use augment_core::pipeline::{Prepared, RunSpec, bases};
use augment_core::plan::Recipe;
use augment_records::jobs::JobError;
use serde_json::Value;

use crate::deadline::Pace;
use crate::memory_limit;
use crate::thumbnails::{self, Thumbnail};
use crate::zip_upload::{PartWriter, ZipTail};

/// Pixels that all steps of a job make at most: about ten minutes of one processor. 20 copies of 24 megapixels by 20 steps
/// are a tenth.
const MAX_PIXEL_STEPS: u64 = 100_000_000_000;

/// An image with its recipe and limits.
#[derive(Debug)]
pub(crate) struct ImageTask {
    pub(crate) filename: String,
    /// The recipe; `None` makes only thumbnails.
    pub(crate) recipe: Option<Value>,
    /// Maximum size of the zip.
    pub(crate) most_bytes: u64,
    /// Available memory in bytes, if limited.
    pub(crate) memory: Option<u64>,
}

/// A rendered image.
#[derive(Debug, Default)]
pub(crate) struct RenderedImage {
    pub(crate) frame: Option<(u32, u32)>,
    pub(crate) thumbnails: Vec<Thumbnail>,
    /// The zip, or why there is none; `None` without a recipe.
    pub(crate) zip: Option<std::result::Result<(Summary, ZipTail), JobError>>,
}

/// Renders an image and streams the zip to `writer`.
pub(crate) fn render_image(task: &ImageTask, bytes: Vec<u8>, writer: PartWriter, pace: Pace) -> RenderedImage {
    let mut worked = RenderedImage::default();
    let zip = match DecodedImage::open(task, bytes, &mut worked) {
        Ok(opened) => {
            // If thumbnails fail, the recipe's run reports the image's problem.
            worked.thumbnails = thumbnails::make(&opened.prepared, &opened.dataset, opened.limits).unwrap_or_default();
            if task.recipe.is_none() {
                return worked;
            }
            opened.augment(task, writer, pace)
        }
        Err(failure) => Err(failure),
    };
    worked.zip = Some(zip);
    worked
}

/// A core error as a failure.
pub(crate) fn failure(error: &Error) -> JobError {
    let kind = match error.kind() {
        ErrorKind::Decode | ErrorKind::Unsupported => FailureKind::Image,
        ErrorKind::Limit => FailureKind::TooLarge,
        ErrorKind::Recipe | ErrorKind::Replay | ErrorKind::Encode => FailureKind::Recipe,
        ErrorKind::Stopped => FailureKind::Time,
        ErrorKind::Label | ErrorKind::Archive | ErrorKind::Io => FailureKind::Fault,
    };
    JobError::new(kind, without_options(&error.to_string()))
}

/// A message without its hints about command-line options, which do not exist here.
pub(crate) fn without_options(words: &str) -> &str {
    let ends = [" (raise it with --", " (lower --"].map(|end| words.find(end));
    ends.into_iter().flatten().min().map_or(words, |end| &words[..end])
}

/// A decoded image with its run; the file's bytes are already freed.
struct DecodedImage {
    dataset: Dataset,
    job: RunSpec,
    prepared: Prepared,
    limits: Limits,
}

impl DecodedImage {
    fn open(task: &ImageTask, bytes: Vec<u8>, worked: &mut RenderedImage) -> std::result::Result<Self, JobError> {
        let file_bytes = bytes.len() as u64;
        let refused = |error| failure(&error);
        let size = probe(&bytes, &Limits::default()).map_err(refused)?.upright();
        worked.frame = Some((size.width, size.height));
        memory_limit::check(task.memory, file_bytes, u64::from(size.width) * u64::from(size.height))?;
        let limits = memory_limit::limits(task.memory, file_bytes);
        let dataset = dataset(&task.filename, &bytes, &limits).map_err(refused)?;
        let recipe = task.recipe.clone().unwrap_or_else(|| serde_json::json!({ "version": 1, "steps": [] }));
        let recipe = Recipe::from_value(recipe).map_err(|problems| {
            JobError::new(FailureKind::Recipe, problems.first().map(ToString::to_string).unwrap_or_default())
        })?;
        let seed = recipe.seed.unwrap_or_default();
        let digest = Digest::of(&bytes);
        let job =
            RunSpec::new(recipe, seed, &dataset, dataset.written_format(None), limits).with_partners(vec![digest]);
        let prepared = job.prepare(&dataset.items[0], bytes.into()).map_err(refused)?;
        Ok(Self { dataset, job, prepared, limits })
    }

    /// The same zip as `delta augment` for this image, recipe and seed.
    fn augment(
        self,
        task: &ImageTask,
        writer: PartWriter,
        mut pace: Pace,
    ) -> std::result::Result<(Summary, ZipTail), JobError> {
        let Self { dataset, job, prepared, .. } = self;
        let refused = |error| failure(&error);
        let partner = |wanted| {
            let missing = || Error::new(ErrorKind::Replay, "the recipe mixes images, and there is only one");
            if wanted == prepared.digest { Ok(prepared.sample.clone()) } else { Err(missing()) }
        };
        let base = bases(&dataset).swap_remove(0);
        let steps = job.pixel_steps(&prepared).map_err(refused)?;
        if steps > MAX_PIXEL_STEPS {
            let detail = format!(
                "{} copies of this image are {steps} pixels to compute, each step counted; a job computes \
                 {MAX_PIXEL_STEPS} at most: make fewer or smaller copies",
                job.copies().len()
            );
            return Err(JobError::new(FailureKind::TooLarge, detail));
        }
        let mut assembler = Assembler::new(ZipSink::new(writer));
        let copies = job.copies();
        let all = copies.len();
        for (done, copy) in copies.into_iter().enumerate() {
            let began = Instant::now();
            // Do not start a copy that would miss the deadline.
            if pace.is_late() || pace.is_stopped() {
                return Err(too_late(done, all));
            }
            let output = job.render_until(&prepared, &base, copy, &partner, pace.stop()).map_err(refused)?;
            assembler.push(output).map_err(refused)?;
            if assembler.summary().image_bytes > task.most_bytes {
                let detail = format!("the results exceed {} bytes; make fewer copies", task.most_bytes);
                return Err(JobError::new(FailureKind::TooLarge, detail));
            }
            pace.note(began);
        }
        let recipe = job.recipe_json();
        let (sink, summary) = assembler.finish(job.label_writer(), Some(&recipe)).map_err(refused)?;
        Ok((summary, sink.finish().map_err(refused)?.finish()))
    }
}

/// The failure of a job without time for all copies.
fn too_late(done: usize, all: usize) -> JobError {
    let detail = format!("a job has time for only {done} of {all} copies; make fewer, or use a smaller image");
    JobError::new(FailureKind::Time, detail)
}

/// A single image as the files of a dataset.
struct SingleFile<'a> {
    names: [String; 1],
    bytes: &'a [u8],
}

impl Files for SingleFile<'_> {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        if name == self.names[0] {
            Ok(self.bytes.to_vec())
        } else {
            Err(Error::new(ErrorKind::Io, "no such file").within(name))
        }
    }

    fn size(&self, name: &str) -> Option<u64> {
        (name == self.names[0]).then_some(self.bytes.len() as u64)
    }
}

/// The image as a dataset. A name that is hidden or not an image's is replaced by a plain one.
fn dataset(filename: &str, bytes: &[u8], limits: &Limits) -> Result<Dataset> {
    let format =
        Format::sniff(bytes).ok_or_else(|| Error::new(ErrorKind::Unsupported, "this is not a known format"))?;
    for name in [filename.to_owned(), format!("image.{}", format.extension())] {
        let dataset = open(&SingleFile { names: [name], bytes }, LabelChoice::Auto, limits)?;
        if !dataset.items.is_empty() {
            return Ok(dataset);
        }
    }
    Err(Error::new(ErrorKind::Unsupported, "this is not an image"))
}
