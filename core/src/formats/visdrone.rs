//! VisDrone's images: one text file an image, boxes as left, top, width and height in continuous pixels.
//!
//! A row is `left,top,width,height,score,category,truncation,occlusion`, as the dataset's toolkit describes it. Regions
//! of category 0 and rows of score 0 are left out of evaluation there: they are no objects.

use super::LabelFormat;
use super::draft::Fields;
use super::number::field;
use super::rows::{Line, RowFormat, RowReader, coordinate};
use crate::geometry::Rect;
use crate::labels::Object;

/// Reads VisDrone.
pub(super) const READER: RowReader<VisDrone> = RowReader(VisDrone);

/// VisDrone's lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct VisDrone;

const COLUMNS: usize = 8;

impl RowFormat for VisDrone {
    const FORMAT: LabelFormat = LabelFormat::VisDrone;
    const REGIONS: &'static str = "row(s) are ignored regions or have score 0: they are no objects and are left out";
    const SPLITS_BY_WORDS: bool = true;
    /// The names of categories 1 to 11.
    const CLASSES: &'static [&'static str] = &[
        "pedestrian",
        "people",
        "bicycle",
        "car",
        "van",
        "truck",
        "tricycle",
        "awning-tricycle",
        "bus",
        "motor",
        "others",
    ];

    fn line(line: &str) -> Result<Line, String> {
        let cells: Vec<&str> = line.trim_end_matches(',').split(',').map(str::trim).collect();
        if cells.len() != COLUMNS {
            return Err(format!("{} columns: a row has {COLUMNS}", cells.len()));
        }
        let mut numbers = [0.0; COLUMNS];
        for (number, cell) in numbers.iter_mut().zip(&cells) {
            *number = coordinate(cell, "a column")?;
        }
        let [left, top, width, height, score, category, ..] = numbers;
        if score == 0.0 || category == 0.0 {
            return Ok(Line::Region);
        }
        let number = cells[5].parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let class = number.and_then(|number| Self::CLASSES.get(number));
        let class = class.ok_or_else(|| format!("category {category} is none of VisDrone's"))?;
        if width <= 0.0 || height <= 0.0 {
            return Err("its box is empty".to_owned());
        }
        let mut extra = Fields::new();
        for (name, cell) in [("score", cells[4]), ("truncation", cells[6]), ("occlusion", cells[7])] {
            extra.insert(name.to_owned(), field(cell));
        }
        let bbox = Some(Rect::new(left, top, left + width, top + height));
        Ok(Line::Object((*class).to_owned(), Object { bbox, extra, ..Object::default() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_box_of_a_category_by_number() {
        let Ok(Line::Object(class, object)) = VisDrone::line("684,8,273,116,1,4,0,2") else {
            panic!("it is an object")
        };
        assert_eq!((class.as_str(), object.bbox), ("car", Some(Rect::new(684.0, 8.0, 957.0, 124.0))));
        assert_eq!((&object.extra["truncation"], &object.extra["occlusion"]), (&0.into(), &2.into()));
        assert!(matches!(VisDrone::line("1, 2, 3, 4, 1, 11, 0, 0,"), Ok(Line::Object(..))), "with a comma at the end");
    }

    #[test]
    fn ignored_rows_are_no_objects() {
        assert_eq!(VisDrone::line("684,8,273,116,0,0,0,0"), Ok(Line::Region));
        assert_eq!(VisDrone::line("684,8,273,116,0,4,0,0"), Ok(Line::Region));
        assert_eq!(VisDrone::line("684,8,273,116,1,0,0,0"), Ok(Line::Region));
    }

    #[test]
    fn what_is_no_row_is_refused_with_a_reason() {
        for (line, why) in [
            ("1,2,3,4,1,12,0,0", "category 12 is none of VisDrone's"),
            ("1,2,3,4,1,1.5,0,0", "category 1.5 is none of VisDrone's"),
            ("1,2,3,4,1,1,0", "7 columns: a row has 8"),
            ("1,2,0,4,1,1,0,0", "its box is empty"),
            ("1,2,x,4,1,1,0,0", "a column is not a number: x"),
            ("1,2,inf,4,1,1,0,0", "a column is out of all bounds"),
        ] {
            let refusal = VisDrone::line(line).unwrap_err();
            assert!(refusal.contains(why), "{line}: {refusal}");
        }
    }
}
