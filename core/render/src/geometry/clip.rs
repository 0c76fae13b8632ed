//! Cutting outlines and rectangles at the edges of others.

use super::{Point, Rect};

/// A closed ring cut to a rectangle (Sutherland & Hodgman 1974); empty when nothing is left.
/// Where a concave ring falls apart, its parts stay joined along the rectangle's edge, which adds no area.
#[must_use]
pub fn clip_ring(ring: &[Point], to: Rect) -> Vec<Point> {
    let inside = |p: &Point| p.x >= to.x0 && p.x <= to.x1 && p.y >= to.y0 && p.y <= to.y1;
    if ring.iter().all(inside) {
        return ring.to_vec();
    }
    let at_x = |a: Point, b: Point, x: f64| Point::new(x, a.y + (b.y - a.y) * ((x - a.x) / (b.x - a.x)));
    let at_y = |a: Point, b: Point, y: f64| Point::new(a.x + (b.x - a.x) * ((y - a.y) / (b.y - a.y)), y);
    let ring = cut(ring, |p| p.x >= to.x0, |a, b| at_x(a, b, to.x0));
    let ring = cut(&ring, |p| p.x <= to.x1, |a, b| at_x(a, b, to.x1));
    let ring = cut(&ring, |p| p.y >= to.y0, |a, b| at_y(a, b, to.y0));
    let ring = cut(&ring, |p| p.y <= to.y1, |a, b| at_y(a, b, to.y1));
    if ring.len() < 3 { Vec::new() } else { ring }
}

/// A closed ring cut to the half plane `a·x + b·y + c ≥ 0`; empty when nothing is left.
#[must_use]
pub fn clip_half_plane(ring: &[Point], [a, b, c]: [f64; 3]) -> Vec<Point> {
    let side = |p: Point| a * p.x + b * p.y + c;
    let cross = |p: Point, q: Point| {
        let t = side(p) / (side(p) - side(q));
        Point::new(p.x + (q.x - p.x) * t, p.y + (q.y - p.y) * t)
    };
    cut(ring, |p| side(p) >= 0.0, cross)
}

fn cut(ring: &[Point], keep: impl Fn(Point) -> bool, cross: impl Fn(Point, Point) -> Point) -> Vec<Point> {
    let Some(mut previous) = ring.last().copied() else { return Vec::new() };
    let mut kept = Vec::with_capacity(ring.len() + 4);
    for &point in ring {
        match (keep(previous), keep(point)) {
            (true, true) => kept.push(point),
            (true, false) => kept.push(cross(previous, point)),
            (false, true) => kept.extend([cross(previous, point), point]),
            (false, false) => {}
        }
        previous = point;
    }
    kept
}

/// Rectangles that do not overlap and cover the same points as the given ones.
#[must_use]
pub fn disjoint_cover(rects: &[Rect]) -> Vec<Rect> {
    let mut cover: Vec<Rect> = Vec::with_capacity(rects.len());
    for &rect in rects {
        let mut pieces = vec![rect];
        for &taken in &cover {
            pieces = pieces.into_iter().flat_map(|piece| without(piece, taken)).collect();
        }
        cover.extend(pieces.into_iter().filter(|piece| piece.area() > 0.0));
    }
    cover
}

/// What is left of a rectangle outside another: at most four pieces.
fn without(rect: Rect, hole: Rect) -> Vec<Rect> {
    let common = rect.intersection(hole);
    if common.area() <= 0.0 {
        return vec![rect];
    }
    [
        Rect::new(rect.x0, rect.y0, rect.x1, common.y0),
        Rect::new(rect.x0, common.y1, rect.x1, rect.y1),
        Rect::new(rect.x0, common.y0, common.x0, common.y1),
        Rect::new(common.x1, common.y0, rect.x1, common.y1),
    ]
    .into_iter()
    .filter(|piece| piece.area() > 0.0)
    .collect()
}
