//! A recipe from its JSON: checked first, then built with its transforms configured.

use std::collections::BTreeMap;

use serde_json::Value;

use super::check::{RecipeProblem, check};
use super::recipe::{Group, Recipe, Step, StepBody};
use super::split::SplitChoice;
use crate::error::{Error, ErrorKind, Result};
use crate::sampling::{IntRange, StepIdentity};
use crate::transforms;

impl Recipe {
    /// Reads a recipe from JSON text.
    ///
    /// # Errors
    /// Every problem found, each with a JSON pointer to its place.
    pub fn parse(text: &str) -> std::result::Result<Self, Vec<RecipeProblem>> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| vec![RecipeProblem { pointer: String::new(), message: format!("not JSON: {error}") }])?;
        Self::from_value(value)
    }

    /// Reads a recipe from a JSON value.
    ///
    /// # Errors
    /// As [`Recipe::parse`].
    pub fn from_value(value: Value) -> std::result::Result<Self, Vec<RecipeProblem>> {
        let problems = check(&value);
        if !problems.is_empty() {
            return Err(problems);
        }
        Self::build(value).map_err(|error| vec![RecipeProblem { pointer: String::new(), message: error.to_string() }])
    }

    fn build(mut value: Value) -> Result<Self> {
        let steps_json = value.get_mut("steps").map_or_else(|| Value::Array(Vec::new()), Value::take);
        let mut ordinals = BTreeMap::new();
        let steps = build_steps(&steps_json, &mut ordinals)?;
        Ok(Self {
            seed: value.get("seed").and_then(Value::as_u64),
            count: value.get("count").and_then(Value::as_u64).map_or(1, |count| count as u32),
            augment: choice(&value),
            input: section(&value, "input")?,
            output: section(&value, "output")?,
            labels: section(&value, "labels")?,
            steps,
            draws_mirrors: true,
            steps_json,
        })
    }
}

/// Which splits are augmented.
fn choice(value: &Value) -> SplitChoice {
    value.get("augment").and_then(Value::as_str).and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn section<T: Default + serde::de::DeserializeOwned>(value: &Value, name: &str) -> Result<T> {
    let Some(section) = value.get(name) else { return Ok(T::default()) };
    serde_json::from_value(section.clone())
        .map_err(|error| Error::new(ErrorKind::Recipe, error.to_string()).within(name))
}

fn build_steps(steps: &Value, ordinals: &mut BTreeMap<&'static str, u32>) -> Result<Vec<Step>> {
    steps.as_array().into_iter().flatten().map(|step| build_step(step, ordinals)).collect()
}

fn build_step(step: &Value, ordinals: &mut BTreeMap<&'static str, u32>) -> Result<Step> {
    let name = step["op"].as_str().unwrap_or_default();
    let entry = transforms::find(name);
    let op: &'static str = entry
        .map(|entry| entry.descriptor.op)
        .or_else(|| Group::NAMES.iter().copied().find(|group| *group == name))
        .ok_or_else(|| Error::new(ErrorKind::Recipe, format!("there is no transform '{name}'")))?;
    let count = ordinals.entry(op).or_insert(0);
    let identity = StepIdentity { op, ordinal: *count };
    *count += 1;
    let body = if let Some(entry) = entry {
        let mut parameters = step.as_object().cloned().unwrap_or_default();
        parameters.remove("op");
        parameters.remove("p");
        StepBody::Transform {
            configured: entry.configure(Value::Object(parameters))?,
            needs_labels: entry.needs_labels,
        }
    } else {
        let children = build_steps(&step["steps"], ordinals)?;
        StepBody::Group(build_group(op, step, children.len()), children)
    };
    Ok(Step { identity, probability: step["p"].as_f64().unwrap_or(1.0), body })
}

fn build_group(op: &str, step: &Value, children: usize) -> Group {
    match op {
        "one_of" => Group::OneOf(match step["weights"].as_array() {
            Some(weights) => weights.iter().filter_map(Value::as_f64).collect(),
            None => vec![1.0; children],
        }),
        "some_of" => Group::SomeOf(
            serde_json::from_value(step["count"].clone()).unwrap_or_else(|_| IntRange::new(1, children.max(1) as i64)),
        ),
        _ => Group::Sequence,
    }
}
