//! Borders tell no lies: where an image has labeled objects, no built-in recipe shows a part of one that no label covers.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::sync::Arc;

use augment_core::digest::Digest;
use augment_core::geometry::{Rect, Size};
use augment_core::image::{Channels, Fill, Image};
use augment_core::labels::{BoxMode, Class, Classes, LabelPolicy, Labels, Object, keep_or_drop};
use augment_core::limits::Limits;
use augment_core::plan::{BUILT_IN, DrawContext, Plan, Recipe, draw_plan};
use augment_core::transforms::Action;
use augment_render::engine::{RenderContext, Sample, execute};
use serde_json::{Value, json};

const SIZE: Size = Size::new(160, 120);
const GROUND: u8 = 60;

/// Objects at and near the edges, where a mirror would show them, and one in the middle.
const BOXES: [Rect; 5] = [
    Rect::new(0.0, 10.0, 30.0, 40.0),
    Rect::new(120.0, 0.0, 160.0, 24.0),
    Rect::new(4.0, 90.0, 40.0, 116.0),
    Rect::new(130.0, 70.0, 157.0, 120.0),
    Rect::new(66.0, 44.0, 101.0, 80.0),
];

fn painted(boxes: &[Rect]) -> Arc<Image> {
    let mut image = Image::filled(SIZE, Channels::Gray, Fill([GROUND; 3]));
    for rect in boxes {
        for y in rect.y0 as usize..rect.y1 as usize {
            image.row_mut(y)[rect.x0 as usize..rect.x1 as usize].fill(255);
        }
    }
    Arc::new(image)
}

fn classes() -> Classes {
    Classes(vec![Class::named("thing")])
}

fn sample(boxes: &[Rect]) -> Sample {
    let object = |(index, rect): (usize, &Rect)| Object { index, bbox: Some(*rect), ..Object::default() };
    let objects = boxes.iter().enumerate().map(object).collect();
    Sample::new(painted(boxes), &Labels { objects, ..Labels::default() })
}

fn plan(recipe: &Recipe, copy: u32, sample: &Sample) -> Plan {
    let (source, classes) = (Digest::of(b"a"), classes());
    let partners = [b"a", b"b", b"c", b"d"].map(|name| Digest::of(name));
    let subject = DrawContext { source, size: SIZE, objects: &sample.objects, classes: &classes, partners: &partners };
    draw_plan(recipe, 5, copy, &subject).unwrap()
}

fn follow(plan: &Plan, sample: Sample, policy: &LabelPolicy) -> (Arc<Image>, Vec<Object>) {
    let around = RenderContext {
        classes: &classes(),
        policy,
        limits: &Limits::default(),
        partner: &|_| Ok(self::sample(&BOXES)),
    };
    let made = execute(plan, sample, &around).unwrap();
    let size = made.image.size();
    (made.image, made.objects.into_iter().filter_map(|object| keep_or_drop(object, policy, size).ok()).collect())
}

/// Every label, by corners: the policy leaves nothing out.
fn everything() -> LabelPolicy {
    LabelPolicy { min_visibility: 0.0, min_area: 0.0, box_mode: BoxMode::Corners, ..LabelPolicy::default() }
}

/// Pixels that are painted as objects are, but lie in no label, with a pixel of margin.
fn unlabeled(image: &Image, objects: &[Object]) -> usize {
    let size = image.size();
    let at = (0..size.area()).map(|at| (at % size.width as usize, at / size.width as usize));
    let labeled = |x: f64, y: f64| {
        objects
            .iter()
            .filter_map(|object| object.bbox)
            .any(|b| x > b.x0 - 1.5 && x < b.x1 + 1.5 && y > b.y0 - 1.5 && y < b.y1 + 1.5)
    };
    at.filter(|(x, y)| image.pixel(*x, *y)[0] > 160 && !labeled(*x as f64 + 0.5, *y as f64 + 0.5)).count()
}

#[test]
fn no_built_in_recipe_shows_a_part_of_an_object_that_no_label_covers() {
    for built_in in BUILT_IN {
        let recipe = Recipe::parse(built_in.json).unwrap();
        let mut moved = 0;
        for copy in 0..150 {
            let mut plan = plan(&recipe, copy, &sample(&BOXES));
            // Light and noise would hide what is painted; they move nothing.
            plan.steps.retain(|step| matches!(step.action, Action::Geometric(_) | Action::Mixing(_)));
            moved += usize::from(!plan.steps.is_empty());
            let (image, objects) = follow(&plan, sample(&BOXES), &everything());
            let bare = unlabeled(&image, &objects);
            assert_eq!(bare, 0, "{}, copy {copy}: {}", built_in.name, plan.to_json());
        }
        assert_eq!(moved > 0, built_in.name != "none", "{} moves something", built_in.name);
    }
}

#[test]
fn a_mirror_that_is_asked_for_shows_what_the_law_looks_for() {
    let steps = json!([{"op": "scale", "factor": 0.6, "border": "reflect"}]);
    let (image, objects) = follow(&Plan::from_json(&steps).unwrap(), sample(&BOXES), &everything());
    assert!(unlabeled(&image, &objects) > 200, "the law would see it");
}

#[test]
fn images_without_objects_are_mirrored_as_a_reflecting_recipe_mirrors_them() {
    for built_in in BUILT_IN {
        let chosen = Recipe::parse(built_in.json).unwrap();
        let reflecting = Recipe::parse(&built_in.json.replace("\"auto\"", "\"reflect\"")).unwrap();
        for copy in 0..20 {
            let [chosen, reflecting] = [&chosen, &reflecting].map(|recipe| plan(recipe, copy, &sample(&[])).to_json());
            assert_eq!(chosen, reflecting, "{}", built_in.name);
            assert!(!chosen.to_string().contains("[0,0,0,0]"), "no fill is recorded that shows nowhere");
        }
    }
}

#[test]
fn the_border_is_chosen_by_each_image_and_recorded() {
    for op in ["rotate", "scale", "translate", "shear", "affine", "elastic", "lens_distort", "pad"] {
        let recipe = |step: Value| Recipe::from_value(json!({"version": 1, "steps": [step]})).unwrap();
        let border = |recipe: &Recipe, boxes: &[Rect]| plan(recipe, 0, &sample(boxes)).to_json()[0]["border"].clone();
        let auto = recipe(json!({"op": op, "border": "auto"}));
        assert_eq!(border(&auto, &[]), "reflect", "{op}: no object, nothing to show twice");
        assert_eq!(border(&auto, &BOXES[..1]), "constant", "{op}");
        let asked = recipe(json!({"op": op, "border": "reflect"}));
        assert_eq!(border(&asked, &BOXES), "reflect", "{op}: who asks for it gets it");
    }
    // After a mosaic the partners' objects may show too.
    let steps = json!([{"op": "mosaic"}, {"op": "rotate", "border": "auto"}]);
    let recipe = Recipe::from_value(json!({"version": 1, "steps": steps})).unwrap();
    assert_eq!(plan(&recipe, 0, &sample(&[])).to_json()[1]["border"], "constant");
}
