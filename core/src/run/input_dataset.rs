//! The inputs with the dataset that was found in them.

use super::twins;
use crate::codec;
use crate::error::{Context, Result};
use crate::files::Files;
use crate::formats::{Dataset, LabelChoice, open};
use crate::limits::Limits;
use crate::pipeline::{Prepared, Raw, RunSpec};

/// The inputs with the dataset that was found in them.
#[derive(Debug)]
pub struct InputDataset<F> {
    /// The files.
    pub inputs: F,
    /// What was found in them.
    pub dataset: Dataset,
    /// The bounds on what is read.
    pub limits: Limits,
}

impl<F: Files> InputDataset<F> {
    /// Finds the images and labels of the inputs. Where they are `partial`, single files, labels of images that are not
    /// there are no problem.
    ///
    /// # Errors
    /// As [`open`].
    pub fn open(inputs: F, partial: bool, choice: LabelChoice, limits: Limits) -> Result<Self> {
        let mut dataset = open(&inputs, choice, &limits)?;
        if partial {
            dataset.problems.retain(|problem| !problem.is_absent_image());
        }
        twins::number(&mut dataset, &inputs);
        Ok(Self { inputs, dataset, limits })
    }

    /// Reads an image and its masks, and tells the image's pixels.
    ///
    /// # Errors
    /// The files' and those of a broken head.
    pub fn read(&self, item: usize) -> Result<(Raw, u64)> {
        let item = &self.dataset.items[item];
        let image = self.inputs.read(&item.name)?;
        let masks = item.masks.iter().map(|mask| self.inputs.read(&mask.name)).collect::<Result<_>>()?;
        let size = codec::probe(&image, &self.limits).within(|| item.name.clone())?.stored;
        Ok((Raw { image, masks, labels: None }, u64::from(size.width) * u64::from(size.height)))
    }

    /// Decodes an image and places its labels.
    ///
    /// # Errors
    /// As [`RunSpec::prepare`].
    pub fn prepare(&self, job: &RunSpec, item: usize, mut raw: Raw) -> Result<Prepared> {
        let item = &self.dataset.items[item];
        raw.labels = job.own_labels(item).map(|name| self.inputs.read(name)).transpose()?;
        job.prepare(item, raw)
    }
}
