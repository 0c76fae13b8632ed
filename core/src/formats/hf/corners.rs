//! Whether boxes that should be left, top, width and height are two corners instead, as they fit their images.

use serde_json::Value;

use crate::formats::draft::Fields;
use crate::formats::reader::Survey;
use crate::formats::sketch::number;

/// How far a box may reach beyond its image by rounding, in pixels.
const SLACK: f64 = 1.0;

/// What the boxes of a set say of their notation.
#[derive(Debug, Default)]
pub(super) struct Boxes {
    /// Whether some box is none when it is read as two corners.
    no_corners: bool,
    /// By image, the farthest right and bottom of its boxes, read as corners and as sizes.
    farthest: Vec<(usize, [f64; 4])>,
    count: usize,
}

impl Boxes {
    /// Looks at the boxes of a line.
    pub(super) fn see(&mut self, image: usize, fields: &Fields) {
        let boxes: Vec<&Value> = match fields.get("objects") {
            Some(Value::Object(columns)) => {
                columns.get("bbox").and_then(Value::as_array).into_iter().flatten().collect()
            }
            Some(Value::Array(list)) => list.iter().filter_map(|object| object.get("bbox")).collect(),
            _ => Vec::new(),
        };
        let mut farthest = [0.0f64; 4];
        for bbox in boxes {
            let numbers: Option<Vec<f64>> =
                bbox.as_array().and_then(|list| list.iter().map(|side| number(Some(side))).collect());
            // What cannot be read is told where it is read.
            let Some([x, y, a, b]) = numbers.and_then(|numbers| <[f64; 4]>::try_from(numbers).ok()) else { continue };
            self.count += 1;
            self.no_corners |= a <= x || b <= y;
            for (known, new) in farthest.iter_mut().zip([a, b, x + a, y + b]) {
                *known = known.max(new);
            }
        }
        self.farthest.push((image, farthest));
    }

    /// How many boxes are taken as corners: all, where every one fits its image as corners and some only so; else none.
    pub(super) fn as_corners(&self, survey: &Survey<'_>) -> usize {
        if self.no_corners {
            return 0;
        }
        let mut only = false;
        for (image, [right, bottom, far_right, far_bottom]) in &self.farthest {
            let Some(size) = survey.size_of(*image) else { continue };
            let (width, height) = (f64::from(size.width) + SLACK, f64::from(size.height) + SLACK);
            if *right > width || *bottom > height {
                return 0;
            }
            only |= *far_right > width || *far_bottom > height;
        }
        if only { self.count } else { 0 }
    }
}
