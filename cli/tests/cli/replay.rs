//! `delta replay` and `delta verify`.

use std::fs;
use std::path::Path;

use augment_core::archive::{ZipFiles, ZipSink};
use augment_core::files::Files;
use augment_core::geometry::Size;
use augment_core::image::{Channels, Image};

use crate::support::{dataset, entries, picture, png, run, run_well, write};

#[test]
fn a_whole_replay_is_the_same_zip() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 4);
    write(at, "data/images/bad.jpg", "no picture");
    for labels in ["voc", "yolo", "coco", "none"] {
        let said = run(at, &format!("augment data -o out.zip --count 3 --seed 7 --labels {labels}"));
        assert_eq!(said.code, 1, "one input is bad: {said:?}");
        run_well(at, "replay out.zip --source data -o again.zip");
        assert_eq!(fs::read(at.join("out.zip")).unwrap(), fs::read(at.join("again.zip")).unwrap(), "{labels}");
    }
}

#[test]
fn one_output_is_remade_from_the_manifest_alone_wherever_its_source_is_now() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 3);
    run_well(at, "augment data -o out --count 3 --seed 7");
    fs::create_dir_all(at.join("moved/annotations")).unwrap();
    fs::rename(at.join("data/images/p1.jpg"), at.join("moved/q.jpg")).unwrap();
    fs::rename(at.join("data/annotations/p1.xml"), at.join("moved/annotations/q.xml")).unwrap();
    run_well(at, "replay out/manifest.jsonl --source moved --only images/p1_2.jpg -o one");
    for name in ["images/p1_2.jpg", "labels/p1_2.xml"] {
        assert_eq!(
            fs::read(at.join("out").join(name)).unwrap(),
            fs::read(at.join("one").join(name)).unwrap(),
            "{name}"
        );
    }
    assert_eq!(fs::read_dir(at.join("one/images")).unwrap().count(), 1, "only what was asked for");
    let said = run(at, "replay out/manifest.jsonl --source data -o rest.zip");
    assert_eq!(said.code, 1, "one source is gone: {said:?}");
    assert!(said.err.contains("images/p1.jpg: no source given has its content"), "{said:?}");
    assert_eq!(run(at, "replay out --source data --only images/p9_0.jpg -o x.zip").code, 2, "no such output");
}

/// Runs over a folder, verifies and replays it, and compares the replay with the run.
fn holds(at: &Path, arguments: &str) {
    run_well(at, &format!("augment data -o out.zip --seed 7 {arguments}"));
    let said = run_well(at, "verify out.zip --source data");
    assert!(said.out.contains(" 0 difference(s)"), "{arguments}: {said:?}");
    run_well(at, "replay out.zip --source data -o again.zip");
    assert_eq!(fs::read(at.join("out.zip")).unwrap(), fs::read(at.join("again.zip")).unwrap(), "{arguments}");
}

#[test]
fn a_run_over_one_split_is_verified_and_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (number, split) in (0..).zip(["train", "train", "val", "test"]) {
        write(at, &format!("data/images/{split}/p{number}.png"), png(&picture(number, 48, 32)));
        write(at, &format!("data/labels/{split}/p{number}.txt"), "0 0.5 0.5 0.25 0.25\n");
    }
    write(at, "data/data.yaml", "train: images/train\nval: images/val\ntest: images/test\nnames: [cell]\n");
    for labels in ["yolo", "coco", "voc", "csv"] {
        for split in ["train", "val", "train,test"] {
            holds(at, &format!("--recipe detection --count 2 --labels {labels} --split {split}"));
        }
    }
}

#[test]
fn a_run_over_masks_alone_is_verified_and_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for number in 0..2 {
        write(at, &format!("data/images/p{number}.png"), png(&picture(number, 48, 32)));
        let mask = Image::from_samples(Size::new(48, 32), Channels::Gray, vec![number as u8 + 1; 48 * 32]).unwrap();
        write(at, &format!("data/masks/p{number}.png"), png(&mask));
    }
    holds(at, "--recipe segmentation --count 2");
    let said = run_well(at, "replay out.zip --source data -o folder");
    assert!(said.out.contains("4 of 4") && at.join("folder/masks/p1_1_mask.png").is_file(), "{said:?}");
}

#[test]
fn equal_files_each_stand_for_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    // The last name in order repeats an earlier file: within a split, and across splits.
    for name in ["train/a", "train/b", "train/c", "val/a", "val/z"] {
        let number = if name == "train/b" { 1 } else { 0 };
        write(at, &format!("data/images/{name}.png"), png(&picture(number, 48, 32)));
        write(at, &format!("data/labels/{name}.txt"), "0 0.5 0.5 0.25 0.25\n");
    }
    write(at, "data/data.yaml", "train: images/train\nval: images/val\nnames: [cell]\n");
    holds(at, "--recipe detection --count 2");
    // Where only one of the equal files is left, it stands for all.
    fs::remove_file(at.join("data/images/train/c.png")).unwrap();
    let said = run_well(at, "replay out.zip --source data -o one --only images/train/c_1.jpg");
    assert!(said.out.contains("1 of 1"), "{said:?}");
}

/// What an entry becomes; `None` leaves it out.
type Change<'a> = dyn Fn(&str, Vec<u8>) -> Option<Vec<u8>> + 'a;

/// A copy of a zip in which some entries are other ones.
fn tampered(from: &Path, to: &Path, change: &Change<'_>, more: &[(&str, &[u8])]) {
    let zip = ZipFiles::open(fs::File::open(from).unwrap(), Default::default()).unwrap();
    let mut sink = ZipSink::new(Vec::new());
    for name in zip.names() {
        if let Some(bytes) = change(name, zip.read(name).unwrap()) {
            sink.add(name, &bytes).unwrap();
        }
    }
    for (name, bytes) in more {
        sink.add(name, bytes).unwrap();
    }
    fs::write(to, sink.finish().unwrap()).unwrap();
}

#[test]
fn every_kind_of_tampering_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 2);
    for (labels, label) in [("voc", "labels/p1_0.xml"), ("yolo", "data.yaml"), ("coco", "annotations.json")] {
        run_well(at, &format!("augment data -o out.zip --count 2 --seed 7 --labels {labels}"));
        let said = run_well(at, "verify out.zip --source data");
        assert!(said.out.contains("4 of 4"), "{said:?}");

        let found = |change: &Change<'_>, more: &[(&str, &[u8])], name: &str| {
            tampered(&at.join("out.zip"), &at.join("bad.zip"), change, more);
            let said = run(at, "verify bad.zip --source data");
            assert_eq!(said.code, 1, "{labels} {name}: {said:?}");
            assert!(said.err.lines().all(|line| line.starts_with(name)), "{labels} {name}: {said:?}");
            assert!(!said.err.is_empty(), "{labels} {name}: {said:?}");
        };
        let flip = |wanted: &'static str| {
            move |name: &str, mut bytes: Vec<u8>| {
                if name == wanted {
                    let at = bytes.len() / 2;
                    bytes[at] ^= 1;
                }
                Some(bytes)
            }
        };
        let replace = |from: &'static str, to: &'static str| {
            move |name: &str, bytes: Vec<u8>| match name {
                "manifest.jsonl" => Some(String::from_utf8(bytes).unwrap().replacen(from, to, 1).into_bytes()),
                _ => Some(bytes),
            }
        };
        found(&flip("images/p0_1.jpg"), &[], "images/p0_1.jpg");
        found(&flip(label), &[], label);
        found(&|name, bytes| (name != label).then_some(bytes), &[], label);
        found(&|name, bytes| (name != "images/p0_0.jpg").then_some(bytes), &[], "images/p0_0.jpg");
        found(&|_, bytes| Some(bytes), &[("images/stray.jpg", b"x")], "images/stray.jpg");
        found(&replace("\"width\":", "\"width\":1"), &[], "images/p0_0.jpg");
        found(&replace("\"kept\":", "\"kept\":1"), &[], "images/p0_0.jpg");
        found(&replace("\"copy\":0", "\"copy\":1"), &[], "images/p0_0.jpg");
        found(&replace("\"seed\":7", "\"seed\":8"), &[], "images/p0_0.jpg");
        found(&replace("\"min_area\":1.0", "\"min_area\":0.5"), &[], "images/p0_0.jpg");
        let other = |name: &str, bytes: Vec<u8>| match name {
            "recipe.json" => Some(String::from_utf8(bytes).unwrap().replace("\"seed\": 7", "\"seed\": 8").into_bytes()),
            _ => Some(bytes),
        };
        found(&other, &[], "images/");
    }
}

#[test]
fn a_changed_source_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 2);
    run_well(at, "augment data -o out.zip --count 2 --seed 7");
    assert_eq!(entries(&at.join("out.zip")).len(), 11);
    let xml = fs::read_to_string(at.join("data/annotations/p0.xml")).unwrap();
    fs::write(at.join("data/annotations/p0.xml"), xml.replace("<xmin>5<", "<xmin>9<")).unwrap();
    let said = run(at, "verify out.zip --source data");
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("labels/p0_0.xml: ") && !said.err.contains("p1"), "{said:?}");
    write(at, "data/images/p0.jpg", "another");
    let said = run(at, "verify out.zip --source data");
    assert!(said.code == 1 && said.out.contains("2 of 4"), "{said:?}");
    fs::remove_dir_all(at.join("data/images")).unwrap();
    assert_eq!(run(at, "verify out.zip --source data").code, 2, "nothing can be checked");
    assert_eq!(run(at, "verify data --source data").code, 2, "no output of ours");
    assert_eq!(run(at, "verify absent.zip --source data").code, 2, "nothing there");
}
