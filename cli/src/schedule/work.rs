//! The work of a run: what is done with a source and a copy, how much there is, and what comes of it.

use augment_core::error::{Error, Result};

/// What is done with every source.
pub(crate) trait Work: Sync {
    /// A source as read.
    type Raw: Send;
    /// A source ready to be rendered, shared by its copies.
    type Prepared: Send + Sync;
    /// What a copy becomes.
    type Output: Send;

    /// Reads a source and tells its pixels.
    fn read(&self, source: usize) -> Result<(Self::Raw, u64)>;

    /// Prepares a source.
    fn prepare(&self, source: usize, raw: Self::Raw) -> Result<Self::Prepared>;

    /// Renders a copy.
    fn render(&self, source: usize, prepared: &Self::Prepared, copy: usize) -> Result<Self::Output>;

    /// The bytes that an output holds while it waits.
    fn bytes(output: &Self::Output) -> u64;
}

/// A result in its turn.
#[derive(Debug)]
pub(crate) enum Turn<O> {
    /// One copy.
    Output(O),
    /// One copy that failed.
    CopyFailed { source: usize, copy: usize, error: Error },
    /// A source of which no copy can be made.
    SourceFailed { source: usize, error: Error },
}

/// How much there is to do, and on how many threads.
#[derive(Clone, Debug)]
pub(crate) struct Extent {
    /// Copies of each source, at least one.
    pub(crate) copies: Vec<usize>,
    /// Threads, the caller's among them.
    pub(crate) jobs: usize,
}
