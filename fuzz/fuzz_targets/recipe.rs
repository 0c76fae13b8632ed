//! Any text as a recipe, and any text as the drawn steps of a manifest: problems named or a picture made, never a panic.
//!
//! Seeds: `mkdir -p fuzz/corpus/recipe && cp core/render/src/plan/recipes/*.json fuzz/corpus/recipe/`, and one file for each
//! example of `docs/transforms.md`.
//! Run: `cargo +nightly fuzz run recipe -- -rss_limit_mb=1024 -timeout=20 -max_len=4096`
#![no_main]

use std::sync::Arc;

use augment_core::digest::Digest;
use augment_render::engine::{Sample, RenderContext, execute};
use augment_core::error::Result;
use augment_core::geometry::{Rect, Size};
use augment_core::image::{Channels, Image};
use augment_core::labels::{Classes, LabelPolicy, Labels, Object, keep_or_drop};
use augment_core::limits::Limits;
use augment_core::plan::{Plan, Recipe, DrawContext, draw_plan};
use libfuzzer_sys::fuzz_target;

const SIZE: Size = Size::new(24, 17);

fuzz_target!(|text: &str| {
    // A recipe or, where that fails, what a manifest holds in `steps`.
    let sample = sample();
    let classes = Classes::default();
    match Recipe::parse(text) {
        Ok(recipe) => {
            let again = Recipe::from_value(recipe.to_json()).expect("a recipe reads back what it wrote");
            assert_eq!(again.to_json(), recipe.to_json(), "writing is stable");
            let partners = [Digest::of(b"a"), Digest::of(b"b"), Digest::of(b"c")];
            let subject = DrawContext {
                source: partners[0],
                size: SIZE,
                objects: &sample.objects,
                classes: &classes,
                partners: &partners,
            };
            if let Ok(plan) = draw_plan(&recipe, 1, 0, &subject) {
                run(&plan, sample);
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "a refusal names its reason");
            let Ok(steps) = serde_json::from_str(text) else { return };
            if let Ok(plan) = Plan::from_json(&steps) {
                run(&plan, sample);
            }
        }
    }
});

fn sample() -> Sample {
    let samples = (0..SIZE.area() * 3).map(|i| (i * 7 % 256) as u8).collect();
    let image = Image::from_samples(SIZE, Channels::Rgb, samples).expect("the count of samples fits");
    let object = Object { bbox: Some(Rect::new(3.0, 2.0, 15.0, 12.0)), ..Object::default() };
    Sample::new(Arc::new(image), &Labels { objects: vec![object], ..Labels::default() })
}

fn run(plan: &Plan, input: Sample) {
    let limits = Limits { max_pixels: 1 << 18, ..Limits::default() };
    let partner = |_: Digest| -> Result<Sample> { Ok(sample()) };
    let policy = LabelPolicy::default();
    let around = RenderContext { classes: &Classes::default(), policy: &policy, limits: &limits, partner: &partner };
    let Ok(output) = execute(plan, input, &around) else { return };
    let size = output.image.size();
    assert!(size.area() as u64 <= limits.max_pixels, "the limit holds");
    for tracked in output.objects {
        if let Ok(object) = keep_or_drop(tracked, &policy, size) {
            let bbox = object.bbox.expect("a box stays a box");
            assert!(bbox.area() > 0.0, "what stays can be seen");
        }
    }
}
