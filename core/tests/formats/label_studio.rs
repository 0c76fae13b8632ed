//! Label Studio: regions of every kind, the latest annotation, images by the server's addresses, both exports.

use crate::support::*;
use augment_core::formats::{Dataset, Frame, LabelFormat, Placed};
use augment_core::geometry::{Point, Rect, Size};
use augment_core::labels::Shape;
use serde_json::{Value, json};

const SIZE: Size = Size::new(200, 100);

/// A result of a kind with its value, drawn on the image.
fn result(kind: &str, value: Value) -> Value {
    json!({"type": kind, "value": value, "original_width": 200, "original_height": 100, "image_rotation": 0,
        "from_name": "tool", "to_name": "image"})
}

fn cat(x: f64, y: f64, width: f64, height: f64, rotation: f64) -> Value {
    let value =
        json!({"x": x, "y": y, "width": width, "height": height, "rotation": rotation, "rectanglelabels": ["cat"]});
    result("rectanglelabels", value)
}

fn task(image: &str, results: Value) -> Value {
    json!({"id": 1, "data": {"image": image}, "annotations": [{"id": 1, "was_cancelled": false, "result": results}], "predictions": []})
}

fn dataset(tasks: &Value) -> Dataset {
    opened(&Memory::new(&[("images/a.jpg", ""), ("export.json", &tasks.to_string())]))
}

fn read(tasks: &Value) -> Placed {
    dataset(tasks).items[0].place(&Frame::plain(SIZE), None).unwrap()
}

fn near(a: &[Point], b: &[(f64, f64)]) {
    assert_eq!(a.len(), b.len(), "{a:?}");
    for (a, (x, y)) in a.iter().zip(b) {
        assert!((a.x - x).abs() < 1e-9 && (a.y - y).abs() < 1e-9, "{a:?} and ({x}, {y})");
    }
}

#[test]
fn every_region_is_read() {
    // Red, green, blue and alpha of 200 x 100 pixels: the first two pixels of the second row are covered.
    let bits = format!("{:032b}{:05b}{:04b}{:04b}{:04b}{:04b}", 80_000, 7, 2, 3, 7, 15)
        + &format!("111{:016b}{:08b}", 799, 0)
        + &format!("100{:03b}{:08b}", 7, 255)
        + &format!("111{:016b}{:08b}", 65_535, 0)
        + &format!("111{:016b}{:08b}", 80_000 - 808 - 65_536 - 1, 0);
    let bytes: Vec<u8> =
        bits.as_bytes().chunks(8).map(|c| c.iter().fold(0, |v, b| v << 1 | (b - b'0')) << (8 - c.len())).collect();
    let found = read(&json!([task(
        "/data/upload/1/0a1b2c3d-a.jpg",
        json!([
            cat(10.0, 20.0, 30.0, 40.0, 0.0),
            cat(50.0, 20.0, 10.0, 20.0, 90.0),
            result(
                "polygonlabels",
                json!({"points": [[10, 10], [20, 10], [20, 40]], "closed": true, "polygonlabels": ["dog"]})
            ),
            result(
                "ellipselabels",
                json!({"x": 50, "y": 50, "radiusX": 5, "radiusY": 20, "rotation": 0, "ellipselabels": ["dog"]})
            ),
            result("brushlabels", json!({"format": "rle", "rle": bytes, "brushlabels": ["dog"]})),
        ])
    )]));
    assert!(found.dropped.is_empty(), "{:?}", found.dropped);
    let objects = &found.labels.objects;
    near(&objects[0].bbox.unwrap().corners(), &[(20.0, 20.0), (80.0, 20.0), (80.0, 60.0), (20.0, 60.0)]);
    let Some(Shape::Oriented(corners)) = &objects[1].shape else { panic!("{:?}", objects[1]) };
    near(corners, &[(100.0, 20.0), (100.0, 40.0), (80.0, 40.0), (80.0, 20.0)]);
    let Some(Shape::Polygons(parts)) = &objects[2].shape else { panic!("{:?}", objects[2]) };
    near(&parts[0].outer, &[(20.0, 10.0), (40.0, 10.0), (40.0, 40.0)]);
    let round = objects[3].bbox.unwrap();
    near(&[Point::new(round.x0, round.y0), Point::new(round.x1, round.y1)], &[(90.0, 30.0), (110.0, 70.0)]);
    let Some(Shape::Bitmap(bitmap)) = &objects[4].shape else { panic!("{:?}", objects[4]) };
    let inside: Vec<usize> = (0..SIZE.area()).filter(|at| bitmap.to_samples()[*at] > 0).collect();
    assert_eq!(inside, [200, 201]);
    assert!((objects[4].class, objects[0].class) == (1, 0), "classes in the order of their names");
}

#[test]
fn results_of_one_id_are_one_region() {
    let with = |mut result: Value, id: &str, parent: Option<&str>| {
        result["id"] = id.into();
        result["parentID"] = parent.into();
        result
    };
    let found = read(&json!([task(
        "a.jpg",
        json!([
            with(
                result("keypointlabels", json!({"x": 15, "y": 25, "width": 1, "keypointlabels": ["nose"]})),
                "k",
                Some("r")
            ),
            with(result("rectangle", json!({"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0})), "r", None),
            with(
                result("labels", json!({"x": 10, "y": 20, "width": 30, "height": 40, "labels": ["person"]})),
                "r",
                None
            ),
            with(
                json!({"type": "textarea", "from_name": "plate", "value": {"x": 10, "y": 20, "width": 30, "height": 40, "text": ["AB 1"]}}),
                "r",
                None
            ),
            json!({"type": "relation", "from_id": "r", "to_id": "k"}),
        ])
    )]));
    assert_eq!(found.labels.objects.len(), 1, "{:?}", found.labels.objects);
    let person = &found.labels.objects[0];
    assert_eq!(person.keypoints[0].point, Point::new(30.0, 25.0));
    assert_eq!(person.extra["plate"], json!(["AB 1"]));
}

#[test]
fn the_latest_annotation_is_taken_and_the_rest_is_counted() {
    let annotation = |x: f64, time: &str, cancelled: bool| json!({"result": [cat(x, 0.0, 5.0, 5.0, 0.0)], "updated_at": time, "was_cancelled": cancelled});
    let tasks = json!([{"data": {"image": "a.jpg"}, "predictions": [{"result": [cat(1.0, 1.0, 1.0, 1.0, 0.0)]}], "annotations": [
        annotation(10.0, "2026-01-02T10:00:00Z", false),
        annotation(20.0, "2026-03-02T10:00:00Z", false),
        annotation(30.0, "2026-02-02T10:00:00Z", false),
        annotation(40.0, "2026-04-02T10:00:00Z", true),
    ]}]);
    assert_eq!(read(&tasks).labels.objects[0].bbox, Some(Rect::new(40.0, 0.0, 50.0, 5.0)));
    assert_eq!(
        dataset(&tasks).warnings,
        [
            "2 annotation(s) are left out for a later one of their image",
            "1 annotation(s) were skipped in the tool and are left out",
            "1 prediction(s) of models are left out"
        ]
    );
}

#[test]
fn images_without_a_finished_annotation_are_no_background() {
    let skipped = json!({"data": {"image": "s.jpg"}, "annotations": [{"result": [], "was_cancelled": true}]});
    let open = json!({"data": {"image": "o.jpg"}, "annotations": [], "predictions": [{"result": []}]});
    let files =
        |tasks: &Value| Memory::new(&[("a.jpg", ""), ("s.jpg", ""), ("o.jpg", ""), ("e.json", &tasks.to_string())]);
    let set = opened(&files(&json!([task("a.jpg", json!([])), skipped, open])));
    let names: Vec<&str> = set.items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["a.jpg"], "one that shows nothing is not one that has no annotation");
    assert!(
        set.warnings.iter().any(|w| w == "1 image(s) were skipped in the tool and are left out: s.jpg"),
        "{:?}",
        set.warnings
    );
    assert!(set.warnings.iter().any(|w| w.ends_with("have a task without an annotation and are left out: o.jpg")));
    assert!(set.problems.is_empty(), "{:?}", set.problems);
    let none = opened(&files(&json!([open])));
    assert!(none.problems[0].error.message().starts_with("no task has an annotation"), "{:?}", none.problems);
}

#[test]
fn images_are_found_by_the_addresses_of_a_server() {
    for (name, address) in [
        ("images/0a1b2c3d-a.jpg", "/data/upload/7/0a1b2c3d-a.jpg"),
        ("images/a.jpg", "/data/upload/7/0a1b2c3d-a.jpg"),
        ("set/a b.jpg", "/data/local-files/?d=set/a%20b.jpg"),
        ("a.jpg", "https://host/bucket/a.jpg?X-Signature=1"),
    ] {
        let set = opened(&Memory::new(&[
            (name, ""),
            ("e.json", &json!([task(address, json!([cat(1.0, 1.0, 5.0, 5.0, 0.0)]))]).to_string()),
        ]));
        assert_eq!(set.items[0].objects(), 1, "{name} and {address}: {:?}", set.problems);
    }
    let set = opened(&Memory::new(&[("a.jpg", ""), ("e.json", &json!([task("x/b.jpg", json!([]))]).to_string())]));
    assert!(
        set.problems[0].is_absent_image() && set.problems[0].error.message().ends_with("b.jpg"),
        "{:?}",
        set.problems
    );
}

#[test]
fn the_short_export_says_the_same() {
    let tasks = json!([{"image": "/data/upload/1/0a1b2c3d-a.jpg", "id": 1, "annotator": 1, "annotation_id": 1, "lead_time": 3.5,
        "bbox": [{"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "original_width": 200, "original_height": 100}],
        "label": [{"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "labels": ["cat"], "original_width": 200, "original_height": 100}],
        "mark": [{"points": [[10, 10], [20, 10], [20, 40]], "polygonlabels": ["dog"], "original_width": 200, "original_height": 100}]}]);
    let found = read(&tasks);
    assert_eq!(found.labels.objects.len(), 2);
    near(&found.labels.objects[0].bbox.unwrap().corners(), &[(20.0, 20.0), (80.0, 20.0), (80.0, 60.0), (20.0, 60.0)]);
    assert!(matches!(found.labels.objects[1].shape, Some(Shape::Polygons(_))));
}

#[test]
fn a_choice_is_the_class_of_the_image() {
    let choice =
        json!({"type": "choices", "from_name": "kind", "to_name": "image", "id": "c", "value": {"choices": ["cat"]}});
    for tasks in
        [json!([task("a.jpg", json!([choice]))]), json!([{"image": "a.jpg", "annotation_id": 1, "choice": "cat"}])]
    {
        assert_eq!(dataset(&tasks).items[0].class.as_deref(), Some("cat"), "{tasks}");
    }
}

#[test]
fn percentages_are_of_the_image_as_it_was_shown() {
    let mut region = cat(50.0, 0.0, 50.0, 10.0, 0.0);
    let stored = Frame { stored: SIZE, upright: SIZE.transposed(), orientation: 6 };
    let boxed = |region: &Value| {
        let set = dataset(&json!([task("a.jpg", json!([region]))]));
        set.items[0].place(&stored, None).unwrap().labels.objects[0].bbox.unwrap()
    };
    assert_eq!(boxed(&region), Rect::new(90.0, 100.0, 100.0, 200.0), "shown as stored: turned with it");
    (region["original_width"], region["original_height"]) = (100.into(), 200.into());
    assert_eq!(boxed(&region), Rect::new(50.0, 0.0, 100.0, 20.0), "shown upright");
}

#[test]
fn an_export_for_one_object_without_names_is_of_one_class() {
    let set = dataset(&json!([task(
        "a.jpg",
        json!([result("rectangle", json!({"x": 1, "y": 1, "width": 5, "height": 5}))])
    )]));
    assert_eq!((set.format, set.classes.0[0].name.as_str()), (LabelFormat::LabelStudio, "object"));
    assert_eq!(set.warnings, ["no object has a class: all 1 are taken for `object`"]);
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_stays() {
    let mut turned = cat(1.0, 1.0, 5.0, 5.0, 0.0);
    turned["image_rotation"] = json!(90);
    let sizeless = json!({"type": "rectanglelabels", "value": {"x": 1, "y": 1, "width": 5, "height": 5, "rotation": 9, "rectanglelabels": ["cat"]}});
    let found = read(&json!([task(
        "a.jpg",
        json!([
            cat(1.0, 1.0, 5.0, 5.0, 0.0),
            turned,
            sizeless,
            result("rectanglelabels", json!({"x": "1", "y": 1, "width": 5, "height": 5, "rectanglelabels": ["cat"]})),
            result("rectanglelabels", json!({"x": 1, "y": 1, "width": 1e300, "height": 5, "rectanglelabels": ["cat"]})),
            result("polygonlabels", json!({"points": [[1, 1]], "polygonlabels": ["cat"]})),
            result("brushlabels", json!({"rle": [0, 0, 1, 56, 999], "brushlabels": ["cat"]})),
            result("brushlabels", json!({"rle": [255, 255, 255, 255, 9], "brushlabels": ["cat"]})),
            result("vectorlabels", json!({"vertices": [], "vectorlabels": ["cat"]})),
        ])
    )]));
    assert_eq!((found.read, found.labels.objects.len()), (9, 1), "{:?}", found.dropped);
    assert!(found.dropped.iter().any(|dropped| dropped.reason.starts_with("it was drawn on the image turned by 90")));
    for hostile in [
        r#"[{"data":3,"annotations":7}]"#,
        r#"[{"data":{"image":"a.jpg"},"annotations":[3]}]"#,
        r#"[{"data":{"image":"a.jpg"},"annotations":[{"result":[3,null]}]}, 7]"#,
    ] {
        let set = opened(&Memory::new(&[("a.jpg", ""), ("e.json", hostile)]));
        for item in &set.items {
            assert!(item.place(&Frame::plain(SIZE), None).is_ok(), "{hostile}");
        }
    }
}

#[test]
fn the_table_is_the_short_export() {
    let cell = r#"[{""x"": 25, ""y"": 25, ""width"": 50, ""height"": 50, ""rotation"": 0, ""rectanglelabels"": [""cat""], ""original_width"": 100, ""original_height"": 80}]"#;
    let text = |mark: &str| {
        let columns = ["annotation_id", "annotator", "id", "image", "label", "lead_time"].join(mark);
        let [first, second] = [
            ["7", "1", "1", "/data/upload/1/1a2b3c4d-a.jpg", &format!("\"{cell}\""), "2.5"],
            ["8", "1", "2", "/data/upload/1/b.jpg", "", "1"],
        ];
        format!("{columns}\n{}\n{}\n", first.join(mark), second.join(mark))
    };
    for (name, mark) in [("project-1.csv", ","), ("project-1.tsv", "\t")] {
        let set = opened(&Memory::new(&[("1a2b3c4d-a.jpg", ""), ("b.jpg", ""), (name, &text(mark))]));
        assert_eq!((set.format, &set.problems[..]), (LabelFormat::LabelStudio, &[][..]), "{name}");
        let placed = set.items[0].place(&Frame::plain(Size::new(100, 80)), None).unwrap();
        assert_eq!(placed.labels.objects[0].bbox, Some(Rect::new(25.0, 20.0, 75.0, 60.0)), "{name}");
        assert_eq!((set.classes.0.len(), set.classes.0[0].name.as_str(), set.items[1].objects()), (1, "cat", 0));
    }
}
