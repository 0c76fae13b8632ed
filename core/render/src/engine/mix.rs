//! Lays several samples out on one canvas.

use std::sync::Arc;

use super::execute::Sample;
use super::warp::{warp_image, warp_mask};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Rect, Size};
use crate::image::{Channels, Fill, Image};
use crate::labels::{Classes, LabelPolicy};
use crate::limits::Limits;
use crate::transforms::Layout;

/// One sample out of several: each warped into its part of the canvas, labels with it.
pub(super) fn mix(
    inputs: Vec<Sample>,
    layout: &Layout,
    classes: &Classes,
    policy: &LabelPolicy,
    limits: &Limits,
) -> Result<Sample> {
    limits.check_pixels(u64::from(layout.canvas.width), u64::from(layout.canvas.height))?;
    let channels = inputs.iter().fold(Channels::Grey, |common, input| widest(common, input.image.channels()));
    let mut canvas = Image::filled(layout.canvas, channels, layout.background);
    let mask_channels =
        inputs.iter().filter_map(|input| input.mask.as_ref()).map(|mask| mask.channels()).reduce(widest);
    let mut mask = mask_channels.map(|channels| Image::filled(layout.canvas, channels, Fill::BLACK));
    let mut objects = Vec::new();
    for tile in &layout.tiles {
        let input = inputs
            .get(tile.input)
            .ok_or_else(|| Error::new(ErrorKind::Replay, "a mixing step names an image that it was not given"))?;
        let part = tile.part.intersection(layout.canvas.frame());
        if part.area() <= 0.0 {
            continue;
        }
        // Rendering into the part alone saves the rest of the canvas.
        let mut warp = tile.warp.clone();
        let local = crate::geometry::Warp::matrix(
            Size::new(part.width() as u32, part.height() as u32),
            crate::geometry::Matrix3::translation(-part.x0, -part.y0),
        )?;
        warp.output = layout.canvas;
        let warps = [warp, local];
        paste(&mut canvas, &in_channels(&warp_image(&input.image, &warps), channels)?, part);
        if let Some(mask) = &mut mask {
            let piece = match &input.mask {
                Some(own) => in_channels(&warp_mask(own, &warps), mask.channels())?,
                None => Image::zeroed(warps[1].output, mask.channels()),
            };
            paste(mask, &piece, part);
        }
        for object in &input.objects {
            let mut object = object.clone();
            object.carry_into(&warps[0], part, classes, policy.box_mode);
            objects.push(if tile.input == 0 { object } else { object.from_partner(tile.input - 1) });
        }
    }
    Ok(Sample { image: Arc::new(canvas), mask: mask.map(Arc::new), objects })
}

pub(super) fn widest(a: Channels, b: Channels) -> Channels {
    if a.count() >= b.count() { a } else { b }
}

pub(super) fn in_channels(image: &Image, channels: Channels) -> Result<Image> {
    if image.channels() == channels {
        return Ok(image.clone());
    }
    let n = image.channels().count();
    let samples = image.samples().chunks_exact(n).flat_map(|pixel| {
        let full = if n == 1 { [pixel[0], pixel[0], pixel[0], 255] } else { [pixel[0], pixel[1], pixel[2], 255] };
        full.into_iter().take(channels.count())
    });
    Image::from_samples(image.size(), channels, samples.collect())
}

pub(super) fn paste(canvas: &mut Image, piece: &Image, part: Rect) {
    let from = part.x0 as usize * canvas.channels().count();
    for y in 0..piece.size().height as usize {
        let row = piece.row(y);
        canvas.row_mut(part.y0 as usize + y)[from..from + row.len()].copy_from_slice(row);
    }
}
