//! Outlines: closed rings of points, made from lines, arcs and curves. Rings add, holes take away.

use augment_core::geometry::Point;
use augment_core::math::{self, PI};

/// A shape: rings of positive area add, rings of negative area are holes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path(pub(crate) Vec<Vec<Point>>);

/// A point, short.
pub(crate) const fn at(x: f64, y: f64) -> Point {
    Point::new(x, y)
}

impl Path {
    /// A polygon, whichever way round its points are given.
    pub(crate) fn polygon(points: &[Point]) -> Self {
        Self(vec![oriented(points.to_vec(), true)])
    }

    /// A rectangle between two corners.
    pub(crate) fn rect(x0: f64, y0: f64, x1: f64, y1: f64) -> Self {
        Self::polygon(&[at(x0, y0), at(x1, y0), at(x1, y1), at(x0, y1)])
    }

    /// An ellipse about a center.
    pub(crate) fn ellipse(center: Point, rx: f64, ry: f64) -> Self {
        Self::blob(center, rx, ry, |_| 1.0)
    }

    /// A circle.
    pub(crate) fn circle(center: Point, radius: f64) -> Self {
        Self::ellipse(center, radius, radius)
    }

    /// An ellipse whose radius is multiplied by a function of the angle in radians.
    pub(crate) fn blob(center: Point, rx: f64, ry: f64, bumps: impl Fn(f64) -> f64) -> Self {
        let count = (24.0 + rx.max(ry) * 1.5).min(160.0) as usize;
        let points = (0..count).map(|i| {
            let angle = 2.0 * PI * i as f64 / count as f64;
            let r = bumps(angle);
            at(center.x + rx * r * math::cos(angle), center.y + ry * r * math::sin(angle))
        });
        Self::polygon(&points.collect::<Vec<_>>())
    }

    /// A limb: a circle of radius `ra` about `a` and one of `rb` about `b`, joined by their outer tangents.
    pub(crate) fn limb(a: Point, ra: f64, b: Point, rb: f64) -> Self {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let length = math::hypot(dx, dy);
        if length <= (ra - rb).abs() {
            return if ra > rb { Self::circle(a, ra) } else { Self::circle(b, rb) };
        }
        let axis = math::atan2(dy, dx);
        let sine = (ra - rb) / length;
        let tilt = PI / 2.0 - math::atan2(sine, math::sqrt(1.0 - sine * sine));
        let mut points = Vec::new();
        let mut arc = |center: Point, radius: f64, from: f64, to: f64| {
            for i in 0..=12 {
                let angle = from + (to - from) * f64::from(i) / 12.0;
                points.push(at(center.x + radius * math::cos(angle), center.y + radius * math::sin(angle)));
            }
        };
        arc(b, rb, axis - tilt, axis + tilt);
        arc(a, ra, axis + tilt, axis + 2.0 * PI - tilt);
        Self::polygon(&points)
    }

    /// A closed curve through some points (Catmull and Rom's spline).
    pub(crate) fn smooth(points: &[Point]) -> Self {
        let n = points.len();
        let mut curve = Vec::with_capacity(n * 8);
        for i in 0..n {
            let [p0, p1, p2, p3] = [points[(i + n - 1) % n], points[i], points[(i + 1) % n], points[(i + 2) % n]];
            for step in 0..8 {
                let t = f64::from(step) / 8.0;
                let on = |a: f64, b: f64, c: f64, d: f64| {
                    b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
                };
                curve.push(at(on(p0.x, p1.x, p2.x, p3.x), on(p0.y, p1.y, p2.y, p3.y)));
            }
        }
        Self::polygon(&curve)
    }

    /// This shape and another.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// This shape with another cut out; what is cut must lie inside.
    #[must_use]
    pub(crate) fn without(mut self, hole: Self) -> Self {
        self.0.extend(hole.0.into_iter().map(|ring| oriented(ring, false)));
        self
    }

    /// The shape with every point moved by a map that does not mirror.
    #[must_use]
    pub(crate) fn map(&self, to: impl Fn(Point) -> Point) -> Self {
        Self(self.0.iter().map(|ring| ring.iter().map(|p| to(*p)).collect()).collect())
    }
}

/// The ring with its area positive or negative.
fn oriented(mut ring: Vec<Point>, positive: bool) -> Vec<Point> {
    if (signed_area(&ring) > 0.0) != positive {
        ring.reverse();
    }
    ring
}

/// The shoelace formula, positive when the ring runs clockwise on the screen.
pub(crate) fn signed_area(ring: &[Point]) -> f64 {
    let ends = ring.iter().skip(1).chain(ring.first());
    ring.iter().zip(ends).map(|(a, b)| (a.x * b.y - b.x * a.y) / 2.0).sum()
}
