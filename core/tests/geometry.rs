//! Laws of the geometric transforms, over every example in the catalog.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::sync::Arc;

use augment_core::digest::Digest;
use augment_core::geometry::{Point, Rect, Size, Warp};
use augment_core::image::{Channels, Image};
use augment_core::labels::{
    Bitmap, Class, Classes, Dropped, LabelPolicy, Labels, Object, Polygon, Shape, keep_or_drop,
};
use augment_core::limits::Limits;
use augment_core::math;
use augment_core::plan::Plan;
use augment_core::sampling::{Facts, Random, StepIdentity};
use augment_core::transforms::{self, Action, CATALOG, Kind};
use augment_render::engine::{RenderContext, Sample, execute};

/// Sizes that transforms must cope with: common, odd, and as thin as can be.
const SIZES: &[Size] =
    &[Size::new(64, 48), Size::new(61, 97), Size::new(1, 1), Size::new(1, 37), Size::new(300, 1), Size::new(2, 2)];

fn facts<'a>(size: Size, boxes: &'a [Rect], partners: &'a [Digest]) -> Facts<'a> {
    Facts { size, boxes, labeled: !boxes.is_empty(), partners, source: Digest::of(b"source") }
}

fn stream(seed: u64) -> Random {
    Random::for_step(seed, Digest::of(b"source"), 0, &StepIdentity { op: "law", ordinal: 0 })
}

/// Every example of every geometric transform, drawn some times: its name, its action and its map.
fn for_every_map(size: Size, boxes: &[Rect], mut check: impl FnMut(&str, &Action, Warp)) {
    for descriptor in CATALOG.iter().filter(|descriptor| descriptor.kind == Kind::Geometric) {
        for example in descriptor.examples {
            let entry = transforms::find(descriptor.op).expect("catalog and registry agree");
            let configured = entry.configure(serde_json::from_str(example).unwrap()).unwrap();
            for seed in 0..4 {
                let action = configured.draw(&facts(size, boxes, &[]), &mut stream(seed)).unwrap();
                let Action::Geometric(drawn) = &action else { panic!("{} is not geometric", descriptor.op) };
                let name = format!("{} {example} {}", descriptor.op, action.to_json());
                check(&name, &action, drawn.warp(size).unwrap_or_else(|error| panic!("{name}: {error}")));
            }
        }
    }
}

#[test]
fn every_example_makes_a_map_that_leads_back_at_every_size() {
    for &size in SIZES {
        for_every_map(size, &[], |name, _, warp| {
            let frame = warp.output.frame();
            for i in 0..=10 {
                for j in 0..=10 {
                    let p = Point::new(frame.x1 * f64::from(i) / 10.0, frame.y1 * f64::from(j) / 10.0);
                    let q = warp.target_of(warp.source_of(p));
                    let off = (q.x - p.x).abs().max((q.y - p.y).abs());
                    assert!(off < 0.01, "{name} at {size:?}: {p:?} came back as {q:?}");
                }
            }
        });
    }
}

#[test]
fn drawn_numbers_alone_remake_the_map() {
    let size = Size::new(61, 47);
    let boxes = [Rect::new(10.2, 11.0, 20.0, 30.7)];
    for_every_map(size, &boxes, |name, action, warp| {
        let op = name.split(' ').next().unwrap();
        let again = transforms::find(op).unwrap().restore(action.to_json()).unwrap();
        let Action::Geometric(drawn) = &again else { panic!("{name} changed its kind") };
        let again = drawn.warp(size).unwrap();
        assert_eq!(format!("{warp:?}"), format!("{again:?}"), "{name}");
    });
}

#[test]
fn fields_never_fold_and_lead_back_from_everywhere() {
    for size in [Size::new(640, 480), Size::new(37, 211), Size::new(900, 9)] {
        for_every_map(size, &[], |name, _, warp| {
            if warp.keeps_lines() {
                return;
            }
            let frame = warp.output.frame();
            for at in 0..4000u32 {
                // Points of a plane-filling sequence (Roberts 2018, the R2 sequence).
                let part = |step: f64| (f64::from(at) * step).fract();
                let p = Point::new(frame.x1 * part(0.754_877_666_246_692_7), frame.y1 * part(0.569_840_290_998_053_2));
                let from = warp.source_of(p);
                let again = warp.target_of(from);
                let off = math::hypot(again.x - p.x, again.y - p.y);
                assert!(off < 0.01, "{name} at {size:?}: {p:?} came back {off} px away");
                let right = warp.source_of(Point::new(p.x + 0.01, p.y));
                let below = warp.source_of(Point::new(p.x, p.y + 0.01));
                let turn = (right.x - from.x) * (below.y - from.y) - (right.y - from.y) * (below.x - from.x);
                assert!(turn > 0.0, "{name} at {size:?} folds at {p:?}");
            }
        });
    }
}

// What follows draws one shape in four ways and asks whether they still agree after every map.

const SIZE: Size = Size::new(160, 120);

/// A blob with a dent, away from the frame's edges.
fn blob() -> Vec<Point> {
    (0..90)
        .map(|i| {
            let angle = f64::from(i) * std::f64::consts::TAU / 90.0;
            let radius = 34.0 + 9.0 * math::cos(2.0 * angle) - 8.0 * math::sin(3.0 * angle);
            Point::new(74.0 + radius * math::cos(angle), 63.0 + 0.8 * radius * math::sin(angle))
        })
        .collect()
}

/// Whether a point lies inside a ring, by the even-odd rule.
fn inside(ring: &[Point], p: Point) -> bool {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).fold(false, |inside, (a, b)| {
        let crosses = (a.y > p.y) != (b.y > p.y) && p.x < a.x + (b.x - a.x) * (p.y - a.y) / (b.y - a.y);
        inside != crosses
    })
}

fn raster(size: Size, ring: &[Point]) -> Vec<bool> {
    let centers = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
    centers.map(|(x, y)| inside(ring, Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5))).collect()
}

/// The blob as an image, a mask, a polygon and a bitmap, all of it one sample.
fn sample() -> Sample {
    let ring = blob();
    let filled = raster(SIZE, &ring);
    let image = filled.iter().flat_map(|inside| if *inside { [230, 200, 250] } else { [30, 40, 10] }).collect();
    let mask: Vec<u8> = filled.iter().map(|inside| u8::from(*inside) * 7).collect();
    let bound = Rect::around(ring.iter().copied()).unwrap();
    let object = |index, shape| Object { bbox: Some(bound), shape: Some(shape), index, ..Object::default() };
    let labels = Labels {
        objects: vec![
            object(0, Shape::Polygons(vec![Polygon::simple(ring)])),
            object(1, Shape::Bitmap(Bitmap::from_samples(SIZE, &mask))),
        ],
        masks: vec![Arc::new(Image::from_samples(SIZE, Channels::Gray, mask).unwrap().into())],
        ..Labels::default()
    };
    Sample::new(Arc::new(Image::from_samples(SIZE, Channels::Rgb, image).unwrap()), &labels)
}

fn run(steps: serde_json::Value, sample: Sample, policy: &LabelPolicy) -> (Sample, Vec<Result<Object, Dropped>>) {
    let around = RenderContext {
        classes: &Classes(vec![Class::named("thing")]),
        policy,
        limits: &Limits::default(),
        partner: &|_| panic!("no step mixes"),
    };
    let done = execute(&Plan::from_json(&steps).unwrap(), sample, &around).unwrap();
    let size = done.image.size();
    let objects = done.objects.iter().cloned().map(|object| keep_or_drop(object, policy, size)).collect();
    (done, objects)
}

/// The step of a drawn action as a manifest has it.
fn step(op: &str, action: &Action) -> serde_json::Value {
    let mut step = action.to_json();
    step["op"] = op.into();
    step
}

/// Pixels where two pictures of a shape differ, although neither has an edge within `reach` pixels of it.
fn far_off(size: Size, reach: f64, a: &[bool], b: &[bool], counts: &[bool]) -> usize {
    let (width, height, reach) = (size.width as usize, size.height as usize, reach.ceil() as usize);
    let flat = |picture: &[bool], x: usize, y: usize| {
        let around = (y.saturating_sub(reach)..=(y + reach).min(height - 1))
            .flat_map(|v| (x.saturating_sub(reach)..=(x + reach).min(width - 1)).map(move |u| v * width + u));
        around.into_iter().all(|at| picture[at] == picture[y * width + x])
    };
    let wrong = |at: &usize| {
        let (x, y) = (at % width, at / width);
        counts[*at] && a[*at] != b[*at] && flat(a, x, y) && flat(b, x, y)
    };
    (0..width * height).filter(wrong).count()
}

/// A pixel, or the output's share of an input pixel where the map magnifies: masks are no finer than that.
fn one_pixel(warp: &Warp) -> f64 {
    let stretch = |p: Point| {
        let (from, right) = (warp.target_of(p), warp.target_of(Point::new(p.x + 1.0, p.y)));
        let down = warp.target_of(Point::new(p.x, p.y + 1.0));
        math::hypot(right.x - from.x, right.y - from.y).max(math::hypot(down.x - from.x, down.y - from.y))
    };
    let seen = blob().into_iter().filter(|p| warp.output.frame().contains(warp.target_of(*p)));
    seen.map(stretch).fold(1.0, f64::max)
}

#[test]
fn image_mask_polygon_bitmap_and_box_agree_within_a_pixel() {
    let policy = LabelPolicy { min_visibility: 0.0, min_area: 0.0, ..LabelPolicy::default() };
    for_every_map(SIZE, &[Rect::around(blob()).unwrap()], |name, action, warp| {
        if warp.is_identity(SIZE) {
            return;
        }
        let op = name.split(' ').next().unwrap();
        let (done, objects) = run(serde_json::json!([step(op, action)]), sample(), &policy);
        let size = done.image.size();
        assert_eq!(size, warp.output, "{name}");
        let reach = one_pixel(&warp);
        // Borders repeat pixels, never labels: only what comes from inside the frame is compared.
        let counts: Vec<bool> = (0..size.area())
            .map(|at| Point::new((at % size.width as usize) as f64 + 0.5, (at / size.width as usize) as f64 + 0.5))
            .map(|p| SIZE.frame().contains(warp.source_of(p)))
            .collect();
        let image: Vec<bool> = done.image.samples().chunks_exact(3).map(|pixel| pixel[1] > 120).collect();
        let mask: Vec<bool> = done.masks[0].samples().iter().map(|value| *value == 7).collect();
        assert_eq!(far_off(size, reach, &image, &mask, &counts), 0, "{name}: image and mask");
        let seen = mask.iter().zip(&counts).filter(|(mask, counts)| **mask && **counts).count();
        let mut shapes = objects.into_iter().map(|object| match object {
            Ok(object) => Some(object),
            Err(dropped) => {
                assert!(seen < 12, "{name}: dropped ({}), but {seen} pixels are there", dropped.reason);
                None
            }
        });
        if let Some(object) = shapes.next().unwrap() {
            let Some(Shape::Polygons(parts)) = &object.shape else { panic!("{name}: no polygon") };
            let drawn = raster(size, &parts[0].outer);
            assert_eq!(far_off(size, reach, &mask, &drawn, &counts), 0, "{name}: mask and polygon");
            let (bbox, bound) = (object.bbox.unwrap(), Rect::around(parts[0].outer.iter().copied()).unwrap());
            assert_eq!(bbox, bound, "{name}: the box is the polygon's bound");
            let pixels = (0..size.area()).filter(|at| mask[*at] && counts[*at]);
            let corner = |at: usize| Point::new((at % size.width as usize) as f64, (at / size.width as usize) as f64);
            let seen =
                Rect::around(pixels.flat_map(|at| [corner(at), Point::new(corner(at).x + 1.0, corner(at).y + 1.0)]));
            let seen = seen.unwrap();
            for (a, b) in [(bbox.x0, seen.x0), (bbox.y0, seen.y0), (bbox.x1, seen.x1), (bbox.y1, seen.y1)] {
                assert!((a - b).abs() <= reach + 1e-6, "{name}: the box {bbox:?} lies off the pixels {seen:?}");
            }
        }
        if let Some(object) = shapes.next().unwrap() {
            let Some(Shape::Bitmap(bitmap)) = &object.shape else { panic!("{name}: no bitmap") };
            let drawn: Vec<bool> = bitmap.to_samples().iter().map(|value| *value != 0).collect();
            assert_eq!(far_off(size, reach, &mask, &drawn, &counts), 0, "{name}: mask and bitmap");
            assert_eq!(object.bbox, bitmap.bound(), "{name}: the box is the bitmap's bound");
        }
    });
}
