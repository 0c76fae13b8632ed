//! Labels in and out: what a dataset holds is found, placed, written, and found again as it was.

mod pairs;
mod reading;
mod real;
mod support;
