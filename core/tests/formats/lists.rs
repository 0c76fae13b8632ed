//! Texts that list images: splits, classes of images, and what is neither.

use crate::support::*;
use augment_core::formats::Dataset;

/// The split and the class of every image, by name.
fn found(dataset: &Dataset) -> Vec<(&str, &str, Option<&str>)> {
    let split = |item: &augment_core::formats::Item| match &item.split {
        Some(augment_core::formats::Split::Train) => "train",
        Some(augment_core::formats::Split::Val) => "val",
        Some(augment_core::formats::Split::Test) => "test",
        Some(augment_core::formats::Split::Named(_)) => "other",
        None => "",
    };
    dataset.items.iter().map(|item| (item.name.as_str(), split(item), item.class.as_deref())).collect()
}

#[test]
fn a_list_of_all_files_cancels_no_split() {
    let xml = "<annotation><object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>";
    for list in [
        "./train/a.jpg\n./valid/b.jpg\n",
        "train/a.jpg\n",
        "train/a.jpg is blurry\n",
        "d41d8cd98f00b204e9800998ecf8427e  train/a.jpg\n",
    ] {
        let files = Memory::new(&[
            ("train/a.jpg", ""),
            ("train/a.xml", xml),
            ("valid/b.jpg", ""),
            ("valid/b.xml", xml),
            ("filelist.txt", list),
        ]);
        let dataset = opened(&files);
        assert_eq!(found(&dataset), [("train/a.jpg", "train", None), ("valid/b.jpg", "val", None)], "{list}");
        assert!(dataset.problems.is_empty(), "{:?}", dataset.problems);
    }
}

#[test]
fn lists_of_an_image_and_a_class_are_classes() {
    for (name, list) in [
        ("labels.txt", "a.jpg cat\nb.jpg dog\nc.jpg cat\nd.jpg dog\n"),
        ("labels.txt", "a.jpg\tcat\nb.jpg\tdog\nc.jpg\tcat\nd.jpg\tdog\n"),
        ("labels.csv", "img/a.jpg,cat\nimg/b.jpg,dog\nimg/c.jpg,cat\nimg/d.jpg,dog\n"),
        ("list.txt", "a cat\nb dog\nc cat\nd dog\n"),
    ] {
        let files =
            Memory::new(&[("img/a.jpg", ""), ("img/b.jpg", ""), ("img/c.jpg", ""), ("img/d.jpg", ""), (name, list)]);
        let dataset = opened(&files);
        let classes: Vec<Option<&str>> = dataset.items.iter().map(|item| item.class.as_deref()).collect();
        assert_eq!(classes, [Some("cat"), Some("dog"), Some("cat"), Some("dog")], "{list}");
        assert!(dataset.items.iter().all(|item| item.split.is_none()) && dataset.problems.is_empty(), "{list}");
    }
}

#[test]
fn a_list_of_classes_says_the_split_by_its_name() {
    let files = Memory::new(&[
        ("x/a.jpg", ""),
        ("x/b.jpg", ""),
        ("x/c.jpg", ""),
        ("train.txt", "x/a.jpg 0\nx/b.jpg 1\n"),
        ("val.txt", "x/c.jpg 1\n"),
    ]);
    let dataset = opened(&files);
    let expected = [("x/a.jpg", "train", Some("0")), ("x/b.jpg", "train", Some("1")), ("x/c.jpg", "val", Some("1"))];
    assert_eq!(found(&dataset), expected);
}

#[test]
fn the_name_of_a_list_of_classes_says_the_split_however_its_lines_are_written() {
    for (ending, train, val) in [
        ("txt", "a.jpg,0\nb.jpg,1\n", "c.jpg,1\n"),
        ("txt", "a 0\nb 1\n", "c 1\n"),
        ("csv", "a.jpg,0\nb.jpg,1\n", "c.jpg,1\n"),
    ] {
        let (first, second) = (format!("train.{ending}"), format!("val.{ending}"));
        let files = [("a.jpg", ""), ("b.jpg", ""), ("c.jpg", ""), (first.as_str(), train), (second.as_str(), val)];
        let dataset = opened(&Memory::new(&files));
        let expected = [("a.jpg", "train", Some("0")), ("b.jpg", "train", Some("1")), ("c.jpg", "val", Some("1"))];
        assert_eq!(found(&dataset), expected, "{ending}: {train}");
    }
}

#[test]
fn lists_of_stems_that_are_named_after_splits_are_splits() {
    let files = [("a.jpg", ""), ("b.jpg", ""), ("c.jpg", ""), ("train.txt", "a\nb\n"), ("splits/val.txt", "c\n")];
    let dataset = opened(&Memory::new(&files));
    assert_eq!(found(&dataset), [("a.jpg", "train", None), ("b.jpg", "train", None), ("c.jpg", "val", None)]);
}

#[test]
fn classes_may_have_dots_and_the_names_of_images_and_ids_are_no_classes() {
    let images = ["0.jpg", "1.jpg", "2.jpg", "3.jpg"];
    let classes = |list: &str| {
        let files: Vec<(&str, &str)> = images.iter().map(|name| (*name, "")).chain([("labels.txt", list)]).collect();
        let dataset = opened(&Memory::new(&files));
        dataset.items.iter().map(|item| item.class.clone().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(classes("0.jpg,St. Bernard\n1.jpg,pug\n2.jpg,pug\n3.jpg,St. Bernard\n")[0], "St. Bernard");
    assert_eq!(classes("0.jpg 1\n1.jpg 0\n2.jpg 1\n3.jpg 0\n"), ["1", "0", "1", "0"]);
    assert_eq!(classes("0.jpg 100\n1.jpg 101\n2.jpg 102\n3.jpg 103\n"), [""; 4], "ids");
}

#[test]
fn lists_of_other_words_are_a_failure() {
    let partition = ("list_eval_partition.txt", "a.jpg 0\nb.jpg 2\n");
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("b.jpg", ""), partition]));
    assert!(dataset.items.iter().all(|item| item.class.is_none()), "numbers of splits are no classes");
    for list in ["a.jpg\thello world\nb.jpg\tfoo\n", "a.jpg 0.25\nb.jpg 0.5\n"] {
        let dataset = opened(&Memory::new(&[("a.jpg", ""), ("b.jpg", ""), ("train.txt", list)]));
        assert!(dataset.problems[0].error.message().contains("no labels were understood in it"), "{list}");
    }
    let words = "a.jpg\thello world\nb.jpg\tfoo\n";
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("b.jpg", ""), ("labels.txt", words)]));
    assert_eq!(dataset.problems.len(), 1, "it is no list of names either: {:?}", dataset.warnings);
}
