//! A job over a dataset from outside: shown until it has ended, and its zip fetched.

use std::time::Duration;

use anyhow::bail;
use augment_api::client::Client;
use augment_api::{Job, JobState};

use crate::console::Console;
use crate::remote;
use crate::target::Download;

/// Between two looks at first, and at last: jobs are short or long.
const SHORTEST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(3);

/// Shows how far a job is until it has ended with a zip, and names what failed.
pub(crate) async fn until_ended(console: &Console, client: &Client, mut job: Job) -> anyhow::Result<Job> {
    let mut wait = SHORTEST;
    let mut shown = 0;
    console.begin(u64::from(job.images));
    loop {
        console.advance(u64::from(job.done.saturating_sub(shown)));
        shown = shown.max(job.done);
        match job.state {
            JobState::Running => {}
            JobState::Waiting => {
                console.end();
                bail!("{}: the job waits for its labels; push the dataset again", job.id);
            }
            JobState::Ready | JobState::Failed => break,
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 3 / 2).min(LONGEST);
        job = client.job(&job.id).await?;
    }
    console.end();
    for failure in &job.failures {
        console.error(format_args!("{}: {}", failure.path, failure.error));
    }
    let more = usize::try_from(job.failed).unwrap_or(usize::MAX).saturating_sub(job.failures.len());
    if more > 0 {
        console.error(format_args!("… and {more} more, all of them in the manifest"));
    }
    if job.state == JobState::Failed {
        bail!("{}: the job failed: {}", job.id, job.error.as_deref().unwrap_or("no reason was given"));
    }
    Ok(job)
}

/// Fetches the zip of a job; it must have the announced length.
pub(crate) async fn download(client: &Client, job: &Job, target: Download) -> anyhow::Result<u64> {
    let id = &job.id;
    let Some(results) = &job.results else { bail!("{id}: there is no zip") };
    let address = client.job_results(id).await?;
    let fetched = remote::fetch(id, &address.url, target).await?;
    // No store knows the hash of an object assembled from parts.
    let whole = fetched.size == results.size && (results.sha256.is_empty() || results.sha256 == fetched.sha256);
    if !whole {
        bail!("{id}: what came is not what the API announced; try again");
    }
    fetched.file.finish()?;
    Ok(fetched.size)
}
