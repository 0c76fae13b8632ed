//! Puts outputs into a dataset in their final order, and what describes them after them.

use serde::Serialize;
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The name of the file.
    pub source: String,
    /// Why.
    pub error: String,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
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

/// Writes a dataset. Outputs must come by source name, then copy; files that describe them all come last.
///
/// Memory grows by the manifest's lines and, for COCO, the annotations.
#[derive(Debug)]
pub struct Assembler<S> {
    sink: S,
    /// Manifest lines with what they are sorted by.
    lines: Vec<(String, String)>,
    fragments: Vec<Fragment>,
    summary: Summary,
}

impl<S: Sink> Assembler<S> {
    /// An empty dataset.
    pub const fn new(sink: S) -> Self {
        Self {
            sink,
            lines: Vec::new(),
            fragments: Vec::new(),
            summary: Summary {
                outputs: 0,
                pixels: 0,
                image_bytes: 0,
                labels_read: 0,
                labels_kept: 0,
                labels_dropped: 0,
                keypoints_read: 0,
                keypoints_kept: 0,
                warnings: 0,
                failed: Vec::new(),
            },
        }
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
        self.fragments.extend(labels.fragment);
        let summary = &mut self.summary;
        summary.outputs += 1;
        summary.pixels += u64::from(line.width) * u64::from(line.height);
        summary.image_bytes += image.len() as u64;
        summary.labels_read += line.labels.read;
        summary.labels_kept += line.labels.kept;
        summary.labels_dropped += line.labels.dropped.len();
        summary.keypoints_read += line.labels.keypoints_read;
        summary.keypoints_kept += line.labels.keypoints_kept;
        summary.warnings += line.labels.warnings.len() + line.warnings.len();
        self.add_line(line.output.clone(), &line);
        Ok(())
    }

    /// Notes a source that gave no outputs.
    pub fn fail(&mut self, source: &str, error: &Error) {
        let error = error.to_string();
        self.add_line(source.to_owned(), &json!({ "source": source, "error": error }));
        self.summary.failed.push(Failure { source: source.to_owned(), error });
    }

    fn add_line(&mut self, key: String, line: &impl Serialize) {
        let line = serde_json::to_string(line).expect("a line is plain data with string keys");
        self.lines.push((key, line));
    }

    /// Where the dataset goes.
    pub const fn sink_mut(&mut self) -> &mut S {
        &mut self.sink
    }

    /// What was done so far.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Adds the labels of the whole dataset, the recipe as run where it is known, and the manifest.
    ///
    /// # Errors
    /// The sink's.
    pub fn finish(mut self, labels: LabelWriter, recipe: Option<&Value>) -> Result<(S, Summary)> {
        for (name, bytes) in labels.finish(self.fragments)? {
            self.sink.add(&name, &bytes)?;
        }
        if let Some(recipe) = recipe {
            let recipe = serde_json::to_string_pretty(recipe).expect("a recipe is plain JSON");
            self.sink.add("recipe.json", format!("{recipe}\n").as_bytes())?;
        }
        self.lines.sort();
        let mut manifest = String::new();
        for (_, line) in &self.lines {
            manifest.push_str(line);
            manifest.push('\n');
        }
        self.sink.add("manifest.jsonl", manifest.as_bytes())?;
        Ok((self.sink, self.summary))
    }
}

impl Output {
    /// The manifest line.
    #[must_use]
    pub const fn line(&self) -> &Line {
        &self.line
    }
}
