//! Lays several samples out on one canvas.

use std::sync::Arc;

use super::sample::Sample;
use super::warp::{warp_image, warp_mask};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Matrix3, Rect, Size, Warp};
use crate::image::{Channels, Fill, Image};
use crate::labels::{Classes, LabelPolicy, Mask, ObjectState, Values};
use crate::limits::Limits;
use crate::transforms::{Layout, Tile};

/// One sample out of several: each warped into its part of the canvas, labels with it.
pub(super) fn mix(
    inputs: &[Sample],
    layout: &Layout,
    classes: &Classes,
    policy: &LabelPolicy,
    limits: &Limits,
) -> Result<Sample> {
    limits.check_pixels(u64::from(layout.canvas.width), u64::from(layout.canvas.height))?;
    let pictures = inputs.iter().map(|input| (&*input.image, &input.masks[..]));
    let mut canvas = Canvas::new(layout.canvas, layout.background, pictures, policy)?;
    for tile in &layout.tiles {
        let input = input_of(inputs, tile)?;
        let part = tile.part.intersection(layout.canvas.frame());
        if part.area() <= 0.0 {
            continue;
        }
        let mut warp = tile.warp.clone();
        warp.output = layout.canvas;
        canvas.carry(&input.objects, tile.input, (&warp, part), classes, policy);
        canvas.paste((&input.image, &input.masks), vec![warp], part)?;
    }
    let (image, masks, objects) = canvas.into_parts();
    Ok(Sample { image, masks, objects })
}

/// The input that a tile shows.
pub(super) fn input_of<'a, T>(inputs: &'a [T], tile: &Tile) -> Result<&'a T> {
    let missing = || Error::new(ErrorKind::Replay, "a mixing step names an image that it was not given");
    inputs.get(tile.input).ok_or_else(missing)
}

/// What several inputs are laid out on.
pub(super) struct Canvas {
    image: Image,
    /// Masks, and what each has where no image lies, or one without that mask.
    masks: Vec<(Mask, [u8; 4])>,
    objects: Vec<ObjectState>,
}

impl Canvas {
    /// A canvas with all channels of its inputs' images, and a mask of every role that their masks have.
    pub(super) fn new<'a>(
        size: Size,
        background: Fill,
        pictures: impl Iterator<Item = (&'a Image, &'a [Arc<Mask>])>,
        policy: &LabelPolicy,
    ) -> Result<Self> {
        let (mut channels, mut kinds): (Channels, Vec<(&Mask, Values)>) = (Channels::Gray, Vec::new());
        for (image, masks) in pictures {
            channels = widest(channels, image.channels());
            for mask in masks {
                match kinds.iter_mut().find(|(known, _)| known.role() == mask.role()) {
                    Some((_, values)) => *values = values.joined(mask.values())?,
                    None => kinds.push((mask, mask.values().clone())),
                }
            }
        }
        let mut canvas =
            Self { image: Image::filled(size, channels, background), masks: Vec::new(), objects: Vec::new() };
        for (mask, values) in kinds {
            let pixel = policy.mask_pixel(&values)?;
            canvas.masks.push((mask.blank(size, values, pixel), pixel));
        }
        Ok(canvas)
    }

    /// What was laid out.
    pub(super) fn into_parts(self) -> (Arc<Image>, Vec<Arc<Mask>>, Vec<ObjectState>) {
        let masks = self.masks.into_iter().map(|(mask, _)| Arc::new(mask)).collect();
        (Arc::new(self.image), masks, self.objects)
    }

    /// Takes over an input's objects, by a warp into a part of the canvas as it is in full.
    pub(super) fn carry(
        &mut self,
        objects: &[ObjectState],
        input: usize,
        (warp, part): (&Warp, Rect),
        classes: &Classes,
        policy: &LabelPolicy,
    ) {
        for object in objects {
            let mut object = object.clone();
            object.carry_into(warp, part, classes, policy.box_mode);
            self.objects.push(if input == 0 { object } else { object.from_partner(input - 1) });
        }
    }

    /// Pastes an image and its masks, after warps to the size of the canvas, into a part of it.
    pub(super) fn paste(
        &mut self,
        (image, masks): (&Image, &[Arc<Mask>]),
        mut warps: Vec<Warp>,
        part: Rect,
    ) -> Result<()> {
        // Rendering into the part alone saves the rest of the canvas.
        let local = Size::new(part.width() as u32, part.height() as u32);
        warps.push(Warp::matrix(local, Matrix3::translation(-part.x0, -part.y0))?);
        let piece = in_channels(warp_image(image, &warps), self.image.channels())?;
        let size = self.image.size();
        paste(self.image.samples_mut(), size, piece.samples(), part);
        for (canvas, pixel) in &mut self.masks {
            let own = masks.iter().find(|mask| mask.role() == canvas.role());
            let piece = match own {
                // The warps fill the whole part, so that no fill of their own shows.
                Some(own) => warp_mask(own, &warps, *pixel).held_as(canvas.values()),
                None => canvas.blank(local, canvas.values().clone(), *pixel),
            };
            paste(canvas.samples_mut(), size, piece.samples(), part);
        }
        Ok(())
    }
}

fn widest(a: Channels, b: Channels) -> Channels {
    if a.count() >= b.count() { a } else { b }
}

fn in_channels(image: Image, channels: Channels) -> Result<Image> {
    if image.channels() == channels {
        return Ok(image);
    }
    let n = image.channels().count();
    let samples = image.samples().chunks_exact(n).flat_map(|pixel| {
        let full = if n == 1 { [pixel[0], pixel[0], pixel[0], 255] } else { [pixel[0], pixel[1], pixel[2], 255] };
        full.into_iter().take(channels.count())
    });
    Image::from_samples(image.size(), channels, samples.collect())
}

/// Copies a piece that is as large as a part of a canvas to that part.
fn paste(canvas: &mut [u8], size: Size, piece: &[u8], part: Rect) {
    let stride = canvas.len() / (size.height as usize).max(1);
    let row = piece.len() / (part.height() as usize).max(1);
    let left = part.x0 as usize * (stride / (size.width as usize).max(1));
    let rows = canvas.chunks_exact_mut(stride.max(1)).skip(part.y0 as usize);
    for (to, from) in rows.zip(piece.chunks_exact(row.max(1))) {
        to[left..left + row].copy_from_slice(from);
    }
}
