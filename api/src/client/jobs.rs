//! Client calls for jobs over datasets: create, start, poll, retry, download, delete.

use reqwest::Method;

use super::content::FileContent;
use super::transfer::{Progress, Put};
use super::{Client, ClientResult};
use crate::{Job, JobPage, JobQuery, JobRequest, JobReservation, Target};

impl Client {
    /// Creates a job. Without labels it starts at once; otherwise upload them to the URL in the answer and start the
    /// job. A taken id is refused with 409, so a request with an id can be repeated safely.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn make_job(&self, request: &JobRequest) -> ClientResult<JobReservation> {
        self.post("/v1/jobs", request).await
    }

    /// Uploads a job's zip of labels to the URL of its reservation.
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

    /// Starts a job whose labels were uploaded; repeatable.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn start_job(&self, id: &str) -> ClientResult<Job> {
        self.post(&format!("/v1/jobs/{id}/start"), &serde_json::json!({})).await
    }

    /// A job and its progress.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn job(&self, id: &str) -> ClientResult<Job> {
        self.get(&format!("/v1/jobs/{id}")).await
    }

    /// A page of the caller's jobs.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn jobs(&self, query: &JobQuery) -> ClientResult<JobPage> {
        self.call(Method::GET, "/v1/jobs", query, None::<&()>).await
    }

    /// Retries the failed part of a job.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn retry_job(&self, id: &str) -> ClientResult<Job> {
        self.post(&format!("/v1/jobs/{id}/retry"), &serde_json::json!({})).await
    }

    /// A signed request for a job's zip; send it without a token.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn job_results(&self, id: &str) -> ClientResult<Target> {
        // Redirects of a plain GET would carry the token to the store in some browsers.
        self.get(&format!("/v1/jobs/{id}/results")).await
    }

    /// Deletes a job and its results; a running one stops, a missing one is no error.
    ///
    /// # Errors
    /// As [`Client::config`].
    pub async fn delete_job(&self, id: &str) -> ClientResult<()> {
        match self.call(Method::DELETE, &format!("/v1/jobs/{id}"), &(), None::<&()>).await {
            // An earlier attempt may have deleted it.
            Err(error) if error.status() == Some(404) => Ok(()),
            answer => answer,
        }
    }
}
