//! CVAT for images.

use crate::support::*;
use augment_core::formats::{Frame, LabelFormat, Placed, Split};
use augment_core::geometry::{Point, Rect, Size};
use augment_core::labels::{Object, Shape, Visibility};

const SIZE: Size = Size::new(100, 80);
const META: &str = "<meta><task><labels>\
    <label><name>dog</name><type>any</type></label><label><name>cat</name></label>\
    <label><name>indoor</name><type>tag</type></label>\
    <label><name>person</name><type>skeleton</type><svg>&lt;line data-node-from=\"2\" data-node-to=\"1\"/&gt;\
    &lt;circle data-node-id=\"1\" data-label-name=\"left eye\"/&gt;&lt;circle data-node-id=\"2\" data-label-name=\"right eye\"/&gt;\
    </svg></label><label><name>left eye</name><type>points</type><parent>person</parent></label>\
    <label><name>right eye</name><type>points</type><parent>person</parent></label></labels></task></meta>";

fn cvat(images: &str) -> String {
    format!("<?xml version=\"1.0\"?>\n<annotations><version>1.1</version>{META}{images}</annotations>")
}

/// The only image with some shapes in it.
fn placed(shapes: &str) -> Placed {
    let xml = cvat(&format!("<image id=\"3\" name=\"a.jpg\" width=\"100\" height=\"80\">{shapes}</image>"));
    let dataset = opened(&Memory::new(&[("images/a.jpg", ""), ("annotations.xml", &xml)]));
    assert_eq!((dataset.format, dataset.problems.len()), (LabelFormat::Cvat, 0), "{:?}", dataset.problems);
    dataset.items[0].place(&Frame::plain(SIZE), None).unwrap()
}

fn object(shape: &str) -> Object {
    let placed = placed(shape);
    assert_eq!(placed.dropped, [], "{shape}");
    placed.labels.objects.into_iter().next().unwrap()
}

fn near(a: Point, b: (f64, f64)) -> bool {
    (a.x - b.0).abs() < 1e-9 && (a.y - b.1).abs() < 1e-9
}

#[test]
fn every_shape_is_read() {
    let plain = object(
        "<box label=\"cat\" occluded=\"1\" xtl=\"10\" ytl=\"20.5\" xbr=\"30\" ybr=\"40\" z_order=\"2\">\
        <attribute name=\"breed\">tabby</attribute></box>",
    );
    assert_eq!((plain.class, plain.bbox), (1, Some(Rect::new(10.0, 20.5, 30.0, 40.0))));
    assert_eq!((&plain.extra["occluded"], &plain.extra["z_order"]), (&1.into(), &2.into()));
    assert_eq!(plain.extra["attributes"]["breed"], "tabby");

    let Some(Shape::Oriented(corners)) =
        object("<box label=\"cat\" xtl=\"40\" ytl=\"30\" xbr=\"60\" ybr=\"40\" rotation=\"90\"/>").shape
    else {
        panic!("a turned box has corners");
    };
    let turned = [(55.0, 25.0), (55.0, 45.0), (45.0, 45.0), (45.0, 25.0)];
    assert!(corners.into_iter().zip(turned).all(|(a, b)| near(a, b)), "{corners:?}: clockwise about the center");

    let polygon = object("<polygon label=\"dog\" points=\"1.5,2;9,2;9,8.25\"/>");
    let ring = [(1.5, 2.0), (9.0, 2.0), (9.0, 8.25)];
    let polygons = polygon.shape.unwrap().polygons().into_owned();
    assert!(polygons[0].outer.iter().zip(ring).all(|(a, b)| near(*a, b)), "{polygons:?}");

    let ellipse = object("<ellipse label=\"dog\" cx=\"50\" cy=\"40\" rx=\"30\" ry=\"10\" rotation=\"90\"/>");
    assert_eq!(ellipse.bbox, Some(Rect::new(40.0, 10.0, 60.0, 70.0)));

    let points = object("<points label=\"dog\" points=\"5,6;7,8\"/>");
    assert!(near(points.keypoints[1].point, (7.0, 8.0)) && points.bbox.is_none(), "{points:?}");
}

#[test]
fn masks_are_runs_over_the_rows_of_their_box() {
    // Two rows of three: 0 1 1 / 1 0 0.
    let mask = object("<mask label=\"cat\" rle=\"1, 3, 2\" left=\"4\" top=\"5\" width=\"3\" height=\"2\"/>");
    let Some(Shape::Bitmap(bitmap)) = &mask.shape else { panic!("a mask is a bitmap") };
    let samples = bitmap.to_samples();
    let inside: Vec<(usize, usize)> =
        (0..samples.len()).filter(|at| samples[*at] > 0).map(|at| (at % 100, at / 100)).collect();
    assert_eq!(inside, [(5, 5), (6, 5), (4, 6)]);
    assert_eq!(bitmap.runs.iter().map(|run| *run as usize).sum::<usize>(), 8000, "the runs cover the frame");
    assert_eq!(mask.bbox, Some(Rect::new(4.0, 5.0, 7.0, 7.0)));
    let full = object("<mask label=\"cat\" rle=\"0, 8000\" left=\"0\" top=\"0\" width=\"100\" height=\"80\"/>");
    assert_eq!(full.shape.unwrap().area(), 8000.0);
}

#[test]
fn skeletons_keep_the_order_of_their_label() {
    let xml = cvat(
        "<image id=\"0\" name=\"a.jpg\" width=\"100\" height=\"80\"><skeleton label=\"person\">\
         <points label=\"right eye\" occluded=\"1\" points=\"20,10\"/><points label=\"left eye\" points=\"30,10\"/></skeleton>\
         <skeleton label=\"person\"><points label=\"left eye\" outside=\"1\" points=\"3,4\"/></skeleton></image>",
    );
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("annotations.xml", &xml)]));
    let class = dataset.classes.index_of("person").unwrap();
    let person = &dataset.classes.0[class];
    assert_eq!(
        (&person.keypoints[..], &person.skeleton[..]),
        (&["left eye".to_owned(), "right eye".into()][..], &[(1, 0)][..])
    );
    assert_eq!((&person.mirror[..], dataset.holds.keypoints), (&[1, 0][..], 2));
    let objects = dataset.items[0].place(&Frame::plain(SIZE), None).unwrap().labels.objects;
    let [left, right] = objects[0].keypoints[..] else { panic!("two keypoints") };
    assert!(near(left.point, (30.0, 10.0)) && left.visibility == Visibility::Visible, "{left:?}");
    assert!(near(right.point, (20.0, 10.0)) && right.visibility == Visibility::Hidden, "{right:?}");
    assert_eq!(objects[1].keypoints.iter().map(|k| k.visibility).collect::<Vec<_>>(), [Visibility::Absent; 2]);
}

#[test]
fn splits_and_classes_of_images_are_taken() {
    let xml = cvat(
        "<image id=\"0\" name=\"a.jpg\" subset=\"Train\" width=\"100\" height=\"80\"><tag label=\"indoor\"/>\
         <box label=\"cat\" xtl=\"1\" ytl=\"1\" xbr=\"5\" ybr=\"5\"/></image>\
         <image id=\"1\" name=\"dir/b.jpg\" subset=\"Validation\" width=\"100\" height=\"80\"/>",
    );
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("dir/b.jpg", ""), ("annotations.xml", &xml)]));
    let found: Vec<_> =
        dataset.items.iter().map(|item| (item.split.clone().unwrap(), item.class.as_deref(), item.objects())).collect();
    assert_eq!(found, [(Split::Train, Some("indoor"), 1), (Split::Val, None, 0)]);
    assert_eq!(dataset.warnings, Vec::<String>::new());
    let names: Vec<&str> = dataset.classes.0.iter().map(|class| class.name.as_str()).collect();
    assert_eq!(names, ["dog", "cat", "person"], "labels of tags are no classes of objects");
}

#[test]
fn tags_alone_are_class_folders_and_several_are_lists() {
    let image = |name: &str, tags: &[&str]| {
        let tags: String = tags.iter().map(|tag| format!("<tag label=\"{tag}\"/>")).collect();
        format!("<image id=\"0\" name=\"{name}\" width=\"100\" height=\"80\">{tags}</image>")
    };
    let open = |images: &str| opened(&Memory::new(&[("a.jpg", ""), ("b.jpg", ""), ("x.xml", &cvat(images))]));
    let single = open(&(image("a.jpg", &["red"]) + &image("b.jpg", &["../blue"])));
    assert_eq!(single.format, LabelFormat::None);
    let classes: Vec<_> = single.items.iter().map(|item| item.class.as_deref()).collect();
    assert_eq!(classes, [Some("red"), Some("_._blue")], "a class names one folder");
    assert!(single.warnings[0].starts_with("1 class(es) of images have characters"), "{:?}", single.warnings);
    let several = open(&(image("a.jpg", &["red", "blue"]) + &image("b.jpg", &["red"])));
    let placed = several.items[0].place(&Frame::plain(SIZE), None).unwrap();
    assert_eq!(placed.labels.extra["classes"], serde_json::json!(["red", "blue"]));
    assert_eq!((several.items[0].class.as_deref(), several.holds.classes), (None, 2));
}

#[test]
fn what_cannot_be_read_is_said() {
    let placed = placed(
        "<box label=\"cat\" xtl=\"1\" ytl=\"1\" xbr=\"5\" ybr=\"5\"/><box xtl=\"1\" ytl=\"1\" xbr=\"5\" ybr=\"5\"/>\
         <box label=\"cat\" xtl=\"1\" ytl=\"1\" xbr=\"x\" ybr=\"5\"/><box label=\"cat\" xtl=\"9\" ytl=\"1\" xbr=\"5\" ybr=\"5\"/>\
         <polygon label=\"cat\" points=\"1,1;2,2\"/><polygon label=\"cat\" points=\"1,1;2;3,3\"/>\
         <ellipse label=\"cat\" cx=\"1\" cy=\"1\" rx=\"1e99\" ry=\"1\"/><cuboid label=\"cat\" xtl1=\"1\"/>\
         <mask label=\"cat\" rle=\"0, 2\" left=\"100\" top=\"0\" width=\"2\" height=\"1\"/>\
         <mask label=\"cat\" rle=\"1, 1\" left=\"0\" top=\"0\" width=\"2\" height=\"2\"/>\
         <mask label=\"cat\" rle=\"9\" left=\"0\" top=\"0\" width=\"2\" height=\"2\"/>\
         <skeleton label=\"person\"><points label=\"nose\" points=\"1\"/></skeleton><guess label=\"cat\"/>",
    );
    let reasons: Vec<&str> = placed.dropped.iter().map(|dropped| dropped.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "no class is stated for it",
            "its xbr is not a number within bounds",
            "its box is empty",
            "its outline has 2 points, not three or more",
            "its points are not numbers within bounds",
            "its rx is not a number within bounds",
            "a cuboid is not read: draw it as a box or a polygon",
            "no pixel of its mask is in the image",
            "its runs cover 2 pixels of 2x2",
            "its runs cover more than 2x2 pixels",
            "its points are not numbers within bounds",
        ]
    );
    assert_eq!(placed.labels.objects.len(), 1);
    let line = "<image id=\"0\" name=\"a.jpg\"><polyline label=\"cat\" points=\"1,1;2,2\"/></image>";
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("x.xml", &cvat(line))]));
    assert_eq!(dataset.warnings, ["1 line(s) are kept as the boxes around them"]);
}

#[test]
fn files_without_images_are_failures() {
    for (xml, why) in [
        (
            "<annotations><track id=\"0\" label=\"car\"><box frame=\"0\"/></track></annotations>",
            "it holds 1 track(s) of a video",
        ),
        ("<annotations/>", "it lists no image"),
        ("<annotations><image name=\"a.jpg\">", "it ends before its root element does"),
        ("<annotations><image name=\"a.jpg\"></wrong></annotations>", "this XML cannot be read"),
    ] {
        let dataset = opened(&Memory::new(&[("a.jpg", ""), ("annotations.xml", xml)]));
        assert!(dataset.problems[0].error.to_string().contains(why), "{xml}: {:?}", dataset.problems);
    }
    let xml = cvat("<image id=\"0\" name=\"a.jpg\"/><image id=\"1\" name=\"b.jpg\"/><image id=\"2\" name=\"a.jpg\"/>");
    let dataset = opened(&Memory::new(&[("a.jpg", ""), ("annotations.xml", &xml)]));
    assert!(dataset.problems[0].is_absent_image(), "{:?}", dataset.problems);
    assert!(dataset.warnings[0].contains("listed several times; their labels are merged"), "{:?}", dataset.warnings);
}
