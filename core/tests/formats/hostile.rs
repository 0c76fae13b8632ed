//! Files of tools with any one value replaced by something else: read or refused, never a panic, and what is written of
//! them is read again.

use crate::support::*;
use augment_core::formats::{Frame, LabelChoice, LabelFormat, LabelWriter, open};
use augment_core::geometry::Size;
use augment_core::limits::Limits;
use serde_json::{Value, json};

const WRITTEN: [LabelFormat; 5] =
    [LabelFormat::Voc, LabelFormat::Yolo, LabelFormat::YoloObb, LabelFormat::Coco, LabelFormat::LabelMe];

/// What a value is replaced by.
fn junk() -> Vec<Value> {
    let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(0),
        json!(2.5),
        json!(1e308),
        json!(u64::MAX),
        json!(""),
        json!("é\u{0}\n"),
        json!([]),
        json!({}),
        json!([[0, 0], [3, 4]]),
        json!({"x": {"y": [1]}}),
        deep,
    ]
}

/// One file of each tool, with every kind of shape.
fn files() -> Vec<(&'static str, Value)> {
    let labelme = json!({"version": "5", "flags": {"f": true}, "imagePath": "a.jpg", "imageData": "QUJD", "imageHeight": 48, "imageWidth": 64,
        "shapes": [
            {"label": "cat", "points": [[1, 2], [30, 40]], "shape_type": "rectangle", "group_id": 1, "flags": {}},
            {"label": "nose", "points": [[3, 4]], "shape_type": "point", "group_id": 1, "difficult": true},
            {"label": "cat", "points": [[1, 2], [30, 4], [9, 9]], "shape_type": "polygon", "group_id": 2},
            {"label": "cat", "points": [[9, 9], [12, 12]], "shape_type": "circle", "group_id": 2},
            {"label": "cat", "points": [[1, 1], [2, 2]], "shape_type": "mask", "mask": "QUJD"},
            {"label": "cat", "points": [[1, 1], [9, 1], [9, 5], [1, 5]], "shape_type": "rotation"}]});
    let value = |rest: Value| {
        let mut value = json!({"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 5});
        value.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        value
    };
    let result = |kind: &str, value: Value| json!({"id": kind, "type": kind, "value": value, "original_width": 64, "original_height": 48, "image_rotation": 0, "from_name": "n"});
    let tasks = json!([{"id": 1, "data": {"image": "/u/0a1b2c3d-a.jpg"}, "file_upload": "x", "predictions": [], "annotations": [
        {"was_cancelled": false, "updated_at": "2026", "result": [
            result("rectanglelabels", value(json!({"rectanglelabels": ["cat"]}))),
            result("ellipselabels", json!({"x": 50, "y": 50, "radiusX": 5, "radiusY": 6, "ellipselabels": ["cat"]})),
            result("polygonlabels", json!({"points": [[1, 1], [9, 1], [5, 9]], "polygonlabels": ["dog"]})),
            result("keypointlabels", json!({"x": 5, "y": 5, "width": 1, "keypointlabels": ["nose"]})),
            result("brushlabels", json!({"rle": [0, 0, 48, 0, 57], "format": "rle", "brushlabels": ["cat"]})),
            result("choices", json!({"choices": ["night"]}))]}]}]);
    let short = json!([{"image": "a.jpg", "annotation_id": 1, "choice": "night", "label": [value(json!({"rectanglelabels": ["cat"], "original_width": 64}))]}]);
    let createml = json!([{"image": "a.jpg", "annotations": [{"label": "cat", "coordinates": {"x": 9, "y": 9, "width": 4, "height": 6}}, {"label": "day"}]}]);
    let region = |shape: Value| json!({"shape_attributes": shape, "region_attributes": {"type": "cat"}});
    let regions = json!([
        region(json!({"name": "rect", "x": 1, "y": 2, "width": 3, "height": 4})),
        region(json!({"name": "ellipse", "cx": 9, "cy": 9, "rx": 3, "ry": 4, "theta": 1})),
        region(json!({"name": "polygon", "all_points_x": [1, 9, 9], "all_points_y": [2, 2, 8]}))
    ]);
    let via = json!({"_via_img_metadata": {"k": {"filename": "a.jpg", "size": 1, "regions": regions, "file_attributes": {"f": "x"}}}});
    let third = json!({"attribute": {"1": {"aname": "class", "anchor_id": "FILE1_Z0_XY1", "options": {"0": "cat"}}},
        "file": {"1": {"fname": "a.jpg"}}, "view": {"1": {"fid_list": ["1"]}},
        "metadata": {"m": {"vid": "1", "xy": [2, 1, 2, 3, 4], "av": {"1": "0"}}, "n": {"vid": "1", "xy": [7, 1, 2, 9, 2, 9, 8], "av": {"1": "0"}}}});
    let supervisely = json!({"size": {"width": 64, "height": 48}, "tags": [{"name": "t", "value": 1}], "objects": [
        {"classTitle": "cat", "geometryType": "rectangle", "tags": [], "points": {"exterior": [[1, 2], [30, 40]], "interior": []}},
        {"classTitle": "cat", "geometryType": "polygon", "points": {"exterior": [[0, 0], [30, 0], [30, 30]], "interior": [[[20, 5], [25, 5], [25, 8]]]}},
        {"classTitle": "cat", "geometryType": "bitmap", "bitmap": {"data": "QUJD", "origin": [1, 2]}},
        {"classTitle": "cat", "geometryType": "graph", "nodes": {"n": {"loc": [3, 4]}}}]});
    let coco = json!({"info": {}, "images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}],
        "categories": [{"id": 1, "name": "cat", "supercategory": "none", "keypoints": ["nose"], "skeleton": [[1, 1]]}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 40], "attributes": {"rotation": 30}, "keypoints": [3, 4, 2]},
            {"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 2, 9, 9], "area": 9, "iscrowd": 0, "segmentation": [[1, 2, 9, 2, 9, 9]]},
            {"id": 3, "image_id": 1, "category_id": 1, "segmentation": {"size": [48, 64], "counts": [4, 8, 3060]}},
            {"id": 4, "image_id": 1, "caption": "x"}, {"image_id": 1, "segments_info": [{"id": 1, "bbox": [1]}]}]});
    let cityscapes = json!({"imgHeight": 48, "imgWidth": 64, "objects": [
        {"label": "car", "polygon": [[1, 2], [30, 2], [30, 40]], "deleted": 0}, {"label": "road", "polygon": [[0, 40], [64, 40], [64, 48], [0, 48]]}]});
    vec![
        ("a.json", labelme),
        ("tasks.json", tasks),
        ("short.json", short),
        ("createml.json", createml),
        ("via.json", via),
        ("third.json", third),
        ("a.jpg.json", supervisely),
        ("coco.json", coco),
        ("a_gtFine_polygons.json", cityscapes),
    ]
}

/// Replaces the value of a number, counted through all of them; whether there was one.
fn replace(value: &mut Value, at: &mut usize, by: &Value) -> bool {
    if *at == 0 {
        *value = by.clone();
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(list) => list.iter_mut().any(|inner| replace(inner, at, by)),
        Value::Object(fields) => fields.values_mut().any(|inner| replace(inner, at, by)),
        _ => false,
    }
}

/// Reads a file, writes what was read in every format, and reads that.
fn through_all(name: &str, text: &str, frame: &Frame, limits: &Limits) {
    let dataset = open(&Memory::new(&[("a.jpg", ""), (name, text)]), LabelChoice::Auto, limits).unwrap();
    for item in &dataset.items {
        let Ok(placed) = item.place(frame, None) else { continue };
        assert_eq!(placed.read, placed.labels.objects.len() + placed.dropped.len(), "nothing goes missing: {text}");
        for format in WRITTEN {
            let writer = LabelWriter::new(format, &dataset);
            let output = writer.render("images/a.jpg", None, frame.upright, &placed.labels).unwrap();
            let mut entries = output.entries;
            entries.extend(writer.finish(output.fragment.as_slice()).unwrap());
            entries.push(("images/a.jpg".to_owned(), Vec::new()));
            let again = opened(&Memory::from_entries(&entries));
            assert!(again.problems.is_empty(), "{format:?}: {:?} of {text}", again.problems);
            let again = again.items[0].place(&Frame::plain(frame.upright), None);
            let again = again.unwrap_or_else(|error| panic!("{format:?}: {error} of {text}"));
            assert!(again.read <= placed.labels.objects.len(), "{format:?}: no object comes from nowhere: {text}");
        }
    }
}

#[test]
fn any_one_value_may_be_anything() {
    let limits = Limits { max_objects: 100, max_pixels: 1 << 16, ..Limits::default() };
    let (wide, tall) = (Size::new(64, 48), Size::new(48, 64));
    let frames = [Frame::plain(wide), Frame { stored: wide, upright: tall, orientation: 6 }];
    for (name, file) in files() {
        let set = opened(&Memory::new(&[("a.jpg", ""), (name, &file.to_string())]));
        assert!(set.items.len() == 1 && set.items[0].objects() > 0, "{name} is read as it is: {:?}", set.problems);
        let mut cases = 0;
        for by in junk() {
            for at in 0.. {
                let mut changed = file.clone();
                if !replace(&mut changed, &mut at.clone(), &by) {
                    break;
                }
                cases += 1;
                through_all(name, &changed.to_string(), &frames[cases % 2], &limits);
            }
        }
        assert!(cases > 100, "{name}: {cases}");
    }
}
