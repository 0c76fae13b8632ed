//! Layouts with YOLO's text files: Roboflow's, Ultralytics', CVAT's, labelImg's, Label Studio's.

use augment_core::formats::LabelFormat;
use serde_json::json;

use crate::scene::{Form, Kind, Picture, SIZE, Thing};
use crate::set::{ALL, Layout, ONE, Set, TWO, listed, spelled};

const YOLO: Layout = Layout { own: Some(LabelFormat::Yolo), keeps: true, rounds: 0.0002, ..Layout::BOXES };

pub(super) const LAYOUTS: &[Layout] = &[
    Layout { name: "rf-yolov8-det", lay: roboflow, ..YOLO },
    Layout { name: "rf-yolov8-seg", kind: Kind::Rings, lay: roboflow, ..YOLO },
    Layout { name: "rf-yolov8-mix", kind: Kind::Mixed, lay: roboflow, ..YOLO },
    Layout { name: "rf-yolov8-obb", kind: Kind::Turned, own: Some(LabelFormat::YoloObb), lay: roboflow, ..YOLO },
    Layout { name: "ul-det", lay: ultralytics, ..YOLO },
    Layout { name: "ul-obb", kind: Kind::Turned, own: Some(LabelFormat::YoloObb), lay: ultralytics, ..YOLO },
    Layout { name: "ul-pose", kind: Kind::Poses, lay: ultralytics, ..YOLO },
    Layout { name: "ul-txtlists", lay: lists, ..YOLO },
    Layout { name: "yolo-sets", lay: sets, ..YOLO },
    Layout { name: "yolo-joined", keeps: false, lay: joined, ..YOLO },
    Layout { name: "ul-ndjson", keeps: false, lay: ndjson, ..YOLO },
    Layout { name: "cvat-ultralytics-yolo", splits: TWO, lay: cvat_ultralytics, ..YOLO },
    Layout { name: "cvat-yolo11", splits: TWO, lay: cvat_darknet, ..YOLO },
    Layout { name: "labelimg-yolo", splits: ONE, told: false, lay: labelimg, ..YOLO },
    Layout { name: "ls-yolo", splits: ONE, told: false, lay: label_studio, ..YOLO },
];

/// A picture's name after Roboflow's export: the format, and a hash.
pub(super) fn roboflow_stem(picture: &Picture) -> String {
    format!("{}_jpg.rf.{:032x}", picture.stem, (picture.number as u128 + 1) * 0x9e37_79b9_7f4a_7c15_f39c_c060)
}

/// The numbers of a row after the class.
fn numbers(thing: &Thing) -> Vec<f64> {
    let (w, h) = (f64::from(SIZE.width), f64::from(SIZE.height));
    let [x0, y0, x1, y1] = thing.bound();
    let row_box = [(x0 + x1) / 2.0 / w, (y0 + y1) / 2.0 / h, (x1 - x0) / w, (y1 - y0) / h];
    match thing.form {
        Form::Box => row_box.to_vec(),
        Form::Pose => {
            let joints = thing.joints().map(|[x, y, seen]| [x / w, y / h, seen]);
            row_box.into_iter().chain(joints.into_iter().flatten()).collect()
        }
        Form::Ring | Form::Turned(_) => thing.outline.iter().flat_map(|[x, y]| [x / w, y / h]).collect(),
    }
}

fn rows(picture: &Picture) -> String {
    let row = |thing: &Thing| {
        let numbers: Vec<String> = numbers(thing).iter().map(|number| format!("{number:.6}")).collect();
        format!("{} {}\n", thing.class, numbers.join(" "))
    };
    picture.things.iter().map(row).collect()
}

fn named(layout: &Layout) -> String {
    let lines: Vec<String> = layout.names.iter().enumerate().map(|(at, name)| format!("  {at}: {name}\n")).collect();
    format!("names:\n{}", lines.concat())
}

fn roboflow(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (folder, stem) = (spelled(picture.split, ["train", "valid", "test"]), roboflow_stem(picture));
        set.image(format!("{folder}/images/{stem}.jpg"), picture);
        set.label(format!("{folder}/labels/{stem}.txt"), rows(picture));
    }
    let yaml = format!(
        "train: ../train/images\nval: ../valid/images\ntest: ../test/images\n\nnc: 3\nnames: ['{}']\n\nroboflow:\n  \
         workspace: ws\n  project: animals\n  version: 3\n",
        layout.joined("', '")
    );
    set.file("data.yaml", yaml);
    set.file("README.roboflow.txt", "\nanimals - v3\n==============================\n\nIt includes 13 images.\n");
    set.file("README.dataset.txt", "# animals > 2026\nhttps://example.org\n");
    set
}

fn ultralytics(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (split, stem) = (picture.split, &picture.stem);
        set.image(format!("images/{split}/{stem}.jpg"), picture);
        set.label(format!("labels/{split}/{stem}.txt"), rows(picture));
    }
    let pose = if layout.kind == Kind::Poses { "kpt_shape: [4, 3]\nflip_idx: [1, 0, 2, 3]\n" } else { "" };
    let name = layout.name;
    let yaml = format!(
        "path: ../datasets/{name} # dataset root dir\ntrain: images/train\nval: images/val\ntest: images/test\n{pose}{}",
        named(layout)
    );
    set.file(format!("{name}.yaml"), yaml);
    set
}

/// Folders that say their splits in longer words, and no paths.
fn sets(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (folder, stem) = (spelled(picture.split, ["trainset", "valid_dataset", "test-set"]), &picture.stem);
        set.image(format!("{folder}/images/{stem}.jpg"), picture);
        set.label(format!("{folder}/labels/{stem}.txt"), rows(picture));
    }
    set.file("classes.txt", layout.joined("\n") + "\n");
    set
}

/// Two sets side by side whose lists name the same classes in another order.
fn joined(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    let turned: Vec<&str> = layout.names.iter().rev().copied().collect();
    for picture in pictures {
        let (home, split, stem) = (["a", "b"][picture.place % 2], picture.split, &picture.stem);
        let mut picture = picture.clone();
        set.image(format!("{home}/images/{split}/{stem}.jpg"), &picture);
        if home == "b" {
            picture.things.iter_mut().for_each(|thing| thing.class = 2 - thing.class);
        }
        set.label(format!("{home}/labels/{split}/{stem}.txt"), rows(&picture));
    }
    let yaml = |names: &str| format!("train: images/train\nval: images/val\ntest: images/test\nnames: ['{names}']\n");
    set.file("a/data.yaml", yaml(&layout.joined("', '")));
    set.file("b/data.yaml", yaml(&turned.join("', '")));
    set
}

/// All images in one folder; lists say which split each is in.
fn lists(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        set.image(format!("images/{}.jpg", picture.stem), picture);
        set.label(format!("labels/{}.txt", picture.stem), rows(picture));
    }
    for split in ALL {
        set.file(format!("{split}.txt"), listed(pictures, split, |picture| format!("./images/{}.jpg", picture.stem)));
    }
    set.file("data.yaml", format!("path: .\ntrain: train.txt\nval: val.txt\ntest: test.txt\nnc: 3\n{}", named(layout)));
    set
}

fn ndjson(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    let names: serde_json::Map<_, _> =
        layout.names.iter().enumerate().map(|(at, name)| (at.to_string(), (*name).into())).collect();
    let mut text = json!({
        "type": "dataset", "task": "detect", "name": "animals", "description": "", "version": 1, "class_names": names,
    })
    .to_string();
    for picture in pictures {
        let file = format!("{}.jpg", picture.stem);
        let boxes: Vec<Vec<f64>> = picture
            .things
            .iter()
            .map(|thing| std::iter::once(thing.class as f64).chain(numbers(thing)).collect())
            .collect();
        let line = json!({
            "type": "image", "file": file, "url": format!("https://example.org/{file}"), "width": SIZE.width,
            "height": SIZE.height, "split": picture.split, "annotations": { "boxes": boxes },
        });
        text += &format!("\n{line}");
        set.image(format!("images/{file}"), picture);
    }
    set.file("animals.ndjson", text + "\n");
    set
}

fn cvat_ultralytics(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (split, stem) = (picture.split, &picture.stem);
        set.image(format!("images/{split}/{stem}.jpg"), picture);
        set.label(format!("labels/{split}/{stem}.txt"), rows(picture));
    }
    for split in TWO {
        let line = |picture: &Picture| format!("data/images/{split}/{}.jpg", picture.stem);
        set.file(format!("{split}.txt"), listed(pictures, split, line));
    }
    set.file("data.yaml", format!("{}path: .\ntrain: train.txt\nval: val.txt\n", named(layout)));
    set
}

/// CVAT's "YOLO 1.1": Darknet's files.
fn cvat_darknet(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    let folder = |split: &str| format!("obj_{split}_data");
    for picture in pictures {
        let at = format!("{}/{}", folder(spelled(picture.split, ["train", "valid", "test"])), picture.stem);
        set.image(format!("{at}.jpg"), picture);
        set.label(format!("{at}.txt"), rows(picture));
    }
    for (split, spelled) in [("train", "train"), ("val", "valid")] {
        let line = |picture: &Picture| format!("data/{}/{}.jpg", folder(spelled), picture.stem);
        set.file(format!("{spelled}.txt"), listed(pictures, split, line));
    }
    let data =
        "classes = 3\ntrain = data/train.txt\nvalid = data/valid.txt\nnames = data/obj.names\nbackup = backup/\n";
    set.file("obj.data", data);
    set.file("obj.names", layout.joined("\n") + "\n");
    set
}

fn labelimg(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        set.image(format!("{}.jpg", picture.stem), picture);
        set.label(format!("{}.txt", picture.stem), rows(picture));
    }
    set.file("classes.txt", layout.joined("\n") + "\n");
    set
}

fn label_studio(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        set.image(format!("images/0a1b2c3d-{}.jpg", picture.stem), picture);
        set.label(format!("labels/0a1b2c3d-{}.txt", picture.stem), rows(picture));
    }
    set.file("classes.txt", layout.joined("\n") + "\n");
    let categories: Vec<_> =
        layout.names.iter().enumerate().map(|(id, name)| json!({ "id": id, "name": name })).collect();
    let info = json!({ "year": 2026, "version": "1.0", "contributor": "Label Studio" });
    set.file("notes.json", json!({ "categories": categories, "info": info }).to_string());
    set
}
