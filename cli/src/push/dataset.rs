//! `delta push --dataset`: uploads the images and labels of the input, lets one job augment them, and downloads its zip,
//! which equals that of `delta augment`.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use augment_api::client::{Client, ClientError, FileContent, Upload, Uploaded};
use augment_api::{Content, Job, JobImage, JobRequest, JobState, UploadRequest};
use augment_core::archive::ZipSink;
use augment_core::codec::Format;
use augment_core::digest::Digest;
use augment_core::files::Files;
use augment_core::formats::is_of_dataset;
use augment_core::limits::Limits;
use futures_util::stream::{self, StreamExt};
use serde_json::json;

use super::id::id_of;
use crate::args::PushArgs;
use crate::augment::labels_of;
use crate::console::Console;
use crate::dataset::{self, InputDataset};
use crate::outcome::Outcome;
use crate::report::Troubles;
use crate::target::Download;
use crate::{input, interrupt, poll_job, recipe, remote};

pub(super) fn run(console: &Console, args: &PushArgs) -> anyhow::Result<Outcome> {
    let result = push(console, args);
    if let (Err(error), true) = (&result, args.json) {
        console.result(json!({ "error": format!("{error:#}") }))?;
    }
    result
}

fn push(console: &Console, args: &PushArgs) -> anyhow::Result<Outcome> {
    let client = remote::client(&args.api)?;
    let mut recipe = recipe::load(&args.recipe)?;
    recipe.count = args.count.unwrap_or(recipe.count);
    recipe.seed = args.seed.or(recipe.seed);
    // Checked early, so that a bad name costs no work.
    let target = args.output.as_deref().map(Download::begin).transpose()?;
    let (choice, format) = labels_of(args.labels);
    let inputs = input::open(&args.inputs, args.output.as_deref().as_slice(), Limits::default());
    let found = dataset::open(inputs, choice, Limits::default())?;
    let mut troubles = Troubles::new(console);
    let (dataset, written) = (&found.dataset, found.dataset.written_format(format));
    dataset.check_augmented(&recipe.augment)?;
    dataset.check_writable(written)?;
    if !args.json && !dataset.items.is_empty() {
        console.result(dataset.described(&dataset.unchanged_splits(&recipe.augment)))?;
    }
    let partly = !dataset::tell(&found, written, &mut troubles).is_empty();
    if dataset.items.is_empty() {
        bail!(dataset.without_images());
    }
    // The job has the same warnings, which do not depend on its seed.
    for warning in
        augment_core::pipeline::RunSpec::new(recipe.clone(), 0, dataset, written, Limits::default()).warnings()
    {
        troubles.warn(warning);
    }
    remote::block_on(async {
        let limits = client.config().await?.limits;
        if found.dataset.items.len() > limits.max_job_images as usize {
            bail!("a job takes {} images at most; push the dataset in parts", limits.max_job_images);
        }
        let upload = DatasetUpload { client: &client, limits, found: &found };
        let uploaded = upload.all(console, usize::from(args.jobs)).await?;
        // If no labels are written, label files are not needed.
        let others = format != Some(augment_core::formats::LabelFormat::None);
        let labels = labels(&found, &uploaded, others)?;
        if labels.as_ref().is_some_and(|labels| labels.len() as u64 > limits.max_labels_bytes) {
            bail!("the labels have more than {} bytes; push the dataset in parts", limits.max_labels_bytes);
        }
        let mut request = JobRequest {
            id: None,
            images: uploaded.images.clone(),
            labels: labels
                .as_ref()
                .map(|labels| Content { size: labels.len() as u64, sha256: Digest::of(labels).to_hex() }),
            recipe: recipe.to_json(),
            count: None,
            format,
            title: None,
            retention: None,
            partial: found.inputs.partial,
        };
        // A repeat finds its job.
        request.id = Some(id_of(&serde_json::to_string(&request)?));
        let job = job(&client, request, labels).await?;
        interrupt::say(&format!(
            "the job continues on the server: `delta pull --dataset {} --api {}` waits for its zip; DELETE /v1/jobs/{} stops it",
            job.id, args.api.api, job.id
        ));
        let job = poll_job::until_ended(console, &client, job).await?;
        if let Some(target) = target {
            poll_job::download(&client, &job, target).await?;
        }
        report(console, args, &job, &uploaded)?;
        Ok(if partly || job.failed > 0 { Outcome::Partly } else { Outcome::Done })
    })
}

/// The uploaded images of a dataset.
#[derive(Default)]
struct SentImages {
    images: Vec<JobImage>,
    /// Files with names of images but other content. They are sent with the labels, so that they fail as they do locally.
    unreadable: BTreeSet<String>,
    sent: usize,
    bytes: u64,
}

struct DatasetUpload<'a> {
    client: &'a Client,
    limits: augment_api::Limits,
    found: &'a InputDataset,
}

impl DatasetUpload<'_> {
    /// Sends all missing images.
    async fn all(&self, console: &Console, at_once: usize) -> anyhow::Result<SentImages> {
        let mut uploaded = SentImages::default();
        let mut failed = 0;
        let names = self.found.dataset.items.iter().map(|item| item.name.as_str());
        console.begin(self.found.dataset.items.len() as u64);
        let mut pushes =
            stream::iter(names).map(|name| async move { (name, self.one(name).await) }).buffer_unordered(at_once);
        while let Some((name, pushed)) = pushes.next().await {
            console.advance(1);
            let image = match pushed {
                Ok(Some(Uploaded::Sent(image, bytes))) => {
                    uploaded.sent += 1;
                    uploaded.bytes += bytes;
                    image
                }
                Ok(Some(Uploaded::Present(image))) => image,
                Ok(None) => {
                    uploaded.unreadable.insert(name.to_owned());
                    continue;
                }
                Err(error) => {
                    console.error(format_args!("{name}: {error:#}"));
                    failed += 1;
                    continue;
                }
            };
            uploaded.images.push(JobImage { id: image.facts.id, path: Some(name.to_owned()) });
        }
        drop(pushes);
        console.end();
        if failed > 0 {
            bail!("{failed} image(s) could not be uploaded, so no job was created; run the command again to continue");
        }
        if uploaded.images.is_empty() {
            bail!("no image of a known format was found in the input");
        }
        // They finished in any order.
        uploaded.images.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(uploaded)
    }

    /// Sends one image; `None` if the file is not an image.
    async fn one(&self, name: &str) -> anyhow::Result<Option<Uploaded>> {
        let bytes = match self.found.inputs.read(name) {
            Ok(bytes) => bytes,
            Err(error) => bail!("{}", augment_core::run::cause(name, &error.to_string())),
        };
        let Some(format) = Format::sniff(&bytes) else { return Ok(None) };
        let sha256 = Digest::of(&bytes).to_hex();
        let filename = name.rsplit('/').next().unwrap_or(name).to_owned();
        let id = id_of(&format!("{sha256} of datasets"));
        let request = UploadRequest::for_dataset(id, filename, format.mime().to_owned(), bytes.len() as u64, sha256);
        let content = FileContent::Bytes(bytes.into());
        Ok(Some(self.client.upload(&Upload::new(&request, &content, &self.limits)).await?))
    }
}

/// The zip of all other files of the dataset, if any: labels, classes, masks, and unreadable images.
fn labels(found: &InputDataset, uploaded: &SentImages, others: bool) -> anyhow::Result<Option<Vec<u8>>> {
    let images: BTreeSet<&str> = uploaded.images.iter().filter_map(|image| image.path.as_deref()).collect();
    let mut zip = ZipSink::new(Vec::new());
    let mut any = false;
    for name in found.inputs.names() {
        let goes = others && is_of_dataset(name) && !images.contains(name.as_str());
        if goes || uploaded.unreadable.contains(name) {
            zip.add(name, &found.inputs.read(name)?)?;
            any = true;
        }
    }
    Ok(if any { Some(zip.finish()?) } else { None })
}

/// The started job: a new one, or that of an earlier identical request.
async fn job(client: &Client, mut request: JobRequest, labels: Option<Vec<u8>>) -> anyhow::Result<Job> {
    let made = match client.make_job(&request).await {
        Err(ClientError::Refused(problem)) if problem.status == 409 => {
            let id = request.id.clone().unwrap_or_default();
            match client.job(&id).await {
                Ok(job) => match resumed(client, job).await? {
                    Some(job) => return Ok(job),
                    None => client.delete_job(&id).await?,
                },
                // Another user's, which is hidden, or one that was just deleted.
                Err(error) if error.status() == Some(404) => request.id = None,
                Err(error) => return Err(error.into()),
            }
            client.make_job(&request).await?
        }
        made => made?,
    };
    let Some(target) = &made.labels else { return Ok(made.job) };
    let labels = FileContent::Bytes(labels.unwrap_or_default().into());
    client.send_labels(target, &labels, &|_| {}).await.context("the labels could not be sent")?;
    Ok(client.start_job(&made.job.id).await?)
}

/// An earlier job, running or finished; `None` if it cannot be started.
async fn resumed(client: &Client, job: Job) -> anyhow::Result<Option<Job>> {
    match job.state {
        JobState::Waiting => match client.start_job(&job.id).await {
            Ok(job) => Ok(Some(job)),
            Err(ClientError::Refused(problem)) if matches!(problem.status, 409 | 422) => Ok(None),
            Err(error) => Err(error.into()),
        },
        JobState::Failed => Ok(Some(client.retry_job(&job.id).await?)),
        JobState::Ready if job.failed > 0 => Ok(Some(client.retry_job(&job.id).await?)),
        JobState::Running | JobState::Ready => Ok(Some(job)),
    }
}

fn report(console: &Console, args: &PushArgs, job: &Job, uploaded: &SentImages) -> anyhow::Result<()> {
    let outputs = job.made.as_ref().map_or(0, |made| made.outputs);
    if args.json {
        return console.result(json!({
            "id": job.id, "images": job.images, "done": job.done, "failed": job.failed, "failures": job.failures,
            "outputs": outputs, "seed": job.recipe["seed"], "sent": uploaded.sent, "there": uploaded.images.len() - uploaded.sent,
            "bytes": uploaded.bytes, "output": args.output.as_ref().map(|output| output.display().to_string()),
        }));
    }
    let (sent, there) = (uploaded.sent, uploaded.images.len() - uploaded.sent);
    console.result(format_args!("{}: {sent} image(s) sent, {there} already uploaded", job.id))?;
    let (images, failed, seed) = (job.images, job.failed, &job.recipe["seed"]);
    console.result(format_args!("{outputs} outputs of {images} image(s), {failed} failed, seed {seed}"))?;
    match &args.output {
        Some(output) => console.result(output.display()),
        None => {
            console.result(format_args!("`delta pull --dataset {} --api {}` downloads the zip", job.id, args.api.api))
        }
    }
}
