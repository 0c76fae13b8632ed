//! The work of a run over a dataset: what is done with every source and every copy.

use augment_core::digest::Digest;
use augment_core::error::Result;
use augment_core::output::contact_sheet::Tile;
use augment_core::pipeline::{Output, Prepared, RunSpec};
use augment_core::run::{self, Partners, Raw};

use crate::dataset::InputDataset;
use crate::schedule::{self, Extent, Turn, Work};

/// The job with the hashes of all images that can be used, where the recipe mixes any.
pub(crate) fn with_partners(
    found: &InputDataset,
    job: RunSpec,
    mixes: bool,
    jobs: usize,
) -> anyhow::Result<(RunSpec, Partners)> {
    let mut digests = Vec::new();
    if mixes {
        let extent = Extent { copies: vec![1; found.dataset.items.len()], jobs };
        schedule::run(&Survey { found, job: &job }, extent, |turn| {
            // What is not augmented is not mixed into what is: a model would see what it is judged by.
            if let Turn::Output((digest, item)) = turn
                && !job.leaves(&found.dataset.items[item])
            {
                digests.push((digest, item));
            }
            Ok(())
        })?;
    }
    let job = job.with_partners(digests.iter().map(|(digest, _)| *digest).collect());
    Ok((job, Partners::new(digests)))
}

/// The first look at every image of a run that mixes them: which can be used, and their hashes.
struct Survey<'a> {
    found: &'a InputDataset,
    job: &'a RunSpec,
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

    fn render(&self, source: usize, digest: &Digest, _: usize) -> Result<(Digest, usize)> {
        Ok((*digest, source))
    }

    fn bytes(_: &(Digest, usize)) -> u64 {
        size_of::<(Digest, usize)>() as u64
    }
}

/// The run itself.
pub(crate) struct Run<'a> {
    found: &'a InputDataset,
    job: &'a RunSpec,
    partners: &'a Partners,
    work: run::Workload,
}

impl<'a> Run<'a> {
    pub(crate) fn new(found: &'a InputDataset, job: &'a RunSpec, partners: &'a Partners, sheet: bool) -> Self {
        Self { found, job, partners, work: run::Workload::new(found, job, sheet) }
    }

    /// Outputs of every source.
    pub(crate) const fn copies(&self) -> usize {
        self.work.copies()
    }

    /// Outputs of a source.
    pub(crate) fn copies_of(&self, source: usize) -> usize {
        self.work.copies_of(source)
    }

    /// Outputs of all sources.
    pub(crate) const fn total(&self) -> u64 {
        self.work.total()
    }

    /// How much there is to do on so many threads.
    pub(crate) fn extent(&self, jobs: usize) -> Extent {
        let copies = (0..self.work.sources()).map(|source| self.work.copies_of(source)).collect();
        Extent { copies, jobs }
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

    fn render(&self, source: usize, prepared: &Prepared, copy: usize) -> Result<(Output, Option<Tile>)> {
        self.work.render(self.found, self.job, self.partners, (source, prepared), copy)
    }

    fn bytes((output, tile): &(Output, Option<Tile>)) -> u64 {
        let labels: usize = output.labels.entries.iter().map(|(_, bytes)| bytes.len()).sum();
        let tile = tile.as_ref().map_or(0, Tile::bytes);
        output.image.len() as u64 + labels as u64 + tile
    }
}
