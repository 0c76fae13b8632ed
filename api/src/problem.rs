//! What a refusal says: RFC 9457 problem details with a stable type, and every bad field by its JSON pointer.

use serde::{Deserialize, Serialize};

/// What all problem types begin with.
const PREFIX: &str = "urn:delta-augment:problem:";

macro_rules! kinds {
    ($($kind:ident $name:literal $status:literal $title:literal;)*) => {
        /// The kinds of refusals.
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

            /// What the kind is, the same words every time.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title),* }
            }
        }
    };
}

kinds! {
    Malformed "malformed" 400 "The request cannot be read";
    Unauthenticated "unauthenticated" 401 "Sign-in is needed";
    Forbidden "forbidden" 403 "Only the owner may do this";
    NotFound "not-found" 404 "There is nothing here";
    MethodNotAllowed "method-not-allowed" 405 "This address does not take this method";
    IdTaken "id-taken" 409 "The id is taken";
    NotUploaded "not-uploaded" 409 "The file has not arrived";
    Running "running" 409 "A job is running";
    WrongState "wrong-state" 409 "The image's state does not allow this";
    TooLarge "too-large" 413 "Too large";
    UnsupportedType "unsupported-type" 415 "The type is not supported";
    InvalidFields "invalid-fields" 422 "Some fields are not valid";
    Mismatch "mismatch" 422 "What arrived is not what was announced";
    BudgetSpent "budget-spent" 429 "The day's budget is spent";
    Internal "internal" 500 "Something failed here";
    Unavailable "unavailable" 503 "Not available now";
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
    /// Where: a JSON pointer into the body, or `/query/NAME` for a parameter of the address.
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

/// The body of every answer of 400 and more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable URI of the kind.
    #[serde(rename = "type")]
    pub uri: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time, and what to do.
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

    /// A problem of fields. `TooLarge` and `UnsupportedType` are kinds of their own only where nothing else is wrong.
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

    /// The kind, where this version knows it.
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
