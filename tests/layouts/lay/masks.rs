//! Layouts of semantic masks: CVAT's, Roboflow's, mmsegmentation's, folders of images and masks, Carvana's, CamVid's,
//! Cityscapes', ADE20K's.

use augment_core::codec::{Encoding, Subsampling, encode};
use augment_core::image::{Channels, Fill, Image};

use super::png::{Pixels, png, things};
use super::tools::cityscapes_polygons;
use super::yolo::roboflow_stem;
use crate::scene::{Kind, Picture, SIZE};
use crate::set::{ALL, COLORS, Layout, Numbers, ONE, Set, TWO, listed, spelled};

const MASKS: Layout = Layout { kind: Kind::Rings, objects: false, mask: Some(Numbers::Classes), ..Layout::BOXES };
/// Without splits.
const ALONE: Layout = Layout { splits: ONE, told: false, ..MASKS };

pub(super) const LAYOUTS: &[Layout] = &[
    Layout { name: "cvat-segmask", mask: Some(Numbers::Colors), lay: cvat, ..ALONE },
    Layout { name: "rf-semseg", lay: roboflow, ..MASKS },
    Layout { name: "mmseg", lay: mmseg, ..MASKS },
    Layout { name: "seg-images-masks", lay: images_masks, ..ALONE },
    Layout { name: "seg-images-masks-split", mask: Some(Numbers::Binary), lay: images_masks_split, ..MASKS },
    Layout { name: "seg-images-labels", lay: images_labels, ..ALONE },
    Layout { name: "seg-trainmasks", mask: Some(Numbers::Binary), lay: carvana, ..ALONE },
    Layout { name: "seg-maskjpg", mask: Some(Numbers::Binary), lay: mask_jpg, ..ALONE },
    Layout { name: "camvid", lay: camvid, ..MASKS },
    Layout { name: "cityscapes", lay: cityscapes, ..MASKS },
    Layout { name: "ade20k", splits: TWO, lay: ade20k, ..MASKS },
    Layout { name: "seg-in-segmentation", lay: in_segmentation, ..MASKS },
    Layout { name: "seg-words", mask: Some(Numbers::Binary), lay: last_words, ..MASKS },
    Layout { name: "nnunet", splits: ONE, lay: nnunet, ..MASKS },
    Layout { name: "drive", splits: ONE, mask: Some(Numbers::Binary), lay: drive, ..MASKS },
    Layout { name: "mvtec", mask: Some(Numbers::Binary), lay: ground_truth, ..ALONE },
];

/// Positions in the palette of [`COLORS`].
pub(super) fn palette<'a>(level: Box<dyn Fn(Option<usize>) -> u8 + 'a>) -> Pixels<'a> {
    Pixels::Palette(level, &COLORS)
}

/// One more than the class of the thing.
fn class_of(picture: &Picture) -> impl Fn(Option<usize>) -> u8 {
    |thing| thing.map_or(0, |at| picture.things[at].class as u8 + 1)
}

fn binary(thing: Option<usize>) -> u8 {
    if thing.is_some() { 255 } else { 0 }
}

fn gray(picture: &Picture) -> Vec<u8> {
    png(picture, &Pixels::Gray(Box::new(class_of(picture))))
}

fn colored(picture: &Picture) -> Vec<u8> {
    let class = class_of(picture);
    png(picture, &Pixels::Colors(Box::new(move |thing| COLORS[usize::from(class(thing))])))
}

fn cvat(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let stem = &picture.stem;
        set.image(format!("JPEGImages/{stem}.jpg"), picture);
        set.mask(format!("SegmentationClass/{stem}.png"), colored(picture));
        let object = |thing: Option<usize>| COLORS[thing.map_or(0, |at| at % 3 + 1)];
        let objects = Pixels::Colors(Box::new(object));
        set.label(format!("SegmentationObject/{stem}.png"), png(picture, &objects));
    }
    set.file("ImageSets/Segmentation/default.txt", listed(pictures, "train", |picture| picture.stem.clone()));
    let line = |(name, [r, g, b]): (&str, [u8; 3])| format!("{name}:{r},{g},{b}::\n");
    let names = std::iter::once("background").chain(layout.names).zip(COLORS);
    set.file("labelmap.txt", format!("# label:color_rgb:parts:actions\n{}", names.map(line).collect::<String>()));
    set
}

fn roboflow(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let at = format!("{}/{}", spelled(picture.split, ["train", "valid", "test"]), roboflow_stem(picture));
        set.image(format!("{at}.jpg"), picture);
        set.mask(format!("{at}_mask.png"), gray(picture));
    }
    for folder in ["train", "valid", "test"] {
        let lines: String = layout.names.iter().zip(1..).map(|(name, level)| format!("{level}, {name}\n")).collect();
        set.file(format!("{folder}/_classes.csv"), format!("Pixel Value, Class\n0, background\n{lines}"));
    }
    set
}

fn mmseg(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (split, stem) = (picture.split, &picture.stem);
        set.image(format!("img_dir/{split}/{stem}.jpg"), picture);
        set.mask(format!("ann_dir/{split}/{stem}.png"), gray(picture));
    }
    set
}

fn images_masks(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        set.image(format!("images/{}.png", picture.stem), picture);
        set.mask(format!("masks/{}.png", picture.stem), png(picture, &palette(Box::new(class_of(picture)))));
    }
    set
}

fn images_masks_split(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (split, stem) = (picture.split, &picture.stem);
        set.image(format!("{split}/images/{stem}.png"), picture);
        set.mask(format!("{split}/masks/{stem}.png"), png(picture, &Pixels::Gray(Box::new(binary))));
    }
    set
}

fn images_labels(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        set.image(format!("images/{}.png", picture.stem), picture);
        set.mask(format!("labels/{}.png", picture.stem), gray(picture));
    }
    set
}

fn carvana(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        set.image(format!("train/{}.jpg", picture.stem), picture);
        set.mask(format!("train_masks/{}_mask.gif", picture.stem), gif(picture));
    }
    set
}

/// A GIF of black and white.
fn gif(picture: &Picture) -> Vec<u8> {
    let (mut out, (width, height)) = (Vec::new(), (SIZE.width as u16, SIZE.height as u16));
    let mut encoder = gif::Encoder::new(&mut out, width, height, &[0, 0, 0, 255, 255, 255]).expect("a head");
    let indices: Vec<u8> = things(picture).map(|thing| u8::from(thing.is_some())).collect();
    encoder.write_frame(&gif::Frame::from_indexed_pixels(width, height, indices, None)).expect("a frame");
    drop(encoder);
    out
}

fn mask_jpg(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        set.image(format!("{}.jpg", picture.stem), picture);
        let mask = Image::from_samples(SIZE, Channels::Gray, things(picture).map(binary).collect()).expect("a mask");
        let encoding = Encoding::Jpeg { quality: 95, subsampling: Subsampling::Full };
        let bytes = encode(&mask, &encoding, None, Fill::BLACK).expect("a mask can be written");
        set.mask(format!("{}_mask.jpg", picture.stem), bytes);
    }
    set
}

fn camvid(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (split, stem) = (picture.split, &picture.stem);
        set.image(format!("{split}/{stem}.png"), picture);
        set.mask(format!("{split}annot/{stem}.png"), gray(picture));
    }
    for split in ALL {
        let line = |picture: &Picture| {
            format!("/SegNet/CamVid/{split}/{0}.png /SegNet/CamVid/{split}annot/{0}.png", picture.stem)
        };
        set.file(format!("{split}.txt"), listed(pictures, split, line));
    }
    set
}

fn cityscapes(layout: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (split, frame) = (picture.split, format!("ulm_{:06}_000019", picture.place));
        set.image(format!("leftImg8bit/{split}/ulm/{frame}_leftImg8bit.png"), picture);
        let at = format!("gtFine/{split}/ulm/{frame}_gtFine");
        set.mask(format!("{at}_labelIds.png"), gray(picture));
        set.label(format!("{at}_color.png"), colored(picture));
        let class = class_of(picture);
        let instance = |thing: Option<usize>| thing.map_or(0, |at| u16::from(class(Some(at))) * 1000 + at as u16);
        set.label(format!("{at}_instanceIds.png"), png(picture, &Pixels::Deep(Box::new(instance))));
        set.label(format!("{at}_polygons.json"), cityscapes_polygons(layout, picture));
    }
    set
}

fn ade20k(_: &Layout, pictures: &[Picture]) -> Set {
    let (mut set, root) = (Set::default(), "ADEChallengeData2016");
    for picture in pictures {
        let (folder, stem) = (spelled(picture.split, ["training", "validation", ""]), format!("ADE_{}", picture.stem));
        set.image(format!("{root}/images/{folder}/{stem}.jpg"), picture);
        set.mask(format!("{root}/annotations/{folder}/{stem}.png"), gray(picture));
    }
    set.file(format!("{root}/objectInfo150.txt"), "Idx\tRatio\tTrain\tVal\tStuff\tName\n1\t0.1\t1\t1\t1\twall\n");
    let scenes: String = pictures.iter().map(|picture| format!("ADE_{} airport\n", picture.stem)).collect();
    set.file(format!("{root}/sceneCategories.txt"), scenes);
    set
}

/// The set's own name is a word of masks, too.
fn in_segmentation(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (split, stem) = (picture.split, &picture.stem);
        set.image(format!("segmentation/{split}/images/{stem}.jpg"), picture);
        set.mask(format!("segmentation/{split}/masks/{stem}.png"), gray(picture));
    }
    set
}

/// The last word tells image and mask, as sets of satellites have it.
fn last_words(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (split, place) = (picture.split, picture.place);
        set.image(format!("{split}/{place}_sat.jpg"), picture);
        set.mask(format!("{split}/{place}_mask.png"), png(picture, &Pixels::Gray(Box::new(binary))));
    }
    set
}

/// The name of an image ends in the number of its channel.
fn nnunet(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let at = format!("c_{:03}", picture.place);
        set.image(format!("Dataset001/imagesTr/{at}_0000.png"), picture);
        set.mask(format!("Dataset001/labelsTr/{at}.png"), gray(picture));
    }
    set
}

fn drive(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let (split, place) = (picture.split, picture.place);
        set.image(format!("{split}/images/{place}_{split}.png"), picture);
        set.mask(format!("{split}/1st_manual/{place}_manual1.gif"), gif(picture));
    }
    set
}

/// The masks lie beside the split of their images.
fn ground_truth(_: &Layout, pictures: &[Picture]) -> Set {
    let mut set = Set::default();
    for picture in pictures {
        let fault = if picture.place % 2 == 0 { "broken" } else { "bent" };
        set.image(format!("bottle/test/{fault}/{:03}.png", picture.place), picture);
        let mask = png(picture, &Pixels::Gray(Box::new(binary)));
        set.mask(format!("bottle/ground_truth/{fault}/{:03}_mask.png", picture.place), mask);
    }
    set
}
