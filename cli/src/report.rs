//! What went wrong, as it happens, and what was done, at the end.

use std::collections::BTreeSet;

use augment_core::Error;
use augment_core::formats::{LabelFormat, Split, SplitCounts};
use augment_core::output::{Line, Summary};
use augment_core::pipeline::ENGINE;
use augment_core::run::cause;
use serde_json::json;

use crate::console::Console;
use crate::target::Written;

/// Warnings about single images that are shown; all are in the manifest.
const MAX_SHOWN: usize = 20;

/// Names failures and warnings on standard error, each once.
pub(crate) struct Troubles<'a> {
    console: &'a Console,
    failures: usize,
    warnings: usize,
    /// Warnings of single images, and the image of the last ones.
    of_images: usize,
    last_source: String,
}

impl<'a> Troubles<'a> {
    pub(crate) fn new(console: &'a Console) -> Self {
        Self { console, failures: 0, warnings: 0, of_images: 0, last_source: String::new() }
    }

    /// Names a file that failed, and gives the error without the file's name.
    pub(crate) fn failed(&mut self, name: &str, error: &Error) -> Error {
        self.failures += 1;
        let cause = cause(name, &error.to_string());
        self.console.error(format_args!("{name}: {cause}"));
        Error::new(error.kind(), cause)
    }

    /// Tells what is not a fault.
    pub(crate) fn note(&self, note: &str) {
        self.console.error(format_args!("note: {note}"));
    }

    /// A warning about the dataset.
    pub(crate) fn warn(&mut self, warning: &str) {
        self.warnings += 1;
        self.console.error(format_args!("warning: {warning}"));
    }

    /// The warnings about an image, told with its first copy.
    pub(crate) fn warnings_of(&mut self, line: &Line) {
        if line.source == self.last_source {
            return;
        }
        self.last_source.clone_from(&line.source);
        for warning in line.warnings.iter().chain(&line.labels.warnings) {
            self.warnings += 1;
            self.of_images += 1;
            if self.of_images <= MAX_SHOWN {
                self.console.error(format_args!("{}: warning: {warning}", line.source));
            }
        }
    }

    /// Says how many warnings were not shown.
    pub(crate) fn end(&self) {
        if self.of_images > MAX_SHOWN {
            self.console.error(format_args!(
                "… and {} more warning(s), all of them in the manifest",
                self.of_images - MAX_SHOWN
            ));
        }
    }

    /// Whether there was any failure or warning.
    pub(crate) const fn any(&self) -> bool {
        self.failures + self.warnings > 0
    }

    pub(crate) const fn warnings(&self) -> usize {
        self.warnings
    }
}

/// What a run did.
pub(crate) struct Report {
    pub(crate) summary: Summary,
    /// Images that were found.
    pub(crate) sources: usize,
    /// Outputs of each that is augmented.
    pub(crate) copies: usize,
    /// What was found, on one line.
    pub(crate) found: String,
    /// Images and objects of each split.
    pub(crate) splits: Vec<(Option<Split>, SplitCounts)>,
    /// The splits that went through unchanged.
    pub(crate) unchanged: BTreeSet<Option<Split>>,
    pub(crate) warnings: usize,
    pub(crate) labels: LabelFormat,
    pub(crate) seed: u64,
    pub(crate) seconds: f64,
}

impl Report {
    /// Prints it on standard output, for people or as one JSON object.
    pub(crate) fn print(&self, console: &Console, as_json: bool, written: Option<&Written>) -> anyhow::Result<()> {
        if as_json { console.result(self.to_json(written)) } else { self.print_lines(console, written) }
    }

    fn megapixels(&self) -> f64 {
        self.summary.pixels as f64 / 1e6
    }

    fn to_json(&self, written: Option<&Written>) -> serde_json::Value {
        let summary = &self.summary;
        let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
        json!({
            "output": written.map(|written| written.path.display().to_string()),
            "sha256": written.and_then(|written| written.sha256.as_ref()),
            "seed": self.seed,
            "engine": ENGINE,
            "found": self.found,
            "sources": self.sources,
            "copies": self.copies,
            "splits": self.splits_json(),
            "outputs": summary.outputs,
            "failed": summary.failed,
            "warnings": self.warnings,
            "labels": {
                "format": self.labels,
                "read": summary.labels_read,
                "mirrored": summary.labels_mirrored,
                "kept": summary.labels_kept,
                "dropped": summary.labels_dropped,
                "keypoints_read": summary.keypoints_read,
                "keypoints_kept": summary.keypoints_kept,
            },
            "megapixels": rounded(self.megapixels()),
            "seconds": rounded(self.seconds),
            "megapixels_per_second": rounded(self.megapixels() / self.seconds.max(1e-9)),
        })
    }

    /// Of each split what was found, and whether it was augmented; empty without splits.
    fn splits_json(&self) -> serde_json::Value {
        let of = |(split, counts): &(Option<Split>, SplitCounts)| {
            let name = split.as_ref()?.name();
            Some(json!({
                "split": name,
                "images": counts.images,
                "objects": counts.objects,
                "augmented": !self.unchanged.contains(split),
            }))
        };
        self.splits.iter().filter_map(of).collect()
    }

    fn print_lines(&self, console: &Console, written: Option<&Written>) -> anyhow::Result<()> {
        let summary = &self.summary;
        let Some(written) = written else { return Ok(()) };
        console.result(format_args!(
            "{}: {} image(s) from {}, {:.1} megapixels in {:.1} s ({:.0} a second), seed {}",
            written.path.display(),
            summary.outputs,
            self.sources,
            self.megapixels(),
            self.seconds,
            self.megapixels() / self.seconds.max(1e-9),
            self.seed
        ))?;
        // Masks are not counted as objects, unless they were painted from objects.
        if self.labels != LabelFormat::None && (self.labels != LabelFormat::Masks || summary.labels_read > 0) {
            let joints = if summary.keypoints_read > 0 {
                format!("; keypoints: {} read, {} kept", summary.keypoints_read, summary.keypoints_kept)
            } else {
                String::new()
            };
            let mirrored = match summary.labels_mirrored {
                0 => String::new(),
                more => format!(", {more} more in mirrors"),
            };
            console.result(format_args!(
                "{} labels: {} read{mirrored}, {} kept, {} dropped{joints}",
                self.labels.title(),
                summary.labels_read,
                summary.labels_kept,
                summary.labels_dropped
            ))?;
        }
        if let Some(sha256) = &written.sha256 {
            console.result(format_args!("sha256 {sha256}"))?;
        }
        if !summary.failed.is_empty() || self.warnings > 0 {
            let told = "named on standard error and in the manifest";
            console.result(format_args!("{} failed, {} warning(s), {told}", summary.failed.len(), self.warnings))?;
        }
        Ok(())
    }
}
