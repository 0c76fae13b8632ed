//! What may be given as input.

use std::fs;

use crate::support::{contents, dataset, entries, jpeg, picture, run, run_well, voc, write};

fn names(at: &std::path::Path) -> Vec<String> {
    contents(at).into_iter().map(|(name, _)| name).filter(|name| name.starts_with("images/")).collect()
}

#[test]
fn the_order_of_inputs_does_not_matter_and_equal_names_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (side, number) in [("left", 1), ("right", 2)] {
        write(at, &format!("{side}/images/a.jpg"), jpeg(&picture(number, 64, 48)));
        write(at, &format!("{side}/annotations/a.xml"), voc(64, 48, &[[5, 5, 20 + number, 30]]));
    }
    run_well(at, "augment left right -o one.zip --seed 1");
    run_well(at, "augment right left -o two.zip --seed 1");
    let one = entries(&at.join("one.zip"));
    assert_eq!(one, entries(&at.join("two.zip")));
    assert_eq!(one.iter().filter(|(name, _)| name.starts_with("images/a-")).count(), 10, "{one:?}");
    assert_eq!(
        run_well(at, "augment left right left -o three.zip --seed 1 --json").json()["sources"],
        2,
        "given twice"
    );
}

#[test]
fn a_zip_and_its_folder_give_the_same_outputs() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 3);
    let mut sink = augment_core::archive::ZipSink::new(Vec::new());
    for (name, _) in contents(&at.join("data")) {
        sink.add(&name, &fs::read(at.join("data").join(&name)).unwrap()).unwrap();
    }
    fs::write(at.join("data.zip"), sink.finish().unwrap()).unwrap();
    run_well(at, "augment data -o one.zip --seed 1");
    run_well(at, "augment data.zip -o two.zip --seed 1");
    assert_eq!(entries(&at.join("one.zip")), entries(&at.join("two.zip")));
}

#[test]
fn hidden_files_and_earlier_outputs_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 2);
    let data = at.join("data");
    write(&data, ".thumbs/p9.jpg", "x");
    write(&data, "__MACOSX/images/._p0.jpg", "x");
    write(&data, "images/.p8.jpg", "x");
    for round in 0..2 {
        let said = run_well(&data, "augment . -o out.zip --seed 1 --json --contact-sheet sheet.png");
        assert_eq!(said.json()["sources"], 2, "round {round}: {said:?}");
    }
    run_well(&data, "augment . -o out --seed 1");
    let said = run_well(&data, "augment . -o other.zip --seed 1 --json");
    assert!(
        said.err.contains("out.zip: an output of an earlier run") && said.err.contains("out: an output"),
        "{said:?}"
    );
    assert_eq!(said.json()["sources"], 3, "the sheet is a picture like any other: {said:?}");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 1);
    write(at, "secret/s.jpg", jpeg(&picture(5, 64, 48)));
    std::os::unix::fs::symlink(at.join("secret/s.jpg"), at.join("data/images/out.jpg")).unwrap();
    std::os::unix::fs::symlink(at.join("secret"), at.join("data/images/far")).unwrap();
    std::os::unix::fs::symlink("p0.jpg", at.join("data/images/near.jpg")).unwrap();
    let said = run(at, "augment data -o out --recipe none");
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(said.err.lines().filter(|line| line.contains("a link out of the folder")).count(), 2, "{said:?}");
    assert_eq!(names(&at.join("out")), ["images/near_0.jpg", "images/p0_0.jpg"]);
}

#[test]
fn an_image_finds_its_labels_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for name in ["a", "b"] {
        write(at, &format!("set/{name}.jpg"), jpeg(&picture(1, 64, 48)));
    }
    let coco = r#"{"images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}, {"id": 2, "file_name": "b.jpg", "width": 64, "height": 48}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [4, 4, 20, 20], "area": 400, "iscrowd": 0}],
        "categories": [{"id": 1, "name": "cell"}]}"#;
    write(at, "set/labels.json", coco);
    let json = run_well(at, "augment set/a.jpg -o out --recipe none --json").json();
    assert_eq!((json["labels"]["format"].as_str(), json["labels"]["kept"].as_u64()), (Some("coco"), Some(1)));
    assert!(at.join("out/annotations.json").exists());
}

#[test]
fn what_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 1);
    let said = run(at, "augment data absent.jpg -o out.zip");
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(said.err.trim(), "absent.jpg: no such file or directory");
    let said = run(at, "augment absent.jpg -o none.zip --json");
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.json()["error"].as_str().is_some_and(|error| error.contains("no image")), "{said:?}");
    assert!(!at.join("none.zip").exists(), "nothing was done");
    fs::create_dir(at.join("empty")).unwrap();
    assert_eq!(run(at, "augment empty -o none.zip").code, 2);
}

#[test]
fn strict_lets_no_failure_and_no_warning_pass() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 2);
    run_well(at, "augment data -o good.zip --strict");
    write(at, "data/images/bad.jpg", "no picture");
    let said = run(at, "augment data -o bad.zip --strict --json");
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.json()["output"].is_null() && !at.join("bad.zip").exists(), "nothing is written");
    assert!(said.err.contains("images/bad.jpg: "), "{said:?}");
}
