//! Writes the zip of a run: outputs in order, failures, and the files that describe them.

use std::collections::BTreeMap;

use augment_core::archive::ZipSink;
use augment_core::codec::{self, Encoding, PngCompression};
use augment_core::error::{Error, ErrorKind};
use augment_core::image::Fill;
use augment_core::output::contact_sheet::{self, Tile};
use augment_core::output::{Assembler, Line};
use augment_core::run::{CopyFailures, cause, copy_cause};
use augment_web_messages::{Added, Addition, Destination, Finished, ProblemInfo, Refusal, Rendered, RenderedCopy};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};

use crate::dataset::OpenDataset;
use crate::render::Run;
use crate::transfer::unpack;
use crate::zip_target::ZipTarget;

/// A zip under construction.
pub(crate) struct Zip {
    assembler: Assembler<ZipSink<ZipTarget>>,
    target: ZipTarget,
    tiles: Vec<Tile>,
    reported_failures: CopyFailures,
    /// The source that failed last: its parts may fail one by one.
    last_failed: Option<usize>,
    /// The source of the last warning.
    last_warned: String,
    warnings: BTreeMap<String, usize>,
    dropped: BTreeMap<String, usize>,
}

impl Zip {
    /// Starts a zip and reports the unusable files of the input.
    pub(crate) async fn begin(
        opened: &OpenDataset,
        destination: Destination,
        attached: &[JsValue],
    ) -> Result<(Self, Added), Refusal> {
        let target = ZipTarget::open(destination, attached).await?;
        let mut zip = Self {
            assembler: Assembler::new(ZipSink::with_scratch(target.clone(), target.scratch())),
            target,
            tiles: Vec::new(),
            reported_failures: CopyFailures::default(),
            last_failed: None,
            last_warned: String::new(),
            warnings: BTreeMap::new(),
            dropped: BTreeMap::new(),
        };
        let mut added = Added::default();
        let found = &opened.found;
        for (name, error) in &found.inputs.problems {
            zip.fail(name, &error.to_string(), &mut added);
        }
        for problem in &found.dataset.problems {
            zip.fail(&problem.file, &problem.error.to_string(), &mut added);
        }
        Ok((zip, added))
    }

    /// Adds the outputs of a source, and waits until they are written.
    pub(crate) async fn add(
        &mut self,
        opened: &OpenDataset,
        addition: Addition,
        attached: &[JsValue],
    ) -> Result<Added, Refusal> {
        let mut added = Added::default();
        match addition {
            Addition::Failure { item, message } => self.fail_source(opened, item, &message, &mut added)?,
            Addition::Outputs(Rendered { item, error: Some(error), .. }) => {
                self.fail_source(opened, item, &error, &mut added)?;
            }
            Addition::Outputs(rendered) => self.outputs(opened, rendered, attached, &mut added).await?,
        }
        self.target.drain().await?;
        added.bytes = self.target.bytes();
        Ok(added)
    }

    async fn outputs(
        &mut self,
        opened: &OpenDataset,
        rendered: Rendered,
        attached: &[JsValue],
        added: &mut Added,
    ) -> Result<(), Refusal> {
        opened.check(rendered.item)?;
        let mut buffers = attached.iter().map(|value| value.unchecked_ref::<Uint8Array>());
        for copy in rendered.copies {
            match copy {
                RenderedCopy::Made { .. } => {
                    let (Some(image), Some(block)) = (buffers.next(), buffers.next()) else {
                        return Err(Refusal::new("an output was lost between workers; run again"));
                    };
                    let (output, tile) = unpack(image.to_vec(), &block.to_vec()).map_err(refusal)?;
                    self.note(output.line(), added);
                    self.assembler.push(output).map_err(refusal)?;
                    self.tiles.extend(tile);
                    self.target.drain().await?;
                }
                RenderedCopy::Failed(failure) => {
                    if self.reported_failures.is_new(rendered.item, &failure.error) {
                        let name = &opened.found.dataset.items[rendered.item].name;
                        let words = copy_cause(name, failure.position, &failure.error);
                        self.fail(name, &words, added);
                    }
                }
            }
        }
        Ok(())
    }

    fn fail_source(
        &mut self,
        opened: &OpenDataset,
        item: usize,
        error: &str,
        added: &mut Added,
    ) -> Result<(), Refusal> {
        opened.check(item)?;
        if self.last_failed.replace(item) != Some(item) {
            self.fail(&opened.found.dataset.items[item].name, error, added);
        }
        Ok(())
    }

    fn fail(&mut self, name: &str, error: &str, added: &mut Added) {
        let message = cause(name, error);
        // The kind does not matter.
        self.assembler.fail(name, &Error::new(ErrorKind::Io, message.clone()));
        added.failed.push(ProblemInfo { file: name.to_owned(), message });
    }

    fn note(&mut self, line: &Line, added: &mut Added) {
        let first = line.source != self.last_warned;
        self.last_warned.clone_from(&line.source);
        for warning in line.warnings.iter().chain(&line.labels.warnings) {
            *self.warnings.entry(warning.clone()).or_default() += 1;
            if first {
                added.warnings.push(ProblemInfo { file: line.source.clone(), message: warning.clone() });
            }
        }
        for dropped in &line.labels.dropped {
            *self.dropped.entry(dropped.reason.clone()).or_default() += 1;
        }
    }

    /// Finishes the zip. Returns the zip itself unless the user chose a file, then the contact sheet if there is one.
    pub(crate) async fn finish(
        self,
        opened: &OpenDataset,
        run: Run,
        sheet: bool,
    ) -> Result<(Finished, Vec<JsValue>), Refusal> {
        let Self { assembler, target, tiles, warnings, dropped, .. } = self;
        let recipe = run.job.recipe_json();
        let (sink, summary) = assembler.finish(run.job.label_writer(), Some(&recipe)).map_err(refusal)?;
        target.drain().await?;
        sink.finish().map_err(refusal)?;
        let (bytes, sha256, zip) = target.finish().await?;
        let mut attached: Vec<JsValue> = zip.into_iter().collect();
        if sheet {
            let picture = contact_sheet::sheet(&tiles, &opened.found.dataset.classes);
            let png = Encoding::Png { compression: PngCompression::Small };
            let png = codec::encode(&picture, &png, None, Fill::BLACK).map_err(refusal)?;
            attached.push(Uint8Array::from(png.as_slice()).into());
        }
        let summary = serde_json::to_value(summary).unwrap_or_default();
        let (warnings, dropped) = (by_count(warnings), by_count(dropped));
        Ok((Finished { summary, bytes, sha256, warnings, dropped }, attached))
    }

    /// Discards the zip.
    pub(crate) async fn discard(self) {
        self.target.discard().await;
    }
}

fn by_count(counts: BTreeMap<String, usize>) -> Vec<(String, usize)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

fn refusal(error: Error) -> Refusal {
    Refusal::new(error.to_string())
}
