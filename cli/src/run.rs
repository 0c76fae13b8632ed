//! The work of a run over a dataset: what is done with every source and every copy.

use augment_core::codec;
use augment_core::digest::Digest;
use augment_core::error::Result;
use augment_core::labels::Labels;
use augment_core::output::contact_sheet::{self, Tile};
use augment_core::pipeline::{Copy, Job, Output, Prepared, bases};

use crate::bench::{Found, Partners, Raw};
use crate::schedule::{self, Extent, Turn, Work};

/// The job with the hashes of all images that can be used, where the recipe mixes any.
pub(crate) fn with_partners<'a>(
    found: &'a Found,
    job: Job,
    mixes: bool,
    jobs: usize,
) -> anyhow::Result<(Job, Partners<'a>)> {
    let mut digests = Vec::new();
    if mixes {
        let extent = Extent { copies: vec![1; found.dataset.items.len()], jobs };
        schedule::run(&Survey { found, job: &job }, extent, |turn| {
            if let Turn::Output(digest) = turn {
                digests.push(digest);
            }
            Ok(())
        })?;
    }
    let job = job.with_partners(digests.iter().map(|(digest, _)| *digest).collect());
    Ok((job, Partners::new(found, digests)))
}

/// The first look at every image of a run that mixes them: which can be used, and their hashes.
struct Survey<'a> {
    found: &'a Found,
    job: &'a Job,
}

impl Work for Survey<'_> {
    type Raw = Raw;
    type Prepared = Digest;
    type Output = (Digest, usize);

    fn read(&self, source: usize) -> Result<(Raw, u64)> {
        self.found.read(source)
    }

    fn prepare(&self, source: usize, raw: Raw) -> Result<Digest> {
        self.found.prepare(self.job, source, raw).map(|prepared| prepared.digest)
    }

    fn render(&self, source: usize, digest: &Digest, _: u32) -> Result<(Digest, usize)> {
        Ok((*digest, source))
    }

    fn bytes(_: &(Digest, usize)) -> u64 {
        size_of::<(Digest, usize)>() as u64
    }
}

/// The run itself.
pub(crate) struct Run<'a> {
    found: &'a Found,
    job: &'a Job,
    partners: &'a Partners<'a>,
    bases: Vec<String>,
    copies: Vec<Copy>,
    /// Whether a contact sheet is wanted.
    sheet: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn new(found: &'a Found, job: &'a Job, partners: &'a Partners<'a>, sheet: bool) -> Self {
        Self { found, job, partners, bases: bases(&found.dataset), copies: job.copies().collect(), sheet }
    }

    /// Outputs of every source.
    pub(crate) const fn copies(&self) -> usize {
        self.copies.len()
    }

    /// Outputs of all sources.
    pub(crate) const fn total(&self) -> u64 {
        self.bases.len() as u64 * self.copies.len() as u64
    }

    /// How much there is to do on so many threads.
    pub(crate) fn extent(&self, jobs: usize) -> Extent {
        Extent { copies: vec![self.copies.len() as u32; self.bases.len()], jobs }
    }

    /// The picture as written, so that the sheet shows what the zip holds.
    fn tile(&self, output: &Output, labels: &Labels) -> Result<Tile> {
        let side = contact_sheet::side(self.total());
        let picture = codec::decode(&output.image, &self.found.limits)?.image;
        Tile::new(&output.line.output, &picture, labels, &self.found.dataset.classes, side)
    }
}

impl Work for Run<'_> {
    type Raw = Raw;
    type Prepared = Prepared;
    type Output = (Output, Option<Tile>);

    fn read(&self, source: usize) -> Result<(Raw, u64)> {
        self.found.read(source)
    }

    fn prepare(&self, source: usize, raw: Raw) -> Result<Prepared> {
        self.found.prepare(self.job, source, raw)
    }

    fn render(&self, source: usize, prepared: &Prepared, copy: u32) -> Result<(Output, Option<Tile>)> {
        let partner = |digest| self.partners.fetch(self.job, digest);
        let mut output = self.job.render(prepared, &self.bases[source], self.copies[copy as usize], &partner)?;
        let position = source as u64 * self.copies.len() as u64 + u64::from(copy);
        let labels = std::mem::take(&mut output.placed);
        let shown = self.sheet && contact_sheet::shows(position, self.total());
        let tile = if shown { Some(self.tile(&output, &labels)?) } else { None };
        Ok((output, tile))
    }

    fn bytes((output, tile): &(Output, Option<Tile>)) -> u64 {
        let labels: usize = output.labels.entries.iter().map(|(_, bytes)| bytes.len()).sum();
        let tile = tile.as_ref().map_or(0, Tile::bytes);
        output.image.len() as u64 + labels as u64 + tile
    }
}

/// Which failures of a source's copies were told already.
#[derive(Default)]
pub(crate) struct CopyFailures {
    source: Option<usize>,
    told: Vec<String>,
}

impl CopyFailures {
    pub(crate) fn is_new(&mut self, source: usize, error: &str) -> bool {
        if self.source != Some(source) {
            *self = Self { source: Some(source), told: Vec::new() };
        }
        let new = !self.told.iter().any(|told| told == error);
        if new {
            self.told.push(error.to_owned());
        }
        new
    }
}
