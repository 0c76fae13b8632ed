//! `delta augment` on good input.

use std::fs;

use augment_core::digest::Digest;

use crate::support::{contents, dataset, entries, jpeg, picture, run, run_well, write};

#[test]
fn any_number_of_threads_makes_the_same_zip() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 7);
    let mut hashes = Vec::new();
    for jobs in [1, 2, 5] {
        let said = run_well(at, &format!("augment data -o out{jobs}.zip --count 3 --seed 7 --jobs {jobs} --json"));
        let told = said.json()["sha256"].as_str().unwrap().to_owned();
        let bytes = fs::read(at.join(format!("out{jobs}.zip"))).unwrap();
        assert_eq!(told, Digest::of(&bytes).to_hex(), "the hash that is told");
        hashes.push(told);
    }
    assert_eq!(hashes[0], hashes[1]);
    assert_eq!(hashes[0], hashes[2]);
}

#[test]
fn a_zip_a_folder_and_a_single_image_hold_the_same_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 4);
    run_well(at, "augment data -o out.zip --count 3 --seed 7");
    run_well(at, "augment data -o out --count 3 --seed 7");
    let zipped = entries(&at.join("out.zip"));
    assert_eq!(zipped, contents(&at.join("out")), "zip and folder");
    assert_eq!(zipped.len(), 4 * 3 * 2 + 3, "images, labels, the names of classes, recipe and manifest");

    run_well(at, "augment data/images/p2.jpg -o one.zip --count 3 --seed 7");
    let alone: Vec<_> = entries(&at.join("one.zip")).into_iter().filter(|(name, _)| name.contains("p2_")).collect();
    let within: Vec<_> = zipped.into_iter().filter(|(name, _)| name.contains("p2_")).collect();
    assert_eq!(alone.len(), 6, "three images and their labels");
    assert_eq!(alone, within, "one image alone and in the whole run");
}

#[test]
fn what_waits_on_the_disk_comes_back_whole_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for number in 0..2 {
        write(at, &format!("data/p{number}.jpg"), jpeg(&picture(number, 24, 16)));
    }
    // Manifest lines of several times what is held in memory, and as many labels.
    for output in ["out.zip", "out"] {
        run_well(at, &format!("augment data -o {output} --count 1100 --seed 7 --labels coco"));
    }
    let zipped = entries(&at.join("out.zip"));
    assert!(zipped == contents(&at.join("out")), "zip and folder");
    let manifest = fs::read_to_string(at.join("out/manifest.jsonl")).unwrap();
    assert!(manifest.len() > 1 << 20, "{} bytes", manifest.len());
    let names: Vec<String> = manifest
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["output"].as_str().unwrap().to_owned())
        .collect();
    assert!(names.is_sorted(), "one line an output, sorted by name");
    let images: Vec<String> =
        zipped.into_iter().map(|(name, _)| name).filter(|name| name.starts_with("images/")).collect();
    assert_eq!(names, images);
    let coco = fs::read_to_string(at.join("out/annotations.json")).unwrap();
    let coco: serde_json::Value = serde_json::from_str(&coco).unwrap();
    let ids: Vec<_> = coco["images"].as_array().unwrap().iter().map(|image| image["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (1..=2200).collect::<Vec<u64>>(), "every output has its place");
    let mut left: Vec<_> = fs::read_dir(at).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["data", "out", "out.zip"], "nothing else is left");
}

#[test]
fn the_summary_counts_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 3);
    let said = run_well(at, "augment data -o out.zip --recipe none --count 2 --seed 9 --json");
    let json = said.json();
    assert_eq!(json["sources"], 3);
    assert_eq!(json["outputs"], 6);
    assert_eq!(json["seed"], 9);
    assert_eq!(json["failed"].as_array().unwrap().len(), 0);
    assert_eq!(json["labels"]["format"], "voc");
    assert_eq!(json["labels"]["read"], 12);
    assert_eq!(json["labels"]["kept"], 12);
    assert_eq!(said.out.lines().count(), 1, "one object on one line");
    assert!(said.err.is_empty(), "nothing to complain of: {}", said.err);
    let said = run_well(at, "augment data -o out.zip --recipe none --seed 9");
    assert!(said.out.contains("seed 9") && said.out.contains("6 read, 6 kept"), "{}", said.out);
}

#[test]
fn a_fresh_seed_is_told_and_gives_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 1);
    fs::write(at.join("r.json"), r#"{"version": 1, "steps": [{"op": "rotate", "degrees": [-90, 90]}]}"#).unwrap();
    let first = run_well(at, "augment data -o a.zip --recipe r.json --json").json();
    let other = run_well(at, "augment data -o b.zip --recipe r.json --json").json();
    assert_ne!(first["seed"], other["seed"], "two fresh seeds");
    let again = run_well(at, &format!("augment data -o c.zip --recipe r.json --json --seed {}", first["seed"])).json();
    assert_eq!(first["sha256"], again["sha256"]);
}

#[test]
fn options_go_before_the_recipe() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 1);
    run_well(at, "augment data -o out --recipe none --format png --labels yolo --count 2");
    let names: Vec<String> = contents(&at.join("out")).into_iter().map(|(name, _)| name).collect();
    let expected = ["data.yaml", "images/p0_0.png", "images/p0_1.png", "labels/p0_0.txt", "labels/p0_1.txt"];
    assert_eq!(names[..5], expected);
    run_well(at, "augment data -o bare --recipe none --labels none");
    assert!(!at.join("bare/labels").exists(), "no labels were asked for");
}

#[test]
fn an_output_that_is_in_the_way_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 1);
    fs::create_dir(at.join("out")).unwrap();
    run_well(at, "augment data -o out --recipe none");
    let said = run(at, "augment data -o out --recipe none");
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("not empty"), "{said:?}");
    fs::create_dir(at.join("o.zip")).unwrap();
    assert_eq!(run(at, "augment data -o o.zip").code, 2, "a folder in the place of a zip");
    assert_eq!(run(at, "augment data -o nowhere/out.zip").code, 2, "no folder to write to");
    let left: Vec<_> = fs::read_dir(at).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "nothing temporary stays: {left:?}");
}

#[test]
fn a_contact_sheet_shows_the_outputs() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 3);
    run_well(at, "augment data -o out.zip --count 4 --seed 1 --contact-sheet sheet.png");
    let bytes = fs::read(at.join("sheet.png")).unwrap();
    let size = augment_core::codec::probe(&bytes, &Default::default()).unwrap().stored;
    assert!(size.width == 4 * 328 + 8 && size.height > 3 * 200, "twelve tiles in four columns: {size:?}");
    run_well(at, "augment data -o out.zip --count 4 --seed 1 --contact-sheet again.png --jobs 1");
    assert_eq!(bytes, fs::read(at.join("again.png")).unwrap(), "the same sheet for any number of threads");
    assert_eq!(run(at, "augment data -o out.zip --contact-sheet sheet.gif").code, 2, "no such format");
}

#[test]
fn a_mosaic_takes_its_partners_from_the_whole_dataset() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 6);
    fs::write(at.join("r.json"), r#"{"version": 1, "seed": 3, "count": 2, "steps": [{"op": "mosaic"}]}"#).unwrap();
    fs::write(at.join("data/images/broken.jpg"), "no picture").unwrap();
    let mut hashes = Vec::new();
    for jobs in [1, 4] {
        let said = run(at, &format!("augment data -o out{jobs}.zip --recipe r.json --jobs {jobs} --json"));
        assert_eq!(said.code, 1, "{said:?}");
        assert_eq!(said.json()["outputs"], 12, "the broken image is never a partner: {said:?}");
        hashes.push(said.json()["sha256"].clone());
    }
    assert_eq!(hashes[0], hashes[1]);
    let said = run_well(at, "verify out1.zip --source data");
    assert!(said.out.contains("12 of 12"), "{said:?}");
}
