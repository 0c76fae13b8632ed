//! What a geometric transform returns: a map from one frame to another and what lies outside the first.

use super::{DisplacementField, Matrix3, Point, Rect, Size};
use crate::error::{Error, ErrorKind, Result};
use crate::image::Rgba;

/// What a warp shows where it looks outside its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Border {
    /// The fill color.
    #[default]
    Constant,
    /// The nearest edge pixel.
    Replicate,
    /// The image mirrored at its edges: edge pixels stand twice.
    Reflect,
    /// The image repeated.
    Wrap,
}

impl Border {
    /// A fill where this border shows it, else black, which manifests leave out.
    #[must_use]
    pub const fn shown(self, fill: Rgba) -> Rgba {
        if matches!(self, Self::Constant) { fill } else { Rgba::BLACK }
    }

    /// A coordinate brought into [0, extent]; `None` where the fill color shows.
    #[must_use]
    #[inline]
    pub fn fold(self, v: f64, extent: f64) -> Option<f64> {
        if v >= 0.0 && v <= extent {
            return Some(v);
        }
        if !v.is_finite() {
            return if self == Self::Constant { None } else { Some(0.0) };
        }
        match self {
            Self::Constant => None,
            Self::Replicate => Some(v.clamp(0.0, extent)),
            Self::Wrap => Some((v - extent * (v / extent).floor()).clamp(0.0, extent)),
            Self::Reflect => {
                let period = 2.0 * extent;
                let u = v - period * (v / period).floor();
                Some(if u > extent { period - u } else { u }.clamp(0.0, extent))
            }
        }
    }
}

/// How near to the horizon of a perspective labels are followed, as a fraction of the depth at the output's center.
const HORIZON: f64 = 1e-3;

/// How points of the input and points of the output correspond.
#[derive(Clone, Debug)]
pub enum Map {
    /// Input to output by a projective matrix, and back.
    Matrix {
        /// Input to output.
        forward: Matrix3,
        /// Output to input.
        inverse: Matrix3,
    },
    /// Output to input by displacements.
    Field(DisplacementField),
}

/// A geometric transform of one size of image: pixels, masks, boxes, polygons and points all follow it.
#[derive(Clone, Debug)]
pub struct Warp {
    /// Size of the output.
    pub output: Size,
    /// The correspondence.
    pub map: Map,
    /// What shows where the output looks outside the input.
    pub border: Border,
    /// The color for [`Border::Constant`].
    pub fill: Rgba,
}

impl Warp {
    /// A warp by a matrix from input to output, with the border [`Border::Replicate`]: maps that show nothing of the
    /// outside still interpolate across the edge.
    ///
    /// # Errors
    /// `Recipe` when the output is empty, or the matrix is flat, so that no way leads back.
    pub fn matrix(output: Size, forward: Matrix3) -> Result<Self> {
        if output.width == 0 || output.height == 0 {
            return Err(Error::new(ErrorKind::Recipe, "the step leaves no pixel of the image"));
        }
        let inverse = forward
            .inverse()
            .ok_or_else(|| Error::new(ErrorKind::Recipe, "the step flattens the image to a line or a point"))?;
        Ok(Self { output, map: Map::Matrix { forward, inverse }, border: Border::Replicate, fill: Rgba::BLACK })
    }

    /// A warp that takes one rectangle of the input to one of the output, with the border [`Border::Replicate`].
    ///
    /// # Errors
    /// `Recipe` when the output or one of the rectangles is empty.
    pub fn between_rects(output: Size, from: Rect, to: Rect) -> Result<Self> {
        let (x, y) = (to.width() / from.width(), to.height() / from.height());
        Self::matrix(output, Matrix3::affine(x, 0.0, to.x0 - from.x0 * x, 0.0, y, to.y0 - from.y0 * y))
    }

    /// A warp by a field of displacements over the output, with the border [`Border::Replicate`].
    #[must_use]
    pub const fn field(output: Size, field: DisplacementField) -> Self {
        Self { output, map: Map::Field(field), border: Border::Replicate, fill: Rgba::BLACK }
    }

    /// The same map between frames of other sizes: the input `frames.0` becomes `frames.1`, the output to
    /// `output`. A field wants both by the same factors.
    ///
    /// # Errors
    /// `Recipe` when a frame is empty.
    pub fn rescaled(&self, frames: (Size, Size), output: Size) -> Result<Self> {
        let ratio = |from: Size, to: Size| {
            (f64::from(to.width) / f64::from(from.width), f64::from(to.height) / f64::from(from.height))
        };
        let ((ix, iy), (ox, oy)) = (ratio(frames.0, frames.1), ratio(self.output, output));
        if ![ix, iy, ox, oy].iter().all(|factor| factor.is_normal()) {
            return Err(Error::new(ErrorKind::Recipe, "the step leaves no pixel of the image"));
        }
        let map = match &self.map {
            Map::Matrix { forward, inverse } => Map::Matrix {
                forward: Matrix3::scaling(1.0 / ix, 1.0 / iy).then(*forward).then(Matrix3::scaling(ox, oy)),
                inverse: Matrix3::scaling(1.0 / ox, 1.0 / oy).then(*inverse).then(Matrix3::scaling(ix, iy)),
            },
            Map::Field(field) => Map::Field(field.rescaled(ox, oy)),
        };
        Ok(Self { output, map, border: self.border, fill: self.fill })
    }

    /// The same warp with another border.
    #[must_use]
    pub const fn with_border(mut self, border: Border, fill: Rgba) -> Self {
        self.border = border;
        self.fill = fill;
        self
    }

    /// Where a point of the output comes from.
    #[must_use]
    #[inline]
    pub fn source_of(&self, p: Point) -> Point {
        match &self.map {
            Map::Matrix { inverse, .. } => inverse.apply(p),
            Map::Field(field) => field.source_of(p),
        }
    }

    /// Where a point of the input goes.
    #[must_use]
    pub fn target_of(&self, p: Point) -> Point {
        match &self.map {
            Map::Matrix { forward, .. } => forward.apply(p),
            Map::Field(field) => field.target_of(p),
        }
    }

    /// The smallest rectangle of the plane around the input that holds all that the output shows; `None` where that
    /// reaches a horizon, and so has no end.
    #[must_use]
    pub fn sees(&self) -> Option<Rect> {
        let corners = self.output.frame().corners();
        match &self.map {
            Map::Matrix { inverse, .. } => {
                let [.., a, b, c] = inverse.0;
                let depth = |p: &Point| a * p.x + b * p.y + c;
                let before = corners.iter().all(|p| depth(p) > 0.0) || corners.iter().all(|p| depth(p) < 0.0);
                before.then(|| Rect::around(corners.map(|p| inverse.apply(p)))).flatten()
            }
            Map::Field(field) => field.sees(),
        }
    }

    /// For a perspective, the half plane `a·x + b·y + c ≥ 0` of the input that lies before its horizon, with a little
    /// distance from it: only there points have a place in the output.
    #[must_use]
    pub fn horizon(&self) -> Option<[f64; 3]> {
        let Map::Matrix { forward, inverse } = &self.map else { return None };
        if forward.is_affine() {
            return None;
        }
        let [.., a, b, c] = forward.0;
        let seen = inverse.apply(self.output.center());
        let depth = a * seen.x + b * seen.y + c;
        let sign = if depth < 0.0 { -1.0 } else { 1.0 };
        Some([sign * a, sign * b, sign * c - HORIZON * depth.abs()])
    }

    /// Whether boxes stay axis-aligned boxes.
    #[must_use]
    pub fn is_axis_aligned(&self) -> bool {
        matches!(&self.map, Map::Matrix { forward, .. } if forward.is_axis_aligned())
    }

    /// Whether parallels stay parallel.
    #[must_use]
    pub fn keeps_parallels(&self) -> bool {
        matches!(&self.map, Map::Matrix { forward, .. } if forward.is_affine())
    }

    /// Whether straight lines stay straight.
    #[must_use]
    pub const fn keeps_lines(&self) -> bool {
        matches!(self.map, Map::Matrix { .. })
    }

    /// Whether the map mirrors, so that left becomes right.
    #[must_use]
    pub fn mirrors(&self) -> bool {
        matches!(&self.map, Map::Matrix { forward, .. } if forward.determinant() < 0.0)
    }

    /// Whether nothing moves.
    #[must_use]
    pub fn is_identity(&self, input: Size) -> bool {
        self.output == input && matches!(&self.map, Map::Matrix { forward, .. } if *forward == Matrix3::IDENTITY)
    }

    /// Where a rectangle goes under an axis-aligned map.
    #[must_use]
    pub fn target_of_rect(&self, rect: Rect) -> Rect {
        Rect::around(rect.corners().map(|corner| self.target_of(corner))).unwrap_or(rect)
    }
}
