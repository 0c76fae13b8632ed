//! The mosaic: who joins whom, and that pixels and labels of four images lie where the layout says.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::sync::Arc;

use augment_core::digest::Digest;
use augment_core::geometry::{Rect, Size};
use augment_core::image::{Channels, Fill, Image};
use augment_core::labels::{Classes, LabelPolicy, Labels, Object, keep_or_drop};
use augment_core::limits::Limits;
use augment_core::plan::Plan;
use augment_core::sampling::{Facts, Random, StepIdentity};
use augment_core::transforms::{self, Action};
use augment_render::engine::{RenderContext, Sample, execute};
use serde_json::json;

fn draw(source: u32, partners: &[Digest], seed: u64) -> Action {
    let facts = Facts { size: Size::new(90, 70), boxes: &[], labeled: false, partners, source: digest(source) };
    let mut random = Random::for_step(seed, facts.source, 0, &StepIdentity { op: "mosaic", ordinal: 0 });
    transforms::find("mosaic").unwrap().configure(json!({})).unwrap().draw(&facts, &mut random).unwrap()
}

fn digest(name: u32) -> Digest {
    Digest::of(&name.to_le_bytes())
}

fn dataset(names: impl Iterator<Item = u32>) -> Vec<Digest> {
    let mut all: Vec<Digest> = names.map(digest).collect();
    all.sort_unstable();
    all
}

fn partners(action: &Action) -> Vec<Digest> {
    let Action::Mixing(drawn) = action else { panic!("a mosaic mixes") };
    drawn.partners().to_vec()
}

#[test]
fn partners_are_others_and_differ() {
    let all = dataset(0..40);
    for source in 0..40 {
        let mut chosen = partners(&draw(source, &all, 1));
        assert!(!chosen.contains(&digest(source)), "an image is not its own partner");
        chosen.sort_unstable();
        chosen.dedup();
        assert_eq!(chosen.len(), 3, "three different partners");
    }
    assert_ne!(partners(&draw(0, &all, 1)), partners(&draw(0, &all, 2)), "the seed matters");
}

#[test]
fn small_datasets_repeat_the_image_itself() {
    assert_eq!(partners(&draw(7, &[], 1)), [digest(7); 3]);
    let chosen = partners(&draw(7, &dataset(7..9), 1));
    assert_eq!(chosen, [digest(8), digest(7), digest(7)]);
}

#[test]
fn an_added_image_disturbs_few_choices() {
    let (before, after) = (dataset(0..200), dataset(0..201));
    let changed = (0..200).filter(|source| {
        let (old, new) = (partners(&draw(*source, &before, 3)), partners(&draw(*source, &after, 3)));
        let lost = old.iter().filter(|digest| !new.contains(digest)).count();
        assert!(lost <= 1 && (lost == 0 || new.contains(&digest(200))), "only the new image takes a place");
        lost > 0
    });
    let changed = changed.count();
    assert!((1..=12).contains(&changed), "{changed} of 200 choices changed, 3 were to be expected");
}

#[test]
fn four_images_fill_the_frame_and_bring_their_labels() {
    let all = dataset(0..4);
    let colors = [[200, 0, 0], [0, 200, 0], [0, 0, 200], [200, 200, 0]];
    let sizes = [Size::new(90, 70), Size::new(31, 222), Size::new(400, 100), Size::new(5, 5)];
    let sample = |name: usize| {
        let object = Object { class: name, bbox: Some(sizes[name].frame()), ..Object::default() };
        let mask = Image::filled(sizes[name], Channels::Gray, Fill([name as u8 + 1; 3]));
        let labels = Labels { objects: vec![object], masks: vec![Arc::new(mask.into())], ..Labels::default() };
        Sample::new(Arc::new(Image::filled(sizes[name], Channels::Rgb, Fill(colors[name]))), &labels)
    };
    for seed in 0..20 {
        let action = draw(0, &all, seed);
        let mut step = action.to_json();
        step["op"] = "mosaic".into();
        let around = RenderContext {
            classes: &Classes::default(),
            policy: &LabelPolicy::default(),
            limits: &Limits::default(),
            partner: &|wanted| Ok(sample((0..4).position(|name| digest(name) == wanted).unwrap())),
        };
        let plan = Plan::from_json(&json!([step])).unwrap();
        assert_eq!(plan.partners().count(), 3, "the plan names its partners");
        let done = execute(&plan, sample(0), &around).unwrap();
        assert_eq!(done.image.size(), sizes[0], "the frame stays");
        let mask = Arc::clone(&done.masks[0]);
        let mut area = 0.0;
        assert_eq!(done.objects.len(), 4, "every image brings its object");
        for object in done.objects {
            // Every object fills its image, so its box is its part of the frame.
            let object =
                keep_or_drop(object, &LabelPolicy { min_visibility: 0.0, ..LabelPolicy::default() }, sizes[0]).unwrap();
            let part = object.bbox.unwrap();
            let rounded = Rect::new(part.x0.round(), part.y0.round(), part.x1.round(), part.y1.round());
            assert!((part.area() - rounded.area()).abs() < 1e-6, "{part:?} is not in whole pixels");
            area += part.area();
            for y in rounded.y0 as usize..rounded.y1 as usize {
                for x in rounded.x0 as usize..rounded.x1 as usize {
                    assert_eq!(done.image.pixel(x, y), colors[object.class], "seed {seed} at {x}, {y}");
                    assert_eq!(mask.pixel(x, y), [object.class as u8 + 1], "seed {seed} at {x}, {y}");
                }
            }
        }
        assert!((area - 6300.0).abs() < 1e-6, "the four parts cover the frame");
    }
}
