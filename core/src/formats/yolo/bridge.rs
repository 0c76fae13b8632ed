//! Several rings in one: YOLO gives an object one ring, so parts and holes are joined by bridges of no width.
//!
//! A bridge leaves a ring at the point nearest to the next ring, goes around that and comes back over itself: the two
//! cancel in area and in even-odd filling. Each ring hangs on the one before it, so that reading, which recognizes
//! an edge that is later walked backwards, finds the rings in their order. Where a ring is not entered at its first
//! point, that point stands twice in a row, so that reading finds the start again.

use std::collections::BTreeMap;

use crate::geometry::{Point, Rect};
use crate::labels::{Polygon, winds_around};

/// Pairs of points that are looked at for the shortest bridge; beyond, a bridge starts at the first points.
const MAX_PAIRS: usize = 4_000_000;

/// Twice the area of a ring, positive when clockwise on the screen.
fn signed_area(ring: &[Point]) -> f64 {
    let Some(mut previous) = ring.last() else { return 0.0 };
    let mut doubled = 0.0;
    for point in ring {
        doubled += previous.x * point.y - point.x * previous.y;
        previous = point;
    }
    doubled
}

/// All parts and holes as one ring. Holes run against their part, so that the ring's signed area is the shape's.
pub(in crate::formats) fn join(parts: &[Polygon]) -> Vec<Point> {
    let mut chain = Chain::default();
    for part in parts {
        chain.add(&part.outer);
        let outer = signed_area(&part.outer);
        for hole in &part.holes {
            if (signed_area(hole) > 0.0) == (outer > 0.0) {
                chain.add(&hole.iter().rev().copied().collect::<Vec<_>>());
            } else {
                chain.add(hole);
            }
        }
    }
    chain.head.extend(chain.tail.into_iter().rev());
    chain.head
}

/// Rings joined so far: those points that come before the next bridge, and, backwards, those after it.
#[derive(Default)]
struct Chain {
    head: Vec<Point>,
    tail: Vec<Point>,
    /// Where the points of the ring added last stand in `head`.
    last: Vec<usize>,
}

impl Chain {
    fn add(&mut self, ring: &[Point]) {
        if ring.len() < 3 {
            return;
        }
        if self.head.is_empty() {
            self.last = (0..ring.len()).collect();
            self.head.extend_from_slice(ring);
            return;
        }
        let (from, to) = nearest(&self.head, &self.last, ring);
        let bridge = self.last[from];
        self.tail.extend(self.head.drain(bridge + 1..).rev());
        self.last = vec![0; ring.len()];
        for k in (to..ring.len()).chain(0..to) {
            if k == 0 && to != 0 {
                self.head.push(ring[0]);
            }
            self.last[k] = self.head.len();
            self.head.push(ring[k]);
        }
        self.head.push(ring[to]);
        self.head.push(self.head[bridge]);
    }
}

/// The closest two points, not in one place, of the ring added last and a new one, by their positions in the rings.
fn nearest(joined: &[Point], last: &[usize], ring: &[Point]) -> (usize, usize) {
    let mut best = (last.len() - 1, 0);
    if last.len().saturating_mul(ring.len()) > MAX_PAIRS {
        return best;
    }
    let mut shortest = f64::INFINITY;
    for (i, &position) in last.iter().enumerate() {
        let a = joined[position];
        for (j, b) in ring.iter().enumerate() {
            let squared = (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
            if squared > 0.0 && squared < shortest {
                (shortest, best) = (squared, (i, j));
            }
        }
    }
    best
}

/// The parts and holes of one ring, where it has bridges; else the ring as one part.
pub(in crate::formats) fn split(ring: Vec<Point>) -> Vec<Polygon> {
    let key = |p: Point, q: Point| [p.x.to_bits(), p.y.to_bits(), q.x.to_bits(), q.y.to_bits()];
    let mut walked: Vec<Point> = Vec::with_capacity(ring.len());
    let mut edges: BTreeMap<[u64; 4], usize> = BTreeMap::new();
    let mut rings: Vec<Vec<Point>> = Vec::new();
    for &point in &ring {
        let Some(&top) = walked.last() else {
            walked.push(point);
            continue;
        };
        // The position of `point → top`, an edge that this one walks back.
        let out = edges
            .get(&key(point, top))
            .copied()
            .filter(|&s| point != top && s + 4 < walked.len() && walked[s] == point && walked[s + 1] == top);
        if let Some(out) = out {
            rings.push(walked[out + 1..walked.len() - 1].to_vec());
            walked.truncate(out + 1);
        } else {
            edges.insert(key(top, point), walked.len() - 1);
            walked.push(point);
        }
    }
    if rings.is_empty() || walked.len() < 3 {
        return vec![Polygon::simple(ring)];
    }
    let mut parts = vec![Polygon::simple(walked)];
    let mut pairs = MAX_PAIRS;
    for ring in rings.into_iter().rev().map(from_start) {
        match parts.last_mut() {
            Some(part) if is_hole(&ring, &part.outer, &mut pairs) => part.holes.push(ring),
            _ => parts.push(Polygon::simple(ring)),
        }
    }
    parts
}

/// A ring from its first point on, where that is marked by standing twice.
fn from_start(mut ring: Vec<Point>) -> Vec<Point> {
    if let Some(twice) = ring.windows(2).position(|pair| pair[0] == pair[1]).filter(|_| ring.len() > 3) {
        ring.remove(twice);
        ring.rotate_left(twice);
    }
    ring
}

/// Whether a ring runs against another and lies inside it; no, when the pairs of points to look at are used up.
fn is_hole(ring: &[Point], outer: &[Point], pairs: &mut usize) -> bool {
    let (Some(inner), Some(bound)) = (Rect::around(ring.iter().copied()), Rect::around(outer.iter().copied())) else {
        return false;
    };
    if (signed_area(ring) > 0.0) == (signed_area(outer) > 0.0) || inner.intersection(bound) != inner {
        return false;
    }
    let Some(rest) = pairs.checked_sub(ring.len().saturating_mul(outer.len())) else { return false };
    *pairs = rest;
    ring.iter().filter(|point| winds_around(outer, **point)).count() * 2 > ring.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(points: &[(f64, f64)]) -> Vec<Point> {
        points.iter().map(|(x, y)| Point::new(*x, *y)).collect()
    }

    fn square(x: f64, y: f64, side: f64) -> Vec<Point> {
        ring(&[(x, y), (x + side, y), (x + side, y + side), (x, y + side)])
    }

    #[test]
    fn parts_come_back_in_order_with_their_starts() {
        let parts: Vec<Polygon> = [(0.0, 0.0), (0.3, 0.0), (0.7, 0.5), (0.0, 0.6), (0.35, 0.2)]
            .into_iter()
            .map(|(x, y)| Polygon::simple(square(x, y, 0.1)))
            .collect();
        assert_eq!(split(join(&parts)), parts);
    }

    #[test]
    fn holes_come_back_as_holes() {
        let mut hole = square(0.3, 0.3, 0.1);
        hole.reverse();
        let parts =
            vec![Polygon { outer: square(0.1, 0.1, 0.5), holes: vec![hole] }, Polygon::simple(square(0.8, 0.8, 0.1))];
        let joined = join(&parts);
        assert_eq!(split(joined.clone()), parts);
        let area = signed_area(&joined) / 2.0;
        assert!((area - (0.25 - 0.01 + 0.01)).abs() < 1e-12, "the joined ring has the shape's area, not {area}");
    }

    #[test]
    fn a_part_inside_a_part_stays_a_part() {
        let parts = vec![Polygon::simple(square(0.1, 0.1, 0.5)), Polygon::simple(square(0.3, 0.3, 0.1))];
        assert_eq!(split(join(&parts)), parts);
    }

    #[test]
    fn plain_rings_stay_as_they_are() {
        let spike = ring(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (2.0, 2.0), (1.0, 1.0), (0.0, 1.0), (0.0, 1.0)]);
        assert_eq!(split(spike.clone()), vec![Polygon::simple(spike)]);
        let repeated = ring(&[(0.0, 0.0), (0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0), (0.0, 0.0)]);
        assert_eq!(split(repeated.clone()), vec![Polygon::simple(repeated)]);
    }
}
