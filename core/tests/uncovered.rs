//! What shows where no image lies: the fill of images.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::sync::Arc;

use augment_core::Result;
use augment_core::digest::Digest;
use augment_core::engine::{Sample, Surroundings, execute};
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill, Image};
use augment_core::labels::{Classes, LabelPolicy, Labels};
use augment_core::limits::Limits;
use augment_core::plan::{Plan, Recipe, Subject, draw_plan};
use serde_json::{Value, json};

const SIZE: Size = Size::new(60, 40);

fn recipe(json: &Value) -> Recipe {
    Recipe::from_value(json.clone()).unwrap_or_else(|problems| panic!("{json}: {problems:?}"))
}

fn run(plan: &Plan, policy: &LabelPolicy, sample: Sample) -> Result<Sample> {
    // Partners have no mask.
    let partner = |_| Ok(Sample::new(Arc::new(Image::filled(SIZE, Channels::Rgb, Fill([50; 3]))), &Labels::default()));
    let around = Surroundings { classes: &Classes::default(), policy, limits: &Limits::default(), partner: &partner };
    execute(plan, sample, &around)
}

/// What a recipe makes of a white image, and of a mask of sevens on it.
fn made(json: &Value, channels: Channels, mask: Channels) -> Result<Sample> {
    let recipe = recipe(json);
    let mask = Image::filled(SIZE, mask, Fill([7; 3]));
    let image = Arc::new(Image::filled(SIZE, channels, Fill([255; 3])));
    let sample = Sample::new(image, &Labels { mask: Some(mask), ..Labels::default() });
    let (source, classes) = (Digest::of(b"a"), Classes::default());
    let partners = [b"b", b"c", b"d"].map(|name| Digest::of(name));
    let subject = Subject { source, size: SIZE, objects: &[], classes: &classes, partners: &partners };
    run(&draw_plan(&recipe, 1, 0, &subject).unwrap(), &recipe.labels, sample)
}

fn of(labels: &Value, step: &Value) -> Value {
    json!({"version": 1, "labels": labels, "steps": [step]})
}

/// The first pixel of the image that a step makes.
fn corner(step: &Value, channels: Channels) -> Vec<u8> {
    made(&of(&json!({}), step), channels, Channels::Grey).unwrap().image.pixel(0, 0).to_vec()
}

#[test]
fn images_with_alpha_are_filled_with_transparency_unless_a_fill_is_given() {
    let steps = [
        (json!({"op": "rotate", "degrees": 30, "border": "constant"}), [0; 3]),
        (json!({"op": "scale", "factor": 0.5, "border": "constant"}), [0; 3]),
        (json!({"op": "translate", "x": 0.5, "y": 0, "border": "constant"}), [0; 3]),
        (json!({"op": "shear", "x": -30, "y": 0, "border": "constant"}), [0; 3]),
        (json!({"op": "affine", "scale": 0.5, "border": "constant"}), [0; 3]),
        (json!({"op": "pad", "left": 9}), [0; 3]),
        (json!({"op": "letterbox", "width": 90, "height": 90}), [114; 3]),
    ];
    for (mut step, default) in steps {
        let [r, g, b] = default;
        assert_eq!(corner(&step, Channels::Rgba), [r, g, b, 0], "{step}");
        assert_eq!(corner(&step, Channels::Rgb), default, "{step}");
        step["fill"] = json!([9, 8, 7]);
        assert_eq!(corner(&step, Channels::Rgba), [9, 8, 7, 255], "{step}");
        step["fill"] = json!([9, 8, 7, 100]);
        assert_eq!(corner(&step, Channels::Rgba), [9, 8, 7, 100], "{step}");
        assert_eq!(corner(&step, Channels::Rgb), [9, 8, 7], "{step}");
        step["fill"] = json!(0);
        assert_eq!(corner(&step, Channels::Rgba), [0, 0, 0, 255], "{step}");
        step["fill"] = json!([9, 8]);
        let problems = Recipe::from_value(of(&json!({}), &step)).unwrap_err();
        assert!(problems[0].message.contains("[red, green, blue, alpha]"), "{problems:?}");
    }
    // The edge fades out; it does not darken.
    for step in [
        json!({"op": "rotate", "degrees": 30, "border": "constant"}),
        json!({"op": "scale", "factor": 0.37, "border": "constant"}),
    ] {
        let made = made(&of(&json!({}), &step), Channels::Rgba, Channels::Grey).unwrap();
        let shown = made.image.samples().chunks_exact(4).filter(|pixel| pixel[3] > 0);
        assert!(
            shown.clone().count() > 100 && shown.clone().all(|pixel| pixel[..3].iter().all(|level| *level > 253)),
            "{step}"
        );
    }
    let holes = json!({"op": "cutout", "count": 1, "height": 1, "width": 1, "fill": [0, 0, 0, 0]});
    assert_eq!(corner(&holes, Channels::Rgba), [0; 4], "a hole");
}

#[test]
fn plans_of_older_manifests_fill_as_they_did() {
    let older = json!([{"op": "rotate", "degrees": 30.0, "border": "constant"}]);
    let plan = Plan::from_json(&older).unwrap();
    let image = Arc::new(Image::filled(SIZE, Channels::Rgba, Fill([255; 3])));
    let made = run(&plan, &LabelPolicy::default(), Sample::new(image, &Labels::default())).unwrap();
    assert_eq!(made.image.pixel(0, 0), [0, 0, 0, 255]);
}
