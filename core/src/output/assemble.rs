//! Puts outputs into a dataset in their final order, and what describes them after them.

use std::io::Write;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Line;
use crate::archive::{Content, ZipSink};
use crate::error::{Error, ErrorKind, Result};
use crate::formats::{Fragment, LabelWriter};
use crate::pipeline::Output;
use crate::scratch::{ExternalSort, Frames, ScratchSpace, SpillBuffer};

/// Where a dataset goes: an archive, a folder.
pub trait Sink {
    /// Adds a file.
    ///
    /// # Errors
    /// When the name is taken or unsafe, or the bytes cannot be written.
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()>;

    /// Adds a file that need not be in memory, by what writes it; it may be written twice.
    ///
    /// # Errors
    /// Those of [`Sink::add`], and those of the content.
    fn add_content(&mut self, name: &str, content: &mut Content<'_>) -> Result<()> {
        let mut bytes = Vec::new();
        content(&mut bytes)?;
        self.add(name, &bytes)
    }

    /// Where there is room for what waits for the end; by default in memory.
    fn scratch(&self) -> ScratchSpace {
        ScratchSpace::default()
    }
}

impl<W: Write> Sink for ZipSink<W> {
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        Self::add(self, name, bytes)
    }

    fn add_content(&mut self, name: &str, content: &mut Content<'_>) -> Result<()> {
        Self::add_content(self, name, content)
    }

    fn scratch(&self) -> ScratchSpace {
        Self::scratch(self)
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
    /// Objects that a border shows once more, which have labels of their own.
    #[serde(default)]
    pub labels_mirrored: usize,
    /// Objects written.
    pub labels_kept: usize,
    /// Objects not written, each with its reason in the manifest.
    pub labels_dropped: usize,
    /// Labeled keypoints read.
    pub keypoints_read: usize,
    /// Labeled keypoints written.
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
        let failure = Failure { source: source.to_owned(), error: error.to_string() };
        self.lines.push((failure.source.clone(), failure.line()));
        self.summary.failed.push(failure);
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
}

impl Failure {
    /// What the manifest says of it.
    fn line(&self) -> String {
        json!({ "source": self.source, "error": self.error }).to_string()
    }
}

impl Summary {
    fn add(&mut self, later: Self) {
        self.outputs += later.outputs;
        self.pixels += later.pixels;
        self.image_bytes += later.image_bytes;
        self.labels_read += later.labels_read;
        self.labels_mirrored += later.labels_mirrored;
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
/// What they are made of waits in the sink's scratch space, so that memory does not grow by outputs, but by failures,
/// which are named at the end.
#[derive(Debug)]
pub struct Assembler<S> {
    sink: S,
    /// Manifest lines.
    lines: ExternalSort,
    /// The outputs' parts of the file about all labels, in frames.
    fragments: SpillBuffer,
    summary: Summary,
}

impl<S: Sink> Assembler<S> {
    /// An empty dataset.
    pub fn new(sink: S) -> Self {
        let space = sink.scratch();
        let (lines, fragments) = (ExternalSort::new(space.clone()), SpillBuffer::new(space));
        Self { sink, lines, fragments, summary: Summary::default() }
    }

    /// A dataset of which some outputs are made already, perhaps elsewhere.
    ///
    /// # Errors
    /// `Io` when there is no room for the notes.
    pub fn resume(sink: S, notes: Notes) -> Result<Self> {
        let mut assembler = Self::new(sink);
        let Notes { lines, fragments, summary } = notes;
        assembler.summary = summary;
        for (key, line) in lines {
            assembler.lines.add(&key, |bytes| bytes.extend_from_slice(line.as_bytes()));
            assembler.lines.settle()?;
        }
        fragments.iter().try_for_each(|fragment| assembler.fragments.append_frame(fragment.as_str().as_bytes()))?;
        Ok(assembler)
    }

    /// Where the outputs went, and what is noted of them, for a dataset that is finished elsewhere.
    ///
    /// # Errors
    /// `Io` when the notes cannot be read back.
    pub fn pause(self) -> Result<(S, Notes)> {
        let Self { sink, lines: mut sorted, fragments: buffer, summary } = self;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (mut lines, mut fragments) = (Vec::new(), Vec::new());
        sorted.each(|key, line| {
            lines.push((text(key), text(line)));
            Ok(())
        })?;
        each_fragment(&buffer, &mut |fragment| {
            fragments.push(fragment.to_owned().into());
            Ok(())
        })?;
        Ok((sink, Notes { lines, fragments, summary }))
    }

    /// Adds an output.
    ///
    /// # Errors
    /// The sink's; `Io` when there is no room for what is noted of it.
    pub fn push(&mut self, output: Output) -> Result<()> {
        let Output { line, image, labels, .. } = output;
        self.sink.add(&line.output, &image)?;
        for (name, bytes) in &labels.entries {
            self.sink.add(name, bytes)?;
        }
        if let Some(fragment) = labels.fragment {
            self.fragments.append_frame(fragment.as_str().as_bytes())?;
        }
        let summary = &mut self.summary;
        summary.outputs += 1;
        summary.pixels += u64::from(line.width) * u64::from(line.height);
        summary.image_bytes += image.len() as u64;
        summary.labels_read += line.labels.read;
        summary.labels_mirrored += line.labels.mirrored;
        summary.labels_kept += line.labels.kept;
        summary.labels_dropped += line.labels.dropped.len();
        summary.keypoints_read += line.labels.keypoints_read;
        summary.keypoints_kept += line.labels.keypoints_kept;
        summary.warnings += line.labels.warnings.len() + line.warnings.len();
        self.lines.add(&line.output, |bytes| {
            serde_json::to_writer(bytes, &line).expect("a line is plain data with string keys");
        });
        self.lines.settle()
    }

    /// Notes a source that gave no outputs.
    pub fn fail(&mut self, source: &str, error: &Error) {
        let failure = Failure { source: source.to_owned(), error: error.to_string() };
        self.lines.add(source, |bytes| bytes.extend_from_slice(failure.line().as_bytes()));
        self.summary.failed.push(failure);
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
    /// The sink's; `Io` when what was noted cannot be read back.
    pub fn finish(self, labels: &LabelWriter, recipe: Option<&Value>) -> Result<(S, Summary)> {
        let Self { mut sink, mut lines, fragments, summary } = self;
        for file in labels.last_files() {
            sink.add_content(&file.name, &mut |out| {
                labels.write_last_file(&file, &mut |take| each_fragment(&fragments, take), out)
            })?;
        }
        if let Some(recipe) = recipe {
            let recipe = serde_json::to_string_pretty(recipe).expect("a recipe is plain JSON");
            sink.add("recipe.json", format!("{recipe}\n").as_bytes())?;
        }
        sink.add_content("manifest.jsonl", &mut |out| {
            lines.each(|_, line| {
                let written = out.write_all(line).and_then(|()| out.write_all(b"\n"));
                written.map_err(|error| Error::new(ErrorKind::Io, error.to_string()))
            })
        })?;
        Ok((sink, summary))
    }
}

/// Goes through the fragments that were put on a buffer.
fn each_fragment(buffer: &SpillBuffer, take: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
    let (mut frames, mut frame) = (Frames::within(0..buffer.length()), Vec::new());
    while frames.next(buffer, &mut frame)? {
        take(&String::from_utf8_lossy(&frame))?;
    }
    Ok(())
}

impl Output {
    /// The manifest line.
    #[must_use]
    pub const fn line(&self) -> &Line {
        &self.line
    }
}
