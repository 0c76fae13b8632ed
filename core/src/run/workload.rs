//! What is done with every source and every copy of a run.

use super::{InputDataset, Partners};
use crate::codec;
use crate::error::Result;
use crate::files::Files;
use crate::labels::Labels;
use crate::output::contact_sheet::{self, Tile};
use crate::pipeline::{CopyKind, Output, Prepared, RunSpec, bases};

/// The work of a run, as any number of workers share it.
#[derive(Debug)]
pub struct Workload {
    bases: Vec<String>,
    /// The outputs of each source that is augmented.
    copies: Vec<CopyKind>,
    /// By source whether it goes through unchanged, and the outputs of all sources before it.
    passes: Vec<bool>,
    before: Vec<u64>,
    total: u64,
    /// Whether a contact sheet is wanted.
    sheet: bool,
}

impl Workload {
    /// The work of a job over what was found.
    pub fn new<F: Files>(found: &InputDataset<F>, job: &RunSpec, sheet: bool) -> Self {
        let items = &found.dataset.items;
        let copies = job.copies();
        let passes: Vec<bool> = items.iter().map(|item| job.leaves(item)).collect();
        let mut total = 0;
        let count = |passes: &bool| {
            let before = total;
            total += if *passes { 1 } else { copies.len() as u64 };
            before
        };
        let before = passes.iter().map(count).collect();
        Self { bases: bases(&found.dataset), copies, passes, before, total, sheet }
    }

    /// Sources.
    #[must_use]
    pub const fn sources(&self) -> usize {
        self.bases.len()
    }

    /// Outputs of each source that is augmented.
    #[must_use]
    pub const fn copies(&self) -> usize {
        self.copies.len()
    }

    /// Outputs of a source.
    #[must_use]
    pub fn copies_of(&self, source: usize) -> usize {
        if self.passes[source] { 1 } else { self.copies.len() }
    }

    /// Outputs of all sources.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The path of a source's outputs, without copy and extension.
    #[must_use]
    pub fn base(&self, source: usize) -> &str {
        &self.bases[source]
    }

    /// Renders an output by its position among those of its source; with its tile where a contact sheet shows it.
    ///
    /// # Errors
    /// As [`RunSpec::render`].
    pub fn render<F: Files>(
        &self,
        found: &InputDataset<F>,
        job: &RunSpec,
        partners: &Partners,
        (source, prepared): (usize, &Prepared),
        copy: usize,
    ) -> Result<(Output, Option<Tile>)> {
        let partner = |digest| partners.fetch(found, job, digest);
        let which = if self.passes[source] { CopyKind::Untouched } else { self.copies[copy] };
        let mut output = job.render(prepared, &self.bases[source], which, &partner)?;
        let position = self.before[source] + copy as u64;
        let labels = std::mem::take(&mut output.placed);
        let shown = self.sheet && contact_sheet::shows(position, self.total());
        let tile = if shown { Some(self.tile(found, &output, &labels)?) } else { None };
        Ok((output, tile))
    }

    /// The picture as written, so that the sheet shows what the dataset holds.
    fn tile<F: Files>(&self, found: &InputDataset<F>, output: &Output, labels: &Labels) -> Result<Tile> {
        let side = contact_sheet::side(self.total());
        let picture = codec::decode(&output.image, &found.limits)?.image;
        Tile::new(&output.line.output, &picture, labels, &found.dataset.classes, side)
    }
}
