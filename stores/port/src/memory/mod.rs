//! Stores in memory: for tests, and as the reference for the ports.

mod objects;
mod records;

pub use objects::{MemoryObjects, Reply};
pub use records::MemoryRecords;
