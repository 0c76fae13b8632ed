//! Manifests are input too: no drawn number, however absurd, makes a step panic or take memory without bound.

use std::sync::Arc;

use augment_core::digest::Digest;
use augment_core::geometry::{Point, Rect, Size};
use augment_core::image::{Channels, Image};
use augment_core::labels::{
    BoxMode, Classes, Keypoint, LabelPolicy, Labels, Mirrored, Object, Polygon, Shape, Visibility, keep_or_drop,
};
use augment_core::limits::Limits;
use augment_core::plan::Plan;
use augment_core::sampling::{Facts, Random, StepIdentity};
use augment_core::transforms::{self, CATALOG, Kind};
use augment_render::engine::{RenderContext, Sample, execute};
use serde_json::{Value, json};

const SIZE: Size = Size::new(31, 23);

fn sample() -> Sample {
    let ring: Vec<Point> = [(3.0, 4.0), (20.0, 2.0), (25.0, 20.0), (5.0, 17.0)].map(|(x, y)| Point::new(x, y)).into();
    let polygon = Polygon { outer: ring.clone(), holes: vec![vec![ring[0], ring[2], ring[1]]] };
    let joint = Keypoint { point: Point::new(30.9, 0.1), visibility: Visibility::Visible };
    let boxed = Object { bbox: Some(Rect::new(2.0, 3.0, 29.0, 21.0)), keypoints: vec![joint], ..Object::default() };
    let shaped = Object { shape: Some(Shape::Polygons(vec![polygon])), ..Object::default() };
    let corners = std::array::from_fn(|i| ring[i]);
    let oriented = Object { shape: Some(Shape::Oriented(corners)), ..Object::default() };
    let masks = vec![Arc::new(Image::zeroed(SIZE, Channels::Gray).into())];
    let labels = Labels { objects: vec![boxed, shaped, oriented], masks, ..Labels::default() };
    Sample::new(Arc::new(Image::zeroed(SIZE, Channels::Rgba)), &labels)
}

/// The JSON with each of its numbers in turn replaced by each of some others.
fn mutations(value: &Value) -> Vec<Value> {
    let absurd = [
        json!(0),
        json!(-1),
        json!(1),
        json!(4_294_967_295u32),
        json!(65_536),
        json!(0.5),
        json!(-0.0),
        json!(1e-300),
        json!(-1e9),
        json!(1e18),
        json!(1e300),
        json!(-1.7e308),
        json!(90),
        json!(45),
    ];
    match value {
        Value::Number(_) => absurd.to_vec(),
        Value::Array(items) => {
            let each = items.iter().enumerate();
            each.flat_map(|(i, item)| {
                mutations(item).into_iter().map(move |mutated| {
                    let mut items = items.clone();
                    items[i] = mutated;
                    Value::Array(items)
                })
            })
            .collect()
        }
        Value::Object(fields) => {
            let each = fields.iter();
            each.flat_map(|(name, field)| {
                mutations(field).into_iter().map(move |mutated| {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), mutated);
                    Value::Object(fields)
                })
            })
            .collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn absurd_drawn_numbers_fail_or_work_but_never_panic() {
    let limits = Limits { max_pixels: 100_000, max_objects: 100, ..Limits::default() };
    for descriptor in CATALOG.iter().filter(|descriptor| matches!(descriptor.kind, Kind::Geometric | Kind::Mixing)) {
        for example in descriptor.examples {
            let configured =
                transforms::find(descriptor.op).unwrap().configure(serde_json::from_str(example).unwrap()).unwrap();
            let facts = Facts { size: SIZE, boxes: &[], labeled: false, partners: &[], source: Digest::of(b"a") };
            let mut random = Random::for_step(1, facts.source, 0, &StepIdentity { op: "law", ordinal: 0 });
            let mut step = configured.draw(&facts, &mut random).unwrap().to_json();
            step["op"] = descriptor.op.into();
            for step in mutations(&step) {
                let Ok(plan) = Plan::from_json(&json!([step, {"op": "rotate", "degrees": 7.0, "border": "wrap"}]))
                else {
                    continue;
                };
                for (box_mode, mirrored) in [(BoxMode::Ellipse, Mirrored::Leave), (BoxMode::Corners, Mirrored::Label)] {
                    let policy = LabelPolicy { box_mode, mirrored, ..LabelPolicy::default() };
                    let around = RenderContext {
                        classes: &Classes::default(),
                        policy: &policy,
                        limits: &limits,
                        partner: &|_| Ok(sample()),
                    };
                    if let Ok(done) = execute(&plan, sample(), &around) {
                        let size = done.image.size();
                        for object in
                            done.objects.into_iter().filter_map(|object| keep_or_drop(object, &policy, size).ok())
                        {
                            let Some(bbox) = object.bbox else { continue };
                            assert_eq!(bbox.intersection(size.frame()), bbox, "{step}: a box leaves the frame");
                        }
                    }
                }
            }
        }
    }
}
