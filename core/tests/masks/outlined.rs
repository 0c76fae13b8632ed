//! Objects that are made of masks, where a format of objects is asked for.

use augment_core::formats::LabelFormat;
use augment_core::labels::{Classes, Labels};

use crate::scene::{Kind, Made, image, mask, open, run};

const STILL: &str = r#"{"version": 1, "count": 1, "output": {"format": "png"}, "steps": []}"#;
const NAMES: &[u8] = b"Pixel Value, Class\n0, background\n1, cat\n2, dog\n3, lamp\n";

fn files(kind: Kind) -> Vec<(String, Vec<u8>)> {
    vec![("images/a.png".to_owned(), image(0)), ("masks/a.png".to_owned(), mask(0, kind))]
}

fn named(kind: Kind, list: &str, text: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files = files(kind);
    files.push((list.to_owned(), text.to_vec()));
    files
}

/// Reads what was written, as any input is.
fn again(made: Made) -> (Labels, std::sync::Arc<Classes>) {
    let found = open(made.files);
    assert_eq!(found.dataset.problems, [], "what is written can be read");
    let item = &found.dataset.items[0];
    let frame = augment_core::formats::Frame::plain(crate::scene::SIZE);
    (item.place(&frame, []).unwrap().labels, std::sync::Arc::clone(&found.dataset.classes))
}

#[test]
fn every_region_of_a_class_is_an_object_in_each_format() {
    let colors = b"0 0 0 background\n220 30 30 cat\n30 220 30 dog\n40 60 230 lamp\n";
    for (kind, list, text) in [
        (Kind::Gray, "_classes.csv", NAMES),
        (Kind::Palette, "_classes.csv", NAMES),
        (Kind::Palette, "label_colors.txt", &colors[..]),
        (Kind::Rgb, "label_colors.txt", &colors[..]),
    ] {
        for format in [LabelFormat::Yolo, LabelFormat::Coco, LabelFormat::LabelMe] {
            let made = run(named(kind, list, text), STILL, Some(format)).unwrap();
            assert_eq!((made.lines[0].labels.read, made.lines[0].labels.kept), (3, 3), "{kind:?} as {format:?}");
            let (labels, classes) = again(made);
            let pixels = crate::scene::classes(0);
            assert_eq!(labels.objects.len(), 3);
            for object in &labels.objects {
                let class = 1 + ["cat", "dog", "lamp"].iter().position(|n| *n == classes.0[object.class].name).unwrap();
                let expected = pixels.iter().filter(|pixel| usize::from(**pixel) == class).count() as f64;
                let area = object.shape.as_ref().unwrap().area();
                assert!((area - expected).abs() < 1.0, "{kind:?} as {format:?}: {area} of {expected} pixels");
            }
        }
        for format in [LabelFormat::Voc, LabelFormat::YoloObb, LabelFormat::Csv, LabelFormat::Hf] {
            let made = run(named(kind, list, text), STILL, Some(format)).unwrap();
            assert_eq!(again(made).0.objects.len(), 3, "{kind:?} as {format:?}");
        }
    }
}

#[test]
fn a_mask_of_instances_gives_an_object_each() {
    let mut files = vec![
        ("JPEGImages/a.png".to_owned(), image(0)),
        ("SegmentationClass/a.png".to_owned(), mask(0, Kind::Gray)),
        ("SegmentationObject/a.png".to_owned(), mask(0, Kind::Words)),
    ];
    files.push(("_classes.csv".to_owned(), NAMES.to_vec()));
    let made = run(files, STILL, Some(LabelFormat::Coco)).unwrap();
    // The half of the image is part of a thing's number: all but what lies in one half are cut in two.
    let halves = |class: u8| {
        let half = |at: usize| at % 150 / 75;
        let pixels = crate::scene::classes(0);
        (0..2).filter(|side| pixels.iter().enumerate().any(|(at, c)| *c == class && half(at) == *side)).count()
    };
    let (labels, classes) = again(made);
    for (at, class) in classes.0.iter().enumerate() {
        let number = 1 + ["cat", "dog", "lamp"].iter().position(|name| *name == class.name).unwrap() as u8;
        let objects = labels.objects.iter().filter(|object| object.class == at).count();
        assert_eq!(objects, halves(number), "{}", class.name);
    }
}

#[test]
fn values_that_no_list_names_are_told_and_ignored_ones_are_not() {
    let made = run(
        named(Kind::Gray, "_classes.csv", b"Pixel Value, Class\n0, background\n1, cat\n"),
        STILL,
        Some(LabelFormat::Yolo),
    );
    let warnings = made.unwrap().lines.remove(0).labels.warnings;
    let told = "2 value(s) of its masks are in no list of names, and no objects: 2, 3";
    assert!(warnings.iter().any(|warning| warning == told), "{warnings:?}");
}

#[test]
fn masks_whose_values_have_no_names_are_refused_instead_of_written_as_nothing() {
    let dataset = open(files(Kind::Gray)).dataset;
    let objects = LabelFormat::WRITTEN.into_iter().filter(|f| !matches!(f, LabelFormat::None | LabelFormat::Masks));
    for format in objects {
        let refused = dataset.check_writable(format).unwrap_err();
        assert!(refused.message().contains("_classes.csv"), "{format:?}: {refused}");
    }
    for format in [LabelFormat::None, LabelFormat::Masks] {
        dataset.check_writable(format).unwrap();
    }
}
