//! A COCO file as an index into its text: which images it lists, and where the annotations of each are.
//!
//! The text stays as it is in memory and annotations are parsed when their image is placed: objects of a large
//! dataset would take many times the space.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::Value;
use serde_json::value::RawValue;

use super::id::id_of;
use crate::error::Result;
use crate::filled::filled;
use crate::formats::draft::{Fields, stated_size};
use crate::formats::json_error::json_error;
use crate::formats::number::is_fine;
use crate::geometry::Size;
use crate::labels::{Class, mirror_by_name};

/// An image as listed.
#[derive(Debug)]
pub(in crate::formats) struct ImageEntry {
    pub(in crate::formats) file_name: String,
    /// Its place in the text.
    pub(in crate::formats) range: Range<usize>,
    pub(in crate::formats) annotations: Vec<Range<usize>>,
    /// What is said of the whole image: captions, panoptic segments.
    pub(in crate::formats) beside: Vec<Range<usize>>,
    /// Its size, where it is stated.
    pub(in crate::formats) size: Option<Size>,
    /// Whether its id is another image's, so that its annotations cannot be told apart.
    pub(in crate::formats) id_taken: bool,
}

/// A file that was looked through.
#[derive(Debug)]
pub(in crate::formats) struct CocoFile {
    pub(in crate::formats) images: Vec<ImageEntry>,
    /// By id, as [`id_of`] says it.
    pub(in crate::formats) categories: Vec<(Option<String>, Class)>,
    /// Fields beside images, annotations and categories.
    pub(in crate::formats) extra: Fields,
    pub(in crate::formats) warnings: Vec<String>,
    pub(in crate::formats) shapes: bool,
    pub(in crate::formats) oriented: bool,
    /// Keypoints of the object that has most.
    pub(in crate::formats) keypoints: usize,
    /// Objects of keypoints alone.
    pub(in crate::formats) points: usize,
    pub(in crate::formats) extras: bool,
    /// Whether polygons or keypoints have more decimals than ours are rounded to.
    pub(in crate::formats) fine: bool,
    /// Whether it has no annotations at all, not even none of them: it lists images of which nothing is told.
    pub(in crate::formats) without_annotations: bool,
    /// An id that objects have and that two categories of different names share: the id and both names.
    pub(in crate::formats) doubled: Option<[String; 3]>,
}

/// The parts of an annotation that sort it.
#[derive(serde::Deserialize)]
struct Sorting<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    image_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    category_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    bbox: Option<&'a RawValue>,
    #[serde(borrow, default)]
    segmentation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    keypoints: Option<&'a RawValue>,
    #[serde(borrow, default)]
    iscrowd: Option<&'a RawValue>,
    #[serde(borrow, default)]
    attributes: Option<&'a RawValue>,
    #[serde(borrow, default)]
    caption: Option<&'a RawValue>,
    #[serde(borrow, default)]
    segments_info: Option<&'a RawValue>,
}

#[derive(serde::Deserialize)]
struct Listed<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(default)]
    file_name: Option<String>,
    #[serde(default)]
    coco_url: Option<String>,
    #[serde(borrow, default)]
    width: Option<&'a RawValue>,
    #[serde(borrow, default)]
    height: Option<&'a RawValue>,
}

impl Listed<'_> {
    fn size(&self) -> Option<Size> {
        let side = |raw: Option<&RawValue>| raw?.get().parse().ok();
        stated_size(side(self.width), side(self.height))
    }

    /// The name of its file; LVIS has the address alone, whose last folder and name are those of COCO's files.
    fn file_name(&self) -> Option<String> {
        if let Some(name) = &self.file_name {
            return Some(name.replace('\\', "/"));
        }
        let mut parts = self.coco_url.as_deref()?.rsplit('/');
        let name = parts.next().filter(|name| !name.is_empty())?;
        Some(parts.next().map_or_else(|| name.to_owned(), |folder| format!("{folder}/{name}")))
    }
}

type Raw<'a> = &'a RawValue;

/// Looks through a JSON text; `None` when it is not COCO.
pub(in crate::formats) fn index(text: &str) -> Result<Option<CocoFile>> {
    let unreadable = |error: serde_json::Error| json_error(text, &error);
    if !text.trim_start().starts_with('{') {
        serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(unreadable)?;
        return Ok(None);
    }
    let top: BTreeMap<String, Raw<'_>> = serde_json::from_str(text).map_err(unreadable)?;
    let list = |name: &str| top.get(name).and_then(|raw| serde_json::from_str::<Vec<Raw<'_>>>(raw.get()).ok());
    let without_annotations = !top.contains_key("annotations");
    let annotations = if without_annotations { Some(Vec::new()) } else { list("annotations") };
    let (Some(images), Some(annotations)) = (list("images"), annotations) else { return Ok(None) };
    let place = |raw: Raw<'_>| {
        let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        start..start + raw.get().len()
    };
    let mut file = CocoFile {
        images: Vec::with_capacity(images.len()),
        categories: filled(list("categories").unwrap_or_default().into_iter().filter_map(category)),
        extra: Fields::new(),
        warnings: Vec::new(),
        shapes: false,
        oriented: false,
        keypoints: 0,
        points: 0,
        extras: false,
        fine: false,
        without_annotations,
        doubled: None,
    };
    for (name, raw) in top.iter().filter(|(name, _)| !["images", "annotations", "categories"].contains(&name.as_str()))
    {
        if let Ok(value) = serde_json::from_str::<Value>(raw.get()) {
            file.extra.insert(name.clone(), value);
        }
    }
    let mut by_id: BTreeMap<Cow<'_, str>, usize> = BTreeMap::new();
    let mut unreadable_images = 0usize;
    for raw in images {
        let listed = serde_json::from_str::<Listed<'_>>(raw.get()).ok();
        let Some((file_name, listed)) = listed.and_then(|listed| Some((listed.file_name()?, listed))) else {
            unreadable_images += 1;
            continue;
        };
        let id = id_of(listed.id.get());
        let mut id_taken = false;
        if let Some(&first) = by_id.get(&id) {
            if file.images[first].file_name == file_name {
                file.warnings.push(format!("image {id} ({file_name}) is listed twice; the first entry is taken"));
                continue;
            }
            id_taken = true;
        } else {
            by_id.insert(id, file.images.len());
        }
        file.images.push(ImageEntry {
            file_name,
            range: place(raw),
            annotations: Vec::new(),
            beside: Vec::new(),
            size: listed.size(),
            id_taken,
        });
    }
    let mut counts = Counts { images: unreadable_images, ..Counts::default() };
    let (mut seen, mut used) = (BTreeSet::new(), BTreeSet::new());
    for raw in annotations {
        let Ok(sorting) = serde_json::from_str::<Sorting<'_>>(raw.get()) else {
            counts.unreadable += 1;
            continue;
        };
        let Some(&image) = sorting.image_id.and_then(|id| by_id.get(&id_of(id.get()))) else {
            counts.strangers += 1;
            continue;
        };
        if sorting.category_id.is_none() && (sorting.caption.is_some() || sorting.segments_info.is_some()) {
            counts.panoptic += usize::from(sorting.segments_info.is_some());
            file.images[image].beside.push(place(raw));
            continue;
        }
        if sorting.id.is_some_and(|id| !seen.insert(id_of(id.get()))) {
            counts.twice += 1;
        }
        used.extend(sorting.category_id.map(|id| id_of(id.get())));
        file.oriented |= sorting.attributes.is_some_and(is_turned);
        // An empty list takes two characters, `null` four.
        let is_there = |raw: Option<Raw<'_>>| raw.is_some_and(|raw| raw.get().len() > 4);
        file.shapes |= is_there(sorting.segmentation);
        let bounded = is_there(sorting.bbox) || is_there(sorting.segmentation);
        file.points += usize::from(is_there(sorting.keypoints) && !bounded);
        if let Some(list) = sorting.keypoints {
            file.keypoints = file.keypoints.max(list.get().bytes().filter(|b| *b == b',').count().div_ceil(3));
        }
        let precise = |raw: Option<Raw<'_>>| raw.is_some_and(|raw| is_fine(raw.get()));
        file.fine = file.fine
            || precise(sorting.keypoints)
            || (precise(sorting.segmentation) && !is_bitmap(sorting.segmentation));
        file.extras |= sorting.iscrowd.is_some_and(|raw| raw.get() != "0");
        file.images[image].annotations.push(place(raw));
    }
    counts.warn(&mut file.warnings);
    file.doubled = doubled(&file.categories, &used);
    let dummy = file.categories.iter().position(|category| is_dummy(category, &file.categories, &used));
    if let Some(dummy) = dummy {
        file.categories.remove(dummy);
    }
    Ok(Some(file))
}

fn is_bitmap(segmentation: Option<Raw<'_>>) -> bool {
    segmentation.is_some_and(|raw| raw.get().starts_with('{'))
}

#[derive(Default)]
struct Counts {
    images: usize,
    unreadable: usize,
    strangers: usize,
    twice: usize,
    panoptic: usize,
}

impl Counts {
    fn warn(&self, warnings: &mut Vec<String>) {
        let mut say = |count: usize, what: &str| {
            if count > 0 {
                warnings.push(format!("{count} {what}"));
            }
        };
        say(self.images, "image(s) in the list have no id or file_name and are left out");
        say(self.unreadable, "annotation(s) cannot be read and are left out");
        say(self.strangers, "annotation(s) are of images that are not listed and are left out");
        say(self.twice, "annotation(s) have the id of another; all are kept, under new ids");
        say(
            self.panoptic,
            "image(s) have panoptic segments, whose pixels lie in pictures: they are carried along as segments_info, \
             without their boxes; to have objects, convert them to COCO instances",
        );
    }
}

/// Whether a box is turned, as the attributes that CVAT writes say.
fn is_turned(attributes: Raw<'_>) -> bool {
    #[derive(serde::Deserialize)]
    struct Turned {
        rotation: f64,
    }
    attributes.get().contains("rotation")
        && serde_json::from_str::<Turned>(attributes.get()).is_ok_and(|turned| turned.rotation % 360.0 != 0.0)
}

/// Whether a category is no class: Roboflow lists the project itself first, as the parent of all others.
fn is_dummy(
    (id, class): &(Option<String>, Class),
    all: &[(Option<String>, Class)],
    used: &BTreeSet<Cow<'_, str>>,
) -> bool {
    let parent = |class: &Class| class.extra.get("supercategory").and_then(Value::as_str).map(str::to_owned);
    id.as_deref() == Some("0")
        && !used.contains("0")
        && parent(class).as_deref() == Some("none")
        && all.len() > 1
        && all.iter().filter(|(other, _)| other != id).all(|(_, other)| parent(other).as_ref() == Some(&class.name))
}

/// An id of objects that two categories have.
fn doubled(categories: &[(Option<String>, Class)], used: &BTreeSet<Cow<'_, str>>) -> Option<[String; 3]> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    categories.iter().find_map(|(id, class)| {
        let id = id.as_deref().filter(|id| used.contains(*id))?;
        let first = *names.entry(id).or_insert(&class.name);
        (first != class.name).then(|| [id.to_owned(), first.to_owned(), class.name.clone()])
    })
}

fn category(raw: Raw<'_>) -> Option<(Option<String>, Class)> {
    let mut fields: Fields = serde_json::from_str(raw.get()).ok()?;
    let id = fields.remove("id").filter(|id| !id.is_null()).map(|id| id_of(&id.to_string()).into_owned());
    let name = match fields.remove("name") {
        Some(Value::String(name)) if !name.is_empty() => name,
        Some(Value::String(_) | Value::Null) | None => id.clone()?,
        Some(other) => other.to_string(),
    };
    let keypoints: Vec<String> = match fields.remove("keypoints") {
        Some(Value::Array(list)) => {
            list.into_iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect()
        }
        _ => Vec::new(),
    };
    let end = |v: Option<&Value>| v?.as_u64()?.checked_sub(1).and_then(|v| usize::try_from(v).ok());
    let skeleton = match fields.remove("skeleton") {
        Some(Value::Array(bones)) => bones
            .iter()
            .filter_map(|bone| Some((end(bone.get(0))?, end(bone.get(1))?)))
            .filter(|(a, b)| *a < keypoints.len() && *b < keypoints.len())
            .collect(),
        _ => Vec::new(),
    };
    let mirror = mirror_by_name(&keypoints);
    let known = id.as_ref().and_then(|id| id.parse().ok());
    Some((id, Class { name, id: known, keypoints, skeleton, mirror, extra: fields }))
}
