//! Formats of one text file an image: DOTA, KITTI, VisDrone.

use crate::support::*;
use augment_core::formats::{Frame, LabelFormat, Split};
use augment_core::geometry::{Point, Rect, Size};
use augment_core::labels::Shape;

const SIZE: Size = Size::new(100, 80);

#[test]
fn dota_is_read_as_oriented_boxes_and_written_as_yolo() {
    let files = Memory::new(&[
        ("train/images/a.png", ""),
        (
            "train/labelTxt/a.txt",
            "imagesource:GoogleEarth\ngsd:0.5\n50 10 70 30 50 50 30 30 plane 1\n10 20 30 20 30 40 10 40 ship 0\n",
        ),
        ("val/images/b.png", ""),
        ("val/labelTxt/b.txt", "imagesource:GoogleEarth\ngsd:null\n"),
        ("val/images/c.png", ""),
        ("val/labelTxt/c.txt", ""),
    ]);
    let dataset = opened(&files);
    assert_eq!(dataset.format, LabelFormat::Dota);
    assert_eq!((dataset.problems.len(), &dataset.warnings[..]), (0, &[][..]));
    let splits: Vec<_> = dataset.items.iter().map(|item| (item.split.clone().unwrap(), item.objects())).collect();
    assert_eq!(splits, [(Split::Train, 2), (Split::Val, 0), (Split::Val, 0)]);
    let placed = dataset.items[0].place(&Frame::plain(SIZE), None).unwrap();
    let corners = [(50.0, 10.0), (70.0, 30.0), (50.0, 50.0), (30.0, 30.0)].map(|(x, y)| Point::new(x, y));
    assert_eq!(placed.labels.objects[0].shape, Some(Shape::Oriented(corners)));
    assert_eq!(placed.labels.objects[0].bbox, Some(Rect::new(30.0, 10.0, 70.0, 50.0)));
    assert_eq!(placed.labels.objects[0].extra["difficult"], 1);
    assert_eq!(
        (&placed.labels.extra["imagesource"], &placed.labels.extra["gsd"]),
        (&"GoogleEarth".into(), &0.5.into())
    );
    let written = written(&dataset, LabelFormat::Dota, |_| SIZE);
    assert_eq!(
        written.text("labels/train/a_0.txt"),
        "0 0.5 0.125 0.7 0.375 0.5 0.625 0.3 0.375\n1 0.1 0.25 0.3 0.25 0.3 0.5 0.1 0.5\n"
    );
    assert!(written.text("data.yaml").contains("names:\n  0: plane\n  1: ship\n"), "{}", written.text("data.yaml"));
}

#[test]
fn dota_is_found_where_yolo_keeps_its_labels() {
    let files = Memory::new(&[("images/a.jpg", ""), ("labels/a.txt", "10 20 30 20 30 40 10 40 ship 0\n")]);
    assert_eq!(opened(&files).format, LabelFormat::Dota);
    let files = Memory::new(&[("a.jpg", ""), ("a.txt", "10 20 30 20 30 40 10 40 ship\n")]);
    assert_eq!(opened(&files).items[0].objects(), 1);
}

#[test]
fn rows_that_cannot_be_used_are_counted_or_leave_the_image_out() {
    let row = "10 20 30 20 30 40 10 40 ship 0\n";
    let files = Memory::new(&[
        ("a.jpg", ""),
        ("a.txt", &format!("{row}1 2 3 x 5 6 7 8 ship 0\n")),
        ("b.jpg", ""),
        ("b.txt", "imagesource:x\n1 2 3 ship\n"),
        ("c.txt", row),
    ]);
    let dataset = opened(&files);
    let names: Vec<&str> = dataset.items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["a.jpg"], "an image whose labels cannot be read would seem to show nothing");
    let problems: Vec<String> = dataset.problems.iter().map(|p| format!("{}: {}", p.file, p.error)).collect();
    let expected = "b.txt: none of its rows can be used: line 2: 4 columns: an oriented box has eight coordinates and a class; its image b.jpg is left out";
    assert_eq!(problems, [expected, "c.txt: label without image"]);
    let placed = dataset.items[0].place(&Frame::plain(SIZE), None).unwrap();
    assert_eq!((placed.read, placed.labels.objects.len()), (2, 1));
    assert_eq!(placed.dropped[0].reason, "line 2: y2 is not a number: x");
}

#[test]
fn kitti_keeps_its_fields_and_counts_its_regions() {
    let rows = "Car 0.25 1 -1.57 17.00 31.00 82.00 78.00 1.5 1.6 3.7 1.0 1.5 8.4 -1.5\n\
        DontCare -1 -1 -10 3.89 9.71 50.61 10.13 -1 -1 -1 -1000 -1000 -1000 -10\n";
    let files = Memory::new(&[
        ("training/image_2/000000.png", ""),
        ("training/label_2/000000.txt", rows),
        ("training/image_2/000001.png", ""),
        ("training/label_2/000001.txt", ""),
    ]);
    let dataset = opened(&files);
    assert_eq!((dataset.format, dataset.problems.len()), (LabelFormat::Kitti, 0));
    assert_eq!(dataset.warnings.len(), 2, "{:?}", dataset.warnings);
    let regions = dataset.warnings.iter().any(|warning| warning.starts_with("1 row(s) are DontCare regions"));
    assert!(regions, "{:?}", dataset.warnings);
    assert!(dataset.items[1].is_labeled(), "an empty file says that its image shows nothing");
    let placed = dataset.items[0].place(&Frame::plain(SIZE), None).unwrap();
    assert_eq!(placed.labels.objects[0].bbox, Some(Rect::new(17.0, 31.0, 82.0, 78.0)));
    assert_eq!((placed.read, &placed.labels.objects[0].extra["occluded"]), (1, &1.into()));
    let written = written(&dataset, LabelFormat::Kitti, |_| SIZE);
    assert_eq!(written.text("labels/train/000000_0.txt"), "0 0.495 0.68125 0.65 0.5875\n");
}

#[test]
fn visdrone_names_its_categories_and_the_split_of_its_folder() {
    let files = Memory::new(&[
        ("VisDrone2019-DET-train/images/a.jpg", ""),
        ("VisDrone2019-DET-train/annotations/a.txt", "10,20,30,40,1,4,0,0\n0,0,9,9,0,0,0,0\n"),
        ("VisDrone2019-DET-val/images/b.jpg", ""),
        ("VisDrone2019-DET-val/annotations/b.txt", "1,2,3,4,1,10,1,2\n"),
    ]);
    let dataset = opened(&files);
    assert_eq!((dataset.format, dataset.problems.len()), (LabelFormat::VisDrone, 0));
    assert_eq!(
        dataset.warnings,
        ["1 row(s) are ignored regions or have score 0: they are no objects and are left out"]
    );
    let splits: Vec<_> = dataset.items.iter().map(|item| item.split.clone().unwrap()).collect();
    assert_eq!(splits, [Split::Train, Split::Val]);
    let placed = dataset.items[0].place(&Frame::plain(SIZE), None).unwrap();
    let object = &placed.labels.objects[0];
    assert_eq!(
        (object.bbox, &dataset.classes.0[object.class].name[..]),
        (Some(Rect::new(10.0, 20.0, 40.0, 60.0)), "car")
    );
    assert_eq!(
        dataset.classes.0.len(),
        11,
        "all categories, so that numbers are the same for every part of the dataset"
    );
}
