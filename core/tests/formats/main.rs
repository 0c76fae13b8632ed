//! Labels in and out: what a dataset holds is found, placed, written, and found again as it was.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests fail where they cannot go on, and say what they skip"
)]

mod coco;
mod label_studio;
mod labelme;
mod pairs;
mod reading;
mod real;
mod support;
mod tools;
