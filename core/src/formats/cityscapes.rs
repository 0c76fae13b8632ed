//! Cityscapes: one JSON file of polygons an image, in continuous pixels, in the order in which they lie over each other.

use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

use super::LabelFormat;
use super::draft::{Fields, check_objects, stated_size};
use super::reader::{Harvest, Head, Reader, Survey, TextFile};
use super::sketch::{Drawn, Gathering, Notation, Record, Sketch, json, name, number, points, polygon};
use crate::error::Result;
use crate::labels::Shape;
use crate::limits::Limits;

/// Reads Cityscapes' polygons.
pub(super) struct CityscapesReader;

/// Fields of an object that mean something in the tool alone.
const OWN: [&str; 6] = ["draw", "deleted", "user", "date", "id", "verified"];

#[derive(Debug)]
struct Cityscapes;

impl Reader for CityscapesReader {
    fn format(&self) -> LabelFormat {
        LabelFormat::Cityscapes
    }

    fn claims(&self, file: &TextFile, _: &Survey<'_>) -> bool {
        matches!(file.head, Head::Json { list: false, .. }) && file.has_keys(&["imgHeight", "imgWidth", "objects"])
    }

    fn gather(&self, files: Vec<TextFile>, survey: &Survey<'_>) -> Harvest {
        let notation: Arc<dyn Notation> = Arc::new(Cityscapes);
        let mut gathering = Gathering::new(survey);
        let (mut orphans, mut masked, mut second) = (Vec::new(), Vec::new(), Vec::new());
        for file in &files {
            let images = survey.images_of(&file.name);
            if images.is_empty() {
                orphans.push(file.name.as_str());
            }
            for image in images {
                // The masks are painted from these polygons: both would label everything twice.
                if survey.masked.contains(image) {
                    masked.push(file.name.as_str());
                } else if gathering.has(*image) {
                    second.push(file.name.as_str());
                } else {
                    gathering.add(&file.name, *image, Record::whole(&file.text, &notation));
                }
            }
        }
        let mut harvest = gathering.finish();
        harvest.orphans(&orphans);
        harvest.warn_about(&masked, "file(s) of polygons are left out, since their images have masks, which are taken");
        harvest.warn_about(&second, "file(s) of polygons are about images that have one already, and are left out");
        harvest
    }
}

impl Notation for Cityscapes {
    fn sketch(&self, record: &str, limits: &Limits) -> Result<Sketch> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Top<'a> {
            img_height: Value,
            img_width: Value,
            #[serde(borrow)]
            objects: Vec<&'a RawValue>,
        }
        let top: Top<'_> = json(record)?;
        check_objects(top.objects.len(), limits.max_objects)?;
        let size = stated_size(number(Some(&top.img_width)), number(Some(&top.img_height)));
        let mut sketch = Sketch { size, ..Sketch::default() };
        for object in top.objects {
            match serde_json::from_str::<Fields>(object.get()) {
                Ok(fields) if is_deleted(&fields) => sketch.lose("object(s) are marked as deleted and are left out"),
                Ok(fields) => sketch.drawn.push(drawn(fields)),
                Err(_) => sketch.drawn.push(Err("an object is no JSON object".to_owned())),
            }
        }
        Ok(sketch)
    }
}

fn is_deleted(fields: &Fields) -> bool {
    fields.get("deleted").is_some_and(|mark| mark.as_bool() == Some(true) || mark.as_f64().is_some_and(|n| n != 0.0))
}

fn drawn(mut fields: Fields) -> std::result::Result<Drawn, String> {
    let class = name(fields.remove("label").as_ref()).ok_or("it has no label")?;
    let outline = polygon(points(fields.remove("polygon").as_ref())?)?;
    fields.retain(|key, _| !OWN.contains(&key.as_str()));
    let mut drawn = Drawn { class: Some(class), ..Drawn::default() };
    drawn.object.shape = Some(Shape::Polygons(vec![outline]));
    drawn.object.extra = fields;
    Ok(drawn)
}
