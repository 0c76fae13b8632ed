//! Renders one item: its images become a zip and notes. It does not touch records.

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use augment_api::{FailureKind, JobFailure};
use augment_core::archive::ZipSink;
use augment_core::error::{Error, ErrorKind};
use augment_core::output::{Assembler, Notes};
use augment_core::pipeline::Prepared;
use augment_core::run::{CopyFailures, cause, copy_cause, guarded};
use augment_records::jobs::JobError;

use super::open_dataset::OpenDataset;
use crate::deadline::Pace;
use crate::memory_limit;
use crate::render_image::{failure, without_options};
use crate::zip_upload::{PartWriter, ZipTail};

/// The images of an item and its limits.
#[derive(Debug)]
pub(crate) struct ItemTask {
    pub(crate) opened: Arc<OpenDataset>,
    /// The sources, by index in the dataset.
    pub(crate) sources: Range<usize>,
    pub(crate) memory: Option<u64>,
}

/// A rendered item.
#[derive(Debug)]
pub(crate) struct RenderedItem {
    pub(crate) notes: Notes,
    /// Sources with missing outputs.
    pub(crate) failures: Vec<JobFailure>,
    /// Sources without output.
    pub(crate) failed: u32,
    /// Names of unusable images.
    pub(crate) unusable: Vec<String>,
    /// Bytes of the zip before its directory.
    pub(crate) front: u64,
    pub(crate) tail: ZipTail,
}

/// Why an item has no result.
#[derive(Debug)]
pub(crate) enum ItemError {
    /// The store failed; a retry may help.
    Store,
    /// It was cancelled, or the upload stopped.
    Stopped,
}

struct ItemRenderer<'a> {
    task: &'a ItemTask,
    assembler: Assembler<ZipSink<PartWriter>>,
    failures: Vec<JobFailure>,
    reported: CopyFailures,
    failed: u32,
    unusable: Vec<String>,
    pace: Pace,
}

/// Renders an item and streams the zip to `writer`. Messages and order are those of `delta augment`.
pub(crate) fn render_item(
    task: &ItemTask,
    writer: PartWriter,
    pace: Pace,
) -> std::result::Result<RenderedItem, ItemError> {
    let mut working = ItemRenderer {
        task,
        assembler: Assembler::new(ZipSink::new(writer)),
        failures: Vec::new(),
        reported: CopyFailures::default(),
        failed: 0,
        unusable: Vec::new(),
        pace,
    };
    let faults = task.opened.found.inputs.faults();
    for source in task.sources.clone() {
        let before = working.assembler.summary().outputs;
        working.source(source)?;
        if working.assembler.summary().outputs == before {
            working.failed += 1;
        }
        if task.opened.found.inputs.faults() > faults {
            return Err(ItemError::Store);
        }
    }
    let ItemRenderer { assembler, failures, failed, unusable, .. } = working;
    let (sink, notes) = assembler.pause().map_err(|_| ItemError::Stopped)?;
    let front = sink.bytes();
    let tail = sink.finish().map_err(|_| ItemError::Stopped)?.finish();
    Ok(RenderedItem { notes, failures, failed, unusable, front, tail })
}

impl ItemRenderer<'_> {
    fn source(&mut self, source: usize) -> std::result::Result<(), ItemError> {
        let prepared = match self.prepare(source) {
            Ok(prepared) => prepared,
            Err((kind, error)) => {
                // Images that only lack time, memory or a working store stay usable.
                let lacks = matches!(kind, FailureKind::Time | FailureKind::Memory) || error.kind() == ErrorKind::Io;
                if !lacks {
                    self.unusable.push(self.name(source).to_owned());
                }
                self.note(source, kind, &error);
                return Ok(());
            }
        };
        let opened = &*self.task.opened;
        for copy in 0..opened.work.copies_of(source) {
            if self.pace.is_stopped() {
                return Err(ItemError::Stopped);
            }
            if self.pace.is_late() {
                let error = Error::new(ErrorKind::Limit, copy_cause(self.name(source), copy, TOO_LATE));
                self.note(source, FailureKind::Time, &error);
                return Ok(());
            }
            let began = Instant::now();
            let render = || opened.work.render(&opened.found, &opened.run, &opened.partners, (source, &prepared), copy);
            match guarded(render) {
                Ok((output, _)) => self.assembler.push(output).map_err(|_| ItemError::Stopped)?,
                Err(error) => {
                    let words = error.to_string();
                    if self.reported.is_new(source, &words) {
                        let error = Error::new(error.kind(), copy_cause(self.name(source), copy, &words));
                        self.note(source, failure(&error).kind, &error);
                    }
                }
            }
            self.pace.note(began);
        }
        Ok(())
    }

    /// Fetches and decodes a source.
    fn prepare(&self, source: usize) -> std::result::Result<Prepared, (FailureKind, Error)> {
        let opened = &*self.task.opened;
        if self.pace.is_late() {
            return Err((FailureKind::Time, Error::new(ErrorKind::Limit, TOO_LATE)));
        }
        let of_core = |error: Error| (failure(&error).kind, error);
        let (raw, pixels) = guarded(|| opened.found.read(source)).map_err(of_core)?;
        let file_bytes = raw.image.len() as u64 + raw.masks.iter().map(|mask| mask.len() as u64).sum::<u64>();
        memory_limit::check(self.task.memory, opened.held + file_bytes, pixels)
            .map_err(|JobError { kind, detail }| (kind, Error::new(ErrorKind::Limit, detail)))?;
        guarded(|| opened.found.prepare(&opened.run, source, raw)).map_err(of_core)
    }

    fn name(&self, source: usize) -> &str {
        &self.task.opened.found.dataset.items[source].name
    }

    /// Records a failure of a source; the job reports the first one per source.
    fn note(&mut self, source: usize, kind: FailureKind, error: &Error) {
        let path = self.name(source).to_owned();
        let error = Error::new(error.kind(), cause(&path, &error.to_string()));
        self.assembler.fail(&path, &error);
        if self.failures.last().is_none_or(|last| last.path != path) {
            let error = without_options(&error.to_string()).to_owned();
            self.failures.push(JobFailure { path, error, kind });
        }
    }
}

/// The message for outputs past the deadline.
const TOO_LATE: &str = "no time was left; retry the job, or make fewer copies";
