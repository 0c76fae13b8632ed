//! DOTA: one text file an image, oriented boxes by their corners in continuous pixels, clockwise from any corner.
//!
//! A row is `x1 y1 x2 y2 x3 y3 x4 y4 class difficult`, as the dataset's own page describes it; lines
//! `imagesource:…` and `gsd:…` may stand above the rows.

use super::LabelFormat;
use super::draft::Fields;
use super::number::field;
use super::rows::{Line, RowFormat, RowReader, coordinate};
use crate::geometry::Point;
use crate::labels::{Object, Shape};

/// Reads DOTA.
pub(super) const READER: RowReader<Dota> = RowReader(Dota);

/// DOTA's lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dota;

const COLUMNS: [&str; 8] = ["x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4"];

impl RowFormat for Dota {
    const FORMAT: LabelFormat = LabelFormat::Dota;

    fn line(line: &str) -> Result<Line, String> {
        if let Some((name, value)) = line.split_once(':') {
            let name = name.trim_matches(['\'', '"', ' ']);
            if matches!(name, "imagesource" | "gsd") {
                return Ok(Line::Field(name.to_owned(), field(value.trim())));
            }
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some((corners, rest)) = words.split_at_checked(COLUMNS.len()).filter(|(_, rest)| !rest.is_empty()) else {
            return Err(format!("{} columns: an oriented box has eight coordinates and a class", words.len()));
        };
        let mut numbers = [0.0; 8];
        for ((number, word), column) in numbers.iter_mut().zip(corners).zip(COLUMNS) {
            *number = coordinate(word, column)?;
        }
        let corners = std::array::from_fn(|at| Point::new(numbers[2 * at], numbers[2 * at + 1]));
        let shape = Shape::Oriented(corners);
        if shape.area() <= 0.0 {
            return Err("its corners enclose nothing".to_owned());
        }
        // Names of several words are not the dataset's own, but some tools write them.
        let (class, difficult) = match rest.split_last() {
            Some((last, class)) if !class.is_empty() && last.parse::<u8>().is_ok() => (class, Some(*last)),
            _ => (rest, None),
        };
        let extra: Fields = difficult.map(|last| ("difficult".to_owned(), field(last))).into_iter().collect();
        Ok(Line::Object(class.join(" "), Object { shape: Some(shape), extra, ..Object::default() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(line: &str) -> (String, Object) {
        match Dota::line(line) {
            Ok(Line::Object(class, object)) => (class, object),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn rows_are_oriented_boxes() {
        let (class, found) = object("10 20 30.5 20 30.5 40 10 40 small-vehicle 1");
        let corners = [(10.0, 20.0), (30.5, 20.0), (30.5, 40.0), (10.0, 40.0)].map(|(x, y)| Point::new(x, y));
        assert_eq!((class.as_str(), found.shape), ("small-vehicle", Some(Shape::Oriented(corners))));
        assert_eq!(found.extra["difficult"], 1);
        let (class, found) = object("1 1 9 1 9 9 1 9 plane");
        assert!(class == "plane" && found.extra.is_empty(), "the last column may be missing");
        assert_eq!(object("1 1 9 1 9 9 1 9 traffic light 0").0, "traffic light");
    }

    #[test]
    fn lines_above_the_rows_are_fields_of_the_image() {
        let of = |name: &str, value: serde_json::Value| Ok(Line::Field(name.to_owned(), value));
        assert_eq!(Dota::line("imagesource:GoogleEarth"), of("imagesource", "GoogleEarth".into()));
        assert_eq!(Dota::line("'gsd': 0.146"), of("gsd", 0.146.into()));
        assert_eq!(Dota::line("gsd:null"), of("gsd", "null".into()));
    }

    #[test]
    fn what_is_no_row_is_refused_with_a_reason() {
        for (line, why) in [
            ("1 1 9 1 9 9 1 9", "8 columns"),
            ("1 1 9 1 9 9 1 x plane 0", "y4 is not a number: x"),
            ("1 1 9 1 9 9 1 1e99 plane 0", "y4 is out of all bounds"),
            ("1 nan 9 1 9 9 1 9 plane 0", "y1 is out of all bounds"),
            ("1 1 9 9 9 9 1 1 plane 0", "its corners enclose nothing"),
            ("Dog 0.00 0 -1.57 17 131 82 208 1.5 1.6 3.7 1 1.5 8.4 -1.5", "x1 is not a number: Dog"),
        ] {
            let refusal = Dota::line(line).unwrap_err();
            assert!(refusal.contains(why), "{line}: {refusal}");
        }
    }
}
