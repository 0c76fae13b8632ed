//! What a store answers when it does not do what it was asked.

/// The result of every call to a store.
pub type StoreResult<T> = Result<T, StoreError>;

/// An outcome that callers react to, or a failure of the store itself.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing.
    #[error("there is no such thing in the store")]
    NotFound,
    /// There is one already.
    #[error("the store has one already")]
    AlreadyExists,
    /// The thing is no longer as the caller said, or a bound would be passed.
    #[error("what is in the store is no longer what it was")]
    Precondition,
    /// The caller asks for what this store cannot do or a signer cannot enforce.
    #[error("{0}")]
    Refused(String),
    /// The store failed; trying again may help.
    #[error("the store failed: {0}")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// A failure of the store.
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }
}
