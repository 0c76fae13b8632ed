//! LabelMe: what labelme and X-AnyLabeling draw, read and written back.

use crate::support::*;
use augment_core::formats::{Frame, LabelFormat, Placed};
use augment_core::geometry::{Point, Rect, Size};
use augment_core::labels::{Bitmap, Object, Shape, Visibility};
use serde_json::{Value, json};

const SIZE: Size = Size::new(100, 80);

/// A file of some shapes.
fn file(path: &str, shapes: &Value) -> String {
    json!({"version": "5.5.0", "flags": {}, "shapes": shapes, "imagePath": path, "imageData": null,
        "imageHeight": SIZE.height, "imageWidth": SIZE.width})
    .to_string()
}

fn placed(files: &Memory) -> Placed {
    opened(files).items[0].place(&Frame::plain(SIZE), None).unwrap()
}

fn read(shapes: &Value) -> Placed {
    placed(&Memory::new(&[("a.jpg", ""), ("a.json", &file("a.jpg", shapes))]))
}

fn points(points: &[(f64, f64)]) -> Vec<Point> {
    points.iter().map(|(x, y)| Point::new(*x, *y)).collect()
}

/// A PNG of one channel in base64.
fn png(width: u32, samples: &[u8]) -> String {
    use base64::Engine as _;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, samples.len() as u32 / width);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(samples).unwrap();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn every_shape_is_read() {
    let mask = png(3, &[1, 0, 1, 1, 1, 0]);
    let found = read(&json!([
        {"label": "cat", "points": [[50, 60.5], [10, 20]], "shape_type": "rectangle", "group_id": null, "flags": {}},
        {"label": "cat", "points": [[1, 2], [9, 2], [9, 8], [1, 8]], "shape_type": "rectangle"},
        {"label": "cat", "points": [[1, 1], [9, 1], [5, 7]]},
        {"label": "cat", "points": [[30, 30], [33, 34]], "shape_type": "circle"},
        {"label": "cat", "points": [[20, 10], [40, 20], [35, 30], [15, 20]], "shape_type": "rotation", "direction": 0.46},
        {"label": "cat", "points": [[20, 10], [40, 20], [35, 30], [15, 20]], "shape_type": "oriented_rectangle"},
        {"label": "cat", "points": [[2, 3], [4, 4]], "shape_type": "mask", "mask": mask},
        {"label": "cat", "points": [[2, 3], [4, 4], [8, 1]], "shape_type": "linestrip"},
        {"label": 7, "points": [[2, 3]], "shape_type": "point"},
    ]));
    let objects = &found.labels.objects;
    let boxes: Vec<Rect> = objects[..3].iter().map(|object| object.bbox.unwrap()).collect();
    let expected = [(10.0, 20.0, 50.0, 60.5), (1.0, 2.0, 9.0, 8.0), (1.0, 1.0, 9.0, 7.0)];
    assert_eq!(boxes, expected.map(|(a, b, c, d)| Rect::new(a, b, c, d)), "corners come in any order");
    assert!(objects[0].shape.is_none() && objects[1].shape.is_none(), "boxes");
    assert!(matches!(&objects[2].shape, Some(Shape::Polygons(parts)) if parts[0].outer.len() == 3));
    assert_eq!(objects[3].bbox, Some(Rect::new(25.0, 25.0, 35.0, 35.0)), "a circle by its center and a point on it");
    for object in &objects[4..6] {
        let corners = points(&[(20.0, 10.0), (40.0, 20.0), (35.0, 30.0), (15.0, 20.0)]).try_into().unwrap();
        assert_eq!(object.shape, Some(Shape::Oriented(corners)));
    }
    let Some(Shape::Bitmap(bitmap)) = &objects[6].shape else { panic!("{:?}", objects[6]) };
    let inside: Vec<usize> =
        (0..SIZE.area()).filter(|at| bitmap.to_samples()[*at] > 0).map(|at| at % 100 * 1000 + at / 100).collect();
    assert_eq!(inside, [2003, 4003, 2004, 3004], "the mask lies at its first point");
    assert_eq!(objects[7].bbox, Some(Rect::new(2.0, 1.0, 8.0, 4.0)), "a line is its box");
    assert_eq!(objects[8].keypoints[0].point, Point::new(2.0, 3.0));
    assert!(found.dropped.is_empty(), "{:?}", found.dropped);
}

#[test]
fn what_is_not_kept_as_drawn_is_said_once() {
    let shapes = json!([
        {"label": "a", "points": [[2, 3], [4, 4]], "shape_type": "line"},
        {"label": "a", "points": [[2, 3], [4, 4]], "shape_type": "line"},
        {"label": "a", "points": [[2, 3]], "shape_type": "point"},
    ]);
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("a.json", &file("a.jpg", &shapes))]));
    assert_eq!(dataset.format, LabelFormat::LabelMe);
    assert_eq!(
        dataset.warnings,
        [
            "2 line(s) are kept as the boxes around them",
            "1 point(s) belong to no other shape: each is an object of one keypoint"
        ]
    );
}

#[test]
fn groups_are_objects_of_several_shapes() {
    let shapes = json!([
        {"label": "cat", "points": [[0, 0], [9, 0], [9, 9]], "shape_type": "polygon", "group_id": 1},
        {"label": "dog", "points": [[0, 0], [9, 0], [9, 9]], "shape_type": "polygon", "group_id": 1},
        {"label": "cat", "points": [[20, 0], [29, 0], [29, 9]], "shape_type": "polygon", "group_id": 1},
        {"label": "person", "points": [[40, 0], [60, 50]], "shape_type": "rectangle", "group_id": 2},
        {"label": "nose", "points": [[50, 10]], "shape_type": "point", "group_id": 2},
        {"label": "left_eye", "points": [[52, 8]], "shape_type": "point", "group_id": 2, "difficult": true},
        {"label": "person", "points": [[70, 0], [90, 50]], "shape_type": "rectangle", "group_id": 3},
        {"label": "right_eye", "points": [[80, 8]], "shape_type": "point", "group_id": 3},
    ]);
    let files = Memory::new(&[("a.jpg", ""), ("a.json", &file("a.jpg", &shapes))]);
    let dataset = opened(&files);
    let found = placed(&files);
    let parts = |object: &Object| match &object.shape {
        Some(Shape::Polygons(parts)) => parts.len(),
        _ => 0,
    };
    let parts: Vec<usize> = found.labels.objects.iter().map(parts).collect();
    assert_eq!(parts, [2, 1, 0, 0], "parts of one class and group are one object");
    let person = &dataset.classes.0[found.labels.objects[2].class];
    assert_eq!(person.keypoints, ["nose", "left_eye", "right_eye"]);
    assert_eq!(person.mirror, [0, 2, 1], "twins are found by name");
    let seen = |at: usize| found.labels.objects[at].keypoints.iter().map(|k| k.visibility).collect::<Vec<_>>();
    assert_eq!(seen(2), [Visibility::Visible, Visibility::Hidden, Visibility::Absent]);
    assert_eq!(seen(3), [Visibility::Absent, Visibility::Absent, Visibility::Visible]);
}

#[test]
fn labelme_comes_back_as_it_went_in() {
    let mask = png(2, &[255, 255, 255, 0]);
    let shapes = json!([
        {"label": "cat", "points": [[10.123456789, 20.0], [50.0, 60.5]], "group_id": 4, "description": "tail", "shape_type": "rectangle",
         "flags": {"wet": true}, "mask": null, "score": 0.5},
        {"label": "cat", "points": [[0.0, 0.0], [9.0, 0.0], [9.0, 9.123456789]], "group_id": 1, "description": "", "shape_type": "polygon", "flags": {}, "mask": null},
        {"label": "cat", "points": [[20.0, 0.0], [29.0, 0.0], [29.0, 9.0]], "group_id": 1, "description": "", "shape_type": "polygon", "flags": {}, "mask": null},
        {"label": "dog", "points": [[2.0, 3.0], [3.0, 4.0]], "group_id": null, "description": "", "shape_type": "mask", "flags": {}, "mask": mask},
        {"label": "person", "points": [[40.0, 0.0], [60.0, 50.0]], "group_id": 2, "description": "", "shape_type": "rectangle", "flags": {}, "mask": null},
        {"label": "nose", "points": [[50.0, 10.0]], "group_id": 2, "description": "", "shape_type": "point", "flags": {}, "mask": null, "difficult": true},
        {"label": "cat", "points": [[20.0, 10.0], [40.0, 20.0], [35.0, 30.0], [15.0, 20.0]], "group_id": null, "description": "", "shape_type": "rotation", "flags": {},
         "mask": null, "direction": 0.4636476090008061},
    ]);
    let mut source: Value = serde_json::from_str(&file("C:\\pictures\\a.jpg", &shapes)).unwrap();
    source["flags"] = json!({"night": true});
    source["checked"] = json!(true);
    let files = Memory::new(&[
        ("train/a.jpg", ""),
        ("train/a.json", &source.to_string()),
        ("val/b.jpg", ""),
        ("val/b.json", &file("b.jpg", &json!([]))),
    ]);
    let output = round_trip(&files, LabelFormat::LabelMe, SIZE);
    let written: Value = serde_json::from_str(output.text("labels/train/a_0.json")).unwrap();
    source["imagePath"] = json!("../../images/train/a_0.jpg");
    let pixels = |value: &mut Value| value["shapes"][3]["mask"].take();
    let (mut written, mut source) = (written, source);
    assert!(pixels(&mut written).is_string() && pixels(&mut source).is_string(), "masks are packed in their own way");
    assert_eq!(numbers_as_floats(written), numbers_as_floats(source));
    let again = opened(&output);
    assert!(again.problems.is_empty() && again.items.len() == 2, "{:?}", again.problems);
    assert_eq!(again.items[0].place(&Frame::plain(SIZE), None).unwrap().labels, {
        let dataset = opened(&files);
        dataset.items[0].place(&Frame::plain(SIZE), None).unwrap().labels
    });
}

#[test]
fn objects_of_other_formats_become_shapes() {
    let coco = json!({"images": [{"id": 1, "file_name": "a.jpg", "license": 3}],
    "categories": [{"id": 1, "name": "person", "keypoints": ["nose", "left_eye"]}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1.5, 2, 30, 40], "keypoints": [9, 9, 2, 12, 9, 1]},
        {"id": 2, "image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9], "segmentation": [[0, 0, 9, 0, 9, 9], [20, 0, 29, 0, 29, 9]]},
        {"id": 3, "image_id": 1, "category_id": 1, "bbox": [0, 1, 1, 2], "segmentation": {"size": [80, 100], "counts": [1, 2, 7997]}},
    ]});
    let files = Memory::new(&[("a.jpg", ""), ("c.json", &coco.to_string())]);
    let output = round_trip(&files, LabelFormat::LabelMe, SIZE);
    let written: Value = serde_json::from_str(output.text("labels/a_0.json")).unwrap();
    assert_eq!(written["imagePath"], "../images/a_0.jpg");
    assert_eq!((&written["license"], &written["imageWidth"]), (&json!(3), &json!(100)));
    let shapes = written["shapes"].as_array().unwrap();
    let kinds: Vec<&str> = shapes.iter().map(|shape| shape["shape_type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["rectangle", "point", "point", "polygon", "polygon", "mask"]);
    let groups: Vec<&Value> = shapes.iter().map(|shape| &shape["group_id"]).collect();
    assert_eq!(groups, [&json!(1), &json!(1), &json!(1), &json!(2), &json!(2), &Value::Null]);
    assert_eq!(shapes[1]["points"], json!([[9.5, 9.5]]), "LabelMe's points are continuous");
    let again = placed(&output);
    let objects = &again.labels.objects;
    assert_eq!(objects.len(), 3);
    assert_eq!(objects[0].keypoints[1].visibility, Visibility::Hidden);
    assert!(matches!(&objects[1].shape, Some(Shape::Polygons(parts)) if parts.len() == 2));
    assert_eq!(objects[2].shape, Some(Shape::Bitmap(Bitmap { size: SIZE, runs: vec![1, 2, 7997] })));
}

#[test]
fn groups_of_two_sources_stay_apart_in_one_image() {
    // As a step that joins pictures leaves them: two objects of one class and group.
    let shapes = json!([{"label": "cat", "points": [[0, 0], [9, 0], [9, 9]], "group_id": 1}]);
    let files = Memory::new(&[("a.jpg", ""), ("a.json", &file("a.jpg", &shapes))]);
    let (dataset, mut labels) = (opened(&files), placed(&files).labels);
    labels.objects.push(labels.objects[0].clone());
    let writer = augment_core::formats::LabelWriter::new(LabelFormat::LabelMe, &dataset);
    let entries = writer.render("images/a.jpg", None, SIZE, &labels).unwrap().entries;
    let again = placed(&Memory::from_entries(&entries).with_image("images/a.jpg"));
    assert_eq!(again.labels.objects.len(), 2);
}

#[test]
fn a_file_is_about_the_image_beside_it_or_the_one_that_it_names() {
    let one = json!([{"label": "cat", "points": [[1, 1], [9, 9]], "shape_type": "rectangle"}]);
    let labeled = |files: &[(&str, &str)]| {
        let dataset = opened(&Memory::new(files));
        dataset.items.iter().filter(|item| item.objects() > 0).map(|item| item.name.clone()).collect::<Vec<_>>()
    };
    let text = |path| file(path, &one);
    assert_eq!(labeled(&[("a.jpg", ""), ("a.json", &text("old_name.jpg"))]), ["a.jpg"], "renamed together");
    assert_eq!(
        labeled(&[("pictures/a.jpg", ""), ("x/1.json", &text("..\\pictures\\a.jpg"))]),
        ["pictures/a.jpg"],
        "by name"
    );
    assert_eq!(
        labeled(&[("a.jpg", ""), ("a.png", ""), ("a.json", &text("a.png"))]),
        ["a.png"],
        "of two the one it names"
    );
    let copied = [("a.jpg", ""), ("b.jpg", ""), ("a.json", &*text("a.jpg")), ("b.json", &*text("a.jpg"))];
    assert_eq!(labeled(&copied), ["a.jpg", "b.jpg"], "copied with its image");
    let twice = [("a.jpg", ""), ("a.json", &*text("a.jpg")), ("A backup/1.json", &*text("../a.jpg"))];
    let dataset = opened(&Memory::new(&twice));
    assert_eq!(dataset.items[0].objects(), 1, "the one beside it alone");
    assert!(
        dataset.warnings[0].starts_with("1 LabelMe file(s) are about images that have one"),
        "{:?}",
        dataset.warnings
    );
}

#[test]
fn a_file_that_holds_its_picture_says_what_to_do() {
    let mut value: Value = serde_json::from_str(&file("a.jpg", &json!([]))).unwrap();
    value["imageData"] = json!("A".repeat(5000));
    let text = value.to_string();
    let problem = &opened(&Memory::new(&[("b.jpg", ""), ("c.json", &text)])).problems[0].error;
    assert!(problem.message().contains("put the pictures beside them"), "{problem}");
    let orphan = &opened(&Memory::new(&[("b.jpg", ""), ("c.json", &file("a.jpg", &json!([])))])).problems[0].error;
    assert_eq!(orphan.message(), "label without image");
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_stays() {
    let good = json!({"label": "cat", "points": [[1, 1], [9, 9]], "shape_type": "rectangle"});
    let shapes = json!([
        good,
        {"label": "cat", "points": [[1, 1], [9, 9]], "shape_type": "polygon"},
        {"label": "cat", "points": [[1, 1], [1e300, 9]], "shape_type": "rectangle"},
        {"label": "cat", "points": "no", "shape_type": "rectangle"},
        {"label": "cat", "points": [], "shape_type": "rectangle"},
        {"label": "cat", "points": [[1, 1]], "shape_type": "circle"},
        {"label": "cat", "points": [[1, 1], [1, 1]], "shape_type": "circle"},
        {"label": "cat", "points": [[1, 1], [5, 5]], "shape_type": "mask", "mask": "!!"},
        {"label": "cat", "points": [[1, 1], [5, 5]], "shape_type": "mask"},
        {"label": "cat", "points": [[1, 1], [5, 5]], "shape_type": "cuboid"},
        {"label": "cat", "points": [[1, 1], [5, 5]], "shape_type": "rotation"},
        {"label": "", "points": [[1, 1], [5, 5]], "shape_type": "rectangle"},
        {"points": [[1, 1], [5, 5]], "shape_type": "rectangle"},
        3,
        null,
    ]);
    let found = read(&shapes);
    assert_eq!((found.read, found.labels.objects.len()), (15, 1), "{:?}", found.dropped);
    let reason = |at: usize| &found.dropped.iter().find(|dropped| dropped.index == at).unwrap().reason;
    assert_eq!(reason(9), "shapes of the kind \"cuboid\" are not read");
    assert_eq!(reason(1), "its outline has 2 points, not three or more");
    for hostile in [r#"{"shapes":3,"imagePath":"a.jpg"}"#, r#"{"shapes":null,"imagePath":7}"#] {
        let dataset = opened(&Memory::new(&[("a.jpg", ""), ("a.json", hostile)]));
        assert!(dataset.items.is_empty() && dataset.problems.len() == 1, "{hostile}: {:?}", dataset.problems);
    }
}
