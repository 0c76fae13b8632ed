//! Oriented boxes follow their pixels: four corners in, four corners out, whatever the map.

#![expect(clippy::disallowed_methods, reason = "what a judge works out need not be the same bits everywhere")]
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::sync::Arc;

use augment_core::geometry::{Point, Rect, Size};
use augment_core::image::{Channels, Image};
use augment_core::labels::{Classes, Dropped, LabelPolicy, Labels, Object, Shape, keep_or_drop, winds_around};
use augment_core::limits::Limits;
use augment_core::plan::Plan;
use augment_render::engine::{RenderContext, Sample, execute};
use proptest::prelude::*;
use serde_json::{Value, json};

const SIZE: Size = Size::new(320, 240);

/// A white box on black, its edges smooth.
fn painted(corners: [Point; 4]) -> Image {
    let mut image = Image::zeroed(SIZE, Channels::Gray);
    let Some(bound) = Rect::around(corners).map(|bound| bound.intersection(SIZE.frame())) else { return image };
    for y in bound.y0 as usize..(bound.y1.ceil() as usize).min(SIZE.height as usize) {
        for x in bound.x0 as usize..(bound.x1.ceil() as usize).min(SIZE.width as usize) {
            let at =
                |i: usize| Point::new(x as f64 + (i % 4) as f64 / 4.0 + 0.125, y as f64 + (i / 4) as f64 / 4.0 + 0.125);
            let covered = (0..16).filter(|i| winds_around(&corners, at(*i))).count();
            image.row_mut(y)[x] = (covered * 255 / 16) as u8;
        }
    }
    image
}

/// What became of an oriented box, and the picture that it was painted on.
fn follow(corners: [Point; 4], steps: &Value, policy: &LabelPolicy) -> (Result<Object, Dropped>, Arc<Image>) {
    let around = RenderContext {
        classes: &Classes::default(),
        policy,
        limits: &Limits::default(),
        partner: &|_| panic!("no step mixes"),
    };
    let painted = painted(corners);
    // As a reader places it: the box is that of the part inside the image.
    let shape = Shape::Oriented(corners);
    let inside = augment_core::geometry::clip_ring(&corners, SIZE.frame());
    let object = Object { bbox: Rect::around(inside), shape: Some(shape), ..Object::default() };
    let labels = Labels { objects: vec![object], ..Labels::default() };
    let done = execute(&Plan::from_json(steps).unwrap(), Sample::new(Arc::new(painted), &labels), &around).unwrap();
    assert_eq!(done.objects.len(), 1, "one object goes in, one comes out");
    (keep_or_drop(done.objects.into_iter().next().unwrap(), policy, done.image.size()), done.image)
}

fn corners_of(object: &Object) -> [Point; 4] {
    match object.shape {
        Some(Shape::Oriented(corners)) => corners,
        ref other => panic!("an oriented box became {other:?}"),
    }
}

/// A rectangle about a center, its first corner the left upper one before it is turned.
fn rectangle((x, y): (f64, f64), (w, h): (f64, f64), degrees: f64) -> [Point; 4] {
    let (sin, cos) = degrees.to_radians().sin_cos();
    [(-w, -h), (w, -h), (w, h), (-w, h)]
        .map(|(u, v)| (u / 2.0, v / 2.0))
        .map(|(u, v)| Point::new(x + cos * u - sin * v, y + sin * u + cos * v))
}

fn all() -> LabelPolicy {
    LabelPolicy { min_visibility: 0.0, min_area: 0.0, ..LabelPolicy::default() }
}

fn assert_corners(got: [Point; 4], wanted: [Point; 4], what: &str) {
    let near = got.iter().zip(&wanted).all(|(a, b)| (a.x - b.x).hypot(a.y - b.y) < 1e-9);
    assert!(near, "{what}: {got:?} is not {wanted:?}");
}

#[test]
fn flips_and_quarter_turns_carry_every_corner_exactly() {
    // One inside, one that reaches out of the image, as detectors label them.
    for corners in [rectangle((150.0, 100.0), (90.0, 30.0), 25.0), rectangle((20.0, 120.0), (90.0, 40.0), -50.0)] {
        type Map = fn(Point) -> Point;
        let maps: [(Value, Map); 6] = [
            (json!({"op": "flip_horizontal"}), |p| Point::new(320.0 - p.x, p.y)),
            (json!({"op": "flip_vertical"}), |p| Point::new(p.x, 240.0 - p.y)),
            (json!({"op": "transpose"}), |p| Point::new(p.y, p.x)),
            (json!({"op": "quarter_turn", "turns": 1}), |p| Point::new(240.0 - p.y, p.x)),
            (json!({"op": "quarter_turn", "turns": 2}), |p| Point::new(320.0 - p.x, 240.0 - p.y)),
            (json!({"op": "pad", "left": 7, "top": 9, "right": 0, "bottom": 3, "border": "constant"}), |p| {
                Point::new(p.x + 7.0, p.y + 9.0)
            }),
        ];
        for (step, map) in maps {
            let (object, _) = follow(corners, &json!([step]), &all());
            assert_eq!(corners_of(&object.unwrap()), corners.map(map), "{step}");
        }
        let (object, _) = follow(corners, &json!([]), &all());
        assert_eq!(corners_of(&object.unwrap()), corners, "nothing moves");
        let there_and_back =
            json!([{"op": "resize", "width": 97, "height": 451}, {"op": "resize", "width": 320, "height": 240}]);
        let (object, _) = follow(corners, &there_and_back, &all());
        assert_corners(corners_of(&object.unwrap()), corners, "two resizes");
    }
}

#[test]
fn a_turn_and_a_slant_carry_every_corner_in_its_order() {
    let corners = rectangle((160.0, 120.0), (90.0, 30.0), 10.0);
    let (object, _) = follow(corners, &json!([{"op": "rotate", "degrees": 30.0, "border": "constant"}]), &all());
    assert_corners(corners_of(&object.unwrap()), rectangle((160.0, 120.0), (90.0, 30.0), 40.0), "turned");
    let shear = json!([{"op": "shear", "x": 20.0, "y": 0.0, "border": "constant"}, {"op": "flip_horizontal"}]);
    let slope = 20f64.to_radians().tan();
    let slanted = corners.map(|p| Point::new(320.0 - (p.x + slope * (p.y - 120.0)), p.y));
    let (object, _) = follow(corners, &shear, &all());
    assert_corners(corners_of(&object.unwrap()), slanted, "four corners of a parallelogram, mirrored");
}

#[test]
fn what_the_frame_leaves_is_in_the_least_rectangle_and_counts_as_for_all_objects() {
    let crop = |x: u32, y: u32, width: u32, height: u32| json!([{"op": "crop", "x": x, "y": y, "width": width, "height": height}]);
    // Of a box along the axes its part, which begins at the same corner.
    let flat = rectangle((100.0, 100.0), (80.0, 40.0), 0.0);
    let (object, _) = follow(flat, &crop(90, 0, 200, 200), &all());
    assert_corners(corners_of(&object.unwrap()), rectangle((25.0, 100.0), (50.0, 40.0), 0.0), "cut along the axes");
    // Counted from its other side, the other way round: the order of the source goes on.
    let [a, b, c, d] = flat;
    let (object, _) = follow([c, b, a, d], &crop(90, 0, 200, 200), &all());
    let [a, b, c, d] = rectangle((25.0, 100.0), (50.0, 40.0), 0.0);
    assert_corners(corners_of(&object.unwrap()), [c, b, a, d], "the order and sense of the source");
    // A long box that leaves the frame at a slant stays as broad as it was, and reaches past the frame.
    let long = rectangle((160.0, 120.0), (200.0, 20.0), 30.0);
    let (object, _) = follow(long, &crop(0, 0, 160, 240), &all());
    let got = corners_of(&object.as_ref().unwrap().clone());
    let broad = (got[3].x - got[0].x).hypot(got[3].y - got[0].y);
    assert!((broad - 20.0).abs() < 1e-9 && (got[0].x - long[0].x).hypot(got[0].y - long[0].y) < 1e-9, "{got:?}");
    assert!(got.iter().any(|p| p.x > 161.0), "the rectangle ends outside the frame: {got:?}");
    let bound = object.unwrap().bbox.unwrap();
    assert_eq!(bound.x1, 160.0, "the box beside it is that of the part inside");
    // Half of it is left.
    let half = |min_visibility: f64| follow(long, &crop(0, 0, 160, 240), &LabelPolicy { min_visibility, ..all() }).0;
    assert_eq!(half(0.51).unwrap_err().reason, "visibility 0.50");
    assert!(half(0.49).is_ok());
    let small = LabelPolicy { min_area: 2001.0, ..all() };
    assert_eq!(follow(long, &crop(0, 0, 160, 240), &small).0.unwrap_err().reason, "area 2000.00");
    let gone = follow(flat, &crop(200, 0, 100, 240), &all()).0;
    assert_eq!(gone.unwrap_err().reason, "outside the image");
    // What lay outside when it was read never counts as lost.
    let outside = rectangle((0.0, 120.0), (80.0, 40.0), 0.0);
    let turned = json!([{"op": "quarter_turn", "turns": 3}]);
    assert!(follow(outside, &turned, &LabelPolicy { min_visibility: 0.9, ..all() }).0.is_ok());
}

#[test]
fn a_corner_behind_the_horizon_does_not_turn_the_order_round() {
    // The horizon crosses the image above the box's first two corners.
    let steep = json!([{"op": "perspective", "corners": [[0.45, 0.6], [0.55, 0.6], [1.0, 1.0], [0.0, 1.0]]}]);
    let (object, _) = follow(rectangle((160.0, 150.0), (20.0, 160.0), 0.0), &steep, &all());
    let [a, b, c, d] = corners_of(&object.unwrap());
    assert!(a.x < b.x && c.x > d.x && a.y < d.y && b.y < c.y, "{:?}", [a, b, c, d]);
}

fn map() -> impl Strategy<Value = Value> {
    let degrees = -180.0..180.0_f64;
    prop_oneof![
        degrees.clone().prop_map(|degrees| json!([{"op": "rotate", "degrees": degrees, "border": "constant"}])),
        (0.4..1.3_f64).prop_map(|factor| json!([{"op": "scale", "factor": factor, "border": "constant"}])),
        (-30.0..30.0_f64, -20.0..20.0_f64)
            .prop_map(|(x, y)| json!([{"op": "shear", "x": x, "y": y, "border": "constant"}])),
        prop::array::uniform8(0.0..0.15_f64).prop_map(|[a, b, c, d, e, f, g, h]| {
            let corners = [[a, b], [1.0 - c, d], [1.0 - e, 1.0 - f], [g, 1.0 - h]];
            json!([{"op": "perspective", "corners": corners}])
        }),
        (any::<u32>(), 0.3..1.0_f64, 0.2..0.6_f64).prop_map(|(seed, strength, spacing)| {
            json!([{"op": "elastic", "seed": seed, "strength": strength, "spacing": spacing, "border": "constant"}])
        }),
        (degrees, -0.2..0.2_f64, any::<u32>()).prop_map(|(degrees, x, seed)| {
            json!([
                {"op": "translate", "x": x, "y": -x, "border": "constant"},
                {"op": "elastic", "seed": seed, "strength": 0.5, "spacing": 0.4, "border": "constant"},
                {"op": "flip_vertical"},
                {"op": "rotate", "degrees": degrees, "border": "constant"},
            ])
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_four_corners_lie_round_the_painted_pixels(
        center in (0.0..320.0_f64, 0.0..240.0_f64),
        sides in (25.0..120.0_f64, 15.0..60.0_f64),
        degrees in -180.0..180.0_f64,
        steps in map(),
    ) {
        let corners = rectangle(center, sides, degrees);
        let (object, image) = follow(corners, &steps, &LabelPolicy { min_area: 60.0, ..all() });
        // Crumbs at the frame's edge are left to the policy.
        let Ok(object) = object else { return Ok(()) };
        let label = corners_of(&object);
        let turn: f64 = (0..4).map(|i| label[i].x * label[(i + 1) % 4].y - label[(i + 1) % 4].x * label[i].y).sum();
        let size = image.size();
        let mut nearest = [f64::MAX; 4];
        for (x, y) in (0..size.height as usize).flat_map(|y| (0..size.width as usize).map(move |x| (x, y))) {
            let level = image.pixel(x, y)[0];
            for i in 0..4 {
                let (a, b) = (label[i], label[(i + 1) % 4]);
                let (dx, dy) = (b.x - a.x, b.y - a.y);
                let inwards = ((y as f64 + 0.5 - a.y) * dx - (x as f64 + 0.5 - a.x) * dy) / dx.hypot(dy) * turn.signum();
                if level > 127 {
                    prop_assert!(inwards > -1.5, "a painted pixel at {x}, {y} lies {} px outside {label:?}", -inwards);
                }
                if level > 20 {
                    nearest[i] = nearest[i].min(inwards);
                }
            }
        }
        // A box that reached out of the image when it was read may have sides that it never showed.
        let inside = corners.iter().all(|corner| SIZE.frame().contains(*corner));
        prop_assert!(!inside || nearest.iter().all(|away| *away < 1.5), "sides are {nearest:?} px from what is painted: {label:?}");
    }
}
