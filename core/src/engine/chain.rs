//! Several warps as one: where an output pixel comes from, through every frame between.

use crate::geometry::{Border, Map, Matrix3, Point, Size, Warp};
use crate::image::Fill;
use crate::kernels::copy::PixelMove;

/// Warps that follow one another, seen from the last output back to the first input.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    /// Warps and the sizes of their inputs, in order.
    links: Vec<(Size, &'a Warp)>,
    /// Output to input, where all links are matrices.
    total: Option<Matrix3>,
    /// Half planes `a·x + b·y + c ≥ 0` of the output; where all hold, a sample and its neighbours lie inside
    /// the input and no frame between is left. Only with `total`.
    interior: Vec<[f64; 3]>,
}

/// Where a point comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin {
    /// A point of the input; outside of it only where the border is constant.
    At(Point),
    /// Outside a frame between: its fill.
    Fill(Fill),
}

impl<'a> Chain<'a> {
    /// The chain of some warps of an image of a size; there must be at least one.
    pub(super) fn new(input: Size, warps: &'a [Warp]) -> Self {
        let mut size = input;
        let links: Vec<(Size, &Warp)> =
            warps.iter().map(|warp| (std::mem::replace(&mut size, warp.output), warp)).collect();
        let mut chain = Self { links, total: None, interior: Vec::new() };
        chain.prepare();
        chain
    }

    fn prepare(&mut self) {
        let mut back = Matrix3::IDENTITY;
        let mut interior = Vec::new();
        for (k, (size, warp)) in self.links.iter().enumerate().rev() {
            let Map::Matrix { inverse, .. } = &warp.map else { return };
            back = back.then(*inverse);
            // Half a pixel and a little more inside the first input, so that all four neighbours exist.
            let margin = if k == 0 { 0.5 + 1.0 / 1024.0 } else { 0.0 };
            let (w, h) = (f64::from(size.width), f64::from(size.height));
            let [a, b, c, d, e, f, g, i, j] = back.0;
            let plane = |u: [f64; 3], bound: f64, sign: f64| {
                [sign * (u[0] - bound * g), sign * (u[1] - bound * i), sign * (u[2] - bound * j)]
            };
            for (row, extent) in [([a, b, c], w), ([d, e, f], h)] {
                interior.push(plane(row, margin, 1.0));
                interior.push(plane(row, extent - margin, -1.0));
            }
            if !back.is_affine() {
                interior.push([g, i, j - 1e-6]);
            }
        }
        self.total = Some(back);
        self.interior = interior;
    }

    /// Size of the last output.
    pub(super) fn output(&self) -> Size {
        self.links.last().map_or(Size::new(0, 0), |(_, warp)| warp.output)
    }

    /// Output to input, where all links are matrices.
    pub(super) const fn total(&self) -> Option<Matrix3> {
        self.total
    }

    /// The border and fill of the input.
    pub(super) fn border(&self) -> (Border, Fill) {
        self.links.first().map_or((Border::Constant, Fill::BLACK), |(_, warp)| (warp.border, warp.fill))
    }

    /// The move of whole pixels that the chain is, where it is one.
    pub(super) fn pixel_move(&self) -> Option<PixelMove> {
        for (size, warp) in &self.links {
            let Map::Matrix { inverse, .. } = &warp.map else { return None };
            PixelMove::from_matrix(inverse, *size, warp.output)?;
        }
        PixelMove::from_matrix(&self.total?, self.links.first()?.0, self.output())
    }

    /// Whether rows and columns stay such; and if so, whether they change places.
    pub(super) fn keeps_axes(&self) -> Option<bool> {
        let mut swapped = false;
        for (_, warp) in &self.links {
            let Map::Matrix { inverse, .. } = &warp.map else { return None };
            if !inverse.is_axis_aligned() {
                return None;
            }
            swapped ^= inverse.0[0] == 0.0;
        }
        Some(swapped)
    }

    /// For chains that keep the axes: where a column (axis 0) or row (axis 1) of the output comes from on its axis of
    /// the input; where it is cut, by which link.
    pub(super) fn origin_along(&self, mut axis: usize, mut v: f64) -> Result<f64, usize> {
        for (k, (size, warp)) in self.links.iter().enumerate().rev() {
            let Map::Matrix { inverse, .. } = &warp.map else { return Err(k) };
            let from = axis;
            if inverse.0[0] == 0.0 {
                axis = 1 - axis;
            }
            v = inverse.0[axis * 3 + from] * v + inverse.0[axis * 3 + 2];
            let extent = f64::from(if axis == 0 { size.width } else { size.height });
            v = warp.border.fold(v, extent).ok_or(k)?;
        }
        Ok(v)
    }

    /// The fill colour of a link.
    pub(super) fn fill(&self, link: usize) -> Fill {
        self.links.get(link).map_or(Fill::BLACK, |(_, warp)| warp.fill)
    }

    /// Where a point of the output comes from.
    #[inline]
    pub(super) fn origin(&self, mut p: Point) -> Origin {
        for (k, (size, warp)) in self.links.iter().enumerate().rev() {
            p = warp.source_of(p);
            if k == 0 && warp.border == Border::Constant {
                return Origin::At(p);
            }
            let x = warp.border.fold(p.x, f64::from(size.width));
            let y = warp.border.fold(p.y, f64::from(size.height));
            let (Some(x), Some(y)) = (x, y) else { return Origin::Fill(warp.fill) };
            p = Point::new(x, y);
        }
        Origin::At(p)
    }

    /// The columns of an output row (at height `y`, starting at `x_offset` within each pixel) of which all lies inside.
    pub(super) fn interior_columns(&self, x_offset: f64, y: f64) -> std::ops::Range<usize> {
        let width = self.output().width as usize;
        if self.total.is_none() {
            return 0..0;
        }
        let (mut low, mut high) = (x_offset, width as f64 - 1.0 + x_offset);
        for [a, b, c] in &self.interior {
            let rest = b * y + c;
            if *a > 0.0 {
                low = low.max(-rest / a);
            } else if *a < 0.0 {
                high = high.min(-rest / a);
            } else if rest < 0.0 {
                return 0..0;
            }
        }
        if high.is_nan() || low.is_nan() || high < low {
            return 0..0;
        }
        let first = (low - x_offset).ceil().max(0.0) as usize;
        let end = ((high - x_offset).floor() + 1.0).max(0.0) as usize;
        first.min(width)..end.clamp(first.min(width), width)
    }

    /// How many input pixels, along x and along y, a step of one output pixel crosses at the output's centre.
    pub(super) fn shrink(&self) -> (f64, f64) {
        let centre = self.output().centre();
        let back = |p: Point| self.links.iter().rev().fold(p, |p, (_, warp)| warp.source_of(p));
        let span = |dx: f64, dy: f64| {
            let (a, b) =
                (back(Point::new(centre.x - dx, centre.y - dy)), back(Point::new(centre.x + dx, centre.y + dy)));
            (b.x - a.x, b.y - a.y)
        };
        let (right, down) = (span(0.5, 0.0), span(0.0, 0.5));
        let length = |a: f64, b: f64| {
            let length = crate::math::sqrt(a * a + b * b);
            if length.is_finite() { length } else { 1.0 }
        };
        (length(right.0, down.0), length(right.1, down.1))
    }
}
