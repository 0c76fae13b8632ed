//! Laws that every entry of the catalog keeps: a new transform is under them without a line written here.
#![expect(clippy::unwrap_used, reason = "a law that cannot be looked at is broken")]

mod subject;

use augment_core::plan::{Plan, Recipe, draw_plan};
use augment_core::transforms::{self, CATALOG, Control, Kind};
use serde_json::{Value, json};

use subject::{Outcome, Scene, scene};

/// Every example of every transform, as a step of a recipe.
fn example_steps() -> Vec<Value> {
    let mut steps = Vec::new();
    for descriptor in CATALOG {
        for example in descriptor.examples {
            let mut step = json!({ "op": descriptor.op });
            let example: Value = serde_json::from_str(example)
                .unwrap_or_else(|error| panic!("{}: an example is not JSON: {error}", descriptor.op));
            step.as_object_mut().unwrap().extend(example.as_object().cloned().unwrap_or_default());
            steps.push(step);
        }
    }
    assert!(steps.len() >= CATALOG.len(), "every transform has an example");
    steps
}

fn recipe(steps: &[Value]) -> Recipe {
    let value = json!({ "version": 1, "seed": 7, "labels": { "min_visibility": 0.0 }, "steps": steps });
    Recipe::from_value(value.clone()).unwrap_or_else(|problems| panic!("{value}: {problems:?}"))
}

fn run(scene: &Scene, steps: &[Value], copy: u32) -> Outcome {
    let recipe = recipe(steps);
    let plan = draw_plan(&recipe, 7, copy, &scene.subject()).unwrap_or_else(|error| panic!("{steps:?}: {error}"));
    scene.execute(&plan)
}

#[test]
fn the_same_draw_gives_the_same_pixels_and_labels() {
    for step in example_steps() {
        let (a, b) = (
            run(&scene(61, 47, 3), std::slice::from_ref(&step), 3),
            run(&scene(61, 47, 3), std::slice::from_ref(&step), 3),
        );
        assert_eq!(a, b, "{step}");
    }
}

#[test]
fn a_plan_read_back_from_its_json_does_the_same() {
    for step in example_steps() {
        let scene = scene(61, 47, 3);
        for copy in 0..3 {
            let plan = draw_plan(&recipe(std::slice::from_ref(&step)), 7, copy, &scene.subject()).unwrap();
            let text = serde_json::to_string(&plan.to_json()).unwrap();
            let read: Value = serde_json::from_str(&text).unwrap();
            let replayed = Plan::from_json(&read).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(read, replayed.to_json(), "{step}: the numbers changed on the way");
            assert_eq!(scene.execute(&plan), scene.execute(&replayed), "{step}");
        }
    }
}

#[test]
fn a_manifest_holds_plain_numbers_and_words() {
    fn plain(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Array(items) => items.iter().all(plain),
            Value::Object(fields) => fields.values().all(plain),
            Value::Number(number) => number.as_f64().is_some_and(f64::is_finite),
            _ => true,
        }
    }
    for step in example_steps() {
        let plan = draw_plan(&recipe(std::slice::from_ref(&step)), 7, 0, &scene(61, 47, 3).subject()).unwrap();
        assert!(plain(&plan.to_json()), "{step}: {}", plan.to_json());
    }
}

#[test]
fn draws_depend_on_copy_and_seed_only_through_their_stream() {
    for step in example_steps() {
        let scene = scene(61, 47, 3);
        let recipe = recipe(std::slice::from_ref(&step));
        let draw = |seed, copy| draw_plan(&recipe, seed, copy, &scene.subject()).unwrap().to_json();
        assert_eq!(draw(7, 1), draw(7, 1), "{step}");
        let varied =
            (0..8).any(|copy| draw(7, copy) != draw(7, 100)) || (0..8).any(|seed| draw(seed, 0) != draw(99, 0));
        // Labels that fill the frame can leave no choice to a transform that spares them.
        let bound = transforms::find(step["op"].as_str().unwrap()).unwrap().needs_labels;
        assert!(varied || bound || !is_random(&step), "{step}: nothing varies");
    }
}

/// Whether any of a step's ranges is open.
fn is_random(step: &Value) -> bool {
    let entry = transforms::find(step["op"].as_str().unwrap()).unwrap();
    entry.descriptor.parameters.iter().any(|p| {
        let open = |value: &Value| value.as_array().is_some_and(|ends| ends.len() == 2 && ends[0] != ends[1]);
        matches!(p.control, Control::Range { .. } | Control::IntRange { .. })
            && open(&step.get(p.name).cloned().unwrap_or_else(p.default))
    })
}

#[test]
fn inserting_a_step_changes_no_draw_of_the_others() {
    let first = json!({ "op": "rotate", "degrees": [-20, 20] });
    let last = json!({ "op": "brightness", "factor": [0.5, 1.5] });
    let scene = scene(61, 47, 3);
    let numbers = |steps: &[Value]| {
        let plan = draw_plan(&recipe(steps), 7, 2, &scene.subject()).unwrap().to_json();
        let of = |op: &str| plan.as_array().unwrap().iter().find(|step| step["op"] == op).cloned();
        (of("rotate"), of("brightness"))
    };
    let alone = numbers(&[first.clone(), last.clone()]);
    assert!(alone.0.is_some() && alone.1.is_some(), "both steps ran");
    for step in example_steps().into_iter().filter(|step| step["op"] != "rotate" && step["op"] != "brightness") {
        assert_eq!(alone, numbers(&[first.clone(), step.clone(), last.clone()]), "{step} disturbs");
        let group = json!({ "op": "one_of", "p": 0.5, "steps": [step.clone()] });
        assert_eq!(alone, numbers(&[group.clone(), first.clone(), last.clone()]), "{group} disturbs");
    }
}

#[test]
fn a_step_of_probability_zero_never_runs() {
    for mut step in example_steps() {
        step["p"] = json!(0);
        for copy in 0..20 {
            let plan = draw_plan(&recipe(std::slice::from_ref(&step)), 7, copy, &scene(20, 20, 3).subject()).unwrap();
            assert!(plan.steps.is_empty(), "{step} ran");
        }
    }
}

#[test]
fn every_size_and_channel_count_is_handled_or_refused_in_words() {
    for step in example_steps() {
        for (width, height) in [(1, 1), (1, 9), (9, 1), (2, 3), (17, 13), (64, 48)] {
            for channels in [1, 3, 4] {
                let scene = scene(width, height, channels);
                let plan = match draw_plan(&recipe(std::slice::from_ref(&step)), 7, 0, &scene.subject()) {
                    Ok(plan) => plan,
                    Err(error) => {
                        assert!(error.to_string().len() > 15, "{step} on {width}x{height}: '{error}' says nothing");
                        assert!(width < 17, "{step} refuses {width}x{height}: {error}");
                        continue;
                    }
                };
                let outcome = scene.execute(&plan);
                let kind = transforms::find(step["op"].as_str().unwrap()).unwrap().descriptor.kind;
                if kind != Kind::Geometric && kind != Kind::Mixing {
                    assert_eq!(outcome.image.size(), scene.size(), "{step} changed the size");
                }
                if kind != Kind::Mixing {
                    assert_eq!(outcome.image.channels(), scene.channels(), "{step} changed the channels");
                }
            }
        }
    }
}

#[test]
fn pixel_and_neighborhood_steps_touch_no_label() {
    let untouched = run(&scene(61, 47, 3), &[], 0);
    for descriptor in CATALOG.iter().filter(|d| matches!(d.kind, Kind::Pixel | Kind::Neighborhood)) {
        let outcome = run(&scene(61, 47, 3), &[json!({ "op": descriptor.op })], 0);
        assert_eq!(outcome.objects, untouched.objects, "{}", descriptor.op);
        assert_eq!(outcome.mask, untouched.mask, "{}", descriptor.op);
    }
}

#[test]
fn pixel_steps_keep_alpha() {
    let before = scene(31, 23, 4);
    for descriptor in CATALOG.iter().filter(|d| d.kind == Kind::Pixel) {
        for example in descriptor.examples {
            let mut step: Value = serde_json::from_str(example).unwrap();
            step["op"] = descriptor.op.into();
            let after = run(&before, std::slice::from_ref(&step), 0);
            let alpha = |samples: &[u8]| samples.iter().skip(3).step_by(4).copied().collect::<Vec<_>>();
            assert_eq!(alpha(before.image().samples()), alpha(after.image.samples()), "{step}");
        }
    }
}

#[test]
fn labels_stay_inside_the_frame() {
    for step in example_steps() {
        for copy in 0..6 {
            let outcome = run(&scene(61, 47, 3), std::slice::from_ref(&step), copy);
            let frame = outcome.image.size().frame();
            for object in &outcome.objects {
                let bbox = object.bbox.unwrap();
                let inside =
                    bbox.x0 >= -1e-9 && bbox.y0 >= -1e-9 && bbox.x1 <= frame.x1 + 1e-9 && bbox.y1 <= frame.y1 + 1e-9;
                assert!(inside, "{step}: {bbox:?} leaves {frame:?}");
                assert!(bbox.area() > 0.0, "{step}: {bbox:?} is empty");
            }
            assert_eq!(outcome.mask.as_ref().map(|mask| mask.size()), Some(outcome.image.size()), "{step}: mask size");
        }
    }
}

#[test]
fn defaults_and_examples_fit_their_controls_and_wrong_values_are_named() {
    for descriptor in CATALOG {
        for parameter in descriptor.parameters {
            let step = json!({ "op": descriptor.op, parameter.name: (parameter.default)() });
            recipe(&[step]);
            let wrong = match parameter.control {
                Control::Number { max, .. } | Control::Range { max, .. } => json!(max * 2.0 + 1.0),
                Control::Integer { max, .. } | Control::IntRange { max, .. } => json!(max + 1),
                Control::Choice(_) => json!("no such word"),
                Control::Color => json!([0, 0, 256]),
                Control::Fill => json!([0, 0, 0, 256]),
                Control::Flag => json!("yes"),
            };
            let steps = json!([{ "op": descriptor.op, parameter.name: wrong }]);
            let problems = Recipe::from_value(json!({ "version": 1, "steps": steps })).unwrap_err();
            assert_eq!(problems[0].pointer, format!("/steps/0/{}", parameter.name), "{problems:?}");
        }
        let steps = json!([{ "op": descriptor.op, "no_such_field": 1 }]);
        let problems = Recipe::from_value(json!({ "version": 1, "steps": steps })).unwrap_err();
        assert!(problems[0].message.contains("no_such_field"), "{problems:?}");
        assert!(!descriptor.summary.trim().is_empty(), "{} has no summary", descriptor.op);
    }
}

#[test]
fn the_schema_agrees_with_the_checker() {
    let schema = jsonschema::validator_for(&augment_core::plan::schema()).unwrap();
    let accepts = |steps: &Value| schema.is_valid(&json!({ "version": 1, "steps": steps }));
    for step in example_steps() {
        assert!(accepts(&json!([step])), "the schema refuses {step}");
        let mut wrong = step.clone();
        wrong["no_such_field"] = json!(1);
        assert!(!accepts(&json!([wrong])), "the schema takes {wrong}");
    }
    for built_in in augment_core::plan::BUILT_IN {
        let value: Value = serde_json::from_str(built_in.json).unwrap();
        assert!(schema.is_valid(&value), "the schema refuses {}", built_in.name);
        Recipe::from_value(value).unwrap_or_else(|problems| panic!("{}: {problems:?}", built_in.name));
    }
}

#[test]
fn groups_choose_as_they_say() {
    let turns = |n: i64| json!({ "op": "quarter_turn", "turns": n });
    let scene = scene(20, 10, 3);
    let ops = |steps: &[Value], copy| {
        let plan = draw_plan(&recipe(steps), 7, copy, &scene.subject()).unwrap();
        plan.to_json().as_array().unwrap().clone()
    };
    let (mut first, runs) = (0, 4000);
    for copy in 0..runs {
        let one = ops(&[json!({ "op": "one_of", "weights": [3, 1], "steps": [turns(1), turns(3)] })], copy);
        assert_eq!(one.len(), 1, "one of them");
        first += u32::from(one[0]["turns"] == 1);
        let some = ops(&[json!({ "op": "some_of", "count": 2, "steps": [turns(1), turns(2), turns(3)] })], copy);
        let drawn: Vec<i64> = some.iter().map(|step| step["turns"].as_i64().unwrap()).collect();
        assert!(drawn.len() == 2 && drawn[0] < drawn[1], "two different ones in order: {drawn:?}");
        assert_eq!(ops(&[json!({ "op": "sequence", "steps": [turns(1), turns(2)] })], copy).len(), 2, "all");
    }
    // 3 in 4; five standard deviations of a binomial are 137.
    assert!((first as i64 - 3000).abs() < 140, "{first} of {runs}");
}
