//! Laws of everything that changes pixels in place, run over every example of the catalog.
#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use std::sync::Arc;

use augment_core::digest::Digest;
use augment_core::geometry::Size;
use augment_core::image::{Channels, Image};
use augment_core::labels::{Classes, LabelPolicy, Labels};
use augment_core::limits::Limits;
use augment_core::plan::{DrawContext, Plan, Recipe, draw_plan};
use augment_core::transforms::{CATALOG, Descriptor, Kind};
use augment_core::{Error, ErrorKind};
use augment_render::engine::{RenderContext, Sample, execute};
use serde_json::{Value, json};

fn in_place() -> impl Iterator<Item = &'static Descriptor> {
    CATALOG.iter().copied().filter(|d| matches!(d.kind, Kind::Pixel | Kind::Neighborhood | Kind::Occlusion))
}

/// Ramps, an edge and texture; alpha, where there is one, is none, some and all.
fn picture(width: u32, height: u32, channels: Channels) -> Image {
    let mut image = Image::zeroed(Size::new(width, height), channels);
    let n = channels.count();
    for (i, sample) in image.samples_mut().iter_mut().enumerate() {
        let (x, y, c) = (i / n % width as usize, i / n / width as usize, i % n);
        *sample = match c {
            3 => [0, 255, 130][(x / 9 + y / 7) % 3],
            _ => ((x * (2 + c) + y * 3 + (x * 7919 + y * 104_729 + c * 31) % 41) % 256) as u8,
        };
    }
    image
}

fn run(plan: &Plan, image: &Image) -> Result<Image, Error> {
    let around = RenderContext {
        classes: &Classes::default(),
        policy: &LabelPolicy::default(),
        limits: &Limits::default(),
        partner: &|_| Err(Error::new(ErrorKind::Replay, "no other image")),
    };
    let sample = execute(plan, Sample::new(Arc::new(image.clone()), &Labels::default()), &around)?;
    Ok(Arc::unwrap_or_clone(sample.image))
}

fn plan(op: &str, parameters: &str, size: Size) -> Plan {
    let mut step: Value = serde_json::from_str(parameters).unwrap();
    step["op"] = op.into();
    let recipe = Recipe::from_value(json!({"version": 1, "steps": [step]})).unwrap();
    let classes = Classes::default();
    let subject = DrawContext { source: Digest::of(b"picture"), size, objects: &[], classes: &classes, partners: &[] };
    draw_plan(&recipe, 11, 0, &subject).unwrap()
}

/// Runs every example on pictures of every kind and odd sizes.
fn for_every_example(mut law: impl FnMut(&'static Descriptor, &Plan, &Image, Image)) {
    for descriptor in in_place() {
        for example in descriptor.examples {
            for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
                for (width, height) in [(61, 43), (1, 1), (2, 33), (40, 1)] {
                    let image = picture(width, height, channels);
                    let plan = plan(descriptor.op, example, image.size());
                    let out = run(&plan, &image).unwrap();
                    law(descriptor, &plan, &image, out);
                }
            }
        }
    }
}

#[test]
fn size_channels_and_alpha_stay() {
    for_every_example(|descriptor, plan, image, out| {
        assert_eq!((out.size(), out.channels()), (image.size(), image.channels()), "{}", plan.to_json());
        if descriptor.kind != Kind::Occlusion && image.channels() == Channels::Rgba {
            let alpha = |image: &Image| image.samples().iter().skip(3).step_by(4).copied().collect::<Vec<_>>();
            assert!(alpha(&out) == alpha(image), "{}", plan.to_json());
        }
    });
}

#[test]
fn hidden_colors_do_not_show() {
    for_every_example(|_, plan, image, out| {
        if image.channels() == Channels::Rgba {
            let mut other = image.clone();
            for pixel in other.samples_mut().as_chunks_mut::<4>().0.iter_mut().filter(|pixel| pixel[3] == 0) {
                pixel[..3].copy_from_slice(&[255, 0, 77]);
            }
            let other = run(plan, &other).unwrap();
            let pairs = out.samples().chunks(4).zip(other.samples().chunks(4)).filter(|(pixel, _)| pixel[3] > 0);
            assert!(pairs.into_iter().all(|(a, b)| a == b), "{}", plan.to_json());
        }
    });
}

#[test]
fn opaque_alpha_makes_no_difference() {
    for_every_example(|_, plan, image, out| {
        if image.channels() == Channels::Rgb {
            let opaque: Vec<u8> = image.samples().chunks(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
            let opaque = run(plan, &Image::from_samples(image.size(), Channels::Rgba, opaque).unwrap()).unwrap();
            let colors: Vec<u8> = opaque.samples().chunks(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
            assert!(colors == out.samples(), "{}", plan.to_json());
        }
    });
}

#[test]
fn a_manifest_alone_remakes_the_picture() {
    for_every_example(|_, plan, image, out| {
        let text = plan.to_json().to_string();
        let again = Plan::from_json(&serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(again.to_json().to_string(), text);
        assert!(run(&again, image).unwrap() == out, "{text}");
    });
}

#[test]
fn every_example_does_something() {
    for descriptor in in_place() {
        for example in descriptor.examples {
            let image = picture(97, 71, Channels::Rgb);
            let out = run(&plan(descriptor.op, example, image.size()), &image).unwrap();
            assert!(out != image, "{} {example} changes nothing", descriptor.op);
        }
    }
}

#[test]
fn neutral_parameters_change_nothing_at_all() {
    let mut neutral = 0;
    for descriptor in in_place() {
        if descriptor.neutral.is_empty() {
            continue;
        }
        neutral += 1;
        for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
            let image = picture(61, 43, channels);
            let out = run(&plan(descriptor.op, descriptor.neutral, image.size()), &image).unwrap();
            assert!(out == image, "{} {} on {channels:?}", descriptor.op, descriptor.neutral);
        }
    }
    assert!(neutral >= 20, "only {neutral} transforms say how they change nothing");
}

/// Numbers of a foreign manifest may be anything that JSON holds.
#[test]
fn wild_numbers_in_a_manifest_are_survived() {
    let image = picture(19, 14, Channels::Rgba);
    for descriptor in in_place() {
        let numbers = plan(descriptor.op, descriptor.examples[0], image.size()).to_json()[0].clone();
        let names: Vec<String> = numbers.as_object().unwrap().keys().filter(|name| *name != "op").cloned().collect();
        for name in names {
            for wild in
                [json!(0), json!(-1), json!(1e300), json!(-1e300), json!(255), json!(4_294_967_295u32), json!(5e-324)]
            {
                let mut step = numbers.clone();
                step[&name] = wild;
                if let Ok(plan) = Plan::from_json(&json!([step])) {
                    let out = run(&plan, &image).unwrap();
                    assert_eq!(out.size(), image.size(), "{}", plan.to_json());
                }
            }
        }
    }
}
