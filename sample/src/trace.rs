//! Coverage back to outlines: the polygons of what is seen of an object, with holes and several parts.

use augment_core::geometry::{Point, Rect};
use augment_core::labels::Polygon;
use augment_core::math;

use crate::path::signed_area;
use crate::raster::Mask;

/// Pixels that an outline may leave the traced contour by, to spare points.
const TOLERANCE: f64 = 0.2;
/// Specks below this area in pixels are not a part.
const MIN_AREA: f64 = 3.0;

/// The polygons around everything that is covered at least by half; edges lie between pixel centers where the
/// coverage passes one half (marching squares).
pub(crate) fn outline(mask: &Mask) -> Vec<Polygon> {
    let mut parts = Vec::new();
    let mut holes = Vec::new();
    for ring in contours(mask) {
        let ring = simplify(&ring);
        let area = signed_area(&ring);
        if area.abs() < MIN_AREA {
            continue;
        }
        if area > 0.0 {
            parts.push(Polygon::simple(ring));
        } else {
            holes.push(ring);
        }
    }
    for hole in holes {
        let around = parts.iter_mut().filter(|part| contains(&part.outer, hole[0]));
        if let Some(part) = around.min_by(|a, b| signed_area(&a.outer).total_cmp(&signed_area(&b.outer))) {
            part.holes.push(hole);
        }
    }
    parts
}

/// Whether a point lies inside a ring, by the number of edges to its left.
pub(crate) fn contains(ring: &[Point], p: Point) -> bool {
    let ends = ring.iter().skip(1).chain(ring.first());
    let crossings = ring
        .iter()
        .zip(ends)
        .filter(|(a, b)| (a.y <= p.y) != (b.y <= p.y) && a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x) < p.x);
    crossings.count() % 2 == 1
}

/// The smallest box around some polygons.
pub(crate) fn bound(parts: &[Polygon]) -> Option<Rect> {
    Rect::around(parts.iter().flat_map(|part| part.outer.iter().copied()))
}

/// A side of a cell: between the pixel centers (x, y) and its right (0) or lower (1) neighbor, in window
/// coordinates shifted by one, so that the zeros around the window have places too.
fn side(mask: &Mask, x: usize, y: usize, down: usize) -> usize {
    (y * (mask.width + 2) + x) * 2 + down
}

/// The closed contours, clockwise on the screen around what is covered.
fn contours(mask: &Mask) -> Vec<Vec<Point>> {
    let (columns, rows) = (mask.width + 2, mask.height + 2);
    let level = |x: usize, y: usize| {
        if x == 0 || y == 0 || x > mask.width || y > mask.height {
            0.0
        } else {
            f64::from(mask.levels[(y - 1) * mask.width + x - 1])
        }
    };
    // For every side the side that the contour goes to next; 0 is none (the corner side is never crossed).
    let mut next = vec![0usize; columns * rows * 2];
    for y in 0..rows - 1 {
        for x in 0..columns - 1 {
            let corner = |dx: usize, dy: usize| level(x + dx, y + dy) >= 0.5;
            let [top, left] = [side(mask, x, y, 0), side(mask, x, y, 1)];
            let [bottom, right] = [side(mask, x, y + 1, 0), side(mask, x + 1, y, 1)];
            let mut link = |from: usize, to: usize| next[from] = to;
            match (corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)) {
                (false, false, false, false) | (true, true, true, true) => {}
                (true, false, false, false) => link(top, left),
                (false, true, false, false) => link(right, top),
                (false, false, true, false) => link(bottom, right),
                (false, false, false, true) => link(left, bottom),
                (true, true, false, false) => link(right, left),
                (false, true, true, false) => link(bottom, top),
                (false, false, true, true) => link(left, right),
                (true, false, false, true) => link(top, bottom),
                (false, true, true, true) => link(left, top),
                (true, false, true, true) => link(top, right),
                (true, true, false, true) => link(right, bottom),
                (true, true, true, false) => link(bottom, left),
                // Two corners across: they are kept apart.
                (true, false, true, false) => {
                    link(top, left);
                    link(bottom, right);
                }
                (false, true, false, true) => {
                    link(right, top);
                    link(left, bottom);
                }
            }
        }
    }
    let place = |side: usize| {
        let (cell, down) = (side / 2, side % 2);
        let (x, y) = (cell % columns, cell / columns);
        let (a, b) = (level(x, y), level(x + 1 - down, y + down));
        let part = (0.5 - a) / (b - a);
        let (cx, cy) = ((mask.x + x) as f64 - 0.5, (mask.y + y) as f64 - 0.5);
        if down == 0 { Point::new(cx + part, cy) } else { Point::new(cx, cy + part) }
    };
    let mut rings = Vec::new();
    for start in 0..next.len() {
        let mut ring = Vec::new();
        let mut at = start;
        while next[at] != 0 {
            ring.push(place(at));
            at = std::mem::take(&mut next[at]);
        }
        if ring.len() > 2 {
            rings.push(ring);
        }
    }
    rings
}

/// The ring with fewer points (Douglas and Peucker), cut at its first point and the one furthest from it.
fn simplify(ring: &[Point]) -> Vec<Point> {
    let far = |from: Point| {
        let distance = |p: &Point| (p.x - from.x) * (p.x - from.x) + (p.y - from.y) * (p.y - from.y);
        (0..ring.len()).max_by(|a, b| distance(&ring[*a]).total_cmp(&distance(&ring[*b]))).unwrap_or(0)
    };
    // The first point of a contour is anywhere on it: start from a true extreme.
    let first = far(ring[0]);
    let turned: Vec<Point> = ring[first..].iter().chain(&ring[..first]).copied().collect();
    let middle = (far(ring[first]) + ring.len() - first) % ring.len();
    let mut kept = vec![false; turned.len() + 1];
    let closed: Vec<Point> = turned.iter().chain(&turned[..1]).copied().collect();
    kept[0] = true;
    kept[middle] = true;
    let mut pending = vec![(0, middle), (middle, turned.len())];
    while let Some((from, to)) = pending.pop() {
        let (a, b) = (closed[from], closed[to]);
        let length = math::hypot(b.x - a.x, b.y - a.y).max(1e-12);
        let away = |p: Point| ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)).abs() / length;
        let furthest = (from + 1..to).max_by(|i, j| away(closed[*i]).total_cmp(&away(closed[*j])));
        if let Some(i) = furthest.filter(|i| away(closed[*i]) > TOLERANCE) {
            kept[i] = true;
            pending.push((from, i));
            pending.push((i, to));
        }
    }
    turned.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(p, _)| *p).collect()
}

#[cfg(test)]
mod tests {
    use augment_core::geometry::Size;

    use super::*;
    use crate::path::{Path, at};
    use crate::raster::cover;

    #[test]
    fn a_ring_with_a_bar_across_comes_back_as_two_halves() {
        let frame = Size::new(100, 100);
        let ring = Path::circle(at(50.0, 50.0), 40.0).without(Path::circle(at(50.0, 50.0), 20.0));
        let mut mask = cover(&ring, 1.0, frame, 0.0);
        let whole = outline(&mask);
        assert_eq!((whole.len(), whole[0].holes.len()), (1, 1));
        assert!((whole[0].area() - mask.area()).abs() < 10.0, "{} of {}", whole[0].area(), mask.area());
        mask.hide_behind(&cover(&Path::rect(45.0, 0.0, 55.0, 100.0), 1.0, frame, 0.0));
        assert_eq!(outline(&mask).iter().map(|part| part.holes.len()).collect::<Vec<_>>(), [0, 0]);
    }

    #[test]
    fn what_the_frame_cuts_ends_at_the_frame() {
        let mask = cover(&Path::rect(-5.0, 10.0, 20.0, 40.0), 1.0, Size::new(30, 35), 0.0);
        let bound = bound(&outline(&mask)).unwrap();
        assert_eq!(bound, Rect::new(0.0, 10.0, 20.0, 35.0));
    }
}
