//! No mask is augmented as a photograph by accident: each is paired, or a failure names it, whatever it is called.

use augment_core::codec::{Encoding, decode_mask, encode};
use augment_core::formats::LabelFormat;
use augment_core::image::{Channels, Fill, Image};
use augment_core::labels::{Value, Values};
use augment_core::limits::Limits;

use crate::scene::{Kind, SIZE, mask, open, run};

const STILL: &str = r#"{"version": 1, "count": 1, "output": {"format": "png"}, "steps": []}"#;

/// Something like a photograph, in the format that a name asks for.
pub(crate) fn photograph(scene: usize, name: &str) -> Vec<u8> {
    let samples = (0..SIZE.area() * 3).map(|at| ((at * 7 + scene) * at % 251) as u8).collect();
    let image = Image::from_samples(SIZE, Channels::Rgb, samples).unwrap();
    let encoding = match name.ends_with("jpg") {
        true => Encoding::Jpeg { quality: 90, subsampling: Default::default() },
        false => Encoding::Png { compression: Default::default() },
    };
    encode(&image, &encoding, None, Fill::BLACK).unwrap()
}

fn pairs(photo: &str, of: &str, kind: Kind) -> Vec<(String, Vec<u8>)> {
    let named = |pattern: &str, scene: usize| pattern.replace('#', &(scene + 3).to_string());
    let both = |scene| {
        let photo = named(photo, scene);
        [(photo.clone(), photograph(scene, &photo)), (named(of, scene), mask(scene, kind))]
    };
    (0..4).flat_map(both).collect()
}

#[test]
fn masks_are_paired_however_tools_name_them() {
    for (photo, of) in [
        ("train/#_sat.jpg", "train/#_mask.png"),
        ("train/00#_img.png", "train/00#_masks.png"),
        ("x#_json/img.png", "x#_json/label.png"),
        ("set/c#/image.png", "set/c#/mask.png"),
        ("D/imagesTr/c_#_0000.png", "D/labelsTr/c_#.png"),
        ("2_Ortho_RGB/top_2_#_RGB.png", "5_Labels_all/top_2_#_label.png"),
        ("seg/images/train/a#.jpg", "seg/labels/train/a#_train_id.png"),
        ("training/images/#_training.png", "training/1st_manual/#_manual1.gif"),
        ("training/image_2/um_00#.png", "training/gt_image_2/um_road_00#.png"),
        ("2018/camera/front/2018_camera_#.png", "2018/label/front/2018_label_#.png"),
        ("RUGD_frames/creek/creek_0#.png", "RUGD_annotations/creek/creek_0#.png"),
        ("Image_0#L.jpg", "Image_0#L_1stHO.png"),
        ("segmentation/images/s#.jpg", "segmentation/masks/s#.png"),
        ("images_prepped_train/#.jpg", "annotations_prepped_train/#.png"),
        ("DUTS-TR/DUTS-TR-Image/x#.jpg", "DUTS-TR/DUTS-TR-Mask/x#.png"),
        ("C/Original/#.png", "C/Ground Truth/#.png"),
        ("Images/#.jpg", "Category_ids/#.png"),
        ("JPEGImages/#.jpg", "SegmentationClassPNG/#.png"),
        ("images/img#.jpg", "masks/mask#.png"),
        ("b/test/bent/0#.png", "b/ground_truth/bent/0#_mask.png"),
        ("a#.jpg", "a#-label.png"),
        ("a#.jpg", "a#_color_mask.png"),
        ("a#.jpg", "a#_msk.png"),
        ("a#.jpg", "a#.ann.png"),
    ] {
        for kind in [Kind::Gray, Kind::Rgb] {
            let dataset = open(pairs(photo, of, kind)).dataset;
            assert_eq!(dataset.problems, [], "{photo} and {of}, {kind:?}");
            let paired = dataset.items.iter().filter(|item| item.masks.len() == 1).count();
            assert_eq!((dataset.items.len(), paired), (4, 4), "{photo} and {of}, {kind:?}");
        }
    }
}

#[test]
fn what_only_looks_like_masks_is_a_failure_that_names_both_groups() {
    for (photo, of, named, beside) in [
        ("images/p#.png", "y/p#.png", "y", "images"),
        ("photos/p#.png", "y/p#.png", "y", "photos"),
        ("t/c#.jpg", "t/c#.png", "t/*.png", "t/*.jpg"),
        ("t/#_day.png", "t/#_veg.png", "t/*veg.png", "t/*day.png"),
        ("t/day#.png", "t/veg#.png", "t/veg*", "t/day*"),
        ("s/#/day.png", "s/#/veg.png", "*/veg.png", "*/day.png"),
        ("x/q#_a.png", "y/z_0#.png", "y", "x"),
    ] {
        for kind in [Kind::Gray, Kind::Rgb] {
            let dataset = open(pairs(photo, of, kind)).dataset;
            assert_eq!(dataset.items.len(), 4, "{photo} and {of}: the photographs alone");
            let problem = &dataset.problems[0];
            let words = problem.error.message();
            assert!(problem.file == named && words.contains(beside) && words.contains("--labels none"), "{problem:?}");
        }
    }
}

#[test]
fn photographs_stay_photographs_whatever_their_folders_are_called() {
    for (one, other) in [
        ("with_mask/#.jpg", "without_mask/#.jpg"),
        ("images/#.jpg", "labels/#.jpg"),
        ("a/images/#.jpg", "b/gt/#.jpg"),
        ("masks/#.jpg", "no_masks/#.jpg"),
        ("cat_#.jpg", "cat_#_gt.jpg"),
        ("a/label/x#.png", "a/image/x#.png"),
    ] {
        let mut files = pairs(one, other, Kind::Gray);
        for (at, (name, bytes)) in files.iter_mut().enumerate() {
            *bytes = photograph(at, name);
        }
        let dataset = open(files).dataset;
        assert_eq!((dataset.items.len(), dataset.has_masks()), (8, false), "{one} and {other}: {:?}", dataset.problems);
        assert_eq!(dataset.problems, [], "{one} and {other}");
    }
}

#[test]
fn mattes_and_numbered_things_in_folders_of_labels_are_masks() {
    for values in [Values::Bytes, Values::Words] {
        let mut files = Vec::new();
        for scene in 0..3 {
            let name = format!("images/{scene}.jpg");
            files.push((name.clone(), photograph(scene, &name)));
            let data = (0..SIZE.area() * values.bytes()).map(|at| ((at * 13 + scene) * at % 249) as u8).collect();
            let shades = augment_core::labels::Mask::new(SIZE, values.clone(), data).unwrap();
            files.push((format!("annotations/{scene}.png"), augment_core::codec::encode_mask(&shades).unwrap()));
        }
        let dataset = open(files).dataset;
        assert!(dataset.items.len() == 3 && dataset.items.iter().all(|item| item.masks.len() == 1), "{values:?}");
    }
}

#[test]
fn a_mask_a_thing_is_several_masks_of_an_image_and_objects_where_these_are_asked_for() {
    for (photo, of) in [
        ("stage1_train/n#/images/n#.png", "stage1_train/n#/masks/%.png"),
        ("images/n#.png", "masks/n#/%.png"),
        ("images/n#.png", "masks/n#_%.png"),
    ] {
        let mut files = Vec::new();
        for scene in 0..2 {
            let number = (scene + 4).to_string();
            let photo = photo.replace('#', &number);
            files.push((photo.clone(), photograph(scene, &photo)));
            for thing in 1..=2 + scene {
                let inside = |at: usize| if (at % 150) / 20 == thing && at / 150 > 40 { 255 } else { 0 };
                let data = (0..SIZE.area()).map(inside).collect();
                let one = augment_core::labels::Mask::new(SIZE, Values::Bits, data).unwrap();
                let name = of.replace('#', &number).replace('%', &thing.to_string());
                files.push((name, augment_core::codec::encode_mask(&one).unwrap()));
            }
        }
        let found = open(files.clone());
        assert_eq!((found.dataset.problems.len(), found.dataset.warnings.len()), (0, 0), "{of}: {:?}", found.dataset);
        assert!(found.dataset.described(&Default::default()).contains("5 object mask(s)"), "{of}");
        let made = run(files, STILL, Some(LabelFormat::Coco)).unwrap();
        let read: Vec<usize> = made.lines.iter().map(|line| line.labels.kept).collect();
        assert_eq!(read, [2, 3], "{of}");
        let again = open(made.files.into_iter().filter(|(name, _)| !name.ends_with("json")).collect());
        assert_eq!(again.dataset.problems, [], "what is written is read again");
        assert_eq!(again.dataset.items.iter().map(|item| item.masks.len()).collect::<Vec<_>>(), [2, 3], "{of}");
    }
}

#[test]
fn class_folders_with_masks_beside_their_images_stay_classes() {
    let mut files = pairs("benign/benign (#).png", "benign/benign (#)_mask.png", Kind::Gray);
    files.extend(pairs("malignant/malignant (#).png", "malignant/malignant (#)_mask.png", Kind::Gray));
    let dataset = open(files).dataset;
    assert!(dataset.items.iter().all(|item| item.masks.len() == 1), "{:?}", dataset.problems);
    assert_eq!(dataset.items.iter().filter(|item| item.class.as_deref() == Some("benign")).count(), 4);
    let dataset = open(pairs("set/c#/image.png", "set/c#/mask.png", Kind::Gray)).dataset;
    assert!(dataset.items.iter().all(|item| item.class.is_none()), "a folder an image is no class");
}

#[test]
fn one_mask_for_two_images_is_told() {
    let photo = |name: &str| (name.to_owned(), photograph(0, name));
    let files = vec![photo("images/a.jpg"), photo("images/a.png"), ("masks/a.png".to_owned(), mask(0, Kind::Gray))];
    let told = open(files).dataset.warnings.join("\n");
    assert!(told.contains("1 mask(s) are named as several images, and go with each of these: masks/a.png"), "{told}");
}

#[test]
fn masks_of_one_bit_stay_files_of_one_bit() {
    let data: Vec<u8> = (0..SIZE.area()).map(|at| if at % 7 < 3 { 255 } else { 0 }).collect();
    let bits = augment_core::labels::Mask::new(SIZE, Values::Bits, data).unwrap();
    let file = augment_core::codec::encode_mask(&bits).unwrap();
    let files = vec![("images/a.jpg".to_owned(), photograph(0, "a.jpg")), ("masks/a.png".to_owned(), file)];
    let recipe = r#"{"version": 1, "count": 1, "output": {"format": "png"}, "steps": [{"op": "flip_horizontal"}]}"#;
    let made = run(files, recipe, None).unwrap();
    let written = made.bytes("masks/a_0_mask.png");
    assert_eq!(written[24], 1, "bits a pixel, as the head of the PNG says");
    let (mask, _) = decode_mask(written, &Limits::default()).unwrap();
    assert_eq!((mask.value(149, 0), mask.value(146, 0)), (Value::Number(255), Value::Number(0)));
}

/// A TIFF of one strip: gray numbers of 32 bits, 3 for floats.
fn tiff(format: u16, numbers: &[u8]) -> Vec<u8> {
    let (width, height) = (SIZE.width, SIZE.height);
    let entries: [(u16, u16, u32); 10] = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 32),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 134),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, width * height * 4),
        (339, 3, format.into()),
    ];
    let mut file = b"II\x2a\0\x08\0\0\0\x0a\0".to_vec();
    for (tag, kind, value) in entries {
        file.extend([&tag.to_le_bytes()[..], &kind.to_le_bytes(), &1_u32.to_le_bytes(), &value.to_le_bytes()].concat());
    }
    file.resize(134, 0);
    file.extend(numbers);
    file
}

#[test]
fn whole_numbers_of_any_kind_in_tiff_are_kept() {
    let whole = |at: usize| (at % 3 * 700) as i32;
    let signed: Vec<u8> = (0..SIZE.area()).flat_map(|at| whole(at).to_le_bytes()).collect();
    let floats: Vec<u8> = (0..SIZE.area()).flat_map(|at| (whole(at) as f32).to_le_bytes()).collect();
    for file in [tiff(2, &signed), tiff(3, &floats)] {
        let (mask, _) = decode_mask(&file, &Limits::default()).unwrap();
        assert!((0..6).all(|at| mask.value(at, 0) == Value::Number(whole(at) as u16)), "{:?}", mask.values());
    }
    let halves: Vec<u8> = (0..SIZE.area()).flat_map(|at| (at as f32 / 2.0).to_le_bytes()).collect();
    let refused = decode_mask(&tiff(3, &halves), &Limits::default()).unwrap_err();
    assert!(refused.message().contains("16-bit PNG"), "{refused}");
}
