//! Oriented boxes on their way through maps: where the four corners are, and the least rectangle round what is left.

use super::outline::signed_area;
use super::{Polygon, Shape};
use crate::geometry::{Point, Rect, Warp, clip_half_plane};
use crate::math;

/// A frame that takes away less than this, in pixels, cuts nothing: it is rounding.
const CRUMB_PX: f64 = 1e-6;

/// What is known of the corners of an oriented box, besides the ring of what is left of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Corners {
    /// They are the box, in the order of the source: every map so far kept parallels, and no frame cut what the image
    /// showed of it.
    Whole([Point; 4]),
    /// The box is the least rectangle round what is left; here the first corner of the source would be.
    First(Point),
}

impl Corners {
    /// Follows a warp into a part of a frame; `ring` is what was left of the box before, `carried` the same after the
    /// warp, not yet cut at the part's edges.
    pub(super) fn carry(&mut self, warp: &Warp, part: Rect, ring: &[Point], carried: &[Point]) {
        let uncut = || {
            let Some(bound) = Rect::around(carried.iter().copied()) else { return false };
            let within = bound.intersection(part);
            let off = [within.x0 - bound.x0, within.y0 - bound.y0, bound.x1 - within.x1, bound.y1 - within.y1];
            off.iter().all(|off| *off <= CRUMB_PX)
        };
        *self = match *self {
            Self::Whole(at) if warp.keeps_parallels() && uncut() => Self::Whole(at.map(|p| warp.target_of(p))),
            Self::Whole([first, ..]) | Self::First(first) => Self::First(warp.target_of(ahead(first, ring, warp))),
        };
    }

    /// The corners of the label. Those of a least rectangle follow the ring's sense of rotation, and begin with the one
    /// that is nearest to where the source's first would be. `None` where nothing is left.
    pub(super) fn label(&self, ring: &[Point]) -> Option<[Point; 4]> {
        let first = match *self {
            Self::Whole(at) => return Some(at),
            Self::First(first) => first,
        };
        let mut corners = least_rectangle(ring)?;
        if signed_area(ring) < 0.0 {
            corners.reverse();
        }
        let start = nearest(&corners, first)?;
        corners.rotate_left(start);
        Some(corners)
    }
}

/// A point that a warp can follow: itself, or where it lies behind the horizon the nearest corner of what a ring has
/// before it.
fn ahead(p: Point, ring: &[Point], warp: &Warp) -> Point {
    let Some([a, b, c]) = warp.horizon() else { return p };
    if a * p.x + b * p.y + c >= 0.0 {
        return p;
    }
    let before = clip_half_plane(ring, [a, b, c]);
    nearest(&before, p).map_or(p, |at| before[at])
}

/// Which of some points is nearest to another, the first of equals.
fn nearest(points: &[Point], to: Point) -> Option<usize> {
    let away = |p: &Point| (p.x - to.x) * (p.x - to.x) + (p.y - to.y) * (p.y - to.y);
    let all = points.iter().map(away).enumerate();
    all.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at)
}

impl Shape {
    /// The corners of an oriented box; of another shape those of the rectangle of least area around it. `None` where it
    /// has no area.
    #[must_use]
    pub fn least_rectangle(&self) -> Option<[Point; 4]> {
        match self {
            Self::Oriented(corners) => Some(*corners),
            Self::Polygons(parts) => least_rectangle(&outers(parts)),
            Self::Bitmap(bitmap) => least_rectangle(&outers(&bitmap.polygons())),
        }
    }
}

fn outers(parts: &[Polygon]) -> Vec<Point> {
    parts.iter().flat_map(|part| part.outer.iter().copied()).collect()
}

fn cross(o: Point, a: Point, b: Point) -> f64 {
    (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x)
}

/// The corners of the convex hull of some points (Andrew 1979), clockwise on the screen, none of them on a line
/// between its neighbors.
fn convex_hull(points: &[Point]) -> Vec<Point> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    sorted.dedup();
    let mut hull: Vec<Point> = Vec::with_capacity(sorted.len() + 1);
    let mut chain = |points: &mut dyn Iterator<Item = &Point>| {
        let start = hull.len();
        for point in points {
            while hull.len() >= start + 2 && cross(hull[hull.len() - 2], hull[hull.len() - 1], *point) <= 0.0 {
                hull.pop();
            }
            hull.push(*point);
        }
        // The last point begins the next chain.
        hull.pop();
    };
    chain(&mut sorted.iter());
    chain(&mut sorted.iter().rev());
    hull
}

/// The rectangle of least area round some points, clockwise on the screen; `None` where they lie on a line.
///
/// One of its sides lies on a side of the convex hull (Freeman & Shapira 1975), so every side is tried while three
/// points are followed round the hull (rotating calipers, Toussaint 1983). Of equal areas the first is taken.
pub(super) fn least_rectangle(points: &[Point]) -> Option<[Point; 4]> {
    let hull = convex_hull(points);
    let n = hull.len();
    if n < 3 {
        return None;
    }
    let at = |i: usize| hull[i % n];
    let (mut right, mut far, mut left) = (1, 1, 1);
    let mut least: Option<(f64, [Point; 4])> = None;
    for i in 0..n {
        let (from, to) = (at(i), at(i + 1));
        let length = math::hypot(to.x - from.x, to.y - from.y);
        let along = Point::new((to.x - from.x) / length, (to.y - from.y) / length);
        let dot = |d: Point, a: Point, b: Point| d.x * (b.x - a.x) + d.y * (b.y - a.y);
        let across = Point::new(-along.y, along.x);
        let back = Point::new(-along.x, -along.y);
        // Each pointer goes on while the hull still leads in its direction; it never goes more than once round.
        let advance = |pointer: &mut usize, least: usize, direction: Point| {
            *pointer = (*pointer).max(least);
            while *pointer < i + n && dot(direction, at(*pointer), at(*pointer + 1)) > 0.0 {
                *pointer += 1;
            }
        };
        advance(&mut right, i + 1, along);
        advance(&mut far, right, across);
        advance(&mut left, far, back);
        let (x0, x1) = (dot(along, from, at(left)), dot(along, from, at(right)));
        let y1 = dot(across, from, at(far));
        let area = (x1 - x0) * y1;
        if least.as_ref().is_none_or(|(best, _)| area < *best) {
            let corner =
                |x: f64, y: f64| Point::new(from.x + along.x * x + across.x * y, from.y + along.y * x + across.y * y);
            least = Some((area, [corner(x0, 0.0), corner(x1, 0.0), corner(x1, y1), corner(x0, y1)]));
        }
    }
    least.map(|(_, corners)| corners)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::labels::object::ring_area;

    fn points(numbers: &[(f64, f64)]) -> Vec<Point> {
        numbers.iter().map(|(x, y)| Point::new(*x, *y)).collect()
    }

    /// The area of the rectangle round some points with a side along a direction.
    fn area_along(points: &[Point], (dx, dy): (f64, f64)) -> f64 {
        let length = math::hypot(dx, dy);
        let extent = |x: f64, y: f64| {
            let on = points.iter().map(|p| (p.x * x + p.y * y) / length);
            on.clone().fold(f64::MIN, f64::max) - on.fold(f64::MAX, f64::min)
        };
        extent(dx, dy) * extent(-dy, dx)
    }

    #[test]
    fn a_rectangle_is_its_own_least_one() {
        for degrees in [0.0, 17.0, 45.0, 90.0, 123.0, 271.5] {
            let (sin, cos) = math::sin_cos_degrees(degrees);
            let turn = |(x, y): (f64, f64)| Point::new(50.0 + cos * x - sin * y, 40.0 + sin * x + cos * y);
            let corners = [(-20.0, -7.0), (20.0, -7.0), (20.0, 7.0), (-20.0, 7.0)].map(turn);
            // Points on its sides change nothing, nor does the order.
            let more = [corners[2], turn((0.0, -7.0)), corners[0], turn((20.0, 1.0)), corners[3], corners[1]];
            let mut found = least_rectangle(&more).unwrap();
            let start = nearest(&found, corners[0]).unwrap();
            found.rotate_left(start);
            for (found, corner) in found.iter().zip(&corners) {
                assert!(math::hypot(found.x - corner.x, found.y - corner.y) < 1e-9, "{degrees}: {found:?} {corner:?}");
            }
        }
    }

    #[test]
    fn points_on_a_line_have_no_rectangle() {
        for line in [&[][..], &[(1.0, 2.0)], &[(1.0, 2.0), (3.0, 4.0)], &[(0.0, 0.0), (2.0, 2.0), (1.0, 1.0)]] {
            assert_eq!(least_rectangle(&points(line)), None, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn the_calipers_find_what_trying_every_direction_finds(
            some in prop::collection::vec((0.0..100.0_f64, 0.0..100.0_f64), 3..40),
            // Whole numbers bring points on lines, equal points and equal areas.
            whole in any::<bool>(),
        ) {
            let some = points(&some);
            let some: Vec<Point> =
                some.iter().map(|p| if whole { Point::new((p.x / 12.0).floor(), (p.y / 12.0).floor()) } else { *p }).collect();
            let Some(found) = least_rectangle(&some) else {
                let flat = (0..180).any(|degrees| {
                    let (sin, cos) = math::sin_cos_degrees(f64::from(degrees));
                    area_along(&some, (cos, sin)) < 1e-9
                });
                let on_a_line = some.iter().all(|p| cross(some[0], *some.last().unwrap(), *p).abs() < 1e-9);
                prop_assert!(flat || on_a_line || some.iter().all(|p| *p == some[0]));
                return Ok(());
            };
            let area = ring_area(&found);
            // Every pair of points gives a direction, the hull's sides among them.
            let pairs = some.iter().flat_map(|a| some.iter().map(move |b| (b.x - a.x, b.y - a.y)));
            let every = pairs.filter(|d| *d != (0.0, 0.0)).map(|d| area_along(&some, d));
            let least = every.fold(f64::MAX, f64::min);
            prop_assert!((area - least).abs() <= 1e-7 * (1.0 + least), "{area} is not {least}");
            for degrees in 0..90 {
                let (sin, cos) = math::sin_cos_degrees(f64::from(degrees));
                prop_assert!(area_along(&some, (cos, sin)) >= area - 1e-7, "{degrees} degrees give less");
            }
            for p in &some {
                let inside = (0..4).all(|i| {
                    let (a, b) = (found[i], found[(i + 1) % 4]);
                    cross(a, b, *p) >= -1e-7 * math::hypot(b.x - a.x, b.y - a.y)
                });
                prop_assert!(inside, "{p:?} is outside {found:?}");
            }
        }
    }
}
