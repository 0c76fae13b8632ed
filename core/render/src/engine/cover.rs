//! Covers parts of a sample, and tells its labels.

use super::sample::Sample;
use crate::geometry::disjoint_cover;
use crate::kernels::paint;
use crate::transforms::{Cover, Paint};

/// The sample with parts of its image covered; masks stay, since what is covered is still there.
pub(super) fn cover(sample: &mut Sample, cover: &Cover) {
    let rects = disjoint_cover(&cover.rects);
    match cover.paint {
        Paint::Fill(fill) => paint::fill(sample.image_mut(), &cover.rects, fill),
        Paint::Noise(seed) => paint::noise(sample.image_mut(), &rects, seed),
    }
    for object in &mut sample.objects {
        object.cover(&rects);
    }
}
