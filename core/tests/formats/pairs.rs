//! From any format to any other and back: nothing is lost that both can hold.

use augment_core::formats::{Frame, LabelFormat, LabelWriter};
use augment_core::geometry::{Point, Rect, Size};
use augment_core::labels::{Labels, Object, Polygon, Shape};
use proptest::prelude::*;

use crate::support::*;

/// The objects of the only image.
fn placed(files: &Memory, size: Size) -> Labels {
    let dataset = opened(files);
    assert_eq!(dataset.problems, Vec::new(), "nothing fails");
    let placed = dataset.items[0].place(&Frame::plain(size), None).unwrap();
    assert_eq!(placed.dropped, Vec::new(), "nothing is dropped");
    placed.labels
}

/// Through another format and back to the first.
fn there_and_back(files: &Memory, over: LabelFormat, size: Size) -> (Memory, Memory) {
    let from = opened(files).format;
    let there = round_trip(files, over, size);
    let back = round_trip(&there, from, size);
    (there, back)
}

#[test]
fn voc_through_yolo_and_coco_keeps_its_numbers() {
    let size = Size::new(1027, 769);
    let boxes: Vec<(&str, [i32; 4])> = (1..40).map(|i| ("cat", [i * 7, i * 3, i * 11 + 400, i * 5 + 500])).collect();
    let files = voc_files("", &[("a.jpg", size, &boxes)]);
    let straight = round_trip(&files, LabelFormat::Voc, size);
    for over in [LabelFormat::Yolo, LabelFormat::Coco] {
        let (_, back) = there_and_back(&files, over, size);
        let expected = straight.text("labels/a_0.xml").replace("a_0.jpg", "a_0_0.jpg");
        assert!(back.text("labels/a_0_0.xml") == expected, "{over:?}: {}", back.text("labels/a_0_0.xml"));
    }
}

#[test]
fn voc_fields_survive_coco() {
    let xml = "<annotation><source><database>x</database></source><object><name>cat</name><pose>Left</pose>\
        <truncated>1</truncated><difficult>1</difficult><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax>\
        <ymax>5</ymax></bndbox></object></annotation>";
    let files = Memory::new(&[("a.jpg", ""), ("a.xml", xml)]);
    let (_, back) = there_and_back(&files, LabelFormat::Coco, Size::new(10, 10));
    let text = back.text("labels/a_0_0.xml");
    for part in ["<pose>Left</pose>", "<truncated>1</truncated>", "<difficult>1</difficult>", "<database>x</database>"]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[test]
fn coco_polygons_survive_yolo() {
    let json = r#"{"images":[{"id":1,"file_name":"a.jpg","width":640,"height":427}],
        "annotations":[{"id":1,"image_id":1,"category_id":3,"bbox":[10.07,20.11,300,300],"area":1,
        "segmentation":[[10.07,20.11,50.3,20.11,50.3,70.77],[100.5,100.25,200.01,100.25,200.01,150.99,100.5,150.99],
        [300,300,310.07,300,310.07,320.11]]}],"categories":[{"id":3,"name":"x"},{"id":9,"name":"y"}]}"#;
    let files = Memory::new(&[("a.jpg", ""), ("c.json", json)]);
    let size = Size::new(640, 427);
    let (there, back) = there_and_back(&files, LabelFormat::Yolo, size);
    assert_eq!(there.text("labels/a_0.txt").lines().count(), 1, "one object, one line");
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (before, after) = (value(json), value(back.text("annotations.json")));
    let segmentation = |v: &serde_json::Value| numbers_as_floats(v["annotations"][0]["segmentation"].clone());
    assert_eq!(segmentation(&after), segmentation(&before));
    let names = |v: &serde_json::Value| -> Vec<String> {
        v["categories"].as_array().unwrap().iter().map(|c| c["name"].to_string()).collect()
    };
    assert_eq!(names(&after), names(&before));
}

#[test]
fn what_a_format_cannot_hold_is_said() {
    let json = r#"{"images":[{"id":1,"file_name":"a.jpg"}],"categories":[{"id":1,"name":"p","keypoints":["nose"]}],
        "annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,5,5],"keypoints":[1,1,2],
        "segmentation":[[1,1,6,1,6,6]],"iscrowd":1}]}"#;
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("c.json", json)]));
    for (format, count) in
        [(LabelFormat::Coco, 0), (LabelFormat::Voc, 2), (LabelFormat::Yolo, 3), (LabelFormat::None, 1)]
    {
        let writer = LabelWriter::new(format, &dataset);
        assert_eq!(writer.warnings().len(), count, "{format:?}: {:?}", writer.warnings());
    }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 2e-6
}

fn same_box(a: Rect, b: Rect) -> bool {
    near(a.x0, b.x0) && near(a.y0, b.y0) && near(a.x1, b.x1) && near(a.y1, b.y1)
}

fn same_rings(a: &[Point], b: &[Point]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| near(a.x, b.x) && near(a.y, b.y))
}

prop_compose! {
    /// A star-shaped ring without equal neighbors around a point; not of four points, which YOLO reads as a turned box.
    fn ring(size: Size)(
        cx in 0.2..0.8f64, cy in 0.2..0.8f64, start in 0.0..6.0f64,
        radii in prop::collection::vec(0.02..0.19f64, 3..12).prop_filter("four points", |radii| radii.len() != 4),
    ) -> Vec<Point> {
        let n = radii.len() as f64;
        radii.iter().enumerate().map(|(i, r)| {
            let (sin, cos) = augment_core::math::sin_cos_degrees(start + i as f64 * 360.0 / n);
            Point::new((cx + r * cos) * f64::from(size.width), (cy + r * sin) * f64::from(size.height))
        }).collect()
    }
}

prop_compose! {
    fn objects()(width in 16..5000u32, height in 16..5000u32)(
        rings in prop::collection::vec(prop::collection::vec(ring(Size::new(width, height)), 1..5), 1..6),
        size in Just(Size::new(width, height)),
    ) -> (Size, Vec<Object>) {
        let object = |(index, rings): (usize, Vec<Vec<Point>>)| {
            let shape = Shape::Polygons(rings.into_iter().map(Polygon::simple).collect());
            Object { class: 0, index, bbox: shape.bound(), shape: Some(shape), ..Object::default() }
        };
        (size, rings.into_iter().enumerate().map(object).collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again((size, objects) in objects()) {
        // A dataset with one class and shapes, to write for.
        let json = r#"{"images":[{"id":1,"file_name":"a.jpg"}],"categories":[{"id":1,"name":"x"}],
            "annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,1,1],"segmentation":[[0,0,1,0,1,1]]}]}"#;
        let dataset = opened(&Memory::new(&[("a.jpg", ""), ("c.json", json)]));
        let labels = Labels { objects, ..Labels::default() };
        for format in [LabelFormat::Voc, LabelFormat::Yolo, LabelFormat::Coco, LabelFormat::LabelMe] {
            let writer = LabelWriter::new(format, &dataset);
            let output = writer.render("images/a.jpg", None, size, &labels).unwrap();
            let mut entries = output.entries;
            entries.extend(writer.finish(output.fragment.as_slice()).unwrap());
            let again = placed(&Memory::from_entries(&entries).with_image("images/a.jpg"), size);
            prop_assert_eq!(again.objects.len(), labels.objects.len());
            for (a, b) in labels.objects.iter().zip(&again.objects) {
                prop_assert!(same_box(a.bbox.unwrap(), b.bbox.unwrap()), "{:?}: {:?} {:?}", format, a.bbox, b.bbox);
                if format == LabelFormat::Voc {
                    continue;
                }
                let (Some(Shape::Polygons(a)), Some(Shape::Polygons(b))) = (&a.shape, &b.shape) else {
                    return Err(TestCaseError::fail("the shape is lost"));
                };
                let parts = a.iter().flat_map(|part| std::iter::once(&part.outer).chain(&part.holes));
                let found: Vec<_> = b.iter().flat_map(|part| std::iter::once(&part.outer).chain(&part.holes)).collect();
                prop_assert_eq!(a.len(), found.len(), "{:?}", format);
                for (a, b) in parts.zip(found) {
                    prop_assert!(same_rings(a, b), "{:?}: {:?} {:?}", format, a, b);
                }
            }
        }
    }

    #[test]
    fn no_text_breaks_a_reader(text in "(?s).{0,200}", lines in "([0-9 .eE+\\-naif\n]{0,200})") {
        for (name, content) in [("a.xml", &text), ("a.txt", &text), ("a.txt", &lines), ("a.json", &text), ("data.yaml", &text)] {
            let dataset = opened(&Memory::new(&[("a.jpg", ""), (name, content)]));
            for item in &dataset.items {
                let _ = item.place(&Frame::plain(Size::new(10, 10)), None);
            }
        }
    }
}
