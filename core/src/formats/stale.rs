//! Fields that are carried along and hold coordinates: they would not follow the pixels, and are left out.

use std::collections::BTreeSet;

use serde_json::Value;

use super::draft::{Draft, Fields};
use super::field_names::{is_coordinate, is_place};

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

/// Whether something inside a value holds coordinates.
pub(super) fn holds_coordinates(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, value)| is_stale(name, value) || holds_coordinates(value)),
        Value::Array(list) => list.iter().any(holds_coordinates),
        _ => false,
    }
}

/// Whether a field holds coordinates, by its name and what it holds.
fn is_stale(name: &str, value: &Value) -> bool {
    match value {
        Value::Number(_) => is_coordinate(name),
        Value::String(text) => match numbers(text) {
            0 => false,
            1 => is_coordinate(name),
            _ => is_coordinate(name) || is_place(name),
        },
        Value::Array(list) => has_numbers(list) && (is_coordinate(name) || is_place(name)),
        // The runs of a bitmap.
        Value::Object(fields) => fields.contains_key("counts") && (fields.contains_key("size") || is_place(name)),
        _ => false,
    }
}

fn has_numbers(list: &[Value]) -> bool {
    list.iter().any(|value| match value {
        Value::Array(list) => has_numbers(list),
        Value::Object(fields) => fields.contains_key("counts"),
        Value::String(text) => numbers(text) > 0,
        value => value.is_number(),
    })
}

/// How many numbers a text is made of; none where it holds anything else.
fn numbers(text: &str) -> usize {
    let is_number = |word: &str| word.parse::<f64>().is_ok_and(f64::is_finite);
    let words = || text.split(|c: char| c.is_whitespace() || ",;[]()".contains(c)).filter(|word| !word.is_empty());
    if words().all(is_number) { words().count() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cleaned(value: Value) -> (Value, usize) {
        let mut extra = value.as_object().cloned().unwrap_or_default();
        let mut names = BTreeSet::new();
        clean(&mut extra, &mut names);
        (extra.into(), names.len())
    }

    #[test]
    fn fields_with_coordinates_are_known_by_name_and_content() {
        let extra = json!({
            "face_box": [1, 2, 3, 4], "face_kpts": [1.0, 2.0, 2.0], "face_valid": true, "num_keypoints": 3, "xmin": 4,
            "fbox": [1], "faceBox": [[1, 2]], "points": "many", "segmentation": {"size": [1, 1], "counts": "01"},
            "faces": {"bbox": [[1, 2, 3, 4]], "blur": [0]}, "dimensions": [1.5, 2.0, 3.0], "left": "no", "rotation": 30
        });
        let kept = json!({
            "face_valid": true, "num_keypoints": 3, "fbox": [1], "points": "many", "faces": {"blur": [0]},
            "dimensions": [1.5, 2.0, 3.0], "left": "no", "rotation": 30
        });
        assert_eq!(cleaned(extra), (kept, 6));
    }

    #[test]
    fn numbers_may_be_written_as_texts_and_the_last_word_of_a_name_counts() {
        let extra = json!({
            "center": [1, 2], "joints": [[1, 2]], "dp_x": [1.5], "dp_y": [2.5], "dp_U": [0.5], "position": ["1", "2.5"],
            "rois": [[1, 2, 3, 4]], "gaze_coords": [1, 2], "rect": "1, 2, 3, 4", "y": "12.5", "box_color": [255, 0, 0],
            "position_name": "left", "mask": {"size": [1, 1], "counts": "01"}, "points_count": ["3"]
        });
        let kept = json!({"dp_U": [0.5], "box_color": [255, 0, 0], "position_name": "left", "points_count": ["3"]});
        assert_eq!(cleaned(extra), (kept, 10));
    }
}
