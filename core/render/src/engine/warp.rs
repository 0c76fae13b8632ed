//! Renders a chain of warps with one sampling of its source, antialiased where it shrinks.

use std::ops::Range;

use super::chain::{Chain, Piece};
use crate::geometry::{Size, Warp};
use crate::image::{Channels, Image};
use crate::kernels::bilinear::{Line, Position};
use crate::kernels::copy;
use crate::kernels::reduce::box_reduce;
use crate::kernels::separable::{self, Taps};
use crate::math;

/// From this ratio on, a sample stands for so many input pixels that four are taken and averaged; twice as many
/// are averaged in the input before.
const SUPERSAMPLE_FROM: f64 = 1.25;
/// Output pixels that are rendered at a time where each takes four samples; a row at least.
const STRIP_PIXELS: u32 = 1 << 17;
/// Rows longer than this take one sample a pixel, since four would take memory that no limit counts.
const MAX_SUPERSAMPLED_WIDTH: u32 = 1 << 22;

/// The image after all warps of a chain, bilinear.
pub fn warp_image(image: &Image, warps: &[Warp]) -> Image {
    let chain = Chain::new(image.size(), warps);
    if let Some(moved) = chain.pixel_move() {
        return moved.apply(image, chain.output());
    }
    if let Some(sampled) = keep_axes(&chain, image) {
        return sampled;
    }
    let (shrink_x, shrink_y) = chain.shrink();
    if shrink_x.max(shrink_y) < SUPERSAMPLE_FROM || chain.output().width > MAX_SUPERSAMPLED_WIDTH {
        return render(&chain, image, image.size(), 0..chain.output().height);
    }
    let small = reduced(image, shrink_x / 2.0, shrink_y / 2.0);
    supersample(warps, small.as_ref().unwrap_or(image), image.size())
}

/// The image smaller by two factors, where they are above 1.
fn reduced(image: &Image, by_x: f64, by_y: f64) -> Option<Image> {
    let size = image.size();
    let axis = |extent: u32, by: f64| math::round_half_up(f64::from(extent) / by.max(1.0)).max(1.0) as u32;
    let small = Size::new(axis(size.width, by_x), axis(size.height, by_y));
    if small == size {
        return None;
    }
    let warp = Warp::between_rects(small, size.frame(), small.frame()).ok()?;
    keep_axes(&Chain::new(size, &[warp]), image)
}

/// Renders a chain with four samples a pixel.
fn supersample(warps: &[Warp], source: &Image, input: Size) -> Image {
    let output = warps.last().map_or(input, |warp| warp.output);
    let double = Size::new(output.width.saturating_mul(2), output.height.saturating_mul(2));
    let Ok(finer) = Warp::between_rects(double, output.frame(), double.frame()) else {
        return Image::zeroed(output, source.channels());
    };
    let warps: Vec<Warp> = warps.iter().cloned().chain([finer]).collect();
    let chain = Chain::new(input, &warps);
    let mut out = Image::zeroed(output, source.channels());
    let height = (STRIP_PIXELS / output.width.max(1)).max(1);
    for top in (0..output.height).step_by(height as usize) {
        let rows = top..top.saturating_add(height).min(output.height);
        let strip = box_reduce(&render(&chain, source, input, 2 * rows.start..2 * rows.end), 2, 2);
        let stride = out.stride();
        out.samples_mut()[rows.start as usize * stride..rows.end as usize * stride].copy_from_slice(strip.samples());
    }
    out
}

/// Taps of an axis at most, so that hostile numbers take no memory.
const MAX_TAPS: f64 = (1 << 22) as f64;

/// The image after a chain that keeps rows and columns apart; `None` for other chains and boundless ones.
fn keep_axes(chain: &Chain<'_>, image: &Image) -> Option<Image> {
    let (input, output) = (image.size(), chain.output());
    let swapped = chain.keeps_axes()?;
    let (shrink_x, shrink_y) = chain.shrink();
    let (column_shrink, row_shrink) = if swapped { (shrink_y, shrink_x) } else { (shrink_x, shrink_y) };
    let (across, down) = if swapped { (input.height, input.width) } else { (input.width, input.height) };
    let columns = Along::new(chain, 0, output.width, across, column_shrink)?;
    let rows = Along::new(chain, 1, output.height, down, row_shrink)?;
    let mut sampled = if swapped {
        copy::transposed(&separable::sample(image, &rows.taps, &columns.taps))
    } else {
        separable::sample(image, &columns.taps, &rows.taps)
    };
    let n = image.channels().count();
    for (y, cut_y) in rows.cuts.iter().enumerate().filter(|(_, cut)| cut.is_some() || columns.is_cut()) {
        for (cut_x, pixel) in columns.cuts.iter().zip(sampled.row_mut(y).chunks_exact_mut(n)) {
            // The cut nearest to the output is the one that shows.
            if let Some(link) = (*cut_y).max(*cut_x) {
                pixel.copy_from_slice(&chain.fill(link).samples(image.channels())[..n]);
            }
        }
    }
    Some(sampled)
}

/// One axis of the output of a chain that keeps the axes.
struct Along {
    taps: Taps,
    /// For every position the link whose fill shows there, if any.
    cuts: Vec<Option<usize>>,
}

impl Along {
    fn new(chain: &Chain<'_>, axis: usize, length: u32, extent: u32, shrink: f64) -> Option<Self> {
        if f64::from(length) * (shrink + 1.0) * 2.0 > MAX_TAPS {
            return None;
        }
        let (mut taps, mut cuts) = (Taps::new(extent, chain.border().0), Vec::with_capacity(length as usize));
        for i in 0..length {
            let origin = chain.origin_along(axis, f64::from(i) + 0.5);
            match origin {
                Ok(centre) => taps.push(centre, shrink),
                Err(_) => taps.push_empty(),
            }
            cuts.push(origin.err());
        }
        Some(Self { taps, cuts })
    }

    fn is_cut(&self) -> bool {
        self.cuts.iter().any(Option::is_some)
    }
}

/// The mask after all warps of a chain: the nearest pixel's value, 0 where the border is constant.
pub fn warp_mask(mask: &Image, warps: &[Warp]) -> Image {
    let chain = Chain::new(mask.size(), warps);
    if let Some(moved) = chain.pixel_move() {
        return moved.apply(mask, chain.output());
    }
    let (size, n) = (mask.size(), mask.channels().count());
    let mut out = Image::zeroed(chain.output(), mask.channels());
    for y in 0..chain.output().height as usize {
        let mut row = out.row_mut(y).chunks_exact_mut(n);
        let mut x = 0;
        while row.len() > 0 {
            let (piece, count) = chain.piece(x as f64 + 0.5, y as f64 + 0.5, row.len(), (0.0, 0.0));
            x += count;
            for (i, target) in row.by_ref().take(count).enumerate() {
                let Piece::Line(from, step) = &piece else { continue };
                let (u, v) = (from.x + i as f64 * step.0, from.y + i as f64 * step.1);
                let (u, v) = ((u.max(0.0) as u32).min(size.width - 1), (v.max(0.0) as u32).min(size.height - 1));
                target.copy_from_slice(mask.pixel(u as usize, v as usize));
            }
        }
    }
    out
}

/// Renders rows of a chain from an image, or from a smaller one in its place.
fn render(chain: &Chain<'_>, source: &Image, input: Size, rows: Range<u32>) -> Image {
    match source.channels() {
        Channels::Grey => render_in::<1>(chain, source, input, rows),
        Channels::Rgb => render_in::<3>(chain, source, input, rows),
        Channels::Rgba => render_in::<4>(chain, source, input, rows),
    }
}

fn render_in<const N: usize>(chain: &Chain<'_>, source: &Image, input: Size, rows: Range<u32>) -> Image {
    let mut out = Image::zeroed(Size::new(chain.output().width, rows.end - rows.start), source.channels());
    let scale = |small: u32, large: u32| f64::from(small) / f64::from(large);
    let (sx, sy) = (scale(source.size().width, input.width), scale(source.size().height, input.height));
    let (border, fill) = chain.border();
    let line = Line { source, border, fill: fill.samples(source.channels()) };
    for (i, y) in rows.enumerate() {
        let (mut rest, _) = out.row_mut(i).as_chunks_mut::<N>();
        let mut x = 0;
        while !rest.is_empty() {
            let (piece, count) = chain.piece(x as f64 + 0.5, f64::from(y) + 0.5, rest.len(), (0.5 / sx, 0.5 / sy));
            let (targets, others) = rest.split_at_mut(count);
            match piece {
                Piece::Line(from, step) => {
                    line.sample(
                        Position::new(from.x * sx, from.y * sy),
                        Position::difference(step.0 * sx, step.1 * sy),
                        targets,
                    );
                }
                Piece::Fill(fill) => {
                    let samples = fill.samples(source.channels());
                    targets.fill(std::array::from_fn(|c| samples[c]));
                }
            }
            (rest, x) = (others, x + count);
        }
    }
    out
}

/// The size after some warps.
pub(super) fn output_size(input: Size, warps: &[Warp]) -> Size {
    warps.last().map_or(input, |warp| warp.output)
}
