//! KITTI: one text file an image, boxes as left, top, right and bottom in continuous pixels.
//!
//! The columns are those of the development kit of the object benchmark: `type truncated occluded alpha left top right
//! bottom height width length x y z rotation_y`, and a score in files of results.

use serde_json::Value;

use super::LabelFormat;
use super::draft::Fields;
use super::number::field;
use super::rows::{Line, RowFormat, RowReader, coordinate};
use crate::geometry::Rect;
use crate::labels::Object;

/// Reads KITTI.
pub(super) const READER: RowReader<Kitti> = RowReader(Kitti);

/// KITTI's lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kitti;

/// Columns without a score.
const COLUMNS: usize = 15;

impl RowFormat for Kitti {
    const FORMAT: LabelFormat = LabelFormat::Kitti;
    const REGIONS: &'static str = "row(s) are DontCare regions, which are no objects, and are left out";
    const REMARK: Option<&'static str> =
        Some("object(s) have KITTI's 3-D fields, which are carried as they are and do not follow the pixels");

    fn line(line: &str) -> Result<Line, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let count = words.len();
        if count != COLUMNS && count != COLUMNS + 1 {
            return Err(format!("{count} columns: a label has {COLUMNS}, a result {}", COLUMNS + 1));
        }
        let class = words[0];
        if class.parse::<f64>().is_ok() {
            return Err(format!("it begins with a number, not with a class: {class}"));
        }
        let mut numbers = [0.0; COLUMNS];
        for (number, word) in numbers[1..].iter_mut().zip(&words[1..]) {
            *number = coordinate(word, "a column")?;
        }
        if class == "DontCare" {
            return Ok(Line::Region);
        }
        let bbox = Rect::new(numbers[4], numbers[5], numbers[6], numbers[7]);
        if bbox.width() <= 0.0 || bbox.height() <= 0.0 {
            return Err("its box is empty".to_owned());
        }
        let list =
            |range: std::ops::Range<usize>| words[range].iter().map(|word| field(word)).collect::<Vec<Value>>().into();
        let mut extra = Fields::new();
        let mut carry = |name: &str, value: Value| _ = extra.insert(name.to_owned(), value);
        carry("truncated", field(words[1]));
        carry("occluded", field(words[2]));
        carry("alpha", field(words[3]));
        carry("dimensions", list(8..11));
        carry("location", list(11..14));
        carry("rotation_y", field(words[14]));
        if let Some(score) = words.get(COLUMNS) {
            carry("score", field(score));
        }
        Ok(Line::Object(class.to_owned(), Object { bbox: Some(bbox), extra, ..Object::default() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAR: &str = "Car 0.25 1 -1.57 17.50 31.00 82.00 108.00 1.5 1.6 3.7 1.0 1.5 8.4 -1.5";

    #[test]
    fn a_row_is_a_box_with_its_fields() {
        let Ok(Line::Object(class, object)) = Kitti::line(CAR) else { panic!("{CAR} is an object") };
        assert_eq!((class.as_str(), object.bbox), ("Car", Some(Rect::new(17.5, 31.0, 82.0, 108.0))));
        let fields = serde_json::json!({"truncated": 0.25, "occluded": 1, "alpha": -1.57, "dimensions": [1.5, 1.6, 3.7],
            "location": [1.0, 1.5, 8.4], "rotation_y": -1.5});
        assert_eq!(Value::from(object.extra), fields);
        let Ok(Line::Object(_, scored)) = Kitti::line(&format!("{CAR} 0.9")) else { panic!("a result has 16 columns") };
        assert_eq!(scored.extra["score"], 0.9);
    }

    #[test]
    fn regions_are_no_objects() {
        let line = "DontCare -1 -1 -10 503.89 169.71 590.61 190.13 -1 -1 -1 -1000 -1000 -1000 -10";
        assert_eq!(Kitti::line(line), Ok(Line::Region));
    }

    #[test]
    fn what_is_no_row_is_refused_with_a_reason() {
        for (line, why) in [
            ("Car 0 0 0 1 2 3 4", "8 columns: a label has 15, a result 16"),
            ("1 0 0 0 1 2 3 4 0 0 0 0 0 0 0", "it begins with a number"),
            ("Car 0 0 0 1 2 x 4 0 0 0 0 0 0 0", "a column is not a number: x"),
            ("Car 0 0 0 1 2 1e300 4 0 0 0 0 0 0 0", "a column is out of all bounds"),
            ("Car 0 0 0 9 2 3 4 0 0 0 0 0 0 0", "its box is empty"),
        ] {
            let refusal = Kitti::line(line).unwrap_err();
            assert!(refusal.contains(why), "{line}: {refusal}");
        }
    }
}
