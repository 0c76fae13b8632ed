//! Renders the outputs of a run, and hashes its sources.

use augment_core::pipeline::{Prepared, RunSpec};
use augment_core::run::{Partners, Workload};
use augment_web_messages::{CopyFailure, Refusal, RenderRequest, Rendered, RenderedCopy, RunSettings, Started};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};

use crate::dataset::{OpenDataset, format_of, recipe};
use crate::preview::mixing;
use crate::transfer::pack;

/// A prepared run.
pub(crate) struct Run {
    pub(crate) job: RunSpec,
    pub(crate) work: Workload,
    partners: Partners,
    /// The last decoded source, or why it failed.
    current: Option<(usize, Result<Prepared, String>)>,
}

impl Run {
    /// Prepares a run over the open dataset.
    pub(crate) fn start(opened: &OpenDataset, settings: RunSettings) -> Result<(Self, Started), Refusal> {
        let found = &opened.found;
        let mut recipe = recipe(settings.recipe)?;
        recipe.count = settings.count.unwrap_or(recipe.count);
        let mixes = recipe.mixes();
        let format = found.dataset.written_format(settings.labels.as_deref().map(format_of).transpose()?);
        let checked = found.dataset.check_augmented(&recipe.augment);
        checked.map_err(|error| Refusal::new(error.to_string()))?;
        let job = RunSpec::new(recipe, settings.seed, &found.dataset, format, found.limits);
        let (job, partners) = mixing(job, opened, &settings.partners)?;
        let work = Workload::new(found, &job, settings.sheet);
        let writer = job.label_writer();
        let warnings = writer.warnings().iter().chain(writer.notes()).chain(job.warnings()).cloned().collect();
        let copies = (0..work.sources()).map(|source| work.copies_of(source)).collect();
        let started = Started { copies, mixes, warnings };
        Ok((Self { job, work, partners, current: None }, started))
    }

    /// Renders outputs of a decoded source; failures are in the result.
    pub(crate) fn render(
        &self,
        opened: &OpenDataset,
        ask: &RenderRequest,
        prepared: Result<Prepared, String>,
    ) -> (Rendered, Vec<JsValue>) {
        let (copies, error, attached) = match prepared {
            Ok(prepared) => {
                let (copies, attached) = self.copies(opened, ask, &prepared);
                (copies, None, attached)
            }
            Err(error) => (Vec::new(), Some(error), Vec::new()),
        };
        (Rendered { item: ask.item, error, copies, memory: memory() }, attached)
    }

    /// Reads and decodes a source, or says why that failed; the last one is cached.
    pub(crate) fn prepared(&mut self, opened: &OpenDataset, item: usize) -> Result<Result<Prepared, String>, Refusal> {
        opened.check(item)?;
        if let Some((current, prepared)) = &self.current
            && *current == item
        {
            return Ok(prepared.clone());
        }
        // Frees its memory before the next one needs it.
        self.current = None;
        let found = &opened.found;
        let prepared = found.read(item).and_then(|(raw, _)| found.prepare(&self.job, item, raw));
        let prepared = prepared.map_err(|error| error.to_string());
        self.current = Some((item, prepared.clone()));
        Ok(prepared)
    }

    fn copies(
        &self,
        opened: &OpenDataset,
        ask: &RenderRequest,
        prepared: &Prepared,
    ) -> (Vec<RenderedCopy>, Vec<JsValue>) {
        let (mut copies, mut attached) = (Vec::with_capacity(ask.copies.len()), Vec::new());
        for position in ask.copies.iter().copied().filter(|position| *position < self.work.copies_of(ask.item)) {
            let made = self
                .work
                .render(&opened.found, &self.job, &self.partners, (ask.item, prepared), position)
                .and_then(|(output, tile)| {
                    let pixels = u64::from(output.line.width) * u64::from(output.line.height);
                    pack(output, tile).map(|packed| (packed, pixels))
                });
            copies.push(match made {
                Ok(((image, block), pixels)) => {
                    attached.extend([&image, &block].map(|bytes| Uint8Array::from(bytes.as_slice()).into()));
                    RenderedCopy::Made { position, pixels, bytes: (image.len() + block.len()) as u64 }
                }
                Err(error) => RenderedCopy::Failed(CopyFailure { position, error: error.to_string() }),
            });
        }
        (copies, attached)
    }
}

/// The content hash of a usable source.
pub(crate) fn digest(opened: &OpenDataset, item: usize) -> Result<String, Refusal> {
    opened.check(item)?;
    let found = &opened.found;
    let prepared = found.read(item).and_then(|(raw, _)| found.prepare(&opened.plain, item, raw));
    prepared.map(|prepared| prepared.digest.to_hex()).map_err(|error| Refusal::new(error.to_string()))
}

/// Bytes of this worker's memory.
fn memory() -> u64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    u64::from(buffer.byte_length())
}
