//! What people reported of tools like this one, as small datasets: what is right, what is said, and what `--strict` says.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use augment_core::archive::ZipSink;
use augment_core::codec::{decode, decode_mask};
use augment_core::image::{Channels, Image};
use serde_json::{Value, json};

use crate::drawn::{draw, drawn, fill, json_of, mask, size, text, yolo};
use crate::support::{contents, jpeg, picture, png, run, voc, write};

/// A dataset in `in`, a command over it, and what is right.
struct Report {
    name: &'static str,
    lay: fn(&Path),
    arguments: &'static str,
    /// The exit code; with `--strict` it is 1 where anything is said.
    code: i32,
    /// What each line on standard error but notes has in it.
    told: &'static [&'static str],
    /// How many images are written.
    images: usize,
    right: fn(&Path),
}

const PLAIN: Report =
    Report { name: "", lay: |_| (), arguments: "in --recipe none", code: 0, told: &[], images: 1, right: |_| () };

const REPORTS: &[Report] = &[
    Report {
        name: "a list of names counts for the folder that it lies in",
        lay: |at| {
            for (folder, names) in [("a", "alfa\nbeta\n"), ("b", "beta\nalfa\n")] {
                draw(at, &format!("in/{folder}/{folder}.jpg"));
                write(at, &format!("in/{folder}/classes.txt"), names);
                write(at, &format!("in/{folder}/{folder}.txt"), "1 0.5 0.5 0.2 0.2\n");
            }
        },
        images: 2,
        right: |out| {
            assert_eq!(text(out, "labels/a_0.txt"), "1 0.5 0.5 0.2 0.2\n");
            assert_eq!(text(out, "labels/b_0.txt"), "0 0.5 0.5 0.2 0.2\n");
        },
        ..PLAIN
    },
    Report {
        name: "two lists for one folder that differ are a failure",
        lay: |at| {
            yolo(at, "a", "0 0.5 0.5 0.2 0.2\n");
            write(at, "in/classes.txt", "dog\ncat\n");
        },
        code: 2,
        told: &[
            "labels/a.txt: classes.txt and data.yaml name class 0 differently",
            "no image of the input can be used",
        ],
        images: 0,
        ..PLAIN
    },
    Report {
        name: "datasets are joined by the names of their classes",
        lay: |at| {
            for (folder, names) in [("one", "[cat, dog]"), ("two", "[dog, cat]")] {
                draw(at, &format!("in/{folder}/images/{folder}.jpg"));
                write(at, &format!("in/{folder}/labels/{folder}.txt"), "0 0.5 0.5 0.2 0.2\n");
                write(at, &format!("in/{folder}/data.yaml"), format!("names: {names}\n"));
            }
        },
        arguments: "in/one in/two --recipe none",
        images: 2,
        right: |out| {
            assert_eq!(text(out, "labels/one_0.txt"), "0 0.5 0.5 0.2 0.2\n");
            assert_eq!(text(out, "labels/two_0.txt"), "1 0.5 0.5 0.2 0.2\n");
        },
        ..PLAIN
    },
    Report {
        name: "splits are kept, only one is augmented, and data.yaml works wherever it lies",
        lay: |at| {
            for split in ["train", "val", "test"] {
                draw(at, &format!("in/{split}/images/{split}.jpg"));
                write(at, &format!("in/{split}/labels/{split}.txt"), "0 0.5 0.5 0.2 0.2\n");
            }
            write(at, "in/data.yaml", "train: train/images\nval: val/images\ntest: test/images\nnames: [cat]\n");
        },
        arguments: "in --recipe flip-vertical --count 2",
        images: 4,
        right: |out| {
            let yaml = text(out, "data.yaml");
            assert!(yaml.starts_with("train: images/train\nval: images/val\ntest: images/test\n"), "{yaml}");
            for split in ["val", "test"] {
                let came = fs::read(out.join(format!("../in/{split}/images/{split}.jpg"))).unwrap();
                assert_eq!(fs::read(out.join(format!("images/{split}/{split}.jpg"))).unwrap(), came);
            }
        },
        ..PLAIN
    },
    Report {
        name: "one split that is named by itself brings the names of its classes",
        lay: |at| {
            for split in ["train", "val"] {
                draw(at, &format!("in/{split}/images/{split}.jpg"));
                write(at, &format!("in/{split}/labels/{split}.txt"), "0 0.5 0.5 0.2 0.2\n");
            }
            write(at, "in/data.yaml", "train: train/images\nval: val/images\nnames: [traffic light]\n");
        },
        arguments: "in/train --recipe none",
        told: &[],
        right: |out| assert!(text(out, "data.yaml").contains("0: \"traffic light\""), "{}", text(out, "data.yaml")),
        ..PLAIN
    },
    Report {
        name: "masks in a folder of their own are no photographs",
        lay: |at| {
            draw(at, "in/img_dir/train/a.jpg");
            write(at, "in/ann_dir/train/a.png", mask(1));
        },
        arguments: "in --recipe segmentation --count 2",
        images: 2,
        right: |out| assert!(out.join("masks/train/a_1_mask.png").exists(), "{:?}", contents(out)),
        ..PLAIN
    },
    Report {
        name: "masks win over the polygons that they are painted from",
        lay: |at| {
            draw(at, "in/leftImg8bit/train/ulm/ulm_0_leftImg8bit.png");
            write(at, "in/gtFine/train/ulm/ulm_0_gtFine_labelIds.png", mask(1));
            write(at, "in/gtFine/train/ulm/ulm_0_gtFine_polygons.json", CITYSCAPES);
        },
        told: &["1 file(s) of polygons are left out, since their images have masks, which are taken"],
        right: |out| assert!(out.join("masks/train/ulm_0_leftImg8bit_0_mask.png").exists(), "{:?}", contents(out)),
        ..PLAIN
    },
    Report {
        name: "polygons without masks are objects",
        lay: |at| {
            draw(at, "in/leftImg8bit/train/ulm/ulm_0_leftImg8bit.png");
            write(at, "in/gtFine/train/ulm/ulm_0_gtFine_polygons.json", CITYSCAPES);
        },
        right: |out| {
            let coco = json_of(out, "annotations/instances_train.json");
            assert_eq!(coco["annotations"][0]["segmentation"], json!([[8, 8, 40, 8, 40, 32]]));
            assert_eq!(coco["categories"][0]["name"], "cargroup");
        },
        ..PLAIN
    },
    Report {
        name: "a mask of another size than its image is a failure that says what to do",
        lay: |at| {
            draw(at, "in/images/a.png");
            draw(at, "in/images/b.png");
            write(at, "in/masks/a.png", png(&Image::filled(size(32, 24), Channels::Gray, fill(1))));
            write(at, "in/masks/b.png", mask(1));
        },
        code: 1,
        told: &["images/a.png: masks/a.png: the mask is 32x24, but the image is 64x48: enlarge it 2 times"],
        ..PLAIN
    },
    Report {
        name: "pictures of segmentation are masks of their photographs, and lists of splits are rewritten",
        lay: |at| {
            for name in ["a", "b"] {
                draw(at, &format!("in/JPEGImages/{name}.jpg"));
                write(at, &format!("in/Annotations/{name}.xml"), voc(64, 48, &[[5, 5, 30, 30]]));
                write(at, &format!("in/SegmentationClass/{name}.png"), mask(1));
            }
            write(at, "in/ImageSets/Main/train.txt", "a\n");
            write(at, "in/ImageSets/Main/val.txt", "b\n");
        },
        images: 2,
        right: |out| {
            assert_eq!(text(out, "ImageSets/Main/train.txt"), "a_0\n");
            assert!(out.join("masks/train/a_0_mask.png").exists() && out.join("masks/val/b_mask.png").exists());
        },
        ..PLAIN
    },
    Report {
        name: "rows of corners, a class and a mark of difficulty are oriented boxes",
        lay: |at| {
            draw(at, "in/images/a.png");
            write(at, "in/labelTxt/a.txt", "imagesource:x\ngsd:1\n16 12 32 12 32 24 16 24 ship 1\n");
        },
        told: &["YOLO OBB holds no other fields"],
        right: |out| assert_eq!(text(out, "labels/a_0.txt"), "0 0.25 0.25 0.5 0.25 0.5 0.5 0.25 0.5\n"),
        ..PLAIN
    },
    Report {
        name: "an image whose labels are not understood is left out, not taken as showing nothing",
        lay: |at| {
            yolo(at, "a", "0 0.5 0.5 0.2 0.2\n");
            draw(at, "in/images/b.jpg");
            write(at, "in/labels/b.txt", "one box, in the middle\n");
        },
        code: 1,
        told: &["labels/b.txt: no labels were understood in it: it looks like text that begins with"],
        ..PLAIN
    },
    Report {
        name: "a class that no list names is a failure by file and line",
        lay: |at| {
            yolo(at, "a", "0 0.5 0.5 0.2 0.2\n");
            yolo(at, "b", "0 0.5 0.5 0.2 0.2\n9 0.5 0.5 0.1 0.1\n");
        },
        code: 1,
        told: &["labels/b.txt: line 2: class 9 is not among the 2 names of data.yaml"],
        ..PLAIN
    },
    Report {
        name: "oriented boxes keep four corners where they reach out of the frame",
        lay: |at| {
            yolo(at, "a", "0 0.8 0.3 0.95 0.4 0.9 0.7 0.75 0.6\n");
            let step = json!({"op": "translate", "x": 0.12, "y": 0, "border": "constant", "fill": [114, 114, 114]});
            write(at, "r.json", json!({"version": 1, "steps": [step]}).to_string());
        },
        arguments: "in --recipe r.json",
        right: |out| assert_eq!(text(out, "labels/a_0.txt").split_whitespace().count(), 9),
        ..PLAIN
    },
    Report {
        name: "boxes among polygons are written as polygons, since trainers drop files that mix them",
        lay: |at| yolo(at, "a", "0 0.5 0.5 0.2 0.4\n1 0.1 0.1 0.2 0.1 0.2 0.2\n"),
        told: &["1 label file(s) mix boxes and polygons"],
        right: |out| {
            let expected = "0 0.4 0.3 0.6 0.3 0.6 0.7 0.4 0.7\n1 0.1 0.1 0.2 0.1 0.2 0.2\n";
            assert_eq!(text(out, "labels/a_0.txt"), expected);
        },
        ..PLAIN
    },
    Report {
        name: "a confidence behind a box leaves the box",
        lay: |at| yolo(at, "a", "0 0.5 0.5 0.2 0.4 0.87\n"),
        told: &["1 label row(s) have a confidence"],
        right: |out| assert_eq!(text(out, "labels/a_0.txt"), "0 0.5 0.5 0.2 0.4\n"),
        ..PLAIN
    },
    Report {
        name: "a table labels images",
        lay: |at| {
            draw(at, "in/train/a.jpg");
            let table = "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,64,48,cat,4,5,30,40\n";
            write(at, "in/train/_annotations.csv", table);
        },
        right: |out| assert!(text(out, "annotations/train.csv").contains("a_0.jpg,64,48,cat,4,5,30,40")),
        ..PLAIN
    },
    Report {
        name: "ids are one where they say the same, as text or as numbers",
        lay: |at| {
            draw(at, "in/a.jpg");
            let object = json!({"id": 1, "image_id": "1", "category_id": 3.0, "bbox": [4, 5, 6, 7]});
            let images = json!([{"id": 1.0, "file_name": "a.jpg"}]);
            let coco = json!({"images": images, "annotations": [object], "categories": [{"id": "3", "name": "cat"}]});
            write(at, "in/c.json", coco.to_string());
        },
        right: |out| assert_eq!(json_of(out, "annotations.json")["annotations"][0]["bbox"], json!([4, 5, 6, 7])),
        ..PLAIN
    },
    Report {
        name: "instances, their keypoints and captions are one set",
        lay: |at| {
            draw(at, "in/val2017/a.jpg");
            let file = |kind: &str, objects: Value| {
                let category = json!({"id": 1, "name": "person", "keypoints": ["nose"]});
                let images = json!([{"id": 5, "file_name": "a.jpg"}]);
                let coco = json!({"images": images, "annotations": objects, "categories": [category]});
                write(at, &format!("in/annotations/{kind}_val2017.json"), coco.to_string());
            };
            let person = json!({"id": 1, "image_id": 5, "category_id": 1, "bbox": [4, 5, 6, 7]});
            let mut pose = person.clone();
            pose["keypoints"] = json!([5, 6, 2]);
            file("captions", json!([{"id": 9, "image_id": 5, "caption": "A person."}]));
            file("instances", json!([person]));
            file("person_keypoints", json!([pose]));
        },
        right: |out| {
            let coco = json_of(out, "annotations/instances_val.json");
            assert_eq!(coco["annotations"].as_array().unwrap().len(), 1);
            assert_eq!(coco["images"][0]["captions"], json!(["A person."]));
        },
        ..PLAIN
    },
    Report {
        name: "a file about many images that are not there is one failure with their count",
        lay: |at| {
            draw(at, "in/a.jpg");
            let listed = |id: usize| json!({"id": id, "file_name": if id == 0 { "a.jpg".to_owned() } else { format!("{id}.jpg") }});
            let object = json!({"id": 1, "image_id": 0, "category_id": 1, "bbox": [4, 5, 6, 7]});
            let images: Vec<Value> = (0..2001).map(listed).collect();
            let coco = json!({"images": images, "annotations": [object], "categories": [{"id": 1, "name": "cat"}]});
            write(at, "in/c.json", coco.to_string());
        },
        code: 1,
        told: &["c.json: it labels images that are not there (2000): 1.jpg, 2.jpg"],
        right: |out| assert_eq!(text(out, "manifest.jsonl").lines().count(), 2, "one line for it, one for the image"),
        ..PLAIN
    },
    Report {
        name: "labels that fit only the image as it is shown lie on that one",
        lay: |at| {
            let mut file = jpeg(&picture(1, 64, 48));
            // An EXIF block of one entry: orientation 6, a quarter turn.
            let exif = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
            file.splice(2..2, exif.iter().copied());
            write(at, "in/a.jpg", file);
            let object = json!({"id": 1, "image_id": 1, "category_id": 1, "bbox": [4, 50, 20, 10]});
            let images = json!([{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}]);
            let coco = json!({"images": images, "annotations": [object], "categories": [{"id": 1, "name": "cat"}]});
            write(at, "in/c.json", coco.to_string());
        },
        told: &["a.jpg: warning: EXIF orientation 6: labels are taken as drawn on the displayed image"],
        right: |out| assert_eq!(json_of(out, "annotations.json")["annotations"][0]["bbox"], json!([4, 50, 20, 10])),
        ..PLAIN
    },
    Report {
        name: "an empty label file among others decides no format",
        lay: |at| {
            let row = "Car 0.00 0 -1.57 4.00 5.00 30.00 40.00 1.6 1.8 3.9 1.0 1.5 25.0 -1.6\n";
            for (name, rows) in [("000000", ""), ("000001", row)] {
                draw(at, &format!("in/training/image_2/{name}.png"));
                write(at, &format!("in/training/label_2/{name}.txt"), rows);
            }
        },
        told: &["1 object(s) have KITTI's 3-D fields", "YOLO holds no other fields"],
        images: 2,
        right: |out| {
            assert_eq!(text(out, "labels/train/000000_0.txt"), "");
            assert!(text(out, "labels/train/000001_0.txt").starts_with("0 "), "{}", text(out, "data.yaml"));
        },
        ..PLAIN
    },
    Report {
        name: "archives in a folder are splits and not classes",
        lay: |at| {
            for split in ["train", "val"] {
                let mut zip = ZipSink::new(Vec::new());
                for class in ["cat", "dog"] {
                    zip.add(&format!("{class}/{split}_{class}.jpg"), &drawn(&format!("{split}{class}"))).unwrap();
                }
                write(at, &format!("in/{split}.zip"), zip.finish().unwrap());
            }
        },
        images: 4,
        right: |out| {
            for name in ["train/cat/train_cat_0.jpg", "train/dog/train_dog_0.jpg", "val/dog/val_dog.jpg"] {
                assert!(out.join("images").join(name).exists(), "{name}: {:?}", contents(out));
            }
        },
        ..PLAIN
    },
    Report {
        name: "what a turn uncovers has the value of masks that is asked for",
        lay: |at| {
            draw(at, "in/images/a.png");
            write(at, "in/masks/a.png", mask(0));
            let step = json!({"op": "rotate", "degrees": 30, "border": "constant"});
            let recipe = json!({"version": 1, "labels": {"mask_fill": 255}, "steps": [step]});
            write(at, "r.json", recipe.to_string());
        },
        arguments: "in --recipe r.json",
        right: |out| {
            let bytes = fs::read(out.join("masks/a_0_mask.png")).unwrap();
            let (mask, _) = decode_mask(&bytes, &Default::default()).unwrap();
            assert!(format!("{:?}", mask.value(0, 0)).contains("255"), "{:?}", mask.value(0, 0));
        },
        ..PLAIN
    },
    Report {
        name: "keypoints whose sides are not known are not mirrored without a word",
        lay: |at| {
            draw(at, "in/images/a.jpg");
            write(at, "in/labels/a.txt", "0 0.5 0.4 0.4 0.4 0.35 0.3 2 0.6 0.3 2\n");
            write(at, "in/data.yaml", "names: [person]\nkpt_shape: [2, 3]\n");
            write(at, "r.json", r#"{"version": 1, "steps": [{"op": "flip_horizontal"}]}"#);
        },
        arguments: "in --recipe r.json",
        told: &["keypoints have no flip_idx and no left/right names: flips are not drawn"],
        right: |out| assert_eq!(text(out, "labels/a_0.txt"), "0 0.5 0.4 0.4 0.4 0.35 0.3 2 0.6 0.3 2\n"),
        ..PLAIN
    },
    Report {
        name: "files of labeling tools are read",
        lay: |at| {
            draw(at, "in/a.jpg");
            let shape = json!({"label": "cat", "points": [[4, 5], [30, 40]], "shape_type": "rectangle", "flags": {}});
            let file = json!({"version": "5", "flags": {}, "shapes": [shape], "imagePath": "a.jpg", "imageData": null,
                "imageHeight": 48, "imageWidth": 64});
            write(at, "in/a.json", file.to_string());
        },
        right: |out| assert_eq!(json_of(out, "labels/a_0.json")["shapes"][0]["label"], "cat"),
        ..PLAIN
    },
    Report {
        name: "a note that mentions an image is no label file",
        lay: |at| {
            draw(at, "in/a.jpg");
            write(at, "in/notes.txt", "Where from: the garden\nWe took a.jpg at noon.\nIt was warm.\n");
        },
        arguments: "in/a.jpg --recipe none",
        ..PLAIN
    },
    Report {
        name: "labels are converted without touching a pixel",
        lay: |at| {
            draw(at, "in/a.jpg");
            write(at, "in/a.xml", voc(64, 48, &[[5, 5, 30, 30]]));
        },
        arguments: "in --recipe none --labels yolo",
        right: |out| assert_eq!(fs::read(out.join("images/a_0.jpg")).unwrap(), drawn("in/a.jpg")),
        ..PLAIN
    },
    Report {
        name: "pictures are known by their content, and those that are not read are named",
        lay: |at| {
            for ending in ["jpg", "jfif", "jpe", "jpg_large"] {
                write(at, &format!("in/{ending}.{ending}"), drawn(ending));
            }
            write(at, "in/phone.heic", &b"\0\0\0\x18ftypheic\0\0\0\0heicmif1"[..]);
        },
        code: 1,
        told: &["phone.heic: HEIC pictures are not read: convert it to JPEG, PNG or TIFF first"],
        images: 4,
        ..PLAIN
    },
    Report {
        name: "copies of a rare image come out different",
        lay: |at| {
            for name in ["rare/a.png", "rare/b.png", "common/c.png"] {
                write(at, &format!("in/{name}"), png(&picture(u32::from(name.contains("common")), 64, 48)));
            }
        },
        arguments: "in --recipe classification --count 3 --seed 7 --format png",
        images: 9,
        right: |out| {
            let rare = contents(out).into_iter().filter(|(name, _)| name.starts_with("images/rare/"));
            assert_eq!(rare.map(|(_, hash)| hash).collect::<BTreeSet<_>>().len(), 6);
        },
        ..PLAIN
    },
    Report {
        name: "a picture that is none is named, and the rest is done",
        lay: |at| {
            yolo(at, "a", "0 0.5 0.5 0.2 0.2\n");
            write(at, "in/images/b.jpg", "no picture");
            write(at, "in/labels/b.txt", "0 0.5 0.5 0.2 0.2\n");
        },
        code: 1,
        told: &["images/b.jpg: "],
        ..PLAIN
    },
];

const CITYSCAPES: &str =
    r#"{"imgHeight": 48, "imgWidth": 64, "objects": [{"label": "cargroup", "polygon": [[8, 8], [40, 8], [40, 32]]}]}"#;

/// Holds a report to what is right.
fn hold(report: &Report) {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    (report.lay)(at);
    let said = run(at, &format!("augment {} -o out", report.arguments));
    let lines: Vec<&str> = said.err.lines().filter(|line| !line.starts_with("note: ")).collect();
    assert_eq!((said.code, lines.len()), (report.code, report.told.len()), "{said:?}");
    for (line, told) in lines.iter().zip(report.told) {
        assert!(line.contains(told), "{told:?} is not in {line:?}");
    }
    if report.code != 2 {
        let written: Vec<String> = contents(&at.join("out")).into_iter().map(|(name, _)| name).collect();
        let images: Vec<&String> = written.iter().filter(|name| name.starts_with("images/")).collect();
        assert_eq!(images.len(), report.images, "{written:?}");
        for image in images {
            decode(&fs::read(at.join("out").join(image)).unwrap(), &Default::default()).unwrap();
        }
        (report.right)(&at.join("out"));
    }
    let strict = run(at, &format!("augment {} -o strict --strict", report.arguments));
    let expected = if report.code == 0 { i32::from(!report.told.is_empty()) } else { report.code };
    assert_eq!(strict.code, expected, "with --strict: {strict:?}");
    assert_eq!(at.join("strict").exists(), expected == 0, "with --strict all or nothing is written");
}

#[test]
fn every_report_comes_out_right_and_is_told_in_its_lines() {
    let wrong = REPORTS.iter().filter(|report| std::panic::catch_unwind(|| hold(report)).is_err());
    let wrong: Vec<&str> = wrong.map(|report| report.name).collect();
    assert!(wrong.is_empty(), "{} are wrong, for the reasons above: {wrong:#?}", wrong.len());
}
