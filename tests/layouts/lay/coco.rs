//! Layouts with COCO's JSON: as cocodataset.org packs it, Roboflow's, CVAT's, Label Studio's.

use augment_core::formats::LabelFormat;
use serde_json::{Value, json};

use super::yolo::roboflow_stem;
use crate::scene::{Form, Kind, Picture, SIZE, Thing};
use crate::set::{ALL, Layout, ONE, Set, spelled};

const COCO: Layout = Layout { kind: Kind::Mixed, own: Some(LabelFormat::Coco), ..Layout::BOXES };

pub(super) const LAYOUTS: &[Layout] = &[
    Layout { name: "coco-std", lay: standard, ..COCO },
    Layout { name: "coco-samenames", lay: same_names, ..COCO },
    Layout { name: "lvis", lay: lvis, ..COCO },
    Layout { name: "rf-coco", lay: roboflow, ..COCO },
    Layout { name: "cvat-coco", splits: ONE, told: false, lay: cvat, ..COCO },
    Layout { name: "ls-coco", splits: ONE, told: false, lay: label_studio, ..COCO },
];

/// One JSON file: pictures by file name; ids of categories, images and annotations from `first` on.
fn document(layout: &Layout, pictures: &[(&Picture, String)], first: usize, dummy: bool) -> Value {
    let mut categories = Vec::new();
    if dummy {
        categories.push(json!({ "id": 0, "name": "animals", "supercategory": "none" }));
    }
    // Roboflow's ids count its dummy.
    let category = |class: usize| class + if dummy { 1 } else { first };
    for (class, name) in layout.names.iter().enumerate() {
        categories.push(json!({ "id": category(class), "name": name, "supercategory": "animals" }));
    }
    let (mut images, mut annotations) = (Vec::new(), Vec::new());
    for (at, (picture, file_name)) in pictures.iter().enumerate() {
        let image = at + first;
        images.push(json!({
            "id": image, "file_name": file_name, "width": SIZE.width, "height": SIZE.height, "license": 1,
            "date_captured": "2026-01-02T03:04:05+00:00",
        }));
        for thing in &picture.things {
            annotations.push(json!({
                "id": annotations.len() + first, "image_id": image, "category_id": category(thing.class),
                "bbox": corner_box(thing.bound()), "area": area(thing), "segmentation": segmentation(thing), "iscrowd": 0,
            }));
        }
    }
    json!({
        "info": { "year": "2026", "version": "1", "description": "animals" },
        "licenses": [{ "id": 1, "url": "", "name": "CC BY 4.0" }],
        "categories": categories, "images": images, "annotations": annotations,
    })
}

/// x, y, width, height.
pub(super) fn corner_box([x0, y0, x1, y1]: [f64; 4]) -> [f64; 4] {
    [x0, y0, x1 - x0, y1 - y0]
}

fn area(thing: &Thing) -> f64 {
    let next = thing.outline.iter().cycle().skip(1);
    thing.outline.iter().zip(next).map(|([ax, ay], [bx, by])| ax * by - bx * ay).sum::<f64>().abs() / 2.0
}

fn segmentation(thing: &Thing) -> Vec<Vec<f64>> {
    match thing.form {
        Form::Ring => vec![thing.outline.concat()],
        _ => Vec::new(),
    }
}

fn of_split<'a>(pictures: &'a [Picture], split: &str, name: impl Fn(&Picture) -> String) -> Vec<(&'a Picture, String)> {
    pictures.iter().filter(|picture| picture.split == split).map(|picture| (picture, name(picture))).collect()
}

fn standard(layout: &Layout, pictures: &[Picture]) -> Set {
    in_splits(layout, pictures, |picture| format!("{}.jpg", picture.stem))
}

/// The same names in every split.
fn same_names(layout: &Layout, pictures: &[Picture]) -> Set {
    in_splits(layout, pictures, |picture| format!("{:06}.jpg", picture.place))
}

fn in_splits(layout: &Layout, pictures: &[Picture], name: fn(&Picture) -> String) -> Set {
    let mut set = Set::default();
    for split in ALL {
        let pictures = of_split(pictures, split, name);
        for (picture, name) in &pictures {
            set.image(format!("{split}2017/{name}"), picture);
        }
        let text = document(layout, &pictures, 1, false).to_string();
        set.file(format!("annotations/instances_{split}2017.json"), text);
    }
    set
}

/// Images by their addresses alone.
fn lvis(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for split in ALL {
        let pictures = of_split(pictures, split, |picture| format!("{}.jpg", picture.stem));
        for (picture, name) in &pictures {
            set.image(format!("{split}2017/{name}"), picture);
        }
        let mut text = document(layout, &pictures, 1, false);
        for image in text["images"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            let name = image.remove("file_name").and_then(|name| Some(name.as_str()?.to_owned())).unwrap_or_default();
            image.insert("coco_url".to_owned(), format!("http://images.cocodataset.org/{split}2017/{name}").into());
        }
        set.file(format!("lvis_v1_{split}.json"), text.to_string());
    }
    set
}

fn roboflow(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for split in ALL {
        let folder = spelled(split, ["train", "valid", "test"]);
        let pictures = of_split(pictures, split, |picture| format!("{}.jpg", roboflow_stem(picture)));
        for (picture, name) in &pictures {
            set.image(format!("{folder}/{name}"), picture);
        }
        set.file(format!("{folder}/_annotations.coco.json"), document(layout, &pictures, 0, true).to_string());
    }
    set.file("README.roboflow.txt", "\nanimals - v3\n==============================\n");
    set
}

fn cvat(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        set.image(format!("images/default/{}.jpg", picture.stem), picture);
    }
    let pictures = of_split(pictures, "train", |picture| format!("{}.jpg", picture.stem));
    set.file("annotations/instances_default.json", document(layout, &pictures, 1, false).to_string());
    set
}

/// Paths of Windows, and ids from 0 on.
fn label_studio(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        set.image(format!("images/0a1b2c3d-{}.jpg", picture.stem), picture);
    }
    let pictures = of_split(pictures, "train", |picture| format!("images\\0a1b2c3d-{}.jpg", picture.stem));
    set.file("result.json", document(layout, &pictures, 0, false).to_string());
    set
}
