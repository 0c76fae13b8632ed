//! Collects hashes of what the core computes, so that every build can be compared with every other.
//!
//! A golden is a line `file case hash`: its file under `tests/golden`, its name there, and the SHA-256 of the bytes.

mod abi;
mod catalog;
mod codec;
mod math;
mod pictures;
mod record;
mod sample;
mod scene;
mod stream;

pub use record::Golden;

/// All goldens, in a fixed order.
#[must_use]
pub fn goldens() -> Vec<Golden> {
    let mut goldens = Vec::new();
    math::add(&mut goldens);
    stream::add(&mut goldens);
    pictures::add(&mut goldens);
    codec::add(&mut goldens);
    catalog::add_transforms(&mut goldens);
    catalog::add_recipes(&mut goldens);
    catalog::add_oriented(&mut goldens);
    sample::add(&mut goldens);
    goldens
}

/// All goldens as text, a line each.
#[must_use]
pub fn text() -> String {
    goldens().iter().map(|golden| format!("{golden}\n")).collect()
}
