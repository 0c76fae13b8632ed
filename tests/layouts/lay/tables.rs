//! Layouts with tables: TensorFlow's and Open Images' CSV, keras-retinanet's, keras-yolo3's lines, Hugging Face's
//! `metadata.jsonl`.

use serde_json::json;

use super::coco::corner_box;
use super::yolo::roboflow_stem;
use crate::scene::{Picture, SIZE, Thing};
use crate::set::{ALL, Layout, ONE, Set, spelled};

pub(super) const LAYOUTS: &[Layout] = &[
    Layout { name: "tf-csv", lay: tensorflow, ..Layout::BOXES },
    Layout { name: "openimages-csv", splits: ONE, told: false, lay: open_images, ..Layout::BOXES },
    Layout { name: "retinanet-csv", splits: ONE, told: false, lay: retinanet, ..Layout::BOXES },
    Layout { name: "rf-keras-txt", lay: roboflow_keras, ..Layout::BOXES },
    // Its categories have no names but their numbers.
    Layout { name: "hf-imagefolder", names: ["0", "1", "2"], lay: hugging_face, ..Layout::BOXES },
];

/// A line for every thing of a picture.
fn lines(picture: &Picture, line: impl Fn(&Thing, [f64; 4]) -> String) -> String {
    picture.things.iter().map(|thing| line(thing, thing.bound()) + "\n").collect()
}

fn tensorflow(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for split in ALL {
        let folder = spelled(split, ["train", "valid", "test"]);
        let mut table = String::from("filename,width,height,class,xmin,ymin,xmax,ymax\n");
        for picture in pictures.iter().filter(|picture| picture.split == *split) {
            let file = format!("{}.jpg", roboflow_stem(picture));
            set.image(format!("{folder}/{file}"), picture);
            let (w, h) = (SIZE.width, SIZE.height);
            table += &lines(picture, |thing, [x0, y0, x1, y1]| {
                format!("{file},{w},{h},{},{x0},{y0},{x1},{y1}", layout.name_of(thing))
            });
        }
        set.file(format!("{folder}/_annotations.csv"), table);
    }
    set
}

/// A line for every picture: its name, then each box with the number of its class.
fn roboflow_keras(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for split in ALL {
        let folder = spelled(split, ["train", "valid", "test"]);
        let mut text = String::new();
        for picture in pictures.iter().filter(|picture| picture.split == *split) {
            let file = format!("{}.jpg", roboflow_stem(picture));
            set.image(format!("{folder}/{file}"), picture);
            text += &file;
            for thing in &picture.things {
                let [x0, y0, x1, y1] = thing.bound();
                text += &format!(" {x0},{y0},{x1},{y1},{}", thing.class);
            }
            text += "\n";
        }
        set.file(format!("{folder}/_annotations.txt"), text);
        set.file(format!("{folder}/_classes.txt"), layout.joined("\n"));
    }
    set
}

/// Codes of classes, fractions of the frame, a list of names beside.
fn open_images(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    let head =
        "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside";
    let (w, h) = (f64::from(SIZE.width), f64::from(SIZE.height));
    let mut table = format!("{head}\n");
    for picture in pictures {
        let stem = &picture.stem;
        set.image(format!("train/data/{stem}.jpg"), picture);
        table += &lines(picture, |thing, [x0, y0, x1, y1]| {
            let (left, right, top, bottom) = (x0 / w, x1 / w, y0 / h, y1 / h);
            format!("{stem},xclick,/m/0{},1,{left},{right},{top},{bottom},0,0,0,0,0", thing.class)
        });
    }
    set.file("train/labels/detections.csv", table);
    let names = layout.names.iter().enumerate().map(|(class, name)| format!("/m/0{class},{name}\n"));
    set.file("train/metadata/classes.csv", names.collect::<String>());
    set
}

/// No head; a picture without objects has a line of its own.
fn retinanet(layout: &Layout, pictures: &[Picture]) -> Set {
    let (mut set, mut table) = (Set::default(), String::new());
    for picture in pictures {
        let file = format!("images/{}.jpg", picture.stem);
        set.image(&file, picture);
        table +=
            &lines(picture, |thing, [x0, y0, x1, y1]| format!("{file},{x0},{y0},{x1},{y1},{}", layout.name_of(thing)));
        if picture.things.is_empty() {
            table += &format!("{file},,,,,\n");
        }
    }
    set.file("annotations.csv", table);
    let names = layout.names.iter().enumerate().map(|(class, name)| format!("{name},{class}\n"));
    set.file("classes.csv", names.collect::<String>());
    set
}

fn hugging_face(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for split in ALL {
        let mut table = String::new();
        for picture in pictures.iter().filter(|picture| picture.split == *split) {
            let file = format!("{}.jpg", picture.stem);
            set.image(format!("{split}/{file}"), picture);
            let boxes: Vec<[f64; 4]> = picture.things.iter().map(|thing| corner_box(thing.bound())).collect();
            let categories: Vec<usize> = picture.things.iter().map(|thing| thing.class).collect();
            let line = json!({ "file_name": file, "objects": { "bbox": boxes, "categories": categories } });
            table += &format!("{line}\n");
        }
        set.file(format!("{split}/metadata.jsonl"), table);
    }
    set
}
