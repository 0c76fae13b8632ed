//! Labels drawn on the stored pixels of an image, turned as its EXIF orientation turns it.

use super::frame::Frame;
use crate::geometry::{Point, Rect};
use crate::labels::{Bitmap, Object, Shape, Visibility};

/// Where a point of the stored frame is in the upright one.
fn turned(p: Point, frame: &Frame) -> Point {
    let (width, height) = (f64::from(frame.stored.width), f64::from(frame.stored.height));
    match frame.orientation {
        2 => Point::new(width - p.x, p.y),
        3 => Point::new(width - p.x, height - p.y),
        4 => Point::new(p.x, height - p.y),
        5 => Point::new(p.y, p.x),
        6 => Point::new(height - p.y, p.x),
        7 => Point::new(height - p.y, width - p.x),
        8 => Point::new(p.y, width - p.x),
        _ => p,
    }
}

/// From the stored frame to the upright one.
pub(super) fn orient(object: &mut Object, frame: &Frame) {
    let map = |p: Point| turned(p, frame);
    object.stated = None;
    object.bbox = object.bbox.and_then(|rect| Rect::around(rect.corners().map(map)));
    if let Some(Shape::Bitmap(bitmap)) = &mut object.shape {
        *bitmap = Bitmap::from_samples(frame.upright, &orient_samples(&bitmap.to_samples(), frame));
    }
    each_point(object, map);
}

/// Samples of the stored frame, in the order of the upright one.
fn orient_samples(samples: &[u8], frame: &Frame) -> Vec<u8> {
    let (width, height) = (frame.stored.width as usize, frame.stored.height as usize);
    let mut upright = Vec::with_capacity(samples.len());
    for y in 0..frame.upright.height as usize {
        for x in 0..frame.upright.width as usize {
            let (sx, sy) = match frame.orientation {
                2 => (width - 1 - x, y),
                3 => (width - 1 - x, height - 1 - y),
                4 => (x, height - 1 - y),
                5 => (y, x),
                6 => (y, height - 1 - x),
                7 => (width - 1 - y, height - 1 - x),
                8 => (width - 1 - y, x),
                _ => (x, y),
            };
            upright.push(samples[sy * width + sx]);
        }
    }
    upright
}

/// Maps every point of an object's polygons, corners and keypoints.
pub(super) fn each_point(object: &mut Object, map: impl Fn(Point) -> Point) {
    match &mut object.shape {
        Some(Shape::Polygons(parts)) => {
            for part in parts {
                for point in part.outer.iter_mut().chain(part.holes.iter_mut().flatten()) {
                    *point = map(*point);
                }
            }
        }
        Some(Shape::Oriented(corners)) => *corners = corners.map(&map),
        Some(Shape::Bitmap(_)) | None => {}
    }
    for keypoint in object.keypoints.iter_mut().filter(|keypoint| keypoint.visibility != Visibility::Absent) {
        keypoint.point = map(keypoint.point);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;

    #[test]
    fn points_and_pixels_turn_alike() {
        for orientation in 1..=8 {
            let stored = Size::new(5, 3);
            let upright = if orientation >= 5 { stored.transposed() } else { stored };
            let frame = Frame { stored, upright, orientation };
            for at in 0..stored.area() {
                let mut samples = vec![0; stored.area()];
                samples[at] = 255;
                let p = turned(Point::new((at % 5) as f64 + 0.5, (at / 5) as f64 + 0.5), &frame);
                let upright_at = orient_samples(&samples, &frame).iter().position(|sample| *sample == 255).unwrap();
                let width = upright.width as usize;
                let center = Point::new((upright_at % width) as f64 + 0.5, (upright_at / width) as f64 + 0.5);
                assert_eq!(p, center, "orientation {orientation}, pixel {at}");
            }
        }
    }
}
