//! The labels against the pictures: what is drawn of an object is what its labels say.

use augment_core::codec::decode;
use augment_core::files::{Files, InMemory};
use augment_core::formats::{Frame, LabelChoice, LabelFormat, open};
use augment_core::geometry::{Point, Rect, Size};
use augment_core::labels::{Object, Polygon, Shape, Visibility};
use augment_core::limits::Limits;

use super::*;
use crate::trace::contains;

const SMALL: Size = Size::new(320, 240);

fn parts(object: &Object) -> &[Polygon] {
    match &object.shape {
        Some(Shape::Polygons(parts)) => parts,
        other => panic!("a shape of polygons, not {other:?}"),
    }
}

fn inside(object: &Object, p: Point) -> bool {
    parts(object).iter().any(|part| contains(&part.outer, p) && !part.holes.iter().any(|hole| contains(hole, p)))
}

/// How much of every pixel an object is drawn on: what changes when it is painted white instead of black.
fn drawn(index: u32, object: usize) -> Vec<f64> {
    let [black, white] =
        [0.0, 1.0].map(|level| draw(index, Canvas::new(SMALL).with_highlight(object, [level; 3])).image);
    let difference = |(a, b): (&[u8], &[u8])| (f64::from(b[1]) - f64::from(a[1])) / 255.0;
    black.samples().chunks_exact(3).zip(white.samples().chunks_exact(3)).map(difference).collect()
}

/// The area of the connected patch around a pixel, as far as it exceeds half coverage.
fn patch(drawn: &[f64], from: usize) -> f64 {
    let (mut found, mut pending) = (std::collections::BTreeSet::from([from]), vec![from]);
    while let Some(at) = pending.pop() {
        for next in [at.wrapping_sub(1), at + 1, at.wrapping_sub(SMALL.width as usize), at + SMALL.width as usize] {
            if drawn.get(next).is_some_and(|level| *level > 0.5) && found.insert(next) {
                pending.push(next);
            }
        }
    }
    found.into_iter().map(|at| 2.0 * drawn[at] - 1.0).sum()
}

#[test]
fn what_is_drawn_of_an_object_is_what_its_shape_and_box_say() {
    let (width, height) = (SMALL.width as usize, SMALL.height as usize);
    for index in 0..3 {
        for (i, object) in scene(index, SMALL).labels.objects.iter().enumerate() {
            let drawn = drawn(index, i);
            let labeled: Vec<bool> = (0..width * height)
                .map(|at| inside(object, Point::new((at % width) as f64 + 0.5, (at / width) as f64 + 0.5)))
                .collect();
            let mut bound: Option<Rect> = None;
            for at in 0..width * height {
                let (x, y) = (at % width, at / width);
                if drawn[at] > 0.45 {
                    let pixel = Rect::new(x as f64, y as f64, x as f64 + 1.0, y as f64 + 1.0);
                    bound = Some(bound.map_or(pixel, |b| b.union(pixel)));
                }
                // The outline runs through pixels: theirs is judged by their neighbors. Specks are no part.
                let around = |reach: usize| {
                    let rows = y.saturating_sub(reach)..(y + reach + 1).min(height);
                    rows.flat_map(move |y| {
                        (x.saturating_sub(reach)..(x + reach + 1).min(width)).map(move |x| y * width + x)
                    })
                };
                let missing = drawn[at] > 0.55 && !around(1).any(|n| labeled[n]) && patch(&drawn, at) > 4.0;
                assert!(!missing, "scene {index}, object {i}: pixel {x}, {y} is drawn, but not labeled");
                let extra = labeled[at] && !around(1).any(|n| drawn[n] > 0.45);
                assert!(!extra, "scene {index}, object {i}: pixel {x}, {y} is labeled, but not drawn");
            }
            let (tight, stated) = (bound.unwrap(), object.bbox.unwrap());
            for (a, b) in [(tight.x0, stated.x0), (tight.y0, stated.y0), (tight.x1, stated.x1), (tight.y1, stated.y1)] {
                assert!((a - b).abs() <= 1.0, "scene {index}, object {i}: {stated:?} around {tight:?}");
            }
            let (area, polygons): (f64, f64) = (drawn.iter().sum(), parts(object).iter().map(Polygon::area).sum());
            assert!((area / 0.98 - polygons).abs() < 12.0 + 0.06 * polygons, "{i}: {polygons} of {area} pixels");
        }
    }
}

#[test]
fn scenes_hold_every_kind_of_label() {
    let objects: Vec<Object> = (0..12).flat_map(|index| scene(index, SMALL).labels.objects).collect();
    for (class, name) in NAMES.iter().enumerate() {
        assert!(objects.iter().any(|object| object.class == class), "no {name}");
    }
    assert!(objects.iter().any(|object| parts(object).len() > 1), "no object in several parts");
    assert!(objects.iter().any(|object| parts(object).iter().any(|part| !part.holes.is_empty())), "no hole");
    assert!(objects.iter().any(|object| object.bbox.unwrap().x1 == 320.0), "no object is cut by the border");
    let joints: Vec<Visibility> = objects.iter().flat_map(|o| o.keypoints.iter().map(|k| k.visibility)).collect();
    for visibility in [Visibility::Absent, Visibility::Hidden, Visibility::Visible] {
        assert!(joints.contains(&visibility), "no joint is {visibility:?}");
    }
}

#[test]
fn boxes_and_joints_keep_to_the_frame_and_the_object() {
    let classes = classes();
    for index in 0..9 {
        for object in scene(index, SMALL).labels.objects {
            let bound = object.bbox.unwrap();
            assert_eq!(bound.intersection(SMALL.frame()), bound, "scene {index}: a box leaves the frame");
            assert_eq!(object.keypoints.len(), classes.0[object.class].keypoints.len(), "scene {index}");
            for joint in object.keypoints.iter().filter(|joint| joint.visibility == Visibility::Visible) {
                let near = [(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)];
                let on = near.iter().any(|(x, y)| inside(&object, Point::new(joint.point.x + x, joint.point.y + y)));
                assert!(on, "scene {index}: {joint:?} is not on its person");
            }
        }
    }
}

#[test]
fn left_and_right_are_twins() {
    let person = classes().0[PERSON].clone();
    assert_eq!(person.keypoints[person.mirror[5]], "right_shoulder");
    assert!(person.mirror.iter().enumerate().all(|(i, twin)| person.mirror[*twin] == i), "{:?}", person.mirror);
}

#[test]
fn any_size_can_be_drawn() {
    for (width, height) in [(0, 0), (1, 1), (3, 500), (900, 2), (100_000, 1)] {
        let size = Size::new(width, height);
        assert!((0..3).all(|index| scene(index, size).image.size() == size), "{size:?}");
    }
}

#[test]
fn a_dataset_reads_back_as_it_was_drawn() {
    for format in [LabelFormat::Voc, LabelFormat::Yolo, LabelFormat::Coco] {
        let files: InMemory = dataset(3, format).map(|file| file.unwrap()).collect();
        let found = open(&files, LabelChoice::Auto, &Limits::default()).unwrap();
        assert_eq!((found.format, found.items.len(), found.problems.len()), (format, 3, 0), "{:?}", found.problems);
        for (index, item) in found.items.iter().enumerate() {
            let image = decode(&files.read(&item.name).unwrap(), &Limits::default()).unwrap().image;
            let drawn = scene(index as u32, SIZE);
            let read = item.place(&Frame::plain(image.size()), None).unwrap();
            assert_eq!(read.labels.objects.len(), drawn.labels.objects.len(), "{format:?} {index}");
            assert_eq!(read.warnings, Vec::<String>::new(), "{format:?} {index}");
            for (read, drawn) in read.labels.objects.iter().zip(&drawn.labels.objects) {
                let class = &found.classes.0[read.class];
                assert_eq!(class.name, NAMES[drawn.class], "{format:?} {index}");
                let bound = |object: &Object| object.bbox.or_else(|| object.shape.as_ref()?.bound()).unwrap();
                let (a, b) = (bound(read), bound(drawn));
                let off = [a.x0 - b.x0, a.y0 - b.y0, a.x1 - b.x1, a.y1 - b.y1];
                assert!(off.iter().all(|d| d.abs() < 1.01), "{format:?} {index}: {a:?} for {b:?}");
                if format == LabelFormat::Coco && drawn.class == PERSON {
                    assert_eq!(class.keypoints, JOINTS, "joints have names");
                    let seen = |object: &Object| object.keypoints.iter().map(|k| k.visibility).collect::<Vec<_>>();
                    assert_eq!(seen(read), seen(drawn), "{index}");
                }
            }
        }
    }
}
