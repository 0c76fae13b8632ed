//! What a contact sheet shows.

use super::*;
use crate::geometry::Point;
use crate::labels::{Class, Keypoint, Object, Polygon, Shape, Visibility};

fn classes() -> Classes {
    Classes(vec![Class::named("cat"), Class { skeleton: vec![(0, 1)], ..Class::named("dog") }])
}

fn tile(labels: &Labels) -> Image {
    let gray = Image::filled(Size::new(512, 384), Channels::Rgb, Fill([128; 3]));
    Tile::new("images/a_0.jpg", &gray, labels, &classes(), 256).unwrap().picture
}

fn object(class: usize) -> Object {
    Object { class, ..Object::default() }
}

#[test]
fn boxes_shapes_and_joints_lie_where_their_objects_are() {
    let square = |x: f64, y: f64, s: f64| {
        vec![Point::new(x, y), Point::new(x + s, y), Point::new(x + s, y + s), Point::new(x, y + s)]
    };
    let hollow = Polygon { outer: square(300.0, 100.0, 160.0), holes: vec![square(340.0, 140.0, 80.0)] };
    let joint = |x, y| Keypoint { point: Point::new(x, y), visibility: Visibility::Visible };
    let diamond = [(60.0, 240.0), (100.0, 280.0), (60.0, 320.0), (20.0, 280.0)].map(|(x, y)| Point::new(x, y));
    let labels = Labels {
        objects: vec![
            Object { bbox: Some(Rect::new(20.0, 40.0, 220.0, 200.0)), ..object(0) },
            Object { shape: Some(Shape::Polygons(vec![hollow])), ..object(1) },
            Object { keypoints: vec![joint(40.0, 341.0), joint(440.0, 341.0)], ..object(1) },
            Object {
                shape: Some(Shape::Oriented(diamond)),
                bbox: Some(Rect::new(20.0, 240.0, 100.0, 320.0)),
                ..object(0)
            },
        ],
        ..Labels::default()
    };
    let picture = tile(&labels);
    assert_eq!(picture.size(), Size::new(256, 192));
    let (cat, dog, plain) = (overlay::color(0), overlay::color(1), [128; 3]);
    assert_eq!(picture.pixel(10, 60), cat, "the left edge of the box");
    assert_eq!(picture.pixel(109, 60), cat, "the right edge of the box");
    assert_eq!(picture.pixel(60, 60), plain, "the inside of the box");
    assert!(picture.pixel(155, 60) != plain && picture.pixel(155, 60) != dog, "the inside of the shape is tinted");
    assert_eq!(picture.pixel(190, 90), plain, "the hole of the shape");
    assert_eq!(picture.pixel(120, 170), dog, "the bone between the joints");
    assert_eq!(picture.pixel(20, 170), [255; 3], "a joint");
    assert_eq!(picture.pixel(20, 129), cat, "an edge of the oriented box");
    assert_eq!(picture.pixel(12, 122), plain, "the corner of the box around the oriented one is not drawn");
}

#[test]
fn a_sheet_has_room_for_every_tile_and_names_its_classes() {
    let labels = Labels { objects: vec![object(0), object(1)], ..Labels::default() };
    let image = Image::filled(Size::new(30, 60), Channels::Gray, Fill([200; 3]));
    let tiles: Vec<Tile> =
        (0..13).map(|i| Tile::new(&format!("images/a_{i}.jpg"), &image, &labels, &classes(), 256).unwrap()).collect();
    let sheet = sheet(&tiles, &classes());
    assert_eq!(sheet.size().width, 4 * (256 + GAP) + GAP);
    assert!(sheet.size().height > 4 * (256 + CAPTION + GAP), "four rows and a legend");
    assert!(sheet.samples().chunks_exact(3).any(|pixel| pixel == overlay::color(1)), "the legend has the second class");
    assert!(super::sheet(&[], &classes()).size().area() > 0, "an empty sheet is a sheet");
}

#[test]
fn a_sheet_shows_outputs_from_all_over_the_run() {
    for total in [1, 47, 48, 49, 300, 100_000] {
        let shown: Vec<u64> = (0..total).filter(|at| shows(*at, total)).collect();
        assert_eq!(shown.len() as u64, total.min(MOST), "{total} outputs");
        assert_eq!(shown[0], 0, "the first is shown");
        assert!(*shown.last().unwrap() >= total - 1 - total / MOST, "the end of {total} is shown");
    }
}

#[test]
fn neighboring_classes_have_colors_of_their_own() {
    for a in 0..40 {
        for b in a + 1..a + 5 {
            let apart: u32 =
                overlay::color(a).iter().zip(overlay::color(b)).map(|(a, b)| u32::from(a.abs_diff(b))).sum();
            assert!(apart > 40, "classes {a} and {b} look alike");
        }
    }
}
