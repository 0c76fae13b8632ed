//! Files about many images that cannot be read, or hold nothing: the images that they would label never seem to show
//! nothing.

use crate::support::*;
use augment_core::formats::{Dataset, LabelFormat, Split, SplitChoice};

fn coco(images: &[&str]) -> String {
    let list: Vec<String> =
        (1..).zip(images).map(|(id, name)| format!(r#"{{"id":{id},"file_name":"{name}"}}"#)).collect();
    let boxes: Vec<String> = (1..=images.len())
        .map(|id| format!(r#"{{"id":{id},"image_id":{id},"category_id":1,"bbox":[1,1,5,5]}}"#))
        .collect();
    let (list, boxes) = (list.join(","), boxes.join(","));
    format!(r#"{{"images":[{list}],"annotations":[{boxes}],"categories":[{{"id":1,"name":"cat"}}]}}"#)
}

fn items(dataset: &Dataset) -> Vec<&str> {
    dataset.items.iter().map(|item| item.name.as_str()).collect()
}

/// The one problem of a dataset, with its file.
fn problem(dataset: &Dataset) -> String {
    let [problem] = &dataset.problems[..] else { panic!("{:?}", dataset.problems) };
    format!("{}: {}", problem.file, problem.error.message())
}

/// What cannot be read of a COCO file, and what is said of it.
fn broken() -> Vec<(Vec<u8>, &'static str)> {
    let whole = coco(&["a.jpg", "b.jpg"]);
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(whole.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    vec![
        (whole.as_bytes()[..whole.len() / 2].to_vec(), "it is cut off"),
        (Vec::new(), "it is empty"),
        (utf16, "UTF-16: save it as UTF-8"),
        (b"null".to_vec(), "this JSON cannot be read"),
        (whole.replace("[1,1,5,5]", "[1,NaN,5,5]").into_bytes(), "it holds NaN at line 1 column"),
        (b"{}".to_vec(), "holds nothing but {}"),
        (b"[]".to_vec(), "holds nothing but []"),
        (br#"{"images":[],"annotations":[]}"#.to_vec(), "it lists no image"),
        (
            br#"{"images":[{"id":1,"file_name":"a.jpg"},{"id":2,"file_name":"b.jpg"}],"info":{}}"#.to_vec(),
            "has no `annotations`",
        ),
        (
            whole.replace(r#""name":"cat"}"#, r#""name":"cat"},{"id":1,"name":"dog"}"#).into_bytes(),
            "two categories have the id 1 (cat, dog)",
        ),
    ]
}

#[test]
fn the_split_of_a_broken_file_is_left_out_and_the_others_stay() {
    let val = coco(&["c.jpg"]);
    for (bytes, why) in broken() {
        let files = [
            ("train/a.jpg", &b""[..]),
            ("train/b.jpg", b""),
            ("train/_annotations.coco.json", &bytes),
            ("val/c.jpg", b""),
            ("val/_annotations.coco.json", val.as_bytes()),
        ];
        let dataset = opened(&Memory::from_bytes(&files));
        assert_eq!(items(&dataset), ["val/c.jpg"], "{why}");
        let said = problem(&dataset);
        assert!(said.starts_with("train/_annotations.coco.json: ") && said.contains(why), "{said}");
        assert!(said.ends_with("2 image(s) that no other file labels are left out"), "{said}");
        let refused = dataset.check_augmented(&SplitChoice::Usual).unwrap_err();
        assert!(
            refused.message().contains("train/_annotations.coco.json"),
            "val is not augmented for train: {refused}"
        );
    }
}

#[test]
fn a_run_that_lost_its_split_names_the_file() {
    let val = coco(&["c.jpg"]);
    let files = Memory::new(&[
        ("train/a.jpg", ""),
        ("train/_annotations.coco.json", "{}"),
        ("val/c.jpg", ""),
        ("val/_annotations.coco.json", &val),
    ]);
    let mut dataset = opened(&files);
    let refused = dataset.clone().keep(&"train".parse().unwrap()).unwrap_err();
    assert!(refused.message().contains("the first is train/_annotations.coco.json: it holds nothing"), "{refused}");
    dataset.keep(&"val".parse().unwrap()).unwrap();
    assert!(dataset.check_augmented(&SplitChoice::Usual).is_ok(), "a split that is taken alone is augmented");
}

#[test]
fn a_split_that_only_the_broken_file_knows_is_left_out() {
    for (bytes, why) in broken() {
        let train = coco(&["c.jpg", "d.jpg"]);
        let files = [
            ("images/a.jpg", &b""[..]),
            ("images/b.jpg", b""),
            ("images/c.jpg", b""),
            ("images/d.jpg", b""),
            ("annotations/train.json", train.as_bytes()),
            ("annotations/val.json", &bytes),
        ];
        let dataset = opened(&Memory::from_bytes(&files));
        assert_eq!(items(&dataset), ["images/c.jpg", "images/d.jpg"], "{why}");
        assert_eq!(dataset.items[0].split, Some(Split::Train), "{why}");
        assert!(problem(&dataset).contains("2 image(s) that no other file labels"), "{:?}", dataset.problems);
    }
}

#[test]
fn nothing_is_left_where_the_only_file_is_broken() {
    let xml = "<annotations><image id=\"0\" name=\"x/a.jpg\" width=\"9\" height=\"9\"><box label=\"c\" xtl=";
    for (name, bytes) in [
        ("annotations.xml", xml.as_bytes()),
        ("annotations.json", b"{\"images\": ["),
        ("labels.csv", b"\xff\xfef\0i\0"),
        ("annotations.csv", b""),
        ("metadata.jsonl", b""),
        ("project-1.json", b"[]"),
        ("annotations.ndjson", b"{\"type\":\"dataset\",\"class_names\":{}}\n{\"type\":\"image\",\"file\":"),
    ] {
        let dataset = opened(&Memory::from_bytes(&[("x/a.jpg", b""), ("y/b.jpg", b""), (name, bytes)]));
        assert_eq!((items(&dataset), dataset.format), (vec![], LabelFormat::None), "{name}");
        assert!(problem(&dataset).contains("2 image(s) that no other file labels are left out"), "{name}");
    }
}

#[test]
fn what_others_label_stays_beside_a_broken_file() {
    let files = Memory::new(&[
        ("a.jpg", ""),
        ("a.txt", "0 0.5 0.5 0.1 0.1"),
        ("b.jpg", ""),
        ("b.txt", ""),
        ("c.jpg", ""),
        ("classes.txt", "cat\n"),
        ("all.json", "{\"images\":"),
    ]);
    let dataset = opened(&files);
    assert_eq!(items(&dataset), ["a.jpg", "b.jpg"], "an empty file says that its image shows nothing");
    assert!(problem(&dataset).ends_with("1 image(s) that no other file labels are left out"));
    let idle = opened(&Memory::new(&[("a.jpg", ""), ("a.txt", "0 0.5 0.5 0.1 0.1"), ("labels.json", "{}")]));
    assert_eq!((items(&idle), idle.problems.len()), (vec!["a.jpg"], 0));
    assert!(idle.warnings.iter().any(|said| said == "1 file(s) of labels are empty and are left out: labels.json"));
    let folders = opened(&Memory::new(&[("cat/a.jpg", ""), ("dog/b.jpg", ""), ("settings.json", "{}")]));
    assert_eq!((items(&folders).len(), folders.problems.len()), (2, 0), "no labels are expected there");
}

#[test]
fn a_broken_file_of_one_absent_image_takes_no_other_with_it() {
    let shape = r#"{"shapes":[{"label":"cat","points":[[1,1],[5,5]],"shape_type":"rectangle"}],"imagePath":"a.jpg","imageHeight":80,"imageWidth":100}"#;
    let files =
        Memory::new(&[("a.jpg", ""), ("a.json", shape), ("b.jpg", ""), ("gone.json", &shape[..shape.len() / 2])]);
    let dataset = opened(&files);
    assert_eq!(items(&dataset), ["a.jpg", "b.jpg"]);
    assert!(problem(&dataset).starts_with("gone.json: this JSON cannot be read"));
}

#[test]
fn images_that_a_file_is_not_understood_about_are_no_background() {
    let files = Memory::new(&[
        ("train/a.jpg", ""),
        ("train/a.txt", "0 0.5 0.5 0.1 0.1"),
        ("train/b.jpg", ""),
        ("classes.txt", "cat\n"),
        ("boxes.json", r#"{"b.jpg": {"what": 1}}"#),
    ]);
    let dataset = opened(&files);
    assert_eq!(items(&dataset), ["train/a.jpg"]);
    assert!(problem(&dataset).contains("1 image(s) that no other file labels are left out"));
}

#[test]
fn a_file_that_names_images_by_their_stems_is_about_them() {
    for (name, text) in [
        ("labels.json", r#"{"img_a":[1,2],"img_b":[3,4]}"#),
        ("train.csv", "video_id,sequence,image_id,annotations\n0,1,img_a,[]\n0,2,img_b,[]\n"),
    ] {
        let dataset = opened(&Memory::new(&[("img_a.jpg", ""), ("img_b.jpg", ""), (name, text)]));
        assert!(problem(&dataset).contains("no labels were understood in it"), "{name}");
    }
    let notes = "day,weather\n1,sun\n2,rain\n";
    let dataset = opened(&Memory::new(&[("1.jpg", ""), ("2.jpg", ""), ("diary.csv", notes)]));
    assert_eq!(dataset.problems.len(), 0, "small numbers are names by chance");
}

#[test]
fn what_is_not_about_images_is_a_warning() {
    for (name, bytes) in [
        ("tsconfig.json", &b"{\"compilerOptions\":{}} // c"[..]),
        ("cache.json", b""),
        ("x/metrics.json", b"{\"score\": NaN}"),
        ("hi.csv", b"\xff\xfeh\0i\0"),
        ("x.xml", b"<annotations><x/></annotations>"),
        ("IMG_0.jpg.json", b"{\"title\":\"IMG_0.jpg\",\"geoData\":{\"latitude\":0.0}}"),
        ("exif.csv", b"SourceFile,FileName,Make\n./IMG_0.jpg,IMG_0.jpg,Canon\n"),
        ("exif.json", b"[{\"SourceFile\":\"IMG_0.jpg\",\"Make\":\"Canon\"}]"),
        ("IMG_0.xml", b"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>"),
    ] {
        let dataset = opened(&Memory::from_bytes(&[("IMG_0.jpg", b""), ("IMG_1.jpg", b""), (name, bytes)]));
        assert_eq!((dataset.problems.len(), items(&dataset).len()), (0, 2), "{name}: {:?}", dataset.problems);
        assert!(dataset.warnings.iter().any(|said| said.ends_with(name)), "{name}: {:?}", dataset.warnings);
    }
    let broken = b"{\"x\": \"IMG_0.jpg\",";
    let dataset = opened(&Memory::from_bytes(&[("IMG_0.jpg", b""), ("boxes.json", broken)]));
    assert_eq!((dataset.problems.len(), items(&dataset).len()), (1, 0), "it names an image");
}

#[test]
fn tables_without_columns_of_labels_are_notes_and_others_are_failures() {
    for table in [
        "title,description,creation time,url\nIMG_0.jpg,at sea,2020-01-01,https://x.org/IMG_0.jpg\n",
        "sku,title,price,image\n1,Cup,3.5,IMG_0.jpg\n2,Mug,4.5,IMG_1.jpg\n",
        "image,price\nIMG_0.jpg,3.50\nIMG_1.jpg,4.25\n",
    ] {
        let dataset = opened(&Memory::new(&[("IMG_0.jpg", ""), ("IMG_1.jpg", ""), ("metadata_of.csv", table)]));
        assert_eq!((dataset.problems.len(), items(&dataset).len()), (0, 2), "{table}: {:?}", dataset.problems);
        let said =
            "1 table(s) speak of images and have no column of classes or boxes, and are left out: metadata_of.csv";
        assert_eq!(dataset.warnings, [said], "{table}");
    }
    for table in [
        "image,label,pos_x,pos_y\nIMG_0.jpg,cat,1,2\nIMG_1.jpg,cat,1,2\n",
        "image,note,regions of boxes\nIMG_0.jpg,a,1:2:3:4\n",
        "image,which\nIMG_0.jpg,red\nIMG_1.jpg,blue\n",
        "IMG_0.jpg,3:4,5:6\nIMG_1.jpg,3:4,5:6\n",
    ] {
        let dataset = opened(&Memory::new(&[("IMG_0.jpg", ""), ("IMG_1.jpg", ""), ("list_of.csv", table)]));
        assert!(problem(&dataset).contains("no labels were understood in it"), "{table}: {:?}", dataset.problems);
    }
}
