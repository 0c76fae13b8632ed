//! Tests of the recipe editor without its page: edits, history, text, links, commands.

use augment_core::plan::{BUILT_IN, check};
use augment_core::transforms::{CATALOG, Control};
use serde_json::{Value, json};

use super::command::{CommandInput, command};
use super::edit::StepPosition;
use super::history::History;
use super::model::{Draft, DraftStep, Key};
use super::scale::{Scale, display, ends, interval};
use super::{json_text, link};

fn draft(steps: Value) -> Draft {
    Draft::from_json(&json!({ "version": 1, "steps": steps }))
}

fn ops(steps: &[DraftStep]) -> String {
    let words: Vec<String> = steps
        .iter()
        .map(|step| match &step.steps {
            Some(steps) => format!("{}({})", step.op(), ops(steps)),
            None => step.op().to_owned(),
        })
        .collect();
    words.join(" ")
}

fn key(draft: &Draft, op: &str) -> Key {
    fn look(steps: &[DraftStep], op: &str) -> Option<Key> {
        steps.iter().find_map(|step| {
            if step.op() == op { Some(step.key) } else { look(step.steps.as_deref().unwrap_or_default(), op) }
        })
    }
    look(&draft.steps, op).expect("a step of that name")
}

#[test]
fn the_editor_keeps_all_fields_and_their_order() {
    for builtin in BUILT_IN {
        let mut recipe: Value = serde_json::from_str(builtin.json).unwrap();
        let fields = recipe.as_object_mut().unwrap();
        fields.shift_remove("count");
        fields.shift_remove("output");
        assert_eq!(Draft::from_json(&recipe).to_json().to_string(), recipe.to_string(), "{}", builtin.name);
    }
    let rare = json!({
        "labels": {"box_mode": "corners"}, "version": 1,
        "steps": [{"op": "some_of", "count": [1, 2], "p": 0.25, "steps": [
            {"op": "one_of", "steps": [{"op": "invert"}, {"op": "hue", "degrees": 0.1}], "weights": [1, 2.5]},
            {"op": "sequence", "steps": [{"op": "pad"}]}
        ]}]
    });
    assert_eq!(Draft::from_json(&rare).to_json().to_string(), rare.to_string());
    assert!(check(&rare).is_empty(), "the test's recipe is valid: {:?}", check(&rare));
}

#[test]
fn disabled_steps_stay_in_the_editor_but_not_in_the_recipe() {
    let mut draft = draft(json!([
        {"op": "some_of", "count": 2, "steps": [{"op": "invert"}, {"op": "hue"}]},
        {"op": "one_of", "weights": [1, 2, 3], "steps": [{"op": "pad"}, {"op": "crop"}, {"op": "shear"}]},
        {"op": "sequence", "steps": [{"op": "rotate"}]}
    ]));
    for op in ["hue", "crop", "rotate"] {
        let key = key(&draft, op);
        draft.switch(key, false);
    }
    let json = draft.to_json();
    assert_eq!(json["steps"][0]["count"], 1, "a group picks no more than it has");
    assert_eq!(json["steps"][1]["weights"], json!([1, 3]), "weights go with their steps");
    assert_eq!(json["steps"].as_array().map(Vec::len), Some(2), "a group without steps is left out");
    assert!(check(&json).is_empty(), "{:?}", check(&json));
    let hue = key(&draft, "hue");
    draft.switch(hue, true);
    assert_eq!(draft.to_json()["steps"][0]["count"], 2, "nothing was lost");
}

#[test]
fn steps_move_into_groups_and_out_of_them() {
    let mut draft = draft(json!([{"op": "invert"}, {"op": "one_of", "steps": [{"op": "hue"}]}, {"op": "pad"}]));
    let invert = key(&draft, "invert");
    let mut seen = Vec::new();
    while draft.shift(invert, false) {
        seen.push(ops(&draft.steps));
    }
    assert_eq!(
        seen,
        ["one_of(invert hue) pad", "one_of(hue invert) pad", "one_of(hue) invert pad", "one_of(hue) pad invert",]
    );
    while draft.shift(invert, true) {}
    assert_eq!(ops(&draft.steps), "invert one_of(hue) pad", "and the same way up");
}

#[test]
fn impossible_moves_are_refused() {
    let mut draft =
        draft(json!([{"op": "one_of", "steps": [{"op": "sequence", "steps": [{"op": "hue"}]}]}, {"op": "pad"}]));
    let (outer, inner) = (key(&draft, "one_of"), key(&draft, "sequence"));
    let pad = key(&draft, "pad");
    assert!(!draft.move_to(outer, StepPosition { parent: Some(inner), index: 0 }), "a group cannot move into itself");
    assert!(!draft.move_to(outer, StepPosition { parent: Some(pad), index: 0 }), "a transform is not a group");
    assert!(!draft.move_to(pad, StepPosition { parent: None, index: 2 }), "already there");
    assert!(draft.move_to(pad, StepPosition { parent: Some(inner), index: 1 }), "into a group in a group");
    assert_eq!(ops(&draft.steps), "one_of(sequence(hue pad))");
    let mut at = key(&draft, "hue");
    let mut groups = 2;
    while let Some(group) = draft.wrap(at, "sequence") {
        at = group;
        groups += 1;
        assert!(groups < 20, "nesting is limited");
    }
    assert!(check(&draft.to_json()).is_empty(), "no deeper than recipes may be: {:?}", check(&draft.to_json()));
}

#[test]
fn groups_are_made_changed_and_dissolved() {
    let mut draft = draft(json!([{"op": "hue", "p": 0.5}, {"op": "pad"}]));
    let hue = key(&draft, "hue");
    let group = draft.wrap(hue, "one_of").expect("a group");
    let copy = draft.duplicate(hue).expect("a copy");
    draft.set_weight(copy, Some(json!(3)));
    let json = draft.to_json();
    assert_eq!(json["steps"][0]["weights"], json!([1, 3]));
    assert!(check(&json).is_empty(), "{:?}", check(&json));
    draft.regroup(group, "some_of");
    assert!(draft.to_json()["steps"][0].get("weights").is_none(), "only one_of has weights");
    assert!(draft.dissolve(group), "a group can be dissolved");
    assert_eq!(ops(&draft.steps), "hue hue pad");
    assert_ne!(copy, hue, "a copy has its own key");
}

#[test]
fn a_drag_is_one_undo_step() {
    let mut history = History::new(draft(json!([{"op": "rotate"}])));
    let rotate = key(history.now(), "rotate");
    for degrees in 0..30 {
        history.edit(Some("rotate/degrees"), |draft| draft.set(rotate, "degrees", Some(degrees.into())));
    }
    history.settle();
    history.edit(Some("rotate/degrees"), |draft| draft.set(rotate, "degrees", Some(90.into())));
    assert!(history.undo(), "the second drag");
    assert_eq!(history.now().to_json()["steps"][0]["degrees"], 29);
    assert!(history.undo(), "the first drag");
    assert!(history.now().to_json()["steps"][0].get("degrees").is_none(), "before both");
    assert_eq!(history.can_undo_redo(), (false, true));
    assert!(history.redo() && history.redo() && !history.redo(), "both come back");
    assert_eq!(history.now().to_json()["steps"][0]["degrees"], 90);
    history.edit(None, |draft| draft.set(rotate, "degrees", Some(90.into())));
    assert!(history.undo(), "an edit without changes is not recorded");
    assert_eq!(history.now().to_json()["steps"][0]["degrees"], 29);
}

#[test]
fn text_edits_keep_keys_and_disabled_steps() {
    let mut draft =
        draft(json!([{"op": "invert"}, {"op": "hue"}, {"op": "one_of", "steps": [{"op": "pad"}, {"op": "crop"}]}]));
    let (invert, hue, pad, crop) = (key(&draft, "invert"), key(&draft, "hue"), key(&draft, "pad"), key(&draft, "crop"));
    draft.switch(hue, false);
    draft.switch(pad, false);
    let mut json = draft.to_json();
    json["steps"].as_array_mut().unwrap().insert(0, json!({"op": "shear"}));
    json["steps"][2]["steps"][0]["size"] = json!(0.5);
    let edited = draft.with_json(&json);
    assert_eq!(ops(&edited.steps), "shear invert hue one_of(pad crop)");
    assert_eq!((key(&edited, "invert"), key(&edited, "hue")), (invert, hue));
    assert_eq!((key(&edited, "pad"), key(&edited, "crop")), (pad, crop));
    assert_eq!(edited.to_json(), json);
    assert_ne!(key(&edited, "shear"), invert, "a new step has a new key");
}

#[test]
fn the_label_policy_comes_before_the_steps() {
    let mut draft = draft(json!([]));
    draft.set_policy("min_area", None);
    assert!(draft.to_json().get("labels").is_none(), "nothing to reset");
    draft.set_policy("min_area", Some(json!(4)));
    assert_eq!(draft.to_json().to_string(), r#"{"version":1,"labels":{"min_area":4},"steps":[]}"#);
    assert_eq!(draft.policy("min_area"), Some(&json!(4)));
}

#[test]
fn every_slider_reaches_its_default_and_stays_within_bounds() {
    let mut sliders = 0;
    for descriptor in CATALOG {
        for parameter in descriptor.parameters {
            let default = (parameter.default)();
            let (low, high) = ends(&default);
            let name = format!("{}.{}", descriptor.op, parameter.name);
            let Some(scale) = Scale::of(&parameter.control, &default, (low, high)) else { continue };
            sliders += 1;
            assert!(scale.last() >= 2 && scale.last() <= 1000, "{name}: {} positions", scale.last());
            for value in [low, high] {
                let near = scale.value(scale.position(value));
                assert!((near - value).abs() <= scale.field_step() * 0.51, "{name}: {value} stands at {near}");
            }
            for position in 0..=scale.last() {
                let value = scale.value(position);
                assert!(value >= scale.min && value <= scale.max, "{name}: {value}");
                assert!(!scale.whole || value.fract() == 0.0, "{name}: {value} is not whole");
                assert_eq!(scale.position(value), position, "{name}: {value} comes back");
                assert!(value.to_string().len() <= 7, "{name}: {value} is not round");
            }
            let mut step = json!({"op": descriptor.op});
            step[parameter.name] = match parameter.control {
                Control::Range { .. } | Control::IntRange { .. } => interval(scale.value(0), scale.value(scale.last())),
                _ => super::scale::number(scale.value(scale.last())),
            };
            let problems = check(&json!({"version": 1, "steps": [step]}));
            assert!(problems.is_empty(), "{name}: {problems:?}");
        }
    }
    assert!(sliders > 60, "only {sliders} sliders were tried");
}

#[test]
fn sliders_grow_for_unusual_values() {
    let control = Control::Range { min: -360.0, max: 360.0 };
    let usual = Scale::of(&control, &json!([-15, 15]), (-15.0, 15.0)).unwrap();
    assert_eq!((usual.value(0), usual.value(usual.last())), (-60.0, 60.0));
    let wide = Scale::of(&control, &json!([-15, 15]), (-90.0, 15.0)).unwrap();
    assert_eq!((wide.value(0), wide.value(wide.last())), (-360.0, 360.0));
    let lengths = Scale::of(&Control::Integer { min: 0, max: 65_500 }, &json!(640), (640.0, 640.0)).unwrap();
    assert_eq!(lengths.value(lengths.position(640.0)), 640.0);
    assert_eq!((lengths.value(0), lengths.value(lengths.last())), (0.0, 65_500.0));
    assert_eq!(lengths.read("100000"), Some(65_500.0));
    assert_eq!(usual.read(" −12,5 "), Some(-12.5));
    assert_eq!(usual.read("ten"), None);
    assert_eq!(display(-0.250_01), "−0.25");
    assert_eq!(display(640.0), "640");
}

#[test]
fn recipes_are_formatted_and_pointers_are_found_in_the_text() {
    for builtin in BUILT_IN {
        let recipe: Value = serde_json::from_str(builtin.json).unwrap();
        let written = json_text::pretty(&recipe);
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), recipe, "{}", builtin.name);
        assert!(written.lines().all(|line| line.len() <= 100), "{}:\n{written}", builtin.name);
    }
    let written = "{\"version\": 1,\n  \"é,]\\\"\": [\"}\", {}],\n  \"steps\": [\n    {\"op\": \"hue\"},\n    {\"op\": \"x\", \"degrees\": [3, 1]}]}";
    let line_of = |pointer: &str| {
        let spot = json_text::find(written, pointer);
        (spot.line, spot.column)
    };
    assert_eq!(line_of(""), (1, 1));
    assert_eq!(line_of("/version"), (1, 2));
    assert_eq!(line_of("/steps/0"), (4, 5));
    assert_eq!(line_of("/steps/1/degrees"), (5, 17));
    assert_eq!(line_of("/steps/1/degrees/1"), (5, 32));
    assert_eq!(line_of("/steps/1/missing"), (5, 5), "a missing field is reported at its parent");
    assert_eq!(line_of("/steps/7"), (3, 3));
    let error = serde_json::from_str::<Value>("{\n  \"a\": 1,\n  é\n}").unwrap_err();
    assert_eq!(json_text::syntax_spot("{\n  \"a\": 1,\n  é\n}", error.line(), error.column()).line, 3);
}

#[test]
fn links_round_trip_and_broken_ones_are_refused() {
    for builtin in BUILT_IN {
        let recipe: Value = serde_json::from_str(builtin.json).unwrap();
        let link = link::fragment(&recipe);
        assert!(link.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"#=-_".contains(&byte)), "{link}");
        assert_eq!(link::read(&link), Ok(recipe));
    }
    let link = link::fragment(&json!({"version": 1, "steps": []}));
    assert!(link::read(&link[..link.len() - 3]).is_err(), "a link that was cut");
    assert!(link::read("#recipe=%%%").is_err(), "not base64");
    assert!(link::read(&format!("#recipe={}", "A".repeat(70_000))).is_err(), "too long");
    assert!(link::read("#settings").is_err() && !link::is_recipe("#settings"), "another fragment");
}

#[test]
fn the_command_names_a_builtin_recipe_only_if_it_is_unchanged() {
    let mut recipe: Value = serde_json::from_str(BUILT_IN[0].json).unwrap();
    recipe["seed"] = json!(7);
    let inputs = ["my photos".to_owned(), "-b.zip".to_owned(), "it's".to_owned()];
    let same = |recipe: &Value| command(CommandInput { recipe, inputs: &inputs, labels: None });
    let start = r"delta augment 'my photos' ./-b.zip 'it'\''s' -o out.zip --recipe";
    assert_eq!(same(&recipe), format!("{start} classic --count 5 --seed 7"));
    recipe["output"]["format"] = json!("png");
    assert_eq!(same(&recipe), format!("{start} classic --count 5 --seed 7 --format png"));
    recipe["output"]["include_original"] = json!(true);
    assert!(
        same(&recipe).ends_with(&format!("\nEND_OF_RECIPE\n{start} recipe.json --count 5 --seed 7")),
        "{}",
        same(&recipe)
    );
    recipe["output"]["include_original"] = json!(false);
    recipe["steps"][0]["p"] = json!(0.71);
    let text = same(&recipe);
    let written = text.strip_prefix("cat > recipe.json <<'END_OF_RECIPE'\n").unwrap();
    let (json, _) = written.split_once("END_OF_RECIPE").unwrap();
    assert_eq!(serde_json::from_str::<Value>(json).unwrap(), recipe);
    assert_eq!(
        command(CommandInput { recipe: &json!({"steps": [], "output": {}}), inputs: &[], labels: Some("voc") }),
        "delta augment INPUT -o out.zip --recipe none --format jpeg --quality 90 --labels voc"
    );
}
