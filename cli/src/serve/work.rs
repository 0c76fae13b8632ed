//! The worker of jobs: runs a recipe over an original with the core, and makes the thumbnail.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use augment_api::{Content, ObjectName};
use augment_core::archive::ZipSink;
use augment_core::codec::Format;
use augment_core::digest::Digest;
use augment_core::error::{Error, ErrorKind, Result};
use augment_core::files::Files;
use augment_core::formats::{Dataset, LabelChoice, open};
use augment_core::limits::Limits;
use augment_core::output::Assembler;
use augment_core::pipeline::{Copy, Job, bases};
use augment_core::plan::Recipe;
use augment_records::{Stored, jobs};
use augment_stores_port::StoreResult;
use presign_lambda::App;
use tokio::runtime::Handle;
use tokio::sync::Notify;

/// Seconds that a job is one worker's alone: far longer than any takes.
const LEASE: u64 = 900;
/// How long the worker sleeps when nothing wakes it.
const NAP: Duration = Duration::from_secs(30);
/// The thumbnail: a JPEG whose longer side has so many pixels.
const THUMBNAIL: &str =
    r#"{"version":1,"count":1,"output":{"format":"jpeg","quality":82},"steps":[{"op":"longest_side","length":320}]}"#;

/// Starts the worker's thread.
pub(crate) fn start(app: Arc<App>, woken: Arc<Notify>) -> std::io::Result<()> {
    let handle = Handle::current();
    std::thread::Builder::new()
        .name(crate::schedule::WORKER.to_owned())
        .spawn(move || {
            loop {
                match handle.block_on(jobs::claim(&app.stores(), LEASE)) {
                    Ok(Some(claim)) => {
                        if let Err(error) = run(&app, &handle, claim) {
                            tracing::error!(%error, "a job could not be ended; it is taken up again later");
                        }
                    }
                    Ok(None) => {
                        let _ = handle.block_on(async { tokio::time::timeout(NAP, woken.notified()).await });
                    }
                    Err(error) => {
                        tracing::error!(%error, "the jobs cannot be read");
                        std::thread::sleep(NAP);
                    }
                }
            }
        })
        .map(drop)
}

fn run(app: &App, handle: &Handle, claim: jobs::Claim) -> StoreResult<()> {
    let image = &claim.image;
    let key = image.key(ObjectName::Original)?;
    let bytes = match handle.block_on(app.objects.read(&key, 0, image.size)) {
        Ok(bytes) => bytes,
        Err(augment_stores_port::StoreError::NotFound) => {
            let gone = jobs::Outcome::Failed("the image is not in the store any more".to_owned());
            return handle.block_on(jobs::finish(&app.stores(), claim, &gone));
        }
        Err(error) => return Err(error),
    };
    let thumbnail = match guarded(|| thumbnail(image, &bytes)) {
        Ok(thumbnail) => {
            handle.block_on(app.objects.put(&image.thumbnail_key()?, "image/jpeg", thumbnail.into()))?;
            true
        }
        // The recipe's own run says what is wrong with the image.
        Err(_) => false,
    };
    if !claim.runs_recipe() {
        return handle.block_on(jobs::finish(&app.stores(), claim, &jobs::Outcome::Done { results: None, thumbnail }));
    }
    let most = app.settings.limits.max_results_bytes;
    let outcome = match guarded(|| augment(image, &bytes, most)) {
        Ok(zip) => {
            let content = Content { size: zip.len() as u64, sha256: Digest::of(&zip).to_hex() };
            handle.block_on(app.objects.put(&image.key(ObjectName::Results)?, "application/zip", zip.into()))?;
            jobs::Outcome::Done { results: Some(content), thumbnail }
        }
        Err(error) => jobs::Outcome::Failed(error.to_string()),
    };
    handle.block_on(jobs::finish(&app.stores(), claim, &outcome))
}

/// One image as a dataset of its own.
struct One<'a> {
    names: [String; 1],
    bytes: &'a [u8],
}

impl Files for One<'_> {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        if name == self.names[0] {
            Ok(self.bytes.to_vec())
        } else {
            Err(Error::new(ErrorKind::Io, "there is no such file").within(name))
        }
    }

    fn size(&self, name: &str) -> Option<u64> {
        (name == self.names[0]).then_some(self.bytes.len() as u64)
    }
}

/// The image as a dataset. A name that says nothing of an image, or hides it, is passed over for a plain one.
fn dataset<'a>(image: &Stored, bytes: &'a [u8], limits: &Limits) -> Result<Dataset> {
    let format = Format::sniff(bytes).ok_or_else(|| Error::new(ErrorKind::Unsupported, "this is no known format"))?;
    let mut names = [image.filename.clone(), format!("image.{}", format.extension())].into_iter();
    loop {
        let Some(name) = names.next() else {
            return Err(Error::new(ErrorKind::Unsupported, "this is no image"));
        };
        let files: One<'a> = One { names: [name], bytes };
        let dataset = open(&files, LabelChoice::Auto, limits)?;
        if !dataset.items.is_empty() {
            return Ok(dataset);
        }
    }
}

fn parsed(recipe: std::result::Result<Recipe, Vec<augment_core::plan::RecipeProblem>>) -> Result<Recipe> {
    recipe.map_err(|problems| {
        let problem = problems.first().map(ToString::to_string).unwrap_or_default();
        Error::new(ErrorKind::Recipe, problem)
    })
}

/// The zip that `delta augment` makes of the same image, recipe and seed.
fn augment(image: &Stored, bytes: &[u8], most: u64) -> Result<Vec<u8>> {
    let recipe = parsed(Recipe::from_value(image.recipe.clone()))?;
    let seed = recipe.seed.unwrap_or_default();
    let limits = Limits::default();
    let dataset = dataset(image, bytes, &limits)?;
    let item = &dataset.items[0];
    let digest = Digest::of(bytes);
    let job = Job::new(recipe, seed, &dataset, dataset.format, limits).with_partners(vec![digest]);
    let prepared = job.prepare(item, bytes, None)?;
    let partner = |wanted| {
        let missing = || Error::new(ErrorKind::Replay, "the recipe mixes images, and there is only one");
        if wanted == digest { Ok(prepared.sample.clone()) } else { Err(missing()) }
    };
    let base = bases(&dataset).swap_remove(0);
    let mut assembler = Assembler::new(ZipSink::new(Vec::new()));
    for copy in job.copies() {
        assembler.push(job.render(&prepared, &base, copy, &partner)?)?;
        if assembler.summary().image_bytes > most {
            return Err(Error::new(ErrorKind::Limit, format!("the results have more than {most} bytes")));
        }
    }
    let recipe = job.recipe_json();
    let (sink, _) = assembler.finish(job.into_label_writer(), Some(&recipe))?;
    sink.finish()
}

/// A small picture of an image.
fn thumbnail(image: &Stored, bytes: &[u8]) -> Result<Vec<u8>> {
    let recipe = parsed(Recipe::parse(THUMBNAIL))?;
    let limits = Limits::default();
    let dataset = dataset(image, bytes, &limits)?;
    let item = &dataset.items[0];
    let job = Job::new(recipe, 0, &dataset, dataset.format, limits);
    let prepared = job.prepare(item, bytes, None)?;
    let nobody = |_| Err(Error::new(ErrorKind::Replay, "a thumbnail mixes nothing"));
    Ok(job.render(&prepared, "thumbnail", Copy::Augmented(0), &nobody)?.image)
}

/// Turns a panic into an error: one bad file must not end the worker.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let fault = |_| Err(Error::new(ErrorKind::Decode, "a fault in this program, please report it"));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(fault)
}
