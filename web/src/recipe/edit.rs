//! Edits the steps of a recipe: insert, remove, duplicate, move, group, set fields.

use serde_json::{Map, Value};

use super::model::{Draft, DraftStep, Key, at_most};

/// The deepest nesting of groups that a recipe may have.
const MAX_DEPTH: usize = 8;

/// The position of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepPosition {
    /// The group; `None` for the recipe itself.
    pub parent: Option<Key>,
    /// The index in the group.
    pub index: usize,
}

impl Draft {
    /// The position of a step.
    #[must_use]
    pub fn place(&self, key: Key) -> Option<StepPosition> {
        place(&self.steps, None, key)
    }

    /// Inserts a step from JSON.
    pub fn insert(&mut self, step: &Value, at: StepPosition) -> Option<Key> {
        let step = self.read_step(step)?;
        let key = step.key;
        self.put(step, at);
        Some(key)
    }

    /// Removes a step.
    pub fn remove(&mut self, key: Key) -> Option<DraftStep> {
        let StepPosition { parent, index } = self.place(key)?;
        let step = self.list(parent)?.remove(index);
        self.tidy(parent);
        Some(step)
    }

    /// Inserts a copy after a step.
    pub fn duplicate(&mut self, key: Key) -> Option<Key> {
        let StepPosition { parent, index } = self.place(key)?;
        let mut copy = self.find(key)?.clone();
        self.renew(&mut copy);
        let key = copy.key;
        self.put(copy, StepPosition { parent, index: index + 1 });
        Some(key)
    }

    /// Moves a step to a position, counted before it is removed. Does nothing if it would be inside itself or too deep.
    pub fn move_to(&mut self, key: Key, to: StepPosition) -> bool {
        let Some(from) = self.place(key) else { return false };
        let Some(step) = self.find(key) else { return false };
        let inside =
            to.parent.is_some_and(|parent| parent == key || place(std::slice::from_ref(step), None, parent).is_some());
        let depth = to.parent.map_or(0, |parent| self.depth(parent) + 1);
        let known = to.parent.is_none_or(|parent| self.find(parent).is_some_and(|group| group.steps.is_some()));
        if inside || !known || depth + height(step) > MAX_DEPTH {
            return false;
        }
        let shift = usize::from(from.parent == to.parent && from.index < to.index);
        let index = to.index - shift;
        if from.parent == to.parent && from.index == index {
            return false;
        }
        let Some(mut step) = self.remove(key) else { return false };
        if from.parent != to.parent {
            step.weight = None;
        }
        self.put(step, StepPosition { parent: to.parent, index });
        true
    }

    /// Moves a step up or down by one, as displayed: into a group on the way, and out of it at its end.
    pub fn shift(&mut self, key: Key, up: bool) -> bool {
        let Some(StepPosition { parent, index }) = self.place(key) else { return false };
        let siblings = self.children(parent);
        let neighbor = if up { index.checked_sub(1) } else { Some(index + 1) }.and_then(|index| siblings.get(index));
        let to = match neighbor {
            Some(group) if group.steps.is_some() => {
                let end = group.steps.as_ref().map_or(0, Vec::len);
                let into = StepPosition { parent: Some(group.key), index: if up { end } else { 0 } };
                if self.move_to(key, into) {
                    return true;
                }
                // Too deep: skip the group.
                StepPosition { parent, index: if up { index - 1 } else { index + 2 } }
            }
            Some(_) => StepPosition { parent, index: if up { index - 1 } else { index + 2 } },
            None => {
                let Some(group) = parent.and_then(|parent| self.place(parent)) else { return false };
                StepPosition { parent: group.parent, index: if up { group.index } else { group.index + 1 } }
            }
        };
        self.move_to(key, to)
    }

    /// Wraps a step in a group.
    pub fn wrap(&mut self, key: Key, op: &str) -> Option<Key> {
        let at = self.place(key)?;
        if at.parent.map_or(0, |parent| self.depth(parent) + 1) + height(self.find(key)?) >= MAX_DEPTH {
            return None;
        }
        let mut step = self.list(at.parent)?.remove(at.index);
        let mut fields = Map::new();
        fields.insert("op".into(), op.into());
        fields.insert("steps".into(), Value::Null);
        let group =
            DraftStep { key: self.fresh_key(), on: true, fields, weight: step.weight.take(), steps: Some(vec![step]) };
        let key = group.key;
        self.put(group, at);
        Some(key)
    }

    /// Replaces a group by its steps.
    pub fn dissolve(&mut self, key: Key) -> bool {
        let Some(at) = self.place(key) else { return false };
        if self.find(key).is_none_or(|step| step.steps.is_none()) {
            return false;
        }
        let Some(group) = self.remove(key) else { return false };
        for (offset, mut step) in group.steps.into_iter().flatten().enumerate() {
            step.weight = None;
            self.put(step, StepPosition { parent: at.parent, index: at.index + offset });
        }
        true
    }

    /// Sets a field of a step; `None` resets it to its default.
    pub fn set(&mut self, key: Key, name: &str, value: Option<Value>) {
        let Some(step) = self.step_mut(key) else { return };
        match value {
            Some(value) => {
                // The probability comes after the name, as in the built-in recipes.
                if name == "p" && !step.fields.contains_key("p") {
                    step.fields.shift_insert(1, name.into(), value);
                } else {
                    step.fields.insert(name.into(), value);
                }
            }
            None => {
                step.fields.shift_remove(name);
            }
        }
    }

    /// Changes the kind of a group: only its `op`.
    pub fn regroup(&mut self, key: Key, op: &str) {
        let Some(step) = self.step_mut(key) else { return };
        step.fields.insert("op".into(), op.into());
        if op != "some_of" {
            step.fields.shift_remove("count");
        }
        if op != "one_of" {
            step.fields.shift_remove("weights");
            for step in step.steps.iter_mut().flatten() {
                step.weight = None;
            }
        }
    }

    /// Sets the weight of a step in a `one_of`.
    pub fn set_weight(&mut self, key: Key, weight: Option<Value>) {
        if let Some(step) = self.step_mut(key) {
            step.weight = weight;
        }
    }

    /// Switches a step on or off.
    pub fn switch(&mut self, key: Key, on: bool) {
        if let Some(step) = self.step_mut(key) {
            step.on = on;
        }
    }

    /// Sets a field of the label policy; `None` resets it to its default.
    pub fn set_policy(&mut self, name: &str, value: Option<Value>) {
        if !self.fields.get("labels").is_some_and(Value::is_object) {
            if value.is_none() {
                return;
            }
            // Before the steps, as in the built-in recipes.
            let before = self.fields.keys().position(|name| name == "steps").unwrap_or(self.fields.len());
            self.fields.shift_insert(before, "labels".into(), Value::Object(Map::new()));
        }
        let Some(labels) = self.fields.get_mut("labels").and_then(Value::as_object_mut) else { return };
        match value {
            Some(value) => drop(labels.insert(name.into(), value)),
            None => drop(labels.shift_remove(name)),
        }
    }

    fn put(&mut self, step: DraftStep, at: StepPosition) {
        if let Some(list) = self.list(at.parent) {
            list.insert(at.index.min(list.len()), step);
        }
    }

    fn list(&mut self, parent: Option<Key>) -> Option<&mut Vec<DraftStep>> {
        match parent {
            None => Some(&mut self.steps),
            Some(key) => self.step_mut(key)?.steps.as_mut(),
        }
    }

    fn step_mut(&mut self, key: Key) -> Option<&mut DraftStep> {
        find_mut(&mut self.steps, key)
    }

    /// The number of groups around a step.
    fn depth(&self, key: Key) -> usize {
        let mut depth = 0;
        let mut at = self.place(key).and_then(|place| place.parent);
        while let Some(parent) = at {
            depth += 1;
            at = self.place(parent).and_then(|place| place.parent);
        }
        depth
    }

    fn renew(&mut self, step: &mut DraftStep) {
        step.key = self.fresh_key();
        for child in step.steps.iter_mut().flatten() {
            self.renew(child);
        }
    }

    /// A group cannot pick more steps than it has.
    fn tidy(&mut self, parent: Option<Key>) {
        let Some(group) = parent.and_then(|key| self.step_mut(key)) else { return };
        let most = group.steps.as_ref().map_or(0, Vec::len);
        if let Some(count) = group.fields.get_mut("count") {
            *count = at_most(count, most);
        }
    }
}

/// The levels of groups in a step: 0 for a transform.
fn height(step: &DraftStep) -> usize {
    step.steps.as_ref().map_or(0, |steps| 1 + steps.iter().map(height).max().unwrap_or(0))
}

fn place(steps: &[DraftStep], parent: Option<Key>, key: Key) -> Option<StepPosition> {
    steps.iter().enumerate().find_map(|(index, step)| {
        if step.key == key {
            return Some(StepPosition { parent, index });
        }
        place(step.steps.as_deref().unwrap_or_default(), Some(step.key), key)
    })
}

fn find_mut(steps: &mut [DraftStep], key: Key) -> Option<&mut DraftStep> {
    steps.iter_mut().find_map(|step| {
        if step.key == key { Some(step) } else { step.steps.as_deref_mut().and_then(|steps| find_mut(steps, key)) }
    })
}
