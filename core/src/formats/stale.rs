//! Fields that are carried along and hold coordinates: they would not follow the pixels, and are left out.

use std::collections::BTreeSet;

use serde_json::Value;

use super::draft::{Draft, Fields};

/// Words in the names of fields whose numbers are places in the image.
const PLACES: [&str; 31] = [
    "box",
    "boxes",
    "bbox",
    "bboxes",
    "kpt",
    "kpts",
    "keypoint",
    "keypoints",
    "landmark",
    "landmarks",
    "point",
    "points",
    "polygon",
    "polygons",
    "polyline",
    "polylines",
    "segmentation",
    "segmentations",
    "contour",
    "contours",
    "corner",
    "corners",
    "outline",
    "outlines",
    "vertices",
    "quad",
    "quads",
    "rle",
    "centroid",
    "centroids",
    "roi",
];
/// Names of fields that are one coordinate each, in lower case without what is no letter or digit.
const COORDINATES: [&str; 34] = [
    "xmin", "ymin", "xmax", "ymax", "minx", "miny", "maxx", "maxy", "x", "y", "x0", "y0", "x1", "y1", "x2", "y2", "x3",
    "y3", "x4", "y4", "cx", "cy", "xc", "yc", "xcenter", "ycenter", "centerx", "centery", "xtl", "ytl", "xbr", "ybr",
    "left", "top",
];

/// Leaves such fields of an image and its objects out, and says which.
pub(super) fn leave_out(draft: &mut Draft) {
    let mut names = BTreeSet::new();
    clean(&mut draft.extra, &mut names);
    for object in &mut draft.objects {
        clean(&mut object.extra, &mut names);
    }
    if !names.is_empty() {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        draft.warnings.push(format!("fields with coordinates of their own are left out: {}", names.join(", ")));
    }
}

fn clean(fields: &mut Fields, names: &mut BTreeSet<String>) {
    if fields.is_empty() {
        return;
    }
    fields.retain(|name, value| {
        let stale = is_stale(name, value);
        if stale {
            names.insert(name.clone());
        } else {
            clean_within(value, names);
        }
        !stale
    });
}

fn clean_within(value: &mut Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => clean(fields, names),
        Value::Array(list) => list.iter_mut().for_each(|value| clean_within(value, names)),
        _ => {}
    }
}

/// Whether a field holds coordinates, by its name and what it holds.
fn is_stale(name: &str, value: &Value) -> bool {
    match value {
        Value::Number(_) => {
            let plain: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
            COORDINATES.contains(&plain.to_lowercase().as_str())
        }
        Value::Array(list) => has_numbers(list) && is_place(name),
        Value::Object(fields) => fields.contains_key("counts") && is_place(name),
        _ => false,
    }
}

fn has_numbers(list: &[Value]) -> bool {
    list.iter().any(|value| match value {
        Value::Array(list) => has_numbers(list),
        Value::Object(fields) => fields.contains_key("counts"),
        value => value.is_number(),
    })
}

/// Whether a word in a name means a place; words end where a capital letter or no letter follows.
fn is_place(name: &str) -> bool {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        if !c.is_alphabetic() || small && c.is_uppercase() {
            words.push(String::new());
        }
        small = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphabetic()) {
            word.extend(c.to_lowercase());
        }
    }
    words.iter().any(|word| PLACES.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_with_coordinates_are_known_by_name_and_content() {
        let fields = |value: Value| value.as_object().cloned().unwrap_or_default();
        let mut extra = fields(json!({
            "face_box": [1, 2, 3, 4], "face_kpts": [1.0, 2.0, 2.0], "face_valid": true, "num_keypoints": 3, "xmin": 4,
            "fbox": [1], "faceBox": [[1, 2]], "points": "many", "segmentation": {"size": [1, 1], "counts": "01"},
            "faces": {"bbox": [[1, 2, 3, 4]], "blur": [0]}, "dimensions": [1.5, 2.0, 3.0], "left": "no", "rotation": 30
        }));
        let mut names = BTreeSet::new();
        clean(&mut extra, &mut names);
        let kept = json!({
            "face_valid": true, "num_keypoints": 3, "fbox": [1], "points": "many", "faces": {"blur": [0]},
            "dimensions": [1.5, 2.0, 3.0], "left": "no", "rotation": 30
        });
        assert_eq!(Value::Object(extra), kept);
        assert_eq!(names.len(), 6, "{names:?}");
    }
}
