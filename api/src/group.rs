//! `/v1/groups` and `/v1/tags`: request and response bodies.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fields::Fields;
use crate::problem::{Problem, ProblemKind};
use crate::rules::title_problem;
use crate::upload;

/// The body of `POST /v1/groups` as a client writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRequest {
    /// The name.
    pub name: String,
    /// A title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// A valid new group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGroup {
    /// The name.
    pub name: String,
    /// A title.
    pub title: Option<String>,
}

impl NewGroup {
    /// Checks a body.
    ///
    /// # Errors
    /// A problem with every bad field.
    pub fn check(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of_body(body)?;
        let name = fields.ruled("name", upload::group_problem);
        let name = fields.need("name", name);
        let title = fields.ruled("title", title_problem);
        fields.finish()?;
        let name = name.ok_or_else(|| Problem::new(ProblemKind::InvalidFields, "name is missing"))?;
        Ok(Self { name, title })
    }
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The name, as in `?group=`.
    pub name: String,
    /// A title.
    pub title: Option<String>,
}

/// The answer to `GET /v1/groups`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Groups {
    /// Sorted by name.
    pub groups: Vec<Group>,
}

/// A tag in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The tag, as in `?tag=`.
    pub name: String,
}

/// The answer to `GET /v1/tags`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    /// Sorted by name.
    pub tags: Vec<Tag>,
}
