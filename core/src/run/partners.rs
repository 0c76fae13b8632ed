//! The images of a dataset by content, for steps that mix several; the last few stay decoded.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use super::InputDataset;
use crate::digest::Digest;
use crate::engine::Sample;
use crate::error::{Error, ErrorKind, Result};
use crate::files::Files;
use crate::pipeline::RunSpec;

/// Pixels of partners that are kept for the next image that mixes with them.
const KEPT_PIXELS: usize = 32_000_000;

/// The images that can be mixed, by hash.
#[derive(Debug, Default)]
pub struct Partners {
    by_digest: BTreeMap<Digest, usize>,
    kept: Mutex<VecDeque<(Digest, Sample)>>,
}

impl Partners {
    /// The partners by hash; of equal images the first.
    pub fn new(digests: impl IntoIterator<Item = (Digest, usize)>) -> Self {
        let mut by_digest = BTreeMap::new();
        for (digest, item) in digests {
            by_digest.entry(digest).or_insert(item);
        }
        Self { by_digest, kept: Mutex::new(VecDeque::new()) }
    }

    /// Which item a partner is.
    ///
    /// # Errors
    /// `Replay` when it is not among them.
    pub fn item(&self, digest: Digest) -> Result<usize> {
        self.by_digest.get(&digest).copied().ok_or_else(|| {
            Error::new(ErrorKind::Replay, format!("it is mixed with an image that is not among the sources ({digest})"))
        })
    }

    /// A partner's pixels and labels.
    ///
    /// # Errors
    /// As [`Partners::item`], and the image's own.
    pub fn fetch(&self, found: &InputDataset<impl Files>, job: &RunSpec, digest: Digest) -> Result<Sample> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, sample)) = kept().iter().find(|(known, _)| *known == digest) {
            return Ok(sample.clone());
        }
        let item = self.item(digest)?;
        let (raw, _) = found.read(item)?;
        let sample = found.prepare(job, item, raw)?.sample;
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
