//! Flips of keypoints: without a word on which are left and right they are not drawn.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::collections::BTreeSet;

use augment_core::codec::{Encoding, PngCompression, encode};
use augment_core::files::InMemory;
use augment_core::formats::{LabelChoice, open};
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill, Image};
use augment_core::limits::Limits;
use augment_core::pipeline::{CopyKind, RunSpec};
use augment_core::plan::Recipe;
use serde_json::{Value, json};

fn picture() -> Vec<u8> {
    let image = Image::filled(Size::new(40, 30), Channels::Rgb, Fill([90; 3]));
    encode(&image, &Encoding::Png { compression: PngCompression::Fast }, None, Fill::BLACK).unwrap()
}

/// A set of one image with one pose of two keypoints, and what its `data.yaml` says.
fn poses(yaml: &str) -> InMemory {
    let pose = if yaml.contains("[1, 3]") { "0 .5 .5 .4 .4 .4 .5 2\n" } else { "0 .5 .5 .4 .4 .4 .5 2 .6 .5 2\n" };
    let files = [
        ("images/a.png", picture()),
        ("labels/a.txt", pose.as_bytes().to_vec()),
        ("data.yaml", format!("names: [person]\n{yaml}").into_bytes()),
    ];
    files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

fn steps() -> Value {
    json!([
        {"op": "flip_horizontal", "p": 0.9},
        {"op": "rotate", "degrees": [-20, 20]},
        {"op": "one_of", "steps": [{"op": "transpose"}, {"op": "brightness", "factor": [0.5, 1.5]}]},
    ])
}

/// The warning of a run over a set, and the steps that it draws for 40 copies.
fn run(files: &InMemory, labels: &Value, steps: &Value) -> (Option<String>, Vec<Value>) {
    let dataset = open(files, LabelChoice::Auto, &Limits::default()).unwrap();
    assert!(dataset.problems.is_empty(), "{:?}", dataset.problems);
    let recipe = Recipe::from_value(json!({"version": 1, "labels": labels, "steps": steps})).unwrap();
    let job = RunSpec::new(recipe, 3, &dataset, dataset.format, Limits::default());
    let source = job.prepare(&dataset.items[0], picture().into()).unwrap();
    let plan = |copy| job.plan(&source, CopyKind::Augmented(copy)).unwrap().to_json().as_array().unwrap().clone();
    (job.warnings().first().cloned(), (0..40).flat_map(plan).collect())
}

fn ops(drawn: &[Value]) -> BTreeSet<&str> {
    drawn.iter().map(|step| step["op"].as_str().unwrap()).collect()
}

#[test]
fn keypoints_without_a_mirror_are_not_flipped_and_nothing_else_changes() {
    let unpaired = poses("kpt_shape: [2, 3]\n");
    let (warning, drawn) = run(&unpaired, &json!({}), &steps());
    let warning = warning.unwrap();
    assert!(warning.contains("flip_idx") && !warning.contains('\n'), "{warning:?}");
    assert_eq!(ops(&drawn), BTreeSet::from(["rotate", "brightness"]));
    let (none, asked) = run(&unpaired, &json!({"flip_unpaired": true}), &steps());
    assert_eq!(none, None, "it was asked for");
    assert_eq!(ops(&asked), BTreeSet::from(["flip_horizontal", "rotate", "transpose", "brightness"]));
    let others = asked.iter().filter(|step| step["op"] != "flip_horizontal" && step["op"] != "transpose");
    assert!(others.eq(&drawn), "the draws of other steps stay");
}

#[test]
fn only_what_mirrors_keypoints_of_unknown_sides_is_left_out() {
    let steps = steps();
    let flips = |files: &InMemory| run(files, &json!({}), &steps).0.is_none();
    assert!(flips(&poses("kpt_shape: [2, 3]\nflip_idx: [1, 0]\n")), "flip_idx says it");
    assert!(flips(&poses("kpt_shape: [2, 3]\nflip_idx: [0, 1]\n")), "flip_idx says that they stay");
    assert!(flips(&poses("kpt_shape: [2, 3]\nkpt_names: {0: [left_eye, right_eye]}\n")), "their names say it");
    assert!(!flips(&poses("kpt_shape: [2, 3]\nkpt_names: {0: [nose, tail]}\n")), "these names do not");
    assert!(flips(&poses("kpt_shape: [1, 3]\n")), "one keypoint has no other side");
    let turns = json!([{"op": "rotate"}, {"op": "quarter_turn"}, {"op": "flip_horizontal", "p": 0}]);
    let (warning, _) = run(&poses("kpt_shape: [2, 3]\n"), &json!({}), &turns);
    assert_eq!(warning, None, "nothing in this recipe mirrors");
}

#[test]
fn coco_categories_count_by_the_names_of_their_keypoints() {
    let coco = |names: &Value| {
        let annotation = json!({
            "id": 1, "image_id": 1, "category_id": 1, "bbox": [5, 5, 20, 20], "area": 400, "iscrowd": 0,
            "keypoints": [8, 9, 2, 15, 9, 2], "num_keypoints": 2,
        });
        let categories = json!([{"id": 1, "name": "person", "keypoints": names}, {"id": 2, "name": "car"}]);
        let images = json!([{"id": 1, "file_name": "a.png", "width": 40, "height": 30}]);
        let all = json!({"images": images, "annotations": [annotation], "categories": categories});
        let files = [("a.png", picture()), ("a.json", all.to_string().into_bytes())];
        files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect::<InMemory>()
    };
    assert_eq!(run(&coco(&json!(["left_eye", "right_eye"])), &json!({}), &steps()).0, None, "a car has no keypoints");
    assert!(run(&coco(&json!(["front", "back"])), &json!({}), &steps()).0.is_some());
}
