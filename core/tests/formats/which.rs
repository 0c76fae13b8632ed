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
fn images_of_failed_files_are_no_background() {
    let row = "Car 0.00 0 -1.57 17.50 31.00 82.00 58.00 1.5 1.6 3.7 1.0 1.5 8.4 -1.5\n";
    let files = Memory::new(&[
        ("pictures_a/test/1.png", ""),
        ("pictures_a/train/1.png", ""),
        ("pictures_a/train/2.png", ""),
        ("labels_a/train/1.txt", row),
        ("labels_a/train/2.txt", row),
    ]);
    let dataset = opened(&files);
    assert!(dataset.items.iter().all(|item| item.objects() > 0), "{:?}", dataset.items);
    let twice = COCO.replace("\"images\":[", "\"images\":[{\"id\":1,\"file_name\":\"2.png\"},");
    let dataset = opened(&Memory::new(&[("1.png", ""), ("2.png", ""), ("all.json", &twice)]));
    assert_eq!((dataset.items.len(), dataset.problems.len()), (1, 1), "whose id it is, is unknown");
}
