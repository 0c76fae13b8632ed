//! What of the labels reaches outside the image, and what becomes of it.

use crate::geometry::{Point, Rect, Size, clip_ring};
use crate::labels::{Object, Shape, Visibility};

/// How far boxes reach out where tools count pixels from 0 or from 1.
const COUNTED: f64 = 1.0;

/// Keeps labels inside the frame, and counts what that changed.
pub(super) struct Clip {
    frame: Rect,
    objects: usize,
    farthest: f64,
    lost_keypoints: usize,
}

impl Clip {
    pub(super) fn new(size: Size) -> Self {
        Self { frame: size.frame(), objects: 0, farthest: 0.0, lost_keypoints: 0 }
    }

    /// Rounding to six decimals of a fraction, as most tools write YOLO, is no news.
    fn rounding(&self) -> f64 {
        1e-6 * self.frame.x1.max(self.frame.y1)
    }

    /// The object inside the frame, or why nothing of it is there.
    pub(super) fn object(&mut self, mut object: Object) -> std::result::Result<Object, String> {
        let frame = self.frame;
        let mut outside = 0f64;
        if let Some(Shape::Oriented(corners)) = object.shape {
            // Four corners cannot be cut: they stay, and the box is that of the part inside.
            let inside = Rect::around(clip_ring(&corners, frame));
            object.bbox = Some(inside.ok_or("it lies outside the image")?);
        }
        if let Some(rect) = object.bbox {
            if rect.width() <= 0.0 || rect.height() <= 0.0 {
                if object.shape.is_none() && object.keypoints.is_empty() {
                    return Err("the box is empty".to_owned());
                }
                object.bbox = object.shape.as_ref().and_then(Shape::bound);
                object.stated = None;
            } else {
                let clipped = rect.intersection(frame);
                if clipped.width() <= 0.0 || clipped.height() <= 0.0 {
                    return Err("it lies outside the image".to_owned());
                }
                let over = overshoot(rect, frame);
                outside = outside.max(over);
                object.bbox = Some(clipped);
                // The numbers of a box that was cut are no longer its own; a pixel more is a way to count.
                if over > COUNTED {
                    object.stated = None;
                }
            }
        }
        if let Some(Shape::Polygons(parts)) = &mut object.shape {
            for ring in parts.iter_mut().flat_map(|part| std::iter::once(&mut part.outer).chain(&mut part.holes)) {
                let Some(bound) = Rect::around(ring.iter().copied()) else { continue };
                let over = overshoot(bound, frame);
                if over > 0.0 {
                    outside = outside.max(over);
                    *ring = clip_ring(ring, frame);
                }
            }
            for part in parts.iter_mut() {
                part.holes.retain(|hole| hole.len() >= 3);
            }
            parts.retain(|part| part.outer.len() >= 3);
            if parts.is_empty() {
                object.shape = None;
            }
        }
        outside = outside.max(self.keypoints(&mut object));
        if object.bbox.is_none() && object.shape.is_none() && object.keypoints.is_empty() {
            return Err("it has neither box nor shape nor keypoints".to_owned());
        }
        if outside > self.rounding() {
            self.objects += 1;
            self.farthest = self.farthest.max(outside);
        }
        Ok(object)
    }

    /// Slips keypoints that are a little outside to the edge's pixel; farther ones become absent.
    fn keypoints(&mut self, object: &mut Object) -> f64 {
        let mut outside = 0f64;
        for keypoint in object.keypoints.iter_mut().filter(|keypoint| keypoint.visibility != Visibility::Absent) {
            if self.frame.contains(keypoint.point) {
                continue;
            }
            let over = overshoot(Rect::around([keypoint.point]).unwrap_or_default(), self.frame);
            if over <= 2.0 + 0.01 * self.frame.x1.max(self.frame.y1) {
                let inside = |v: f64, end: f64| v.clamp(0.0, (end - 0.5).max(0.0));
                keypoint.point =
                    Point::new(inside(keypoint.point.x, self.frame.x1), inside(keypoint.point.y, self.frame.y1));
                outside = outside.max(over);
            } else {
                keypoint.visibility = Visibility::Absent;
                self.lost_keypoints += 1;
            }
        }
        outside
    }

    /// Tells what was clipped.
    pub(super) fn warn(&self, warnings: &mut Vec<String>) {
        if self.objects > 0 {
            let farthest = (self.farthest * 100.0).round() / 100.0;
            warnings.push(format!(
                "{} object(s) reached outside the image, by up to {farthest} px, and were clipped",
                self.objects
            ));
        }
        if self.lost_keypoints > 0 {
            warnings.push(format!("{} keypoint(s) lay far outside the image and were left out", self.lost_keypoints));
        }
    }
}

fn overshoot(rect: Rect, frame: Rect) -> f64 {
    (frame.x0 - rect.x0).max(frame.y0 - rect.y0).max(rect.x1 - frame.x1).max(rect.y1 - frame.y1).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_oriented_box_keeps_its_four_corners_wherever_they_lie() {
        let diamond =
            |x: f64| [(x, 10.0), (x + 20.0, 30.0), (x, 50.0), (x - 20.0, 30.0)].map(|(x, y)| Point::new(x, y));
        let place = |corners| {
            let mut clip = Clip::new(Size::new(100, 60));
            clip.object(Object { shape: Some(Shape::Oriented(corners)), ..Object::default() })
        };
        let half = place(diamond(0.0)).unwrap();
        assert_eq!(half.shape, Some(Shape::Oriented(diamond(0.0))));
        assert_eq!(half.bbox, Some(Rect::new(0.0, 10.0, 20.0, 50.0)), "the box is that of the part inside");
        // The box around this one reaches into the corner of the image, the diamond itself does not.
        let beside = diamond(-15.0).map(|p| Point::new(p.x, p.y - 45.0));
        assert_eq!(place(beside).unwrap_err(), "it lies outside the image");
    }
}
