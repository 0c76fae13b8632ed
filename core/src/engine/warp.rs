//! Renders a chain of warps with one sampling of its source, antialiased where it shrinks.

use super::chain::{Chain, Origin};
use crate::geometry::{Border, Matrix3, Point, Size, Warp};
use crate::image::Image;
use crate::kernels::bilinear::{self, Position};
use crate::kernels::copy;
use crate::kernels::reduce::box_reduce;
use crate::kernels::separable::{self, Taps};

/// From this ratio on, a sample stands for so many input pixels that four are taken and averaged.
const SUPERSAMPLE_FROM: f64 = 1.5;

/// The image after all warps of a chain, bilinear.
pub(super) fn warp_image(image: &Image, warps: &[Warp]) -> Image {
    let chain = Chain::new(image.size(), warps);
    if let Some(moved) = chain.pixel_move() {
        return moved.apply(image, chain.output());
    }
    if let Some(sampled) = keep_axes(&chain, image) {
        return sampled;
    }
    let (shrink_x, shrink_y) = chain.shrink();
    let factor = |shrink: f64, extent: u32| (shrink.floor().max(1.0) as u32).min(extent.max(1));
    let (kx, ky) = (factor(shrink_x, image.size().width), factor(shrink_y, image.size().height));
    let rest = (shrink_x / f64::from(kx)).max(shrink_y / f64::from(ky));
    let offsets: &[f64] = if rest > SUPERSAMPLE_FROM { &[0.25, 0.75] } else { &[0.5] };
    let reduced;
    let source = if kx * ky > 1 {
        reduced = box_reduce(image, kx as usize, ky as usize);
        &reduced
    } else {
        image
    };
    let renderer = Renderer { chain: &chain, source, scale: (1.0 / f64::from(kx), 1.0 / f64::from(ky)) };
    match image.channels().count() {
        1 => renderer.render::<1>(offsets),
        3 => renderer.render::<3>(offsets),
        _ => renderer.render::<4>(offsets),
    }
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
        let (mut taps, mut cuts) = (Taps::default(), Vec::with_capacity(length as usize));
        for i in 0..length {
            let origin = chain.origin_along(axis, f64::from(i) + 0.5);
            match origin {
                Ok(centre) => taps.push(centre, shrink, extent, chain.border().0),
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
pub(super) fn warp_mask(mask: &Image, warps: &[Warp]) -> Image {
    let chain = Chain::new(mask.size(), warps);
    if let Some(moved) = chain.pixel_move() {
        return moved.apply(mask, chain.output());
    }
    let size = mask.size();
    let mut out = Image::zeroed(chain.output(), mask.channels());
    let n = mask.channels().count();
    for y in 0..chain.output().height as usize {
        for (x, target) in out.row_mut(y).chunks_exact_mut(n).enumerate() {
            let Origin::At(p) = chain.origin(Point::new(x as f64 + 0.5, y as f64 + 0.5)) else { continue };
            if chain.border().0 == Border::Constant && !size.frame().contains(p) {
                continue;
            }
            let (x, y) = (p.x.max(0.0) as usize, p.y.max(0.0) as usize);
            target.copy_from_slice(mask.pixel(x.min(size.width as usize - 1), y.min(size.height as usize - 1)));
        }
    }
    out
}

struct Renderer<'a> {
    chain: &'a Chain<'a>,
    source: &'a Image,
    /// From coordinates of the chain's input to those of the source, which may be a reduction of it.
    scale: (f64, f64),
}

impl Renderer<'_> {
    fn render<const N: usize>(&self, offsets: &[f64]) -> Image {
        let output = self.chain.output();
        let mut out = Image::zeroed(output, self.source.channels());
        let total = self.chain.total().map(|m| m.then(Matrix3::scaling(self.scale.0, self.scale.1)));
        if let [offset] = offsets {
            for y in 0..output.height as usize {
                self.row::<N>(total.as_ref(), *offset, y as f64 + offset, out.row_mut(y));
            }
            return out;
        }
        let mut rows = vec![vec![0; out.stride()]; offsets.len() * offsets.len()];
        for y in 0..output.height as usize {
            for (i, row) in rows.iter_mut().enumerate() {
                let (dx, dy) = (offsets[i % offsets.len()], offsets[i / offsets.len()]);
                self.row::<N>(total.as_ref(), dx, y as f64 + dy, row);
            }
            bilinear::mean_rows(&rows, self.source.channels(), out.row_mut(y));
        }
        out
    }

    /// One output row: the columns that lie wholly inside by the fast way, the others one by one.
    fn row<const N: usize>(&self, total: Option<&Matrix3>, dx: f64, y: f64, row: &mut [u8]) {
        let (targets, _) = row.as_chunks_mut::<N>();
        let mut inside = 0..0;
        if let Some(total) = total {
            inside = self.chain.interior_columns(dx, y);
            inside = self.span(total, dx, y, inside, targets);
        }
        for x in (0..inside.start).chain(inside.end..targets.len()) {
            targets[x] = self.pixel(Point::new(x as f64 + dx, y));
        }
    }

    /// Renders columns that lie wholly inside; returns those that it did.
    fn span<const N: usize>(
        &self,
        total: &Matrix3,
        dx: f64,
        y: f64,
        columns: std::ops::Range<usize>,
        targets: &mut [[u8; N]],
    ) -> std::ops::Range<usize> {
        let size = self.source.size();
        let fits = |at: Position| {
            let (x, y) = at.pixel();
            x >= 0 && y >= 0 && x < i64::from(size.width) - 1 && y < i64::from(size.height) - 1
        };
        if total.is_affine() {
            let origin = total.apply(Point::new(dx, y));
            let (start, step) = (Position::new(origin.x, origin.y), Position::difference(total.0[0], total.0[3]));
            // Rounding, and the edge cells of a reduction, may push the ends out: the ends decide for all between.
            let mut columns = columns;
            while !columns.is_empty() && !fits(start.plus(step, columns.start as i64)) {
                columns.start += 1;
            }
            while !columns.is_empty() && !fits(start.plus(step, columns.end as i64 - 1)) {
                columns.end -= 1;
            }
            bilinear::line(self.source, start.plus(step, columns.start as i64), step, &mut targets[columns.clone()]);
            return columns;
        }
        let [a, b, c, d, e, f, g, h, i] = total.0;
        let (u, v, w) = (b * y + c, e * y + f, h * y + i);
        for x in columns.clone() {
            let at = x as f64 + dx;
            let scale = 1.0 / (g * at + w);
            let position = Position::new((a * at + u) * scale, (d * at + v) * scale);
            targets[x] =
                if fits(position) { bilinear::inside(self.source, position) } else { self.pixel(Point::new(at, y)) };
        }
        columns
    }

    fn pixel<const N: usize>(&self, p: Point) -> [u8; N] {
        let (border, fill) = self.chain.border();
        match self.chain.origin(p) {
            Origin::At(p) => {
                let at = Position::new(p.x * self.scale.0, p.y * self.scale.1);
                bilinear::anywhere(self.source, at, border, fill.samples(self.source.channels()))
            }
            Origin::Fill(fill) => {
                let samples = fill.samples(self.source.channels());
                std::array::from_fn(|i| samples[i])
            }
        }
    }
}

/// The size after some warps.
pub(super) fn output_size(input: Size, warps: &[Warp]) -> Size {
    warps.last().map_or(input, |warp| warp.output)
}
