//! Layouts with Pascal VOC's XML: VOC2012 with its masks, Roboflow's, CVAT's, and LabelMe's dialect.

use augment_core::formats::LabelFormat;

use super::masks::palette;
use super::png::{Pixels, png};
use super::yolo::roboflow_stem;
use crate::scene::{Form, Kind, Picture, SIZE, Thing};
use crate::set::{COLORS, Layout, Numbers, ONE, Outlines, Set, TWO, listed, spelled};

const VOC: Layout = Layout { own: Some(LabelFormat::Voc), keeps: true, ..Layout::BOXES };

pub(super) const LAYOUTS: &[Layout] = &[
    Layout {
        name: "voc-seg",
        kind: Kind::Rings,
        splits: TWO,
        outlines: Outlines::Bounded,
        mask: Some(Numbers::Classes),
        rounds: 0.05,
        lay: devkit,
        ..VOC
    },
    Layout { name: "voc-trainval", splits: &["train", "test"], lay: trainval, ..VOC },
    Layout { name: "rf-voc", lay: roboflow, ..VOC },
    Layout { name: "cvat-voc", splits: ONE, told: false, bound: as_read, lay: cvat, ..VOC },
    Layout {
        name: "voc-labelme",
        kind: Kind::Mixed,
        splits: ONE,
        told: false,
        own: None,
        keeps: false,
        lay: labelme,
        ..VOC
    },
];

/// VOC counts pixels from 1, and both ends are inside.
fn counted([x0, y0, x1, y1]: [f64; 4]) -> [f64; 4] {
    [x0 + 1.0, y0 + 1.0, x1, y1]
}

/// The box of a tool that writes continuous pixels into VOC's elements, as VOC's rules read it.
fn as_read(thing: &Thing) -> [f64; 4] {
    let [x0, y0, x1, y1] = thing.bound();
    [x0 - 1.0, y0 - 1.0, x1, y1]
}

/// An XML file; `numbers` are those of a box.
fn xml(layout: &Layout, file: &str, picture: &Picture, numbers: impl Fn(&Thing) -> [f64; 4]) -> String {
    let object = |thing: &Thing| {
        let [x0, y0, x1, y1] = numbers(thing);
        format!(
            "<object><name>{}</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult><bndbox>\
             <xmin>{x0}</xmin><ymin>{y0}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax></bndbox></object>\n",
            layout.name_of(thing)
        )
    };
    format!(
        "<annotation>\n<folder></folder>\n<filename>{file}</filename>\n<path>{file}</path>\n<size><width>{}</width><height>{}\
         </height><depth>3</depth></size>\n<segmented>0</segmented>\n{}</annotation>\n",
        SIZE.width,
        SIZE.height,
        picture.things.iter().map(object).collect::<String>()
    )
}

fn devkit(layout: &Layout, pictures: &[Picture]) -> Set {
    let (mut set, root) = (Set::default(), "VOCdevkit/VOC2012");
    for picture in pictures {
        let stem = &picture.stem;
        set.image(format!("{root}/JPEGImages/{stem}.jpg"), picture);
        let text = xml(layout, &format!("{stem}.jpg"), picture, |thing| counted(thing.bound()));
        set.label(format!("{root}/Annotations/{stem}.xml"), text);
        let class = |thing: Option<usize>| thing.map_or(0, |at| picture.things[at].class as u8 + 1);
        set.mask(format!("{root}/SegmentationClass/{stem}.png"), png(picture, &palette(Box::new(class))));
        let object = |thing: Option<usize>| thing.map_or(0, |at| at as u8 + 1);
        let objects = Pixels::Palette(Box::new(object), &COLORS);
        set.label(format!("{root}/SegmentationObject/{stem}.png"), png(picture, &objects));
    }
    for kind in ["Main", "Segmentation"] {
        for split in TWO {
            let list = listed(pictures, split, |picture| picture.stem.clone());
            set.file(format!("{root}/ImageSets/{kind}/{split}.txt"), list);
        }
    }
    set
}

/// As the field divides VOC2007: what is not for testing is in one list.
fn trainval(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let stem = &picture.stem;
        set.image(format!("JPEGImages/{stem}.jpg"), picture);
        let text = xml(layout, &format!("{stem}.jpg"), picture, |thing| counted(thing.bound()));
        set.label(format!("Annotations/{stem}.xml"), text);
    }
    for (list, split) in [("trainval", "train"), ("test", "test")] {
        set.file(format!("ImageSets/Main/{list}.txt"), listed(pictures, split, |picture| picture.stem.clone()));
    }
    set
}

fn roboflow(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let at = format!("{}/{}", spelled(picture.split, ["train", "valid", "test"]), roboflow_stem(picture));
        set.image(format!("{at}.jpg"), picture);
        let file = format!("{}.jpg", roboflow_stem(picture));
        set.label(format!("{at}.xml"), xml(layout, &file, picture, |thing| counted(thing.bound())));
    }
    set.file("README.roboflow.txt", "\nanimals - v3\n==============================\n");
    set
}

fn cvat(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let stem = &picture.stem;
        set.image(format!("JPEGImages/{stem}.jpg"), picture);
        let text = xml(layout, &format!("{stem}.jpg"), picture, Thing::bound);
        set.label(format!("Annotations/{stem}.xml"), text);
    }
    set.file("ImageSets/Main/default.txt", listed(pictures, "train", |picture| picture.stem.clone()));
    set.file("labelmap.txt", "# label:color_rgb:parts:actions\nbackground:0,0,0::\n");
    set
}

/// As CVAT exports "LabelMe 3.0": every object a polygon of four or more points.
fn labelme(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let stem = &picture.stem;
        set.image(format!("{stem}.jpg"), picture);
        let object = |(id, thing): (usize, &Thing)| {
            let points = thing.outline.iter().map(|[x, y]| format!("<pt><x>{x:.2}</x><y>{y:.2}</y></pt>"));
            let kind = if thing.form == Form::Box { "<type>bounding_box</type>" } else { "" };
            format!(
                "<object><name>{}</name><deleted>0</deleted><verified>0</verified><occluded>no</occluded>{kind}<attributes>\
                 </attributes><parts><hasparts></hasparts><ispartof></ispartof></parts><date></date><id>{id}</id><polygon>{}\
                 <username></username></polygon></object>\n",
                layout.name_of(thing),
                points.collect::<String>()
            )
        };
        let text = format!(
            "<annotation>\n<filename>{stem}.jpg</filename>\n<folder></folder>\n<source><sourceImage></sourceImage>\
             <sourceAnnotation>CVAT</sourceAnnotation></source>\n{}<imagesize><nrows>{}</nrows><ncols>{}</ncols></imagesize>\n\
             </annotation>\n",
            picture.things.iter().enumerate().map(object).collect::<String>(),
            SIZE.height,
            SIZE.width
        );
        set.label(format!("{stem}.xml"), text);
    }
    set
}
