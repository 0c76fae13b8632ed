//! What all runs over a dataset share: reading a source, preparing it, and fetching partners.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use augment_core::codec;
use augment_core::digest::Digest;
use augment_core::engine::Sample;
use augment_core::error::{Context, Error, ErrorKind, Result};
use augment_core::files::Files;
use augment_core::formats::{Dataset, LabelChoice, LabelFormat, open};
use augment_core::limits::Limits;
use augment_core::pipeline::{Job, Prepared};

use crate::input::Inputs;

/// Pixels of partners that are kept for the next image that mixes with them.
const KEPT_PIXELS: usize = 32_000_000;

/// The bytes of an image and of its mask.
pub(crate) type Raw = (Vec<u8>, Option<Vec<u8>>);

/// The inputs with the dataset that was found in them.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) inputs: Inputs,
    pub(crate) dataset: Dataset,
    pub(crate) limits: Limits,
}

impl Found {
    /// Finds the images and labels of the inputs.
    pub(crate) fn open(inputs: Inputs, choice: LabelChoice, limits: Limits) -> Result<Self> {
        let mut dataset = open(&inputs, choice, &limits)?;
        if inputs.partial {
            dataset.problems.retain(|problem| !problem.is_absent_image());
        }
        Ok(Self { inputs, dataset, limits })
    }

    /// Reads an image and its mask, and tells the image's pixels.
    pub(crate) fn read(&self, item: usize) -> Result<(Raw, u64)> {
        let item = &self.dataset.items[item];
        let bytes = self.inputs.read(&item.name)?;
        let mask = item.mask.as_ref().map(|mask| self.inputs.read(mask)).transpose()?;
        let size = codec::probe(&bytes, &self.limits).within(|| item.name.clone())?.stored;
        Ok(((bytes, mask), u64::from(size.width) * u64::from(size.height)))
    }

    /// Decodes an image and places its labels.
    pub(crate) fn prepare(&self, job: &Job, item: usize, (bytes, mask): Raw) -> Result<Prepared> {
        job.prepare(&self.dataset.items[item], &bytes, mask.as_deref())
    }
}

/// What to read for a manifest's format, or for what a user asked for.
pub(crate) const fn choice_for(format: LabelFormat) -> LabelChoice {
    match format {
        LabelFormat::None => LabelChoice::Only(LabelFormat::None),
        _ => LabelChoice::Auto,
    }
}

/// The images of a dataset by content, for steps that mix several; the last few stay decoded.
#[derive(Debug)]
pub(crate) struct Partners<'a> {
    found: &'a Found,
    by_digest: BTreeMap<Digest, usize>,
    kept: Mutex<VecDeque<(Digest, Sample)>>,
}

impl<'a> Partners<'a> {
    /// The partners by hash; of equal images the first.
    pub(crate) fn new(found: &'a Found, digests: impl IntoIterator<Item = (Digest, usize)>) -> Self {
        let mut by_digest = BTreeMap::new();
        for (digest, item) in digests {
            by_digest.entry(digest).or_insert(item);
        }
        Self { found, by_digest, kept: Mutex::new(VecDeque::new()) }
    }

    /// A partner's pixels and labels.
    pub(crate) fn fetch(&self, job: &Job, digest: Digest) -> Result<Sample> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, sample)) = kept().iter().find(|(known, _)| *known == digest) {
            return Ok(sample.clone());
        }
        let item = self.by_digest.get(&digest).ok_or_else(|| {
            Error::new(ErrorKind::Replay, format!("it is mixed with an image that is not among the sources ({digest})"))
        })?;
        let (raw, _) = self.found.read(*item)?;
        let sample = self.found.prepare(job, *item, raw)?.sample;
        let mut kept = kept();
        kept.push_back((digest, sample.clone()));
        let pixels = |kept: &VecDeque<(Digest, Sample)>| {
            kept.iter().map(|(_, sample)| sample.image.size().area()).sum::<usize>()
        };
        while pixels(&kept) > KEPT_PIXELS {
            kept.pop_front();
        }
        Ok(sample)
    }
}
