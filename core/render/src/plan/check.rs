//! Checks a recipe's JSON against the catalog, and names every problem with its place.

use serde_json::{Map, Value};

use super::recipe::{Group, MAX_COUNT, MAX_SEED, OutputFormat};
use super::split::{NO_SPLITS, SplitChoice};
use crate::error::{Error, ErrorKind};
use crate::reading::LevelRange;
use crate::transforms::{CATALOG, Control, Parameter};

/// Groups inside groups at most.
const MAX_DEPTH: usize = 8;
/// Steps of a recipe at most, those in groups included.
const MAX_STEPS: usize = 200;

/// Something wrong with a recipe.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RecipeProblem {
    /// Where: a JSON pointer (RFC 6901), empty for the recipe as a whole.
    pub pointer: String,
    /// What, in words for the user.
    pub message: String,
}

impl std::fmt::Display for RecipeProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        f.write_str(&self.message)
    }
}

impl From<Vec<RecipeProblem>> for Error {
    /// All problems as one error, one a line.
    fn from(problems: Vec<RecipeProblem>) -> Self {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Self::new(ErrorKind::Recipe, lines.join("\n"))
    }
}

/// All problems of a recipe's JSON, by the catalog alone: no transform is reached, so a page can check without them.
#[must_use]
pub fn check(recipe: &Value) -> Vec<RecipeProblem> {
    let mut checker = Checker { problems: Vec::new(), steps: 0 };
    checker.recipe(recipe);
    checker.problems
}

struct Checker {
    problems: Vec<RecipeProblem>,
    steps: usize,
}

impl Checker {
    fn say(&mut self, pointer: &str, message: impl Into<String>) {
        self.problems.push(RecipeProblem { pointer: pointer.into(), message: message.into() });
    }

    fn object<'v>(&mut self, value: &'v Value, at: &str, known: &[&str]) -> Option<&'v Map<String, Value>> {
        let Some(object) = value.as_object() else {
            self.say(at, "expected an object { … }");
            return None;
        };
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            self.say(&format!("{at}/{name}"), format!("unknown field '{name}'; known here: {}", known.join(", ")));
        }
        Some(object)
    }

    fn recipe(&mut self, recipe: &Value) {
        let Some(fields) =
            self.object(recipe, "", &["version", "seed", "count", "augment", "input", "output", "labels", "steps"])
        else {
            return;
        };
        match fields.get("version") {
            Some(version) if version.as_u64() == Some(1) => {}
            Some(version) => self.say("/version", format!("this program reads version 1, not {version}")),
            None => self.say("", "the field 'version' is missing; write \"version\": 1"),
        }
        self.whole(fields, "", "seed", 0, MAX_SEED as i64);
        self.whole(fields, "", "count", 1, MAX_COUNT as i64);
        if let Some(augment) = fields.get("augment")
            && let Err(why) =
                augment.as_str().map_or_else(|| Err(NO_SPLITS.to_owned()), |text| text.parse::<SplitChoice>())
        {
            self.say("/augment", why);
        }
        if let Some(input) = fields.get("input") {
            self.input(input);
        }
        if let Some(output) = fields.get("output") {
            self.output(output);
        }
        if let Some(labels) = fields.get("labels") {
            self.labels(labels);
        }
        match fields.get("steps") {
            Some(steps) => self.steps(steps, "/steps", 0),
            None => self.say("", "the field 'steps' is missing; an empty list makes plain copies"),
        }
    }

    fn input(&mut self, input: &Value) {
        let Some(fields) = self.object(input, "/input", &["range", "keep_truncated"]) else { return };
        if let Some(Err(problem)) = fields.get("range").map(|range| LevelRange::try_from(range.clone())) {
            self.say("/input/range", problem);
        }
        if let Some(value) = fields.get("keep_truncated") {
            self.control(value, "/input/keep_truncated", &Control::Flag);
        }
    }

    fn output(&mut self, output: &Value) {
        let known = &["format", "quality", "subsampling", "compression", "background", "include_original"];
        let Some(fields) = self.object(output, "/output", known) else { return };
        self.choice(fields, "/output", "format", OutputFormat::NAMES);
        self.whole(fields, "/output", "quality", 1, 100);
        self.choice(fields, "/output", "subsampling", &["4:2:0", "4:2:2", "4:4:4"]);
        self.choice(fields, "/output", "compression", &["fast", "small"]);
        if let Some(value) = fields.get("background") {
            self.control(value, "/output/background", &Control::Color);
        }
        if let Some(value) = fields.get("include_original") {
            self.control(value, "/output/include_original", &Control::Flag);
        }
    }

    fn labels(&mut self, labels: &Value) {
        let known = &["min_visibility", "min_area", "box_mode", "mirrored", "flip_unpaired", "mask_fill"];
        let Some(fields) = self.object(labels, "/labels", known) else { return };
        for (name, max) in [("min_visibility", 1.0), ("min_area", 1e12)] {
            if let Some(value) = fields.get(name) {
                self.control(value, &format!("/labels/{name}"), &Control::Number { min: 0.0, max });
            }
        }
        self.choice(fields, "/labels", "box_mode", &["ellipse", "corners"]);
        self.choice(fields, "/labels", "mirrored", &["leave", "label"]);
        if let Some(value) = fields.get("flip_unpaired") {
            self.control(value, "/labels/flip_unpaired", &Control::Flag);
        }
        if let Some(value) = fields.get("mask_fill") {
            self.control(value, "/labels/mask_fill", &Control::Fill);
        }
    }

    fn steps(&mut self, steps: &Value, at: &str, depth: usize) {
        let Some(steps) = steps.as_array() else {
            self.say(at, "expected a list of steps [ … ]");
            return;
        };
        if depth > MAX_DEPTH {
            self.say(at, format!("groups lie more than {MAX_DEPTH} deep"));
            return;
        }
        self.steps += steps.len();
        if self.steps > MAX_STEPS {
            self.say(at, format!("more than {MAX_STEPS} steps"));
            return;
        }
        for (i, step) in steps.iter().enumerate() {
            self.step(step, &format!("{at}/{i}"), depth);
        }
    }

    fn step(&mut self, step: &Value, at: &str, depth: usize) {
        let Some(op) = step.get("op").and_then(Value::as_str) else {
            self.say(at, "a step is an object with the field 'op': the name of a transform or group");
            return;
        };
        if let Some(descriptor) = CATALOG.iter().find(|descriptor| descriptor.op == op) {
            let parameters = descriptor.parameters;
            let known: Vec<&str> = ["op", "p"].into_iter().chain(parameters.iter().map(|p| p.name)).collect();
            let Some(fields) = self.object(step, at, &known) else { return };
            self.probability(fields, at);
            self.parameters(fields, at, parameters);
        } else if Group::NAMES.contains(&op) {
            self.group(op, step, at, depth);
        } else {
            let hint = nearest(op).map_or_else(String::new, |name| format!("; did you mean '{name}'?"));
            self.say(&format!("{at}/op"), format!("there is no transform '{op}'{hint}"));
        }
    }

    fn parameters(&mut self, fields: &Map<String, Value>, at: &str, parameters: &[Parameter]) {
        for parameter in parameters {
            if let Some(value) = fields.get(parameter.name) {
                self.control(value, &format!("{at}/{}", parameter.name), &parameter.control);
            }
        }
    }

    fn group(&mut self, op: &str, step: &Value, at: &str, depth: usize) {
        let own = match op {
            "one_of" => Some("weights"),
            "some_of" => Some("count"),
            _ => None,
        };
        let known: Vec<&str> = ["op", "p", "steps"].into_iter().chain(own).collect();
        let Some(fields) = self.object(step, at, &known) else { return };
        self.probability(fields, at);
        let children = step["steps"].as_array().map_or(0, Vec::len);
        if children == 0 {
            self.say(at, format!("'{op}' needs a list of steps that is not empty"));
        }
        if let Some(steps) = fields.get("steps") {
            self.steps(steps, &format!("{at}/steps"), depth + 1);
        }
        if let Some(weights) = fields.get("weights") {
            let numbers: Vec<f64> = weights.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
            let usable = numbers.iter().all(|w| w.is_finite() && *w >= 0.0) && numbers.iter().any(|w| *w > 0.0);
            if numbers.len() != children || weights.as_array().map(Vec::len) != Some(children) || !usable {
                self.say(&format!("{at}/weights"), format!("expected {children} numbers from 0 up, not all of them 0"));
            }
        }
        if let Some(count) = fields.get("count") {
            self.control(count, &format!("{at}/count"), &Control::IntRange { min: 0, max: children as i64 });
        }
    }

    fn probability(&mut self, fields: &Map<String, Value>, at: &str) {
        if let Some(p) = fields.get("p") {
            self.control(p, &format!("{at}/p"), &Control::Number { min: 0.0, max: 1.0 });
        }
    }

    fn whole(&mut self, fields: &Map<String, Value>, at: &str, name: &str, min: i64, max: i64) {
        if let Some(value) = fields.get(name) {
            self.control(value, &format!("{at}/{name}"), &Control::Integer { min, max });
        }
    }

    fn choice(&mut self, fields: &Map<String, Value>, at: &str, name: &str, words: &'static [&'static str]) {
        if let Some(value) = fields.get(name) {
            self.control(value, &format!("{at}/{name}"), &Control::Choice(words));
        }
    }

    fn control(&mut self, value: &Value, at: &str, control: &Control) {
        let fits = match *control {
            Control::Number { min, max } => number_within(value, min, max),
            Control::Integer { min, max } => whole_within(value, min, max),
            Control::Range { min, max } => interval(value, |end| number_within(end, min, max)),
            Control::IntRange { min, max } => interval(value, |end| whole_within(end, min, max)),
            Control::Choice(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Control::Color => levels(value, &[3]),
            Control::Fill => levels(value, &[3, 4]),
            Control::Flag => value.is_boolean(),
        };
        if !fits {
            self.say(at, format!("{value} does not fit: expected {}", control.expectation()));
        }
    }
}

impl Control {
    /// What it takes, in words.
    #[must_use]
    pub fn expectation(&self) -> String {
        match self {
            Self::Number { min, max } => format!("a number from {min} to {max}"),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Range { min, max } => format!("a number, or [low, high], from {min} to {max}"),
            Self::IntRange { min, max } => format!("a whole number, or [low, high], from {min} to {max}"),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Color => "[red, green, blue], each from 0 to 255, or one such number for a gray".into(),
            Self::Fill => {
                "[red, green, blue] or [red, green, blue, alpha], each from 0 to 255, or one such number for a gray"
                    .into()
            }
            Self::Flag => "true or false".into(),
        }
    }
}

fn number_within(value: &Value, min: f64, max: f64) -> bool {
    value.as_f64().is_some_and(|v| v.is_finite() && v >= min && v <= max)
}

fn whole_within(value: &Value, min: i64, max: i64) -> bool {
    value.as_i64().is_some_and(|v| v >= min && v <= max)
}

/// A level, or as many of them as one of some counts.
fn levels(value: &Value, counts: &[usize]) -> bool {
    let level = |value: &Value| whole_within(value, 0, 255);
    level(value) || value.as_array().is_some_and(|levels| counts.contains(&levels.len()) && levels.iter().all(level))
}

fn interval(value: &Value, fits: impl Fn(&Value) -> bool) -> bool {
    match value.as_array().map(Vec::as_slice) {
        Some([low, high]) => fits(low) && fits(high) && low.as_f64() <= high.as_f64(),
        Some(_) => false,
        None => fits(value),
    }
}

/// The name most like a wrong one, if any is close.
fn nearest(op: &str) -> Option<&'static str> {
    let names = CATALOG.iter().map(|d| d.op).chain(Group::NAMES.iter().copied());
    names
        .map(|name| (edit_distance(op, name), name))
        .min()
        .filter(|(d, name)| *d <= name.len() / 3)
        .map(|(_, name)| name)
}

/// Insertions, deletions and replacements from one word to the other (Wagner & Fischer 1974).
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
