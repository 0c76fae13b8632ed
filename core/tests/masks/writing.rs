//! What is written beside masks, and masks that do not fit their images.

use augment_core::formats::{Frame, LabelFormat};
use augment_core::geometry::Size;
use augment_core::image::{Channels, Image};
use augment_core::labels::Mask;

use crate::scene::{Kind, image, mask, open, run};

const NONE: &str = r#"{"version": 1, "count": 1, "output": {"format": "png"}, "steps": [{"op": "flip_vertical"}]}"#;

fn set(lists: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> =
        lists.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    for scene in 0..2 {
        files.push((format!("train/{scene}.jpg"), image(scene)));
        files.push((format!("train/{scene}_mask.png"), mask(scene, Kind::Palette)));
    }
    files
}

#[test]
fn names_of_values_are_shown_and_written_again() {
    let csv = "Pixel Value, Class\n0, background\n1, cat\n2, dog\n3, traffic light\n";
    let made = run(set(&[("train/_classes.csv", csv)]), NONE, None).unwrap();
    let dataset = &made.found.dataset;
    assert_eq!((dataset.format, &dataset.warnings[..]), (LabelFormat::None, &[][..]));
    let described = dataset.described(&Default::default());
    assert!(described.contains("4 mask class(es): background, cat, dog, traffic light"), "{described}");
    assert_eq!(made.bytes("_classes.csv"), csv.as_bytes());
    let map = "# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:220,30,30::\n";
    let made = run(set(&[("labelmap.txt", map), ("class_dict.csv", "name,r,g,b\nx,0,0,0\n")]), NONE, None).unwrap();
    assert_eq!((made.bytes("labelmap.txt"), made.bytes("class_dict.csv").len()), (map.as_bytes(), 19));
    let again = open(made.files);
    assert_eq!(again.dataset.mask_names.classes.len(), 2, "what was written is read again");
    assert!(again.dataset.warnings.is_empty(), "{:?}", again.dataset.warnings);
}

#[test]
fn lists_without_masks_are_neither_left_over_nor_written_as_they_are() {
    let xml = "<annotation><object><name>cat</name><bndbox><xmin>2</xmin><ymin>2</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>\
               </object></annotation>";
    let files = vec![
        ("a.png".to_owned(), image(0)),
        ("a.xml".to_owned(), xml.into()),
        ("labelmap.txt".to_owned(), b"background:0,0,0::\n".to_vec()),
    ];
    let made = run(files, NONE, None).unwrap();
    assert!(made.found.dataset.warnings.is_empty(), "{:?}", made.found.dataset.warnings);
    assert_eq!(made.names(), ["images/a_0.png", "labels/a_0.xml", "labelmap.txt"]);
    let written = std::str::from_utf8(made.bytes("labelmap.txt")).unwrap();
    assert!(written.ends_with("cat:128,0,0::\n"), "Pascal VOC's classes, not the list of masks: {written}");
}

#[test]
fn a_mask_of_another_size_is_refused_with_what_to_do() {
    let found = open(set(&[]));
    let item = &found.dataset.items[0];
    let sized = |width, height| Mask::from(Image::zeroed(Size::new(width, height), Channels::Gray));
    let frame = Frame::plain(Size::new(150, 110));
    for (width, height, advice) in [
        (75, 55, "enlarge it 2 times"),
        (50, 55, "make them the same size"),
        (450, 330, "reduce it to one of 3 pixels each way"),
        (150, 111, "make them the same size"),
        (110, 150, "make them the same size"),
    ] {
        let error = item.place(&frame, [sized(width, height)]).unwrap_err().to_string();
        assert!(error.contains(advice) && error.contains("train/0_mask.png"), "{width}x{height}: {error}");
    }
    let fits = item.place(&frame, [sized(150, 110)]).unwrap();
    assert!(fits.warnings.is_empty(), "{:?}", fits.warnings);
}

#[test]
fn a_mask_of_stored_pixels_turns_with_its_image() {
    let found = open(set(&[]));
    let (stored, upright) = (Size::new(3, 2), Size::new(2, 3));
    let frame = Frame { stored, upright, orientation: 6 };
    let mask = |size| Mask::from(Image::from_samples(size, Channels::Gray, (1..=6).collect()).unwrap());
    // A quarter turn clockwise: the first stored row is the last displayed column.
    for (size, samples, on) in [(stored, [4, 1, 5, 2, 6, 3], "stored"), (upright, [1, 2, 3, 4, 5, 6], "displayed")] {
        let placed = found.dataset.items[0].place(&frame, [mask(size)]).unwrap();
        assert_eq!(placed.labels.masks[0].samples(), samples, "{on}");
        assert_eq!(placed.labels.masks[0].size(), upright);
        assert!(placed.warnings.len() == 1 && placed.warnings[0].contains(on), "{:?}", placed.warnings);
    }
}
