//! Every example of every transform, and every built-in recipe, over a picture of each kind.

use augment_core::plan::{BUILT_IN, Recipe};
use augment_core::transforms::{CATALOG, Kind};

use crate::Golden;
use crate::scene::Scene;

/// One file for each transform, so that a change shows where it is.
pub(crate) fn add_transforms(goldens: &mut Vec<Golden>) {
    let scenes = Scene::all();
    for descriptor in CATALOG {
        let file = format!("transforms/{}", descriptor.op);
        for (number, example) in descriptor.examples.iter().enumerate() {
            let json = recipe_of(descriptor.op, example);
            add_recipe(goldens, &file, &format!("example{number}"), &json, 1, &scenes);
        }
    }
}

/// Whole recipes: fusion, groups and the filter at the end.
pub(crate) fn add_recipes(goldens: &mut Vec<Golden>) {
    let scenes = Scene::all();
    for recipe in BUILT_IN {
        add_recipe(goldens, "recipes", recipe.name, recipe.json, 3, &scenes);
    }
}

/// Oriented boxes through every map.
pub(crate) fn add_oriented(goldens: &mut Vec<Golden>) {
    let scenes = [Scene::oriented()];
    for descriptor in CATALOG.iter().filter(|descriptor| descriptor.kind == Kind::Geometric) {
        for (number, example) in descriptor.examples.iter().enumerate() {
            let case = format!("{}.example{number}", descriptor.op);
            add_recipe(goldens, "oriented", &case, &recipe_of(descriptor.op, example), 1, &scenes);
        }
    }
}

/// A recipe of one step.
fn recipe_of(op: &str, example: &str) -> String {
    let parameters = example.trim().trim_start_matches('{').trim_end_matches('}').trim();
    let comma = if parameters.is_empty() { "" } else { ", " };
    format!(r#"{{"version": 1, "seed": 7, "count": 1, "steps": [{{"op": "{op}"{comma}{parameters}}}]}}"#)
}

fn add_recipe(goldens: &mut Vec<Golden>, file: &str, case: &str, json: &str, copies: u32, scenes: &[Scene]) {
    let recipe = match Recipe::parse(json) {
        Ok(recipe) => recipe,
        Err(problems) => {
            goldens.push(Golden::broken(file, case, &format!("{problems:?}")));
            return;
        }
    };
    for scene in scenes {
        for copy in 0..copies {
            let case = format!("{case}.{}.{copy}", scene.name);
            match scene.augmented(&recipe, copy, scenes) {
                Ok(outcome) => {
                    goldens.push(Golden::of(file, &format!("{case}.plan"), &outcome.plan));
                    goldens.push(Golden::of(file, &format!("{case}.pixels"), &outcome.pixels));
                    goldens.push(Golden::of(file, &format!("{case}.labels"), &outcome.labels));
                }
                Err(error) => goldens.push(Golden::broken(file, &case, &error)),
            }
        }
    }
}
