//! Refusals as RFC 9457 problem details: a stable type, and every bad field by its JSON pointer.

use serde::{Deserialize, Serialize};

/// The prefix of all problem types.
const PREFIX: &str = "urn:delta-augment:problem:";

macro_rules! kinds {
    ($($kind:ident $name:literal $status:literal $title:literal;)*) => {
        /// The kinds of problems.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ProblemKind {
            $(#[doc = $title] $kind,)*
        }

        impl ProblemKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The last part of the problem's type.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),* }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$kind => $status),* }
            }

            /// The fixed title of the kind.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title),* }
            }
        }
    };
}

kinds! {
    Malformed "malformed" 400 "The request cannot be parsed";
    Unauthenticated "unauthenticated" 401 "Sign-in is required";
    Forbidden "forbidden" 403 "Only the owner may do this";
    NotFound "not-found" 404 "Not found";
    MethodNotAllowed "method-not-allowed" 405 "Method not allowed";
    IdTaken "id-taken" 409 "The id is taken";
    NotUploaded "not-uploaded" 409 "The file has not arrived";
    Running "running" 409 "A job is running";
    WrongState "wrong-state" 409 "The image's state does not allow this";
    TooLarge "too-large" 413 "Too large";
    UnsupportedType "unsupported-type" 415 "The type is not supported";
    InvalidFields "invalid-fields" 422 "Some fields are invalid";
    Mismatch "mismatch" 422 "The upload does not match its announcement";
    BudgetSpent "budget-spent" 429 "The daily budget is used up";
    Internal "internal" 500 "Internal error";
    Unavailable "unavailable" 503 "Temporarily unavailable";
}

impl ProblemKind {
    /// The problem's type: a URI that never changes.
    #[must_use]
    pub fn uri(self) -> String {
        format!("{PREFIX}{}", self.name())
    }
}

/// One bad field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// A JSON pointer into the body, or `/query/NAME` for a query parameter.
    pub pointer: String,
    /// What to change.
    pub detail: String,
}

impl FieldError {
    /// A bad field.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// The body of every answer with status 400 or higher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable URI of the kind.
    #[serde(rename = "type")]
    pub uri: String,
    /// The title of the kind.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do.
    pub detail: String,
    /// Every bad field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// The media type of the body.
    pub const MEDIA_TYPE: &str = "application/problem+json";

    /// A problem of a kind.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            uri: kind.uri(),
            title: kind.title().to_owned(),
            status: kind.status(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// A problem of fields. `TooLarge` and `UnsupportedType` apply only if nothing else is wrong.
    #[must_use]
    pub fn of_fields(errors: Vec<(ProblemKind, FieldError)>) -> Self {
        let alone = errors.first().map(|(kind, _)| *kind);
        let kind = match alone {
            Some(kind) if errors.iter().all(|(other, _)| *other == kind) => kind,
            _ => ProblemKind::InvalidFields,
        };
        let detail = errors.iter().map(|(_, error)| error.detail.as_str()).collect::<Vec<_>>().join("; ");
        Self { errors: errors.into_iter().map(|(_, error)| error).collect(), ..Self::new(kind, detail) }
    }

    /// The kind, if this version knows it.
    #[must_use]
    pub fn kind(&self) -> Option<ProblemKind> {
        let name = self.uri.strip_prefix(PREFIX)?;
        ProblemKind::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Problem {}
