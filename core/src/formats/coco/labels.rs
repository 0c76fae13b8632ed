//! What COCO files say of one image, parsed when the image is placed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::annotation::object;
use super::id_of;
use crate::error::Result;
use crate::formats::draft::{Draft, Fields, check_objects, stated_size};
use crate::formats::reader::StatedLabels;

/// The text of a COCO file, and the classes of its categories.
#[derive(Debug)]
pub(in crate::formats) struct CocoText {
    pub(in crate::formats) text: Arc<str>,
    pub(in crate::formats) categories: BTreeMap<String, usize>,
}

/// What one COCO file says of an image.
#[derive(Clone, Debug)]
pub(in crate::formats) struct LabelPart {
    pub(in crate::formats) file: Arc<CocoText>,
    pub(in crate::formats) image: Range<usize>,
    pub(in crate::formats) annotations: Vec<Range<usize>>,
    /// What is said of the whole image.
    pub(in crate::formats) beside: Vec<Range<usize>>,
}

/// What COCO files say of an image, in their order.
#[derive(Clone, Debug)]
pub(in crate::formats) struct CocoLabels {
    pub(in crate::formats) parts: Vec<LabelPart>,
    pub(in crate::formats) max_objects: usize,
}

impl StatedLabels for CocoLabels {
    fn draft(&self) -> Result<Draft> {
        let mut draft = Draft::default();
        let mut annotations: Vec<(&CocoText, Readable)> = Vec::new();
        for (i, part) in self.parts.iter().enumerate() {
            let image =
                part.file.text.get(part.image.clone()).and_then(|text| serde_json::from_str::<Fields>(text).ok());
            let mut image = image.unwrap_or_default();
            let side = |v: Option<Value>| v.and_then(|v| v.as_f64());
            let (width, height) = (side(image.remove("width")), side(image.remove("height")));
            image.remove("file_name");
            if i == 0 {
                draft.size = stated_size(width, height);
                draft.extra = image;
            }
            for range in &part.beside {
                let fields =
                    part.file.text.get(range.clone()).and_then(|text| serde_json::from_str::<Fields>(text).ok());
                carry(fields.unwrap_or_default(), &mut draft.extra);
            }
            check_objects(annotations.len() + part.annotations.len(), self.max_objects)?;
            let earlier = by_id(&annotations);
            for range in &part.annotations {
                let fields = part.file.text.get(range.clone()).map(serde_json::from_str::<Fields>);
                let fields = match fields {
                    Some(Ok(fields)) => fields,
                    _ => {
                        annotations.push((&part.file, Err("it is not an annotation".to_owned())));
                        continue;
                    }
                };
                let known = fields.get("id").and_then(|id| earlier.get(&*id_of(&id.to_string())));
                match known.and_then(|at| annotations.get_mut(*at)) {
                    Some((_, Ok(known))) if is_same(known, &fields) => {
                        for (name, value) in fields {
                            known.entry(name).or_insert(value);
                        }
                    }
                    _ => annotations.push((&part.file, Ok(fields))),
                }
            }
        }
        for (file, fields) in annotations {
            let object = fields.and_then(|fields| object(fields, &file.categories, &mut draft.warnings));
            draft.push(object);
        }
        Ok(draft)
    }
}

/// An annotation's fields, or why there are none.
type Readable = std::result::Result<Fields, String>;

/// Where the annotation of each id is.
fn by_id(annotations: &[(&CocoText, Readable)]) -> BTreeMap<String, usize> {
    let id = |fields: &Readable| Some(id_of(&fields.as_ref().ok()?.get("id")?.to_string()).into_owned());
    annotations.iter().enumerate().filter_map(|(at, (_, fields))| Some((id(fields)?, at))).collect()
}

/// Takes over what is said of a whole image: a caption, or the classes of panoptic segments by the colours of their
/// pixels. Boxes and areas would not follow the pixels.
fn carry(mut said: Fields, extra: &mut Fields) {
    let mut add = |name: &str, more: Vec<Value>| match extra.get_mut(name) {
        Some(Value::Array(list)) => list.extend(more),
        _ => drop(extra.insert(name.to_owned(), Value::Array(more))),
    };
    if let Some(caption) = said.remove("caption") {
        add("captions", vec![caption]);
    }
    if let Some(Value::Array(mut segments)) = said.remove("segments_info") {
        for fields in segments.iter_mut().filter_map(Value::as_object_mut) {
            fields.remove("bbox");
            fields.remove("area");
        }
        add("segments_info", segments);
    }
}

/// Whether two annotations of one id are of one object: nothing that both state of its category and box differs.
fn is_same(a: &Fields, b: &Fields) -> bool {
    ["category_id", "bbox"].iter().all(|key| match (a.get(*key), b.get(*key)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    })
}
