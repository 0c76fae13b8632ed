//! Renders a chain of warps with one sampling of its source, antialiased where it shrinks, as few rows at a time as are
//! wanted.

use std::ops::Range;

use super::chain::{Chain, Piece};
use crate::geometry::{Size, Warp};
use crate::image::{Channels, Image, Rgba};
use crate::kernels::bilinear::{Position, ScanLine};
use crate::kernels::copy::{self, PixelMove};
use crate::kernels::reduce::box_reduce;
use crate::kernels::separable::{Sampler, Taps};
use crate::kernels::simd::near;
use crate::labels::Mask;
use crate::math;

/// From this ratio on, a sample stands for so many input pixels that four are taken and averaged; twice as many
/// are averaged in the input before.
const SUPERSAMPLE_FROM: f64 = 1.25;
/// Rows that are rendered at a time where each takes four samples.
const STRIP_ROWS: u32 = 16;
/// Rows that are best made together where they are made of columns, so that what is read of a row is worth its way.
const TURNED_ROWS: u32 = 64;
/// Rows after which what is asked for is used: enough for a steep turn to reach other bytes.
const ROWS_AHEAD: f64 = 16.0;
/// Pieces of fewer columns are not worth the asking.
const COLUMNS_AHEAD: usize = 64;
/// Rows longer than this take one sample a pixel, since four would take memory that no limit counts.
const MAX_SUPERSAMPLED_WIDTH: u32 = 1 << 22;

/// The image after all warps of a chain, bilinear.
pub fn warp_image(image: &Image, warps: &[Warp]) -> Image {
    let warped = Warped::new(image, warps.to_vec());
    let mut out = Image::unset(warped.output(), image.channels());
    warped.rows(image, 0..warped.output().height, out.samples_mut());
    out
}

/// A chain of warps of an image, ready to make any rows of what comes of it.
#[derive(Debug)]
pub(super) struct Warped {
    input: Size,
    output: Size,
    warps: Vec<Warp>,
    way: Way,
}

/// How rows are made.
#[derive(Debug)]
enum Way {
    /// Pixels keep what they are.
    Move(PixelMove),
    /// Rows and columns are sampled apart.
    Apart(Box<Apart>),
    /// A sample a pixel.
    Lines,
    /// Four samples a pixel, of a smaller image where there is one; the last warp makes everything twice as large.
    Finer(Option<Image>),
}

impl Warped {
    /// Of an image of the size that the warps expect; there must be at least one.
    pub(super) fn new(image: &Image, mut warps: Vec<Warp>) -> Self {
        let (input, chain) = (image.size(), Chain::new(image.size(), &warps));
        let output = chain.output();
        let way = if let Some(moved) = chain.pixel_move() {
            Way::Move(moved)
        } else if let Some(apart) = Apart::new(&chain, input) {
            Way::Apart(Box::new(apart))
        } else {
            let (shrink_x, shrink_y) = chain.shrink();
            let double = Size::new(output.width.saturating_mul(2), output.height.saturating_mul(2));
            let finer = (shrink_x.max(shrink_y) >= SUPERSAMPLE_FROM && output.width <= MAX_SUPERSAMPLED_WIDTH)
                .then(|| Warp::between_rects(double, output.frame(), double.frame()).ok());
            match finer.flatten() {
                Some(finer) => {
                    warps.push(finer);
                    Way::Finer(reduced(image, shrink_x / 2.0, shrink_y / 2.0))
                }
                None => Way::Lines,
            }
        };
        Self { input, output, warps, way }
    }

    /// What comes out.
    pub(super) const fn output(&self) -> Size {
        self.output
    }

    /// How many rows are best made together.
    pub(super) const fn together(&self) -> u32 {
        match &self.way {
            Way::Move(moved) if moved.turns() => TURNED_ROWS,
            Way::Apart(apart) if apart.swapped => TURNED_ROWS,
            _ => 1,
        }
    }

    /// Makes some rows from the image.
    pub(super) fn rows(&self, image: &Image, rows: Range<u32>, to: &mut [u8]) {
        match &self.way {
            Way::Move(moved) => moved.rows(image.into(), self.output.width, rows, to),
            Way::Apart(apart) => apart.rows(image, rows, to),
            Way::Lines => render(&Chain::new(self.input, &self.warps), image, self.input, rows, to),
            Way::Finer(small) => self.supersample(small.as_ref().unwrap_or(image), rows, to),
        }
    }

    fn supersample(&self, source: &Image, rows: Range<u32>, to: &mut [u8]) {
        let chain = Chain::new(self.input, &self.warps);
        let stride = self.output.width as usize * source.channels().count();
        let mut strip = Image::unset(Size::new(0, 0), source.channels());
        for (top, to) in
            rows.clone().step_by(STRIP_ROWS as usize).zip(to.chunks_mut((stride * STRIP_ROWS as usize).max(1)))
        {
            let end = (top + STRIP_ROWS).min(rows.end);
            let size = Size::new(chain.output().width, 2 * (end - top));
            if strip.size() != size {
                strip = Image::unset(size, source.channels());
            }
            render(&chain, source, self.input, 2 * top..2 * end, strip.samples_mut());
            to.copy_from_slice(box_reduce(&strip, 2, 2).samples());
        }
    }
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
    let apart = Apart::new(&Chain::new(size, &[warp]), size)?;
    let mut out = Image::unset(small, image.channels());
    apart.rows(image, 0..small.height, out.samples_mut());
    Some(out)
}

/// Taps of an axis at most, so that hostile numbers take no memory.
const MAX_TAPS: f64 = (1 << 22) as f64;

/// A chain that keeps rows and columns apart.
#[derive(Debug)]
struct Apart {
    columns: Along,
    rows: Along,
    /// Whether they change places.
    swapped: bool,
    /// What makes rows where they do not.
    sampler: Option<Sampler>,
    fills: Vec<Rgba>,
}

impl Apart {
    /// `None` for other chains and boundless ones.
    fn new(chain: &Chain<'_>, input: Size) -> Option<Self> {
        let output = chain.output();
        let swapped = chain.keeps_axes()?;
        let (shrink_x, shrink_y) = chain.shrink();
        let (column_shrink, row_shrink) = if swapped { (shrink_y, shrink_x) } else { (shrink_x, shrink_y) };
        let (across, down) = if swapped { (input.height, input.width) } else { (input.width, input.height) };
        let columns = Along::new(chain, 0, output.width, across, column_shrink)?;
        let rows = Along::new(chain, 1, output.height, down, row_shrink)?;
        let sampler = (!swapped).then(|| Sampler::new(&columns.taps, 0..columns.taps.len()));
        Some(Self { columns, rows, swapped, sampler, fills: chain.fills() })
    }

    fn rows(&self, image: &Image, rows: Range<u32>, to: &mut [u8]) {
        let range = rows.start as usize..rows.end as usize;
        let width = self.columns.taps.len();
        if let Some(sampler) = &self.sampler {
            sampler.rows(image, &self.rows.taps, range.clone(), to);
        } else {
            // Some rows of the output are as many columns of what is made first.
            let mut turned = Image::unset(Size::new(rows.len() as u32, width as u32), image.channels());
            let sampler = Sampler::new(&self.rows.taps, range.clone());
            sampler.rows(image, &self.columns.taps, 0..width, turned.samples_mut());
            copy::transpose((&turned).into(), turned.size(), (false, false), to);
        }
        let n = image.channels().count();
        let cuts = &self.rows.cuts[range];
        for (cut_y, row) in cuts.iter().zip(to.chunks_exact_mut((width * n).max(1))) {
            if cut_y.is_none() && !self.columns.is_cut {
                continue;
            }
            for (cut_x, pixel) in self.columns.cuts.iter().zip(row.chunks_exact_mut(n)) {
                // The cut nearest to the output is the one that shows.
                if let Some(fill) = (*cut_y).max(*cut_x).and_then(|link| self.fills.get(link)) {
                    pixel.copy_from_slice(&fill.samples(image.channels())[..n]);
                }
            }
        }
    }
}

/// One axis of the output of a chain that keeps the axes.
#[derive(Debug)]
struct Along {
    taps: Taps,
    /// For every position the link whose fill shows there, if any.
    cuts: Vec<Option<usize>>,
    /// Whether there is any.
    is_cut: bool,
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
                Ok(center) => taps.push(center, shrink),
                Err(_) => taps.push_empty(),
            }
            cuts.push(origin.err());
        }
        let is_cut = cuts.iter().any(Option::is_some);
        Some(Self { taps, cuts, is_cut })
    }
}

/// The mask after all warps of a chain: the nearest pixel's value, and a pixel of its own where the border is constant.
pub fn warp_mask(mask: &Mask, warps: &[Warp], fill: [u8; 4]) -> Mask {
    let chain = Chain::new(mask.size(), warps);
    let (size, n) = (mask.size(), mask.values().bytes());
    let mut out = mask.blank(chain.output(), mask.values().clone(), [0; 4]);
    if let Some(moved) = chain.pixel_move() {
        moved.rows(mask.into(), chain.output().width, 0..chain.output().height, out.samples_mut());
        return out;
    }
    let stride = (chain.output().width as usize * n).max(1);
    for (y, row) in out.samples_mut().chunks_exact_mut(stride).enumerate() {
        let mut row = row.chunks_exact_mut(n);
        let mut x = 0;
        while row.len() > 0 {
            let (piece, count) = chain.piece(x as f64 + 0.5, y as f64 + 0.5, row.len(), (0.0, 0.0));
            x += count;
            for (i, target) in row.by_ref().take(count).enumerate() {
                let Piece::Line(from, step) = &piece else {
                    target.copy_from_slice(&fill[..n]);
                    continue;
                };
                let (u, v) = (from.x + i as f64 * step.0, from.y + i as f64 * step.1);
                let (u, v) = ((u.max(0.0) as u32).min(size.width - 1), (v.max(0.0) as u32).min(size.height - 1));
                target.copy_from_slice(mask.pixel(u as usize, v as usize));
            }
        }
    }
    out
}

/// Renders rows of a chain from an image, or from a smaller one in its place.
fn render(chain: &Chain<'_>, source: &Image, input: Size, rows: Range<u32>, to: &mut [u8]) {
    match source.channels() {
        Channels::Gray => render_in::<1>(chain, source, input, rows, to),
        Channels::Rgb => render_in::<3>(chain, source, input, rows, to),
        Channels::Rgba => render_in::<4>(chain, source, input, rows, to),
    }
}

fn render_in<const N: usize>(chain: &Chain<'_>, source: &Image, input: Size, rows: Range<u32>, to: &mut [u8]) {
    let scale = |small: u32, large: u32| f64::from(small) / f64::from(large);
    let (sx, sy) = (scale(source.size().width, input.width), scale(source.size().height, input.height));
    let (border, fill) = chain.border();
    let line = ScanLine { source, border, fill: fill.samples(source.channels()) };
    let width = (chain.output().width as usize).max(1);
    for (y, mut rest) in rows.zip(to.as_chunks_mut::<N>().0.chunks_exact_mut(width)) {
        let mut x = 0;
        while !rest.is_empty() {
            let (piece, count) = chain.piece(x as f64 + 0.5, f64::from(y) + 0.5, rest.len(), (0.5 / sx, 0.5 / sy));
            let (targets, others) = rest.split_at_mut(count);
            match piece {
                Piece::Line(from, step) => {
                    let ahead = if !near::is_far(source.samples()) || count < COLUMNS_AHEAD {
                        0
                    } else {
                        let (right, down) = ahead(chain, x as f64 + count as f64 / 2.0, f64::from(y) + 0.5);
                        let (down, right) = (math::floor(down * sy) as isize, math::floor(right * sx) as isize);
                        down.saturating_mul(source.stride() as isize).saturating_add(right.saturating_mul(N as isize))
                    };
                    line.sample(
                        Position::new(from.x * sx, from.y * sy),
                        Position::difference(step.0 * sx, step.1 * sy),
                        ahead,
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
}

/// How far to the right and down in the input lies what some rows later will show; nowhere where that is a fill.
fn ahead(chain: &Chain<'_>, x: f64, y: f64) -> (f64, f64) {
    let origin = |y: f64| chain.piece(x, y, 1, (0.0, 0.0)).0;
    match (origin(y), origin(y + ROWS_AHEAD)) {
        (Piece::Line(from, _), Piece::Line(to, _)) => (to.x - from.x, to.y - from.y),
        _ => (0.0, 0.0),
    }
}

/// The size after some warps.
pub(super) fn output_size(input: Size, warps: &[Warp]) -> Size {
    warps.last().map_or(input, |warp| warp.output)
}
