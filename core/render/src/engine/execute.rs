//! Runs a plan's stages over a sample.

use std::sync::Arc;

use super::cover::cover;
use super::mix::mix;
use super::row_source::RowSource;
use super::sample::Sample;
use super::stop::Stop;
use super::warp::{output_size, warp_mask};
use crate::digest::Digest;
use crate::error::Result;
use crate::geometry::{Size, Warp};
use crate::image::Image;
use crate::kernels::{Levels, PixelPass, pass};
use crate::labels::{Classes, LabelPolicy, carry_all};
use crate::limits::Limits;
use crate::plan::{Plan, Stage};
use crate::transforms::{Geometric, Pixel};

/// What executing a plan needs besides the sample.
pub struct RenderContext<'a> {
    /// The classes of the dataset.
    pub classes: &'a Classes,
    /// How boxes turn, and what masks have where no image lies.
    pub policy: &'a LabelPolicy,
    /// Bounds on what is made.
    pub limits: &'a Limits,
    /// Fetches another image of the dataset for a mixing step.
    pub partner: &'a dyn Fn(Digest) -> Result<Sample>,
}

impl std::fmt::Debug for RenderContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RenderContext").field("policy", self.policy).finish_non_exhaustive()
    }
}

/// The sample after all steps of a plan: a function of its arguments and nothing else.
///
/// # Errors
/// `Recipe` when a step does not fit the image, `Limit` when it would grow too large, and a partner's errors.
pub fn execute(plan: &Plan, sample: Sample, around: &RenderContext<'_>) -> Result<Sample> {
    execute_rows(plan, sample, around).map(RowSource::finished)
}

/// As [`execute`], but the last steps are left to be done row by row where they can be.
///
/// # Errors
/// As [`execute`].
pub fn execute_rows(plan: &Plan, sample: Sample, around: &RenderContext<'_>) -> Result<RowSource> {
    execute_rows_until(plan, sample, around, &Stop::default())
}

/// As [`execute_rows`], but it can be stopped, and so can the rows.
///
/// # Errors
/// As [`execute`], and `Stopped`.
pub fn execute_rows_until(plan: &Plan, sample: Sample, around: &RenderContext<'_>, stop: &Stop) -> Result<RowSource> {
    let mut rows = RowSource::new(sample, stop);
    for stage in plan.stages() {
        stop.check()?;
        match stage {
            Stage::Geometric(steps) => {
                rows.finish();
                if let Some(warps) = geometric(&mut rows.sample, &steps, around)? {
                    rows.warp(warps);
                }
            }
            Stage::Pixel(steps) => rows.pass(&steps),
            Stage::Neighborhood(step) => {
                let image = rows.take_image();
                rows.sample.image = Arc::new(step.apply(Arc::unwrap_or_clone(image))?);
            }
            Stage::Occlusion(step) => {
                rows.finish();
                let covered = step.cover(rows.sample.image.size());
                cover(&mut rows.sample, &covered);
            }
            Stage::Mixing(step) => {
                let mut inputs = vec![rows.finished()];
                for partner in step.partners() {
                    inputs.push((around.partner)(*partner)?);
                }
                let sizes: Vec<Size> = inputs.iter().map(|input| input.image.size()).collect();
                let mixed = mix(&inputs, &step.layout(&sizes)?, around.classes, around.policy, around.limits)?;
                rows = RowSource::new(mixed, stop);
            }
        }
    }
    stop.check()?;
    Ok(rows)
}

/// The warps of steps; masks and objects are carried along.
fn geometric(sample: &mut Sample, steps: &[&dyn Geometric], around: &RenderContext<'_>) -> Result<Option<Vec<Warp>>> {
    let mut warps: Vec<Warp> = Vec::with_capacity(steps.len());
    for step in steps {
        let input = output_size(sample.image.size(), &warps);
        let warp = step.warp(input)?;
        around.limits.check_pixels(u64::from(warp.output.width), u64::from(warp.output.height))?;
        if !warp.is_identity(input) {
            carry_all(&mut sample.objects, (input, &warp), around.classes, around.policy, around.limits)?;
            warps.push(warp);
        }
    }
    if warps.is_empty() {
        return Ok(None);
    }
    for mask in &mut sample.masks {
        let fill = around.policy.mask_pixel(mask.values())?;
        *mask = Arc::new(warp_mask(mask, &warps, fill));
    }
    Ok(Some(warps))
}

/// Runs pixel steps in as few passes as their wish to see its levels allows.
pub(super) fn pixel(image: &mut Image, steps: &[&dyn Pixel]) {
    let mut passes: Vec<PixelPass> = Vec::new();
    for step in steps {
        if step.needs_levels() {
            pass::run(std::mem::take(&mut passes), image);
            passes.push(step.pass(Some(Levels(image))));
        } else {
            passes.push(step.pass(None));
        }
    }
    pass::run(passes, image);
}
