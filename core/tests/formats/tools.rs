//! What other tools export: CreateML, VGG Image Annotator, Supervisely, lines of JSON.

use crate::support::*;
use augment_core::formats::{Dataset, Frame, LabelFormat, Placed, Split};
use augment_core::geometry::{Point, Rect, Size};
use augment_core::labels::{Shape, Visibility};
use serde_json::{Value, json};

const SIZE: Size = Size::new(100, 80);

fn placed(set: &Dataset) -> Placed {
    set.items[0].place(&Frame::plain(SIZE), None).unwrap()
}

fn beside(name: &str, label: &Value) -> Dataset {
    opened(&Memory::new(&[("a.jpg", ""), (name, &label.to_string())]))
}

fn class_of(set: &Dataset, placed: &Placed, at: usize) -> String {
    set.classes.0[placed.labels.objects[at].class].name.clone()
}

#[test]
fn createml_names_its_images() {
    let entry = |image: &str| json!({"image": image, "annotations": [{"label": "cat", "coordinates": {"x": 50, "y": 40, "width": 20, "height": 10}}]});
    let labels = json!([entry("a.jpg"), entry("gone.jpg"), {"annotations": []}]);
    let set = beside("_annotations.createml.json", &labels);
    assert_eq!((set.format, set.format.written_as()), (LabelFormat::CreateMl, LabelFormat::Coco));
    assert_eq!(placed(&set).labels.objects[0].bbox, Some(Rect::new(40.0, 35.0, 60.0, 45.0)));
    assert!(
        set.problems[0].is_absent_image() && set.problems[0].error.message().ends_with("gone.jpg"),
        "{:?}",
        set.problems
    );
    assert_eq!(set.warnings, ["1 entr(ies) of CreateML name no image and are left out"]);
}

/// The regions of an image as versions 1 and 2 have them.
fn regions() -> Value {
    let region = |shape: Value, class: &str| json!({"shape_attributes": shape, "region_attributes": {"kind": class, "type": class, "note": "x"}});
    json!([
        region(json!({"name": "rect", "x": 10, "y": 20, "width": 30, "height": 40}), "cat"),
        region(json!({"name": "circle", "cx": 30, "cy": 30, "r": 5.5}), "dog"),
        region(
            json!({"name": "ellipse", "cx": 30, "cy": 30, "rx": 20, "ry": 10, "theta": std::f64::consts::FRAC_PI_2}),
            "dog"
        ),
        region(json!({"name": "polygon", "all_points_x": [1, 9, 9], "all_points_y": [2, 2, 8]}), "dog"),
        region(json!({"name": "polyline", "all_points_x": [1, 9], "all_points_y": [2, 8]}), "dog"),
        region(json!({"name": "point", "cx": 7, "cy": 8}), "cat"),
    ])
}

/// Holds what was read of them to what they say.
fn assert_regions(set: &Dataset, from: &str) {
    let found = placed(set);
    assert!(set.format == LabelFormat::Via && found.dropped.is_empty(), "{from}: {:?}", found.dropped);
    let objects = &found.labels.objects;
    let boxes = [0, 1, 4].map(|at| objects[at].bbox.unwrap());
    let expected = [(10.0, 20.0, 40.0, 60.0), (24.5, 24.5, 35.5, 35.5), (1.0, 2.0, 9.0, 8.0)];
    assert_eq!(boxes, expected.map(|(a, b, c, d)| Rect::new(a, b, c, d)), "rect, circle and polyline, {from}");
    let tall = objects[2].bbox.unwrap();
    assert!((tall.x0 - 20.0).abs() < 1e-9 && (tall.y1 - 50.0).abs() < 1e-9, "an ellipse on its end, {from}: {tall:?}");
    let outline = objects[3].shape.as_ref().unwrap().polygons()[0].outer.clone();
    assert_eq!((outline.len(), outline[2]), (3, Point::new(9.0, 8.0)), "polygon, {from}");
    assert_eq!(objects[5].keypoints[0].point, Point::new(7.0, 8.0), "point, {from}");
    assert_eq!([0, 1, 5].map(|at| class_of(set, &found, at)), ["cat", "dog", "cat"], "{from}");
    assert_eq!(objects[0].extra["note"], "x", "other attributes are carried along, {from}");
    let said = ["1 line(s) are kept as the boxes around them", "1 point(s) are objects of one keypoint"];
    assert_eq!(set.warnings, said, "{from}");
}

#[test]
fn via_exports_and_projects_of_two_versions_say_the_same() {
    let entry = |regions: Value| json!({"filename": "a.jpg", "size": 1, "regions": regions, "file_attributes": {"place": "yard"}});
    let numbered: Value = regions()
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .map(|(i, region)| (i.to_string(), region.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for labels in [
        json!({"a.jpg1": entry(regions())}),
        json!({"a.jpg1": entry(numbered)}),
        json!({"_via_settings": {}, "_via_img_metadata": {"a.jpg1": entry(regions())}, "_via_attributes": {}}),
    ] {
        let set = beside("via_region_data.json", &labels);
        assert_regions(&set, &labels.to_string());
        assert_eq!(placed(&set).labels.extra["place"], "yard");
    }
}

#[test]
fn via_tables_say_the_same() {
    let quoted = |value: &Value| format!("\"{}\"", value.to_string().replace('"', "\"\""));
    let mut table =
        "#filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes\n"
            .to_owned();
    for (i, region) in regions().as_array().unwrap().iter().enumerate() {
        table += &format!(
            "a.jpg,1,\"{{}}\",6,{i},{},{}\n",
            quoted(&region["shape_attributes"]),
            quoted(&region["region_attributes"])
        );
    }
    table += "b.jpg,1,\"{}\",0,0,\"{}\",\"{}\"\n";
    let set = opened(&Memory::new(&[("a.jpg", ""), ("b.jpg", ""), ("via_region_data.csv", &table)]));
    assert_regions(&set, "the table");
    assert!(set.items[1].is_labeled() && set.items[1].objects() == 0, "a row without a shape says that there is none");
}

#[test]
fn via_projects_of_the_third_version_are_put_together() {
    let project = json!({"project": {"pid": "x"}, "config": {}, "attribute": {
            "1": {"aname": "kind", "anchor_id": "FILE1_Z0_XY1", "type": 4, "options": {"0": "cat", "1": "dog"}},
            "2": {"aname": "weather", "anchor_id": "FILE1_Z0_XY0", "type": 1, "options": {}}},
        "file": {"7": {"fid": "7", "fname": "a.jpg", "type": 2, "loc": 1, "src": ""}},
        "view": {"3": {"fid_list": ["7"]}},
        "metadata": {
            "3_a": {"vid": "3", "flg": 0, "z": [], "xy": [2, 10, 20, 30, 40], "av": {"1": "1"}},
            "3_b": {"vid": "3", "flg": 0, "z": [], "xy": [7, 1, 2, 9, 2, 9, 8], "av": {"1": "0"}},
            "3_c": {"vid": "3", "flg": 0, "z": [], "xy": [], "av": {"2": "sun"}},
            "9_d": {"vid": "9", "flg": 0, "z": [], "xy": [1, 2, 3], "av": {}}}});
    let set = beside("project.json", &project);
    let found = placed(&set);
    assert_eq!(found.labels.objects.len(), 2, "{:?}", found.dropped);
    assert_eq!(found.labels.objects[0].bbox, Some(Rect::new(10.0, 20.0, 40.0, 60.0)));
    assert_eq!([0, 1].map(|at| class_of(&set, &found, at)), ["dog", "cat"]);
    assert_eq!(
        set.warnings,
        [
            "1 attribute(s) of whole images are left out",
            "1 metadata of VGG Image Annotator belong to no image and are left out"
        ]
    );
}

#[test]
fn via_tables_of_the_third_version_say_what_their_project_does() {
    let attributes =
        json!({"1": {"aname": "kind", "anchor_id": "FILE1_Z0_XY1", "type": 4, "options": {"0": "cat", "1": "dog"}}});
    let rows = "\"3_a\",\"[\"\"a.jpg\"\"]\",0,\"[]\",\"[2,10,20,30,40]\",\"{\"\"1\"\":\"\"1\"\"}\"\n\
        \"3_b\",\"[\"\"a.jpg\"\"]\",0,\"[]\",\"[7,1,2,9,2,9,8]\",\"{\"\"1\"\":\"\"0\"\"}\"\n\
        \"4_c\",\"[\"\"gone.jpg\"\"]\",0,\"[]\",\"[2,1,1,5,5]\",\"{}\"\n\"5_d\",\"no list\",0,\"[]\",\"[]\",\"{}\"\n";
    let table = format!(
        "# Exported using VGG Image Annotator\n# Notes:\n# SHAPE_ID = {{\"POINT\":1}}\n# ATTRIBUTE = {attributes}\n\
         # CSV_HEADER = metadata_id,file_list,flags,temporal_coordinates,spatial_coordinates,metadata\n{rows}"
    );
    let set = opened(&Memory::new(&[("a.jpg", ""), ("via3.csv", &table)]));
    assert_eq!(set.format, LabelFormat::Via, "{:?}", set.problems);
    let found = placed(&set);
    assert_eq!(found.labels.objects[0].bbox, Some(Rect::new(10.0, 20.0, 40.0, 60.0)));
    let outline = found.labels.objects[1].shape.as_ref().unwrap().polygons()[0].outer.clone();
    assert_eq!(outline[2], Point::new(9.0, 8.0));
    assert_eq!([0, 1].map(|at| class_of(&set, &found, at)), ["dog", "cat"]);
    assert_eq!(set.warnings, ["1 row(s) of VGG Image Annotator cannot be read and are left out"]);
    assert!(set.problems[0].is_absent_image(), "{:?}", set.problems);
}

/// What Cityscapes says of an image.
fn cityscapes() -> Value {
    json!({"imgHeight": 80, "imgWidth": 100, "objects": [
        {"label": "road", "polygon": [[0, 40], [99, 40], [99, 79], [0, 79]]},
        {"label": "car", "polygon": [[10, 30], [30, 30], [30, 50], [10, 50], [10, 30]], "draw": true, "verified": 0},
        {"label": "cargroup", "polygon": [[40, 30], [60, 30], [60, 50]], "deleted": 0},
        {"label": "car", "polygon": [[1, 1], [5, 1], [5, 5]], "deleted": 1}]})
}

#[test]
fn polygons_of_cityscapes_are_read_where_no_masks_are() {
    let image = "leftImg8bit/train/ulm/ulm_0_leftImg8bit.png";
    let label = "gtFine/train/ulm/ulm_0_gtFine_polygons.json";
    let text = cityscapes().to_string();
    let set = opened(&Memory::new(&[(image, ""), (label, &text)]));
    assert_eq!((set.format, set.format.written_as()), (LabelFormat::Cityscapes, LabelFormat::Coco));
    assert_eq!(set.items[0].split, Some(Split::Train));
    let found = placed(&set);
    assert_eq!([0, 1, 2].map(|at| class_of(&set, &found, at)), ["road", "car", "cargroup"], "groups keep their names");
    assert_eq!(found.labels.objects[1].bbox, Some(Rect::new(10.0, 30.0, 30.0, 50.0)));
    let outline = &found.labels.objects[1].shape.as_ref().unwrap().polygons()[0].outer;
    assert_eq!(outline.len(), 4, "the first corner is not said twice");
    assert_eq!(set.warnings, ["1 object(s) are marked as deleted and are left out"]);
    assert!(set.problems.is_empty() && found.warnings.is_empty(), "{:?}", set.problems);

    let mask = "gtFine/train/ulm/ulm_0_gtFine_labelIds.png";
    let both = opened(&Memory::new(&[(image, ""), (label, &text), (mask, "")]));
    assert_eq!((both.format, both.items[0].masks.len()), (LabelFormat::None, 1), "masks are painted from the polygons");
    let words = "1 file(s) of polygons are left out, since their images have masks, which are taken";
    assert_eq!(both.warnings, [format!("{words}: {label}")]);
    let lone = opened(&Memory::new(&[("a.png", ""), (label, &text)]));
    assert!(lone.problems[0].error.message().starts_with("label without image"), "{:?}", lone.problems);
}

#[test]
fn which_attribute_is_the_class_is_no_guess() {
    let region = |attributes: Value| {
        json!({"a": {"filename": "a.jpg", "regions": [
        {"shape_attributes": {"name": "rect", "x": 1, "y": 1, "width": 5, "height": 5}, "region_attributes": attributes}]}})
    };
    let class = |attributes: Value| {
        let set = beside("via.json", &region(attributes));
        set.items[0].place(&Frame::plain(SIZE), None).map(|found| class_of(&set, &found, 0))
    };
    assert_eq!(class(json!({"Label": "cat", "color": "red"})).unwrap(), "cat");
    assert_eq!(class(json!({"species": "cat"})).unwrap(), "cat", "the only one");
    assert_eq!(class(json!({"type": {"cat": true, "dog": false}})).unwrap(), "cat", "boxes to tick");
    assert_eq!(class(json!({})).unwrap(), "object", "a set of one class");
    let why = class(json!({"color": "red", "size": "big"})).unwrap_err();
    assert!(why.message().contains("none of its attributes (color, size) is called `class`"), "{why}");
}

#[test]
fn supervisely_lies_beside_its_images() {
    // A palette PNG of 2 x 1 pixels, the first of them transparent, packed by zlib.
    let bitmap = "eJzrDPBz5+WS4mJgYOD19HAJAtJMQMzIwQwkD//p3wGk2AJ8QlyB9P///5fenH8XJF0S5BfM4PDsRhqQw+3p4hhSMSc5IYGFgYGFgWl/lb0XUJjB09XPZZ1TQhMAdYUZEg==";
    let meta = json!({"classes": [{"title": "dog", "shape": "polygon"}, {"title": "cat", "shape": "graph", "geometry_config": {"nodes":
        {"u-1": {"label": "nose"}, "u-2": {"label": "tail"}}}}], "tags": [], "projectType": "images"});
    let object = |kind: &str, rest: Value| {
        let mut object = json!({"id": 5, "classId": 7, "classTitle": "dog", "description": "", "geometryType": kind, "tags": [{"name": "wet", "value": null}]});
        object.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        object
    };
    let label = json!({"description": "", "tags": [{"name": "night", "value": 3}], "size": {"width": 100, "height": 80}, "objects": [
        object("rectangle", json!({"points": {"exterior": [[40, 60], [10, 20]], "interior": []}})),
        object("polygon", json!({"points": {"exterior": [[0, 0], [30, 0], [30, 30]], "interior": [[[20, 5], [25, 5], [25, 8]]]}})),
        object("point", json!({"points": {"exterior": [[5, 6]], "interior": []}})),
        object("line", json!({"points": {"exterior": [[5, 6], [7, 9]], "interior": []}})),
        object("graph", json!({"classTitle": "cat", "nodes": {"u-2": {"loc": [3, 4]}, "u-1": {"loc": [1, 2], "disabled": true}}})),
        object("bitmap", json!({"bitmap": {"data": bitmap, "origin": [11, 12]}})),
    ]});
    let (meta, label) = (meta.to_string(), label.to_string());
    let empty = json!({"size": {"width": 100, "height": 80}, "objects": []}).to_string();
    let set = opened(&Memory::new(&[
        ("p/meta.json", &meta),
        ("p/train/img/a.jpg", ""),
        ("p/train/img/a.png", ""),
        ("p/train/ann/a.jpg.json", &label),
        ("p/train/ann/a.png.json", &empty),
        ("p/train/ann/gone.jpg.json", &empty),
    ]));
    assert_eq!(set.format, LabelFormat::Supervisely);
    let objects: Vec<usize> = set.items.iter().map(|item| item.objects()).collect();
    assert_eq!(objects, [6, 0], "the file of the whole name");
    assert_eq!(set.items[0].split, Some(Split::Train));
    assert_eq!(set.problems.len(), 1, "{:?}", set.problems);
    let names: Vec<&str> = set.classes.0.iter().map(|class| class.name.as_str()).collect();
    assert_eq!(names, ["dog", "cat"], "in the project's order");
    let found = placed(&set);
    assert!(found.dropped.is_empty(), "{:?}", found.dropped);
    let objects = &found.labels.objects;
    assert_eq!(objects[0].bbox, Some(Rect::new(10.0, 20.0, 40.0, 60.0)));
    assert!(matches!(&objects[1].shape, Some(Shape::Polygons(parts)) if parts[0].holes.len() == 1));
    assert_eq!(objects[3].bbox, Some(Rect::new(5.0, 6.0, 7.0, 9.0)));
    let joints: Vec<(Point, Visibility)> =
        objects[4].keypoints.iter().map(|joint| (joint.point, joint.visibility)).collect();
    assert_eq!(joints, [(Point::new(1.0, 2.0), Visibility::Hidden), (Point::new(3.0, 4.0), Visibility::Visible)]);
    assert_eq!(set.classes.0[1].keypoints, ["nose", "tail"]);
    assert_eq!(objects[5].bbox, Some(Rect::new(12.0, 12.0, 13.0, 13.0)), "of two pixels the second");
    assert_eq!((&objects[0].extra["tags"], &found.labels.extra["tags"]), (&json!({"wet": null}), &json!({"night": 3})));
}

#[test]
fn lines_of_json_have_splits_and_the_numbers_of_yolo() {
    let lines = [
        json!({"type": "dataset", "task": "detect", "class_names": {"0": "cat", "1": "dog"}}),
        json!({"type": "image", "file": "a.jpg", "width": 100, "height": 80, "split": "train", "annotations": {"boxes": [[1, 0.5, 0.5, 0.25, 0.5]]}}),
        json!({"type": "image", "file": "b.jpg", "width": 100, "height": 80, "split": "val"}),
        json!({"type": "image", "file": "c.jpg", "width": 100, "height": 80, "split": "val"}),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let files = Memory::new(&[("images/a.jpg", ""), ("images/b.jpg", ""), ("set.ndjson", &text)]);
    let set = opened(&files);
    assert_eq!((set.format, set.format.written_as()), (LabelFormat::Ndjson, LabelFormat::Yolo));
    let splits: Vec<&Option<Split>> = set.items.iter().map(|item| &item.split).collect();
    assert_eq!(splits, [&Some(Split::Train), &Some(Split::Val)]);
    assert_eq!(placed(&set).labels.objects[0].bbox, Some(Rect::new(37.5, 20.0, 62.5, 60.0)));
    assert!(set.problems[0].is_absent_image() && set.problems.len() == 1, "{:?}", set.problems);
    let written = round_trip(&files, LabelFormat::Yolo, SIZE);
    assert_eq!(written.text("labels/train/a_0.txt"), "1 0.5 0.5 0.25 0.5\n");
    assert_eq!(written.text("labels/val/b_0.txt"), "");
}

#[test]
fn no_hostile_file_of_a_tool_breaks_anything() {
    let hostile = [
        r#"[{"image":3,"annotations":[]}]"#,
        r#"[{"image":"a.jpg","annotations":7}]"#,
        r#"{"a":{"filename":"a.jpg","regions":3}}"#,
        r#"{"a":{"filename":"a.jpg","regions":[3,{"shape_attributes":3},{"shape_attributes":{"name":"polygon","all_points_x":[1],"all_points_y":"2"}}]}}"#,
        r#"{"_via_img_metadata":[1]}"#,
        r#"{"file":{},"view":{},"metadata":3}"#,
        r#"{"file":{"1":{"fname":"a.jpg"}},"view":{"1":{"fid_list":[1]}},"metadata":{"x":{"vid":1,"xy":[99,1e300]},"y":{"vid":"1","xy":[0,1]},"z":{"vid":1,"xy":"?"}}}"#,
        r#"{"size":3,"objects":[3,{"geometryType":"bitmap","bitmap":{"data":"!","origin":[1,2]}},{"geometryType":7}]}"#,
        r#"{"size":{"width":1e9,"height":1e9},"objects":{"a":1}}"#,
        r#"{"classes":3,"tags":[]}"#,
    ];
    for text in hostile {
        for name in ["a.json", "a.jpg.json", "meta.json"] {
            let set = opened(&Memory::new(&[("a.jpg", ""), (name, text)]));
            for item in &set.items {
                let placed = item.place(&Frame::plain(SIZE), None);
                assert!(placed.is_err() || placed.is_ok_and(|placed| placed.labels.objects.is_empty()), "{text}");
            }
        }
    }
}
