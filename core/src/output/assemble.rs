//! Puts outputs into a dataset in their final order, and what describes them after them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Line;
use crate::archive::ZipSink;
use crate::error::{Error, Result};
use crate::formats::{Fragment, LabelWriter};
use crate::pipeline::Output;

/// Where a dataset goes: an archive, a folder.
pub trait Sink {
    /// Adds a file.
    ///
    /// # Errors
    /// When the name is taken or unsafe, or the bytes cannot be written.
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()>;
}

impl<W: std::io::Write> Sink for ZipSink<W> {
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        Self::add(self, name, bytes)
    }
}

/// A source that gave no outputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The name of the file.
    pub source: String,
    /// Why.
    pub error: String,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Images written.
    pub outputs: usize,
    /// Pixels written.
    pub pixels: u64,
    /// Bytes of the images written.
    pub image_bytes: u64,
    /// Objects read, over all outputs.
    pub labels_read: usize,
    /// Objects written.
    pub labels_kept: usize,
    /// Objects not written, each with its reason in the manifest.
    pub labels_dropped: usize,
    /// Labelled keypoints read.
    pub keypoints_read: usize,
    /// Labelled keypoints written.
    pub keypoints_kept: usize,
    /// Warnings in the manifest.
    pub warnings: usize,
    /// Files that failed, by name.
    pub failed: Vec<Failure>,
}

/// What the files about all outputs are made of, apart from where the dataset goes: as JSON on its way from where
/// outputs are made to where a dataset is finished.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Notes {
    /// Manifest lines with what they are sorted by.
    lines: Vec<(String, String)>,
    fragments: Vec<Fragment>,
    summary: Summary,
}

impl Notes {
    /// Notes a source that gave no outputs.
    pub fn fail(&mut self, source: &str, error: &Error) {
        let error = error.to_string();
        self.add_line(source.to_owned(), &json!({ "source": source, "error": error }));
        self.summary.failed.push(Failure { source: source.to_owned(), error });
    }

    /// Adds what is noted of outputs that come after these.
    pub fn append(&mut self, later: Self) {
        let Self { lines, fragments, summary } = later;
        self.lines.extend(lines);
        self.fragments.extend(fragments);
        self.summary.add(summary);
    }

    /// What was done so far.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    fn add_line(&mut self, key: String, line: &impl Serialize) {
        let line = serde_json::to_string(line).expect("a line is plain data with string keys");
        self.lines.push((key, line));
    }
}

impl Summary {
    fn add(&mut self, later: Self) {
        self.outputs += later.outputs;
        self.pixels += later.pixels;
        self.image_bytes += later.image_bytes;
        self.labels_read += later.labels_read;
        self.labels_kept += later.labels_kept;
        self.labels_dropped += later.labels_dropped;
        self.keypoints_read += later.keypoints_read;
        self.keypoints_kept += later.keypoints_kept;
        self.warnings += later.warnings;
        self.failed.extend(later.failed);
    }
}

/// Writes a dataset. Outputs must come by source name, then copy; files that describe them all come last.
///
/// Memory grows by the manifest's lines and, for COCO, the annotations.
#[derive(Debug)]
pub struct Assembler<S> {
    sink: S,
    notes: Notes,
}

impl<S: Sink> Assembler<S> {
    /// An empty dataset.
    pub fn new(sink: S) -> Self {
        Self::resume(sink, Notes::default())
    }

    /// A dataset of which some outputs are made already, perhaps elsewhere.
    pub const fn resume(sink: S, notes: Notes) -> Self {
        Self { sink, notes }
    }

    /// Where the outputs went, and what is noted of them, for a dataset that is finished elsewhere.
    pub fn pause(self) -> (S, Notes) {
        (self.sink, self.notes)
    }

    /// Adds an output.
    ///
    /// # Errors
    /// The sink's.
    pub fn push(&mut self, output: Output) -> Result<()> {
        let Output { line, image, labels, .. } = output;
        self.sink.add(&line.output, &image)?;
        for (name, bytes) in &labels.entries {
            self.sink.add(name, bytes)?;
        }
        self.notes.fragments.extend(labels.fragment);
        let summary = &mut self.notes.summary;
        summary.outputs += 1;
        summary.pixels += u64::from(line.width) * u64::from(line.height);
        summary.image_bytes += image.len() as u64;
        summary.labels_read += line.labels.read;
        summary.labels_kept += line.labels.kept;
        summary.labels_dropped += line.labels.dropped.len();
        summary.keypoints_read += line.labels.keypoints_read;
        summary.keypoints_kept += line.labels.keypoints_kept;
        summary.warnings += line.labels.warnings.len() + line.warnings.len();
        self.notes.add_line(line.output.clone(), &line);
        Ok(())
    }

    /// Notes a source that gave no outputs.
    pub fn fail(&mut self, source: &str, error: &Error) {
        self.notes.fail(source, error);
    }

    /// Where the dataset goes.
    pub const fn sink_mut(&mut self) -> &mut S {
        &mut self.sink
    }

    /// What was done so far.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        &self.notes.summary
    }

    /// Adds the labels of the whole dataset, the recipe as run where it is known, and the manifest.
    ///
    /// # Errors
    /// The sink's.
    pub fn finish(self, labels: LabelWriter, recipe: Option<&Value>) -> Result<(S, Summary)> {
        let Self { mut sink, notes: Notes { mut lines, fragments, summary } } = self;
        for (name, bytes) in labels.finish(fragments)? {
            sink.add(&name, &bytes)?;
        }
        if let Some(recipe) = recipe {
            let recipe = serde_json::to_string_pretty(recipe).expect("a recipe is plain JSON");
            sink.add("recipe.json", format!("{recipe}\n").as_bytes())?;
        }
        lines.sort();
        let mut manifest = String::new();
        for (_, line) in &lines {
            manifest.push_str(line);
            manifest.push('\n');
        }
        sink.add("manifest.jsonl", manifest.as_bytes())?;
        Ok((sink, summary))
    }
}

impl Output {
    /// The manifest line.
    #[must_use]
    pub const fn line(&self) -> &Line {
        &self.line
    }
}
