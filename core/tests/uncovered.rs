//! What shows where no image lies: the fill of images, the fill of masks.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::sync::Arc;

use augment_core::Result;
use augment_core::digest::Digest;
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill, Image};
use augment_core::labels::{Classes, LabelPolicy, Labels, Mask, Palette, Values};
use augment_core::limits::Limits;
use augment_core::plan::{DrawContext, Plan, Recipe, draw_plan};
use augment_render::engine::{RenderContext, Sample, execute};
use serde_json::{Value, json};

const SIZE: Size = Size::new(60, 40);

fn recipe(json: &Value) -> Recipe {
    Recipe::from_value(json.clone()).unwrap_or_else(|problems| panic!("{json}: {problems:?}"))
}

fn run(plan: &Plan, policy: &LabelPolicy, sample: Sample) -> Result<Sample> {
    // Partners have no mask.
    let partner = |_| Ok(Sample::new(Arc::new(Image::filled(SIZE, Channels::Rgb, Fill([50; 3]))), &Labels::default()));
    let around = RenderContext { classes: &Classes::default(), policy, limits: &Limits::default(), partner: &partner };
    execute(plan, sample, &around)
}

/// What a recipe makes of a white image, and of a mask of sevens on it.
fn made(json: &Value, channels: Channels, mask: &Values) -> Result<Sample> {
    let recipe = recipe(json);
    let mask = Mask::new(SIZE, mask.clone(), vec![7; SIZE.area() * mask.bytes()])?;
    let image = Arc::new(Image::filled(SIZE, channels, Fill([255; 3])));
    let sample = Sample::new(image, &Labels { masks: vec![Arc::new(mask)], ..Labels::default() });
    let (source, classes) = (Digest::of(b"a"), Classes::default());
    let partners = [b"b", b"c", b"d"].map(|name| Digest::of(name));
    let subject = DrawContext { source, size: SIZE, objects: &[], classes: &classes, partners: &partners };
    run(&draw_plan(&recipe, 1, 0, &subject).unwrap(), &recipe.labels, sample)
}

fn of(labels: &Value, step: &Value) -> Value {
    json!({"version": 1, "labels": labels, "steps": [step]})
}

/// The first pixel of the image that a step makes.
fn corner(step: &Value, channels: Channels) -> Vec<u8> {
    made(&of(&json!({}), step), channels, &Values::Bytes).unwrap().image.pixel(0, 0).to_vec()
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
        let made = made(&of(&json!({}), &step), Channels::Rgba, &Values::Bytes).unwrap();
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
    let policy: LabelPolicy =
        serde_json::from_str(r#"{"min_visibility": 0.1, "min_area": 1.0, "box_mode": "ellipse"}"#).unwrap();
    assert_eq!(policy, LabelPolicy::default());
    let text = serde_json::to_string(&policy).unwrap();
    assert_eq!(text, r#"{"min_visibility":0.1,"min_area":1.0,"box_mode":"ellipse"}"#, "what is not set is not written");
}

#[test]
fn masks_have_the_value_asked_for_where_no_image_lies() {
    let steps = [
        json!({"op": "rotate", "degrees": 30, "border": "constant"}),
        json!({"op": "scale", "factor": 0.5, "border": "constant"}),
        json!({"op": "pad", "left": 9}),
        json!({"op": "letterbox", "width": 90, "height": 90}),
        json!({"op": "lens_distort", "k1": 0.3, "border": "constant"}),
    ];
    for step in &steps {
        for (labels, values, wanted) in [
            (json!({}), Values::Bytes, &[0][..]),
            (json!({"mask_fill": 255}), Values::Bytes, &[255]),
            (json!({"mask_fill": 255}), Values::Indices(Arc::new(Palette::default())), &[255]),
            (json!({"mask_fill": 255}), Values::Words, &[0, 255]),
            (json!({"mask_fill": [5, 5, 5]}), Values::Bytes, &[5]),
            (json!({}), Values::Rgb, &[0; 3]),
            (json!({"mask_fill": [224, 224, 192]}), Values::Rgb, &[224, 224, 192]),
            (json!({}), Values::Rgba, &[0; 4]),
            (json!({"mask_fill": 255}), Values::Rgba, &[255; 4]),
        ] {
            let made = made(&of(&labels, step), Channels::Rgb, &values).unwrap();
            let mask = &made.masks[0];
            assert_eq!(mask.pixel(0, 0), wanted, "{step} {labels}");
            let n = values.bytes();
            let middle = mask.pixel(mask.size().width as usize / 2, mask.size().height as usize / 2);
            assert_eq!(middle[..n.min(3)], [7; 3][..n.min(3)], "{step}");
            let odd = mask.samples().chunks_exact(n).filter(|pixel| **pixel != *wanted && **pixel != *middle).count();
            assert_eq!(odd, 0, "{step} {labels}: a mask holds its own values and the fill");
        }
    }
    let color = of(&json!({"mask_fill": [1, 2, 3]}), &steps[0]);
    let error = made(&color, Channels::Rgb, &Values::Bytes).unwrap_err();
    assert!(error.to_string().contains("labels.mask_fill"), "{error}");
    // What a partner without a mask shows is unknown too.
    let mosaic = of(&json!({"mask_fill": 255}), &json!({"op": "mosaic"}));
    let made = made(&mosaic, Channels::Rgb, &Values::Bytes).unwrap();
    let mask = &made.masks[0];
    let of = |value: u8| mask.samples().iter().filter(|sample| **sample == value).count();
    assert!(of(255) > 100 && of(7) > 100 && of(255) + of(7) == SIZE.area(), "{} and {}", of(255), of(7));
}
