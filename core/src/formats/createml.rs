//! `CreateML`: a JSON list of images with their annotations; a box is its center and size, in continuous pixels from the
//! top left, as Apple documents it.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::LabelFormat;
use super::draft::{Fields, check_objects};
use super::reader::{Harvest, Head, Reader, Survey, TextFile};
use super::sketch::{Drawn, Gathering, Notation, Record, Sketch, json, name, number};
use crate::error::Result;
use crate::geometry::Rect;
use crate::limits::Limits;

/// What the name of an image stands under.
const IMAGE: [&str; 5] = ["image", "imagefilename", "imageFilename", "filename", "file_name"];
/// What its annotations stand under.
const ANNOTATIONS: [&str; 2] = ["annotations", "annotation"];

/// Reads `CreateML`.
pub(super) struct CreateMlReader;

#[derive(Debug)]
struct CreateMl;

impl Reader for CreateMlReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::CreateMl
    }

    fn claims(&self, file: &TextFile, _: &Survey<'_>) -> bool {
        let any = |keys: &[&str]| keys.iter().any(|key| file.has_keys(&[key]));
        matches!(file.head, Head::Json { list: true, .. }) && any(&IMAGE) && any(&ANNOTATIONS)
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        #[derive(serde::Deserialize)]
        struct Entry<'a> {
            #[serde(borrow, alias = "imagefilename", alias = "imageFilename", alias = "filename", alias = "file_name")]
            image: Cow<'a, str>,
        }
        let notation: Arc<dyn Notation> = Arc::new(CreateMl);
        let mut gathering = Gathering::new(survey);
        for file in &files {
            let entries: Vec<&RawValue> = match json(&file.text) {
                Ok(entries) => entries,
                Err(error) => {
                    gathering.harvest.unread(&file.name, error);
                    continue;
                }
            };
            let (mut absent, mut nameless) = (Vec::new(), 0);
            for entry in entries {
                let Ok(Entry { image }) = json::<Entry<'_>>(entry.get()) else {
                    nameless += 1;
                    continue;
                };
                match survey.find(&image, &file.name) {
                    Some(found) => gathering.add(&file.name, found, Record::part(&file.text, entry.get(), &notation)),
                    None => absent.push(image),
                }
            }
            gathering.lose("entr(ies) of CreateML name no image and are left out", nameless);
            let absent: Vec<&str> = absent.iter().map(AsRef::as_ref).collect();
            gathering.harvest.absent(&file.name, &absent);
        }
        gathering.finish()
    }
}

impl Notation for CreateMl {
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch> {
        let mut entry: Fields = json(record)?;
        let annotations = match ANNOTATIONS.iter().find_map(|key| entry.remove(*key)) {
            Some(Value::Array(list)) => list,
            Some(Value::Null) | None => Vec::new(),
            Some(one) => vec![one],
        };
        check_objects(annotations.len(), limits.max_objects)?;
        entry.retain(|key, _| !IMAGE.contains(&key.as_str()));
        let mut sketch = Sketch { extra: entry, ..Sketch::default() };
        for annotation in annotations {
            match annotation {
                Value::Object(fields) if fields.contains_key("coordinates") => sketch.drawn.push(object(fields)),
                // Without a place it is about the whole image.
                Value::Object(fields) => choose(&mut sketch, name(fields.get("label"))),
                other => choose(&mut sketch, name(Some(&other))),
            }
        }
        Ok(sketch)
    }
}

fn choose(sketch: &mut Sketch, class: Option<String>) {
    match class {
        Some(class) => sketch.choose(class),
        None => sketch.lose("label(s) of whole images have no name and are left out"),
    }
}

fn object(mut fields: Fields) -> std::result::Result<Drawn, String> {
    let coordinates = fields.remove("coordinates").unwrap_or_default();
    let side =
        |key: &str| number(coordinates.get(key)).ok_or_else(|| format!("its {key} is not a number within bounds"));
    let [x, y, width, height] = [side("x")?, side("y")?, side("width")?, side("height")?];
    if width < 0.0 || height < 0.0 {
        return Err("its box has a negative width or height".to_owned());
    }
    let mut drawn =
        Drawn { class: fields.remove("label").as_ref().and_then(|label| name(Some(label))), ..Drawn::default() };
    drawn.object.bbox = Some(Rect::new(x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0));
    drawn.object.extra = fields;
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(record: &str) -> Sketch {
        CreateMl.sketch(record, &Limits::default()).unwrap()
    }

    #[test]
    fn a_box_is_its_center_and_size() {
        let found = sketch(
            r#"{"image":"a.jpg","annotations":[{"label":"cat","coordinates":{"x":50,"y":40.5,"width":20,"height":11}},
               {"label":7,"coordinates":{"x":5,"y":5,"width":2,"height":2},"confidence":0.5}]}"#,
        );
        let drawn: Vec<&Drawn> = found.drawn.iter().flatten().collect();
        assert_eq!(drawn[0].object.bbox, Some(Rect::new(40.0, 35.0, 60.0, 46.0)));
        assert_eq!((drawn[0].class.as_deref(), drawn[1].class.as_deref()), (Some("cat"), Some("7")));
        assert_eq!(drawn[1].object.extra["confidence"], 0.5);
    }

    #[test]
    fn a_label_without_a_place_is_the_class_of_the_image() {
        assert_eq!(sketch(r#"{"image":"a.jpg","annotation":"cat"}"#).classes, Some(vec!["cat".to_owned()]));
        let two = sketch(r#"{"image":"a.jpg","annotations":[{"label":"cat"},{"label":"dog"}]}"#);
        assert_eq!(two.classes, Some(vec!["cat".to_owned(), "dog".to_owned()]));
    }

    #[test]
    fn what_is_no_box_is_said() {
        for coordinates in [
            "{}",
            "[]",
            "null",
            r#"{"x":1,"y":1,"width":-1,"height":1}"#,
            r#"{"x":"1","y":1,"width":1,"height":1}"#,
            r#"{"x":1e99,"y":1,"width":1,"height":1}"#,
        ] {
            let found = sketch(&format!(
                r#"{{"image":"a.jpg","annotations":[{{"label":"cat","coordinates":{coordinates}}}]}}"#
            ));
            assert!(found.drawn[0].is_err(), "{coordinates}");
        }
        assert!(CreateMl.sketch("[1", &Limits::default()).is_err(), "broken");
        let few = Limits { max_objects: 1, ..Limits::default() };
        assert!(CreateMl.sketch(r#"{"annotations":[1,2]}"#, &few).is_err(), "limits come first");
    }
}
