//! What COCO files say of one image, parsed when the image is placed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::annotation::object;
use super::id::id_of;
use crate::error::Result;
use crate::filled::filled;
use crate::formats::draft::StatedLabels;
use crate::formats::draft::{Draft, Fields, check_objects, stated_size};

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
        }
        for (file, fields) in self.merged()?.0 {
            let object = fields.and_then(|fields| object(fields, &file.categories, &mut draft.warnings));
            draft.push(object);
        }
        Ok(draft)
    }
}

/// What an image has.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::formats) struct Count {
    /// Its annotations, those of one object as one.
    pub(in crate::formats) objects: usize,
    /// Annotations that another file has under another id.
    pub(in crate::formats) doubled: usize,
}

impl CocoLabels {
    /// Counts objects; annotations are read where several files have some.
    pub(in crate::formats) fn count(&self) -> Count {
        let stated = self.parts.iter().map(|part| part.annotations.len());
        let sum = Count { objects: stated.clone().sum(), doubled: 0 };
        if stated.filter(|count| *count > 0).count() < 2 {
            return sum;
        }
        self.merged().map_or(sum, |(annotations, doubled)| Count { objects: annotations.len(), doubled })
    }

    /// The annotations of all files, those of one object together; how many are the same as another file's but for
    /// their ids.
    fn merged(&self) -> Result<(Vec<(&CocoText, Readable)>, usize)> {
        let mut annotations: Vec<(&CocoText, Readable)> = Vec::new();
        let mut doubled = 0;
        for part in &self.parts {
            check_objects(annotations.len() + part.annotations.len(), self.max_objects)?;
            let earlier = by_id(&annotations);
            let mut alike = by_outline(&annotations);
            for range in &part.annotations {
                let fields = part.file.text.get(range.clone()).map(serde_json::from_str::<Fields>);
                let Some(Ok(fields)) = fields else {
                    annotations.push((&part.file, Err("it is not an annotation".to_owned())));
                    continue;
                };
                let known = fields.get("id").and_then(|id| earlier.get(&*id_of(&id.to_string()))).copied();
                let known = known.filter(|at| annotations[*at].1.as_ref().is_ok_and(|known| is_same(known, &fields)));
                let same = known.or_else(|| {
                    let of_outline = alike.get_mut(&outline(&part.file, &fields)?)?;
                    let at = of_outline.iter().position(|at| {
                        annotations[*at].1.as_ref().is_ok_and(|known| agree(known, &fields, "keypoints"))
                    })?;
                    doubled += 1;
                    // Each stands for one: what a file has twice is there twice.
                    Some(of_outline.remove(at))
                });
                match same.map(|at| &mut annotations[at].1) {
                    Some(Ok(known)) => {
                        for (name, value) in fields {
                            known.entry(name).or_insert(value);
                        }
                    }
                    _ => annotations.push((&part.file, Ok(fields))),
                }
            }
        }
        Ok((annotations, doubled))
    }
}

/// The class, the box and the outline of an annotation, comparable.
type Outline = (usize, Vec<u64>, Vec<u64>);

/// The outline of an annotation; `None` where it has none that could tell it from others.
fn outline(file: &CocoText, fields: &Fields) -> Option<Outline> {
    let class = *file.categories.get(&*id_of(&fields.get("category_id")?.to_string()))?;
    let numbers = |name: &str| {
        let mut numbers = Vec::new();
        push_numbers(fields.get(name).unwrap_or(&Value::Null), &mut numbers);
        numbers
    };
    let (bbox, outline) = (numbers("bbox"), numbers("segmentation"));
    (!bbox.is_empty() || !outline.is_empty()).then_some((class, bbox, outline))
}

/// All that a value holds as numbers, where lists begin and texts too.
fn push_numbers(value: &Value, numbers: &mut Vec<u64>) {
    match value {
        Value::Number(number) => numbers.push(number.as_f64().unwrap_or(f64::NAN).to_bits()),
        Value::String(text) => {
            numbers.push(u64::MAX);
            numbers.extend(text.bytes().map(u64::from));
        }
        Value::Array(list) if !list.is_empty() => {
            numbers.push(u64::MAX - 1);
            list.iter().for_each(|value| push_numbers(value, numbers));
        }
        Value::Object(fields) => fields.values().for_each(|value| push_numbers(value, numbers)),
        _ => {}
    }
}

/// Where the annotations of each outline are.
fn by_outline(annotations: &[(&CocoText, Readable)]) -> BTreeMap<Outline, Vec<usize>> {
    let mut places: BTreeMap<Outline, Vec<usize>> = BTreeMap::new();
    for (at, (file, fields)) in annotations.iter().enumerate() {
        if let Some(outline) = fields.as_ref().ok().and_then(|fields| outline(file, fields)) {
            places.entry(outline).or_default().push(at);
        }
    }
    places
}

/// An annotation's fields, or why there are none.
type Readable = std::result::Result<Fields, String>;

/// Where the annotation of each id is.
fn by_id(annotations: &[(&CocoText, Readable)]) -> BTreeMap<String, usize> {
    let id = |fields: &Readable| Some(id_of(&fields.as_ref().ok()?.get("id")?.to_string()).into_owned());
    filled(annotations.iter().enumerate().filter_map(|(at, (_, fields))| Some((id(fields)?, at))))
}

/// Takes over what is said of a whole image: a caption, or the classes of panoptic segments by the colors of their
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
    ["category_id", "bbox"].iter().all(|key| agree(a, b, key))
}

/// Whether a field does not differ where both have it.
fn agree(a: &Fields, b: &Fields, key: &str) -> bool {
    match (a.get(key), b.get(key)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}
