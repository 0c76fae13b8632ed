//! Labels in and out: what a dataset holds is found, placed, written, and found again as it was.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests fail where they cannot go on, and say what they skip"
)]

mod coco;
mod cvat;
mod hf;
mod hostile;
mod label_studio;
mod labelme;
mod lists;
mod pairs;
mod reading;
mod real;
mod rows;
mod splits;
mod support;
mod tables;
mod tools;
mod unread;
mod which;
