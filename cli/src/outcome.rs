//! How a command ends: its exit code says whether all was done, part of it, or nothing.

/// How a command that did something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All done.
    Done,
    /// Done, but not all of it.
    Partly,
}
