//! `delta push`: uploads many images in parallel and skips those that the API has. With `--dataset` they are one dataset,
//! which one job augments.

mod dataset;
mod id;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use augment_api::client::{Client, FileContent, Upload, Uploaded};
use augment_api::{Limits, Retention, Run, UploadRequest, Visibility};
use augment_core::codec::Format;
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};

use self::id::id_of;
use crate::args::PushArgs;
use crate::console::Console;
use crate::outcome::Outcome;
use crate::{recipe, remote};

/// Bytes that identify every format.
const MAGIC_BYTES: u64 = 16;

pub(crate) fn run(console: &Console, args: &PushArgs) -> anyhow::Result<Outcome> {
    if args.dataset {
        return dataset::run(console, args);
    }
    let client = remote::client(&args.api)?;
    let loaded = recipe::load(&args.recipe)?;
    let count = args.count.unwrap_or(loaded.count);
    let files = files(&args.inputs)?;
    if files.is_empty() {
        bail!("no image was found in the input");
    }
    console.begin(files.len() as u64);
    let outcome = remote::block_on(async {
        let limits = client.config().await?.limits;
        let push = Push { client: &client, limits, args, count, recipe: loaded.to_json() };
        let mut done = Done::default();
        let mut pushes = stream::iter(files).map(|path| push.file(path)).buffer_unordered(usize::from(args.jobs));
        while let Some((path, pushed)) = pushes.next().await {
            console.advance(1);
            let name = path.display().to_string();
            match pushed {
                Ok(Uploaded::Sent(image, bytes)) => {
                    done.bytes += bytes;
                    done.sent.push((name, image.facts.id));
                }
                Ok(Uploaded::Present(image)) => done.there.push((name, image.facts.id)),
                Err(error) => {
                    console.error(format_args!("{name}: {error:#}"));
                    done.failed.push((name, format!("{error:#}")));
                }
            }
        }
        Ok(done)
    });
    console.end();
    outcome?.report(console, args.json)
}

#[derive(Default)]
struct Done {
    sent: Vec<(String, String)>,
    there: Vec<(String, String)>,
    failed: Vec<(String, String)>,
    bytes: u64,
}

impl Done {
    fn report(mut self, console: &Console, as_json: bool) -> anyhow::Result<Outcome> {
        for list in [&mut self.sent, &mut self.there, &mut self.failed] {
            list.sort();
        }
        if as_json {
            let list = |files: &[(String, String)], what: &str| {
                files.iter().map(|(file, value)| json!({ "file": file, what: value })).collect::<Value>()
            };
            console.result(json!({
                "sent": list(&self.sent, "id"), "there": list(&self.there, "id"), "failed": list(&self.failed, "error"),
                "bytes": self.bytes,
            }))?;
        } else {
            for (file, id) in &self.sent {
                console.result(format_args!("{id}  {file}"))?;
            }
            let (sent, there, failed) = (self.sent.len(), self.there.len(), self.failed.len());
            console.result(format_args!("{sent} sent, {there} already uploaded, {failed} failed"))?;
        }
        if self.failed.is_empty() {
            Ok(Outcome::Done)
        } else if self.sent.is_empty() && self.there.is_empty() {
            bail!("no image could be uploaded")
        } else {
            Ok(Outcome::Partly)
        }
    }
}

/// All images of the inputs, sorted; hidden files are skipped.
fn files(inputs: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for input in inputs {
        if input.is_file() {
            files.push(input.clone());
            continue;
        }
        let hidden = |entry: &walkdir::DirEntry| {
            entry.depth() > 0 && entry.file_name().to_str().is_none_or(|name| name.starts_with('.'))
        };
        for entry in walkdir::WalkDir::new(input).into_iter().filter_entry(|entry| !hidden(entry)) {
            let entry = entry.with_context(|| format!("{}: it cannot be read", input.display()))?;
            if entry.file_type().is_file() && is_image_name(entry.path()) {
                files.push(entry.into_path());
            }
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn is_image_name(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    matches!(ending.as_str(), "jpg" | "jpeg" | "png" | "webp" | "bmp" | "gif" | "tif" | "tiff")
}

struct Push<'a> {
    client: &'a Client,
    limits: Limits,
    args: &'a PushArgs,
    count: u32,
    recipe: Value,
}

impl Push<'_> {
    async fn file(&self, path: PathBuf) -> (PathBuf, anyhow::Result<Uploaded>) {
        let pushed = self.push(&path).await;
        (path, pushed)
    }

    async fn push(&self, path: &Path) -> anyhow::Result<Uploaded> {
        let content = FileContent::open(path).await?;
        let size = content.size();
        let head = content.read(0, size.min(MAGIC_BYTES)).await?;
        let format = Format::sniff(&head).context("this is not an image of a known format")?;
        let sha256 = content.sha256(0, size).await?;
        let request = UploadRequest {
            id: Some(id_of(&format!("{sha256} {} {}", self.count, self.recipe))),
            filename: path.file_name().and_then(|name| name.to_str()).context("its name is not Unicode")?.to_owned(),
            content_type: format.mime().to_owned(),
            size,
            sha256,
            tags: self.args.tags.clone(),
            group: self.args.group.clone(),
            title: None,
            count: Some(self.count),
            recipe: Some(self.recipe.clone()),
            run: Run::Server,
            visibility: if self.args.private { Visibility::Private } else { Visibility::Public },
            retention: Retention::Standard,
            results: None,
        };
        Ok(self.client.upload(&Upload::new(&request, &content, &self.limits)).await?)
    }
}
