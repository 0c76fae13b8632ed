//! Layouts of labeling tools and benchmarks with formats of their own: DOTA, LabelMe, CVAT, Label Studio, VIA,
//! CreateML, Supervisely, Cityscapes' polygons, KITTI, VisDrone.

use augment_core::formats::LabelFormat;
use serde_json::{Value, json};

use crate::scene::{Form, Kind, Picture, Point, SIZE, Thing};
use crate::set::{ALL, Layout, ONE, Set, TWO, listed, spelled};

/// What is only read comes back as the nearest format that is written.
const COCO: Option<LabelFormat> = Some(LabelFormat::Coco);
const YOLO: Option<LabelFormat> = Some(LabelFormat::Yolo);

/// One folder without splits.
const ALONE: Layout = Layout { splits: ONE, told: false, ..Layout::BOXES };

pub(super) const LAYOUTS: &[Layout] = &[
    Layout {
        name: "dota",
        kind: Kind::Turned,
        names: ["cat", "dog", "traffic-light"],
        rounds: 0.05,
        own: Some(LabelFormat::YoloObb),
        lay: dota,
        ..Layout::BOXES
    },
    Layout {
        name: "dota-both",
        kind: Kind::Turned,
        names: ["cat", "dog", "traffic-light"],
        rounds: 0.05,
        own: Some(LabelFormat::YoloObb),
        lay: dota_both,
        ..Layout::BOXES
    },
    Layout { name: "labelme", kind: Kind::Mixed, lay: labelme, ..ALONE },
    Layout { name: "cvat-xml", own: COCO, kind: Kind::Mixed, lay: cvat, ..ALONE },
    Layout { name: "cvat-xml-turned", own: COCO, kind: Kind::Turned, rounds: 0.01, lay: cvat, ..ALONE },
    Layout { name: "cvat-subsets", own: COCO, splits: TWO, lay: cvat_subsets, ..Layout::BOXES },
    Layout { name: "ls-json", own: COCO, lay: label_studio, ..ALONE },
    Layout { name: "ls-json-turned", own: COCO, kind: Kind::Turned, lay: label_studio, ..ALONE },
    Layout { name: "via", own: COCO, kind: Kind::Rings, lay: via, ..ALONE },
    Layout { name: "cityscapes-polygons", own: COCO, kind: Kind::Rings, lay: cityscapes, ..Layout::BOXES },
    Layout { name: "createml", own: COCO, lay: createml, ..Layout::BOXES },
    Layout { name: "supervisely", own: COCO, lay: supervisely, ..ALONE },
    Layout { name: "kitti", own: YOLO, names: ["Cat", "Dog", "TrafficLight"], lay: kitti, ..ALONE },
    Layout {
        name: "kitti-lists",
        own: YOLO,
        names: ["Cat", "Dog", "TrafficLight"],
        splits: TWO,
        lay: kitti_lists,
        ..Layout::BOXES
    },
    Layout { name: "visdrone", own: YOLO, names: ["pedestrian", "people", "bicycle"], lay: visdrone, ..ALONE },
];

/// What Cityscapes says of a picture beside its masks, or without any.
pub(super) fn cityscapes_polygons(layout: &Layout, picture: &Picture) -> String {
    let object = |thing: &Thing| json!({ "label": layout.name_of(thing), "polygon": thing.outline });
    let objects: Vec<Value> = picture.things.iter().map(object).collect();
    json!({ "imgHeight": SIZE.height, "imgWidth": SIZE.width, "objects": objects }).to_string()
}

fn cityscapes(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (split, frame) = (picture.split, format!("ulm_{:06}_000019", picture.place));
        set.image(format!("leftImg8bit/{split}/ulm/{frame}_leftImg8bit.png"), picture);
        let polygons = cityscapes_polygons(layout, picture);
        set.label(format!("gtFine/{split}/ulm/{frame}_gtFine_polygons.json"), polygons);
    }
    set
}

/// The points of a thing as text.
fn points(outline: &[Point], decimals: usize, within: &str, between: &str) -> String {
    let point = |[x, y]: &Point| format!("{x:.decimals$}{within}{y:.decimals$}");
    outline.iter().map(point).collect::<Vec<_>>().join(between)
}

fn dota(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (split, stem) = (picture.split, &picture.stem);
        set.image(format!("{split}/images/{stem}.png"), picture);
        set.label(format!("{split}/labelTxt/{stem}.txt"), dota_rows(layout, picture, |thing| thing.outline.clone()));
    }
    set
}

/// As the archives of DOTA unpack: the oriented boxes of the first task, and the upright ones of the second.
fn dota_both(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (split, stem) = (picture.split, &picture.stem);
        set.image(format!("{split}/images/{stem}.png"), picture);
        let rows = dota_rows(layout, picture, |thing| thing.outline.clone());
        set.label(format!("{split}/labelTxt-v1.0/labelTxt/{stem}.txt"), rows);
        let upright = |thing: &Thing| {
            let [x0, y0, x1, y1] = thing.bound();
            vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
        };
        let rows = dota_rows(layout, picture, upright);
        set.file(format!("{split}/labelTxt-v1.0/Train_Task2_gt/{split}set_reclabelTxt/{stem}.txt"), rows);
    }
    set
}

fn dota_rows(layout: &Layout, picture: &Picture, corners: impl Fn(&Thing) -> Vec<Point>) -> String {
    let row = |thing: &Thing| format!("{} {} 0\n", points(&corners(thing), 1, " ", " "), layout.name_of(thing));
    let rows: String = picture.things.iter().map(row).collect();
    format!("imagesource:GoogleEarth\ngsd:0.146\n{rows}")
}

fn labelme(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        set.image(format!("{}.jpg", picture.stem), picture);
        // A picture without annotations has no file.
        if picture.things.is_empty() {
            continue;
        }
        let shape = |thing: &Thing| {
            let ([x0, y0, x1, y1], boxed) = (thing.bound(), thing.form == Form::Box);
            let points = if boxed { vec![[x0, y0], [x1, y1]] } else { thing.outline.clone() };
            json!({
                "label": layout.name_of(thing), "points": points, "group_id": null, "description": "",
                "shape_type": if boxed { "rectangle" } else { "polygon" }, "flags": {}, "mask": null,
            })
        };
        let document = json!({
            "version": "5.5.0", "flags": {}, "shapes": picture.things.iter().map(shape).collect::<Vec<_>>(),
            "imagePath": format!("{}.jpg", picture.stem), "imageData": null, "imageHeight": SIZE.height,
            "imageWidth": SIZE.width,
        });
        set.label(format!("{}.json", picture.stem), document.to_string());
    }
    set
}

fn cvat(layout: &Layout, pictures: &[Picture]) -> Set {
    cvat_named(layout, pictures, |picture| (format!("{}.jpg", picture.stem), format!("{}.jpg", picture.stem), ""))
}

/// A project of two tasks whose images have the same names: subsets tell them apart.
fn cvat_subsets(layout: &Layout, pictures: &[Picture]) -> Set {
    cvat_named(layout, pictures, |picture| {
        let subset = spelled(picture.split, ["Train", "Validation", "Test"]);
        let file = format!("{:06}.jpg", picture.place);
        (format!("{subset}/{file}"), file, subset)
    })
}

/// A file of which each image has a path, a name in the XML and a subset.
fn cvat_named(
    layout: &Layout,
    pictures: &[Picture],
    named: impl Fn(&Picture) -> (String, String, &'static str),
) -> Set {
    let mut set = Set::default();
    let element = |thing: &Thing| {
        let start = format!("label=\"{}\" source=\"manual\" occluded=\"0\"", layout.name_of(thing));
        let upright = |[x0, y0, x1, y1]: [f64; 4], turned: &str| {
            let corners = format!("xtl=\"{x0:.2}\" ytl=\"{y0:.2}\" xbr=\"{x1:.2}\" ybr=\"{y1:.2}\"");
            format!("<box {start} {corners}{turned} z_order=\"0\"></box>\n")
        };
        match thing.form {
            Form::Box | Form::Pose => upright(thing.bound(), ""),
            Form::Turned(tilt) => {
                let ([x, y], [w, h]) = (tilt.middle, tilt.sides.map(|side| side / 2.0));
                upright([x - w, y - h, x + w, y + h], &format!(" rotation=\"{:.2}\"", tilt.degrees))
            }
            Form::Ring => {
                let points = points(&thing.outline, 2, ",", ";");
                format!("<polygon {start} points=\"{points}\" z_order=\"0\"></polygon>\n")
            }
        }
    };
    let mut body = String::new();
    for picture in pictures {
        let (path, file, subset) = named(picture);
        set.image(format!("images/{path}"), picture);
        let subset = if subset.is_empty() { String::new() } else { format!(" subset=\"{subset}\"") };
        let elements: String = picture.things.iter().map(element).collect();
        body += &format!(
            "<image id=\"{}\" name=\"{file}\"{subset} width=\"{}\" height=\"{}\">\n{elements}</image>\n",
            picture.number, SIZE.width, SIZE.height
        );
    }
    let label = |name: &&str| format!("<label><name>{name}</name><color>#ff0000</color><type>any</type></label>");
    let labels: String = layout.names.iter().map(label).collect();
    let meta = format!("<meta><task><id>1</id><name>animals</name><labels>{labels}</labels></task></meta>\n");
    let head = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n<version>1.1</version>\n";
    set.file("annotations.xml", format!("{head}{meta}{body}</annotations>\n"));
    set
}

fn label_studio(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    let percent = |[x, y]: Point| [100.0 * x / f64::from(SIZE.width), 100.0 * y / f64::from(SIZE.height)];
    let region = |(at, thing): (usize, &Thing)| {
        // A turned box is told by its upper left corner, around which it is turned.
        let (corner, sides, degrees) = match thing.form {
            Form::Turned(tilt) => (thing.outline[0], tilt.sides, tilt.degrees),
            _ => {
                let [x0, y0, x1, y1] = thing.bound();
                ([x0, y0], [x1 - x0, y1 - y0], 0.0)
            }
        };
        let ([x, y], [width, height]) = (percent(corner), percent(sides));
        json!({
            "original_width": SIZE.width, "original_height": SIZE.height, "image_rotation": 0,
            "value": {
                "x": x, "y": y, "width": width, "height": height, "rotation": degrees,
                "rectanglelabels": [layout.name_of(thing)],
            },
            "id": format!("a{at}"), "from_name": "label", "to_name": "image", "type": "rectanglelabels",
        })
    };
    let mut tasks: Vec<Value> = Vec::new();
    for picture in pictures {
        let (id, file) = (picture.number + 1, format!("0a1b2c3d-{}.jpg", picture.stem));
        set.image(format!("images/{file}"), picture);
        let result: Vec<Value> = picture.things.iter().enumerate().map(region).collect();
        tasks.push(json!({
            "id": id, "data": { "image": format!("/data/upload/1/{file}") },
            "annotations": [{ "id": id, "result": result }],
        }));
    }
    set.file("project-1-at-2026-01-01.json", Value::from(tasks).to_string());
    set
}

fn via(layout: &Layout, pictures: &[Picture]) -> Set {
    let (mut set, mut document) = (Set::default(), serde_json::Map::new());
    for picture in pictures {
        let file = format!("{}.jpg", picture.stem);
        set.image(&file, picture);
        let region = |thing: &Thing| {
            let along = |axis: usize| thing.outline.iter().map(|point| point[axis]).collect::<Vec<_>>();
            json!({
                "shape_attributes": { "name": "polygon", "all_points_x": along(0), "all_points_y": along(1) },
                "region_attributes": { "name": layout.name_of(thing) },
            })
        };
        let (size, regions) = (set.files[&file].len(), picture.things.iter().map(region).collect::<Vec<_>>());
        let entry = json!({ "filename": file, "size": size, "regions": regions, "file_attributes": {} });
        document.insert(format!("{file}{size}"), entry);
    }
    set.file("via_region_data.json", Value::from(document).to_string());
    set
}

/// A list a split, with the middles of boxes.
fn createml(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for split in ALL {
        let (folder, mut entries) = (spelled(split, ["train", "valid", "test"]), Vec::new());
        for picture in pictures.iter().filter(|picture| picture.split == *split) {
            let file = format!("{}.jpg", super::yolo::roboflow_stem(picture));
            let annotation = |thing: &Thing| {
                let [x0, y0, x1, y1] = thing.bound();
                let coordinates =
                    json!({ "x": (x0 + x1) / 2.0, "y": (y0 + y1) / 2.0, "width": x1 - x0, "height": y1 - y0 });
                json!({ "label": layout.name_of(thing), "coordinates": coordinates })
            };
            let annotations: Vec<Value> = picture.things.iter().map(annotation).collect();
            set.image(format!("{folder}/{file}"), picture);
            entries.push(json!({ "image": file, "annotations": annotations }));
        }
        set.file(format!("{folder}/_annotations.createml.json"), Value::from(entries).to_string());
    }
    set
}

fn supervisely(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let file = format!("{}.jpg", picture.stem);
        set.image(format!("ds0/img/{file}"), picture);
        let object = |thing: &Thing| {
            let [x0, y0, x1, y1] = thing.bound();
            json!({
                "classTitle": layout.name_of(thing), "classId": thing.class, "geometryType": "rectangle", "tags": [],
                "description": "", "points": { "exterior": [[x0, y0], [x1, y1]], "interior": [] },
            })
        };
        let objects: Vec<Value> = picture.things.iter().map(object).collect();
        let size = json!({ "height": SIZE.height, "width": SIZE.width });
        let document = json!({ "description": "", "tags": [], "size": size, "objects": objects });
        set.label(format!("ds0/ann/{file}.json"), document.to_string());
    }
    let class = |name: &&str| json!({ "title": name, "shape": "rectangle", "color": "#ff0000" });
    let classes: Vec<Value> = layout.names.iter().map(class).collect();
    set.file("meta.json", json!({ "classes": classes, "tags": [] }).to_string());
    set
}

fn kitti(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        kitti_picture(layout, picture, picture.place, &mut set);
    }
    set
}

/// As detectors in three dimensions lay it out: lists divide the folder of training, beside the labels lies how the
/// camera sees.
fn kitti_lists(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        kitti_picture(layout, picture, picture.number, &mut set);
        let calibration = "P0: 7.0e+02 0.0 6.0e+02 0.0 0.0 7.0e+02 1.8e+02 0.0 0.0 0.0 1.0 0.0\n";
        set.file(format!("training/calib/{:06}.txt", picture.number), calibration);
    }
    let list = |split: &str| listed(pictures, split, |picture| format!("{:06}", picture.number));
    set.file("ImageSets/train.txt", list("train"));
    set.file("ImageSets/val.txt", list("val"));
    set.file("ImageSets/trainval.txt", list("train") + &list("val"));
    set
}

fn kitti_picture(layout: &Layout, picture: &Picture, number: usize, set: &mut Set) {
    set.image(format!("training/image_2/{number:06}.png"), picture);
    let row = |thing: &Thing| {
        let [x0, y0, x1, y1] = thing.bound();
        let name = layout.name_of(thing);
        format!("{name} 0.00 0 -1.57 {x0:.2} {y0:.2} {x1:.2} {y1:.2} 1.5 1.6 3.7 1.0 1.5 8.4 -1.5\n")
    };
    let rows: String = picture.things.iter().map(row).collect();
    set.label(format!("training/label_2/{number:06}.txt"), rows);
}

/// Left, top, width, height, score, category, truncation, occlusion.
fn visdrone(_: &Layout, pictures: &[Picture]) -> Set {
    let (mut set, root) = (Set::default(), "VisDrone2019-DET-train");
    for picture in pictures {
        let name = format!("{:07}_00001_d_{:07}", picture.number, picture.number + 1);
        set.image(format!("{root}/images/{name}.jpg"), picture);
        let row = |thing: &Thing| {
            let [x0, y0, x1, y1] = thing.bound();
            format!("{x0},{y0},{},{},1,{},0,0\n", x1 - x0, y1 - y0, thing.class + 1)
        };
        set.label(format!("{root}/annotations/{name}.txt"), picture.things.iter().map(row).collect::<String>());
    }
    set
}
