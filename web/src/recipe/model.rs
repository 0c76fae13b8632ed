//! The model of the recipe editor: steps with stable keys, including disabled steps, and their JSON.

use serde_json::{Map, Value};

/// Identifies a step in the editor.
pub type Key = u32;

/// A step: a transform or a group.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftStep {
    /// Its key.
    pub key: Key,
    /// Whether it is enabled.
    pub on: bool,
    /// Its JSON fields. A group's `steps` and `weights` are placeholders that keep their order.
    pub fields: Map<String, Value>,
    /// The steps of a group.
    pub steps: Option<Vec<Self>>,
    /// Its weight in a `one_of`, if it has one.
    pub weight: Option<Value>,
}

/// A recipe in the editor, without seed, count and output.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The recipe's other fields, such as `labels`.
    pub fields: Map<String, Value>,
    /// The steps in order.
    pub steps: Vec<DraftStep>,
    /// The next free key.
    pub(super) next: Key,
}

/// The fields that are kept elsewhere.
const ELSEWHERE: [&str; 3] = ["seed", "count", "output"];

impl DraftStep {
    /// The name of the transform or group.
    #[must_use]
    pub fn op(&self) -> &str {
        self.fields.get("op").and_then(Value::as_str).unwrap_or_default()
    }

    /// The probability.
    #[must_use]
    pub fn probability(&self) -> f64 {
        self.fields.get("p").and_then(Value::as_f64).unwrap_or(1.0)
    }

    /// The weight in a `one_of`.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.weight.as_ref().and_then(Value::as_f64).unwrap_or(1.0)
    }

    /// The steps of a group that run.
    pub fn running(&self) -> impl Iterator<Item = &Self> {
        self.steps.iter().flatten().filter(|step| step.runs())
    }

    /// Whether it runs: a group without a running step does not.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.on && (self.steps.is_none() || self.running().next().is_some())
    }

    /// The JSON without disabled steps.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Some(all) = &self.steps else { return Value::Object(self.fields.clone()) };
        let running: Vec<&Self> = self.running().collect();
        let whole = running.len() == all.len();
        let weights: Option<Vec<Value>> = (self.op() == "one_of" && running.iter().any(|step| step.weight.is_some()))
            .then(|| running.iter().map(|step| step.weight.clone().unwrap_or_else(|| 1.into())).collect());
        let mut fields = Map::new();
        for (name, value) in &self.fields {
            match name.as_str() {
                "weights" => {
                    if let Some(weights) = &weights {
                        fields.insert(name.clone(), weights.clone().into());
                    }
                }
                "steps" => {
                    if let (Some(weights), false) = (&weights, self.fields.contains_key("weights")) {
                        fields.insert("weights".into(), weights.clone().into());
                    }
                    fields.insert(name.clone(), running.iter().map(|step| step.to_json()).collect());
                }
                "count" if !whole => {
                    fields.insert(name.clone(), at_most(value, running.len()));
                }
                _ => {
                    fields.insert(name.clone(), value.clone());
                }
            }
        }
        Value::Object(fields)
    }
}

impl Draft {
    /// Parses a recipe. Invalid steps are left out, so check it first.
    #[must_use]
    pub fn from_json(recipe: &Value) -> Self {
        Self::begin(recipe, 1)
    }

    fn begin(recipe: &Value, next: Key) -> Self {
        let mut draft = Self { fields: recipe.as_object().cloned().unwrap_or_default(), steps: Vec::new(), next };
        for name in ELSEWHERE {
            draft.fields.shift_remove(name);
        }
        let steps = draft.fields.get_mut("steps").map_or(Value::Null, Value::take);
        draft.steps = draft.read(&steps);
        draft
    }

    /// Another recipe in place of this one; keys are not reused.
    #[must_use]
    pub fn replaced_by(&self, recipe: &Value) -> Self {
        Self::begin(recipe, self.next)
    }

    /// Applies edited JSON; steps that still exist keep their keys, and disabled ones their places.
    #[must_use]
    pub fn with_json(&self, recipe: &Value) -> Self {
        let mut draft = self.replaced_by(recipe);
        draft.steps = merged(&self.steps, std::mem::take(&mut draft.steps));
        draft
    }

    /// The JSON of what runs, without disabled steps, seed, count and output.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut fields = self.fields.clone();
        let steps: Vec<Value> = self.steps.iter().filter(|step| step.runs()).map(DraftStep::to_json).collect();
        fields.insert("steps".into(), steps.into());
        Value::Object(fields)
    }

    /// The step with a key.
    #[must_use]
    pub fn find(&self, key: Key) -> Option<&DraftStep> {
        find(&self.steps, key)
    }

    /// The steps of a group, or of the recipe.
    #[must_use]
    pub fn children(&self, parent: Option<Key>) -> &[DraftStep] {
        match parent {
            None => &self.steps,
            Some(key) => self.find(key).and_then(|step| step.steps.as_deref()).unwrap_or_default(),
        }
    }

    /// A field of the label policy.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<&Value> {
        self.fields.get("labels").and_then(|labels| labels.get(name))
    }

    pub(super) fn fresh_key(&mut self) -> Key {
        let key = self.next;
        self.next += 1;
        key
    }

    pub(super) fn read(&mut self, steps: &Value) -> Vec<DraftStep> {
        let steps = steps.as_array().map(Vec::as_slice).unwrap_or_default();
        steps.iter().filter_map(|step| self.read_step(step)).collect()
    }

    pub(super) fn read_step(&mut self, step: &Value) -> Option<DraftStep> {
        let mut fields = step.as_object()?.clone();
        let key = self.fresh_key();
        let group = fields.get("op").and_then(Value::as_str).is_some_and(is_group);
        let steps = if group {
            let steps = fields.entry("steps").or_insert(Value::Null).take();
            let mut steps = self.read(&steps);
            let weights = fields.get_mut("weights").map_or(Value::Null, Value::take);
            for (step, weight) in steps.iter_mut().zip(weights.as_array().into_iter().flatten()) {
                step.weight = Some(weight.clone());
            }
            Some(steps)
        } else {
            None
        };
        Some(DraftStep { key, on: true, fields, steps, weight: None })
    }
}

/// Whether an op is a group.
#[must_use]
pub fn is_group(op: &str) -> bool {
    matches!(op, "one_of" | "some_of" | "sequence")
}

/// Limits an integer or an interval of integers.
pub(super) fn at_most(value: &Value, most: usize) -> Value {
    let cut = |value: &Value| match value.as_u64() {
        Some(number) if number > most as u64 => most.into(),
        _ => value.clone(),
    };
    match value.as_array() {
        Some(ends) => ends.iter().map(cut).collect(),
        None => cut(value),
    }
}

fn find(steps: &[DraftStep], key: Key) -> Option<&DraftStep> {
    steps.iter().find_map(|step| {
        if step.key == key { Some(step) } else { step.steps.as_deref().and_then(|steps| find(steps, key)) }
    })
}

/// New steps with the keys of equal old ones; disabled old steps return to their places.
fn merged(old: &[DraftStep], new: Vec<DraftStep>) -> Vec<DraftStep> {
    let mut result = Vec::new();
    let mut rest = old;
    for mut step in new {
        if let Some(index) = rest.iter().position(|twin| twin.runs() && twin.op() == step.op()) {
            let (before, twin) = (&rest[..index], &rest[index]);
            result.extend(before.iter().filter(|step| !step.runs()).cloned());
            rest = &rest[index + 1..];
            step.key = twin.key;
            if let (Some(was), Some(now)) = (&twin.steps, step.steps.take()) {
                step.steps = Some(merged(was, now));
            }
        }
        result.push(step);
    }
    result.extend(rest.iter().filter(|step| !step.runs()).cloned());
    result
}
