//! Which image a file about many means, where names alone do not say it.

use crate::support::*;
use augment_core::formats::{Dataset, Frame, LabelFormat};
use augment_core::geometry::{Rect, Size};

const SIZE: Size = Size::new(100, 80);

/// A picture of a size, as far as its head says.
fn picture(size: Size) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.width, size.height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&vec![0; size.area()]).unwrap();
    bytes
}

/// Names and the left edges of the boxes of each image.
fn lefts(dataset: &Dataset) -> Vec<(&str, Vec<f64>)> {
    let left = |bbox: Option<Rect>| bbox.unwrap().x0;
    let of = |item: &augment_core::formats::Item| {
        let labels = item.place(&Frame::plain(SIZE), None).unwrap().labels;
        labels.objects.iter().map(|object| left(object.bbox)).collect()
    };
    dataset.items.iter().map(|item| (item.name.as_str(), of(item))).collect()
}

const COCO: &str = "{\"images\":[{\"id\":1,\"file_name\":\"1.png\",\"width\":100,\"height\":80}],\"annotations\":\
    [{\"id\":1,\"image_id\":1,\"category_id\":1,\"bbox\":[5,5,9,9]}],\"categories\":[{\"id\":1,\"name\":\"cat\"}]}";
const CVAT: &str = "<annotations><image id=\"0\" name=\"1.png\" width=\"100\" height=\"80\"><box label=\"cat\" xtl=\"5\" \
    ytl=\"5\" xbr=\"14\" ybr=\"14\"/></image></annotations>";
const TABLE: &str = "filename,width,height,class,xmin,ymin,xmax,ymax\n1.png,100,80,cat,5,5,14,14\n";
const VIA: &str = "{\"1.png9\":{\"filename\":\"1.png\",\"size\":9,\"regions\":[{\"shape_attributes\":{\"name\":\"rect\",\"x\":5,\
    \"y\":5,\"width\":9,\"height\":9},\"region_attributes\":{\"type\":\"cat\"}}],\"file_attributes\":{}}}";

#[test]
fn the_stated_size_tells_images_of_one_name_apart() {
    let (small, large) = (picture(Size::new(10, 8)), picture(SIZE));
    for (name, text) in [("all.json", COCO), ("all.xml", CVAT), ("all.csv", TABLE)] {
        let files = [("cam1/1.png", small.as_slice()), ("cam2/1.png", &large), (name, text.as_bytes())];
        let dataset = opened(&Memory::from_bytes(&files));
        assert_eq!(lefts(&dataset), [("cam1/1.png", vec![]), ("cam2/1.png", vec![5.0])], "{name}");
    }
}

#[test]
fn a_name_of_several_images_is_a_failure_that_names_them() {
    let bytes = picture(SIZE);
    for (name, text) in [("all.json", COCO), ("all.xml", CVAT), ("all.csv", TABLE), ("via.json", VIA)] {
        let files = [("cam1/1.png", bytes.as_slice()), ("cam2/1.png", &bytes), (name, text.as_bytes())];
        let dataset = opened(&Memory::from_bytes(&files));
        assert!(dataset.items.is_empty(), "{name}");
        let said = dataset.problems[0].error.message();
        assert!(said.contains("by 1.png it could mean any of cam1/1.png, cam2/1.png"), "{said}");
    }
}

#[test]
fn the_split_of_a_row_says_which_image_it_is_about() {
    let header = "filename,class,xmin,ymin,xmax,ymax,split\n";
    let table = format!("{header}1.png,cat,5,5,14,14,train\n1.png,cat,7,5,14,14,test\n");
    let dataset = opened(&Memory::new(&[("test/1.png", ""), ("train/1.png", ""), ("all.csv", &table)]));
    assert_eq!(lefts(&dataset), [("test/1.png", vec![7.0]), ("train/1.png", vec![5.0])]);
}

#[test]
fn addresses_are_names_of_images() {
    for (stated, image) in [
        ("https://x.org/data/d.png?sig=1", "images/d.png"),
        ("https://x.org/a%20b.png", "images/a b.png"),
        ("%C3%A9.png", "images/\u{e9}.png"),
        ("100%.png", "images/100%.png"),
    ] {
        for (name, text) in [("all.json", COCO), ("all.csv", TABLE)] {
            let dataset = opened(&Memory::new(&[(image, ""), (name, &text.replace("1.png", stated))]));
            assert_eq!(lefts(&dataset), [(image, vec![5.0])], "{stated}");
            assert!(dataset.problems.is_empty(), "{:?}", dataset.problems);
        }
    }
}

const XML: &str = "<annotation><filename>b.png</filename><object><name>cat</name><bndbox><xmin>6</xmin><ymin>6</ymin><xmax>9\
    </xmax><ymax>9</ymax></bndbox></object></annotation>";

#[test]
fn a_voc_file_beside_no_image_is_about_the_one_that_it_names() {
    let files = Memory::new(&[("images/b.png", ""), ("annotations/001.xml", XML), ("annotations/002.xml", XML)]);
    let dataset = opened(&files);
    assert_eq!(lefts(&dataset), [("images/b.png", vec![5.0])]);
    assert_eq!(dataset.problems.len(), 1, "the second one labels nothing: {:?}", dataset.problems);
    assert_eq!(dataset.items[0].own_label_file(LabelFormat::Voc), None, "its name is another");
}

#[test]
fn a_stray_that_names_labeled_images_takes_no_labels_from_them() {
    let voc = |name: &str, left: u32| {
        format!(
            "<annotation><filename>{name}</filename><object><name>cat</name><bndbox><xmin>{left}</xmin><ymin>6</ymin>\
             <xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>"
        )
    };
    let files = Memory::new(&[
        ("train/1.png", ""),
        ("train/1.xml", &voc("1.png", 6)),
        ("val/1.png", ""),
        ("val/1.xml", &voc("1.png", 7)),
        ("old/copy.xml", &voc("1.png", 3)),
    ]);
    let dataset = opened(&files);
    assert_eq!(lefts(&dataset), [("train/1.png", vec![5.0]), ("val/1.png", vec![6.0])]);
    let [problem] = &dataset.problems[..] else { panic!("it is said once: {:?}", dataset.problems) };
    assert_eq!((problem.file.as_str(), problem.error.message()), ("old/copy.xml", "label without image"));
}

const LABELME: &str = "{\"shapes\":[{\"label\":\"cat\",\"points\":[[5,5],[14,14]],\"shape_type\":\"rectangle\"}],\
    \"imagePath\":\"1.png\",\"imageHeight\":80,\"imageWidth\":100}";

#[test]
fn a_labelme_file_of_several_images_is_a_failure_that_its_size_mends() {
    let (small, large) = (picture(Size::new(10, 8)), picture(SIZE));
    let open = |first: &[u8]| {
        let files = [("cam1/1.png", first), ("cam2/1.png", &large), ("old/x.json", LABELME.as_bytes())];
        opened(&Memory::from_bytes(&files))
    };
    assert_eq!(lefts(&open(&small)), [("cam1/1.png", vec![]), ("cam2/1.png", vec![5.0])]);
    let equal = open(&large);
    assert!(equal.items.is_empty(), "{:?}", equal.items);
    assert!(equal.problems[0].error.message().contains("any of cam1/1.png, cam2/1.png"), "{:?}", equal.problems);
    let beside = [("cam1/1.png", ""), ("cam1/1.json", LABELME), ("cam2/1.png", ""), ("cam2/1.json", LABELME)];
    let beside = opened(&Memory::new(&[&beside[..], &[("old/x.json", LABELME)]].concat()));
    assert_eq!(lefts(&beside), [("cam1/1.png", vec![5.0]), ("cam2/1.png", vec![5.0])]);
    assert_eq!(
        beside.warnings,
        ["1 LabelMe file(s) are about images that have one already, and are left out: old/x.json"]
    );
}

#[test]
fn a_subset_says_which_image_is_meant_or_none() {
    let cvat = |subset: &str| CVAT.replace("width", &format!("subset=\"{subset}\" width"));
    let images = ["images/train/1.png", "images/Validation/1.png", "images/Batch 2/1.png"];
    for (subset, at) in [("Train", 0), ("Validation", 1), ("batch 2", 2)] {
        let mut files: Vec<(&str, &str)> = images.iter().map(|image| (*image, "")).collect();
        let xml = cvat(subset);
        files.push(("annotations.xml", &xml));
        let dataset = opened(&Memory::new(&files));
        assert!(dataset.problems.is_empty(), "{subset}: {:?}", dataset.problems);
        let labeled: Vec<&str> =
            lefts(&dataset).into_iter().filter(|(_, lefts)| !lefts.is_empty()).map(|(name, _)| name).collect();
        assert_eq!(labeled, [images[at]], "{subset}");
    }
    let absent = opened(&Memory::new(&[("val/1.png", ""), ("annotations.xml", &cvat("Test"))]));
    assert!(absent.problems[0].is_absent_image(), "another split's image: {:?}", absent.problems);
    let bytes = picture(SIZE);
    for subset in ["default", "train"] {
        let xml = cvat(subset);
        let files = [("cam1/1.png", bytes.as_slice()), ("cam2/1.png", &bytes), ("all.xml", xml.as_bytes())];
        let dataset = opened(&Memory::from_bytes(&files));
        assert!(dataset.items.is_empty(), "{subset}");
        let said = dataset.problems[0].error.message();
        assert!(said.contains("by 1.png it could mean any of cam1/1.png, cam2/1.png"), "{said}");
    }
}

#[test]
fn a_column_of_splits_divides_what_lies_in_the_folder_of_training() {
    let table = "filename,class,xmin,ymin,xmax,ymax,split\n1.png,cat,5,5,14,14,train\n2.png,cat,7,5,14,14,val\n";
    let dataset = opened(&Memory::new(&[("train/1.png", ""), ("train/2.png", ""), ("all.csv", table)]));
    assert_eq!(lefts(&dataset), [("train/1.png", vec![5.0]), ("train/2.png", vec![7.0])]);
    let splits: Vec<String> = dataset.items.iter().flat_map(|item| &item.split).map(ToString::to_string).collect();
    assert_eq!(splits, ["train", "val"]);
}

#[test]
fn images_of_failed_files_are_no_background() {
    let row = "Car 0.00 0 -1.57 17.50 31.00 82.00 58.00 1.5 1.6 3.7 1.0 1.5 8.4 -1.5\n";
    let files = Memory::new(&[
        ("pictures_a/test/1.png", ""),
        ("pictures_a/train/1.png", ""),
        ("pictures_a/train/2.png", ""),
        ("labels_a/1.txt", row),
        ("labels_a/2.txt", row),
    ]);
    let dataset = opened(&files);
    assert_eq!(lefts(&dataset), [("pictures_a/train/2.png", vec![17.5])], "whose 1.txt is, nothing says");
    let twice = COCO.replace("\"images\":[", "\"images\":[{\"id\":1,\"file_name\":\"2.png\"},");
    let dataset = opened(&Memory::new(&[("1.png", ""), ("2.png", ""), ("all.json", &twice)]));
    assert_eq!((dataset.items.len(), dataset.problems.len()), (1, 1), "whose id it is, is unknown");
}
