//! The actions on jobs: begin, resume, retry, remove.

use futures::future::{AbortHandle, Abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;

use super::halt::NOT_KEPT;
use super::model::{Cloud, CloudJob, JobStage};
use super::{run_job, saved_job};
use crate::browser;
use crate::run::{CurrentRun, Phase, Runs};
use crate::ui::Tone;
use crate::upload_cache;

impl Cloud {
    /// Resumes the jobs of earlier pages, and clears the upload cache of all others.
    pub(super) fn resume_saved(self) {
        spawn_local(async move {
            for record in saved_job::all() {
                // Another window may work on it.
                if browser::lock(&format!("job.{}", record.id)).await {
                    let safe = record.is_safe();
                    let job = self.put(record, None);
                    if safe {
                        self.resume(job);
                    } else {
                        job.stage.set(JobStage::Failed(NOT_KEPT.into()));
                    }
                }
            }
            upload_cache::clear_others(&saved_job::ids()).await;
        });
    }

    /// Begins a job for an active run.
    pub(super) fn begin(self, runs: Runs, asked: CurrentRun) {
        spawn_local(async move {
            match run_job::begin(self, &asked).await {
                Ok((record, files, caches_files)) => {
                    let _ = browser::lock(&format!("job.{}", record.id)).await;
                    let job = self.put(record, Some(files));
                    job.caches_files.set_value(caches_files);
                    job.run.set_value(Some(SendWrapper::new((runs, asked.number, asked.destination.clone()))));
                    self.announce("The cloud job has started");
                    self.owner.with_value(|owner| owner.with(|| self.remove_if_outrun(job, runs, asked.number)));
                    self.resume(job);
                }
                Err(words) => self.gallery.toaster.say(Tone::Danger, words),
            }
        });
    }

    /// Removes a job when its run here finishes first: its zip is not needed twice.
    fn remove_if_outrun(self, job: CloudJob, runs: Runs, number: u32) {
        Effect::new(move || {
            let whole = runs.result.with(|result| result.as_ref().is_some_and(|result| result.complete));
            let same = runs.current().is_some_and(|asked| asked.number == number);
            let open = !job.record.with_value(|record| record.taken)
                && job.stage.with_untracked(|stage| *stage != JobStage::Leaving);
            if runs.phase.get() == Phase::Done && whole && same && open {
                self.gallery.toaster.say(Tone::Good, "Finished here first: the cloud job is removed");
                self.remove(job);
            }
        });
    }

    /// Continues a job until it is ready or needs the user.
    pub(super) fn resume(self, job: CloudJob) {
        let (handle, registration) = AbortHandle::new_pair();
        job.abort.set_value(Some(handle));
        spawn_local(async move {
            match Abortable::new(run_job::run(self, job), registration).await {
                Ok(Ok(())) => {}
                Ok(Err(words)) => {
                    self.announce(format!("The job in the cloud failed: {words}"));
                    job.stage.set(JobStage::Failed(words));
                    job.keep();
                }
                // The action that aborted it handles the job.
                Err(_) => {}
            }
        });
    }

    /// Stops a job and removes it, here and in the cloud.
    pub(super) fn remove(self, job: CloudJob) {
        job.abort.with_value(|abort| {
            if let Some(abort) = abort {
                abort.abort();
            }
        });
        job.stage.set(JobStage::Leaving);
        spawn_local(async move {
            let gone = run_job::remove(self, job).await;
            self.jobs.update(|jobs| jobs.retain(|other| other.id() != job.id()));
            if let Err(words) = gone {
                let late = "Uploaded files expire on their own.";
                self.gallery.toaster.say(Tone::Warn, format!("{words} {late}"));
            }
        });
    }

    /// Retries the images that failed in the cloud.
    pub(super) fn retry(self, job: CloudJob) {
        spawn_local(async move {
            match run_job::retry(self, job).await {
                Ok(()) => self.resume(job),
                Err(words) => self.gallery.toaster.say(Tone::Danger, words),
            }
        });
    }
}
