//! Lays several samples out on one canvas.

use std::sync::Arc;

use super::execute::Sample;
use super::warp::{warp_image, warp_mask};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Matrix3, Rect, Size, Warp};
use crate::image::{Channels, Fill, Image};
use crate::labels::{Classes, LabelPolicy, Tracked};
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
    let pictures = inputs.iter().map(|input| (&*input.image, input.mask.as_deref()));
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
        canvas.paste((&input.image, input.mask.as_deref()), vec![warp], part)?;
    }
    Ok(Sample { image: Arc::new(canvas.image), mask: canvas.mask.map(Arc::new), objects: canvas.objects })
}

/// The input that a tile shows.
pub(super) fn input_of<'a, T>(inputs: &'a [T], tile: &Tile) -> Result<&'a T> {
    let missing = || Error::new(ErrorKind::Replay, "a mixing step names an image that it was not given");
    inputs.get(tile.input).ok_or_else(missing)
}

/// What several inputs are laid out on.
pub(super) struct Canvas {
    pub(super) image: Image,
    pub(super) mask: Option<Image>,
    /// What the mask has where no image lies, or one without a mask.
    mask_pixel: [u8; 4],
    pub(super) objects: Vec<Tracked>,
}

impl Canvas {
    /// A canvas with all channels that its inputs' images and masks have.
    pub(super) fn new<'a>(
        size: Size,
        background: Fill,
        pictures: impl Iterator<Item = (&'a Image, Option<&'a Image>)>,
        policy: &LabelPolicy,
    ) -> Result<Self> {
        let (mut channels, mut mask_channels) = (Channels::Grey, None);
        for (image, mask) in pictures {
            channels = widest(channels, image.channels());
            mask_channels = match (mask_channels, mask.map(Image::channels)) {
                (Some(common), Some(own)) => Some(widest(common, own)),
                (common, own) => common.or(own),
            };
        }
        let image = Image::filled(size, channels, background);
        let mask_pixel = mask_channels.map_or(Ok([0; 4]), |channels| policy.mask_pixel(channels))?;
        let mask = mask_channels.map(|channels| Image::of_pixel(size, channels, mask_pixel));
        Ok(Self { image, mask, mask_pixel, objects: Vec::new() })
    }

    /// Takes over an input's objects, by a warp into a part of the canvas as it is in full.
    pub(super) fn carry(
        &mut self,
        objects: &[Tracked],
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

    /// Pastes an image and its mask, after warps to the size of the canvas, into a part of it.
    pub(super) fn paste(
        &mut self,
        (image, mask): (&Image, Option<&Image>),
        mut warps: Vec<Warp>,
        part: Rect,
    ) -> Result<()> {
        // Rendering into the part alone saves the rest of the canvas.
        let local = Size::new(part.width() as u32, part.height() as u32);
        warps.push(Warp::matrix(local, Matrix3::translation(-part.x0, -part.y0))?);
        let piece = in_channels(warp_image(image, &warps), self.image.channels())?;
        paste(&mut self.image, &piece, part);
        if let Some(canvas) = &mut self.mask {
            let piece = match mask {
                // The warps fill the whole part, so that no fill of their own shows.
                Some(own) => in_channels(warp_mask(own, &warps, self.mask_pixel), canvas.channels())?,
                None => Image::of_pixel(local, canvas.channels(), self.mask_pixel),
            };
            paste(canvas, &piece, part);
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

fn paste(canvas: &mut Image, piece: &Image, part: Rect) {
    let from = part.x0 as usize * canvas.channels().count();
    for y in 0..piece.size().height as usize {
        let row = piece.row(y);
        canvas.row_mut(part.y0 as usize + y)[from..from + row.len()].copy_from_slice(row);
    }
}
