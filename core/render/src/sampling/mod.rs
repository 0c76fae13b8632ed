//! Chance: ranges to draw from, the random stream of a step, and what a transform may know before it draws.

mod border;
mod facts;
mod random;
mod range;

pub use border::BorderChoice;
pub use facts::Facts;
pub use random::{Random, StepIdentity};
pub use range::{IntRange, Range};
