//! The front door for one image: the same draws as a run over a dataset, and what it refuses.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::sync::Arc;

use augment_core::codec::{Encoding, PngCompression, encode};
use augment_core::files::InMemory;
use augment_core::formats::{LabelChoice, LabelFormat};
use augment_core::geometry::{Point, Rect, Size};
use augment_core::image::{Channels, Fill, Image};
use augment_core::labels::{Class, Classes, Keypoint, Labels, Mask, Object, Visibility};
use augment_core::limits::Limits;
use augment_core::pipeline::{CopyKind, RunSpec};
use augment_core::run::InputDataset;
use augment_core::{Augmenter, ErrorKind, Recipe};

const STEPS: &str = r#"{"version": 1, "count": 2, "steps": [
    {"op": "flip_horizontal", "p": 0.5}, {"op": "rotate", "degrees": [-20, 20]}, {"op": "brightness", "factor": [0.8, 1.2]}]}"#;

fn picture() -> Image {
    let samples = (0..64 * 48 * 3).map(|at| (at * 7 % 251) as u8).collect();
    Image::from_samples(Size::new(64, 48), Channels::Rgb, samples).unwrap()
}

fn png(image: &Image) -> Vec<u8> {
    encode(image, &Encoding::Png { compression: PngCompression::default() }, None, Fill::BLACK).unwrap()
}

fn point(x: f64, y: f64) -> Keypoint {
    Keypoint { point: Point::new(x, y), visibility: Visibility::Visible }
}

#[test]
fn a_file_is_augmented_as_a_run_over_a_dataset_augments_it() {
    let file = png(&picture());
    let recipe = || Recipe::parse(STEPS).unwrap();
    let inputs = InMemory::from_iter([("a.png".to_owned(), file.clone())]);
    let found = InputDataset::open(inputs, false, LabelChoice::Auto, Limits::default()).unwrap();
    let run = RunSpec::new(recipe(), 7, &found.dataset, LabelFormat::None, Limits::default());
    let (raw, _) = found.read(0).unwrap();
    let source = found.prepare(&run, 0, raw).unwrap();
    let augmenter = Augmenter::new(recipe(), 7);
    for copy in 0..2 {
        let of_run =
            run.render(&source, "a", CopyKind::Augmented(copy), &|_| unreachable!("nothing is mixed")).unwrap();
        let augmented = augmenter.augment_file(&file, &Labels::default(), copy).unwrap();
        assert!(augmented.bytes == of_run.image, "copy {copy}");
        assert_eq!(augmented.plan.to_json(), of_run.line.steps);
    }
}

#[test]
fn a_file_that_no_step_changes_keeps_its_bytes() {
    let mut file = png(&picture());
    // Bytes behind the picture are not written by any encoder.
    file.extend(*b"more");
    let recipe = Recipe::parse(r#"{"version": 1, "output": {"format": "png"}, "steps": []}"#).unwrap();
    assert!(Augmenter::new(recipe, 1).augment_file(&file, &Labels::default(), 0).unwrap().bytes == file);
}

#[test]
fn keypoints_that_nothing_pairs_are_not_flipped() {
    let flip = || Recipe::parse(r#"{"version": 1, "steps": [{"op": "flip_horizontal"}]}"#).unwrap();
    let object = Object { keypoints: vec![point(5.0, 5.0), point(9.0, 5.0)], ..Object::default() };
    let labels = Labels { objects: vec![object], ..Labels::default() };
    let x = |augmenter: &Augmenter| {
        let augmented = augmenter.augment(picture(), &labels, b"a", 0).unwrap();
        augmented.labels.objects[0].keypoints[0].point.x
    };
    assert!((x(&Augmenter::new(flip(), 1)) - 5.0).abs() < 1e-9, "it stays");
    let eyes = Class { mirror: vec![1, 0], ..Class::named("face") };
    let paired = Augmenter::new(flip(), 1).with_classes(Arc::new(Classes(vec![eyes])));
    assert!((x(&paired) - 55.0).abs() < 1e-9, "the left eye is where the right one was");
}

#[test]
fn dropped_objects_are_numbered_and_masks_of_other_sizes_refused() {
    let crop = r#"{"version": 1, "steps": [{"op": "translate", "x": 0.9, "border": "constant"}]}"#;
    let augmenter = Augmenter::new(Recipe::parse(crop).unwrap(), 1);
    let object = |left| Object { bbox: Some(Rect::new(left, 1.0, left + 4.0, 6.0)), ..Object::default() };
    let labels = Labels { objects: vec![object(0.0), object(50.0)], ..Labels::default() };
    let augmented = augmenter.augment(picture(), &labels, b"a", 0).unwrap();
    let dropped: Vec<usize> = augmented.dropped.iter().map(|dropped| dropped.index).collect();
    assert_eq!(dropped, [1], "{augmented:?}");
    let small = Image::filled(Size::new(8, 8), Channels::Gray, Fill::BLACK);
    let labels = Labels { masks: vec![Arc::new(Mask::from(small))], ..Labels::default() };
    assert_eq!(augmenter.augment(picture(), &labels, b"a", 0).unwrap_err().kind(), ErrorKind::Label);
}
