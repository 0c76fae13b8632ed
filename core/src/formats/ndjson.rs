//! Lines of JSON as Ultralytics' platform exports them: the dataset first, then one line an image, with the numbers of
//! YOLO.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::draft::{Fields, check_objects, stated_size};
use super::reader::{Harvest, Head, Reader, Survey, TextFile};
use super::sketch::{Drawn, Gathering, Notation, Record, Sketch, json, name, number, ring};
use super::{LabelFormat, Split};
use crate::error::{Error, Result};
use crate::geometry::{Point, Rect};
use crate::labels::{Keypoint, Polygon, Shape, Stated, Visibility};
use crate::limits::Limits;

/// Reads lines of JSON.
pub(super) struct NdjsonReader;

/// What the first line says of all others.
#[derive(Debug, Default)]
struct Ndjson {
    /// By their numbers.
    classes: BTreeMap<u64, String>,
    /// Numbers a keypoint, where the dataset says it.
    keypoint_numbers: Option<u64>,
}

impl Reader for NdjsonReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::Ndjson
    }

    fn claims(&self, file: &TextFile, _: &Survey<'_>) -> bool {
        let first = ["class_names", "task", "file"].iter().any(|key| file.has_keys(&["type", key]));
        matches!(file.head, Head::JsonLines { .. }) && first
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let mut gathering = Gathering::new(survey);
        let mut splits: BTreeMap<Split, BTreeSet<usize>> = BTreeMap::new();
        for file in &files {
            let lines = || file.text.lines().map(str::trim).filter(|line| !line.is_empty());
            let dataset = lines().next().and_then(|line| json::<Fields>(line).ok()).unwrap_or_default();
            let ndjson = Ndjson::new(&dataset);
            let keypoints = keypoint_names(&dataset);
            ndjson.classes.values().for_each(|class| gathering.list(class, &keypoints));
            let notation: Arc<dyn Notation> = Arc::new(ndjson);
            let (mut absent, mut unreadable) = (Vec::new(), Vec::new());
            for (number, line) in (1..).zip(lines()) {
                let Line { kind, file: image, split } = match json(line) {
                    Ok(said) => said,
                    Err(error) => {
                        unreadable.push((number, error));
                        continue;
                    }
                };
                let Some(image) = image.filter(|_| kind.as_deref() != Some("dataset")) else { continue };
                let Some(at) = survey.find(&image, &file.name) else {
                    absent.push(image);
                    continue;
                };
                if let Some(split) = split {
                    splits.entry(Split::named(&split)).or_default().insert(at);
                }
                gathering.add(&file.name, at, Record::part(&file.text, line, &notation));
            }
            if let [(number, error), more @ ..] = &unreadable[..] {
                let more = if more.is_empty() { String::new() } else { format!(" (and {} more lines)", more.len()) };
                let why = format!("line {number}: {}{more}", error.message());
                gathering.harvest.unread(&file.name, Error::new(error.kind(), why));
            }
            let absent: Vec<&str> = absent.iter().map(AsRef::as_ref).collect();
            gathering.harvest.absent(&file.name, &absent);
        }
        gathering.harvest.splits.extend(splits);
        gathering.finish()
    }
}

#[derive(serde::Deserialize)]
struct Line<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    file: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    split: Option<Cow<'a, str>>,
}

impl Ndjson {
    fn new(dataset: &Fields) -> Self {
        let classes = match dataset.get("class_names") {
            Some(Value::Object(names)) => {
                names.iter().filter_map(|(number, class)| Some((number.parse().ok()?, name(Some(class))?))).collect()
            }
            Some(Value::Array(names)) => {
                (0..).zip(names).filter_map(|(i, class)| Some((i, name(Some(class))?))).collect()
            }
            _ => BTreeMap::new(),
        };
        Self { classes, keypoint_numbers: dataset.get("kpt_shape").and_then(|shape| shape.get(1)?.as_u64()) }
    }

    /// The class and the other numbers of a row.
    fn row(&self, row: &Value) -> std::result::Result<(String, Vec<f64>), String> {
        let row = row.as_array().ok_or("a row is no list")?;
        let numbers: Option<Vec<f64>> = row.iter().map(|v| number(Some(v))).collect();
        let numbers = numbers.ok_or("a row is not made of numbers within bounds")?;
        let [class, rest @ ..] = &numbers[..] else { return Err("a row is empty".to_owned()) };
        if *class < 0.0 || class.fract() != 0.0 {
            return Err(format!("{class} is no number of a class"));
        }
        let name = match self.classes.get(&(*class as u64)) {
            Some(name) => name.clone(),
            // Without a list the numbers stand for names.
            None if self.classes.is_empty() => class.to_string(),
            None => return Err(format!("class {class} is not listed")),
        };
        Ok((name, rest.to_vec()))
    }

    fn object(&self, kind: &str, row: &Value) -> std::result::Result<Drawn, String> {
        let (class, numbers) = self.row(row)?;
        let mut drawn = Drawn { class: Some(class), ..Drawn::default() };
        let points = || numbers.chunks_exact(2).map(|pair| Point::new(pair[0], pair[1])).collect::<Vec<_>>();
        let is_points = || if numbers.len() % 2 == 0 { Ok(()) } else { Err("it has an odd count of coordinates") };
        match kind {
            "segments" => {
                is_points()?;
                drawn.object.shape = Some(Shape::Polygons(vec![Polygon::simple(ring(points())?)]));
            }
            "obb" => {
                let corners = points().try_into().ok().filter(|_| numbers.len() == 8);
                drawn.object.shape =
                    Some(Shape::Oriented(corners.ok_or("it has not the eight numbers of four corners")?));
            }
            _ => {
                let Some((bbox, rest)) = numbers.split_first_chunk::<4>() else {
                    return Err("it has not the four numbers of a box".to_owned());
                };
                if bbox[2] < 0.0 || bbox[3] < 0.0 {
                    return Err("its box has a negative width or height".to_owned());
                }
                drawn.object.stated = Some(Box::new(Stated { bbox: Rect::default(), numbers: *bbox, area: None }));
                if kind == "pose" {
                    drawn.object.keypoints = self.keypoints(rest)?;
                }
            }
        }
        Ok(drawn)
    }

    fn keypoints(&self, numbers: &[f64]) -> std::result::Result<Vec<Keypoint>, String> {
        let dims = self.keypoint_numbers.unwrap_or(if numbers.len().is_multiple_of(3) { 3 } else { 2 });
        let dims =
            usize::try_from(dims).ok().filter(|dims| matches!(dims, 2 | 3) && numbers.len().is_multiple_of(*dims));
        let dims =
            dims.ok_or_else(|| format!("its keypoints have {} numbers, not two or three each", numbers.len()))?;
        let keypoint = |k: &[f64]| {
            let visibility = match k.get(2) {
                None if k[0] == 0.0 && k[1] == 0.0 => Visibility::Absent,
                Some(0.0) => Visibility::Absent,
                Some(1.0) => Visibility::Hidden,
                _ => Visibility::Visible,
            };
            Keypoint { point: Point::new(k[0], k[1]), visibility }
        };
        Ok(numbers.chunks_exact(dims).map(keypoint).collect())
    }
}

/// The names of keypoints: one list, or one a class, of which the first is taken.
fn keypoint_names(dataset: &Fields) -> Vec<String> {
    let list = match dataset.get("kpt_names") {
        Some(Value::Array(list)) => Some(list),
        Some(Value::Object(by_class)) => by_class.values().next().and_then(Value::as_array),
        _ => None,
    };
    list.into_iter().flatten().filter_map(|joint| name(Some(joint))).collect()
}

impl Notation for Ndjson {
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch> {
        let mut line: Fields = json(record)?;
        let size = stated_size(number(line.get("width")), number(line.get("height")));
        let mut sketch = Sketch { size, fractions: true, ..Sketch::default() };
        let annotations = line.remove("annotations").unwrap_or_default();
        for (kind, rows) in annotations.as_object().into_iter().flatten() {
            let Some(rows) = rows.as_array() else {
                sketch.lose(format!("list(s) of annotations `{kind}` are no lists and are left out"));
                continue;
            };
            check_objects(sketch.drawn.len() + rows.len(), limits.max_objects)?;
            match kind.as_str() {
                "boxes" | "bboxes" | "segments" | "obb" | "pose" => {
                    sketch.drawn.extend(rows.iter().map(|row| self.object(kind, row)));
                }
                "classification" => {
                    for class in rows {
                        match self.row(&Value::Array(vec![class.clone()])) {
                            Ok((class, _)) => sketch.choose(class),
                            Err(_) => sketch.lose("class(es) of whole images have no name and are left out"),
                        }
                    }
                }
                _ => sketch.lose_all(rows.len(), format!("annotation(s) of the kind `{kind}` are not read")),
            }
        }
        Ok(sketch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(dataset: &str, line: &str) -> Sketch {
        Ndjson::new(&json(dataset).unwrap()).sketch(line, &Limits::default()).unwrap()
    }

    #[test]
    fn rows_of_every_task_are_read() {
        let found = sketch(
            r#"{"type":"dataset","class_names":{"0":"cat","1":"dog"},"kpt_shape":[2,3]}"#,
            r#"{"type":"image","file":"a.jpg","width":640,"height":480,"annotations":{"boxes":[[1,0.5,0.5,0.25,0.5]],
               "segments":[[0,0,0,1,0,1,1]],"obb":[[0,0.1,0.1,0.2,0.1,0.2,0.2,0.1,0.2]],
               "pose":[[0,0.5,0.5,0.25,0.5,0.1,0.2,2,0,0,0]],"classification":[1]}}"#,
        );
        let drawn: Vec<&Drawn> = found.drawn.iter().map(|drawn| drawn.as_ref().unwrap()).collect();
        assert_eq!(drawn[0].class.as_deref(), Some("dog"));
        assert_eq!(drawn[0].object.stated.as_ref().unwrap().numbers, [0.5, 0.5, 0.25, 0.5]);
        assert!(matches!(&drawn[1].object.shape, Some(Shape::Polygons(parts)) if parts[0].outer.len() == 3));
        assert!(matches!(&drawn[2].object.shape, Some(Shape::Oriented(_))));
        let joints: Vec<Visibility> = drawn[3].object.keypoints.iter().map(|joint| joint.visibility).collect();
        assert_eq!(joints, [Visibility::Visible, Visibility::Absent]);
        assert_eq!(found.classes, Some(vec!["dog".to_owned()]));
    }

    #[test]
    fn rows_that_are_none_are_said() {
        let dataset = r#"{"class_names":["cat"]}"#;
        for row in [
            "[1,0.5,0.5,0.1,0.1]",
            "[]",
            "3",
            "[-1,0,0,0,0]",
            "[0.5,0,0,1,1]",
            "[0,1,1]",
            "[0,\"a\",1,1,1]",
            "[0,0,0,-1,1]",
            "[1e300,0,0,1,1]",
        ] {
            let found = sketch(dataset, &format!(r#"{{"annotations":{{"boxes":[{row}]}}}}"#));
            assert!(found.drawn[0].is_err(), "{row}");
        }
        for (kind, row) in [
            ("segments", "[0,0,0,1,1]"),
            ("segments", "[0,0,0,1,1,2]"),
            ("obb", "[0,1,1,2,2]"),
            ("pose", "[0,0,0,1,1,5]"),
        ] {
            let found = sketch(dataset, &format!(r#"{{"annotations":{{"{kind}":[{row}]}}}}"#));
            assert!(found.drawn[0].is_err(), "{kind} {row}");
        }
        assert!(sketch(dataset, r#"{"annotations":[1]}"#).drawn.is_empty(), "no annotations");
    }
}
