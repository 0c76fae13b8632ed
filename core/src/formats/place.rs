//! From stated labels to pixels of the upright image: whose frame they were drawn on, and what reaches outside.

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Point, Rect, Size, clip_ring};
use crate::image::Image;
use crate::labels::{Bitmap, Dropped, Labels, Object, Shape, Stated, Visibility};

use super::draft::Draft;
use super::{Item, Source};

/// The sizes of an image before and after its EXIF orientation is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// As stored in the file.
    pub stored: Size,
    /// As displayed.
    pub upright: Size,
    /// EXIF orientation, 1 to 8; 1 where there is none.
    pub orientation: u8,
}

impl Frame {
    /// The frame of an image that is stored as it is displayed.
    #[must_use]
    pub const fn plain(size: Size) -> Self {
        Self { stored: size, upright: size, orientation: 1 }
    }

    /// The orientation, where the sizes agree with it; else 1.
    fn turn(&self) -> u8 {
        let upright = if self.orientation >= 5 { self.stored.transposed() } else { self.stored };
        if upright == self.upright { self.orientation } else { 1 }
    }
}

/// Labels in pixels of the upright image, with what was read and what was not used.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// The labels.
    pub labels: Labels,
    /// Objects in the source.
    pub read: usize,
    /// Objects that cannot be used.
    pub dropped: Vec<Dropped>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

impl Item {
    /// The labels of the image in continuous pixels of its upright frame. `mask` is the decoded image that
    /// [`Item::mask`] names, where it names one.
    ///
    /// # Errors
    /// `Label` when the mask's size is not the image's, or the labels cannot be understood; `Limit` for too many.
    pub fn place(&self, frame: &Frame, mask: Option<Image>) -> Result<Placed> {
        let draft = match &self.source {
            Source::None => Draft::default(),
            Source::Voc(labels) => labels.draft()?,
            Source::Yolo(labels) => labels.draft()?,
            Source::Coco(labels) => labels.draft()?,
        };
        let mut placed = place(draft, frame);
        placed.labels.class.clone_from(&self.class);
        placed.labels.mask = mask.map(|mask| place_mask(mask, frame)).transpose()?;
        Ok(placed)
    }
}

fn place_mask(mask: Image, frame: &Frame) -> Result<Image> {
    if mask.size() == frame.upright {
        return Ok(mask);
    }
    if mask.size() == frame.stored && frame.turn() > 1 {
        let n = mask.channels().count();
        let samples = orient_samples(mask.samples(), n, frame);
        return Image::from_samples(frame.upright, mask.channels(), samples);
    }
    let (mask, image) = (mask.size(), frame.upright);
    Err(Error::new(
        ErrorKind::Label,
        format!(
            "the mask is {}x{}, but the image is {}x{}: make them the same size",
            mask.width, mask.height, image.width, image.height
        ),
    ))
}

fn place(draft: Draft, frame: &Frame) -> Placed {
    let Draft { size, fractions, objects, read, dropped, warnings, extra } = draft;
    let mut placed = Placed { read, dropped, warnings, ..Placed::default() };
    let stored = drawn_on_stored(size, frame, &mut placed.warnings, objects.is_empty());
    let drawn = if stored { frame.stored } else { frame.upright };
    let mut clip = Clip { frame: frame.upright.frame(), objects: 0, farthest: 0.0, lost_keypoints: 0 };
    for mut object in objects {
        if fractions {
            scale(&mut object, drawn);
        }
        if let Some(Shape::Bitmap(bitmap)) = &object.shape
            && bitmap.size != drawn
        {
            placed.warnings.push(format!(
                "object {}: its bitmap is {}x{}, but the image is {}x{}; the bitmap is left out",
                object.index, bitmap.size.width, bitmap.size.height, drawn.width, drawn.height
            ));
            object.shape = None;
        }
        if stored && frame.turn() > 1 {
            orient(&mut object, frame);
        }
        object.bbox = object.bbox.or_else(|| object.shape.as_ref().and_then(Shape::bound));
        let index = object.index;
        match clip.object(object) {
            Ok(object) => placed.labels.objects.push(object),
            Err(reason) => placed.dropped.push(Dropped { index, partner: None, reason }),
        }
    }
    clip.warn(&mut placed.warnings);
    placed.dropped.sort_by_key(|dropped| dropped.index);
    placed.labels.extra = extra;
    placed
}

/// Whether labels were drawn on the stored pixels and not on the displayed image.
fn drawn_on_stored(size: Option<Size>, frame: &Frame, warnings: &mut Vec<String>, empty: bool) -> bool {
    let stored = size.is_some_and(|size| size != frame.upright && size == frame.stored);
    if empty {
        return stored;
    }
    if frame.orientation > 1 {
        let on = if stored { "stored pixels and turned with them" } else { "displayed image" };
        warnings.push(format!("EXIF orientation {}: labels are taken as drawn on the {on}", frame.orientation));
    }
    if let Some(size) = size.filter(|size| *size != frame.upright && *size != frame.stored) {
        warnings.push(format!(
            "the labels state an image of {}x{}, but it is {}x{}; their coordinates are taken as they are",
            size.width, size.height, frame.upright.width, frame.upright.height
        ));
    }
    stored
}

/// The box of YOLO's centre and size on a frame.
pub(super) fn fraction_box([cx, cy, w, h]: [f64; 4], size: Size) -> Rect {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    Rect::new((cx - w / 2.0) * width, (cy - h / 2.0) * height, (cx + w / 2.0) * width, (cy + h / 2.0) * height)
}

/// From fractions of a frame to its pixels.
fn scale(object: &mut Object, size: Size) {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    if let Some(stated) = &mut object.stated {
        stated.bbox = fraction_box(stated.numbers, size);
        object.bbox = Some(stated.bbox);
    }
    each_point(object, |p| Point::new(p.x * width, p.y * height));
}

fn each_point(object: &mut Object, map: impl Fn(Point) -> Point) {
    if let Some(Shape::Polygons(parts)) = &mut object.shape {
        for part in parts {
            for point in part.outer.iter_mut().chain(part.holes.iter_mut().flatten()) {
                *point = map(*point);
            }
        }
    }
    for keypoint in object.keypoints.iter_mut().filter(|keypoint| keypoint.visibility != Visibility::Absent) {
        keypoint.point = map(keypoint.point);
    }
}

/// From the stored frame to the upright one.
fn orient(object: &mut Object, frame: &Frame) {
    let (width, height) = (f64::from(frame.stored.width), f64::from(frame.stored.height));
    let map = |p: Point| match frame.orientation {
        2 => Point::new(width - p.x, p.y),
        3 => Point::new(width - p.x, height - p.y),
        4 => Point::new(p.x, height - p.y),
        5 => Point::new(p.y, p.x),
        6 => Point::new(height - p.y, p.x),
        7 => Point::new(height - p.y, width - p.x),
        8 => Point::new(p.y, width - p.x),
        _ => p,
    };
    object.stated = None;
    object.bbox = object.bbox.and_then(|rect| Rect::around(rect.corners().map(map)));
    if let Some(Shape::Bitmap(bitmap)) = &mut object.shape {
        *bitmap = Bitmap::from_samples(frame.upright, &orient_samples(&bitmap.to_samples(), 1, frame));
    }
    each_point(object, map);
}

/// Samples of the stored frame, in the order of the upright one.
fn orient_samples(samples: &[u8], channels: usize, frame: &Frame) -> Vec<u8> {
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
            let at = (sy * width + sx) * channels;
            upright.extend_from_slice(&samples[at..at + channels]);
        }
    }
    upright
}

/// Keeps labels inside the frame, and counts what that changed.
struct Clip {
    frame: Rect,
    objects: usize,
    farthest: f64,
    lost_keypoints: usize,
}

impl Clip {
    /// Rounding to six decimals of a fraction, as most tools write YOLO, is no news.
    fn rounding(&self) -> f64 {
        1e-6 * self.frame.x1.max(self.frame.y1)
    }

    fn object(&mut self, mut object: Object) -> std::result::Result<Object, String> {
        let frame = self.frame;
        let mut outside = 0f64;
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
                outside = outside.max(overshoot(rect, frame));
                object.bbox = Some(clipped);
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

    fn warn(&self, warnings: &mut Vec<String>) {
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

/// The stated numbers of an object's box where nothing has moved it: `expand` turns numbers into a box as the
/// reader of the same notation does, so that numbers of another notation are not taken for one's own.
pub(super) fn unmoved(object: &Object, size: Size, expand: impl Fn([f64; 4]) -> Rect) -> Option<&Stated> {
    let stated = object.stated.as_deref()?;
    let (now, was) = (object.bbox?, stated.bbox.intersection(size.frame()));
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    let same = near(now.x0, was.x0) && near(now.y0, was.y0) && near(now.x1, was.x1) && near(now.y1, was.y1);
    (same && expand(stated.numbers) == stated.bbox).then_some(stated)
}
