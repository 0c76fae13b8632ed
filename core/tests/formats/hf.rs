//! Hugging Face's metadata beside images.

use crate::support::*;
use augment_core::formats::{Dataset, Frame, LabelFormat, LabelWriter, Problem, Split};
use augment_core::geometry::{Rect, Size};
use serde_json::{Value, json};

const SIZE: Size = Size::new(100, 80);

fn names(dataset: &Dataset) -> Vec<&str> {
    dataset.classes.0.iter().map(|class| class.name.as_str()).collect()
}

#[test]
fn boxes_come_back_as_they_went_in() {
    let line = r#"{"file_name":"a.jpg","width":100,"height":80,"text":"two cats","objects":{"id":[7,8],"bbox":[[1.5,2,30,40],[5,5,9,9]],"categories":["cat","dog"]}}"#;
    let empty = r#"{"file_name":"b.jpg","objects":{"bbox":[],"categories":[]}}"#;
    let files = Memory::new(&[
        ("train/a.jpg", ""),
        ("train/b.jpg", ""),
        ("train/metadata.jsonl", &format!("{line}\n{empty}\n")),
        ("test/a.jpg", ""),
        ("test/metadata.jsonl", r#"{"file_name":"a.jpg","objects":[{"bbox":[1,1,2,2],"category":"dog"}]}"#),
    ]);
    let dataset = opened(&files);
    assert_eq!((dataset.format, dataset.problems.len(), &dataset.warnings[..]), (LabelFormat::Hf, 0, &[][..]));
    let counts: Vec<_> = dataset.items.iter().map(|item| (item.split.clone().unwrap(), item.objects())).collect();
    assert_eq!(counts, [(Split::Test, 1), (Split::Train, 2), (Split::Train, 0)]);
    let placed = dataset.items[1].place(&Frame::plain(SIZE), None).unwrap();
    assert_eq!(placed.labels.objects[0].bbox, Some(Rect::new(1.5, 2.0, 31.5, 42.0)));
    assert_eq!((names(&dataset), &placed.labels.extra["text"]), (vec!["cat", "dog"], &json!("two cats")));
    let written = written(&dataset, LabelFormat::Hf, |_| SIZE);
    let text = written.text("images/train/metadata.jsonl");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut expected: Value = serde_json::from_str(line).unwrap();
    expected["file_name"] = "a_0.jpg".into();
    assert_eq!(numbers_as_floats(lines[0].clone()), numbers_as_floats(expected));
    assert_eq!(lines[1]["objects"], json!({"bbox": [], "categories": []}));
}

#[test]
fn categories_without_names_go_by_their_numbers() {
    let lines = "{\"file_name\":\"a.jpg\",\"objects\":{\"bbox\":[[1,1,5,5],[1,1,5,5]],\"category\":[10,9]}}\n";
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("metadata.jsonl", lines)]));
    assert_eq!(names(&dataset), ["9", "10"]);
    assert_eq!(dataset.warnings, ["no list names 2 of the categories; they go by their numbers"]);
}

#[test]
fn labels_alone_are_classes_of_images() {
    let csv = "file_name,label\na.jpg,cat\nb.jpg,\"dog, big\"\n";
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("b.jpg", ""), ("metadata.csv", csv)]));
    let classes: Vec<_> = dataset.items.iter().map(|item| item.class.as_deref().unwrap()).collect();
    assert_eq!((classes, dataset.format), (vec!["cat", "dog, big"], LabelFormat::None));
    let lines = "{\"file_name\":\"a.jpg\",\"labels\":[\"x\",\"y\"]}\n{\"file_name\":\"b.jpg\",\"labels\":[\"x\"]}\n";
    let several = opened(&Memory::new(&[("a.jpg", ""), ("b.jpg", ""), ("metadata.jsonl", lines)]));
    let placed = several.items[0].place(&Frame::plain(SIZE), None).unwrap();
    assert_eq!((placed.labels.extra["classes"].clone(), several.format), (json!(["x", "y"]), LabelFormat::Hf));
}

#[test]
fn captions_are_carried() {
    let csv = "file_name,text\na.jpg,\"A cat, asleep\"\n";
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("metadata.csv", csv)]));
    let written = written(&dataset, LabelFormat::Hf, |_| SIZE);
    let line: Value = serde_json::from_str(written.text("images/metadata.jsonl")).unwrap();
    assert_eq!(line, json!({"file_name": "a_0.jpg", "width": 100, "height": 80, "text": "A cat, asleep"}));
}

#[test]
fn class_folders_become_labels() {
    let dataset = opened(&Memory::new(&[("cat/a.jpg", ""), ("dog/b.jpg", "")]));
    let written = written(&dataset, LabelFormat::Hf, |_| SIZE);
    let line: Value = serde_json::from_str(written.text("images/metadata.jsonl").lines().next().unwrap()).unwrap();
    assert_eq!(line, json!({"file_name": "a_0.jpg", "width": 100, "height": 80, "label": "cat"}));
}

#[test]
fn what_cannot_be_used_is_said() {
    let lines = "{\"file_name\":\"a.jpg\",\"objects\":{\"bbox\":[[1,1,5,5],[1,1,5],[1,1,0,5],[1,1,1e99,5],\"x\",[1,1,5,5]],\
        \"categories\":[\"x\",\"x\",\"x\",\"x\",\"x\",null]}}\n{\"file_name\":7}\nnonsense\n{\"file_name\":\"z.jpg\"}\n";
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("metadata.jsonl", lines)]));
    let broken = |problem: &Problem| problem.error.message().starts_with("line 3: this JSON cannot be read");
    assert!(dataset.problems.iter().any(broken), "{:?}", dataset.problems);
    let lines = lines.replace("nonsense", "{}");
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("metadata.jsonl", &lines)]));
    assert!(dataset.problems[0].is_absent_image(), "{:?}", dataset.problems);
    assert_eq!(dataset.warnings, ["2 line(s) of metadata name no file and are left out"]);
    let placed = dataset.items[0].place(&Frame::plain(SIZE), None).unwrap();
    let reasons: Vec<&str> = placed.dropped.iter().map(|dropped| dropped.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "its bbox has not four numbers",
            "its bbox is empty",
            "its bbox is not made of numbers within bounds",
            "its bbox is no list",
            "it has no category"
        ]
    );
    assert_eq!(placed.labels.objects.len(), 1);
}

#[test]
fn a_parquet_table_says_what_can_be_done() {
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("metadata.parquet", "PAR1")]));
    let error = dataset.problems[0].error.to_string();
    assert!(error.contains("a Parquet table, which is not read (save it as metadata.jsonl"), "{error}");
}

/// A picture of 100 by 80, as far as its head says.
fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIZE.width, SIZE.height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&[0; 8000]).unwrap();
    bytes
}

#[test]
fn boxes_that_fit_only_as_corners_are_corners() {
    let read = |boxes: &str| {
        let line =
            format!("{{\"file_name\":\"a.png\",\"objects\":{{\"bbox\":{boxes},\"categories\":[\"x\",\"x\"]}}}}\n");
        let dataset = opened(&Memory::from_bytes(&[("a.png", &picture()), ("metadata.jsonl", line.as_bytes())]));
        let placed = dataset.items[0].place(&Frame::plain(SIZE), None).unwrap();
        (placed.labels.objects[0].bbox.unwrap(), dataset)
    };
    let (corners, dataset) = read("[[60,50,90,70],[1,2,10,20]]");
    assert_eq!(corners, Rect::new(60.0, 50.0, 90.0, 70.0));
    assert!(
        dataset.warnings[0].starts_with("2 box(es) are taken as left, top, right, bottom"),
        "{:?}",
        dataset.warnings
    );
    let back = written(&dataset, LabelFormat::Hf, |_| SIZE);
    let line: Value = serde_json::from_str(back.text("images/metadata.jsonl")).unwrap();
    assert_eq!(numbers_as_floats(line["objects"]["bbox"][0].clone()), json!([60.0, 50.0, 30.0, 20.0]));
    for boxes in ["[[10,10,30,30],[1,2,10,20]]", "[[60,50,90,70],[30,2,10,20]]", "[[60,50,120,70],[1,2,10,20]]"] {
        let (_, dataset) = read(boxes);
        assert_eq!(dataset.warnings, Vec::<String>::new(), "{boxes}: they fit as sizes, or some do not fit as corners");
    }
}

#[test]
fn boxes_beside_their_classes_are_objects() {
    let line = r#"{"file_name":"a.jpg","bbox":[[10,20,30,40],[1,2,3,4]],"labels":["cat","dog"],"faces":{"bbox":[[1,2,3,4]],"blur":[0]}}"#;
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("metadata.jsonl", line)]));
    let placed = dataset.items[0].place(&Frame::plain(SIZE), None).unwrap();
    assert_eq!(placed.labels.objects[0].bbox, Some(Rect::new(10.0, 20.0, 40.0, 60.0)));
    assert_eq!(placed.labels.extra["faces"], json!({"blur": [0]}), "what would not follow the pixels is left out");
    assert_eq!(placed.warnings, ["fields with coordinates of their own are left out: bbox"]);
}

#[test]
fn columns_join_the_objects_of_all_lines_or_of_none() {
    let lines = [
        r#"{"file_name":"a.jpg","bbox":[[10,20,30,40],[1,2,3,4]],"labels":["cat","dog"],"tags":["red","big"],"ids":[7,8]}"#,
        r#"{"file_name":"b.jpg","bbox":[[10,20,30,40]],"labels":["cat"],"tags":["red","big"],"ids":[9]}"#,
        r#"{"file_name":"c.jpg","bbox":[],"labels":[],"tags":["red"],"ids":null}"#,
    ];
    let images = [("a.jpg", ""), ("b.jpg", ""), ("c.jpg", "")];
    let open = |text: &str| opened(&Memory::new(&[&images[..], &[("metadata.jsonl", text)]].concat()));
    let dataset = open(&lines.join("\n"));
    let placed: Vec<_> =
        dataset.items.iter().map(|item| item.place(&Frame::plain(SIZE), None).unwrap().labels).collect();
    let counts: Vec<usize> = placed.iter().map(|labels| labels.objects.len()).collect();
    assert_eq!((counts, dataset.problems.len()), (vec![2, 1, 0], 0), "{:?}", dataset.problems);
    assert!(placed.iter().all(|labels| labels.extra.contains_key("tags")), "{placed:?}");
    let ids = |image: usize| placed[image].objects.iter().map(|object| object.extra["ids"].clone()).collect::<Vec<_>>();
    assert_eq!((ids(0), ids(1)), (vec![json!(7), json!(8)], vec![json!(9)]));

    let short = r#"{"file_name":"b.jpg","bbox":[[10,20,30,40],[1,2,3,4]],"labels":["cat"]}"#;
    let dataset = open(&[lines[0], short, lines[2]].join("\n"));
    let said = dataset.problems[0].error.message();
    assert!(said.starts_with("line 2: its labels is no list of as many as it has boxes, 2"), "{said}");
    assert_eq!(dataset.items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(), ["a.jpg", "c.jpg"]);
}

#[test]
fn areas_follow_their_boxes_or_are_left_out_with_a_count() {
    let line = r#"{"file_name":"a.jpg","objects":{"bbox":[[10,20,30,40],[70,0,20,10],[1,2,10,10]],"categories":["cat","cat","cat"],"area":[1200,200,31]}}"#;
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("metadata.jsonl", line)]));
    let said = "1 object(s) have an area that is not that of their box; it would not follow the pixels and is left out";
    assert!(dataset.warnings.iter().any(|warning| warning == said), "{:?}", dataset.warnings);
    let mut placed = dataset.items[0].place(&Frame::plain(SIZE), None).unwrap();
    assert!(placed.labels.objects.iter().all(|object| !object.extra.contains_key("area")));
    placed.labels.objects[0].bbox = Some(Rect::new(10.0, 20.0, 20.0, 30.0));
    let writer = LabelWriter::new(LabelFormat::Hf, &dataset);
    let output = writer.render("images/a_0.jpg", None, SIZE, &placed.labels).unwrap();
    let files = writer.finish(&[output.fragment.unwrap()]).unwrap();
    let line: Value = serde_json::from_str(Memory::from_entries(&files).text("images/metadata.jsonl")).unwrap();
    let areas = numbers_as_floats(line["objects"]["area"].clone());
    assert_eq!(areas, json!([100.0, 200.0, 100.0]), "moved, as stated, and of its box");
}
