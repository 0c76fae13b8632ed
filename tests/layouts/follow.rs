//! What is written of images that were moved, against the pixels that are painted in each thing's color.

use std::collections::{BTreeMap, BTreeSet};

use crate::paint::{Paint, Shown};
use crate::read::{Mark, Mask};
use crate::scene::{Form, Point, Thing, inside};
use crate::set::{Layout, Outlines, Source};
use crate::truth::means;

/// How far a label may lie from the pixels.
const TOLERANCE_PX: f64 = 1.5;
/// How much longer a stretch across a box becomes at most in the recipe that moves.
const LARGEST_STRETCH: f64 = 2.0;
/// A remnant of fewer pixels need not be labeled, nor a label of less area be seen.
const SPECK_PX: f64 = 24.0;
/// How much of a mask agrees with the pixels.
const MIN_AGREEMENT: f64 = 0.995;

/// Why the marks of an image do not lie on its pixels, if they do not: none is missing, none is extra.
pub(crate) fn compare(layout: &Layout, source: &Source, marks: &[Mark], paint: &Paint) -> Result<(), String> {
    let things = &source.picture.things;
    let mut labeled = BTreeSet::new();
    for mark in marks {
        let [x0, y0, x1, y1] = mark.bound();
        let Some(at) = paint.most(mark.bound(), things.len()) else {
            if (x1 - x0) * (y1 - y0) > SPECK_PX {
                return Err(format!("a {} at {:?} lies on nothing", mark.class, mark.bound()));
            }
            continue;
        };
        let thing = &things[at];
        if !labeled.insert(at) {
            return Err(format!("a {} is labeled twice", mark.class));
        }
        if mark.class != layout.name_of(thing) {
            return Err(format!("a {} is a '{}'", layout.name_of(thing), mark.class));
        }
        lies_on(layout, thing, mark, paint, at).map_err(|why| format!("a {}: {why}", mark.class))?;
    }
    let missing = (0..things.len()).find(|at| !labeled.contains(at) && paint.of(*at).len() as f64 > SPECK_PX);
    missing.map_or(Ok(()), |at| Err(format!("a {} has no label", layout.name_of(&things[at]))))
}

fn lies_on(layout: &Layout, thing: &Thing, mark: &Mark, paint: &Paint, at: usize) -> Result<(), String> {
    let pixels = &paint.of(at);
    let boxed = matches!(thing.form, Form::Box | Form::Pose);
    // Of a box that is cut it is not known what is left inside: it is bounded before it is cut.
    let known = layout.outlines != Outlines::Bounded || thing.form == Form::Box;
    let whole = known && (!boxed || !paint.is_cut(pixels));
    let slip = (layout.bound)(thing).iter().zip(thing.bound()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let fits = |ring: &[Point]| fits(ring, pixels, whole, TOLERANCE_PX + LARGEST_STRETCH * slip);
    if let Some([x0, y0, x1, y1]) = mark.bbox {
        fits(&[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]).map_err(|why| format!("its box {why}"))?;
    }
    match (mark.rings.as_slice(), thing.form) {
        ([], _) => {}
        ([ring], Form::Turned(_)) if ring.len() == 4 => {
            right(ring).and_then(|()| fits(ring)).map_err(|why| format!("its turned box {why}"))?;
        }
        (_, Form::Turned(_)) => return Err("it has lost its four corners".into()),
        // The outline of something that has only a box is that box.
        ([ring], _) if boxed => fits(ring).map_err(|why| format!("its outline {why}"))?,
        (rings, _) => covers(rings, paint, at).map_err(|why| format!("its outline {why}"))?,
    }
    let [left, right, foot, absent] = match mark.joints.as_slice() {
        [] => return Ok(()),
        joints => <[[f64; 3]; 4]>::try_from(joints).map_err(|_| "it has another number of keypoints")?,
    };
    if absent[2] != 0.0 {
        return Err("a keypoint that was absent is there".into());
    }
    if left[2] > 0.0 && right[2] > 0.0 && !handed(left, right, foot) {
        return Err(format!("left and right are swapped: {left:?}, {right:?}"));
    }
    let seen = [left, right, foot].into_iter().filter(|joint| joint[2] > 0.0);
    let stray = seen.into_iter().find(|[x, y, _]| edge_distance([*x, *y], pixels) > TOLERANCE_PX + 1.0);
    stray.map_or(Ok(()), |joint| Err(format!("a keypoint at {joint:?} is away from its pixels")))
}

/// Whether the three keypoints are in the order in which they were, seen from the front.
fn handed(left: [f64; 3], right: [f64; 3], foot: [f64; 3]) -> bool {
    foot[2] == 0.0 || (right[0] - left[0]) * (foot[1] - left[1]) - (right[1] - left[1]) * (foot[0] - left[0]) > 0.0
}

/// From a point to the nearest pixel of a thing.
fn edge_distance([x, y]: Point, pixels: &[Point]) -> f64 {
    let squared = pixels.iter().map(|[px, py]| (px - x) * (px - x) + (py - y) * (py - y)).fold(f64::MAX, f64::min);
    squared.sqrt()
}

/// Whether four corners are those of a rectangle.
fn right(ring: &[Point]) -> Result<(), String> {
    let side = |i: usize| [ring[(i + 1) % 4][0] - ring[i][0], ring[(i + 1) % 4][1] - ring[i][1]];
    for i in 0..4 {
        let ([ax, ay], [bx, by]) = (side(i), side((i + 1) % 4));
        let (length, other) = ((ax * ax + ay * ay).sqrt(), (bx * bx + by * by).sqrt());
        // How far the far end of a side is from where a right angle would have it.
        if (ax * bx + ay * by).abs() / length.max(1.0) > TOLERANCE_PX.min(other) {
            return Err(format!("{ring:?} is no rectangle"));
        }
    }
    Ok(())
}

/// Whether no pixel is outside a convex outline, and every side of it touches them where they are a `whole`.
fn fits(ring: &[Point], pixels: &[Point], whole: bool, tolerance: f64) -> Result<(), String> {
    let middle = [0, 1].map(|axis| ring.iter().map(|point| point[axis]).sum::<f64>() / ring.len() as f64);
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = (dx * dx + dy * dy).sqrt();
        if length < 1e-9 {
            continue;
        }
        let normal = [dy / length, -dx / length];
        let along = |point: Point| (point[0] - a[0]) * normal[0] + (point[1] - a[1]) * normal[1];
        let outwards = if along(middle) > 0.0 { -1.0 } else { 1.0 };
        // A pixel reaches half its width, seen along the normal, beyond its middle.
        let half = (normal[0].abs() + normal[1].abs()) / 2.0;
        let furthest = pixels.iter().map(|point| along(*point) * outwards + half).fold(f64::MIN, f64::max);
        if furthest > tolerance || whole && furthest < -tolerance {
            return Err(format!("{ring:?} is {furthest:.2} px off its pixels"));
        }
    }
    Ok(())
}

/// Whether an outline has the thing's pixels inside and no others.
fn covers(rings: &[Vec<Point>], paint: &Paint, at: usize) -> Result<(), String> {
    let (mut uncovered, mut bare) = (0, 0);
    for y in 0..paint.height() {
        for x in 0..paint.width() {
            let middle = [x as f64 + 0.5, y as f64 + 0.5];
            let painted = paint.shown()[y * paint.width() + x] == Shown::Thing(at);
            let within = rings.iter().any(|ring| inside(ring, middle));
            if painted != within && rings.iter().all(|ring| away(ring, middle) > TOLERANCE_PX) {
                uncovered += usize::from(painted);
                bare += usize::from(within);
            }
        }
    }
    if uncovered + bare > 0 {
        return Err(format!("leaves {uncovered} pixels out and has {bare} that are not its own"));
    }
    Ok(())
}

/// From a point to the nearest edge of a ring.
fn away(ring: &[Point], [x, y]: Point) -> f64 {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    let squared = edges.map(|([ax, ay], [bx, by])| {
        let (dx, dy) = (bx - ax, by - ay);
        let along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy).max(1e-12);
        let (nx, ny) = (ax + along.clamp(0.0, 1.0) * dx - x, ay + along.clamp(0.0, 1.0) * dy - y);
        nx * nx + ny * ny
    });
    squared.fold(f64::MAX, f64::min).sqrt()
}

/// Why a mask is not that of the pixels, if it is not. What no pixel of the source covers has one level of its own.
pub(crate) fn compare_mask(layout: &Layout, source: &Source, mask: &Mask, paint: &Paint) -> Result<(), String> {
    let numbers = layout.mask.expect("a layout with masks");
    if (mask.width, mask.levels.len()) != (paint.width(), paint.shown().len()) {
        return Err("the mask is of another size".into());
    }
    let (mut wrong, mut outside) = (0, BTreeMap::new());
    for (at, shown) in paint.shown().iter().enumerate() {
        let pixel = (mask.levels[at], mask.colors[at]);
        let thing = match shown {
            Shown::Thing(thing) => Some(*thing),
            Shown::Ground => None,
            Shown::Outside => {
                *outside.entry(pixel).or_insert(0_usize) += 1;
                continue;
            }
        };
        wrong += usize::from(!means(numbers, source, thing, pixel));
    }
    wrong += outside.values().sum::<usize>() - outside.values().max().copied().unwrap_or_default();
    let most = (1.0 - MIN_AGREEMENT) * mask.levels.len() as f64;
    if wrong as f64 > most {
        return Err(format!("{wrong} of {} pixels of the mask are wrong", mask.levels.len()));
    }
    Ok(())
}
