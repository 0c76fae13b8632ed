//! Labels follow the pixels, are cut where the frame cuts them, and are never multiplied.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::sync::Arc;

use augment_core::digest::Digest;
use augment_core::geometry::{Point, Rect, Size};
use augment_core::image::{Channels, Image};
use augment_core::labels::{
    BoxMode, Class, Classes, Dropped, Keypoint, LabelPolicy, Labels, Object, Visibility, keep_or_drop,
};
use augment_core::limits::Limits;
use augment_core::plan::Plan;
use augment_core::sampling::{Facts, Random, StepIdentity};
use augment_core::transforms;
use augment_render::engine::{RenderContext, Sample, execute};
use serde_json::{Value, json};

const SIZE: Size = Size::new(100, 80);

fn follow(object: Object, steps: &Value, policy: &LabelPolicy) -> Result<Object, Dropped> {
    let class = Class { mirror: vec![1, 0, 2], ..Class::named("thing") };
    let around = RenderContext {
        classes: &Classes(vec![class]),
        policy,
        limits: &Limits::default(),
        partner: &|_| panic!("no step mixes"),
    };
    let labels = Labels { objects: vec![object], ..Labels::default() };
    let sample = Sample::new(Arc::new(Image::zeroed(SIZE, Channels::Gray)), &labels);
    let done = execute(&Plan::from_json(steps).unwrap(), sample, &around).unwrap();
    assert_eq!(done.objects.len(), 1, "one object goes in, one comes out");
    keep_or_drop(done.objects.into_iter().next().unwrap(), policy, done.image.size())
}

fn boxed(x0: f64, y0: f64, x1: f64, y1: f64) -> Object {
    Object { bbox: Some(Rect::new(x0, y0, x1, y1)), ..Object::default() }
}

fn policy(box_mode: BoxMode) -> LabelPolicy {
    LabelPolicy { box_mode, ..LabelPolicy::default() }
}

#[track_caller]
fn assert_box(object: Result<Object, Dropped>, wanted: [f64; 4], tolerance: f64) {
    let got = object.unwrap().bbox.unwrap();
    let off = [got.x0 - wanted[0], got.y0 - wanted[1], got.x1 - wanted[2], got.y1 - wanted[3]];
    assert!(off.iter().all(|off| off.abs() <= tolerance), "{got:?} is not {wanted:?}");
}

#[test]
fn a_turned_box_bounds_its_ellipse_or_its_corners() {
    let turn = json!([{"op": "rotate", "degrees": 45.0, "border": "reflect"}]);
    let centered = || boxed(30.0, 30.0, 70.0, 50.0);
    // Half axes 20 and 10: the ellipse reaches √((20² + 10²)/2) each way, the corners (20 + 10)/√2.
    let (ellipse, corners) = (250.0f64.sqrt(), 30.0 / 2.0f64.sqrt());
    let around = |r: f64| [50.0 - r, 40.0 - r, 50.0 + r, 40.0 + r];
    assert_box(follow(centered(), &turn, &policy(BoxMode::Ellipse)), around(ellipse), 0.01);
    assert_box(follow(centered(), &turn, &policy(BoxMode::Corners)), around(corners), 1e-9);
    let flat = json!([{"op": "rotate", "degrees": 90.0, "border": "reflect"}]);
    for mode in [BoxMode::Ellipse, BoxMode::Corners] {
        assert_box(follow(centered(), &flat, &policy(mode)), [40.0, 20.0, 60.0, 60.0], 1e-9);
    }
}

#[test]
fn a_box_is_cut_with_the_frame_and_dropped_by_what_is_left() {
    let crop = json!([{"op": "crop", "x": 40, "y": 0, "width": 60, "height": 80}]);
    assert_box(follow(boxed(20.0, 10.0, 60.0, 30.0), &crop, &policy(BoxMode::Ellipse)), [0.0, 10.0, 20.0, 30.0], 0.0);
    let hardly = follow(boxed(0.0, 10.0, 42.0, 30.0), &crop, &policy(BoxMode::Ellipse)).unwrap_err();
    assert_eq!(hardly.reason, "visibility 0.05");
    let gone = follow(boxed(0.0, 10.0, 30.0, 30.0), &crop, &policy(BoxMode::Ellipse)).unwrap_err();
    assert_eq!(gone.reason, "outside the image");
    let tiny = json!([{"op": "resize", "width": 5, "height": 4}]);
    let small = follow(boxed(20.0, 10.0, 34.0, 22.0), &tiny, &policy(BoxMode::Ellipse)).unwrap_err();
    assert_eq!(small.reason, "area 0.42");
    // Two crops that each leave half leave a quarter.
    let twice = json!([
        {"op": "crop", "x": 40, "y": 0, "width": 60, "height": 80}, {"op": "crop", "x": 0, "y": 20, "width": 60, "height": 60}
    ]);
    let strict = LabelPolicy { min_visibility: 0.26, ..LabelPolicy::default() };
    assert_eq!(follow(boxed(20.0, 10.0, 60.0, 30.0), &twice, &strict).unwrap_err().reason, "visibility 0.25");
}

#[test]
fn borders_that_repeat_the_image_do_not_repeat_its_labels() {
    for border in ["reflect", "wrap", "replicate"] {
        let steps = json!([{"op": "scale", "factor": 0.25, "border": border}]);
        let kept = follow(boxed(20.0, 20.0, 60.0, 60.0), &steps, &policy(BoxMode::Ellipse));
        assert_box(kept, [42.5, 35.0, 52.5, 45.0], 1e-9);
        let away = json!([{"op": "translate", "x": 1.0, "y": 0.0, "border": border}]);
        let gone = follow(boxed(20.0, 20.0, 60.0, 60.0), &away, &policy(BoxMode::Ellipse));
        assert_eq!(gone.unwrap_err().reason, "outside the image", "{border}");
    }
}

#[test]
fn joints_change_sides_in_a_mirror_and_vanish_outside() {
    let joint = |x: f64, y: f64| Keypoint { point: Point::new(x, y), visibility: Visibility::Visible };
    let person =
        || Object { keypoints: vec![joint(20.0, 10.0), joint(40.0, 12.0), joint(30.0, 30.0)], ..Object::default() };
    let names = [
        (json!({"op": "flip_horizontal"}), [(60.0, 12.0), (80.0, 10.0), (70.0, 30.0)]),
        (json!({"op": "flip_vertical"}), [(40.0, 68.0), (20.0, 70.0), (30.0, 50.0)]),
        (json!({"op": "transpose"}), [(12.0, 40.0), (10.0, 20.0), (30.0, 30.0)]),
        (json!({"op": "quarter_turn", "turns": 2}), [(80.0, 70.0), (60.0, 68.0), (70.0, 50.0)]),
    ];
    for (step, wanted) in names {
        let moved = follow(person(), &json!([step.clone()]), &policy(BoxMode::Ellipse)).unwrap();
        let got: Vec<(f64, f64)> = moved.keypoints.iter().map(|k| (k.point.x, k.point.y)).collect();
        assert_eq!(got, wanted, "{step}");
    }
    let crop = json!([{"op": "crop", "x": 25, "y": 0, "width": 75, "height": 80}]);
    let cut = follow(person(), &crop, &policy(BoxMode::Ellipse)).unwrap();
    let seen: Vec<Visibility> = cut.keypoints.iter().map(|k| k.visibility).collect();
    assert_eq!(seen, [Visibility::Absent, Visibility::Visible, Visibility::Visible]);
}

#[test]
fn a_steep_perspective_keeps_labels_before_its_horizon() {
    // The horizon crosses the image: what lies beyond it must not come back upside down.
    let steep = json!([{"op": "perspective", "corners": [[0.45, 0.6], [0.55, 0.6], [1.0, 1.0], [0.0, 1.0]]}]);
    let near = follow(boxed(40.0, 66.0, 60.0, 76.0), &steep, &policy(BoxMode::Corners)).unwrap().bbox.unwrap();
    assert!(near.x0 > 0.0 && near.x1 < 100.0 && near.y0 > 40.0, "{near:?}");
    let beyond = Object {
        keypoints: vec![Keypoint { point: Point::new(50.0, 5.0), visibility: Visibility::Visible }],
        ..boxed(20.0, 2.0, 80.0, 20.0)
    };
    assert_eq!(follow(beyond, &steep, &policy(BoxMode::Ellipse)).unwrap_err().reason, "outside the image");
    // Of the whole frame the view shows 22 % of the area, however large that part is drawn.
    let all = LabelPolicy { min_visibility: 0.23, ..policy(BoxMode::Corners) };
    assert_eq!(follow(boxed(0.0, 0.0, 100.0, 80.0), &steep, &all).unwrap_err().reason, "visibility 0.22");
}

#[test]
fn a_crop_around_labels_keeps_them_whole() {
    let boxes =
        [Rect::new(10.5, 20.2, 30.0, 33.3), Rect::new(60.0, 5.0, 61.5, 50.9), Rect::new(97.2, 70.0, 100.0, 80.0)];
    let entry = transforms::find("crop_around_labels").unwrap();
    let (mut whole, mut sizes) = ([0; 3], std::collections::BTreeSet::new());
    for keep in ["all", "one"] {
        let configured = entry.configure(json!({"size": [0.05, 0.4], "keep": keep})).unwrap();
        for seed in 0..60 {
            for count in 0..=3 {
                let facts = Facts {
                    size: SIZE,
                    boxes: &boxes[..count],
                    labeled: count > 0,
                    partners: &[],
                    source: Digest::of(b"a"),
                };
                let mut random = Random::for_step(seed, facts.source, 0, &StepIdentity { op: "crop", ordinal: 0 });
                let drawn = configured.draw(&facts, &mut random).unwrap().to_json();
                let number = |name: &str| drawn[name].as_f64().unwrap();
                let (x, y) = (number("x"), number("y"));
                let window = Rect::new(x, y, x + number("width"), y + number("height"));
                assert!(
                    window.intersection(SIZE.frame()) == window && window.area() > 0.0,
                    "{window:?} leaves the image"
                );
                sizes.insert(number("width") as u32);
                let inside = |rect: &&Rect| window.intersection(**rect) == **rect;
                let kept = boxes[..count].iter().filter(inside).count();
                assert!(
                    if keep == "all" { kept == count } else { kept >= count.min(1) },
                    "{keep}: {window:?} cuts boxes"
                );
                if keep == "one" && count == 3 {
                    boxes.iter().zip(&mut whole).filter(|(rect, _)| inside(rect)).for_each(|(_, times)| *times += 1);
                }
            }
        }
    }
    assert!(whole.iter().all(|times| *times > 8), "each box is picked now and then: {whole:?}");
    assert!(sizes.len() > 20, "sizes vary");
}
