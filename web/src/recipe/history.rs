//! Undo and redo: earlier and later versions of the recipe.

use super::model::Draft;

/// The most versions to keep.
const MOST: usize = 200;

/// The current recipe and its history.
#[derive(Clone, Debug)]
pub struct History {
    now: Draft,
    past: Vec<Draft>,
    future: Vec<Draft>,
    gesture: Option<String>,
}

impl History {
    /// A history that starts with a recipe.
    #[must_use]
    pub const fn new(now: Draft) -> Self {
        Self { now, past: Vec::new(), future: Vec::new(), gesture: None }
    }

    /// The current recipe.
    #[must_use]
    pub const fn now(&self) -> &Draft {
        &self.now
    }

    /// Changes the recipe. Consecutive changes of one gesture, such as dragging a slider, are one entry until
    /// [`History::settle`].
    pub fn edit<T>(&mut self, gesture: Option<&str>, change: impl FnOnce(&mut Draft) -> T) -> T {
        let before = self.now.clone();
        let result = change(&mut self.now);
        if self.now == before {
            return result;
        }
        if gesture.is_none() || self.gesture.as_deref() != gesture {
            self.past.push(before);
            if self.past.len() > MOST {
                self.past.remove(0);
            }
        }
        self.gesture = gesture.map(Into::into);
        self.future.clear();
        result
    }

    /// Ends a gesture: the next change is an entry of its own.
    pub fn settle(&mut self) {
        self.gesture = None;
    }

    /// Undoes one change.
    pub fn undo(&mut self) -> bool {
        self.settle();
        let Some(mut before) = self.past.pop() else { return false };
        // Keys are never reused, so that a step inserted after an undo is a new one.
        before.next = before.next.max(self.now.next);
        self.future.push(std::mem::replace(&mut self.now, before));
        true
    }

    /// Redoes one change.
    pub fn redo(&mut self) -> bool {
        self.settle();
        let Some(mut after) = self.future.pop() else { return false };
        after.next = after.next.max(self.now.next);
        self.past.push(std::mem::replace(&mut self.now, after));
        true
    }

    /// Whether undo and redo are possible.
    #[must_use]
    pub fn can_undo_redo(&self) -> (bool, bool) {
        (!self.past.is_empty(), !self.future.is_empty())
    }
}
