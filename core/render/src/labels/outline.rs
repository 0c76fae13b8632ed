//! Rings: the edges of shapes, from boxes, polygons and bitmaps to points and back.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::{Bitmap, Polygon, Shape, object::ring_area};
use crate::geometry::{Point, Rect, Size, Warp, clip_half_plane, clip_ring};
use crate::math;

/// Points on the ellipse inside a box: its bound is then true to 1/13,000 of its radius.
const ELLIPSE_POINTS: usize = 256;
/// Length of the pieces that an edge is cut into before a map bends it.
const BENT_EDGE_PX: f64 = 4.0;
/// Points that a bent edge does not need to this accuracy are left out again.
const BENT_TOLERANCE_PX: f64 = 0.02;

/// Points that are looked at to find the parts which holes belong to; beyond, the boxes around parts decide.
const MAX_HOLE_TESTS: usize = 50_000_000;

/// One closed ring of a shape.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ring {
    /// Its points; the last joins the first.
    pub points: Vec<Point>,
    /// Which part of the shape it belongs to.
    pub part: usize,
    /// Whether it cuts out of its part.
    pub hole: bool,
}

impl Ring {
    fn outer(points: Vec<Point>) -> Self {
        Self { points, part: 0, hole: false }
    }
}

impl Shape {
    /// Calls with row and columns for the runs of pixels of a frame that are in the shape: those whose centers are.
    pub fn each_run(&self, size: Size, call: &mut dyn FnMut(usize, Range<usize>)) {
        match self {
            Self::Bitmap(bitmap) if bitmap.size == size => bitmap.each_run(call),
            _ => each_run(size, &shape_rings(self), call),
        }
    }
}

/// The four corners of a box.
pub(crate) fn box_ring(rect: Rect) -> Vec<Ring> {
    vec![Ring::outer(rect.corners().to_vec())]
}

/// Points on the circle of radius 1.
static CIRCLE: LazyLock<[Point; ELLIPSE_POINTS]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let (sin, cos) = math::sin_cos_degrees(i as f64 * (360.0 / ELLIPSE_POINTS as f64));
        Point::new(cos, sin)
    })
});

/// The ellipse inside a box.
pub(crate) fn ellipse_ring(rect: Rect) -> Vec<Ring> {
    let (center, rx, ry) = (rect.center(), rect.width() / 2.0, rect.height() / 2.0);
    let points = CIRCLE.iter().map(|on| Point::new(center.x + rx * on.x, center.y + ry * on.y));
    vec![Ring::outer(points.collect())]
}

/// The rings of a shape.
pub(crate) fn shape_rings(shape: &Shape) -> Vec<Ring> {
    match shape {
        Shape::Polygons(parts) => {
            let mut rings = Vec::new();
            for (part, polygon) in parts.iter().enumerate() {
                rings.push(Ring { points: polygon.outer.clone(), part, hole: false });
                rings.extend(polygon.holes.iter().map(|hole| Ring { points: hole.clone(), part, hole: true }));
            }
            rings
        }
        Shape::Bitmap(bitmap) => bitmap_rings(bitmap),
        Shape::Oriented(corners) => vec![Ring::outer(corners.to_vec())],
    }
}

/// Polygons from rings; a part whose outline is gone is gone.
pub(crate) fn rings_to_polygons(rings: &[Ring]) -> Vec<Polygon> {
    let mut parts: BTreeMap<usize, Polygon> = BTreeMap::new();
    for ring in rings.iter().filter(|ring| ring.points.len() >= 3) {
        let part = parts.entry(ring.part).or_default();
        if ring.hole { part.holes.push(ring.points.clone()) } else { part.outer.clone_from(&ring.points) }
    }
    parts.into_values().filter(|part| !part.outer.is_empty()).collect()
}

/// Area inside the rings: outlines less holes.
pub(crate) fn area(rings: &[Ring]) -> f64 {
    let signed: f64 = rings.iter().map(|ring| if ring.hole { -1.0 } else { 1.0 } * ring_area(&ring.points)).sum();
    signed.max(0.0)
}

/// The smallest box around the rings; `None` when they are empty.
pub(crate) fn bound(rings: &[Ring]) -> Option<Rect> {
    Rect::around(rings.iter().flat_map(|ring| ring.points.iter().copied()))
}

/// The rings cut to a rectangle.
pub(crate) fn clip(rings: &[Ring], to: Rect) -> Vec<Ring> {
    let cut = rings.iter().map(|ring| Ring { points: clip_ring(&ring.points, to), ..*ring });
    cut.filter(|ring| !ring.points.is_empty()).collect()
}

/// The rings where a warp takes them; what lies behind the horizon of a perspective is cut off.
pub(crate) fn carry(rings: &[Ring], warp: &Warp) -> Vec<Ring> {
    let carried = |ring: &Ring| {
        let points = match warp.horizon() {
            Some(horizon) => carry_ring(&clip_half_plane(&ring.points, horizon), warp),
            None => carry_ring(&ring.points, warp),
        };
        Ring { points, ..*ring }
    };
    rings.iter().map(carried).collect()
}

/// The area that rings of the output have in the input.
pub(crate) fn area_before(rings: &[Ring], warp: &Warp) -> f64 {
    let back = |ring: &Ring| Ring { points: ring.points.iter().map(|p| warp.source_of(*p)).collect(), ..*ring };
    area(&rings.iter().map(back).collect::<Vec<_>>())
}

fn carry_ring(ring: &[Point], warp: &Warp) -> Vec<Point> {
    if warp.keeps_lines() {
        return ring.iter().map(|point| warp.target_of(*point)).collect();
    }
    let mut carried = Vec::with_capacity(ring.len() * 2);
    for (i, &from) in ring.iter().enumerate() {
        let to = ring[(i + 1) % ring.len()];
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let pieces = (math::hypot(dx, dy) / BENT_EDGE_PX).ceil().clamp(1.0, 4096.0) as usize;
        let bent: Vec<Point> = (0..=pieces)
            .map(|k| k as f64 / pieces as f64)
            .map(|t| warp.target_of(Point::new(from.x + dx * t, from.y + dy * t)))
            .collect();
        carried.push(bent[0]);
        keep_needed(&bent, &mut carried);
    }
    carried
}

/// The inner points of a line that it bends at (Douglas & Peucker 1973), without its ends.
fn keep_needed(line: &[Point], kept: &mut Vec<Point>) {
    let (Some(first), Some(last)) = (line.first(), line.last()) else { return };
    let (dx, dy) = (last.x - first.x, last.y - first.y);
    let length = math::hypot(dx, dy);
    let distance = |p: &Point| {
        let (px, py) = (p.x - first.x, p.y - first.y);
        if length > 0.0 { (px * dy - py * dx).abs() / length } else { math::hypot(px, py) }
    };
    let mut farthest = (BENT_TOLERANCE_PX, 0);
    for (i, point) in line.iter().enumerate().take(line.len().saturating_sub(1)).skip(1) {
        let away = distance(point);
        if away > farthest.0 {
            farthest = (away, i);
        }
    }
    if farthest.1 > 0 {
        keep_needed(&line[..=farthest.1], kept);
        kept.push(line[farthest.1]);
        keep_needed(&line[farthest.1..], kept);
    }
}

/// The pixels whose centers lie inside the rings (even-odd), row-major: 255 inside, 0 outside.
pub(crate) fn rasterize(size: Size, rings: &[Ring]) -> Vec<u8> {
    let mut samples = vec![0; size.area()];
    let width = size.width as usize;
    each_run(size, rings, &mut |y, columns| samples[y * width + columns.start..y * width + columns.end].fill(255));
    samples
}

/// Calls with row and columns for the runs of pixels of a frame whose centers lie inside the rings (even-odd).
pub(super) fn each_run(size: Size, rings: &[Ring], call: &mut dyn FnMut(usize, Range<usize>)) {
    let (width, height) = (size.width as usize, size.height as usize);
    let mut crossings: Vec<Vec<f64>> = vec![Vec::new(); height];
    for ring in rings {
        for (i, &a) in ring.points.iter().enumerate() {
            let b = ring.points[(i + 1) % ring.points.len()];
            let (top, bottom) = if a.y <= b.y { (a, b) } else { (b, a) };
            let first = math::round_half_up(top.y).max(0.0) as usize;
            let end = (math::round_half_up(bottom.y).max(0.0) as usize).min(height);
            for (y, row) in crossings.iter_mut().enumerate().take(end).skip(first) {
                let t = (y as f64 + 0.5 - top.y) / (bottom.y - top.y);
                row.push(top.x + (bottom.x - top.x) * t);
            }
        }
    }
    for (y, row) in crossings.iter_mut().enumerate() {
        row.sort_by(f64::total_cmp);
        for span in row.chunks_exact(2) {
            let from = (math::round_half_up(span[0]).max(0.0) as usize).min(width);
            let to = (math::round_half_up(span[1]).max(0.0) as usize).min(width);
            call(y, from..to.max(from));
        }
    }
}

/// The pixel edges around a bitmap: outlines clockwise on the screen, holes the other way.
fn bitmap_rings(bitmap: &Bitmap) -> Vec<Ring> {
    let samples = bitmap.to_samples();
    let (width, height) = (bitmap.size.width as usize, bitmap.size.height as usize);
    let inside = |x: usize, y: usize| x < width && y < height && samples[y * width + x] != 0;
    // Directed pixel edges by where they start, the inside to their right; at most two start at one corner.
    let mut edges: BTreeMap<(usize, usize), Vec<(usize, usize)>> = BTreeMap::new();
    for y in 0..height {
        for x in (0..width).filter(|x| inside(*x, y)) {
            let mut edge = |from, to| edges.entry(from).or_default().push(to);
            if y == 0 || !inside(x, y - 1) {
                edge((x, y), (x + 1, y));
            }
            if !inside(x + 1, y) {
                edge((x + 1, y), (x + 1, y + 1));
            }
            if !inside(x, y + 1) {
                edge((x + 1, y + 1), (x, y + 1));
            }
            if x == 0 || !inside(x - 1, y) {
                edge((x, y + 1), (x, y));
            }
        }
    }
    let mut rings = Vec::new();
    while let Some((&start, _)) = edges.first_key_value() {
        let points = follow(start, &mut edges);
        let hole = signed_area(&points) < 0.0;
        rings.push(Ring { points, part: 0, hole });
    }
    rings
}

impl Bitmap {
    /// The parts of the set as polygons along pixel edges, with their holes.
    #[must_use]
    pub fn polygons(&self) -> Vec<Polygon> {
        let (holes, outers): (Vec<Ring>, Vec<Ring>) = bitmap_rings(self).into_iter().partition(|ring| ring.hole);
        let mut parts: Vec<Polygon> = outers.into_iter().map(|ring| Polygon::simple(ring.points)).collect();
        let bounds: Vec<Rect> = parts.iter().filter_map(|part| Rect::around(part.outer.iter().copied())).collect();
        let areas: Vec<f64> = parts.iter().map(Polygon::area).collect();
        let mut budget = MAX_HOLE_TESTS;
        for Ring { points, .. } in holes {
            // The center of the hole's pixel beside its first edge; the hole lies to the left of its edges.
            let [a, b, ..] = points[..] else { continue };
            let (dx, dy) = ((b.x - a.x).clamp(-0.5, 0.5), (b.y - a.y).clamp(-0.5, 0.5));
            let within = Point::new(a.x + dx + dy, a.y + dy - dx);
            let mut is_around = |at: &usize| {
                let outer = &parts[*at].outer;
                budget = budget.saturating_sub(outer.len());
                bounds[*at].contains(within) && (budget == 0 || winds_around(outer, within))
            };
            let around: Vec<usize> = (0..parts.len()).filter(|at| is_around(at)).collect();
            if let Some(at) = around.into_iter().min_by(|a, b| areas[*a].total_cmp(&areas[*b])) {
                parts[at].holes.push(points);
            }
        }
        parts
    }
}

/// Whether a point lies inside a ring, by even-odd crossings to its left.
pub fn winds_around(ring: &[Point], p: Point) -> bool {
    let Some(mut a) = ring.last() else { return false };
    let mut inside = false;
    for b in ring {
        if (a.y > p.y) != (b.y > p.y) && a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x) < p.x {
            inside = !inside;
        }
        a = b;
    }
    inside
}

/// One ring out of the directed edges, its straight runs joined; taken edges are removed.
fn follow(start: (usize, usize), edges: &mut BTreeMap<(usize, usize), Vec<(usize, usize)>>) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let (mut at, mut heading) = (start, (0i64, 0i64));
    while let Some(ends) = edges.get_mut(&at) {
        let direction = |end: &(usize, usize)| (end.0 as i64 - at.0 as i64, end.1 as i64 - at.1 as i64);
        // Where two pixels touch at a corner, turning right keeps them apart.
        let right = (-heading.1, heading.0);
        let pick = ends.iter().position(|end| direction(end) == right).unwrap_or(0);
        let end = ends.swap_remove(pick);
        let turned = direction(&end);
        if ends.is_empty() {
            edges.remove(&at);
        }
        if turned != heading {
            points.push(Point::new(at.0 as f64, at.1 as f64));
        }
        heading = turned;
        at = end;
        if at == start
            && !(edges.get(&at).is_some_and(|ends| {
                ends.iter()
                    .any(|end| (end.0 as i64 - at.0 as i64, end.1 as i64 - at.1 as i64) == (-heading.1, heading.0))
            }))
        {
            break;
        }
    }
    points
}

/// Area of a closed ring, positive where it goes clockwise on the screen.
pub(super) fn signed_area(ring: &[Point]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bitmap_survives_the_way_to_rings_and_back() {
        // A ring with a hole, two pixels that touch at a corner, and one at the frame's edge.
        let rows = ["......##", ".####.##", ".#..#...", ".#..#.#.", ".####..#", "........", "##......"];
        let samples: Vec<u8> = rows.concat().bytes().map(|b| if b == b'#' { 255 } else { 0 }).collect();
        let size = Size::new(8, 7);
        let bitmap = Bitmap::from_samples(size, &samples);
        let rings = bitmap_rings(&bitmap);
        assert_eq!(rasterize(size, &rings), samples, "pixels changed on the way");
        assert_eq!(area(&rings), bitmap.area() as f64, "area changed on the way");
        assert_eq!(rings.iter().filter(|ring| ring.hole).count(), 1, "one hole");
        let parts = bitmap.polygons();
        assert_eq!(parts.iter().map(Polygon::area).sum::<f64>(), bitmap.area() as f64, "polygons cover the same");
        let holes: Vec<usize> = parts.iter().map(|part| part.holes.len()).filter(|holes| *holes > 0).collect();
        assert_eq!(holes, [1], "the hole belongs to one part");
    }
}
