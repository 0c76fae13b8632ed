//! Objects that a border shows once more have labels of their own, where a recipe asks for it.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::sync::Arc;

use augment_core::Result;
use augment_core::geometry::{Point, Rect, Size};
use augment_core::image::{Channels, Fill, Image};
use augment_core::labels::{
    BoxMode, Class, Classes, Keypoint, LabelPolicy, Labels, Mirrored, Object, Polygon, Shape, Visibility, keep_or_drop,
};
use augment_core::limits::Limits;
use augment_core::plan::Plan;
use augment_render::engine::{RenderContext, Sample, execute};
use serde_json::{Value, json};

const SIZE: Size = Size::new(120, 90);

/// Objects, each painted in a level of its own.
const BOXES: [(u8, Rect); 4] = [
    (150, Rect::new(0.0, 8.0, 26.0, 40.0)),
    (180, Rect::new(90.0, 0.0, 120.0, 20.0)),
    (210, Rect::new(80.0, 52.0, 117.0, 86.0)),
    (240, Rect::new(36.0, 30.0, 62.0, 58.0)),
];

fn policy() -> LabelPolicy {
    LabelPolicy {
        min_visibility: 0.0,
        min_area: 0.0,
        box_mode: BoxMode::Corners,
        mirrored: Mirrored::Label,
        ..LabelPolicy::default()
    }
}

fn follow(
    image: Image,
    objects: Vec<Object>,
    steps: &Value,
    policy: &LabelPolicy,
) -> Result<(Arc<Image>, Vec<Object>)> {
    let classes = Classes(vec![Class { mirror: vec![1, 0], ..Class::named("thing") }]);
    let around =
        RenderContext { classes: &classes, policy, limits: &Limits::default(), partner: &|_| panic!("no step mixes") };
    let sample = Sample::new(Arc::new(image), &Labels { objects, ..Labels::default() });
    let made = execute(&Plan::from_json(steps).unwrap(), sample, &around)?;
    let size = made.image.size();
    Ok((made.image, made.objects.into_iter().filter_map(|object| keep_or_drop(object, policy, size).ok()).collect()))
}

fn scene() -> (Image, Vec<Object>) {
    let mut image = Image::filled(SIZE, Channels::Gray, Fill([0; 3]));
    for (level, rect) in BOXES {
        for y in rect.y0 as usize..rect.y1 as usize {
            image.row_mut(y)[rect.x0 as usize..rect.x1 as usize].fill(level);
        }
    }
    let object = |(index, (_, rect)): (usize, &(u8, Rect))| {
        let outer = rect.corners().to_vec();
        // Boxes, and shapes that follow as closely as they can.
        let shape = (index % 2 == 1).then(|| Shape::Polygons(vec![Polygon::simple(outer)]));
        Object { index, bbox: Some(*rect), shape, ..Object::default() }
    };
    (image, BOXES.iter().enumerate().map(object).collect())
}

#[test]
fn every_painted_pixel_has_a_label_of_its_own_object_and_no_label_is_empty() {
    let steps = [
        json!({"op": "rotate", "degrees": 33.0}),
        json!({"op": "scale", "factor": 0.3}),
        json!({"op": "translate", "x": 0.7, "y": -0.6}),
        json!({"op": "shear", "x": 30.0, "y": -12.0}),
        json!({"op": "affine", "scale": 0.5, "degrees": -70.0, "shear_x": 10.0, "shear_y": 0.0, "translate_x": 0.3, "translate_y": 0.2}),
        json!({"op": "pad", "left": 130, "top": 40, "right": 7, "bottom": 200}),
        json!({"op": "elastic", "seed": 5, "strength": 1.0, "spacing": 0.5}),
        json!({"op": "lens_distort", "k1": 0.5, "k2": 0.1}),
    ];
    for border in ["reflect", "wrap"] {
        for step in &steps {
            let mut step = step.clone();
            step["border"] = json!(border);
            // Another step after it: what is shown again is carried on like all.
            for more in [
                json!([step.clone()]),
                json!([step.clone(), {"op": "flip_horizontal"}, {"op": "rotate", "degrees": 10.0, "border": border}]),
            ] {
                let (image, objects) = scene();
                let (made, labels) = follow(image, objects, &more, &policy()).unwrap();
                check(&made, &labels, &more);
            }
        }
    }
}

/// Holds labels against painted pixels, by the levels of the objects.
fn check(image: &Image, labels: &[Object], steps: &Value) {
    let size = image.size();
    let mut filled = vec![0usize; labels.len()];
    for (x, y) in (0..size.height as usize).flat_map(|y| (0..size.width as usize).map(move |x| (x, y))) {
        let level = image.pixel(x, y)[0];
        let (px, py) = (x as f64 + 0.5, y as f64 + 0.5);
        let mut covered = level < 140;
        // Edges are blends, which have the level of another object now and then: any label covers them.
        let around = |x: usize, y: usize| image.pixel(x, y)[0].abs_diff(level) <= 2;
        let (left, right) = (x.saturating_sub(1), (x + 2).min(size.width as usize));
        let rows = y.saturating_sub(1)..(y + 2).min(size.height as usize);
        let flat = rows.into_iter().all(|y| (left..right).all(|x| around(x, y)));
        for (label, filled) in labels.iter().zip(&mut filled) {
            let b = label.bbox.unwrap();
            let near = px > b.x0 - 1.5 && px < b.x1 + 1.5 && py > b.y0 - 1.5 && py < b.y1 + 1.5;
            let own = level.abs_diff(BOXES[label.index].0) <= 2;
            covered |= near && (own || !flat);
            *filled += usize::from(near && own);
        }
        assert!(covered, "{steps}: level {level} at {x}, {y} has no label");
    }
    for (label, filled) in labels.iter().zip(filled) {
        // A box by corners may lie in the frame where its object does not; crumbs may be less than a pixel.
        let is_tight = label.shape.is_some() && label.bbox.unwrap().area() > 30.0;
        assert!(filled > 0 || !is_tight, "{steps}: nothing is painted in {label:?}");
    }
}

#[test]
fn repeats_are_counted_filtered_and_left_out_unless_they_are_asked_for() {
    let steps = json!([{"op": "scale", "factor": 0.5, "border": "reflect"}]);
    let run = |policy: &LabelPolicy| {
        let (image, objects) = scene();
        follow(image, objects, &steps, policy).unwrap().1
    };
    // The frame shows the image, and half of it on each side: 0 to 2 more of each object along each axis.
    let labels = run(&policy());
    let of = |index: usize| labels.iter().filter(|label| label.index == index).count();
    assert_eq!([of(0), of(1), of(2), of(3)], [4, 4, 4, 9], "{labels:?}");
    assert_eq!(run(&LabelPolicy { mirrored: Mirrored::Leave, ..policy() }).len(), 4);
    // Of the object in the middle all but one of the repeats are cut to less than nine tenths.
    let whole = run(&LabelPolicy { min_visibility: 0.9, ..policy() });
    let of = |index: usize| whole.iter().filter(|label| label.index == index).count();
    assert_eq!([of(0), of(1), of(2), of(3)], [4, 4, 4, 2], "{whole:?}");
    for constant in ["constant", "replicate"] {
        let steps = json!([{"op": "scale", "factor": 0.5, "border": constant}]);
        let (image, objects) = scene();
        assert_eq!(follow(image, objects, &steps, &policy()).unwrap().1.len(), 4, "{constant} shows nothing again");
    }
}

#[test]
fn joints_change_sides_in_a_reflection_and_not_in_a_repetition() {
    let joint = |x: f64, y: f64| Keypoint { point: Point::new(x, y), visibility: Visibility::Visible };
    let person = Object {
        bbox: Some(Rect::new(5.0, 10.0, 35.0, 50.0)),
        keypoints: vec![joint(10.0, 20.0), joint(30.0, 22.0)],
        ..Object::default()
    };
    let to_the_left = |border: &str| {
        let steps = json!([{"op": "translate", "x": 0.5, "y": 0.0, "border": border}]);
        let image = Image::zeroed(SIZE, Channels::Gray);
        let labels = follow(image, vec![person.clone()], &steps, &policy()).unwrap().1;
        assert_eq!(labels.len(), 2, "{border}: {labels:?}");
        let [a, b] = [0, 1].map(|at| labels[1].keypoints[at]);
        [(a.point.x, a.point.y, a.visibility), (b.point.x, b.point.y, b.visibility)]
    };
    // Mirrored at the image's left edge, which is at 60 now.
    let seen = Visibility::Visible;
    assert_eq!(to_the_left("reflect"), [(30.0, 22.0, seen), (50.0, 20.0, seen)]);
    let wrapped = {
        let steps = json!([{"op": "scale", "factor": 0.4, "border": "wrap"}]);
        let labels = follow(Image::zeroed(SIZE, Channels::Gray), vec![person.clone()], &steps, &policy()).unwrap().1;
        let whole = labels.into_iter().filter(|label| label.keypoints.iter().all(|joint| joint.visibility == seen));
        whole.map(|label| label.keypoints[1].point.x - label.keypoints[0].point.x).collect::<Vec<_>>()
    };
    assert!(wrapped.len() == 4 && wrapped.iter().all(|apart| (apart - 8.0).abs() < 1e-9), "{wrapped:?}");
}

#[test]
fn a_view_that_shows_the_image_without_end_is_refused_in_words() {
    let steps = json!([{"op": "scale", "factor": 0.05, "border": "wrap"}, {"op": "scale", "factor": 0.05, "border": "wrap"}, {"op": "scale", "factor": 0.05, "border": "wrap"}]);
    let (image, objects) = scene();
    let error = follow(image, objects, &steps, &policy()).unwrap_err();
    assert!(error.to_string().contains("labels.mirrored"), "{error}");
}
