//! What a transform may know before it draws: the frame and the labels, never the pixels.

use crate::digest::Digest;
use crate::geometry::{Rect, Size};

/// The state of the image as a step finds it.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Size of the image at this step.
    pub size: Size,
    /// Boxes of its objects at this step; empty for transforms that did not ask for labels.
    pub boxes: &'a [Rect],
    /// Whether it shows objects that have labels; a semantic mask alone names none.
    pub labeled: bool,
    /// Content hashes of all images of the dataset, sorted; empty unless a step mixes images.
    pub partners: &'a [Digest],
    /// Content hash of this image.
    pub source: Digest,
}
