//! Laws of the geometric transforms, over every example in the catalogue.

use augment_core::digest::Digest;
use augment_core::geometry::{Point, Rect, Size, Warp};
use augment_core::sampling::{Facts, Random, StepIdentity};
use augment_core::transforms::{self, Action, CATALOG, Kind};

/// Sizes that transforms must cope with: common, odd, and as thin as can be.
const SIZES: &[Size] =
    &[Size::new(64, 48), Size::new(61, 97), Size::new(1, 1), Size::new(1, 37), Size::new(300, 1), Size::new(2, 2)];

fn facts<'a>(size: Size, boxes: &'a [Rect], partners: &'a [Digest]) -> Facts<'a> {
    Facts { size, boxes, partners, source: Digest::of(b"source") }
}

fn stream(seed: u64) -> Random {
    Random::for_step(seed, Digest::of(b"source"), 0, &StepIdentity { op: "law", ordinal: 0 })
}

/// Every example of every geometric transform, drawn some times: its name, its action and its map.
fn for_every_map(size: Size, boxes: &[Rect], mut check: impl FnMut(&str, &Action, Warp)) {
    for descriptor in CATALOG.iter().filter(|descriptor| descriptor.kind == Kind::Geometric) {
        for example in descriptor.examples {
            let entry = transforms::find(descriptor.op).expect("catalogue and registry agree");
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
