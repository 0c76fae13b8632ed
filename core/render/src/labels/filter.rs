//! The one policy on which objects stay: applied once, after the last step, by what is left of the input object.

use super::object_state::{ObjectState, Outline, labeled};
use super::policy::LabelPolicy;
use super::{Object, Shape};
use crate::geometry::Size;

/// An object that is not in the output, and why.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Dropped {
    /// Its position in its source's labels.
    pub index: usize,
    /// Which partner of a mixing step it came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<usize>,
    /// Why, in a few words.
    pub reason: String,
}

/// What the policy decides on one object.
pub fn keep_or_drop(tracked: ObjectState, policy: &LabelPolicy, size: Size) -> std::result::Result<Object, Dropped> {
    if !tracked.touched {
        return Ok(tracked.object);
    }
    let ObjectState { object, outline, remaining, keypoints_read, partner, repeat, .. } = &tracked;
    let (remaining, index, partner, repeat) = (*remaining, object.index, *partner, *repeat);
    let dropped = |reason: String| {
        let reason = if repeat { format!("shown again: {reason}") } else { reason };
        Err(Dropped { index, partner, reason })
    };
    let has_outline = !matches!(outline, Outline::None);
    let (bbox, area) = match outline {
        Outline::None => (None, 0.0),
        Outline::Box(rect) => (Some(*rect), rect.area()),
        Outline::Rings(rings) => (super::outline::bound(rings), outline.area()),
    };
    if has_outline && (area <= 0.0 || bbox.is_none_or(|rect| rect.area() <= 0.0)) {
        return dropped("outside the image".into());
    }
    if has_outline && remaining < policy.min_visibility {
        return dropped(format!("visibility {remaining:.2}"));
    }
    if has_outline && area < policy.min_area {
        return dropped(format!("area {area:.2}"));
    }
    if !has_outline && *keypoints_read > 0 && labeled(&object.keypoints) == 0 {
        return dropped("outside the image".into());
    }
    let shape = tracked.shape(size);
    let bbox = match &shape {
        // A bitmap's own bound, so that box and pixels agree exactly.
        Some(shape @ Shape::Bitmap(_)) => shape.bound(),
        None if object.shape.is_some() => None,
        _ => bbox,
    };
    if object.shape.is_some() && bbox.is_none() {
        return dropped("area 0.00".into());
    }
    Ok(Object { bbox, shape, ..tracked.object })
}
