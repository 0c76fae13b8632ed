//! What the labels of a dataset hold beyond boxes: writers and warnings choose by it.

/// What the labels of a dataset hold beyond boxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// Polygons or bitmaps.
    pub shapes: bool,
    /// Oriented boxes.
    pub oriented: bool,
    /// Keypoints an object; 0 where there are none.
    pub keypoints: usize,
    /// Objects of keypoints alone, without a box or shape.
    pub points: usize,
    /// Whether the source says of each keypoint if it is seen (YOLO's lines of two numbers a keypoint do not).
    pub visibility: bool,
    /// Other fields, such as VOC's `pose` or COCO's `iscrowd`.
    pub extras: bool,
    /// Images whose classes are listed with them, since some have several or none.
    pub classes: usize,
}

impl Holds {
    /// Joins what the labels of a further part hold.
    pub(super) fn add(&mut self, other: Self) {
        self.shapes |= other.shapes;
        self.oriented |= other.oriented;
        self.keypoints = self.keypoints.max(other.keypoints);
        self.points += other.points;
        self.visibility |= other.visibility;
        self.extras |= other.extras;
        self.classes += other.classes;
    }
}
