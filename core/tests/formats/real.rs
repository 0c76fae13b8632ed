//! Published datasets, where they are at hand: read, written in every format, and compared with what they said.

use std::collections::BTreeMap;
use std::path::PathBuf;

use augment_core::formats::LabelFormat;
use augment_core::geometry::Size;
use serde_json::Value;

use crate::support::*;

/// All files of a dataset, images as empty ones; `None`, said aloud, when it is not there.
fn dataset(name: &str) -> Option<Memory> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    if !root.is_dir() {
        println!("SKIPPED: {} is not there", root.display());
        return None;
    }
    let (mut entries, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            match path.extension().and_then(|e| e.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("jpg") => entries.push((name, Vec::new())),
                _ => entries.push((name, std::fs::read(path).unwrap())),
            }
        }
    }
    Some(Memory::from_entries(&entries))
}

/// The numbers of all boxes of a VOC file, as written.
fn boxes(xml: &str) -> Vec<(String, String)> {
    let leaf = |line: &str| {
        let (name, rest) = line.trim().strip_prefix('<')?.split_once('>')?;
        Some((name.to_owned(), rest.split_once('<')?.0.to_owned()))
    };
    let wanted = ["name", "xmin", "ymin", "xmax", "ymax", "truncated", "difficult", "pose", "width", "height", "depth"];
    xml.lines().filter_map(leaf).filter(|(name, _)| wanted.contains(&name.as_str())).collect()
}

#[test]
fn blood_cells_come_back_through_every_format() {
    let Some(files) = dataset("bccd-voc") else { return };
    let found = opened(&files);
    assert_eq!((found.items.len(), found.problems.len(), found.warnings.len()), (60, 0, 0), "{:?}", found.warnings);
    let size = |_: &str| Size::new(640, 480);
    let voc = written(&found, LabelFormat::Voc, size);
    let coco = written(&opened(&written(&found, LabelFormat::Coco, size)), LabelFormat::Voc, size);
    let yolo = written(&opened(&written(&found, LabelFormat::Yolo, size)), LabelFormat::Voc, size);
    let mut count = 0;
    for item in &found.items {
        let stem = item.name.strip_prefix("images/").unwrap().strip_suffix(".jpg").unwrap();
        let stated = boxes(files.text(&format!("annotations/{stem}.xml")));
        count += stated.iter().filter(|(name, _)| name == "name").count();
        assert_eq!(boxes(voc.text(&format!("labels/{stem}_0.xml"))), stated, "{stem}");
        assert_eq!(boxes(coco.text(&format!("labels/{stem}_0_0.xml"))), stated, "{stem} through COCO");
        // YOLO holds boxes alone.
        let numbers = |boxes: Vec<(String, String)>| -> Vec<_> {
            boxes.into_iter().filter(|(name, _)| name.len() == 4).collect()
        };
        let yolo = boxes(yolo.text(&format!("labels/{stem}_0_0.xml")));
        assert_eq!(numbers(yolo), numbers(stated), "{stem} through YOLO");
    }
    assert_eq!(count, 1093);
}

#[test]
fn people_come_back_number_by_number() {
    let Some(files) = dataset("coco-keypoints") else { return };
    let found = opened(&files);
    assert_eq!((found.items.len(), found.problems.len(), found.warnings.len()), (4, 0, 0), "{:?}", found.warnings);
    assert_eq!(found.classes.0[0].mirror[1], 2, "left and right eye");
    let before: Value = serde_json::from_str(files.text("test_coco.json")).unwrap();
    let sizes: BTreeMap<String, Size> = before["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| {
            let side = |key: &str| image[key].as_u64().unwrap() as u32;
            (image["file_name"].as_str().unwrap().replace(".jpg", ""), Size::new(side("width"), side("height")))
        })
        .collect();
    let size = |name: &str| {
        let base = name.rsplit('/').next().unwrap();
        sizes[&base[..12]]
    };
    let after: Value = serde_json::from_str(written(&found, LabelFormat::Coco, size).text("annotations.json")).unwrap();
    for key in ["info", "licenses", "categories"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    let by_id = |value: &Value, key: &str| -> BTreeMap<u64, Value> {
        let list = numbers_as_floats(value[key].clone());
        list.as_array().unwrap().iter().map(|v| (v["id"].as_f64().unwrap() as u64, v.clone())).collect()
    };
    assert_eq!(by_id(&after, "annotations"), by_id(&before, "annotations"));
    // Polygons through YOLO: the same parts, in their order, from their starts.
    let yolo = written(&found, LabelFormat::Yolo, size);
    let back: Value =
        serde_json::from_str(written(&opened(&yolo), LabelFormat::Coco, size).text("annotations.json")).unwrap();
    let shapes = |value: &Value, key: &str| -> Vec<Value> {
        let list = numbers_as_floats(value[key].clone());
        list.as_array().unwrap().iter().map(|v| v["segmentation"].clone()).collect()
    };
    let expected = shapes(&after, "annotations");
    assert_eq!(shapes(&back, "annotations"), expected);
    assert_eq!(expected.len(), 14);
}
