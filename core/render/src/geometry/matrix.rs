//! Projective maps of the plane as 3×3 matrices.

use super::{Point, Rect};
use crate::math;

/// A projective map: (x, y, 1) ↦ (x', y', w), row by row; the image of the point is (x'/w, y'/w).
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Matrix3(pub [f64; 9]);

impl Matrix3 {
    /// The map that moves nothing.
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);

    /// The affine map (x, y) ↦ (a·x + b·y + c, d·x + e·y + f).
    #[must_use]
    pub const fn affine(a: f64, b: f64, c: f64, d: f64, e: f64, f: f64) -> Self {
        Self([a, b, c, d, e, f, 0.0, 0.0, 1.0])
    }

    /// A move by (x, y) pixels.
    #[must_use]
    pub const fn translation(x: f64, y: f64) -> Self {
        Self::affine(1.0, 0.0, x, 0.0, 1.0, y)
    }

    /// A scaling about the origin.
    #[must_use]
    pub const fn scaling(x: f64, y: f64) -> Self {
        Self::affine(x, 0.0, 0.0, 0.0, y, 0.0)
    }

    /// A turn about the origin, clockwise on the screen (y is down), in degrees.
    #[must_use]
    pub fn rotation(degrees: f64) -> Self {
        let (sin, cos) = math::sin_cos_degrees(degrees);
        Self::affine(cos, -sin, 0.0, sin, cos, 0.0)
    }

    /// A shear about the origin: x moves with y by tan(x°), y with x by tan(y°).
    #[must_use]
    pub fn shear(x_degrees: f64, y_degrees: f64) -> Self {
        Self::affine(1.0, math::tan(math::radians(x_degrees)), 0.0, math::tan(math::radians(y_degrees)), 1.0, 0.0)
    }

    /// This map about another center than the origin.
    #[must_use]
    pub fn about(self, center: Point) -> Self {
        Self::translation(-center.x, -center.y).then(self).then(Self::translation(center.x, center.y))
    }

    /// First this map, then the next.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        let (a, b) = (&next.0, &self.0);
        let mut m = [0.0; 9];
        for row in 0..3 {
            for column in 0..3 {
                m[row * 3 + column] =
                    a[row * 3] * b[column] + a[row * 3 + 1] * b[3 + column] + a[row * 3 + 2] * b[6 + column];
            }
        }
        Self(m)
    }

    /// Where a point goes.
    #[must_use]
    #[inline]
    pub fn apply(&self, p: Point) -> Point {
        let m = &self.0;
        let x = m[0] * p.x + m[1] * p.y + m[2];
        let y = m[3] * p.x + m[4] * p.y + m[5];
        if self.is_affine() {
            return Point::new(x, y);
        }
        let w = m[6] * p.x + m[7] * p.y + m[8];
        Point::new(x / w, y / w)
    }

    /// Whether parallels stay parallel (the last row is 0 0 1).
    #[must_use]
    #[inline]
    pub fn is_affine(&self) -> bool {
        self.0[6] == 0.0 && self.0[7] == 0.0 && self.0[8] == 1.0
    }

    /// Whether rectangles stay axis-aligned rectangles: flips, quarter turns, crops, scalings.
    #[must_use]
    pub fn is_axis_aligned(&self) -> bool {
        let m = &self.0;
        self.is_affine() && ((m[1] == 0.0 && m[3] == 0.0) || (m[0] == 0.0 && m[4] == 0.0))
    }

    /// The determinant of the linear part: negative when the map mirrors.
    #[must_use]
    pub fn determinant(&self) -> f64 {
        let m = &self.0;
        m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6])
    }

    /// The map back; `None` when the map is flat.
    #[must_use]
    pub fn inverse(&self) -> Option<Self> {
        let m = &self.0;
        let determinant = self.determinant();
        if !determinant.is_normal() {
            return None;
        }
        if self.is_affine() {
            // Kept apart so that the last row stays exactly 0 0 1.
            let (a, b, d, e) = (m[4] / determinant, -m[1] / determinant, -m[3] / determinant, m[0] / determinant);
            return Some(Self::affine(a, b, -(a * m[2] + b * m[5]), d, e, -(d * m[2] + e * m[5])));
        }
        let adjugate = [
            m[4] * m[8] - m[5] * m[7],
            m[2] * m[7] - m[1] * m[8],
            m[1] * m[5] - m[2] * m[4],
            m[5] * m[6] - m[3] * m[8],
            m[0] * m[8] - m[2] * m[6],
            m[2] * m[3] - m[0] * m[5],
            m[3] * m[7] - m[4] * m[6],
            m[1] * m[6] - m[0] * m[7],
            m[0] * m[4] - m[1] * m[3],
        ];
        Some(Self(adjugate.map(|value| value / determinant)))
    }

    /// The map that takes the corners of a rectangle (clockwise from the top left) to four points;
    /// `None` when three of them lie on a line. (Heckbert 1989, "Fundamentals of Texture Mapping", §2.2.3.)
    #[must_use]
    pub fn from_rect_to_quad(rect: Rect, quad: [Point; 4]) -> Option<Self> {
        let [p0, p1, p2, p3] = quad;
        let (sx, sy) = (p0.x - p1.x + p2.x - p3.x, p0.y - p1.y + p2.y - p3.y);
        let (dx1, dy1) = (p1.x - p2.x, p1.y - p2.y);
        let (dx2, dy2) = (p3.x - p2.x, p3.y - p2.y);
        let determinant = dx1 * dy2 - dx2 * dy1;
        if !determinant.is_normal() {
            return None;
        }
        let g = (sx * dy2 - dx2 * sy) / determinant;
        let h = (dx1 * sy - sx * dy1) / determinant;
        let unit = Self([
            p1.x - p0.x + g * p1.x,
            p3.x - p0.x + h * p3.x,
            p0.x,
            p1.y - p0.y + g * p1.y,
            p3.y - p0.y + h * p3.y,
            p0.y,
            g,
            h,
            1.0,
        ]);
        let to_unit =
            Self::translation(-rect.x0, -rect.y0).then(Self::scaling(1.0 / rect.width(), 1.0 / rect.height()));
        Some(to_unit.then(unit))
    }
}
