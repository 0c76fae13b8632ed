//! What is done with every source and every copy of a run.

use super::{Found, Partners};
use crate::codec;
use crate::error::Result;
use crate::files::Files;
use crate::labels::Labels;
use crate::output::contact_sheet::{self, Tile};
use crate::pipeline::{Copy, Job, Output, Prepared, bases};

/// The work of a run, as any number of workers share it.
#[derive(Debug)]
pub struct Work {
    bases: Vec<String>,
    copies: Vec<Copy>,
    /// Whether a contact sheet is wanted.
    sheet: bool,
}

impl Work {
    /// The work of a job over what was found.
    pub fn new<F: Files>(found: &Found<F>, job: &Job, sheet: bool) -> Self {
        Self { bases: bases(&found.dataset), copies: job.copies().collect(), sheet }
    }

    /// Sources.
    #[must_use]
    pub const fn sources(&self) -> usize {
        self.bases.len()
    }

    /// Outputs of every source.
    #[must_use]
    pub const fn copies(&self) -> usize {
        self.copies.len()
    }

    /// Outputs of all sources.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.bases.len() as u64 * self.copies.len() as u64
    }

    /// The path of a source's outputs, without copy and extension.
    #[must_use]
    pub fn base(&self, source: usize) -> &str {
        &self.bases[source]
    }

    /// Renders an output by its position among those of its source; with its tile where a contact sheet shows it.
    ///
    /// # Errors
    /// As [`Job::render`].
    pub fn render<F: Files>(
        &self,
        found: &Found<F>,
        job: &Job,
        partners: &Partners,
        (source, prepared): (usize, &Prepared),
        copy: usize,
    ) -> Result<(Output, Option<Tile>)> {
        let partner = |digest| partners.fetch(found, job, digest);
        let mut output = job.render(prepared, &self.bases[source], self.copies[copy], &partner)?;
        let position = source as u64 * self.copies.len() as u64 + copy as u64;
        let labels = std::mem::take(&mut output.placed);
        let shown = self.sheet && contact_sheet::shows(position, self.total());
        let tile = if shown { Some(self.tile(found, &output, &labels)?) } else { None };
        Ok((output, tile))
    }

    /// The picture as written, so that the sheet shows what the dataset holds.
    fn tile<F: Files>(&self, found: &Found<F>, output: &Output, labels: &Labels) -> Result<Tile> {
        let side = contact_sheet::side(self.total());
        let picture = codec::decode(&output.image, &found.limits)?.image;
        Tile::new(&output.line.output, &picture, labels, &found.dataset.classes, side)
    }
}
