//! COCO as its many writers write it: ids of all sorts, captions, panoptic segments, turned boxes, lists of detections.

use crate::support::*;
use augment_core::formats::{Dataset, Frame, LabelFormat, LabelWriter, Placed};
use augment_core::geometry::{Point, Rect, Size};
use augment_core::labels::Shape;
use serde_json::{Value, json};

const SIZE: Size = Size::new(100, 80);

fn dataset(coco: &Value) -> Dataset {
    opened(&Memory::new(&[("a.jpg", ""), ("c.json", &coco.to_string())]))
}

fn placed(set: &Dataset) -> Placed {
    set.items[0].place(&Frame::plain(SIZE), None).unwrap()
}

#[test]
fn ids_are_compared_by_what_they_say() {
    for [image, of_image, category, of_category] in [
        [json!("1"), json!("1"), json!(1), json!("1")],
        [json!(1), json!(1), json!("1"), json!("1")],
        [json!(1), json!(1.0), json!(1), json!(1.0)],
        [json!("img-1"), json!("img-1"), json!("c"), json!("c")],
        [json!(1), json!("1"), json!("01"), json!(1)],
    ] {
        let coco = json!({"images": [{"id": image, "file_name": "a.jpg"}], "categories": [{"id": category, "name": "red"}],
            "annotations": [{"id": 1, "image_id": of_image, "category_id": of_category, "bbox": [20, 10, 30, 40]}]});
        let set = dataset(&coco);
        let found = placed(&set);
        assert_eq!(found.labels.objects[0].bbox, Some(Rect::new(20.0, 10.0, 50.0, 50.0)), "{coco}");
        assert_eq!(set.classes.0[found.labels.objects[0].class].name, "red");
    }
    let coco = json!({"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [{"id": "c", "name": "red"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": "C", "bbox": [20, 10, 30, 40]}]});
    let why = dataset(&coco).items[0].place(&Frame::plain(SIZE), None).unwrap_err();
    assert!(why.message().contains("category \"C\" is not listed"), "{why}");
}

#[test]
fn a_category_without_a_name_is_called_by_its_id() {
    let coco = json!({"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [{"id": 7, "name": ""}, {"id": 8}, {"id": 9, "name": 5}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [20, 10, 30, 40]}]});
    let names: Vec<String> = dataset(&coco).classes.0.iter().map(|class| class.name.clone()).collect();
    assert_eq!(names, ["7", "8", "5"]);
}

#[test]
fn captions_are_carried_along_and_are_no_objects() {
    let captions = json!({"images": [{"id": 785, "file_name": "a.jpg"}], "annotations": [
        {"id": 1, "image_id": 785, "caption": "A cat."}, {"id": 2, "image_id": 785, "caption": "Again a cat."}]});
    let instances = json!({"images": [{"id": 785, "file_name": "a.jpg"}], "categories": [{"id": 1, "name": "cat"}],
        "annotations": [{"id": 1, "image_id": 785, "category_id": 1, "bbox": [20, 10, 30, 40]}]});
    for with in [json!({"images": [], "annotations": []}), instances] {
        let files = [("a.jpg", ""), ("captions.json", &*captions.to_string()), ("instances.json", &*with.to_string())];
        let files = Memory::new(&files);
        let found = placed(&opened(&files));
        assert_eq!(found.labels.extra["captions"], json!(["A cat.", "Again a cat."]));
        assert!(found.dropped.is_empty(), "{:?}", found.dropped);
        assert_eq!(found.read, with["annotations"].as_array().unwrap().len());
        let written = round_trip(&files, LabelFormat::Coco, SIZE);
        let written: Value = serde_json::from_str(written.text("annotations.json")).unwrap();
        assert_eq!(written["images"][0]["captions"], json!(["A cat.", "Again a cat."]));
    }
}

#[test]
fn panoptic_segments_are_carried_along_without_their_boxes() {
    let coco = json!({"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [{"id": 1, "name": "cat", "isthing": 1}],
        "annotations": [{"image_id": 1, "file_name": "a.png", "segments_info":
            [{"id": 300, "category_id": 1, "area": 20, "bbox": [1, 2, 3, 4], "iscrowd": 0}]}]});
    let set = dataset(&coco);
    let found = placed(&set);
    assert_eq!(found.labels.extra["segments_info"], json!([{"id": 300, "category_id": 1, "iscrowd": 0}]));
    assert!(found.labels.objects.is_empty() && found.dropped.is_empty());
    assert!(set.warnings[0].starts_with("c.json: 1 image(s) have panoptic segments"), "{:?}", set.warnings);
}

#[test]
fn files_that_agree_about_an_image_are_no_cause_for_a_word() {
    let file = |annotations: Value| {
        json!({"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": annotations,
            "categories": [{"id": 1, "name": "person", "keypoints": ["nose"]}]})
        .to_string()
    };
    let person = |id: u32, x: u32| json!({"id": id, "image_id": 1, "category_id": 1, "bbox": [x, 1, 5, 5]});
    let pose = json!({"id": 7, "image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5], "keypoints": [3, 3, 2]});
    let instances = file(json!([person(7, 1), person(8, 9)]));
    let captions = file(json!([{"id": 9, "image_id": 1, "caption": "A person."}]));
    let open = |poses: Value| {
        let poses = file(poses);
        let files =
            [("a.jpg", ""), ("captions.json", &captions), ("instances.json", &instances), ("poses.json", &poses)];
        opened(&Memory::new(&files))
    };
    let agree = open(json!([pose]));
    assert_eq!(agree.warnings, Vec::<String>::new(), "instances, their keypoints and captions are one set");
    assert_eq!((agree.items[0].objects(), placed(&agree).labels.objects.len()), (2, 2), "each object counts once");
    let differ = open(json!([pose, person(9, 20)]));
    assert!(differ.warnings[0].starts_with("1 image(s) have annotations in several files"), "{:?}", differ.warnings);
    assert_eq!((differ.items[0].objects(), placed(&differ).labels.objects.len()), (3, 3));
}

#[test]
fn objects_of_keypoints_alone_are_counted_where_a_format_needs_boxes() {
    let pose = |id: u32| json!({"id": id, "image_id": 1, "category_id": 1, "keypoints": [3, 3, 2]});
    let whole = json!({"id": 3, "image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5], "keypoints": [3, 3, 2]});
    let set = dataset(&json!({"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [pose(1), pose(2), whole],
        "categories": [{"id": 1, "name": "person", "keypoints": ["nose"]}]}));
    assert_eq!(set.holds.points, 2);
    for (format, lost) in [
        (LabelFormat::Yolo, true),
        (LabelFormat::Voc, true),
        (LabelFormat::Csv, true),
        (LabelFormat::Hf, true),
        (LabelFormat::LabelMe, false),
        (LabelFormat::Coco, false),
    ] {
        let told = LabelWriter::new(format, &set).warnings().join("\n");
        let words = format!("{} holds no objects without a box: 2 of keypoints alone are left out", format.title());
        assert_eq!(told.contains(&words), lost, "{format:?}: {told}");
    }
    let files = written(&set, LabelFormat::Yolo, |_| SIZE);
    assert_eq!(files.text("labels/a_0.txt").lines().count(), 1, "what is said is what is done");
}

#[test]
fn the_project_that_roboflow_lists_first_is_no_class() {
    let coco = |annotations: Value| {
        json!({"images": [{"id": 0, "file_name": "a.jpg"}], "annotations": annotations, "categories": [
            {"id": 0, "name": "animals", "supercategory": "none"},
            {"id": 1, "name": "cat", "supercategory": "animals"},
            {"id": 2, "name": "dog", "supercategory": "animals"}]})
    };
    let names = |coco: &Value| dataset(coco).classes.0.iter().map(|class| class.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&coco(json!([{"id": 1, "image_id": 0, "category_id": 2, "bbox": [1, 1, 5, 5]}]))), ["cat", "dog"]);
    let used = coco(json!([{"id": 1, "image_id": 0, "category_id": 0, "bbox": [1, 1, 5, 5]}]));
    assert_eq!(names(&used), ["animals", "cat", "dog"], "a class with objects is one");
    let mut other = coco(json!([]));
    other["categories"][2]["supercategory"] = json!("pets");
    assert_eq!(names(&other), ["animals", "cat", "dog"], "not the parent of all");
}

#[test]
fn a_turned_box_of_cvat_is_an_oriented_one() {
    let coco = |rotation: Value, segmentation: Value| {
        json!({"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [{"id": 1, "name": "cat"}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [40, 30, 20, 10], "segmentation": segmentation,
                "attributes": {"occluded": false, "rotation": rotation}}]})
    };
    for segmentation in [json!([]), json!([[40, 30, 60, 30, 60, 40, 40, 40]])] {
        let set = dataset(&coco(json!(90.0), segmentation));
        assert!(set.holds.oriented, "it is known before the image is");
        let found = placed(&set);
        let object = &found.labels.objects[0];
        let Some(Shape::Oriented(corners)) = &object.shape else { panic!("{object:?}") };
        for (corner, (x, y)) in corners.iter().zip([(55.0, 25.0), (55.0, 45.0), (45.0, 45.0), (45.0, 25.0)]) {
            let Point { x: cx, y: cy } = *corner;
            assert!((cx - x).abs() < 1e-9 && (cy - y).abs() < 1e-9, "{corners:?}");
        }
        assert_eq!(object.extra["attributes"], json!({"occluded": false}), "the angle would not follow the pixels");
    }
    let upright = placed(&dataset(&coco(json!(0.0), json!([]))));
    assert_eq!(
        (upright.labels.objects[0].bbox, &upright.labels.objects[0].shape),
        (Some(Rect::new(40.0, 30.0, 60.0, 40.0)), &None)
    );
    let drawn = placed(&dataset(&coco(json!(45.0), json!([[40, 30, 60, 30, 50, 40]]))));
    assert!(matches!(drawn.labels.objects[0].shape, Some(Shape::Polygons(_))), "an outline of its own stays");
    assert!(placed(&dataset(&coco(json!("x"), json!([])))).labels.objects[0].bbox.is_some(), "no angle");
}

#[test]
fn a_list_of_detections_is_no_dataset() {
    let detections = json!([{"image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5], "score": 0.5}]);
    let alone = dataset(&detections);
    assert!(alone.problems[0].error.message().starts_with("it is a list of detections"), "{:?}", alone.problems);
    let coco = json!({"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [], "annotations": []});
    let files = Memory::new(&[("a.jpg", ""), ("c.json", &coco.to_string()), ("results.json", &detections.to_string())]);
    let beside = opened(&files);
    assert!(beside.problems.is_empty(), "{:?}", beside.problems);
    assert_eq!(beside.warnings, ["1 list(s) of detections are no labels and are left out: results.json"]);
}

#[test]
fn lvis_names_its_images_by_their_addresses() {
    let coco = json!({"images": [
            {"id": 1, "coco_url": "http://images.cocodataset.org/train2017/a.jpg"},
            {"id": 2, "coco_url": "http://images.cocodataset.org/val2017/a.jpg"}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [20, 10, 30, 40]},
            {"id": 2, "image_id": 2, "category_id": 1, "bbox": [1, 2, 3, 4]}]});
    let files = [("train2017/a.jpg", ""), ("val2017/a.jpg", ""), ("lvis_v1_val.json", &*coco.to_string())];
    let set = opened(&Memory::new(&files));
    let first = |at: usize| set.items[at].place(&Frame::plain(SIZE), None).unwrap().labels.objects[0].bbox.unwrap();
    assert_eq!((first(0).x0, first(1).x0, set.problems.len()), (20.0, 1.0, 0), "{:?}", set.problems);
}

/// One file of some boxes of one image.
fn boxes(first_id: usize, boxes: &[[f64; 4]]) -> String {
    let annotations: Vec<Value> = (first_id..)
        .zip(boxes)
        .map(|(id, bbox)| json!({"id": id, "image_id": 1, "category_id": 1, "bbox": bbox, "segmentation": []}))
        .collect();
    json!({"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [{"id": 1, "name": "cat"}], "annotations": annotations})
        .to_string()
}

#[test]
fn an_object_of_several_files_counts_once_under_any_id() {
    let [one, two] = [[20.0, 10.0, 30.0, 40.0], [5.0, 6.0, 7.0, 8.0]];
    let read = |all: &str, part: &str| {
        let set = opened(&Memory::new(&[("a.jpg", ""), ("all.json", all), ("train.json", part)]));
        let found = placed(&set);
        assert_eq!(set.items[0].objects(), found.labels.objects.len(), "what is counted is what is read");
        (found.labels.objects.len(), set.warnings)
    };
    let (count, warnings) = read(&boxes(1, &[one, two]), &boxes(71, &[two]).replace("5.0", "5"));
    assert_eq!(count, 2);
    assert!(warnings[0].starts_with("1 annotation(s) are in several files under different ids"), "{warnings:?}");
    let (count, _) = read(&boxes(1, &[one, one]), &boxes(71, &[one, one]));
    assert_eq!(count, 2, "what one file has twice is there twice");
    let (count, warnings) = read(&boxes(1, &[one]), &boxes(71, &[two]));
    assert_eq!(
        (count, warnings),
        (2, vec!["1 image(s) have annotations in several files, which are merged".to_owned()])
    );
}

#[test]
fn a_list_of_test_images_without_annotations_is_no_failure() {
    let list = json!({"info": {}, "images": [{"id": 9, "file_name": "b.jpg"}, {"id": 10, "file_name": "gone.jpg"}], "categories": []});
    let files = |list: &str| {
        let train = boxes(1, &[[1.0, 1.0, 5.0, 5.0]]);
        let files = [
            ("train/a.jpg", ""),
            ("test/b.jpg", ""),
            ("instances_train.json", &*train),
            ("image_info_test.json", list),
        ];
        opened(&Memory::new(&files))
    };
    let set = files(&list.to_string());
    assert!(set.problems.is_empty(), "{:?}", set.problems);
    assert_eq!(set.warnings, ["1 image(s) that image_info_test.json lists are not in the input: gone.jpg"]);
    assert_eq!((set.items[0].name.as_str(), set.items[0].objects()), ("test/b.jpg", 0));
    let alone = opened(&Memory::new(&[("b.jpg", ""), ("image_info_test.json", &list.to_string())]));
    assert_eq!((alone.format, alone.items.len(), alone.problems.len()), (LabelFormat::None, 1, 0));
}

#[test]
fn an_image_of_another_ending_is_taken_where_one_is_meant() {
    let coco = json!({"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}, {"id": 3, "file_name": "b.png"}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [20, 10, 30, 40]},
            {"id": 2, "image_id": 2, "category_id": 1, "bbox": [1, 2, 3, 4]}]});
    let set = opened(&Memory::new(&[("a.png", ""), ("b.png", ""), ("c.json", &coco.to_string())]));
    assert_eq!((set.items[0].objects(), set.items[1].objects()), (1, 0));
    assert!(
        set.problems[0].is_absent_image() && set.problems[0].error.message().ends_with("b.jpg"),
        "{:?}",
        set.problems
    );
    assert_eq!(
        set.warnings,
        ["1 image(s) have another ending than the files that label them say; each is the only one of its stem and is \
          taken: a.png"]
    );
}

#[test]
fn names_whose_letters_a_system_took_apart_are_the_same_names() {
    let coco = boxes(1, &[[1.0, 1.0, 5.0, 5.0]]).replace("a.jpg", "ñ ä.jpg");
    let set = opened(&Memory::new(&[("n\u{303} a\u{308}.jpg", ""), ("c.json", &coco)]));
    assert_eq!((set.items[0].objects(), set.items[0].name.as_str()), (1, "n\u{303} a\u{308}.jpg"));
}

#[test]
fn what_reaches_outside_is_cut_in_every_number() {
    let coco = json!({"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [-10, -10, 30, 30], "area": 900, "face_box": [1, 2, 3, 4]},
        {"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 7}
    ], "categories": [{"id": 1, "name": "cat"}]});
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("c.json", &coco.to_string())]));
    let back = written(&dataset, LabelFormat::Coco, |_| Size::new(100, 80));
    let back: Value = serde_json::from_str(back.text("annotations.json")).unwrap();
    let of = |at: usize, key: &str| numbers_as_floats(back["annotations"][at][key].clone());
    assert_eq!((of(0, "bbox"), of(0, "area")), (json!([0.0, 0.0, 20.0, 20.0]), json!(400.0)));
    assert_eq!((of(1, "bbox"), of(1, "area")), (json!([1.0, 2.0, 3.0, 4.0]), json!(7.0)), "as it was stated");
    assert_eq!(of(0, "face_box"), Value::Null, "it would not follow the pixels");
}
