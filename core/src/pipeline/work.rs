//! The work of a run on one source, known before it starts.

use super::{Prepared, RunSpec};
use crate::engine::pixel_steps;
use crate::error::Result;

impl RunSpec {
    /// The pixels that the steps of all outputs of a source make, before any of them is made.
    ///
    /// # Errors
    /// `Recipe` when a step does not fit the image.
    pub fn pixel_steps(&self, source: &Prepared) -> Result<u64> {
        let size = source.sample.image.size();
        self.copies()
            .into_iter()
            .try_fold(0_u64, |all, copy| Ok(all.saturating_add(pixel_steps(&self.plan(source, copy)?, size)?)))
    }
}
