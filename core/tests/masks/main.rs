//! Masks in and out: every layout is found, every kind of file keeps its values, and masks lie on their images' pixels.
#![expect(clippy::unwrap_used, reason = "tests fail where they cannot go on")]

mod guard;
mod layouts;
mod outlined;
mod painted;
mod scene;
mod writing;
