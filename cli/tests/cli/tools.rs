//! `delta recipe`, `delta catalog`, and bad command lines.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use crate::support::{dataset, delta, run, run_well};

#[test]
fn built_in_recipes_are_listed_shown_and_good() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let list = run_well(at, "recipe list").out;
    for name in ["classic", "flip-vertical", "classification", "detection", "segmentation", "none"] {
        assert!(list.lines().any(|line| line.starts_with(name)), "{name} is not listed");
        fs::write(at.join("r.json"), run_well(at, &format!("recipe show {name}")).out).unwrap();
        run_well(at, "recipe check r.json");
    }
    assert_eq!(run(at, "recipe show baroque").code, 2);
    let schema: serde_json::Value = run_well(at, "recipe schema").json();
    assert_eq!(schema["properties"]["version"]["const"], 1);
}

#[test]
fn every_problem_of_a_recipe_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 1);
    let recipe = r#"{"version": 1, "cuont": 2, "steps": [{"op": "rotate", "degrees": [9, 2]}, {"op": "one_of", "steps": [{"op": "sharpn"}]}]}"#;
    fs::write(at.join("r.json"), recipe).unwrap();
    let said = run(at, "recipe check r.json");
    assert_eq!(said.code, 2, "{said:?}");
    for place in ["/cuont", "/steps/0/degrees", "/steps/1/steps/0"] {
        assert!(said.err.lines().any(|line| line.contains(&format!("r.json: {place}"))), "{place}: {said:?}");
    }
    let said = run(at, "augment data -o out.zip --recipe r.json");
    assert!(said.code == 2 && said.err.contains("/steps/0/degrees"), "{said:?}");
    let said = run(at, "augment data -o out.zip --recipe classics");
    assert!(said.code == 2 && said.err.contains("classic, "), "the built-in ones are named: {said:?}");
}

#[test]
fn the_catalog_is_for_people_and_for_programs() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let text = run_well(at, "catalog").out;
    let json = run_well(at, "catalog --json").json();
    let rotate = json.as_array().unwrap().iter().find(|transform| transform["op"] == "rotate").unwrap();
    assert_eq!(rotate["kind"], "geometric");
    let degrees =
        rotate["parameters"].as_array().unwrap().iter().find(|parameter| parameter["name"] == "degrees").unwrap();
    assert_eq!((degrees["unit"].as_str(), degrees["control"].as_str()), (Some("°"), Some("range")));
    assert!(degrees["min"].is_number() && degrees["max"].is_number() && degrees["default"].is_array(), "{degrees}");
    for transform in json.as_array().unwrap() {
        let op = transform["op"].as_str().unwrap();
        assert!(text.contains(&format!("\n  {op}: ")), "{op} is not in the table");
    }
}

#[test]
fn bad_command_lines_are_refused_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    dataset(at, 1);
    for arguments in [
        "augment data",
        "augment -o out.zip",
        "augment data -o out.zip --count 0",
        "augment data -o out.zip --quality 101",
        "augment data -o out.zip --seed 9007199254740992",
        "augment data -o out.zip --labels pascal",
        "replay out.zip -o x",
        "verify out.zip",
        "dance",
    ] {
        let said = run(at, arguments);
        assert_eq!(said.code, 2, "{arguments}: {said:?}");
        assert!(!at.join("out.zip").exists(), "{arguments}");
    }
    let help = run_well(at, "augment --help").out;
    assert!(help.contains("--contact-sheet") && help.contains("Examples:"), "{help}");
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let mut child = delta().args(["catalog", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(child.wait().unwrap().code().is_some(), "it ends by itself");
    assert_eq!(errors, "", "and quietly");
}

#[test]
fn a_sample_is_drawn_in_every_format_and_can_be_augmented() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for labels in ["voc", "yolo", "coco"] {
        run_well(at, &format!("sample -o {labels} --count 3 --labels {labels}"));
        let json = run_well(at, &format!("augment {labels} -o {labels}.zip --seed 1 --json")).json();
        assert_eq!((json["sources"].as_u64(), json["labels"]["format"].as_str()), (Some(3), Some(labels)));
        assert!(json["labels"]["kept"].as_u64() > Some(3), "{json}");
    }
    assert_eq!(run(at, "sample -o voc").code, 2, "the folder is not empty");
}

#[test]
fn shells_and_manuals_know_every_command() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let said = run_well(folder.path(), &format!("completions {shell}"));
        assert!(said.out.contains("augment") && said.out.contains("keep-truncated"), "{shell}: {said:?}");
    }
    run_well(folder.path(), "man pages");
    let page = std::fs::read_to_string(folder.path().join("pages/delta-augment.1")).unwrap();
    assert!(page.contains("keep") && page.contains("Examples"), "options and examples: {page}");
    assert!(folder.path().join("pages/delta.1").is_file(), "the page about all commands");
}
