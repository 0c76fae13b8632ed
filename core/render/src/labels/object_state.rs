//! An object on its way through maps and covers: where its outline is now, and how much of it is left.

use super::oriented::Corners;
use super::outline::{self, Ring};
use super::{BoxMode, Classes, Keypoint, Object, Shape, Visibility};
use crate::geometry::{Point, Rect, Size, Warp, clip_ring};

/// One object as a step finds it.
#[derive(Clone, Debug)]
pub struct ObjectState {
    /// The object as its source has it, its keypoints as they are now.
    pub(super) object: Object,
    pub(super) outline: Outline,
    /// The corners of an oriented box.
    pub(super) corners: Option<Corners>,
    /// What is left of the input object: 1 all, 0 nothing.
    pub(super) remaining: f64,
    /// Whether any step moved or covered the image it lies in.
    pub(super) touched: bool,
    /// Keypoints that were labeled in the source.
    pub(super) keypoints_read: usize,
    /// Which partner of a mixing step it came with.
    pub(super) partner: Option<usize>,
    /// Whether it is what a border shows of an object once more.
    pub(super) repeat: bool,
}

/// Less than this, in square pixels, is rounding.
const CRUMB_PX2: f64 = 1e-6;

/// The edge of an object.
#[derive(Clone, Debug)]
pub(super) enum Outline {
    /// Only keypoints.
    None,
    /// A box that every map so far has kept axis-aligned, cut to the frame.
    Box(Rect),
    /// The rings of its shape, or of what stands for its box, cut to the frame.
    Rings(Vec<Ring>),
}

impl ObjectState {
    /// An object before the first step.
    #[must_use]
    pub fn new(object: Object) -> Self {
        let corners = match object.shape {
            Some(Shape::Oriented(corners)) => Some(Corners::Whole(corners)),
            _ => None,
        };
        let outline = match (&object.shape, object.bbox) {
            // The box is that of the part inside the image, so it cuts off what the image never showed.
            (Some(shape @ Shape::Oriented(_)), Some(rect)) => {
                Outline::Rings(outline::clip(&outline::shape_rings(shape), rect))
            }
            (Some(shape), _) => Outline::Rings(outline::shape_rings(shape)),
            (None, Some(rect)) => Outline::Box(rect),
            (None, None) => Outline::None,
        };
        let keypoints_read = labeled(&object.keypoints);
        Self { object, outline, corners, remaining: 1.0, touched: false, keypoints_read, partner: None, repeat: false }
    }

    /// The same object, marked as a partner's in a mixing step.
    #[must_use]
    pub fn from_partner(mut self, partner: usize) -> Self {
        self.partner.get_or_insert(partner);
        self
    }

    /// The same object, marked as what a border shows of it once more.
    pub(super) const fn into_repeat(mut self) -> Self {
        self.repeat = true;
        self
    }

    /// Whether it is what a border shows of an object once more, and so in no source.
    #[must_use]
    pub const fn is_repeat(&self) -> bool {
        self.repeat
    }

    /// Whether anything of it is left in the frame.
    pub(super) fn is_seen(&self) -> bool {
        match &self.outline {
            Outline::None => labeled(&self.object.keypoints) > 0,
            outline => outline.area() > CRUMB_PX2,
        }
    }

    /// Its keypoints as they are now.
    #[must_use]
    pub fn keypoints(&self) -> &[Keypoint] {
        &self.object.keypoints
    }

    /// The outlines of what is left of its shape, or the corners of an oriented box; empty for objects without either.
    #[must_use]
    pub fn rings(&self) -> Vec<Vec<Point>> {
        match &self.outline {
            Outline::Rings(_) if self.corners.is_some() => self.label_corners().into_iter().map(Vec::from).collect(),
            Outline::Rings(rings) if self.object.shape.is_some() => {
                rings.iter().map(|ring| ring.points.clone()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The four corners of an oriented box; `None` for other objects, and where nothing is left.
    pub(super) fn label_corners(&self) -> Option<[Point; 4]> {
        let Outline::Rings(rings) = &self.outline else { return None };
        self.corners?.label(only_ring(rings))
    }

    /// Its class.
    #[must_use]
    pub const fn class(&self) -> usize {
        self.object.class
    }

    /// The box around what is left; `None` when nothing is.
    #[must_use]
    pub fn bound(&self) -> Option<Rect> {
        match &self.outline {
            Outline::None => None,
            Outline::Box(rect) => Some(*rect),
            Outline::Rings(rings) => outline::bound(rings),
        }
        .filter(|rect| rect.area() > 0.0)
    }

    /// Follows a warp, and is cut at the new frame.
    pub fn carry(&mut self, warp: &Warp, classes: &Classes, mode: BoxMode) {
        self.carry_into(warp, warp.output.frame(), classes, mode);
    }

    /// Follows a warp into a part of a frame, and is cut at its edges.
    pub fn carry_into(&mut self, warp: &Warp, part: Rect, classes: &Classes, mode: BoxMode) {
        self.touched = true;
        self.carry_keypoints(warp, part, classes);
        let outline = std::mem::replace(&mut self.outline, Outline::None);
        self.outline = match outline {
            Outline::None => Outline::None,
            Outline::Box(rect) if warp.is_axis_aligned() => {
                let whole = warp.target_of_rect(rect);
                let left = whole.intersection(part);
                self.keep_fraction(left.area(), whole.area());
                if left.area() > 0.0 || whole == left { Outline::Box(left) } else { Outline::Box(Rect::default()) }
            }
            Outline::Box(rect) => {
                let rings = match mode {
                    BoxMode::Ellipse => outline::ellipse_ring(rect),
                    BoxMode::Corners => outline::box_ring(rect),
                };
                self.carry_rings(&rings, warp, part, mode)
            }
            Outline::Rings(rings) => self.carry_rings(&rings, warp, part, mode),
        };
    }

    fn carry_rings(&mut self, rings: &[Ring], warp: &Warp, part: Rect, mode: BoxMode) -> Outline {
        let whole = outline::carry(rings, warp);
        let left = outline::clip(&whole, part);
        if let Some(corners) = &mut self.corners {
            corners.carry(warp, part, only_ring(rings), only_ring(&whole));
        }
        if left != whole || warp.horizon().is_some() {
            // Measured in the input, since a perspective or a bend gives equal parts of an object unequal areas.
            self.keep_fraction(outline::area_before(&left, warp), outline::area(rings));
        }
        let by_corners = mode == BoxMode::Corners && self.object.shape.is_none();
        match outline::bound(&whole) {
            // The box around the corners is cut, not the quadrilateral between them: a box by corners is never too small.
            Some(bound) if by_corners && left != whole && outline::area(&left) > 0.0 => {
                Outline::Rings(outline::box_ring(bound.intersection(part)))
            }
            _ => Outline::Rings(left),
        }
    }

    fn keep_fraction(&mut self, left: f64, whole: f64) {
        self.remaining *= if whole > 0.0 { (left / whole).clamp(0.0, 1.0) } else { 0.0 };
    }

    fn carry_keypoints(&mut self, warp: &Warp, part: Rect, classes: &Classes) {
        for keypoint in self.object.keypoints.iter_mut().filter(|k| k.visibility != Visibility::Absent) {
            let before = keypoint.point;
            let behind = warp.horizon().is_some_and(|[a, b, c]| a * before.x + b * before.y + c < 0.0);
            keypoint.point = warp.target_of(before);
            if behind || !part.contains(keypoint.point) {
                *keypoint = Keypoint { point: Point::default(), visibility: Visibility::Absent };
            }
        }
        let mirror = classes.0.get(self.object.class).map_or(&[][..], |class| &class.mirror);
        if warp.mirrors() && mirror.len() == self.object.keypoints.len() {
            self.object.keypoints =
                mirror.iter().map(|twin| self.object.keypoints.get(*twin).copied().unwrap_or(ABSENT)).collect();
        }
    }

    /// Lies under opaque rectangles that do not overlap: what they cover counts as lost, joints under them as hidden.
    pub fn cover(&mut self, rects: &[Rect]) {
        self.touched = true;
        for keypoint in &mut self.object.keypoints {
            if keypoint.visibility == Visibility::Visible && rects.iter().any(|rect| rect.contains(keypoint.point)) {
                keypoint.visibility = Visibility::Hidden;
            }
        }
        let (covered, whole): (f64, f64) = match &self.outline {
            Outline::None => return,
            Outline::Box(rect) => (rects.iter().map(|cover| cover.intersection(*rect).area()).sum(), rect.area()),
            Outline::Rings(rings) => {
                let under = |cover: &Rect| {
                    let cut = rings.iter().map(|ring| Ring { points: clip_ring(&ring.points, *cover), ..*ring });
                    outline::area(&cut.collect::<Vec<_>>())
                };
                (rects.iter().map(under).sum(), outline::area(rings))
            }
        };
        self.keep_fraction(whole - covered, whole);
    }
}

/// The points of the ring of an oriented box; none where nothing is left.
fn only_ring(rings: &[Ring]) -> &[Point] {
    rings.first().map_or(&[], |ring| &ring.points)
}

const ABSENT: Keypoint = Keypoint { point: Point::new(0.0, 0.0), visibility: Visibility::Absent };

/// Keypoints that are labeled.
pub(super) fn labeled(keypoints: &[Keypoint]) -> usize {
    keypoints.iter().filter(|keypoint| keypoint.visibility != Visibility::Absent).count()
}

impl ObjectState {
    /// What is left of its shape, of the same sort as the source's; `None` where there is none.
    pub(super) fn shape(&self, size: Size) -> Option<Shape> {
        let (Some(source), Outline::Rings(rings)) = (&self.object.shape, &self.outline) else { return None };
        Some(match source {
            Shape::Polygons(_) => Shape::Polygons(outline::rings_to_polygons(rings)),
            Shape::Bitmap(_) => Shape::Bitmap(super::Bitmap::from_samples(size, &outline::rasterize(size, rings))),
            Shape::Oriented(_) => Shape::Oriented(self.label_corners()?),
        })
    }
}

impl Outline {
    /// Area in square pixels.
    pub(super) fn area(&self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Box(rect) => rect.area(),
            Self::Rings(rings) => outline::area(rings),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Matrix3;

    /// A box turned by 45° about a point of the frame, in both modes.
    fn turned(rect: Rect, about: Point) -> [Rect; 2] {
        let warp = Warp::matrix(Size::new(100, 100), Matrix3::rotation(45.0).about(about)).unwrap();
        [BoxMode::Corners, BoxMode::Ellipse].map(|mode| {
            let mut tracked = ObjectState::new(Object { bbox: Some(rect), ..Object::default() });
            tracked.carry(&warp, &Classes::default(), mode);
            tracked.bound().unwrap()
        })
    }

    #[test]
    fn box_by_corners_is_bounded_before_the_frame_cuts_it() {
        // The left corner of the diamond is outside, where the diamond is narrower than its bound.
        let [corners, ellipse] = turned(Rect::new(-20.0, 30.0, 20.0, 70.0), Point::new(0.0, 50.0));
        let reach = 20.0 * 2f64.sqrt();
        for (value, expected) in [(corners.x0, 0.0), (corners.x1, reach), (corners.y0, 50.0 - reach)] {
            assert!((value - expected).abs() < 1e-9, "{corners:?}");
        }
        assert!((ellipse.y0 - 30.0).abs() < 0.01 && (ellipse.x1 - 20.0).abs() < 0.01, "{ellipse:?}");
        let [corners, _] = turned(Rect::new(60.0, -20.0, 100.0, 20.0), Point::new(80.0, 0.0));
        assert!((corners.x1 - 100.0).abs() < 1e-9 && (corners.y1 - reach).abs() < 1e-9, "{corners:?}");
    }
}
