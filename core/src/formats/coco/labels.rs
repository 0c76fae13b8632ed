//! What COCO files say of one image, parsed when the image is placed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;

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

/// What several files say of one image, before it is placed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::formats) struct Together {
    /// Its objects: annotations that are the same in several files are one.
    pub(in crate::formats) objects: usize,
    /// Whether a file has annotations that another one of the image lacks, and lacks some of the other's.
    pub(in crate::formats) differ: bool,
}

/// Counts what the parts of an image say together.
pub(in crate::formats) fn together(parts: &[LabelPart]) -> Together {
    let mut said = Together::default();
    let mut known: BTreeMap<String, Fields> = BTreeMap::new();
    for part in parts {
        let told = part.annotations.iter().filter_map(|range| told(part.file.text.get(range.clone())?));
        let told: Vec<(String, Fields)> = told.collect();
        let is_known = |(id, fields): &&(String, Fields)| known.get(id).is_some_and(|known| is_same(known, fields));
        let same = told.iter().filter(is_known).count();
        said.differ |= same < said.objects.min(part.annotations.len());
        said.objects += part.annotations.len() - same;
        for (id, fields) in told {
            known.entry(id).or_insert(fields);
        }
    }
    said
}

/// The id of an annotation, with what tells whether another one of the id is the same.
fn told(annotation: &str) -> Option<(String, Fields)> {
    #[derive(serde::Deserialize)]
    struct Told<'a> {
        #[serde(borrow)]
        id: &'a RawValue,
        #[serde(default)]
        category_id: Option<Value>,
        #[serde(default)]
        bbox: Option<Value>,
    }
    let Told { id, category_id, bbox } = serde_json::from_str(annotation).ok()?;
    let fields = [("category_id", category_id), ("bbox", bbox)];
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Some((id_of(id.get()).into_owned(), fields.collect()))
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
