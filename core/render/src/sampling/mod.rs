//! Chance: ranges to draw from, the random stream of a step, and what a transform may know before it draws.

mod facts;
mod random;
mod range;

pub use facts::Facts;
pub use random::{Random, StepIdentity};
pub use range::{IntRange, Range};
