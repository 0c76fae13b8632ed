//! COCO by its data format: one JSON file, or one a split, with images, annotations and categories.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Mark, Marks, images, text};
use crate::run::Written;
use crate::scene::Point;

/// The JSON files with the split that each is about.
pub(super) fn files(written: &Written) -> impl Iterator<Item = (&str, Option<&str>)> {
    written.files.keys().filter_map(|name| {
        let split = name.strip_prefix("annotations/instances_").and_then(|name| name.strip_suffix(".json"));
        (split.is_some() || name == "annotations.json").then_some((name.as_str(), split))
    })
}

pub(super) fn marks(written: &Written) -> Result<Marks, String> {
    let sizes: BTreeMap<&str, [f64; 2]> = images(written).collect();
    let mut marks = Marks::new();
    for (file, split) in files(written) {
        let document = text(written, file)?;
        let document: Value = serde_json::from_str(document).map_err(|error| format!("{file}: {error}"))?;
        let folder = split.map_or_else(|| "images".to_owned(), |split| format!("images/{split}"));
        read(&document, &folder, &sizes, &mut marks).map_err(|error| format!("{file}: {error}"))?;
    }
    match sizes.keys().find(|image| !marks.contains_key(**image)) {
        Some(image) => Err(format!("no file speaks of {image}")),
        None => Ok(marks),
    }
}

fn read(document: &Value, folder: &str, sizes: &BTreeMap<&str, [f64; 2]>, marks: &mut Marks) -> Result<(), String> {
    let list = |name: &str| document[name].as_array().ok_or_else(|| format!("there is no list of {name}"));
    let id = |entry: &Value, name: &str| entry[name].as_u64().ok_or_else(|| format!("no {name} in {entry}"));
    let mut seen = BTreeSet::new();
    let mut once = |kind: &'static str, id: u64| {
        if seen.insert((kind, id)) { Ok(id) } else { Err(format!("two {kind} have the id {id}")) }
    };
    let mut names = BTreeMap::new();
    for category in list("categories")? {
        let name = category["name"].as_str().ok_or("a category has no name")?;
        names.insert(once("categories", id(category, "id")?)?, name.to_owned());
    }
    let mut files = BTreeMap::new();
    for image in list("images")? {
        let file = image["file_name"].as_str().ok_or("an image has no file_name")?;
        let name = format!("{folder}/{file}");
        let size = sizes.get(name.as_str()).ok_or_else(|| format!("there is no image {name}"))?;
        if size.map(Some) != [image["width"].as_f64(), image["height"].as_f64()] {
            return Err(format!("{name} is of another size"));
        }
        files.insert(once("images", id(image, "id")?)?, name.clone());
        if marks.insert(name.clone(), Vec::new()).is_some() {
            return Err(format!("{name} is listed twice"));
        }
    }
    for annotation in list("annotations")? {
        once("annotations", id(annotation, "id")?)?;
        let name = files.get(&id(annotation, "image_id")?).ok_or("an annotation of no image")?;
        let class = names.get(&id(annotation, "category_id")?).ok_or("an annotation of no category")?;
        let Some(&[x, y, w, h]) = numbers(&annotation["bbox"]).as_deref() else {
            return Err(format!("no box in {annotation}"));
        };
        let mark = Mark {
            class: class.clone(),
            bbox: Some([x, y, x + w, y + h]),
            rings: rings(&annotation["segmentation"]),
            joints: joints(&annotation["keypoints"]),
        };
        marks.entry(name.clone()).or_default().push(mark);
    }
    Ok(())
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}

/// Lists of coordinates; runs of pixels are none.
fn rings(segmentation: &Value) -> Vec<Vec<Point>> {
    let lists = segmentation.as_array().map(Vec::as_slice).unwrap_or_default();
    let ring = |list: &Value| Some(numbers(list)?.chunks_exact(2).map(|point| [point[0], point[1]]).collect());
    lists.iter().filter_map(ring).collect()
}

/// Keypoints are positions of pixels, so their middles.
fn joints(keypoints: &Value) -> Vec<[f64; 3]> {
    let numbers = numbers(keypoints).unwrap_or_default();
    let joint = |joint: &[f64]| if joint[2] > 0.0 { [joint[0] + 0.5, joint[1] + 0.5, joint[2]] } else { [0.0; 3] };
    numbers.chunks_exact(3).map(joint).collect()
}
