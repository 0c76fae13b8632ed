//! Draws labels over a picture.

use super::pen::Pen;
use crate::geometry::{Point, Rect};
use crate::labels::{Classes, Labels, Mask, Object, Shape, Value, Visibility};

const TINT: f64 = 0.3;
const LINE: f64 = 1.5;
const JOINT_RADIUS: f64 = 2.0;
const JOINT: [u8; 3] = [255; 3];
const LEFT_JOINT: [u8; 3] = [40, 220, 255];

/// Draws all labels of a picture that is reduced by `scale` in x and y.
pub(super) fn draw(pen: &mut Pen<'_>, labels: &Labels, classes: &Classes, scale: (f64, f64)) {
    if let Some(mask) = labels.masks.first() {
        tint(pen, mask, scale);
    }
    let map = |p: Point| Point::new(p.x * scale.0, p.y * scale.1);
    for object in &labels.objects {
        shape(pen, object, scale, &map);
    }
    for object in &labels.objects {
        let oriented = matches!(object.shape, Some(Shape::Oriented(_)));
        if let Some(rect) = object.bbox.filter(|_| !oriented) {
            let (a, b) = (map(Point::new(rect.x0, rect.y0)), map(Point::new(rect.x1, rect.y1)));
            // Half a line inside, so that a box at the picture's edge is seen.
            let inside = Rect::new(a.x + 0.5, a.y + 0.5, b.x - 0.5, b.y - 0.5);
            pen.frame(inside, if object.shape.is_some() { 1.0 } else { LINE }, color(object.class));
        }
    }
    for object in &labels.objects {
        joints(pen, object, classes, &map);
    }
}

/// The color of a class: round the color circle by the golden angle, so that neighbors differ and none repeats soon.
pub(crate) fn color(class: usize) -> [u8; 3] {
    // 1 / golden ratio in 32 bits.
    let turn = (class as u32).wrapping_mul(2_654_435_769).wrapping_add(0x0800_0000);
    let sixth = f64::from(turn) / 4_294_967_296.0 * 6.0;
    let rise = sixth - sixth.floor();
    let level = |v: f64| (55.0 + 200.0 * v) as u8;
    let (full, none, up, down) = (level(1.0), level(0.0), level(rise), level(1.0 - rise));
    match sixth as u8 {
        0 => [full, up, none],
        1 => [down, full, none],
        2 => [none, full, up],
        3 => [none, down, full],
        4 => [up, none, full],
        _ => [full, none, down],
    }
}

/// The color that shows a value of a mask: that of the class of a number.
pub(crate) fn ink(value: Value) -> [u8; 3] {
    match value {
        Value::Number(number) => color(number.into()),
        Value::Color(color) => color,
    }
}

/// Tints every pixel by its value in a mask; 0 is background.
fn tint(pen: &mut Pen<'_>, mask: &Mask, scale: (f64, f64)) {
    each_source_pixel(pen, mask.size(), scale, |pen, to, (x, y)| {
        let value = mask.value(x, y);
        if !value.is_zero() {
            pen.dot(to.0, to.1, ink(value), TINT);
        }
    });
}

fn shape(pen: &mut Pen<'_>, object: &Object, scale: (f64, f64), map: &dyn Fn(Point) -> Point) {
    let ink = color(object.class);
    match &object.shape {
        None => {}
        Some(shape @ (Shape::Polygons(_) | Shape::Oriented(_))) => {
            let ring = |points: &Vec<Point>| -> Vec<Point> { points.iter().map(|p| map(*p)).collect() };
            for part in shape.polygons().iter() {
                let rings: Vec<Vec<Point>> = std::iter::once(&part.outer).chain(&part.holes).map(ring).collect();
                pen.fill_rings(&rings, ink, TINT);
                for ring in &rings {
                    pen.ring(ring, LINE, ink);
                }
            }
        }
        Some(Shape::Bitmap(bitmap)) => {
            let samples = bitmap.to_samples();
            let width = bitmap.size.width as usize;
            each_source_pixel(pen, bitmap.size, scale, |pen, to, (x, y)| {
                if samples.get(y * width + x).is_some_and(|sample| *sample > 0) {
                    pen.dot(to.0, to.1, ink, 2.0 * TINT);
                }
            });
        }
    }
}

/// Visits the pixels of the picture, each with the one that it shows of a larger frame.
fn each_source_pixel(
    pen: &mut Pen<'_>,
    frame: crate::geometry::Size,
    scale: (f64, f64),
    mut visit: impl FnMut(&mut Pen<'_>, (i64, i64), (usize, usize)),
) {
    let size = pen.size();
    let source =
        |at: u32, scale: f64, extent: u32| (((f64::from(at) + 0.5) / scale) as u32).min(extent.max(1) - 1) as usize;
    if frame.area() == 0 {
        return;
    }
    for y in 0..size.height {
        for x in 0..size.width {
            let from = (source(x, scale.0, frame.width), source(y, scale.1, frame.height));
            visit(pen, (i64::from(x), i64::from(y)), from);
        }
    }
}

fn joints(pen: &mut Pen<'_>, object: &Object, classes: &Classes, map: &dyn Fn(Point) -> Point) {
    let ink = color(object.class);
    let there = |at: usize| object.keypoints.get(at).filter(|joint| joint.visibility != Visibility::Absent);
    let bones = classes.0.get(object.class).map_or(&[][..], |class| &class.skeleton);
    for (a, b) in bones {
        if let (Some(a), Some(b)) = (there(*a), there(*b)) {
            pen.line(map(a.point), map(b.point), LINE, ink);
        }
    }
    // Left and right are told apart, so that a flip that forgot to swap them is seen.
    let names = classes.0.get(object.class).map_or(&[][..], |class| &class.keypoints);
    for at in 0..object.keypoints.len() {
        if let Some(joint) = there(at) {
            let left = names.get(at).is_some_and(|name| name.to_lowercase().contains("left"));
            let ink = if left { LEFT_JOINT } else { JOINT };
            pen.disc(map(joint.point), JOINT_RADIUS, joint.visibility == Visibility::Hidden, ink);
        }
    }
}
