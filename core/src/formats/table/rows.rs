//! The rows of an image as a sketch: each as an object, or as what it says of the image's classes.

use std::collections::BTreeMap;

use csv::StringRecord;

use super::columns::{Columns, Place, flag};
use super::corners_box;
use super::records::{Delimiter, Records};
use crate::error::Result;
use crate::formats::draft::{Fields, UNFRAMED, check_objects, stated_size};
use crate::formats::number::field;
use crate::formats::rows::coordinate;
use crate::formats::sketch::{Drawn, Notation, Sketch};
use crate::geometry::{Point, Rect};
use crate::labels::{Bitmap, Object, Shape, Stated};
use crate::limits::Limits;

type Read<T> = std::result::Result<T, String>;

/// The notation of a table.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) delimiter: Delimiter,
    pub(super) columns: Columns,
    /// The names of classes by what the table calls them instead.
    pub(super) names: BTreeMap<String, String>,
    /// Whether coordinates are fractions of the frame.
    pub(super) fractions: bool,
}

impl Notation for Rows {
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch> {
        let mut sketch = Sketch { fractions: self.fractions, ..Sketch::default() };
        let mut records = Records::within(record, 0..record.len(), self.delimiter);
        while let Some((record, _)) = records.next() {
            let side = |at: usize| cell(record, at).parse().ok();
            let size = self.columns.size.and_then(|[width, height]| stated_size(side(width), side(height)));
            sketch.size = sketch.size.or(size);
            if self.columns.place.is_none() {
                self.choose(record, &mut sketch);
                continue;
            }
            match self.drawn(record) {
                Ok(None) => {}
                Ok(Some(drawn)) => sketch.drawn.push(Ok(drawn)),
                Err(why) => sketch.drawn.push(Err(why)),
            }
            check_objects(sketch.drawn.len(), limits.max_objects)?;
        }
        Ok(sketch)
    }
}

impl Rows {
    fn drawn(&self, record: &StringRecord) -> Read<Option<Drawn>> {
        let Some(object) = object(record, &self.columns)? else { return Ok(None) };
        let class = match classes(record, &self.columns).next() {
            Some("") => return Err("it has no class".to_owned()),
            class => class.map(|class| self.name(class)),
        };
        // Numbers are repeated only where they are pixels.
        let stated = object.stated.filter(|_| !self.fractions);
        Ok(Some(Drawn { class, object: Object { stated, ..object }, ..Drawn::default() }))
    }

    /// Takes the classes of an image: those of columns with 1, or those that a cell names.
    fn choose(&self, record: &StringRecord, sketch: &mut Sketch) {
        let chosen = sketch.classes.get_or_insert_default();
        let flags = self.columns.flags.iter().filter(|(at, _)| flag(cell(record, *at)) == Some(true));
        chosen.extend(flags.map(|(_, name)| name.clone()));
        let named = classes(record, &self.columns);
        chosen.extend(named.filter(|name| !name.is_empty()).map(|name| self.name(name)));
    }

    fn name(&self, stated: &str) -> String {
        self.names.get(stated).map_or(stated, String::as_str).to_owned()
    }
}

/// A cell; empty where the record is too short, or where the cell is a tool's word for nothing.
pub(super) fn cell(record: &StringRecord, at: usize) -> &str {
    match record.get(at).unwrap_or_default() {
        "nan" | "NaN" | "NA" | "null" | "None" => "",
        text => text,
    }
}

/// The class that a row names, or the classes of its image, with strokes between them; none where the table has no
/// column of classes.
pub(super) fn classes<'a>(record: &'a StringRecord, columns: &Columns) -> impl Iterator<Item = &'a str> {
    // A class may be called None.
    let stated = columns.class.map(|at| record.get(at).unwrap_or_default());
    let several = columns.place.is_none();
    stated.into_iter().flat_map(move |names| names.split(move |c| several && c == '|')).map(str::trim)
}

/// The object of a row, its class still to be set; `None` where the row says that its image has none.
pub(super) fn object(record: &StringRecord, columns: &Columns) -> Read<Option<Object>> {
    let Some(place) = columns.place else { return Ok(None) };
    let object = match place {
        Place::Corners(at) => numbers(at.map(|at| cell(record, at)))?.map(corners).transpose()?,
        Place::Sized(at) => numbers(at.map(|at| cell(record, at)))?.map(sized).transpose()?,
        Place::Centered(at) => numbers(at.map(|at| cell(record, at)))?.map(centered).transpose()?,
        Place::List(at) => numbers(list(cell(record, at))?)?.map(sized).transpose()?,
        Place::Quad(at) => quad(at.map(|at| cell(record, at)))?,
        Place::Runs(at) => runs(cell(record, at))?,
    };
    Ok(object.map(|object| Object { extra: extra(record, columns), ..object }))
}

/// The cells of a row that are read for nothing else, by the names of their columns.
fn extra(record: &StringRecord, columns: &Columns) -> Fields {
    let others = columns.others.iter().map(|(at, name)| (name.clone(), cell(record, *at)));
    others.filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, field(text))).collect()
}

/// Four numbers; `None` where all cells are empty.
fn numbers(cells: [&str; 4]) -> Read<Option<[f64; 4]>> {
    if cells.iter().all(|text| text.is_empty()) {
        return Ok(None);
    }
    let mut numbers = [0.0; 4];
    for (number, (text, column)) in
        numbers.iter_mut().zip(cells.into_iter().zip(["first", "second", "third", "fourth"]))
    {
        *number = coordinate(text, &format!("the {column} number of its box"))?;
    }
    Ok(Some(numbers))
}

/// The four numbers of a cell as `[x, y, width, height]`.
fn list(text: &str) -> Read<[&str; 4]> {
    let inner = text.trim_matches(['[', ']', '(', ')', ' ']);
    if inner.is_empty() {
        return Ok([""; 4]);
    }
    let parts = inner.split([',', ' ', ';']).filter(|part| !part.is_empty());
    parts
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|parts: Vec<_>| format!("its box has {} numbers, not four", parts.len()))
}

fn boxed(bbox: Rect, stated: Option<[f64; 4]>) -> Read<Object> {
    if bbox.width() <= 0.0 || bbox.height() <= 0.0 {
        return Err("its box is empty".to_owned());
    }
    let stated = stated.map(|numbers| Box::new(Stated { bbox, numbers, area: None }));
    Ok(Object { bbox: Some(bbox), stated, ..Object::default() })
}

fn corners(numbers: [f64; 4]) -> Read<Object> {
    boxed(corners_box(numbers), Some(numbers))
}

fn sized([x, y, width, height]: [f64; 4]) -> Read<Object> {
    boxed(Rect::new(x, y, x + width, y + height), None)
}

fn centered([x, y, width, height]: [f64; 4]) -> Read<Object> {
    sized([x - width / 2.0, y - height / 2.0, width, height])
}

/// A box by two opposite corners or all four; at an angle where it is not upright.
fn quad(cells: [&str; 8]) -> Read<Option<Object>> {
    let mut points = Vec::new();
    for pair in cells.chunks_exact(2).filter(|pair| pair.iter().any(|text| !text.is_empty())) {
        points.push(Point::new(coordinate(pair[0], "x of a corner")?, coordinate(pair[1], "y of a corner")?));
    }
    let bound = Rect::around(points.iter().copied());
    let Some(bound) = bound else { return Ok(None) };
    match points[..] {
        [_, _] => boxed(bound, None).map(Some),
        [a, b, c, d] => {
            let corners = [a, b, c, d];
            let shape = Shape::Oriented(corners);
            if shape.area() <= 0.0 {
                return Err("its corners enclose nothing".to_owned());
            }
            if corners.iter().all(|corner| bound.corners().contains(corner)) {
                return boxed(bound, None).map(Some);
            }
            Ok(Some(Object { shape: Some(shape), ..Object::default() }))
        }
        _ => Err(format!("its box has {} corners, not two or four", points.len())),
    }
}

/// Runs of pixels as pairs of a start, from 1, and a length; down the columns.
fn runs(text: &str) -> Read<Option<Object>> {
    if text.is_empty() || text == "-1" {
        return Ok(None);
    }
    let number = |word: &str| word.parse::<u32>().map_err(|_| "its runs are not whole numbers".to_owned());
    let numbers: Vec<u32> = text.split_whitespace().map(number).collect::<Read<_>>()?;
    if numbers.len() % 2 == 1 {
        return Err("its runs are not pairs of a start and a length".to_owned());
    }
    let mut runs = Vec::with_capacity(numbers.len());
    let mut at = 1u32;
    for pair in numbers.chunks_exact(2) {
        let gap = pair[0].checked_sub(at).ok_or("its runs overlap or begin before the first pixel")?;
        at = pair[0].checked_add(pair[1]).ok_or("its runs are out of all bounds")?;
        runs.extend([gap, pair[1]]);
    }
    Ok(Some(Object { shape: Some(Shape::Bitmap(Bitmap { size: UNFRAMED, runs })), ..Object::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(place: Place, cells: &[&str]) -> Read<Option<Object>> {
        object(&StringRecord::from(cells.to_vec()), &Columns { place: Some(place), ..Columns::default() })
    }

    fn bbox(place: Place, cells: &[&str]) -> Option<Rect> {
        read(place, cells).unwrap().and_then(|object| object.bbox)
    }

    #[test]
    fn boxes_in_every_notation_are_one_box() {
        let rect = Some(Rect::new(10.0, 20.0, 40.0, 60.5));
        assert_eq!(bbox(Place::Corners([0, 1, 2, 3]), &["10", "20", "40", "60.5"]), rect);
        assert_eq!(bbox(Place::Sized([0, 1, 2, 3]), &["10", "20", "30", "40.5"]), rect);
        assert_eq!(bbox(Place::Centered([0, 1, 2, 3]), &["25", "40.25", "30", "40.5"]), rect);
        assert_eq!(bbox(Place::List(0), &["[10.0, 20.0, 30.0, 40.5]"]), rect);
        let quad = Place::Quad([0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(bbox(quad, &["10", "20", "", "", "40", "60.5", "", ""]), rect);
        assert_eq!(bbox(quad, &["10", "20", "40", "20", "40", "60.5", "10", "60.5"]), rect);
        let turned = read(quad, &["50", "10", "70", "30", "50", "50", "30", "30"]).unwrap().unwrap();
        assert!(matches!(turned.shape, Some(Shape::Oriented(_))), "{turned:?}");
        let runs = read(Place::Runs(0), &["3 2 6 1"]).unwrap().unwrap();
        assert_eq!(runs.shape, Some(Shape::Bitmap(Bitmap { size: UNFRAMED, runs: vec![2, 2, 1, 1] })));
    }

    #[test]
    fn empty_cells_say_that_nothing_is_there() {
        for (place, cells) in [
            (Place::Corners([0, 1, 2, 3]), &["", "", "", ""][..]),
            (Place::Corners([0, 1, 2, 3]), &["nan", "nan", "nan", "nan"]),
            (Place::Corners([5, 6, 7, 8]), &["a"]),
            (Place::List(0), &["[]"]),
            (Place::Quad([0, 1, 2, 3, 4, 5, 6, 7]), &[]),
            (Place::Runs(0), &["-1"]),
        ] {
            assert_eq!(read(place, cells), Ok(None), "{cells:?}");
        }
    }

    #[test]
    fn what_is_no_box_is_refused_with_a_reason() {
        for (place, cells, why) in [
            (Place::Corners([0, 1, 2, 3]), &["1", "2", "x", "4"][..], "the third number of its box is not a number: x"),
            (Place::Corners([0, 1, 2, 3]), &["1", "2", "", "4"], "the third number of its box is not a number: "),
            (
                Place::Corners([0, 1, 2, 3]),
                &["1", "2", "1e30", "4"],
                "the third number of its box is out of all bounds",
            ),
            (Place::Corners([0, 1, 2, 3]), &["9", "2", "5", "4"], "its box is empty"),
            (Place::List(0), &["[1, 2, 3]"], "its box has 3 numbers, not four"),
            (
                Place::Quad([0, 1, 2, 3, 4, 5, 6, 7]),
                &["1", "1", "5", "1", "5", "5"],
                "its box has 3 corners, not two or four",
            ),
            (
                Place::Quad([0, 1, 2, 3, 4, 5, 6, 7]),
                &["1", "1", "5", "5", "5", "5", "1", "1"],
                "its corners enclose nothing",
            ),
            (Place::Runs(0), &["3 2 4 1"], "its runs overlap or begin before the first pixel"),
            (Place::Runs(0), &["0 2"], "its runs overlap or begin before the first pixel"),
            (Place::Runs(0), &["3"], "its runs are not pairs of a start and a length"),
            (Place::Runs(0), &["4294967295 9"], "its runs are out of all bounds"),
        ] {
            assert_eq!(read(place, cells), Err(why.to_owned()), "{cells:?}");
        }
    }
}
