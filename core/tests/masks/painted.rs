//! Masks that are painted from the shapes of objects.

use augment_core::codec::decode_mask;
use augment_core::formats::LabelFormat;
use augment_core::labels::Value;
use augment_core::limits::Limits;

use crate::scene::{Kind, agreement, image, mask, open, run};

const MOVED: &str = r#"{"version": 1, "count": 3, "output": {"format": "png"}, "steps": [
    {"op": "rotate", "degrees": [-25, 25], "border": "constant"}, {"op": "scale", "factor": [0.8, 1.2], "border": "constant"}]}"#;

/// The first class of scene 0 as a polygon, the others as bitmaps in COCO's runs down the columns.
fn coco() -> Vec<u8> {
    let classes = crate::scene::classes(0);
    let runs = |class: u8| {
        let (mut runs, mut inside, mut run) = (Vec::new(), false, 0u32);
        for at in 0..classes.len() {
            if (classes[at % 110 * 150 + at / 110] == class) != inside {
                runs.push(std::mem::take(&mut run));
                inside = !inside;
            }
            run += 1;
        }
        runs.push(run);
        runs
    };
    let object = |id: u8, shape: serde_json::Value| {
        serde_json::json!({"id": id, "image_id": 1, "category_id": id, "iscrowd": 0, "segmentation": shape,
            "bbox": [0, 0, 150, 110]})
    };
    let bitmap = |class| serde_json::json!({"size": [110, 150], "counts": runs(class)});
    let names = ["cat", "dog", "traffic light"];
    let categories: Vec<_> = (1..).zip(names).map(|(id, name)| serde_json::json!({"id": id, "name": name})).collect();
    let annotations =
        [object(1, serde_json::json!([[20, 15, 60, 15, 60, 75, 20, 75]])), object(2, bitmap(2)), object(3, bitmap(3))];
    let images = [serde_json::json!({"id": 1, "file_name": "a.png", "width": 150, "height": 110})];
    let json = serde_json::json!({"images": images, "annotations": annotations, "categories": categories});
    json.to_string().into_bytes()
}

#[test]
fn masks_of_objects_lie_on_their_pixels() {
    let files = vec![("images/a.png".to_owned(), image(0)), ("annotations.json".to_owned(), coco())];
    let made = run(files, MOVED, Some(LabelFormat::Masks)).unwrap();
    for line in &made.lines {
        let stem = line.output.strip_prefix("images/").unwrap().strip_suffix(".png").unwrap();
        let (mask, _) = decode_mask(made.bytes(&format!("masks/{stem}_mask.png")), &Limits::default()).unwrap();
        let same = agreement(made.bytes(&line.output), &mask, Kind::Gray);
        assert!(same >= 0.995, "{stem}: {:.3} %", same * 100.0);
        assert_eq!(line.labels.warnings, Vec::<String>::new());
    }
    let map = std::str::from_utf8(made.bytes("labelmap.txt")).unwrap();
    assert!(map.ends_with("background:0,0,0::\ncat:128,0,0::\ndog:0,128,0::\ntraffic light:128,128,0::\n"), "{map}");
    assert_eq!(made.files.len(), 2 * 3 + 1, "no other labels: {:?}", made.names());
    let again = open(made.files);
    assert_eq!((again.dataset.items.len(), again.dataset.problems.len()), (3, 0), "{:?}", again.dataset.problems);
    assert_eq!(again.dataset.mask_names.classes[3].name, "traffic light");
}

#[test]
fn masks_that_are_there_are_not_painted_over() {
    let files = vec![
        ("images/a.png".to_owned(), image(0)),
        ("masks/a.png".to_owned(), mask(1, Kind::Words)),
        ("annotations.json".to_owned(), coco()),
    ];
    let recipe = r#"{"version": 1, "count": 1, "output": {"format": "png"}, "steps": []}"#;
    let made = run(files, recipe, Some(LabelFormat::Masks)).unwrap();
    assert_eq!(made.names(), ["images/a_0.png", "masks/a_0_mask.png"]);
    let read = |bytes: &[u8]| decode_mask(bytes, &Limits::default()).unwrap().0;
    assert!(read(made.bytes("masks/a_0_mask.png")) == read(&mask(1, Kind::Words)), "the mask is the source's own");
}

#[test]
fn objects_with_a_box_alone_are_not_taken_for_their_box() {
    let lines = "0 0.2 0.2 0.2 0.2\n0 0.5 0.5 0.9 0.5 0.9 0.9\n";
    let mut files = vec![("a.png".to_owned(), image(0)), ("a.txt".to_owned(), lines.into())];
    files.push(("classes.txt".to_owned(), b"cat\n".to_vec()));
    let made = run(files.clone(), MOVED, Some(LabelFormat::Masks)).unwrap();
    let warning = "1 object(s) have only a box, which is painted as what trainers ignore, 255";
    assert!(made.lines[0].labels.warnings.iter().any(|told| told == warning), "{:?}", made.lines[0].labels.warnings);
    let (mask, _) = decode_mask(made.bytes("masks/a_0_mask.png"), &Limits::default()).unwrap();
    let count = |number| mask.each_value().filter(|value| *value == Value::Number(number)).count();
    assert!(count(255) > 100 && count(1) > 100, "{} and {}", count(255), count(1));
    files[1].1 = b"0 0.2 0.2 0.2 0.2\n".to_vec();
    let refused = open(files).dataset.check_writable(LabelFormat::Masks).unwrap_err();
    assert!(refused.message().contains("no polygons or bitmaps"), "{refused}");
}
