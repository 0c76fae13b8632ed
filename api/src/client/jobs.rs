//! Jobs over datasets: asked for, started, watched, run again, fetched and deleted.

use reqwest::Method;

use super::content::FileContent;
use super::transfer::Put;
use super::upload::Progress;
use super::{Client, ClientResult};
use crate::{Job, JobPage, JobQuery, JobRequest, JobReservation, Target};

impl Client {
    /// Asks for a job. One without labels begins at once; else these are sent to the address in the answer, and the
    /// job is started. An id that is taken is refused with 409: give one by which a repeat is told.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn make_job(&self, request: &JobRequest) -> ClientResult<JobReservation> {
        self.post("/v1/jobs", request).await
    }

    /// Sends a job's zip of labels to the address that its reservation gave.
    ///
    /// # Errors
    /// As [`Client::upload`].
    pub async fn send_labels(
        &self,
        target: &Target,
        content: &FileContent,
        progress: &Progress<'_>,
    ) -> ClientResult<()> {
        self.put(Put { target, content, from: 0, length: content.size(), progress }).await
    }

    /// Starts a job whose labels were sent; a repeat is harmless.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn start_job(&self, id: &str) -> ClientResult<Job> {
        self.post(&format!("/v1/jobs/{id}/start"), &serde_json::json!({})).await
    }

    /// A job, with how far it is.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn job(&self, id: &str) -> ClientResult<Job> {
        self.get(&format!("/v1/jobs/{id}")).await
    }

    /// A page of one's own jobs.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn jobs(&self, query: &JobQuery) -> ClientResult<JobPage> {
        self.call(Method::GET, "/v1/jobs", query, None::<&()>).await
    }

    /// Runs what failed of a job again.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn retry_job(&self, id: &str) -> ClientResult<Job> {
        self.post(&format!("/v1/jobs/{id}/retry"), &serde_json::json!({})).await
    }

    /// A signed request for the zip of a job, to be sent without a token.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn job_results(&self, id: &str) -> ClientResult<Target> {
        // A plain GET would be led to the store, and some browsers take the token along.
        self.get(&format!("/v1/jobs/{id}/results")).await
    }

    /// Deletes a job with all that was made; one that runs stops, one that is not there any more is fine.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn delete_job(&self, id: &str) -> ClientResult<()> {
        match self.call(Method::DELETE, &format!("/v1/jobs/{id}"), &(), None::<&()>).await {
            // A try before this one may have done it.
            Err(error) if error.status() == Some(404) => Ok(()),
            answer => answer,
        }
    }
}
