//! Stores in memory: for tests, and the plainest statement of what the ports mean.

mod objects;
mod records;

pub use objects::{MemoryObjects, Reply};
pub use records::MemoryRecords;
