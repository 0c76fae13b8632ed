//! The bodies of `PATCH /v1/images/{id}` and `POST /v1/images/{id}/augment`: changes by the owner.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fields::Fields;
use crate::limits::Limits;
use crate::problem::Problem;
use crate::rules::{Visibility, title_problem};
use crate::upload;

/// The body of `PATCH` as a client writes it: an absent field stays, `Some(None)` is `null` and removes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Patch {
    /// A new title, or its removal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Option<String>>,
    /// New tags that replace the old ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Another group, or its removal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Option<String>>,
    /// Who may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
}

/// A valid patch; fields mean the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The title, if it changes.
    pub title: Option<Option<String>>,
    /// The tags, if they change: sorted, unique.
    pub tags: Option<Vec<String>>,
    /// The group, if it changes.
    pub group: Option<Option<String>>,
    /// The visibility, if it changes.
    pub visibility: Option<Visibility>,
}

impl Change {
    /// Checks a body.
    ///
    /// # Errors
    /// A problem with every bad field.
    pub fn check(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of_body(body)?;
        let title = fields.ruled("title", title_problem);
        let group = fields.ruled("group", upload::group_problem);
        let change = Self {
            title: fields.has("title").then_some(title),
            tags: if fields.has("tags") { Some(upload::tags(&mut fields).unwrap_or_default()) } else { None },
            group: fields.has("group").then_some(group),
            visibility: fields.word("visibility", Visibility::WORDS, Visibility::from_word),
        };
        if fields.has("visibility") && fields.get("visibility").is_none() {
            fields.error("visibility", "visibility cannot be null; omit it, or use public or private");
        }
        fields.get("tags");
        fields.finish()?;
        Ok(change)
    }
}

/// The body of `POST /v1/images/{id}/augment` as a client writes it; absent fields keep their values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AugmentRequest {
    /// A recipe, or the name of a built-in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Value>,
    /// Copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

/// A valid request for another run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rerun {
    /// The recipe, if it changes, with the requested count.
    pub recipe: Option<Value>,
    /// The copies, if they change.
    pub count: Option<u32>,
}

impl Rerun {
    /// Checks a body.
    ///
    /// # Errors
    /// A problem with every bad field.
    pub fn check(body: &Value, limits: &Limits) -> Result<Self, Problem> {
        let mut fields = Fields::of_body(body)?;
        let count = upload::count(&mut fields, limits);
        let recipe = upload::recipe(&mut fields, count);
        upload::check_copies(&mut fields, recipe.as_ref(), count, limits);
        fields.finish()?;
        let count = count.or_else(|| recipe.as_ref().map(|recipe| recipe.count));
        Ok(Self { recipe: recipe.map(|recipe| recipe.to_json()), count })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_removes_and_absence_keeps() {
        let change = Change::check(&json!({"title": null, "tags": ["b", "a"]})).unwrap();
        assert_eq!(change.title, Some(None), "null removes the title");
        assert_eq!(change.group, None, "an absent group stays");
        assert_eq!(change.tags, Some(vec!["a".to_owned(), "b".to_owned()]), "tags are sorted");
        let patch = Patch { title: Some(None), tags: Some(vec!["a".into()]), ..Patch::default() };
        let change = Change::check(&serde_json::to_value(&patch).unwrap()).unwrap();
        assert_eq!((change.title, change.group), (Some(None), None), "the typed patch means the same");
    }

    #[test]
    fn every_bad_field_has_its_pointer() {
        let problem = Change::check(&json!({"title": "", "visibility": null, "state": "ready"})).unwrap_err();
        let at: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(at, ["/title", "/visibility", "/state"], "{problem:?}");
    }

    #[test]
    fn a_rerun_may_be_empty_but_respects_the_limit_of_copies() {
        let limits = Limits::default();
        assert_eq!(Rerun::check(&json!({}), &limits), Ok(Rerun::default()), "nothing changes");
        let rerun = Rerun::check(&json!({"recipe": "classic", "count": 2}), &limits).unwrap();
        assert_eq!((rerun.recipe.unwrap()["count"].clone(), rerun.count), (json!(2), Some(2)), "the requested count");
        assert!(Rerun::check(&json!({"recipe": {"version": 1, "count": 50, "steps": []}}), &limits).is_err(), "50");
    }
}
