//! What goes through a run unchanged: which label files may be copied, and what is said of those that may not.

use crate::support::*;
use augment_core::formats::{Dataset, LabelFormat, Rewrite};
use augment_core::limits::Limits;
use augment_core::pipeline::RunSpec;
use augment_core::plan::Recipe;
use serde_json::json;

const ROW: &str = "0 0.5 0.5 0.2 0.2\n";

/// The label file of each image that may be copied, and why one may not be.
fn copied(dataset: &Dataset) -> Vec<(Option<&str>, Option<Rewrite>)> {
    let items = dataset.items.iter();
    items.map(|item| (item.own_label_file(LabelFormat::Yolo), item.rewrite_of(LabelFormat::Yolo))).collect()
}

fn warnings(dataset: &Dataset, augment: &str) -> Vec<String> {
    let recipe = Recipe::from_value(json!({"version": 1, "steps": [], "augment": augment})).unwrap();
    RunSpec::new(recipe, 1, dataset, dataset.format, Limits::default()).warnings().to_vec()
}

#[test]
fn a_file_that_numbers_classes_otherwise_is_not_copied() {
    let files = Memory::new(&[
        ("a/train/1.jpg", ""),
        ("a/train/1.txt", "0 0.5 0.5 0.2 0.2\n1 0.5 0.5 0.2 0.2\n"),
        ("a/classes.txt", "cat\ndog\n"),
        ("b/val/2.jpg", ""),
        ("b/val/2.txt", ROW),
        ("b/classes.txt", "dog\ncat\n"),
    ]);
    let dataset = opened(&files);
    assert_eq!(copied(&dataset), [(Some("a/train/1.txt"), None), (None, Some(Rewrite::Numbers))]);
    let told = warnings(&dataset, "train");
    assert!(told.len() == 1 && told[0].starts_with("1 label file(s)") && told[0].ends_with("b/val/2.jpg"), "{told:?}");
    assert_eq!(warnings(&dataset, "all"), Vec::<String>::new(), "what is augmented is rewritten anyhow");

    let doubled = Memory::new(&[("1.jpg", ""), ("1.txt", "2 0.5 0.5 0.2 0.2\n"), ("classes.txt", "cat\ncat\ndog\n")]);
    assert_eq!(copied(&opened(&doubled)), [(None, Some(Rewrite::Numbers))], "a name that is given twice is one class");
}

#[test]
fn a_file_with_a_byte_order_mark_is_not_copied() {
    let marked = format!("\u{feff}{ROW}");
    let files = Memory::new(&[("train/1.jpg", ""), ("train/1.txt", ROW), ("val/2.jpg", ""), ("val/2.txt", &marked)]);
    let dataset = opened(&files);
    assert_eq!(copied(&dataset), [(Some("train/1.txt"), None), (None, Some(Rewrite::Encoding))]);
    assert!(warnings(&dataset, "train")[0].contains("byte-order mark"));
}

#[test]
fn images_in_no_split_are_told_where_they_are_not_augmented() {
    let files = Memory::new(&[("train/1.jpg", ""), ("train/1.txt", ROW), ("more/2.jpg", ""), ("more/2.txt", ROW)]);
    let dataset = opened(&files);
    let told = warnings(&dataset, "train");
    assert!(told.len() == 1 && told[0].starts_with("1 image(s) are in no split") && told[0].contains("more/2.jpg"));
    assert_eq!(warnings(&dataset, "all"), Vec::<String>::new());
}

#[test]
fn one_file_beside_two_images_is_told_and_files_of_their_own_are_not_mixed_up() {
    let of = |second: &str| {
        let files = Memory::new(&[("a.jpg", ""), ("a.png", ""), ("a.png.txt", ROW), (second, "1 0.5 0.5 0.2 0.2\n")]);
        let dataset = opened(&files);
        (
            copied(&dataset).into_iter().map(|(file, _)| file.map(str::to_owned)).collect::<Vec<_>>(),
            dataset.warnings.len(),
        )
    };
    // A list of names is missing: that is the one warning.
    assert_eq!(of("a.jpg.txt"), (vec![Some("a.jpg.txt".to_owned()), Some("a.png.txt".to_owned())], 1));
    let files = Memory::new(&[("a.jpg", ""), ("a.png", ""), ("a.txt", ROW), ("classes.txt", "cat\n")]);
    let told = opened(&files).warnings;
    assert!(told.len() == 1 && told[0].starts_with("1 label file(s) have several images of their name"), "{told:?}");
}

#[test]
fn calibrations_are_no_labels() {
    let row = "Car 0.00 0 -1.57 17.50 31.00 82.00 58.00 1.5 1.6 3.7 1.0 1.5 8.4 -1.5\n";
    let files = Memory::new(&[
        ("training/image_2/1.png", ""),
        ("training/label_2/1.txt", row),
        ("training/calib/1.txt", "P0: 1 2 3\n"),
        ("testing/image_2/2.png", ""),
        ("testing/calib/2.txt", "P0: 1 2 3\n"),
    ]);
    let dataset = opened(&files);
    assert_eq!((dataset.items.len(), dataset.problems.len()), (2, 0), "{:?}", dataset.problems);
    assert_eq!(dataset.passed_over, [("of calibration".to_owned(), 2)]);
}

#[test]
fn rows_of_boxes_are_no_list_of_a_split() {
    let files = Memory::new(&[
        ("train/cat/images/1.jpg", ""),
        ("train/cat/cat_boxes.txt", "1.jpg\t0\t10\t63\t58\n"),
        ("train/dog/images/2.jpg", ""),
        ("train/dog/dog_boxes.txt", "2.jpg\t0\t10\t63\t58\n"),
        ("val/images/3.jpg", ""),
        ("val/val_annotations.txt", "3.jpg\tcat\t0\t32\t44\t62\n"),
    ]);
    let dataset = opened(&files);
    let found: Vec<(Option<&str>, &str)> = dataset
        .items
        .iter()
        .map(|item| (item.class.as_deref(), item.split.as_ref().map_or("", |split| split.name())))
        .collect();
    assert_eq!(found, [(Some("cat"), "train"), (Some("dog"), "train"), (None, "val")]);
    assert!(
        dataset.problems[0].error.to_string().contains("no labels were understood"),
        "the boxes are not lost in silence"
    );
}

#[test]
fn that_there_is_no_val_is_a_note_and_no_warning() {
    use augment_core::formats::LabelWriter;
    let dataset = opened(&Memory::new(&[("train/1.jpg", ""), ("train/1.txt", ROW), ("classes.txt", "cat\n")]));
    let writer = LabelWriter::new(LabelFormat::Yolo, &dataset);
    assert_eq!((writer.warnings().len(), writer.notes().len()), (0, 1));
}

#[test]
fn folders_of_predictions_are_passed_over_beside_others() {
    let files = Memory::new(&[
        ("seg_train/sea/1.jpg", ""),
        ("seg_train/street/2.jpg", ""),
        ("seg_pred/3.jpg", ""),
        ("predictions/1_mask.png", ""),
        ("runs/predict2/labels/1.txt", ROW),
    ]);
    let dataset = opened(&files);
    let found: Vec<_> = dataset.items.iter().map(|item| (item.name.as_str(), item.class.as_deref())).collect();
    assert_eq!(found, [("seg_train/sea/1.jpg", Some("sea")), ("seg_train/street/2.jpg", Some("street"))]);
    assert_eq!((dataset.problems.len(), &dataset.passed_over[..]), (0, &[("of predictions".to_owned(), 3)][..]));
    let alone = opened(&Memory::new(&[("seg_pred/1.jpg", ""), ("seg_pred/2.jpg", "")]));
    assert_eq!((alone.items.len(), alone.passed_over.len()), (2, 0), "they are the input");
}

#[test]
fn archives_of_images_and_labels_keep_training_and_testing_apart() {
    let row = "Car 0.00 0 -1.57 17.50 31.00 82.00 58.00 1.5 1.6 3.7 1.0 1.5 8.4 -1.5\n";
    let files = Memory::new(&[
        ("image_2.zip/training/image_2/1.png", ""),
        ("image_2.zip/testing/image_2/1.png", ""),
        ("label_2.zip/training/label_2/1.txt", row),
    ]);
    let dataset = opened(&files);
    let found: Vec<_> = dataset.items.iter().map(|item| (item.name.as_str(), item.objects())).collect();
    assert_eq!(
        (found, dataset.problems.len()),
        (vec![("image_2.zip/testing/image_2/1.png", 0), ("image_2.zip/training/image_2/1.png", 1)], 0),
        "{:?}",
        dataset.problems
    );
}

#[test]
fn names_that_an_idle_list_has_in_vain_are_counted() {
    let files = Memory::new(&[
        ("train/1.jpg", ""),
        ("val/2.jpg", ""),
        ("all_files.txt", "train/1.jpg\nval/2.jpg\ntest/3.jpg\n"),
    ]);
    let warnings = opened(&files).warnings;
    assert!(warnings.iter().any(|said| said == "1 name(s) in lists of images are not in the input"), "{warnings:?}");
}
