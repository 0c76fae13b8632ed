//! Several warps as one: where the pieces of an output row come from, through every frame between.

use crate::geometry::{Border, Map, Matrix3, Point, Size, Warp};
use crate::image::Rgba;
use crate::kernels::copy::PixelMove;
use crate::math;

/// How far a piece of a perspective row may stray from a straight line, in pixels.
const STRAY_PX: f64 = 0.01;

/// More than rounding can move a coordinate that is inside a frame, in pixels.
const CRUMB_PX: f64 = 1e-6;

/// Warps that follow one another, seen from the last output back to the first input.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    /// Warps and the sizes of their inputs, in order.
    links: Vec<(Size, &'a Warp)>,
}

/// Some columns of an output row, from one on, that show one thing.
#[derive(Debug)]
pub(super) enum Piece {
    /// A straight line in the input: where the first column lies on it, and the step from column to column.
    /// It leaves the input by no more than the margin, and only where the border is constant.
    Line(Point, (f64, f64)),
    /// The fill of a border.
    Fill(Rgba),
}

/// A coordinate that moves along a row: where it is, and its step from column to column.
#[derive(Clone, Copy, Debug)]
struct Moving {
    at: f64,
    step: f64,
}

impl Moving {
    /// How many columns from here on stay in an interval that this one lies in; at least one.
    #[inline(always)]
    fn columns_within(self, low: f64, high: f64) -> f64 {
        let room = if self.step > 0.0 { (high - self.at) / self.step } else { (low - self.at) / self.step };
        if self.step == 0.0 { f64::INFINITY } else { math::floor(room) + 1.0 }
    }

    /// How many columns pass from here on before an interval that this one lies outside of is reached; at least one.
    fn columns_before(self, low: f64, high: f64) -> f64 {
        let way = if self.at < low { low - self.at } else { high - self.at };
        // Moving away, or not at all, it is never reached.
        if way * self.step > 0.0 { -math::floor(-way / self.step) } else { f64::INFINITY }
    }

    /// Whether so many columns from here on surely stay in an interval: most do, and need no division.
    #[inline(always)]
    fn stays_within(self, low: f64, high: f64, columns: f64) -> bool {
        let end = self.at + columns * self.step;
        self.at >= low && self.at <= high && end >= low + CRUMB_PX && end <= high - CRUMB_PX
    }

    /// The same coordinate inside a frame, for as many columns as the answer says, up to those asked for; `None` where
    /// the fill shows.
    #[inline(always)]
    fn fold(self, border: Border, extent: f64, margin: f64, most: f64) -> (Option<Self>, f64) {
        if self.stays_within(-margin, extent + margin, most) {
            return (Some(self), most);
        }
        self.fold_at_border(border, extent, margin)
    }

    /// The same for any number of columns.
    #[inline(always)]
    fn fold_at_border(self, border: Border, extent: f64, margin: f64) -> (Option<Self>, f64) {
        if self.at >= -margin && self.at <= extent + margin {
            return (Some(self), self.columns_within(-margin, extent + margin));
        }
        let still = |at: f64| Some(Self { at, step: 0.0 });
        if !self.at.is_finite() {
            return (if border == Border::Constant { None } else { still(0.0) }, 1.0);
        }
        match border {
            Border::Constant => (None, self.columns_before(-margin, extent + margin)),
            Border::Replicate => (still(self.at.clamp(0.0, extent)), self.columns_before(0.0, extent)),
            Border::Wrap | Border::Reflect => {
                let cell = math::floor(self.at / extent);
                let (low, high) = (cell * extent, (cell + 1.0) * extent);
                let count = self.columns_within(low, high);
                // Rounding may push the ends out by a crumb.
                let folded = if border == Border::Reflect && cell - 2.0 * math::floor(cell / 2.0) != 0.0 {
                    Self { at: (high - self.at).clamp(0.0, extent), step: -self.step }
                } else {
                    Self { at: (self.at - low).clamp(0.0, extent), step: self.step }
                };
                (Some(folded), count)
            }
        }
    }
}

impl<'a> Chain<'a> {
    /// The chain of some warps of an image of a size; there must be at least one.
    pub(super) fn new(input: Size, warps: &'a [Warp]) -> Self {
        let mut size = input;
        let links = warps.iter().map(|warp| (std::mem::replace(&mut size, warp.output), warp)).collect();
        Self { links }
    }

    /// Size of the last output.
    pub(super) fn output(&self) -> Size {
        self.links.last().map_or(Size::new(0, 0), |(_, warp)| warp.output)
    }

    /// The border and fill of the input.
    pub(super) fn border(&self) -> (Border, Rgba) {
        self.links.first().map_or((Border::Constant, Rgba::BLACK), |(_, warp)| (warp.border, warp.fill))
    }

    /// The move of whole pixels that the chain is, where it is one.
    pub(super) fn pixel_move(&self) -> Option<PixelMove> {
        let mut total = Matrix3::IDENTITY;
        for (size, warp) in self.links.iter().rev() {
            let Map::Matrix { inverse, .. } = &warp.map else { return None };
            PixelMove::from_matrix(inverse, *size, warp.output)?;
            total = total.then(*inverse);
        }
        PixelMove::from_matrix(&total, self.links.first()?.0, self.output())
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

    /// The fill colors of the links.
    pub(super) fn fills(&self) -> Vec<Rgba> {
        self.links.iter().map(|(_, warp)| warp.fill).collect()
    }

    /// Columns from `x` on at height `y` that show one thing, and how many they are. `margin` is how far outside
    /// a constant border's input a sample still sees it.
    pub(super) fn piece(&self, x: f64, y: f64, most: usize, margin: (f64, f64)) -> (Piece, usize) {
        let mut count = most as f64;
        let (mut p, mut step) = (Point::new(x, y), (1.0, 0.0));
        for (k, (size, warp)) in self.links.iter().enumerate().rev() {
            (p, step) = back(warp, p, step, &mut count);
            let (x, y) = (Moving { at: p.x, step: step.0 }, Moving { at: p.y, step: step.1 });
            let (mx, my) = if k == 0 && warp.border == Border::Constant { margin } else { (0.0, 0.0) };
            let (x, columns_x) = x.fold(warp.border, f64::from(size.width), mx, count);
            let (y, columns_y) = y.fold(warp.border, f64::from(size.height), my, count);
            let (Some(x), Some(y)) = (x, y) else {
                // What is outside along one axis stays so whatever the other one does.
                let outside = |cut: bool, columns: f64| if cut { columns } else { 0.0 };
                let columns = outside(x.is_none(), columns_x).max(outside(y.is_none(), columns_y));
                return (Piece::Fill(warp.fill), whole(count.min(columns), most));
            };
            count = count.min(columns_x).min(columns_y);
            (p, step) = (Point::new(x.at, y.at), (x.step, y.step));
        }
        (Piece::Line(p, step), whole(count, most))
    }

    /// How many input pixels, along x and along y, a step of one output pixel crosses at the output's center.
    pub(super) fn shrink(&self) -> (f64, f64) {
        let center = self.output().center();
        let back = |p: Point| self.links.iter().rev().fold(p, |p, (_, warp)| warp.source_of(p));
        let span = |dx: f64, dy: f64| {
            let (a, b) =
                (back(Point::new(center.x - dx, center.y - dy)), back(Point::new(center.x + dx, center.y + dy)));
            (b.x - a.x, b.y - a.y)
        };
        let (right, down) = (span(0.5, 0.0), span(0.0, 0.5));
        let length = |a: f64, b: f64| {
            let length = math::sqrt(a * a + b * b);
            if length.is_finite() { length } else { 1.0 }
        };
        (length(right.0, down.0), length(right.1, down.1))
    }
}

/// A number of columns: at least one, at most those that there are.
fn whole(count: f64, most: usize) -> usize {
    (count as usize).clamp(1, most.max(1))
}

/// A moving point as it was before a warp; bent maps hold for as few columns as make the way straight.
fn back(warp: &Warp, p: Point, step: (f64, f64), count: &mut f64) -> (Point, (f64, f64)) {
    match &warp.map {
        Map::Matrix { inverse, .. } if inverse.is_affine() => {
            let [a, b, _, c, d, ..] = inverse.0;
            return (inverse.apply(p), (a * step.0 + b * step.1, c * step.0 + d * step.1));
        }
        Map::Matrix { inverse, .. } => {
            // A perspective strays from its chord of n steps by about n²/4 times its depth's slope.
            let [.., g, h, i] = inverse.0;
            let slope = ((g * step.0 + h * step.1) / (g * p.x + h * p.y + i)).abs();
            *count = count.min(math::sqrt(4.0 * STRAY_PX / slope));
        }
        Map::Field(field) => {
            let (column, row) = field.cell(p);
            let (x, y) = (Moving { at: p.x, step: step.0 }, Moving { at: p.y, step: step.1 });
            *count = count.min(x.columns_within(column.0, column.1)).min(y.columns_within(row.0, row.1));
        }
    }
    let steps = math::floor(count.max(1.0)) - 1.0;
    let from = warp.source_of(p);
    if steps < 1.0 {
        *count = 1.0;
        return (from, (0.0, 0.0));
    }
    let to = warp.source_of(Point::new(p.x + steps * step.0, p.y + steps * step.1));
    (from, ((to.x - from.x) / steps, (to.y - from.y) / steps))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn border() -> impl Strategy<Value = Border> {
        prop::sample::select(&[Border::Constant, Border::Replicate, Border::Reflect, Border::Wrap])
    }

    proptest! {
        /// What needs no division is what dividing gives.
        #[test]
        fn staying_inside_is_folding(
            at in -40.0..140.0_f64,
            step in prop_oneof![-3.0..3.0_f64, -1e-6..1e-6_f64, Just(0.0), Just(1.0), Just(-1.0)],
            // Coordinates that end on a border or within a crumb of it.
            end in prop::option::of(prop_oneof![Just(0.0), Just(100.0), -1e-5..1e-5_f64, 99.99999..100.00001_f64]),
            extent in prop_oneof![Just(100.0), 1.0..100.0_f64],
            margin in prop::sample::select(&[0.0, 0.5]),
            border in border(),
            most in 1..300_u32,
        ) {
            let most = f64::from(most);
            let moving = Moving { at: end.map_or(at, |end| end - most * step), step };
            let (short, columns) = moving.fold(border, extent, margin, most);
            let (long, all) = moving.fold_at_border(border, extent, margin);
            prop_assert_eq!(columns.min(most).to_bits(), all.min(most).to_bits());
            let bits = |moving: Option<Moving>| moving.map(|moving| (moving.at.to_bits(), moving.step.to_bits()));
            prop_assert_eq!(bits(short), bits(long));
        }
    }
}
