//! Runs a plan over a reduced image, for the eye: labels follow the maps in full, pixels the same maps between reduced
//! frames, and what is counted in pixels is scaled.

use std::sync::Arc;

use super::mix::{Canvas, input_of};
use super::warp::{warp_image, warp_mask};
use crate::digest::Digest;
use crate::error::Result;
use crate::geometry::{Rect, Size, Warp, disjoint_cover};
use crate::image::Image;
use crate::kernels::paint;
use crate::labels::{Classes, LabelPolicy, Mask, ObjectState, carry_all};
use crate::limits::Limits;
use crate::math::round_half_up;
use crate::plan::{Plan, Stage};
use crate::transforms::{Geometric, Mixing, Occlusion, Paint, Pixel};

/// A sample with its pixels reduced; the objects are in pixels of the full frame.
#[derive(Clone, Debug)]
pub struct Small {
    /// The reduced pixels.
    pub image: Arc<Image>,
    /// Masks, each a value for every reduced pixel.
    pub masks: Vec<Arc<Mask>>,
    /// The frame that is reduced.
    pub full: Size,
    /// The objects, on the full frame.
    pub objects: Vec<ObjectState>,
}

/// What executing a plan over a reduced image needs besides it.
pub struct SmallRenderContext<'a> {
    /// The classes of the dataset.
    pub classes: &'a Classes,
    /// How boxes turn, and what masks have where no image lies.
    pub policy: &'a LabelPolicy,
    /// Bounds on what would be made in full.
    pub limits: &'a Limits,
    /// The longest side of what is made, in pixels.
    pub side: u32,
    /// Fetches another image of the dataset, reduced.
    pub partner: &'a dyn Fn(Digest) -> Result<Small>,
}

impl std::fmt::Debug for SmallRenderContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmallRenderContext").field("side", &self.side).finish_non_exhaustive()
    }
}

/// The sample after all steps of a plan that was drawn for the full frame, its longest side at most `side`.
///
/// # Errors
/// As [`super::execute`].
pub fn execute_small(plan: &Plan, mut sample: Small, around: &SmallRenderContext<'_>) -> Result<Small> {
    for stage in plan.stages() {
        match stage {
            Stage::Geometric(steps) => geometric(&mut sample, &steps, around)?,
            Stage::Pixel(steps) => pixel(&mut sample, &steps),
            Stage::Neighborhood(step) => {
                let scaled = step.rescaled(sample.scale());
                let image = Image::clone(&sample.image);
                sample.image = Arc::new(scaled.as_deref().unwrap_or(step).apply(image)?);
            }
            Stage::Occlusion(step) => cover(&mut sample, step),
            Stage::Mixing(step) => sample = mix(sample, step, around)?,
        }
    }
    sample.fit(around.side, around.policy)?;
    Ok(sample)
}

/// A frame reduced to a longest side; never enlarged.
#[must_use]
pub fn fit(full: Size, side: u32) -> Size {
    let longest = full.width.max(full.height).max(1);
    scaled(full, (f64::from(side) / f64::from(longest)).min(1.0))
}

fn scaled(full: Size, by: f64) -> Size {
    let extent = |extent: u32| round_half_up(f64::from(extent) * by).max(1.0) as u32;
    Size::new(extent(full.width), extent(full.height))
}

impl Small {
    /// Reduced pixels a pixel of the full frame.
    fn scale(&self) -> f64 {
        let size = self.image.size();
        let sides = |size: Size| f64::from(size.width) + f64::from(size.height);
        sides(size) / sides(self.full).max(1.0)
    }

    /// Reduces it to a longest side, where it is larger.
    fn fit(&mut self, side: u32, policy: &LabelPolicy) -> Result<()> {
        let (size, wanted) = (self.image.size(), fit(self.full, side));
        if size.width > wanted.width || size.height > wanted.height {
            self.resample(&[between(size, wanted)?], policy)?;
        }
        Ok(())
    }

    fn resample(&mut self, warps: &[Warp], policy: &LabelPolicy) -> Result<()> {
        self.image = Arc::new(warp_image(&self.image, warps));
        for mask in &mut self.masks {
            *mask = Arc::new(warp_mask(mask, warps, policy.mask_pixel(mask.values())?));
        }
        Ok(())
    }
}

fn between(from: Size, to: Size) -> Result<Warp> {
    Warp::between_rects(to, from.frame(), to.frame())
}

fn geometric(sample: &mut Small, steps: &[&dyn Geometric], around: &SmallRenderContext<'_>) -> Result<()> {
    let by = sample.scale();
    let (mut full, mut size) = (sample.full, sample.image.size());
    let mut warps = Vec::with_capacity(steps.len() + 1);
    for step in steps {
        let warp = step.warp(full)?;
        around.limits.check_pixels(u64::from(warp.output.width), u64::from(warp.output.height))?;
        if warp.is_identity(full) {
            continue;
        }
        carry_all(&mut sample.objects, (full, &warp), around.classes, around.policy, around.limits)?;
        let output = scaled(warp.output, by);
        warps.push(warp.rescaled((full, size), output)?);
        (full, size) = (warp.output, output);
    }
    if warps.is_empty() {
        return Ok(());
    }
    // The frames between are only edges on the way: what is made has its own, so that a crop stays sharp.
    let wanted = fit(full, around.side);
    if wanted != size {
        warps.push(between(size, wanted)?);
    }
    sample.full = full;
    sample.resample(&warps, around.policy)
}

fn pixel(sample: &mut Small, steps: &[&dyn Pixel]) {
    let by = sample.scale();
    let scaled: Vec<Option<Box<dyn Pixel>>> = steps.iter().map(|step| step.rescaled(by)).collect();
    let steps: Vec<&dyn Pixel> =
        scaled.iter().zip(steps).map(|(scaled, step)| scaled.as_deref().unwrap_or(*step)).collect();
    super::execute::pixel(Arc::make_mut(&mut sample.image), &steps);
}

/// Whole pixels of a reduced frame that a rectangle of the full one lies on.
fn reduced_rect(rect: Rect, from: Size, to: Size) -> Rect {
    let (x, y) = ratio(from, to);
    let round = round_half_up;
    Rect::new(round(rect.x0 * x), round(rect.y0 * y), round(rect.x1 * x), round(rect.y1 * y)).intersection(to.frame())
}

fn ratio(from: Size, to: Size) -> (f64, f64) {
    (f64::from(to.width) / f64::from(from.width), f64::from(to.height) / f64::from(from.height))
}

fn cover(sample: &mut Small, step: &dyn Occlusion) {
    let cover = step.cover(sample.full);
    let disjoint = disjoint_cover(&cover.rects);
    let (full, size) = (sample.full, sample.image.size());
    let image = Arc::make_mut(&mut sample.image);
    let reduced = |rects: &[Rect]| rects.iter().map(|rect| reduced_rect(*rect, full, size)).collect::<Vec<_>>();
    match cover.paint {
        Paint::Fill(fill) => paint::fill(image, &reduced(&cover.rects), fill),
        Paint::Noise(seed) => paint::noise(image, &reduced(&disjoint), seed),
    }
    for object in &mut sample.objects {
        object.cover(&disjoint);
    }
}

fn mix(sample: Small, step: &dyn Mixing, around: &SmallRenderContext<'_>) -> Result<Small> {
    let mut inputs = vec![sample];
    for partner in step.partners() {
        inputs.push((around.partner)(*partner)?);
    }
    let sizes: Vec<Size> = inputs.iter().map(|input| input.full).collect();
    let layout = step.layout(&sizes)?;
    let full = layout.canvas;
    around.limits.check_pixels(u64::from(full.width), u64::from(full.height))?;
    let size = fit(full, around.side);
    let pictures = inputs.iter().map(|input| (&*input.image, &input.masks[..]));
    let mut canvas = Canvas::new(size, layout.background, pictures, around.policy)?;
    for tile in &layout.tiles {
        let input = input_of(&inputs, tile)?;
        let whole = tile.part.intersection(full.frame());
        if whole.area() <= 0.0 {
            continue;
        }
        let mut warp = tile.warp.clone();
        warp.output = full;
        canvas.carry(&input.objects, tile.input, (&warp, whole), around.classes, around.policy);
        let part = reduced_rect(whole, full, size);
        if part.area() <= 0.0 {
            continue;
        }
        // From the reduced input to the canvas at the same scale, then to the canvas as it is made.
        let same_scale = scaled(full, input.scale());
        let warps = vec![warp.rescaled((input.full, input.image.size()), same_scale)?, between(same_scale, size)?];
        canvas.paste((&input.image, &input.masks), warps, part)?;
    }
    let (image, masks, objects) = canvas.into_parts();
    Ok(Small { image, masks, full, objects })
}
