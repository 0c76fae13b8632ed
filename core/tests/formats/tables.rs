//! Tables: CSV of boxes and of classes.

use crate::support::*;
use augment_core::files::InMemory;
use augment_core::formats::{Dataset, Frame, LabelFormat, Placed, Split};
use augment_core::geometry::{Point, Rect, Size};
use augment_core::labels::{Bitmap, Shape};

const SIZE: Size = Size::new(100, 80);

fn placed(dataset: &Dataset, at: usize) -> Placed {
    dataset.items[at].place(&Frame::plain(SIZE), None).unwrap()
}

/// Classes by name and boxes of an image.
fn boxes(dataset: &Dataset, at: usize) -> Vec<(String, [f64; 4])> {
    let labels = placed(dataset, at).labels;
    let rect = |rect: Rect| [rect.x0, rect.y0, rect.x1, rect.y1];
    labels.objects.iter().map(|o| (dataset.classes.0[o.class].name.clone(), rect(o.bbox.unwrap()))).collect()
}

fn of(name: &str, bbox: [f64; 4]) -> (String, [f64; 4]) {
    (name.to_owned(), bbox)
}

#[test]
fn tensorflows_tables_come_back_as_they_went_in() {
    let header = "filename,width,height,class,xmin,ymin,xmax,ymax\n";
    let train = format!(
        "{header}a.jpg,100,80,\"cat, big\",1,2,30.25,40\nb.jpg,100,80,dog,5,5,9,9\na.jpg,100,80,dog,7,8,100,80\n"
    );
    let files = Memory::new(&[
        ("train/a.jpg", ""),
        ("train/b.jpg", ""),
        ("train/_annotations.csv", &train),
        ("valid/a.jpg", ""),
        ("valid/c.jpg", ""),
        ("valid/_annotations.csv", &format!("{header}a.jpg,100,80,dog,1,1,2,2\n")),
    ]);
    let dataset = opened(&files);
    assert_eq!((dataset.format, dataset.problems.len()), (LabelFormat::Csv, 0));
    assert_eq!(boxes(&dataset, 0), [of("cat, big", [1.0, 2.0, 30.25, 40.0]), of("dog", [7.0, 8.0, 100.0, 80.0])]);
    assert_eq!(boxes(&dataset, 2), [of("dog", [1.0, 1.0, 2.0, 2.0])]);
    assert_eq!(dataset.items[2].split, Some(Split::Val));
    assert_eq!(dataset.warnings, ["1 image(s) have no labels and are taken as showing no object: valid/c.jpg"]);
    let again = opened(&written(&dataset, LabelFormat::Csv, |_| SIZE));
    assert_eq!(boxes(&again, 0), boxes(&dataset, 0));
}

#[test]
fn the_table_of_each_split_lies_in_annotations() {
    let files = Memory::new(&[
        ("images/train/a.jpg", ""),
        ("images/val/a.jpg", ""),
        ("labels/train/a.txt", "0 0.5 0.5 0.2 0.25\n"),
        ("labels/val/a.txt", "0 0.5 0.5 1 1\n"),
        ("classes.txt", "cat\n"),
    ]);
    let written = written(&opened(&files), LabelFormat::Csv, |_| SIZE);
    let header = "filename,width,height,class,xmin,ymin,xmax,ymax\n";
    assert_eq!(written.text("annotations/train.csv"), format!("{header}a_0.jpg,100,80,cat,40,30,60,50\n"));
    assert_eq!(written.text("annotations/val.csv"), format!("{header}a_0.jpg,100,80,cat,0,0,100,80\n"));
    let again = opened(&written);
    assert_eq!(
        again.items.iter().map(|item| item.split.clone()).collect::<Vec<_>>(),
        [Some(Split::Train), Some(Split::Val)]
    );
    assert_eq!(boxes(&again, 1), [of("cat", [0.0, 0.0, 100.0, 80.0])]);
}

#[test]
fn open_images_are_fractions_with_names_of_their_own() {
    let rows = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded\n\
        a,xclick,/m/01,1,0.1,0.5,0.25,1,1\na,xclick,/m/00,1,0,1,0,1,0\n";
    let files = Memory::new(&[
        ("train/data/a.jpg", ""),
        ("train/labels/detections.csv", rows),
        ("train/metadata/classes.csv", "/m/00,cat\n/m/01,traffic light\n"),
    ]);
    let dataset = opened(&files);
    assert_eq!(boxes(&dataset, 0), [of("traffic light", [10.0, 20.0, 50.0, 80.0]), of("cat", [0.0, 0.0, 100.0, 80.0])]);
    assert_eq!(placed(&dataset, 0).labels.objects[0].extra["IsOccluded"], 1);
    assert_eq!((dataset.problems.len(), &dataset.warnings[..]), (0, &[][..]));
}

#[test]
fn keras_tables_have_no_names_of_columns() {
    let files = Memory::new(&[
        ("img/a.jpg", ""),
        ("img/b.jpg", ""),
        ("img/c.jpg", ""),
        ("val.csv", "img/c.jpg,1,1,5,5,cat\n"),
        ("train.csv", "/data/img/a.jpg,10,20,50,60,dog\n/data/img/b.jpg,,,,,\n"),
        ("classes.csv", "cat,0\ndog,1\n"),
    ]);
    let dataset = opened(&files);
    assert_eq!(boxes(&dataset, 0), [of("dog", [10.0, 20.0, 50.0, 60.0])]);
    assert!(dataset.items[1].is_labeled() && dataset.items[1].objects() == 0, "a row without a box says so");
    let names: Vec<&str> = dataset.classes.0.iter().map(|class| class.name.as_str()).collect();
    assert_eq!((names, dataset.items[0].split.clone()), (vec!["cat", "dog"], Some(Split::Train)), "tables name splits");
}

#[test]
fn kaggles_tables_may_have_no_class_and_boxes_in_one_cell() {
    let files = Memory::new(&[
        ("train/b6ab.jpg", ""),
        ("train.csv", "image_id,width,height,bbox,source\nb6ab,100,80,\"[10.0, 20.0, 30.0, 40.0]\",usask_1\n"),
    ]);
    let dataset = opened(&files);
    assert_eq!(boxes(&dataset, 0), [of("object", [10.0, 20.0, 40.0, 60.0])]);
    assert_eq!(placed(&dataset, 0).labels.objects[0].extra["source"], "usask_1");
    assert_eq!(dataset.warnings, ["no object has a class: all 1 are taken for `object`"]);
    let numbers =
        Memory::new(&[("a.jpg", ""), ("t.csv", "image,x,y,w,h,class_id\na.jpg,1,2,3,4,10\na.jpg,1,2,3,4,9\n")]);
    let dataset = opened(&numbers);
    let names: Vec<&str> = dataset.classes.0.iter().map(|class| class.name.as_str()).collect();
    assert_eq!(names, ["9", "10"]);
    assert!(dataset.warnings[0].contains("2 class(es) of t.csv are named by no list"), "{:?}", dataset.warnings);
}

#[test]
fn automl_states_the_split_and_two_corners() {
    let rows = "TRAIN,gs://x/a.jpg,car,0.1,0.25,,,0.5,1,,\nVALIDATION,gs://x/b.jpg,car,0,0,1,0,1,1,0,1\nUNASSIGNED,gs://x/c.jpg,,,,,,,,,\n";
    let files = Memory::new(&[("a.jpg", ""), ("b.jpg", ""), ("c.jpg", ""), ("import.csv", rows)]);
    let dataset = opened(&files);
    assert_eq!(boxes(&dataset, 0), [of("car", [10.0, 20.0, 50.0, 80.0])]);
    assert_eq!(boxes(&dataset, 1), [of("car", [0.0, 0.0, 100.0, 80.0])]);
    let splits: Vec<_> = dataset.items.iter().map(|item| item.split.clone()).collect();
    assert_eq!(splits, [Some(Split::Train), Some(Split::Val), None]);
}

#[test]
fn corners_at_an_angle_are_oriented_boxes() {
    let rows = "file,x1,y1,x2,y2,x3,y3,x4,y4,label\na.jpg,50,10,70,30,50,50,30,30,ship\n";
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("t.csv", rows)]));
    let corners = [(50.0, 10.0), (70.0, 30.0), (50.0, 50.0), (30.0, 30.0)].map(|(x, y)| Point::new(x, y));
    assert_eq!(placed(&dataset, 0).labels.objects[0].shape, Some(Shape::Oriented(corners)));
    assert!(dataset.holds.oriented, "and the writer knows");
}

#[test]
fn runs_of_pixels_are_bitmaps_of_the_image() {
    let rows = "ImageId,EncodedPixels\na.jpg,2 3 85 1\na.jpg,\na.jpg,7990 12\n";
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("train.csv", rows)]));
    let placed = placed(&dataset, 0);
    let runs = vec![1, 3, 80, 1, 7915];
    assert_eq!(placed.labels.objects[0].shape, Some(Shape::Bitmap(Bitmap { size: SIZE, runs })));
    assert_eq!(
        (placed.read, placed.dropped[0].reason.as_str()),
        (2, "its runs reach beyond the last pixel of the image")
    );
}

#[test]
fn a_column_of_splits_sorts_images() {
    let rows = "filename,split,class,xmin,ymin,xmax,ymax\na.jpg,train,x,1,1,5,5\nb.jpg,val,x,1,1,5,5\nc.jpg,fold/9,x,1,1,5,5\n";
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("b.jpg", ""), ("c.jpg", ""), ("t.csv", rows)]));
    let splits: Vec<_> = dataset.items.iter().map(|item| item.split.clone().unwrap()).collect();
    assert_eq!(splits, [Split::Train, Split::Val, Split::Named("fold_9".to_owned())]);
}

#[test]
fn columns_of_zeros_and_ones_are_classes_of_images() {
    let table = |name: &str, rows: &str| {
        opened(&Memory::new(&[("train/a.jpg", ""), ("train/b.jpg", ""), (&format!("train/{name}"), rows)]))
    };
    let open = |rows: &str| table("_classes.csv", rows);
    let single = table("kinds.csv", "filename, dog, cat\na.jpg, 0, 1\nb.jpg, 1, 0\n");
    let classes: Vec<_> = single.items.iter().map(|item| item.class.as_deref().unwrap()).collect();
    assert_eq!((classes, single.format), (vec!["cat", "dog"], LabelFormat::None));
    let several = open("filename, dog, cat\na.jpg, 1, 1\nb.jpg, 0, 0\n");
    assert_eq!(several.format, LabelFormat::Csv);
    assert_eq!(placed(&several, 0).labels.extra["classes"], serde_json::json!(["dog", "cat"]));
    let again = written(&several, LabelFormat::Csv, |_| SIZE);
    assert_eq!(again.text("annotations/train.csv"), "filename,dog,cat\na_0.jpg,1,1\nb_0.jpg,0,0\n");
    let writer = augment_core::formats::LabelWriter::new(LabelFormat::Yolo, &several);
    assert_eq!(writer.warnings()[0], "YOLO holds no lists of classes: those of 2 image(s) are left out");
}

#[test]
fn a_column_of_classes_without_boxes_is_of_images() {
    let rows = "id,label,age\na,cat,3\nb,dog,4\n";
    let dataset = opened(&Memory::new(&[("train/a.jpg", ""), ("train/b.jpg", ""), ("labels.csv", rows)]));
    let classes: Vec<_> = dataset.items.iter().map(|item| item.class.as_deref().unwrap()).collect();
    assert_eq!(classes, ["cat", "dog"]);
    assert_eq!(dataset.warnings, ["1 column(s) of labels.csv say nothing of classes and are left out: age"]);
}

#[test]
fn what_cannot_be_used_is_said() {
    let rows = "filename,class,xmin,ymin,xmax,ymax\na.jpg,x,1,1,5,5\na.jpg,x,1,1\na.jpg,,1,1,5,5\na.jpg,x,9,9,5,5\nz.jpg,x,1,1,5,5\n\
        b.jpg,x,1,nope,5,5\n";
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("b.jpg", ""), ("t.csv", rows)]));
    assert!(dataset.problems[0].is_absent_image() && dataset.problems.len() == 1, "{:?}", dataset.problems);
    let placed = placed(&dataset, 0);
    let reasons: Vec<&str> = placed.dropped.iter().map(|dropped| dropped.reason.as_str()).collect();
    let expected = ["the third number of its box is not a number: ", "it has no class", "its box is empty"];
    assert_eq!((reasons, placed.labels.objects.len()), (expected.to_vec(), 1));
    let error = dataset.items[1].place(&Frame::plain(SIZE), None).unwrap_err();
    assert!(error.to_string().contains("none of its 1 labels can be used"), "{error}");
}

#[test]
fn tables_about_other_things_are_left_alone() {
    for rows in
        ["", "\n\n", "epoch,loss\n1,2\n", "image,label\nz.jpg,cat\n", "\"", "filename\na.jpg\n", "a,b,c,d,e,f\n"]
    {
        let dataset = opened(&Memory::new(&[("a.jpg", ""), ("t.csv", rows)]));
        assert_eq!(dataset.format, LabelFormat::None, "{rows:?}");
        assert!(dataset.items[0].class.is_none(), "{rows:?}");
    }
    let lists = opened(&Memory::new(&[("a.jpg", ""), ("a.txt", "0 0.5 0.5 1 1\n"), ("classes.csv", "cat,0\n")]));
    assert_eq!(lists.format, LabelFormat::Yolo);
    assert!(lists.warnings.iter().any(|w| w.contains("name none that a table uses")), "{:?}", lists.warnings);
}

/// `VmHWM` and `VmRSS` of this process, in KiB.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS")).collect::<Vec<_>>().join(" ")
}

#[test]
#[ignore = "prints figures; run it with --release -- --ignored --nocapture"]
fn a_hundred_thousand_rows_open_soon() {
    let mut text = String::from("filename,width,height,class,xmin,ymin,xmax,ymax\n");
    let mut files = Vec::new();
    for row in 0..100_000 {
        let image = row / 5;
        text += &format!("img_{image:05}.jpg,100,80,class {},{},2,{},40\n", row % 80, row % 50, row % 50 + 20);
        if row % 5 == 0 {
            files.push((format!("train/img_{image:05}.jpg"), Vec::new()));
        }
    }
    files.push(("train/_annotations.csv".to_owned(), text.into_bytes()));
    let memory: InMemory = files.into_iter().collect();
    println!("before: {}", resident());
    let start = std::time::Instant::now();
    let dataset = opened(&memory);
    println!("opened in {:?}: {}", start.elapsed(), resident());
    assert_eq!(dataset.items.iter().map(augment_core::formats::Item::objects).sum::<usize>(), 100_000);
}

#[test]
fn images_in_no_split_beside_others_keep_their_labels() {
    let rows =
        "filename,split,class,xmin,ymin,xmax,ymax\na.jpg,train,x,1,1,5,5\nb.jpg,,x,1,1,5,5\nc.jpg,val,x,1,1,5,5\n";
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("b.jpg", ""), ("c.jpg", ""), ("t.csv", rows)]));
    for (format, train, loose) in [
        (LabelFormat::Csv, "annotations/train.csv", "annotations.csv"),
        (LabelFormat::Hf, "images/train/metadata.jsonl", "images/metadata.jsonl"),
        (LabelFormat::Coco, "annotations/instances_train.json", "annotations.json"),
    ] {
        let written = written(&dataset, format, |_| SIZE);
        assert!(written.text(train).contains("a_0.jpg") && !written.text(train).contains("b_0.jpg"), "{train}");
        assert!(written.text(loose).contains("b_0.jpg") && !written.text(loose).contains("a_0.jpg"), "{loose}");
    }
}

#[test]
fn lines_of_keras_are_read_with_their_classes_and_without_boxes() {
    let files = Memory::new(&[
        ("train/a b.jpg", ""),
        ("train/c.jpg", ""),
        ("train/_annotations.txt", "a b.jpg 1,2,30,40,1 5,5,9,9,0\nc.jpg\n"),
        ("train/_classes.txt", "cat\ntraffic light\n"),
        ("valid/d.jpg", ""),
        ("valid/_annotations.txt", "d.jpg\n"),
        ("valid/_classes.txt", "cat\ntraffic light\n"),
    ]);
    let dataset = opened(&files);
    assert_eq!((dataset.format, &dataset.problems[..], &dataset.warnings[..]), (LabelFormat::Csv, &[][..], &[][..]));
    assert_eq!(boxes(&dataset, 0), [of("traffic light", [1.0, 2.0, 30.0, 40.0]), of("cat", [5.0, 5.0, 9.0, 9.0])]);
    assert_eq!((dataset.items[1].objects(), dataset.items[2].split.clone()), (0, Some(Split::Val)));
    let beyond = [("a.jpg", ""), ("_annotations.txt", "a.jpg 1,2,30,40,7\n"), ("_classes.txt", "cat\n")];
    let beyond = opened(&Memory::new(&beyond));
    let why = beyond.problems[0].error.message();
    assert!(beyond.items.is_empty() && why.starts_with("line 1: class 7 is not among the 1 names"), "{why}");
    let nameless = opened(&Memory::new(&[("a.jpg", ""), ("boxes.txt", "x/a.jpg 1,2,30,40,3\n")]));
    assert_eq!(boxes(&nameless, 0), [of("3", [1.0, 2.0, 30.0, 40.0])]);
    assert!(nameless.warnings[0].contains("go by their numbers"), "{:?}", nameless.warnings);
}

#[test]
fn open_images_seventh_list_has_names_of_columns() {
    let table = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax\na,x,/m/01yrx,1,0.1,0.5,0.25,0.5\n";
    let names = "LabelName,DisplayName\n/m/01yrx,Cat\n";
    let files =
        [("a.jpg", ""), ("oidv6-train-annotations-bbox.csv", table), ("oidv7-class-descriptions-boxable.csv", names)];
    let dataset = opened(&Memory::new(&files));
    assert_eq!(boxes(&dataset, 0)[0].0, "Cat");
    assert_eq!(dataset.warnings, Vec::<String>::new());
}

#[test]
fn the_lists_of_cub_say_class_and_split() {
    let files = Memory::new(&[
        ("CUB/images/001.Tern/a.jpg", ""),
        ("CUB/images/002.Wren/b.jpg", ""),
        ("CUB/images.txt", "1 001.Tern/a.jpg\n2 002.Wren/b.jpg\n"),
        ("CUB/classes.txt", "1 001.Tern\n2 002.Wren\n"),
        ("CUB/image_class_labels.txt", "1 1\n2 2\n"),
        ("CUB/train_test_split.txt", "1 1\n2 0\n"),
        ("CUB/bounding_boxes.txt", "1 1.0 2.0 30.0 40.0\n2 1.0 2.0 30.0 40.0\n"),
    ]);
    let dataset = opened(&files);
    let said: Vec<_> =
        dataset.items.iter().map(|item| (item.class.as_deref().unwrap(), item.split.clone().unwrap())).collect();
    assert_eq!(said, [("001.Tern", Split::Train), ("002.Wren", Split::Test)]);
    assert!(dataset.problems.is_empty(), "{:?}", dataset.problems);
    assert_eq!(dataset.warnings, ["CUB/bounding_boxes.txt: 2 box(es) are left out: the set is read as one of classes"]);
}

#[test]
fn a_table_of_stems_and_words_is_of_classes() {
    let files = Memory::new(&[
        ("t/img_a.png", ""),
        ("t/img_b.png", ""),
        ("t/img_c.png", ""),
        ("t/img_d.png", ""),
        ("train.csv", "id_code,diagnosis\nimg_a,0\nimg_b,1\nimg_c,0\nimg_d,1\n"),
    ]);
    let dataset = opened(&files);
    let classes: Vec<Option<&str>> = dataset.items.iter().map(|item| item.class.as_deref()).collect();
    assert_eq!(classes, [Some("0"), Some("1"), Some("0"), Some("1")]);
}

#[test]
fn a_table_of_patients_has_boxes() {
    let table = "patientId,x,y,width,height,Target\nimg_a,10,20,30,40,1\nimg_a,1,2,3,4,1\nimg_b,,,,,0\n";
    let dataset = opened(&Memory::new(&[("img_a.png", ""), ("img_b.png", ""), ("labels.csv", table)]));
    assert_eq!(boxes(&dataset, 0), [of("1", [10.0, 20.0, 40.0, 60.0]), of("1", [1.0, 2.0, 4.0, 6.0])]);
    assert_eq!(boxes(&dataset, 1), []);
}

#[test]
fn the_short_names_are_those_of_the_box() {
    for (table, expected) in [
        ("image_id,width,height,x,y,w,h,source\na,100,80,10,20,30,40,s\n", "object"),
        ("filename,width,height,xmin,ymin,w,h,class\na.png,100,80,10,20,30,40,cat\n", "cat"),
        ("filename,cx,cy,w,h,label\na.png,0.25,0.5,0.3,0.5,cat\n", "cat"),
        ("cat,10,20,30,40,a.png,100,80\n", "cat"),
    ] {
        let dataset = opened(&Memory::new(&[("a.png", ""), ("t.csv", table)]));
        assert_eq!(boxes(&dataset, 0), [of(expected, [10.0, 20.0, 40.0, 60.0])], "{table}");
    }
}

#[test]
fn columns_of_roboflows_classes_stay_a_table() {
    let table = "filename, cat, dog\na.png, 1, 0\nb.png, 0, 1\n";
    let files = Memory::new(&[("train/a.png", ""), ("train/b.png", ""), ("train/_classes.csv", table)]);
    let dataset = opened(&files);
    assert_eq!((dataset.format, dataset.holds.classes), (LabelFormat::Csv, 2));
    assert!(dataset.items.iter().all(|item| item.class.is_none()), "no class is a folder");
}
