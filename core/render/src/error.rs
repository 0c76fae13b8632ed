//! The one error of this crate: what went wrong, in which file or step, in words for the user.

use std::fmt;

/// What kind of thing went wrong, for callers that react differently to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The bytes of an image cannot be decoded.
    Decode,
    /// The input is of a kind that is not supported.
    Unsupported,
    /// A limit would be exceeded; nothing was allocated for it.
    Limit,
    /// A label file cannot be understood.
    Label,
    /// The recipe is wrong.
    Recipe,
    /// The output cannot be encoded.
    Encode,
    /// An archive is damaged or unsafe.
    Archive,
    /// A manifest line cannot be replayed with the sources given.
    Replay,
    /// A file cannot be read or written.
    Io,
    /// The work was stopped on request.
    Stopped,
}

/// An error with its context, outermost first: `dataset.zip: a.jpg: image ends in mid-scan`.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
    context: Vec<String>,
}

/// The result of everything that can fail here.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of a kind, with its cause in lower case and without a full stop.
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), context: Vec::new() }))
    }

    /// The same error inside a wider context: a file, a step, a field.
    #[must_use]
    #[cold]
    pub fn within(mut self, context: impl Into<String>) -> Self {
        self.0.context.push(context.into());
        self
    }

    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The cause alone, without the context.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for context in self.0.context.iter().rev() {
            write!(f, "{context}: ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)
    }
}

impl std::error::Error for Error {}

/// Adds context to the error of a result.
pub trait Context<T> {
    /// The same result, its error inside a wider context.
    ///
    /// # Errors
    /// The error that was there.
    fn within(self, context: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Context<T> for Result<T> {
    fn within(self, context: impl FnOnce() -> String) -> Self {
        self.map_err(|error| error.within(context()))
    }
}
