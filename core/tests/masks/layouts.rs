//! Masks where tools and benchmarks keep them, moved with their images.

use augment_core::codec::decode_mask;
use augment_core::formats::LabelFormat;
use augment_core::limits::Limits;
use augment_core::pipeline::RunSpec;
use augment_core::plan::Recipe;

use crate::scene::{Kind, agreement, image, mask, open, run};

const MOVED: &str = r#"{"version": 1, "count": 2, "output": {"format": "png"}, "steps": [
    {"op": "rotate", "degrees": [-25, 25], "border": "constant"}, {"op": "flip_horizontal", "p": 0.5},
    {"op": "scale", "factor": [0.9, 1.3], "border": "constant"}]}"#;

/// A layout: where images lie, and where their masks of a kind and role do; `{s}` is a split, `{n}` a number.
type Layout = (&'static str, &'static [(&'static str, Kind, &'static str)], [&'static str; 2]);

const LAYOUTS: [Layout; 13] = [
    (
        "VOC/JPEGImages/{s}_{n}.jpg",
        &[
            ("VOC/SegmentationClass/{s}_{n}.png", Kind::Palette, "mask"),
            ("VOC/SegmentationObject/{s}_{n}.png", Kind::Palette, "instances"),
        ],
        ["", ""],
    ),
    ("img_dir/{s}/{n}.jpg", &[("ann_dir/{s}/{n}.png", Kind::Gray, "mask")], ["train", "val"]),
    (
        "leftImg8bit/{s}/ulm/ulm_{n}_leftImg8bit.png",
        &[
            ("gtFine/{s}/ulm/ulm_{n}_gtFine_labelIds.png", Kind::Gray, "mask"),
            ("gtFine/{s}/ulm/ulm_{n}_gtFine_labelTrainIds.png", Kind::Gray, "train_ids"),
            ("gtFine/{s}/ulm/ulm_{n}_gtFine_instanceIds.png", Kind::Words, "instances"),
            ("gtFine/{s}/ulm/ulm_{n}_gtFine_color.png", Kind::Rgb, "color"),
        ],
        ["train", "val"],
    ),
    (
        "ADE/images/{s}/ADE_{n}.jpg",
        &[("ADE/annotations/{s}/ADE_{n}.png", Kind::Gray, "mask")],
        ["training", "validation"],
    ),
    ("{s}/{n}.png", &[("{s}annot/{n}.png", Kind::Gray, "mask")], ["train", "val"]),
    ("images/{n}.png", &[("labels/{n}.png", Kind::Gray, "mask")], ["", ""]),
    ("{s}/images/{n}.png", &[("{s}/masks/{n}.png", Kind::Rgb, "mask")], ["train", "valid"]),
    ("{n}.jpg", &[("{n}_mask.jpg", Kind::Jpeg, "mask")], ["", ""]),
    ("{s}/{n}.jpg", &[("{s}_masks/{n}_mask.gif", Kind::Gif, "mask")], ["train", "val"]),
    ("{s}/{n}_jpg.rf.0f.jpg", &[("{s}/{n}_jpg.rf.0f_mask.png", Kind::Palette, "mask")], ["train", "valid"]),
    ("Input/ISIC_{n}.jpg", &[("GroundTruth/ISIC_{n}_segmentation.png", Kind::Gray, "mask")], ["", ""]),
    ("images/img_{n}.png", &[("masks/mask_{n}.png", Kind::Words, "mask")], ["", ""]),
    (
        "cells/images/{n}.png",
        &[("cells/masks/wall/{n}.png", Kind::Gray, "wall"), ("cells/masks/nucleus/{n}.png", Kind::Gray, "nucleus")],
        ["", ""],
    ),
];

fn files((images, masks, splits): &Layout) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for scene in 0..4 {
        let named = |pattern: &str| pattern.replace("{s}", splits[scene / 2]).replace("{n}", &format!("{scene:03}"));
        files.push((named(images), image(scene)));
        files.extend(masks.iter().map(|(pattern, kind, _)| (named(pattern), mask(scene, *kind))));
    }
    files
}

#[test]
fn masks_of_every_layout_follow_their_images() {
    for layout in &LAYOUTS {
        let (images, masks, splits) = layout;
        let sources = files(layout);
        let made = run(sources.clone(), MOVED, None).unwrap();
        let dataset = &made.found.dataset;
        assert_eq!((dataset.items.len(), dataset.problems.len()), (4, 0), "{images}: {:?}", dataset.problems);
        let told = dataset.warnings.join("\n");
        assert_eq!(told.contains("4 mask(s) are JPEGs"), masks[0].1 == Kind::Jpeg, "{images}: {told}");
        for line in &made.lines {
            let split = line.split.as_ref().map_or(String::new(), |split| format!("{split}/"));
            assert_eq!(split.is_empty(), splits[0].is_empty(), "{images}");
            let stem = line.output.rsplit_once('.').unwrap().0.strip_prefix("images/").unwrap();
            assert!(stem.starts_with(&split), "{stem}");
            let moved = line.copy.is_some();
            for (pattern, kind, role) in *masks {
                // What goes through unchanged keeps its own bytes, under the ending that they have.
                let extension = if moved { "png" } else { pattern.rsplit_once('.').unwrap().1 };
                let bytes = made.bytes(&format!("masks/{stem}_{role}.{extension}"));
                let (mask, _) = decode_mask(bytes, &Limits::default()).unwrap();
                assert!(kind.is_of(mask.values()), "{pattern}: {:?}", mask.values());
                let same = agreement(made.bytes(&line.output), &mask, *kind);
                assert!(same >= 0.995, "{}: {:.3} % of {role} lie on the image", line.output, same * 100.0);
                assert!(moved || sources.iter().any(|(_, source)| source == bytes), "{pattern} is not the same file");
            }
        }
        let unchanged = made.lines.iter().filter(|line| line.copy.is_none()).count();
        assert_eq!(unchanged, if splits[0].is_empty() { 0 } else { 2 }, "{images}");
        assert_eq!(made.files.len(), made.lines.len() * (1 + masks.len()), "{images}: {:?}", made.names());
    }
}

#[test]
fn masks_in_one_mosaic_keep_the_values_of_each() {
    let recipe = r#"{"version": 1, "count": 2, "output": {"format": "png"}, "steps": [{"op": "mosaic"}]}"#;
    for layout in &LAYOUTS {
        let (_, masks, _) = layout;
        let made = run(files(layout), recipe, None).unwrap();
        for line in made.lines.iter().filter(|line| line.copy.is_some()) {
            let stem = line.output.rsplit_once('.').unwrap().0.strip_prefix("images/").unwrap();
            for (pattern, kind, role) in *masks {
                let (mask, _) =
                    decode_mask(made.bytes(&format!("masks/{stem}_{role}.png")), &Limits::default()).unwrap();
                assert!(kind.is_of(mask.values()), "{pattern}: {:?}", mask.values());
                let same = agreement(made.bytes(&line.output), &mask, *kind);
                assert!(same >= 0.995, "{}: {:.3} % of {role} lie on the image", line.output, same * 100.0);
            }
        }
    }
}

#[test]
fn numbers_of_things_that_may_coincide_are_told() {
    let recipe = |op: &str| Recipe::parse(&format!(r#"{{"version": 1, "steps": [{{"op": "{op}"}}]}}"#)).unwrap();
    let told = |layout, op| {
        let found = open(files(layout));
        let job = RunSpec::new(recipe(op), 1, &found.dataset, found.dataset.format, Limits::default());
        job.warnings().iter().any(|warning| warning.contains("masks of instances"))
    };
    assert!(told(&LAYOUTS[0], "mosaic"), "instances of four images in one");
    assert!(!told(&LAYOUTS[0], "rotate") && !told(&LAYOUTS[1], "mosaic"), "nothing coincides");
}

#[test]
fn labels_of_objects_stand_beside_masks() {
    let mut sources = files(&LAYOUTS[0]);
    for scene in 0..4 {
        let xml = "<annotation><object><name>cat</name><bndbox><xmin>21</xmin><ymin>16</ymin><xmax>60</xmax><ymax>75</ymax>\
                   </bndbox></object></annotation>";
        sources.push((format!("VOC/Annotations/_{scene:03}.xml"), xml.into()));
    }
    let made = run(sources, MOVED, None).unwrap();
    assert_eq!(made.found.dataset.format, LabelFormat::Voc);
    for kind in ["labels/_000_0.xml", "masks/_000_0_mask.png", "masks/_000_0_instances.png"] {
        assert!(!made.bytes(kind).is_empty(), "{kind}");
    }
    let told = made.found.dataset.described(&Default::default());
    assert!(told.contains("4 mask(s); 4 instances mask(s)"), "{told}");
}

#[test]
fn folders_that_look_like_masks_are_named_instead_of_augmented() {
    let noise = |scene: usize| {
        let samples = (0..crate::scene::SIZE.area() * 3).map(|at| ((at * 7 + scene) * at % 251) as u8).collect();
        let image =
            augment_core::image::Image::from_samples(crate::scene::SIZE, augment_core::image::Channels::Rgb, samples);
        let encoding = augment_core::codec::Encoding::Jpeg { quality: 90, subsampling: Default::default() };
        augment_core::codec::encode(&image.unwrap(), &encoding, None, augment_core::image::Fill::BLACK).unwrap()
    };
    let mut sources = Vec::new();
    for scene in 0..3 {
        sources.push((format!("photos/{scene}.jpg"), noise(scene)));
        sources.push((format!("colormaps/{scene}.png"), mask(scene, Kind::Palette)));
    }
    let found = open(sources.clone());
    assert_eq!(found.dataset.items.len(), 3, "the photographs alone");
    let problem = &found.dataset.problems[0];
    assert!(problem.file == "colormaps" && problem.error.message().contains("photos"), "{problem:?}");
    assert!(found.dataset.items.iter().all(|item| item.class.is_none()), "neither folder is a class");
    for (name, bytes) in &mut sources {
        *name = name.replace("photos", "cat").replace("colormaps", "dog").replace("png", "jpg");
        *bytes = noise(name.len());
    }
    let found = open(sources);
    assert_eq!((found.dataset.items.len(), found.dataset.problems.len()), (6, 0));
    assert!(found.dataset.items.iter().all(|item| item.class.is_some()), "class folders stay class folders");
}

#[test]
fn masks_that_are_missing_or_over_are_told() {
    let mut sources = files(&LAYOUTS[0]);
    sources.retain(|(name, _)| name != "VOC/SegmentationClass/_001.png" && name != "VOC/SegmentationObject/_002.png");
    sources.push(("VOC/SegmentationClass/_9.png".to_owned(), mask(0, Kind::Gray)));
    sources.push(("VOC/SegmentationClass/_8.png".to_owned(), mask(0, Kind::Gray)));
    sources.push(("VOC/SegmentationClassAug/_000.png".to_owned(), mask(0, Kind::Gray)));
    sources.push(("VOC/JPEGImages/bare.jpg".to_owned(), image(0)));
    let dataset = open(sources).dataset;
    let problems: Vec<&str> = dataset.problems.iter().map(|problem| problem.error.message()).collect();
    assert_eq!(problems, ["mask without image (and 1 more masks)"]);
    let told = dataset.warnings.join("\n");
    for part in [
        "1 image(s) have other masks, but no mask of classes, though 3 have one: VOC/JPEGImages/_001.jpg",
        "1 image(s) have other masks, but no mask instances, though 3 have one: VOC/JPEGImages/_002.jpg",
        "1 mask(s) are passed over, since their images have another one for the same: VOC/SegmentationClassAug/_000.png",
        "1 image(s) have no mask: VOC/JPEGImages/bare.jpg",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    let roles: Vec<&str> = dataset.items[1].masks.iter().map(|mask| &*mask.role).collect();
    assert_eq!(roles, ["instances"], "a mask of another kind does not take the place of the first");
}
