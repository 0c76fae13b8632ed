//! The errors of stores.

/// The result of a store call.
pub type StoreResult<T> = Result<T, StoreError>;

/// An outcome that callers handle, or a failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not exist.
    #[error("not found in the store")]
    NotFound,
    /// It already exists.
    #[error("it already exists in the store")]
    AlreadyExists,
    /// The version has changed, or a limit would be exceeded.
    #[error("the store has another version, or a limit was reached")]
    Precondition,
    /// The request is invalid, or a signer cannot enforce it.
    #[error("{0}")]
    Refused(String),
    /// The store failed; a retry may help.
    #[error("the store failed: {0}")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// A failure of the store.
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }
}
