//! What is found in an input, and what comes back of it.

use crate::support::*;
use augment_core::ErrorKind;
use augment_core::formats::{Frame, LabelChoice, LabelFormat, open};
use augment_core::geometry::{Point, Rect, Size};
use augment_core::labels::{Shape, Visibility};
use augment_core::limits::Limits;

#[test]
fn voc_is_one_based_with_both_ends_inside() {
    let files = voc_files("", &[("a.jpg", Size::new(100, 80), &[("cat", [11, 21, 50, 80])])]);
    let dataset = opened(&files);
    assert_eq!(dataset.format, LabelFormat::Voc);
    let placed = dataset.items[0].place(&Frame::plain(Size::new(100, 80)), None).unwrap();
    assert_eq!(placed.labels.objects[0].bbox, Some(Rect::new(10.0, 20.0, 50.0, 80.0)));
    assert_eq!(placed.warnings, Vec::<String>::new());
}

#[test]
fn voc_comes_back_as_it_went_in() {
    let xml = "<?xml version=\"1.0\"?><annotation verified=\"yes\"><folder>x</folder><filename>a.jpg</filename>\
        <path>/home/someone/a.jpg</path><source><database>Unknown &amp; more</database></source>\
        <size><width>100</width><height>80</height><depth>1</depth></size><segmented>0</segmented>\
        <object><name>cat &lt;3</name><pose>Left</pose><truncated>1</truncated><difficult>1</difficult>\
        <occluded>0</occluded><bndbox><xmin>0</xmin><ymin>10.25</ymin><xmax>50</xmax><ymax>80</ymax></bndbox>\
        <part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></part>\
        </object></annotation>";
    let files = Memory::new(&[("a.jpg", ""), ("a.xml", xml)]);
    let written = round_trip(&files, LabelFormat::Voc, Size::new(100, 80));
    let text = written.text("labels/a_0.xml");
    for part in [
        "<filename>a_0.jpg</filename>",
        "<database>Unknown &amp; more</database>",
        "<depth>1</depth>",
        "<segmented>0</segmented>",
        "<name>cat &lt;3</name>",
        "<pose>Left</pose>",
        "<truncated>1</truncated>",
        "<difficult>1</difficult>",
        "<occluded>0</occluded>",
        // 0 is out by one pixel in VOC, is clipped, and comes back as it was stated.
        "<xmin>0</xmin>",
        "<ymin>10.25</ymin>",
        "<xmax>50</xmax>",
        "<ymax>80</ymax>",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert!(!text.contains("someone") && !text.contains("head"), "paths and stale coordinates are not carried");
}

#[test]
fn elements_of_voc_with_coordinates_are_told_and_left_out() {
    let xml = "<annotation><face><center><x>3</x><y>4</y></center></face><object><name>cat</name><bndbox><xmin>1</xmin>\
        <ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox><part><name>head</name><bndbox><xmin>1.5</xmin></bndbox></part>\
        <pose>Left</pose><robndbox><cx>5</cx></robndbox></object></annotation>";
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("a.xml", xml)]));
    let placed = dataset.items[0].place(&Frame::plain(Size::new(100, 80)), None).unwrap();
    assert_eq!(placed.warnings, ["elements with coordinates of their own are left out: face, part, robndbox"]);
    let kept: Vec<&str> = placed.labels.objects[0].extra.keys().map(String::as_str).collect();
    assert_eq!((kept, placed.labels.extra.len()), (vec!["pose"], 0));
}

#[test]
fn yolo_comes_back_to_the_last_digit() {
    let lines = "0 0.3333333333333333 0.5 0.1 0.123456789\n1 0.5 0.5 1 1\n";
    let yaml = "names:\n  0: 'no'\n  1: dog";
    let files = Memory::new(&[("images/a.jpg", ""), ("labels/a.txt", lines), ("data.yaml", yaml)]);
    let written = round_trip(&files, LabelFormat::Yolo, Size::new(641, 479));
    assert_eq!(written.text("labels/a_0.txt"), lines);
    assert!(written.text("data.yaml").contains("names:\n  0: \"no\"\n  1: dog\n"), "{}", written.text("data.yaml"));
    let polygons = "1 0.1 0.1 0.2 0.1 0.2 0.2\n0 0.5 0.5 0.6 0.5 0.6 0.6 0.5 0.7 0.4 0.6\n";
    let files = Memory::new(&[("images/a.jpg", ""), ("labels/a.txt", polygons), ("data.yaml", yaml)]);
    let written = round_trip(&files, LabelFormat::Yolo, Size::new(641, 479));
    assert_eq!(written.text("labels/a_0.txt"), polygons);
}

#[test]
fn a_file_of_boxes_and_polygons_is_written_as_polygons() {
    // Trainers drop a file that mixes them.
    let lines = "0 0.5 0.5 0.2 0.4\n1 0.1 0.1 0.2 0.1 0.2 0.2\n";
    let files = Memory::new(&[("images/a.jpg", ""), ("labels/a.txt", lines), ("classes.txt", "x\ny\n")]);
    let written = round_trip(&files, LabelFormat::Yolo, Size::new(100, 100));
    let corners = "0 0.4 0.3 0.6 0.3 0.6 0.7 0.4 0.7\n1 0.1 0.1 0.2 0.1 0.2 0.2\n";
    assert_eq!(written.text("labels/a_0.txt"), corners);
    assert!(opened(&files).warnings[0].starts_with("1 label file(s) mix boxes and polygons"), "it is said");
}

#[test]
fn rows_of_predictions_end_with_a_confidence() {
    let lines = "0 0.5 0.5 0.2 0.4 0.87\n";
    let files = Memory::new(&[("images/a.jpg", ""), ("labels/a.txt", lines), ("classes.txt", "x\n")]);
    let written = round_trip(&files, LabelFormat::Yolo, Size::new(100, 100));
    assert_eq!(written.text("labels/a_0.txt"), "0 0.5 0.5 0.2 0.4\n");
    assert_eq!(opened(&files).warnings, ["1 label row(s) have a confidence, which is left out"]);
}

#[test]
fn rows_of_four_corners_are_oriented_boxes_to_the_last_corner() {
    let lines = "0 0.5 0.1 0.9 0.5 0.5 0.9 0.1 0.5\n";
    let files = Memory::new(&[("images/a.jpg", ""), ("labels/a.txt", lines), ("classes.txt", "x\n")]);
    let placed = opened(&files).items[0].place(&Frame::plain(Size::new(100, 100)), None).unwrap();
    assert!(matches!(placed.labels.objects[0].shape, Some(Shape::Oriented(_))), "{:?}", placed.labels.objects);
    assert_eq!(round_trip(&files, LabelFormat::Yolo, Size::new(100, 100)).text("labels/a_0.txt"), lines);
}

#[test]
fn a_class_that_its_list_does_not_name_is_a_failure_by_file_and_line() {
    let lines = "0 0.5 0.5 0.2 0.2\n7 0.5 0.5 0.1 0.1\n";
    let files = Memory::new(&[("images/a.jpg", ""), ("labels/a.txt", lines), ("classes.txt", "cat\n")]);
    let dataset = opened(&files);
    assert!(dataset.items.is_empty(), "the image is left out");
    let problem = dataset.problems[0].error.to_string();
    assert!(problem.starts_with("line 2: class 7 is not among the 1 names of classes.txt"), "{problem}");
}

#[test]
fn poses_come_back_with_their_skeleton() {
    let lines = "0 0.5 0.5 0.4 0.4 0.4 0.4 2 0.6 0.4 1 0 0 0\n";
    let yaml = "names: [person]\nkpt_shape: [3, 3]\nflip_idx: [1, 0, 2]\nkpt_names: {0: [left eye, right eye, nose]}";
    let files = Memory::new(&[("images/a.jpg", ""), ("labels/a.txt", lines), ("data.yaml", yaml)]);
    let dataset = opened(&files);
    assert_eq!(dataset.classes.0[0].mirror, [1, 0, 2]);
    assert_eq!(dataset.classes.0[0].keypoints[2], "nose");
    let placed = dataset.items[0].place(&Frame::plain(Size::new(100, 50)), None).unwrap();
    let keypoints = &placed.labels.objects[0].keypoints;
    assert_eq!(keypoints[1].point, Point::new(60.0, 20.0));
    assert_eq!(keypoints[2].visibility, Visibility::Absent);
    let written = round_trip(&files, LabelFormat::Yolo, Size::new(100, 50));
    assert_eq!(written.text("labels/a_0.txt"), lines);
    let yaml = written.text("data.yaml");
    assert!(yaml.contains("kpt_shape: [3, 3]\nflip_idx: [1, 0, 2]\n"), "{yaml}");
}

#[test]
fn coco_comes_back_number_by_number() {
    let json = r#"{"info":{"year":2020},"licenses":[{"id":4}],
        "images":[{"id":785,"file_name":"a.jpg","width":640,"height":425,"license":4,"coco_url":"http://x/a.jpg"}],
        "annotations":[
        {"id":442619,"image_id":785,"category_id":18,"iscrowd":0,"area":3000.5,"bbox":[473.07,395.93,38.65,28.67],
         "segmentation":[[473.07,395.93,511.72,395.93,511.72,424.6,473.07,424.6],[480,400,490,400,490,410.1]],"score":0.5},
        {"id":9,"image_id":785,"category_id":1,"iscrowd":1,"area":2,"bbox":[1,0,1,2],
         "segmentation":{"size":[425,640],"counts":[425,2,271573]}},
        {"id":10,"image_id":785,"category_id":1,"iscrowd":0,"area":2,"bbox":[1,0,1,2],"num_keypoints":2,
         "keypoints":[367,81,2,0,0,0,10.25,20,1],"segmentation":[]}],
        "categories":[{"id":1,"name":"person","supercategory":"being","keypoints":["nose","left_eye","right_eye"],
         "skeleton":[[1,2],[1,3]]},{"id":18,"name":"dog","supercategory":"animal"}]}"#;
    let files = Memory::new(&[("images/a.jpg", ""), ("annotations/instances.json", json)]);
    let dataset = opened(&files);
    assert_eq!(dataset.classes.0[0].mirror, [0, 2, 1], "left and right twins are found by name");
    let placed = dataset.items[0].place(&Frame::plain(Size::new(640, 425)), None).unwrap();
    assert_eq!(placed.labels.objects[2].keypoints[0].point, Point::new(367.5, 81.5));
    let written = round_trip(&files, LabelFormat::Coco, Size::new(640, 425));
    let mut expected: serde_json::Value = serde_json::from_str(json).unwrap();
    expected["images"][0]["file_name"] = "a_0.jpg".into();
    let found: serde_json::Value = serde_json::from_str(written.text("annotations.json")).unwrap();
    assert_eq!(numbers_as_floats(found), numbers_as_floats(expected));
}

#[test]
fn several_coco_files_of_one_image_complete_each_other() {
    let instances = r#"{"images":[{"id":1,"file_name":"a.jpg"}],"categories":[{"id":1,"name":"person"},{"id":2,"name":"dog"}],
        "annotations":[{"id":7,"image_id":1,"category_id":1,"bbox":[1,1,5,5],"segmentation":[[1,1,6,1,6,6]]},
        {"id":8,"image_id":1,"category_id":2,"bbox":[1,1,5,5]}]}"#;
    let people = r#"{"images":[{"id":1,"file_name":"a.jpg"}],"categories":[{"id":1,"name":"person","keypoints":["nose"]}],
        "annotations":[{"id":7,"image_id":1,"category_id":1,"bbox":[1,1,5,5],"keypoints":[3,3,2]}]}"#;
    let files = Memory::new(&[("a.jpg", ""), ("instances.json", instances), ("people.json", people)]);
    let dataset = opened(&files);
    let placed = dataset.items[0].place(&Frame::plain(Size::new(10, 10)), None).unwrap();
    assert_eq!(placed.labels.objects.len(), 2);
    let person = &placed.labels.objects[0];
    assert!(person.shape.is_some() && person.keypoints.len() == 1, "one object with shape and keypoints");
    assert_eq!(dataset.classes.0[0].keypoints, ["nose"]);
    assert_eq!(
        (dataset.items[0].objects(), &dataset.warnings[..]),
        (2, &[][..]),
        "counted once, and nothing is doubtful"
    );
}

#[test]
fn bad_yolo_lines_are_dropped_with_reasons_and_the_rest_stays() {
    let lines = "0 0.5 0.5 0.2 0.2\n0 nan 0.5 0.2 0.2\n0 0.5 0.5 -0.2 0.2\n0 0.5 0.5\n0 0.9 0.5 0.2012 0.2\n\
        0 inf 0 1 1\n0 320 240 50 50\n-1 0.5 0.5 0.1 0.1\n0 1.5 0.5 0.1 0.1\ncat 0.5 0.5 0.1 0.1\n";
    let files = Memory::new(&[("images/a.jpg", ""), ("labels/a.txt", lines), ("classes.txt", "cat\n")]);
    let dataset = opened(&files);
    let placed = dataset.items[0].place(&Frame::plain(Size::new(640, 480)), None).unwrap();
    assert_eq!(placed.read, 10);
    assert_eq!(placed.labels.objects.len(), 2);
    assert_eq!(placed.labels.objects[1].bbox.unwrap().x1, 640.0, "1.0006 is clipped");
    assert_eq!(placed.warnings, ["1 object(s) reached outside the image, by up to 0.38 px, and were clipped"]);
    let dropped: Vec<usize> = placed.dropped.iter().map(|dropped| dropped.index).collect();
    assert_eq!(dropped, [1, 2, 3, 5, 6, 7, 8, 9], "{:?}", placed.dropped);
}

#[test]
fn files_that_cannot_be_read_are_problems_and_their_images_are_left_out() {
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><annotation>&b;</annotation>";
    let deep = "<annotation>".to_owned() + &"<a>".repeat(100_000);
    let json = "[".repeat(100_000);
    let files = Memory::from_bytes(&[
        ("bomb.jpg", b""),
        ("bomb.xml", bomb.as_bytes()),
        ("deep.jpg", b""),
        ("deep.xml", deep.as_bytes()),
        ("junk.jpg", b""),
        ("junk.txt", b"\xff\x00\x13junk"),
        ("deep.json", json.as_bytes()),
        ("orphan.xml", b"<annotation></annotation>"),
        ("good.jpg", b""),
        ("good.txt", b"0 0.5 0.5 0.1 0.1"),
        ("orphan.txt", b"0 0.5 0.5 0.1 0.1"),
        ("notes.txt", b"buy milk"),
        ("page.xml", b"<html/>"),
        ("bare.png", b""),
        (".DS_Store", b"\x00"),
        ("__MACOSX/._a.jpg", b""),
    ]);
    let dataset = opened(&files);
    let items: Vec<&str> = dataset.items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(items, ["bare.png", "good.jpg"]);
    let problems: Vec<&str> = dataset.problems.iter().map(|problem| problem.file.as_str()).collect();
    let expected = ["bomb.xml", "deep.json", "deep.xml", "junk.txt", "orphan.txt", "orphan.xml"];
    assert_eq!(problems, expected, "{:#?}", dataset.problems);
    let warnings = dataset.warnings.join("\n");
    for name in ["notes.txt", "page.xml", "bare.png"] {
        assert!(warnings.contains(name), "{name} is not in {warnings}");
    }
}

#[test]
fn coco_with_missing_images_and_doubled_ids_yields_what_is_certain() {
    let json = r#"{"images":[{"id":1,"file_name":"a.jpg"},{"id":2,"file_name":"gone.jpg"},{"id":1,"file_name":"b.jpg"},{}],
        "annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,1,5,5]},{"id":1,"image_id":1,"category_id":1,"bbox":[2,2,5,5]},
        {"id":2,"image_id":99,"category_id":1,"bbox":[1,1,5,5]},{"id":3,"image_id":1,"category_id":5,"bbox":[1,1,5,5]},
        {"id":4,"image_id":1,"category_id":1,"bbox":[1,1,5]},{"id":5,"image_id":1,"category_id":1,"bbox":[1,1,-5,5]}, 3],
        "categories":[{"id":1,"name":"x"}]}"#;
    let files = Memory::new(&[("a.jpg", ""), ("b.jpg", ""), ("c.json", json)]);
    let dataset = opened(&files);
    let problems: Vec<String> = dataset.problems.iter().map(|problem| problem.error.to_string()).collect();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("b.jpg") && problems[1].contains("gone.jpg"), "{problems:?}");
    let placed = dataset.items[0].place(&Frame::plain(Size::new(10, 10)), None).unwrap();
    assert_eq!((placed.read, placed.labels.objects.len()), (5, 2), "{:?}", placed.dropped);
    assert_eq!(dataset.items.len(), 1, "b.jpg is not taken as showing nothing");
    assert_eq!(dataset.warnings.len(), 4, "{:#?}", dataset.warnings);
}

#[test]
fn labels_drawn_on_stored_pixels_turn_with_the_image() {
    let files = voc_files("", &[("a.jpg", Size::new(40, 30), &[("x", [1, 1, 10, 5])])]);
    let dataset = opened(&files);
    let (stored, upright) = (Size::new(40, 30), Size::new(30, 40));
    let placed = dataset.items[0].place(&Frame { stored, upright, orientation: 6 }, None).unwrap();
    // A quarter turn clockwise: the stored left top is the displayed right top.
    assert_eq!(placed.labels.objects[0].bbox, Some(Rect::new(25.0, 0.0, 30.0, 10.0)));
    assert_eq!(placed.warnings.len(), 1, "the choice is recorded");
    // The same numbers on an image that was as large when displayed stay.
    let placed = dataset.items[0].place(&Frame { stored: upright, upright: stored, orientation: 6 }, None).unwrap();
    assert_eq!(placed.labels.objects[0].bbox, Some(Rect::new(0.0, 0.0, 10.0, 5.0)));
}

#[test]
fn class_folders_masks_and_formats_are_told_apart() {
    let folders =
        opened(&Memory::new(&[("train/cat/a.jpg", ""), ("train/dog/b.png", ""), ("train/dog/b_mask.png", "")]));
    assert_eq!(folders.format, LabelFormat::None);
    assert_eq!(folders.items[1].class.as_deref(), Some("dog"));
    assert_eq!(folders.items[1].masks[0].name, "train/dog/b_mask.png");
    let only = LabelChoice::Only(LabelFormat::None);
    let alone = open(&Memory::new(&[("b.png", ""), ("b_mask.png", "")]), only, &Limits::default()).unwrap();
    assert_eq!(
        (alone.items.len(), alone.items[0].masks.len()),
        (1, 0),
        "without labels a mask is neither read nor an image"
    );
    let masks = opened(&Memory::new(&[("images/a.jpg", ""), ("masks/a_mask.png", ""), ("masks/b_mask.png", "")]));
    assert_eq!(masks.items[0].masks[0].name, "masks/a_mask.png");
    assert_eq!(masks.problems[0].file, "masks/b_mask.png");
    let plain = opened(&Memory::new(&[("bird_mask.png", "")]));
    assert_eq!(plain.items[0].name, "bird_mask.png", "a lone picture of a mask is a picture");
    let mixed = opened(&Memory::new(&[
        ("a.jpg", ""),
        ("a.txt", "0 0.5 0.5 0.1 0.1"),
        ("b.jpg", ""),
        ("b.txt", "0 0.5 0.5 0.1 0.1"),
        ("b.xml", "<annotation/>"),
        ("c.jpg", ""),
        ("c.xml", "<annotation><object><name>x</name></object></annotation>"),
        ("d.jpg", ""),
        ("d.txt", ""),
    ]));
    assert_eq!(mixed.format, LabelFormat::Yolo);
    assert_eq!(mixed.items[2].format(), LabelFormat::Voc, "an image without YOLO labels keeps those that it has");
    assert_eq!(mixed.warnings.len(), 3, "{:?}", mixed.warnings);
}

#[test]
fn too_many_objects_and_too_large_files_are_refused() {
    let lines = "0 0.5 0.5 0.1 0.1\n".repeat(11);
    let files = Memory::new(&[("a.jpg", ""), ("a.txt", &lines)]);
    let limits = augment_core::limits::Limits { max_objects: 10, ..Default::default() };
    let dataset = augment_core::formats::open(&files, Default::default(), &limits).unwrap();
    assert_eq!(dataset.problems[0].error.kind(), ErrorKind::Limit);
    let limits = augment_core::limits::Limits { max_label_bytes: 10, ..Default::default() };
    let dataset = augment_core::formats::open(&files, Default::default(), &limits).unwrap();
    assert_eq!(dataset.problems[0].error.kind(), ErrorKind::Limit);
}

#[test]
fn bitmaps_become_outlines_in_yolo() {
    let json = r#"{"images":[{"id":1,"file_name":"a.jpg","width":8,"height":4}],"categories":[{"id":1,"name":"x"}],
        "annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[1,0,2,2],"segmentation":{"size":[4,8],"counts":[4,2,2,2,22]}}]}"#;
    let files = Memory::new(&[("a.jpg", ""), ("c.json", json)]);
    let written = round_trip(&files, LabelFormat::Yolo, Size::new(8, 4));
    let again = opened(&written.with_image("images/a_0.jpg"));
    let placed = again.items[0].place(&Frame::plain(Size::new(8, 4)), None).unwrap();
    let shape = placed.labels.objects[0].shape.as_ref().unwrap();
    assert!(matches!(shape, Shape::Oriented(_)) && shape.area() == 4.0, "{shape:?}");
}

#[test]
fn the_dialect_of_labelme_has_polygons() {
    let point = |x: i32, y: i32| format!("<pt><x>{x}</x><y>{y}</y></pt>");
    let ring = point(10, 10) + &point(50, 10) + &point(50, 60);
    let object = |fields: &str| {
        format!("<object><name>car</name>{fields}<polygon><username>x</username>{ring}</polygon></object>")
    };
    let xml = format!(
        "<annotation><filename>a.jpg</filename><imagesize><nrows>80</nrows><ncols>100</ncols></imagesize>{}{}{}{}</annotation>",
        object("<deleted>0</deleted><occluded>yes</occluded>"),
        object("<deleted>1</deleted>"),
        object("<type>bounding_box</type>"),
        "<object><name>car</name><polygon><pt><x>1</x><y>nan</y></pt></polygon></object>",
    );
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("a.xml", &xml)]));
    assert_eq!((dataset.format, dataset.items[0].objects()), (LabelFormat::Voc, 3));
    assert_eq!(dataset.warnings, ["1 object(s) are marked as deleted and are left out"]);
    assert!(
        dataset.holds.shapes && dataset.items[0].own_label_file(LabelFormat::Voc).is_none(),
        "it is written as VOC"
    );
    let placed = dataset.items[0].place(&Frame::plain(Size::new(100, 80)), None).unwrap();
    let [polygon, bounding] = &placed.labels.objects[..] else { panic!("{:?}", placed.labels.objects) };
    assert_eq!(polygon.shape.as_ref().unwrap().polygons()[0].outer[2], Point::new(50.0, 60.0));
    assert_eq!(polygon.extra["occluded"], "yes");
    assert!(bounding.shape.is_none() && bounding.bbox == Some(Rect::new(10.0, 10.0, 50.0, 60.0)), "{bounding:?}");
    assert_eq!(placed.dropped[0].reason, "a point of its polygon is not made of numbers within bounds");
    assert_eq!(placed.warnings, Vec::<String>::new(), "nothing is left out of the others");
}

#[test]
fn xml_is_read_in_the_encoding_that_it_declares() {
    let xml = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><annotation><size><width>100</width><height>80</height></size>\
        <object><name>f\xeate</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>";
    let dataset = opened(&Memory::from_bytes(&[("a.jpg", b""), ("a.xml", xml)]));
    assert_eq!((dataset.problems.len(), dataset.classes.0[0].name.as_str()), (0, "f\u{ea}te"));
}

#[test]
fn an_archive_inside_the_input_is_named_where_no_picture_is() {
    let dataset = opened(&Memory::new(&[("data/inner.zip", ""), ("notes.md", "")]));
    assert_eq!(dataset.problems[0].file, "data/inner.zip");
    assert!(dataset.problems[0].error.message().contains("unpack it"), "{:?}", dataset.problems);
    assert_eq!(dataset.without_images(), "no image of the input can be used");
    assert!(
        opened(&Memory::new(&[("a.jpg", ""), ("old.zip", "")])).problems.is_empty(),
        "beside pictures it is counted"
    );
}
