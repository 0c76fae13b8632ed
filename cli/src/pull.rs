//! `delta pull`: the zip of results of an image, or of a job over a dataset, checked against what the API says of it.

use std::path::PathBuf;

use anyhow::{Context, bail};
use augment_api::ImageFacts;
use augment_api::client::Client;

use crate::args::PullArgs;
use crate::console::Console;
use crate::outcome::Outcome;
use crate::target::Download;
use crate::{poll_job, remote};

pub(crate) fn run(console: &Console, args: &PullArgs) -> anyhow::Result<Outcome> {
    let client = remote::client(&args.api)?;
    if !augment_api::is_id(&args.id) {
        bail!("{}: an id is 1 to 20 letters and digits", args.id);
    }
    let path = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.zip", args.id)));
    remote::block_on(async {
        if args.dataset {
            return of_dataset(console, &client, args, &path).await;
        }
        let image = client.image(&args.id).await.with_context(|| args.id.clone())?;
        let ImageFacts { state, results, error, .. } = image.facts;
        let Some(results) = results else {
            let why = error.map_or_else(|| format!("it is {}", state.word()), |error| format!("it failed: {error}"));
            bail!("{}: there are no results yet, {why}", args.id);
        };
        let address = client.file_address(&args.id, "results").await?;
        let fetched = remote::fetch(&args.id, &address, Download::begin(&path)?).await?;
        if fetched.size != results.size || fetched.sha256 != results.sha256 {
            bail!("{}: what came is not what the API announced; try again", args.id);
        }
        fetched.file.finish()?;
        console.result(format_args!("{}: {} bytes, sha256 {}", path.display(), fetched.size, fetched.sha256))?;
        Ok(Outcome::Done)
    })
}

/// Waits for a job, if it still runs, and fetches its zip.
async fn of_dataset(
    console: &Console,
    client: &Client,
    args: &PullArgs,
    path: &std::path::Path,
) -> anyhow::Result<Outcome> {
    let job = client.job(&args.id).await.with_context(|| args.id.clone())?;
    let target = Download::begin(path)?;
    let job = poll_job::until_ended(console, client, job).await?;
    let size = poll_job::download(client, &job, target).await?;
    console.result(format_args!("{}: {size} bytes", path.display()))?;
    Ok(if job.failed > 0 { Outcome::Partly } else { Outcome::Done })
}
